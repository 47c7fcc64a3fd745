"""Which models and fields a file may bring, and what its values become."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from factcheck.models import (
    Capture,
    Claim,
    PublicText,
    Publisher,
    Rating,
    Report,
    Source,
    SourceBasis,
    Story,
    Verdict,
)

from .reading import Entry

CHANGESET, EDITION = "factcheck.changeset", "factcheck.edition"
OBJECTS = {
    model._meta.label_lower: model
    for model in (Story, Publisher, Source, SourceBasis, Claim, Report, Verdict, Rating, PublicText, Capture)
}
KNOWN = [CHANGESET, *OBJECTS, EDITION]
REFUSED = {
    "factcheck.approval": "An approval is a person's act: it is given at the desk, never imported.",
    "factcheck.flag": "A flag is raised at the desk, never imported.",
    "factcheck.user": "Accounts are not imported: make them with “people add”.",
    "auth.group": "Roles are not imported: give them with “people add”.",
    "factcheck.correctionrequest": "Readers' requests come from readers: they are not imported.",
    "factcheck.answer": "Answers to readers are given at the desk, never imported.",
}
DESK_SET = {"state", "author", "edition_kind", "revision", "id", "pk", "sha256", "changeset"}
FROZEN = {"content", "digest", "approval", "number"}
EDITION_NEEDS = ["claim", "kind", "published_at", "checked_by", "approved_by"]
CHANGESET_NEEDS = ["key", "claimed_by", "claimed_at", "reason"]

FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Every zone can show these; a public page must not fail at the edge of the calendar.
FIRST_YEAR, LAST_YEAR = 1000, 9998

Key = tuple[type[models.Model] | str, tuple[Any, ...]]


class Wrong(Exception):
    """A value that a field cannot take."""


class Follows(Exception):
    """What this names failed itself, and was said there."""


def model_problem(label: str) -> str | None:
    """Why nothing of this model is taken, or None."""
    lowered = label.lower()
    if lowered in KNOWN:
        return None
    if lowered in REFUSED:
        return REFUSED[lowered]
    if lowered.startswith("factcheck.historical"):
        return "History is written by the acts of an import, never imported itself."
    try:
        known = apps.get_model(label)
    except (LookupError, ValueError):
        known = None
    if known is not None:
        return f"“{label}” is not imported: only {', '.join(name.removeprefix('factcheck.') for name in KNOWN)} are."
    return f"There is no model “{label}”.{meant(lowered, KNOWN)}"


def meant(name: str, names: Any) -> str:
    """A suggestion, where a known name is close."""
    names = {each.removeprefix("factcheck.") if "." not in name else each: each for each in names}
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f" Did you mean “{names[close[0]]}”?" if close else ""


def names_problem(model: str, names: list[str], known: list[str]) -> Iterator[tuple[str, str]]:
    """Field and message of each name that a changeset or an edition does not have."""
    for name in names:
        if name not in known:
            if model == EDITION and name in FROZEN:
                yield name, f"“{name}” is made when an edition is frozen: remove it."
            else:
                yield name, f"“{name}” is no field of {model}: it takes {', '.join(known)}."


def field_of(model: type[models.Model], name: str) -> models.Field:
    fields = {each.name: each for each in model._meta.concrete_fields}
    if name in DESK_SET or (name in fields and not fields[name].editable and name != "number"):
        raise Wrong(f"“{name}” is set by the desk, not by a file: remove it.")
    if name not in fields:
        offered = [each for each in fields if each not in DESK_SET]
        raise Wrong(f"“{name}” is no field of {model._meta.label_lower}.{meant(name, offered)}")
    return fields[name]


def natural_path(model: type[models.Model]) -> tuple[str, ...]:
    return ("source__slug", "sha256") if model is Capture else model.natural_path


@dataclass
class Lookup:
    """Finds what files name, and knows what failed in this import, so that nothing is complained of twice."""

    failed: set[Key] = field(default_factory=set)

    def value(self, each: models.Field, value: Any) -> Any:
        """What a field takes, or Wrong."""
        if each.remote_field:
            return None if value is None and each.null else self.named(each.related_model, value)
        if value is None:
            return None if each.null else refuse("This needs a value.")
        if isinstance(each, models.BooleanField):
            return value if isinstance(value, bool) else refuse("Say true or false, without quotation marks.")
        if isinstance(value, list | dict):
            refuse(f"This takes one value, not a {'list' if isinstance(value, list) else 'mapping'}.")
        if isinstance(value, bool):
            refuse(f"This takes no {str(value).lower()}: for the word, put it in quotation marks.")
        if isinstance(each, models.DateField) and not isinstance(value, str):
            refuse("This takes a date or time, as in 2018-03-23 or 2018-03-23T20:00:00+01:00.")
        if isinstance(each, models.IntegerField) and not isinstance(value, int):
            refuse("This takes a whole number, without quotation marks.")
        if isinstance(each, models.DecimalField) and not FIGURE.fullmatch(str(value)):
            refuse("This takes a figure, as in 3 or 3.5.")
        try:
            found = each.to_python(value)
            if isinstance(found, datetime) and not FIRST_YEAR <= found.astimezone(UTC).year <= LAST_YEAR:
                refuse(f"This takes a time in the years {FIRST_YEAR} to {LAST_YEAR}.")
            return found
        except ValidationError as error:
            raise Wrong(" ".join(error.messages)) from error
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Wrong(f"“{value}” cannot be read.") from error

    def named(self, model: type[models.Model], name: Any) -> models.Model:
        """The object that a natural key names: a list of one text, or the bare text."""
        key = one_text(name)
        if key is None:
            refuse(f"Name the {model._meta.verbose_name} by its natural key, as in [some-name].")
        if (model, (key,)) in self.failed:
            raise Follows
        try:
            return model._default_manager.get_by_natural_key(key)
        except model.DoesNotExist:
            raise Wrong(f"There is no {model._meta.verbose_name} “{key}”, here or earlier in the file.") from None

    def key(self, model: type[models.Model], fields: dict[str, Any]) -> Key | None:
        """The natural key that the values of an entry spell, or None where it lacks a part."""
        parts = []
        for path in natural_path(model):
            name = path.split("__")[0] if path != "sha256" else "text"
            value = fields.get(name)
            part = one_text(value) if "__" in path else value
            if part is None or part == "" or isinstance(part, list | dict | bool):
                return None
            parts.append(part if path == "number" else str(part))
        return model, tuple(parts)


def refuse(message: str) -> Any:
    raise Wrong(message)


def one_text(value: Any) -> str | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and value else None


def problems_of(entry: Entry, error: ValidationError) -> Iterator[tuple[str, str]]:
    """Field ("" for the whole) and message of each thing that validation found."""
    if not hasattr(error, "error_dict"):
        yield from (("", message) for message in error.messages)
        return
    for name, messages in error.message_dict.items():
        shown = "" if name == "__all__" else name
        yield from ((shown, f"{shown}: {message}" if shown else message) for message in messages)
