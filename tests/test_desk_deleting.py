"""What was made by mistake is deleted with a reason; what readers ever saw, or somebody agreed to, is not."""

from typing import Any

import pytest
from django.urls import reverse

from factcheck.desk import review
from factcheck.models import Capture, Claim, Publisher, Report, Source, SourceBasis, Story, User, Verdict

from .desk_forms import opened
from .newsroom import make_source, make_story, publish, writing
from .test_desk import at_desk, change_url, fields

pytestmark = pytest.mark.django_db


def test_a_report_that_stood_in_an_edition_is_not_deleted(people, claim):
    publish(claim)
    client = at_desk(people.alice)
    data = fields(client, claim) | {"reports-0-DELETE": "on", "reason": "Away with it"}
    client.post(change_url(claim), data)
    assert claim.reports.count() == 2
    url = reverse("admin:factcheck_report_delete", args=[claim.reports.first().pk])
    assert client.post(url, {"post": "yes", "reason": "Away with it"}).status_code == 403
    assert claim.reports.count() == 2


def test_a_draft_report_is_deleted_with_a_reason(people, claim):
    client = at_desk(people.alice)
    url = reverse("admin:factcheck_report_delete", args=[claim.reports.first().pk])
    assert client.get(url).status_code == 200
    for reason in (" ", "x" * 1001, "a\u202eb"):
        client.post(url, opened(client, url, "delete_form") | {"reason": reason})
    assert claim.reports.count() == 2
    client.post(url, opened(client, url, "delete_form") | {"reason": "Twice the same"})
    assert claim.reports.count() == 1
    assert Report.history.filter(history_type="-").get().changeset.reason == "Twice the same"


def delete_url(instance) -> str:
    return reverse(f"admin:factcheck_{instance._meta.model_name}_delete", args=[instance.pk])


def delete(user: User, instance, reason: str = "Twice the same"):
    client = at_desk(user)
    data = opened(client, delete_url(instance), "delete_form") | {"reason": reason}
    return client.post(delete_url(instance), data, follow=True)


def test_a_draft_is_deleted_whole_with_a_reason(people, claim):
    client, history = at_desk(people.alice), reverse("admin:factcheck_claim_history", args=[claim.pk])
    assert delete_url(claim) in client.get(change_url(claim)).content.decode()
    page = client.get(delete_url(claim)).content.decode()
    assert "with:" in page and "each can be restored there, one by one" in page
    client.post(delete_url(claim), opened(client, delete_url(claim), "delete_form") | {"reason": " "})
    assert Claim.objects.exists()
    page = delete(people.alice, claim).content.decode()
    assert f'<a href="{history}">Its history stays, and it can be restored there.</a>' in page
    assert not Claim.objects.exists() and not Report.objects.exists() and not Verdict.objects.exists()
    gone = [model.history.get(history_type="-") for model in (Claim, Verdict)]
    gone += Report.history.filter(history_type="-")
    assert {(row.changeset.user, row.changeset.reason) for row in gone} == {(people.alice, "Twice the same")}
    assert len({row.changeset_id for row in gone}) == 1 and len(gone) == 4
    assert "Twice the same" in at_desk(people.victor).get(history).content.decode()


@pytest.mark.parametrize("state", ["in_review", "approved", "published", "reopened"])
def test_what_somebody_judges_or_judged_is_not_deleted(people, claim, state):
    moves = {"submit": people.alice, "approve": people.bob, "publish": people.erin, "reopen": people.alice}
    for verb, user in list(moves.items())[: ["in_review", "approved", "published", "reopened"].index(state) + 1]:
        review.VERBS[verb](claim, user=user, reason=verb, **({"kind": "update"} if verb == "reopen" else {}))
    for user in (people.alice, people.erin):
        client = at_desk(user)
        assert delete_url(claim) not in client.get(change_url(claim)).content.decode()
        assert client.post(delete_url(claim), {"post": "yes", "reason": "Away"}).status_code == 403
    assert Claim.objects.exists()


def test_an_approval_keeps_its_claim(people, claim):
    for verb, user in (("submit", people.alice), ("approve", people.bob), ("return_to_author", people.bob)):
        review.VERBS[verb](claim, user=user, reason=verb)
    page = at_desk(people.alice).get(delete_url(claim)).content.decode()
    assert "Claim “Death toll” stays, because this refers to it:" in page and "<li>Approval: " in page
    assert delete(people.alice, claim).status_code == 200 and Claim.objects.exists()


def spare(people) -> dict[str, Any]:
    """Nothing rests on any of these but the next."""
    with writing():
        story, publisher = Story(slug="slip", title="Slip", summary="-", began_on="2026-03-13"), Publisher(name="Slip")
        story.save()
        publisher.save()
        odd = {"slug": "slip", "title": "Slip", "publisher": publisher, "no_url_reason": "In print", "is_undated": True}
        source = Source(**odd)
        source.save()
        SourceBasis(source=source, rests_on=make_source("wire")).save()
    return {"source": source, "publisher": publisher, "story": story}


def test_a_slip_that_nothing_rests_on_is_deleted(people):
    for instance in spare(people).values():
        page = delete(people.alice, instance, "A slip").content.decode()
        assert "“Slip” is deleted." in page, instance
        assert not type(instance).objects.filter(pk=instance.pk).exists()
        assert instance.history.model.objects.get(id=instance.pk, history_type="-").changeset.reason == "A slip"
        history = reverse(f"admin:factcheck_{instance._meta.model_name}_history", args=[instance.pk])
        assert "A slip" in at_desk(people.bob).get(history).content.decode()
    assert not SourceBasis.objects.exists()


def quoted(claim: Claim, source: Source) -> None:
    Report(claim=claim, number=9, source=source, text_value="Three", is_undated=True).save()


HOLDING = {
    "a report": ("source", quoted, "Report: "),
    "a capture": ("source", lambda claim, source: Capture(source=source, text="Three.").save(), "Capture: "),
    "a source that rests on it": (
        "source",
        lambda claim, source: SourceBasis(source=make_source("wire"), rests_on=source).save(),
        "Origin of a source: ",
    ),
    "a source": ("publisher", lambda claim, publisher: None, "Source: Slip"),
    "a claim": (
        "story",
        lambda claim, story: Claim(story=story, slug="x", label="X", statement="X.").save(),
        "Claim: X",
    ),
}


@pytest.mark.parametrize("what", HOLDING)
def test_what_others_refer_to_stays(people, claim, what):
    name, hold, told = HOLDING[what]
    instance = spare(people)[name]
    with writing():
        hold(claim, instance)
    for response in (at_desk(people.alice).get(delete_url(instance)), delete(people.alice, instance)):
        assert response.status_code == 200 and f"<li>{told}" in response.content.decode()
    assert type(instance).objects.filter(pk=instance.pk).exists()


def test_what_an_edition_shows_is_never_deleted(people, claim):
    """Nor when nothing rests on it any more: old editions stay."""
    publish(claim)
    source, story = claim.reports.first().source, claim.story
    publisher, other = source.publisher, make_source("other")
    with writing():
        for report in claim.reports.filter(source=source):
            report.source = other
            report.save()
        claim.story = make_story("elsewhere")
        claim.save()
        source.publisher = other.publisher
        source.save()
        publisher.name = "Renamed"
        publisher.save()
    for instance in (source, story, publisher):
        assert delete_url(instance) not in at_desk(people.alice).get(change_url(instance)).content.decode()
        response = at_desk(people.alice).post(delete_url(instance), {"post": "yes", "reason": "Away"})
        assert response.status_code == 403, instance
