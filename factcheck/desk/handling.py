"""What is done with claims beside judging them: who has them, what they are called, and one thing with many at once.

Each is one person's act with one reason, under the same locks and refusals as the verbs of `review`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from factcheck.desk import gate
from factcheck.desk.gate import Miss, NotAllowed
from factcheck.history import Door, HistoryError, StaleEdit, recording
from factcheck.models import Claim, State, User, only_visible

LOCKED = frozenset({State.PUBLISHED, State.WITHDRAWN})


class NotTogether(Exception):
    """Some claims of many refuse, so nothing was done with any; `refusals` says why, by key."""

    def __init__(self, refusals: dict[int, str]) -> None:
        self.refusals = refusals
        super().__init__(" ".join(refusals.values()))


def together(claims: Sequence[Claim], act: Callable[[Claim], object], *, user: User, reason: str) -> None:
    """All of them in one changeset, or none. What an act refuses it refuses before it writes."""
    refusals = {}
    with recording(user=user, reason=reason, via=Door.ADMIN):
        for claim in sorted(claims, key=lambda claim: claim.pk):  # locked in one order, whoever comes
            try:
                act(claim)
            except (NotAllowed, HistoryError) as refused:
                refusals[claim.pk] = str(refused)
        if refusals:
            raise NotTogether(refusals)


def assign(claim: Claim, *, user: User, reason: str, assignee: User | None) -> None:
    """Bookkeeping: in whatever state the claim is."""
    if assignee is not None and assignee.role not in gate.WRITERS:
        raise NotAllowed(Miss("role", _("%(who)s cannot work on claims.") % {"who": assignee}))
    _change(claim, user, reason, assignee=assignee)


def workers() -> QuerySet[User]:
    """Whom a claim can be assigned to."""
    writers = User.objects.filter(is_active=True, groups__name__in=gate.WRITERS)
    return writers.order_by("first_name", "username").distinct()


def relabel(claim: Claim, *, user: User, reason: str, label: str) -> None:
    if claim.state in LOCKED:
        raise NotAllowed(Miss("state", _("It is published: its label changes in the next edition.")))
    _change(claim, user, reason, label=label)


def _change(claim: Claim, user: User, reason: str, **values: Any) -> None:
    if user.role not in gate.WRITERS:
        raise NotAllowed(Miss("role", _("You can read claims and not change them.")))
    try:
        only_visible(reason)
    except ValidationError as error:
        raise NotAllowed(Miss("reason", error.message)) from error
    opened = claim.revision
    with recording(user=user, reason=reason, via=Door.ADMIN) as recorder:
        recorder.on_failure(lambda: setattr(claim, "revision", opened))
        stored = Claim.objects.select_for_update().filter(pk=claim.pk).first()
        if stored is None or stored.revision != opened:
            raise StaleEdit(claim, opened=opened, stored=stored and stored.revision)
        for name, value in values.items():
            setattr(stored, name, value)
        try:
            stored.clean_fields(exclude={field.name for field in Claim._meta.fields} - values.keys())
        except ValidationError as error:
            raise NotAllowed(*(Miss("complete", message) for message in error.messages)) from error
        stored.save()
        claim.revision = stored.revision
