"""A reader comes back to a story: what changed meanwhile, in a browser that remembers and in one that cannot."""

import pytest

from ..newsroom import make_claim, make_people, publish
from .conftest import Open

pytestmark = pytest.mark.browser

STORY = "/stories/flood/"


def test_what_changed_since_the_last_visit(open_page: Open) -> None:
    people = make_people()
    toll = make_claim(author=people.alice)
    publish(toll, published_at="2026-03-13T20:00:00Z")
    page, plain = open_page(), open_page(java_script_enabled=False)
    page.goto(STORY), plain.goto(STORY)
    assert not page.locator("#news").is_visible()
    publish(toll, kind="update", note="A fourth person died.", published_at="2026-03-13T22:00:00Z")
    publish(make_claim("injured", author=people.alice, label="Injured"), published_at="2026-03-13T22:00:00Z")
    later = page.context.new_page()  # another visit
    later.goto(STORY)
    assert later.inner_text("#news") == "Changes since your last visit: 2"
    later.reload()
    assert later.locator("#news").is_visible()
    later.click("#news a")
    assert later.url.endswith(f"{STORY}since/2026-03-13T20:00Z/")
    assert "A fourth person died." in later.inner_text("main") and "Injured" in later.inner_text("main")
    assert page.context.cookies() == []
    again = page.context.new_page()
    again.goto(STORY)
    assert not again.locator("#news").is_visible()

    plain.goto(STORY)
    assert not plain.locator("#news").is_visible()
    plain.click("text=This story at an earlier time")
    plain.click(".moments >> text=20:00")
    plain.click("text=What changed since")
    assert "A fourth person died." in plain.inner_text("main")
    plain.click("text=All changes")
    assert "A fourth person died." in plain.inner_text("main")
