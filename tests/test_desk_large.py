"""The desk with a hundred thousand claims: no screen reads, sorts or counts them all. On both databases."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from factcheck.history import Changeset, guard
from factcheck.models import (
    Capture,
    Claim,
    CorrectionRequest,
    Edition,
    Flag,
    Publisher,
    Report,
    Source,
    Story,
    User,
    Verdict,
)

from .committing import emptied
from .newsroom import make_people, make_rating
from .test_desk import at_desk

pytestmark = pytest.mark.slow

CLAIMS, STORIES, SOURCES, CAPTURES, ACTS = 100_000, 2_000, 2_000, 4_000, 20_000
# Of a hundred claims, how many are in which state: most are published, and there are thousands of each.
STATE = (
    "CASE WHEN n % 100 < 5 THEN 'draft' WHEN n % 100 < 8 THEN 'in_review' "
    "WHEN n % 100 < 10 THEN 'approved' ELSE 'published' END"
)
FEW = CLAIMS // 2  # rows that one query may look at: a queue of thousands, never all claims
LISTED = 2_000 * 100  # for a list of 2,000, with all that was written of each and of what it cites


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def numbers(last: int) -> str:
    return f"WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {last})"


def fill(model: type[models.Model], values: dict[str, str], last: int = CLAIMS, where: str = "true") -> None:
    """A row for each number; columns that are not given are empty."""
    row = {field.column: "NULL" if field.null else "''" for field in model._meta.concrete_fields} | values
    columns = ", ".join(f'"{name}"' for name in row)
    run(
        f'INSERT INTO "{model._meta.db_table}" ({columns}) {numbers(last)} '
        f"SELECT {', '.join(row.values())} FROM counted WHERE {where}"
    )


@pytest.fixture(scope="module", autouse=True)
def transactional_db(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """One newsroom for all tests, emptied at the end."""
    with django_db_blocker.unblock(), emptied(), guard.lowered():
        make()
        yield


def moment_of(number: str) -> str:
    """Another for each."""
    if connection.vendor == "postgresql":
        return f"TIMESTAMPTZ '2026-01-01 00:00Z' + {number} * INTERVAL '1 second'"
    return f"datetime('2026-01-01', '+' || {number} || ' seconds')"


def make() -> None:
    people = make_people()
    rating = make_rating()
    first, now = Changeset.objects.latest("pk").pk + 1, "CURRENT_TIMESTAMP"
    others = User.objects.create(username="dora").pk
    somebody = f"CASE n % 10 WHEN 0 THEN {people.alice.pk} WHEN 1 THEN {people.bob.pk} ELSE {others} END"
    fill(Changeset, {"id": f"{first} + n", "user_id": somebody, "reason": "'Write'", "via": "'admin'", "at": now}, ACTS)
    act = f"{first} + 1 + n % {ACTS - 1}"
    version = {"history_id": "n", "history_date": now, "history_type": "'+'", "changeset_id": act}
    story = {"id": "n", "revision": "1", "slug": "'s-' || n", "title": "'Story ' || n", "began_on": "'2026-01-01'"}
    fill(Story, story, STORIES)
    fill(Story.history.model, story | version, STORIES)
    claim = {
        "id": "n",
        "revision": "1",
        "story_id": f"1 + n % {STORIES}",
        "slug": "'claim-' || n",
        "label": "'Claim ' || n",
        "statement": "'Claim ' || n || ' says that so many people were killed.'",
        "made_precision": "'minute'",
        "is_cumulative": "true",
        "state": STATE,
        "assignee_id": f"CASE WHEN n % 7 = 0 THEN {people.alice.pk} ELSE NULL END",
    }
    fill(Claim, claim)
    fill(Claim.history.model, claim | version)
    verdict = {
        "id": "n",
        "revision": "1",
        "claim_id": "n",
        "rating_id": str(rating.pk),
        "author_id": somebody,
        "edition_kind": "'first'",
    }
    fill(Verdict, verdict)
    fill(Verdict.history.model, verdict | version)
    publisher = {"id": "n", "revision": "1", "name": "'Paper ' || n"}
    source = {
        "id": "n",
        "revision": "1",
        "slug": "'source-' || n",
        "title": "'Page ' || n",
        "publisher_id": "n",
        "kind": "'article'",
        "url": "'https://example.org/' || n",
        "is_primary": "false",
        "published_precision": "'minute'",
        "is_undated": "true",
        "accessed_at": now,
    }
    report = {
        "id": "n",
        "revision": "1",
        "claim_id": "n",
        "number": "1",
        "source_id": f"1 + n % {SOURCES}",
        "stance": "'supports'",
        "reported_precision": "'minute'",
        "is_undated": "true",
        "text_value": "'Three'",
        "quote": "'Three'",
        "standing": "'current'",
    }
    for model, row, last in ((Publisher, publisher, SOURCES), (Source, source, SOURCES), (Report, report, CLAIMS)):
        fill(model, row, last)
        fill(model.history.model, row | version, last)
    capture = {
        "id": "n",
        "changeset_id": act,
        "source_id": f"1 + n % {SOURCES}",
        "text": "'Three'",
        "sha256": "'0'",
        "captured_at": moment_of("n"),
        "came": "'pasted'",
    }
    fill(Capture, capture, CAPTURES)
    edition = {
        "id": "n",
        "changeset_id": act,
        "claim_id": "n",
        "slug": "'claim-' || n",
        "number": "1",
        "kind": "'first'",
        "content": "'{}'",
        "is_reconstructed": "true",
        "published_at": now,
        "recorded_at": now,
        "published_by": "'Erin'",
    }
    fill(Edition, edition, where="n % 100 >= 10")
    flag = {"id": "n", "changeset_id": act, "edition_id": "n * 100 + 50", "by_id": str(people.erin.pk), "at": now}
    fill(Flag, flag, 20)
    asked = {"id": "n", "edition_id": "n * 100 + 50", "message": "'It is four.'", "at": now}
    fill(CorrectionRequest, asked, 60)
    run("ANALYZE")


def queries_of(name: str, url: str) -> list[str]:
    client = at_desk(User.objects.get(username=name))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


def looked_at(sql: str) -> int:
    """How many rows a query reads from tables and indexes; on SQLite, a fifth of the steps that its machine takes."""
    if not sql.startswith("SELECT"):
        return 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
            (answer,) = cursor.fetchone()
            return _rows((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 100
            return 0

        connection.connection.set_progress_handler(count, 100)
        try:
            cursor.execute(sql).fetchall()
        finally:
            connection.connection.set_progress_handler(None, 0)
        return steps // 5


def _rows(plan: dict[str, Any]) -> int:
    below = sum(map(_rows, plan.get("Plans", [])))
    if "Relation Name" not in plan:
        return below
    seen = sum(plan.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return below + int(seen * plan["Actual Loops"])


def test_the_measure_sees_a_full_scan():
    scan = str(Claim.objects.filter(is_cumulative=False).order_by().values("pk").query)
    assert looked_at(scan) > FEW
    assert looked_at("SELECT id FROM factcheck_claim WHERE id = 77") < 10


@pytest.mark.parametrize("name", ["alice", "bob", "erin", "victor"])
def test_the_front_page(name):
    queries = queries_of(name, reverse("admin:index"))
    assert len(queries) <= 12
    assert not [sql for sql in queries if "COUNT(" in sql]
    assert {sql: rows for sql in queries if (rows := looked_at(sql)) > FEW} == {}


LISTS = ["", "queue=review", "queue=approved", "queue=mine", "queue=handed", "queue=unassigned", "queue=flagged"]
LISTS += ["state__exact=draft", "state__exact=published", "p=40", "story__id__exact=7", "assignee__isnull=True"]


@pytest.mark.parametrize("query", LISTS)
def test_the_list_of_claims(query):
    queries = queries_of("bob", f"{reverse('admin:factcheck_claim_changelist')}?{query}")
    assert {sql: rows for sql in queries if (rows := looked_at(sql)) > LISTED} == {}


@pytest.mark.parametrize("name", ["alice", "bob", "erin"])
def test_a_claim(name):
    queries = queries_of(name, reverse("admin:factcheck_claim_change", args=[5]))
    assert {sql: rows for sql in queries if (rows := looked_at(sql)) > FEW} == {}
