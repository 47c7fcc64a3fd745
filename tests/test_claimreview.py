"""Google's rules for ClaimReview: each kept and broken, held by the gate, by the command, and on every page."""

import copy
import io
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from factcheck.desk import gate, review
from factcheck.history import guard
from factcheck.models import Claim, Edition
from factcheck.page import claimreview_rules as rules
from factcheck.page import context

from .newsroom import make_claim, publish, writing
from .pages import tell_the_story
from .test_gate import WAS_TRUE, put

SITE = "http://testserver"
PAGE = f"{SITE}/claims/death-toll/"
GOOD = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": PAGE,
    "claimReviewed": "Three people were killed.",
    "datePublished": "2018-03-23T20:00:00+00:00",
    "dateModified": "2018-03-24T20:00:00+00:00",
    "author": {"@type": "Organization", "name": "Factcheck", "url": f"{SITE}/"},
    "reviewRating": {"@type": "Rating", "alternateName": "True", "ratingValue": 4, "bestRating": 4, "worstRating": 1},
    "itemReviewed": {
        "@type": "Claim",
        "author": {"@type": "Organization", "name": "The prefect"},
        "datePublished": "2018-03-23",
        "firstAppearance": {"@type": "CreativeWork", "url": "https://example.org/said"},
    },
    "citation": [{"@type": "CreativeWork", "name": "A report", "url": "https://example.org/report"}],
    "correction": [{"@type": "CorrectionComment", "text": "It is three.", "datePublished": "2018-03-24"}],
}
GONE = object()
BROKEN = [
    ("kind", "@type", "Review"),
    ("kind", "@context", "https://example.org"),
    ("claim-text", "claimReviewed", " "),
    ("claim-text", "claimReviewed", GONE),
    ("claim-text", "claimReviewed", ["Three people were killed."]),
    ("claim-without-rating", "claimReviewed", "TRUE: three people were killed."),
    ("claim-without-rating", "claimReviewed", "“True” – three people were killed."),
    ("own-address", "url", GONE),
    ("own-address", "url", "/claims/death-toll/"),
    ("own-address", "url", "http://[bad"),
    ("own-address", "url", "https://short.example/x"),
    ("own-address", "url", "https://eviltestserver/claims/death-toll/"),
    ("checker", "author", GONE),
    ("checker", "author @type", "Thing"),
    ("checker", "author", {"@type": "Organization", "name": " "}),
    ("dates", "datePublished", "yesterday"),
    ("dates", "dateModified", "2018-03-24T20:00:00"),
    ("dates", "itemReviewed datePublished", "23 March 2018"),
    ("dates", "citation 0 datePublished", 2018),
    ("dates", "correction 0 datePublished", ""),
    ("dates-in-order", "dateModified", "2018-03-22T20:00:00+00:00"),
    ("dates-in-order", "itemReviewed datePublished", "2018-03-26"),
    ("dates-in-order", "itemReviewed datePublished", "2018-03-24T20:01:00Z"),
    ("rating-word", "reviewRating", GONE),
    ("rating-word", "reviewRating", "True"),
    ("rating-word", "reviewRating alternateName", ""),
    ("rating-numbers", "reviewRating bestRating", GONE),
    ("rating-numbers", "reviewRating ratingValue", "4 of 5"),
    ("rating-numbers", "reviewRating worstRating", True),
    ("rating-scale", "reviewRating worstRating", 0),
    ("rating-scale", "reviewRating worstRating", 4),
    ("rating-scale", "reviewRating ratingValue", 5),
    ("rating-scale", "reviewRating ratingValue", "0.5"),
    ("item", "itemReviewed", "Three people were killed."),
    ("item", "itemReviewed @type", "CreativeWork"),
    ("claimant", "itemReviewed author", {"@type": "Organization"}),
    ("claimant", "itemReviewed author", "The prefect"),
    ("claimant", "itemReviewed author", [{"@type": "Person", "name": "Somebody"}, {"@type": "Person"}]),
    ("claim-of-others", "itemReviewed author name", "FACTCHECK"),
    ("claim-of-others", "itemReviewed firstAppearance url", f"{SITE}/claims/weapons/"),
    ("appearance", "itemReviewed firstAppearance", "javascript:alert(1)"),
    ("appearance", "itemReviewed firstAppearance url", "example.org/said"),
    ("appearance", "itemReviewed appearance", [{"@type": "CreativeWork"}]),
    ("citations", "citation 0 url", "example.org/report"),
    ("citations", "citation 0 archivedAt", ""),
    ("citations", "citation 0 name", GONE),
    ("corrections", "correction 0 text", " "),
    ("corrections", "correction 0 datePublished", GONE),
]
KEPT = [
    ("claimReviewed", "True love waits: so many say."),
    ("claimReviewed", "Truest of all: three people were killed."),
    ("url", f"{PAGE}#verdict"),
    ("url", "https://checks.testserver/claims/death-toll/"),
    ("author", {"@type": "Person", "url": "https://example.org/me"}),
    ("itemReviewed", GONE),
    ("itemReviewed author", GONE),
    ("itemReviewed author", [{"@type": "Person", "name": "One"}, {"@type": "Organization", "name": "Two"}]),
    ("itemReviewed datePublished", "2018-03-24"),
    ("itemReviewed firstAppearance", "https://example.org/said"),
    ("itemReviewed firstAppearance", {"@type": "CreativeWork", "name": "A speech"}),
    ("reviewRating", {"@type": "Rating", "alternateName": "Outdated"}),
    ("reviewRating ratingValue", "3.5"),
    ("correction", GONE),
    ("citation", GONE),
]


def with_change(path: str, value: Any) -> dict[str, Any]:
    markup = copy.deepcopy(GOOD)
    if value is not GONE:
        put(path, value)(markup)
        return markup
    *way, last = [int(step) if step.isdigit() else step for step in path.split()]
    found = markup
    for step in way:
        found = found[step]
    del found[last]
    return markup


def broken(markup: dict[str, Any]) -> set[str]:
    return {problem.rule for problem in rules.check(markup, page=PAGE)}


def test_it_works():
    assert rules.check(GOOD, page=PAGE) == []


@pytest.mark.parametrize(("rule", "path", "value"), BROKEN)
def test_a_rule_broken(rule, path, value, monkeypatch):
    """By that rule, and by no other that a look at the same words would not find as well."""
    markup = with_change(path, value)
    assert rule in broken(markup)
    monkeypatch.delitem(rules.RULES, rule)
    assert rule not in broken(markup)


@pytest.mark.parametrize(("path", "value"), KEPT)
def test_a_rule_kept(path, value):
    assert rules.check(with_change(path, value), page=PAGE) == []


def test_every_rule_is_broken_once():
    assert {rule for rule, *_ in BROKEN} == set(rules.RULES)


def test_messages_say_what_to_mend():
    for rule, path, value in BROKEN:
        for problem in rules.check(with_change(path, value), page=PAGE):
            assert problem.message[0].isupper() or problem.message[0] == "“", rule
            assert problem.message.endswith("."), rule


@pytest.mark.parametrize("junk", [{}, {name: None for name in GOOD}, {name: [None, 3, {}] for name in GOOD}])
def test_junk_is_told_and_never_raises(junk):
    assert {"kind", "claim-text", "own-address", "checker", "rating-word"} <= broken(junk)


def test_a_number_has_one_word():
    other = with_change("reviewRating alternateName", "Right")
    assert rules.check_words([GOOD, GOOD]) == []
    (problem,) = rules.check_words([GOOD, other])
    assert problem.rule == "one-word-a-number" and "“Right”, “True”" in problem.message
    five = with_change("reviewRating bestRating", 5)
    five["reviewRating"]["alternateName"] = "Mostly true"
    assert rules.check_words([GOOD, five]) == []


# On the page.


class Scripts(HTMLParser):
    """The JSON-LD of a page, as a search engine reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_inside = tag == "script" and dict(attrs).get("type") == "application/ld+json"
        if self.is_inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.found[-1] += data


def markup_of(client: Any, path: str) -> list[dict[str, Any]]:
    scripts = Scripts()
    scripts.feed(client.get(path).content.decode())
    return [json.loads(found) for found in scripts.found]


@pytest.mark.django_db
def test_every_page_of_the_story(client):
    tell_the_story()
    markups = []
    for edition in Edition.objects.newest():
        path = f"/claims/{edition.slug}/"
        found = markup_of(client, path)
        assert len(found) == (0 if edition.is_withdrawal else 1)
        for markup in found:
            assert rules.check(markup, page=SITE + path) == []
            assert markup["version"] == edition.number and len(markup["citation"]) == len(edition.dossier["sources"])
        markups += found
        assert markup_of(client, edition.get_absolute_url()) == []
    assert len(markups) >= 15 and rules.check_words(markups) == []
    corrected = [markup for markup in markups if "correction" in markup]
    assert corrected and all(
        each["text"] in client.get(m["url"]).content.decode() for m in corrected for each in m["correction"]
    )


def test_corrections_and_policies(client, people):
    claim = make_claim(author=people.alice, first_appearance="A speech")
    publish(claim)
    assert "correction" not in markup_of(client, "/claims/death-toll/")[0]
    publish(claim, kind="update", note="A fourth victim died.")
    publish(claim, kind="correction", note="We had counted wrongly.")
    (markup,) = markup_of(client, "/claims/death-toll/")
    (correction,) = markup["correction"]
    assert correction["text"] == "We had counted wrongly." and correction["datePublished"] == markup["dateModified"]
    assert markup["archivedAt"] == f"{PAGE}editions/3/" and markup["version"] == 3
    assert markup["itemReviewed"]["firstAppearance"] == {"@type": "CreativeWork", "name": "A speech"}
    for policy in ("publishingPrinciples", "correctionsPolicy", "actionableFeedbackPolicy", "ownershipFundingInfo"):
        assert client.get(markup["author"][policy].removeprefix(SITE)).status_code == 200


# The gate.


def refused(claim: Claim) -> list[str]:
    claim.refresh_from_db()
    content = gate.dossier.build(claim)
    return [miss.message for miss in gate.misses(claim, content, previous=None) if miss.rule == "claim-review"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"statement": "True: three people were killed."}, "Statement: write the claim without our rating"),
        ({"claimant": "factcheck"}, "Claimant: name somebody other than"),
        ({"first_appearance_url": f"{SITE}/claims/other/"}, "Address of the first appearance: give one outside"),
    ],
)
def test_the_gate_refuses(fields, words, people):
    claim = make_claim(author=people.alice)
    assert refused(claim) == []
    with writing(people.alice):
        for name, value in fields.items():
            setattr(claim, name, value)
        claim.save()
    (message,) = refused(claim)
    assert message.startswith(words)
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(gate.NotAllowed, match=words):
        review.approve(claim, user=people.bob, reason="Read")


# The command.


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("check_claimreview", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_command_finds_nothing(people):
    assert run() == "0 pages checked: nothing found.\n"
    claim = make_claim(author=people.alice)
    publish(claim)
    publish(claim, kind="update", note=WAS_TRUE)
    publish(make_claim("gone", author=people.alice))
    review.withdraw(Claim.objects.get(slug="gone"), user=people.erin, reason="It was another town.")
    assert run() == "1 page checked: nothing found.\n"


def test_command_tells_what_is_wrong_and_where(people, capsys):
    publish(make_claim("right", author=people.alice))
    publish(make_claim("wrong", author=people.alice, claimant="Factcheck", statement="True: three died."))
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"^2 pages checked: 2 things found, listed above\.$"):
        call_command("check_claimreview", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "/claims/wrong/, claim-without-rating",
        "/claims/wrong/, claim-of-others",
    ]


def test_command_goes_on_behind_an_edition_that_is_damaged(people):
    for slug in ("damaged", "right"):
        publish(make_claim(slug, author=people.alice))
    with guard.lowered():
        QuerySet(Edition).filter(slug="damaged").update(content="{not json")
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"^2 pages checked: 1 thing found, listed above\.$"):
        call_command("check_claimreview", stdout=out)
    assert out.getvalue() == "/claims/damaged/: an edition of it cannot be read; check_history says which.\n"


def test_the_markup_is_that_of_the_page(client, people):
    edition = publish(make_claim(author=people.alice))
    assert markup_of(client, "/claims/death-toll/") == [context.page_markup([edition])]
