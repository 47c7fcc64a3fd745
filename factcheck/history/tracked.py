"""Models of which every version is kept."""

from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords

from .changeset import Recorder, current
from .errors import NotRecording, Refused, StaleEdit
from .writing import write_deletion, write_version


def silent(name: str) -> Refused:
    return Refused(_("%(name)s would leave no history: save the objects one by one.") % {"name": name})


def require_recorder(model: Any, using: str | None = None) -> Recorder:
    if using not in (None, DEFAULT_DB_ALIAS):
        raise Refused(_("History is kept in the default database alone, so nothing tracked goes into “%s”.") % using)
    if (recorder := current()) is None:
        raise NotRecording(model._meta.verbose_name)
    return recorder


def after(newest: datetime | None) -> datetime:
    """Now; where the clock was set back, the first moment after the newest version of the object."""
    now = timezone.now()
    return now if newest is None or newest < now else newest + timedelta(microseconds=1)


class TrackedQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise silent("update")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list:
        raise silent("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise silent("bulk_update")

    def delete(self) -> tuple[int, dict[str, int]]:
        require_recorder(self.model, self.db)
        with transaction.atomic():
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


def _ignore(row: HistoryRow, value: object) -> None:
    """django-simple-history sets these by name; the changeset has them already."""


class Records(HistoricalRecords):
    """Every save and deletion writes a row: none of the library's switches mutes it.

    The database copies the row itself, so that history holds what was stored and nothing else. No signal of the library
    is sent: `recorded` tells of whole acts.
    """

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {"history_user": property(lambda row: row.changeset.user, _ignore)}

    def _get_history_change_reason_field(self) -> Any:
        return property(lambda row: row.changeset.reason, _ignore)

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        return super().get_meta_options(model) | {
            "ordering": ("-history_id",),
            "get_latest_by": "revision",
            "constraints": (
                models.UniqueConstraint(fields=["id", "revision"], name=f"{model._meta.model_name}_one_row_a_revision"),
            ),
        }

    def post_save(self, instance: "Tracked", created: bool, using: str | None = None, **kwargs: Any) -> None:
        recorder = require_recorder(instance, using)
        kind, at = "+" if created else "~", instance.take_time()
        write_version(instance, kind, history=instance.history.model, at=at, changeset=recorder.changeset)

    def pre_delete(self, instance: "Tracked", using: str | None = None, **kwargs: Any) -> None:
        require_recorder(instance, using)
        instance.lock_for_deletion()

    def post_delete(self, instance: "Tracked", using: str | None = None, **kwargs: Any) -> None:
        recorder = require_recorder(instance, using)
        at = instance.take_time()
        write_deletion(instance, history=instance.history.model, at=at, changeset=recorder.changeset)


class Tracked(models.Model):
    """A model whose every change is recorded, or refused.

    `revision` rises by one per change of a key, its deletion included. `save()` raises `NotRecording` outside
    `recording()`, `StaleEdit` when the stored revision is not the one that was read, and `Refused` when
    `update_fields` leaves out a field that differs from the database. A save that changes nothing writes nothing.
    """

    revision = models.PositiveIntegerField(default=0, editable=False)
    history = Records(inherit=True, bases=[HistoryRow])
    _recorded_at: datetime | None = None  # of the version that is being written

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
        recorder = require_recorder(self, using)
        before = (self.pk, self.revision, self._state.adding)

        def put_back() -> None:
            self.pk, self.revision, self._state.adding = before

        try:
            with transaction.atomic():
                if self._state.adding or force_insert:
                    self.follow_newest()
                    super().save(force_insert=True)
                elif changed := self.differs_from(self._stored_under_lock()):
                    self._refuse_partial(changed, update_fields)
                    self.revision += 1
                    super().save(force_update=True)
        except BaseException:
            put_back()
            raise
        recorder.on_failure(put_back)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        require_recorder(self, using)
        with transaction.atomic():
            return super().delete(keep_parents=keep_parents)

    def follow_newest(self) -> None:
        """Become the next version of this key: one that comes back after its deletion goes on counting."""
        newest = None
        if self.pk is not None:
            versions = self.history.model.objects.filter(id=self.pk).order_by("-revision")
            newest = versions.values_list("revision", "history_date").first()
        revision, at = newest or (0, None)
        self.revision, self._recorded_at = revision + 1, after(at)

    def take_time(self) -> datetime:
        at, self._recorded_at = self._recorded_at, None
        if at is None:
            raise silent("save_base")
        return at

    def lock_for_deletion(self) -> None:
        self._stored_under_lock()

    def differs_from(self, other: "Tracked") -> set[str]:
        """Names of the fields that differ between two versions, `revision` left aside."""
        return {
            field.name
            for field in self._meta.concrete_fields
            if field.name != "revision"
            and field.to_python(getattr(self, field.attname)) != field.to_python(getattr(other, field.attname))
        }

    def _stored_under_lock(self) -> "Tracked":
        versions = self.history.model.objects.filter(id=OuterRef("pk")).order_by("-revision")
        locked = type(self)._base_manager.select_for_update().filter(pk=self.pk)
        stored = locked.annotate(newest_at=Subquery(versions.values("history_date")[:1])).first()
        if stored is None or stored.revision != self.revision:
            raise StaleEdit(self, opened=self.revision, stored=stored and stored.revision)
        self._recorded_at = after(stored.newest_at)
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
