"""For programs: JSON, pictures, robots."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from factcheck.models import Edition
from factcheck.page import card, citation

from . import versions
from .serving import only_read, served


@served(versions.of_claim)
def claim_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest edition's dossier, the digest that anyone can recompute from it, and all editions."""
    editions = list(Edition.objects.filter(slug=slug).order_by("-number"))
    if not editions:
        raise Http404
    newest = editions[0]
    flag = newest.flags.first()
    data = {
        "url": settings.SITE_URL + reverse("verdict", args=[slug]),
        "withdrawn": newest.is_withdrawal,
        "being_rechecked": {"since": flag.at, "reason": flag.reason} if flag else None,
        "digest": {"algorithm": "SHA-256 of the dossier's canonical JSON (RFC 8785)", "value": newest.digest},
        "editions": [
            {
                "number": edition.number,
                "kind": edition.kind,
                "url": settings.SITE_URL + edition.get_absolute_url(),
                "published_at": edition.published_at,
                "checked_by": edition.checked_by,
                "approved_by": edition.approved_by,
                "reconstructed": edition.is_reconstructed,
                "digest": edition.digest,
            }
            for edition in editions
        ],
        "dossier": newest.dossier,
    }
    return public_json(data)


@served(versions.of_claim)
def citation_json(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    edition = Edition.objects.filter(slug=slug, number=number).first()
    if edition is None:
        raise Http404
    return public_json(citation.csl(edition))


def version_of_card(slug: str, number: int = 1) -> versions.Version | None:
    return versions.of_claim(slug, number) if card.is_possible() else None


@served(version_of_card)
def card_png(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    edition = Edition.objects.filter(slug=slug, number=number).first()
    if edition is None:
        raise Http404
    return HttpResponse(card.picture(edition), content_type="image/png")


def public_json(data: Any) -> HttpResponse:
    """For everybody: other sites' scripts may read it."""
    response = JsonResponse(data, safe=False, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Access-Control-Allow-Origin"] = "*"
    return response


@served(versions.of_nothing)
def robots(request: HttpRequest) -> HttpResponse:
    closed = ["/admin/", "/claims/*/report-an-error/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines += [f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@only_read
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(staticfiles_storage.url("factcheck/favicon.svg"))
