"""Editions in lists: cards, the lanes of a story, the log of corrections."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from factcheck import figures
from factcheck.models import Edition, EditionKind, Stance

from .context import NOTICES, old_rating, rated, rating_then
from .known import proposal
from .words import reported, standing_name, time_reported, verdict_word, when

COUNTED = {
    EditionKind.CORRECTION: ngettext_lazy("%(count)d correction", "%(count)d corrections", "count"),
    EditionKind.WITHDRAWAL: ngettext_lazy("%(count)d withdrawal", "%(count)d withdrawals", "count"),
    EditionKind.UPDATE: ngettext_lazy("%(count)d update", "%(count)d updates", "count"),
}
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
        "word": verdict_word(edition),
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
    content = edition.dossier
    reports, known = content["reports"], proposal(content).now
    by_number = {report["number"]: report for report in reports}
    telling = [report for report in reports if report["stance"] != Stance.CONTEXT] or reports
    in_play = [report for report in reports if report["standing"] in figures.IN_PLAY]
    first, now = telling[:1], [by_number[said.report] for said in known.said] or in_play[-1:]
    return card(edition) | {
        "flagged": flagged,
        "is_corrected": edition.kind == EditionKind.CORRECTION,
        "first": step(first) if first else None,
        "now": step(now) if now and now != first else None,
        "is_disputed": known.is_disputed,
        "changes": sum(1 for report in reports if report["kind"] in NEWS),
        "reports": reports,
    }


def step(said: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    newest = said[-1]
    return {
        "words": "; ".join(map(reported, said)),
        "when": time_reported(newest),
        "kind": newest["kind"],
        "standing_name": standing_name(newest),
    }


def corrections(editions: Iterable[Edition], before: Mapping[tuple[str, int], Edition]) -> list[dict[str, Any]]:
    return [
        card(edition)
        | {
            "notice": NOTICES[edition.kind],
            "old_rating": old_rating(edition, before.get((edition.slug, edition.number - 1))),
        }
        for edition in editions
    ]


def counts(of_kinds: Mapping[str, int]) -> list[str]:
    """How many editions of each kind there are, those that say that we were wrong first."""
    return [words % {"count": of_kinds[kind]} for kind, words in COUNTED.items() if kind in of_kinds]


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
        "rating": verdict_word(entry["edition"]),
        "label": entry["claim"]["label"],
        "statement": entry["claim"]["statement"],
    }
