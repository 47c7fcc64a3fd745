"""Rows that are worked out from others, and can be worked out again at any time."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.signals import pre_delete, pre_save
from django.utils.translation import gettext as _

from .errors import Refused


def _refusal(model: type[models.Model]) -> Refused:
    return Refused(_("%s is worked out from the rest, and written by nothing else.") % model._meta.verbose_name)


class DerivedQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise _refusal(self.model)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise _refusal(self.model)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list:
        raise _refusal(self.model)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise _refusal(self.model)

    def replace(self, keys: Iterable[Any], rows: list[models.Model]) -> None:
        """For what works them out: in place of the rows with these keys, these."""
        self.filter(pk__in=list(keys))._raw_delete(self.db)
        super().bulk_create(rows)


class Derived(models.Model):
    """No version is kept of it: it says nothing that its origins do not say."""

    objects = DerivedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


def refuse(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    if isinstance(instance, Derived):
        raise _refusal(sender)


pre_save.connect(refuse)
pre_delete.connect(refuse)
