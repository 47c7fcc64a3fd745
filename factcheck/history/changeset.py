"""Who, when, why and by which door: one editorial act."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from threading import get_ident
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import guard
from .appendonly import AppendOnly, AppendOnlyQuerySet
from .errors import HistoryError

recorded = Signal()
"""Sent with `changeset` once it is committed. What a receiver raises is logged: the act is done."""
closing = Signal()
"""Sent with `recorder` before the end of its transaction, which fails with it: what is derived from all that it
touched is worked out now."""


class Door(models.TextChoices):
    ADMIN = "admin", _("the desk")
    COMMAND = "command", _("a command")
    DEMO = "demo", _("the demo")
    IMPORT = "import", _("an import")
    LOADDATA = "loaddata", _("loaddata")
    MIGRATION = "migration", _("a migration")


NAMELESS_DOORS = [Door.LOADDATA, Door.MIGRATION]


class ChangesetQuerySet(AppendOnlyQuerySet):
    def get_by_natural_key(self, key: str | None) -> "Changeset":
        if key is None:
            raise self.model.DoesNotExist
        return self.get(key=key)


class Changeset(AppendOnly):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="changesets", verbose_name=_("person")
    )
    reason = models.TextField(_("reason"))
    via = models.CharField(_("door"), max_length=12, choices=Door)
    at = models.DateTimeField(_("recorded at"), default=timezone.now)
    claimed_at = models.DateTimeField(
        _("claimed at"), null=True, help_text=_("When a reconstructed act is said to have happened.")
    )
    claimed_by = models.CharField(_("claimed by"), max_length=200, blank=True)
    key = models.CharField(  # noqa: DJ001 (unique where there is one)
        _("key"), max_length=200, null=True, unique=True, help_text=_("Names the act in the file that brought it.")
    )
    content_digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of what the file said then."))

    objects = ChangesetQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("changeset"), _("changesets")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="changeset_has_reason"),
            models.CheckConstraint(condition=Q(via__in=Door.values), name="changeset_via_known"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(via__in=[door.value for door in NAMELESS_DOORS]),
                name="changeset_has_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.user or self.get_via_display()})"

    def natural_key(self) -> tuple[str | None]:
        return (self.key,)

    @property
    def is_reconstructed(self) -> bool:
        return self.claimed_at is not None

    @property
    def person(self) -> str:
        """Who is said to have done it: the claimed person of a reconstructed act, else the recorded one."""
        return self.claimed_by or (str(self.user) if self.user else str(self.get_via_display()))


def _mark() -> None:
    """Stands among what is called after the COMMIT; see `Recorder`."""


class Recorder:
    """The act that is being recorded. Its changeset is written with its first row: an act without rows leaves none.

    Memory must not say what the database does not. Django tells nobody that a savepoint was rolled back, but forgets
    what was to be called after the commit of it: a mark that is gone from there says so.
    """

    def __init__(self, **changeset: Any) -> None:
        self._changeset = Changeset(**changeset)
        self._undo: list[tuple[Callable[[], None] | None, Callable[[], None]]] = []
        self.touched: dict[type[models.Model], set[int]] = {}
        """Keys of what has a new version, or is a new act, by model. Some of it may be rolled back."""
        self._thread = get_ident()
        self.is_over = self.is_committed = False

    @property
    def is_open(self) -> bool:
        """Another thread can inherit the context, and has a transaction of its own; a hook may run after the end."""
        return not self.is_over and self._thread == get_ident()

    @property
    def user(self) -> Any:
        return self._changeset.user

    @property
    def via(self) -> str:
        return self._changeset.via

    @property
    def is_reconstructed(self) -> bool:
        return self._changeset.is_reconstructed

    @property
    def changeset(self) -> Changeset:
        self.settle()
        if self._changeset._state.adding:
            self._changeset.at = timezone.now()
            self._changeset.save()
            self.on_failure(self._forget_changeset)
            self.announce(self._changeset)
        return self._changeset

    def _forget_changeset(self) -> None:
        self._changeset.pk, self._changeset._state.adding = None, True

    @property
    def is_one_act(self) -> bool:
        """All that it touched stands under its changeset."""
        return True

    def touch(self, instance: models.Model) -> None:
        self.touched.setdefault(type(instance), set()).add(instance.pk)

    def close(self) -> None:
        self.settle()
        if self.touched and not self._changeset._state.adding:
            closing.send(type(self), recorder=self)
        self.is_over = True

    def announce(self, changeset: Changeset) -> None:
        transaction.on_commit(self._commit)
        transaction.on_commit(lambda: recorded.send(Changeset, changeset=changeset), robust=True)

    def _commit(self) -> None:
        self.is_committed = True

    def on_failure(self, put_back: Callable[[], None]) -> None:
        """Called, newest first, when the act is rolled back, or the savepoint in which it stands."""
        mark = None
        if connection.savepoint_ids:
            mark = partial(_mark)
            transaction.on_commit(mark)
        self._undo.append((mark, put_back))

    def settle(self) -> None:
        """Put back what stood in a savepoint that was rolled back. What came last in it went with all the rest."""
        while self._undo and (mark := self._undo[-1][0]) is not None and not _is_kept(mark):
            self._undo.pop()[1]()

    def fail(self) -> None:
        while self._undo and not self.is_committed:
            self._undo.pop()[1]()


def _is_kept(mark: Callable[[], None]) -> bool:
    return any(function is mark for _savepoints, function, _robust in reversed(connection.run_on_commit))


_current: ContextVar[Recorder | None] = ContextVar("factcheck_recorder", default=None)


def current() -> Recorder | None:
    recorder = _current.get()
    return recorder if recorder and recorder.is_open else None


@contextmanager
def recording(
    *,
    user: Any,
    reason: str,
    via: str,
    claimed_at: datetime | None = None,
    claimed_by: str = "",
    key: str | None = None,
    content_digest: str = "",
    alone: bool = False,
) -> Iterator[Recorder]:
    """One act in one transaction. Inside another act of the same person it joins that act, whose reason and door stand.
    `alone`: no other act is open meanwhile, see `guard.take_turn`.

    On failure the transaction, or its part of the outer one, is rolled back, and the objects that it saved get their
    old revision back.
    """
    if (outer := current()) is not None:
        if outer.user != user:
            raise HistoryError(f"An act of {outer.user} is being recorded; {user} cannot act inside it.")
        with joined(outer):
            if alone:
                guard.take_turn(alone=True)
            yield outer
        return
    if not reason.strip():
        raise HistoryError(str(_("Give a reason: it is kept with the change.")))
    if user is None and via not in NAMELESS_DOORS:
        raise HistoryError(str(_("Give a person: it is kept who made the change.")))
    recorder = Recorder(
        user=user,
        reason=reason.strip(),
        via=via,
        claimed_at=claimed_at,
        claimed_by=claimed_by,
        key=key,
        content_digest=content_digest,
    )
    with activated(recorder, alone=alone):
        yield recorder


@contextmanager
def joined(recorder: Recorder) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    finally:
        recorder.settle()


@contextmanager
def activated(recorder: Recorder, *, alone: bool = False) -> Iterator[Recorder]:
    token = _current.set(recorder)
    try:
        with guard.demanding():
            guard.take_turn(alone=alone)
            yield recorder
            recorder.close()
    except BaseException:
        recorder.fail()
        raise
    finally:
        _current.reset(token)
