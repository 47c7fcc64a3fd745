"""Rule 1: who wrote what a page shows, and so does not approve it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from factcheck.models import Board, Claim, Edition, Report, Source, SourceBasis, Story, User, Verdict

BOOKKEEPING = {Claim: {"state", "assignee"}, Verdict: {"edition_kind", "author"}}


def refusals(claim: Claim, user: User, newest: Edition | None) -> Iterator[str]:
    if author_of(claim) == user.pk:
        yield _("The author of a verdict cannot approve it: ask somebody else.")
    elif wrote := writers(claim, newest).get(user.pk):
        text = _("You changed %(what)s since the last edition, so somebody else has to approve.")
        yield text % {"what": ", ".join(sorted(wrote))}


def second_accounts(claim: Claim, approver: User, newest: Edition | None) -> list[str]:
    """Of others who wrote it, those that may be the same person: a warning, for two people may share a name."""
    keys = {*writers(claim, newest), author_of(claim)} - {approver.pk, None}
    found = []
    for writer in User.objects.filter(pk__in=keys).order_by("pk"):
        if shared := _shared(writer, approver):
            said = {"writer": writer.username, "approver": approver.username, "shared": ", ".join(shared)}
            text = _("“%(writer)s”, who wrote this, and “%(approver)s” have the same %(shared)s: are they two people?")
            found.append(text % said)
    return found


def _shared(one: User, other: User) -> list[str]:
    names = [" ".join(user.get_full_name().casefold().split()) for user in (one, other)]
    addresses = [user.email.casefold().strip() for user in (one, other)]
    both = {_("name"): names, _("e-mail address"): addresses}
    return [label for label, (mine, theirs) in both.items() if mine and mine == theirs]


def author_of(claim: Claim) -> int | None:
    return Verdict.objects.filter(claim=claim).values_list("author_id", flat=True).first()


def writers(claim: Claim, newest: Edition | None) -> dict[int, set[str]]:
    """What each person wrote of all that the page shows, since an edition; a change of state is not writing."""
    since, found = newest.changeset_id if newest else 0, {}
    for model, which in _parts(claim):
        rows = model.history.model.objects.filter(**which).order_by("id", "revision").select_related("changeset")
        for before, row in _with_predecessor(rows):
            if row.changeset_id > since and row.changeset.user_id and _writes(model, before, row):
                found.setdefault(row.changeset.user_id, set()).add(str(model._meta.verbose_name))
    return found


def _parts(claim: Claim) -> list[tuple[type[models.Model], dict[str, Any]]]:
    """A report counts where it ever was."""
    sources = [source.pk for source in Board.of_claim(claim).cited(claim)]
    reports = Report.history.model.objects.filter(claim_id=claim.pk).order_by().values("id")
    return [
        (Claim, {"id": claim.pk}),
        (Verdict, {"claim_id": claim.pk}),
        (Report, {"id__in": reports}),
        (Source, {"id__in": sources}),
        (SourceBasis, {"source_id__in": sources}),
        (Story, {"id": claim.story_id}),
    ]


def _with_predecessor(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    before = None
    for row in rows:
        yield (before if before is not None and before.id == row.id else None), row
        before = row


def _writes(model: type[models.Model], before: Any, row: Any) -> bool:
    if before is None or "-" in (before.history_type, row.history_type):
        return True
    left_out = BOOKKEEPING.get(model, set()) | {"revision"}
    names = [field.attname for field in model._meta.concrete_fields if field.name not in left_out]
    return any(getattr(before, name) != getattr(row, name) for name in names)
