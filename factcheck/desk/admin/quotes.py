"""Finding the words of a source in what was captured of it, for a report to quote."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from factcheck.history import Door, recording
from factcheck.models import Capture, Report
from factcheck.text import Found

from . import base, captures, histories
from .meeting import LOST, opened_revision
from .places import place_of
from .reasons import Reason

if TYPE_CHECKING:
    from .site import Desk

MOST_CHARACTERS = 2000
LOOKED_THROUGH = 10  # captures, from the newest back


def urls(desk: "Desk") -> list[URLPattern]:
    return [
        # admin/quotes/
        path("quotes/<int:key>/", desk.admin_view(quote), name="quote"),
    ]


@dataclass(frozen=True)
class Offer:
    capture: Capture
    found: Found

    @property
    def key(self) -> str:
        return f"{self.capture.pk}-{self.found.start}-{self.found.end}"


def offer(form: forms.ModelForm) -> None:
    """Beside the field, the way to the page that finds the words. What is not saved yet has no such page."""
    if form.instance.pk and not form.instance._state.adding and (field := form.fields.get("quote")):
        url = reverse("admin:quote", args=[form.instance.pk])
        field.help_text = format_html('{} <a href="{}">{}</a>', field.help_text, url, _("Find them in a capture"))


def quote(request: HttpRequest, key: int) -> HttpResponse:
    """GET finds words in the captures of the source, POST takes those that a person chose."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    place = place_of(Report)
    if not place.may_view(request):
        raise PermissionDenied
    report = get_object_or_404(Report.objects.select_related("claim", "source"), pk=key)
    may_write, proposed = place.may_write(request, report), place.proposed_reason(report)
    sent = request.POST if request.method == "POST" else request.GET
    words, reason = " ".join(sent.get("words", report.quote).split()), sent.get("reason", proposed).strip()
    error = _("Give at most %s characters.") % f"{MOST_CHARACTERS:,}" if len(words) > MOST_CHARACTERS else ""
    offers = [] if error else _offers(report, words)
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        if not (error := error or _take(request, report, offers, reason)):
            return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[report.claim_id]))
    context = {"words": words, "reason": reason, "error": error, "may_write": may_write, "is_public": not proposed}
    chosen = sent.get("take", offers[0].key if offers else "")
    return _answer(request, report, context | {"offers": offers, "chosen": chosen})


def _answer(request: HttpRequest, report: Report, context: dict[str, Any]) -> HttpResponse:
    crumbs = histories.page_crumbs(report.claim._meta, report.claim)
    own = {
        "report": report,
        "where": captures.whereabouts(report.source, [report.quote]).get(report.quote),
        "has_captures": report.source.captures.exists(),
        "is_exact": any(each.found.is_exact for each in context["offers"]),
        "longest": MOST_CHARACTERS,
    }
    shown = histories.page_context(request, _("Find a quote"), report, crumbs) | own | context
    return TemplateResponse(request, "admin/factcheck/capture/quote.html", shown)


def _offers(report: Report, words: str) -> list[Offer]:
    """These very words, in the newest capture that has them; else what is like them, in the newest that has such."""
    if not words:
        return []
    near: list[Offer] = []
    keys = report.source.captures.order_by("-captured_at").values_list("pk", flat=True)[:LOOKED_THROUGH]
    for key in keys:
        capture = Capture.objects.get(pk=key)
        if near and not capture.holds(words):
            continue
        found = [Offer(capture, each) for each in capture.words.find(words)]
        if any(each.found.is_exact for each in found):
            return found
        near = near or found
    return near


def _take(request: HttpRequest, report: Report, offers: list[Offer], reason: str) -> str:
    """Why it was not done, in words; empty when it is done."""
    chosen = next((each for each in offers if each.key == request.POST.get("take", "")), None)
    opened = opened_revision(request.POST.get("opened", ""))
    if opened is None or opened > report.revision:
        return str(LOST)
    if chosen is None:
        return _("Choose one of the places.")
    report.revision = opened
    report.quote = chosen.found.quote
    report.quote_prefix, report.quote_suffix = chosen.found.prefix, chosen.found.suffix
    try:
        said = Reason(error_messages={"required": _("This is published: say why its quote changes.")}).clean(reason)
        with recording(user=request.user, reason=said, via=Door.ADMIN):
            report.full_clean()
            report.save()
    except base.REFUSED as error:
        report.refresh_from_db()
        return base.in_words(error)
    said = {"at": captures.moment(chosen.capture), "score": chosen.found.score}
    if report.revision == opened:
        messages.info(request, _("Nothing was changed, so nothing was recorded."))
    elif chosen.found.is_exact:
        messages.success(request, _("Quoted as it stands in the capture of %(at)s.") % said)
    else:
        messages.success(request, _("Quoted as it stands in the capture of %(at)s, %(score)s %% like yours.") % said)
    return ""
