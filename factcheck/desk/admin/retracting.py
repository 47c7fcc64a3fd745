"""The page on which a source is taken back, with all that rests on it."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck.desk.gate import NotAllowed
from factcheck.desk.retraction import retract
from factcheck.models import Report, ReportStanding, Source, only_visible, resting_on

from . import base, histories
from .meeting import LOST, opened_revision
from .reports import says

if TYPE_CHECKING:
    from .sources import SourceAdmin

SHOWN = 200
AT_ONCE = 500  # well below what Django takes of one form
TICKED = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,8})")


class RetractionForm(forms.Form):
    use_required_attribute = False

    withdrawn_reason = forms.CharField(
        label=gettext_lazy("The source itself is withdrawn"),
        required=False,
        max_length=200,
        validators=[only_visible],
        help_text=Source._meta.get_field("withdrawn_reason").help_text,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        validators=[only_visible],
        help_text=gettext_lazy("Kept in the history of everything that is retracted."),
        error_messages={"required": gettext_lazy("Say why: it is kept with the change.")},
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False)


def rows(source: Source) -> list[dict[str, Any]]:
    return [
        {
            "report": each.report,
            "claim": each.report.claim,
            "says": says(each.report),
            "via": each.via,
            "is_own": each.is_own,
            "is_retracted": each.report.standing == ReportStanding.RETRACTED,
            "edition": each.edition,
            "token": f"{each.report.pk}-{each.report.revision}",
        }
        for each in resting_on(source)
    ]


def listed(source: Source) -> str:
    """What rests on it, for its own page."""
    found = rows(source)
    context = {"rows": found[:SHOWN], "more": max(0, len(found) - SHOWN)} | counts(found)
    return render_to_string("admin/factcheck/source/resting.html", context)


def counts(found: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "report_count": len(found),
        "claim_count": len({row["claim"].pk for row in found}),
        "page_count": len({row["edition"].pk for row in found if row["edition"]}),
    }


def page(model_admin: "SourceAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what falls, POST does it."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    source = model_admin.get_object(request, str(pk))
    if not model_admin.has_change_permission(request, source):
        raise PermissionDenied
    if source is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, str(pk))
    ticked = set(request.POST.getlist("report")) if request.method == "POST" else None
    form = RetractionForm(request.POST if request.method == "POST" else None, initial=_initial(source))
    if form.is_bound and form.is_valid() and _done(request, source, form, ticked):
        return HttpResponseRedirect(reverse("admin:factcheck_source_change", args=[pk]))
    return _ask(request, source, form, ticked)


def _initial(source: Source) -> dict[str, Any]:
    return {"withdrawn_reason": source.withdrawn_reason, "opened": source.revision}


def _done(request: HttpRequest, source: Source, form: RetractionForm, ticked: set[str]) -> bool:
    opened = opened_revision(form.cleaned_data["opened"])
    tokens = [TICKED.fullmatch(each) for each in ticked]
    if opened is None or opened > source.revision or not all(tokens):
        form.add_error(None, LOST)
        return False
    source.revision = opened
    reports = {int(token[1]): int(token[2]) for token in tokens}
    said = {name: form.cleaned_data[name].strip() for name in ("withdrawn_reason", "reason")}
    try:
        retracted = retract(source, reports, user=request.user, **said)
    except NotAllowed as refused:
        form.add_error(None, [miss.message for miss in refused.misses])
    except base.REFUSED as error:
        form.add_error(None, base.in_words(error))
    else:
        messages.success(request, _told(retracted))
        return True
    return False


def _told(retracted: list[Report]) -> str:
    count = len(retracted)
    text = ngettext("%(count)s report is retracted.", "%(count)s reports are retracted.", count)
    return text % {"count": count} + " " + _("What rests on this source, and which pages show it, stands below.")


def _ask(request: HttpRequest, source: Source, form: RetractionForm, ticked: set[str] | None) -> HttpResponse:
    found = sorted(rows(source), key=lambda row: row["is_retracted"])
    more = sum(1 for row in found[AT_ONCE:] if not row["is_retracted"])
    for row in found:
        row["is_ticked"] = row["is_own"] if ticked is None else row["token"] in ticked
    stored = Source.objects.get(pk=source.pk)
    if form.is_bound:  # What is shown now is what is decided about next.
        form.data = form.data.copy()
        form.data["opened"] = str(stored.revision)
    context = histories.page_context(request, _("Retract"), stored, histories.page_crumbs(source._meta, stored))
    own = {"form": form, "rows": found[:AT_ONCE], "more": more, "source": stored} | counts(found)
    return TemplateResponse(request, "admin/factcheck/source/retract.html", context | own)
