"""Quotes: found in a text, taken by a person, and held against the captures before anything is published."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from factcheck import dossier
from factcheck.desk import gate, review
from factcheck.desk.gate import NotAllowed
from factcheck.intake import captures
from factcheck.models import Claim, Report, Source, User
from factcheck.text import Quotable, contains_quote

from .desk_forms import opened
from .newsroom import make_claim, make_report, make_source, publish, writing
from .test_desk import at_desk, change_url, fields

ARTICLE = """The river took three

« Au moins trois personnes », a dit la préfète. At least three people were believed to have been killed, she said on
Friday evening. “Nobody knows\u00a0more,” said the mayor of the lower town.

Later, at least 13 people were missing; 1,200 had left their homes. At least three people were believed to be safe."""


# In a text.


@pytest.mark.parametrize(
    ("words", "quotes"),
    [
        ("she said on Friday", ["she said on Friday"]),
        ("SHE SAID ON\nFRIDAY", ["she said on Friday"]),
        ('"nobody knows more," said', ["“Nobody knows more,” said"]),
        ("au moins trois personnes", ["Au moins trois personnes"]),
        ("at least three people were believed", ["At least three people were believed"] * 2),
        ("At least … killed", ["At least … killed"]),
        ("1,200 had [...] homes", ["1,200 had … homes"]),
        ("friday evening", ["Friday evening"]),
    ],
)
def test_the_very_words(words: str, quotes: list[str]) -> None:
    found = Quotable(ARTICLE).find(words)
    assert [(each.quote, each.score, each.is_exact) for each in found] == [(quote, 100, True) for quote in quotes]
    for each in found:
        assert contains_quote(ARTICLE, each.quote)
        assert "…" in each.quote or " ".join(ARTICLE[each.start : each.end].split()) == each.quote


@pytest.mark.parametrize(
    ("words", "quote", "least"),
    [
        (
            "at least thre people were beleived to have been killed",
            "At least three people were believed to have been killed",
            95,
        ),
        (
            "at least 3 people were believed to have been killed",
            "At least three people were believed to have been killed",
            90,
        ),
        ("nobody know more said the mayor", "Nobody knows more,” said the mayor", 85),
        ("200 had left their homes", "1,200 had left their homes", 90),
        ("3 people were missing", "13 people were missing", 90),
        ("the mayor of the low town", "the mayor of the lower town", 90),
    ],
)
def test_what_is_like_them(words: str, quote: str, least: int) -> None:
    best = Quotable(ARTICLE).find(words)[0]
    assert best.quote == quote
    assert least <= best.score < 100 and not best.is_exact


@pytest.mark.parametrize("words", ["", "…", " ... ", "a volcano erupted in Iceland", "\u200b"])
def test_what_is_not_there(words: str) -> None:
    assert Quotable(ARTICLE).find(words) == []
    assert Quotable("").find(words or "three") == []


def test_the_words_around_tell_one_place_from_another() -> None:
    first, second = Quotable(ARTICLE).find("at least three people were believed")
    assert (
        first.prefix.endswith("a dit la préfète.")
        and first.suffix == "to have been killed, she said on Friday evening."
    )
    assert second.prefix.endswith("had left their homes.") and second.suffix == "to be safe."
    assert max(len(each) for found in (first, second) for each in (found.prefix, found.suffix)) <= 48


WORDS = st.lists(st.sampled_from(["three", "13", "3", "people", "«", "»", '"', "tué", "l’été", "1,2", ".", "…", "\n"]))


@given(WORDS, WORDS)
def test_what_is_found_is_there(text: list[str], words: list[str]) -> None:
    """One reading of "it stands there", whether it is asked for or looked for; and never a part of a word."""
    whole, sought = " ".join(text), " ".join(words)
    found = Quotable(whole).find(sought)
    assert any(each.is_exact for each in found) == contains_quote(whole, sought)
    for each in found:
        assert 0 <= each.start < each.end <= len(whole)
        assert (whole[: each.start][-1:] + whole[each.start]).isalnum() is False or each.start == 0
        assert not each.is_exact or contains_quote(whole, each.quote)


def test_a_long_text_is_looked_through_at_once() -> None:
    random.seed(1)
    known = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(2, 9))) for _word in range(4000)]
    words = random.choices(known, k=32_000)
    text = " ".join(words)
    assert len(text) > 200_000
    for length in (4, 20, 250):
        exact = " ".join(words[20_000 : 20_000 + length])
        for sought in (exact, exact.replace("e", "a", 2) + "x"):
            began = time.process_time()
            assert Quotable(text).find(sought)[0].quote == exact
            assert time.process_time() - began < 1


# At the desk.

EVENING = "At least three people were believed to have been killed. The river rose."
NIGHT = "Four people were killed. The river rose."


@pytest.fixture
def report(people: Any) -> Report:
    claim = make_claim(author=people.alice)
    return claim.reports.select_related("source").order_by("number")[0]


def capture(source: Source, text: str, hours: int = 0) -> Any:
    user, at = User.objects.get(username="alice"), timezone.now() - timedelta(hours=hours)
    return captures.paste(source, text, user=user, reason="What it says", captured_at=at).capture


def url(report: Report) -> str:
    return reverse("admin:quote", args=[report.pk])


def take(user: User, report: Report, words: str, /, **sent: str) -> Any:
    client = at_desk(user)
    page = f"{url(report)}?words={words}"
    return client.post(url(report), opened(client, page, "quote_form") | sent, follow=True)


def said(response: Any) -> str:
    return " ".join(map(str, response.context["messages"])) + (response.context.get("error") or "")


def test_the_words_are_taken_as_they_stand_there(people: Any, report: Report) -> None:
    kept = capture(report.source, EVENING)
    client = at_desk(people.alice)
    page = client.get(url(report), {"words": "three peple were beleived"})
    (offer, *_others) = page.context_data["offers"]
    assert (offer.capture, offer.found.quote) == (kept, "three people were believed")
    assert f"{offer.found.score} % alike" in page.content.decode() and offer.found.score > 85
    report.refresh_from_db()
    assert report.quote == ""
    response = take(people.alice, report, "three peple were beleived", reason="Its own words")
    assert f"{offer.found.score} % like yours" in said(response)
    report.refresh_from_db()
    assert (report.quote, report.revision) == ("three people were believed", 2)
    assert (report.quote_prefix, report.quote_suffix) == ("At least", "to have been killed. The river rose.")
    row = report.history.get(revision=2)
    assert (row.changeset.user, row.changeset.reason) == (people.alice, "Its own words")
    assert "Nothing was changed" in said(take(people.alice, report, "three people were believed"))
    report.refresh_from_db()
    assert report.revision == 2


def test_the_form_of_the_report_leads_there(people: Any, report: Report) -> None:
    for page in (report.claim, report):
        shown = at_desk(people.alice).get(change_url(page)).content.decode()
        assert f'<a href="{url(report)}">Find them in a capture</a>' in shown


def test_a_new_capture_moves_no_quote(people: Any, report: Report) -> None:
    old = capture(report.source, EVENING, hours=3)
    take(people.alice, report, "three people were believed", reason="Its own words")
    report.refresh_from_db()
    before = (report.revision, report.quote, report.quote_prefix)
    capture(report.source, NIGHT, hours=1)
    report.refresh_from_db()
    assert (report.revision, report.quote, report.quote_prefix) == before
    page = at_desk(people.alice).get(url(report))
    where = page.context_data["where"]
    assert (where.capture, where.is_newest) == (old, False)
    assert "It stands no longer in the newest capture; it stood in that of" in page.content.decode()
    assert [each.capture for each in page.context_data["offers"]] == [old]
    assert rules(report.claim) == []


def test_an_exact_place_in_an_old_capture_comes_before_a_likeness_in_the_newest(people: Any, report: Report) -> None:
    old = capture(report.source, EVENING, hours=3)
    newest = capture(report.source, EVENING.replace("three", "tree"), hours=1)
    offers = at_desk(people.alice).get(url(report), {"words": "three people were"}).context_data["offers"]
    assert [(each.capture, each.found.score) for each in offers] == [(old, 100)]
    offers = at_desk(people.alice).get(url(report), {"words": "tre people were"}).context_data["offers"]
    assert offers[0].capture == newest


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"take": ""}, "Choose one of the places."),
        ({"take": "1-2-3"}, "Choose one of the places."),
        ({"take": "\x00"}, "Choose one of the places."),
        ({"words": "nothing of this"}, "Choose one of the places."),
        ({"words": "x" * 2001}, "Give at most 2,000 characters."),
        ({"opened": "99"}, "does not say which version you opened"),
        ({"opened": ""}, "does not say which version you opened"),
        ({"reason": "x" * 1001}, "at most 1000 characters"),
        ({"reason": "a\u202eb"}, "Remove characters that cannot be seen"),
    ],
)
def test_what_is_not_taken(people: Any, report: Report, sent: dict[str, str], words: str) -> None:
    capture(report.source, EVENING)
    assert words in said(take(people.alice, report, "three people", **sent))
    report.refresh_from_db()
    assert (report.quote, report.revision) == ("", 1)


def test_what_somebody_else_saved_meanwhile_stays(people: Any, report: Report) -> None:
    capture(report.source, EVENING)
    client = at_desk(people.alice)
    mine = opened(client, f"{url(report)}?words=three+people", "quote_form")
    with writing(people.bob, "Another figure"):
        theirs = Report.objects.get(pk=report.pk)
        theirs.low = 4
        theirs.save()
    assert "Bob Okafor" in said(client.post(url(report), mine, follow=True))
    report.refresh_from_db()
    assert (report.quote, report.low, report.revision) == ("", 4, 2)


def test_what_is_published_asks_for_a_reason(people: Any, report: Report) -> None:
    capture(report.source, EVENING)
    publish(report.claim)
    assert "This is published: say why its quote changes." in said(take(people.alice, report, "three people"))
    assert "Quoted as it stands" in said(take(people.alice, report, "three people", reason="A quote was missing"))


def test_who_only_reads_finds_and_takes_nothing(people: Any, report: Report) -> None:
    capture(report.source, EVENING)
    client = at_desk(people.victor)
    page = client.get(url(report), {"words": "three people"})
    assert page.context_data["offers"] and 'value="Quote these words"' not in page.content.decode()
    assert client.post(url(report), {"words": "three people", "opened": "1", "reason": "x"}).status_code == 403
    report.refresh_from_db()
    assert report.quote == ""


def test_without_a_capture_the_way_to_one_is_shown(people: Any, report: Report) -> None:
    shown = at_desk(people.alice).get(url(report), {"words": "three"}).content.decode()
    assert "Nothing of this source is captured yet." in shown
    assert reverse("admin:captures", args=[report.source_id]) in shown


# Rule 4 of the gate.


def rules(claim: Claim) -> list[str]:
    found = gate.misses(claim, dossier.build(claim), previous=gate.newest_edition(claim))
    return [miss.message for miss in found if miss.rule == "quotes"]


def quoting(report: Report, quote: str, reason: str = "") -> Claim:
    with writing():
        report.source.not_captured_reason = reason
        report.source.save()
        report.quote = quote
        report.save()
    return report.claim


@pytest.mark.parametrize(
    ("captured", "quote", "reason", "words"),
    [
        ([], "", "", None),
        ([], "three people", "", "which is not captured: capture what it says, or say at the source why not."),
        ([], "three people", "Only short quotes are kept.", None),
        ([EVENING], "three people", "", None),
        ([EVENING], "Three  PEOPLE", "", None),
        ([EVENING], "at least … killed", "", None),
        ([EVENING, NIGHT], "three people", "", None),
        ([EVENING], "four people", "", "its quote stands in no capture of “What source-1 wrote”."),
        ([EVENING], "hree people", "", "its quote stands in no capture"),
        ([EVENING], "four people", "Only short quotes are kept.", "its quote stands in no capture"),
    ],
)
def test_every_quote_stands_in_a_capture(
    report: Report, captured: list[str], quote: str, reason: str, words: str | None
) -> None:
    for place, text in enumerate(captured):
        capture(report.source, text, hours=9 - place)
    claim = quoting(report, quote, reason)
    messages = rules(claim)
    assert [message.startswith(f"Report {report.number}") for message in messages] == ([True] if words else [])
    assert words is None or words in messages[0]


def test_a_quote_of_another_source_is_no_proof(report: Report) -> None:
    capture(make_source("source-2"), EVENING)
    assert len(rules(quoting(report, "three people"))) == 1


def test_all_that_is_missing_is_said_at_once(report: Report) -> None:
    capture(report.source, EVENING)
    make_report(report.claim, report.source, quote="nobody wrote this")
    make_report(report.claim, make_source("source-3", not_captured_reason=""), quote="three")
    assert len(rules(quoting(report, "four people"))) == 3


def test_it_keeps_a_claim_from_being_approved_and_published(people: Any, report: Report) -> None:
    claim = quoting(report, "four people were killed")
    capture(report.source, EVENING)
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(NotAllowed) as refused:
        review.approve(claim, user=people.bob, reason="Read")
    assert [miss.rule for miss in refused.value.misses] == ["quotes"]
    capture(report.source, NIGHT)
    review.approve(claim, user=people.bob, reason="Read")
    assert review.publish(claim, user=people.erin, reason="Out").number == 1


def test_a_first_capture_without_the_quote_stops_what_was_approved(people: Any, report: Report) -> None:
    claim = quoting(report, "three people", "Only short quotes are kept.")
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Read")
    capture(report.source, NIGHT)
    with pytest.raises(NotAllowed, match="stands in no capture"):
        review.publish(claim, user=people.erin, reason="Out")


def test_the_page_of_the_claim_says_what_is_missing(people: Any, report: Report) -> None:
    claim = quoting(report, "four people")
    shown = at_desk(people.alice).get(change_url(claim)).content.decode()
    assert "Every quote stands in a capture, or the source says why it has none" in shown
    assert "which is not captured: capture what it says" in shown
    assert fields(at_desk(people.alice), claim)["reports-0-quote"] == "four people"
