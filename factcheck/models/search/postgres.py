"""On PostgreSQL a tsvector, written word by word: no parser of its own looks at what a word is.

The index knows what stands in an edition, not where. So that a phrase of frequent words is not looked for in all of
their editions, every two neighbours are an entry of their own.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any
from zlib import crc32

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from factcheck.text.finding import Term, Way

COLUMN = "tsvector"
TABLE, INDEX = "factcheck_searchentry", "factcheck_searchentry_words"
WEIGHTS = [0.1, 0.25, 0.6, 1.0]  # of D to A
LAST_POSITION = 16_383
PAIRS = 1 << 18  # told apart: few enough for a small index, and so many that it is rarely by chance that two are one
SAMPLE = 100
SHORTER_FIRST = 1  # divides by the logarithm of the length


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [INDEX])
        if cursor.fetchone()[0]:
            # Without a list of what is still to be sorted in, which every search would read.
            cursor.execute(f"CREATE INDEX {INDEX} ON {TABLE} USING gin (words) WITH (fastupdate = off)")


def stored(document: Sequence[list[str]]) -> str:
    positions: dict[str, list[str]] = {}
    pairs: set[str] = set()
    place = 0
    for weight, words in zip("ABCD", document, strict=True):
        for word in words:
            place = min(place + 1, LAST_POSITION)
            positions.setdefault(word, []).append(f"{place}{weight}")
        place += 1  # no phrase goes on from one to the next
        pairs.update(_pairs(words))
    return " ".join([f"'{word}':{','.join(found)}" for word, found in positions.items()] + sorted(pairs))


def _pairs(words: Sequence[str]) -> Iterator[str]:
    """Each begins as no word does."""
    return (f"' {crc32(' '.join(pair).encode()) % PAIRS:x}'" for pair in pairwise(words))


def newest_found(
    connection: BaseDatabaseWrapper, entries: QuerySet, way: Way, columns: Sequence[str], most: int
) -> Iterator[tuple[Any, ...]]:
    """Of those that the index tells, the newest first, until they are enough: what stands in which order is looked up
    for no more of them, and no rank is worked out in vain."""
    told = entries.filter(_matching(entries, _query(way, _indexed))).order_by("-edition")
    found, rest, size = 0, told, most
    while found < most:
        rows = _looked_up(connection, rest.values_list("words", *columns)[:size], way, columns)
        having = [row for row in rows if row[0] is not None]
        yield from having[: most - found]
        found += len(having)
        if len(rows) < size:
            break
        rest, size = told.filter(edition__lt=rows[-1][1]), size * 2


def _looked_up(
    connection: BaseDatabaseWrapper, entries: QuerySet, way: Way, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """With its rank each, none where it has the words in another order. A whole word counts twice as much as a begun
    one."""
    asked = {_query(way, _term), _query(way, _whole)}
    rank = " + ".join(["ts_rank(%s::real[], words, %s::tsquery, %s)"] * len(asked))
    ranking = [value for query in asked for value in (WEIGHTS, query, SHORTER_FIRST)]
    sql, parameters = entries.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CASE WHEN words @@ %s::tsquery THEN {rank} END, {', '.join(columns)} FROM ({sql}) AS told",
            [_query(way, _term), *ranking, *parameters],
        )
        return cursor.fetchall()


def _matching(entries: QuerySet, query: str) -> RawSQL:
    """What many have is found by reading the newest of them, and what few have by the index alone.

    The planner would read too: words stand apart from their rows, and it counts nothing for fetching them. A query that
    it cannot see it takes for a rare one.
    """
    seen = RawSQL("words @@ %s::tsquery", [query], BooleanField())
    if not entries.query.where:
        sample = list(entries.order_by("-edition").annotate(has=seen).values_list("has", flat=True)[:SAMPLE])
        if sum(sample) * 2 > len(sample):
            return seen
    return RawSQL("words @@ (SELECT %s::tsquery)", [query], BooleanField())


def _query(way: Way, written: Callable[[Term], str]) -> str:
    return " | ".join("(" + " & ".join(map(written, terms)) + ")" for terms in way)


def _whole(term: Term, last: str = "") -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in term.tokens) + last + ")"


def _term(term: Term) -> str:
    """A word that is still being typed may be the beginning of another."""
    return _whole(term, ":*" if term.is_prefix else "")


def _indexed(term: Term) -> str:
    """What the index knows of it: its words, and the pairs of those that are whole, which few editions have."""
    known = term.tokens[:-1] if term.is_prefix else term.tokens
    words = [f"'{word}'" for word in term.tokens]
    return "(" + " & ".join([*_pairs(known), *words]) + (":*" if term.is_prefix else "") + ")"
