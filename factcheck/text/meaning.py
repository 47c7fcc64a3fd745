"""What a text says, however it is typed and spelt: a list of meanings, and when two lists say the same.

They say the same only where that is certain: figures, dates and hours of one value, words of the same letters or of a
known respelling, a word doubled, a capital where a sentence opens, a comma. Whatever else differs is taken to change
the meaning.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from .lexicon import (
    CASELESS,
    ENGLISH_MONTHS,
    ENTRIES,
    FRENCH_MONTHS,
    MONTH,
    ORDINAL,
    SHORT_MONTH,
    WEEKDAYS,
    Mark,
)
from .numbers import NUMBERS, value
from .spelling import is_respelling
from .words import IN_WORD, SPACELESS, UNIFIED, tokens

LETTERS = f"(?:(?![{SPACELESS}_])[{IN_WORD}])+"
_ENGLISH = "|".join(name.capitalize() for name in [*ENGLISH_MONTHS, *SHORT_MONTH])
_FRENCH = "|".join([*FRENCH_MONTHS, *(name.capitalize() for name in FRENCH_MONTHS)])
A_MONTH = rf"(?:(?:{_ENGLISH})\b\.?|(?:{_FRENCH})\b)"
A_YEAR = r"(?:,?\s+\d{4}(?!\d))?"
PHRASES = sorted((entry for entry in ENTRIES if re.search(r"\W", entry)), key=len, reverse=True)

# The first that fits, at each place; together they pass over nothing but space.
PATTERNS = {
    "address": r"https?://[^\s<>()\"]+[^\s<>()\".,;:!?']",
    "date": (
        rf"(?<![\w.,])(?:\d{{4}}-\d\d-\d\d(?!\d)|\d{{1,2}}(?:st|nd|rd|th|er)?\s+(?:of\s+)?{A_MONTH}{A_YEAR}"
        # "March 23 000 people" and "March 23%" are no dates.
        rf"|{A_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?![\w%]|[.,:]\d|\s\d{{3}}(?!\d)){A_YEAR})"
    ),
    "time": r"(?<![\w.,:])\d{1,2}(?:(?:[:.]\d\d)?\s?(?i:[ap]\.m\.|[ap]m\b)|:\d\d(?![:\w])|\s?h(?:\s?\d\d)?(?!\w))",
    "ordinal": r"(?<!\w)\d+(?:st|nd|rd|th|er|re|ère|e|ème)\b",
    "range": r"(?<=\d)\s?[-/:x×*'](?=\s?\d)",
    "figure": (
        r"(?:(?<![\w)\]%])[-+])?"
        r"(?:[1-9]\d{0,2}(?:[^\S\n]\d{3})+(?!\d)(?:[.,٫]\d+)?|\d+(?:[.,٫٬]\d+)*)"
    ),
    "prefix": r"(?i:\b(?:un|non))(?=-\w)",
    "number": rf"(?!UN\b)(?i:{'|'.join(NUMBERS)})",
    "estimate": r"(?i:\best\b\.?)(?=\s*\d)",
    "percent": r"(?i:\bper\s?cent\b|\bpour\s?cent\b)|%",
    "phrase": r"(?i:\b(?:" + "|".join(r"\s+".join(map(re.escape, each.split())) for each in PHRASES) + r"))(?!\w)",
    "contraction": rf"(?i:{LETTERS}n't\b|\bcannot\b)",
    "initials": r"\b[A-Z]\.(?:[A-Z]\.?)+(?!\w)",
    "elision": r"(?i:\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)')(?=\w)",
    "word": f"[{SPACELESS}]|{LETTERS}(?:'{LETTERS})*",
    "sign": r"[^\w\s]|_",
}
MEANING = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PATTERNS.items()))
CLOSED = re.compile(r"[^\n]{0,400}?[\w.,!?…]'(?!\w)")

ENDS_A_SENTENCE = ".!?…。！？؟"
ABBREVIATED = set(
    re.findall(r"\w+", "mr mrs ms dr prof rev st lt col gen sgt m mme mlle approx c ca vs etc cf dept inc ltd art")
)
QUESTIONS = "?？؟\u037e"
# All other punctuation says nothing.
TELLING = "/\\@{}§†‡"
UNSEEN = "\u061c\u200e\u200f\ufe0e\ufe0f"
ABOUT = "~≈≃±<>≤≥"
IRREGULAR = {"wo": "will", "ca": "can", "sha": "shall"}
NEGATING = ["un", "in", "im", "il", "ir", "non", "dis"]
ALIASES = {"an": "a", "it's": "its"}
# Two of these in a row are French grammar.
TWICE = {"nous", "vous"}

# Key, kind and, of a word, how it is written.
Said = tuple[str, Mark, str]


@dataclass(frozen=True)
class Meaning:
    key: str
    mark: Mark
    start: int
    end: int
    form: str = ""
    """A word as it is written."""
    opens: bool = False
    """It may be the first of a sentence: its capital may mean nothing."""
    glued: bool = False
    """A hyphen joins it to the one before."""

    def says(self, other: "Meaning") -> bool:
        if self.key != other.key:
            # A name is spelt as its owner spells it.
            return _shape(self.form) == _shape(other.form) == "lower" and is_respelling(self.key, other.key)
        shapes = {_shape(self.form), _shape(other.form)}
        if len(shapes) == 1:
            return "mixed" not in shapes or self.form == other.form
        capital = self if _shape(self.form) == "capital" else other
        return "mixed" not in shapes and (capital.opens or self.key in CASELESS)


def _shape(form: str) -> str:
    if form == form.lower():
        return "lower"
    return "capital" if form[1:] == form[1:].lower() else "mixed"


def reading(s: str) -> str:
    """Made of the readings of its tokens, so that a part of the text reads as it does in the whole."""
    if not unicodedata.is_normalized("NFC", s):
        s = "".join(unicodedata.normalize("NFC", token) for token in tokens(s))
    return s.translate(UNIFIED)


def meanings(s: str) -> list[Meaning]:
    """Of a text that `reading` gave."""
    return _Reader(s).found


def say_the_same(a: list[Meaning], b: list[Meaning]) -> bool:
    """One by one; "stand-off" says what "standoff" does. Where parts say the same, so does the whole."""
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i].says(b[j]):
            i, j = i + 1, j + 1
        elif joined := _joined(a, i, b[j]):
            i, j = i + joined, j + 1
        elif joined := _joined(b, j, a[i]):
            i, j = i + 1, j + joined
        else:
            return False
    return i == len(a) and j == len(b)


def marks(old: list[Meaning], new: list[Meaning]) -> tuple[Mark, ...]:
    """What kinds of words differ; those that are no more than words only where there is nothing more telling."""
    left, right = (Counter(each.key for each in side) for side in (old, new))
    differ = {each.mark for each in old + new if left[each.key] != right[each.key]}
    differ = differ or {each.mark for each in old + new}
    words = left.keys() ^ right.keys()
    if any(prefix + word in words for word in words for prefix in NEGATING):
        differ.add(Mark.NEGATION)
    return tuple(mark for mark in Mark if mark in differ and (mark != Mark.WORDING or differ == {Mark.WORDING}))


def _joined(parts: list[Meaning], first: int, whole: Meaning) -> int:
    """How many parts, with hyphens between them, are the whole word; 0 if they are not."""
    key, count = parts[first].key, 1
    while len(key) < len(whole.key) and first + count < len(parts) and parts[first + count].glued:
        key, count = key + parts[first + count].key, count + 1
    pieces = [*parts[first : first + count], whole]
    # To re-sign is to stay, to resign is to leave.
    is_one = count > 1 and key == whole.key and parts[first].key != "re"
    return count if is_one and all(_shape(each.form) == "lower" for each in pieces) else 0


class _Reader:
    def __init__(self, s: str) -> None:
        self.s = s
        self.found: list[Meaning] = []
        self.opens, self.ended, self.quoted = True, False, False
        self.last, self.hyphen = 0, -1
        for match in MEANING.finditer(s):
            self.between = s[self.last : match.start()]
            self.opens = self.opens or "\n" in self.between
            if match.lastgroup == "sign":
                self.sign(match[0], *match.span())
            elif match.lastgroup == "word" and self.is_doubled(match[0]):
                self.found[-1] = replace(self.found[-1], end=match.end())
            else:
                self.words(READ[match.lastgroup](match[0], self.opens), *match.span())
            self.last = match.end()

    def words(self, said: list[Said], start: int, end: int) -> None:
        if self.ended:
            # Here and not at its own place, for it may stand on either side of a quotation mark.
            self.found.append(Meaning(".", Mark.WORDING, start, start))
        for key, mark, form in said:
            self.found.append(Meaning(key, mark, start, end, form, self.opens, glued=self.hyphen == start))
        self.opens = self.ended = False

    def sign(self, text: str, start: int, end: int) -> None:
        if text == "'" and self.is_quote(start, end):
            self.quoted = not self.quoted
            text = '"'
        if said := _sign(text):
            self.found.append(Meaning(*said, start, end))
        if text == "-" and not self.between:
            self.hyphen = end
        if text in ENDS_A_SENTENCE and self.found and not (text == "." and self.is_abbreviated()):
            self.opens = self.ended = True
        elif text == ":" or (text in '"([' and not self.is_after(start, r"[^\s\"'(\[]")):
            self.opens = True

    def is_abbreviated(self) -> bool:
        """ "Mr. Macron" and "John F. Kennedy" are no two sentences."""
        form = self.found[-1].form
        return not self.between and (form.lower() in ABBREVIATED or (len(form) == 1 and form.isupper()))

    def is_quote(self, start: int, end: int) -> bool:
        """A single mark that opens or closes a quotation, as no apostrophe does."""
        before_word = re.match(r"\w", self.s[end : end + 1])
        if self.quoted:
            return not before_word and self.is_after(start, r"\S")
        return bool(before_word and not self.is_after(start, r"\w") and CLOSED.match(self.s, end))

    def is_after(self, place: int, pattern: str) -> bool:
        return bool(re.match(pattern, self.s[max(place - 1, 0) : place]))

    def is_doubled(self, word: str) -> bool:
        if not self.found or self.found[-1].end != self.last or not self.between:
            return False
        one = self.found[-1]
        ordinary = one.mark == Mark.WORDING and word == word.lower() and word.isalpha() and word not in TWICE
        return ordinary and one.form.lower() == word and (one.opens or one.form == word)


def _sign(text: str) -> tuple[str, Mark] | None:
    category = unicodedata.category(text)
    if text == '"' or text in "[]":
        return text, Mark.ATTRIBUTION
    if text in QUESTIONS:
        return "?", Mark.HEDGE
    if text in ABOUT:
        return text, Mark.HEDGE
    if text == "&":
        return "and", Mark.WORDING
    if category in {"Sc", "Sm", "No"} or text in "‰°":
        return text, Mark.FIGURE
    if (category.startswith("P") and text not in TELLING) or text in UNSEEN:
        return None
    return text, Mark.WORDING


def _word(text: str, opens: bool) -> list[Said]:
    plain = text.casefold()
    if plain in ORDINAL and (opens or text == plain):
        return [(f"nth {ORDINAL[plain]}", Mark.FIGURE, text)]
    return [(ALIASES.get(plain, plain), _mark(text, plain, opens), text)]


def _mark(text: str, plain: str, opens: bool) -> Mark:
    if any(map(str.isnumeric, text)):
        return Mark.FIGURE
    shape = _shape(text)
    if shape == "mixed" or (shape == "capital" and not opens):
        if plain in MONTH or plain in WEEKDAYS:
            return Mark.DATE
        if shape == "capital" or len(text) < 3 or not text.isupper():
            return Mark.WORDING if plain == "i" else Mark.NAME
        return ENTRIES.get(plain, Mark.NAME)
    return ENTRIES.get(plain, Mark.WORDING)


def _phrase(text: str, opens: bool) -> list[Said]:
    key = " ".join(text.casefold().split())
    return [(key, ENTRIES.get(key, Mark.WORDING), "")]


def _contraction(text: str, opens: bool) -> list[Said]:
    verb = text[:-3]
    whole = IRREGULAR.get(verb.casefold(), verb.casefold())
    return [
        *_word(whole.capitalize() if verb[:1].isupper() else whole, opens),
        ("not", Mark.NEGATION, ""),
    ]


def _elision(text: str, opens: bool) -> list[Said]:
    return _word(text.rstrip("'"), opens)


def _initials(text: str, opens: bool) -> list[Said]:
    letters = text.replace(".", "")
    return [(letters.casefold(), Mark.NAME, letters)]


def _date(text: str, opens: bool) -> list[Said]:
    numbers = re.findall(r"\d+", text)
    names = [name for word in re.findall(r"[^\W\d]+", text) if (name := word.casefold()) in MONTH | SHORT_MONTH]
    if names:
        day, year = int(numbers[0]), numbers[1] if len(numbers) > 1 else ""
        month = (SHORT_MONTH | MONTH)[names[0]]
    else:
        year, month, day = numbers[0], int(numbers[1]), int(numbers[2])
    return [(f"{year}-{month:02}-{day:02}", Mark.DATE, "")]


def _time(text: str, opens: bool) -> list[Said]:
    hour, minute = (int(number) for number in [*re.findall(r"\d+", text), 0][:2])
    half = text.casefold()
    if "p" in half and hour < 12:
        hour += 12
    elif "a" in half and hour == 12:
        hour = 0
    return [(f"{hour:02}:{minute:02}", Mark.DATE, "")]


def _digits(text: str) -> str:
    """Those of any script as ours."""
    return "".join(str(unicodedata.digit(character, character)) for character in text)


def _ordinal(text: str, opens: bool) -> list[Said]:
    return [("nth " + _digits(re.match(r"\d+", text)[0]), Mark.FIGURE, "")]


def _figure(text: str, opens: bool) -> list[Said]:
    """ "1,200", "1 200" and "1200" are one, and so are "3,5" and "3.5"; "1.200" may be a decimal, and stays."""
    sign = text[0] if text[0] in "-+" else ""
    digits = "".join(_digits(text.lstrip("-+")).replace("٫", ".").replace("٬", ",").split())
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"[1-9]\d{0,2}((\.\d{3}){2,}|(\.\d{3})+,\d+)", digits):
        digits = digits.replace(".", "")
    return [(sign + re.sub(r"^(\d+),(\d+)$", r"\1.\2", digits), Mark.FIGURE, "")]


READ: dict[str, Callable[[str, bool], list[Said]]] = {
    "address": lambda text, opens: [(text, Mark.ATTRIBUTION, "")],
    "date": _date,
    "time": _time,
    "ordinal": _ordinal,
    "range": lambda text, opens: [(text.strip(), Mark.FIGURE, "")],
    "figure": _figure,
    "prefix": _word,
    "number": lambda text, opens: [(str(value(text.lower())), Mark.FIGURE, "")],
    "estimate": lambda text, opens: [("est", Mark.HEDGE, "")],
    "percent": lambda text, opens: [("%", Mark.FIGURE, "")],
    "phrase": _phrase,
    "contraction": _contraction,
    "initials": _initials,
    "elision": _elision,
    "word": _word,
}
