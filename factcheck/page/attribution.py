"""Which report stands behind a figure or a wording in a sentence of ours; none where there is any doubt."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from factcheck import figures
from factcheck.figures import Figure, Qualifier
from factcheck.text import Mark
from factcheck.text.meaning import Meaning, meanings, reading

from .stated import HEDGES
from .words import figure_of

Report = Mapping[str, Any]

ABOUT = {"about", "around", "approximately", "roughly", "environ"}
BETWEEN = {"between": "and", "entre": "et"}
QUALIFIERS = HEDGES | dict.fromkeys(ABOUT, Qualifier.ABOUT)
# Before a figure, these make it part of another one, or one of other people.
DOUBTS = {Mark.FIGURE, Mark.HEDGE, Mark.NEGATION}
OTHERS = {"further", "other", "others", "additional", "extra", "autres", "than"}
JOINING = {"and", "or", "to", "-", "et", "ou", "à"}
OR = re.compile(r"(?:or|ou)\b")
# After it, as in "four people minimum" and "four people per day".
TURNING = {"minimum", "maximum", "per", "par"}
CERTAIN = re.compile(r"\d+(?:\.(?!\d{3}$)\d+)?")  # "1.200" may be a decimal, and may not
SHORTEST = 10  # characters of a wording that is found without quotation marks


@dataclass(frozen=True)
class Part:
    text: str
    report: int | None = None


@dataclass(frozen=True)
class _Said:
    """A figure in a sentence, from one place in its list of meanings up to another."""

    first: int
    after: int
    qualifier: Qualifier
    low: Decimal | None
    high: Decimal | None = None

    def is_in(self, figure: Figure | None) -> bool:
        named = (self.qualifier, self.low, self.high)
        return figure is not None and (figure.qualifier, figure.low, figure.high) == named


def attributed(sentence: str, reports: Sequence[Report]) -> list[Part]:
    """The whole sentence, in parts. A figure counts with its own hedge, right before its unit or, without one, in
    quotation marks of its own. Where several reports say it, the latest that still stands is named."""
    parts, end = [], 0
    for start, until, report in _spans(sentence, reports):
        parts += [Part(sentence[end:start]), Part(sentence[start:until], report)]
        end = until
    return [part for part in [*parts, Part(sentence[end:])] if part.text]


def _spans(sentence: str, reports: Sequence[Report]) -> Iterator[tuple[int, int, int]]:
    read = reading(sentence)
    if len(read) != len(sentence):  # then places in it are none in the sentence
        return
    found = meanings(read)
    spans = [*_figures(read, found, reports), *_wordings(read, found, reports)]
    end = 0
    for start, until, candidates in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end and (report := _latest(candidates)):
            yield start, until, report["number"]
            end = until


def _latest(candidates: Sequence[Report]) -> Report | None:
    units = {" ".join(report["figure"]["unit"].casefold().split()) for report in candidates if report["figure"]}
    if len(units) > 1 or len({report["stance"] == "context" for report in candidates}) > 1:
        return None
    standing = [report for report in candidates if report["standing"] in figures.IN_PLAY]
    return (standing or candidates)[-1]


def _figures(read: str, found: Sequence[Meaning], reports: Sequence[Report]) -> Iterator[tuple[int, int, list[Report]]]:
    reported = [(figure_of(report), report) for report in reports]
    for said in _said(found):
        start, candidates = found[said.first].start, {}
        for figure, report in reported:
            if said.is_in(figure) and (until := _until(read, found, said, report)):
                candidates.setdefault(until, []).append(report)
        if len(candidates) == 1:
            yield start, *candidates.popitem()


def _said(found: Sequence[Meaning]) -> Iterator[_Said]:
    for place, each in enumerate(found):
        low = _number(each)
        before = found[place - 1].key if place else ""
        if low is None:
            continue
        if before in BETWEEN:
            said = _between(found, place, low)
        elif qualifier := QUALIFIERS.get(before):
            bounds = (None, low) if qualifier is Qualifier.AT_MOST else (low, None)
            said = _Said(place - 1, place + 1, qualifier, *bounds)
        else:
            said = _Said(place, place + 1, Qualifier.EXACTLY, low)
        if said and not _is_part_of_another(found, said.first):
            yield said


def _between(found: Sequence[Meaning], place: int, low: Decimal) -> _Said | None:
    rest = found[place + 1 : place + 3]
    if len(rest) < 2 or rest[0].key != BETWEEN[found[place - 1].key] or (high := _number(rest[1])) is None:
        return None
    return _Said(place - 1, place + 3, Qualifier.BETWEEN, low, high)


def _number(meaning: Meaning) -> Decimal | None:
    is_number = meaning.mark is Mark.FIGURE and CERTAIN.fullmatch(meaning.key)
    return Decimal(meaning.key) if is_number else None


def _is_part_of_another(found: Sequence[Meaning], first: int) -> bool:
    """Of "three or four", of "more than four", of "another four"."""
    before = found[first - 1] if first else None
    if before is None:
        return False
    if before.mark in DOUBTS or before.key in OTHERS:
        return True
    return before.key in JOINING and first > 1 and _number(found[first - 2]) is not None


def _until(read: str, found: Sequence[Meaning], said: _Said, report: Report) -> int | None:
    """Where it ends, with its unit; None where it is the figure of something else."""
    unit = _keys(report["figure"]["unit"])
    after = said.after + len(unit)
    if unit and [each.key for each in found[said.after : after]] == unit:
        return None if _goes_on(found[after : after + 2]) else found[after - 1].end
    until = found[said.after - 1].end
    rest = [each for each in found[said.after : said.after + 2] if each.key != '"']
    is_part = rest and rest[0].mark is Mark.FIGURE  # of “three” million
    return until if _is_quoted(read, found[said.first].start, until) and not is_part else None


def _goes_on(rest: Sequence[Meaning]) -> bool:
    """What follows makes another figure of it: "or more", "at least", "to five"; "at least five" is one of its own."""
    if not rest:
        return False
    after, has_number = rest[0], len(rest) > 1 and _number(rest[1]) is not None
    if OR.match(after.key) or after.key in TURNING or after.mark is Mark.FIGURE:
        return True
    return not has_number if after.mark is Mark.HEDGE else has_number and after.key in {"to", "-", "à"}


def _wordings(
    read: str, found: Sequence[Meaning], reports: Sequence[Report]
) -> Iterator[tuple[int, int, list[Report]]]:
    candidates: dict[tuple[int, int], list[Report]] = {}
    keys = [each.key for each in found]
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    for report in reports:
        wanted = [] if report["figure"] else _keys(report["text"])
        for place in places.get(wanted[0], []) if wanted else []:
            if keys[place : place + len(wanted)] == wanted:
                start, until = found[place].start, found[place + len(wanted) - 1].end
                is_long = len(wanted) > 1 and until - start >= SHORTEST
                if is_long or _is_quoted(read, start, until):
                    candidates.setdefault((start, until), []).append(report)
    for (start, until), found_in in candidates.items():
        yield start, until, found_in


@lru_cache(maxsize=512)  # each paragraph of an explanation asks for the same ones
def _keys(words: str) -> list[str]:
    return [each.key for each in meanings(reading(words))]


def _is_quoted(read: str, start: int, until: int) -> bool:
    return start > 0 and read[start - 1] == '"' == read[until : until + 1]
