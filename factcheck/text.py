"""How words compare: as a reader takes them, not as they are typed."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import LCSseq

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
COUNTED = re.compile(rf"\d+(?:[.,]\d+)+|(?![^\w])[{SPACELESS}]|(?=\w){WORD}(?:['’‐-]{WORD})*")

ELLIPSIS = re.compile(r"\[ ?(?:…|\.{3,}) ?\]|\( ?(?:…|\.{3,}) ?\)|…|\.{3,}")

BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    "\u202a-\u202e\u2066-\u2069"  # turn the text around them: what is read is not what is stored
    "\u200b\u2060\ufeff"  # zero width: two names that look the same
    "\ud800-\udfff\ufffe\uffff]"  # no XML can hold them, so no feed
)
NAMELESS = {"Cc": "CONTROL CHARACTER", "Cs": "LONE SURROGATE", "Cn": "NOT A CHARACTER"}

# Each step of the diff keeps one bit for every pair of tokens: this is 125 megabytes.
MOST_PAIRS = 1_000_000_000


def normalise(s: str, *, casefold: bool = False) -> str:
    """One kind of quote mark, dash and space; NFC; nothing invisible."""
    s = unicodedata.normalize("NFC", s)
    s = (s.casefold() if casefold else s).translate(UNIFIED)
    return unicodedata.normalize("NFC", " ".join(s.split()))


# By re.split, for a list of these takes one line each.
ENGLISH = dict(
    zip(
        re.split(
            " ",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety",
        ),
        [*range(20), *range(20, 100, 10)],
        strict=True,
    )
)
FRENCH = dict(
    zip(
        re.split(
            " ",
            "zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
            "vingt vingts trente quarante cinquante soixante septante huitante octante nonante",
        ),
        [0, 1, *range(1, 17), 20, *range(20, 61, 10), 70, 80, 80, 90],
        strict=True,
    )
)
HUNDREDS = {"hundred", "cent", "cents"}
THOUSANDS = {"thousand", "mille"}


def _one_of(language: dict[str, int], values: range) -> str:
    return "(?:" + "|".join(word for word, value in language.items() if value in values) + ")"


def _english() -> re.Pattern[str]:
    digit, small, tens = (_one_of(ENGLISH, values) for values in (range(1, 10), range(20), range(20, 100)))
    below_100 = f"(?:{tens}(?:[- ]{digit})?|{small})"
    below_1000 = f"(?:(?:{small}|a)[- ]hundred(?:[- ](?:and )?{below_100})?|{below_100})"
    number = f"(?:(?:{below_1000}|a)[- ]thousand(?:[- ](?:and )?{below_1000})?|{below_1000})"
    return re.compile(rf"\b{number}\b(?![- ](?:hundred|thousand)\b)")


def _french() -> re.Pattern[str]:
    digit, teens, tens = (_one_of(FRENCH, values) for values in (range(1, 10), range(10, 17), range(20, 100)))
    small = f"(?:dix[- ](?:sept|huit|neuf)|{teens}|{digit})"
    below_100 = f"(?:quatre[- ]vingts?(?:[- ]{small})?|{tens}(?:[- ]et[- ](?:une?|onze)|[- ]{small})?|{small}|zéro)"
    below_1000 = f"(?:(?:{digit}[- ])?cents?(?:[- ]{below_100})?|{below_100})"
    number = f"(?:(?:{below_1000}[- ])?mille(?:[- ]{below_1000})?|{below_1000})"
    return re.compile(rf"\b{number}\b")


NUMBERS = [_english(), _french()]


def _value(number: str) -> int:
    total = part = 0
    for word in re.split("[- ]", number):
        if word in THOUSANDS:
            total, part = (part or 1) * 1000, 0
        elif word in HUNDREDS:
            part = (part or 1) * 100
        elif word in {"vingt", "vingts"} and part % 100 == 4:
            part += 76
        else:
            part += (ENGLISH | FRENCH).get(word, 0)
    return total + part


def number_words(s: str) -> str:
    """English and French numbers below a million as digits, in a text that `normalise` has casefolded.

    For comparing, not for reading: the French "un" and "neuf" become digits where they are "a" and "new" as well.
    """
    for number in NUMBERS:
        s = number.sub(lambda found: str(_value(found[0])), s)
    return s


def _comparable(s: str) -> str:
    """French sets a space inside its quote marks, English does not."""
    return re.sub(' ?" ?', '"', normalise(s, casefold=True))


def same(a: str, b: str) -> bool:
    """Equal but for case, typing, numbers in words, and the mark at the end."""
    one, other = (number_words(_comparable(s)).rstrip(" .,;:!?…") for s in (a, b))
    return one == other


def contains_quote(text: str, quote: str) -> bool:
    """The words of the quote stand in the text, whole: "3 dead" is not in "13 dead". What it leaves out is marked by
    "…", "..." or "[...]", and its pieces come in order. An empty quote is in no text."""
    text = _comparable(text)
    pieces = [piece for part in ELLIPSIS.split(_comparable(quote)) if (piece := part.strip())]
    position = 0
    for piece in pieces:
        found = _whole(piece).search(text, position)
        if not found:
            return False
        position = found.end()
    return bool(pieces)


def _whole(piece: str) -> re.Pattern[str]:
    """The piece, not cut out of a longer word or figure."""
    before = rf"(?<![{IN_WORD}])" if _is_bounded(piece[0]) else ""
    after = rf"(?![{IN_WORD}])" if _is_bounded(piece[-1]) else ""
    if piece[0].isdigit():
        before += r"(?<!\d[.,])"
    if piece[-1].isdigit():
        after += r"(?![.,]\d)"
    return re.compile(before + re.escape(piece) + after)


def _is_bounded(character: str) -> bool:
    return bool(re.match(rf"(?![{GLUED}])[{IN_WORD}]", character))


def tokens(s: str) -> list[str]:
    """Words, figures, runs of space and single marks; joined they are the text again."""
    return TOKEN.findall(s)


def count_words(s: str) -> int:
    """As a word processor: "twenty-five" and "l'attaque" are one, and so is a character of a script without spaces."""
    return sum(1 for _word in COUNTED.finditer(s))


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


def bad_characters(s: str) -> list[str]:
    """What no text of ours may hold, each once, as in "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    return [f"U+{ord(found):04X} {_name(found)}" for found in dict.fromkeys(BAD.findall(s))]


def _name(character: str) -> str:
    return unicodedata.name(character, "") or NAMELESS[unicodedata.category(character)]
