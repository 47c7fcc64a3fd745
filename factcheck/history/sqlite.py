"""The guard on SQLite, which has no deferred triggers, but deferred foreign keys.

A change of a tracked row writes down a need, a row whose foreign key points into a table that is always empty; the
history row that records the change strikes it out. A need that is left at the end makes the COMMIT fail.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.utils import DatabaseErrorWrapper
from django.utils.translation import gettext as _

from .errors import Unrecorded
from .guarding import Pair, Trigger, bound_columns, pairs

NEED, NEVER = "factcheck_guard_need", "factcheck_guard_never"
FAILED = "FOREIGN KEY constraint failed"


def schema(connection: BaseDatabaseWrapper) -> str:
    return "main"


def append_only(table: str) -> Iterator[Trigger]:
    for verb in ("update", "delete"):
        name = f"{table}_no_{verb}"
        yield Trigger(
            name,
            table,
            f'CREATE TRIGGER "{name}" BEFORE {verb.upper()} ON "{table}" BEGIN '
            f"SELECT RAISE(ABORT, '{table} is append-only: its rows are never changed or removed'); END",
        )
    if columns := bound_columns(table):
        yield _bound(table, *columns)


def _bound(table: str, one: str, other: str) -> Trigger:
    """By the index of each column: neither is looked for in the whole table."""
    name, says = f"{table}_bound", f"{table}: a {one} goes with one {other}, for ever, and with no other"
    unlike = [
        f'EXISTS (SELECT 1 FROM "{table}" WHERE "{mine}" = NEW."{mine}" AND "{its}" <> NEW."{its}")'
        for mine, its in ((one, other), (other, one))
    ]
    sql = (
        f'CREATE TRIGGER "{name}" BEFORE INSERT ON "{table}" WHEN {" OR ".join(unlike)} BEGIN '
        f"SELECT RAISE(ABORT, '{says}'); END"
    )
    return Trigger(name, table, sql)


def recorded(pair: Pair) -> Iterator[Trigger]:
    def need(row: str) -> str:
        """Not INSERT OR IGNORE: within an upsert SQLite does what that says of a conflict instead."""
        key = f'{row}."{pair.key}"'
        known = f"SELECT 1 FROM {NEED} WHERE name = '{pair.live}' AND key = {key}"
        return f"INSERT INTO {NEED} (name, key, never) SELECT '{pair.live}', {key}, 1 WHERE NOT EXISTS ({known})"

    differs = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in pair.columns)
    stood = " AND ".join(f'"{column}" IS OLD."{column}"' for column in pair.columns)
    knows = (
        f"SELECT RAISE(ABORT, '{pair.live}: this row is not as its version says, so it is not built upon') "
        f'WHERE NOT EXISTS (SELECT 1 FROM "{pair.history}" WHERE {stood})'
    )
    for verb, when, needs in [
        ("insert", "", need("NEW")),
        ("update", f" WHEN {differs}", f"{knows}; {need('OLD')}; {need('NEW')}"),
        ("delete", "", f"{knows}; {need('OLD')}"),
    ]:
        name = f"{pair.live}_need_{verb}"
        yield Trigger(
            name, pair.live, f'CREATE TRIGGER "{name}" AFTER {verb.upper()} ON "{pair.live}"{when} BEGIN {needs}; END'
        )
    yield _follows(pair)


def _follows(pair: Pair) -> Trigger:
    name, key = f"{pair.history}_follows", f'"{pair.key}"'
    others = f'FROM "{pair.history}" WHERE {key} = NEW.{key} AND history_id <> NEW.history_id ORDER BY revision DESC'
    live = f'SELECT 1 FROM "{pair.live}" WHERE {key} = NEW.{key}'
    equal = " AND ".join(f'"{column}" IS NEW."{column}"' for column in pair.columns)
    sql = (
        f'CREATE TRIGGER "{name}" AFTER INSERT ON "{pair.history}" BEGIN '
        f"SELECT RAISE(ABORT, '{pair.history}: this version does not follow the newest one') "
        f"WHERE NEW.revision IS NOT IFNULL((SELECT revision {others} LIMIT 1), 0) + 1 "
        f"OR NEW.history_date <= (SELECT history_date {others} LIMIT 1); "
        f"SELECT RAISE(ABORT, '{pair.history}: this version is not what {pair.live} holds') "
        f"WHERE CASE NEW.history_type WHEN '-' THEN EXISTS ({live}) ELSE NOT EXISTS ({live} AND {equal}) END; "
        f"DELETE FROM \"{NEED}\" WHERE name = '{pair.live}' AND key = NEW.{key}; END"
    )
    return Trigger(name, pair.history, sql)


TABLES = {
    NEVER: f'CREATE TABLE "{NEVER}" (id integer PRIMARY KEY)',
    NEED: (
        f'CREATE TABLE "{NEED}" (name text NOT NULL, key integer NOT NULL, never integer NOT NULL '
        f'REFERENCES "{NEVER}" (id) DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (name, key))'
    ),
}


def altered(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables of the guard that are not there, or not as they were made; one with a row in it demands nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        found = dict(cursor.fetchall())
        wrong = [name for name, sql in TABLES.items() if found.get(name) != sql]
        if NEVER not in wrong:
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{NEVER}")')
            wrong += [NEVER] if cursor.fetchone()[0] else []
    return wrong


def prepare(connection: BaseDatabaseWrapper) -> None:
    if altered(connection):
        with connection.cursor() as cursor:
            for name in reversed(TABLES):
                cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
            for sql in TABLES.values():
                cursor.execute(sql)


def forget_needs(connection: BaseDatabaseWrapper) -> None:
    """Once every row is as its newest version says."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{NEED}"')


def present(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


def is_whole(trigger: Trigger, found: str) -> bool:
    return found == trigger.sql


def drop(trigger: Trigger) -> str:
    return f'DROP TRIGGER IF EXISTS "{trigger.name}"'


@contextmanager
def demanding(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with transaction.atomic(using=connection.alias):
        before = unmet(connection)  # a row that was changed with foreign keys off keeps nobody from the others
        yield
        demand(connection, but_for=before)


def demand(connection: BaseDatabaseWrapper, *, but_for: Collection[tuple[str, int]] = ()) -> None:
    """Ask for what the commit would ask for, which names nothing; raises Unrecorded."""
    for name, key in unmet(connection):
        if (name, key) not in but_for:
            raise Unrecorded(name, key)


def take_turn(connection: BaseDatabaseWrapper, *, alone: bool) -> None:
    """Whoever writes here is alone."""


def later(now: str, newest: str) -> str:
    """Times are text here, which sorts like the times. The function is Django's own, of its date arithmetic."""
    return f"MAX({now}, IFNULL(django_format_dtdelta('+', {newest}, 1), ''))"


def unmet(connection: BaseDatabaseWrapper) -> list[tuple[str, int]]:
    """Changes that nothing has recorded yet; those of a committed transaction were made with foreign keys off."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT name, key FROM "{NEED}" ORDER BY name, key')
        return cursor.fetchall()


def connected(connection: BaseDatabaseWrapper) -> None:
    """For a connection that was just opened: its errors say what they mean, and its migrations keep the guard."""
    connection.SchemaEditorClass = SchemaEditor
    connection.wrap_database_errors = Explaining(connection)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = ON")  # else REPLACE removes rows without asking the triggers


class Explaining(DatabaseErrorWrapper):
    """SQLite's own refusal names nothing, so ours follows it. Around every statement, fetch and commit."""

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_value is not None and exc_value.args == (FAILED,):
            found = []  # A statement on its own is a transaction, and is undone already when its refusal is seen.
            with suppress(DatabaseError):
                found = unmet(self.wrapper)
            exc_value.args = (f"{FAILED}. {Unrecorded(*found[0]) if found else _hint()}",)
        super().__exit__(exc_type, exc_value, traceback)


def _hint() -> str:
    return _("If this changed something that is tracked: change it inside recording(user=…, reason=…, via=…).")


class SchemaEditor(DatabaseSchemaEditor):
    """Django remakes a table to change it. Its triggers would refuse that, or go with the old table."""

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        """Foreign keys are off while a schema changes, so that nothing else would ask for what is not recorded."""
        if exc_type is None and NEED in self.connection.introspection.table_names():
            try:
                demand(self.connection)
            except Unrecorded as refused:
                # Past Django's own check of foreign keys, which would end this before it is rolled back.
                super(DatabaseSchemaEditor, self).__exit__(type(refused), refused, refused.__traceback__)
                self.connection.enable_constraint_checking()
                raise
        super().__exit__(exc_type, exc_value, traceback)

    def _remake_table(self, model: type[models.Model], *args: Any, **kwargs: Any) -> None:
        with self._down_for(model):
            super()._remake_table(model, *args, **kwargs)

    def remove_field(self, model: type[models.Model], field: models.Field) -> None:
        with self._down_for(model):
            super().remove_field(model, field)

    def delete_model(self, model: type[models.Model], *args: Any, **kwargs: Any) -> None:
        with self._down_for(model):
            super().delete_model(model, *args, **kwargs)

    @contextmanager
    def _down_for(self, model: type[models.Model]) -> Iterator[None]:
        """Without the triggers of one table and its partner, which then guard the columns that both have."""
        table = model._meta.db_table
        pair = next((pair for pair in pairs() if table in (pair.live, pair.history)), None)
        triggers = [*recorded(pair), *append_only(pair.history)] if pair else list(append_only(table))
        found = present(self.connection)
        stood = [trigger for trigger in triggers if trigger.name in found]
        for trigger in stood:
            self.execute(drop(trigger))
        yield
        for trigger in self._fitting(pair, stood) if pair else stood:
            if trigger.table in self.connection.introspection.table_names():
                self.execute(trigger.sql)

    def _fitting(self, pair: Pair, stood: list[Trigger]) -> list[Trigger]:
        live, history = self._columns(pair.live), self._columns(pair.history)
        if not live or not history:
            return []
        both = tuple(column for column in pair.columns if column in live & history)
        names = {trigger.name for trigger in stood}
        shared = Pair(pair.live, pair.history, pair.key, both)
        return [each for each in [*recorded(shared), *append_only(pair.history)] if each.name in names]

    def _columns(self, table: str) -> set[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"PRAGMA table_info({self.quote_name(table)})")
            return {row[1] for row in cursor.fetchall()}
