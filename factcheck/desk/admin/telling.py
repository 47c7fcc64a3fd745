"""Moments that cannot be changed here, told as in the history: with the zone, and only the day where no more is known.

Django's admin names an hour always, and a zone never.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from factcheck.history.versions import shown

Name = str | Callable[[Any], str]


def ago(moment: datetime) -> str:
    """In the words of its greatest unit, and the next."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago") % {"age": timesince(moment)}


@cache
def moment(model: type[models.Model], name: str) -> Callable[[Any], str]:
    """To stand in the place of the field's name."""
    field = model._meta.get_field(name)

    @admin.display(description=field.verbose_name, ordering=name, empty_value="-")
    def told(obj: models.Model) -> str:
        return shown(field, getattr(obj, name), {}, obj)

    return told


def of(model: type[models.Model]) -> list[Name]:
    return [moment(model, each.name) for each in model._meta.fields if isinstance(each, models.DateTimeField)]


def moments(model: type[models.Model], names: Iterable[Name]) -> list[Name]:
    """The names, with each moment's own way to be told; how exactly it is known is told with it."""
    times = {each.name: each for each in model._meta.fields if isinstance(each, models.DateTimeField)}
    names = list(names)
    told_with = {getattr(times[name], "precision", "") for name in names if name in times}
    return [moment(model, name) if name in times else name for name in names if name not in told_with]


def groups(model: type[models.Model], fieldsets: Iterable[Any], fixed: Collection[Name] | None) -> list[Any]:
    """Field sets of the admin, with the moments of those that cannot be changed: `fixed`, or all where it is None."""
    return [
        (title, options | {"fields": [_line(model, line, fixed) for line in options["fields"]]})
        for title, options in fieldsets
    ]


def _line(model: type[models.Model], line: Any, fixed: Collection[Name] | None) -> Any:
    names = [line] if isinstance(line, str) or callable(line) else list(line)
    if fixed is not None and not set(names) <= set(fixed):
        return line
    told = moments(model, names)
    return told[0] if len(told) == 1 else tuple(told)
