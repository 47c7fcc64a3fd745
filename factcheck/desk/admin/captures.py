"""What a source said at each moment: kept, listed, and held beside each other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import text
from factcheck.desk import gate
from factcheck.intake import documents
from factcheck.intake.captures import Kept
from factcheck.models import Capture, Report, Source

from . import base, capturing, histories
from .forms import focus_first_error

if TYPE_CHECKING:
    from .site import Desk

ON_A_PAGE = 30
SHIFTS_SHOWN = 8
LONGEST_SHIFT = 90


def urls(desk: "Desk") -> list[URLPattern]:
    return [
        # admin/captures/
        path("captures/<int:key>/", desk.admin_view(captures), name="captures"),
        path("captures/<int:key>/compare/", desk.admin_view(compare), name="captures_compare"),
    ]


def captures(request: HttpRequest, key: int) -> HttpResponse:
    """GET lists them, POST adds one."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    source = _source(request, key)
    may_write = base.is_writer(request) and request.user.has_perm("factcheck.add_capture")
    shown = {way: form(prefix=way) for way, form in capturing.FORMS.items() if way != "fetch" or source.url}
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        way = way if (way := request.POST.get("way")) in capturing.FORMS else "paste"
        form = capturing.FORMS[way](request.POST, request.FILES, prefix=way)
        if kept := capturing.kept(form, source, request.user):
            _tell(request, kept)
            return HttpResponseRedirect(request.path)
        focus_first_error([form])
        shown |= {way: form}
    page = Paginator(_listed(source), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "forms": shown if may_write else {},
        "is_reviewer": request.user.role in gate.REVIEWERS,
        "missing": documents.missing(),
        "page": page,
        "first": source.captures.values_list("pk", flat=True).first(),
        "change": _newest_change(source),
        "quotes": _quotes(source),
        "source": source,
    }
    return _answer(request, "captures", source, _("Captures"), context)


def _tell(request: HttpRequest, kept: Kept) -> None:
    at = kept.before and moment(kept.before)
    if not kept.is_new:
        messages.info(request, _("Unchanged since %s: it says the same, so nothing was added.") % at)
        return
    count = text.count_words(kept.capture.text)
    messages.success(request, ngettext("Kept: %s word.", "Kept: %s words.", count) % formats.number_format(count))
    if kept.before and text.shifts(text.beside(kept.before.text, kept.capture.text)):
        messages.warning(request, _("What it says changed since %s: see below.") % at)
    if lost := [where for _report, where in _quotes(kept.capture.source)["lost"] if where and where.capture]:
        sentence = ngettext(
            "%s quote stands no longer in the newest capture.",
            "%s quotes stand no longer in the newest capture.",
            len(lost),
        )
        messages.warning(request, sentence % len(lost))


def moment(capture: Capture) -> str:
    return formats.date_format(timezone.localtime(capture.captured_at), "j F Y, H:i T")


def _source(request: HttpRequest, key: int) -> Source:
    if not request.user.has_perm("factcheck.view_capture"):
        raise PermissionDenied
    return get_object_or_404(Source.objects.select_related("publisher"), pk=key)


def _listed(source: Source) -> QuerySet[Capture]:
    rows = source.captures.defer("text").annotate(length=Length("text"))
    return rows.select_related("changeset__user").order_by("-captured_at")


def _newest_change(source: Source) -> dict[str, Any] | None:
    new, old = [*source.captures.order_by("-captured_at")[:2], None, None][:2]
    return compared(old, new) if new and old else None


def compared(old: Capture, new: Capture) -> dict[str, Any]:
    rows = text.beside(old.text, new.text)
    shifts = text.shifts(rows)
    return {
        "old": old,
        "new": new,
        "rows": rows,
        "is_changed": any(row.is_changed for row in rows),
        "shifts": [_shown(shift) for shift in shifts[:SHIFTS_SHOWN]],
        "more": max(0, len(shifts) - SHIFTS_SHOWN),
        "has_note": text.has_note(rows),
    }


def _shown(shift: text.Shift) -> dict[str, Any]:
    return {
        "before": shift.before,
        "old": _short(shift.old),
        "new": _short(shift.new),
        "after": shift.after,
        "marks": [mark.label for mark in shift.marks],
    }


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_SHIFT else f"{words[: LONGEST_SHIFT - 1].rstrip()}…"


@dataclass(frozen=True)
class Whereabouts:
    """The newest capture that has a quote: an old one is kept, and said to be old."""

    capture: Capture | None
    is_newest: bool


def whereabouts(source: Source, quotes: Iterable[str]) -> dict[str, Whereabouts]:
    """Of each quote of the source; of none, where nothing is captured."""
    found = Capture.objects.holding((source.slug, quote) for quote in quotes)
    newest = source.captures.defer("text").last()
    return {quote: Whereabouts(capture, capture == newest) for (_slug, quote), capture in found.items()}


def _quotes(source: Source) -> dict[str, list[tuple[Report, Whereabouts | None]]]:
    reports = source.reports.quoting().select_related("claim").order_by("claim__label", "number")
    found = whereabouts(source, (report.quote for report in reports))
    placed = [(report, found.get(report.quote)) for report in reports]
    return {
        "standing": [(report, where) for report, where in placed if where and where.is_newest],
        "lost": [(report, where) for report, where in placed if not (where and where.is_newest)],
    }


def compare(request: HttpRequest, key: int) -> HttpResponse:
    """`?from=` and `?to=` are numbers of captures; without them it is the newest, and the one before."""
    if request.method not in base.READING:
        return HttpResponseNotAllowed(base.READING)
    source = _source(request, key)
    newest_first = list(source.captures.defer("text").order_by("-captured_at"))
    new = _chosen(request.GET.get("to", ""), newest_first, 0)
    old = _chosen(request.GET.get("from", ""), newest_first, newest_first.index(new) + 1 if new else 1)
    chosen = [old, new]
    is_first = new is not None and new == newest_first[-1] and "from" not in request.GET
    context: dict[str, Any] = {"source": source, "captures": newest_first, "chosen": chosen, "is_first": is_first}
    if old and new:
        context |= compared(old, new)
        context["stretches"] = list(_stretches(context["rows"]))
    return _answer(request, "compare", source, _("Compare two captures"), context)


def _chosen(asked: str, newest_first: list[Capture], otherwise: int) -> Capture | None:
    if not asked:
        return newest_first[otherwise] if otherwise < len(newest_first) else None
    return next((capture for capture in newest_first if str(capture.pk) == asked), None)


def _stretches(rows: list[text.Row]) -> Iterator[dict[str, Any]]:
    """Rows to show and rows to fold away: far from any change, nothing is to be seen."""
    changed = [place for place, row in enumerate(rows) if row.is_changed]
    near = {place + step for place in changed for step in (-1, 0, 1)}
    stretch: list[text.Row] = []
    for place, row in enumerate(rows):
        if stretch and (place in near) != (place - 1 in near):
            yield {"is_shown": place - 1 in near, "rows": stretch}
            stretch = []
        stretch.append(row)
    if stretch:
        yield {"is_shown": len(rows) - 1 in near, "rows": stretch}


def _answer(request: HttpRequest, template: str, source: Source, name: str, context: dict[str, Any]) -> HttpResponse:
    crumbs = histories.page_crumbs(Source._meta, source)
    if template != "captures":
        crumbs.append((_("Captures"), reverse("admin:captures", args=[source.pk])))
    shown = histories.page_context(request, name, source, crumbs) | context
    return TemplateResponse(request, f"admin/factcheck/capture/{template}.html", shown)


def summary(source: Source) -> str:
    """For the page of the source: how many there are, and the way to them."""
    count, newest = source.captures.count(), source.captures.defer("text").last()
    url = reverse("admin:captures", args=[source.pk])
    if newest is None:
        return format_html('{} <a href="{}">{}</a>', _("Nothing is kept yet."), url, _("Capture what it says"))
    said = ngettext("%(count)s capture, of %(at)s.", "%(count)s captures, the newest of %(at)s.", count)
    said %= {"count": count, "at": moment(newest)}
    return format_html('{} <a href="{}">{}</a>', said, url, _("Read, compare, capture again"))


@admin.register(Capture)
class CaptureAdmin(base.ReadOnly):
    """Added on the page of the captures of its source."""

    list_display = ["source", "captured_at", "came", "sha256"]
    list_filter = ["came", "captured_at"]
    list_select_related = ["source"]
    list_per_page = 50
    search_fields = ["source__title"]
    ordering = ["-captured_at"]
    fields = ["of", "captured_at", "how", "by", "sha256", "text"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("source", "changeset__user").defer("text")

    @admin.display(description=gettext_lazy("source"))
    def of(self, capture: Capture) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:captures", args=[capture.source_id]), capture.source)

    @admin.display(description=gettext_lazy("how it came"))
    def how(self, capture: Capture) -> str:
        return capture.way

    @admin.display(description=gettext_lazy("kept by"))
    def by(self, capture: Capture) -> str:
        said = _("%(person)s: %(reason)s") % {"person": capture.changeset.person, "reason": capture.changeset.reason}
        url = reverse("admin:factcheck_changeset_change", args=[capture.changeset_id])
        return format_html('<a href="{}">{}</a>', url, said)
