"""The history of one object, and of all that belongs to it, as a page that is only read."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from factcheck import text
from factcheck.history import HistoryRow, Tracked
from factcheck.history.timeline import Entry, Step, Strand, timeline
from factcheck.history.versions import Change, names_of
from factcheck.models import Approval, Claim, Edition, Flag, Report, Source, SourceBasis, Story, Verdict

if TYPE_CHECKING:
    from .base import ReadOnly

AROUND = 160  # characters of unchanged text shown on either side of a change


def of_story(story: Story) -> list[Strand]:
    """The story, and all that was ever said in it: every claim that once belonged to it with what its page shows."""
    claims = Claim.history.filter(story_id=story.pk).order_by().values_list("id", flat=True).distinct()
    labels = names_of({Claim: set(claims)}).get(Claim, {})
    return [Strand(Story.history.filter(id=story.pk)), *_of_claims(labels)]


def of_claim(claim: Claim) -> list[Strand]:
    """The claim and all that its page shows, with the approvals, editions and flags between."""
    return _of_claims({claim.pk: ""})


def _of_claims(labels: dict[int, str]) -> list[Strand]:
    claims = list(labels)
    sources = Report.history.filter(claim_id__in=claims).order_by().values("source_id")
    own = frozenset({"claim"})

    def under(claim: int, *parts: object) -> str:
        return ", ".join(str(part) for part in (labels[claim], *parts) if part)

    return [
        Strand(Claim.history.filter(id__in=claims), label=lambda row: labels[row.id]),
        Strand(Verdict.history.filter(claim_id__in=claims), label=lambda row: labels[row.claim_id], hide=own),
        Strand(
            Report.history.filter(claim_id__in=claims),
            label=lambda row: under(row.claim_id, row.number),
            hide=own | {"number"},
        ),
        Strand(Source.history.filter(id__in=sources), label=lambda row: row.title),
        Strand(SourceBasis.history.filter(source_id__in=sources)),
        Strand(
            Approval.objects.filter(claim__in=claims).select_related("by"),
            label=lambda row: under(row.claim_id, row.by),
        ),
        Strand(
            Edition.objects.filter(claim__in=claims).defer("content"),
            label=lambda row: under(row.claim_id, row.number, row.get_kind_display()),
        ),
        Strand(
            Flag.objects.filter(edition__claim__in=claims).select_related("edition").defer("edition__content"),
            label=lambda row: under(row.edition.claim_id, row.reason),
        ),
    ]


def of_source(source: Source) -> list[Strand]:
    return [
        Strand(Source.history.filter(id=source.pk)),
        Strand(SourceBasis.history.filter(source_id=source.pk), hide=frozenset({"source"})),
        Strand(source.captures.defer("text"), label=lambda row: f"{row.way}, {row.sha256[:12]}"),
    ]


def page(model_admin: "ReadOnly", request: HttpRequest, object_id: str) -> HttpResponse:
    """The history of what is gone stays at its address."""
    instance = model_admin.get_object(request, object_id)
    if not model_admin.has_view_permission(request, instance):
        raise PermissionDenied
    if instance is None and (instance := gone_object(model_admin.model, object_id)) is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, object_id)
    strands = model_admin.strands(instance)
    crumbs = page_crumbs(model_admin.opts, None if instance._state.adding else instance)
    context = page_context(request, _("History"), instance, crumbs) | timeline_context(strands, request)
    return TemplateResponse(request, "admin/factcheck/history.html", context)


def page_context(request: HttpRequest, name: str, instance: models.Model, crumbs: list[tuple[str, str]]) -> dict:
    return {
        **admin.site.each_context(request),
        "title": f"{name}: {called(instance)}",
        "page_name": name,
        "crumbs": crumbs,
        "object": instance,
        "is_gone": instance._state.adding,
        "opts": instance._meta,
    }


def page_crumbs(opts: Any, instance: models.Model | None) -> list[tuple[str, str]]:
    """Names and addresses, from the list of its kind down to the page of an object, if that is there."""
    found = [(capfirst(opts.verbose_name_plural), reverse(f"admin:factcheck_{opts.model_name}_changelist"))]
    if instance is not None:
        found.append((str(instance), reverse(f"admin:factcheck_{opts.model_name}_change", args=[instance.pk])))
    return found


def called(instance: models.Model) -> str:
    """Its name, even if that says what it belongs to and that is gone."""
    try:
        return str(instance)
    except ObjectDoesNotExist:
        return _("%(kind)s, number %(key)s") % {"kind": instance._meta.verbose_name, "key": instance.pk}


def newest_version(model: type[Tracked], key: int) -> HistoryRow | None:
    return model.history.filter(id=key).select_related("changeset__user").order_by("-revision").first()


def object_of(newest: HistoryRow) -> Tracked:
    """The object as its newest version has it; as something new where that is its deletion."""
    instance = newest.instance
    instance._state.adding = newest.history_type == "-"
    return instance


def gone_object(model: type[models.Model], object_id: str) -> Tracked | None:
    try:
        key = model._meta.pk.to_python(unquote(object_id))
    except ValidationError:
        return None
    newest = newest_version(model, key) if issubclass(model, Tracked) else None
    return newest and object_of(newest)


def timeline_context(strands: list[Strand], request: HttpRequest) -> dict[str, Any]:
    """`?before=` is the number of an act, `?skip=` how much of the next was shown; nonsense gives the first page."""
    before, skip = (_number(request.GET.get(name, "")) for name in ("before", "skip"))
    found = timeline(strands, before=before or None, skip=skip)
    context = {"entries": [entry_context(entry) for entry in found.entries], "older": found.older, "newest": not before}
    if found.more:
        context |= {"more": found.more, "again": found.entries[-1].changeset.pk + 1}
    return context


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def entry_context(entry: Entry) -> dict[str, Any]:
    return {"changeset": entry.changeset, "steps": [_step(step) for step in entry.steps]}


def _step(step: Step) -> dict[str, Any]:
    name, is_version = step.model._meta.model_name, step.kind != "!"
    words = {"+": _("added"), "-": _("deleted"), "~": _("changed"), "!": ""}
    return {
        "what": step.model._meta.verbose_name,
        "label": step.label,
        "kind": words[step.kind],
        "version": step.row.revision if is_version else None,
        "url": reverse("admin:version", args=[name, step.row.id, step.row.revision])
        if is_version
        else reverse(f"admin:factcheck_{name}_change", args=[step.row.pk]),
        "versions_url": reverse("admin:versions", args=[name, step.row.id]) if is_version else "",
        "changes": changes_context(step.changes, is_new=step.kind == "+"),
    }


def changes_context(changes: Iterable[Change], *, is_new: bool = False) -> list[dict[str, Any]]:
    return [_change(change, [text.Piece("same", change.new)] if is_new else pieces(change)) for change in changes]


def _change(change: Change, found: list[text.Piece]) -> dict[str, Any]:
    """Its marks say which changes in a text may change what it says; a value that changed has changed that."""
    differing = [piece for piece in found if piece.op != "same"]
    marks = {mark for piece in differing for mark in piece.marks} if change.is_prose else ()
    return {
        "label": change.label,
        "pieces": found,
        "is_whole": not change.is_prose,
        "marks": [mark.label for mark in text.Mark if mark in marks],
        "is_cosmetic": bool(differing) and not any(piece.is_material for piece in differing),
    }


def pieces(change: Change) -> list[text.Piece]:
    if not change.is_prose:
        return text.whole_diff(change.old, change.new)
    before, old, new, after = _unlike(change.old, change.new)
    found = [text.Piece("same", before), *text.word_diff(old, new), text.Piece("same", after)]
    found = [piece for piece in found if piece.text]
    return [
        _shortened(piece, first=place == 0, last=place == len(found) - 1) if piece.op == "same" else piece
        for place, piece in enumerate(found)
    ]


def _unlike(old: str, new: str) -> tuple[str, str, str, str]:
    """Lines that begin both, the rest of each, and lines that end both: a long text is compared where it differs."""
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    begin = _alike(a, b)
    end = _alike(a[begin:][::-1], b[begin:][::-1])
    return (
        "".join(a[:begin]),
        "".join(a[begin : len(a) - end]),
        "".join(b[begin : len(b) - end]),
        "".join(a[len(a) - end :]),
    )


def _alike(a: list[str], b: list[str]) -> int:
    return next(
        (place for place, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b))
    )


def _shortened(piece: text.Piece, *, first: bool, last: bool) -> text.Piece:
    if len(piece.text) <= 2 * AROUND:
        return piece
    before = "" if first else piece.text[:AROUND]
    after = "" if last else piece.text[-AROUND:]
    return text.Piece(piece.op, f"{before} … {after}")
