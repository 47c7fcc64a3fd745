"""A story's pages: a function of the editions of its claims that stood at one moment, and of those that came since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from factcheck.models import Edition

from . import listing, told
from .lanes import Lanes, lanes
from .words import SAME, When, when

IN_FULL = {"rating_then", "summary", "explanation", "few_sources_reason"}  # an edition's own page has them
WIDTH = 340  # of the drawing, in pixels as a telephone has them: its words are never smaller than they are set


def board(stood: Sequence[Edition], *, flagged: Iterable[int] = ()) -> dict[str, Any]:
    """`stood` has one edition of each claim; `flagged` the keys of those that are being re-checked."""
    flagged = set(flagged)
    told_last = max(stood, key=lambda edition: (edition.published_at, edition.pk))
    found = [listing.lane(each, flagged=each.pk in flagged) for each in stood if not each.is_withdrawal]
    found.sort(key=lambda lane: (-lane["changes"], -lane["edition"].number, lane["claim"]["label"]))
    drawn = lanes([{"reports": lane["reports"]} for lane in found], width=WIDTH)
    return {
        "story": listing.story_card(told_last, len(found)),
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
    content = edition.dossier
    return Step(
        edition=edition,
        label=content["claim"]["label"],
        published=when(edition.published_at),
        note=content["edition"]["note"],
        sentences=[each.sentence for each in _told(story, edition, before) if each.field not in IN_FULL],
        is_replacement=before is not None,
    )


def _told(story: str, edition: Edition, before: Edition | None) -> list[told.Told]:
    if edition.story_slug != story:
        return told.of_claim(before.dossier if before else None, None)
    if before is None or before.story_slug != story:
        return [each for each in told.of_claim(None, edition.dossier) if each.part != "report"]  # its page has them
    old, new = ({each["slug"]: each for each in side.dossier["sources"]} for side in (before, edition))
    return [*told.of_claim(before.dossier, edition.dossier), *told.of_sources(old, new)]
