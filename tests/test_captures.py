"""Captures at the desk: kept once, however they come, held beside each other; and what is refused, in words."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from factcheck.desk.gate import NotAllowed
from factcheck.history import Changeset, recording
from factcheck.intake import captures, documents, fetching
from factcheck.models import MOST_CHARACTERS, Capture, Source, User

from .newsroom import make_claim, make_report, make_source, writing
from .racing import at_once
from .sites import LocalInternet, article, page, site
from .test_desk import at_desk, change_url
from .test_documents import pdf

pytestmark = pytest.mark.django_db

EVENING = "At least three people were believed to have been killed.\nThe river rose."
NIGHT = "Four people were killed.\nThe river rose."


@pytest.fixture
def source(people: Any) -> Source:
    return make_source("paper")


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> Any:
    with site() as found:
        monkeypatch.setattr(fetching, "INTERNET", LocalInternet(found))
        yield found


def paste(source: Source, text: str, user: User, hours: float = 0) -> captures.Kept:
    at = timezone.now() - timedelta(hours=hours)
    return captures.paste(source, text, user=user, reason="What it says", captured_at=at)


def url(source: Source) -> str:
    return reverse("admin:captures", args=[source.pk])


def post(user: User, source: Source, way: str, **fields: Any) -> Any:
    data = {f"{way}-{name}": value for name, value in ({"reason": "What it says"} | fields).items()}
    return at_desk(user).post(url(source), {"way": way} | data, follow=True)


def said(response: Any) -> str:
    return " ".join(map(str, response.context["messages"]))


def errors(response: Any, way: str) -> str:
    return str(response.context_data["forms"][way].errors)


def test_a_reviewer_is_told_that_to_give_a_text_is_to_write(people: Any, source: Source) -> None:
    told = "counts as written by you"
    assert told in at_desk(people.bob).get(url(source)).content.decode()
    for other in (people.alice, people.victor):
        assert told not in at_desk(other).get(url(source)).content.decode()


# Kept once.


def test_it_works(people: Any, source: Source) -> None:
    before = Changeset.objects.count()
    response = post(
        people.alice, source, "paste", text=f"\ufeff{EVENING}  \r\n\r\n\r\n\r\n", reason="The evening's version"
    )
    assert "Kept: 13 words." in said(response)
    (capture,) = Capture.objects.all()
    assert (capture.source, capture.text, capture.came, capture.way) == (source, EVENING, "pasted", "pasted")
    assert (capture.changeset.user, capture.changeset.reason) == (people.alice, "The evening's version")
    assert Changeset.objects.count() == before + 1
    assert timezone.now() - capture.captured_at < timedelta(minutes=1)


def test_the_same_again_is_unchanged(people: Any, source: Source) -> None:
    first = paste(source, EVENING, people.alice, hours=2)
    before = Changeset.objects.count()
    again = captures.paste(source, f"{EVENING}\n", user=people.bob, reason="Look again")
    assert not again.is_new and again.capture == first.capture
    assert (Capture.objects.count(), Changeset.objects.count()) == (1, before)
    response = post(people.bob, source, "paste", text=EVENING)
    assert "Unchanged since" in said(response) and "nothing was added" in said(response)
    assert Capture.objects.count() == 1


def test_what_comes_back_is_one_more(people: Any, source: Source) -> None:
    for hours, text in ((3, EVENING), (2, NIGHT), (1, EVENING)):
        assert paste(source, text, people.alice, hours).is_new
    assert [each.text for each in source.captures.all()] == [EVENING, NIGHT, EVENING]
    assert not captures.paste(source, EVENING, user=people.alice, reason="And now").is_new


def test_two_at_once_keep_it_once(committing: None, people: Any, source: Source) -> None:
    kept = at_once(4, lambda number: captures.paste(source, EVENING, user=people.alice, reason=f"Look {number}"))
    assert sum(each.is_new for each in kept) == 1
    assert len({each.capture.pk for each in kept}) == Capture.objects.count() == 1


def test_an_older_copy_is_held_against_what_was_said_before_it(people: Any, source: Source) -> None:
    paste(source, EVENING, people.alice, hours=5)
    paste(source, NIGHT, people.alice, hours=1)
    assert not paste(source, EVENING, people.alice, hours=3).is_new
    assert paste(source, NIGHT, people.alice, hours=3).before.text == EVENING
    assert paste(source, NIGHT, people.alice, hours=9).before is None


def test_one_moment_has_one_text(people: Any, source: Source) -> None:
    now = timezone.now()
    captures.paste(source, EVENING, user=people.alice, reason="One", captured_at=now)
    response = None
    local = timezone.localtime(now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    for text in (EVENING, NIGHT):
        response = post(people.alice, source, "paste", text=text, captured_at=local)
    assert "There is a capture of this source at that very moment already." in errors(response, "paste")
    assert Capture.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic(), writing():
        Capture(source=source, text=NIGHT, captured_at=now).save()


@pytest.mark.parametrize(
    "how",
    [
        {"came": "guessed"},
        {"came": "file"},
        {"came": "file", "file_name": "a.txt"},
        {"came": "fetched", "media_type": "text/html"},
        {"came": "fetched", "media_type": "text/html", "fetched_from": "javascript:1"},
        {"came": "pasted", "fetched_from": "https://example.org/"},
    ],
)
def test_the_database_holds_how_it_came(people: Any, source: Source, how: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), writing():
        Capture(source=source, text="Three.", **how).save()


# However it comes.


def test_a_file_says_its_name_and_kind(people: Any, source: Source) -> None:
    file = SimpleUploadedFile("R\u200beport of the night.PDF", pdf("Three people were killed."), "application/pdf")
    response = post(people.alice, source, "upload", file=file)
    (capture,) = Capture.objects.all()
    assert (capture.text, capture.came, capture.media_type) == ("Three people were killed.", "file", "application/pdf")
    assert capture.file_name == "Report of the night.PDF"
    assert "uploaded as “Report of the night.PDF” (application/pdf)" in response.content.decode()


def test_a_fetched_page_says_from_where(people: Any, source: Source, news: Any) -> None:
    news.pages["/old"] = lambda handler: page(status=301, Location="/story")(handler)
    with writing():
        source.url = news.url("/old")
        source.save()
    response = post(people.alice, source, "fetch")
    capture = Capture.objects.get()
    assert "Kept:" in said(response)
    assert (capture.came, capture.fetched_from, capture.media_type) == ("fetched", news.url(), "text/html")
    assert capture.holds("At least three people were believed to have been swept away")
    assert "Unchanged since" in said(post(people.alice, source, "fetch"))
    news.pages["/story"] = article("four")
    response = post(people.erin, source, "fetch")
    assert "What it says changed since" in said(response)
    shown = response.context_data["change"]
    assert not shown["has_note"]
    assert {(shift["old"], shift["new"]) for shift in shown["shifts"]} == {("three", "four")}
    assert "It changed without a note:" in response.content.decode()


def test_nothing_is_recorded_while_a_site_is_waited_for(people: Any, source: Source, news: Any) -> None:
    """A write transaction of ours would keep everybody else waiting too."""
    began: list[int] = []
    news.pages["/story"] = lambda handler: (began.append(len(queries.captured_queries)), page(article())(handler))
    with writing():
        source.url = news.url()
        source.save()
    with CaptureQueriesContext(connection) as queries:
        captures.fetch(source, user=people.alice, reason="Now")
    before = [query["sql"] for query in queries.captured_queries[: began[0]]]
    assert not [sql for sql in before if not sql.startswith("SELECT")]


# Refused, and nothing is kept.


@pytest.mark.parametrize(
    ("way", "fields", "words"),
    [
        ("paste", {"text": ""}, "Paste what it says."),
        ("paste", {"text": " \u200b\n "}, "Nothing was captured."),
        ("paste", {"text": "\u00ad\ufeff \u2800 \u3164\u3164 …"}, "Nothing was captured."),
        ("upload", {"file": ("a.txt", b"\xc2\xad\xc2\xad")}, "Nothing was captured."),
        ("paste", {"text": "a" * (MOST_CHARACTERS + 1)}, "at most 500000 characters"),
        ("paste", {"text": "Three", "reason": " "}, "Say why: it is kept with the capture."),
        ("paste", {"text": "Three", "reason": "a\u202eb"}, "Remove characters that cannot be seen"),
        ("paste", {"text": "Three", "captured_at": "yesterday"}, "Enter a valid date/time."),
        ("paste", {"text": "Three", "captured_at": "2999-01-01T00:00"}, "That is in the future."),
        ("paste", {"text": "Three", "captured_at": "0900-01-01T00:00"}, "Use a time in the years 1000 to 9998."),
        ("upload", {}, "Choose a file."),
        ("upload", {"file": ("a.txt", b"")}, "This file is empty."),
        ("upload", {"file": ("a.txt", b"  \n")}, "It is empty."),
        ("upload", {"file": ("a.txt", b"tu\xe9s")}, "It is no text in UTF-8, from byte 2 on"),
        ("upload", {"file": ("a.png", b"\x89PNG")}, "“a.png” is neither HTML nor PDF nor plain text."),
        ("upload", {"file": ("a.pdf", pdf(""))}, "pictures of pages and no text"),
        ("upload", {"file": ("a.html", b"<html></html>")}, "No article was found"),
        ("upload", {"file": ("a.txt", b"x" * (documents.MOST_BYTES + 1))}, "It has 10.0 MB; at most 10 are read."),
        ("upload", {"file": ("a.txt", b"a " * MOST_CHARACTERS)}, "a capture has at most 500,000"),
    ],
)
def test_what_is_refused(people: Any, source: Source, way: str, fields: dict[str, Any], words: str) -> None:
    before = Changeset.objects.count()
    if "file" in fields:
        fields = {"file": SimpleUploadedFile(*fields["file"], content_type="application/octet-stream")}
    response = post(people.alice, source, way, **fields)
    assert response.status_code == 200
    assert words in errors(response, way).replace("&quot;", '"')
    assert (Capture.objects.count(), Changeset.objects.count()) == (0, before)


def test_more_than_a_form_takes_is_refused_on_a_page_of_ours(people: Any, source: Source) -> None:
    response = post(people.alice, source, "paste", text="a" * 3_000_000)
    assert response.status_code == 400
    assert "too much at once" in response.content.decode()
    assert not Capture.objects.exists()


def test_what_cannot_be_fetched(people: Any, source: Source, news: Any) -> None:
    for address, words in [
        ("http://127.0.0.1/", "not public"),
        (news.url("/gone"), "answered: 404"),
        ("", "This source has no address"),
    ]:
        with writing():
            source.url, source.no_url_reason = address, "In print"
            source.save()
        response = post(people.alice, source, "fetch")
        assert words in errors(response, "fetch")
    assert not Capture.objects.exists()


def test_a_source_that_is_deleted_while_its_page_is_fetched(
    people: Any, source: Source, news: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing():
        source.url = news.url()
        source.save()
    fetch = fetching.fetch

    def slowly(address: str) -> fetching.Fetched:
        found = fetch(address)
        with writing(people.bob):
            Source.objects.get(pk=source.pk).delete()
        return found

    monkeypatch.setattr(fetching, "fetch", slowly)
    response = post(people.alice, source, "fetch")
    assert "Bob Okafor deleted this source" in errors(response, "fetch")
    assert not Capture.objects.exists()


def test_a_way_that_nobody_offers(people: Any, source: Source) -> None:
    response = at_desk(people.alice).post(url(source), {"way": "guess", "paste-text": "Three", "reason": "x"})
    assert response.status_code == 200
    assert not Capture.objects.exists()


@pytest.mark.parametrize(("name", "status"), [("victor", 403), ("alice", 200), ("bob", 200), ("erin", 200)])
def test_who_may_capture(people: Any, source: Source, name: str, status: int) -> None:
    user = getattr(people, name)
    assert post(user, source, "paste", text=EVENING).status_code == status
    assert Capture.objects.count() == (status == 200)
    shown = at_desk(user).get(url(source)).content.decode()
    assert ('name="paste-text"' in shown) == (status == 200)
    if status == 403:
        for act in (
            lambda: paste(source, EVENING, user),
            lambda: captures.fetch(source, user=user, reason="x"),
            lambda: captures.upload(source, b"x", file_name="a.txt", media_type="", user=user, reason="x"),
        ):
            with pytest.raises(NotAllowed, match="Capturing is for: editor, reporter, reviewer"):
                act()


def test_other_methods_and_other_sources(people: Any, source: Source) -> None:
    client = at_desk(people.alice)
    assert client.put(url(source)).status_code == 405
    assert client.post(reverse("admin:captures_compare", args=[source.pk])).status_code == 405
    for name in ("captures", "captures_compare", "quote"):
        assert client.get(reverse(f"admin:{name}", args=[99999])).status_code == 404


# The pages.


def test_the_page_of_a_source_leads_there(people: Any, source: Source) -> None:
    client = at_desk(people.alice)
    assert "Nothing is kept yet." in client.get(change_url(source)).content.decode()
    paste(source, EVENING, people.alice)
    shown = client.get(change_url(source)).content.decode()
    assert "1 capture, of " in shown and url(source) in shown
    assert EVENING.splitlines()[0] not in shown


def test_a_capture_is_read_and_says_how_it_came(people: Any, source: Source) -> None:
    capture = paste(source, EVENING, people.alice).capture
    shown = at_desk(people.victor).get(change_url(capture)).content.decode()
    assert capture.sha256 in shown and "Alice Martin: What it says" in shown and "The river rose." in shown


def test_without_the_extra_the_page_says_what_lacks(people: Any, source: Source, monkeypatch: Any) -> None:
    client = at_desk(people.alice)
    assert "not installed" not in client.get(url(source)).content.decode()
    monkeypatch.setattr(documents, "find_spec", lambda name: None)
    shown = client.get(url(source)).content.decode()
    assert "HTML and PDF need the extra “capture” (not installed: trafilatura, pypdf)." in shown


def test_two_captures_beside_each_other(people: Any, source: Source) -> None:
    client = at_desk(people.alice)
    compare = reverse("admin:captures_compare", args=[source.pk])
    assert "it takes two captures" in client.get(compare).content.decode()
    old = paste(source, EVENING, people.alice, hours=3).capture
    middle = paste(source, f"{NIGHT}\nThis article was updated at 22:04.", people.alice, hours=2).capture
    paste(source, NIGHT + "\nIt is spring.", people.alice, hours=1)
    shown = client.get(compare, {"from": old.pk, "to": middle.pk}).context_data
    assert (shown["old"], shown["new"], shown["has_note"]) == (old, middle, True)
    assert shown["shifts"][0]["old"] == "At least three people were believed to have been"
    assert shown["shifts"][0]["new"] == "Four people were"
    newest = client.get(compare).context_data
    assert newest["old"] == middle
    before = client.get(compare, {"to": middle.pk}).context_data
    assert (before["old"], before["new"]) == (old, middle)
    assert "This is the first capture: there is none before it." in client.get(compare, {"to": old.pk}).content.decode()
    assert client.get(url(source)).content.decode().count("What changed</a>") == 2
    assert "This is one capture" in client.get(compare, {"from": old.pk, "to": old.pk}).content.decode()
    for wrong in ("x", "99999", "\x00", "1" * 400):
        assert "no such capture of this source" in client.get(compare, {"from": wrong}).content.decode()
    other = paste(make_source("other"), NIGHT, people.alice).capture
    assert "no such capture of this source" in client.get(compare, {"from": other.pk}).content.decode()


def test_what_is_alike_is_folded_away(people: Any, source: Source) -> None:
    same = "\n".join(f"Paragraph {number} stays." for number in range(20))
    paste(source, f"Three people died.\n{same}", people.alice, hours=2)
    paste(source, f"Four people died.\n{same}", people.alice, hours=1)
    page = at_desk(people.alice).get(reverse("admin:captures_compare", args=[source.pk]))
    stretches = page.context_data["stretches"]
    assert [(each["is_shown"], len(each["rows"])) for each in stretches] == [(True, 2), (False, 19)]
    assert "19 paragraphs that are the same" in page.content.decode()


def test_quotes_are_told_to_stand_or_to_have_stood(people: Any, source: Source) -> None:
    claim = make_claim(author=people.alice)
    make_report(claim, source, quote="at least three people")
    make_report(claim, source, quote="the river rose")
    make_report(claim, source, quote="nobody wrote this")
    assert "There is no capture to look in." in at_desk(people.alice).get(url(source)).content.decode()
    old = paste(source, EVENING, people.alice, hours=2).capture
    response = post(people.alice, source, "paste", text=NIGHT)
    assert "1 quote stands no longer in the newest capture." in said(response)
    quotes = response.context_data["quotes"]
    assert [(report.quote, where.capture) for report, where in quotes["lost"]] == [
        ("at least three people", old),
        ("nobody wrote this", None),
    ]
    assert [report.quote for report, _where in quotes["standing"]] == ["the river rose"]
    assert "It stands no longer in the newest capture; it stood in that of" in response.content.decode()


def test_many_captures_are_paged(people: Any, source: Source) -> None:
    start = timezone.now() - timedelta(days=9)
    with recording(user=people.alice, reason="Every minute", via="command"):
        for number in range(31):
            Capture(source=source, text=f"Version {number}", captured_at=start + timedelta(minutes=number)).save()
    client = at_desk(people.alice)
    assert len(client.get(url(source)).context_data["page"].object_list) == 30
    assert len(client.get(url(source), {"page": 2}).context_data["page"].object_list) == 1
    assert client.get(url(source), {"page": "x\x00"}).status_code == 200


@pytest.mark.parametrize("statement", ["UPDATE factcheck_capture SET text = 'x'", "DELETE FROM factcheck_capture"])
def test_a_capture_is_for_good(people: Any, source: Source, statement: str) -> None:
    paste(source, EVENING, people.alice)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Capture.objects.get().text == EVENING
