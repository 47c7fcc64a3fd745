"""What readers get, and what they can never get."""

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factcheck import dossier
from factcheck.desk import review
from factcheck.models import Claim, Edition, PublicText, Rating, Report, Verdict
from factcheck.page import listing, moments
from factcheck.public.urls import urlpatterns

from .newsroom import make_claim, make_rating, make_report, make_source, make_story, publish, writing

pytestmark = pytest.mark.django_db

CLAIM, STORY = "/claims/death-toll/", "/stories/flood/"
REPORT = f"{CLAIM}report-an-error/"
# Every public URL, by name: an address with a published page behind it, and the tables it may read.
EDITION, FLAG, TEXT = "factcheck_edition", "factcheck_flag", "factcheck_publictext"
# Functions of the editions, written with them.
ENTRY, CITATION = "factcheck_searchentry", "factcheck_citation"
WORDS = {f"factcheck_searchwords{part}" for part in ("", "_data", "_idx", "_docsize", "_config")}
# Written out: the addresses below name tests, and every process must give a test one name.
PUBLISHED = datetime(2026, 3, 23, 19, 30, tzinfo=UTC)
MOMENT = moments.name(PUBLISHED)
THIS_MONTH = f"/archive/{timezone.localtime(PUBLISHED):%Y-%m}/"
REQUEST, ANSWER = "factcheck_correctionrequest", "factcheck_answer"
URLS = {
    "home": ("/", {EDITION, ENTRY}),
    "story": (STORY, {EDITION, FLAG}),
    "story_at": (f"{STORY}@{MOMENT}/", {EDITION}),
    "story_then": (f"{STORY}@2999-01-01/", {EDITION}),
    "story_since": (f"{STORY}since/{MOMENT}/", {EDITION}),
    "story_news": (f"{STORY}since/2999-01-01/", {EDITION}),
    "story_changes": (f"{STORY}changes/", {EDITION}),
    "verdict": (CLAIM, {EDITION, FLAG}),
    "edition": (f"{CLAIM}editions/1/", {EDITION, FLAG}),
    "edition_then": (f"{CLAIM}@2999-01-01", {EDITION}),
    "report_error": (REPORT, {EDITION}),
    "error_reported": (f"{REPORT}thanks/", {EDITION}),
    "claim_json": ("/claims/death-toll.json", {EDITION, FLAG}),
    "corrections": ("/corrections/", {EDITION, REQUEST, ANSWER}),
    "ratings": ("/ratings/", {EDITION, ENTRY}),
    "rating": ("/ratings/true/", {EDITION, ENTRY}),
    "search": ("/search/?q=three&publisher=paper-source-1", {EDITION, ENTRY, CITATION, *WORDS}),
    "opensearch": ("/opensearch.xml", set()),
    "archive": ("/archive/", {EDITION, ENTRY}),
    "month": (THIS_MONTH, {EDITION, ENTRY}),
    "publishers": ("/sources/", {EDITION, CITATION}),
    "source": ("/sources/source-1/", {EDITION, CITATION}),
    "publisher": ("/publishers/paper-source-1/", {EDITION, CITATION}),
    "text": ("/methodology/", {TEXT}),
    "verdicts_feed": ("/feeds/verdicts.atom", {EDITION}),
    "corrections_feed": ("/feeds/corrections.atom", {EDITION}),
    "story_feed": (f"{STORY}feed.atom", {EDITION, FLAG}),
    "card": (f"{CLAIM}editions/1.png", {EDITION, FLAG}),
    "citation": (f"{CLAIM}editions/1.csl.json", {EDITION, FLAG}),
    "embed": ("/embed/claims/death-toll/", {EDITION, FLAG}),
    "oembed": (f"/oembed.json?url=http://testserver{CLAIM}", {EDITION}),
    "sitemap": ("/sitemap.xml", {EDITION}),
    "sitemap_part": ("/sitemaps/1.xml", {EDITION, ENTRY}),
    "robots": ("/robots.txt", set()),
    "favicon": ("/favicon.ico", set()),
}
ADDRESSES = [address for address, _tables in URLS.values()]
PAGES = [address for address in ADDRESSES if address.endswith("/")]


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim, published_at=PUBLISHED)
    return claim


def second_edition(claim, people, *, note="Rating changed from “True”: a fourth person died.", kind="update"):
    review.reopen(claim, user=people.alice, reason="News", kind=kind)
    rating = make_rating("outdated")
    with writing(people.alice):
        verdict = Verdict.objects.get(claim=claim)
        verdict.rating, verdict.rating_then = rating, Rating.objects.get(slug="true")
        verdict.summary = "Four people died."
        verdict.save()
    return publish(claim, kind=kind, note=note)


def text_of(response) -> str:
    markup = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def markup_of(response) -> list[dict]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.S)
    return [json.loads(block) for block in found]


def test_it_works(client, claim):
    response = client.get(CLAIM)
    page = text_of(response)
    for words in (
        "Flood on the Aude",
        "Death toll",
        "“Three people were killed.”",
        "Claimant: The prefect",
        "13 March 2026, 19:30 UTC",
        "Three people died.",
        "How this was reported",
        "The prefecture's own count.",
        "What source-1 wrote",
        "2 reports, 2 origins as far as we know",
        "Edition 1",
        "Checked by Alice Martin. Approved by Bob Okafor. Published by Erin Lindqvist.",
        "Report an error",
    ):
        assert words in page


def test_every_public_url_is_in_the_table():
    assert {pattern.name for pattern in urlpatterns} == set(URLS)


@pytest.mark.parametrize("name", URLS)
def test_reads_only_its_tables(name, client, claim):
    address, allowed = URLS[name]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code in {200, 302}
    read = {table for query in queries for table in re.findall(r'"((?:factcheck|django|auth)_\w+)"', query["sql"])}
    read = {table for table in read if table in connection.introspection.table_names()}
    assert read <= allowed


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_reading(address, claim):
    client = Client(enforce_csrf_checks=True)
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(address).status_code == 405 or (address == REPORT and method == client.post)


@pytest.mark.parametrize("address", [*ADDRESSES, "/no/such/page/", "/admin/login/"])
def test_headers(address, client, claim):
    response = client.get(address)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    framed = address.startswith("/embed/")
    assert ("frame-ancestors *" if framed else "frame-ancestors 'none'") in policy
    assert response.headers.get("X-Frame-Options") == (None if framed else "DENY")
    assert response["X-Content-Type-Options"] == "nosniff"
    if address != "/admin/login/":
        assert not response.cookies


@pytest.mark.parametrize("address", PAGES)
def test_no_inline_script_or_style(address, client, claim):
    page = client.get(address).content.decode()
    scripts = re.findall(r"<script(?![^>]*(?:application/ld\+json|src=./static/))[^>]*>", page)
    assert scripts == []
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)


def test_unknown_addresses(client, claim):
    for address in (
        "/claims/nobody/",
        f"{CLAIM}editions/2/",
        f"{CLAIM}editions/0/",
        "/stories/nobody/",
        "/ratings/x/",
        "/claims/nobody.json",
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert "There is no such page" in text_of(response)


IN_PARTS = [pattern.name for pattern in urlpatterns if "page/" in str(pattern.pattern)]


@pytest.mark.parametrize("name", IN_PARTS)
def test_odd_page_numbers(name, client, claim):
    address, _tables = URLS[name]
    assert client.get(address).status_code == 200
    for number in ("2", "1", "0", "-1", "x", "01", "9" * 20, "9" * 5_000, "٢", ""):
        assert client.get(f"{address}page/{number}/").status_code == 404, number


@pytest.mark.parametrize("number", ["01", "0" * 4_000 + "1", "1" * 5_000, "+1", "-1", "1.0", "١"])
def test_an_edition_has_one_address(number, client, claim):
    for address in ("{}/", "{}.csl.json", "{}.png"):
        assert client.get(f"{CLAIM}editions/" + address.format("1")).status_code == 200
        assert client.get(f"{CLAIM}editions/" + address.format(number)).status_code == 404


def test_pages_of_a_list(client, people, monkeypatch):
    monkeypatch.setattr("factcheck.public.views.PER_PAGE", 2)
    for number in range(5):
        publish(make_claim(f"claim-{number}", author=people.alice, label=f"Label {number}"))
    for address in ("/", "/ratings/true/"):
        pages = [address, f"{address}page/2/", f"{address}page/3/"]
        shown = [client.get(page).content.decode() for page in pages]
        assert [re.findall(r"· (Label \d)", page) for page in shown] == [
            ["Label 4", "Label 3"],
            ["Label 2", "Label 1"],
            ["Label 0"],
        ]
        links = [re.findall(r'<a rel="(\w+)" href="([^"]+)">', page) for page in shown]
        assert links == [[("next", pages[1])], [("prev", pages[0]), ("next", pages[2])], [("prev", pages[1])]]
        assert client.get(f"{address}page/4/").status_code == 404


def test_a_rating_that_only_old_editions_have_keeps_its_page(client, claim, people):
    second_edition(claim, people)
    page = text_of(client.get("/ratings/true/"))
    assert (
        "0 claims with this rating" in page and "No claim has this rating now" in page and "What we call True" in page
    )


CANARY = "CANARY-7f3a"


def test_drafts_are_invisible(client, claim, people):
    """A draft claim, and the draft of a next edition, leave no trace at any address."""
    make_claim(
        "canary",
        author=people.alice,
        label=CANARY,
        statement=CANARY,
        summary=CANARY,
        story=make_story("draft-story", title=CANARY),
    )
    review.reopen(claim, user=people.alice, reason=CANARY, kind="update")
    with writing(people.alice, CANARY):
        verdict = Verdict.objects.get(claim=claim)
        verdict.summary = verdict.explanation = verdict.edition_note = CANARY
        verdict.save()
        report = Report(claim=claim, source=make_source("canary", title=CANARY), is_undated=True, text_value=CANARY)
        report.save()
    hidden = [
        "/claims/canary/",
        "/claims/canary/editions/1/",
        "/claims/canary.json",
        "/stories/draft-story/",
    ]
    for visitor in (None, people.erin, None):
        if visitor:
            client.force_login(visitor)
        else:
            client.logout()
        for address in [*ADDRESSES, *hidden]:
            assert CANARY.encode() not in client.get(address).content, address
    assert client.get("/claims/canary/").status_code == 404


@pytest.mark.parametrize("logged_in", [False, True])
@pytest.mark.parametrize("many", [1, 50])
def test_query_budgets(many, logged_in, client, people):
    claim = make_claim(author=people.alice)
    source = make_source("source-1")
    for low in range(many):
        make_report(claim, source, low=low)
    publish(claim)
    for number in range(many - 1):
        publish(make_claim(f"claim-{number}", author=people.alice))
    if logged_in:
        client.force_login(people.erin)
    for address, budget in ((CLAIM, 4), (f"{CLAIM}editions/1/", 4), (STORY, 8), ("/", 8)):
        for most in (budget, 1):  # to render it, and when it is kept
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            assert len(queries) <= most, address


def test_two_editions(client, claim, people):
    second_edition(claim, people)
    page = text_of(client.get(CLAIM))
    assert "Our rating was “True” and is now “Outdated”." in page
    assert "When it was said ✓ True" in page and "By what is known now ↻ Outdated" in page
    assert "removed: Three added: Four" in page.replace("  ", " ")
    old = client.get(f"{CLAIM}editions/1/")
    assert "Edition 1 of 2. It stood from " in text_of(old)
    assert '<meta name="robots" content="noindex">' in old.content.decode()
    assert f'<link rel="canonical" href="http://testserver{CLAIM}">' in old.content.decode()
    assert markup_of(old) == []
    assert "True" in text_of(old) and "Four people died." not in text_of(old).split("What changed")[0]


def test_claim_review_agrees_with_the_page(client, claim, people):
    response = client.get(CLAIM)
    (markup,) = markup_of(response)
    page = text_of(response)
    assert markup["url"] == f"http://testserver{CLAIM}"
    for words in (
        markup["claimReviewed"],
        markup["reviewRating"]["alternateName"],
        markup["reviewRating"]["ratingExplanation"],
        markup["itemReviewed"]["author"]["name"],
    ):
        assert words in page
    assert (markup["reviewRating"]["ratingValue"], markup["reviewRating"]["bestRating"]) == (4, 4)
    second_edition(claim, people)
    (markup,) = markup_of(client.get(CLAIM))
    assert markup["reviewRating"]["alternateName"] == "Outdated"
    assert "ratingValue" not in markup["reviewRating"]
    assert markup["datePublished"] < markup["dateModified"] or markup["datePublished"] == markup["dateModified"]


def test_a_script_cannot_be_ended_from_a_claim(client, people):
    make_claim("evil", author=people.alice, statement="</script><script>alert(1)</script> “x” & y", summary="<b>&</b>")
    publish(Claim.objects.get(slug="evil"))
    response = client.get("/claims/evil/")
    assert "<script>alert" not in response.content.decode()
    (markup,) = markup_of(response)
    assert markup["claimReviewed"] == "</script><script>alert(1)</script> “x” & y"


@pytest.mark.parametrize(
    "explanation",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='javascript:alert(1)'>x</a>",
    ],
)
def test_explanations_are_sanitised(explanation, client, people):
    publish(make_claim(author=people.alice, explanation=explanation))
    page = client.get(CLAIM).content.decode()
    section = page[page.index('class="explanation"') : page.index('class="evidence"')]
    assert not re.search(r"<script|<img|<a [^>]*(javascript|data):", section)


def test_withdrawn(client, claim, people):
    review.withdraw(claim, user=people.erin, reason="It was another town.")
    response = client.get(CLAIM)
    assert response.status_code == 200
    page = text_of(response)
    assert page.index("It was another town.") < page.index("This page said:") < page.index("Three people died.")
    meta = shown_of_link(response)
    assert (meta["og:title"], meta["og:description"]) == (
        "Withdrawn: “Three people were killed.”",
        "It was another town.",
    )
    assert markup_of(response) == []
    assert "noindex" in response.content.decode()
    assert CLAIM not in client.get("/sitemaps/1.xml").content.decode()
    assert CLAIM not in client.get("/").content.decode()
    assert "It was another town." in text_of(client.get("/corrections/"))
    assert client.get("/claims/death-toll.json").json()["withdrawn"] is True
    assert "Death toll: “Three people were killed.” – Withdrawn." in page
    (reference,) = client.get(f"{CLAIM}editions/2.csl.json").json()
    assert reference["title"].endswith(" – Withdrawn") and reference["abstract"] == "It was another town."
    assert "<title>Withdrawn: Death toll." in client.get("/feeds/corrections.atom").content.decode()
    assert "removed: True → Withdrawn" in text_of(client.get("/corrections/"))
    for address in ("/corrections/", "/sources/source-1/", "/embed/claims/death-toll/"):
        assert "✓" not in text_of(client.get(address)), address
    assert 'class="finding withdrawn"' in client.get("/embed/claims/death-toll/").content.decode()
    assert client.get(f"{CLAIM}editions/1/").status_code == 200


def test_flagged(client, claim, people):
    assert client.get("/claims/death-toll.json").json()["being_rechecked"] is None
    review.flag(claim, user=people.erin, reason="A new figure came in.")
    assert "Being re-checked since" in text_of(client.get(CLAIM))
    assert "A new figure came in." in text_of(client.get(CLAIM))
    assert "being re-checked" in text_of(client.get(STORY))
    assert client.get("/claims/death-toll.json").json()["being_rechecked"]["reason"] == "A new figure came in."


@pytest.mark.parametrize("kind", ["typo", "reaffirmation"])
def test_a_correction_stays_on_top_when_a_typo_is_mended(kind, client, claim, people):
    second_edition(claim, people)
    publish(claim, kind=kind, note="We asked again.")
    for address in (CLAIM, f"{CLAIM}editions/3/"):
        page = text_of(client.get(address))
        assert "Our rating was “True” and is now “Outdated”." in page
    publish(claim, kind="clarification", note="We say who counted.")
    page = text_of(client.get(CLAIM))
    assert "We say who counted." in page and "Our rating was" not in page


def test_reconstructed_is_said(client, people):
    publish(make_claim(author=people.alice), is_reconstructed=True, published_at="2018-03-23T20:00:00Z")
    page = text_of(client.get(CLAIM))
    assert "This edition is reconstructed" in page
    assert "edition 1, 23 March 2018 (reconstructed)." in page
    assert "Reconstructed" in client.get(f"{CLAIM}editions/1.csl.json").json()[0]["note"]
    assert "· reconstructed" in text_of(client.get("/search/?q=three"))
    assert "23 March 2018, 20:00 UTC" in page


def test_json_can_be_verified(client, claim):
    data = client.get("/claims/death-toll.json").json()
    assert dossier.digest(dossier.canonical(data["dossier"])) == data["digest"]["value"] == Edition.objects.get().digest
    assert client.get("/claims/death-toll.json")["Access-Control-Allow-Origin"] == "*"


def test_feeds(client, claim, people):
    second_edition(claim, people)
    verdicts = client.get("/feeds/verdicts.atom").content.decode()
    assert "<id>http://testserver/claims/death-toll/editions/2/</id>" in verdicts
    assert "editions/1/" not in verdicts
    corrections = client.get("/feeds/corrections.atom").content.decode()
    assert "a fourth person died" in corrections
    assert "Our rating was “True” and is now “Outdated”." in corrections


def test_corrections(client, claim, people):
    assert "No page has been corrected so far." in text_of(client.get("/corrections/"))
    second_edition(claim, people)
    page = text_of(client.get("/corrections/"))
    assert "removed: True → ↻ Outdated" in page and "1 update No reader" in page
    publish(claim, kind="correction", note="“Outdated” was wrong.")
    review.withdraw(claim, user=people.erin, reason="It was another town.")
    assert "1 correction · 1 withdrawal · 1 update No reader" in text_of(client.get("/corrections/"))


def test_a_note_that_names_both_ratings_is_enough(client, claim, people):
    second_edition(claim, people, note="From “True” to “Outdated”: a fourth person died.")
    page = text_of(client.get(CLAIM))
    assert "From “True” to “Outdated”" in page and "Our rating was" not in page


def test_empty_newsroom(client):
    assert "Nothing is published yet" in text_of(client.get("/"))
    for address in ("/corrections/", "/ratings/", "/sitemap.xml", "/feeds/verdicts.atom", "/feeds/corrections.atom"):
        assert client.get(address).status_code == 200


def test_a_public_text_replaces_the_default(client, people):
    assert "four eyes" in text_of(client.get("/methodology/")).casefold()
    with writing():
        PublicText(slug="methodology", title="Our way", body="We *ask twice*.").save()
    page = text_of(client.get("/methodology/"))
    assert "Our way" in page and "ask twice" in page and "four eyes" not in page.casefold()


def test_a_renamed_rating_leaves_old_pages_as_they_were(client, claim, people):
    before = client.get(CLAIM).content
    with writing(people.erin):
        rating = Rating.objects.get(slug="true")
        rating.name = "Correct"
        rating.save()
    assert client.get(CLAIM).content == before


# What changed in an explanation, in the words that readers see.


def explained_anew(client, people, *explanations: str) -> str:
    """The difference that its page tells of, with removed and added words marked."""
    claim = make_claim(author=people.alice, explanation=explanations[0])
    publish(claim)
    for explanation in explanations[1:]:
        with writing():
            verdict = Verdict.objects.get(claim=claim)
            verdict.explanation = explanation
            verdict.save()
        publish(claim, kind="clarification", note="Put more clearly.")
    (told,) = re.findall(r"<dt>Explanation</dt><dd.*?>(.*?)</dd>", client.get(CLAIM).content.decode(), re.DOTALL)
    told = re.sub('<(del|ins)><span class="hidden">.*?</span>(.*?)</(?:del|ins)>', r"<\1>\2</\1>", told)
    return unescape(told)


def test_a_difference_has_the_words_and_not_the_marks(client, people):
    told = explained_anew(
        client, people, "## Who\n\nThe **prefect** said:\n- 3 dead", "## Who\n\nThe _prefect_ said:\n- 4 dead"
    )
    assert told == "Who\nThe prefect said:\n<del>3</del><ins>4</ins> dead"


def test_a_link_that_leads_elsewhere_is_seen(client, people):
    there, elsewhere = (
        "[The count](https://a.example/) of [three](https://b.example/)",
        "[The count](https://c.example/)",
    )
    told = explained_anew(client, people, there, f"{elsewhere} of [three](https://b.example/)")
    assert told == "The count (https://<del>a</del><ins>c</ins>.example/) of three"


def test_links_that_change_places_are_seen(client, people):
    one, other = "[a](https://one.example/)", "[a](https://other.example/)"
    told = explained_anew(client, people, f"{one} {other}", f"{other} {one}")
    assert told.startswith("a (https://<del>one</del><ins>other</ins>.example/) a (https://<del>other</del>")


def test_where_only_marks_changed_it_says_so(client, people):
    assert explained_anew(client, people, "The **count**.", "## The count.") == "Only the formatting changed."


# What others show of a link to a page.


def shown_of_link(response) -> dict[str, str]:
    found = re.findall(r'<meta (?:property|name)="([\w:]+)" content="(.*?)">', response.content.decode())
    return {name: unescape(content) for name, content in found}


def test_every_page_that_is_to_be_found_says_what_it_is(client, claim):
    titles = set()
    for address in PAGES:
        response = client.get(address)
        meta = shown_of_link(response)
        is_page = response.status_code == 200 and "html" in response["Content-Type"]
        if not is_page or meta.get("robots") == "noindex":
            continue
        assert "og:title" in meta, address
        titles.add(meta["og:title"])
        assert meta["og:description"] == meta["description"] and meta["description"], address
        assert meta["og:url"] == f"http://testserver{address}"
        if address != "/":
            assert meta["og:title"] not in {"", "testserver", "Factcheck"}, address
    assert {"Corrections", "Ratings", "Archive", "Sources", "How we work", "Flood on the Aude", "Factcheck"} <= titles
    assert len(titles) >= 12


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ""),
        ("One. Two!  Three?", "One. Two! Three?"),
        (f"One. {'x' * 150}. {'y' * 20}.", f"One. {'x' * 150}."),
        ("word " * 40, "word " * 30 + "word…"),
        ("字" * 200, "字" * 159 + "…"),
    ],
)
def test_the_opening_of_a_text(words, expected):
    assert listing.opening(words) == expected and len(expected) <= 160


def test_a_text_is_described_by_its_first_sentences(client, people):
    address = "/methodology/"
    assert shown_of_link(client.get(address))["description"].startswith("A fact is something that changes: a story")
    with writing(people.erin):
        body = f"# Our method\n\nWe **check** & [ask](https://example.org/).\n\nThen we wait. {'Long ' * 40}"
        PublicText(slug="methodology", title="How we work", body=body).save()
    assert shown_of_link(client.get(address))["description"] == "We check & ask. Then we wait."


def test_a_long_difference_has_only_the_words_around_each_change(client, people):
    many, before, after = (" ".join(f"{name}{number}" for number in range(60)) for name in ("b", "a", "c"))
    told = explained_anew(client, people, f"{before} three {many} dead {after}", f"{before} four {many} hurt {after}")
    assert told.startswith("… a49 ") and " a59 <del>three</del><ins>four</ins> b0 " in told
    assert " b10 … b49 " in told and "b11" not in told and told.endswith(" c10 …")
