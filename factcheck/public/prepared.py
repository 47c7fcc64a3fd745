"""Small queries that every request asks: put into SQL once, for Django takes longer to build one than a database to
answer it."""

import inspect
from collections.abc import Callable
from functools import cache, update_wrapper
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Row = tuple[Any, ...]


class Prepared:
    """A function of strings that makes a QuerySet, as one that answers its rows, as the database gives them.

    What is made may differ by the strings only where it compares with them: they stand in for one another in its SQL.
    """

    def __init__(self, query: Callable[..., QuerySet]) -> None:
        self.query = query
        self.names = list(inspect.signature(query).parameters)
        self.sql = cache(self._sql)
        update_wrapper(self, query)

    def __call__(self, *values: str) -> list[Row]:
        sql, params = self.sql(connection.vendor)
        given = dict(zip(map(_mark, self.names), values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(param, param) for param in params])
            return cursor.fetchall()

    def _sql(self, _vendor: str) -> tuple[str, Row]:
        return self.query(*map(_mark, self.names)).query.sql_with_params()


def _mark(name: str) -> str:
    return f"<{name}>"  # no slug has such signs
