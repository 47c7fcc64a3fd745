"""What the database itself holds, whoever writes to it.

Append-only tables stay append-only. A tracked row whose newest version differs from it is not committed, nor is a
version that does not follow the one before, or is not what the row holds. `postgres` and `sqlite` say how.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from types import ModuleType
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.transaction import atomic
from django.utils.translation import gettext as _

from . import postgres, sqlite
from .comparing import differing
from .guarding import Trigger, append_only_models, pairs, tracked_models

TAG = "history"
LIVES = {"postgresql": postgres, "sqlite": sqlite}
NAMED = 10  # so many differing rows are named before "and more"


def dialect(connection: BaseDatabaseWrapper) -> ModuleType:
    return LIVES[connection.vendor]


def _wanted(connection: BaseDatabaseWrapper) -> list[Trigger]:
    of = dialect(connection)
    found = [trigger for model in append_only_models() for trigger in of.append_only(model._meta.db_table)]
    return found + [trigger for pair in pairs(of.schema(connection)) for trigger in of.recorded(pair)]


def _lacking(connection: BaseDatabaseWrapper) -> list[Trigger]:
    of, found = dialect(connection), dialect(connection).present(connection)
    return [
        trigger
        for trigger in _wanted(connection)
        if trigger.name not in found or not of.is_whole(trigger, found[trigger.name])
    ]


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the triggers, and of tables of the guard's own, that are not there, switched off, or altered."""
    connection = connections[using]
    return sorted([trigger.name for trigger in _lacking(connection)] + dialect(connection).altered(connection))


def unmet(using: str = DEFAULT_DB_ALIAS) -> list[tuple[str, int]]:
    """(table, key) of changes that nobody recorded and that left a trace."""
    return dialect(connections[using]).unmet(connections[using])


@contextmanager
def demanding(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Around a transaction, or a savepoint of one: at its end, raises Unrecorded where a version is lacking."""
    connection = connections[using]
    with dialect(connection).demanding(connection):
        yield


def take_turn(*, alone: bool = False, using: str = DEFAULT_DB_ALIAS) -> None:
    """Before the first lock and the first changeset of a transaction, and until its end.

    Keys of changesets are given before the COMMIT. What is done `alone` waits until no act is open, and others wait for
    it: acts with lower keys are all in what it reads, and none comes after it. Raises Busy when they take too long.
    """
    connection = connections[using]
    dialect(connection).take_turn(connection, alone=alone)


def install(using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    """After every migrate: make what is missing. Tables that a half-done migration lacks are left for the next time.

    Nothing is put under guard that differs from its history already: the migrate fails, and names the rows.
    """
    connection = connections[using]
    of, lacking = dialect(connection), _lacking(connection)
    tables = set(connection.introspection.table_names())
    is_looked_at = plan or lacking or of.altered(connection)
    if is_looked_at:
        _refuse_differences(connection, tables)
    with atomic(using), connection.cursor() as cursor:
        of.prepare(connection)
        if is_looked_at:
            of.forget_needs(connection)
        for trigger in lacking:
            if trigger.table in tables:
                cursor.execute(of.drop(trigger))
                cursor.execute(trigger.sql)


def _refuse_differences(connection: BaseDatabaseWrapper, tables: set[str]) -> None:
    found = []
    for model in tracked_models():
        table = model._meta.db_table
        if {table, model.history.model._meta.db_table} <= tables:
            found += [f"{table} {key}" for key in islice(differing(model, connection.alias), NAMED + 1)]
    if found:
        named = ", ".join(found[:NAMED]) + (" …" if len(found) > NAMED else "")
        raise CommandError(
            _("The guard is not complete: these rows differ from their newest version, so nothing says how: %s.")
            % named
        )


def take_down(using: str = DEFAULT_DB_ALIAS) -> None:
    connection = connections[using]
    of, found = dialect(connection), dialect(connection).present(connection)
    with atomic(using), connection.cursor() as cursor:
        for trigger in _wanted(connection):
            if trigger.name in found:
                cursor.execute(of.drop(trigger))


def connected(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        sqlite.connected(connection)


@contextmanager
def lowered(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """The database without its guard, for a test case that empties its tables. Nothing else has a reason to."""
    take_down(using)
    try:
        yield
    finally:
        _put_back(connections[using])


def _put_back(connection: BaseDatabaseWrapper) -> None:
    of = dialect(connection)
    with atomic(connection.alias), connection.cursor() as cursor:
        for trigger in _lacking(connection):
            cursor.execute(of.drop(trigger))
            cursor.execute(trigger.sql)


# A database without its guard is not used.


def check(**kwargs: Any) -> list[CheckMessage]:
    """An error of `check`, and so of every command that asks for checks, but never in the way of `migrate`."""
    try:
        lacking = missing()
        if not lacking or is_half_migrated():
            return []
    except DatabaseError:
        return []  # No database to look at, or none of ours: what needs it says so.
    hint = _("`manage.py migrate` puts it back, once it finds nothing amiss.")
    return [Error(_said(lacking), hint=hint, id="factcheck.E001")]


def require() -> None:
    """For the start of a server: raises ImproperlyConfigured where the guard is not whole."""
    if lacking := missing():
        raise ImproperlyConfigured(f"{_said(lacking)} {_('Run `manage.py migrate`.')}")


def _said(lacking: list[str]) -> str:
    return _("The database's guard of the history is not whole: %s.") % ", ".join(lacking)


def is_half_migrated() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
