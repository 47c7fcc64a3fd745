"""The figure that a statement gives, where there is no doubt which one that is."""

from functools import lru_cache

from factcheck import figures
from factcheck.figures import Figure, Qualifier
from factcheck.text import Mark
from factcheck.text.meaning import Meaning, meanings, reading

HEDGES = {
    "at least": Qualifier.AT_LEAST,
    "no fewer than": Qualifier.AT_LEAST,
    "no less than": Qualifier.AT_LEAST,
    "a minimum of": Qualifier.AT_LEAST,
    "au moins": Qualifier.AT_LEAST,
    "at most": Qualifier.AT_MOST,
    "no more than": Qualifier.AT_MOST,
    "up to": Qualifier.AT_MOST,
    "a maximum of": Qualifier.AT_MOST,
    "au plus": Qualifier.AT_MOST,
    "au maximum": Qualifier.AT_MOST,
}
# What may say that it is not so, that somebody only says so, or of another day.
DOUBTS = {Mark.FIGURE, Mark.HEDGE, Mark.NEGATION, Mark.ATTRIBUTION, Mark.DATE}


@lru_cache(maxsize=64)  # a page asks for then and for now
def stated(statement: str, unit: str) -> Figure | None:
    """One number, right before its unit, with at most a hedge of one meaning right before it, and nothing else in the
    sentence that can turn what it says."""
    found = meanings(reading(statement))
    wanted = [each.key for each in meanings(reading(unit))]
    places = [place for place, each in enumerate(found) if each.mark is Mark.FIGURE and each.key.isdecimal()]
    if len(places) != 1 or not wanted:
        return None
    (place,) = places
    hedge = found[place - 1].key if place else ""
    own = 1 + len(wanted)
    first = place - (hedge in HEDGES)
    rest = found[:first] + found[place + own :]
    if [each.key for each in found[place + 1 : place + own]] != wanted or any(map(_is_doubt, rest)):
        return None
    qualifier = HEDGES.get(hedge, Qualifier.EXACTLY)
    number = figures.WIDE.create_decimal(found[place].key)
    low, high = (None, number) if qualifier is Qualifier.AT_MOST else (number, None)
    return Figure(qualifier, low, high, unit)


def _is_doubt(word: Meaning) -> bool:
    return word.mark in DOUBTS


def agrees(said: Figure, known: Figure) -> bool | None:
    """Whether what is known makes it so; None where it leaves that open."""
    claim, fact = said.interval(), known.interval()
    if not claim.overlaps(fact):
        return False
    return True if claim.contains(fact) else None
