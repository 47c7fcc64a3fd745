from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connections, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.history import Derived, DerivedQuerySet
from factcheck.text.finding import Query

from ..base import MomentField
from ..editions import Edition
from .citations import Citation
from .words import WordsField, engine

MOST = 500


class Hit(NamedTuple):
    """An edition that was found, and what results are told apart by."""

    edition: int
    story: str
    story_title: str
    rating: str
    rating_name: str


COLUMNS = ("edition", "story_slug", "story_title", "rating_slug", "rating_name")


class SearchEntryQuerySet(DerivedQuerySet):
    def narrowed(
        self,
        *,
        story: str = "",
        rating: str = "",
        publisher: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> "SearchEntryQuerySet":
        """`first` and `last` are days of publication, in the site's time zone."""
        found = self
        if story:
            found = found.filter(story_slug=story)
        if rating:
            found = found.filter(rating_slug=rating)
        if publisher:
            found = found.filter(edition__in=Citation.objects.filter(publisher_slug=publisher).values("edition"))
        if first:
            found = found.filter(published_at__gte=_beginning(first))
        if last:
            found = found.filter(published_at__lt=_beginning(last + timedelta(days=1)))
        return found

    def search(self, query: Query) -> tuple[list[Hit], int]:
        """The best first, and how many terms of the query they leave out, where nothing has them all.

        Of more than `MOST` the newest are ranked, so that a word of every page is found as fast as any.
        """
        if not query:
            return [Hit(*row) for row in self.order_by("-published_at", "-edition").values_list(*COLUMNS)[:MOST]], 0
        connection = connections[self.db]
        for left_out, way in query.ways():
            rows = engine(connection).newest_found(connection, self, way, COLUMNS, MOST)
            if found := sorted(rows, key=lambda row: (-row[0], -row[1])):
                return [Hit(*row[1:]) for row in found], left_out
        return [], 0


class SearchEntry(Derived):
    """A published claim as it is searched: a function of its newest edition, and gone when that withdraws it."""

    edition = models.OneToOneField(
        Edition, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("edition")
    )
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    story_slug = models.SlugField(_("story"), max_length=80, db_index=False)
    story_title = models.CharField(_("title of the story"), max_length=200)
    rating_slug = models.SlugField(_("rating"), max_length=40, db_index=False)
    rating_name = models.CharField(_("name of the rating"), max_length=60)
    published_at = MomentField(_("published at"))
    month = models.CharField(_("month"), max_length=7)
    words = WordsField(_("words"))
    made_by = models.PositiveSmallIntegerField(_("made by version"))

    objects = SearchEntryQuerySet.as_manager()

    class Meta(Derived.Meta):
        verbose_name, verbose_name_plural = _("search entry"), _("search entries")
        default_permissions = ()
        indexes = [
            models.Index(fields=["story_slug", "edition"], name="searchentry_of_story"),
            models.Index(fields=["rating_slug", "edition"], name="searchentry_with_rating"),
            models.Index(fields=["-published_at", "-edition"], name="searchentry_by_time"),
            models.Index(fields=["month", "-published_at", "-edition"], name="searchentry_by_month"),
        ]

    def __str__(self) -> str:
        return self.slug


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
