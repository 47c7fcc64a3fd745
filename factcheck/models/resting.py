"""What a source bears: every source that rests on it, however far, with their reports and the pages that show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from .claims import Report
from .editions import Edition
from .sources import Source, SourceBasis


@dataclass(frozen=True)
class Borne:
    """A report that falls, or may fall, with a source."""

    report: Report
    via: list[Source]
    """Those between its own source and the one that bears it."""
    is_own: bool
    """It cites the source itself."""
    edition: Edition | None
    """The published page that shows it now."""


def resting_on(source: Source) -> list[Borne]:
    """Own reports first, then those of sources further and further away.

    Costs a query for each step, and three more.
    """
    below = _below(source)
    found = list(_reports([source.pk, *below]))
    pages = _pages({report.claim_id for report in found})
    borne = []
    for report in found:
        page = pages.get(report.claim_id)
        shown = page if page and report.made_in and report.made_in <= page.changeset_id else None
        borne.append(Borne(report, _way(report.source_id, below), report.source_id == source.pk, shown))
    return sorted(borne, key=lambda each: (not each.is_own, len(each.via), each.report.claim.label, each.report.number))


def _below(source: Source) -> dict[int, SourceBasis]:
    """Of each source that rests on it, the first step of its shortest way there."""
    found: dict[int, SourceBasis] = {}
    unread = {source.pk}
    while unread:
        steps = SourceBasis.objects.filter(rests_on__in=unread).select_related("source").order_by("source_id")
        fresh = {step.source_id: step for step in steps if step.source_id not in found and step.source_id != source.pk}
        found |= fresh
        unread = set(fresh)
    return found


def _way(source: int, below: dict[int, SourceBasis]) -> list[Source]:
    way = []
    while source in below and (above := below[source].rests_on_id) in below:
        way.append(below[above].source)
        source = above
    return way


def _reports(sources: Iterable[int]) -> QuerySet[Report]:
    made = Report.history.model.objects.filter(id=OuterRef("pk")).order_by("revision").values("changeset_id")[:1]
    reports = Report.objects.filter(source__in=sources).select_related("claim__story", "source__publisher")
    return reports.annotate(made_in=Subquery(made))


def _pages(claims: set[int]) -> dict[int, Edition]:
    editions = Edition.objects.published().filter(claim__in=claims).defer("content")
    return {edition.claim_id: edition for edition in editions}
