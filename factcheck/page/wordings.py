"""What was reported where it is told in words: one wording after the other, and which of its words changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factcheck import figures, text

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
    """Enough of it that marks say more than both wordings do: a third of the shorter one."""
    kept = sum(text.count_words(piece.text) for piece in pieces if piece.op == "same")
    return 3 * kept >= min(text.count_words(old), text.count_words(new))
