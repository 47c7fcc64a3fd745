"""A failure at the n-th statement, for every n, COMMIT among them: all of an act is there afterwards, or none of it.

Every commit is a real one. Only the connection fails: what it does not pass on, the database never sees; on PostgreSQL
it is also cut in earnest.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from logging import CRITICAL
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.test import Client

from factcheck.desk import review
from factcheck.desk.gate import NotAllowed
from factcheck.history import StaleEdit, recording
from factcheck.intake import import_files
from factcheck.models import Capture, Claim, EditionKind, State, Story

from .committing import emptied
from .newsroom import make_claim, make_people, make_rating
from .snapshots import Changes, changes, snapshot
from .test_desk import change_url, fields
from .test_import import BEFORE, EDITION
from .test_review import bring_to

LOST = "server closed the connection unexpectedly"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """One database for all tests, emptied at the end: none touches the claims of another."""
    with django_db_blocker.unblock(), emptied():
        yield


@pytest.fixture(scope="module")
def people(transactional_db: None) -> SimpleNamespace:
    return make_people()


def new_claim(people: SimpleNamespace) -> Claim:
    return make_claim(f"claim-{next(NUMBERS)}", author=people.alice)


# Ways to fail.


class Fault:
    """Fails one statement, the one counted `at`; COMMIT is one too. All that follows goes through."""

    def __init__(self, at: int) -> None:
        self.at, self.seen, self.last, self.failed = at, 0, "", ""

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        return self.step(sql, lambda: execute(sql, params, many, context))

    def step(self, sql: str, go_on: Callable[[], Any]) -> Any:
        self.seen, self.last = self.seen + 1, sql
        if not self.is_due():
            return go_on()
        self.failed = self.failed or sql
        return self.fail(go_on)

    def is_due(self) -> bool:
        return self.seen == self.at

    def fail(self, go_on: Callable[[], Any]) -> Any:
        raise OperationalError(LOST)


class Silence(Fault):
    """Nothing goes through any more, but the rollback."""

    def is_due(self) -> bool:
        return self.seen >= self.at


class Cut(Fault):
    """The server ends the session, and the statement finds out."""

    def fail(self, go_on: Callable[[], Any]) -> Any:
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        other.close()
        return go_on()


class LostAnswer(Fault):
    """The COMMIT is done, and nobody hears of it."""

    def is_due(self) -> bool:
        return self.last == "COMMIT"

    def fail(self, go_on: Callable[[], Any]) -> Any:
        go_on()
        raise OperationalError(LOST)


def ways(fast: type[Fault]) -> list[Any]:
    """All that the database has; the others are slow."""
    found = [Fault, Silence, Cut] if connection.vendor == "postgresql" else [Fault, Silence]
    return [fast, *(pytest.param(way, marks=pytest.mark.slow) for way in found if way is not fast)]


@contextmanager
def failing(fault: Fault) -> Iterator[None]:
    connection.ensure_connection()
    commit = connection._commit
    connection._commit = lambda: fault.step("COMMIT", commit)
    try:
        with connection.execute_wrapper(fault):
            yield
    finally:
        connection._commit = commit
        connection.close_if_unusable_or_obsolete()  # as at the end of a request


# What comes of it.

RECORDED: Changes = {"changeset": (0, 1)}
MOVED = RECORDED | {"claim": (1, 1), "historicalclaim": (0, 1)}


def values(instance: Any) -> dict[str, Any]:
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


class Act(NamedTuple):
    do: Callable[[], Any]
    compare_memory: Callable[[], Any]
    """With what is stored, after a failure."""


def fails_at_every_statement(way: type[Fault], begin: Callable[[], Act], done: Changes) -> None:
    """The same act again and again: each time it comes one statement further, until nothing keeps it from its end."""
    act, before = begin(), snapshot()
    for at in count(1):
        fault, is_done = way(at), True
        try:
            with failing(fault):
                act.do()
        except OperationalError:
            is_done = False
        assert changes(before, snapshot()) == (done if is_done else {}), f"at statement {at}: {fault.failed}"
        if not fault.failed:
            assert is_done and fault.last == "COMMIT"
            return
        if is_done:  # without that statement: Django lets a rule pass that it cannot ask, and the database holds it
            act, before = begin(), snapshot()
        else:
            act.compare_memory()


# The verbs.

VERBS: dict[str, tuple[str, str, Changes]] = {
    "submit": ("alice", State.DRAFT, MOVED),
    "return_to_author": ("bob", State.IN_REVIEW, MOVED),
    "approve": ("bob", State.IN_REVIEW, MOVED | {"approval": (0, 1)}),
    "publish": ("erin", State.APPROVED, MOVED | {"edition": (0, 1), "citation": (0, 2), "searchentry": (0, 1)}),
    "reopen": ("alice", State.PUBLISHED, MOVED | {"verdict": (1, 1), "historicalverdict": (0, 1)}),
    "flag": ("erin", State.PUBLISHED, RECORDED | {"flag": (0, 1)}),
    "withdraw": ("erin", State.PUBLISHED, MOVED | {"edition": (0, 1), "citation": (2, 4), "searchentry": (1, 0)}),
}


def test_every_verb_has_a_row():
    assert set(VERBS) == set(review.VERBS)


def begin_verb(verb: str, people: SimpleNamespace) -> Act:
    person, state, _done = VERBS[verb]
    claim = bring_to(new_claim(people), state, people)
    kind = {"kind": EditionKind.UPDATE} if verb == "reopen" else {}

    def do() -> None:
        review.VERBS[verb](claim, user=getattr(people, person), reason="Because", **kind)

    def compare_memory() -> None:
        assert values(claim) == values(Claim.objects.get(pk=claim.pk))

    return Act(do, compare_memory)


@pytest.mark.parametrize("way", ways(Fault))
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb(verb, way, people):
    fails_at_every_statement(way, lambda: begin_verb(verb, people), VERBS[verb][-1])


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_whose_commit_is_not_answered_is_not_done_twice(verb, people):
    act, before = begin_verb(verb, people), snapshot()
    with pytest.raises(OperationalError), failing(LostAnswer(0)):
        act.do()
    assert changes(before, snapshot()) == VERBS[verb][-1]
    with pytest.raises((StaleEdit, NotAllowed)):
        act.do()
    assert changes(before, snapshot()) == VERBS[verb][-1]


def test_a_verb_in_a_larger_act_that_fails(people):
    act = begin_verb("submit", people)
    with pytest.raises(OperationalError), recording(user=people.alice, reason="Both", via="admin"):
        act.do()
        raise OperationalError(LOST)
    act.compare_memory()
    act.do()


# One act of many objects.


@pytest.mark.parametrize("way", ways(Fault))
def test_an_act_of_many_objects(way, people):
    """All that can be done to an object; what failed is done with the same objects once more."""

    def begin() -> Act:
        claim = new_claim(people)
        story = Story(slug=f"of-{claim.slug}", title="New", summary="New.", began_on="2026-01-01")
        gone = claim.reports.last()
        capture = Capture(source=gone.source, text=f"What it said, for {claim.slug}.")
        claim.statement = "Other words."

        def memory() -> list[tuple[Any, ...]]:
            objects = [story, claim, capture, gone]
            return [(each.pk, each._state.adding, getattr(each, "revision", None)) for each in objects]

        def do() -> None:
            with recording(user=people.alice, reason="Because", via="admin"):
                story.save()
                claim.save()
                capture.save()
                gone.delete()

        def compare_memory() -> None:
            assert memory() == remembered

        remembered = memory()
        return Act(do, compare_memory)

    new = {name: (0, 1) for name in ("story", "historicalstory", "capture", "historicalreport")}
    fails_at_every_statement(way, begin, MOVED | new | {"report": (1, 0)})


# The desk.

SAVED = MOVED | {
    "verdict": (1, 1),
    "historicalverdict": (0, 1),
    "report": (1, 2),
    "historicalreport": (0, 2),
}
REPORT = {
    "stance": "supports",
    "reported_at_0": "2026-03-14",
    "reported_at_1": "08:00",
    "reported_precision": "minute",
    "qualifier": "exactly",
    "low": "4",
    "standing": "current",
}


def form_of(claim: Claim, client: Client) -> dict[str, str]:
    """Other words for the claim and its verdict, another figure for a report, and one report more."""
    added = REPORT | {"id": "", "claim": claim.pk, "source": claim.reports.first().source_id}
    return fields(client, claim) | {
        "statement": "Other words.",
        "verdict-0-summary": "Another finding.",
        "reports-0-low": "5",
        "reports-TOTAL_FORMS": "3",
        "reason": "Because",
        **{f"reports-2-{name}": str(value) for name, value in added.items()},
    }


@pytest.mark.slow
@pytest.mark.parametrize("way", ways(Silence))
def test_a_save_at_the_desk(way, people, caplog):
    caplog.set_level(CRITICAL, "django.request")
    client = Client(raise_request_exception=False)
    client.force_login(people.alice)

    def begin() -> Act:
        claim = new_claim(people)
        form = form_of(claim, client)

        def do() -> None:
            status = client.post(change_url(claim), form).status_code
            assert status in (200, 302, 500)  # 200: the form comes back, and says that nothing was saved
            if status != 302:
                raise OperationalError(LOST)

        return Act(do, bool)

    fails_at_every_statement(way, begin, SAVED)


# An import.

IMPORTED = {"changeset": (0, 2), "edition": (0, 1), "citation": (0, 1), "searchentry": (0, 1), "sourceaddress": (0, 1)}
for model, versions in {"story": 1, "publisher": 1, "source": 1, "claim": 2, "report": 1, "verdict": 1}.items():
    IMPORTED |= {model: (0, 1), f"historical{model}": (0, versions)}


def story_file(folder: Path) -> Path:
    """Two acts: what was found, and an edition of it."""
    number = next(NUMBERS)
    path, text = folder / f"{number}.yaml", BEFORE + EDITION
    for name in ("flood", "same-day", "death-toll", "The Paper"):
        text = text.replace(name, f"{name}-{number}")
    path.write_text(text)
    return path


@pytest.mark.parametrize("way", ways(Silence))
def test_an_import(way, people, tmp_path):
    make_rating("true"), make_rating("false")

    def begin() -> Act:
        path = story_file(tmp_path)
        return Act(lambda: import_files([path], user=people.erin, with_editions=True), bool)

    fails_at_every_statement(way, begin, IMPORTED)


def test_an_import_blames_no_file_for_a_lost_connection(people, tmp_path):
    path = story_file(tmp_path)
    with failing(Silence(30)), pytest.raises(CommandError, match=LOST):
        call_command("import_fixtures", str(path), "--user", "erin")
