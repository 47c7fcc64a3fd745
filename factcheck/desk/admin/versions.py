"""The versions of one object: all of them, any two beside each other, and any one whole, to be restored."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from factcheck.history import HistoryRow, Tracked
from factcheck.history.timeline import Strand
from factcheck.history.versions import between, whole

from . import base, histories
from .places import place_of
from .restore import NotRestored, RestoreForm, plan, restore

if TYPE_CHECKING:
    from .site import Desk


def urls(desk: "Desk") -> list[URLPattern]:
    return [
        # admin/history/
        path("history/<slug:name>/<int:key>/", desk.admin_view(versions), name="versions"),
        path("history/<slug:name>/<int:key>/compare/", desk.admin_view(compare), name="compare"),
        path("history/<slug:name>/<int:key>/<int:number>/", desk.admin_view(version), name="version"),
    ]


def versions(request: HttpRequest, name: str, key: int) -> HttpResponse:
    if request.method not in base.READING:
        return HttpResponseNotAllowed(base.READING)
    newest = _newest(request, name, key)
    strand = Strand(newest.instance_type.history.filter(id=key))
    context = histories.timeline_context([strand], request)
    return _page("history", request, newest, _("Versions"), context | {"choosing": newest.revision > 1})


def compare(request: HttpRequest, name: str, key: int) -> HttpResponse:
    if request.method not in base.READING:
        return HttpResponseNotAllowed(base.READING)
    newest = _newest(request, name, key)
    asked = [request.GET.get("from") or str(max(newest.revision - 1, 1)), request.GET.get("to") or str(newest.revision)]
    errors = [
        _("There is no version “%(asked)s”: give a number from 1 to %(newest)s.")
        % {"asked": Truncator(text).chars(20), "newest": newest.revision}
        for text in asked
        if not _is_version(text, newest.revision)
    ]
    context: dict[str, Any] = {"asked": asked, "errors": errors}
    if not errors:
        old, new = rows = [_version(newest, int(text)) for text in asked]
        context |= {"rows": rows, "changes": histories.changes_context(between(old, new))}
    return _page("compare", request, newest, _("Compare two versions"), context)


def version(request: HttpRequest, name: str, key: int, number: int) -> HttpResponse:
    """GET shows it whole, POST restores it."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    newest = _newest(request, name, key)
    row = _version(newest, number)
    may_restore = place_of(newest.instance_type).may_write_some(request)
    context = {"version": row, "values": whole(row), "earlier": number - 1, "later": number + 1}
    if request.method == "POST":
        if not may_restore:
            raise PermissionDenied
        if not (error := _restore(request, row)):
            return HttpResponseRedirect(reverse("admin:versions", args=[name, key]))
        context["error"] = error
        newest = _newest(request, name, key)
    if may_restore and (number != newest.revision or newest.history_type == "-"):
        context |= _restoring(request, row)
    return _page("version", request, newest, _("Version %s") % number, context)


def _restore(request: HttpRequest, row: HistoryRow) -> str:
    """Why it was not done, in words; empty when it is done."""
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return " ".join(message for errors in form.errors.values() for message in errors)
    try:
        restored = restore(request, row, **form.cleaned_data)
    except (NotRestored, *base.REFUSED) as refused:
        return base.in_words(refused)
    numbers = {"old": row.revision, "new": restored.revision}
    messages.success(request, _("Version %(old)s is restored, as version %(new)s.") % numbers)
    return ""


def _restoring(request: HttpRequest, row: HistoryRow) -> dict[str, Any]:
    planned = plan(request, row)
    initial = {"opened": planned.newest, "reason": request.POST.get("reason", planned.proposed_reason)}
    return {
        "plan": planned,
        "restore_form": RestoreForm(initial=initial),
        "would_change": histories.changes_context(planned.changes),
    }


def _newest(request: HttpRequest, name: str, key: int) -> HistoryRow:
    """The newest version of an object, there or gone, for somebody who may look at it."""
    try:
        model = apps.get_model("factcheck", name)
    except LookupError as error:
        raise Http404 from error
    if not issubclass(model, Tracked):
        raise Http404
    if not place_of(model).may_view(request):
        raise PermissionDenied
    if (newest := histories.newest_version(model, key)) is None:
        raise Http404
    return newest


def _version(newest: HistoryRow, number: int) -> HistoryRow:
    rows = newest.instance_type.history.filter(id=newest.id, revision=number).select_related("changeset__user")
    if (found := rows.first()) is None:
        raise Http404
    return found


def _is_version(text: str, newest: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= newest


def _page(template: str, request: HttpRequest, newest: HistoryRow, name: str, context: dict[str, Any]) -> HttpResponse:
    instance = histories.object_of(newest)
    place = place_of(type(instance))
    crumbs = [
        *histories.page_crumbs(place.page.opts, place.owner(instance)),
        (_("History"), place.history_url(instance)),
    ]
    own = {"newest_version": newest, "model_name": instance._meta.model_name}
    shown = histories.page_context(request, name, instance, crumbs) | own | context
    return TemplateResponse(request, f"admin/factcheck/{template}.html", shown)
