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
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    "factcheck.approval": gettext_lazy("An approval is a person's act: it is given at the desk, never imported."),
    "factcheck.flag": gettext_lazy("A flag is raised at the desk, never imported."),
    "factcheck.user": gettext_lazy("Accounts are not imported: make them with “people add”."),
    "auth.group": gettext_lazy("Roles are not imported: give them with “people add”."),
    "factcheck.correctionrequest": gettext_lazy("Readers' requests come from readers: they are not imported."),
    "factcheck.answer": gettext_lazy("Answers to readers are given at the desk, never imported."),
}
DESK_SET = {"state", "author", "edition_kind", "revision", "id", "pk", "sha256", "changeset"}
FROZEN = {"content", "digest", "approval", "number"}
EDITION_NEEDS = ["claim", "kind", "published_at", "checked_by", "approved_by"]
CHANGESET_NEEDS = ["key", "claimed_by", "claimed_at", "reason"]

FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Key = tuple[type[models.Model] | str, tuple[Any, ...]]


class Wrong(Exception):
    """A value that a field cannot take."""

    def __init__(self, message: str, **names: Any) -> None:
        super().__init__(message % names if names else message)


class Follows(Exception):
    """What this names failed itself, and was said there."""


def model_problem(label: str) -> str | None:
    """Why nothing of this model is taken, or None."""
    lowered = label.lower()
    if lowered in KNOWN:
        return None
    if lowered in REFUSED:
        return str(REFUSED[lowered])
    if lowered.startswith("factcheck.historical"):
        return _("History is written by the acts of an import, never imported itself.")
    try:
        known = apps.get_model(label)
    except (LookupError, ValueError):
        known = None
    if known is not None:
        names = ", ".join(name.removeprefix("factcheck.") for name in KNOWN)
        return _("“%(model)s” is not imported: only %(names)s are.") % {"model": label, "names": names}
    return _("There is no model “%(model)s”.") % {"model": label} + meant(lowered, KNOWN)


def meant(name: str, names: Any) -> str:
    """A suggestion, where a known name is close."""
    names = {each.removeprefix("factcheck.") if "." not in name else each: each for each in names}
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return " " + _("Did you mean “%(name)s”?") % {"name": names[close[0]]} if close else ""


def names_problem(model: str, names: list[str], known: list[str]) -> Iterator[tuple[str, str]]:
    """Field and message of each name that a changeset or an edition does not have."""
    for name in names:
        if name not in known:
            if model == EDITION and name in FROZEN:
                yield name, _("“%(name)s” is made when an edition is frozen: remove it.") % {"name": name}
            else:
                text = _("“%(name)s” is no field of %(model)s: it takes %(known)s.")
                yield name, text % {"name": name, "model": model, "known": ", ".join(known)}


def field_of(model: type[models.Model], name: str) -> models.Field:
    fields = {each.name: each for each in model._meta.concrete_fields}
    if name in DESK_SET or (name in fields and not fields[name].editable and name != "number"):
        raise Wrong(_("“%(name)s” is set by the desk, not by a file: remove it."), name=name)
    if name not in fields:
        offered = [each for each in fields if each not in DESK_SET]
        text = _("“%(name)s” is no field of %(model)s.") % {"name": name, "model": model._meta.label_lower}
        raise Wrong(text + meant(name, offered))
    return fields[name]


def natural_path(model: type[models.Model]) -> tuple[str, ...]:
    return ("source__slug", "sha256") if model is Capture else model.natural_path


@dataclass
class Lookup:
    """Finds what files name, once, and knows what failed in this import, so that nothing is complained of twice."""

    failed: set[Key] = field(default_factory=set)
    found: dict[Key, models.Model] = field(default_factory=dict)

    def value(self, each: models.Field, value: Any) -> Any:
        """What a field takes, or Wrong."""
        if each.remote_field:
            return None if value is None and each.null else self.named(each.related_model, value)
        if value is None:
            return None if each.null else refuse(_("This needs a value."))
        if isinstance(each, models.BooleanField):
            return value if isinstance(value, bool) else refuse(_("Say true or false, without quotation marks."))
        if isinstance(value, list | dict):
            refuse(
                _("This takes one value, not a list.")
                if isinstance(value, list)
                else _("This takes one value, not a mapping.")
            )
        if isinstance(value, bool):
            refuse(_("This takes no %(word)s: for the word, put it in quotation marks."), word=str(value).lower())
        if isinstance(each, models.DateField) and not isinstance(value, str):
            refuse(_("This takes a date or time, as in 2018-03-23 or 2018-03-23T20:00:00+01:00."))
        if isinstance(each, models.IntegerField) and not isinstance(value, int):
            refuse(_("This takes a whole number, without quotation marks."))
        if isinstance(each, models.DecimalField) and not FIGURE.fullmatch(str(value)):
            refuse(_("This takes a figure, as in 3 or 3.5."))
        try:
            return each.to_python(value)
        except ValidationError as error:
            raise Wrong(" ".join(error.messages)) from error
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Wrong(_("“%(value)s” cannot be read."), value=value) from error

    def named(self, model: type[models.Model], name: Any) -> models.Model:
        """The object that a natural key names: a list of one text, or the bare text."""
        key = one_text(name)
        if key is None:
            refuse(_("Name the %(kind)s by its natural key, as in [some-name]."), kind=model._meta.verbose_name)
        if (model, (key,)) in self.failed:
            raise Follows
        if (known := self.found.get((model, (key,)))) is not None:
            return known
        try:
            found = self.found[model, (key,)] = model._default_manager.get_by_natural_key(key)
        except model.DoesNotExist:
            text = _("There is no %(kind)s “%(name)s”, here or earlier in the file.")
            raise Wrong(text, kind=model._meta.verbose_name, name=key) from None
        return found

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


def refuse(message: str, **names: Any) -> Any:
    raise Wrong(message, **names)


def moment(value: str) -> datetime:
    """A time that is past, with its zone."""
    try:
        found = parse_datetime(value)
        if found and timezone.is_aware(found):
            found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise Wrong(_("“%(value)s” is no time: write it as in 2018-03-23T20:00:00+01:00."), value=value)
    if timezone.is_naive(found):
        raise Wrong(_("“%(value)s” lacks its zone: write it as in 2018-03-23T20:00:00+01:00."), value=value)
    if found > timezone.now():
        raise Wrong(_("“%(value)s” is in the future."), value=value)
    return found


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
