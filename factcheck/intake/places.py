"""Whether a claim still stands as it did where a file puts an edition of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.models import Board, Claim, Publisher, Report, Source, SourceBasis, Story, Verdict


def refuse_later(claim: Claim, published_at: datetime) -> None:
    """An edition out of a file holds what was there when it was published, and nothing that we wrote ourselves."""
    for row in _rows_of_the_page(claim):
        if not row.changeset.is_reconstructed:
            raise ValidationError(
                _("This edition would show what we wrote ourselves: %(what)s has acts of our own.")
                % {"what": _name(row)}
            )
        if row.changeset.claimed_at > published_at:
            text = _("This edition would show what was written after it: %(what)s is of %(at)s.")
            at = row.changeset.claimed_at.isoformat()
            raise ValidationError({"published_at": text % {"what": _name(row), "at": at}})


def _name(row: Any) -> str:
    return _("the %(kind)s “%(what)s”") % {"kind": row.instance_type._meta.verbose_name, "what": row.history_object}


def _rows_of_the_page(claim: Claim) -> Iterator[Any]:
    """All versions of what is the claim's own, and of what it shares those since the first reconstructed one.

    Ratings, publishers and sources may well have come in before the story, by an import that claims nothing.
    """
    for model in (Claim, Verdict, Report):
        ours = {"id": claim.pk} if model is Claim else {"claim_id": claim.pk}
        yield from _rows(model, **ours)
    sources = Board.of_claim(claim).cited(claim)
    for model, shared in [
        (Story, {"id": claim.story_id}),
        (Source, {"id__in": [source.pk for source in sources]}),
        (Publisher, {"id__in": [source.publisher_id for source in sources]}),
        (SourceBasis, {"source_id__in": [source.pk for source in sources]}),
    ]:
        told = set()
        for row in _rows(model, **shared):
            if row.changeset.is_reconstructed:
                told.add(row.id)
            if row.id in told:
                yield row


def _rows(model: type[Any], **which: Any) -> Any:
    rows = model.history.model.objects.filter(**which)
    return rows.select_related("changeset").order_by("id", "revision")
