"""How words are found: what a text is searched by, what somebody asks for, and where in a text that stands."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from .numbers import ENGLISH, FRENCH, HUNDREDS, THOUSANDS, number_words
from .words import GLUED, IN_WORD, SPACELESS, normalise

LONGEST_QUERY = 300
MOST_TERMS = 12
LONGEST_WORD = 40

QUOTES = '"“”„‟«»〝〞″'
# A soft hyphen is seen by nobody, and splits no word.
LETTERS = f"(?:(?![{SPACELESS}_\\d])[{IN_WORD}\u00ad])+"
GROUPED = r"(?<!\d)\d{1,3}(?:[.,'’ \u00a0\u2009\u202f]\d{3})+(?!\d)"
TOKEN = re.compile(rf"(?P<grouped>{GROUPED})|(?P<decimal>\d+(?:[.,]\d+)+)|\d+|[{SPACELESS}]|{LETTERS}")
GLUED_WORD = re.compile(f"[{GLUED}]")
JOINED = re.compile(r"[^\W_]+")
# Between two words: what makes one name or address of them, and what a number in words is held together by.
JOINT = re.compile(r"[^\s'’‘`´\"“”„‟«»,;!()\[\]]*")
WITHIN_NUMBER = re.compile(r"[-‐‑\s]\s*(?:and\s|et[-‐‑\s])?\s*", re.I)

# Latin, Greek and Cyrillic accents, the points of Hebrew and Arabic, joiners, soft hyphens.
ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200c\u200d]")
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ſ": "s"}
)
NO_WORD = re.compile(r"[\x00-/:-@\[-`{-\x7f]")
DECIMAL_POINT = "·"
NUMBER_WORDS = {unicodedata.normalize("NFC", word) for word in {*ENGLISH, *FRENCH, *HUNDREDS, *THOUSANDS}}
NUMBER_LETTERS = max(map(len, NUMBER_WORDS))
ARTICLES = {"un", "une"}

# Words of a question that no answer is known by; "not", "no" and "never" are none of them.
STOP = frozenset(
    re.split(  # for a list of these takes one line each
        " ",
        "a about an and are as at be been but by can could d did do does for from had has have he her his how i if "
        "in into is it its ll m many me much my of on or our re s say says she so t than that the their them there "
        "they this to us ve was we were what when where which who whom whose why will with would you your au aux "
        "avec c ce ces cette combien comment dans de des du elle en est et etait etaient ete il ils j je l la le "
        "les leur leurs lui mais n ne nous on ont ou par pour pourquoi qu quand que quel quelle quels quelles qui "
        "sa se ses son sont sur un une vous y",
    )
)


class Word(NamedTuple):
    start: int
    end: int
    token: str
    """As it is compared: without case, accents, plural or the way its number is written."""


def folded(s: str) -> str:
    """Without case and accents."""
    s = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", s).casefold())
    s = unicodedata.normalize("NFC", ACCENTS.sub("", s).translate(UNDECOMPOSED))
    return NO_WORD.sub("", re.sub(r"\d", lambda found: str(int(found[0])), s))[:LONGEST_WORD]


def singular(word: str) -> str:
    """English and French plurals by their shape; what is no plural loses its "s" everywhere alike."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1]


def words(s: str) -> Iterator[Word]:
    """The words of a text in order. Of a script without spaces, every character is one."""
    tokens = list(TOKEN.finditer(s))
    place = 0
    while place < len(tokens):
        found = tokens[place]
        run = _number_run(s, tokens, place) if _is_number_word(found[0]) else 0
        end = place + max(run, 1)
        if run and (numbers := _in_digits(s[found.start() : tokens[end - 1].end()])):
            yield from (Word(found.start(), tokens[end - 1].end(), number) for number in numbers)
        else:
            yield from (Word(*each.span(), token) for each in tokens[place:end] if (token := _token(each)))
        place = end


def _token(found: re.Match[str]) -> str:
    if found.lastgroup == "grouped":
        return folded(re.sub(r"\D", "", found[0]))
    if found.lastgroup == "decimal":
        return DECIMAL_POINT.join(folded(part) for part in re.split("[.,]", found[0]))[:LONGEST_WORD]
    return _plain(found[0])


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    return singular(folded(word))


def _is_number_word(s: str) -> bool:
    return len(s) <= NUMBER_LETTERS and s.casefold() in NUMBER_WORDS


def _number_run(s: str, tokens: list[re.Match[str]], place: int) -> int:
    """How many tokens from this one on may be one number in words. "Un" alone is an article."""
    end = place
    while after := next((each for each in (end + 1, end + 2) if _goes_on(s, tokens, end, each)), 0):
        end = after
    return 0 if end == place and tokens[place][0].casefold() in ARTICLES else end - place + 1


def _goes_on(s: str, tokens: list[re.Match[str]], place: int, after: int) -> bool:
    """Whether a number in words goes on at another token, the next one or that behind an "and" or "et"."""
    return (
        after < len(tokens)
        and _is_number_word(tokens[after][0])
        and bool(WITHIN_NUMBER.fullmatch(s[tokens[place].end() : tokens[after].start()]))
    )


def _in_digits(s: str) -> list[str]:
    """Of a number in words; of what is none in the end, nothing."""
    written = number_words(normalise(s, casefold=True))
    return written.split() if re.fullmatch(r"[\d\s]+", written) else []


# What is asked for.


@dataclass(frozen=True)
class Term:
    """Words that stand together. The last may be one that is still being typed."""

    tokens: tuple[str, ...]
    is_prefix: bool = False

    def length_at(self, found: Sequence[Word], place: int) -> int:
        """How many of the words from this place on it covers, or 0."""
        here = [word.token for word in found[place : place + len(self.tokens)]]
        if len(here) < len(self.tokens) or tuple(here[:-1]) != self.tokens[:-1]:
            return 0
        last, wanted = here[-1], self.tokens[-1]
        return len(here) if last == wanted or (self.is_prefix and last.startswith(wanted)) else 0


Way = list[tuple[Term, ...]]
"""Any of these, each of which asks for all of its terms."""


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)

    def ways(self) -> Iterator[tuple[int, Way]]:
        """With how many terms each leaves out. First none; where nothing has them all, one; in the end, all but one."""
        count = len(self.terms)
        for size in dict.fromkeys((count, max(count - 1, 1), 1)):
            yield count - size, list(combinations(self.terms, size))


def parse(s: str) -> Query:
    """What somebody asks for. Nothing is refused: quotes make a phrase, closed or not."""
    terms: list[Term] = []
    for number, part in enumerate(re.split(f"[{QUOTES}]", s[:LONGEST_QUERY])):
        is_quoted = number % 2
        found = list(words(part))
        if is_quoted:
            terms += [Term(tuple(word.token for word in found))] if found else []
        else:
            terms += _terms(part, found)
    telling = [term for term in terms if len(term.tokens) > 1 or term.tokens[0] not in STOP]
    return Query(tuple(dict.fromkeys(telling or terms))[:MOST_TERMS])


def _terms(s: str, found: list[Word]) -> list[Term]:
    groups: list[list[Word]] = []
    for word in found:
        last = groups[-1][-1] if groups else None
        if last and last.start != word.start and JOINT.fullmatch(s[last.end : word.start]):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [
        Term(tuple(word.token for word in group), is_prefix=_is_prefix(s, group[-1], is_last=group is groups[-1]))
        for group in groups
    ]


def _is_prefix(s: str, word: Word, *, is_last: bool) -> bool:
    """Particles are glued to a Korean word. A figure is never the beginning of another."""
    if GLUED_WORD.match(word.token):
        return True
    return is_last and word.end == len(s) and len(word.token) > 1 and not word.token[0].isdigit()


# Where it stands.


class Found(NamedTuple):
    text: str
    is_found: bool


def mark(s: str, query: Query) -> list[Found]:
    """The text in pieces, of which those are found that the query asks for."""
    pieces, end = [], 0
    for start, until in spans(s, query):
        if start > end:
            pieces.append(Found(s[end:start], False))
        pieces.append(Found(s[start:until], True))
        end = until
    return [*pieces, Found(s[end:], False)] if end < len(s) else pieces


def spans(s: str, query: Query) -> Iterator[tuple[int, int]]:
    found = _read(s)
    begun = tuple(term.tokens[0] for term in query.terms)
    end = 0
    for place, word in enumerate(found):
        may_begin = place >= end and word.token.startswith(begun)
        if may_begin and (length := max(term.length_at(found, place) for term in query.terms)):
            end = place + length
            yield word.start, found[end - 1].end


@lru_cache(maxsize=256)  # one text after the other is asked for each term, and then marked
def _read(s: str) -> list[Word]:
    return list(words(s))


def is_in(s: str, term: Term) -> bool:
    return any(True for _span in spans(s, Query((term,))))


def excerpt(texts: Iterable[str], query: Query, *, around: int = 110) -> list[Found]:
    """The first place in these texts that the query asks for, with what stands around it; nothing if there is none."""
    for s in texts:
        if place := next(spans(s, query), None):
            start, end = max(place[0] - around, 0), min(place[1] + around, len(s))
            start = s.find(" ", start, place[0]) + 1 if start else 0
            end = max(s.rfind(" ", place[1], end), place[1]) if end < len(s) else end
            piece = " ".join(s[start:end].split())
            return mark(("… " if start else "") + piece + (" …" if end < len(s) else ""), query)
    return []
