"""The step chart: its signs claim no more than the reports, its words are readable, and nothing covers them."""

import re
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from factcheck.figures import Kind
from factcheck.page.chart import BOTTOM, LEAST, OPEN_TOP, TOP, WIDTHS, Chart, charts, key
from factcheck.page.labels import BOLD_SIZE, SIZE, Box

STYLE = (settings.BASE_DIR / "factcheck/static/factcheck/public.css").read_text(encoding="utf-8")
EXACTLY, AT_LEAST = "exactly", "at_least"


def report(low: Any = "3", qualifier: str = EXACTLY, **fields: Any) -> dict[str, Any]:
    high, unit, tolerance = fields.pop("high", None), fields.pop("unit", "people"), fields.pop("tolerance", None)
    low, high = (None, low) if qualifier == "at_most" else (low, high)
    figure = {"qualifier": qualifier, "low": low, "high": high, "unit": unit, "tolerance": tolerance}
    usual = {"source": "a", "text": "", "true_as_of": None, "standing": "current", "kind": "refinement"}
    return usual | {"reported_at": "2018-03-23T10:00:00Z", "kind_reason": "", "figure": figure} | fields


def drawn(*reports: dict[str, Any], name: str = "wide") -> Chart:
    return next(chart for chart in charts(reports, label="Death toll") if chart.name == name)


def test_the_first_time_names_its_zone() -> None:
    chart = drawn(report("3"), report("4", reported_at="2018-03-23"), report("5", reported_at="2018-03-23T12:30:00Z"))
    assert [label.text for label in chart.times] == ["10:00 UTC", "12:30"]


def test_it_works() -> None:
    chart = drawn(report("3", AT_LEAST), report("4", reported_at=None))
    assert chart.unit == "people"
    assert [label.text for label in chart.labels] == ["at least 3", "4"]
    assert [label.text for label in chart.ticks] == ["4", "3"]
    assert [label.text for label in chart.dates] == ["23 Mar 2018", "undated"]
    assert chart.description == "23 March 2018, 10:00 UTC: at least 3 people; undated: 4 people."
    html = render_to_string("public/_chart.html", {"chart": chart})
    assert "<title" in html and "<desc" in html and html.count("<circle") == 1


# What its signs claim.


@pytest.mark.parametrize(
    ("qualifier", "fields", "shape", "ends"),
    [
        (EXACTLY, {}, "dot", (None, None)),
        (AT_LEAST, {}, "up", (OPEN_TOP, None)),
        ("at_most", {}, "down", (None, BOTTOM)),
        ("between", {"high": "5"}, "bar", (None, None)),
        ("about", {"tolerance": "20"}, "bar", (None, None)),
    ],
)
def test_only_an_exact_figure_is_a_point(qualifier, fields, shape, ends) -> None:
    chart = drawn(report("3", qualifier, **fields), report("9"))
    point = chart.points[0]
    assert point.shape == shape
    assert ends[0] is None or point.top == ends[0]
    assert ends[1] is None or point.bottom == ends[1]
    assert (point.height > 0) == (shape != "dot") == any(band.x == point.x for band in chart.bands)
    html = render_to_string("public/_chart.html", {"chart": chart})
    assert html.count("<circle") == (2 if shape == "dot" else 1)
    assert ("steps hedged" in chart.paths) == (shape != "dot")


def test_a_correction_is_hollow_and_what_was_taken_back_is_crossed() -> None:
    chart = drawn(report("5", standing="retracted"), report("4", kind="correction"))
    html = render_to_string("public/_chart.html", {"chart": chart})
    assert 'class="point correction"' in html and 'class="cross"' in html
    assert ".chart .correction .sign,.chart .dispute .sign{fill:var(--paper)}" in STYLE
    assert any("correction" in meaning for meaning in key(drawn(report(), report(kind="correction"))))


def test_a_dispute_is_the_band_between_the_figures_until_somebody_says_something_else() -> None:
    chart = drawn(
        report("84", source="a"),
        report("86", source="b", kind="dispute"),
        report("86", source="c", kind="confirmation"),
        report("88", source="d", kind="changed"),
    )
    (band,) = chart.disputes
    low, high, _again, new = (point for point in chart.points)
    assert (band.y, band.y + band.height) == (high.y, low.y)
    assert (band.x, band.x + band.width) == (high.x, new.x)


@pytest.mark.parametrize("others", [[], [report("100000", kind="development")]])
def test_a_dispute_and_a_bar_are_seen_however_long_the_scale(others) -> None:
    chart = drawn(report("84", "between", high="85"), report("86", kind="dispute", reported_at=None), *others)
    html = render_to_string("public/_chart.html", {"chart": chart})
    assert [band.height >= LEAST for band in chart.disputes] == [True] and 'class="contested"' in html
    assert chart.points[0].height >= LEAST and all(band.height >= LEAST for band in chart.bands)


# What was taken back.


def told(*figures: str, **fields: Any) -> list[dict[str, Any]]:
    """Each a figure, with a minus behind it where it was taken back."""
    return [
        report(figure.rstrip("-"), standing="retracted" if figure.endswith("-") else "current", **fields)
        for figure in figures
    ]


def test_what_was_taken_back_does_not_rule_the_scale() -> None:
    with_it, without = drawn(*told("9", "1200-", "7", "12")), drawn(*told("9", "7", "12"))
    assert [label.text for label in with_it.ticks] == [label.text for label in without.ticks]
    assert [point.y for point in with_it.points if not point.is_outside] == [point.y for point in without.points]
    taken_back = with_it.points[1]
    assert taken_back.is_outside and OPEN_TOP < taken_back.y < TOP and taken_back.shape == "dot"
    assert "1,200" in [label.text for label in with_it.labels] and "1,200 people (retracted)" in with_it.description
    assert any("at the edge" in meaning for meaning in key(with_it))
    assert drawn(*told("9", "-500-", "7")).points[1].y == BOTTOM


def test_what_was_taken_back_is_drawn_where_it_leaves_room() -> None:
    chart = drawn(*told("3", "5-", "4"))
    assert not any(point.is_outside for point in chart.points) and chart.points[1].y < chart.points[2].y
    assert not any("at the edge" in meaning for meaning in key(chart))


def test_no_line_leads_to_what_was_taken_back_or_from_it() -> None:
    chart = drawn(*told("3", "5-", "4"))
    first, taken_back, last = chart.points
    step = f"M{last.x} {first.y}V{last.y}"
    assert chart.paths == {"steps": f"M{first.x} {first.y}H{last.x}{step}M{last.x} {last.y}H{chart.end}"}
    html = render_to_string("public/_chart.html", {"chart": chart})
    assert html.count('class="cross"') == 1 and f"M{taken_back.left} {taken_back.y}" in html


def test_all_was_taken_back() -> None:
    chart = drawn(*told("3-", "900-"))
    assert not chart.paths and not chart.bands and not any(point.is_outside for point in chart.points)
    assert key(chart) == ["A cross: taken back by its source."]


def test_nothing_is_known_of_the_undated_time_where_an_undated_report_was_taken_back() -> None:
    chart = drawn(report("3"), *told("4-", reported_at=None))
    assert set(chart.paths) == {"steps", "steps undated"}


def test_a_dispute_ends_with_no_report_that_was_taken_back() -> None:
    chart = drawn(
        report("84"), report("86", kind="dispute"), *told("90-", kind="changed"), report("88", kind="changed")
    )
    (band,) = chart.disputes
    assert band.x + band.width == chart.points[3].x
    chart = drawn(report("84"), *told("86-", kind="dispute"))
    assert not chart.disputes and not any("dispute" in meaning for meaning in key(chart))


def test_undated_reports_stand_after_a_gap() -> None:
    chart = drawn(report("3"), report("4"), report("5", reported_at=None))
    assert chart.points[1].x < chart.gap < chart.points[2].x
    assert "undated" in " ".join(chart.paths)
    assert drawn(report(reported_at=None), report("4", reported_at=None)).gap is None


@pytest.mark.parametrize("reports", [[], [report()], [report(unit="people"), report(unit="officers")]])
def test_nothing_is_drawn_that_cannot_be_compared(reports) -> None:
    assert charts(reports, label="Death toll") == []


# Its words.

FIGURES = st.one_of(
    st.integers(0, 12).map(str),
    st.integers(-(10**15), 10**15).map(str),
    st.decimals(-1000, 1000, places=3, allow_nan=False).map(lambda number: format(number, "f")),
)
MOMENTS = st.one_of(
    st.none(),
    st.dates().map(str),
    st.datetimes(datetime(2018, 3, 1), datetime(2019, 2, 1)).map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z"),
)
QUALIFIERS = [EXACTLY, EXACTLY, AT_LEAST, "at_most", "about", "between"]


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    low, qualifier = draw(FIGURES), draw(st.sampled_from(QUALIFIERS))
    fields: dict[str, Any] = {"kind": draw(st.sampled_from(Kind)).value, "reported_at": draw(MOMENTS)}
    if qualifier == "between":
        fields["high"] = str(Decimal(low) + draw(st.integers(0, 1000)))
    return report(low, qualifier, standing=draw(st.sampled_from(["current", "retracted"])), **fields)


def in_order(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda each: (each["reported_at"] is None, each["reported_at"] or ""))


@given(st.lists(reports(), min_size=2, max_size=40).map(in_order), st.sampled_from(list(WIDTHS)))
@budget(max_examples=150, deadline=None)
def test_words_cover_nothing_and_nothing_covers_them(found, name) -> None:
    chart = drawn(*found, name=name)
    boxes = [label.box(BOLD_SIZE) for label in chart.labels]
    boxes += [label.box(SIZE) for label in [*chart.ticks, *chart.times, *chart.dates]]
    page = Box(0, 0, chart.width, chart.height)
    assert all(is_inside(box, page) for box in boxes)
    assert not [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])]
    assert not [(box, point) for box in boxes for point in chart.points if box.meets(point.sign)]
    assert not [(box, line) for box in boxes for line in lines(chart) if box.meets(line)]
    assert all(2 <= point.x <= chart.end and is_inside(point.sign, page) for point in chart.points)


def lines(chart: Chart) -> list[Box]:
    """All that are drawn, each as thick as the paths of the style sheet are at most."""
    ends = []
    for x, y, way, end in re.findall(r"M(\d+) (\d+)([HV])(\d+)", "".join(chart.paths.values())):
        ends.append((int(x), int(y), *((int(end), int(y)) if way == "H" else (int(x), int(end)))))
    if chart.gap:
        ends.append((chart.gap, chart.open_top, chart.gap, chart.baseline))
    for frame in chart.disputes:
        left, top, right, bottom = frame.x, frame.y, frame.x + frame.width, frame.y + frame.height
        ends += [(left, top, right, top), (left, bottom, right, bottom)]
        ends += [(left, top, left, bottom), (right, top, right, bottom)]
    return [Box(min(a, c) - 1, min(b, d) - 1, max(a, c) + 1, max(b, d) + 1) for a, b, c, d in ends]


def test_where_a_long_text_has_no_place_a_short_one_has() -> None:
    found = [report("10", "between", high="20"), report("15", "at_most"), report("12"), report("14"), report("9")]
    assert "≤ 15" in [label.text for label in drawn(*found, name="narrow").labels]
    assert "at most 15" in [label.text for label in drawn(*found).labels]


def is_inside(box: Box, page: Box) -> bool:
    return box.left >= page.left and box.right <= page.right and box.top >= page.top and box.bottom <= page.bottom


@pytest.mark.parametrize("number", [0, 1, -7, 10**28 + 1, 10**40])
def test_figures_that_are_next_to_each_other(number) -> None:
    """However large, they stand apart: nothing is rounded away."""
    low, high = drawn(report(str(number)), report(str(number + 1))).points
    assert low.y > high.y


def test_the_extremes_the_first_and_the_last_are_on_the_axis() -> None:
    chart = drawn(*[report(number) for number in ("40", "90", "10", "60")])
    assert [label.text for label in chart.ticks] == ["90", "10", "60", "40"]


# At which width which drawing is shown, and how large its words are then.

REM, ROOT = 16, 17  # pixels: of a media query, and of the page, whose text is 1.0625 rem
PADDING, COLUMN = 2 * 1.25 * ROOT, 44 * ROOT


def sizes_at(viewport: int) -> dict[str, float]:
    """Pixels of the drawing that is shown, by the class of its words, as the style sheet has it."""
    rules = re.sub(r"@media print\{.*", "", STYLE[STYLE.index("/* the step chart") :], flags=re.DOTALL)
    shown, sizes, widest = {"wide": True, "narrow": True}, {}, {"wide": COLUMN, "narrow": COLUMN}
    for media, inside, plain in re.findall(r"@media \(([^)]+)\)\{((?:[^{}]+\{[^}]*\})+)\}|([^@{}]+\{[^}]*\})", rules):
        if media and not holds(media, viewport):
            continue
        for selectors, said in re.findall(r"([^{}]+)\{([^}]*)\}", inside or plain):
            for selector in selectors.strip().split(","):
                apply(selector.strip(), said, shown, sizes, widest)
    (name,) = [name for name, is_shown in shown.items() if is_shown]
    scale = min(viewport - PADDING, widest[name]) / WIDTHS[name]
    return {kind: sizes.get((name, kind), sizes["", kind]) * scale for kind in ("text", "value")}


def apply(selector: str, said: str, shown: dict, sizes: dict, widest: dict) -> None:
    found = re.fullmatch(r"\.chart(?:\.(wide|narrow))?(?: (?:(text)|\.(value)))?", selector)
    if not found:
        return
    name, kind = found[1] or "", found[2] or found[3]
    if size := re.search(r"font-size:([\d.]+)px", said):
        sizes[name, kind] = float(size[1])
    if display := re.search(r"display:(\w+)", said):
        shown |= {each: display[1] != "none" for each in ([name] if name else list(shown))}
    if width := re.search(r"max-width:([\d.]+)rem", said):
        widest[name] = float(width[1]) * ROOT


def holds(media: str, viewport: int) -> bool:
    bound, rems = re.fullmatch(r"(min|max)-width:([\d.]+)rem", media).groups()
    return viewport >= float(rems) * REM if bound == "min" else viewport <= float(rems) * REM


def test_words_are_never_under_twelve_pixels() -> None:
    sizes = {viewport: sizes_at(viewport) for viewport in range(320, 1601)}
    least = {viewport: min(found.values()) for viewport, found in sizes.items()}
    assert min(least.values()) >= 12, min(least.items(), key=lambda item: item[1])
    assert max(max(found.values()) for found in sizes.values()) <= 18, "nor are they larger than the text of the page"


def test_labels_are_placed_for_the_sizes_of_the_style_sheet() -> None:
    assert f".chart text{{font-size:{SIZE}px" in STYLE and f".chart .value{{font-size:{BOLD_SIZE}px" in STYLE
    assert all(float(size) <= BOLD_SIZE for size in re.findall(r"\.narrow[^{]*\{font-size:([\d.]+)px", STYLE))
