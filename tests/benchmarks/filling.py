from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from factcheck.models.search import postgres
from factcheck.models.search.words import engine


@contextmanager
def unindexed() -> Iterator[None]:
    """PostgreSQL's index of words takes much longer to keep, row by row, than to make anew."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {postgres.INDEX}")
    yield
    engine(connection).install(connection)
