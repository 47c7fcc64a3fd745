"""One thing with many claims: chosen in the list, looked at and explained on a page of its own, done in one act."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck.desk import handling, review
from factcheck.models import Claim

from . import base
from .forms import focus_first_error
from .meeting import LOST, opened_revision
from .reasons import Reason

if TYPE_CHECKING:
    from .claims import ClaimAdmin

MOST = 100  # claims at once: so many can still be looked at


class ReasonForm(forms.Form):
    reason = Reason(help_text=gettext_lazy("Kept with the change, in the history of each claim."))


class AssignForm(ReasonForm):
    assignee = forms.ModelChoiceField(
        handling.workers(),
        label=gettext_lazy("Assignee"),
        required=False,
        empty_label=gettext_lazy("nobody"),
    )
    field_order = ["assignee", "reason"]


class RelabelForm(ReasonForm):
    label = Claim._meta.get_field("label").formfield(widget=forms.TextInput(attrs={"class": "vTextField"}))
    field_order = ["label", "reason"]


@dataclass(frozen=True)
class Handling:
    title: Any
    form: type[ReasonForm]
    act: Callable[..., object]
    proposed: Any = ""


HANDLINGS = {
    "assign": Handling(gettext_lazy("Assign"), AssignForm, handling.assign, gettext_lazy("Shared out")),
    "label": Handling(gettext_lazy("Change the label"), RelabelForm, handling.relabel),
    "submit": Handling(gettext_lazy("Submit for review"), ReasonForm, review.submit, gettext_lazy("Ready for review")),
}


def choose(request: HttpRequest, chosen: QuerySet, name: str) -> HttpResponse | None:
    """From the list to the page; None, and a message, where these are too many."""
    keys = list(chosen.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        messages.error(request, _("Choose at most %s claims at once: so many can still be looked at.") % MOST)
        return None
    query = "&".join(f"claims={key}" for key in keys)
    return HttpResponseRedirect(f"{reverse('admin:factcheck_claim_bulk', args=[name])}?{query}")


def page(model_admin: "ClaimAdmin", request: HttpRequest, name: str) -> HttpResponse:
    """GET shows the claims and asks, POST acts."""
    if request.method not in (*base.READING, "POST"):
        return HttpResponseNotAllowed([*base.READING, "POST"])
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if name not in HANDLINGS:
        raise Http404
    done = HANDLINGS[name]
    claims = _claims(request)
    if not claims:
        messages.warning(request, _("Choose claims in the list first."))
        return HttpResponseRedirect(reverse("admin:factcheck_claim_changelist"))
    if request.method != "POST":
        form = done.form(initial={"reason": done.proposed})
        return _ask(model_admin, request, done, claims, form, ticked={claim.pk for claim in claims})
    form = done.form(request.POST)
    ticked = [claim for claim in claims if str(claim.pk) in request.POST.getlist("ticked")]
    refusals = _do(request, done, form, ticked)
    if form.is_valid() and not refusals:
        count = len(ticked)
        messages.success(request, ngettext("Done with %s claim.", "Done with %s claims.", count) % count)
        return HttpResponseRedirect(reverse("admin:factcheck_claim_changelist"))
    still = {claim.pk for claim in ticked} - refusals.keys()
    return _ask(model_admin, request, done, claims, form, ticked=still, refusals=refusals)


def _do(request: HttpRequest, done: Handling, form: ReasonForm, ticked: list[Claim]) -> dict[int, str]:
    """With all that are ticked, or with none: then the form or the answer, by claim, says why."""
    if set(request.POST.getlist("ticked")) - {str(claim.pk) for claim in ticked}:
        form.add_error(None, _("Some of the claims that you ticked are gone. Look at those that are left, then go on."))
    elif not ticked:
        form.add_error(None, _("Tick at least one claim."))
    refusals = _open(request, ticked)
    if refusals or not form.is_valid():
        return refusals
    values = form.cleaned_data
    try:
        handling.together(
            ticked,
            lambda claim: done.act(claim, user=request.user, **values),
            user=request.user,
            reason=values["reason"],
        )
    except handling.NotTogether as refused:
        return refused.refusals
    except base.REFUSED as error:
        form.add_error(None, base.in_words(error))
    return {}


def _claims(request: HttpRequest) -> list[Claim]:
    sent = (request.POST if request.method == "POST" else request.GET).getlist("claims")[:MOST]
    keys = [key for key in sent if key.isascii() and key.isdecimal() and len(key) < 18]
    return list(Claim.objects.filter(pk__in=keys).select_related("story", "assignee").order_by("pk"))


def _open(request: HttpRequest, claims: list[Claim]) -> dict[int, str]:
    """Each as this person saw it. Of which the page does not say that, it is refused."""
    refusals = {}
    for claim in claims:
        opened = opened_revision(request.POST.get(base.version_name(claim), ""))
        if opened is None or opened > claim.revision:
            refusals[claim.pk] = str(LOST)
        else:
            claim.revision = opened
    return refusals


def _ask(
    model_admin: "ClaimAdmin",
    request: HttpRequest,
    done: Handling,
    claims: list[Claim],
    form: ReasonForm,
    *,
    ticked: set[int],
    refusals: dict[int, str] | None = None,
) -> HttpResponse:
    """What was refused is shown as it is now, and no longer ticked."""
    focus_first_error([form])
    refusals = refusals or {}
    stored = Claim.objects.in_bulk(refusals)
    rows = [
        {
            "claim": shown,
            "version": base.version_name(shown),
            "is_ticked": shown.pk in ticked,
            "refusal": refusals.get(shown.pk, ""),
        }
        for shown in (stored.get(claim.pk, claim) for claim in claims)
    ]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": done.title,
        "opts": model_admin.opts,
        "rows": rows,
        "form": form,
        "refused": len(refusals),
    }
    return TemplateResponse(request, "admin/factcheck/claim/bulk.html", context)
