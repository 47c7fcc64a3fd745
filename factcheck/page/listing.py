"""Editions in lists: cards, the lanes of a story, the log of corrections."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from factcheck.models import Edition

from .context import NOTICES, old_rating, rated, rating_then
from .words import reported, time_reported, when

OPENING = 160  # characters of a text: more is shown by no search engine
NEWS = {"refinement", "widening", "correction", "development", "dispute", "changed"}


def card(edition: Edition) -> dict[str, Any]:
    content = edition.dossier
    return {
        "edition": edition,
        "claim": content["claim"],
        "story": content["story"],
        "rating": rated(content["verdict"]["rating"]),
        "rating_then": rating_then(content["verdict"]),
        "summary": content["verdict"]["summary"],
        "note": content["edition"]["note"],
        "published": when(edition.published_at),
    }


def story_card(edition: Edition, claims: int) -> dict[str, Any]:
    return edition.dossier["story"] | {
        "began": when(edition.dossier["story"]["began_on"]),
        "claims": claims,
        "published": when(edition.published_at),
    }


def lane(edition: Edition, *, flagged: bool) -> dict[str, Any]:
    """One claim of a story: what was first reported, what is known now, and how it got there."""
    reports = [report for report in edition.dossier["reports"] if report["stance"] != "context"]
    current = [report for report in reports if report["standing"] in {"current", "disputed"}]
    first = reports[0] if reports else None
    now = current[-1] if current else None
    return card(edition) | {
        "flagged": flagged,
        "first": step(first) if first else None,
        "now": step(now) if now and now is not first else None,
        "now_says": reported(now) if now else "",
        "changes": sum(1 for report in reports if report["kind"] in NEWS),
        "reports": reports,
    }


def step(report: Mapping[str, Any]) -> dict[str, str]:
    return {"words": reported(report), "when": time_reported(report), "kind": report["kind"]}


def corrections(editions: Iterable[Edition], before: Mapping[tuple[str, int], Edition]) -> list[dict[str, Any]]:
    return [
        card(edition)
        | {
            "word": NOTICES[edition.kind],
            "old_rating": old_rating(edition, before.get((edition.slug, edition.number - 1))),
        }
        for edition in editions
    ]


def rating_card(edition: Edition, claims: int) -> dict[str, Any]:
    return rated(edition.dossier["verdict"]["rating"]) | {"claims": claims}


def best_first(rating: Mapping[str, Any]) -> tuple[int, str]:
    return (-(rating["value"] or 0), rating["name"])


def opening(words: str) -> str:
    """The first sentences, as many as fit; of one that does not, the first words."""
    words, found = " ".join(words.split()), ""
    for sentence in re.split(r"(?<=[.!?…]) ", words):
        longer = f"{found} {sentence}".strip()
        if len(longer) > OPENING:
            break
        found = longer
    return found or words[: OPENING - 1].rsplit(maxsplit=1)[0] + "…" if words else ""


def atom_title(entry: Mapping[str, Any]) -> str:
    return _("%(rating)s: %(label)s. “%(statement)s”") % {
        "rating": entry["rating"]["name"],
        "label": entry["claim"]["label"],
        "statement": entry["claim"]["statement"],
    }
