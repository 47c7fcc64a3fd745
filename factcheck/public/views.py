"""Pages for readers. They read editions, flags and public texts, and count requests: a draft cannot leak."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.models import CorrectionRequest, Edition, EditionKind, Flag, PublicText, SearchEntry, TextPage
from factcheck.page import context, listing
from factcheck.page.safe import markdown, words_of

from . import versions
from .serving import served

PER_PAGE = 20
STORIES, LOOKED_AT = 12, 500  # on the home page, and the editions among which they are looked for


def page(request: HttpRequest, template: str, **data: Any) -> HttpResponse:
    usual = {
        "canonical": settings.SITE_URL + request.path,
        "description": _("Verdicts on what is reported, each with its sources and everything that changed."),
    }
    context = site() | usual | data
    return HttpResponse(render_to_string(template, context))  # without the request: no page knows who reads it


def site() -> dict[str, str]:
    return {"site_name": settings.SITE_NAME, "publisher": settings.PUBLISHER_NAME, "site_url": settings.SITE_URL}


def paged(
    request: HttpRequest, entries: QuerySet | Sequence[Any], address: str, number: int, *, per_page: int = 0
) -> Page:
    """A part of a list. The first stands at the list's own address and each other below it, as a file can."""

    def path(number: int) -> str:
        return f"{address}page/{number}/" if number > 1 else address

    paginator = Paginator(entries, per_page or PER_PAGE)
    if number not in paginator.page_range or request.path != unquote(path(number)):
        raise Http404
    shown = paginator.page(number)
    shown.newer = path(number - 1) if shown.has_previous() else ""
    shown.older = path(number + 1) if shown.has_next() else ""
    return shown


@served(versions.of_lists)
def home(request: HttpRequest, number: int = 1) -> HttpResponse:
    shown = paged(request, newest_first(), reverse("home"), number)
    return page(
        request,
        "public/home.html",
        page=shown,
        cards=[listing.card(edition) for edition in in_order(shown)],
        stories=[listing.story_card(edition, edition.claims) for edition in newest_of_each_story()],
    )


def newest_first(**of: str) -> QuerySet:
    """The keys of what is published."""
    return SearchEntry.objects.filter(**of).order_by("-published_at", "-edition").values_list("edition", flat=True)


def in_order(keys: Iterable[int]) -> list[Edition]:
    editions = Edition.objects.in_bulk(list(keys))
    return [editions[key] for key in keys]


def newest_of_each_story() -> list[Edition]:
    """The last edition of each story, with `claims`, the number of its published claims; newest story first. Stories
    are looked for among what was published last: they are as many when the archive holds a million."""
    last = SearchEntry.objects.order_by("-edition").values_list("story_slug", flat=True)[:LOOKED_AT]
    stories = list(dict.fromkeys(last))[:STORIES]
    counts = claims_of_each("story_slug", SearchEntry.objects.filter(story_slug__in=stories))
    editions = in_order(sorted(counts, reverse=True))
    for edition in editions:
        edition.claims = counts[edition.pk]
    return editions


def claims_of_each(field: str, entries: QuerySet) -> dict[int, int]:
    """By the key of the last edition of each."""
    grouped = entries.order_by().values(field).annotate(last=Max("edition"), claims=Count("edition"))
    return dict(grouped.values_list("last", "claims"))


@served(versions.of_claim)
def verdict(request: HttpRequest, slug: str) -> HttpResponse:
    return verdict_page(request, slug)


@served(versions.of_claim)
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return verdict_page(request, slug, number)


def verdict_page(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    editions = list(Edition.objects.filter(slug=slug).order_by("-number"))
    if not editions:
        raise Http404
    flag = Flag.objects.filter(edition=editions[0]).first()
    data = context.verdict_page(editions, number=number, flag=flag)
    if data is None:
        raise Http404
    return page(
        request,
        "public/verdict.html",
        **data,
        canonical=settings.SITE_URL + data["claim_path"],
        is_permalink=number is not None,
    )


@served(versions.of_corrections)
def corrections(request: HttpRequest, number: int = 1) -> HttpResponse:
    shown = paged(request, corrected(), reverse("corrections"), number)
    return page(
        request,
        "public/corrections.html",
        title=_("Corrections"),
        description=_("Every page that we corrected, updated or withdrew, newest first."),
        page=shown,
        entries=listing.corrections(shown, before_of(shown)),
        counts=listing.counts(kinds_corrected()) if number == 1 else [],
        tally=CorrectionRequest.objects.tally(),
    )


def corrected() -> QuerySet[Edition]:
    """Every correction, update and withdrawal there ever was, newest first."""
    kinds = [EditionKind.CORRECTION, EditionKind.UPDATE, EditionKind.WITHDRAWAL]
    return Edition.objects.filter(kind__in=kinds).order_by("-published_at", "-id")


def kinds_corrected() -> dict[str, int]:
    return dict(corrected().order_by().values_list("kind").annotate(Count("id")))


def before_of(editions: Any) -> dict[tuple[str, int], Edition]:
    """The edition that each of these replaced, by address and number."""
    wanted = Q(pk__in=[])
    for later in editions:
        if later.number > 1:
            wanted |= Q(slug=later.slug, number=later.number - 1)
    return {(found.slug, found.number): found for found in Edition.objects.filter(wanted)}


@served(versions.of_lists)
def ratings(request: HttpRequest) -> HttpResponse:
    counts = claims_of_each("rating_slug", SearchEntry.objects.all())
    entries = [listing.rating_card(edition, counts[edition.pk]) for edition in in_order(counts)]
    return page(
        request,
        "public/ratings.html",
        title=_("Ratings"),
        description=_("The words of our verdicts, what each means, and how often it stands."),
        ratings=sorted(entries, key=listing.best_first),
    )


@served(versions.of_lists)
def rating(request: HttpRequest, slug: str, number: int = 1) -> HttpResponse:
    """Old editions link to it for ever, so it stays when no current one has the rating any more."""
    last = Edition.objects.filter(rating_slug=slug).order_by("-id").first()
    if last is None:
        raise Http404
    shown = paged(request, newest_first(rating_slug=slug), reverse("rating", args=[slug]), number)
    rated = in_order(shown)
    found = listing.rating_card(rated[0] if rated else last, shown.paginator.count)
    return page(
        request,
        "public/rating.html",
        title=found["name"],
        description=found["definition"],
        page=shown,
        rating=found,
        cards=[listing.card(edition) for edition in rated],
    )


@served(versions.of_text)
def text(request: HttpRequest, slug: str) -> HttpResponse:
    written = PublicText.objects.filter(slug=slug).first()
    title = written.title if written else TextPage(slug).label
    body = markdown(written.body) if written else render_to_string(f"public/texts/{slug}.html", site())
    return page(
        request, "public/text.html", title=title, description=listing.opening(words_of(body)) or title, body=body
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = page(request, "404.html", title=_("Not found"), canonical="")
    response.status_code = 404
    response.headers["Cache-Control"] = "max-age=10"  # seconds: what is not there may be published at any moment
    return response
