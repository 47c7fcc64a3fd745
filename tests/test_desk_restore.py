"""Bringing a past version back: as a new one, by somebody who may write it now, with a reason; or refused in words."""

from threading import Thread

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from factcheck import dossier
from factcheck.desk import gate, review
from factcheck.desk.admin.places import place_of
from factcheck.history import Changeset, Door, Tracked
from factcheck.models import (
    Answer,
    Claim,
    CorrectionRequest,
    Edition,
    PublicText,
    Publisher,
    Rating,
    Report,
    Source,
    SourceBasis,
    Story,
    User,
    Verdict,
)

from .desk_forms import opened
from .newsroom import make_claim, make_people, make_rating, make_report, make_source, make_story, publish, writing
from .test_desk import at_desk

pytestmark = pytest.mark.django_db
TRACKED = [model for model in apps.get_app_config("factcheck").get_models() if issubclass(model, Tracked)]


@pytest.fixture
def people():
    people = make_people()
    people.root = User.objects.create_superuser("root")
    return people


def version_url(instance, number: int = 1, key: int | None = None) -> str:
    return reverse("admin:version", args=[instance._meta.model_name, key or instance.pk, number])


def change(instance, user=None, **fields):
    with writing(user, "Change"):
        for name, value in fields.items():
            setattr(instance, name, value)
        instance.save()


def form(client, url: str) -> dict[str, str]:
    return opened(client, url, "restore_form")


def restore(user, instance, number: int = 1, key: int | None = None, **data):
    """Read the page, change what is said, send it."""
    client, url = at_desk(user), version_url(instance, number, key)
    sent = form(client, url) | data
    return client.post(url, {name: value for name, value in sent.items() if value is not None})


def refused(response) -> str:
    """What the page says in place of doing it."""
    assert response.status_code == 200
    context = response.context_data
    assert context.get("error")
    return str(context["error"])


def versions(instance, key: int | None = None) -> int:
    return type(instance).history.filter(id=key or instance.pk).count()


def test_it_works(people, claim):
    change(claim, people.alice, label="Dead", statement="Four people were killed.", claimant="The mayor")
    change(claim, people.alice, label="Killed")
    response = restore(people.bob, claim, reason="The prefect said it first")
    assert response.status_code == 302
    assert response.url == reverse("admin:versions", args=["claim", claim.pk])

    stored = Claim.objects.get(pk=claim.pk)
    assert (stored.label, stored.statement, stored.claimant) == (
        "Death toll",
        "Three people were killed.",
        "The prefect",
    )
    assert stored.revision == 4 == versions(claim)
    act = Changeset.objects.latest("pk")
    assert (act.user, act.reason, act.via) == (people.bob, "The prefect said it first", Door.ADMIN)
    assert list(claim.history.order_by("revision").values_list("label", flat=True)) == [
        "Death toll",
        "Dead",
        "Killed",
        "Death toll",
    ]


def test_the_page_says_what_would_change_and_proposes_a_reason(people, claim):
    change(claim, label="Dead")
    client = at_desk(people.bob)
    response = client.get(version_url(claim))
    (would,) = response.context_data["would_change"]
    assert would["label"] == "label"
    assert [(piece.op, piece.text) for piece in would["pieces"]] == [("removed", "Dead"), ("added", "Death toll")]
    assert form(client, version_url(claim))["reason"] == "Restored version 1"
    restore(people.bob, claim)
    assert Changeset.objects.latest("pk").reason == "Restored version 1"


@pytest.mark.parametrize("method", ["get", "head"])
def test_to_look_is_not_to_restore(people, claim, method):
    change(claim, label="Dead")
    data = form(at_desk(people.bob), version_url(claim))
    assert getattr(at_desk(people.bob), method)(version_url(claim), data).status_code == 200
    assert Claim.objects.get().label == "Dead" and versions(claim) == 2


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_no_other_method(people, claim, method):
    change(claim, label="Dead")
    assert getattr(at_desk(people.erin), method)(version_url(claim)).status_code == 405
    assert versions(claim) == 2


def test_a_form_from_elsewhere_is_refused(people, claim):
    change(claim, label="Dead")
    client = at_desk(people.bob)
    data = form(client, version_url(claim))
    client.handler.enforce_csrf_checks = True
    del data["csrfmiddlewaretoken"]
    assert client.post(version_url(claim), data).status_code == 403
    assert versions(claim) == 2


def content(instance) -> dict:
    return type(instance).objects.filter(pk=instance.pk).values().get() | {"revision": None}


# Who may: every cell is written out. `alice` has written everything there is.
MAY = """
             alice  bob  erin  victor  root
story        yes    yes  yes   no      no
publisher    yes    yes  yes   no      no
source       yes    yes  yes   no      no
sourcebasis  yes    yes  yes   no      no
claim        yes    yes  yes   no      no
report       yes    yes  yes   no      no
verdict      yes    yes  yes   no      no
rating       no     no   yes   no      no
publictext   no     no   yes   no      no
answer       yes    yes  yes   no      no
"""
NAMES, *MAY_ROWS = [line.split() for line in MAY.strip().splitlines()]
CHANGES = {
    "story": {"title": "Deluge"},
    "publisher": {"name": "Gazette"},
    "source": {"title": "What it wrote"},
    "claim": {"label": "Dead"},
    "report": {"low": 4},
    "verdict": {"summary": "Four."},
    "rating": {"definition": "So it is."},
    "publictext": {"title": "Us"},
    "answer": {"text": "It is four."},
}


@pytest.fixture
def two_versions(people, claim):
    """One of each tracked model, changed once."""
    other = make_claim("published", author=people.alice)
    publish(other)
    request = CorrectionRequest(edition=Edition.objects.get(), message="It is four.")
    request.save()
    first, second, third = make_source("x"), make_source("y"), make_source("z")
    with writing():
        basis = SourceBasis(source=first, rests_on=second)
        text = PublicText(slug="about", title="About us", body="We check.")
        answer = Answer(request=request, decision="unchanged", text="It is three.")
        for each in (basis, text, answer):
            each.save()
    rating = make_rating("false")
    found = [claim.story, first.publisher, first, basis, claim, claim.reports.first(), claim.verdict, rating, text]
    for each in (*found, answer):
        change(each, **CHANGES.get(each._meta.model_name, {"rests_on": third}))
    return {each._meta.model_name: each for each in (*found, answer)}


@pytest.mark.parametrize("name", NAMES)
def test_who_may(people, two_versions, name):
    client = at_desk(getattr(people, name))
    for model, *answers in MAY_ROWS:
        may, instance = answers[NAMES.index(name)] == "yes", two_versions[model]
        before, url = content(instance), version_url(instance)
        page = client.get(url)
        assert page.status_code == 200
        assert ("restore_form" in page.content.decode()) is may, model
        response = client.post(url, {"opened": "2", "reason": "Back"})
        assert response.status_code == (302 if may else 403), model
        assert versions(instance) == (3 if may else 2), model
        assert (content(instance) != before) is may, model


def test_the_table_names_every_tracked_model():
    assert {model for model, *_answers in MAY_ROWS} == {model._meta.model_name for model in TRACKED}
    assert all(place_of(model) for model in TRACKED)


def test_a_stranger_is_sent_to_the_door(client, claim):
    change(claim, label="Dead")
    assert client.post(version_url(claim), {"opened": "2", "reason": "Back"}).status_code == 302
    assert versions(claim) == 2


# What stays as it is.


def test_where_a_claim_stands_is_not_restored(people, claim):
    change(claim, label="Dead")
    review.submit(claim, user=people.alice, reason="Ready")
    claim.refresh_from_db()
    change(claim, assignee=people.bob)
    response = at_desk(people.bob).get(version_url(claim))
    assert response.context_data["plan"].left == ["state", "assignee"]
    assert restore(people.bob, claim).status_code == 302
    stored = Claim.objects.get()
    assert (stored.label, stored.state, stored.assignee) == ("Death toll", "in_review", people.bob)


def test_the_kind_of_an_edition_and_its_author_are_not_restored(people, claim):
    publish(claim)
    review.reopen(claim, user=people.alice, reason="A fourth victim", kind="correction")
    verdict = Verdict.objects.get()
    change(verdict, people.alice, summary="Four.", author=people.erin, edition_note="We said three.")
    assert restore(people.bob, verdict, reason="It was three").status_code == 302
    stored = Verdict.objects.get()
    assert (stored.summary, stored.edition_note) == ("Three people died.", "")
    assert (stored.edition_kind, stored.author) == ("correction", people.erin)


def test_an_approval_does_not_outlive_it(people, claim):
    change(claim, people.alice, label="Dead")
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Agreed")
    assert restore(people.alice, claim).status_code == 302
    stored = Claim.objects.get()
    digest = dossier.digest(dossier.canonical(dossier.build(stored)))
    assert gate.valid_approval(stored, digest) is None


def test_whoever_restores_has_written(people, claim):
    change(claim.verdict, people.alice, summary="Four.")
    review.submit(claim, user=people.alice, reason="Ready")
    assert gate.four_eyes(claim, people.bob) is None
    restore(people.bob, claim.verdict)
    assert gate.four_eyes(claim, people.bob)


def test_whoever_brings_back_has_written(people, claim):
    report = claim.reports.last()
    key = report.pk
    with writing(people.erin):
        report.delete()
    restore(people.bob, report, 2, key)
    assert claim.reports.filter(pk=key).exists()
    assert gate.four_eyes(claim, people.bob)


# What is published.


def test_a_published_claim_and_its_verdict_wait_for_the_next_edition(people, claim):
    change(claim, label="Dead")
    change(claim.verdict, summary="Four.")
    publish(claim)
    before = Changeset.objects.count()
    for instance in (claim, claim.verdict):
        page = at_desk(people.erin).get(version_url(instance)).content.decode()
        assert "Start that one first." in page and "restore_form" not in page
        for opened_as in (Claim.objects.get().revision, Verdict.objects.get().revision, 1, "", "x"):
            data = {"opened": opened_as, "overrule": "claim=1", "reason": "Mine"}
            assert refused(at_desk(people.erin).post(version_url(instance), data))
    assert Changeset.objects.count() == before
    assert (Claim.objects.get().label, Verdict.objects.get().summary) == ("Dead", "Four.")


def test_in_the_next_edition_it_can_be(people, claim):
    change(claim, label="Dead")
    publish(claim)
    review.reopen(claim, user=people.alice, reason="Better", kind="clarification")
    assert "say why" in refused(restore(people.alice, claim)).lower()
    assert restore(people.alice, claim, reason="It reads better").status_code == 302
    assert Claim.objects.get().label == "Death toll"


def test_readers_see_it_so_a_reason_is_typed(people, claim):
    publish(claim)
    report, source, text = claim.reports.first(), Source.objects.get(slug="source-1"), None
    with writing():
        text = PublicText(slug="about", title="About us", body="We check.")
        text.save()
    for instance, fields in [(report, {"low": 4}), (source, {"title": "T"}), (text, {"title": "Us"})]:
        change(instance, **fields)
        client, before = at_desk(people.erin), Changeset.objects.count()
        assert form(client, version_url(instance))["reason"] == ""
        assert refused(restore(people.erin, instance)) == "Say why: it is kept with the change."
        assert Changeset.objects.count() == before
        assert restore(people.erin, instance, reason="The first was right").status_code == 302


def test_an_address_that_readers_know_stays(people, claim):
    story = claim.story
    change(story, title="Deluge", slug="deluge")
    publish(claim)
    page = at_desk(people.erin).get(version_url(story))
    assert page.context_data["plan"].left == ["short name"]
    restore(people.erin, story, reason="Calmer")
    story.refresh_from_db()
    assert (story.slug, story.title) == ("deluge", "Flood on the Aude")


# What was deleted.


def delete(instance, user=None) -> int:
    key = instance.pk
    with writing(user, "By mistake"):
        instance.delete()
    return key


def test_a_deleted_report_comes_back_under_its_old_key(people, claim):
    before = dossier.canonical(dossier.build(claim))
    report = claim.reports.get(number=1)
    key = delete(report)
    assert dossier.canonical(dossier.build(claim)) != before
    assert restore(people.alice, report, 2, key).status_code == 302
    back = Report.objects.get(pk=key)
    assert (back.number, back.revision, back.claim_id) == (1, 3, claim.pk)
    assert [row.history_type for row in Report.history.filter(id=key).order_by("revision")] == ["+", "-", "+"]
    assert dossier.canonical(dossier.build(claim)) == before


def test_an_older_version_of_a_deleted_report_comes_back_too(people, claim):
    report = claim.reports.get(number=1)
    change(report, low=5)
    key = delete(report)
    assert restore(people.alice, report, 1, key).status_code == 302
    assert Report.objects.get(pk=key).low == 3


def test_a_deleted_origin_of_a_source_comes_back(people):
    first, second = make_source("x"), make_source("y")
    with writing():
        basis = SourceBasis(source=first, rests_on=second)
        basis.save()
    key = delete(basis)
    assert restore(people.alice, basis, 1, key).status_code == 302
    assert SourceBasis.objects.get(pk=key).rests_on == second


def test_a_deleted_draft_comes_back_piece_by_piece(people, claim):
    verdict, report = claim.verdict, claim.reports.first()
    for other in claim.reports.all()[1:]:
        delete(other)
    review.submit(claim, user=people.alice, reason="Ready")
    claim.refresh_from_db()
    verdict_key, report_key, key = delete(verdict), delete(report), delete(claim)

    gone = [version_url(verdict, 1, verdict_key), version_url(report, 1, report_key)]
    for url in gone:
        assert (
            "The claim that it had then is gone: Death toll (deleted)." in at_desk(people.bob).get(url).content.decode()
        )
        assert "is gone" in refused(at_desk(people.bob).post(url, {"opened": "2", "reason": "Back"}))
    assert restore(people.bob, claim, 2, key, reason="Back").status_code == 302
    for url in gone:
        assert at_desk(people.bob).post(url, {"opened": "2", "reason": "Back"}).status_code == 302
    stored = Claim.objects.get(pk=key)
    assert (stored.state, stored.slug) == ("draft", "death-toll"), "it begins its way again"
    assert stored.verdict.author == people.alice
    assert [each.pk for each in stored.reports.all()] == [report_key]


def test_a_report_whose_source_is_gone_is_refused(people, claim):
    report = make_report(claim, make_source("odd"))
    source, key = report.source, delete(report)
    delete(source)
    said = refused(at_desk(people.alice).post(version_url(report, 1, key), {"opened": "2", "reason": "Back"}))
    assert said == "The source that it had then is gone: What odd wrote (deleted). Restore that first."
    assert not Report.objects.filter(pk=key).exists() and versions(report, key) == 2


def test_a_source_whose_publisher_is_gone_is_refused(people):
    source = make_source("odd")
    old, new = source.publisher, make_source("even").publisher
    change(source, publisher=new)
    delete(old)
    page = at_desk(people.alice).get(version_url(source)).content.decode()
    assert "The publisher that it had then is gone: Paper odd (deleted)." in page
    assert refused(at_desk(people.alice).post(version_url(source), {"opened": "2", "reason": "Back"}))
    source.refresh_from_db()
    assert source.publisher == new


# What the rules refuse.


def test_an_address_that_is_taken(people):
    story = make_story()
    change(story, slug="deluge")
    make_story("flood", title="Another")
    said = refused(at_desk(people.alice).post(version_url(story), {"opened": "2", "reason": "Back"}))
    assert said == "Short name: Story with this Short name already exists."
    story.refresh_from_db()
    assert story.slug == "deluge" and versions(story) == 2


def test_an_address_that_another_claim_had(people, claim):
    change(claim, slug="deaths")
    other = Claim(story=claim.story, slug="death-toll", label="Other", statement="Other.")
    with writing():
        other.save()
        other.slug = "other"
        other.save()
    said = refused(at_desk(people.alice).post(version_url(claim), {"opened": "2", "reason": "Back"}))
    assert "Addresses are never reused." in said
    assert Claim.objects.get(pk=claim.pk).slug == "deaths"


def test_an_origin_that_was_written_anew(people):
    first, second = make_source("x"), make_source("y")
    with writing():
        basis = SourceBasis(source=first, rests_on=second)
        basis.save()
    key = delete(basis)
    with writing():
        SourceBasis(source=first, rests_on=second).save()
    said = refused(at_desk(people.alice).post(version_url(basis, 1, key), {"opened": "2", "reason": "Back"}))
    assert "is recorded already" in said
    assert SourceBasis.objects.count() == 1


def test_a_number_that_another_rating_has(people):
    rating = make_rating("true")
    change(rating, value=None)
    with writing():
        Rating(slug="right", name="Right", definition="R.", value=4, mark="true").save()
    assert "already exists" in refused(
        at_desk(people.erin).post(version_url(rating), {"opened": "2", "reason": "Back"})
    )
    rating.refresh_from_db()
    assert rating.value is None


def test_what_is_stored_now_is_not_restored(people, claim):
    change(claim, label="Dead")
    change(claim, label="Death toll")
    page = at_desk(people.alice).get(version_url(claim)).content.decode()
    assert "is what is stored now" in page and "restore_form" not in page
    assert refused(at_desk(people.alice).post(version_url(claim), {"opened": "3", "reason": "Back"}))
    assert refused(at_desk(people.alice).post(version_url(claim, 3), {"opened": "3", "reason": "Back"}))
    assert versions(claim) == 3


@pytest.mark.parametrize("reason", ["", "   ", None, "x" * 1001, "\u200b", "a\u202eb", "\x00"])
def test_a_reason_that_is_none(people, claim, reason):
    change(claim, label="Dead")
    assert refused(restore(people.alice, claim, reason=reason))
    assert Claim.objects.get().label == "Dead" and versions(claim) == 2


# Two at once.


def test_the_second_is_told_who_when_and_what(people, claim):
    change(claim, label="Dead")
    client = at_desk(people.alice)
    data = form(client, version_url(claim)) | {"reason": "My long reason"}
    change(claim, people.bob, claimant="The mayor")
    response = client.post(version_url(claim), data)
    said = refused(response)
    assert "Bob Okafor saved this claim at" in said and "Changed: claimant." in said
    assert "My long reason" in response.content.decode(), "what was typed is not lost"
    stored = Claim.objects.get()
    assert (stored.label, stored.claimant, stored.revision) == ("Dead", "The mayor", 3)
    assert form(client, version_url(claim))["opened"] == "3"


def test_it_was_deleted_meanwhile(people, claim):
    report = claim.reports.first()
    change(report, low=4)
    client, url = at_desk(people.alice), version_url(report)
    data = form(client, url)
    key = delete(report, people.bob)
    assert refused(client.post(url, data)).startswith("Bob Okafor deleted this report at")
    assert not Report.objects.filter(pk=key).exists()


def test_somebody_brought_it_back_meanwhile(people, claim):
    report = claim.reports.first()
    key = delete(report)
    client, url = at_desk(people.alice), version_url(report, 1, key)
    data = form(client, url)
    restore(people.bob, report, 1, key)
    assert "Bob Okafor saved this report" in refused(client.post(url, data))
    assert versions(report, key) == 3


@pytest.mark.parametrize("token", ["", "x", "-1", "0", "1.5", "02", "²", "3", "9" * 30, None, "2\x00"])
def test_a_token_that_is_none(people, claim, token):
    change(claim, label="Dead")
    assert refused(restore(people.alice, claim, opened=token))
    assert Claim.objects.get().label == "Dead" and versions(claim) == 2


@pytest.mark.parametrize("is_gone", [False, True])
def test_one_of_many_at_once(committing, is_gone):
    people = make_people()
    claim = make_claim(author=people.alice)
    report = claim.reports.first()
    change(report, low=4)
    key = delete(report) if is_gone else report.pk
    url, token = version_url(report, 1, key), Report.history.filter(id=key).latest("revision").revision
    answers = []

    def attempt(user):
        try:
            response = at_desk(user).post(url, {"opened": token, "reason": f"Back, says {user}"})
            answers.append(response.status_code if response.status_code == 302 else refused(response))
        finally:
            connection.close()

    threads = [Thread(target=attempt, args=[user]) for user in [people.alice, people.bob, people.erin] * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(str, answers))[0] == "302" and answers.count(302) == 1
    assert len(answers) == 6 and all("saved this report" in said for said in answers if said != 302), answers
    assert versions(report, key) == token + 1
    assert Report.objects.get(pk=key).low == 3


def test_publishers_are_named_when_one_is_missing(people):
    """The publisher of a deleted source is asked for by its name."""
    source = make_source("odd")
    key, publisher = source.pk, source.publisher
    delete(source)
    delete(publisher)
    said = refused(at_desk(people.alice).post(version_url(source, 1, key), {"opened": "2", "reason": "Back"}))
    assert "Paper odd (deleted)" in said
    assert not Publisher.objects.filter(name="Paper odd").exists()


def test_stories_come_back(people):
    story = make_story()
    key = delete(story)
    assert restore(people.alice, story, 1, key).status_code == 302
    assert Story.objects.get(pk=key).revision == 3
