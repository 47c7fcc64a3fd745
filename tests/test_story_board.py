"""All claims of a story on one board: now, as of a moment on either clock, and what changed between two moments."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from factcheck.desk import review
from factcheck.desk.admin import story_board
from factcheck.history import Door, recording
from factcheck.models import Claim, Report, Story, Verdict
from factcheck.page.lanes import lanes

from .newsroom import make_claim, make_people, make_rating, make_report, make_source, make_story, publish, writing
from .test_desk import at_desk, change_url

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 13, 12, tzinfo=UTC)


NO_MOMENTS = [
    ({"time": "12:00"}, "Give the date, too."),
    ({"since_time": "12:00"}, "Give the date, too."),
    ({"date": "x"}, "Enter a valid date."),
    ({"date": "2026-02-30"}, "Enter a valid date."),
    ({"date": "0001-01-01"}, "Use a time in the years"),
    ({"date": "9999-12-31"}, "Use a time in the years"),
    ({"date": "2026-03-13", "time": "25:00"}, "Enter a valid time."),
    ({"clock": "sundial"}, "Select a valid choice."),
    ({"since_date": "2026-03-14"}, "This is not before the moment of the board."),
    ({"since_date": "2026-03-12", "date": "2026-03-11"}, "This is not before the moment of the board."),
]
ASKED = [
    ({}, "A B C"),
    ({"state": "draft"}, "A C"),
    ({"state": "in_review"}, "B"),
    ({"rating": "true"}, "A"),
    ({"rating": "none"}, "C"),
    ({"assignee": "none"}, "A C"),
    ({"disputed": "yes"}, "C"),
    ({"state": "draft", "rating": "false"}, ""),
    ({"stale": "yes"}, ""),
    ({"state": "nonsense", "rating": "\x00"}, "A B C"),
]


def board_url(story: Story) -> str:
    return reverse("admin:factcheck_story_board", args=[story.pk])


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


class Newsroom(SimpleNamespace):
    """Its clock goes on by an hour whenever it is asked to."""

    now = START

    def later(self) -> None:
        self.now += timedelta(hours=1)

    def board(self, **asked: str):
        response = self.client.get(board_url(self.story), asked)
        assert response.status_code == 200
        return response

    def labels(self, **asked: str) -> list[str]:
        return [row.claim.label for row, _lane in self.board(**asked).context_data["lanes"]]

    def news(self, **asked: str) -> list[str]:
        asked = {"since_date": "2026-03-13", "since_time": f"{self.now:%H:%M}"} | asked
        return [
            f"{each.label}: {each.sentence}; {each.by}".rstrip("; ")
            for each in self.board(**asked).context_data["news"]
        ]


@pytest.fixture
def newsroom(monkeypatch):
    room = Newsroom(**vars(make_people()))
    monkeypatch.setattr(timezone, "now", lambda: room.now)
    room.story = make_story()
    room.client = Client()
    room.client.force_login(room.victor)
    return room


def toll(newsroom: Newsroom) -> Claim:
    return make_claim("toll", author=newsroom.alice, sources=0)


def said(claim: Claim, source: str, low: int, **more: object) -> Report:
    more = {"low": low, "reported_at": "2026-03-13T11:00:00Z"} | more
    return make_report(claim, make_source(source), **more)


def test_it_works(newsroom) -> None:
    claim = toll(newsroom)
    said(claim, "one", 3, qualifier="at_least")
    said(claim, "two", 4, reported_at="2026-03-13T13:00:00Z")
    make_claim("empty", author=newsroom.alice, sources=0, rating=None, label="Injured")
    page = newsroom.board().content.decode()
    assert newsroom.labels() == ["Death toll", "Injured"]
    assert "at least 3 → 4 1 report, 1 origin" in words(page)
    assert "No report yet." in words(page) and "not rated" in words(page)
    assert 'aria-label="13 March 2026, 11:00 UTC: at least 3; 13 March 2026, 13:00 UTC: 4."' in page
    assert board_url(newsroom.story) in newsroom.client.get(change_url(newsroom.story)).content.decode()


class TestNews:
    def test_a_report_is_told_as_an_editor_would(self, newsroom) -> None:
        claim = toll(newsroom)
        said(claim, "one", 3, qualifier="at_least")
        newsroom.later()
        said(claim, "two", 4, reported_at="2026-03-13T13:00:00Z")
        newsroom.later()
        assert newsroom.news(since_time="13:00") == []  # what was recorded at that moment is before it
        assert newsroom.news(since_time="12:30") == [
            "Death toll: at least 3 → 4, refinement, by Paper two; recorded by Alice Martin, 13 March 2026, 13:00 UTC"
        ]

    def test_whatever_happened_to_a_claim(self, newsroom) -> None:
        claim = toll(newsroom)
        first, second = said(claim, "one", 3), said(claim, "two", 4)
        newsroom.later()
        newsroom.later()
        with writing(newsroom.bob):
            first.standing = "retracted"
            first.save()
            verdict = Verdict.objects.get(claim=claim)
            verdict.rating, verdict.summary = make_rating("false"), "Four people died."
            verdict.save()
            claim.statement, claim.assignee = "Four people were killed.", newsroom.bob
            claim.save()
            source = second.source
            source.title, source.archive_url = "What two wrote later", "https://example.org/archive"
            source.save()
        newsroom.later()
        with writing(newsroom.alice):
            second.delete()
        by_bob, by_alice = (
            f"; recorded by {who}, 13 March 2026, {at}:00 UTC" for who, at in [("Bob Okafor", 14), ("Alice Martin", 15)]
        )
        newsroom.later()
        assert newsroom.news(since_time="13:00") == [
            f"Death toll: report 1 (Paper one), “3”, is retracted now{by_bob}",
            f"Death toll: rating: True → False{by_bob}",
            f"Death toll: finding: Three people died. → Four people died.{by_bob}",
            f"Death toll: claim: Three people were killed. → Four people were killed.{by_bob}",
            f"Death toll: assignee: – → Bob Okafor{by_bob}",
            f"Death toll: report 2, “4”, is no longer there{by_alice}",
        ]

    def test_a_source_that_many_claims_cite_is_told_of_once(self, newsroom) -> None:
        for slug in ("toll", "other"):
            said(make_claim(slug, author=newsroom.alice, sources=0, label=slug), "one", 3)
        newsroom.later()
        newsroom.later()
        with writing(newsroom.alice):
            source = make_source("one")
            source.withdrawn_reason = "Taken back."
            source.save()
        told = newsroom.news(since_time="13:00", date="2026-03-13")
        assert told == [
            "Sources: source “What one wrote” (Paper one), withdrawn: – → Taken back.; "
            "recorded by Alice Martin, 13 March 2026, 14:00 UTC"
        ]

    def test_a_kind_that_follows_from_another_report_is_nobodys_act(self, newsroom) -> None:
        claim = toll(newsroom)
        said(claim, "one", 84, reported_at="2026-03-13T11:00:00Z")
        said(claim, "two", 86, reported_at="2026-03-13T12:00:00Z")
        newsroom.later()
        newsroom.later()
        with writing(newsroom.alice):
            report = claim.reports.get(number=1)
            report.standing = "retracted"
            report.save()
        told = newsroom.news(since_time="13:00", date="2026-03-13")
        assert told[-1] == "Death toll: report 2 (Paper two), kind of change: dispute → correction"

    def test_a_new_claim_a_move_and_an_edition(self, newsroom) -> None:
        newsroom.later()
        claim = make_claim("toll", author=newsroom.alice, rating="true")
        newsroom.later()
        review.submit(claim, user=newsroom.alice, reason="Ready")
        newsroom.later()
        publish(claim, recorded_at=newsroom.now)
        newsroom.later()
        told = newsroom.news(since_time="12:30")
        assert told == [
            "Death toll: new: “Three people were killed.”; recorded by Alice Martin, 13 March 2026, 13:00 UTC",
            "Death toll: Paper source-1 is the first to report: 3; recorded by Alice Martin, 13 March 2026, 13:00 UTC",
            "Death toll: Paper source-2 confirms: 3; recorded by Alice Martin, 13 March 2026, 13:00 UTC",
            "Death toll: rated “True”; recorded by Alice Martin, 13 March 2026, 13:00 UTC",
            "Death toll: edition 1, first edition; published by Erin Lindqvist, 13 March 2026, 15:00 UTC",
        ]
        told = newsroom.news(since_time="13:30", date="2026-03-13", time="14:10")
        assert told == ["Death toll: state: draft → in review; recorded by Alice Martin, 13 March 2026, 14:00 UTC"]

    def test_a_claim_that_left(self, newsroom) -> None:
        claim = toll(newsroom)
        newsroom.later()
        newsroom.later()
        with writing(newsroom.alice):
            claim.story = make_story("other")
            claim.save()
        assert newsroom.news(since_time="13:00", date="2026-03-13") == [
            "Death toll: it is no longer in this story; recorded by Alice Martin, 13 March 2026, 14:00 UTC"
        ]

    def test_nothing(self, newsroom) -> None:
        toll(newsroom)
        newsroom.later()
        assert "Nothing changed." in words(newsroom.board(since_date="2026-03-13", since_time="12:30").content.decode())

    def test_too_much(self, newsroom, monkeypatch) -> None:
        monkeypatch.setattr(story_board, "TOLD", 2)
        newsroom.later()
        make_claim("toll", author=newsroom.alice)
        response = newsroom.board(since_date="2026-03-12")
        assert len(response.context_data["news"]) == 2
        assert "2 earlier changes are left out" in words(response.content.decode())


class TestThePast:
    def test_as_of_a_moment(self, newsroom) -> None:
        claim = toll(newsroom)
        newsroom.later()
        said(claim, "one", 3)
        newsroom.later()
        page = words(newsroom.board(date="2026-03-13", time="12:30").content.decode())
        assert "1 claim, as of 13 March 2026, 12:30 UTC" in page and "No report yet." in page
        assert "1 report, 1 origin" in words(newsroom.board(date="2026-03-13").content.decode())

    def test_on_either_clock(self, newsroom) -> None:
        told = {"claimed_at": START - timedelta(days=30), "claimed_by": "Ada Old"}
        newsroom.later()
        with recording(user=newsroom.alice, reason="Replayed", via=Door.IMPORT, **told):
            Story(slug="old", title="Old", summary="Old.", began_on="2026-02-01").save()
            newsroom.story = Story.objects.get(slug="old")
            Claim(story=newsroom.story, slug="old", label="Old toll", statement="Two died.").save()
        newsroom.later()
        early = {"date": "2026-02-20", "clock": "claimed"}
        assert newsroom.labels(**early) == ["Old toll"]
        response = newsroom.board(**early | {"clock": "recorded"})
        assert "There was no “Old” yet" in words(response.content.decode())
        assert newsroom.news(since_date="2026-02-01", since_time="", **early) == [
            "Old toll: new: “Two died.”; by Ada Old, 11 February 2026, 12:00 UTC, reconstructed"
        ]
        assert newsroom.news(since_time="12:30") == [
            "Old toll: new: “Two died.”; recorded by Alice Martin, 13 March 2026, 13:00 UTC"
        ]

    def test_what_is_no_moment_is_told(self, newsroom) -> None:
        for asked, why in NO_MOMENTS:
            page = words(newsroom.board(**asked).content.decode())
            assert why in page and "Mend what is marked above" in page, asked


class TestFilters:
    @pytest.fixture
    def claims(self, newsroom):
        for slug, rating in [("a", "true"), ("b", "false"), ("c", None)]:
            make_claim(slug, author=newsroom.alice, sources=0, rating=rating, label=slug.upper())
        b, c = Claim.objects.get(slug="b"), Claim.objects.get(slug="c")
        with writing():
            b.assignee = newsroom.bob
            b.save()
        review.submit(b, user=newsroom.alice, reason="Ready")
        said(c, "one", 84)
        said(c, "two", 86)
        return newsroom

    def test_which_are_shown(self, claims) -> None:
        for asked, expected in ASKED:
            assert claims.labels(**asked) == expected.split(), asked

    def test_an_assignee(self, claims) -> None:
        assert claims.labels(assignee=str(claims.bob.pk)) == ["B"]

    def test_none_fits(self, claims) -> None:
        page = words(claims.board(state="draft", rating="false").content.decode())
        assert "0 claims of 3" in page and "No claim fits. Ask for less." in page

    def test_news_are_of_what_is_shown(self, claims) -> None:
        claims.later()
        told = claims.news(since_date="2026-03-12", disputed="yes")
        assert told and all(each.startswith("C: ") for each in told)

    def test_a_stale_page(self, claims) -> None:
        claim = Claim.objects.get(slug="a")
        publish(claim)
        assert claims.labels(stale="yes") == []
        said(claim, "one", 9)
        assert claims.labels(stale="yes") == ["A"]
        then = claims.board(date="2026-03-14").context_data
        assert "stale" not in [each.name for each in then["filters"]]
        assert not any(row.stale for row, _lane in then["lanes"])


def test_an_empty_story_says_so(newsroom) -> None:
    assert "This story has no claim yet." in words(newsroom.board().content.decode())


def test_reports_of_one_time_and_undated_ones_have_their_place(newsroom) -> None:
    claim = toll(newsroom)
    said(claim, "one", 3, reported_at="2026-03-13T11:00:00Z")
    said(claim, "two", 3, reported_at="2026-03-14", reported_precision="day")
    said(claim, "three", 3, reported_at=None, is_undated=True)
    other = make_claim("other", author=newsroom.alice, sources=0, label="Other")
    said(other, "four", 3, reported_at="2026-03-13T11:00:00Z", standing="retracted")
    drawn = newsroom.board().context_data["drawn"]
    assert [[point.x for point in lane.points] for lane in drawn.of] == [[12, 204, 588], [12]]
    assert drawn.gap == 396 and drawn.of[0].undated_path and not drawn.of[1].undated_path
    assert drawn.of[1].points[0].is_retracted
    assert [label.text for label in drawn.axis] == ["13 Mar 2026", "14 Mar 2026", "undated"]


def test_a_day_stands_at_its_midnight_here() -> None:
    times = ["2018-03-23T22:30:00Z", "2018-03-24", "2018-03-23T23:30:00Z"]
    reports = [{"reported_at": at, "kind": "first", "standing": "current", "figure": None, "text": "x"} for at in times]
    with timezone.override("Europe/Paris"):
        assert [point.x for point in lanes([{"reports": reports}]).of[0].points] == [12, 300, 588]


def fill(newsroom: Newsroom, numbers: range) -> None:
    """In one act, each with a report and a verdict."""
    rating, source = make_rating(), make_source("one")
    with writing():
        for number in numbers:
            claim = Claim(
                story=newsroom.story, slug=f"claim-{number}", label=f"Claim {number}", statement="Three died."
            )
            claim.save()
            Verdict(claim=claim, rating=rating, author=newsroom.alice).save()
            Report(claim=claim, source=source, reported_at=START, qualifier="exactly", low=3, number=1).save()


def test_as_many_queries_for_sixty_claims_as_for_five(newsroom) -> None:
    asked = [{}, {"date": "2026-03-14", "since_date": "2026-03-01", "clock": "claimed"}]
    counts = []
    for numbers in (range(5), range(5, 60)):
        fill(newsroom, numbers)
        for each in asked:
            with CaptureQueriesContext(connection) as queries:
                response = newsroom.board(**each)
            counts.append(len(queries))
    assert len(response.context_data["lanes"]) == 60
    assert counts[:2] == counts[2:] and max(counts) <= 40


def test_it_is_only_read(newsroom) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(at_desk(newsroom.erin), method)(board_url(newsroom.story)).status_code == 405
    assert Client().get(board_url(newsroom.story)).status_code == 302
    assert newsroom.client.get(reverse("admin:factcheck_story_board", args=[10**6])).status_code == 302
