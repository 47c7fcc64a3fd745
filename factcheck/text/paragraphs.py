"""How a long text changed: paragraph beside paragraph, and what of it may matter first."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from .diff import Piece, word_diff
from .lexicon import Mark

ALIKE = 50  # of 100: less, and a paragraph did not come of the other
REACH = 20  # so many paragraphs may come between
AROUND = 30  # characters beside a change that tell where it is
LONG = 1000  # characters: a longer paragraph is compared sentence by sentence
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][\"'”’»)])\s+")

# What articles write where they changed, in English and French.
NOTE = re.compile(
    r"\b(?:correct(?:ion|ions|ed)|corrig\w+|clarif\w+|updat\w+|amend\w+|revis\w+|errat\w+|rectif\w+|editors? note"
    r"|mis(?:e|es)? à jour|actualis\w+|modifi\w+|précision|earlier version|version (?:antérieure|précédente))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """A paragraph of the old text beside the one that came of it; one side is empty where it came or went."""

    pieces: tuple[Piece, ...]

    @cached_property
    def old(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.op != "added"]

    @cached_property
    def new(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.op != "removed"]

    @property
    def is_changed(self) -> bool:
        return any(piece.op != "same" for piece in self.pieces)

    @property
    def is_material(self) -> bool:
        return any(piece.is_material for piece in self.pieces)


@dataclass(frozen=True)
class Shift:
    """One thing that changed: what it was, what it is, and the words beside it."""

    before: str
    old: str
    new: str
    after: str
    marks: tuple[Mark, ...]


def beside(old: str, new: str) -> list[Row]:
    a, b = _paragraphs(old), _paragraphs(new)
    return list(_rows(a, b))


def shifts(rows: Iterable[Row]) -> list[Shift]:
    """What may change the meaning: figures first, then how sure, dates, names and the rest; in each as they come."""
    found = [shift for row in rows for shift in _shifts(row.pieces)]
    order = list(Mark)
    return sorted(found, key=lambda shift: min(order.index(mark) for mark in shift.marks))


def has_note(rows: Iterable[Row]) -> bool:
    """Whether something that came in sounds like a note that the text was changed."""
    added = [piece.text for row in rows for piece in row.pieces if piece.op == "added"]
    return any(NOTE.search(words.replace("’", "").replace("'", "")) for words in added)


def _paragraphs(text: str) -> list[str]:
    lines = [line for each in text.splitlines() if (line := " ".join(each.split()))]
    return [part for line in lines for part in (SENTENCE_END.split(line) if len(line) > LONG else [line])]


def _rows(a: list[str], b: list[str]) -> Iterator[Row]:
    gone: list[str] = []
    come: list[str] = []
    for op in LCSseq.opcodes(a, b):
        if op.tag != "equal":
            gone += a[op.src_start : op.src_end]
            come += b[op.dest_start : op.dest_end]
            continue
        yield from _paired(gone, come)
        gone, come = [], []
        yield from (Row((Piece("same", line),)) for line in a[op.src_start : op.src_end])
    yield from _paired(gone, come)


def _paired(gone: list[str], come: list[str]) -> Iterator[Row]:
    at = 0
    for line in gone:
        best = process.extractOne(line, come[at : at + REACH], scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is None:
            yield Row(tuple(word_diff(line, "")))
            continue
        place = at + best[2]
        yield from (Row(tuple(word_diff("", each))) for each in come[at:place])
        yield Row(tuple(word_diff(line, come[place])))
        at = place + 1
    yield from (Row(tuple(word_diff("", each))) for each in come[at:])


def _shifts(pieces: tuple[Piece, ...]) -> Iterator[Shift]:
    before, removed = "", Piece("removed", "")
    for piece, after in zip(pieces, [*pieces[1:], Piece("same", "")], strict=True):
        if piece.op == "same":
            before = piece.text
        elif piece.op == "removed" and after.op == "added":
            removed = piece
        else:
            old, new = (piece.text, "") if piece.op == "removed" else (removed.text, piece.text)
            marks = tuple(mark for mark in Mark if mark in (*removed.marks, *piece.marks))
            if marks:
                yield _shift(before, old, new, after.text if after.op == "same" else "", marks)
            before, removed = "", Piece("removed", "")


def _shift(before: str, old: str, new: str, after: str, marks: tuple[Mark, ...]) -> Shift:
    """The space at the ends of what changed goes to the words beside it."""
    changed = new or old
    if changed[:1].isspace():
        before += " "
    if changed[-1:].isspace():
        after = f" {after}"
    return Shift(_end(before), old.strip(), new.strip(), _begin(after), marks)


def _end(text: str) -> str:
    return text if len(text) <= AROUND else "… " + text[-AROUND:].partition(" ")[2]


def _begin(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + " …"
