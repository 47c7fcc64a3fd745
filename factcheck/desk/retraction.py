"""Taking back what a source said, and with it what others said on its word; and taking that back: each in one act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck.desk import gate
from factcheck.desk.gate import Miss, NotAllowed
from factcheck.history import Changeset, Door, StaleEdit, recording
from factcheck.models import Claim, Report, ReportStanding, Source, User, only_visible, resting_on


@dataclass(frozen=True)
class Retraction:
    """Of one report: the act, and how the report stood before it."""

    act: Changeset
    before: str


def retract(
    source: Source, reports: Mapping[int, int], *, withdrawn_reason: str, user: User, reason: str
) -> list[Report]:
    """Mark reports as retracted, and the source itself as withdrawn where there is a reason that readers can see.

    `reports` has, by key, the revision that was seen. One that was changed since refuses the whole act.
    """
    if not reports and source.withdrawn_reason == withdrawn_reason.strip():
        raise NotAllowed(Miss("retraction", _("Tick the reports that are retracted, or say how it was withdrawn.")))
    standings = dict.fromkeys(reports, ReportStanding.RETRACTED)
    return _mark(source, reports, standings, withdrawn_reason=withdrawn_reason, user=user, reason=reason)


def take_back(
    source: Source, reports: Mapping[int, int], *, withdrawn_reason: str, user: User, reason: str
) -> list[Report]:
    """Let reports stand again as they stood before they were retracted; and the source, without a reason, too."""
    if not reports and source.withdrawn_reason == withdrawn_reason.strip():
        raise NotAllowed(Miss("retraction", _("Tick what stands again.")))
    standings = {key: found.before for key, found in retractions(reports).items()}
    return _mark(source, reports, standings, withdrawn_reason=withdrawn_reason, user=user, reason=reason)


def retractions(reports: Iterable[int]) -> dict[int, Retraction]:
    """The newest of each report that was ever retracted."""
    found: dict[int, tuple[int, str]] = {}
    standing: dict[int, str] = {}
    rows = Report.history.model.objects.filter(id__in=list(reports)).order_by("id", "revision")
    for key, now, act in rows.values_list("id", "standing", "changeset_id"):
        before = standing.get(key, ReportStanding.CURRENT)
        if now == ReportStanding.RETRACTED != before:
            found[key] = (act, before)
        standing[key] = now
    acts = Changeset.objects.select_related("user").in_bulk({act for act, _before in found.values()})
    return {key: Retraction(acts[act], before) for key, (act, before) in found.items()}


def _mark(
    source: Source,
    reports: Mapping[int, int],
    standings: Mapping[int, str],
    *,
    withdrawn_reason: str,
    user: User,
    reason: str,
) -> list[Report]:
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
        if stored.withdrawn_reason != withdrawn_reason.strip():
            stored.withdrawn_reason = withdrawn_reason.strip()
            stored.full_clean()
            stored.save()
        return [_stand(report, reports[report.pk], standings) for report in _locked(stored, reports)]


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


def _stand(report: Report, seen: int, standings: Mapping[int, str]) -> Report:
    if report.revision != seen:
        raise StaleEdit(report, opened=seen, stored=report.revision)
    report.standing = standings.get(report.pk, report.standing)
    report.save()
    return report
