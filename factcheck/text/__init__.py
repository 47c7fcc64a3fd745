"""How words compare: as a reader takes them, not as they are typed."""

from .diff import Piece, whole_diff, word_diff
from .lexicon import Mark
from .numbers import number_words
from .words import bad_characters, contains_quote, count_words, normalise, same, tokens, without_bad_characters

__all__ = [
    "Mark",
    "Piece",
    "bad_characters",
    "contains_quote",
    "count_words",
    "normalise",
    "number_words",
    "same",
    "tokens",
    "whole_diff",
    "without_bad_characters",
    "word_diff",
]
