"""The desk by its keys alone: what has the focus can be seen, and whoever is refused stands where to go on."""

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from factcheck.models import Source

from ..newsroom import make_claim, make_people
from .conftest import Open
from .test_story import claim_url

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

STOP = """() => {
  const element = document.activeElement, { left, top, width, height } = element.getBoundingClientRect();
  const above = document.elementFromPoint(Math.max(left + width / 2, 0), top + height / 2);
  return {
    name: element.name || element.id || element.innerText.trim() || element.tagName,
    isEnd: element === document.body,
    isSeen: Boolean(above) && (element.contains(above) || above.contains(element)) && left + width <= innerWidth,
    isMarked: element.matches(":focus-within") && getComputedStyle(element).outlineStyle !== "none",
  };
}"""


def submit(page: "Page", button: str) -> None:
    with page.expect_navigation():
        page.click(button)


def focused(page: "Page") -> str:
    return page.evaluate(STOP)["name"]


@pytest.mark.parametrize("width", [1280, 390])
def test_what_has_the_focus_is_seen_and_marked(open_page: Open, width: int) -> None:
    people = make_people()
    make_claim(author=people.alice)
    source = Source.objects.first()
    alice = open_page("alice", width=width)
    for url in (claim_url(), reverse("admin:captures", args=[source.pk])):
        alice.goto(url)
        alice.evaluate("document.querySelectorAll('details.report').forEach(report => { report.open = true; })")
        stops = []
        while not stops or not (stops[-1]["isEnd"] or len(stops) > 150):
            alice.keyboard.press("Tab")
            stops.append(alice.evaluate(STOP))
        assert 20 < len(stops) < 150
        hidden = [stop["name"] for stop in stops[:-1] if not (stop["isSeen"] and stop["isMarked"])]
        assert hidden == [], url


def test_the_way_past_the_header(open_page: Open) -> None:
    make_claim(author=make_people().alice)
    alice = open_page("alice")
    alice.keyboard.press("Tab")
    assert focused(alice) == "Skip to main content"
    alice.keyboard.press("Enter")
    alice.keyboard.press("Tab")
    assert alice.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_whoever_is_refused_stands_at_the_first_error(open_page: Open) -> None:
    people = make_people()
    make_claim(author=people.alice)
    alice, source = open_page("alice"), Source.objects.first()
    alice.goto(claim_url())
    alice.locator("details.report").nth(1).evaluate("report => report.open = true")
    alice.fill("[name=reports-1-low]", "1,20")
    alice.fill("#id_reason", "")
    submit(alice, "[name=_save]")
    assert alice.title().startswith("Error:") and focused(alice) == "reports-1-low"
    alice.goto(reverse("admin:factcheck_claim_add"))
    alice.fill("[name=label]", "Injured")
    submit(alice, "[name=_save]")
    assert alice.evaluate("document.activeElement.getAttribute('aria-labelledby')") == "select2-id_story-container"
    alice.goto(reverse("admin:factcheck_source_change", args=[source.pk]))
    alice.fill("[name=accessed_at_0]", "2999-01-01")
    submit(alice, "[name=_save]")
    assert focused(alice) == "accessed_at_0"
    alice.goto(reverse("admin:factcheck_source_retract", args=[source.pk]))
    submit(alice, "#retract_form [type=submit]")
    assert focused(alice) == "reason"


def test_whoever_adds_a_report_goes_on_in_it(open_page: Open) -> None:
    make_claim(author=make_people().alice)
    alice = open_page("alice")
    alice.goto(claim_url())
    alice.get_by_role("button", name="Add another Report").or_(
        alice.get_by_role("link", name="Add another Report")
    ).focus()
    alice.keyboard.press("Enter")
    alice.keyboard.press("Tab")
    assert alice.evaluate("document.activeElement.closest('.inline-related').id") == "reports-2"
