"""For programs: JSON, sitemap, robots."""

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from factcheck.models import Edition, TextPage

SITEMAP_LIMIT = 50_000  # sitemaps.org: no more URLs than that in one file


@require_safe
def claim_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest edition's dossier, the digest that anyone can recompute from it, and all editions."""
    editions = list(Edition.objects.filter(slug=slug).order_by("-number"))
    if not editions:
        raise Http404
    newest = editions[0]
    data = {
        "url": settings.SITE_URL + reverse("verdict", args=[slug]),
        "withdrawn": newest.is_withdrawal,
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
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    editions = Edition.objects.published().order_by("-published_at").defer("content")[:SITEMAP_LIMIT]
    stories: dict[str, Edition] = {}
    for edition in editions:
        stories.setdefault(edition.story_slug, edition)
    pages = [(reverse(name), None) for name in ("home", "corrections", "ratings", "archive", "publishers")]
    pages += [(reverse("text", args=[slug]), None) for slug in TextPage.values]
    pages += [(reverse("story", args=[slug]), edition.published_at) for slug, edition in stories.items()]
    pages += [(reverse("verdict", args=[edition.slug]), edition.published_at) for edition in editions]
    entries = [(settings.SITE_URL + path, changed) for path, changed in pages]
    return render(request, "public/sitemap.xml", {"entries": entries}, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    closed = ["/admin/", "/claims/*/report-an-error/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines += [f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(staticfiles_storage.url("factcheck/favicon.svg"))
