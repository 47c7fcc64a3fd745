"""One claim from its first draft to its first correction, by the people who make it, in their browsers."""

from typing import TYPE_CHECKING

import pytest

from factcheck.models import Claim, Edition, Flag, State

from ..newsroom import make_people, make_rating, make_source, make_story
from .conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WITHOUT_SCRIPTS = pytest.param({"java_script_enabled": False}, id="without JavaScript")


def claim_url() -> str:
    return f"/admin/factcheck/claim/{Claim.objects.get().pk}/change/"


def choose(page: "Page", name: str, label: str) -> None:
    """In a list to choose from, or in the search that JavaScript makes of it."""
    if page.locator(f"select[name='{name}'].select2-hidden-accessible").count():
        page.locator(f"select[name='{name}'] + .select2").click()
        page.locator(".select2-search__field").fill(label)
        page.locator(".select2-results__option", has_text=label).first.click()
    else:
        page.select_option(f"[name='{name}']", label=label)


def fill(page: "Page", values: dict[str, str]) -> None:
    for name, value in values.items():
        page.fill(f"[name='{name}']", value)


def fill_report(page: "Page", prefix: str, source: str, low: str, time: str) -> None:
    choose(page, f"{prefix}source", source)
    fill(page, {f"{prefix}reported_at_0": "2026-03-13", f"{prefix}reported_at_1": time, f"{prefix}low": low})
    page.select_option(f"[name='{prefix}qualifier']", "exactly")


def save(page: "Page", reason: str) -> None:
    page.fill("#id_reason", reason)
    page.click("[name=_continue]")
    assert page.locator(".errornote").count() == 0, page.locator(".errornote, .errorlist").all_inner_texts()


def press(page: "Page", label: str) -> None:
    """Without scripts the answer comes in another window, and this one stays as it is."""
    button = page.locator("#moves").get_by_role("button", name=label, exact=True)
    if page.locator("#moves form[target]").count() == 0:
        button.click()
        page.wait_for_load_state()
        return
    with page.expect_popup() as answered:
        button.click()
    answered.value.wait_for_load_state()
    answered.value.close()
    page.goto(claim_url())


def move(page: "Page", label: str, reason: str) -> None:
    page.goto(claim_url())
    page.fill("#move-reason", reason)
    press(page, label)


def state() -> str:
    return Claim.objects.get().state


@pytest.mark.parametrize("options", [pytest.param({}, id="with JavaScript"), WITHOUT_SCRIPTS])
def test_from_draft_to_correction(open_page: Open, options: dict) -> None:
    make_people(), make_story(), make_rating("true"), make_rating("false"), make_rating("outdated")
    make_source("a"), make_source("b"), make_source("c")
    alice, bob, erin = (open_page(name, **options) for name in ("alice", "bob", "erin"))

    draft(alice)
    move(alice, "Submit for review", "Ready")
    assert state() == State.IN_REVIEW

    move(bob, "Return to author", "Who is the second source?")
    assert state() == State.DRAFT
    alice.goto("/admin/")
    assert "Who is the second source?" in alice.content()

    add_report(alice, 1, "What b wrote", "3", "21:00", "A second source")
    move(alice, "Submit for review", "With a second source")
    move(bob, "Approve", "Read both")
    assert state() == State.APPROVED
    move(erin, "Publish", "Go")
    assert state() == State.PUBLISHED

    add_report(alice, 2, "What c wrote", "4", "23:00", "A fourth death")
    erin.goto("/admin/")
    recheck = erin.locator("section", has=erin.get_by_role("heading", name="re-check")).first
    assert "Death toll" in recheck.inner_text()

    move(erin, "Flag as being re-checked", "A fourth death is reported")
    assert Flag.objects.get().reason == "A fourth death is reported"
    reader = open_page(**options)
    reader.goto("/claims/death-toll/")
    assert "A fourth death is reported" in reader.inner_text("main")

    correct(erin)
    move(bob, "Approve", "Read the correction")
    move(erin, "Publish", "Corrected")
    assert [edition.kind for edition in Edition.objects.order_by("number")] == ["first", "correction"]
    reader.goto("/claims/death-toll/")
    text = reader.inner_text("main")
    assert "False" in text and "was True" in text and "being re-checked" not in text
    reader.goto("/corrections/")
    assert "Death toll" in reader.inner_text("main")


def draft(page: "Page") -> None:
    page.goto("/admin/factcheck/claim/add/")
    choose(page, "story", "Flood on the Aude")
    page.fill("[name=label]", "Death toll")
    page.locator("[name=label]").blur()  # a script proposes the short name
    fill(page, {"slug": "death-toll", "statement": "Three people were killed."})
    fill(page, {"claimant": "The prefect", "made_at_0": "2026-03-13", "made_at_1": "19:30"})
    choose(page, "verdict-0-rating", "True")
    fill(page, {"verdict-0-summary": "Three people died.", "verdict-0-explanation": "The prefecture's own count."})
    fill_report(page, "reports-0-", "What a wrote", "3", "20:00")
    save(page, "A first draft")
    assert state() == State.DRAFT


def add_report(page: "Page", number: int, source: str, low: str, time: str, reason: str) -> None:
    """In the form of the claim, where a script makes room for one more; else on a page of its own."""
    page.goto(claim_url())
    prefix = f"reports-{number}-"
    if (add := page.locator("#reports-group .add-row a")).count():
        add.click()
    else:
        page.locator(".add-report").get_by_role("button").click()
        prefix = ""
    fill_report(page, prefix, source, low, time)
    save(page, reason)


def correct(page: "Page") -> None:
    page.goto(claim_url())
    page.select_option("#move-kind", "correction")
    page.fill("#move-reason", "The toll was wrong")
    press(page, "Start the next edition")
    page.goto(claim_url())
    choose(page, "verdict-0-rating", "False")
    note = "The rating was True; a fourth death was reported later that evening."
    fill(page, {"verdict-0-summary": "Four people died.", "verdict-0-edition_note": note})
    save(page, "What is known now")
    move(page, "Submit for review", "The correction")
