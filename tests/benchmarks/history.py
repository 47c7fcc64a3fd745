"""What history costs, side by side in one run: ours, the same question about the present, and plain simple-history.

    python -m tests.benchmarks.history                            SQLite
    python -m tests.postgres python -m tests.benchmarks.history   PostgreSQL

It makes a million versions in a database of its own, and prints one table. Every figure is the median of interleaved
runs; look at the ratios, for times belong to a machine and its hour.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, models, transaction
from django.test.utils import setup_databases, teardown_databases
from simple_history.models import HistoricalRecords

from factcheck.history import guard, past, recording
from factcheck.models import Claim, Story, User

CLAIMS_A_STORY, VERSIONS, MANY = 20, 10, 1000
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LIVE, HISTORY = Claim._meta.db_table, Claim.history.model._meta.db_table


class Text(models.Model):
    """As long as a claim."""

    slug = models.SlugField(max_length=80, unique=True)
    label = models.CharField(max_length=60)
    statement = models.TextField()
    claimant = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="draft")

    class Meta:
        abstract = True


class Bare(Text):
    class Meta:
        app_label = "humanize"  # an installed app without models of its own


class Plain(Text):
    history = HistoricalRecords()

    class Meta:
        app_label = "humanize"


# A million versions, written by the database itself.


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def numbers(name: str, last: int) -> str:
    return f"{name}(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM {name} WHERE n < {last})"


def moment(step: str) -> str:
    """`step` hours after the beginning."""
    if connection.vendor == "postgresql":
        return f"TIMESTAMPTZ '2026-01-01 00:00:00+00' + ({step}) * INTERVAL '1 hour'"
    return f"strftime('%Y-%m-%d %H:%M:%f', '2026-01-01', '+' || ({step}) || ' hours')"


def fill(stories: int) -> tuple[Story, Story]:
    """Each story with 20 claims of 10 versions; the last story has as many claims of 1,000 versions."""
    editor = User.objects.create(username="erin")
    with recording(user=editor, reason="Begin", via="command") as recorder:
        for number in range(1, stories + 2):
            Story(slug=f"story-{number}", title=f"Story {number}", summary="-", began_on="2026-01-01").save()
        act = recorder.changeset.pk
    first = Story.objects.order_by("pk").first().pk
    columns = [field.column for field in Claim._meta.concrete_fields]
    fixed = {
        "label": "'Death toll'",
        "statement": "'Claim ' || i.n || ', version ' || v.n || ', in a sentence about as long as most of them.'",
        "claimant": "'The prefect'",
        "claimant_unknown_reason": "''",
        "made_at": moment("0"),
        "made_precision": "'day'",
        "first_appearance": "'Read out on the radio'",
        "first_appearance_url": "''",
        "is_cumulative": "true",
        "state": "'draft'",
        "assignee_id": "NULL",
    }
    total = stories * CLAIMS_A_STORY
    for begin, end, versions in [(1, total, VERSIONS), (total + 1, total + CLAIMS_A_STORY, MANY)]:
        row = fixed | {
            "id": "i.n",
            "revision": "v.n",
            "slug": "'claim-' || i.n",
            "story_id": f"{first} + (i.n - 1) / {CLAIMS_A_STORY}",
        }
        values = ", ".join(row[column] for column in columns)
        claims = f"i AS (SELECT n FROM counted WHERE n BETWEEN {begin} AND {end})"
        counted = f"WITH RECURSIVE {numbers('counted', max(end, versions))}, {claims}"
        run(f"INSERT INTO {LIVE} ({', '.join(columns)}) {counted} SELECT {values} FROM i, (SELECT {versions} AS n) v")
        # Newest versions last, as they come in: the versions of a claim do not lie beside each other.
        run(
            f"INSERT INTO {HISTORY} ({', '.join(columns)}, history_date, history_type, changeset_id) {counted}, "
            f"v AS (SELECT n FROM counted WHERE n <= {versions}) "
            f"SELECT {values}, {moment('v.n')}, CASE v.n WHEN 1 THEN '+' ELSE '~' END, {act} "
            "FROM v, i ORDER BY v.n, i.n"
        )
    run("ANALYZE")
    return Story.objects.get(slug=f"story-{stories // 2}"), Story.objects.get(slug=f"story-{stories + 1}")


# What is asked. Each question three ways; None where there is nothing to compare with.

Way = Callable[[], Any] | None


def questions(usual: Story, long: Story) -> dict[str, tuple[Way, Way, Way]]:
    """Name to: the present, ours, plain simple-history."""
    in_between, late = BEGIN + timedelta(hours=5.5), BEGIN + timedelta(hours=500.5)
    some = Claim.objects.filter(story=usual).first()
    library = Claim.history

    def story_at(story: Story, at: datetime) -> tuple[Way, Way, Way]:
        return (
            lambda: list(Claim.objects.filter(story=story)),
            lambda: past.as_of(Claim, at, story_id=story.pk),
            lambda: list(library.as_of(at).filter(story=story)),
        )

    return {
        "one claim's history": (
            lambda: Claim.objects.get(pk=some.pk),
            lambda: list(some.history.select_related("changeset").order_by("-revision")),
            lambda: list(some.history.all()),
        ),
        "a story at T, 10 versions a claim": story_at(usual, in_between),
        "a story at T, on the claimed clock": (
            lambda: list(Claim.objects.filter(story=usual)),
            lambda: past.as_of(Claim, in_between, clock="claimed", story_id=usual.pk),
            None,
        ),
        "a story at T, 1,000 versions a claim": story_at(long, late),
        "all claims at T": (
            lambda: list(Claim.objects.all()),
            lambda: past.as_of(Claim, in_between),
            lambda: list(library.as_of(in_between)),
        ),
        "newest change of each": (
            lambda: list(Claim.objects.order_by()),
            lambda: past.as_of(Claim, BEGIN + timedelta(days=3650)),
            lambda: list(library.latest_of_each()),
        ),
    }


def saves(usual: Story) -> dict[str, tuple[Way, Way, Way]]:
    editor = User.objects.get(username="erin")
    texts = {"label": "Death toll", "statement": "A sentence about as long as most are.", "claimant": "The prefect"}
    with transaction.atomic():
        bare, plain = ([model(slug=f"s{n}", **texts) for n in range(5)] for model in (Bare, Plain))
        for each in bare + plain:
            each.save()
    claims = list(Claim.objects.filter(story=usual)[:5])
    count = iter(range(10**9))

    def save(instances: list[Any]) -> None:
        for each in instances:
            each.label = f"Toll {next(count)}"
            each.save()

    def together(instances: list[Any]) -> Way:
        def act() -> None:
            with transaction.atomic():
                save(instances)

        return act

    def recorded(instances: list[Any]) -> Way:
        def act() -> None:
            with recording(user=editor, reason="A better label", via="command"):
                save(instances)

        return act

    return {
        "one save": (together(bare[:1]), recorded(claims[:1]), together(plain[:1])),
        "an act of five saves": (together(bare), recorded(claims), together(plain)),
    }


def medians(ways: tuple[Way, Way, Way], seconds: float) -> list[float | None]:
    """In milliseconds. Each way in turn, in an order that changes, until the time is over."""
    taken: list[list[float]] = [[], [], []]
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken[1]) < 3:
        for place in random.sample(range(3), 3):
            if way := ways[place]:
                begin = time.perf_counter()
                way()
                taken[place].append((time.perf_counter() - begin) * 1000)
    return [statistics.median(times[1:]) if len(times) > 1 else None for times in taken]


def line(name: str, found: list[float | None]) -> str:
    now, ours, plain = found
    cells = [f"{value:10.2f}" if value is not None else f"{'–':>10}" for value in found]
    ratios = [f"{ours / other:8.2f}" if other else f"{'–':>8}" for other in (now, plain)]
    return f"{name:38}{''.join(cells)}   {''.join(ratios)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stories", type=int, default=5000, help="of 20 claims with 10 versions each (5000)")
    parser.add_argument("--seconds", type=float, default=8, help="for each line (8)")
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with connection.schema_editor() as editor:
            for model in (Bare, Plain, Plain.history.model):
                editor.create_model(model)
        with guard.lowered():
            usual, long = fill(options.stories)
        versions = Claim.history.model.objects.count()
        print(f"{connection.vendor}, {versions:,} versions of claims; medians in ms, interleaved")
        print(f"{'':38}{'now':>10}{'ours':>10}{'library':>10}   {'÷ now':>8}{'÷ library':>10}")
        for name, ways in (questions(usual, long) | saves(usual)).items():
            print(line(name, medians(ways, options.seconds)), flush=True)
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
