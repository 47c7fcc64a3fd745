"""The step chart of a figure: what was reported, in the order in which it was reported.

Whole numbers for the template, which writes the SVG; the style sheet colours it. A sign claims no more than its report:
only an exact figure is a point. A hedge is drawn as what it leaves open: “at least 3” is an arrow up from 3, “between 3
and 5” a bar from 3 to 5. A dispute is the band between the figures that cannot both be true. Undated reports stand
after a gap. What its source took back is crossed out: no line leads to it or from it, and where it is far from all
the others it stands at the edge.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import Any

from django.utils.translation import gettext as _

from factcheck import figures
from factcheck.figures import Figure, Qualifier

from . import axes
from .axes import Scale
from .known import statements
from .labels import BOLD_SIZE, EDGE, Box, Label, place, row, width
from .labels import Point as Place
from .words import SAME, figure_of, reported, standing_name, when

OPEN_TOP, TOP, BOTTOM = 34, 56, 186
TIMES, DATES = 206, 222
BELOW = 8
LEAST = 8  # What is not as high as this would not be seen.
WIDTHS = {"wide": 640, "narrow": 272}  # the style sheet says at which widths each is shown
SIZES = [(16, 6), (9, 4), (0, 3)]  # of a sign, by the room between two
OPENS = {Qualifier.AT_LEAST: "up", Qualifier.AT_MOST: "down", Qualifier.BETWEEN: "bar", Qualifier.ABOUT: "bar"}

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    x: int
    levels: list[int]
    """How high the figures stand that the report names: the highest of them first."""
    shape: str
    """ "dot" for an exact figure, "up" and "down" for one that is open there, "bar" for one with two ends."""
    top: int
    bottom: int
    kind: str
    size: int
    is_retracted: bool
    is_outside: bool
    """Of the scale, as only what was taken back can be."""
    is_dated: bool

    @property
    def y(self) -> int:
        return self.levels[0]

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def left(self) -> int:
        return self.x - self.size

    @property
    def bar(self) -> int:
        return self.x - self.size // 2

    @property
    def across(self) -> int:
        return 2 * self.size

    @property
    def sign(self) -> Box:
        reach = self.size + 2
        return Box(self.x - reach, min(self.top, self.y - reach), self.x + reach, max(self.bottom, self.y + reach))


@dataclass(frozen=True)
class Band:
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
    """From a report to the next one: all that the figure allows."""
    disputes: list[Band]
    paths: dict[str, str]
    """By class: what is exact, and what is not, each dated or not."""
    gap: int | None
    ticks: list[Label]
    levels: list[int]
    labels: list[Label]
    times: list[Label]
    dates: list[Label]
    axis: int
    top: int = TOP
    open_top: int = OPEN_TOP
    baseline: int = BOTTOM

    @property
    def end(self) -> int:
        return self.width - EDGE


def charts(reports: Sequence[Report], *, label: str) -> list[Chart]:
    """A wide and a narrow drawing of the same figures, or none where fewer than two reports give a comparable one."""
    drawn = [report for report in reports if report["figure"]]
    if len(drawn) < 2 or len({_unit(report) for report in drawn}) > 1:
        return []
    return [_chart(drawn, label=label, name=name, wide=wide) for name, wide in WIDTHS.items()]


def key(drawn: Chart) -> list[str]:
    """What its signs mean; of the signs that it has."""
    standing = _standing(drawn.points)
    kinds = {point.kind for point in standing}
    shapes = {point.shape for point in drawn.points}
    meanings = {
        _("A point: an exact figure."): any(point.shape == "dot" for point in standing),
        _("An arrow: the figure leaves that side open."): shapes & {"up", "down"},
        _("A bar: the figure lies somewhere in it."): "bar" in shapes,
        _("A shaded band: all that the figure allows."): drawn.bands,
        _("A hollow sign: a correction."): "correction" in kinds,
        _("A diamond or a dotted frame: in dispute."): "dispute" in kinds,
        _("A cross: taken back by its source."): len(standing) < len(drawn.points),
        _("A cross at the edge: taken back, and outside the scale."): any(point.is_outside for point in drawn.points),
        _("A dashed line: undated."): any("undated" in name for name in drawn.paths),
    }
    return [meaning for meaning, holds in meanings.items() if holds]


def describe(reports: Sequence[Report]) -> str:
    """For those who do not see the drawing."""
    parts = []
    for report in reports:
        moment = when(report["reported_at"])
        standing = f" ({name})" if (name := standing_name(report)) else ""
        parts.append(f"{moment.text if moment else _('undated')}: {reported(report)}{standing}")
    return "; ".join(parts) + "."


def _unit(report: Report) -> str:
    return " ".join(report["figure"]["unit"].casefold().split())


def _chart(reports: Sequence[Report], *, label: str, name: str, wide: int) -> Chart:
    scale = axes.scale(reports, TOP, BOTTOM)
    marks = axes.ticks(reports, scale, wide)
    axis = round(max((width(text) for text, _y in marks), default=0)) + 12
    xs, gap = axes.columns(reports, axis + 14, wide - 40)
    end = wide - EDGE
    points = _points(reports, xs, scale)
    standing = _standing(points)
    disputes = list(_disputes(reports, points, scale, end))
    ticks = axes.tick_labels(marks, axis)
    lines = list(_lines(standing, disputes, gap, end))
    times = row(axes.times(reports, xs), wide, TIMES)
    foot = DATES if times else TIMES
    return Chart(
        name=name,
        width=wide,
        height=foot + BELOW,
        title=_("%(label)s, as it was reported") % {"label": label},
        description=describe(reports),
        unit=_shortened(reports[0]["figure"]["unit"], wide),
        points=points,
        bands=list(_bands(standing, end)),
        disputes=disputes,
        paths=_paths(standing, gap, end),
        gap=gap,
        ticks=ticks,
        levels=[y for _text, y in marks if y != BOTTOM],
        labels=_values(reports, points, lines, ticks, wide),
        times=times,
        dates=row(axes.dates(reports, xs), wide, foot),
        axis=axis,
    )


def _points(reports: Sequence[Report], xs: Sequence[int], scale: Scale) -> list[Point]:
    room = min(after - before for before, after in pairwise(xs))
    size = next(size for least, size in SIZES if room >= least)
    return [_point(report, x, scale, size) for report, x in zip(reports, xs, strict=True)]


def _point(report: Report, x: int, scale: Scale, size: int) -> Point:
    interval, levels = figure_of(report).interval(), axes.levels(report)
    is_outside = not all(map(scale.has, levels))
    shape = "dot" if is_outside else OPENS.get(report["figure"]["qualifier"], "dot")
    top = OPEN_TOP if interval.high is None else scale.y(interval.high)
    bottom = BOTTOM if interval.low is None else scale.y(interval.low)
    heights = sorted(map(scale.y, levels))
    if shape == "dot":
        top = bottom = heights[0]
    elif shape == "bar":
        top, bottom = _visible(top, bottom)
    return Point(
        x=x,
        levels=heights,
        shape=shape,
        top=top,
        bottom=bottom,
        kind=report["kind"],
        size=size,
        is_retracted=report["standing"] == figures.RETRACTED,
        is_outside=is_outside,
        is_dated=bool(report["reported_at"]),
    )


def _visible(top: int, bottom: int) -> tuple[int, int]:
    more = max(0, LEAST - (bottom - top))
    return top - more // 2, bottom + more - more // 2


def _standing(points: Sequence[Point]) -> list[Point]:
    return [point for point in points if not point.is_retracted]


def _with_next(points: Sequence[Point]) -> Iterator[tuple[Point, Point | None]]:
    return zip_longest(points, points[1:])


def _bands(points: Sequence[Point], end: int) -> Iterator[Band]:
    for point, after in _with_next(points):
        if point.height:
            until = after.x if after else end
            yield Band(point.x, point.top, until - point.x, point.height)


def _disputes(reports: Sequence[Report], points: Sequence[Point], scale: Scale, end: int) -> Iterator[Band]:
    """Each until the next report that says something else again."""
    said = statements(reports)
    for index, report in enumerate(reports):
        if report["kind"] != "dispute" or points[index].is_retracted or index == 0:
            continue
        rival = figures.said_before(said[:index]).key
        found = [scale.y(level) for each in (rival, report) for level in axes.levels(each)]
        rest = enumerate(reports[index + 1 :], index + 1)
        others = (points[later] for later, each in rest if each["kind"] not in SAME)
        until = next((point.x for point in others if not point.is_retracted), end)
        top, bottom = _visible(min(found), max(found))
        yield Band(points[index].x, top, until - points[index].x, bottom - top)


def _paths(points: Sequence[Point], gap: int | None, end: int) -> dict[str, str]:
    """What each report says holds until the next one, and a step leads to that; over the gap nothing is dated."""
    found: dict[str, str] = {}

    def draw(path: str, *, is_exact: bool, is_dated: bool) -> None:
        name = " ".join(["steps"] + ["hedged"] * (not is_exact) + ["undated"] * (not is_dated))
        found[name] = found.get(name, "") + path

    for point, after in _with_next(points):
        until = after.x if after else end
        known_until = gap if gap and point.x < gap < until else until
        for y in point.levels:
            is_exact = point.shape == "dot"
            draw(f"M{point.x} {y}H{known_until}", is_exact=is_exact, is_dated=point.is_dated)
            if known_until != until:
                draw(f"M{known_until} {y}H{until}", is_exact=is_exact, is_dated=False)
        if after and (step := _step(point, after)):
            draw(f"M{until} {step[0]}V{step[1]}", is_exact=True, is_dated=after.is_dated)
    return found


def _step(point: Point, after: Point) -> tuple[int, int] | None:
    """From the nearest figure of the one to the nearest of the other, where there is a way to go."""
    if max(point.levels) < min(after.levels):
        return max(point.levels), min(after.levels)
    if max(after.levels) < min(point.levels):
        return min(point.levels), max(after.levels)
    return None


def _values(
    reports: Sequence[Report], points: Sequence[Point], lines: Sequence[Box], ticks: Sequence[Label], wide: int
) -> list[Label]:
    """The figures beside their points, without the unit, which stands once above. What only repeats is not named
    again, nor what has no room; the table names everything."""
    named = [index for index, report in enumerate(reports) if report["kind"] not in SAME or index == 0]
    last = [index for index in named if index][-1:]
    heights = [point.y for point in points]
    extremes = [heights.index(min(heights)), heights.index(max(heights))]
    order = dict.fromkeys([0, *last, *extremes, *named])
    places = [Place(point.x, point.y, point.sign) for point in points]
    texts = [(_ways_to_say(figure_of(reports[index])), places[index]) for index in order]
    edges = Box(EDGE, 16 + EDGE, wide - EDGE, BOTTOM)
    return place(texts, lines, places, [label.box() for label in ticks], edges)


def _ways_to_say(figure: Figure) -> list[str]:
    """The longest first."""
    low, high = figures.digits(figure.low), figures.digits(figure.high)
    short = {
        Qualifier.AT_LEAST: f"≥ {low}",
        Qualifier.AT_MOST: f"≤ {high}",
        Qualifier.BETWEEN: f"{low} – {high}",
        Qualifier.ABOUT: f"≈ {low}",
    }
    return list(dict.fromkeys([whole := figures.words(replace(figure, unit="")), short.get(figure.qualifier, whole)]))


def _lines(points: Sequence[Point], disputes: Sequence[Band], gap: int | None, end: int) -> Iterator[Box]:
    """What a label would cover."""
    if gap:
        yield Box(gap - 1, OPEN_TOP, gap + 1, BOTTOM)
    for frame in disputes:
        right, bottom = frame.x + frame.width, frame.y + frame.height
        yield from (Box(frame.x, y - 1, right, y + 1) for y in (frame.y, bottom))
        yield from (Box(x - 1, frame.y, x + 1, bottom) for x in (frame.x, right))
    for point, after in _with_next(points):
        for y in point.levels:
            yield Box(point.x, y - 1, after.x if after else end, y + 1)
        if after and (step := _step(point, after)):
            yield Box(after.x - 2, min(step), after.x + 2, max(step))


def _shortened(unit: str, wide: int) -> str:
    """As much of it as has room."""
    while width(unit, BOLD_SIZE) > wide - 2 * EDGE:
        unit = unit.removesuffix("…")[:-1].rstrip() + "…"
    return unit
