"""The step chart of a figure: what was reported, in the order in which it was reported.

Positions only; the template writes the SVG and the style sheet colours it. A hedge is drawn as what it leaves open:
“at least 3” is an arrow up, “between 3 and 5” a bar. Undated reports stand after a gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from factcheck.figures import Qualifier

from .words import figure_of, reported, when

HEIGHT = 240
TOP, BOTTOM = 44, 196
LABEL_GAP = 6.6  # Width of one 13 px character, on the generous side.


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    top: float
    bottom: float
    label: str
    label_y: float
    label_anchor: str
    when: str
    kind: str
    opens: str
    """ "up", "down", or nothing where both ends are known."""
    shows_label: bool
    shows_when: bool
    when_anchor: str

    @property
    def left(self) -> float:
        return round(self.x - 6, 1)

    @property
    def right(self) -> float:
        return round(self.x + 6, 1)

    @property
    def arrow_y(self) -> float:
        return self.top + 8 if self.opens == "up" else self.bottom - 8


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    points: list[Point]
    path: str
    gap_x: float | None
    baseline: float = BOTTOM
    title: str = ""
    description: str = ""
    name: str = ""

    @property
    def right(self) -> int:
        return self.width - 16


def charts(reports: Sequence[Mapping[str, Any]], *, label: str) -> list[Chart]:
    """A wide and a narrow drawing of the same figures, or none where fewer than two reports give a figure."""
    drawn = [report for report in reports if report["figure"] and report["standing"] != "retracted"]
    if len(drawn) < 2:
        return []
    return [_chart(drawn, label=label, name=name, width=width) for name, width in (("wide", 720), ("narrow", 340))]


def _chart(reports: Sequence[Mapping[str, Any]], *, label: str, name: str, width: int) -> Chart:
    low, high = _domain(reports)
    xs, gap = _columns(reports, width)
    labels = [reported(report) for report in reports]
    shown = _without_collisions(xs, labels, width)
    dates = [_short_date(report) for report in reports]
    dates_shown = _without_collisions(xs, dates, width)

    def height_of(value: Decimal) -> float:
        return round(BOTTOM - float((value - low) / (high - low)) * (BOTTOM - TOP), 1)

    points = []
    for index, report in enumerate(reports):
        figure = figure_of(report)
        interval = figure.interval()
        at = _anchor(report)
        top = TOP - 14 if interval.high is None else height_of(interval.high)
        bottom = BOTTOM if interval.low is None else height_of(interval.low)
        opens = {Qualifier.AT_LEAST: "up", Qualifier.AT_MOST: "down"}.get(figure.qualifier, "")
        y = height_of(at)
        points.append(
            Point(
                x=xs[index],
                y=y,
                top=top,
                bottom=bottom,
                label=labels[index],
                label_y=y + 22 if opens == "up" else min(y, top) - 12,
                label_anchor=_text_anchor(xs[index], labels[index], width),
                when=dates[index],
                kind=report["kind"],
                opens=opens,
                shows_label=shown[index],
                shows_when=dates_shown[index],
                when_anchor=_text_anchor(xs[index], dates[index], width),
            )
        )
    return Chart(
        width=width,
        height=HEIGHT,
        points=points,
        path=_steps(points),
        gap_x=gap,
        title=_("%(label)s, as it was reported") % {"label": label},
        description=_describe(reports),
        name=name,
    )


def _anchor(report: Mapping[str, Any]) -> Decimal:
    """The end of the interval that the report names; the middle where it names both."""
    interval = figure_of(report).interval()
    if interval.low is None:
        return interval.high
    if interval.high is None:
        return interval.low
    return (interval.low + interval.high) / 2


def _domain(reports: Sequence[Mapping[str, Any]]) -> tuple[Decimal, Decimal]:
    ends = []
    for report in reports:
        interval = figure_of(report).interval()
        ends += [end for end in (interval.low, interval.high) if end is not None]
    low, high = min(ends), max(ends)
    room = (high - low) or max(abs(high), Decimal(1))
    floor = low - room / 2
    return (Decimal(0) if low >= 0 and (floor < 0 or low < room) else floor), high + room / 4


def _columns(reports: Sequence[Mapping[str, Any]], width: int) -> tuple[list[float], float | None]:
    dated = sum(1 for report in reports if report["reported_at"])
    has_gap = 0 < dated < len(reports)
    slots = len(reports) - 1 + (1 if has_gap else 0)
    margin = 48
    step = (width - 2 * margin) / max(1, slots)
    xs = [round(margin + step * (index + (1 if has_gap and index >= dated else 0)), 1) for index in range(len(reports))]
    return xs, round(margin + step * (dated), 1) if has_gap else None


def _text_anchor(x: float, label: str, width: int) -> str:
    half = len(label) * LABEL_GAP / 2
    return "start" if x - half < 4 else "end" if x + half > width - 4 else "middle"


def _span(x: float, label: str, width: int) -> tuple[float, float]:
    length = len(label) * LABEL_GAP
    anchor = _text_anchor(x, label, width)
    start = x if anchor == "start" else x - length if anchor == "end" else x - length / 2
    return start, start + length


def _without_collisions(xs: Sequence[float], labels: Sequence[str], width: int) -> list[bool]:
    """First and last are always named; between them only what has room. The table names them all."""
    spans = [_span(x, label, width) for x, label in zip(xs, labels, strict=True)]
    shown = [False] * len(labels)
    taken: list[tuple[float, float]] = []
    for index in [0, len(labels) - 1, *range(1, len(labels) - 1)]:
        start, end = spans[index]
        if all(end + 6 < other_start or start - 6 > other_end for other_start, other_end in taken):
            shown[index] = True
            taken.append((start, end))
    return shown


def _short_date(report: Mapping[str, Any]) -> str:
    moment = when(report["reported_at"])
    if moment is None:
        return _("undated")
    return " ".join(moment.text.split(",")[0].split()[:2])


def _steps(points: Sequence[Point]) -> str:
    path = f"M{points[0].x} {points[0].y}"
    for point in points[1:]:
        path += f"H{point.x}V{point.y}"
    return path


def _describe(reports: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for report in reports:
        moment = when(report["reported_at"])
        parts.append(f"{moment.text if moment else _('undated')}: {reported(report)}")
    return "; ".join(parts) + "."
