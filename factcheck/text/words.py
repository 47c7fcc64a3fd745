"""How words compare: as a reader takes them, not as they are typed."""

import re
import unicodedata

from .numbers import number_words

UNIFIED = str.maketrans(
    dict.fromkeys("“”„‟«»〝〞″", '"')
    | dict.fromkeys("‘’‚‛‹›′`´", "'")
    | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
    # Soft hyphens and zero-width characters: nobody sees them.
    | dict.fromkeys("\u00ad\u200b\u2060\ufeff")
)

# Scripts written without spaces, where a character is the nearest thing to a word.
SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# Particles are glued to a Korean word: quoting the word alone is no misquotation.
GLUED = SPACELESS + "\uac00-\ud7a3"
# Accents and vowel signs are part of a word and no \w, nor are the joiners of Persian and the Indian scripts.
IN_WORD = (
    "\\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0df3"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
)
WORD = f"(?:(?![{SPACELESS}])[{IN_WORD}])+"
# A figure is one token: "1,200" becomes "1,300", not "1," and then something else.
TOKEN = re.compile(rf"\d+(?:[.,]\d+)+|[{SPACELESS}]|{WORD}|\s+|[^\w\s]")
BLANK = "\u034f\u115f\u1160\u3164\uffa0"  # take the place of a letter and show nothing
COUNTED = re.compile(rf"\d+(?:[.,]\d+)+|(?![^\w])[{SPACELESS}]|(?=[^\W{BLANK}]){WORD}(?:['’‐-]{WORD})*")

BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u202a-\u202e\u2066-\u2069"  # turn the text around them: what is read is not what is stored
    "\u200b\u2060\ufeff"  # zero width: two names that look the same
    "\ud800-\udfff\ufffe\uffff]"  # no XML can hold them, so no feed
)
NAMELESS = {"Cc": "CONTROL CHARACTER", "Cs": "LONE SURROGATE", "Cn": "NOT A CHARACTER"}


def normalise(s: str, *, casefold: bool = False) -> str:
    """One kind of quote mark, dash and space; NFC; nothing invisible."""
    s = unicodedata.normalize("NFC", s)
    s = (s.casefold() if casefold else s).translate(UNIFIED)
    return unicodedata.normalize("NFC", " ".join(s.split()))


def comparable(s: str) -> str:
    """French sets a space inside its quote marks, English does not."""
    return re.sub(' ?" ?', '"', normalise(s, casefold=True))


def same(a: str, b: str) -> bool:
    """Equal but for case, typing, numbers in words, and the mark at the end."""
    one, other = (number_words(comparable(s)).rstrip(" .,;:!?…") for s in (a, b))
    return one == other


def tokens(s: str) -> list[str]:
    """Words, figures, runs of space and single marks; joined they are the text again."""
    return TOKEN.findall(s)


def count_words(s: str) -> int:
    """As a word processor: "twenty-five" and "l'attaque" are one, and so is a character of a script without spaces."""
    return sum(1 for _word in COUNTED.finditer(s))


def visible(s: str) -> str:
    """Without the characters that no text of ours may hold; what sets words apart leaves a space."""
    return BAD.sub(lambda found: " " if unicodedata.category(found[0]) == "Cc" else "", s)


def bad_characters(s: str) -> list[str]:
    """What no text of ours may hold, each once, as in "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    return [f"U+{ord(found):04X} {_name(found)}" for found in dict.fromkeys(BAD.findall(s))]


def _name(character: str) -> str:
    return unicodedata.name(character, "") or NAMELESS[unicodedata.category(character)]
