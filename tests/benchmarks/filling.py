from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from factcheck.models.search.words import engine


@contextmanager
def unindexed() -> Iterator[None]:
    """As an upgrade does that makes all of it anew."""
    engine(connection).drop_index(connection)
    yield
    engine(connection).install(connection)
