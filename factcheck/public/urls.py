from django.urls import path, re_path

from . import embed, feeds, machines, readers, sitemaps, views

CLAIM = "claims/<slug:slug>"

urlpatterns = [
    # /
    path("", views.home, name="home"),
    path("page/<int:number>/", views.home, name="home"),
    # /stories/
    path("stories/<slug:slug>/", views.story, name="story"),
    path("stories/<slug:slug>/feed.atom", feeds.story, name="story_feed"),
    # /claims/
    path(f"{CLAIM}/", views.verdict, name="verdict"),
    path(f"{CLAIM}/editions/<int:number>/", views.edition, name="edition"),
    path(f"{CLAIM}/report-an-error/", readers.report_error, name="report_error"),
    path(f"{CLAIM}/report-an-error/thanks/", readers.error_reported, name="error_reported"),
    path(f"{CLAIM}/editions/<int:number>.csl.json", machines.citation_json, name="citation"),
    path(f"{CLAIM}.json", machines.claim_json, name="claim_json"),
    # /corrections/
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/page/<int:number>/", views.corrections, name="corrections"),
    # /ratings/
    path("ratings/", views.ratings, name="ratings"),
    path("ratings/<slug:slug>/", views.rating, name="rating"),
    path("ratings/<slug:slug>/page/<int:number>/", views.rating, name="rating"),
    # the newsroom's own words
    re_path("^(?P<slug>methodology|corrections-policy|about|funding)/$", views.text, name="text"),
    # on other sites
    path("embed/claims/<slug:slug>/", embed.card, name="embed"),
    path("oembed.json", embed.oembed, name="oembed"),
    # for machines
    path("feeds/verdicts.atom", feeds.verdicts, name="verdicts_feed"),
    path("feeds/corrections.atom", feeds.corrections, name="corrections_feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/<int:number>.xml", sitemaps.part, name="sitemap_part"),
    path("robots.txt", machines.robots, name="robots"),
    path("favicon.ico", machines.favicon, name="favicon"),
]
