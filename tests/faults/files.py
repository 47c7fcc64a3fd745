"""A file of 10,000 objects, as a newsroom would bring them from another system."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STORIES, CLAIMS, REPORTS = 100, 19, 3
OBJECTS = STORIES * (5 + CLAIMS * (2 + REPORTS))
assert OBJECTS == 10_000


def write(path: Path, *, names: str) -> Path:
    """`names` begins the name of everything in the file."""
    entries = [entry for number in range(STORIES) for entry in story(f"{names}-{number}", published=number % 5 == 0)]
    path.write_text(json.dumps(entries, indent=1))
    return path


def story(slug: str, *, published: bool) -> Iterator[dict[str, Any]]:
    """One act of 100 objects; two ratings are there already."""
    at = {"claimed_by": "Alice Martin", "claimed_at": "2018-03-23T19:00:00+01:00"}
    yield entry("changeset", key=slug, reason="Brought from the old system", **at)
    yield entry("story", slug=slug, title=f"Flood {slug}", summary="The river rose.", began_on="2018-03-23")
    for name in (f"{slug}-a", f"{slug}-b"):
        yield entry("publisher", name=f"Paper {name}")
        said = {"published_at": "2018-03-23T18:00:00+01:00", "not_captured_reason": "Short quotes only."}
        url = f"https://example.org/{name}"
        yield entry("source", slug=name, title="The river rises", publisher=[f"Paper {name}"], url=url, **said)
    for number in range(CLAIMS):
        yield from claim(slug, f"{slug}-claim-{number}")
    if published:
        names = {"checked_by": "Alice Martin", "approved_by": "Bob Okafor"}
        yield entry("edition", claim=[f"{slug}-claim-0"], kind="first", published_at="2018-03-23T21:00:00Z", **names)


def claim(story_slug: str, slug: str) -> Iterator[dict[str, Any]]:
    made = {"claimant": "The prefect", "made_at": "2018-03-23", "made_precision": "day"}
    yield entry("claim", slug=slug, story=story_slug, label="Death toll", statement="Three people died.", **made)
    for number in range(1, REPORTS + 1):
        figure = {"reported_at": f"2018-03-23T1{number}:00:00Z", "qualifier": "at_least", "low": number}
        yield entry("report", claim=[slug], number=number, source=[f"{story_slug}-{'ab'[number % 2]}"], **figure)
    yield entry("verdict", claim=[slug], rating=["true"], summary="Three died.", explanation="We read both papers.")


def entry(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": f"factcheck.{model}", "fields": fields}
