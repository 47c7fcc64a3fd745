"""What the database is asked to hold, whichever one it is."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from .appendonly import AppendOnly


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    sql: str
    """The whole statement that makes it."""
    body: str = ""
    """On PostgreSQL, when it asks, and its function: a trigger that asks of less, or asks nothing, guards nothing."""


@dataclass(frozen=True)
class Pair:
    """A tracked table and its history."""

    live: str
    history: str
    key: str
    columns: tuple[str, ...]
    schema: str = ""
    """Where PostgreSQL keeps both. Named by all that looks into them: a temporary table can stand before an unnamed."""


def append_only_models() -> list[type[models.Model]]:
    """Every append-only table: those that derive from AppendOnly, and the history of each tracked model."""
    append_only = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    histories = [model.history.model for model in tracked_models()]
    return sorted(append_only + histories, key=lambda model: model._meta.db_table)


def bound_columns(table: str) -> tuple[str, str] | None:
    return next((model.bound for model in apps.get_models() if _is_bound(model, table)), None)


def _is_bound(model: type[models.Model], table: str) -> bool:
    return issubclass(model, AppendOnly) and model._meta.db_table == table


def tracked_models() -> list[type[models.Model]]:
    from .tracked import Tracked  # whose acts ask the guard

    return [model for model in apps.get_models() if issubclass(model, Tracked)]


def pairs(schema: str = "") -> Iterator[Pair]:
    for model in tracked_models():
        columns = tuple(field.column for field in model._meta.concrete_fields)
        tables = (model._meta.db_table, model.history.model._meta.db_table)
        yield Pair(*tables, model._meta.pk.column, columns, schema)
