"""On SQLite an FTS5 table of words, which triggers keep like the rows that it is made of."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from factcheck.text.finding import Term, Way

COLUMN = "text"
TABLE, WORDS = "factcheck_searchentry", "factcheck_searchwords"
FIELDS = ("label", "finding", "explanation", "sources")
WEIGHTS = "10.0, 4.0, 1.0, 0.2"


def install(connection: BaseDatabaseWrapper) -> None:
    names = ", ".join(FIELDS)
    gone = f"INSERT INTO {WORDS} ({WORDS}, rowid, {names}) VALUES ('delete', OLD.edition_id, {_fields('OLD')})"
    new = f"INSERT INTO {WORDS} (rowid, {names}) VALUES (NEW.edition_id, {_fields('NEW')})"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [WORDS])
        if not cursor.fetchone():
            # The ASCII tokenizer takes a word as it is given, but for spaces.
            cursor.execute(
                f"CREATE VIRTUAL TABLE {WORDS} USING fts5 ({names}, content='', tokenize='ascii', prefix='2 3')"
            )
            cursor.execute(f"INSERT INTO {WORDS} (rowid, {names}) SELECT edition_id, {_fields(TABLE)} FROM {TABLE}")
        for verb, statements in {"insert": new, "update": f"{gone}; {new}", "delete": gone}.items():
            name = f"{TABLE}_words_{verb}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} AFTER {verb.upper()} ON {TABLE} BEGIN {statements}; END")


def drop_index(connection: BaseDatabaseWrapper) -> None:
    """Not needed here: it is kept as fast as it is made."""


def _fields(row: str) -> str:
    return ", ".join(f"json_extract({row}.words, '$[{place}]')" for place in range(len(FIELDS)))


def stored(document: Sequence[list[str]]) -> str:
    return json.dumps([" ".join(words) for words in document], ensure_ascii=False)


def newest_found(
    connection: BaseDatabaseWrapper, entries: QuerySet, way: Way, columns: Sequence[str], most: int
) -> Iterator[tuple[Any, ...]]:
    """CROSS JOIN and the plus sign: the words are looked up first and once, whatever the planner thinks of them."""
    keys, parameters = entries.order_by().values("edition").query.sql_with_params()
    among = f"AND +{TABLE}.edition_id IN ({keys})" if entries.query.where else ""
    selected = ", ".join(f"{TABLE}.{entries.model._meta.get_field(name).column}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT -bm25({WORDS}, {WEIGHTS}), {selected} "
            f"FROM {WORDS} CROSS JOIN {TABLE} ON {TABLE}.edition_id = {WORDS}.rowid "
            f"WHERE {WORDS} MATCH %s {among} ORDER BY {WORDS}.rowid DESC LIMIT %s",
            [_query(way), *(parameters if among else ()), most],
        )
        yield from cursor.fetchall()


def _query(way: Way) -> str:
    return " OR ".join("(" + " AND ".join(map(_term, terms)) + ")" for terms in way)


def _term(term: Term) -> str:
    phrase = f'"{" ".join(term.tokens)}"'
    return f"({phrase} OR {phrase} *)" if term.is_prefix else phrase
