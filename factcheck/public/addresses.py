"""Every address of the reader's side that is a page of its own, each after those that it links to."""

from collections.abc import Iterator, Sequence
from math import ceil
from urllib.parse import unquote

from django.db.models import Count, Max
from django.urls import reverse

from factcheck.models import Citation, Edition, SearchEntry, TextPage
from factcheck.page import card, moments

from . import sitemaps
from .stories import CLAIMS
from .versions import TOLD_SINCE
from .views import PER_PAGE, corrected


def every() -> Iterator[str]:
    """As a request has it, and a server's file: not encoded."""
    return map(unquote, encoded())


def encoded() -> Iterator[str]:
    yield from of_claims()
    yield from of_sources()
    yield from of_stories()
    yield from of_months()
    yield from of_lists()
    for slug in TextPage.values:
        yield reverse("text", args=[slug])
    for number in sitemaps.parts():
        yield reverse("sitemap_part", args=[number])
    for name in ("verdicts_feed", "corrections_feed", "sitemap", "robots"):
        yield reverse(name)


def of_claims() -> Iterator[str]:
    claims = Edition.objects.order_by("slug").values_list("slug").annotate(last=Max("number"))
    for slug, last in claims.iterator():
        for number in range(1, last + 1):
            yield reverse("citation", args=[slug, number])
            if card.is_possible():
                yield reverse("card", args=[slug, number])
            yield reverse("edition", args=[slug, number])
        yield reverse("claim_json", args=[slug])
        yield reverse("embed", args=[slug])
        yield reverse("verdict", args=[slug])


def of_stories() -> Iterator[str]:
    """One whose claims all went to other stories says where, for ever."""
    for slug in Edition.objects.order_by("story_slug").values_list("story_slug", flat=True).distinct():
        yield reverse("story_feed", args=[slug])
        changes = list(stood_after_changes(slug))
        yield from of_times(slug, changes)
        claims = changes[-1][1] or Edition.objects.once_of_story(slug).newest().count()
        yield from pages_of("story", claims, per_page=CLAIMS, slug=slug)


def stood_after_changes(story: str) -> Iterator[tuple[str, int]]:
    """Each moment at which it changed, and how many claims it had from then on; the oldest first."""
    changed = Edition.objects.of_story(story).order_by("published_at", "id")
    newest: dict[str, int] = {}
    inside: set[str] = set()
    for published, slug, number, where in changed.values_list("published_at", "slug", "number", "story_slug"):
        if number > newest.get(slug, 0):
            newest[slug] = number
            (inside.add if where == story else inside.discard)(slug)
        yield moments.name(published), len(inside)


def of_times(story: str, changes: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Its page at each moment at which it changed, and what changed since, where one page can tell it."""
    last = {moment: place for place, (moment, _claims) in enumerate(changes, 1)}
    for moment, place in reversed(last.items()):
        yield from pages_of("story_at", changes[place - 1][1], per_page=CLAIMS, slug=story, moment=moment)
        if len(changes) - place <= TOLD_SINCE:
            yield reverse("story_since", args=[story, moment])
    yield from pages_of("story_changes", len(changes), slug=story)


def of_sources() -> Iterator[str]:
    citations = Citation.objects.order_by()
    for slug, count in citations.values_list("source_slug").annotate(Count("slug", distinct=True)):
        yield from pages_of("source", count, slug=slug)
    publishers = citations.values_list("publisher_slug").annotate(Count("source_slug", distinct=True))
    for slug, count in publishers:
        yield from pages_of("publisher", count, slug=slug)
    yield from pages_of("publishers", len(publishers))


def of_months() -> Iterator[str]:
    for month, count in SearchEntry.objects.order_by("month").values_list("month").annotate(Count("pk")):
        yield from pages_of("month", count, month=month)
    yield reverse("archive")


def of_lists() -> Iterator[str]:
    published = Edition.objects.published().order_by()
    counts = dict(published.values_list("rating_slug").annotate(Count("id")))
    for slug in Edition.objects.order_by("rating_slug").values_list("rating_slug", flat=True).distinct():
        yield from pages_of("rating", counts.get(slug, 0), slug=slug)
    yield reverse("ratings")
    yield from pages_of("corrections", corrected().count())
    yield from pages_of("home", published.count())


def pages_of(name: str, count: int, *, per_page: int = 0, **names: str) -> Iterator[str]:
    for number in range(2, ceil(count / (per_page or PER_PAGE)) + 1):
        yield reverse(name, kwargs={**names, "number": number})
    yield reverse(name, kwargs=names)
