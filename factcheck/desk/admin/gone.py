"""What somebody typed into the form of an object that somebody else has deleted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from factcheck.history.since import Since, since

from . import histories
from .forms import BESIDES
from .meeting import parts

if TYPE_CHECKING:
    from .base import ReadOnly


def deletion(model: type[models.Model], object_id: str) -> Since | None:
    instance = histories.gone_object(model, object_id)
    found = instance and since(instance, 0)
    return found if found and found.is_deleted else None


def answer(model_admin: "ReadOnly", request: HttpRequest, deleted: Since) -> HttpResponse:
    typed = list(_typed(model_admin, request)) if request.method == "POST" else []
    if not typed:
        messages.error(request, deleted.act)
        return HttpResponseRedirect(reverse("admin:index"))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": deleted.act,
        "opts": model_admin.opts,
        "deleted": deleted,
        "history_url": reverse(f"admin:factcheck_{model_admin.opts.model_name}_history", args=[deleted.newest.id]),
        "typed": typed,
    }
    return TemplateResponse(request, "admin/factcheck/gone.html", context)


def _typed(model_admin: "ReadOnly", request: HttpRequest) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each form of the page that has something in it, with its labels and words."""
    for name, form in _forms(model_admin, request):
        if words := list(_words(form)):
            yield capfirst(name), words


def _forms(model_admin: "ReadOnly", request: HttpRequest) -> Iterator[tuple[str, forms.ModelForm]]:
    yield model_admin.opts.verbose_name, model_admin.get_form(request, None)(request.POST)
    for inline in model_admin.get_inline_instances(request, None):
        formset = inline.get_formset(request, None)
        prefix = formset.get_default_prefix()
        for number in range(min(_count(request, prefix), formset.absolute_max)):
            yield inline.verbose_name, formset.form(request.POST, prefix=f"{prefix}-{number}")


def _count(request: HttpRequest, prefix: str) -> int:
    sent = request.POST.get(f"{prefix}-TOTAL_FORMS", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 5 else 0


def _words(form: forms.ModelForm) -> Iterator[tuple[str, str]]:
    """Without what was only chosen or ticked: that is no work to lose."""
    for bound in form:
        if bound.name in BESIDES:
            continue
        is_typed = not bound.is_hidden and not isinstance(bound.field, forms.ChoiceField | forms.BooleanField)
        typed = " ".join(form.data.get(part, "") for part in parts(bound.field.widget, bound.html_name)).strip()
        if is_typed and typed:
            yield bound.label, typed
