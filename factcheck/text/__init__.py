"""How words compare: as a reader takes them, not as they are typed."""

from .addresses import same_address
from .diff import Piece, whole_diff, word_diff
from .lexicon import Mark
from .numbers import number_words
from .spelling import is_slip
from .words import bad_characters, contains_quote, count_words, normalise, same, tokens

__all__ = [
    "Mark",
    "Piece",
    "bad_characters",
    "contains_quote",
    "count_words",
    "is_slip",
    "normalise",
    "number_words",
    "same",
    "same_address",
    "tokens",
    "whole_diff",
    "word_diff",
]
