"""What the database itself holds, whoever writes to it: append-only tables stay append-only.

SQLite loses triggers when a migration remakes a table, so they are made anew after every migrate.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models

from .appendonly import AppendOnly
from .tracked import Tracked

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION factcheck_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: its rows are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def append_only_models() -> list[type[models.Model]]:
    """Every append-only table: those that derive from AppendOnly, and the history of each tracked model."""
    found = []
    for model in apps.get_models():
        if issubclass(model, AppendOnly):
            found.append(model)
        elif issubclass(model, Tracked):
            found.append(model.history.model)
    return sorted(found, key=lambda model: model._meta.db_table)


def _triggers(table: str) -> dict[str, str]:
    """Name and SQL of each trigger that a table needs."""
    if connection.vendor == "postgresql":
        return {
            f"{table}_append_only": f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION factcheck_append_only()"
        }
    return {
        f"{table}_no_{verb}": f'CREATE TRIGGER "{table}_no_{verb}" BEFORE {verb.upper()} ON "{table}" BEGIN '
        f"SELECT RAISE(ABORT, '{table} is append-only: its rows are never changed or removed'); END"
        for verb in ("update", "delete")
    }


def _expected() -> dict[str, tuple[str, str]]:
    return {
        name: (table, sql)
        for table in (model._meta.db_table for model in append_only_models())
        for name, sql in _triggers(table).items()
    }


def _present() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


def missing() -> list[str]:
    return sorted(_expected().keys() - _present())


def install(**kwargs: Any) -> None:
    """Make what is missing. Tables that a half-done migration has not made yet are left for the next time."""
    tables = set(connection.introspection.table_names())
    lacking = missing()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for name, (table, sql) in _expected().items():
            if name in lacking and table in tables:
                cursor.execute(sql)


def take_down() -> None:
    present = _present()
    with connection.cursor() as cursor:
        for name, (table, _sql) in _expected().items():
            if name in present:
                on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f'DROP TRIGGER "{name}"{on_table}')


@contextmanager
def lowered() -> Iterator[None]:
    """The database without its guard, for a test case that empties its tables. Nothing else has a reason to."""
    take_down()
    try:
        yield
    finally:
        install()
