"""Atom. An entry's id is the edition's permanent address, so a new edition is a new entry."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from factcheck.models import Edition
from factcheck.page import listing

from . import versions
from .serving import served
from .views import before_of, corrected

ENTRIES = 50
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Of an empty feed Django says the time of asking, so that it would be another at each request."""
        return super().latest_post_date() if self.items else NEVER


@served(versions.of_lists)
def verdicts(request: HttpRequest) -> HttpResponse:
    editions = Edition.objects.published().order_by("-published_at", "-id")[:ENTRIES]
    entries = [(card, card["summary"]) for card in map(listing.card, editions)]
    return atom(request, _("%s: verdicts") % settings.SITE_NAME, reverse("home"), entries)


@served(versions.of_story)
def story(request: HttpRequest, slug: str) -> HttpResponse:
    last = Edition.objects.telling_of(slug)
    if last is None:
        raise Http404
    editions = Edition.objects.published().filter(story_slug=slug).order_by("-published_at", "-id")[:ENTRIES]
    entries = [(card, card["summary"]) for card in map(listing.card, editions)]
    title = f"{settings.SITE_NAME}: {last.dossier['story']['title']}"
    return atom(request, title, reverse("story", args=[slug]), entries)


@served(versions.of_lists)
def corrections(request: HttpRequest) -> HttpResponse:
    editions = list(corrected()[:ENTRIES])
    entries = [(entry, correction(entry)) for entry in listing.corrections(editions, before_of(editions))]
    return atom(request, _("%s: corrections") % settings.SITE_NAME, reverse("corrections"), entries)


def correction(entry: dict[str, Any]) -> str:
    """With the old rating, where there is another now."""
    said = [f"{entry['notice']}."]
    if entry["old_rating"]:
        text = _("Our rating was “%(old)s” and is now “%(new)s”.")
        said.append(text % {"old": entry["old_rating"], "new": entry["rating"]["name"]})
    return " ".join([*said, entry["note"]])


def atom(request: HttpRequest, title: str, path: str, entries: list[tuple[dict[str, Any], str]]) -> HttpResponse:
    feed = Feed(
        title=title,
        link=settings.SITE_URL + path,
        description="",
        language=settings.LANGUAGE_CODE,
        feed_url=settings.SITE_URL + request.path,
        feed_guid=settings.SITE_URL + request.path,
        author_name=settings.PUBLISHER_NAME,
    )
    for entry, text in entries:
        edition = entry["edition"]
        feed.add_item(
            title=listing.atom_title(entry),
            link=settings.SITE_URL + reverse("verdict", args=[edition.slug]),
            description=text,
            unique_id=settings.SITE_URL + edition.get_absolute_url(),
            pubdate=edition.published_at,
            updateddate=edition.published_at,
            categories=[entry["story"]["title"], entry["rating"]["name"]],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
