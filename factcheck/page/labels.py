"""Where the words of a drawing go: inside its edges, and never over each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Widths of one character of 13 px bold and 12 px plain sans, on the generous side: readers' fonts differ.
BOLD, PLAIN = 8.4, 7.4
EDGE = 2
ALWAYS = 2  # So many may cover a line rather than be left out.


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

    def box(self, character: float = BOLD) -> Box:
        width = len(self.text) * character
        left = {"start": self.x, "middle": self.x - width / 2, "end": self.x - width}[self.anchor]
        return Box(left, self.y - 12, left + width, self.y + 4)


def place(
    texts: Sequence[tuple[str, int, int]],
    lines: Sequence[Box],
    points: Sequence[tuple[int, int]],
    width: int,
    floor: int,
) -> list[Label]:
    """One label per (text, x, y) of a point, the important ones first; one that finds no free place is left out."""
    labels: list[Label] = []
    for text, x, y in texts:
        # Nearer than that to another point, it would seem to name that one.
        others = [Box(left - 7, top - 30, left + 7, top + 30) for left, top in points if (left, top) != (x, y)]
        obstacles = [*lines, *others]
        inside = [each for each in _around(text, x, y) if _is_inside(each.box(), width, floor)]
        apart = [each for each in inside if not any(each.box().meets(other.box()) for other in labels)]
        free = [each for each in apart if not any(each.box().meets(thing) for thing in obstacles)]
        labels += (free or (apart if len(labels) < ALWAYS else []))[:1]
    return labels


def row(ticks: Sequence[tuple[str, int]], width: int, y: int) -> list[Label]:
    """First and last are named, and between them what has room."""
    shown: list[Label] = []
    for text, x in [*ticks[:1], *ticks[-1:], *ticks[1:-1]]:
        label = _kept_inside(Label(text, x, y, "middle"), width)
        box = label.box(PLAIN)
        wide = Box(box.left - 6, box.top, box.right + 6, box.bottom)
        if not any(wide.meets(other.box(PLAIN)) for other in shown):
            shown.append(label)
    return sorted(shown, key=lambda label: label.x)


def _around(text: str, x: int, y: int) -> Iterator[Label]:
    for level in (y - 14, y + 24):
        yield Label(text, x, level, "middle")
        yield Label(text, x - 6, level, "start")
        yield Label(text, x + 6, level, "end")
    yield Label(text, x + 14, y - 8, "start")
    yield Label(text, x - 14, y - 8, "end")
    yield Label(text, x + 14, y + 18, "start")
    yield Label(text, x - 14, y + 18, "end")


def _is_inside(box: Box, width: int, floor: int) -> bool:
    return box.left >= EDGE and box.right <= width - EDGE and box.top >= EDGE and box.bottom <= floor


def _kept_inside(label: Label, width: int) -> Label:
    box = label.box(PLAIN)
    if box.left < EDGE:
        return Label(label.text, EDGE, label.y, "start")
    if box.right > width - EDGE:
        return Label(label.text, width - EDGE, label.y, "end")
    return label
