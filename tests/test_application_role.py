"""The README's role that owns no table: the app works as this role, and history is out of its reach."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection
from django.test import Client

from factcheck.desk import review
from factcheck.history import guard
from factcheck.models import Claim, Edition, Story

from .desk_forms import opened
from .newsroom import make_people

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")

(LINES,) = re.findall(r"^```sql\n(.*?)^```", (settings.BASE_DIR / "README.md").read_text(encoding="utf-8"), re.M | re.S)
NAME, PASSWORD = re.search(r"CREATE ROLE (\w+) LOGIN PASSWORD '(.*)'", LINES).groups()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def people(committing: None) -> SimpleNamespace:
    return make_people()


@pytest.fixture
def served(claim: Claim) -> Iterator[None]:
    """From here on, all is done as the role."""
    owner = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    sql(LINES)
    sql(LINES.split("\n", 1)[1])  # again, as after an upgrade
    connection.close()
    connection.settings_dict.update(USER=NAME, PASSWORD=PASSWORD)
    yield
    connection.close()
    connection.settings_dict.update(owner)
    sql(f"DROP OWNED BY {NAME}; DROP ROLE {NAME}")


def test_the_app_works(served, people, claim):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (NAME,)
    guard.require()
    client = Client()
    client.force_login(people.alice)
    address = f"/admin/factcheck/claim/{claim.pk}/change/"
    filled = opened(client, address, "claim_form") | {"label": "Deaths", "reports-0-DELETE": "on", "reason": "Mend it"}
    filled |= {"verdict-0-few_sources_reason": "Only source at the time"}
    assert client.post(address, filled).status_code == 302
    review.submit(claim := Claim.objects.get(), user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Agreed")
    review.publish(claim, user=people.erin, reason="Publish")
    assert Client().get("/claims/death-toll/").status_code == 200
    assert Edition.objects.count() == 1
    assert [row.history_type for row in claim.history.order_by("revision")] == ["+", "~", "~", "~", "~"]


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE factcheck_story SET title = 'x'", IntegrityError),
        ("TRUNCATE factcheck_story CASCADE", ProgrammingError),
        ("TRUNCATE factcheck_historicalstory", ProgrammingError),
        ("UPDATE factcheck_historicalstory SET title = 'x'", ProgrammingError),
        ("DELETE FROM factcheck_historicalstory", ProgrammingError),
        ("UPDATE factcheck_changeset SET reason = 'x'", ProgrammingError),
        ("DELETE FROM factcheck_edition", ProgrammingError),
        ("UPDATE factcheck_approval SET digest = 'x'", ProgrammingError),
        ("ALTER TABLE factcheck_story DISABLE TRIGGER factcheck_story_recorded", ProgrammingError),
        ("DROP TRIGGER factcheck_story_recorded ON factcheck_story", ProgrammingError),
        ("SET session_replication_role = replica", ProgrammingError),
        (
            "CREATE OR REPLACE FUNCTION factcheck_append_only() RETURNS trigger LANGUAGE plpgsql "
            "AS $$BEGIN RETURN NEW; END$$",
            ProgrammingError,
        ),
        ("CREATE TABLE factcheck_more (id int)", ProgrammingError),
        ("DROP TABLE factcheck_story CASCADE", ProgrammingError),
        ("ALTER TABLE factcheck_story OWNER TO CURRENT_USER", ProgrammingError),
    ],
)
def test_history_is_out_of_reach(served, statement, refusal):
    with pytest.raises(DatabaseError) as caught:
        sql(statement)
    assert type(caught.value) is refusal, caught.value
    assert guard.missing() == []
    assert Story.objects.get().title == "Flood on the Aude"
