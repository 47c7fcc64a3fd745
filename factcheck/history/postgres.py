"""The guard on PostgreSQL: deferred constraint triggers look at what is there when a transaction commits.

A row is compared with its newest version as JSON, so that a migration may add a column to one table before the other.
Comparing is done by functions of their own, one a table: PostgreSQL keeps their plans, where it would plan a statement
put together from names anew each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import LockNotAvailable

from .errors import Busy, Unrecorded
from .guarding import Pair, Trigger, bound_columns

RECORDED = "factcheck_recorded"  # the name of the constraint that an error carries

TURNS = 0x46616374  # of the advisory lock: "Fact"
PATIENCE = "5s"  # of whoever wants to be alone; those who come later wait as long

APPEND_ONLY = """
BEGIN
    RAISE EXCEPTION '% is append-only: its rows are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
"""
BOUND = """
DECLARE
    taken boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM %1$I.%2$I t WHERE t.{one} = $1.{one} AND t.{other} <> $1.{other}) '
        'OR EXISTS (SELECT 1 FROM %1$I.%2$I t WHERE t.{other} = $1.{other} AND t.{one} <> $1.{one})',
        TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO taken USING NEW;
    IF taken THEN
        RAISE EXCEPTION '%: a {one} goes with one {other}, for ever, and with no other', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
"""
NO_TRUNCATE = """
BEGIN
    RAISE EXCEPTION '% is never emptied: what is in it is part of the history', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
"""
LIVE = """
DECLARE
    wanted bigint;
    live pg_catalog.jsonb;
    kept pg_catalog.jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT to_jsonb(t) INTO kept FROM "{schema}"."{history}" t
            WHERE t."{key}" = OLD."{key}" AND t.revision = OLD.revision;
        IF (kept @> to_jsonb(OLD)) IS NOT TRUE THEN
            RAISE EXCEPTION '{live} %: this row is not as its version says, so it is not built upon', OLD."{key}"
                USING ERRCODE = 'restrict_violation', TABLE = '{live}', CONSTRAINT = 'factcheck_recorded',
                    DETAIL = OLD."{key}"::pg_catalog.text;
        END IF;
    END IF;
    FOREACH wanted IN ARRAY CASE
        WHEN TG_OP = 'INSERT' THEN ARRAY[NEW."{key}"]
        WHEN TG_OP = 'DELETE' OR OLD."{key}" = NEW."{key}" THEN ARRAY[OLD."{key}"]
        ELSE ARRAY[OLD."{key}", NEW."{key}"] END
    LOOP
        SELECT to_jsonb(t) INTO live FROM "{schema}"."{live}" t WHERE t."{key}" = wanted;
        SELECT to_jsonb(t) INTO kept FROM "{schema}"."{history}" t WHERE t."{key}" = wanted
            ORDER BY t.revision DESC LIMIT 1;
        IF live IS NULL AND kept->>'history_type' = '-'
            OR live IS NOT NULL AND kept->>'history_type' <> '-' AND kept @> live THEN
            CONTINUE;
        END IF;
        RAISE EXCEPTION 'unrecorded change to {live} %: its newest version differs from it', wanted
            USING ERRCODE = 'restrict_violation', TABLE = '{live}', CONSTRAINT = 'factcheck_recorded',
                DETAIL = wanted::pg_catalog.text;
    END LOOP;
    RETURN NULL;
END
"""
HISTORY = """
DECLARE
    newest "{schema}"."{history}";
    live pg_catalog.jsonb;
BEGIN
    SELECT * INTO newest FROM "{schema}"."{history}" t
        WHERE t."{key}" = NEW."{key}" AND t.history_id <> NEW.history_id ORDER BY t.revision DESC LIMIT 1;
    IF NEW.revision <> COALESCE(newest.revision, 0) + 1 OR NEW.history_date <= newest.history_date THEN
        RAISE EXCEPTION '{history}: version % of % does not follow version %',
            NEW.revision, NEW."{key}", COALESCE(newest.revision, 0) USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT to_jsonb(t) INTO live FROM "{schema}"."{live}" t WHERE t."{key}" = NEW."{key}";
    IF NEW.history_type = '-' AND live IS NULL
        OR NEW.history_type <> '-' AND live IS NOT NULL AND to_jsonb(NEW) @> live THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '{history}: version % of % is not what {live} holds', NEW.revision, NEW."{key}"
        USING ERRCODE = 'restrict_violation';
END
"""


def schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def append_only(table: str) -> Iterator[Trigger]:
    yield _trigger(f"{table}_append_only", table, "BEFORE UPDATE OR DELETE", "factcheck_append_only", APPEND_ONLY)
    yield _no_truncate(table)
    if columns := bound_columns(table):
        name, body = f"{table}_bound", BOUND.format(one=columns[0], other=columns[1])
        yield _trigger(name, table, "BEFORE INSERT", name, body)


def recorded(pair: Pair) -> Iterator[Trigger]:
    names = {"schema": pair.schema, "live": pair.live, "history": pair.history, "key": pair.key}
    name = f"{pair.live}_recorded"
    yield _trigger(name, pair.live, "AFTER INSERT OR UPDATE OR DELETE", name, LIVE.format(**names), deferred=True)
    name = f"{pair.history}_follows"
    yield _trigger(name, pair.history, "AFTER INSERT", name, HISTORY.format(**names))
    yield _no_truncate(pair.live)


def _no_truncate(table: str) -> Trigger:
    return _trigger(
        f"{table}_no_truncate", table, "BEFORE TRUNCATE", "factcheck_no_truncate", NO_TRUNCATE, each="STATEMENT"
    )


TYPES = {"ROW": 1, "BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}  # bits of pg_trigger.tgtype
PATH = "pg_catalog, pg_temp"  # else a type or an operator of the session's own could stand in for a name of the body


def _trigger(
    name: str, table: str, when: str, function: str, body: str, *, each: str = "ROW", deferred: bool = False
) -> Trigger:
    kind, until = ("CONSTRAINT TRIGGER", " DEFERRABLE INITIALLY DEFERRED") if deferred else ("TRIGGER", "")
    sql = (
        f'CREATE OR REPLACE FUNCTION "{function}"() RETURNS trigger LANGUAGE plpgsql SET search_path = {PATH} '
        f"AS $${body}$$; "
        f'CREATE {kind} "{name}" {when} ON "{table}"{until} FOR EACH {each} EXECUTE FUNCTION "{function}"()'
    )
    bits = sum(bit for word, bit in TYPES.items() if word in (each, *when.split()))
    return Trigger(name, table, sql, f"{table} {bits} {'deferred' if deferred else 'at once'} {function}{body}")


def prepare(connection: BaseDatabaseWrapper) -> None:
    """PostgreSQL needs no table of its own for this."""


def forget_needs(connection: BaseDatabaseWrapper) -> None:
    """There are none."""


def altered(connection: BaseDatabaseWrapper) -> list[str]:
    return []


def present(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """When each asks what, and the body of its function; of those that are switched on, and ask of every row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname || ' ' || t.tgtype || ' ' || "
            "CASE WHEN t.tgdeferrable AND t.tginitdeferred THEN 'deferred' ELSE 'at once' END || ' ' || "
            "p.proname || p.prosrc "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND n.nspname = ANY (current_schemas(false)) "
            "AND t.tgqual IS NULL AND t.tgattr = '' AND p.proconfig = %s",
            [[f"search_path={PATH}"]],
        )
        return dict(cursor.fetchall())


def is_whole(trigger: Trigger, found: str) -> bool:
    return found == trigger.body


def drop(trigger: Trigger) -> str:
    return f'DROP TRIGGER IF EXISTS "{trigger.name}" ON "{trigger.table}"'


@contextmanager
def demanding(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """The commit asks for itself; at the end of a savepoint, it is asked for ahead of the commit."""
    is_nested = connection.in_atomic_block
    try:
        with transaction.atomic(using=connection.alias):
            yield
            if is_nested:
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        said = getattr(error.__cause__, "diag", None)
        if said is None or said.constraint_name != RECORDED:
            raise
        raise Unrecorded(said.table_name, int(said.message_detail)) from error


def take_turn(connection: BaseDatabaseWrapper, *, alone: bool) -> None:
    with connection.cursor() as cursor:
        if not alone:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [TURNS])
            return
        try:
            cursor.execute(
                "SET LOCAL lock_timeout = %s; SELECT pg_advisory_xact_lock(%s); SET LOCAL lock_timeout = DEFAULT",
                [PATIENCE, TURNS],
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Busy from error
            raise


def later(now: str, newest: str) -> str:
    return f"GREATEST({now}::timestamptz, {newest} + interval '1 microsecond')"


def unmet(connection: BaseDatabaseWrapper) -> list[tuple[str, int]]:
    """Nothing is left behind here: an unrecorded change is refused, or was made with the triggers off."""
    return []
