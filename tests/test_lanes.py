"""The lanes of a story: every report is a mark that is seen, in its place in time."""

from itertools import combinations
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from factcheck.figures import Kind
from factcheck.page import story
from factcheck.page.labels import SIZE
from factcheck.page.lanes import EDGE, LEAST, ROOM, WIDTH, Lanes, lanes


def report(at: str | None = "2018-03-23", kind: str = "first", standing: str = "current") -> dict[str, Any]:
    return {"reported_at": at, "kind": kind, "standing": standing, "figure": None, "text": "a knife"}


def drawn(*told: list[dict[str, Any]], width: int = story.WIDTH) -> Lanes:
    return lanes([{"reports": reports} for reports in told], width=width)


def test_it_works() -> None:
    (lane,) = drawn([report("2018-03-23"), report("2018-03-24"), report(None)], width=WIDTH).of
    assert [point.x for point in lane.points] == [12, 204, 588]
    assert {point.y for point in lane.points} == {LEAST // 2} and lane.height == LEAST


@pytest.mark.parametrize("at", ["2018-03-23", None])
def test_reports_of_one_moment_stand_above_each_other_around_the_line(at) -> None:
    two, three = drawn([report(at), report(at, "dispute")], [report(at)] * 3).of
    assert [point.y for point in two.points] == [7, 21] and two.height == 28
    assert [point.y for point in three.points] == [7, 21, 35] and three.height == 42
    html = render_to_string("public/_drawing.html", {"drawn": drawn([report(at)] * 3), "drawing": three})
    assert html.count("<circle") == 3 and f'viewBox="0 0 {story.WIDTH} 42"' in html


def test_what_has_room_stays_on_the_line() -> None:
    days = [f"2018-03-{day:02}" for day in range(1, 31)]
    crowded, alone = drawn([report(day) for day in days], [report(days[0]), report(days[-1])]).of
    assert {point.y for point in alone.points} == {alone.height // 2}
    assert len({point.y for point in crowded.points}) == 2


MOMENTS = st.one_of(st.none(), st.integers(1, 31).map(lambda day: f"2018-03-{day:02}"))
REPORTS = st.lists(st.builds(report, MOMENTS, st.sampled_from([kind.value for kind in Kind])), max_size=30)


def in_order(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(reports, key=lambda each: (each["reported_at"] is None, each["reported_at"] or ""))


@given(st.lists(REPORTS.map(in_order), min_size=1, max_size=4), st.sampled_from([story.WIDTH, WIDTH]))
@budget(max_examples=100, deadline=None)
def test_no_mark_covers_another(told, width) -> None:
    found = drawn(*told, width=width)
    for lane, reports in zip(found.of, told, strict=True):
        assert len(lane.points) == len(reports)
        for one, other in combinations(lane.points, 2):
            assert abs(one.x - other.x) >= ROOM or abs(one.y - other.y) >= ROOM
        assert all(EDGE <= point.x <= width - EDGE for point in lane.points)
        assert all(ROOM // 2 <= point.y <= lane.height - ROOM // 2 for point in lane.points)
    boxes = [label.box(SIZE) for label in found.axis]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])]


def test_a_day_stands_before_the_moment_at_which_it_begins() -> None:
    with timezone.override("UTC"):
        (lane,) = drawn([report("2018-03-23"), report("2018-03-23T00:00:00Z")], width=WIDTH).of
    assert [point.x for point in lane.points] == [EDGE, WIDTH - EDGE]
