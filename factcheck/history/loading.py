"""`loaddata`, Django's own door: raw saves skip `save()`, so signals set their revision and write their row.

It takes whole new objects only. A changeset in the file stands over the rows that follow it; rows that follow none
stand under one of door "loaddata". Who a file says it was does not count: nobody is recorded but the door.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.db.models.signals import post_save, pre_save
from django.utils import timezone
from django.utils.translation import gettext as _

from .appendonly import Act, AppendOnly
from .changeset import Changeset, Door, Recorder, activated, current
from .errors import NotRecording, Refused
from .tracked import Tracked


class Loading(Recorder):
    def __init__(self) -> None:
        super().__init__(user=None, reason=_("Loaded from a file by loaddata"), via=Door.LOADDATA)
        self.loaded: set[tuple[type[models.Model], Any]] = set()

    @property
    def is_one_act(self) -> bool:
        return False

    def begin(self, changeset: Changeset) -> None:
        self._changeset = changeset
        self.announce(changeset)


@contextmanager
def loading() -> Iterator[None]:
    """All files of one `loaddata` are one transaction, and its changeset is forgotten with it."""
    with activated(Loading()):
        yield


def admit(sender: type[models.Model], instance: models.Model, raw: bool, **kwargs: Any) -> None:
    if not raw or not isinstance(instance, (Tracked, AppendOnly)):
        return
    recorder = current()
    if recorder is None:
        raise NotRecording(instance._meta.verbose_name)
    if refusal := getattr(instance, "loaddata_refusal", ""):
        raise Refused(str(refusal))
    if _would_overwrite(instance, recorder):
        raise Refused(
            _("%(kind)s “%(what)s” is here already and would be overwritten whole: use import_fixtures instead.")
            % {"kind": sender._meta.verbose_name, "what": instance}
        )
    if isinstance(instance, Changeset):
        instance.user, instance.via, instance.at = None, Door.LOADDATA, timezone.now()
    elif isinstance(instance, Act):
        instance.changeset = recorder.changeset
    elif isinstance(instance, Tracked):
        instance.follow_newest()


def _would_overwrite(instance: models.Model, recorder: Recorder) -> bool:
    """What this same file brought may come again in it, as it stood after a later act."""
    model = type(instance)
    if instance.pk is None or not model._base_manager.filter(pk=instance.pk).exists():
        return False
    return not isinstance(recorder, Loading) or (model, instance.pk) not in recorder.loaded


def remember(sender: type[models.Model], instance: models.Model, raw: bool, **kwargs: Any) -> None:
    if raw and isinstance(recorder := current(), Loading):
        recorder.loaded.add((sender, instance.pk))
        if isinstance(instance, Changeset):
            recorder.begin(instance)


pre_save.connect(admit)
post_save.connect(remember)
