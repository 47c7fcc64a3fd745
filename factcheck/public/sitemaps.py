"""Sitemaps in parts: each has the pages whose newest edition's key is in one range.

A key brings a claim and its story at most, and the other pages are few: so none has more than the 50,000 addresses that
sitemaps.org allows.
"""

from collections.abc import Iterator
from datetime import datetime
from math import ceil

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from factcheck.models import Edition, SearchEntry, TextPage

from . import versions
from .serving import served

KEYS_A_PART = 20_000

Entry = tuple[str, datetime | None]


def parts() -> range:
    newest = Edition.objects.aggregate(key=Max("id"))["key"] or 1
    return range(1, ceil(newest / KEYS_A_PART) + 1)


@served(versions.of_lists)
def index(request: HttpRequest) -> HttpResponse:
    return answer("public/sitemaps.xml", [reverse("sitemap_part", args=[number]) for number in parts()])


@served(versions.of_lists)
def part(request: HttpRequest, number: int) -> HttpResponse:
    if number not in parts():
        raise Http404
    return answer("public/sitemap.xml", [*(fixed() if number == 1 else []), *stories(number), *claims(number)])


def fixed() -> Iterator[Entry]:
    for name in ("home", "corrections", "ratings", "archive", "publishers"):
        yield reverse(name), None
    for slug in TextPage.values:
        yield reverse("text", args=[slug]), None


def stories(number: int) -> Iterator[Entry]:
    """Each where its newest claim is."""
    later = SearchEntry.objects.filter(story_slug=OuterRef("story_slug"), edition__gt=OuterRef("edition"))
    last = entries(number).exclude(Exists(later)).values_list("story_slug", flat=True)
    told = SearchEntry.objects.filter(story_slug__in=last).order_by().values("story_slug")
    by_key = told.annotate(key=Max("edition"), at=Max("published_at")).order_by("key")
    for slug, at in by_key.values_list("story_slug", "at"):
        yield reverse("story", args=[slug]), at


def claims(number: int) -> Iterator[Entry]:
    for slug, at in entries(number).order_by("edition").values_list("slug", "published_at"):
        yield reverse("verdict", args=[slug]), at


def entries(number: int) -> QuerySet[SearchEntry]:
    return SearchEntry.objects.filter(edition__gt=(number - 1) * KEYS_A_PART, edition__lte=number * KEYS_A_PART)


def answer(template: str, entries: list) -> HttpResponse:
    context = {"entries": entries, "site_url": settings.SITE_URL}
    return HttpResponse(render_to_string(template, context), content_type="application/xml")
