from django.urls import path, re_path, register_converter
from django.urls.converters import IntConverter

from factcheck.page.moments import NAME

from . import archive, embed, feeds, machines, past, readers, search, sitemaps, stories, views


class Number(IntConverter):
    """One address for each: none of them begins with a nought, nor goes on for ever."""

    regex = "[1-9][0-9]{0,8}"


register_converter(Number, "number")

CLAIM = "claims/<slug:slug>"
SLUG = "(?P<slug>[-a-zA-Z0-9_]+)"
STORY = f"stories/{SLUG}"
MOMENT = f"(?P<moment>{NAME})"
ASKED = "(?P<asked>[^/]+)"
MONTH = "archive/(?P<month>[0-9]{4}-(?:0[1-9]|1[0-2]))"
PUBLISHER = r"publishers/(?P<slug>[\w-]+)"
PAGE = f"page/(?P<number>{Number.regex})"

urlpatterns = [
    # /
    path("", views.home, name="home"),
    path("page/<number:number>/", views.home, name="home"),
    # /stories/
    path("stories/<slug:slug>/", stories.story, name="story"),
    path("stories/<slug:slug>/page/<number:number>/", stories.story, name="story"),
    path("stories/<slug:slug>/changes/", stories.changes, name="story_changes"),
    path("stories/<slug:slug>/changes/page/<number:number>/", stories.changes, name="story_changes"),
    re_path(f"^{STORY}/@{MOMENT}/$", stories.story_at, name="story_at"),
    re_path(f"^{STORY}/@{MOMENT}/{PAGE}/$", stories.story_at, name="story_at"),
    re_path(f"^{STORY}/@{ASKED}/?$", past.story_at, name="story_then"),
    re_path(f"^{STORY}/since/{MOMENT}/$", stories.since, name="story_since"),
    re_path(f"^{STORY}/since/{ASKED}/?$", past.story_since, name="story_news"),
    path("stories/<slug:slug>/feed.atom", feeds.story, name="story_feed"),
    # /claims/
    path(f"{CLAIM}/", views.verdict, name="verdict"),
    re_path(f"^claims/{SLUG}/@{ASKED}/?$", past.edition_at, name="edition_then"),
    path(f"{CLAIM}/editions/<number:number>/", views.edition, name="edition"),
    path(f"{CLAIM}/report-an-error/", readers.report_error, name="report_error"),
    path(f"{CLAIM}/report-an-error/thanks/", readers.error_reported, name="error_reported"),
    path(f"{CLAIM}/editions/<number:number>.csl.json", machines.citation_json, name="citation"),
    path(f"{CLAIM}/editions/<number:number>.png", machines.card_png, name="card"),
    path(f"{CLAIM}.json", machines.claim_json, name="claim_json"),
    # /corrections/
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/page/<number:number>/", views.corrections, name="corrections"),
    # /ratings/
    path("ratings/", views.ratings, name="ratings"),
    path("ratings/<slug:slug>/", views.rating, name="rating"),
    path("ratings/<slug:slug>/page/<number:number>/", views.rating, name="rating"),
    # /search/
    path("search/", search.search, name="search"),
    path("opensearch.xml", search.description, name="opensearch"),
    # /archive/
    path("archive/", archive.months, name="archive"),
    re_path(f"^{MONTH}/$", archive.month, name="month"),
    re_path(f"^{MONTH}/{PAGE}/$", archive.month, name="month"),
    # /sources/
    path("sources/", archive.publishers, name="publishers"),
    path("sources/page/<number:number>/", archive.publishers, name="publishers"),
    path("sources/<slug:slug>/", archive.source, name="source"),
    path("sources/<slug:slug>/page/<number:number>/", archive.source, name="source"),
    # /publishers/
    re_path(f"^{PUBLISHER}/$", archive.publisher, name="publisher"),
    re_path(f"^{PUBLISHER}/{PAGE}/$", archive.publisher, name="publisher"),
    # the newsroom's own words
    re_path("^(?P<slug>methodology|corrections-policy|about|funding)/$", views.text, name="text"),
    # on other sites
    path("embed/claims/<slug:slug>/", embed.card, name="embed"),
    path("oembed.json", embed.oembed, name="oembed"),
    # for machines
    path("feeds/verdicts.atom", feeds.verdicts, name="verdicts_feed"),
    path("feeds/corrections.atom", feeds.corrections, name="corrections_feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/<number:number>.xml", sitemaps.part, name="sitemap_part"),
    path("robots.txt", machines.robots, name="robots"),
    path("favicon.ico", machines.favicon, name="favicon"),
]
