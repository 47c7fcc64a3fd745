"""One thing with many claims: all in one act, or none."""

import pytest
from django.test import Client
from django.urls import reverse

from factcheck.desk import handling, review
from factcheck.desk.gate import NotAllowed
from factcheck.history import Changeset
from factcheck.models import Claim, State, User

from .desk_forms import read_form
from .newsroom import make_claim, publish, writing
from .test_desk import at_desk

pytestmark = pytest.mark.django_db

LIST = "admin:factcheck_claim_changelist"


@pytest.fixture
def claims(people):
    return [make_claim(f"claim-{number}", author=people.alice, label=f"Claim {number}") for number in range(3)]


def ask(client: Client, action: str, claims: list[Claim]) -> tuple[str, dict]:
    """From the list to the page that asks: its address, and what a browser would send back."""
    data = {"action": action, "_selected_action": [claim.pk for claim in claims]}
    response = client.post(reverse(LIST), data, follow=True)
    html = response.content.decode()
    name = {"relabel": "label"}.get(action, action)
    sent = read_form(html, "bulk_form")
    return reverse("admin:factcheck_claim_bulk", args=[name]), sent | {
        "claims": [claim.pk for claim in claims],
        "ticked": [claim.pk for claim in claims],
    }


def acts() -> int:
    return Changeset.objects.count()


def test_many_are_assigned_in_one_act(people, claims):
    client, before = at_desk(people.erin), acts()
    url, data = ask(client, "assign", claims)
    assert data["reason"] == "Shared out" and all(data[f"opened-claim-{claim.pk}"] == "1" for claim in claims)
    response = client.post(url, data | {"assignee": people.bob.pk, "reason": "Bob has the night"}, follow=True)
    assert "Done with 3 claims." in response.content.decode()
    assert {claim.assignee for claim in Claim.objects.all()} == {people.bob}
    act = Changeset.objects.latest("pk")
    assert acts() == before + 1 and Claim.history.filter(changeset=act).count() == 3
    assert (act.user, act.reason, act.via) == (people.erin, "Bob has the night", "admin")


def test_many_get_a_label_and_many_are_submitted(people, claims):
    client = at_desk(people.alice)
    url, data = ask(client, "relabel", claims[:2])
    client.post(url, data | {"label": "Death toll", "reason": "One name"})
    assert sorted(claim.label for claim in Claim.objects.all()) == ["Claim 2", "Death toll", "Death toll"]
    url, data = ask(client, "submit", claims)
    client.post(url, data)
    assert {claim.state for claim in Claim.objects.all()} == {State.IN_REVIEW}
    assert Changeset.objects.latest("pk").reason == "Ready for review"


def test_one_refusal_stops_all_and_says_which(people, claims):
    with writing(people.alice):
        Claim(story=claims[0].story, slug="bare", label="Bare", statement="No verdict yet.").save()
    bare = Claim.objects.get(slug="bare")
    client = at_desk(people.alice)
    url, data = ask(client, "submit", [*claims, bare])
    before = acts()
    response = client.post(url, data)
    html = response.content.decode()
    assert "Nothing was changed: 1 claim cannot be taken along." in html and "Write a verdict first." in html
    assert acts() == before and {claim.state for claim in Claim.objects.all()} == {State.DRAFT}
    rows = {row["claim"].slug: row["is_ticked"] for row in response.context_data["rows"]}
    assert rows == {"claim-0": True, "claim-1": True, "claim-2": True, "bare": False}
    client.post(url, data | {"ticked": [claim.pk for claim in claims]})
    assert Claim.objects.filter(state=State.IN_REVIEW).count() == 3 and acts() == before + 1


def test_what_somebody_changed_meanwhile_is_not_overwritten(people, claims):
    client = at_desk(people.erin)
    url, data = ask(client, "relabel", claims)
    with writing(people.alice):
        mine = Claim.objects.get(pk=claims[1].pk)
        mine.label = "Wounded"
        mine.save()
    html = client.post(url, data | {"label": "Death toll", "reason": "One name"}).content.decode()
    assert "Alice Martin saved this claim" in html
    assert sorted(claim.label for claim in Claim.objects.all()) == ["Claim 0", "Claim 2", "Wounded"]
    again = read_form(html, "bulk_form")
    assert again[f"opened-claim-{mine.pk}"] == "2" and again[f"opened-claim-{claims[0].pk}"] == "1"


def test_what_was_deleted_meanwhile_is_not_passed_over_in_silence(people, claims):
    client = at_desk(people.erin)
    url, data = ask(client, "relabel", claims)
    with writing(people.alice):
        for part in [claims[2].verdict, *claims[2].reports.all(), claims[2]]:
            part.delete()
    html = client.post(url, data | {"label": "Toll", "reason": "One name"}).content.decode()
    assert "Some of the claims that you ticked are gone." in html
    assert not Claim.objects.filter(label="Toll").exists()
    again = read_form(html, "bulk_form")
    assert (again["label"], again["reason"]) == ("Toll", "One name")
    client.post(url, data | again | {"claims": data["claims"], "ticked": [claim.pk for claim in claims[:2]]})
    assert Claim.objects.filter(label="Toll").count() == 2


def test_a_published_claim_keeps_its_label_and_takes_an_assignee(people, claims):
    publish(claims[0])
    client = at_desk(people.alice)
    url, data = ask(client, "relabel", claims)
    html = client.post(url, data | {"label": "Death toll", "reason": "One name"}).content.decode()
    assert "its label changes in the next edition" in html
    assert not Claim.objects.filter(label="Death toll").exists()
    url, data = ask(client, "assign", claims[:1])
    client.post(url, data | {"assignee": people.erin.pk})
    assert Claim.objects.get(pk=claims[0].pk).assignee == people.erin


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": " "}, "Say why"),
        ({"reason": "x\u202ey"}, "cannot be seen"),
        ({"label": ""}, "required"),
        ({"label": "x" * 61}, "60"),
        ({"label": "x\u202ey"}, "cannot be seen"),
        ({"ticked": []}, "Tick at least one"),
        ({"opened-claim-0": ""}, "does not say which version you opened"),
        ({"opened-claim-0": "9"}, "does not say which version you opened"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(people, claims, change, words):
    client, before = at_desk(people.alice), acts()
    url, data = ask(client, "relabel", claims)
    change = {name.replace("claim-0", f"claim-{claims[0].pk}"): value for name, value in change.items()}
    response = client.post(url, data | {"label": "Death toll", "reason": "One name"} | change)
    assert response.status_code == 200 and words in response.content.decode()
    assert acts() == before and not Claim.objects.filter(label="Death toll").exists()


@pytest.mark.parametrize(
    "sent", ["", "claims=", "claims=x", "claims=%C2%B2", "claims=99999999999999999999", "claims=7777"]
)
def test_an_address_without_claims_leads_back(people, claims, sent):
    url = reverse("admin:factcheck_claim_bulk", args=["assign"])
    client = at_desk(people.alice)
    for response in (client.get(f"{url}?{sent}", follow=True), client.post(url, {"reason": "x"}, follow=True)):
        assert "Choose claims in the list first." in response.content.decode()


def test_too_many_at_once_are_refused(people, claims, monkeypatch):
    monkeypatch.setattr("factcheck.desk.admin.bulk.MOST", 2)
    data = {"action": "submit", "_selected_action": [claim.pk for claim in claims]}
    response = at_desk(people.alice).post(reverse(LIST), data, follow=True)
    assert "Choose at most 2 claims at once" in response.content.decode()


def test_nothing_for_viewers(people, claims):
    root = User.objects.create_superuser("root")
    for user in (people.victor, root):
        client, before = at_desk(user), acts()
        html = client.get(reverse(LIST)).content.decode()
        assert "action-select" not in html and 'name="action"' not in html
        for name in ("assign", "label", "submit"):
            url = reverse("admin:factcheck_claim_bulk", args=[name])
            data = {"claims": claims[0].pk, "ticked": claims[0].pk, f"opened-claim-{claims[0].pk}": "1", "reason": "x"}
            assert client.get(f"{url}?claims={claims[0].pk}").status_code == 403
            assert client.post(url, data | {"label": "Forged", "assignee": user.pk}).status_code == 403
        assert acts() == before


def test_the_verbs_keep_the_rules_themselves(people, claims):
    claim = claims[0]
    people.bob.is_active = False
    people.bob.save()
    for act in (
        lambda: handling.assign(claim, user=people.victor, reason="x", assignee=None),
        lambda: handling.assign(claim, user=people.alice, reason="x", assignee=people.victor),
        lambda: handling.assign(claim, user=people.alice, reason="x", assignee=people.bob),
        lambda: handling.relabel(claim, user=people.victor, reason="x", label="Forged"),
        lambda: handling.relabel(claim, user=people.alice, reason="x\u202e", label="Forged"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert claim.history.count() == 1
    review.submit(claim, user=people.alice, reason="Ready")
    handling.assign(claim, user=people.alice, reason="Erin reads it", assignee=people.erin)
    handling.relabel(claim, user=people.alice, reason="Better", label="Dead")
    assert claim.revision == Claim.objects.get(pk=claim.pk).revision == 4
