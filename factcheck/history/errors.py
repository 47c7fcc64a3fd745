from django.utils.translation import gettext as _


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


class StaleEdit(HistoryError):
    """The stored object is not the one that was read: somebody saved, or deleted, it in between."""

    def __init__(self, instance: object, *, opened: int, stored: int | None) -> None:
        self.instance, self.opened, self.stored = instance, opened, stored
        if stored is None:
            text = _("%(what)s was deleted since you opened it.")
        else:
            text = _("%(what)s was changed since you opened it: you opened revision %(opened)s, it is now %(stored)s.")
        super().__init__(text % {"what": instance, "opened": opened, "stored": stored})
