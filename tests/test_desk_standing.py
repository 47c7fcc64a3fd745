"""A published claim that is no longer as its page, at the desk: told, and answered in one click."""

import pytest
from django.test import Client

from factcheck.desk import review
from factcheck.models import Claim, Edition, EditionKind, Flag, Standing, State, User, Verdict

from .newsroom import make_claim, make_report, make_source, publish, writing
from .test_desk import at_desk, change_url, move_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(people):
    """A third paper reports four dead since it was published."""
    claim = make_claim(author=people.alice)
    publish(claim)
    make_report(claim, make_source("source-3"), low=4)
    return Claim.objects.get(pk=claim.pk)


def shown(client: Client, claim: Claim) -> str:
    return " ".join(client.get(change_url(claim)).content.decode().split())


def test_the_page_says_since_when_by_whom_and_how(claim, people):
    page = shown(at_desk(people.alice), claim)
    since = Standing.objects.get().changeset
    assert "No longer as edition 1 says" in page
    assert f'<a href="/admin/factcheck/changeset/{since.pk}/change/">' in page
    assert "by Alice Martin: Set the scene" in page
    assert "<b>Report 3 (Paper source-3)</b>" in page
    assert "4 (supports, current, dispute)</ins>" in page


@pytest.mark.parametrize(
    ("person", "answers", "flags"),
    [("alice", True, False), ("bob", True, False), ("erin", True, True), ("victor", False, False)],
)
def test_each_is_offered_what_they_may_do(person, answers, flags, claim, people):
    page = shown(at_desk(getattr(people, person)), claim)
    assert "No longer as edition 1 says" in page
    assert [f'name="kind" value="{kind}"' in page for kind in ("reaffirmation", "update", "correction")] == [
        answers
    ] * 3
    assert ("Meanwhile, tell readers" in page) == flags


@pytest.mark.parametrize("kind", ["reaffirmation", "update", "correction"])
def test_one_click_starts_the_next_edition(kind, claim, people):
    client = at_desk(people.alice)
    sent = {"opened": claim.revision, "reason": Standing.objects.get().in_words()[0], "kind": kind}
    assert f'value="{sent["reason"]}"' in shown(client, claim), "the reason is proposed"
    assert client.post(move_url(claim, "reopen"), sent).status_code == 302
    assert Claim.objects.get().state == State.DRAFT
    assert Verdict.objects.get().edition_kind == kind
    page = shown(client, claim)
    assert "No longer as edition 1 says" in page, "readers see that edition until the next one"
    assert "Start the next edition because" not in page


def test_one_click_flags(claim, people):
    client = at_desk(people.erin)
    sent = {"opened": claim.revision, "reason": "New information is being checked."}
    assert client.post(move_url(claim, "flag"), sent).status_code == 302
    assert Flag.objects.get().reason == "New information is being checked."
    assert "Meanwhile, tell readers" not in shown(client, claim)


def test_it_ends_with_the_next_edition(claim, people):
    review.reopen(claim, user=people.alice, reason="A fourth victim", kind=EditionKind.UPDATE)
    with writing(people.alice):
        verdict = Verdict.objects.get()
        verdict.edition_note = "Another paper says four."
        verdict.save()
    for verb, person in {"submit": people.alice, "approve": people.bob, "publish": people.erin}.items():
        review.VERBS[verb](claim, user=person, reason="As it should be")
    assert Edition.objects.count() == 2
    assert "No longer as" not in shown(at_desk(people.erin), claim)


def test_a_withdrawn_page_asks_for_nothing(claim, people):
    review.withdraw(claim, user=people.erin, reason="It was another town.")
    assert "No longer as" not in shown(at_desk(people.erin), claim)


def test_a_second_account_is_told_to_the_reviewer_and_to_who_publishes(people):
    claim = make_claim(author=people.alice)
    review.submit(claim, user=people.alice, reason="Ready")
    people.bob.first_name, people.bob.last_name = "Alice", "Martin"
    people.bob.save()
    said = "“alice”, who wrote this, and “bob” have the same name: are they two people?"
    assert said in shown(at_desk(people.bob), claim)
    assert said not in shown(at_desk(people.erin), claim)
    review.approve(claim, user=User.objects.get(username="bob"), reason="Good")
    assert said in shown(at_desk(people.erin), claim), "it is bob's yes that is published"
    review.publish(claim, user=people.erin, reason="Out")
    assert said not in shown(at_desk(people.erin), claim)
