"""All claims of a story on one board, now or as of any moment, and what changed between two moments."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from factcheck.models import Story
from factcheck.page.lanes import lanes
from factcheck.page.words import when

from . import base, histories
from .lanes import Row, filters, rows
from .moments import MomentForm
from .news import news

if TYPE_CHECKING:
    from .texts import StoryAdmin

TOLD = 500  # so many changes at once, the last ones


def page(model_admin: "StoryAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    if request.method not in base.READING:
        return HttpResponseNotAllowed(base.READING)
    story = model_admin.get_object(request, str(pk))
    if not model_admin.has_view_permission(request, story):
        raise PermissionDenied
    if story is None:
        return model_admin._get_obj_does_not_exist_redirect(request, model_admin.opts, str(pk))
    form = MomentForm(request.GET)
    shown = _shown(story, form, request.GET) if form.is_valid() else {}
    context = histories.page_context(request, _("Board"), story, histories.page_crumbs(story._meta, story))
    return TemplateResponse(request, "admin/factcheck/story/board.html", context | {"form": form} | shown)


def _shown(story: Story, form: MomentForm, asked: QueryDict) -> dict[str, Any]:
    clock = form.cleaned_data["clock"]
    try:
        found = rows(story, form.until, clock)
    except Story.DoesNotExist as absent:
        return {"absent": str(absent)}
    asked_for = filters(found, asked, is_now=form.until is None)
    kept = [row for row in found if all(each.fits(row) for each in asked_for)]
    drawn = lanes([row.content for row in kept])
    context = {
        "filters": asked_for,
        "is_narrowed": any(each.chosen for each in asked_for),
        "lanes": list(zip(kept, drawn.of, strict=True)),
        "drawn": drawn,
        "all_count": len(found),
        "moment": when(form.until),
    }
    if form.since:
        told = news(_before(story, form, clock), found, since=form.since, until=form.until, clock=clock)
        if context["is_narrowed"]:
            shown = {row.claim.pk for row in kept}
            told = [each for each in told if each.claim in shown]
        context |= {"since": when(form.since), "news": told[-TOLD:], "earlier_count": max(0, len(told) - TOLD)}
    return context


def _before(story: Story, form: MomentForm, clock: str) -> list[Row]:
    try:
        return rows(story, form.since, clock)
    except Story.DoesNotExist:
        return []
