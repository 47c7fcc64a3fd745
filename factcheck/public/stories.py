"""A story: all its claims now, or at any moment at which they changed, and what changed since."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.models import Edition, EditionKind, Flag
from factcheck.page import listing, moments
from factcheck.page import story as pages
from factcheck.page.words import When, when

from . import past, versions
from .serving import served
from .versions import TOLD_SINCE
from .views import before_of, page, paged

CLAIMS = 200  # on one page; the rest below it


@served(versions.of_story, asked=past.asked_of_story)
def story(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    address = reverse("story", args=[slug])
    stood = standing(slug, Edition.objects.newest())
    if not stood:
        return moved(request, slug, address, number)
    shown = paged(request, stood, address, number, per_page=CLAIMS)
    flagged = Flag.objects.filter(edition__in=[row.pk for row in shown]).values_list("edition_id", flat=True)
    data = board(stood, shown, flagged=flagged) | times(slug)
    return page(request, "public/story.html", **named(data["story"]), **data)


@served(versions.of_story_at, otherwise=past.story_at)
def story_at(request: HttpRequest, slug: str, moment: str, number: int | str = 1) -> HttpResponse:
    begin, end = moments.span(moment)
    if (around := versions.times_of(slug).around(moment)) is None:
        raise Http404
    stood = standing(slug, Edition.objects.at(end))
    shown = paged(request, stood, reverse("story_at", args=[slug, moment]), int(number), per_page=CLAIMS)
    lanes = board(stood, shown) if stood else {"story": told_by(Edition.objects.filter(published_at__lte=end), slug)}
    return page(
        request,
        "public/story.html",
        **named(lanes["story"], when(begin)),
        **lanes,
        moment=moment,
        stood={"from": when(begin), "until": when(around.later)},
        earlier=neighbour(around.earlier),
        later=neighbour(around.later),
        is_recent=around.news <= TOLD_SINCE,
        canonical=settings.SITE_URL + reverse("story", args=[slug]),
    )


def standing(slug: str, editions: QuerySet[Edition]) -> list[Any]:
    """Of each of its claims among them: those whose pages changed most often first."""
    rows = editions.filter(story_slug=slug).order_by("-number", "slug")
    return list(rows.values_list("pk", "kind", "published_at", named=True))


def board(stood: Sequence[Any], shown: Page, *, flagged: Iterable[int] = ()) -> dict[str, Any]:
    last = max(stood, key=lambda row: (row.published_at, row.pk))
    editions = Edition.objects.in_bulk([last.pk, *(row.pk for row in shown)])
    claims = sum(row.kind != EditionKind.WITHDRAWAL for row in stood)
    return {
        "story": listing.story_card(editions[last.pk], claims),
        "page": shown,
        **pages.board([editions[row.pk] for row in shown], flagged=flagged),
    }


def named(story: Mapping[str, Any], at: When | None = None) -> dict[str, str]:
    """What those see of it who are shown a link to it."""
    title = _("%(title)s, %(when)s") % {"title": story["title"], "when": at} if at else story["title"]
    return {"title": title, "description": listing.opening(story["summary"])}


def times(slug: str) -> dict[str, Any]:
    """Every moment at which it changed."""
    published = Edition.objects.of_story(slug).order_by("-published_at").values_list("published_at", flat=True)
    return {
        "days": moments.days(published, most=TOLD_SINCE),
        "recent": [moments.name(moment) for moment in published[:TOLD_SINCE]],
    }


def moved(request: HttpRequest, slug: str, address: str, number: int) -> HttpResponse:
    """What stands at its address when all its claims went to other stories: old editions link to it for ever."""
    claims = Edition.objects.once_of_story(slug).newest().order_by("slug")
    shown = paged(request, claims, address, number, per_page=CLAIMS)
    story = told_by(Edition.objects.all(), slug)
    return page(
        request,
        "public/story_moved.html",
        **named(story),
        story=story,
        page=shown,
        cards=[listing.card(edition) for edition in shown],
        has_reconstructed=any(edition.is_reconstructed for edition in shown),
        **times(slug),
    )


def told_by(editions: QuerySet[Edition], slug: str) -> dict[str, Any]:
    if (last := editions.telling_of(slug)) is None:
        raise Http404
    return listing.story_card(last, 0)


def neighbour(moment: datetime | None) -> dict[str, Any] | None:
    return {"moment": moments.name(moment), "when": when(moment)} if moment else None


@served(versions.of_story_since, otherwise=past.story_since)
def since(request: HttpRequest, slug: str, moment: str) -> HttpResponse:
    begin, end = moments.span(moment)
    news = list(Edition.objects.of_story(slug).filter(published_at__gt=end).order_by("-published_at", "-id"))
    return page(
        request,
        "public/story_changes.html",
        **told(slug, news, _("What changed since %s") % when(begin)),
        moment=moment,
        since=when(begin),
        canonical=settings.SITE_URL + reverse("story_changes", args=[slug]),
    )


@served(versions.of_story_changes)
def changes(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    every = Edition.objects.of_story(slug).order_by("-published_at", "-id")
    shown = paged(request, every, reverse("story_changes", args=[slug]), number)
    data = told(slug, list(shown), _("How this story changed"))
    return page(request, "public/story_changes.html", **data, page=shown)


def told(slug: str, editions: list[Edition], heading: str) -> dict[str, Any]:
    story = told_by(Edition.objects.all(), slug)
    return {
        "title": f"{heading}: {story['title']}",
        "description": _("How the facts of “%s” changed, edition by edition.") % story["title"],
        "heading": heading,
        "story": story,
        "steps": pages.steps(slug, editions, before_of(editions)),
        "has_reconstructed": any(edition.is_reconstructed for edition in editions),
    }
