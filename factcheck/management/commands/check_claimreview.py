import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.urls import reverse

from factcheck.models import Edition
from factcheck.page.claimreview_rules import check, check_words
from factcheck.page.context import page_markup

AT_ONCE = 100  # pages, with all their editions


class Command(BaseCommand):
    help = (
        "Hold the ClaimReview of every published page against Google's rules: one line for each that it breaks. "
        "Replaced editions and withdrawn pages carry none, so there is nothing to check in them. Changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        self.is_watched = self.stderr.isatty() and options["verbosity"]
        self.shown = time.monotonic()
        found, pages, ratings = 0, 0, []
        try:
            total = Edition.objects.published().count()
            for path, markup in markups():
                pages += 1
                self.show(pages, total)
                if markup is None:
                    found += 1
                    self.tell(f"{path}: an edition of it cannot be read; check_history says which.")
                    continue
                for problem in check(markup, page=markup["url"]):
                    found += 1
                    self.tell(f"{path}, {problem.rule}: {problem.message}")
                ratings.append({"reviewRating": markup["reviewRating"]})
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        finally:
            self.clear()
        for problem in check_words(ratings):
            found += 1
            self.tell(f"all pages, {problem.rule}: {problem.message}")
        end = f"{counted(pages, 'page')} checked: "
        if found:
            raise CommandError(f"{end}{counted(found, 'thing')} found, listed above.")
        return f"{end}nothing found."

    def tell(self, line: str) -> None:
        self.clear()
        self.stdout.write(line)

    def show(self, done: int, total: int) -> None:
        if self.is_watched and time.monotonic() - self.shown > 0.2:
            self.shown = time.monotonic()
            self.stderr.write(f"\r{done:,} of {total:,} pages", ending="")

    def clear(self) -> None:
        if self.is_watched:
            self.stderr.write(f"\r{' ' * 40}\r", ending="")


def markups() -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Of every page that has one, with the page's path, by address; None of an edition that is damaged."""
    slugs = list(Edition.objects.published().order_by("slug").values_list("slug", flat=True))
    for start in range(0, len(slugs), AT_ONCE):
        editions = Edition.objects.filter(slug__in=slugs[start : start + AT_ONCE]).order_by("slug", "-number")
        for slug, of_page in groupby(editions, key=lambda edition: edition.slug):
            try:
                markup = page_markup(list(of_page))
            except (ValueError, LookupError, TypeError, AttributeError):
                markup = None
            yield reverse("verdict", args=[slug]), markup


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
