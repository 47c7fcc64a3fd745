"""The two axes of a step chart: how high a figure stands, and where each report does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck import figures

from .labels import SIZE, Label, width
from .words import figure_of, when

LINE = 16  # Figures on the axis stand at least so far from each other.
MOST_OF_WIDTH = 0.36  # A figure that is longer is not set on the axis.
STRETCH = 3  # What was taken back makes the scale no more than so many times as long.
OFF = 11  # A sign above the scale stands so far from it.

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Scale:
    low: Decimal
    high: Decimal
    top: int
    bottom: int

    def y(self, value: Decimal) -> int:
        """At its edge, where the value has no place on it."""
        if not self.has(value):
            return self.top - OFF if value > self.high else self.bottom
        with localcontext(figures.WIDE):
            return round(self.bottom - float((value - self.low) / (self.high - self.low)) * (self.bottom - self.top))

    def has(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


def scale(reports: Sequence[Report], top: int, bottom: int) -> Scale:
    """With room above and below what is reported; it begins at zero where that is near. What was taken back is on it
    where it leaves the others room."""
    found = [end for report in standing(reports) for end in ends(report)]
    with localcontext(figures.WIDE):
        low, high, room = _span(found)
        least, most = high - STRETCH * room, low + STRETCH * room
        low, high, room = _span([end for report in reports for end in ends(report) if least <= end <= most])
        floor = low - room / 4
        return Scale(Decimal(0) if low >= 0 and (floor < 0 or low < room) else floor, high + room / 4, top, bottom)


def _span(found: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    low, high = min(found), max(found)
    return low, high, (high - low) or max(abs(high), Decimal(1))


def standing(reports: Sequence[Report]) -> Sequence[Report]:
    """All but what was taken back, and everything where nothing else is left."""
    return [report for report in reports if report["standing"] != figures.RETRACTED] or reports


def ends(report: Report) -> list[Decimal]:
    interval = figure_of(report).interval()
    return [end for end in (interval.low, interval.high) if end is not None]


def levels(report: Report) -> list[Decimal]:
    """The figures that it names: one, or both where it says "between"."""
    figure = figure_of(report)
    return [number for number in (figure.low, figure.high) if number is not None]


def ticks(reports: Sequence[Report], on: Scale, wide: int) -> list[tuple[str, int]]:
    """The first, the last, the highest and the lowest figure, and zero where the axis begins there, as far as they have
    room."""
    reports = standing(reports)
    named = [level for report in reports for level in levels(report)]
    shown: list[tuple[str, int]] = []
    for level in [max(named), min(named), *levels(reports[-1]), *levels(reports[0]), on.low]:
        text, y = figures.digits(level), on.y(level)
        is_asked = level in named or level == 0
        if is_asked and width(text) <= wide * MOST_OF_WIDTH and all(abs(y - other) >= LINE for _text, other in shown):
            shown.append((text, y))
    return shown


def tick_labels(marks: Sequence[tuple[str, int]], axis: int) -> list[Label]:
    return [Label(text, axis - 6, y + SIZE // 3, "end") for text, y in marks]


def columns(reports: Sequence[Report], left: int, right: int) -> tuple[list[int], int | None]:
    """Evenly spaced, for reports come in bursts; and where the undated begin."""
    dated = sum(1 for report in reports if report["reported_at"])
    gap = 0 < dated < len(reports)
    step = (right - left) / max(1, len(reports) - 1 + gap)
    xs = [round(left + step * (index + (gap and index >= dated))) for index in range(len(reports))]
    return xs, round(left + step * dated) if gap else None


def times(reports: Sequence[Report], xs: Sequence[int]) -> list[tuple[str, int]]:
    """The first with its zone."""
    found = []
    for report, x in zip(reports, xs, strict=True):
        moment = when(report["reported_at"])
        if moment and len(moment.iso) > 10:
            zone = "" if found else f" {moment.text.rpartition(' ')[2]}"
            found.append((date_format(datetime.fromisoformat(moment.iso), "H:i") + zone, x))
    return found


def dates(reports: Sequence[Report], xs: Sequence[int]) -> list[tuple[str, int]]:
    """Each day once, its year where it is a new one; then “undated”."""
    found: list[tuple[str, int]] = []
    before = None
    for report, x in zip(reports, xs, strict=True):
        moment = when(report["reported_at"])
        day = date.fromisoformat(moment.iso[:10]) if moment else None
        if day is None:
            found.append((_("undated"), x))
            break
        if before is None or day != before:
            found.append((date_format(day, "j M" if before and before.year == day.year else "j M Y"), x))
        before = day
    return found
