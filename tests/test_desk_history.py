"""The history pages say who, when, why and what; and whatever is sent to them, they only show."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from factcheck.desk import review
from factcheck.desk.admin import histories
from factcheck.history import Changeset, Door, recording
from factcheck.history.versions import Change
from factcheck.models import Claim, Report, Source, Story, Verdict

from .newsroom import make_rating, publish, writing
from .test_desk import at_desk

pytestmark = pytest.mark.django_db


def history_url(instance) -> str:
    return reverse(f"admin:factcheck_{instance._meta.model_name}_history", args=[instance.pk])


def entries(user, instance, query: str = ""):
    return at_desk(user).get(history_url(instance) + query).context_data["entries"]


def test_it_works(people, claim):
    with writing(people.alice, "The prefecture counts four"):
        verdict = Verdict.objects.get()
        verdict.summary = "Four people died."
        verdict.save()
        report = claim.reports.first()
        report.low = 4
        report.save()
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Read and agreed")
    newest, _submitted, edited, *_first = entries(people.victor, claim)

    assert (newest["changeset"].person, newest["changeset"].reason) == ("Bob Okafor", "Read and agreed")
    assert [step["what"] for step in newest["steps"]] == ["claim", "approval"]
    assert [step["what"] for step in edited["steps"]] == ["verdict", "report"]
    (change,) = edited["steps"][0]["changes"]
    assert [(piece.op, piece.text) for piece in change["pieces"]] == [
        ("removed", "Three"),
        ("added", "Four"),
        ("same", " people died."),
    ]
    page = at_desk(people.victor).get(history_url(claim)).content.decode()
    assert "The prefecture counts four" in page
    removed, added = page.index("removed: </span>Three</del>"), page.index("added: </span>Four</ins>")
    assert removed < added
    assert "through the desk" in page and "UTC" in page


def test_editions_flags_and_sources_stand_in_the_claims_history(people, claim):
    publish(claim)
    review.flag(claim, user=people.erin, reason="A fourth victim")
    with writing(people.alice, "Better title"):
        source = Source.objects.first()
        source.title = "What the prefect said"
        source.save()
    found = {(step["what"], step["label"]) for entry in entries(people.bob, claim) for step in entry["steps"]}
    assert ("edition", "1, first edition") in found
    assert ("flag", "A fourth victim") in found
    assert ("source", "What the prefect said") in found


def test_a_reconstructed_act_says_so(people, claim):
    act = {"claimed_at": datetime(2018, 3, 23, 20, tzinfo=UTC), "claimed_by": "The night desk"}
    with recording(user=people.erin, reason="As it was", via=Door.IMPORT, **act):
        Story(slug="old", title="Old", summary="Old.", began_on="2018-03-23").save()
    page = at_desk(people.victor).get(history_url(Story.objects.get(slug="old"))).content.decode()
    assert "said to be by The night desk, 23 March 2018, 20:00 UTC" in page
    assert "reconstructed on" in page and "by Erin Lindqvist" in page


def test_what_may_change_the_meaning_stands_out_and_the_rest_is_quiet(people, claim):
    with writing(people.alice, "Three things"):
        verdict = Verdict.objects.get()
        verdict.summary = "Thirteen people died ."
        verdict.rating = make_rating("false")
        verdict.save()
        claim.statement = "Three  people were killed."
        claim.save()
    page = at_desk(people.victor).get(history_url(claim)).content.decode()
    for removed, added in (("Three", "Thirteen"), ("True", "False")):
        assert f'<del class="material"><span class="visually-hidden">removed: </span>{removed}</del>' in page
        assert f'<ins class="material"><span class="visually-hidden">added: </span>{added}</ins>' in page
    assert "figure</span>" in page and "typing or spelling only" in page
    assert '<ins><span class="visually-hidden">added: </span>' in page, "quiet, and still there"


def test_a_long_text_is_shown_around_what_changed(people):
    lines = [f"Line {number} says what line {number} says.\n" for number in range(300)]
    for new in (
        [*lines[:150], "Line 150 says nothing.\n", *lines[151:]],
        [*lines[:150], *lines[151:]],
        [*lines[:150], "A new line.\n", *lines[150:]],
        [*lines, "An end without a line break"],
        ["First.\n", *lines],
        [*lines[:10], "X.\n", *lines[10:290], "Y.\n", *lines[290:]],
    ):
        old, after = "".join(lines), "".join(new)
        found = histories.pieces(Change("text", "text", old, after, is_prose=True))
        assert any(piece.is_material for piece in found)
        assert all(len(piece.text) < 400 for piece in found)
        for side, said in (("added", old), ("removed", after)):
            told = [piece.text for piece in found if piece.op != side]
            ends = [part for part in "".join(told).split(" … ") if part]
            assert all(part in said for part in ends), side


def test_long_histories_are_read_in_pages(people, claim):
    for number in range(30):
        with writing(people.alice, f"Edit {number}"):
            claim.label = f"Toll {number}"
            claim.save()
    response = at_desk(people.bob).get(history_url(claim))
    first = response.context_data["entries"]
    assert len(first) == 25
    older = entries(people.bob, claim, f"?before={response.context_data['older']}")
    keys = [entry["changeset"].pk for entry in first + older]
    assert keys == sorted(set(keys), reverse=True)
    assert older[0]["steps"][0]["changes"][0]["label"] == "label"
    for nonsense in ("x", "-1", "9" * 30, "²", ""):
        assert len(entries(people.bob, claim, f"?before={nonsense}")) == 25


def test_a_history_costs_the_same_however_long(people, claim, django_assert_max_num_queries):
    for number in range(20):
        with writing(people.alice, f"Edit {number}"):
            claim.label = f"Toll {number}"
            claim.save()
    client = at_desk(people.bob)
    client.get(history_url(claim))
    with django_assert_max_num_queries(24):
        client.get(history_url(claim))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("name", ["victor", "alice", "erin"])
def test_only_reading(people, claim, method, name):
    client = at_desk(getattr(people, name))
    report, source, changeset = claim.reports.first(), Source.objects.first(), Changeset.objects.first()
    before = Changeset.objects.count()
    for instance in (claim, report, claim.story, source, changeset):
        data = {"label": "Forged", "title": "Forged", "reason": "Forged", "opened": "1"}
        response = getattr(client, method)(history_url(instance), data)
        assert response.status_code == 405, instance
    assert Changeset.objects.count() == before
    claim.refresh_from_db()
    assert claim.label == "Death toll"


def test_simple_historys_own_form_has_no_address(people, claim):
    row = claim.history.first()
    url = f"{history_url(claim)}{row.pk}/"
    for name in ("victor", "erin"):
        client = at_desk(getattr(people, name))
        assert client.post(url, {"label": "Forged"}, follow=True).status_code in (404, 200)
    claim.refresh_from_db()
    assert claim.label == "Death toll" and claim.history.count() == 1


def test_what_is_gone_leads_home(people, claim):
    assert at_desk(people.bob).get(reverse("admin:factcheck_claim_history", args=[999])).status_code == 302


def test_an_act_shows_all_that_it_changed(people, claim):
    with writing(people.alice, "Two at once"):
        claim.label = "Dead"
        claim.save()
        report = claim.reports.first()
        report.low = 4
        report.save()
    changeset = Changeset.objects.latest("pk")
    response = at_desk(people.victor).get(reverse("admin:factcheck_changeset_change", args=[changeset.pk]))
    (entry,) = response.context_data["entries"]
    assert {step["what"] for step in entry["steps"]} == {"claim", "report"}
    assert Claim.objects.get().label == "Dead" and Report.objects.get(number=1).low == 4
