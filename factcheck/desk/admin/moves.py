"""The moves of a claim as pages: what may be done now, what is missing, and doing it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import dossier
from factcheck.desk import gate, kinds, queues, review
from factcheck.desk.eyes import Authorship
from factcheck.desk.gate import Move, NotAllowed
from factcheck.history import StaleEdit
from factcheck.history.versions import between
from factcheck.models import Claim, EditionKind, State, User
from factcheck.page import context
from factcheck.page.safe import markdown
from factcheck.page.words import when

from . import base, histories, known, stale
from .meeting import LOST, opened_revision

if TYPE_CHECKING:
    from .claims import ClaimAdmin

PROPOSED = {
    "submit": gettext_lazy("Ready for review"),
    "return_to_author": gettext_lazy("Back to the author"),
    "approve": gettext_lazy("Read and agreed"),
    "publish": gettext_lazy("Publish"),
}
DONE = {
    "submit": gettext_lazy("Submitted: it waits for review now."),
    "return_to_author": gettext_lazy("Returned to its author."),
    "approve": gettext_lazy("Approved: an editor can publish it."),
    "publish": gettext_lazy("Published."),
    "reopen": gettext_lazy("The next edition is a draft now; the published one stays up until it is replaced."),
    "flag": gettext_lazy("Flagged: readers see that it is being re-checked."),
    "withdraw": gettext_lazy("Withdrawn: the page stays, with your notice on top."),
}
FOR_READERS = frozenset({"flag", "withdraw"})

savepoint = transaction.atomic


def panel(claim: Claim, user: User) -> dict[str, Any]:
    """Where a claim stands, for the top of its page."""
    content = dossier.build(claim)
    digest = dossier.digest(dossier.canonical(content))
    newest = gate.newest_edition(claim)
    found = gate.misses(claim, content, previous=newest)
    flag = newest.flags.select_related("by").first() if newest and not newest.is_withdrawal else None
    is_reviewer = user.role in gate.REVIEWERS
    authorship = Authorship.of(claim) if is_reviewer or claim.state in gate.JUDGED else None
    verdict, approval = content["verdict"], gate.valid_approval(claim, digest)
    possible = [move for move in gate.moves(claim, user, approval, authorship) if not (flag and move.verb == "flag")]
    approver = approval.by if approval else user if is_reviewer else None
    return {
        "claim": claim,
        "newest": newest,
        "flag": flag,
        "next_kind": EditionKind(content["edition"]["kind"]).label if newest and verdict else "",
        "approval": approval,
        "doubts": gate.doubts(claim, approver, authorship) if approver and claim.state in gate.JUDGED else [],
        "digest": digest,
        "moves": possible,
        "may_submit": any(move.verb == "submit" for move in possible),
        "shows_rules": claim.state not in {State.PUBLISHED, State.WITHDRAWN},
        "asks_kind": any(move.verb == "reopen" for move in possible),
        "reaches_readers": any(move.verb in FOR_READERS for move in possible),
        "must_type": [move.label for move in possible if move.verb not in PROPOSED],
        "kinds": [(kind.value, kind.label) for kind in kinds.following(newest)],
        "rules": [
            {"label": gate.RULE_LABELS[rule], "messages": [miss.message for miss in found if miss.rule == rule]}
            for rule in gate.rules_for(content["edition"]["kind"])
        ],
        "known": known.block(claim, content),
        "read": as_read(content),
        "stale": stale.block(claim, newest, content, possible),
        "four_eyes": gate.four_eyes(claim, user, authorship) if is_reviewer else None,
        "is_reviewer": is_reviewer and approval is None,
    }


def as_read(content: dict[str, Any]) -> dict[str, Any]:
    """The heart of the public page, half written or whole."""
    verdict = content["verdict"] or {"rating": None, "rating_then": None, "summary": "", "explanation": ""}
    rating, then = (verdict[name] and context.rated(verdict[name]) for name in ("rating", "rating_then"))
    return {
        "story": content["story"]["title"],
        "claim": content["claim"],
        "made": when(content["claim"]["made_at"]),
        "rating": rating,
        "rating_then": then if then != rating else None,
        "summary": verdict["summary"],
        "explanation": markdown(verdict["explanation"]),
        "few": verdict.get("few_sources_reason", ""),
        "note": content["edition"]["note"],
        "reports": len(content["reports"]),
        "origins": dossier.independent_origins(content),
    }


def turn(model_admin: "ClaimAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """To the next claim that waits for this person, or back to the desk where none does."""
    if request.method not in base.READING:
        return HttpResponseNotAllowed(base.READING)
    claim = model_admin.get_object(request, str(pk))
    if not model_admin.has_view_permission(request, claim):
        raise PermissionDenied
    if claim is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, str(pk))
    if (key := queues.following(claim, request.user)) is None:
        messages.info(request, _("Nothing else waits for you."))
        return HttpResponseRedirect(reverse("admin:index"))
    return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[key]))


def move(model_admin: "ClaimAdmin", request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """GET asks for the reason, POST does it."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    claim = model_admin.get_object(request, str(pk))
    if not model_admin.has_change_permission(request, claim):
        raise PermissionDenied
    if verb not in gate.MOVES:
        raise Http404
    if claim is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, str(pk))
    asked = gate.MOVES[verb]
    if request.method != "POST":
        return _ask(model_admin, request, claim, asked)
    opened = opened_revision(request.POST.get("opened", ""))
    if opened is None or opened > claim.revision:
        return _ask(model_admin, request, claim, asked, why=[str(LOST)])
    reason = request.POST.get("reason", "").strip() or str(PROPOSED.get(verb, ""))
    if not reason:
        return _ask(model_admin, request, claim, asked, why=[_("Say why.")], opened=opened)
    claim.revision = opened
    try:
        review.VERBS[verb](claim, user=request.user, reason=reason, **_extras(request, verb))
    except NotAllowed as refused:
        return _ask(model_admin, request, claim, asked, why=[miss.message for miss in refused.misses], opened=opened)
    except StaleEdit as error:
        if (claim := model_admin.get_object(request, str(pk))) is None:
            return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, str(pk))
        return _ask(model_admin, request, claim, asked, why=[base.in_words(error)], met=opened)
    except base.REFUSED as error:
        return _ask(model_admin, request, claim, asked, why=[base.in_words(error)], opened=opened)
    messages.success(request, _done(verb, claim, request.user))
    return HttpResponseRedirect(_page(claim))


def _done(verb: str, claim: Claim, user: User) -> str:
    """With the way to what waits next."""
    if queues.following(claim, user) is None:
        return str(DONE[verb])
    url = reverse("admin:factcheck_claim_next", args=[claim.pk])
    return format_html('{} <a href="{}">{}</a>', DONE[verb], url, _("Next that waits for me"))


def _extras(request: HttpRequest, verb: str) -> dict[str, str]:
    if verb == "reopen":
        return {"kind": request.POST.get("kind", "")}
    if verb == "approve":
        return {"seen": request.POST.get("seen", "")}
    return {}


def _page(claim: Claim) -> str:
    return reverse("admin:factcheck_claim_change", args=[claim.pk])


def _ask(
    model_admin: "ClaimAdmin",
    request: HttpRequest,
    claim: Claim,
    asked: Move,
    *,
    why: Sequence[str] = (),
    opened: int | None = None,
    met: int | None = None,
) -> HttpResponse:
    """Keeps what was typed. `met` is a version that others changed: what changed is shown, and decided about."""
    shown = panel(claim, request.user)
    seen = request.POST.get("seen", shown["digest"])
    own = {
        "title": f"{asked.label}: {claim}",
        "opts": model_admin.opts,
        "move": asked,
        "why": why,
        "changes": _changes(claim, met) if met else [],
        "refusal": gate.move_miss(asked, claim, request.user, shown["newest"]),
        # What is approved is read on the page of the claim, not here.
        "is_unread": asked.verb == "approve" and seen != shown["digest"],
        "reason": request.POST.get("reason", PROPOSED.get(asked.verb, "")),
        "for_readers": asked.verb in FOR_READERS,
        "kind": request.POST.get("kind", EditionKind.UPDATE),
        "opened": opened or claim.revision,
    }
    context = {**model_admin.admin_site.each_context(request), **shown, **own}
    return TemplateResponse(request, "admin/factcheck/claim/move.html", context)


def _changes(claim: Claim, opened: int) -> list[dict[str, Any]]:
    before = Claim.history.filter(id=claim.pk, revision=opened).first()
    return histories.changes_context(between(before, claim)) if before else []
