"""Whether a text has somebody's words, and where: exactly, or as near as it gets."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from rapidfuzz import fuzz, process

from .words import GLUED, IN_WORD, comparable, normalise, tokens

ELLIPSIS = re.compile(r"\[ ?(?:…|\.{3,}) ?\]|\( ?(?:…|\.{3,}) ?\)|…|\.{3,}")
LEAST = 70  # of 100: below it, what is found has little to do with what was looked for
AROUND = 48  # characters before and after a quote that tell it from the same words elsewhere


def contains_quote(text: str, quote: str) -> bool:
    """The words of the quote stand in the text, whole: "3 dead" is not in "13 dead". What it leaves out is marked by
    "…", "..." or "[...]", and its pieces come in order. An empty quote is in no text."""
    return Quotable(text).holds(quote)


@dataclass(frozen=True)
class Found:
    """Words of a text, as they stand there."""

    start: int
    end: int
    quote: str
    prefix: str
    suffix: str
    score: int
    """100 is the same words; less is how alike they are."""

    @property
    def is_exact(self) -> bool:
        return self.score == 100


class Quotable:
    """A text in which quotes are looked for: it is read once, however many they are."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def plain(self) -> str:
        return comparable(self.text)

    def holds(self, quote: str) -> bool:
        return next(_spans(self.plain, _parts(quote)), None) is not None

    def find(self, words: str, *, most: int = 5) -> list[Found]:
        """Where these very words stand, in order; where they stand nowhere, what is most like them, the best first."""
        parts, reading = _parts(words), self._reading
        exact = [self._found(spans, 100) for spans in islice(_spans(reading.plain, parts), most)]
        if exact or not parts:
            return exact
        near = {}
        for start, end, score in reading.near(" ".join(parts)):
            near.setdefault((start, end), self._found([(start, end)], score))
        return sorted(near.values(), key=lambda found: -found.score)[:most]

    @cached_property
    def _reading(self) -> "_Reading":
        return _Reading(self.text)

    def _found(self, spans: list[tuple[int, int]], score: int) -> Found:
        places = [self._reading.place(*span) for span in spans]
        start, end = places[0][0], places[-1][1]
        return Found(
            start,
            end,
            " … ".join(" ".join(self.text[one:other].split()) for one, other in places),
            _last_words(self.text[max(0, start - 2 * AROUND) : start]),
            _first_words(self.text[end : end + 2 * AROUND]),
            score,
        )


class _Reading:
    """A text as it compares, word by word, and where each word stands in it."""

    def __init__(self, text: str) -> None:
        known: dict[str, str] = {}
        parts: list[str] = []
        self.begins: list[int] = []  # of each part in the plain text
        self.places: list[tuple[int, int]] = []  # of each part in the text
        length = position = 0
        gap = False
        for token in tokens(text):
            start, position = position, position + len(token)
            if token.isspace():
                gap = True
                continue
            if (plain := known.get(token)) is None:
                plain = known[token] = normalise(token, casefold=True)
            if not plain:
                continue
            if gap and parts and plain != '"' and parts[-1] != '"':
                parts.append(" ")
                self.begins.append(length)
                self.places.append((start, start))
                length += 1
            gap = False
            parts.append(plain)
            self.begins.append(length)
            self.places.append((start, position))
            length += len(plain)
        self.parts, self.plain = parts, "".join(parts)

    def part_at(self, position: int) -> int:
        return bisect_right(self.begins, position) - 1

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Of a stretch of the plain text, in the text: from the beginning of its first word to the end of its last."""
        return self.places[self.part_at(start)][0], self.places[self.part_at(end - 1)][1]

    def near(self, words: str) -> Iterator[tuple[int, int, int]]:
        """Start, end and score of what is like these words: the best of the whole, and where else it may be."""
        for begin, end in [(0, len(self.plain)), *self._alike(words)]:
            if len(words) >= end - begin:
                start, stop = begin, end
            elif found := fuzz.partial_ratio_alignment(words, self.plain[begin:end], score_cutoff=LEAST):
                start, stop = begin + found.dest_start, begin + found.dest_end
            else:
                continue
            if start < stop:
                start, stop, score = self._snapped(words, start, stop)
                if score >= LEAST:
                    yield start, stop, score

    def _alike(self, words: str, most: int = 3) -> list[tuple[int, int]]:
        """Where to look closer. Stretches as long as the words, for comparing wholes is what costs least."""
        size, step = len(words), max(len(words) // 4, 1)
        begins = range(0, max(len(self.plain) - size, 0) + 1, step)
        stretches = [self.plain[begin : begin + size] for begin in begins]
        best = process.extract(words, stretches, scorer=fuzz.ratio, limit=most, score_cutoff=LEAST - 20)
        places = [begins[place] for _text, _score, place in best]
        return [(max(0, begin - step), min(len(self.plain), begin + size + step)) for begin in places]

    def _snapped(self, words: str, start: int, end: int) -> tuple[int, int, int]:
        """To whole words, and one more or fewer at either end as long as that is more alike."""
        first, last = self.part_at(start), self.part_at(end - 1)
        score = self._score(words, first, last)
        while True:
            tries = [(first - 1, last), (first + 1, last), (first, last - 1), (first, last + 1)]
            tries += [(first - 2, last), (first + 2, last), (first, last - 2), (first, last + 2)]  # a space and a word
            possible = [(one, other) for one, other in tries if 0 <= one <= other < len(self.parts)]
            better = max(((self._score(words, *each), each) for each in possible), default=(0, (first, last)))
            if better[0] <= score:
                break
            score, (first, last) = better
        while first < last and self.parts[first] == " ":
            first += 1
        while first < last and self.parts[last] == " ":
            last -= 1
        return self.begins[first], self.begins[last] + len(self.parts[last]), min(99, int(score))

    def _score(self, words: str, first: int, last: int) -> float:
        return fuzz.ratio(words, self.plain[self.begins[first] : self.begins[last] + len(self.parts[last])])


def _parts(quote: str) -> list[str]:
    return [part for each in ELLIPSIS.split(comparable(quote)) if (part := each.strip())]


def _spans(plain: str, parts: list[str]) -> Iterator[list[tuple[int, int]]]:
    """Where the parts stand, in order; then where they do so after that."""
    patterns = [_whole(part) for part in parts]
    position = 0
    while patterns and all(part in plain for part in parts):
        spans = []
        for pattern in patterns:
            if (found := pattern.search(plain, position)) is None:
                return
            position = found.end()
            spans.append(found.span())
        yield spans


def _whole(part: str) -> re.Pattern[str]:
    """The part, not cut out of a longer word or figure."""
    before = rf"(?<![{IN_WORD}])" if _is_bounded(part[0]) else ""
    after = rf"(?![{IN_WORD}])" if _is_bounded(part[-1]) else ""
    if part[0].isdigit():
        before += r"(?<!\d[.,])"
    if part[-1].isdigit():
        after += r"(?![.,]\d)"
    return re.compile(before + re.escape(part) + after)


def _is_bounded(character: str) -> bool:
    return bool(re.match(rf"(?![{GLUED}])[{IN_WORD}]", character))


def _last_words(text: str) -> str:
    """The end of it, from the beginning of a word."""
    words = " ".join(text.split())
    cut = words[-AROUND:]
    return cut.partition(" ")[2] if len(words) > AROUND and words[-AROUND - 1] != " " and " " in cut else cut.strip()


def _first_words(text: str) -> str:
    """The beginning of it, to the end of a word."""
    words = " ".join(text.split())
    cut = words[:AROUND]
    return cut.rpartition(" ")[0] if len(words) > AROUND and words[AROUND] != " " and " " in cut else cut.strip()
