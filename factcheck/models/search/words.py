"""The words of an edition in the database, by four weights; `postgres` and `sqlite` say how they are kept and found."""

from types import ModuleType
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from . import postgres, sqlite

ENGINES = {"postgresql": postgres, "sqlite": sqlite}


def engine(connection: BaseDatabaseWrapper) -> ModuleType:
    return ENGINES[connection.vendor]


class Document(NamedTuple):
    """Words, the heaviest first."""

    label: list[str]
    finding: list[str]
    explanation: list[str]
    sources: list[str]


class WordsField(models.Field):
    """Written as a Document, and only ever searched."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return engine(connection).COLUMN

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return engine(connection).stored(value)
