"""Claims with all that their pages are made of, now or as it stood at a moment in the past."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from factcheck.history.past import Clock, View

from .claims import Claim, Report
from .sources import Source, SourceBasis
from .story import Story
from .verdicts import Rating, Verdict


@dataclass(frozen=True)
class Board:
    """Of each model what belongs here, with its foreign keys set: nothing on a board reads anything anew.

    Costs a query for each of the eight models, and one more for each step that sources rest on sources beyond the
    first; as many for a story as for a claim, at any moment.
    """

    claims: list[Claim]
    """By label."""
    reports: dict[int, list[Report]]
    """Of a claim, by number."""
    verdicts: dict[int, Verdict]
    """Of a claim."""
    ratings: list[Rating]
    """The newsroom's scale."""
    bases: dict[int, list[Source]]
    """What a source rests on."""

    @classmethod
    def of_claim(cls, claim: Claim, *, as_of: datetime | None = None, clock: str = Clock.RECORDED) -> "Board":
        """Raises Claim.DoesNotExist where there was none, or is none any more."""
        view = View(as_of, clock)
        if not (claims := view.every(Claim, id__in=[claim.pk])):
            raise Claim.DoesNotExist(_absent(claim, as_of))
        return cls._read(claims, view)

    @classmethod
    def of_claims(cls, keys: Iterable[int], *, as_of: datetime | None = None) -> "Board":
        """Those that there are, or were, on the recorded clock."""
        view = View(as_of)
        return cls._read(view.every(Claim, id__in=list(keys)), view)

    @classmethod
    def of_story(cls, story: Story, *, as_of: datetime | None = None, clock: str = Clock.RECORDED) -> "Board":
        """Raises Story.DoesNotExist where there was none, or is none any more."""
        view = View(as_of, clock)
        if not (stories := view.every(Story, id__in=[story.pk])):
            raise Story.DoesNotExist(_absent(story, as_of))
        return cls._read(view.every(Claim, story_id=story.pk), view, stories)

    @classmethod
    def _read(cls, claims: list[Claim], view: View, stories: Iterable[Story] = ()) -> "Board":
        view.join(claims, "story", known=stories)
        keys = [claim.pk for claim in claims]
        reports = view.every(Report, claim_id__in=keys)
        verdicts = view.every(Verdict, claim_id__in=keys)
        ratings = view.choices(Rating, verdicts) if verdicts else []
        view.join([*reports, *verdicts], "claim", known=claims)
        view.join(verdicts, "rating", "rating_then", known=ratings)
        bases = _bases({report.source_id for report in reports}, view)
        keys = [report.source_id for report in reports] + [basis.rests_on_id for basis in bases]
        sources = view.named(Source, keys)
        view.join(sources, "publisher")
        view.join(reports, "source", known=sources)
        view.join(bases, "source", "rests_on", known=sources)
        return cls(
            claims=sorted(claims, key=lambda claim: (claim.label, claim.pk)),
            reports=_grouped(sorted(reports, key=lambda report: report.number), "claim_id"),
            verdicts={verdict.claim_id: verdict for verdict in verdicts},
            ratings=ratings,
            bases={key: [basis.rests_on for basis in found] for key, found in _grouped(bases, "source_id").items()},
        )

    def cited(self, claim: Claim) -> list[Source]:
        """The sources of its reports and all that they rest on, by short name."""
        found: dict[int, Source] = {}
        unread = [report.source for report in self.reports.get(claim.pk, [])]
        while unread:
            source = unread.pop()
            if source.pk not in found:
                found[source.pk] = source
                unread += self.bases.get(source.pk, [])
        return sorted(found.values(), key=lambda source: source.slug)


def _bases(sources: set[int], view: View) -> list[SourceBasis]:
    """What sources rest on, however far back: a query a step."""
    found: list[SourceBasis] = []
    seen = unread = sources
    while unread:
        fresh = view.every(SourceBasis, source_id__in=unread)
        found += fresh
        unread = {basis.rests_on_id for basis in fresh} - seen
        seen = seen | unread
    return found


def _grouped(instances: Iterable[Any], key: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for each in instances:
        groups.setdefault(getattr(each, key), []).append(each)
    return groups


def _absent(instance: Claim | Story, as_of: datetime | None) -> str:
    what = {"what": instance}
    if as_of is None:
        return _("“%(what)s” was deleted.") % what
    when = formats.date_format(timezone.localtime(as_of), "j F Y, H:i T")
    return _("There was no “%(what)s” yet, or none any more, at %(when)s.") % (what | {"when": when})
