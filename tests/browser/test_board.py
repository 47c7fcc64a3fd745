"""The board of a story as Chromium draws it."""

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from ..newsroom import make_claim, make_people, make_report, make_source, publish
from .conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WIDTHS = [320, 360, 383, 384, 390, 447, 448, 640, 959, 960, 1280, 1600]
SIZES = """() => [...document.querySelectorAll('.lane text')].map(text => {
  const svg = text.ownerSVGElement;
  return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
})"""
MARKS = """() => [...document.querySelectorAll('.way')].map(way =>
  [...way.querySelectorAll('circle, .dispute, .retracted')].map(mark => {
    const box = mark.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
  }))"""
NOW = """() => [...document.querySelectorAll('.way')].filter(way => way.querySelector('.now')).map(way =>
  way.querySelector('svg').getBoundingClientRect().right - way.querySelector('.now').getBoundingClientRect().right)"""


def test_words_are_never_under_twelve_pixels(open_page: Open) -> None:
    page = told(open_page)
    sizes = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(SIZES)
        sizes[width] = (min(found), max(found))
    assert min(least for least, _most in sizes.values()) >= 12, sizes
    assert max(most for _least, most in sizes.values()) <= 16, sizes


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_each_report_is_seen_and_what_is_known_now_stands_at_the_end_of_its_line(open_page: Open, width: int) -> None:
    page = told(open_page, width=width)
    lanes = page.evaluate(MARKS)
    assert max(map(len, lanes)) >= 4
    for one, other in (pair for marks in lanes for pair in combinations(marks, 2)):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    ends = page.evaluate(NOW)
    assert ends and all(abs(each) <= 1 for each in ends)


def told(open_page: Open, **options: int) -> "Page":
    """Of a week with reports on every day, and on the first and without a date several."""
    make_people()
    week, brief = make_claim("week", sources=0), make_claim("brief", sources=0, label="Wounded")
    for number, day in enumerate([13, 13, 13, *range(14, 20)]):
        make_report(week, make_source(f"week-{number}"), low=3 + number, reported_at=f"2026-03-{day}T20:00:00Z")
    for number, standing in enumerate(["current", "disputed", "retracted"]):
        undated = {"reported_at": None, "is_undated": True, "standing": standing}
        make_report(brief, make_source(f"brief-{number}"), low=number, **undated)
    for claim in (week, brief):
        publish(claim)
    page = open_page(**options)
    page.goto(week.story.get_absolute_url())
    return page
