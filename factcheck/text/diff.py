"""Which words changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import LCSseq

from .words import tokens

# Each step of the diff keeps one bit for every pair of tokens: this is 125 megabytes.
MOST_PAIRS = 1_000_000_000


@dataclass(frozen=True)
class Piece:
    op: Literal["same", "removed", "added"]
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """Without what is added it reads as the old text, without what is removed as the new one, to the character."""
    pieces: list[Piece] = []
    for kept, removed, added in _phrases(_steps(old, new)):
        if kept:
            pieces.append(Piece("same", kept))
        if removed:
            pieces.append(Piece("removed", removed))
        if added:
            pieces.append(Piece("added", added))
    return pieces


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
    """Changes that only space keeps apart become one, the space on both sides: a changed phrase reads as one."""
    before = removed = added = space = ""
    for kept, gone, come in steps:
        if not kept:
            removed, added, space = removed + space + gone, added + space + come, ""
        elif (removed or added) and kept.isspace():
            space = kept
        else:
            yield before, removed, added
            before, removed, added = kept, "", ""
    yield before, removed, added
    if space:
        yield space, "", ""
