"""Each rule of publication, with it and without it: what it refuses goes through once it is taken away."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from factcheck import dossier
from factcheck.desk import gate, review
from factcheck.desk.gate import NotAllowed
from factcheck.models import Claim, Edition, Publisher, Source, SourceBasis, User, Verdict

from .newsroom import make_claim, make_report, make_source, publish, writing

pytestmark = pytest.mark.django_db

Content = dict[str, Any]


@pytest.fixture
def edition(claim):
    return publish(claim)


def put(path: str, value: Any) -> Callable[[Content], None]:
    """In the dossier, at “verdict summary” or “reports 0 figure low”."""

    def changed(content: Content) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in path.split()]
        for step in way:
            content = content[step]
        content[last] = value

    return changed


def together(*changes: Callable[[Content], None]) -> Callable[[Content], None]:
    def changed(content: Content) -> None:
        for change in changes:
            change(content)

    return changed


def next_edition(kind: str, note: str, *changes: Callable[[Content], None]) -> Callable[[Content], None]:
    return together(put("edition", {"kind": kind, "note": note}), *changes)


def one_report(content: Content) -> None:
    del content["reports"][1], content["sources"][1]


def no_reports(content: Content) -> None:
    content["reports"], content["sources"] = [], []


def third_report(**changed: Any) -> Callable[[Content], None]:
    def added(content: Content) -> None:
        content["sources"].append(content["sources"][1] | {"slug": "third", "title": "What a third wrote"})
        content["reports"].append(content["reports"][1] | {"number": 3, "source": "third"} | changed)

    return added


FOUR = {"qualifier": "exactly", "low": "4", "high": None, "unit": "", "tolerance": None}
QUOTE = {"exact": "Three people died", "prefix": "", "suffix": ""}
SCALE = {"best": 4, "worst": 1}
FALSE = {"slug": "false", "name": "False", "definition": "No.", "mark": "false", "value": 1, "scale": SCALE}
NOTE = "We asked the prefecture again."
WAS_TRUE = "Our rating was “True”: we had counted wrongly."

# Rule, what breaks it, and what it says. A first edition, unless it is told to be another.
BROKEN = [
    ("complete", put("verdict", None), "Write a verdict."),
    ("complete", put("verdict rating", None), "Choose a rating."),
    ("complete", put("verdict summary", " "), "Write the summary: the finding in one sentence."),
    ("complete", put("verdict explanation", ""), "Write the explanation: how we know it."),
    ("complete", put("claim claimant", ""), "Say who made the claim, or why that is unknown."),
    ("complete", put("claim made_at", None), "Say when the claim was made."),
    ("dates", put("claim made_at", "2999-03-13T19:30:00Z"), "The claim is dated in the future"),
    ("dates", put("claim made_at", "2999-03-13"), "The claim is dated in the future"),
    ("dates", put("reports 1 reported_at", "2999-03-13"), "Report 2 is dated in the future"),
    ("dates", put("reports 0 true_as_of", "2999-03-13T19:30:00Z"), "Report 1 is dated in the future"),
    ("dates", put("sources 0 published_at", "2999-03-13"), "Source “What source-1 wrote” is dated in the future"),
    ("two-sources", no_reports, "Add at least one report of a source."),
    ("two-sources", one_report, "or tell readers why there are fewer."),
    ("two-sources", put("sources 1 publisher", {"name": "Paper source-1", "url": ""}), "tell readers why"),
    ("two-sources", put("sources 1 rests_on", ["source-1"]), "Cite two sources of different publishers"),
    ("source-identity", put("sources 0 url", ""), "Source “What source-1 wrote”: give its address"),
    ("source-identity", put("sources 0 url", "javascript:alert(1)"), "Source “What source-1 wrote”: give its address"),
    ("source-identity", put("sources 0 publisher name", " "), "Source “What source-1 wrote”: name its publisher."),
    (
        "quotes",
        together(put("reports 0 quote", QUOTE), put("sources 0 not_captured_reason", "")),
        "Report 1 quotes “What source-1 wrote”, which is not captured",
    ),
    ("one-address", next_edition("update", NOTE), "Nothing is published yet: this is a first edition."),
    ("number-scale", put("verdict rating scale", {"best": 4, "worst": 4}), "A number needs a scale"),
    ("claim-review", put("claim statement", " "), "Statement: write the claim itself"),
    ("claim-review", put("claim claimant", "Factcheck"), "Claimant: name somebody other than “Factcheck”"),
]
# Against an edition that is published.
BROKEN_NEXT = [
    ("one-address", next_edition("first", ""), "There is an edition already: say what kind the next one is."),
    ("note", next_edition("update", ""), "Tell readers in the note what is new."),
    ("note", next_edition("correction", "Corrected."), "Tell readers in the note what was wrong, in a sentence."),
    ("note", next_edition("clarification", "  "), "Tell readers in the note what is said more clearly now."),
    ("note", next_edition("reaffirmation", ""), "Tell readers in the note what was checked again."),
    (
        "rating-change",
        next_edition("correction", NOTE, put("verdict rating", FALSE)),
        "Tell readers in the note what the rating was before: “True”.",
    ),
    (
        "rating-change",
        next_edition("typo", WAS_TRUE, put("verdict rating", FALSE)),
        "The rating changes, so the edition is an update or a correction.",
    ),
]
TYPOS = {
    "a figure": (put("reports 1 figure", FOUR), "Report 2 (Paper source-2): “3” → “4” (figure)"),
    "a number in words": (put("verdict summary", "Four people died."), "Finding: “Three” → “Four” (figure)"),
    "a name": (put("claim claimant", "The prefect Macron"), "Claimant: – → “Macron” (name)"),
    "a negation": (put("verdict summary", "Three people did not die."), "(negation"),
    "a date": (put("claim made_at", "2026-03-14"), "Made: “13 March 2026, 19:30 UTC” → “14 March 2026” (value)"),
    "who says so": (put("verdict summary", "Reportedly three people died."), "(who says so"),
    "how sure": (put("verdict summary", "Perhaps three people died."), "(how sure, how exact"),
    "another word": (put("verdict summary", "Three people fled."), "Finding: “died” → “fled” (wording)"),
    "a new word": (put("verdict summary", "Three old people died."), "Finding: – → “old” (wording)"),
    "a new report": (third_report(), "Report 3 (Paper source-2): – → “3 (supports, current, confirmation)” (value)"),
}
CLARIFICATIONS = {
    "a figure": (put("reports 1 figure", FOUR), "Report 2 (Paper source-2): 3 → 4"),
    "a figure in the text": (put("verdict explanation", "Four."), "Explanation"),
    "a report taken back": (put("reports 1 standing", "retracted"), "standing: current → retracted"),
    "a report gone": (one_report, "Report 2 (Paper source-2): 3 (supports, current, confirmation) → –"),
    "news": (
        third_report(figure=FOUR, kind="dispute"),
        "Report 3 (Paper source-2): – → 4 (supports, current, dispute)",
    ),
    "a rating then": (put("verdict rating_then", FALSE), "Rating by what was known then: – → False"),
}
REAFFIRMATIONS = CLARIFICATIONS | {
    "a summary": (put("verdict summary", "Three people were killed."), "Finding: Three people died."),
    "a statement": (put("claim statement", "Three soldiers were killed."), "Claim: Three people were killed."),
    "a stance": (put("reports 0 stance", "contradicts"), "stance: supports → contradicts"),
    "a negation": (put("verdict explanation", "The prefecture's count."), ""),
}
for kind, table in (("typo", TYPOS), ("clarification", CLARIFICATIONS), ("reaffirmation", REAFFIRMATIONS)):
    BROKEN_NEXT += [(kind, next_edition(kind, NOTE, change), words) for change, words in table.values() if words]


def content_of(claim: Claim) -> Content:
    return copy.deepcopy(dossier.build(claim))


def found(claim: Claim, content: Content, previous: Edition | None) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for miss in gate.misses(claim, content, previous=previous):
        told.setdefault(miss.rule, []).append(miss.message)
    return told


def check(table: list[tuple[str, Any, str]], claim: Claim, previous: Edition | None, monkeypatch: Any) -> None:
    for rule, change, words in table:
        content = content_of(claim)
        change(content)
        told = found(claim, content, previous)
        assert any(words in message for message in told.get(rule, [])), (rule, words, told)
        with monkeypatch.context() as without:
            without.delitem(gate.RULES, rule)
            assert found(claim, content, previous) == {name: said for name, said in told.items() if name != rule}


def test_a_first_edition(claim, monkeypatch):
    assert found(claim, content_of(claim), None) == {}
    check(BROKEN, claim, None, monkeypatch)


def test_a_next_edition(claim, edition, monkeypatch):
    check(BROKEN_NEXT, claim, edition, monkeypatch)


def test_every_rule_is_tried_and_has_a_label():
    assert {rule for rule, *_ in BROKEN + BROKEN_NEXT} == set(gate.RULES) == set(gate.RULE_LABELS)


RIGHT = [
    next_edition("update", "A fourth victim died.", put("reports 1 figure", FOUR)),
    next_edition("correction", WAS_TRUE, put("verdict rating", FALSE)),
    next_edition(
        "clarification", "We say who counted.", put("verdict explanation", "The prefecture's own count, twice.")
    ),
    next_edition("clarification", "A source is added.", third_report()),
    next_edition("reaffirmation", NOTE, third_report(kind="repetition")),
    next_edition(
        "reaffirmation", NOTE, put("verdict explanation", "We asked again on 5 April. The prefecture's own count.")
    ),
    next_edition("reaffirmation", NOTE, put("sources 0 title", "What the prefect wrote")),
    next_edition(
        "typo",
        "",
        put("verdict summary", "Three people  died"),
        put("verdict explanation", "## What we checked\n\nThe prefcture's own count."),
    ),
]


def test_what_each_kind_may_change(claim, edition):
    for change in RIGHT:
        content = content_of(claim)
        change(content)
        assert found(claim, content, edition) == {}, content["edition"]


def test_a_withdrawn_page_comes_back_with_words_to_readers(claim, edition, people):
    review.withdraw(claim, user=people.erin, reason="A source withdrew its story.")
    withdrawal = gate.newest_edition(claim)
    for kind in ("typo", "reaffirmation", "clarification"):
        content = content_of(claim)
        next_edition(kind, NOTE)(content)
        (message,) = found(claim, content, withdrawal)["note"]
        assert message.startswith("The page was withdrawn: it comes back as an update or a correction")
    next_edition("update", NOTE)(content)
    assert found(claim, content, withdrawal) == {}


def test_a_slip_is_a_typo_and_is_shown_as_no_more(claim, edition):
    """Though it stands for a change of wording where nobody says that it is a slip."""
    content = content_of(claim)
    next_edition("typo", "", put("verdict summary", "Three poeple died."))(content)
    assert found(claim, content, edition) == {}
    next_edition("typo", "", put("verdict summary", "Three pupils died."))(content)
    assert "“people” → “pupils” (wording)" in found(claim, content, edition)["typo"][0]


def test_all_that_is_no_typo_is_named_at_once(claim, edition):
    content = content_of(claim)
    next_edition("typo", "", put("verdict summary", "Four people did not die."), put("reports 1 figure", FOUR))(content)
    assert len(found(claim, content, edition)["typo"]) >= 3


def test_rules_that_this_kind_cannot_break_are_not_shown():
    assert set(gate.rules_for("first")) == set(gate.RULES) - {
        "note",
        "rating-change",
        "typo",
        "clarification",
        "reaffirmation",
    }
    assert set(gate.rules_for("typo")) == set(gate.RULES) - {"clarification", "reaffirmation"}
    assert set(gate.rules_for("update")) == set(gate.RULES) - {"typo", "clarification", "reaffirmation"}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_not_to_come(claim, settings, zone):
    settings.TIME_ZONE = zone
    content = content_of(claim)
    put("claim made_at", timezone.localdate().isoformat())(content)
    assert found(claim, content, None) == {}
    put("claim made_at", (timezone.localdate() + timedelta(days=1)).isoformat())(content)
    assert list(found(claim, content, None)) == ["dates"]


# Rule 1, which asks history.


def save(instance: Any, user: User, **fields: Any) -> None:
    with writing(user, "Mend it"):
        for name, value in fields.items():
            setattr(instance, name, value)
        instance.save()


def move_a_report_away(claim: Claim, user: User) -> None:
    save(claim.reports.get(number=2), user, claim=Claim.objects.get(slug="other"), number=9)


WRITTEN = {
    "the claim": lambda claim, user: save(Claim.objects.get(pk=claim.pk), user, label="Dead"),
    "the verdict": lambda claim, user: save(Verdict.objects.get(claim=claim), user, summary="Three died."),
    "a report": lambda claim, user: save(claim.reports.first(), user, quote="Three"),
    "a report moved away": move_a_report_away,
    "a cited source": lambda claim, user: save(Source.objects.get(slug="source-1"), user, title="Other"),
    "the publisher of a cited source": lambda claim, user: save(
        Publisher.objects.get(name="Paper source-1"), user, name="Paper of Record"
    ),
    "an origin": lambda claim, user: save(Source.objects.get(slug="wire"), user, title="Other"),
    "what a source rests on": lambda claim, user: save(
        SourceBasis(source=Source.objects.get(slug="source-1"), rests_on=Source.objects.get(slug="wire")), user
    ),
    "the story": lambda claim, user: save(claim.story, user, title="Flood at Trèbes"),
}


def test_nobody_approves_what_they_wrote_since_the_last_edition(claim, people):
    with writing():
        SourceBasis(source=make_source("source-2"), rests_on=make_source("wire")).save()
    publish(claim)
    make_claim("other", author=people.alice)
    assert gate.four_eyes(claim, people.bob) is None
    for what, wrote in WRITTEN.items():
        with pytest.raises(KeyboardInterrupt), writing(people.bob):  # and taken back
            wrote(claim, people.bob)
            miss = gate.four_eyes(claim, people.bob)
            assert miss and miss.rule == "four-eyes" and "You wrote something here" in miss.message, what
            raise KeyboardInterrupt


def test_a_withdrawal_agrees_to_nothing_that_was_written_before_it(claim, edition, people):
    save(claim.reports.first(), people.bob, low=7)
    review.withdraw(claim, user=people.erin, reason="It was another town.")
    assert "(report)" in gate.four_eyes(claim, people.bob).message
    review.reopen(claim, user=people.alice, reason="Back", kind="update")
    assert gate.four_eyes(claim, people.bob) and not gate.four_eyes(claim, people.erin)


def test_starting_the_next_edition_is_no_writing(claim, people):
    publish(claim)
    publish(claim, kind="update", note="Four now.")
    review.reopen(claim, user=people.bob, reason="Five now", kind="update")
    assert Verdict.objects.get().edition_note == "" and gate.four_eyes(claim, people.bob) is None
    save(Verdict.objects.get(), people.bob, edition_note="Five now.")
    assert gate.four_eyes(claim, people.bob)


def test_a_reason_is_no_article(claim, people):
    with pytest.raises(NotAllowed, match="at most 300 characters"):
        review.submit(claim, user=people.alice, reason="x" * 301)


def test_without_the_first_rule_an_author_approves(claim, people, monkeypatch):
    save(Verdict.objects.get(claim=claim), people.bob, summary="Three died.")
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(NotAllowed) as refused:
        review.approve(claim, user=people.bob, reason="Good")
    assert [miss.rule for miss in refused.value.misses] == ["four-eyes"]
    monkeypatch.setattr(gate, "four_eyes", lambda claim, user: None)
    assert review.approve(claim, user=people.bob, reason="Good").by == people.bob


def test_a_second_account_of_the_same_person_is_told(claim, people):
    assert gate.doubts(claim, people.bob) == []
    second = User.objects.create_user("ally", first_name="ALICE ", last_name="Martin", email="A@example.org")
    people.alice.email = "a@example.org"
    people.alice.save()
    (said,) = gate.doubts(claim, second)
    assert said == "“alice”, who wrote this, and “ally” have the same name, e-mail address: are they two people?"
    save(claim.reports.first(), second, quote="Three")
    assert gate.doubts(claim, second) == [said], "nobody is their own second account"


def test_two_without_a_name_or_an_address_are_not_one(claim, people):
    for name in ("ghost", "spirit"):
        User.objects.create_user(name)
    save(Verdict.objects.get(claim=claim), User.objects.get(username="ghost"), summary="Three died.")
    assert gate.doubts(claim, User.objects.get(username="spirit")) == []


def test_a_report_of_one_more_paper_needs_no_new_rating(claim, edition):
    make_report(claim, make_source("source-3"))
    content = content_of(claim)
    put("edition", {"kind": "reaffirmation", "note": NOTE})(content)
    assert found(claim, content, edition) == {}
