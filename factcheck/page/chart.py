"""The step chart of a figure: what was reported, in the order in which it was reported.

Whole numbers for the template, which writes the SVG; the style sheet colours it. A hedge is drawn as what it leaves
open: “at least 3” is a band without a top, “between 3 and 5” one from 3 to 5. Undated reports stand after a gap.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck import figures

from .labels import Box, Label, place, row
from .words import SAME, figure_of, reported, when

HEIGHT = 244
TOP, BOTTOM = 52, 186
TIMES, DATES = 208, 226
WIDTHS = {"wide": 720, "narrow": 340}
CROWDED = 16  # Points closer than this are drawn small.

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    x: int
    y: int
    kind: str
    opens: str
    """ "up", "down", or nothing where both ends are known."""
    is_retracted: bool
    is_dated: bool


@dataclass(frozen=True)
class Band:
    """From a report to the next one: all that the figure allows."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Chart:
    name: str
    width: int
    height: int
    title: str
    description: str
    unit: str
    points: list[Point]
    bands: list[Band]
    path: str
    undated_path: str
    gap: int | None
    labels: list[Label]
    times: list[Label]
    dates: list[Label]
    top: int = TOP
    baseline: int = BOTTOM
    radius: int = 6

    @property
    def end(self) -> int:
        return self.width - 8


def charts(reports: Sequence[Report], *, label: str) -> list[Chart]:
    """A wide and a narrow drawing of the same figures, or none where fewer than two reports give a comparable one."""
    drawn = [report for report in reports if report["figure"]]
    if len(drawn) < 2 or len({_unit(report) for report in drawn}) > 1:
        return []
    return [_chart(drawn, label=label, name=name, width=width) for name, width in WIDTHS.items()]


def key(reports: Sequence[Report]) -> list[str]:
    """What the signs of this drawing mean; of the signs that it has."""
    drawn = [report for report in reports if report["figure"]]
    qualifiers = {report["figure"]["qualifier"] for report in drawn}
    kinds = {report["kind"] for report in drawn}
    meanings = {
        _("An arrow: the figure leaves that side open."): qualifiers & {"at_least", "at_most"},
        _("A shaded band: all that the figure allows."): qualifiers - {"exactly"},
        _("A ring: a correction."): "correction" in kinds,
        _("A diamond: in dispute."): "dispute" in kinds,
        _("A cross: taken back by its source."): any(report["standing"] == "retracted" for report in drawn),
        _("A dashed line: undated."): any(not report["reported_at"] for report in drawn),
    }
    return [meaning for meaning, holds in meanings.items() if holds]


def _chart(reports: Sequence[Report], *, label: str, name: str, width: int) -> Chart:
    low, high = _domain(reports)

    def height_of(value: Decimal) -> int:
        return round(BOTTOM - float((value - low) / (high - low)) * (BOTTOM - TOP))

    xs, gap = _columns(reports, width)
    points = [_point(report, x, height_of(_anchor(report))) for report, x in zip(reports, xs, strict=True)]
    end = width - 8
    return Chart(
        name=name,
        width=width,
        height=HEIGHT,
        title=_("%(label)s, as it was reported") % {"label": label},
        description=describe(reports),
        unit=reports[0]["figure"]["unit"],
        points=points,
        bands=list(_bands(reports, points, height_of, end)),
        path=_steps([point for point in points if point.is_dated], gap or end),
        undated_path=_undated_steps(points, gap, end),
        gap=gap,
        labels=_values(reports, points, width, end),
        times=row(_times(reports, xs), width, TIMES),
        dates=row(_dates(reports, xs), width, DATES),
        radius=6 if len(xs) < 2 or min(after - before for before, after in pairwise(xs)) >= CROWDED else 3,
    )


def _unit(report: Report) -> str:
    return " ".join(report["figure"]["unit"].casefold().split())


def _point(report: Report, x: int, y: int) -> Point:
    return Point(
        x=x,
        y=y,
        kind=report["kind"],
        opens={"at_least": "up", "at_most": "down"}.get(report["figure"]["qualifier"], ""),
        is_retracted=report["standing"] == "retracted",
        is_dated=bool(report["reported_at"]),
    )


def _anchor(report: Report) -> Decimal:
    """The end of the interval that the report names; the middle where it names both."""
    interval = figure_of(report).interval()
    if interval.low is None:
        return interval.high
    if interval.high is None:
        return interval.low
    return (interval.low + interval.high) / 2


def _domain(reports: Sequence[Report]) -> tuple[Decimal, Decimal]:
    intervals = [figure_of(report).interval() for report in reports]
    ends = [end for interval in intervals for end in (interval.low, interval.high) if end is not None]
    low, high = min(ends), max(ends)
    room = (high - low) or max(abs(high), Decimal(1))
    floor = low - room / 4
    return (Decimal(0) if low >= 0 and (floor < 0 or low < room) else floor), high + room / 4


def _columns(reports: Sequence[Report], width: int) -> tuple[list[int], int | None]:
    """Evenly spaced, for reports come in bursts; and where the undated begin."""
    dated = sum(1 for report in reports if report["reported_at"])
    gap = 0 < dated < len(reports)
    left, right = 28, width - 44
    step = (right - left) / max(1, len(reports) - 1 + gap)
    xs = [round(left + step * (index + (gap and index >= dated))) for index in range(len(reports))]
    return xs, round(left + step * dated) if gap else None


def _bands(reports: Sequence[Report], points: Sequence[Point], height_of: Any, end: int) -> Iterator[Band]:
    ends = [point.x for point in points[1:]] + [end]
    for report, point, until in zip(reports, points, ends, strict=True):
        interval = figure_of(report).interval()
        top = TOP - 16 if interval.high is None else height_of(interval.high)
        bottom = BOTTOM if interval.low is None else height_of(interval.low)
        if bottom > top:
            yield Band(point.x, top, until - point.x, bottom - top)


def _steps(points: Sequence[Point], end: int) -> str:
    if not points:
        return ""
    return f"M{points[0].x} {points[0].y}" + "".join(f"H{point.x}V{point.y}" for point in points[1:]) + f"H{end}"


def _undated_steps(points: Sequence[Point], gap: int | None, end: int) -> str:
    undated = [point for point in points if not point.is_dated]
    if not undated or gap is None:
        return _steps(undated, end)
    before = [point for point in points if point.is_dated][-1]
    return _steps([replace(before, x=gap), *undated], end)


def _values(reports: Sequence[Report], points: Sequence[Point], width: int, end: int) -> list[Label]:
    """The figures beside their points, without the unit, which stands once above. What only repeats is not named
    again, nor what has no room; the table names everything."""
    named = [index for index, report in enumerate(reports) if report["kind"] not in SAME or index == 0]
    last = [index for index in named if index][-1:]
    order = dict.fromkeys([0, *last, *named])
    texts = [(figures.words(replace(figure_of(reports[index]), unit="")), points[index]) for index in order]
    wanted = [(text, point.x, point.y) for text, point in texts]
    return place(wanted, list(_lines(points, end)), [(point.x, point.y) for point in points], width, BOTTOM)


def _lines(points: Sequence[Point], end: int) -> Iterator[Box]:
    """What a label would cover."""
    for point, after in zip(points, [*points[1:], None], strict=True):
        until = after.x if after else end
        yield Box(point.x - 7, point.y - 7, point.x + 7, point.y + 7)
        yield Box(point.x, point.y - 1, until, point.y + 1)
        if after:
            yield Box(after.x - 2, min(point.y, after.y), after.x + 2, max(point.y, after.y))
        if point.opens == "up":
            yield Box(point.x - 6, TOP - 16, point.x + 6, point.y)
        elif point.opens == "down":
            yield Box(point.x - 6, point.y, point.x + 6, BOTTOM)


def _times(reports: Sequence[Report], xs: Sequence[int]) -> list[tuple[str, int]]:
    ticks = []
    for report, x in zip(reports, xs, strict=True):
        moment = when(report["reported_at"])
        if moment and len(moment.iso) > 10:
            ticks.append((date_format(datetime.fromisoformat(moment.iso), "H:i"), x))
    return ticks


def _dates(reports: Sequence[Report], xs: Sequence[int]) -> list[tuple[str, int]]:
    """Each day once, its year where it is a new one; then “undated”."""
    ticks, before = [], None
    for report, x in zip(reports, xs, strict=True):
        moment = when(report["reported_at"])
        day = date.fromisoformat(moment.iso[:10]) if moment else None
        if day is None:
            ticks.append((_("undated"), x))
            break
        if before is None or day != before:
            ticks.append((date_format(day, "j M" if before and before.year == day.year else "j M Y"), x))
        before = day
    return ticks


def describe(reports: Sequence[Report]) -> str:
    """For those who do not see the drawing."""
    parts = []
    for report in reports:
        moment = when(report["reported_at"])
        parts.append(f"{moment.text if moment else _('undated')}: {reported(report)}")
    return "; ".join(parts) + "."
