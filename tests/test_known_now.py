"""What readers are told of what is known now: on the board of a story, and in the finding of a verdict."""

import re

import pytest

from factcheck.models import Edition, Stance
from factcheck.page.listing import lane

from .newsroom import make_claim, make_report, make_source, publish

pytestmark = pytest.mark.django_db

EARLY, LATE = "2026-03-13T20:00:00Z", "2026-03-13T21:00:00Z"


@pytest.fixture
def claim(people):
    return make_claim(sources=0, author=people.alice, summary="It is so.")


def add(claim, source: str, at: str, **fields):
    return make_report(claim, make_source(source), **{"reported_at": at, "unit": "people"} | fields)


def word(claim, source: str, at: str, text: str, **fields):
    return make_report(claim, make_source(source), reported_at=at, text_value=text, **fields)


def told(claim) -> tuple[str, str, bool]:
    """What its lane says first, and now."""
    publish(claim)
    shown = lane(Edition.objects.get(claim=claim), flagged=False)
    first, now = ((shown[name] or {"words": ""})["words"] for name in ("first", "now"))
    return first, now, shown["is_disputed"]


def test_it_works(claim) -> None:
    add(claim, "a", EARLY, low=3, qualifier="at_least")
    add(claim, "b", LATE, low=4)
    assert told(claim) == ("at least 3 people", "4 people", False)


def test_a_dispute_has_both_sides(claim) -> None:
    add(claim, "a", EARLY, low=84)
    add(claim, "b", LATE, low=86)
    add(claim, "c", LATE, low=86)
    assert told(claim) == ("84 people", "84 people; 86 people", True)


def test_all_that_a_source_says_in_one_breath(claim) -> None:
    word(claim, "a", EARLY, "a knife")
    word(claim, "b", LATE, "a handgun")
    word(claim, "b", LATE, "a grenade as well")
    assert told(claim) == ("a knife", "a handgun; a grenade as well", False)


def test_of_several_breaths_the_last(claim) -> None:
    word(claim, "b", EARLY, "a handgun")
    word(claim, "b", LATE, "a grenade as well")
    assert told(claim) == ("a handgun", "a grenade as well", False)


def test_where_nothing_else_stands_what_stands_in_context(claim) -> None:
    word(claim, "a", EARLY, "grenades", standing="superseded")
    word(claim, "b", LATE, "one grenade", stance=Stance.CONTEXT)
    assert told(claim) == ("grenades", "one grenade", False)


def test_context_is_not_told_where_another_stands(claim) -> None:
    word(claim, "a", EARLY, "grenades")
    word(claim, "b", LATE, "grenades are forbidden", stance=Stance.CONTEXT)
    assert told(claim) == ("grenades", "", False)


def test_what_was_taken_back_is_not_known(client, claim) -> None:
    add(claim, "a", EARLY, low=3, standing="retracted")
    assert told(claim) == ("3 people", "", False)
    assert "3 people <small>(retracted)</small>" in client.get("/stories/flood/").content.decode()


def test_the_last_correction_is_on_the_board(client, claim) -> None:
    add(claim, "a", EARLY, low=3)
    publish(claim)
    assert "corrected" not in client.get("/stories/flood/").content.decode()
    publish(claim, kind="correction", note="We had counted wrongly.")
    assert '<strong class="flag">corrected</strong>' in client.get("/stories/flood/").content.decode()


def finding(client, claim) -> str:
    publish(claim)
    page = client.get("/claims/death-toll/").content.decode()
    return " ".join(re.search(r'<section class="finding.*?</section>', page, re.S)[0].split())


def test_a_finding_without_a_figure_leads_to_what_is_known(client, claim) -> None:
    word(claim, "a", EARLY, "a handgun")
    assert 'By what is known now: <a href="#report-1">a handgun</a>' in finding(client, claim)


def test_a_finding_leads_to_both_sides_of_a_dispute(client, claim) -> None:
    add(claim, "a", EARLY, low=84)
    add(claim, "b", LATE, low=86)
    links = '<a href="#report-1">84 people</a>; <a href="#report-2">86 people</a>'
    assert f"By what is known now: in dispute: {links}" in finding(client, claim)


def test_a_finding_that_names_it_says_no_more(client, people) -> None:
    claim = make_claim(sources=0, author=people.alice, summary="Four people died.")
    add(claim, "a", EARLY, low=4)
    shown = finding(client, claim)
    assert '<a href="#report-1">Four people</a>' in shown and "By what is known now" not in shown
