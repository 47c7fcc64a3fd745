"""On PostgreSQL a tsvector, written word by word: no parser of its own looks at what a word is.

The index knows what stands in an edition, not where. So that a phrase of frequent words is not looked for in all of
their editions, every two and every three neighbours are an entry of their own. They are for the index: what is read is
another column, `places`, which has the words alone and is a third as long.
"""

from collections.abc import Callable, Iterator, Sequence
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
NEIGHBOURS = 1 << 18  # told apart: few enough for a small index, and so many that two are rarely one by chance
SAMPLE = 100
SHORTER_FIRST = 1  # divides by the logarithm of the length


def install(connection: BaseDatabaseWrapper) -> None:
    columns = "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'places'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_regclass(%s) IS NULL, NOT EXISTS ({columns})", [INDEX, TABLE])
        lacks_index, lacks_places = cursor.fetchone()
        if lacks_places:  # neighbours have no weight
            places = "GENERATED ALWAYS AS (ts_filter(words, '{a,b,c,d}')) STORED"
            cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN places tsvector {places}")
        if lacks_index:
            # Without a list of what is still to be sorted in, which every search would read.
            cursor.execute(f"CREATE INDEX {INDEX} ON {TABLE} USING gin (words) WITH (fastupdate = off)")


def drop_index(connection: BaseDatabaseWrapper) -> None:
    """It takes much longer to keep, row by row, than to make anew, as `install` does."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {INDEX}")


def stored(document: Sequence[list[str]]) -> str:
    positions: dict[str, list[str]] = {}
    neighbours: set[str] = set()
    place = 0
    for weight, words in zip("ABCD", document, strict=True):
        for word in words:
            place = min(place + 1, LAST_POSITION)
            positions.setdefault(word, []).append(f"{place}{weight}")
        place += 1  # no phrase goes on from one to the next
        neighbours.update(_neighbours(words, 2), _neighbours(words, 3))
    return " ".join([f"'{word}':{','.join(found)}" for word, found in positions.items()] + sorted(neighbours))


def _neighbours(words: Sequence[str], count: int) -> Iterator[str]:
    """Each begins as no word does."""
    together = zip(*(words[place:] for place in range(count)), strict=False)
    return (f"' {crc32(' '.join(group).encode()) % NEIGHBOURS:x}'" for group in together)


def newest_found(
    connection: BaseDatabaseWrapper, entries: QuerySet, way: Way, columns: Sequence[str], most: int
) -> list[tuple[Any, ...]]:
    """What many have is found by reading the newest of them, and what few have by the index.

    The planner would read too: words stand apart from their rows, and it counts nothing for fetching them. The index
    may name editions that have the words of a phrase apart: where it did, more of them are read.
    """
    exactly = RawSQL("places @@ %s::tsquery", [_query(way, _term)], BooleanField())
    if _is_frequent(entries, exactly):
        return [row for _has, *row in _ranked(connection, entries.filter(exactly), way, columns, most)]
    # A query that the planner cannot see it takes for a rare one.
    named = entries.filter(RawSQL("words @@ (SELECT %s::tsquery)", [_query(way, _indexed)], BooleanField()))
    found: list[tuple[Any, ...]] = []
    while True:
        few = min(most, 2 * (most - len(found)))
        read = _ranked(connection, named, way, columns, few)
        found += (row for has, *row in read if has)
        if len(read) < few or len(found) >= most:
            return found[:most]
        named = named.filter(edition__lt=min(edition for _has, _rank, edition, *_rest in read))


def _is_frequent(entries: QuerySet, exactly: RawSQL) -> bool:
    if entries.query.where:
        return False
    sample = list(entries.order_by("-edition").annotate(has=exactly).values_list("has", flat=True)[:SAMPLE])
    return sum(sample) * 4 > len(sample)


def _ranked(
    connection: BaseDatabaseWrapper, entries: QuerySet, way: Way, columns: Sequence[str], most: int
) -> list[tuple[Any, ...]]:
    """The newest, each after whether it has what is asked for, and its rank: a whole word counts twice as much as a
    begun one. The subquery picks, so that no rank is worked out in vain."""
    newest = entries.order_by("-edition").annotate(places=RawSQL("places", [])).values_list("places", *columns)[:most]
    picked, parameters = newest.query.sql_with_params()
    term, whole = _query(way, _term), _query(way, _whole)
    has, phrase = ("places @@ %s::tsquery", [term]) if "<->" in term else ("TRUE", [])
    asked = {term, whole}
    rank = " + ".join(["ts_rank(%s::real[], places, %s::tsquery, %s)"] * len(asked))
    ranking = [value for query in asked for value in (WEIGHTS, query, SHORTER_FIRST)]
    selected = ", ".join([has, rank, *columns])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {selected} FROM ({picked}) AS picked", [*phrase, *ranking, *parameters])
        return cursor.fetchall()


def _query(way: Way, written: Callable[[Term], str]) -> str:
    return " | ".join("(" + " & ".join(map(written, terms)) + ")" for terms in way)


def _whole(term: Term, last: str = "") -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in term.tokens) + last + ")"


def _begun(term: Term) -> str:
    """A word that is still being typed may be the beginning of another."""
    return ":*" if term.is_prefix else ""


def _term(term: Term) -> str:
    return _whole(term, _begun(term))


def _indexed(term: Term) -> str:
    """Its words, wherever they stand, and those that are whole as neighbours, which few editions have."""
    whole = term.tokens[:-1] if term.is_prefix else term.tokens
    words = " & ".join(f"'{word}'" for word in term.tokens)
    return "(" + " & ".join([*_neighbours(whole, 3 if len(whole) > 2 else 2), words]) + f"{_begun(term)})"
