"""Live rows against the newest version of each: a few statements a table, whatever the number of rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, OuterRef


@dataclass(frozen=True)
class Unlike:
    """A live row that is not what its newest version says."""

    key: int
    history_type: str | None
    """Of the newest version; None where there is none."""
    fields: tuple[str, ...]


def differing(model: type[models.Model], using: str = DEFAULT_DB_ALIAS) -> Iterator[int]:
    """Keys, of rows that are there and of rows that are not."""
    yield from (unlike.key for unlike in unlike_newest(model, using))
    yield from gone_unrecorded(model, using)


def unlike_newest(model: type[models.Model], using: str = DEFAULT_DB_ALIAS) -> Iterator[Unlike]:
    connection = connections[using]
    names = [field.name for field in model._meta.concrete_fields]
    with connection.chunked_cursor() as cursor:
        cursor.execute(_unlike_newest(model, connection))
        for key, history_type, *differs in cursor:
            yield Unlike(key, history_type, tuple(name for name, each in zip(names, differs, strict=True) if each))


def _unlike_newest(model: type[models.Model], connection: BaseDatabaseWrapper) -> str:
    quote = connection.ops.quote_name
    live, history = quote(model._meta.db_table), quote(model.history.model._meta.db_table)
    key = quote(model._meta.pk.column)
    is_not = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    columns = [quote(field.column) for field in model._meta.concrete_fields]
    differs = [f"l.{column} {is_not} h.{column}" for column in columns]
    newest = f"SELECT n.history_id FROM {history} n WHERE n.{key} = l.{key} ORDER BY n.revision DESC LIMIT 1"
    return (
        f"SELECT l.{key}, h.history_type, {', '.join(differs)} "
        f"FROM {live} l LEFT JOIN {history} h ON h.history_id = ({newest}) "
        f"WHERE h.history_type = '-' OR {' OR '.join(differs)} ORDER BY l.{key}"
    )


def gone_unrecorded(model: type[models.Model], using: str = DEFAULT_DB_ALIAS) -> Iterator[int]:
    """Keys whose newest version is no deletion, and whose row is gone all the same."""
    versions = model.history.model.objects.using(using)
    live = model._base_manager.using(using).filter(pk=OuterRef("id"))
    newer = versions.filter(id=OuterRef("id"), revision__gt=OuterRef("revision"))
    gone = versions.filter(~Exists(live), ~Exists(newer)).exclude(history_type="-")
    return gone.order_by("id").values_list("id", flat=True).iterator()
