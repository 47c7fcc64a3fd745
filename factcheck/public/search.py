"""Search over the newest edition of every published claim."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.models import Citation, Edition, SearchEntry
from factcheck.models.base import within_calendar
from factcheck.models.search import MOST, Hit
from factcheck.page import results
from factcheck.text.finding import LONGEST_QUERY, Query, parse

from . import versions
from .serving import only_read, served
from .views import PER_PAGE, page

OFFERED = 8  # of each kind of filter
FILTERS = {
    "rating": gettext_lazy("Rating"),
    "story": gettext_lazy("Story"),
    "publisher": gettext_lazy("Publisher of a source"),
}


class Days(forms.Form):
    since, until = (
        forms.DateField(
            required=False,
            label=label,
            input_formats=["%Y-%m-%d"],
            validators=[within_calendar],
            error_messages={"invalid": gettext_lazy("Use a day as in 2018-03-23.")},
        )
        for label in (gettext_lazy("Published from"), gettext_lazy("Published until"))
    )

    def clean(self) -> None:
        since, until = (self.cleaned_data.get(name) for name in ("since", "until"))
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))


@only_read
def search(request: HttpRequest) -> HttpResponse:
    # PostgreSQL takes no NUL, and nobody types one.
    asked = {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("q", *FILTERS)}
    typed = request.GET.get("q", "").replace("\0", "")
    query, days = parse(typed), Days(request.GET)
    days.is_valid()
    chosen = {name: asked[name] for name in FILTERS if asked[name]}
    first, last = (days.cleaned_data.get(name) for name in ("since", "until"))
    entries = SearchEntry.objects.narrowed(**chosen, first=first, last=last)
    hits, left_out = entries.search(query)
    kept = {"q": asked["q"][:LONGEST_QUERY], **chosen}
    kept |= {name: day.isoformat() for name, day in (("since", first), ("until", last)) if day}
    shown = Paginator(hits, PER_PAGE).get_page(request.GET.get("page"))
    shown.newer = address({**kept, "page": str(shown.number - 1)}) if shown.has_previous() else ""
    shown.older = address({**kept, "page": str(shown.number + 1)}) if shown.has_next() else ""
    return page(
        request,
        "public/search.html",
        title=_("“%s” – search") % kept["q"] if kept["q"] else _("Search"),
        description=_("Find a verdict by its words, its quotes or its sources."),
        canonical="",
        days=days,
        q=kept["q"],
        is_cut=len(typed) > LONGEST_QUERY,
        is_wordless=bool(asked["q"]) and not query,
        is_narrowed=len(kept) > 1,
        terms=len(query.terms),
        left_out=left_out,
        kept=kept,
        hidden=chosen,
        plain=address({"q": kept["q"]}),
        page=shown,
        is_more=len(hits) >= MOST,
        most=MOST,
        longest=LONGEST_QUERY,
        cards=cards(shown, query),
        chosen=[taken(name, chosen[name], hits, kept) for name in chosen],
        offers=[offer for name in FILTERS if name not in chosen and (offer := offered(name, hits, kept))],
    )


def cards(hits: Iterable[Hit], query: Query) -> list[dict[str, Any]]:
    keys = [hit.edition for hit in hits]
    editions = Edition.objects.in_bulk(keys)
    return [results.result(editions[key], query) for key in keys]


def address(kept: Mapping[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in kept.items() if value})


def taken(name: str, value: str, hits: list[Hit], kept: Mapping[str, str]) -> dict[str, str]:
    """A filter that is on, and the address without it."""
    words = {"rating": hits[0].rating_name, "story": hits[0].story_title} if hits else {}
    if name == "publisher":
        publisher = Citation.objects.filter(publisher_slug=value).order_by("-edition").first()
        words = {"publisher": publisher.publisher_name} if publisher else {}
    rest = {each: kept[each] for each in kept if each != name}
    return {"label": FILTERS[name], "name": words.get(name, value), "address": address(rest)}


def offered(name: str, hits: list[Hit], kept: Mapping[str, str]) -> dict[str, Any] | None:
    """What the hits can be narrowed by, the most frequent first; nothing where it would change nothing."""
    counts = counted(name, hits).most_common(OFFERED)
    if all(count == len(hits) for _choice, count in counts):
        return None
    choices = [
        {"name": words, "count": count, "address": address({**kept, name: slug})} for (slug, words), count in counts
    ]
    return {"label": FILTERS[name], "choices": choices}


def counted(name: str, hits: list[Hit]) -> Counter[tuple[str, str]]:
    if name == "rating":
        return Counter((hit.rating, hit.rating_name) for hit in hits)
    if name == "story":
        return Counter((hit.story, hit.story_title) for hit in hits)
    cited = Citation.objects.filter(edition__in=[hit.edition for hit in hits]).order_by()
    counts: Counter[tuple[str, str]] = Counter()
    for slug, words, count in cited.values_list("publisher_slug", "publisher_name").annotate(
        Count("edition", distinct=True)
    ):
        counts[slug, words] = count
    return counts


@served(versions.of_nothing)
def description(request: HttpRequest) -> HttpResponse:
    """OpenSearch: a browser can offer this site's search."""
    data = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "text": _("Search verdicts")}
    kind = "application/opensearchdescription+xml; charset=utf-8"
    return HttpResponse(render_to_string("public/opensearch.xml", data), content_type=kind)
