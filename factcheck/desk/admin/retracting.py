"""The page on which a source is taken back, with all that rests on it; and on which that is taken back."""

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

from factcheck.desk import retraction
from factcheck.desk.gate import NotAllowed
from factcheck.models import ReportStanding, Source, User, only_visible, resting_on

from . import base, histories
from .forms import focus_first_error
from .meeting import LOST, opened_revision
from .reasons import Reason
from .reports import says

if TYPE_CHECKING:
    from .sources import SourceAdmin

SHOWN = 200
AT_ONCE = 500  # well below what Django takes of one form
TICKED = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,8})")
STANDINGS = dict(ReportStanding.choices)


class ReasonForm(forms.Form):
    use_required_attribute = False

    reason = Reason(help_text=gettext_lazy("Kept in the history of everything that you tick."))
    opened = forms.CharField(widget=forms.HiddenInput, required=False)


class RetractionForm(ReasonForm):
    field_order = ["withdrawn_reason", "reason"]

    withdrawn_reason = forms.CharField(
        label=gettext_lazy("The source itself is withdrawn"),
        required=False,
        max_length=200,
        validators=[only_visible],
        help_text=Source._meta.get_field("withdrawn_reason").help_text,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def do(self, source: Source, reports: dict[int, int], user: User) -> str:
        said = {name: self.cleaned_data[name] for name in ("withdrawn_reason", "reason")}
        count = len(retraction.retract(source, reports, user=user, **said))
        if not count:
            return _("What is said of the source is kept; no report is retracted.")
        return ngettext("%s report is retracted.", "%s reports are retracted.", count) % count


class TakingBackForm(ReasonForm):
    def do(self, source: Source, reports: dict[int, int], user: User) -> str:
        stands = self.data.get(self.add_prefix("source")) == "on"
        said = {"withdrawn_reason": "" if stands else source.withdrawn_reason, "reason": self.cleaned_data["reason"]}
        count = len(retraction.take_back(source, reports, user=user, **said))
        if not count:
            return _("The source stands again; no report was ticked.")
        return ngettext("%s report stands again.", "%s reports stand again.", count) % count


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
    """GET shows what falls and what fell, POST does one of both."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    source = model_admin.get_object(request, str(pk))
    if not model_admin.has_change_permission(request, source):
        raise PermissionDenied
    if source is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, str(pk))
    is_back = "take_back" in request.POST
    sent = request.POST if request.method == "POST" else None
    form = RetractionForm(None if is_back else sent, initial=_initial(source))
    back = TakingBackForm(sent if is_back else None, prefix="back", initial={"opened": source.revision})
    asked = back if is_back else form
    if asked.is_bound and asked.is_valid() and _done(request, source, asked):
        return HttpResponseRedirect(reverse("admin:factcheck_source_change", args=[pk]))
    return _ask(request, source, form, back)


def _initial(source: Source) -> dict[str, Any]:
    return {"withdrawn_reason": source.withdrawn_reason, "opened": source.revision}


def _done(request: HttpRequest, source: Source, form: RetractionForm | TakingBackForm) -> bool:
    opened = opened_revision(form.cleaned_data["opened"])
    tokens = [TICKED.fullmatch(each) for each in _ticked(form)]
    if opened is None or opened > source.revision or not all(tokens):
        form.add_error(None, LOST)
        return False
    source.revision = opened
    try:
        told = form.do(source, {int(token[1]): int(token[2]) for token in tokens}, request.user)
    except NotAllowed as refused:
        form.add_error(None, [miss.message for miss in refused.misses])
    except base.REFUSED as error:
        form.add_error(None, base.in_words(error))
    else:
        messages.success(request, f"{told} {_('What rests on this source, and which pages show it, stands below.')}")
        return True
    return False


def _ticked(form: forms.Form) -> set[str]:
    return set(form.data.getlist(form.add_prefix("report")))


def _ask(request: HttpRequest, source: Source, form: RetractionForm, back: TakingBackForm) -> HttpResponse:
    found = rows(source)
    standing, fallen = ([row for row in found if row["is_retracted"] is is_it] for is_it in (False, True))
    for row in standing:
        row["is_ticked"] = row["token"] in _ticked(form) if form.is_bound else row["is_own"]
    _tell_acts(fallen, back)
    stored = Source.objects.get(pk=source.pk)
    for each in (form, back):
        if each.is_bound:  # What is shown now is what is decided about next.
            each.data = each.data.copy()
            each.data[each.add_prefix("opened")] = str(stored.revision)
    focus_first_error([form, back])
    context = histories.page_context(request, _("Retract"), stored, histories.page_crumbs(source._meta, stored))
    own = {
        "form": form,
        "back": back,
        "rows": standing[:AT_ONCE],
        "more": len(standing[AT_ONCE:]),
        "fallen": fallen[:AT_ONCE],
        "source": stored,
        "is_source_ticked": not back.is_bound or "back-source" in back.data,
    }
    return TemplateResponse(request, "admin/factcheck/source/retract.html", context | own | counts(standing))


def _tell_acts(fallen: list[dict[str, Any]], back: TakingBackForm) -> None:
    """What fell in the newest act is ticked: an older one had another reason."""
    found = retraction.retractions(row["report"].pk for row in fallen)
    newest = max((each.act.pk for each in found.values()), default=None)
    for row in fallen:
        each = found.get(row["report"].pk)
        row["act"], row["before"] = (each.act, STANDINGS[each.before]) if each else (None, "")
        row["is_ticked"] = row["token"] in _ticked(back) if back.is_bound else each and each.act.pk == newest
