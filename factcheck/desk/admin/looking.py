"""Who looks at a claim: what others did since this person last looked, and who else has it open."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from factcheck.history.timeline import Strand, timeline
from factcheck.models import Claim, User, Visit

from . import histories, telling

MOST = 5  # acts that are told; the history has all
NAMED = 4  # people


def look(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """Notes that this person looks, and answers with what to tell them. A browser that only looks ahead is nobody."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method != "GET" or ahead:
        return {}
    visit = Visit.objects.note(claim, request.user)
    visits = Visit.objects.present(claim, but=request.user)[:NAMED]
    present = [{"who": other.user, "ago": telling.ago(other.at)} for other in visits]
    return {"visit": visit, "present": present} | _since(visit, histories.of_claim(claim), request.user)


def _since(visit: Visit, strands: list[Strand], user: User) -> dict[str, Any]:
    if visit.read is None:
        return {}
    newer = [
        replace(strand, rows=strand.rows.filter(changeset__gt=visit.read).exclude(changeset__user=user))
        for strand in strands
    ]
    page = timeline(newer, limit=MOST)
    entries = [histories.entry_context(entry) for entry in page.entries]
    since = [entry | {"did": _did(entry["steps"]), "ago": telling.ago(entry["changeset"].at)} for entry in entries]
    return {"since": since, "has_more": bool(page.older)}


def _did(steps: list[dict[str, Any]]) -> str:
    """As in “report 3 added, verdict changed”."""
    words = [" ".join(str(step[name]) for name in ("what", "label", "kind") if step[name]) for step in steps]
    shown = ", ".join(dict.fromkeys(words[:NAMED]))
    return shown if len(words) <= NAMED else _("%(first)s and more") % {"first": shown}
