"""Models of which every version is kept."""

from functools import cache
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Max
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
    recorder.settle()
    return recorder


@cache
def history_of(model: type["Tracked"]) -> type["HistoryRow"]:
    """The library's descriptor makes a manager class at each look."""
    return model.history.model


class TrackedQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise silent("update")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list:
        raise silent("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise silent("bulk_update")

    def delete(self) -> tuple[int, dict[str, int]]:
        require_recorder(self.model, self.db)
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


def asked_by(model: type[models.Model]) -> list[str]:
    """What history is asked by beside the object itself: whose it was, and which address it had."""
    fields = model._meta.local_concrete_fields
    parents = [field.name for field in fields if field.remote_field and not field.remote_field.hidden]
    return parents + [field.name for field in fields if isinstance(field, models.SlugField)]


class Records(HistoricalRecords):
    """Every save and deletion writes a row: none of the library's switches mutes it.

    The database copies the row itself, so that history holds what was stored and nothing else. No signal of the library
    is sent: `recorded` tells of whole acts.
    """

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {"history_user": property(lambda row: row.changeset.user, _ignore)}

    def _get_history_change_reason_field(self) -> Any:
        return property(lambda row: row.changeset.reason, _ignore)

    def copy_fields(self, model: type[models.Model]) -> dict[str, models.Field]:
        """Without the indexes that the library makes of all that is unique or a foreign key: a save pays for each."""
        fields = super().copy_fields(model)
        for field in fields.values():
            field.db_index = False
        return fields

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        name = model._meta.model_name
        return super().get_meta_options(model) | {
            "ordering": ("-history_id",),
            "get_latest_by": "revision",
            "constraints": (models.UniqueConstraint(fields=["id", "revision"], name=f"{name}_one_row_a_revision"),),
            "indexes": [models.Index(fields=["id", "history_date"], name=f"{name}_then_by_date")]
            + [models.Index(fields=[asked, "id"], name=f"{name}_then_by_{asked}") for asked in asked_by(model)],
        }

    def post_save(self, instance: "Tracked", created: bool, using: str | None = None, **kwargs: Any) -> None:
        recorder = require_recorder(instance, using)
        kind, history = "+" if created else "~", history_of(type(instance))
        write_version(instance, kind, history=history, changeset=recorder.changeset)
        recorder.touch(instance)

    def pre_delete(self, instance: "Tracked", using: str | None = None, **kwargs: Any) -> None:
        require_recorder(instance, using)
        instance.lock_for_deletion()

    def post_delete(self, instance: "Tracked", using: str | None = None, **kwargs: Any) -> None:
        recorder = require_recorder(instance, using)
        write_deletion(instance, history=history_of(type(instance)), changeset=recorder.changeset)
        recorder.touch(instance)


class Tracked(models.Model):
    """A model whose every change is recorded, or refused.

    `revision` rises by one per change of a key, its deletion included. `save()` raises `NotRecording` outside
    `recording()`, `StaleEdit` when the stored revision is not the one that was read, and `Refused` when
    `update_fields` leaves out a field that differs from the database. A save that changes nothing writes nothing.
    """

    revision = models.PositiveIntegerField(default=0, editable=False)
    history = Records(inherit=True, bases=[HistoryRow])
    _read: dict[str, Any] = {}  # the columns as they were read or saved last, by attname

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
        self._refuse_expressions()
        before = (self.pk, self.revision, self._state.adding, self._read)

        def put_back() -> None:
            self.pk, self.revision, self._state.adding, self._read = before

        try:
            if self._state.adding or force_insert:
                self.follow_newest()
                super().save(force_insert=True)
            elif changed := self._changed():
                self._refuse_partial(changed, update_fields)
                self.revision += 1
                super().save(update_fields=[*changed, "revision"])
        except BaseException:
            put_back()
            raise
        self._read = self._values()
        recorder.on_failure(put_back)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        recorder, key = require_recorder(self, using), self.pk
        found = super().delete(keep_parents=keep_parents)
        recorder.on_failure(lambda: setattr(self, "pk", key))
        return found

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        """A row that two models write would have two histories, neither of them whole."""
        errors = super().check(**kwargs)
        if cls._meta.proxy or cls._meta.parents:
            said = _("%s is a proxy or a child of another model, and its changes cannot be recorded.") % cls._meta.label
            hint = _("Put its methods, or its fields, into the tracked model itself.")
            errors.append(Error(said, hint=hint, obj=cls, id="factcheck.E002"))
        return errors

    @classmethod
    def from_db(cls, db: str, field_names: Any, values: Any) -> "Tracked":
        instance = super().from_db(db, field_names, values)
        instance._read = dict(zip(field_names, values, strict=True))
        return instance

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        if fields is None:
            self._read = self._values()
        else:  # A revision that is read later than the rest says nothing of when the rest was read.
            names = {self._meta.get_field(name).attname for name in fields} - {"revision"}
            self._read = self._read | {name: self.__dict__[name] for name in names}

    def follow_newest(self) -> None:
        """Become the next version of this key: one that comes back after its deletion goes on counting."""
        newest = None
        if self.pk is not None:
            newest = history_of(type(self)).objects.filter(id=self.pk).aggregate(newest=Max("revision"))["newest"]
        self.revision = (newest or 0) + 1

    def lock_for_deletion(self) -> None:
        self._stored_under_lock()

    def _values(self) -> dict[str, Any]:
        """All columns that are loaded."""
        return {
            field.attname: self.__dict__[field.attname]
            for field in self._meta.concrete_fields
            if field.attname in self.__dict__
        }

    def _changed(self) -> set[str]:
        """Names of the fields that are no longer as they were read, `revision` left aside."""
        read = self._read or self._stored_under_lock()._read
        if "revision" not in read:
            raise Refused(
                _("%s was read without its revision, so a change by somebody else would go unnoticed: read it whole.")
                % self
            )
        if read["revision"] != self.revision:  # asked for, or set, apart from the rest
            raise StaleEdit(
                self, opened=min(read["revision"], self.revision), stored=max(read["revision"], self.revision)
            )
        return {
            field.name
            for field in self._meta.concrete_fields
            if field.name != "revision" and field.attname in self.__dict__ and not _is_same(field, self, read)
        }

    def _stored_under_lock(self) -> "Tracked":
        stored = type(self)._base_manager.select_for_update().filter(pk=self.pk).first()
        if stored is None or stored.revision != self.revision:
            raise StaleEdit(self, opened=self.revision, stored=stored and stored.revision)
        return stored

    def _refuse_expressions(self) -> None:
        found = [name for name, value in self._values().items() if hasattr(value, "resolve_expression")]
        if found:
            raise Refused(
                _("Give a value for %(fields)s: what an expression comes to, only the database would know.")
                % {"fields": ", ".join(found)}
            )

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
        if super()._do_update(base_qs.filter(revision=opened), using, pk_val, values, update_fields, forced_update):
            return True
        stored = base_qs.filter(pk=pk_val).values_list("revision", flat=True).first()
        raise StaleEdit(self, opened=opened, stored=stored)


def _is_same(field: models.Field, instance: Tracked, read: dict[str, Any]) -> bool:
    if field.attname not in read:
        return False
    now, then = instance.__dict__[field.attname], read[field.attname]
    return now is then or field.to_python(now) == field.to_python(then)
