"""The public page of a claim as it would be published now."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck import dossier
from factcheck.models import Claim, Edition
from factcheck.page import context

if TYPE_CHECKING:
    from .claims import ClaimAdmin


def preview(model_admin: "ClaimAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    claim = model_admin.get_object(request, str(pk))
    if not model_admin.has_view_permission(request, claim):
        raise PermissionDenied
    if claim is None:
        raise Http404
    content = dossier.build(claim)
    if content["verdict"] is None or content["verdict"]["rating"] is None:
        messages.warning(request, _("There is nothing to show yet: the page needs a verdict with a rating."))
        return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[claim.pk]))
    editions = list(Edition.objects.filter(claim=claim).order_by("-number"))
    data = context.verdict_page([_next_edition(claim, content, editions), *editions])
    site = {"site_name": settings.SITE_NAME, "publisher": settings.PUBLISHER_NAME, "site_url": settings.SITE_URL}
    own = {"preview": True, "canonical": "", "draft": claim}
    response = render(request, "admin/factcheck/claim/preview.html", site | data | own)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _next_edition(claim: Claim, content: dict, editions: list[Edition]) -> Edition:
    """An edition that is never saved."""
    canonical = dossier.canonical(content)
    return Edition(
        claim=claim,
        slug=claim.slug,
        number=editions[0].number + 1 if editions else 1,
        kind=content["edition"]["kind"],
        content=canonical,
        digest=dossier.digest(canonical),
        checked_by=str(claim.verdict.author),
    )
