"""Two texts beside each other: every word of both, and what may change the meaning first."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.text import Mark, Row, beside, has_note, shifts

EVENING = """Three killed in Trèbes
At least three people were believed to have been killed, officials said.
Mr. Smith was there, and the super-market was open.
The river is calm."""
NIGHT = """Four killed in Trèbes
Four people were killed, officials said.
Mr. Jones was there, and the supermarket was open.
The river is calm.
Fifteen were hurt."""


def sides(rows: list[Row]) -> tuple[str, str]:
    old = ["".join(piece.text for piece in row.old) for row in rows if row.old]
    new = ["".join(piece.text for piece in row.new) for row in rows if row.new]
    return "\n".join(old), "\n".join(new)


def test_each_paragraph_stands_beside_the_one_that_came_of_it() -> None:
    rows = beside(EVENING, NIGHT)
    assert sides(rows) == (EVENING, NIGHT)
    assert [(bool(row.old), bool(row.new), row.is_changed) for row in rows] == [
        (True, True, True),
        (True, True, True),
        (True, True, True),
        (True, True, False),
        (False, True, True),
    ]


def test_what_may_change_the_meaning_comes_first() -> None:
    found = shifts(beside(EVENING, NIGHT))
    assert [(shift.old, shift.new) for shift in found] == [
        ("Three", "Four"),
        ("At least three people were believed to have been", "Four people were"),
        ("", "Fifteen were hurt."),
        ("Smith", "Jones"),
    ]
    assert [shift.marks[0] for shift in found] == [Mark.FIGURE, Mark.FIGURE, Mark.FIGURE, Mark.NAME]
    assert (found[0].before, found[0].after) == ("", " killed in Trèbes")
    assert (found[3].before, found[3].after) == ("Mr. ", " was there, and the ")
    assert "super-market" not in str(found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Three dead.", "Three dead.\n\n", []),
        ("", "Three dead.", [("", "Three dead.")]),
        ("Three dead.", "", [("Three dead.", "")]),
        ("", "", []),
        ("The army won in the theatre.", "The army won in the theater.", []),
        ("Police said he was armed.", "Police said he was not armed.", [("", "not")]),
    ],
)
def test_shifts(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert [(shift.old, shift.new) for shift in shifts(beside(old, new))] == expected


@pytest.mark.parametrize(
    ("added", "answer"),
    [
        ("Updated at 22:04.", True),
        ("Correction: an earlier version said three.", True),
        ("Editor’s note: the figure was wrong.", True),
        ("Cet article a été mis à jour à 22 h.", True),
        ("Rectificatif : ils sont quatre.", True),
        ("The dateline was changed by nobody.", False),
        ("Four people were killed.", False),
    ],
)
def test_a_note_of_the_change(added: str, answer: bool) -> None:
    assert has_note(beside(EVENING, f"{EVENING}\n{added}")) is answer
    assert not has_note(beside(f"{EVENING}\n{added}", EVENING))


LINES = st.lists(
    st.sampled_from(["Three dead.", "Four people dead.", "It rained.", "A b c d.", "", "  x  y"]), max_size=8
)


@given(LINES, LINES)
def test_no_word_is_lost(old: list[str], new: list[str]) -> None:
    def plain(lines: list[str]) -> str:
        return "\n".join(" ".join(line.split()) for line in lines if line.strip())

    rows = beside("\n".join(old), "\n".join(new))
    assert sides(rows) == (plain(old), plain(new))
    assert any(row.is_changed for row in rows) == (plain(old) != plain(new))


def test_a_text_of_one_paragraph_is_compared_by_its_sentences() -> None:
    random.seed(2)
    known = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(2, 9))) for _word in range(4000)]
    sentences = [" ".join(random.choices(known, k=16)).capitalize() + "." for _sentence in range(500)]
    old = " ".join(sentences)
    assert len(old.split()) == 8000
    sentences[250] = "Four people were killed in the night."
    began = time.process_time()
    rows = beside(old, " ".join(sentences))
    assert time.process_time() - began < 0.25
    assert len([row for row in rows if row.is_changed]) == 2
