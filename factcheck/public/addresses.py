"""Every address of the reader's side that is a page of its own, each after those that it links to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any
from urllib.parse import unquote

from django.db.models import Count, Max
from django.urls import reverse

from factcheck.models import Citation, Edition, SearchEntry, TextPage
from factcheck.page import card, moments

from . import sitemaps
from .stories import CLAIMS
from .versions import TOLD_SINCE, Change, Changes, changes_of_stories
from .views import PER_PAGE, corrected

Named = tuple[str, dict[str, Any]]
"""The name of an address, and what stands in it."""


def every() -> Iterator[str]:
    return (address_of(*named) for named in named_all(changes_of_stories()))


def address_of(name: str, names: Mapping[str, Any]) -> str:
    """As a request has it, and a server's file: not encoded."""
    return unquote(reverse(name, kwargs=names))


def named_all(changes: Changes) -> Iterator[Named]:
    yield from of_claims()
    yield from of_sources()
    yield from of_stories(changes)
    yield from of_months()
    yield from of_lists()
    for slug in TextPage.values:
        yield "text", {"slug": slug}
    for number in sitemaps.parts():
        yield "sitemap_part", {"number": number}
    for name in ("verdicts_feed", "corrections_feed", "sitemap", "robots"):
        yield name, {}


def of_claims() -> Iterator[Named]:
    claims = Edition.objects.order_by("slug").values_list("slug").annotate(last=Max("number"))
    for slug, last in claims.iterator():
        for number in range(1, last + 1):
            yield "citation", {"slug": slug, "number": number}
            if card.is_possible():
                yield "card", {"slug": slug, "number": number}
            yield "edition", {"slug": slug, "number": number}
        for name in ("claim_json", "embed", "verdict"):
            yield name, {"slug": slug}


def of_stories(changes: Changes) -> Iterator[Named]:
    """One whose claims all went to other stories says where, for ever."""
    for slug, of_it in sorted(changes.items()):
        yield "story_feed", {"slug": slug}
        stood = list(stood_after(slug, of_it))
        yield from of_times(slug, stood)
        claims = stood[-1][1] or Edition.objects.once_of_story(slug).newest().count()
        yield from pages_of("story", claims, per_page=CLAIMS, slug=slug)


def stood_after(story: str, changes: Iterable[Change]) -> Iterator[tuple[str, int]]:
    """The moment of each, and how many claims the story had from then on."""
    newest: dict[str, int] = {}
    inside: set[str] = set()
    for change in changes:
        if change.number > newest.get(change.slug, 0):
            newest[change.slug] = change.number
            (inside.add if change.story_slug == story else inside.discard)(change.slug)
        yield moments.name(change.published_at), len(inside)


def of_times(story: str, stood: Sequence[tuple[str, int]]) -> Iterator[Named]:
    """Its page at each moment at which it changed, and what changed since, where one page can tell it."""
    last = {moment: place for place, (moment, _claims) in enumerate(stood, 1)}
    for moment, place in reversed(last.items()):
        yield from pages_of("story_at", stood[place - 1][1], per_page=CLAIMS, slug=story, moment=moment)
        if len(stood) - place <= TOLD_SINCE:
            yield "story_since", {"slug": story, "moment": moment}
    yield from pages_of("story_changes", len(stood), slug=story)


def of_sources() -> Iterator[Named]:
    citations = Citation.objects.order_by()
    for slug, count in citations.values_list("source_slug").annotate(Count("slug", distinct=True)):
        yield from pages_of("source", count, slug=slug)
    publishers = citations.values_list("publisher_slug").annotate(Count("source_slug", distinct=True))
    for slug, count in publishers:
        yield from pages_of("publisher", count, slug=slug)
    yield from pages_of("publishers", len(publishers))


def of_months() -> Iterator[Named]:
    for month, count in SearchEntry.objects.order_by("month").values_list("month").annotate(claims=Count("*")):
        yield from pages_of("month", count, month=month)
    yield "archive", {}


def of_lists() -> Iterator[Named]:
    published = SearchEntry.objects.order_by()
    counts = dict(published.values_list("rating_slug").annotate(claims=Count("*")))
    for slug in Edition.objects.order_by("rating_slug").values_list("rating_slug", flat=True).distinct():
        yield from pages_of("rating", counts.get(slug, 0), slug=slug)
    yield "ratings", {}
    yield from pages_of("corrections", corrected().count())
    yield from pages_of("home", published.count())


def pages_of(name: str, count: int, *, per_page: int = 0, **names: str) -> Iterator[Named]:
    for number in range(2, ceil(count / (per_page or PER_PAGE)) + 1):
        yield name, {**names, "number": number}
    yield name, names
