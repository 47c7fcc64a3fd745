"""Two people at once: what one of them read is what is approved, or nothing is."""

from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, connections

from factcheck import dossier
from factcheck.desk import gate, review
from factcheck.desk.gate import NotAllowed
from factcheck.history import Busy, Changeset, HistoryError, postgres, recording
from factcheck.models import Approval, Claim, Edition, Source, State, Verdict

from .newsroom import make_claim, make_people
from .racing import at_once

REFUSALS = (NotAllowed, HistoryError)


@pytest.fixture
def people(committing):
    return make_people()


def waiting(slug: str, people) -> Claim:
    claim = make_claim(slug, author=people.alice)
    review.submit(claim, user=people.alice, reason="Ready")
    return claim


@pytest.mark.parametrize("number", range(4))
def test_an_approval_and_an_edit_at_once(people, number):
    """Whoever comes first: never is content approved that bob had not read, nor published that nobody approved."""
    claim = waiting("death-toll", people)
    seen = dossier.digest(dossier.canonical(dossier.build(claim)))

    def act(who: int) -> str:
        try:
            if who == 0:
                review.approve(Claim.objects.get(), user=people.bob, reason="Good", seen=seen)
            else:
                verdict = Verdict.objects.get()
                with recording(user=people.alice, reason="Four now", via="admin"):
                    verdict.summary = "Four people died."
                    verdict.save()
        except REFUSALS as refused:
            return str(refused)
        return "done"

    approved, edited = at_once(2, act)
    assert edited == "done"
    assert (approved == "done") == Approval.objects.exists()
    assert all(approval.digest == seen for approval in Approval.objects.all())
    with pytest.raises(NotAllowed):
        review.publish(Claim.objects.get(), user=people.erin, reason="Out")
    assert not Edition.objects.exists()


def test_an_edit_and_a_publication_at_once(people):
    """The edition says what was approved, whether the edit came before it or after."""
    claim = waiting("death-toll", people)
    review.approve(claim, user=people.bob, reason="Good")
    approved = Approval.objects.get().digest

    def act(who: int) -> str:
        try:
            if who == 0:
                review.publish(Claim.objects.get(), user=people.erin, reason="Out")
            else:
                verdict = Verdict.objects.get()
                with recording(user=people.alice, reason="Four now", via="admin"):
                    verdict.summary = "Four people died."
                    verdict.save()
        except REFUSALS as refused:
            return str(refused)
        return "done"

    published, edited = at_once(2, act)
    assert edited == "done"
    assert (published == "done") == Edition.objects.filter(digest=approved).exists()
    assert Edition.objects.count() == (published == "done")
    assert Claim.objects.get().state == (State.PUBLISHED if published == "done" else State.APPROVED)


@pytest.mark.parametrize("verb", ["approve", "publish", "withdraw"])
def test_one_move_by_two_people_is_made_once(people, verb):
    claim = waiting("death-toll", people)
    before = {"approve": 0, "publish": 1, "withdraw": 2}[verb]
    for step, user in list(zip(("approve", "publish"), (people.bob, people.erin), strict=True))[:before]:
        review.VERBS[step](claim, user=user, reason="Good")
    opened = [Claim.objects.get() for _ in range(3)]

    def act(who: int) -> bool:
        try:
            review.VERBS[verb](opened[who], user=people.erin, reason="Now")
        except REFUSALS:
            return False
        return True

    assert at_once(3, act).count(True) == 1
    counted = {"approve": Approval.objects.count(), "publish": Edition.objects.count()}
    assert counted == {"approve": 1, "publish": before} if verb != "publish" else {"approve": 1, "publish": 1}
    assert gate.newest_edition(claim) is None or gate.newest_edition(claim).number == Edition.objects.count()


@contextmanager
def open_act(user):
    """An act with a changed source, begun elsewhere and not committed."""
    begun, may_end = Event(), Event()

    def act() -> None:
        with recording(user=user, reason="A long import", via="admin"):
            source = Source.objects.get(slug="source-1")
            source.title = "Words of the approver"
            source.save()
            begun.set()
            may_end.wait(10)

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    assert begun.wait(10)
    try:
        yield may_end
    finally:
        may_end.set()
        thread.join()


def test_an_act_that_is_open_when_an_edition_is_published(people):
    """It comes before the publication, and is in what is published, or after it: its writer wrote since."""
    claim = waiting("death-toll", people)
    review.approve(claim, user=people.bob, reason="Good")
    with open_act(people.bob) as may_end:
        timer = Thread(target=lambda: may_end.wait(1) or may_end.set())
        timer.start()
        with pytest.raises(NotAllowed, match="Nobody who may has approved what stands here now"):
            review.publish(claim, user=people.erin, reason="Out")
        timer.join()
    assert not Edition.objects.exists()
    assert gate.four_eyes(claim, people.bob)


one_writer = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")


@one_writer
def test_an_act_that_does_not_end_keeps_nobody_waiting_for_ever(people, monkeypatch):
    monkeypatch.setattr(postgres, "PATIENCE", "100ms")
    claim = waiting("death-toll", people)
    review.approve(claim, user=people.bob, reason="Good")
    acts = Changeset.objects.count()
    with open_act(people.alice):
        with pytest.raises(Busy, match="Nothing has changed: try again"):
            review.publish(claim, user=people.erin, reason="Out")
        assert (claim.state, Changeset.objects.count()) == (State.APPROVED, acts)


@one_writer
def test_acts_that_publish_nothing_do_not_wait_for_each_other(people):
    claim = waiting("death-toll", people)
    with open_act(people.alice):
        review.approve(claim, user=people.bob, reason="Good")
    assert Claim.objects.get().state == State.APPROVED
