"""Taking back what a source said, and with it what others said on its word: one act."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.desk import gate
from factcheck.desk.gate import Miss, NotAllowed
from factcheck.history import Door, StaleEdit, recording
from factcheck.models import Report, ReportStanding, Source, User, only_visible, resting_on


def retract(
    source: Source, reports: Mapping[int, int], *, withdrawn_reason: str, user: User, reason: str
) -> list[Report]:
    """Mark reports as retracted, and the source itself as withdrawn where there is a reason that readers can see.

    `reports` has, by key, the revision that was seen. One that was changed since refuses the whole act.
    """
    try:
        only_visible(reason)
    except ValidationError as error:
        raise NotAllowed(Miss("reason", error.message)) from error
    if not user.is_active or user.role not in gate.WRITERS:
        raise NotAllowed(Miss("role", _("Retracting is for those who write.")))
    with recording(user=user, reason=reason, via=Door.ADMIN):
        stored = Source.objects.select_for_update().filter(pk=source.pk).first()
        if stored is None or stored.revision != source.revision:
            raise StaleEdit(source, opened=source.revision, stored=stored and stored.revision)
        is_news = stored.withdrawn_reason != withdrawn_reason.strip()
        if not is_news and not reports:
            raise NotAllowed(Miss("retraction", _("Tick the reports that are retracted, or say how it was withdrawn.")))
        if is_news:
            stored.withdrawn_reason = withdrawn_reason.strip()
            stored.full_clean()
            stored.save()
        return [_retract(report, reports[report.pk]) for report in _locked(stored, reports)]


def _locked(source: Source, reports: Mapping[int, int]) -> list[Report]:
    """In the order of their keys, so that two who retract at once wait for each other and not in a circle."""
    borne = {each.report.pk for each in resting_on(source)}
    found = list(Report.objects.select_for_update().filter(pk__in=borne & reports.keys()).order_by("pk"))
    if len(found) != len(reports):
        text = _("Some of these reports do not rest on it any more: look again.")
        raise NotAllowed(Miss("retraction", text))
    return found


def _retract(report: Report, seen: int) -> Report:
    if report.revision != seen:
        raise StaleEdit(report, opened=seen, stored=report.revision)
    report.standing = ReportStanding.RETRACTED
    report.save()
    return report
