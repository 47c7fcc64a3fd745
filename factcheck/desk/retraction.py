"""Taking back what a source said, and with it what others said on its word: one act."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.desk import gate
from factcheck.desk.gate import Miss, NotAllowed
from factcheck.history import Door, StaleEdit, recording
from factcheck.models import Claim, Report, ReportStanding, Source, User, only_visible, resting_on


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
        stored = Source.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
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
    """Claims before reports, as every act that saves both: whoever comes second waits, and nobody in a circle."""
    claims = {each.report.pk: each.report.claim_id for each in resting_on(source) if each.report.pk in reports}
    locked = Claim.objects.select_for_update(no_key=True).filter(pk__in=claims.values()).order_by("pk")
    list(locked.values_list("pk"))
    found = list(Report.objects.select_for_update(no_key=True).filter(pk__in=claims).order_by("pk"))
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
