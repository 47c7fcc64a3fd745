"""All that is published: by month, and by what it cites."""

from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck.models import Citation, Edition, EditionKind, SearchEntry
from factcheck.page import listing, results

from . import versions
from .serving import served
from .views import in_order, newest_first, page, paged

CORRECTED = [EditionKind.CORRECTION, EditionKind.WITHDRAWAL]


@served(versions.of_lists)
def months(request: HttpRequest) -> HttpResponse:
    rows = SearchEntry.objects.order_by("-month").values_list("month").annotate(claims=Count("*"))
    years: dict[str, list[dict[str, Any]]] = {}
    for month, claims in rows:
        years.setdefault(month[:4], []).append({"slug": month, "name": month_name(month), "claims": claims})
    return page(
        request,
        "public/archive.html",
        title=_("Archive"),
        description=_("All verdicts, by the month of their newest edition."),
        years=years,
    )


@served(versions.of_month)
def month(request: HttpRequest, month: str, number: int | str = 1) -> HttpResponse:
    shown = paged(request, newest_first(month=month), reverse("month", args=[month]), int(number))
    if not shown.object_list:
        raise Http404
    name = month_name(month)
    return page(
        request,
        "public/month.html",
        title=name,
        description=_("Verdicts of %s, each with its sources and everything that changed.") % name,
        page=shown,
        earlier=neighbour(month, SearchEntry.objects.filter(month__lt=month).aggregate(Max("month"))["month__max"]),
        later=neighbour(month, SearchEntry.objects.filter(month__gt=month).aggregate(Min("month"))["month__min"]),
        cards=[listing.card(edition) for edition in in_order(shown)],
    )


def month_name(month: str) -> str:
    return date_format(parse_date(f"{month}-01"), "F Y")


def neighbour(month: str, other: str | None) -> dict[str, str] | None:
    return {"slug": other, "name": month_name(other)} if other else None


# By what is cited.


@served(versions.of_lists)
def publishers(request: HttpRequest, number: int = 1) -> HttpResponse:
    """By name. Only those of one page are counted: there may be a million citations."""
    slugs = Citation.objects.order_by("publisher_slug").values_list("publisher_slug", flat=True).distinct()
    shown = paged(request, slugs, reverse("publishers"), number)
    counted = Citation.objects.filter(publisher_slug__in=list(shown)).order_by("publisher_slug")
    grouped = counted.values("publisher_slug").annotate(
        name=Max("publisher_name"), sources=Count("source_slug", distinct=True), claims=Count("slug", distinct=True)
    )
    return page(
        request,
        "public/publishers.html",
        title=_("Sources"),
        description=_("Every publisher whose sources stand on a page that we published."),
        page=shown,
        publishers=grouped,
    )


@served(versions.of_lists)
def publisher(request: HttpRequest, slug: str, number: int | str = 1) -> HttpResponse:
    of_it = Citation.objects.filter(publisher_slug=slug)
    newest = of_it.order_by("-edition").first()
    if newest is None:
        raise Http404
    grouped = of_it.values("source_slug").annotate(
        title=Max("source_title"), claims=Count("slug", distinct=True), newest=Max("edition")
    )
    address = reverse("publisher", args=[slug])
    return page(
        request,
        "public/publisher.html",
        title=newest.publisher_name,
        description=_("What we cite from %s, and what was corrected later.") % newest.publisher_name,
        slug=slug,
        counts=counts(of_it),
        page=paged(request, grouped.order_by("-newest", "source_slug"), address, int(number)),
    )


@served(versions.of_source)
def source(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    of_it = Citation.objects.filter(source_slug=slug)
    grouped = of_it.values("slug").annotate(first=Min("number"), last=Max("number"), newest=Max("edition"))
    shown = paged(request, grouped.order_by("-newest"), reverse("source", args=[slug]), number)
    if not shown.object_list:
        raise Http404
    newest = of_it.select_related("edition").order_by("-edition").first()
    cited = next(each for each in newest.edition.dossier["sources"] if each["slug"] == slug)
    named = {"title": cited["title"], "publisher": cited["publisher"]["name"]}
    return page(
        request,
        "public/source.html",
        title=cited["title"],
        description=_("What we cite from “%(title)s” (%(publisher)s), and what was corrected later.") % named,
        source=cited,
        publisher_slug=newest.publisher_slug,
        counts=counts(of_it),
        page=shown,
        claims=claims_citing(slug, list(shown)),
    )


def counts(citations: Any) -> dict[str, int]:
    """Of claims that cite it, and of those whose page was corrected since."""
    corrected = Edition.objects.filter(slug=OuterRef("slug"), number__gt=OuterRef("number"), kind__in=CORRECTED)
    claims = citations.values("slug").distinct()
    return {"claims": claims.count(), "corrected": claims.filter(Exists(corrected)).count()}


def claims_citing(source: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`rows` have a claim's slug, and the numbers of the first and the last edition that cite the source."""
    slugs = [row["slug"] for row in rows]
    wanted = Q(kind__in=CORRECTED) | Q(pk__in=[row["newest"] for row in rows])
    wanted |= Q(pk__in=Edition.objects.newest().filter(slug__in=slugs).values("pk"))
    editions: dict[str, dict[int, Edition]] = {}
    for edition in Edition.objects.filter(wanted, slug__in=slugs).order_by("number"):
        editions.setdefault(edition.slug, {})[edition.number] = edition
    claims = []
    for row in rows:
        of_claim = editions[row["slug"]]
        corrections = [each for each in of_claim.values() if each.kind in CORRECTED and each.number > row["first"]]
        claims.append(results.cited(of_claim[max(of_claim)], of_claim[row["last"]], source, corrections))
    return claims
