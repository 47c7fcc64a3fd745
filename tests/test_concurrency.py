"""Many at once, with real threads, processes and commits: nobody is overwritten or left untold, and nothing locks."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from factcheck import standing
from factcheck.desk import review
from factcheck.history import StaleEdit, guard
from factcheck.models import (
    Approval,
    Claim,
    Edition,
    Publisher,
    Rating,
    Report,
    Role,
    Source,
    Standing,
    State,
    Story,
    User,
    Verdict,
)

from .desk_forms import errors, read_form
from .newsroom import make_claim, make_people, make_story, publish, writing
from .racing import at_once, edit
from .test_desk import at_desk, change_url, fields, move_url

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def people(committing):
    return make_people()


def slowly(*args):
    return pytest.param(*args, marks=pytest.mark.slow)


def all_is_told(story: Story, answers: list[dict[str, list[str]]], tries: int) -> None:
    """Each version is the one before and a mark; every mark that was not saved was refused, with a name."""
    saved = [mark for answer in answers for mark in answer["saved"]]
    told = [sentence for answer in answers for sentence in answer["told"]]
    assert len(saved) + len(told) == tries
    assert told, "nobody met anybody: that proves nothing"
    assert all("saved this story" in sentence and "Changed: summary." in sentence for sentence in told)
    rows = list(story.history.select_related("changeset").order_by("revision"))
    assert [row.revision for row in rows] == list(range(1, len(saved) + 2))
    for before, row in pairwise(rows):
        assert row.summary == f"{before.summary} {row.changeset.reason}"
        assert row.history_date > before.history_date
    assert {row.changeset.reason for row in rows[1:]} == set(saved)
    story.refresh_from_db()
    assert story.summary == rows[-1].summary
    assert guard.unmet() == []


@pytest.mark.parametrize(("threads", "rounds"), [(4, 5), slowly(16, 25)])
def test_it_works(people, threads, rounds):
    story = make_story()
    answers = at_once(threads, lambda number: edit(story.pk, "alice", f"thread-{number}", rounds))
    all_is_told(story, answers, threads * rounds)


def database_url() -> str:
    """Of the tests' own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.mark.slow
def test_two_processes(people):
    story, rounds = make_story(), 100
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.racing", str(story.pk), name, str(rounds)],
            cwd=settings.BASE_DIR, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("alice", "bob")
    ]  # fmt: skip
    try:
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
    all_is_told(story, answers, 2 * rounds)


# The verbs.


@pytest.fixture
def approved(people):
    claim = make_claim(author=people.alice)
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Agreed")
    return claim


def test_one_of_many_publishers_publishes(people, approved):
    read = [Claim.objects.get(pk=approved.pk) for _number in range(16)]

    def publish(number: int) -> Edition | StaleEdit:
        try:
            return review.publish(read[number], user=people.erin, reason=f"Publisher {number}")
        except StaleEdit as stale:
            return stale

    answers = at_once(16, publish)
    (edition,) = Edition.objects.all()
    assert [answer for answer in answers if isinstance(answer, Edition)] == [edition]
    told = [str(answer) for answer in answers if isinstance(answer, StaleEdit)]
    assert len(told) == 15
    assert all("another window, saved this claim" in sentence and "Changed: state." in sentence for sentence in told)
    approved.refresh_from_db()
    assert approved.state == State.PUBLISHED and approved.revision == 4
    assert guard.unmet() == []


def test_one_of_many_clicks_publishes(people, approved):
    clients = [at_desk(people.erin) for _number in range(8)]
    page = clients[0].get(change_url(approved)).context_data["panel"]
    data = {"opened": str(approved.revision), "seen": page["digest"], "reason": "Out"}
    pages = at_once(8, lambda number: clients[number].post(move_url(approved, "publish"), data, follow=True))
    texts = [page.content.decode() for page in pages]
    assert [page.status_code for page in pages] == [200] * 8
    assert sum("Published." in text for text in texts) == 1
    assert sum("You, in another window, saved this claim" in text for text in texts) == 7
    assert Edition.objects.count() == Approval.objects.count() == 1


# The desk's forms.


def test_one_of_many_first_answers_to_a_form_is_saved(people):
    claim = make_claim(author=people.alice)
    clients = [at_desk(people.alice) for _number in range(8)]
    data = fields(clients[0], claim)

    def save(number: int) -> int:
        response = clients[number].post(change_url(claim), data | {"statement": f"Number {number}."})
        if response.status_code == 200:
            assert "You, in another window, saved this claim" in errors(response)
            assert f"Number {number}." in response.content.decode()
        return response.status_code

    assert sorted(at_once(8, save)) == [200] * 7 + [302]
    assert list(claim.history.order_by("revision").values_list("revision", flat=True)) == [1, 2]


OWN = ["label", "statement", "claimant", "first_appearance", "verdict-0-summary", "reports-0-quote", "reports-1-quote"]


def until_saved(client: Client, claim: Claim, field: str, words: str) -> int:
    """As a person would: look, write into one field, save, and save again as long as somebody was faster."""
    data = fields(client, claim) | {field: words}
    for tries in range(1, 100):
        response = client.post(change_url(claim), data)
        if response.status_code == 302:
            return tries
        page = response.content.decode()
        assert response.context_data["meetings"], errors(response)
        data = read_form(page, "claim_form")
        assert data[field] == words
    raise AssertionError("never saved")


@pytest.mark.parametrize(("writers", "rounds"), [(3, 2), slowly(7, 6)])
def test_everybody_has_a_field_and_nobody_undoes_anothers(people, writers, rounds):
    claim = make_claim(author=people.alice)
    clients = []
    for number in range(writers):
        user = User.objects.create_user(OWN[number], is_staff=True)
        user.take_role(Role.REPORTER)
        clients.append(at_desk(user))

    def write(number: int) -> int:
        return sum(until_saved(clients[number], claim, OWN[number], f"Words {each}.") for each in range(rounds))

    tries = at_once(writers, write)
    assert sum(tries) > writers * rounds, "nobody met anybody: that proves nothing"
    for model in (Claim, Verdict, Report):
        rows = list(model.history.select_related("changeset__user").order_by("id", "revision"))
        for before, row in pairwise(rows):
            if before.id == row.id and row.changeset.user.username in OWN:
                changed = {
                    each.name
                    for each in model._meta.fields
                    if each.name != "revision" and getattr(before, each.attname) != getattr(row, each.attname)
                }
                assert changed == {row.changeset.user.username.rpartition("-")[2]}
    claim.refresh_from_db()
    assert (claim.label, claim.statement, claim.claimant) == (f"Words {rounds - 1}.",) * 3
    assert guard.unmet() == []


def test_what_many_change_at_once_is_all_a_difference_from_the_page(people):
    """Each changes something else of the same pages, and none sees what the others have not committed."""
    claims = [make_claim(slug, author=people.alice) for slug in ("death-toll", "injured")]
    for claim in claims:
        publish(claim)
    parts = [
        (Source.objects.get(slug="source-1"), "title"),
        (Source.objects.get(slug="source-2"), "title"),
        (Publisher.objects.get(name="Paper source-1"), "name"),
        (Rating.objects.get(slug="true"), "definition"),
        (Story.objects.get(), "title"),
    ]

    def change(number: int) -> None:
        instance, name = parts[number]
        for time in range(4):
            setattr(instance, name, f"{'Once more ' * time}other {number}")
            with writing(people.alice):
                instance.save()

    at_once(len(parts), change)
    assert list(standing.findings()) == []
    for claim in claims:
        labels = [label for label, _before, _after in Standing.objects.get(claim=claim).differences]
        assert len(labels) == len(parts), labels
