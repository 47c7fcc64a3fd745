"""The picture of an edition: what it shows, where it is, and that pages do without it."""

import io
import re

import pytest
from PIL import Image

from factcheck.desk import review
from factcheck.models import Claim
from factcheck.page import card
from factcheck.page.signs import sign
from factcheck.public import addresses, software

from .newsroom import make_claim, publish
from .test_public import CLAIM, second_edition

pytestmark = pytest.mark.django_db

FIRST, SECOND = f"{CLAIM}editions/1.png", f"{CLAIM}editions/2.png"


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    return claim


def colours(content: bytes) -> set[tuple[int, ...]]:
    image = Image.open(io.BytesIO(content))
    assert image.size == (1200, 630)
    return {colour for _count, colour in image.convert("RGB").getcolors(1 << 16)}


def test_it_works(client, claim, people):
    answer = client.get(FIRST)
    assert answer["Content-Type"] == "image/png" and answer["ETag"]
    page = client.get(CLAIM).content.decode()
    assert f'<meta property="og:image" content="http://testserver{FIRST}">' in page
    assert 'content="True: “Three people were killed.”"' in page and 'content="summary_large_image"' in page
    thumbnail = client.get("/oembed.json", {"url": f"http://testserver{CLAIM}"}).json()
    assert thumbnail["thumbnail_url"] == f"http://testserver{FIRST}" and thumbnail["thumbnail_width"] == 1200
    second_edition(claim, people)
    assert f"http://testserver{SECOND}" in client.get(CLAIM).content.decode()
    assert client.get(FIRST).content == answer.content != client.get(SECOND).content
    assert {FIRST, SECOND} <= set(addresses.every())
    assert client.get(f"{CLAIM}editions/3.png").status_code == 404


def test_a_withdrawn_page_says_so(client, claim, people):
    review.withdraw(claim, user=people.erin, reason="It was another town.")
    green, grey = (0x1D, 0x62, 0x36), (0x5D, 0x57, 0x4D)
    assert green in colours(client.get(FIRST).content)
    found = colours(client.get(SECOND).content)
    assert grey in found and green not in found
    assert 'content="Withdrawn: “' in client.get(CLAIM).content.decode()


def test_without_what_draws_it(client, claim, monkeypatch):
    before = software.read()
    monkeypatch.setattr(card, "is_possible", lambda: False)
    assert client.get(FIRST).status_code == 404
    page = client.get(f"{CLAIM}editions/1/").content.decode()
    assert "og:image" not in page and 'name="twitter:card" content="summary"' in page
    assert "thumbnail_url" not in client.get("/oembed.json", {"url": f"http://testserver{CLAIM}"}).json()
    assert not any(address.endswith(".png") for address in addresses.every())
    assert software.read() != before


def test_only_what_the_font_can_write():
    of = card.font("Semibold", 48)
    for text in ("Trèbes, « avéré »: 4 % …", "Погибли", "Έλληνες"):
        assert card.can_write(of, text)
    for text in ("قتل ثلاثة", "三人死亡", "Killed 😀"):
        assert not card.can_write(of, text)


def test_a_statement_that_cannot_be_written_is_left_out(people):
    def drawn(slug: str, statement: str) -> bytes:
        return card.picture(publish(make_claim(slug, author=people.alice, statement=statement)))

    arabic, chinese, latin = drawn("a", "قتل ثلاثة"), drawn("b", "三人死亡"), drawn("c", "Three")
    assert arabic == chinese != latin


@pytest.mark.parametrize("words", ["Three people were killed. " * 30, "A" * 900])
def test_what_is_too_long_is_cut(words):
    of = card.font("Semibold", 48)
    assert all(of.getlength(line) <= 400 for line in card.wrapped(words, of, 400))
    assert "".join(card.wrapped(words, of, 400)).replace(" ", "") == words.replace(" ", "")
    kept = card.cut(words, of, 400)
    assert of.getlength(kept) <= 400 and re.search(r"\w…$", kept)


def test_drafts_have_none(client, people):
    make_claim(author=people.alice)
    assert Claim.objects.exists() and client.get(FIRST).status_code == 404


@pytest.mark.parametrize("mark", card.COLOURS)
def test_a_sign_keeps_to_the_ramp_of_its_colour(mark):
    assert sign(mark, 84, card.MARKS + card.FULL, card.MARKS).getextrema() == (card.MARKS, card.MARKS + card.FULL)
