from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from .errors import NotRecording, Refused


def refuse(name: str, what: str) -> Refused:
    return Refused(_("%(what)s are never changed or removed: %(name)s is closed.") % {"what": what, "name": name})


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise refuse("update", self.model._meta.verbose_name_plural)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise refuse("delete", self.model._meta.verbose_name_plural)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list:
        raise refuse("bulk_create", self.model._meta.verbose_name_plural)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise refuse("bulk_update", self.model._meta.verbose_name_plural)


class AppendOnly(models.Model):
    """Rows that are written once. Database triggers (`guard`) hold it against everything that is not this class."""

    loaddata_refusal = ""  # a sentence, where a fixture must never bring such rows

    bound: tuple[str, str] | None = None
    """Two columns: who has one value of the one has, for ever, one value of the other, and nobody else has it."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            raise refuse("save", self._meta.verbose_name_plural)
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise refuse("delete", self._meta.verbose_name_plural)


class Act(AppendOnly):
    """An append-only row that is somebody's act, and so stands in a changeset."""

    changeset = models.ForeignKey("factcheck.Changeset", models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        from .changeset import current

        if (recorder := current()) is None:
            raise NotRecording(self._meta.verbose_name)
        recorder.settle()
        before = (self.pk, self._state.adding)

        def put_back() -> None:
            self.pk, self._state.adding = before

        self.changeset = recorder.changeset
        super().save(**kwargs)
        recorder.touch(self)
        recorder.on_failure(put_back)
