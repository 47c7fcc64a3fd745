"""What a public page is made of, told by a few keys and times: one small query, whose answer changes with the page.

Each function takes what the page's address names, and answers None where there is nothing to show. Keys alone would not
do: a database that was restored from a backup gives them anew, but never with the same times.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, count
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, QuerySet, Subquery, Sum, Value

from factcheck.models import Citation, CorrectionRequest, Edition, PublicText, SearchEntry
from factcheck.page import moments

from .prepared import Prepared, Row

LATEST = 100
TOLD_SINCE = 100  # so many later editions are told of on one page; before that, the whole list is read in parts


TALLY = Count("id"), Sum("id"), Max("recorded_at")
Rows = tuple[int, int, datetime]


@dataclass(frozen=True)
class Version:
    rows: tuple[Any, ...]
    surrogate: str
    """What shared caches know its pages by."""


def claim_surrogate(slug: str) -> str:
    return f"claim-{slug}"


def story_surrogate(slug: str) -> str:
    return f"story-{slug}"


def text_surrogate(slug: str) -> str:
    return f"text-{slug}"


LISTS_SURROGATE = "lists"


def of_claim(slug: str, number: int = 1) -> Version | None:
    """Of each of its editions too, which names those that came after. They come singly, under the claim's lock."""
    rows = _newest_of_claim(slug)
    return Version(rows[0], claim_surrogate(slug)) if rows and 1 <= number <= rows[0][0] else None


@Prepared
def _newest_of_claim(slug: str) -> QuerySet:
    newest = Edition.objects.filter(slug=slug).order_by("-number", "-flags__id")
    return newest.values_list("number", "id", "recorded_at", "flags__id", "flags__at")[:1]


def of_story(slug: str, **_page: int) -> Version | None:
    """Of every claim that ever belonged to it: the page changes too when one is taken to another story."""
    (row,) = _tally_of_story(slug)
    return Version(row, story_surrogate(slug)) if row[0] else None


@Prepared
def _tally_of_story(slug: str) -> QuerySet:
    return _all(Edition.objects.once_of_story(slug)).values_list(
        Count("id", distinct=True), Max("id"), Max("recorded_at"), Count("flags"), Max("flags__at")
    )


def _all(editions: QuerySet) -> QuerySet:
    """Grouped into one row."""
    return editions.order_by().annotate(all=Value(1)).values("all")


@dataclass(frozen=True)
class Around:
    """What a story's pages of a moment are made of."""

    until: Rows
    """How many editions had changed it, the newest of them and when that was recorded."""
    earlier: datetime | None
    later: datetime | None
    news: int
    """How many editions changed it since."""
    all: Rows


class Change(NamedTuple):
    """An edition that changed a story."""

    published_at: datetime
    id: int
    recorded_at: datetime
    slug: str
    number: int
    story_slug: str


Changes = Mapping[str, Sequence[Change]]


def changes_of_story(slug: str) -> list[Change]:
    return list(map(Change._make, _changes(Edition.objects.of_story(slug)).values_list(*Change._fields)))


def changes_of_stories() -> Changes:
    """Of all of them, in one query."""
    stories: dict[str, list[Change]] = {}
    every = _changes(Edition.objects.with_story_before()).annotate(story_before=F("story_before"))
    rows = every.values_list(*Change._fields, "story_before")
    for *fields, before in rows.iterator():
        change = Change._make(fields)
        for story in {change.story_slug, before or change.story_slug}:
            stories.setdefault(story, []).append(change)
    return stories


def _changes(editions: QuerySet) -> QuerySet:
    return editions.order_by("published_at", "id")


class Times:
    """The moments of a story."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.published = [change.published_at for change in changes]
        newest = accumulate((change.id for change in changes), max)
        recorded = accumulate((change.recorded_at for change in changes), max)
        self.rows = list(zip(count(1), newest, recorded, strict=False))

    def around(self, moment: str) -> Around | None:
        """None where nothing changed in that minute."""
        try:
            begin, end = moments.span(moment)
        except moments.NotAMoment:
            return None
        first, after = bisect_left(self.published, begin), bisect_right(self.published, end)
        if first == after:
            return None
        return Around(
            until=self.rows[after - 1],
            earlier=self.published[first - 1] if first else None,
            later=self.published[after] if after < len(self.published) else None,
            news=len(self.published) - after,
            all=self.rows[-1],
        )


def times_of(slug: str) -> Times:
    return Times(changes_of_story(slug))


def of_story_at(slug: str, moment: str, times: Times | None = None, **_page: Any) -> Version | None:
    """It says what came next, and whether what changed since has a page: nothing else of later changes it."""
    if (around := (times or times_of(slug)).around(moment)) is None:
        return None
    rows = (*around.until, around.earlier, around.later, around.news <= TOLD_SINCE)
    return Version(rows, story_surrogate(slug))


def of_story_since(slug: str, moment: str, times: Times | None = None) -> Version | None:
    around = (times or times_of(slug)).around(moment)
    if around is None or around.news > TOLD_SINCE:
        return None
    return Version((*around.until, *around.all), story_surrogate(slug))


def of_story_changes(slug: str, **_page: int) -> Version | None:
    (row,) = _changes_of_story(slug)
    return Version(row, story_surrogate(slug)) if row[0] else None


@Prepared
def _changes_of_story(slug: str) -> QuerySet:
    return _all(Edition.objects.of_story(slug)).values_list(Count("id"), Max("id"), Max("recorded_at"))


def of_lists(**_path: Any) -> Version:
    """Of all editions. On PostgreSQL one may be committed after others with higher keys: so not of the last alone."""
    return Version(tuple(_latest()), LISTS_SURROGATE)


@Prepared
def _latest() -> QuerySet:
    return Edition.objects.order_by("-id").values_list("id", "recorded_at")[:LATEST]


def of_source(slug: str, **_page: int) -> Version | None:
    """Of every edition of a claim that ever cited it: one that does so no more may have been corrected."""
    return _listed(_tally_of_source(slug))


@Prepared
def _tally_of_source(slug: str) -> QuerySet:
    citing = Citation.objects.filter(source_slug=slug).values("slug")
    return _all(Edition.objects.filter(slug__in=citing)).values_list(*TALLY)


def of_month(month: str, **_page: int) -> Version | None:
    return _listed(_tally_of_month(month))


@Prepared
def _tally_of_month(month: str) -> QuerySet:
    """It leads to the months before and after it that have a page."""
    entries = SearchEntry.objects.order_by()
    before = entries.filter(month__lt=month).order_by("-month").values("month")[:1]
    after = entries.filter(month__gt=month).order_by("month").values("month")[:1]
    listed = entries.filter(month=month)
    last = Edition.objects.filter(pk=Subquery(listed.values("month").values(last=Max("edition"))))
    return _all(listed).values_list(
        Count("edition"), Sum("edition"), Subquery(last.values("recorded_at")), Subquery(before), Subquery(after)
    )


def _listed(rows: list[Row]) -> Version | None:
    return Version(rows[0], LISTS_SURROGATE) if rows and rows[0][0] else None


def of_corrections(**path: Any) -> Version:
    """They count what readers reported, too."""
    lists = of_lists(**path)
    return replace(lists, rows=(*lists.rows, CorrectionRequest.objects.tally()))


def of_text(slug: str) -> Version:
    """Its words themselves: they are short, and may be changed, removed and written anew."""
    return Version(tuple(_text(slug)), text_surrogate(slug))


@Prepared
def _text(slug: str) -> QuerySet:
    return PublicText.objects.filter(slug=slug).values_list("title", "body")


def of_nothing() -> Version:
    """Only the code and the settings."""
    return Version((), "site")
