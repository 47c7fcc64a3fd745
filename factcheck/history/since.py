"""What others did to an object after somebody opened it, and the sentence that tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from .changeset import Changeset

READ = 20  # so many versions are read to name who saved them


@dataclass(frozen=True)
class Since:
    opened: int
    before: Any
    """The version that was opened; None where there was nothing yet."""
    rows: Sequence[Any]
    """The versions after it, newest first."""
    reader: Any = None
    """Who is told of it, and saved it perhaps in another window."""

    @property
    def newest(self) -> Any:
        return self.rows[0]

    @property
    def changeset(self) -> "Changeset":
        return self.newest.changeset

    @property
    def is_deleted(self) -> bool:
        return self.newest.history_type == "-"

    @property
    def acts(self) -> "list[Changeset]":
        return [row.changeset for row in (self.rows[:1] if self.is_deleted else self.rows)]

    @property
    def is_own(self) -> bool:
        return self.reader is not None and all(act.user == self.reader for act in self.acts)

    @property
    def people(self) -> list[str]:
        """Who really saved, whoever a reconstructed act is said to be by; the last one last."""
        told = [_("you") if act.user and act.user == self.reader else act.user for act in self.acts]
        return [*dict.fromkeys(str(one or act.get_via_display()) for one, act in zip(told, self.acts, strict=True))][
            ::-1
        ]

    @property
    def names(self) -> str:
        return _("You, in another window") if self.is_own else capfirst(get_text_list(self.people, _("and")))

    @property
    def who(self) -> str:
        """As a sentence begins with it."""
        return _("You, in another window,") if self.is_own else self.names

    @property
    def fields(self) -> list[models.Field]:
        """Those that differ by now."""
        if self.before is None or self.is_deleted:
            return []
        return [
            each
            for each in self.newest.instance_type._meta.concrete_fields
            if each.name not in {"id", "revision"}
            and getattr(self.before, each.attname) != getattr(self.newest, each.attname)
        ]

    @property
    def act(self) -> str:
        """Who did what to it, and when."""
        names = {
            "people": self.who,
            "what": self.newest.instance_type._meta.verbose_name,
            "time": moment(self.changeset.at),
            "opened": self.opened,
            "stored": self.newest.revision,
        }
        if self.is_deleted:
            return _("%(people)s deleted this %(what)s at %(time)s.") % names
        if self.before is None:
            return _("%(people)s added this %(what)s at %(time)s, after you opened the page.") % names
        text = ngettext(
            "%(people)s saved this %(what)s at %(time)s, after you opened it "
            "(you opened version %(opened)s, it is now %(stored)s).",
            "%(people)s saved this %(what)s, last at %(time)s, after you opened it "
            "(you opened version %(opened)s, it is now %(stored)s).",
            len(self.people),
        )
        return text % names

    def __str__(self) -> str:
        if not (fields := [str(each.verbose_name) for each in self.fields]):
            return self.act
        changed = ngettext("Changed: %s.", "Changed: %s.", len(fields)) % get_text_list(fields, _("and"))
        return f"{self.act} {changed}"


def since(instance: models.Model, opened: int) -> Since | None:
    """For whoever acts now. None where history knows of no later version. Two queries."""
    from .changeset import current

    versions = type(instance).history.model.objects.filter(id=instance.pk)
    newer = versions.filter(revision__gt=opened).select_related("changeset__user").order_by("-revision")
    if not (rows := list(newer[:READ])):
        return None
    recorder = current()
    return Since(opened, versions.filter(revision=opened).first(), rows, recorder and recorder.user)


def moment(value: datetime) -> str:
    """Today's by the hour, others with their day; always with the zone."""
    local = timezone.localtime(value)
    return f"{formats.date_format(local, 'H:i' if local.date() == timezone.localdate() else 'j F Y, H:i')} {local:%Z}"
