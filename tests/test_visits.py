"""What a claim's page tells of others: what they did since one last looked, and who else has it open."""

from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from factcheck.desk import review
from factcheck.models import Claim, User, Verdict, Visit

from .newsroom import make_claim, writing
from .test_desk import at_desk, change_url

pytestmark = pytest.mark.django_db


def looking(client: Client, claim: Claim) -> dict:
    return client.get(change_url(claim)).context_data["looking"]


def told(client: Client, claim: Claim) -> list[str]:
    return [entry["changeset"].reason for entry in looking(client, claim).get("since", [])]


def away(user: User, **time: int) -> None:
    Visit.objects.filter(user=user).update(at=timezone.now() - timedelta(**time))


def change(user: User, reason: str) -> None:
    with writing(user, reason):
        verdict = Verdict.objects.get()
        verdict.summary += "."
        verdict.save()


def test_it_tells_what_others_did_since(people, claim):
    bob = at_desk(people.bob)
    assert told(bob, claim) == []
    away(people.bob, hours=3)
    change(people.alice, "The prefecture counts four")
    change(people.bob, "My own words")
    response = bob.get(change_url(claim))
    (entry,) = response.context_data["looking"]["since"]
    assert (entry["changeset"].reason, entry["did"]) == ("The prefecture counts four", "verdict changed")
    page = response.content.decode()
    assert "Since you last looked" in page and f"#act-{entry['changeset'].pk}" in page
    history = bob.get(change_url(claim).replace("change", "history")).content.decode()
    assert f'id="act-{entry["changeset"].pk}"' in history


def test_it_stays_for_a_sitting_and_goes_with_it(people, claim):
    bob = at_desk(people.bob)
    looking(bob, claim)
    away(people.bob, hours=3)
    change(people.alice, "First")
    assert told(bob, claim) == ["First"]
    change(people.alice, "Second")
    assert told(bob, claim) == told(bob, claim) == ["Second", "First"]
    away(people.bob, minutes=31)
    assert told(bob, claim) == []


def test_what_happened_elsewhere_is_not_told(people, claim):
    other = make_claim("other", author=people.alice, sources=0)
    bob = at_desk(people.bob)
    looking(bob, claim)
    away(people.bob, hours=3)
    review.submit(other, user=people.alice, reason="Ready")
    assert told(bob, claim) == []


def test_many_acts_are_told_in_part(people, claim):
    bob = at_desk(people.bob)
    looking(bob, claim)
    away(people.bob, hours=3)
    for number in range(7):
        change(people.alice, f"Act {number}")
    found = looking(bob, claim)
    assert [entry["changeset"].reason for entry in found["since"]] == [f"Act {number}" for number in (6, 5, 4, 3, 2)]
    assert found["has_more"]


def test_who_else_has_it_open_is_said_quietly(people, claim):
    bob, alice = at_desk(people.bob), at_desk(people.alice)
    assert looking(bob, claim)["present"] == [] == looking(bob, claim)["present"]
    Visit.objects.update(at=timezone.now() - timedelta(minutes=3))
    page = alice.get(change_url(claim)).content.decode()
    assert "Bob Okafor opened this 3\xa0minutes ago." in page and "Alice Martin opened" not in page
    away(people.bob, minutes=16)
    assert looking(alice, claim)["present"] == []


def test_only_somebody_who_reads_is_noted(people, claim):
    bob = at_desk(people.bob)
    url = change_url(claim)
    bob.head(url)
    bob.get(url, headers={"Sec-Purpose": "prefetch;prerender"})
    bob.get(url, headers={"Purpose": "prefetch"})
    bob.post(url, {})
    assert not Visit.objects.exists()
    bob.get(url)
    bob.get(url)
    visit = Visit.objects.get()
    assert (visit.user, visit.claim) == (people.bob, claim)


def test_a_draft_that_was_looked_at_can_be_deleted(people, claim):
    looking(at_desk(people.bob), claim)
    with writing(people.alice):
        for part in [*Verdict.objects.all(), *claim.reports.all(), claim]:
            part.delete()
    assert not Visit.objects.exists() and not Claim.objects.exists()


def test_a_busy_database_does_not_keep_the_page_shut(people, claim, committing):
    """Somebody else writes, and does not end: the page opens at once, and notes nothing."""
    client = at_desk(people.bob)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE factcheck_visit IN EXCLUSIVE MODE")
                with connection.cursor() as own:
                    own.execute("SET lock_timeout = '100ms'")
            started = timezone.now()
            response = client.get(change_url(claim))
            assert timezone.now() - started < timedelta(seconds=5)
            cursor.execute("ROLLBACK")
    finally:
        other.close()
        if connection.vendor == "postgresql":
            with connection.cursor() as own:
                own.execute("SET lock_timeout = 0")
    assert response.status_code == 200 and not Visit.objects.exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] == 20_000
    looking(client, claim)
    assert Visit.objects.count() == 1


def test_two_tabs_at_once_leave_one_row(people, claim):
    first, second = (Visit(claim=claim, user=people.bob, at=timezone.now(), newest=1) for _tab in range(2))
    with transaction.atomic():
        Visit.objects.put(first)
        Visit.objects.put(second)
    assert Visit.objects.get().at == second.at
