from django.urls import path, re_path

from . import archive, feeds, machines, readers, search, views

CLAIM = "claims/<slug:slug>"

urlpatterns = [
    # /
    path("", views.home, name="home"),
    # /stories/
    path("stories/<slug:slug>/", views.story, name="story"),
    # /claims/
    path(f"{CLAIM}/", views.verdict, name="verdict"),
    path(f"{CLAIM}/editions/<int:number>/", views.edition, name="edition"),
    path(f"{CLAIM}/report-an-error/", readers.report_error, name="report_error"),
    path(f"{CLAIM}/report-an-error/thanks/", readers.error_reported, name="error_reported"),
    path(f"{CLAIM}.json", machines.claim_json, name="claim_json"),
    # /corrections/
    path("corrections/", views.corrections, name="corrections"),
    # /ratings/
    path("ratings/", views.ratings, name="ratings"),
    path("ratings/<slug:slug>/", views.rating, name="rating"),
    # /search/
    path("search/", search.search, name="search"),
    path("opensearch.xml", search.description, name="opensearch"),
    # /archive/
    path("archive/", archive.months, name="archive"),
    re_path(r"^archive/(?P<month>[0-9]{4}-(?:0[1-9]|1[0-2]))/$", archive.month, name="month"),
    # /sources/
    path("sources/", archive.publishers, name="publishers"),
    path("sources/<slug:slug>/", archive.source, name="source"),
    re_path(r"^publishers/(?P<slug>[\w-]+)/$", archive.publisher, name="publisher"),
    # the newsroom's own words
    re_path("^(?P<slug>methodology|corrections-policy|about|funding)/$", views.text, name="text"),
    # for machines
    path("feeds/verdicts.atom", feeds.verdicts, name="verdicts_feed"),
    path("feeds/corrections.atom", feeds.corrections, name="corrections_feed"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
    path("favicon.ico", machines.favicon, name="favicon"),
]
