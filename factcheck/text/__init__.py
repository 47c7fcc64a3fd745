"""How words compare: as a reader takes them, not as they are typed."""

from .addresses import same_address
from .diff import Piece, marked, plain_diff, whole_diff, word_diff
from .lexicon import Mark
from .numbers import number_words
from .paragraphs import Row, Shift, beside, has_note, shifts
from .quotes import Found, Quotable, contains_quote
from .spelling import is_slip
from .words import bad_characters, count_words, normalise, same, tokens, visible

__all__ = [
    "Found",
    "Mark",
    "Piece",
    "Quotable",
    "Row",
    "Shift",
    "bad_characters",
    "beside",
    "contains_quote",
    "count_words",
    "has_note",
    "is_slip",
    "marked",
    "normalise",
    "number_words",
    "plain_diff",
    "same",
    "same_address",
    "shifts",
    "tokens",
    "visible",
    "whole_diff",
    "word_diff",
]
