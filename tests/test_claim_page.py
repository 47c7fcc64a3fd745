"""Everything about one claim on one screen: as readers would see it, the moves, and what waits next."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from factcheck.desk import review
from factcheck.models import Claim, Source, Verdict

from .newsroom import make_claim, make_rating, make_report, make_source, make_story, publish, writing
from .test_desk import at_desk, change_url, move_url, token

pytestmark = pytest.mark.django_db


def next_url(claim: Claim) -> str:
    return reverse("admin:factcheck_claim_next", args=[claim.pk])


def test_it_shows_what_readers_would_see(people, claim):
    with writing(people.alice):
        verdict = Verdict.objects.get()
        verdict.rating_then = make_rating("false")
        verdict.save()
    page = at_desk(people.bob).get(change_url(claim)).content.decode()
    for words in ("As readers would see it now", claim.statement, "When it was said: False", "What we checked"):
        assert words in page
    bare = make_claim("bare", author=people.alice, rating=None, summary="", explanation="")
    page = at_desk(people.bob).get(change_url(bare)).content.decode()
    assert "no rating yet" in page and "no summary yet" in page and "no explanation yet" in page


def test_moves_and_keys_are_for_those_who_may(people, claim):
    review.submit(claim, user=people.alice, reason="Ready")
    page = at_desk(people.bob).get(change_url(claim)).content.decode()
    assert move_url(claim, "approve") in page and 'data-key="Enter"' in page and next_url(claim) in page
    assert "<kbd>Ctrl</kbd>" in page and "factcheck/desk.js" in page
    page = at_desk(people.victor).get(change_url(claim)).content.decode()
    assert move_url(claim, "approve") not in page and next_url(claim) not in page and "<kbd>" not in page


def test_what_readers_get_has_no_key(people, claim):
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Read")
    page = at_desk(people.erin).get(change_url(claim)).content.decode()
    assert move_url(claim, "publish") in page and 'data-key="Enter"' not in page


def test_a_move_says_what_waits_next(people, claim):
    second = make_claim("second", author=people.alice)
    for each in (claim, second):
        review.submit(each, user=people.alice, reason="Ready")
    bob = at_desk(people.bob)
    answer = bob.post(move_url(claim, "approve"), token(bob, claim), follow=True)
    assert f'<a href="{next_url(claim)}">' in answer.content.decode()
    assert bob.get(next_url(claim)).url == change_url(second)


def test_nothing_waits_leads_to_the_desk(people, claim):
    for user in (people.bob, people.victor):
        answer = at_desk(user).get(next_url(claim), follow=True)
        assert answer.redirect_chain[0][0] == reverse("admin:index")
        assert "Nothing else waits for you." in answer.content.decode()
    assert at_desk(people.bob).post(next_url(claim)).status_code == 405


def test_a_day_is_never_shown_as_an_hour(people):
    claim = make_claim(made_precision="day", made_at="2026-03-13")
    make_report(
        claim, make_source("third"), reported_precision="day", reported_at="2026-03-13", true_as_of="2026-03-13T18:00Z"
    )
    publish(claim)
    reports = reverse("admin:factcheck_report_changelist")
    for user, address in [(people.erin, change_url(claim)), (people.victor, change_url(claim)), (people.erin, reports)]:
        page = at_desk(user).get(address).content.decode()
        assert "13 March 2026" in page and "midnight" not in page and "13 March 2026, 00:00" not in page
    page = at_desk(people.victor).get(change_url(claim)).content.decode()
    assert "13 March 2026, 18:00 UTC" in page and "the day only" not in page


def test_it_is_given_to_those_who_can_work_on_it(people, claim):
    def choices() -> set[str]:
        form = at_desk(people.erin).get(change_url(claim)).context_data["adminform"].form
        return {person.username for person in form.fields["assignee"].queryset}

    assert choices() == {"alice", "bob", "erin"}
    with writing():
        claim.assignee = people.victor
        claim.save()
    assert choices() == {"alice", "bob", "erin", "victor"}


def test_a_statement_is_one_sentence_and_no_document(people, claim):
    claim.statement = "x" * 1001
    with pytest.raises(ValidationError, match="at most 1000 characters"):
        claim.full_clean()


def test_who_has_it_open_came_just_now(people, claim):
    at_desk(people.bob).get(change_url(claim))
    assert "Bob Okafor opened this just now." in at_desk(people.erin).get(change_url(claim)).content.decode()


def test_a_key_that_no_database_can_count_is_refused(people, claim):
    page = at_desk(people.erin).get(reverse("admin:factcheck_claim_changelist") + f"?story={'9' * 20}")
    assert page.status_code == 400 and "This cannot be taken" in page.content.decode()


def test_a_story_keeps_its_address_when_its_claims_go(people, claim):
    story = claim.story
    address = reverse("admin:factcheck_story_change", args=[story.pk])
    assert "slug" in at_desk(people.erin).get(address).context_data["adminform"].form.fields
    publish(claim)
    with writing():
        claim.story = make_story("storm", title="Storm on the Orb")
        claim.save()
    assert "slug" not in at_desk(people.erin).get(address).context_data["adminform"].form.fields


def test_only_about_takes_a_tolerance(people, claim):
    data = {
        "claim": claim.pk,
        "source": Source.objects.first().pk,
        "qualifier": "exactly",
        "low": "2",
        "tolerance": "5",
    }
    page = at_desk(people.alice).post(reverse("admin:factcheck_report_add"), data)
    assert page.context_data["adminform"].form.errors["tolerance"] == ["Only “about” takes a tolerance."]
