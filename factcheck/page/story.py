"""A story's pages: a function of the editions of its claims that stood at one moment, and of those that came since."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from factcheck.models import Edition

from . import listing, told
from .kept import kept
from .lanes import Lanes, lanes
from .words import SAME, When, names_all, when

IN_FULL = {"rating_then", "summary", "explanation", "few_sources_reason"}  # an edition's own page has them
WIDTH = 272  # of the drawing: on the narrowest telephone it is as many pixels wide


def board(stood: Sequence[Edition], *, flagged: Iterable[int] = ()) -> dict[str, Any]:
    """`stood` has one edition of each claim; `flagged` the keys of those that are being re-checked."""
    flagged = set(flagged)
    found = [listing.lane(each, flagged=each.pk in flagged) for each in stood if not each.is_withdrawal]
    found.sort(key=lambda lane: (-lane["changes"], -lane["edition"].number, lane["claim"]["label"]))
    drawn = lanes([{"reports": lane["reports"]} for lane in found], width=WIDTH)
    return {
        "drawn": drawn,
        "lanes": list(zip(found, drawn.of, strict=True)),
        "key": key(drawn),
        "withdrawn": [listing.card(edition) for edition in stood if edition.is_withdrawal],
        "has_reconstructed": any(edition.is_reconstructed for edition in stood),
    }


def key(drawn: Lanes) -> list[str]:
    """What the marks of this drawing mean; of the marks that it has."""
    points = [point for lane in drawn.of for point in lane.points]
    kinds = {point.kind for point in points if not point.is_retracted}
    meanings = {
        _("A grey dot: repeats or confirms."): kinds & SAME,
        _("A ring: a correction."): "correction" in kinds,
        _("A diamond: in dispute."): "dispute" in kinds,
        _("A cross: taken back by its source."): any(point.is_retracted for point in points),
        _("A dashed line: undated."): any(lane.undated_path for lane in drawn.of),
    }
    return [meaning for meaning, holds in meanings.items() if holds]


@dataclass(frozen=True)
class Step:
    """What one edition changed in a story."""

    edition: Edition
    label: str
    published: When
    note: str
    sentences: list[str]
    is_replacement: bool
    """There is one before it, with which it can be compared word by word."""


def steps(story: str, editions: Iterable[Edition], before: Mapping[tuple[str, int], Edition]) -> list[Step]:
    """`before` has the edition that each of these replaced, by address and number."""
    return [_step(story, edition, before.get((edition.slug, edition.number - 1))) for edition in editions]


def _step(story: str, edition: Edition, before: Edition | None) -> Step:
    old = before.content if before and before.story_slug == story else ""
    new = edition.content if edition.story_slug == story else ""
    return Step(
        edition=edition,
        label=edition.dossier["claim"]["label"],
        published=when(edition.published_at),
        note=edition.dossier["edition"]["note"],
        sentences=_sentences(old, new),
        is_replacement=before is not None and not edition.is_withdrawal,
    )


@kept(256)  # an export tells the same of a story on each of its pages
def _sentences(old_content: str, new_content: str) -> list[str]:
    """Between two contents of one claim, empty where it was not in the story."""
    old, new = (json.loads(content) if content else None for content in (old_content, new_content))
    found = told.of_claim(old, new)
    if old and new:
        found += told.of_sources(*({each["slug"]: each for each in side["sources"]} for side in (old, new)))
    elif new:
        found = [each for each in found if each.part != "report"]  # its page has them
    ratings = [side["verdict"]["rating"]["name"] for side in (old, new) if side]
    silent = IN_FULL | {"rating"} if new and names_all(new["edition"]["note"], *ratings) else IN_FULL
    return [_whole(each.sentence) for each in found if each.field not in silent]


def _whole(sentence: str) -> str:
    return capfirst(sentence) + ("" if sentence.rstrip("”").endswith((".", "!", "?", "…")) else ".")
