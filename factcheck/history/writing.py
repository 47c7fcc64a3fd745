"""History rows, written by the database: a version is copied from the row that it is a version of."""

from datetime import datetime
from functools import cache

from django.db import connection, models
from django.utils.translation import gettext as _

from .errors import HistoryError

Model = type[models.Model]


def write_version(instance: models.Model, kind: str, *, history: Model, at: datetime, changeset: models.Model) -> None:
    """The stored row as its next version; `kind` is "+" or "~"."""
    _write(_copy(type(instance), history), [at, kind, changeset.pk, instance.pk], instance)


def write_deletion(instance: models.Model, *, history: Model, at: datetime, changeset: models.Model) -> None:
    """The version that says it is gone, as it last stood."""
    _write(_copy(history, history), [at, "-", changeset.pk, instance.pk], instance)


def _write(sql: str, values: list, instance: models.Model) -> None:
    values[0] = connection.ops.adapt_datetimefield_value(values[0])
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if cursor.rowcount != 1:
            raise HistoryError(_("%s is not stored, so it has no version to keep.") % instance)


@cache
def _copy(origin: Model, history: Model) -> str:
    """From the live row; or, where that is gone, from the newest version."""
    quote = connection.ops.quote_name
    own = {"history_id", "history_date", "history_type", "changeset"}
    columns = [field.column for field in history._meta.concrete_fields if field.name not in own]
    copied = [quote(column) for column in columns]
    if origin is history:
        copied[columns.index("revision")] = "revision + 1"
    into = ", ".join([*map(quote, columns), "history_date", "history_type", "changeset_id"])
    newest = " ORDER BY revision DESC LIMIT 1" if origin is history else ""
    return (
        f"INSERT INTO {quote(history._meta.db_table)} ({into}) SELECT {', '.join(copied)}, %s, %s, %s "
        f"FROM {quote(origin._meta.db_table)} WHERE {quote('id')} = %s{newest}"
    )
