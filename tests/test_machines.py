"""What programs and other sites get: sitemaps, a story's feed, citations, cards in frames."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest

from factcheck.desk import review
from factcheck.models import Claim

from .newsroom import make_claim, make_story, publish
from .pages import PUBLIC, tell_the_story
from .test_public import CLAIM, STORY, second_edition, text_of

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
EMBED = "/embed/claims/death-toll/"


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    return claim


def locations(client, address: str) -> list[str]:
    root = ElementTree.fromstring(client.get(address).content)
    return [found.text.removeprefix(SITE) for found in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


# Sitemaps.


def test_sitemap(client, claim):
    assert locations(client, "/sitemap.xml") == ["/sitemaps/1.xml"]
    found = locations(client, "/sitemaps/1.xml")
    assert len(found) == len(set(found)) and {"/", CLAIM, STORY, "/ratings/", "/about/"} <= set(found)
    assert not any("editions" in address or "embed" in address for address in found)
    for address in found:
        assert client.get(address).status_code == 200


def test_sitemap_in_parts(client, claim, people, monkeypatch):
    monkeypatch.setattr("factcheck.public.sitemaps.KEYS_A_PART", 2)
    for number in range(4):
        publish(make_claim(f"claim-{number}", author=people.alice, story=make_story(f"story-{number % 2}")))
    second_edition(claim, people)
    parts = locations(client, "/sitemap.xml")
    assert len(parts) >= 3
    found = [address for part in parts for address in locations(client, part)]
    assert len(found) == len(set(found))
    claims = {CLAIM, *(f"/claims/claim-{number}/" for number in range(4))}
    assert {*claims, STORY, "/stories/story-0/", "/stories/story-1/", "/"} <= set(found)
    for number in ("0", "01", str(len(parts) + 1)):
        assert client.get(f"/sitemaps/{number}.xml").status_code == 404


# A story's feed.


def test_a_story_has_its_feed(client, claim, people):
    publish(make_claim("elsewhere", author=people.alice, story=make_story("elsewhere")))
    publish(make_claim("second", author=people.alice))
    feed = client.get(f"{STORY}feed.atom").content.decode()
    assert "<title>Factcheck: Flood on the Aude</title>" in feed
    assert re.findall(r"<id>http://testserver/claims/([\w-]+)/", feed) == ["second", "death-toll"]
    assert f'href="{STORY}feed.atom"' in client.get(STORY).content.decode()
    review.withdraw(Claim.objects.get(slug="second"), user=people.erin, reason="It was another town.")
    assert "/claims/second/" not in client.get(f"{STORY}feed.atom").content.decode()
    assert client.get("/stories/nobody/feed.atom").status_code == 404


# Citations.


def test_cite_this_edition(client, claim, people):
    second_edition(claim, people)
    page = text_of(client.get(f"{CLAIM}editions/1/"))
    line = r"Alice Martin, Death toll: “Three people were killed\.” – True\. Factcheck, edition 1, \d+ \w+ \d{4}\. "
    assert re.search(line + re.escape(f"{SITE}{CLAIM}editions/1/"), page)
    assert f'href="{CLAIM}editions/1.csl.json"' in client.get(f"{CLAIM}editions/1/").content.decode()
    assert f'href="{CLAIM}editions/2.csl.json"' in client.get(CLAIM).content.decode()


def test_csl_json(client, claim):
    answer = client.get(f"{CLAIM}editions/1.csl.json")
    (item,) = json.loads(answer.content)
    assert answer["Access-Control-Allow-Origin"] == "*"
    (date,) = item.pop("issued")["date-parts"]
    assert [type(part) for part in date] == [int, int, int]
    assert item == {
        "id": "death-toll-1",
        "type": "webpage",
        "title": "Death toll: “Three people were killed.” – True",
        "author": [{"literal": "Alice Martin"}],
        "container-title": "Factcheck",
        "publisher": "Factcheck",
        "version": "1",
        "abstract": "Three people died.",
        "language": "en-gb",
        "URL": f"{SITE}{CLAIM}editions/1/",
    }
    for address in (f"{CLAIM}editions/2.csl.json", f"{CLAIM}editions/0.csl.json", "/claims/nobody/editions/1.csl.json"):
        assert client.get(address).status_code == 404


# Cards on other sites.


def test_a_card(client, claim, people):
    page = client.get(EMBED)
    for words in ("“Three people were killed.”", "✓ True", "Three people died.", "Factcheck"):
        assert words in text_of(page)
    links = re.findall(r"<a [^>]+>", page.content.decode())
    assert links and all(f'href="{SITE}{CLAIM}" target="_top"' in link for link in links)
    assert '<meta name="robots" content="noindex">' in page.content.decode() and "<script" not in page.content.decode()
    review.flag(claim, user=people.erin, reason="A new figure came in.")
    assert "Being re-checked since" in text_of(client.get(EMBED))
    second_edition(claim, people)
    assert "↻ Outdated Four people died." in text_of(client.get(EMBED))
    review.withdraw(Claim.objects.get(), user=people.erin, reason="It was another town.")
    page = text_of(client.get(EMBED))
    assert "Withdrawn It was another town." in page and "Four people died." not in page and "Outdated" not in page


def test_only_a_card_can_be_framed(client, claim):
    card = client.get(EMBED)
    for answer in (card, client.get(EMBED, headers={"If-None-Match": card["ETag"]})):
        assert "frame-ancestors *" in answer["Content-Security-Policy"] and "X-Frame-Options" not in answer
    for address in (CLAIM, "/", "/embed/claims/nobody/", "/admin/login/"):
        answer = client.get(address)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"] and answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", [CLAIM, f"{CLAIM}editions/1/", f"{CLAIM}?utm_source=x#evidence"])
def test_oembed(path, client, claim):
    answer = client.get("/oembed.json", {"url": SITE + path, "format": "json"})
    data = answer.json()
    assert (data["version"], data["type"], data["width"], data["height"]) == ("1.0", "rich", 560, 260)
    assert data["title"] == "True: Death toll. “Three people were killed.”"
    assert f'src="{SITE}{EMBED}"' in data["html"]
    assert answer["Cache-Control"] == "public, max-age=60" and answer["Access-Control-Allow-Origin"] == "*"


def test_oembed_is_found_on_the_page(client, claim):
    page = client.get(CLAIM).content.decode()
    (address,) = re.findall(
        r'<link rel="alternate" type="application/json\+oembed"[^>]* href="http://testserver([^"]+)"', page
    )
    assert client.get(address).json()["type"] == "rich"


@pytest.mark.parametrize(
    ("asked", "side"),
    [("300", 300), ("9999", 560), ("1", 200), ("0", 200), ("-5", 560), ("x", 560), ("9" * 99, 560), ("²", 560)],
)
def test_oembed_keeps_to_the_width_that_it_is_given(asked, side, client, claim):
    data = client.get("/oembed.json", {"url": SITE + CLAIM, "maxwidth": asked}).json()
    assert data["width"] == side and f'width="{side}"' in data["html"]
    assert data["height"] == (260 if side >= 480 else 380)


def test_its_frame_stands_on_the_page_to_be_copied(client, claim):
    (code,) = re.findall("<code>(&lt;iframe .*?)</code>", client.get(CLAIM).content.decode())
    assert unescape(code) == client.get("/oembed.json", {"url": SITE + CLAIM}).json()["html"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://[",
        f"https://elsewhere.example{CLAIM}",
        f"{SITE}/",
        f"{SITE}/claims/nobody/",
        f"{SITE}/admin/",
        f"javascript://testserver{CLAIM}",
        f"{SITE}/no/such\0/",
    ],
)
def test_oembed_knows_only_verdicts(url, client, claim):
    assert client.get("/oembed.json", {"url": url}).status_code == 404


def test_oembed_has_no_xml(client, claim):
    assert client.get("/oembed.json", {"url": SITE + CLAIM, "format": "xml"}).status_code == 501


def test_a_card_cannot_be_broken_out_of(client, people):
    publish(make_claim("evil", author=people.alice, statement='"><script>alert(1)</script>', summary="<b>&</b>"))
    frame = client.get("/oembed.json", {"url": f"{SITE}/claims/evil/"}).json()["html"]
    assert "<script" not in frame and frame.count('"') == 12
    assert "<script" not in client.get("/embed/claims/evil/").content.decode()


def test_open_graph(client, claim):
    page = client.get(CLAIM).content.decode()
    found = dict(re.findall(r'<meta (?:property|name)="((?:og|article|twitter):[^"]+)" content="([^"]*)">', page))
    assert found["og:title"] == "True: “Three people were killed.”" and found["og:url"] == SITE + CLAIM
    assert found["og:type"] == "article" and found["twitter:card"] == "summary_large_image"
    assert found["article:published_time"] <= found["article:modified_time"]
    story = client.get(STORY).content.decode()
    assert '<meta property="og:title" content="Flood on the Aude">' in story


@pytest.mark.slow
def test_each_page_to_be_found_describes_itself(client):
    tell_the_story()
    described: dict[str, str] = {}
    for path in PUBLIC:
        page = client.get(path).content.decode()
        if "noindex" in page or "og:site_name" not in page:
            continue
        (description,) = re.findall(r'<meta name="description" content="([^"]+)">', page)
        assert page.count(f'<meta property="og:url" content="{SITE}') == 1, path
        assert described.setdefault(description, path) == path
    assert {"/", "/archive/", "/ratings/outdated/", "/about/", "/claims/death-toll/"} <= set(described.values())
