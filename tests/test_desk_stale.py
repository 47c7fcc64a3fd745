"""Two editors, one claim: nobody saves over somebody else without being told."""

import pytest
from django.db import connection
from django.urls import reverse

from factcheck.history import Changeset
from factcheck.models import Claim, Report, Story, Verdict

from .desk_forms import errors
from .newsroom import make_claim, make_people, publish, writing
from .test_desk import at_desk, change_url, fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return make_people()


@pytest.fixture
def claim(people):
    return make_claim(author=people.alice)


def counts() -> tuple[int, ...]:
    return (Changeset.objects.count(), *(model.history.count() for model in (Claim, Verdict, Report, Story)))


def test_the_second_editor_is_told_who_when_and_what(people, claim):
    alice, bob = at_desk(people.alice), at_desk(people.bob)
    late = fields(alice, claim) | {"statement": "Alice's words, not to be lost.", "reason": "Clearer"}
    early = fields(bob, claim) | {"label": "Dead", "claimant": "The mayor", "reason": "The mayor said it"}
    assert bob.post(change_url(claim), early).status_code == 302
    before = counts()

    response = alice.post(change_url(claim), late)

    assert response.status_code == 200
    said = errors(response)
    assert "Bob Okafor saved this claim at" in said
    assert "label and claimant" in said
    assert "Alice&#x27;s words, not to be lost." in response.content.decode()
    assert counts() == before
    claim.refresh_from_db()
    assert (claim.label, claim.claimant, claim.statement) == ("Dead", "The mayor", "Three people were killed.")


def test_whoever_has_read_the_newer_version_may_save_over_it(people, claim):
    alice, bob = at_desk(people.alice), at_desk(people.bob)
    late = fields(alice, claim) | {"statement": "Alice's words.", "reports-0-low": "5"}
    bob.post(change_url(claim), fields(bob, claim) | {"label": "Dead", "reports-0-low": "4"})
    refused = alice.post(change_url(claim), late)
    newer = refused.context_data["newer"]
    assert newer == "claim=2 reports-0=2" and f'value="{newer}"' in refused.content.decode()

    for nonsense in ("on", "claim=1 reports-0=1", "claim=3 reports-0=2", "reports-0=2"):
        assert alice.post(change_url(claim), late | {"overrule": nonsense}).status_code == 200
    response = alice.post(change_url(claim), late | {"overrule": newer})
    assert response.status_code == 302, errors(response)
    claim.refresh_from_db()
    assert (claim.label, claim.statement) == ("Death toll", "Alice's words.")
    assert claim.reports.get(number=1).low == 5
    assert claim.history.count() == 3


def test_what_was_published_meanwhile_cannot_be_overruled(people, claim):
    alice = at_desk(people.alice)
    late = fields(alice, claim) | {"statement": "Alice's words.", "verdict-0-summary": "No."}
    publish(claim)
    newer = alice.post(change_url(claim), late).context_data["newer"]
    for opened in ("1", "2", "02", "x"):
        alice.post(change_url(claim), late | {"overrule": newer, "opened": opened, "reason": "Mine"})
        claim.refresh_from_db()
        assert claim.statement == "Three people were killed."
        assert claim.verdict.summary == "Three people died."


def test_a_report_that_somebody_else_saved(people, claim):
    alice, bob = at_desk(people.alice), at_desk(people.bob)
    late = fields(alice, claim) | {"label": "Dead"}
    early = fields(bob, claim) | {"reports-1-quote": "Two dead"}
    assert bob.post(change_url(claim), early).status_code == 302
    before = counts()
    response = alice.post(change_url(claim), late)
    assert response.status_code == 200
    assert "Bob Okafor saved this report" in errors(response)
    assert counts() == before
    assert Report.objects.get(number=2).quote == "Two dead"


def test_a_report_that_somebody_else_changed_is_not_deleted(people, claim):
    alice, bob = at_desk(people.alice), at_desk(people.bob)
    late = fields(alice, claim) | {"reports-1-DELETE": "on"}
    bob.post(change_url(claim), fields(bob, claim) | {"reports-1-quote": "Two dead"})
    response = alice.post(change_url(claim), late)
    assert response.status_code == 200
    assert "Bob Okafor saved this report" in errors(response)
    assert claim.reports.count() == 2


def test_a_report_that_somebody_else_deleted(people, claim):
    alice, bob = at_desk(people.alice), at_desk(people.bob)
    late = fields(alice, claim) | {"reports-1-quote": "Two dead"}
    bob.post(change_url(claim), fields(bob, claim) | {"reports-1-DELETE": "on"})
    response = alice.post(change_url(claim), late)
    assert response.status_code == 200
    assert "was deleted while you were editing" in errors(response)
    assert claim.reports.count() == 1


def test_a_claim_that_was_published_meanwhile_keeps_the_text_in_the_form(people, claim):
    alice = at_desk(people.alice)
    late = fields(alice, claim) | {"statement": "Alice's words."}
    publish(claim)
    response = alice.post(change_url(claim), late)
    assert response.status_code == 200
    assert "Alice&#x27;s words." in response.content.decode()
    claim.refresh_from_db()
    assert claim.statement == "Three people were killed."


@pytest.mark.parametrize("token", [None, "", "x", "-1", "0", "1.5", "01", "²", "99999999999999999999", "7", "1\x00"])
@pytest.mark.parametrize("field", ["opened", "verdict-0-opened", "reports-0-opened"])
def test_a_form_without_its_token_is_refused(people, claim, field, token):
    client = at_desk(people.alice)
    data = fields(client, claim) | {"label": "Dead", "verdict-0-summary": "No.", "reports-0-low": "9"}
    if token is None:
        del data[field]
    else:
        data[field] = token
    before = counts()
    response = client.post(change_url(claim), data)
    assert response.status_code == 200
    assert "which version you opened" in errors(response)
    assert counts() == before


@pytest.mark.parametrize("token", ["", "x", "-1"])
def test_a_story_without_its_token_is_refused(people, claim, token):
    client = at_desk(people.alice)
    data = fields(client, claim.story) | {"title": "Deluge", "opened": token}
    assert client.post(change_url(claim.story), data).status_code == 200
    assert Story.objects.get().title == "Flood on the Aude"


def test_a_race_past_the_form_is_refused_in_words(people, claim, monkeypatch):
    """Somebody saves between the check of the form and the save."""
    client = at_desk(people.alice)
    data = fields(client, claim) | {"label": "Dead"}
    stored = Claim._changed

    def somebody_was_faster(self):
        monkeypatch.setattr(Claim, "_changed", stored)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE factcheck_claim SET revision = revision + 1")
        return stored(self)

    monkeypatch.setattr(Claim, "_changed", somebody_was_faster)
    response = client.post(change_url(claim), data)
    assert response.status_code == 200
    assert "was changed since you opened it" in errors(response)
    claim.refresh_from_db()
    assert claim.label == "Death toll" and claim.history.count() == 1


def test_a_stale_move_changes_nothing(people, claim):
    client = at_desk(people.alice)
    url = reverse("admin:factcheck_claim_move", args=[claim.pk, "submit"])
    opened = str(claim.revision)
    with writing(people.bob):
        claim.label = "Dead"
        claim.save()
    page = client.post(url, {"opened": opened}, follow=True).content.decode()
    assert "was changed since you opened it" in page
    claim.refresh_from_db()
    assert claim.state == "draft"
