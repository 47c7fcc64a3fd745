"""What a version of a tracked object says, and what differs between two, in words. A version is a history row, or the
object as it is stored now."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from .tracked import Tracked

Keys = dict[type[models.Model], set[Any]]
Names = dict[type[models.Model], dict[Any, str]]


@dataclass(frozen=True)
class Change:
    name: str
    label: str
    old: str
    new: str
    is_prose: bool
    """Free text, of which a reader wants to see the words that changed; else the value changed as a whole."""


@dataclass(frozen=True)
class Value:
    name: str
    label: str
    text: str


def fields_of(model: type[models.Model], *, hide: Collection[str] = ()) -> list[models.Field]:
    """All that a version says; its key and its number are not what it says."""
    return [each for each in model._meta.concrete_fields if each.name not in {"id", "revision", *hide}]


def whole(version: Any) -> list[Value]:
    fields = fields_of(_model(version))
    names = names_of(keys_of(fields, [version]))
    return [
        Value(each.name, str(each.verbose_name), shown(each, getattr(version, each.attname), names, version))
        for each in fields
    ]


def between(old: Any, new: Any, fields: Iterable[models.Field] | None = None) -> list[Change]:
    """What differs, in all fields or in these."""
    fields = fields_of(_model(new)) if fields is None else list(fields)
    return changes(old, new, fields, names_of(keys_of(fields, [old, new])))


def changes(old: Any, new: Any, fields: Iterable[models.Field], names: Names) -> list[Change]:
    """Of an object that was made or deleted, one version is None; what was left at its default is no news."""
    return [change for each in fields if (change := _change(each, old, new, names))]


def keys_of(fields: Iterable[models.Field], versions: Iterable[Any]) -> Keys:
    """What foreign keys point at."""
    found: Keys = defaultdict(set)
    versions = [version for version in versions if version is not None]
    for each in fields:
        if each.remote_field:
            found[each.related_model] |= {getattr(version, each.attname) for version in versions} - {None}
    return found


def names_of(keys: Keys) -> Names:
    """By the name that each has today, or had when it was deleted. One query a model, another where some are gone."""
    return {model: _named(model, wanted) for model, wanted in keys.items() if wanted}


def _named(model: type[models.Model], keys: set[Any]) -> dict[Any, str]:
    found = {key: str(instance) for key, instance in model._base_manager.in_bulk(keys).items()}
    if (gone := keys - found.keys()) and issubclass(model, Tracked):
        deletions = model.history.model.objects.filter(id__in=gone, history_type="-").order_by("revision")
        found |= {row.id: _("%s (deleted)") % row.instance for row in deletions}
    return found


def _model(version: Any) -> type[models.Model]:
    return getattr(version, "instance_type", type(version))


def _change(each: models.Field, old: Any, new: Any, names: Names) -> Change | None:
    values = [each.get_default() if version is None else getattr(version, each.attname) for version in (old, new)]
    if values[0] == values[1]:
        return None
    values = [None if version is None else value for version, value in zip((old, new), values, strict=True)]
    before, after = (shown(each, value, names, version) for value, version in zip(values, (old, new), strict=True))
    if before == after:
        before, after = (_exactly(each, value, names) for value in values)
    is_prose = isinstance(each, models.CharField | models.TextField) and not each.flatchoices
    return Change(each.name, str(each.verbose_name), before, after, is_prose) if before != after else None


def shown(each: models.Field, value: Any, names: Names, version: Any = None) -> str:
    """A field that reads otherwise beside other fields of its version says so itself, by a method `told`."""
    if value is None or value == "":
        return ""
    if version is not None and (told := getattr(each, "told", None)):
        return told(value, version)
    if each.remote_field:
        return names.get(each.related_model, {}).get(value) or _("deleted, number %s") % value
    if each.flatchoices:
        return str(dict(each.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "j F Y, H:i T")
    if isinstance(value, date):
        return formats.date_format(value, "j F Y")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def _exactly(each: models.Field, value: Any, names: Names) -> str:
    """For two values that would read the same: two publishers of one name, two times of one minute."""
    if each.remote_field and value is not None:
        return _("%(name)s (number %(key)s)") % {"name": shown(each, value, names), "key": value}
    if isinstance(value, datetime):
        return str(timezone.localtime(value))
    return "" if value is None else str(value)
