from django.db import models
from django.utils.translation import gettext as _

from .since import since


class HistoryError(Exception):
    """A change that was refused; its text is a sentence for the person who tried it."""


class NotRecording(HistoryError):
    def __init__(self, what: object) -> None:
        super().__init__(
            _("%(what)s can only be changed inside recording(user=…, reason=…, via=…): who, and why?") % {"what": what}
        )


class Refused(HistoryError):
    """A way of writing that would leave no history."""


class Unrecorded(HistoryError):
    """A tracked row was changed, and no history row says how: the act is refused as a whole."""

    def __init__(self, table: str, key: int) -> None:
        self.table, self.key = table, key
        super().__init__(
            _("Unrecorded change to %(table)s %(key)s: its newest version differs from it. Nothing was saved.")
            % {"table": table, "key": key}
        )


class Busy(HistoryError):
    """Acts of others did not end in time."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else is saving a lot at this moment, an import perhaps. Nothing has changed: try again.")
        )


class StaleEdit(HistoryError):
    """The stored object is not the one that was read: somebody saved, or deleted, it in between. Asks history who."""

    def __init__(self, instance: models.Model, *, opened: int, stored: int | None) -> None:
        self.instance, self.opened, self.stored = instance, opened, stored
        if newer := since(instance, opened):
            text = f"{instance}: {newer}"
        elif stored is None:
            text = _("%s was deleted since you opened it.") % instance
        else:
            text = _("%(what)s was changed since you opened it: you opened version %(opened)s, it is now %(stored)s.")
            text %= {"what": instance, "opened": opened, "stored": stored}
        super().__init__(text)
