"""The step chart as Chromium draws it: with the widths that its own fonts have."""

import random
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from factcheck.figures import Kind
from factcheck.page.chart import Chart, charts
from factcheck.page.labels import Box

from ..pages import tell_the_story
from ..test_chart import QUALIFIERS, lines, report
from .conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BOXES = """name => [...document.querySelectorAll(`svg.${name}`)].map(svg =>
  [...svg.querySelectorAll('text, .sign, .cross')].map(part => {
    const box = part.getBBox();
    return [part.tagName, part.textContent, box.x, box.y, box.x + box.width, box.y + box.height];
  }))"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg.chart')]
  .filter(svg => svg.getBoundingClientRect().width)
  .flatMap(svg => [...svg.querySelectorAll('text')].map(text =>
    parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)))"""
HEIGHT = 0.72  # of what a font reserves for a line, that its digits and letters take


def told(number: int, chance: random.Random) -> list[dict[str, Any]]:
    """A story of 2 to 40 reports."""
    reports, value = [], chance.choice([3, 80, 12_000, 10**9])
    dated = chance.randint(0, number)
    for place in range(number):
        value += chance.choice([0, 0, 1, 2, value // 3, -1])
        is_taken_back = chance.random() < 0.1
        said = value * 130 if is_taken_back else value
        fields = {"high": str(said + chance.randint(1, value))} if (q := chance.choice(QUALIFIERS)) == "between" else {}
        day, kind = f"2018-03-{place // 4 + 1:02}T{place % 24:02}:15:00Z", chance.choice(list(Kind)).value
        fields |= {"standing": "retracted"} if is_taken_back else {}
        reports.append(report(str(said), q, reported_at=day if place < dated else None, kind=kind, **fields))
    return reports


def page_of(stories: list[list[dict[str, Any]]]) -> str:
    style = (settings.BASE_DIR / "factcheck/static/factcheck/public.css").read_text(encoding="utf-8")
    drawn = [chart for reports in stories for chart in charts(reports, label="Death toll")]
    body = "".join(render_to_string("public/_chart.html", {"chart": chart}) for chart in drawn)
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style><article class="verdict-page">{body}</article>'


def wrong(parts: list[tuple[str, str, float, float, float, float]], chart: Chart) -> list[str]:
    texts, signs = [], []
    for tag, text, left, top, right, bottom in parts:
        trim = (bottom - top) * (1 - HEIGHT) / 2
        if tag == "text":
            texts.append((text, Box(left, top + trim, right, bottom - trim)))
        else:
            signs.append(Box(left, top, right, bottom))
    found = [
        f"{text} leaves the drawing" for text, box in texts if box.left < 0 or box.right > chart.width or box.top < 0
    ]
    found += [f"{text} over a line" for text, box in texts if any(box.meets(line) for line in lines(chart))]
    found += [f"{one} over {other}" for (one, a), (other, b) in combinations(texts, 2) if a.meets(b)]
    return found + [f"{text} over a sign" for text, box in texts if any(box.meets(sign) for sign in signs)]


@pytest.mark.parametrize("width", [1280, 430, 390, 360, 320])
def test_words_cover_nothing(chromium: "Browser", width: int) -> None:
    chance = random.Random(5)
    stories = [told(number, chance) for number in [*range(2, 22), *range(22, 41, 2)]]
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_content(page_of(stories))
    name = "wide" if width > 704 else "narrow"
    drawings = page.evaluate(BOXES, name)
    page.close()
    assert len(drawings) == len(stories) and sum(map(len, drawings)) > 300
    shown = [chart for reports in stories for chart in charts(reports, label="Death toll") if chart.name == name]
    assert [each for parts, chart in zip(drawings, shown, strict=True) for each in wrong(parts, chart)] == []


def test_words_are_never_under_twelve_pixels(open_page: Open) -> None:
    tell_the_story()
    page: Page = open_page()
    page.goto("/claims/death-toll/")
    sizes = {}
    for width in (320, 383, 384, 390, 447, 448, 600, 700, 704, 705, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("svg.chart:visible").count() == 1
        sizes[width] = page.evaluate(SMALLEST)
    assert min(sizes.values()) >= 12, sizes


def test_a_figure_leads_to_who_says_it(open_page: Open) -> None:
    tell_the_story()
    page = open_page(java_script_enabled=False)
    page.goto("/claims/death-toll/")
    page.locator(".sentence a").first.press("Enter")
    block = page.locator("#report-2")
    assert page.url.endswith("#report-2") and block.is_visible()
    assert "checked by Alice Martin" in block.inner_text()
