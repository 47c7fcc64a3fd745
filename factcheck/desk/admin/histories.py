"""The history of one object as a page that is only read."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from factcheck import text
from factcheck.history.timeline import Change, Entry, Step, Strand, timeline
from factcheck.models import Approval, Claim, Edition, Flag, Report, Source, SourceBasis, Verdict

if TYPE_CHECKING:
    from .base import ReadOnly

AROUND = 160  # characters of unchanged text shown on either side of a change


def of_claim(claim: Claim) -> list[Strand]:
    """The claim and all that its page shows, with the approvals, editions and flags between."""
    sources = Report.history.filter(claim_id=claim.pk).order_by().values("source_id")
    own = frozenset({"claim"})
    return [
        Strand(Claim.history.filter(id=claim.pk)),
        Strand(Verdict.history.filter(claim_id=claim.pk), hide=own),
        Strand(Report.history.filter(claim_id=claim.pk), label=lambda row: row.number, hide=own | {"number"}),
        Strand(Source.history.filter(id__in=sources), label=lambda row: row.title),
        Strand(SourceBasis.history.filter(source_id__in=sources)),
        Strand(Approval.objects.filter(claim=claim).select_related("by"), label=lambda row: row.by),
        Strand(Edition.objects.filter(claim=claim).defer("content"), label=_edition),
        Strand(Flag.objects.filter(edition__claim=claim), label=lambda row: row.reason),
    ]


def of_source(source: Source) -> list[Strand]:
    return [
        Strand(Source.history.filter(id=source.pk)),
        Strand(SourceBasis.history.filter(source_id=source.pk), hide=frozenset({"source"})),
        Strand(source.captures.defer("text"), label=lambda row: row.sha256[:12]),
    ]


def _edition(edition: Edition) -> str:
    return f"{edition.number}, {edition.get_kind_display()}"


def page(model_admin: "ReadOnly", request: HttpRequest, object_id: str) -> HttpResponse:
    instance = model_admin.get_object(request, object_id)
    if not model_admin.has_view_permission(request, instance):
        raise PermissionDenied
    if instance is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, object_id)
    return TemplateResponse(
        request,
        "admin/factcheck/history.html",
        {
            **model_admin.admin_site.each_context(request),
            "title": _("History: %s") % instance,
            "opts": model_admin.opts,
            "object": instance,
            **timeline_context(model_admin.strands(instance), request.GET.get("before", "")),
        },
    )


def timeline_context(strands: list[Strand], before: str = "") -> dict[str, Any]:
    asked = int(before) if before.isdecimal() and len(before) < 18 else None
    found = timeline(strands, before=asked)
    return {"entries": [entry_context(entry) for entry in found.entries], "older": found.older, "newest": not asked}


def entry_context(entry: Entry) -> dict[str, Any]:
    return {"changeset": entry.changeset, "steps": [_step(step) for step in entry.steps]}


def _step(step: Step) -> dict[str, Any]:
    words = {"+": _("added"), "-": _("deleted"), "~": _("changed"), "!": ""}
    return {
        "what": step.model._meta.verbose_name,
        "label": step.label,
        "kind": words[step.kind],
        "changes": [
            {
                "label": change.label,
                "pieces": [text.Piece("same", change.new)] if step.kind == "+" else pieces(change),
                "is_whole": not change.is_prose,
            }
            for change in step.changes
        ],
    }


def pieces(change: Change) -> list[text.Piece]:
    if not change.is_prose or not change.old or not change.new:
        whole = [text.Piece("removed", change.old), text.Piece("added", change.new)]
        return [piece for piece in whole if piece.text]
    found = text.word_diff(change.old, change.new)
    return [
        _shortened(piece, first=place == 0, last=place == len(found) - 1) if piece.op == "same" else piece
        for place, piece in enumerate(found)
    ]


def _shortened(piece: text.Piece, *, first: bool, last: bool) -> text.Piece:
    if len(piece.text) <= 2 * AROUND:
        return piece
    before = "" if first else piece.text[:AROUND]
    after = "" if last else piece.text[-AROUND:]
    return text.Piece(piece.op, f"{before} … {after}")
