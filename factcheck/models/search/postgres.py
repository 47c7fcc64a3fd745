"""On PostgreSQL a tsvector, written word by word: no parser of its own looks at what a word is."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, FloatField, QuerySet
from django.db.models.expressions import RawSQL

from factcheck.text.finding import Term, Way

COLUMN = "tsvector"
TABLE, INDEX = "factcheck_searchentry", "factcheck_searchentry_words"
WEIGHTS = [0.1, 0.25, 0.6, 1.0]  # of D to A
LAST_POSITION = 16_383
SHORTER_FIRST = 1  # divides by the logarithm of the length


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [INDEX])
        if cursor.fetchone()[0]:
            # Without a list of what is still to be sorted in, which every search would read.
            cursor.execute(f"CREATE INDEX {INDEX} ON {TABLE} USING gin (words) WITH (fastupdate = off)")


def stored(document: Sequence[list[str]]) -> str:
    positions: dict[str, list[str]] = {}
    place = 0
    for weight, words in zip("ABCD", document, strict=True):
        for word in words:
            place = min(place + 1, LAST_POSITION)
            positions.setdefault(word, []).append(f"{place}{weight}")
        place += 1  # no phrase goes on from one to the next
    return " ".join(f"'{word}':{','.join(found)}" for word, found in positions.items())


def newest_found(
    connection: BaseDatabaseWrapper, entries: QuerySet, way: Way, columns: Sequence[str], most: int
) -> Iterator[tuple[Any, ...]]:
    """The subquery picks, so that no rank is worked out in vain. A whole word counts twice as much as a begun one."""
    query, whole = _query(way, begun=True), _query(way, begun=False)
    matching = RawSQL("words @@ %s::tsquery", [query], BooleanField())
    newest = entries.filter(matching).order_by("-edition").values("edition")[:most]
    found = entries.model.objects.filter(edition__in=newest)
    yield from found.annotate(rank=_rank(query) + _rank(whole)).values_list("rank", *columns)


def _rank(query: str) -> RawSQL:
    return RawSQL("ts_rank(%s::real[], words, %s::tsquery, %s)", [WEIGHTS, query, SHORTER_FIRST], FloatField())


def _query(way: Way, *, begun: bool) -> str:
    """`begun`: a word that is still being typed may be the beginning of another."""
    return " | ".join("(" + " & ".join(_term(term, begun) for term in terms) + ")" for terms in way)


def _term(term: Term, begun: bool) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in term.tokens)
    return f"({phrase}{':*' if begun and term.is_prefix else ''})"
