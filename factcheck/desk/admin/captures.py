"""What a source said at each moment: kept, listed, and held beside each other."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
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
from factcheck.desk.gate import NotAllowed
from factcheck.intake import captures as intake
from factcheck.intake import documents
from factcheck.intake.captures import Kept
from factcheck.intake.documents import Unreadable
from factcheck.intake.fetching import NotFetched
from factcheck.models import MOST_CHARACTERS, Capture, Source, User, only_visible

from . import base, histories

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


# Adding one.


class CaptureForm(forms.Form):
    title: Any = ""
    verb: Any = ""
    use_required_attribute = False

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        validators=[only_visible],
        initial=gettext_lazy("What it says now"),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say why: it is kept with the capture.")},
    )

    def keep(self, source: Source, user: User) -> Kept:
        raise NotImplementedError


class MomentForm(CaptureForm):
    captured_at = forms.DateTimeField(
        label=gettext_lazy("When it said so"),
        required=False,
        help_text=gettext_lazy("Now, where it is left empty. For an older copy, when that was made."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class FetchForm(CaptureForm):
    title, verb = gettext_lazy("Fetch the page"), gettext_lazy("Fetch it now")

    def keep(self, source: Source, user: User) -> Kept:
        if not source.url:
            raise NotFetched(_("This source has no address: paste its text, or upload a file."))
        return intake.fetch(source, user=user, reason=self.cleaned_data["reason"])


class PasteForm(MomentForm):
    title, verb = gettext_lazy("Paste its text"), gettext_lazy("Keep this text")
    field_order = ["text", "captured_at", "reason"]

    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Paste what it says.")},
    )

    def keep(self, source: Source, user: User) -> Kept:
        return intake.paste(source, self.cleaned_data.pop("text"), user=user, **self.cleaned_data)


class UploadForm(MomentForm):
    title, verb = gettext_lazy("Upload a file"), gettext_lazy("Keep what it says")
    field_order = ["file", "captured_at", "reason"]

    file = forms.FileField(
        label=gettext_lazy("HTML, PDF or plain text"),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
            "missing": gettext_lazy("Choose a file."),
        },
        widget=forms.FileInput(attrs={"accept": ".html,.htm,.pdf,.txt,text/html,application/pdf,text/plain"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > documents.MOST_BYTES:
            raise ValidationError(documents.too_large(file.size))
        return file

    def keep(self, source: Source, user: User) -> Kept:
        file = self.cleaned_data.pop("file")
        named = {"file_name": text.visible(file.name), "media_type": file.content_type or ""}
        return intake.upload(source, file.read(), user=user, **named, **self.cleaned_data)


FORMS = {"fetch": FetchForm, "paste": PasteForm, "upload": UploadForm}


def captures(request: HttpRequest, key: int) -> HttpResponse:
    """GET lists them, POST adds one."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    source = _source(request, key)
    may_write = base.is_writer(request) and request.user.has_perm("factcheck.add_capture")
    shown = {way: form(prefix=way) for way, form in FORMS.items() if way != "fetch" or source.url}
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied
        way = request.POST.get("way", "")
        form = FORMS.get(way, PasteForm)(request.POST, request.FILES, prefix=way)
        if kept := _kept(form, source, request.user):
            _tell(request, kept)
            return HttpResponseRedirect(request.path)
        shown |= {way if way in FORMS else "paste": form}
    page = Paginator(_listed(source), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "forms": shown if may_write else {},
        "missing": documents.missing(),
        "page": page,
        "change": _newest_change(source),
        "quotes": _quotes(source),
        "source": source,
    }
    return _answer(request, "captures", source, _("Captures"), context)


def _kept(form: CaptureForm, source: Source, user: User) -> Kept | None:
    if not form.is_valid():
        return None
    try:
        return form.keep(source, user)
    except (NotFetched, Unreadable, NotAllowed) as refused:
        form.add_error(None, str(refused))
    except ValidationError as error:
        for name, errors in getattr(error, "error_dict", {None: error.messages}).items():
            form.add_error(name if name in form.fields else None, errors)
    except base.REFUSED as error:
        form.add_error(None, base.in_words(error))
    return None


def _tell(request: HttpRequest, kept: Kept) -> None:
    at = kept.before and moment(kept.before)
    if not kept.is_new:
        messages.info(request, _("Unchanged since %s: it says the same, so nothing was added.") % at)
        return
    count = text.count_words(kept.capture.text)
    messages.success(request, ngettext("Kept: %s word.", "Kept: %s words.", count) % formats.number_format(count))
    if kept.before and text.shifts(text.beside(kept.before.text, kept.capture.text)):
        messages.warning(request, _("What it says changed since %s: see below.") % at)


# Looking at them.


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


def _quotes(source: Source) -> dict[str, list[dict[str, Any]]]:
    """Each report that quotes it, and the newest capture that has its words: an old one is kept, and said to be old."""
    reports = source.reports.exclude(quote="").select_related("claim").order_by("claim__label", "number")
    found = Capture.objects.holding((source.slug, report.quote) for report in reports)
    newest = source.captures.order_by("-captured_at").values_list("pk", flat=True).first()
    standing, lost = [], []
    for report in reports:
        capture = found.get((source.slug, report.quote))
        kept = standing if capture and capture.pk == newest else lost
        kept.append({"report": report, "capture": capture})
    return {"standing": standing, "lost": lost}


def compare(request: HttpRequest, key: int) -> HttpResponse:
    """`?from=` and `?to=` are numbers of captures; without them the newest is held beside the one before."""
    if request.method not in base.READING:
        return HttpResponseNotAllowed(base.READING)
    source = _source(request, key)
    newest_first = list(source.captures.defer("text").order_by("-captured_at"))
    chosen = [_chosen(request.GET.get(name, ""), newest_first, place) for place, name in ((1, "from"), (0, "to"))]
    context: dict[str, Any] = {"source": source, "captures": newest_first, "chosen": chosen}
    if None not in chosen:
        context |= compared(*chosen)
        context["stretches"] = list(_stretches(context["rows"]))
    return _answer(request, "compare", source, _("Compare two captures"), context)


def _chosen(asked: str, newest_first: list[Capture], place: int) -> Capture | None:
    if not asked:
        return newest_first[place] if place < len(newest_first) else None
    return next((capture for capture in newest_first if str(capture.pk) == asked), None)


def _stretches(rows: list[text.Row]) -> Any:
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
    count, newest = source.captures.count(), source.captures.defer("text").order_by("-captured_at").first()
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
        rows = super().get_queryset(request).select_related("source", "changeset__user")
        return rows.defer("text") if request.resolver_match.url_name.endswith("_changelist") else rows

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
