"""Rule 1: who wrote what a page shows, and so does not approve it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from factcheck.models import (
    Board,
    Capture,
    Claim,
    Edition,
    Publisher,
    Report,
    Source,
    SourceBasis,
    Story,
    User,
    Verdict,
)

BOOKKEEPING = {Claim: {"state", "assignee"}, Verdict: {"author"}}
STARTING = {Verdict: {"edition_kind", "edition_note"}}  # so too as long as the edition that was started has no note


@dataclass(frozen=True)
class Authorship:
    """Who wrote what the page of a claim shows, since the newest edition that somebody agreed to.

    A change of state is not writing; to paste or upload what a quote is held against is.
    """

    author: int | None
    """Of the verdict."""
    wrote: dict[int, set[str]]
    """By person, the kinds of things that they wrote."""

    @classmethod
    def of(cls, claim: Claim) -> "Authorship":
        """Reads each thing that the page shows, and what was written of it since."""
        agreed = Edition.objects.agreed().filter(claim=OuterRef("pk")).order_by("-number").values("changeset")[:1]
        author, since = Claim.objects.values_list("verdict__author", Subquery(agreed)).get(pk=claim.pk)
        wrote: dict[int, set[str]] = {}
        for model, which in _parts(claim):
            for before, row in _with_predecessor(_rows(model, since or 0, **which)):
                if row.is_new and row.changeset.user_id and _writes(model, before, row):
                    wrote.setdefault(row.changeset.user_id, set()).add(str(model._meta.verbose_name))
        quoted = Report.objects.quoting().filter(claim=claim).values("source")
        given = Capture.objects.given().filter(source__in=quoted, changeset_id__gt=since or 0).order_by()
        for writer in given.exclude(changeset__user=None).values_list("changeset__user", flat=True).distinct():
            wrote.setdefault(writer, set()).add(str(Capture._meta.verbose_name))
        return cls(author, wrote)

    def refusal(self, user: User) -> str:
        """Why this person cannot approve it, if they cannot."""
        if self.author == user.pk:
            return _("The author of a verdict cannot approve it: ask somebody else.")
        if wrote := self.wrote.get(user.pk):
            text = _("You wrote something here since the last edition (%(what)s), so somebody else has to approve.")
            return text % {"what": ", ".join(sorted(wrote))}
        return ""

    def second_accounts(self, approver: User) -> list[str]:
        """Of others who wrote it, those that may be the same person: a warning, for two people may share a name."""
        keys = {*self.wrote, self.author} - {approver.pk, None}
        found = []
        for writer in User.objects.filter(pk__in=keys).order_by("pk"):
            if shared := _shared(writer, approver):
                said = {"writer": writer.username, "approver": approver.username, "shared": ", ".join(shared)}
                text = _(
                    "“%(writer)s”, who wrote this, and “%(approver)s” have the same %(shared)s: are they two people?"
                )
                found.append(text % said)
        return found


def _shared(one: User, other: User) -> list[str]:
    names = [" ".join(user.get_full_name().casefold().split()) for user in (one, other)]
    addresses = [user.email.casefold().strip() for user in (one, other)]
    both = {_("name"): names, _("e-mail address"): addresses}
    return [label for label, (mine, theirs) in both.items() if mine and mine == theirs]


def _parts(claim: Claim) -> list[tuple[type[models.Model], dict[str, Any]]]:
    """A report counts where it ever was."""
    cited = Board.of_claim(claim).cited(claim)
    sources = [source.pk for source in cited]
    reports = Report.history.model.objects.filter(claim_id=claim.pk).order_by().values("id")
    return [
        (Claim, {"id": claim.pk}),
        (Verdict, {"claim_id": claim.pk}),
        (Report, {"id__in": reports}),
        (Source, {"id__in": sources}),
        (SourceBasis, {"source_id__in": sources}),
        (Publisher, {"id__in": {source.publisher_id for source in cited}}),
        (Story, {"id": claim.story_id}),
    ]


def _rows(model: type[models.Model], since: int, **which: Any) -> models.QuerySet:
    """Versions that came after an act, with those that they followed; and whether they did."""
    rows = model.history.model.objects.filter(**which).order_by()
    is_new = Q(changeset_id__gt=since)
    following = rows.filter(is_new, id=OuterRef("id"), revision=OuterRef("revision") + 1)
    found = rows.annotate(is_new=ExpressionWrapper(is_new, models.BooleanField())).filter(is_new | Exists(following))
    return found.select_related("changeset").order_by("id", "revision")


def _with_predecessor(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    before = None
    for row in rows:
        yield (before if before is not None and before.id == row.id else None), row
        before = row


def _writes(model: type[models.Model], before: Any, row: Any) -> bool:
    if before is None or "-" in (before.history_type, row.history_type):
        return True
    starting = set() if model is Verdict and row.edition_note else STARTING.get(model, set())
    left_out = BOOKKEEPING.get(model, set()) | starting | {"revision"}
    names = [field.attname for field in model._meta.concrete_fields if field.name not in left_out]
    return any(getattr(before, name) != getattr(row, name) for name in names)
