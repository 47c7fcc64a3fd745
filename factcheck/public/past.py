"""Addresses that name any moment: each leads to what stood then, by when the pages say that they were published."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.models import Edition
from factcheck.page import moments
from factcheck.page.words import when

from . import versions
from .serving import FOR_SHARED_CACHES, only_read
from .versions import TOLD_SINCE
from .views import page

ECHOED = 60  # characters of what cannot be read


def asked_of_story(request: HttpRequest, slug: str, **_page: int) -> HttpResponse | None:
    """`?as_of=` and `?since=`. A static host cannot answer them, and gives the story as it is now."""
    for name, lead in (("as_of", story_at), ("since", story_since)):
        if written := request.GET.get(name, "").strip():
            return lead(request, slug=slug, asked=written)
    return None


def leading(lead: Callable[[HttpRequest, str, datetime], HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that reads the moment, which an address has as `asked` or, spelt as we spell them, as `moment`."""

    @only_read
    @wraps(lead)
    def view(request: HttpRequest, slug: str, asked: str = "", moment: str = "", **_page: str) -> HttpResponse:
        try:
            until = moments.asked(asked or moment)
        except moments.NotAMoment as error:
            return not_a_moment(request, str(error))
        answer = lead(request, slug, until)
        answer.headers.setdefault("Cache-Control", FOR_SHARED_CACHES)
        return answer

    return view


@leading
def edition_at(request: HttpRequest, slug: str, until: datetime) -> HttpResponse:
    editions = Edition.objects.filter(slug=slug)
    stood = editions.filter(published_at__lte=until).order_by("number").last()
    if stood is None:
        return not_yet(request, editions, reverse("verdict", args=[slug]))
    return leading_to(stood.get_absolute_url(), versions.claim_surrogate(slug))


@leading
def story_at(request: HttpRequest, slug: str, until: datetime) -> HttpResponse:
    editions = Edition.objects.of_story(slug)
    if (moment := last_moment(editions, until)) is None:
        return not_yet(request, editions, reverse("story", args=[slug]))
    return leading_to(reverse("story_at", args=[slug, moment]), versions.story_surrogate(slug))


@leading
def story_since(request: HttpRequest, slug: str, until: datetime) -> HttpResponse:
    """What changed since a moment before the first, or since one long ago, is all there is to tell, in parts."""
    editions = Edition.objects.of_story(slug)
    moment = last_moment(editions, until)
    if moment is None or editions.filter(published_at__gt=until).count() > TOLD_SINCE:
        if not editions.exists():
            raise Http404
        path = reverse("story_changes", args=[slug])
    else:
        path = reverse("story_since", args=[slug, moment])
    return leading_to(path, versions.story_surrogate(slug))


def last_moment(editions: QuerySet[Edition], until: datetime) -> str | None:
    until_then = editions.filter(published_at__lte=until).order_by("-published_at")
    last = until_then.values_list("published_at", flat=True).first()
    return moments.name(last) if last else None


def leading_to(path: str, surrogate: str) -> HttpResponse:
    return HttpResponseRedirect(path, headers={"Surrogate-Key": surrogate})


def not_a_moment(request: HttpRequest, written: str) -> HttpResponse:
    response = page(
        request,
        "public/no_moment.html",
        title=_("That is not a time"),
        written=written[:ECHOED],
        zone=settings.TIME_ZONE,
        canonical="",
    )
    response.status_code = 400
    return response


def not_yet(request: HttpRequest, editions: QuerySet[Edition], path: str) -> HttpResponse:
    first = editions.order_by("published_at").first()
    if first is None:
        raise Http404
    response = page(
        request,
        "public/no_moment.html",
        title=_("Nothing was published here yet"),
        first=when(first.published_at),
        path=path,
        canonical="",
    )
    response.status_code = 404
    return response
