"""Sitemaps in parts: each has the pages whose newest edition's key is in one range.

A key brings a claim and its story at most, and the other pages are few: so none has more than the 50,000 addresses that
sitemaps.org allows.
"""

from collections.abc import Iterator
from datetime import datetime
from math import ceil

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from factcheck.models import Edition, TextPage

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
    if number not in parts() or request.path != reverse("sitemap_part", args=[number]):
        raise Http404
    entries = [*(fixed() if number == 1 else []), *stories(number), *claims(number)]
    return answer("public/sitemap.xml", entries)


def fixed() -> Iterator[Entry]:
    for name in ("home", "corrections", "ratings", "archive", "publishers"):
        yield reverse(name), None
    for slug in TextPage.values:
        yield reverse("text", args=[slug]), None


def stories(number: int) -> Iterator[Entry]:
    told = Edition.objects.published().order_by().values("story_slug").annotate(key=Max("id"), at=Max("published_at"))
    for slug, at in told.filter(**keys_of(number, "key")).order_by("key").values_list("story_slug", "at"):
        yield reverse("story", args=[slug]), at


def claims(number: int) -> Iterator[Entry]:
    editions = Edition.objects.published().filter(**keys_of(number, "id")).order_by("id")
    for slug, at in editions.values_list("slug", "published_at"):
        yield reverse("verdict", args=[slug]), at


def keys_of(number: int, field: str) -> dict[str, int]:
    return {f"{field}__gt": (number - 1) * KEYS_A_PART, f"{field}__lte": number * KEYS_A_PART}


def answer(template: str, entries: list) -> HttpResponse:
    context = {"entries": entries, "site_url": settings.SITE_URL}
    return HttpResponse(render_to_string(template, context), content_type="application/xml")
