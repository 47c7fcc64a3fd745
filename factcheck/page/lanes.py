"""All claims of a story as lanes in one time: each report where it was made, in the order of the whole story.

Whole numbers for the template, which writes the SVG. Moments stand evenly spaced, for reports come in bursts; the
undated stand after a gap. Reports that have no room beside each other stand above each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck import figures

from . import chart, labels
from .known import begin
from .words import when

WIDTH = 600
ROOM = 14  # of a mark, to all sides
LEAST = 2 * ROOM  # so high is a lane
EDGE = 12

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    x: int
    y: int
    kind: str
    is_retracted: bool


@dataclass(frozen=True)
class Lane:
    points: list[Point]
    path: str
    undated_path: str
    text: str
    height: int


@dataclass(frozen=True)
class Lanes:
    of: list[Lane]
    axis: list[labels.Label]
    gap: int | None
    """Where the undated begin."""
    width: int


def lanes(contents: Sequence[Content], *, width: int = WIDTH) -> Lanes:
    reports = [report for content in contents for report in content["reports"]]
    moments = sorted(
        {report["reported_at"] for report in reports if report["reported_at"]},
        key=lambda moment: (begin(moment), moment),
    )
    has_undated = any(not report["reported_at"] for report in reports)
    columns = len(moments) + 2 * has_undated if moments else 1  # the gap is as wide as a step
    right = width - EDGE
    step = (right - EDGE) / max(1, columns - 1)
    xs: dict[str | None, int] = {moment: round(EDGE + step * place) for place, moment in enumerate(moments)}
    xs[None] = right if moments else EDGE
    gap = round(right - step) if moments and has_undated else None
    drawn = [_lane(content["reports"], xs, gap, right) for content in contents]
    return Lanes(drawn, _axis(moments, xs, has_undated, width), gap, width)


def _lane(reports: Sequence[Content], xs: Mapping[str | None, int], gap: int | None, right: int) -> Lane:
    dated = [report for report in reports if report["reported_at"]]
    places = _places([xs[report["reported_at"] or None] for report in reports])
    height = max([LEAST, *(of * ROOM for _x, _row, of in places)])
    middle = height // 2
    path = f"M{xs[dated[0]['reported_at']]} {middle}H{gap or right}" if dated else ""
    undated = f"M{gap if gap and dated else xs[None]} {middle}H{right}" if len(dated) < len(reports) else ""
    return Lane(
        points=[
            Point(x, middle + (2 * row + 1 - of) * ROOM // 2, report["kind"], report["standing"] == figures.RETRACTED)
            for report, (x, row, of) in zip(reports, places, strict=True)
        ],
        path=path,
        undated_path=undated,
        text=chart.describe(reports) if reports else _("no report yet"),
        height=height,
    )


def _places(xs: Sequence[int]) -> list[tuple[int, int, int]]:
    """Of each mark how far along it stands, in which row, and of how many, which are as many as those near it need."""
    found: list[tuple[int, int, list[int]]] = []
    ends: list[int] = []  # of the rows, as far as they are taken
    for x in xs:
        if all(x - end >= ROOM for end in ends):
            ends = []
        row = next((row for row, end in enumerate(ends) if x - end >= ROOM), len(ends))
        ends[row : row + 1] = [x]
        found.append((x, row, ends))
    return [(x, row, len(rows)) for x, row, rows in found]


def _axis(moments: Sequence[str], xs: Mapping[str | None, int], has_undated: bool, width: int) -> list[labels.Label]:
    """Each day once, where it begins."""
    days: dict[date, str] = {}
    for moment in moments:
        days.setdefault(date.fromisoformat(when(moment).iso[:10]), moment)
    ticks = [(date_format(day, "j M Y"), xs[moment]) for day, moment in days.items()]
    return labels.row(ticks + [(_("undated"), xs[None])] * has_undated, width, 12)
