"""What a search costs among many editions, per kind of query.

    python -m tests.benchmarks.search                            SQLite
    python -m tests.postgres python -m tests.benchmarks.search   PostgreSQL

It fills a database of its own past the desk, with sentences of made-up words that are as frequent as words of a real
language are (the n-th word is seen 1/n as often as the first), and prints one table in milliseconds. Every query of a
kind is another one.
"""

import argparse
import json
import os
import random
import statistics
import time
from bisect import bisect
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from factcheck import indexing
from factcheck.history import guard
from factcheck.models import Citation, Claim, Edition, SearchEntry
from factcheck.text.finding import parse
from tests.benchmarks.filling import unindexed
from tests.newsroom import make_claim, make_people, publish

VOCABULARY, LETTERS = 50_000, "bcdfglmnprstvz"
STATEMENT, EXPLANATION, QUOTE = 12, 200, 15  # words
STORIES, PUBLISHERS, RATINGS = 2_000, 400, 5
BEGIN = datetime(2016, 1, 1, tzinfo=UTC)
BATCH, FIRST = 1_000, 1_000


def made_up(number: int) -> str:
    """A word of its own for each number; the most frequent ones are short, as they are in languages."""
    word = ""
    number += 1
    while number:
        number, place = divmod(number, len(LETTERS) * 5)
        word += LETTERS[place // 5] + "aeiou"[place % 5]
    return word + "n"


WORDS = [made_up(number) for number in range(VOCABULARY)]
WEIGHTS = list(accumulate(1 / (number + 1) for number in range(VOCABULARY)))


def sentence(dice: random.Random, length: int) -> str:
    chosen = (WORDS[bisect(WEIGHTS, dice.random() * WEIGHTS[-1])] for _ in range(length))
    return " ".join(chosen).capitalize() + "."


def made(dice: random.Random, number: int, pattern: Edition) -> Edition:
    story, rating, content = dice.randrange(STORIES), dice.randrange(RATINGS), pattern.dossier
    source, report = content["sources"][0], content["reports"][0]
    sources = [
        {
            **source,
            "slug": f"source-{publisher}-{dice.randrange(50)}",
            "title": sentence(dice, 6),
            "publisher": {"name": f"Paper {publisher}", "url": ""},
        }
        for publisher in dice.sample(range(PUBLISHERS), 3)
    ]
    dossier = {
        **content,
        "claim": {**content["claim"], "label": sentence(dice, 2), "statement": sentence(dice, STATEMENT)},
        "story": {**content["story"], "title": f"Story {story}"},
        "verdict": {
            **content["verdict"],
            "rating": {**content["verdict"]["rating"], "name": f"Rating {rating}"},
            "summary": sentence(dice, STATEMENT),
            "explanation": sentence(dice, EXPLANATION),
        },
        "sources": sources,
        "reports": [
            {**report, "source": each["slug"], "quote": {"exact": sentence(dice, QUOTE), "prefix": "", "suffix": ""}}
            for each in sources
        ],
    }
    edition = Edition(
        pk=number,
        claim_id=number,
        slug=f"claim-{number}",
        story_slug=f"story-{story}",
        rating_slug=f"rating-{rating}",
        number=1,
        kind="first",
        content=json.dumps(dossier, ensure_ascii=False),
        digest=pattern.digest,
        approval_id=pattern.approval_id,
        changeset_id=pattern.changeset_id,
        published_at=BEGIN + timedelta(hours=number * 0.8),
        checked_by="Alice Martin",
        approved_by="Bob Okafor",
        published_by="Erin Lindqvist",
    )
    edition.dossier = dossier
    return edition


def fill(count: int) -> None:
    """Past the desk, the guard and the refusing managers: one claim with one edition for each number."""
    dice = random.Random(1)
    people = make_people()
    claim = make_claim(author=people.alice)
    pattern = publish(claim)
    fields = {field.attname: getattr(claim, field.attname) for field in Claim._meta.concrete_fields}
    with unindexed():
        for begin in range(FIRST, FIRST + count, BATCH):
            numbers = range(begin, min(begin + BATCH, FIRST + count))
            editions = [made(dice, number, pattern) for number in numbers]
            claims = [Claim(**{**fields, "id": number, "slug": f"claim-{number}"}) for number in numbers]
            QuerySet(Claim).bulk_create(claims)
            QuerySet(Edition).bulk_create(editions)
            QuerySet(SearchEntry).bulk_create([indexing.entry(edition) for edition in editions])
            QuerySet(Citation).bulk_create([each for edition in editions for each in indexing.citations(edition)])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


# What is asked.


def word(dice: random.Random, first: int, last: int) -> str:
    return WORDS[dice.randrange(first, last)]


def kinds(dice: random.Random, count: int) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Name to: what makes the next query of that kind, which is then timed."""
    client = Client()

    def some() -> Edition:
        return Edition.objects.get(pk=FIRST + dice.randrange(count))

    def search(q: str, **filters: Any) -> Callable[[], Any]:
        return lambda: SearchEntry.objects.narrowed(**filters).search(parse(q))

    def get(address: str, **parameters: str) -> Callable[[], Any]:
        return lambda: client.get(address, parameters)

    def some_day() -> dict[str, date]:
        first = (BEGIN + timedelta(hours=dice.randrange(count) * 0.8)).date()
        return {"first": first, "last": first + timedelta(days=30)}

    def part(text: str, length: int) -> str:
        return " ".join(text.split()[2 : 2 + length])

    return {
        "a rare word": lambda: search(word(dice, 2_000, 20_000) + " "),
        "a word of every page": lambda: search(word(dice, 0, 5) + " "),
        "two words": lambda: search(f"{word(dice, 50, 500)} {word(dice, 50, 500)} "),
        "two frequent words": lambda: search(f"{word(dice, 0, 20)} {word(dice, 0, 20)} "),
        "a whole statement": lambda: search(some().dossier["claim"]["statement"]),
        "the beginning of a word": lambda: search(word(dice, 100, 20_000)[:3]),
        "two letters": lambda: search(word(dice, 100, 20_000)[:2]),
        "a phrase of a quote": lambda: search(f'"{part(some().dossier["reports"][0]["quote"]["exact"], 4)}"'),
        "a phrase of frequent words": lambda: search(f'"{" ".join(word(dice, 0, 10) for _ in range(3))}"'),
        "words that no page has all of": lambda: search(" ".join(word(dice, 200, 20_000) for _ in range(5))),
        "a word, of a rating": lambda: search(word(dice, 5, 200), rating=f"rating-{dice.randrange(RATINGS)}"),
        "a word, of a story": lambda: search(word(dice, 5, 200), story=f"story-{dice.randrange(STORIES)}"),
        "a word, of a publisher": lambda: search(word(dice, 5, 200), publisher=f"paper-{dice.randrange(PUBLISHERS)}"),
        "a word, of a month": lambda: search(word(dice, 5, 200), **some_day()),
        "no word, the newest": lambda: search(""),
        "the page of two words": lambda: get("/search/", q=f"{word(dice, 50, 500)} {word(dice, 50, 500)} "),
        "the page of a frequent word": lambda: get("/search/", q=word(dice, 0, 20)),
        "the page of a source": lambda: get(f"/sources/{some().dossier['sources'][0]['slug']}/"),
        "the page of a publisher": lambda: get(f"/publishers/paper-{dice.randrange(PUBLISHERS)}/"),
        "the page of all publishers": lambda: get("/sources/"),
        "the page of all months": lambda: get("/archive/"),
        "the page of a month": lambda: get(f"/archive/{2016 + dice.randrange(9)}-03/"),
    }


def milliseconds(act: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--editions", type=int, default=100_000, help="(100,000)")
    parser.add_argument("--queries", type=int, default=100, help="of each kind (100)")
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with guard.lowered():
            fill(options.editions)
        named = kinds(random.Random(2), options.editions)
        taken: dict[str, list[float]] = {name: [] for name in named}
        for _round in range(options.queries + 1):
            for name, query in named.items():
                taken[name].append(milliseconds(query()))
        print(f"{connection.vendor}, {options.editions:,} editions; {options.queries} of each, interleaved; ms")
        print(f"{'':32}{'p50':>8}{'p95':>8}")
        for name, times in taken.items():
            hundredths = statistics.quantiles(times[1:], n=20)
            print(f"{name:32}{statistics.median(times[1:]):8.1f}{hundredths[-1]:8.1f}")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
