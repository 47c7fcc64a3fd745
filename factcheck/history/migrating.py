"""Data migrations know no `Tracked`: the models that a migration is given are bare, so they record through this."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from .changeset import Door
from .errors import HistoryError, StaleEdit
from .writing import write_deletion, write_version


class MigrationRecord:
    """Saves and deletes instances of a migration's own models, each with its version."""

    def __init__(self, apps: Any, changeset: models.Model) -> None:
        self._apps, self._changeset = apps, changeset

    def save(self, instance: models.Model) -> None:
        history = self._history_of(instance)
        newest = history.objects.filter(id=instance.pk).order_by("-revision").first() if instance.pk else None
        kind = "+" if newest is None or newest.history_type == "-" else "~"
        if kind == "~" and instance.revision != newest.revision:
            raise StaleEdit(instance, opened=instance.revision, stored=newest.revision)
        instance.revision = newest.revision + 1 if newest else 1
        instance.save(force_insert=kind == "+", force_update=kind == "~")
        write_version(instance, kind, history=history, changeset=self._changeset)

    def delete(self, instance: models.Model) -> None:
        key = instance.pk
        instance.delete()
        instance.pk = key
        write_deletion(instance, history=self._history_of(instance), changeset=self._changeset)

    def _history_of(self, instance: models.Model) -> type[models.Model]:
        return self._apps.get_model(instance._meta.app_label, f"Historical{instance._meta.object_name}")


@contextmanager
def record_in_migration(apps: Any, *, reason: str) -> Iterator[MigrationRecord]:
    """One act of a data migration, for `RunPython`:

    with record_in_migration(apps, reason="Split the label") as record:
        for claim in apps.get_model("factcheck", "Claim").objects.all():
            claim.label = claim.label.strip()
            record.save(claim)
    """
    if not reason.strip():
        raise HistoryError(_("Give a reason: it is kept with the change."))
    Changeset = apps.get_model("factcheck", "Changeset")
    changeset = Changeset(via=Door.MIGRATION, reason=reason, at=timezone.now())
    changeset.save()
    yield MigrationRecord(apps, changeset)
