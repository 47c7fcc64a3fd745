"""What was reported where it is told in words: one wording after the other, and which of its words changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factcheck import figures, text
from factcheck.text.finding import STOP, words

from .known import statements
from .words import SAME

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Wording:
    report: Row
    pieces: list[text.Piece]
    """Its words; of a new wording that keeps enough of the one before, with those marked that came."""
    before: list[text.Piece]
    """Then also the words before it, with those marked that went."""


def wordings(rows: Sequence[Row]) -> list[Wording]:
    """Rows as `context.report_rows` has them."""
    said = statements(rows)
    return [_wording(row, said[:place]) for place, row in enumerate(rows)]


def _wording(row: Row, earlier: Sequence[figures.Statement]) -> Wording:
    plain = Wording(row, [text.Piece("same", row["words"])], [])
    if not earlier or row["figure"] or row["kind"] in SAME:
        return plain
    old = figures.said_before(earlier).key
    pieces = text.plain_diff(old["words"], row["words"])
    if old["figure"] or not _is_kept(old["words"], row["words"], pieces):
        return plain
    return Wording(
        row,
        pieces=[piece for piece in pieces if piece.op != "removed"],
        before=[piece for piece in pieces if piece.op != "added"],
    )


def _is_kept(old: str, new: str, pieces: Sequence[text.Piece]) -> bool:
    """Enough of it that marks say more than both wordings do: half of the telling words of the shorter one."""
    kept = sum(map(_telling, (piece.text for piece in pieces if piece.op == "same")))
    return 2 * kept >= max(1, min(_telling(old), _telling(new)))


def _telling(s: str) -> int:
    """How many of its words are more than “the” and “of”."""
    return sum(1 for word in words(s) if word.token not in STOP)
