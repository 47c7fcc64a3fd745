"""Which words changed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from rapidfuzz.distance import LCSseq

from .lexicon import Mark
from .meaning import Meaning, marks, meanings, reading, say_the_same
from .words import tokens

# Each step of the diff keeps one bit for every pair of tokens: this is 125 megabytes.
MOST_PAIRS = 1_000_000_000
MOST_IN_BRIDGE = 2


@dataclass(frozen=True)
class Piece:
    op: Literal["same", "removed", "added"]
    text: str
    marks: tuple[Mark, ...] = ()

    @property
    def is_material(self) -> bool:
        """It may change what the text says; a change that has no marks is one of typing or spelling."""
        return bool(self.marks)


def word_diff(old: str, new: str) -> list[Piece]:
    """Without what is added it reads as the old text, without what is removed as the new one, to the character."""
    return marked(plain_diff(old, new))


def plain_diff(old: str, new: str) -> list[Piece]:
    """The same pieces without marks, which cost more than all the rest."""
    pieces: list[Piece] = []
    for kept, removed, added in _phrases(_steps(old, new)):
        if kept:
            pieces.append(Piece("same", kept))
        if removed:
            pieces.append(Piece("removed", removed))
        if added:
            pieces.append(Piece("added", added))
    return pieces


def whole_diff(old: str, new: str) -> list[Piece]:
    """Of a rating, a date, a figure, a choice: the value as a whole."""
    if old == new:
        return [Piece("same", old)] if old else []
    pieces = [Piece("removed", old, (Mark.VALUE,)), Piece("added", new, (Mark.VALUE,))]
    return [piece for piece in pieces if piece.text]


def _steps(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """What is kept, removed and added, step by step, any of them empty."""
    if old == new:
        yield old, "", ""
        return
    a, b = _grains(old, new)
    if len(a) * len(b) > MOST_PAIRS:
        yield "", old, new
        return
    for op in LCSseq.opcodes(a, b):
        source, target = "".join(a[op.src_start : op.src_end]), "".join(b[op.dest_start : op.dest_end])
        yield (source, "", "") if op.tag == "equal" else ("", source, target)


def _grains(old: str, new: str) -> tuple[list[str], list[str]]:
    a, b = tokens(old), tokens(new)
    if len(a) * len(b) > MOST_PAIRS:
        return old.splitlines(keepends=True), new.splitlines(keepends=True)
    return a, b


def _phrases(steps: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Changes with next to nothing between them become one, with that on both sides: a changed phrase reads as one."""
    before = removed = added = between = ""
    for kept, gone, come in steps:
        if kept:
            between = kept  # two that are kept never follow each other
        elif (removed or added) and _is_bridge(between, max(len(removed), len(added)), max(len(gone), len(come))):
            removed, added, between = removed + between + gone, added + between + come, ""
        else:
            if removed or added:
                yield before, removed, added
            before, removed, added, between = between, gone, come, ""
    yield before, removed, added
    if between:
        yield between, "", ""


def _is_bridge(kept: str, before: int, after: int) -> bool:
    """Space; or a word or two, shorter than what changed on either side, that a reader would have to pick out."""
    words = kept.split()
    if not words:
        return True
    return len(words) <= MOST_IN_BRIDGE and all(map(str.isalpha, words)) and len(kept) < min(before, after)


class _Side:
    """One of the two texts: what it says, and where each piece begins in its reading."""

    def __init__(self, pieces: list[Piece], without: str) -> None:
        parts = [reading("" if piece.op == without else piece.text) for piece in pieces]
        self.begins = [0, *accumulate(map(len, parts))]
        self.says = meanings("".join(parts))

    def standing(self) -> dict[tuple[int, int, int, str], int]:
        """The place in the list of each meaning, by the piece that it begins in and where it stands from there."""
        found = {}
        for place, each in enumerate(self.says):
            number = bisect_right(self.begins, each.start) - 1
            begin = self.begins[number]
            found[number, each.start - begin, each.end - begin, each.key] = place
        return found


def marked(pieces: list[Piece]) -> list[Piece]:
    """With what each change may do to the meaning."""
    old, new = _Side(pieces, "added"), _Side(pieces, "removed")
    if say_the_same(old.says, new.says):
        return pieces
    kept = list(_kept(old, new))
    found = _stretches(old.says, new.says, kept)
    begins = {"removed": old.begins, "added": new.begins}
    starts = {"removed": [old.says[i].start for i, _ in kept], "added": [new.says[j].start for _, j in kept]}
    stretch_of = {
        number: bisect_left(starts[piece.op], begins[piece.op][number])
        for number, piece in enumerate(pieces)
        if piece.op != "same"
    }
    # Where what differs stands in a kept piece, any change may have done it: a full stop before a quotation mark.
    elsewhere = {mark for stretch in set(range(len(found))) - set(stretch_of.values()) for mark in found[stretch]}
    rest = tuple(mark for mark in Mark if mark in elsewhere)
    return [
        replace(piece, marks=found[stretch_of[number]] or rest) if number in stretch_of else piece
        for number, piece in enumerate(pieces)
    ]


def _kept(old: _Side, new: _Side) -> Iterator[tuple[int, int]]:
    """What both texts say in one piece, which is one that is kept: by its places in the two lists."""
    places = new.standing()
    for standing, i in old.standing().items():
        j = places.get(standing)
        if j is not None and old.says[i].says(new.says[j]):
            yield i, j


def _stretches(old: list[Meaning], new: list[Meaning], kept: list[tuple[int, int]]) -> list[tuple[Mark, ...]]:
    """What differs before the first thing that is kept, before the second, and so on, and after the last."""
    found, i, j = [], 0, 0
    for k, m in [*kept, (len(old), len(new))]:
        found.append(() if say_the_same(old[i:k], new[j:m]) else marks(old[i:k], new[j:m]))
        i, j = k + 1, m + 1
    return found
