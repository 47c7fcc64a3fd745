"""A story: all its claims now, or at any moment at which they changed, and what changed since."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from factcheck.models import Edition, Flag
from factcheck.page import listing, moments
from factcheck.page import story as pages
from factcheck.page.words import when

from . import past, versions
from .serving import served
from .versions import TOLD_SINCE
from .views import before_of, page, paged

CLAIMS = 200


@served(versions.of_story, asked=past.asked_of_story)
def story(request: HttpRequest, slug: str) -> HttpResponse:
    stood = standing(slug, Edition.objects.newest())
    flagged = Flag.objects.filter(edition__in=stood).values_list("edition_id", flat=True)
    published = Edition.objects.of_story(slug).order_by("-published_at").values_list("published_at", flat=True)
    return page(
        request,
        "public/story.html",
        **pages.board(stood, flagged=flagged),
        days=moments.days(published, most=TOLD_SINCE),
        recent=[moments.name(moment) for moment in published[:TOLD_SINCE]],
    )


@served(versions.of_story_at, otherwise=past.story_at)
def story_at(request: HttpRequest, slug: str, moment: str) -> HttpResponse:
    begin, end = moments.span(moment)
    if (around := versions.Times(slug).around(moment)) is None:
        raise Http404
    return page(
        request,
        "public/story.html",
        **pages.board(standing(slug, Edition.objects.at(end))),
        moment=moment,
        stood={"from": when(begin), "until": when(around.later)},
        earlier=neighbour(around.earlier),
        later=neighbour(around.later),
        is_recent=around.news <= TOLD_SINCE,
        canonical=settings.SITE_URL + reverse("story", args=[slug]),
    )


def standing(slug: str, editions: QuerySet[Edition]) -> list[Edition]:
    stood = list(editions.filter(story_slug=slug).order_by("slug")[:CLAIMS])
    if not stood:
        raise Http404
    return stood


def neighbour(moment: datetime | None) -> dict[str, Any] | None:
    return {"moment": moments.name(moment), "when": when(moment)} if moment else None


@served(versions.of_story_since, otherwise=past.story_since)
def since(request: HttpRequest, slug: str, moment: str) -> HttpResponse:
    begin, end = moments.span(moment)
    news = list(Edition.objects.of_story(slug).filter(published_at__gt=end).order_by("-published_at", "-id"))
    return page(
        request,
        "public/story_changes.html",
        **told(slug, news),
        moment=moment,
        since=when(begin),
        canonical=settings.SITE_URL + reverse("story_changes", args=[slug]),
    )


@served(versions.of_story_changes)
def changes(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    every = Edition.objects.of_story(slug).order_by("-published_at", "-id")
    shown = paged(request, every, reverse("story_changes", args=[slug]), number)
    return page(request, "public/story_changes.html", **told(slug, list(shown)), page=shown)


def told(slug: str, editions: list[Edition]) -> dict[str, Any]:
    newest = Edition.objects.filter(story_slug=slug).order_by("-published_at", "-id").first()
    return {
        "story": listing.story_card(newest, 0),
        "steps": pages.steps(slug, editions, before_of(editions)),
        "has_reconstructed": any(edition.is_reconstructed for edition in editions),
    }
