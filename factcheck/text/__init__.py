"""How words compare: as a reader takes them, not as they are typed."""

from .diff import Piece, word_diff
from .numbers import number_words
from .words import bad_characters, contains_quote, count_words, normalise, same, tokens

__all__ = [
    "Piece",
    "bad_characters",
    "contains_quote",
    "count_words",
    "normalise",
    "number_words",
    "same",
    "tokens",
    "word_diff",
]
