"""History rows, written by the database: a version is copied from the row that it is a version of."""

from functools import cache

from django.db import connection, models
from django.utils.translation import gettext as _

from . import guard
from .errors import HistoryError

Model = type[models.Model]


def write_version(instance: models.Model, kind: str, *, history: Model, changeset: models.Model) -> None:
    """The stored row as its next version; `kind` is "+" or "~"."""
    _write(_copy(type(instance), history), kind, instance, changeset)


def write_deletion(instance: models.Model, *, history: Model, changeset: models.Model) -> None:
    """The version that says it is gone, as it last stood."""
    _write(_copy(history, history), "-", instance, changeset)


def _write(sql: str, kind: str, instance: models.Model, changeset: models.Model) -> None:
    at = connection.ops.adapt_datetimefield_value(changeset.at)
    with connection.cursor() as cursor:
        cursor.execute(sql, [at, instance.pk, kind, changeset.pk, instance.pk])
        if cursor.rowcount != 1:
            raise HistoryError(_("%s is not stored, so it has no version to keep.") % instance)


@cache
def _copy(origin: Model, history: Model) -> str:
    """From the live row; or, where that is gone, from the newest version.

    Its time is that of its act, so that no moment shows half of one; where a newer version is as late already, for the
    clock was set back or the act changes an object twice, the first moment after that version.
    """
    quote = connection.ops.quote_name
    table = quote(history._meta.db_table)
    own = {"history_id", "history_date", "history_type", "changeset"}
    columns = [field.column for field in history._meta.concrete_fields if field.name not in own]
    copied = [quote(column) for column in columns]
    if origin is history:
        copied[columns.index("revision")] = "revision + 1"
    into = ", ".join([*map(quote, columns), "history_date", "history_type", "changeset_id"])
    newest = f"SELECT n.history_date FROM {table} n WHERE n.id = %s ORDER BY n.revision DESC LIMIT 1"
    at = guard.dialect(connection).later("%s", f"({newest})")
    last = " ORDER BY revision DESC LIMIT 1" if origin is history else ""
    return (
        f"INSERT INTO {table} ({into}) SELECT {', '.join(copied)}, {at}, %s, %s "
        f"FROM {quote(origin._meta.db_table)} WHERE id = %s{last}"
    )
