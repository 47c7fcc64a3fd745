"""All that is published: by month, and by what it cites."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck.models import Citation, Edition, EditionKind, SearchEntry
from factcheck.page import listing, results

from . import versions
from .prepared import Prepared, Row
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
        counts={
            "claims": of_it.values("slug").distinct().count(),
            "corrected": tally(corrected_of_publisher(slug)),
        },
        page=paged(request, grouped.order_by("-newest", "source_slug"), address, int(number)),
    )


@served(versions.of_source)
def source(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    if not (rows := last_citation(slug)):
        raise Http404
    key, publisher_slug = rows[0]
    of_it = Citation.objects.filter(source_slug=slug)
    grouped = of_it.values("slug").annotate(first=Min("number"), last=Max("number"), newest=Max("edition"))
    shown = paged(request, grouped.order_by("-newest"), reverse("source", args=[slug]), number)
    editions = editions_for(list(shown), key)
    cited = next(each for each in editions[key].dossier["sources"] if each["slug"] == slug)
    named = {"title": cited["title"], "publisher": cited["publisher"]["name"]}
    return page(
        request,
        "public/source.html",
        title=cited["title"],
        description=_("What we cite from “%(title)s” (%(publisher)s), and what was corrected later.") % named,
        source=cited,
        publisher_slug=publisher_slug,
        counts={"claims": shown.paginator.count, "corrected": tally(corrected_of_source(slug))},
        page=shown,
        claims=claims_citing(slug, list(shown), editions.values()),
    )


@Prepared
def last_citation(source: str) -> QuerySet:
    return Citation.objects.filter(source_slug=source).order_by("-edition").values_list("edition", "publisher_slug")[:1]


@Prepared
def corrected_of_source(slug: str) -> QuerySet:
    return corrected_later(Citation.objects.filter(source_slug=slug))


@Prepared
def corrected_of_publisher(slug: str) -> QuerySet:
    return corrected_later(Citation.objects.filter(publisher_slug=slug))


def corrected_later(citations: QuerySet) -> QuerySet:
    """How many of the claims that cite it have a page that was corrected since."""
    corrected = Edition.objects.filter(slug=OuterRef("slug"), number__gt=OuterRef("number"), kind__in=CORRECTED)
    of_all = citations.filter(Exists(corrected)).order_by().annotate(all=Value(1)).values("all")
    return of_all.values_list(Count("slug", distinct=True))


def tally(rows: list[Row]) -> int:
    return rows[0][0] if rows else 0


def editions_for(rows: list[dict[str, Any]], *keys: int) -> dict[int, Edition]:
    """Of each claim its newest, the last that cites the source, and those that corrected it; and those with `keys`."""
    of_claims = Edition.objects.filter(slug__in=[row["slug"] for row in rows]).order_by("number")
    newest: dict[str, int] = {}
    wanted = {*keys, *(row["newest"] for row in rows)}
    for key, slug, kind in of_claims.values_list("pk", "slug", "kind"):
        newest[slug] = key
        if kind in CORRECTED:
            wanted.add(key)
    return Edition.objects.in_bulk(wanted.union(newest.values()))


def claims_citing(source: str, rows: list[dict[str, Any]], editions: Iterable[Edition]) -> list[dict[str, Any]]:
    """`rows` have a claim's slug, and the numbers of the first and the last edition that cite the source."""
    by_claim: dict[str, dict[int, Edition]] = {}
    for edition in sorted(editions, key=attrgetter("number")):
        by_claim.setdefault(edition.slug, {})[edition.number] = edition
    claims = []
    for row in rows:
        of_claim = by_claim[row["slug"]]
        corrections = [each for each in of_claim.values() if each.kind in CORRECTED and each.number > row["first"]]
        claims.append(results.cited(of_claim[max(of_claim)], of_claim[row["last"]], source, corrections))
    return claims
