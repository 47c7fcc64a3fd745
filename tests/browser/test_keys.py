"""The keys of a claim's page, as the page names them."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from factcheck.models import Claim, State

from ..newsroom import make_claim, make_people, publish, writing
from .conftest import Open
from .test_story import claim_url, state

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def press(page: "Page", keys: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(keys)


def test_save_submit_approve_and_go_on(open_page: Open) -> None:
    people = make_people()
    make_claim(author=people.alice)
    alice, bob = open_page("alice"), open_page("bob")

    alice.goto(claim_url())
    alice.fill("[name=statement]", "Four people were killed.")
    press(alice, "Control+s")
    assert Claim.objects.get().statement == "Four people were killed."
    press(alice, "Control+Enter")
    assert state() == State.IN_REVIEW

    bob.goto(claim_url())
    bob.locator("#move-reason").focus()
    bob.keyboard.press("Alt+n")
    assert bob.url.endswith(claim_url()), "whoever types goes nowhere"
    press(bob, "Control+Enter")
    assert state() == State.APPROVED
    bob.goto(claim_url())
    press(bob, "Alt+n")
    assert not bob.url.endswith(claim_url())


@pytest.mark.parametrize("is_sure", [True, False])
def test_a_move_asks_before_it_leaves_what_was_typed(open_page: Open, is_sure: bool) -> None:
    people = make_people()
    make_claim(author=people.alice)
    alice, asked = open_page("alice"), []

    def answer(dialog: object) -> None:
        asked.append(dialog.message)
        dialog.accept() if is_sure else dialog.dismiss()

    alice.on("dialog", answer)
    alice.goto(claim_url())
    alice.fill("[name=statement]", "Four people were killed.")
    submit = alice.locator("#moves").get_by_role("button", name="Submit for review")
    with alice.expect_navigation() if is_sure else nullcontext():
        submit.click()
    assert len(asked) == 1
    assert state() == (State.IN_REVIEW if is_sure else State.DRAFT)
    if not is_sure:
        assert alice.input_value("[name=statement]") == "Four people were killed."


def test_every_way_out_asks_before_it_leaves_what_was_typed(open_page: Open) -> None:
    people = make_people()
    claim = make_claim(author=people.alice)
    publish(claim)
    with writing(people.bob):
        report = claim.reports.first()
        report.low = 4
        report.save()
    erin, asked = open_page("erin"), []
    erin.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    erin.goto(claim_url())
    erin.locator("details.report").first.evaluate("report => report.open = true")
    erin.fill("[name=reports-0-quote]", "There were four of them.")
    erin.locator(".stale").get_by_role("button", name="Correct").click()
    erin.locator(".add-report button").click()
    assert asked == ["confirm", "confirm"]
    erin.get_by_role("link", name="Preview").click()
    assert asked == ["confirm", "confirm", "beforeunload"]
    assert erin.input_value("[name=reports-0-quote]") == "There were four of them." and state() == State.PUBLISHED
    erin.fill("#id_reason", "A quote")
    press(erin, "Control+s")
    assert len(asked) == 3 and claim.reports.filter(quote="There were four of them.").exists()


def test_without_scripts_a_move_leaves_what_was_typed_where_it_is(open_page: Open) -> None:
    make_claim(author=make_people().alice)
    alice = open_page("alice", java_script_enabled=False)
    alice.goto(claim_url())
    alice.fill("[name=statement]", "Four people were killed.")
    with alice.expect_popup() as popup:
        alice.locator("#moves").get_by_role("button", name="Submit for review").click()
    popup.value.wait_for_load_state()
    assert state() == State.IN_REVIEW
    assert alice.input_value("[name=statement]") == "Four people were killed."
