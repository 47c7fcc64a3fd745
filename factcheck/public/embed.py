"""A verdict on other sites: a card that may be framed, and oEmbed, by which their editors find it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from factcheck.models import Edition, Flag
from factcheck.page import card as picture
from factcheck.page import citation, listing
from factcheck.page.words import when

from . import versions
from .serving import only_read, served
from .views import page

LEAST = 200
SECONDS = 60


@served(versions.of_claim, framed=True)
def card(request: HttpRequest, slug: str) -> HttpResponse:
    edition = newest_of(slug)
    flag = Flag.objects.filter(edition=edition).first()
    canonical = settings.SITE_URL + reverse("verdict", args=[slug])
    flagged = when(flag.at) if flag else None
    return page(request, "public/embed.html", card=listing.card(edition), flagged=flagged, canonical=canonical)


@only_read
def oembed(request: HttpRequest) -> HttpResponse:
    """oembed.com, in JSON. `maxwidth` and `maxheight` are kept where a card can be so small."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse(_("Only JSON is offered."), status=501, content_type="text/plain; charset=utf-8")
    edition = newest_of(claim_at(request.GET.get("url", "")))
    width = at_most(request.GET.get("maxwidth"), citation.WIDTH)
    height = at_most(request.GET.get("maxheight"), citation.height(width))
    data = {
        "version": "1.0",
        "type": "rich",
        "title": listing.atom_title(listing.card(edition)),
        "author_name": settings.PUBLISHER_NAME,
        "provider_name": settings.SITE_NAME,
        "provider_url": settings.SITE_URL + "/",
        "cache_age": SECONDS,
        "html": citation.frame(edition, width, height),
        "width": width,
        "height": height,
    }
    if picture.is_possible():
        shown = picture.described(edition)
        data |= {f"thumbnail_{name}": shown[name] for name in ("url", "width", "height")}
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={SECONDS}"}
    return JsonResponse(data, headers=headers)


def newest_of(slug: str) -> Edition:
    if edition := Edition.objects.filter(slug=slug).order_by("-number").first():
        return edition
    raise Http404


def claim_at(url: str) -> str:
    """Of a verdict page or one of its editions, over http or https."""
    try:
        asked, ours = urlsplit(url), urlsplit(settings.SITE_URL)
    except ValueError as error:
        raise Http404 from error
    if asked.netloc == ours.netloc and asked.scheme in {"http", "https"}:
        match = resolve(asked.path)
        if match.url_name in {"verdict", "edition"}:
            return match.kwargs["slug"]
    raise Http404


def at_most(asked: str | None, most: int) -> int:
    if asked and asked.isascii() and asked.isdigit() and len(asked) < 6:
        return max(LEAST, min(int(asked), most))
    return most
