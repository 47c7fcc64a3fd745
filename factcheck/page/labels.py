"""Where the words of a drawing go: inside its edges, and never over each other."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SIZE, BOLD_SIZE = 12, 13  # in units of the drawing, as in the style sheet
EDGE = 2
# Of one em, of the widest sans that readers commonly have (measured of DejaVu Sans Bold; Verdana is as wide).
NARROW, USUAL, WIDE = 0.5, 0.75, 1.12
NARROW_ONES = frozenset("fijlrtI.,:;'’!|()[]/- \u00a0\u202f")
USUAL_ONES = frozenset("0123456789abcdeghknopqsuvxyzéèêëàâáäçîïíôöóûùúüñß$€£+–")


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True)
class Label:
    text: str
    x: int
    y: int
    anchor: str
    """SVG's text-anchor: "start", "middle" or "end"."""

    def box(self, size: int = BOLD_SIZE) -> Box:
        wide = width(self.text, size)
        left = {"start": self.x, "middle": self.x - wide / 2, "end": self.x - wide}[self.anchor]
        return Box(left, self.y - size, left + wide, self.y + 4)


@dataclass(frozen=True)
class Point:
    """Where a report stands, and the sign that it has there."""

    x: int
    y: int
    sign: Box


@lru_cache(maxsize=1024)  # each is measured again at every place where it might stand
def width(text: str, size: int = SIZE) -> float:
    """On the generous side: readers' fonts differ."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if character in NARROW_ONES:
        return NARROW
    if character in USUAL_ONES:
        return USUAL
    return 0 if unicodedata.combining(character) else WIDE


def place(
    texts: Sequence[tuple[Sequence[str], Point]],
    lines: Sequence[Box],
    points: Sequence[Point],
    taken: Sequence[Box],
    edges: Box,
) -> list[Label]:
    """One label per point, the important ones first: the first of its texts that finds a place of its own, or none."""
    labels: list[Label] = []
    signs = [*taken, *(point.sign for point in points)]
    for ways, point in texts:
        used = [*signs, *(label.box() for label in labels)]
        # Nearer than that to another point, it would seem to name that one.
        others = [Box(each.x - 7, each.y - 30, each.x + 7, each.y + 30) for each in points if each != point]
        inside = [label for text in ways for label in _around(text, point) if _is_inside(label.box(), edges)]
        labels += [label for label in inside if not _meets_any(label, [*used, *lines, *others])][:1]
    return labels


def row(ticks: Sequence[tuple[str, int]], width: int, y: int) -> list[Label]:
    """First and last are named, and between them what has room."""
    shown: list[Label] = []
    for text, x in [*ticks[:1], *ticks[-1:], *ticks[1:-1]]:
        label = _kept_inside(Label(text, x, y, "middle"), width)
        box = label.box(SIZE)
        wide = Box(box.left - 6, box.top, box.right + 6, box.bottom)
        if not _meets_any_box(wide, [other.box(SIZE) for other in shown]):
            shown.append(label)
    return sorted(shown, key=lambda label: label.x)


def _around(text: str, point: Point) -> Iterator[Label]:
    x, above, below = point.x, round(point.sign.top) - 6, round(point.sign.bottom) + BOLD_SIZE + 4
    for level in (above, below, above - SIZE, below + SIZE):
        yield Label(text, x, level, "middle")
        yield Label(text, x - 6, level, "start")
        yield Label(text, x + 6, level, "end")
    for level in (point.y - 6, point.y + BOLD_SIZE + 4):
        yield Label(text, x + 12, level, "start")
        yield Label(text, x - 12, level, "end")


def _meets_any(label: Label, boxes: Sequence[Box]) -> bool:
    return _meets_any_box(label.box(), boxes)


def _meets_any_box(box: Box, others: Sequence[Box]) -> bool:
    return any(box.meets(other) for other in others)


def _is_inside(box: Box, edges: Box) -> bool:
    return box.left >= edges.left and box.right <= edges.right and box.top >= edges.top and box.bottom <= edges.bottom


def _kept_inside(label: Label, width: int) -> Label:
    box = label.box(SIZE)
    if box.left < EDGE:
        return Label(label.text, EDGE, label.y, "start")
    if box.right > width - EDGE:
        return Label(label.text, width - EDGE, label.y, "end")
    return label
