"""Models of which every version is kept."""

from typing import Any

from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from .changeset import Recorder, current
from .errors import NotRecording, Refused, StaleEdit


def silent(name: str) -> Refused:
    return Refused(_("%(name)s would leave no history: save the objects one by one.") % {"name": name})


def require_recorder(model: Any) -> Recorder:
    if (recorder := current()) is None:
        raise NotRecording(model._meta.verbose_name)
    return recorder


class TrackedQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise silent("update")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list:
        raise silent("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise silent("bulk_update")

    def delete(self) -> tuple[int, dict[str, int]]:
        require_recorder(self.model)
        with transaction.atomic(using=self.db):
            return super().delete()

    def _raw_delete(self, using: str) -> int:
        raise silent("_raw_delete")


class HistoryRow(models.Model):
    """What every history table has beside the columns of its model. Who and why stand in the changeset alone."""

    changeset = models.ForeignKey("factcheck.Changeset", models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def _ignore(row: HistoryRow, value: object) -> None:
    """django-simple-history sets these by name; the changeset has them already."""


class Records(HistoricalRecords):
    def _get_history_user_fields(self) -> dict[str, Any]:
        return {"history_user": property(lambda row: row.changeset.user, _ignore)}

    def _get_history_change_reason_field(self) -> Any:
        return property(lambda row: row.changeset.reason, _ignore)

    def get_history_user(self, instance: models.Model) -> None:
        return None

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        return super().get_meta_options(model) | {
            "ordering": ("-history_id",),
            "get_latest_by": "revision",
            "constraints": (
                models.UniqueConstraint(fields=["id", "revision"], name=f"{model._meta.model_name}_one_row_a_revision"),
            ),
        }

    def post_save(self, instance: "Tracked", created: bool, using: str | None = None, **kwargs: Any) -> None:
        if kwargs.get("raw"):
            self.create_historical_record(instance, "+" if created else "~", using=using)
        else:
            super().post_save(instance, created, using=using, **kwargs)

    def pre_delete(self, instance: "Tracked", **kwargs: Any) -> None:
        super().pre_delete(instance, **kwargs)
        instance.next_revision_for_deletion()


class Tracked(models.Model):
    """A model whose every change is recorded, or refused.

    `revision` rises by one per change of a key, its deletion included. `save()` raises `NotRecording` outside
    `recording()`, `StaleEdit` when the stored revision is not the one that was read, and `Refused` when
    `update_fields` leaves out a field that differs from the database. A save that changes nothing writes nothing.
    """

    revision = models.PositiveIntegerField(default=0, editable=False)
    history = Records(inherit=True, bases=[HistoryRow])

    objects = TrackedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(
        self,
        *,
        force_insert: bool = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Any = None,
    ) -> None:
        recorder = require_recorder(self)
        before = (self.pk, self.revision, self._state.adding)

        def put_back() -> None:
            self.pk, self.revision, self._state.adding = before

        try:
            with transaction.atomic(using=using):
                if self._state.adding or force_insert:
                    self.revision = self.newest_revision() + 1
                    super().save(force_insert=True, using=using)
                elif changed := self.differs_from(self._stored_under_lock(using)):
                    self._refuse_partial(changed, update_fields)
                    self.revision += 1
                    super().save(force_update=True, using=using)
        except BaseException:
            put_back()
            raise
        recorder.on_failure(put_back)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        require_recorder(self)
        with transaction.atomic(using=using):
            return super().delete(using=using, keep_parents=keep_parents)

    def newest_revision(self) -> int:
        """The last revision that this key ever had: a key that comes back goes on counting."""
        if self.pk is None:
            return 0
        return self.history.model.objects.filter(id=self.pk).aggregate(newest=Max("revision"))["newest"] or 0

    def next_revision_for_deletion(self) -> None:
        recorder = require_recorder(self)
        self._stored_under_lock(None)
        before = self.revision
        recorder.on_failure(lambda: setattr(self, "revision", before))
        self.revision += 1

    def differs_from(self, other: "Tracked") -> set[str]:
        """Names of the fields that differ between two versions, `revision` left aside."""
        return {
            field.name
            for field in self._meta.concrete_fields
            if field.name != "revision"
            and field.to_python(getattr(self, field.attname)) != field.to_python(getattr(other, field.attname))
        }

    def _stored_under_lock(self, using: str | None) -> "Tracked":
        stored = type(self)._base_manager.using(using).select_for_update().filter(pk=self.pk).first()
        if stored is None or stored.revision != self.revision:
            raise StaleEdit(self, opened=self.revision, stored=stored and stored.revision)
        return stored

    def _refuse_partial(self, changed: set[str], update_fields: Any) -> None:
        if update_fields is None:
            return
        left_out = changed - set(update_fields)
        if left_out:
            raise Refused(
                _("Unsaved changes to %(fields)s: save them too, or reload the object first.")
                % {"fields": ", ".join(sorted(left_out))}
            )

    def _do_update(
        self, base_qs: Any, using: str, pk_val: Any, values: Any, update_fields: Any, forced_update: bool
    ) -> bool:
        """Django's own UPDATE, made to compare and set: it matches the row only at the revision that was read."""
        opened = self.revision - 1
        at_revision = base_qs.filter(revision=opened)
        if super()._do_update(at_revision, using, pk_val, values, update_fields, forced_update):
            return True
        if forced_update:
            raise StaleEdit(self, opened=opened, stored=None)
        return False


def put_under_changeset(history_instance: HistoryRow, **kwargs: Any) -> None:
    history_instance.changeset = require_recorder(history_instance.instance_type).changeset


pre_create_historical_record.connect(put_under_changeset)
