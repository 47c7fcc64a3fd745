"""The claims of a story with what stands on its board of each, and which of them are asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from factcheck import dossier
from factcheck.history import Tracked
from factcheck.models import Board, Claim, Report, Source, Standing, State, Story, User, Verdict
from factcheck.page import known
from factcheck.page.words import reported

NOBODY = NONE = "none"


@dataclass(frozen=True)
class Row:
    claim: Claim
    content: Mapping[str, Any]
    assignee: str
    known: known.Proposal
    stale: Standing | None
    """How its page differs from it, where it does."""
    keys: Mapping[tuple[str, Any], tuple[type[Tracked], int]]
    """What stands behind each part of the content."""

    @property
    def rating(self) -> Mapping[str, Any] | None:
        return (self.content["verdict"] or {}).get("rating")

    @property
    def rating_then(self) -> Mapping[str, Any] | None:
        then = (self.content["verdict"] or {}).get("rating_then")
        return then if then != self.rating else None

    @property
    def first(self) -> str:
        """What was said first, where another thing is known now."""
        words = next((reported(report) for report in self.content["reports"]), "")
        return words if words != self.known.now.words else ""


def rows(story: Story, moment: datetime | None, clock: str) -> list[Row]:
    """By label. Raises Story.DoesNotExist where there was none at that moment."""
    board = Board.of_story(story, as_of=moment, clock=clock)
    people = User.objects.in_bulk({claim.assignee_id for claim in board.claims} - {None})
    stale = {}
    if moment is None:
        found = Standing.objects.select_related("changeset__user")
        stale = found.in_bulk([claim.pk for claim in board.claims])
    return [_row(claim, board, people, stale) for claim in board.claims]


def _row(claim: Claim, board: Board, people: Mapping[int, User], stale: Mapping[int, Standing]) -> Row:
    content = dossier.on_board(claim, board)
    keys: dict[tuple[str, Any], tuple[type[Tracked], int]] = {("claim", None): (Claim, claim.pk)}
    if verdict := board.verdicts.get(claim.pk):
        keys["verdict", None] = (Verdict, verdict.pk)
    keys |= {("report", report.number): (Report, report.pk) for report in board.reports.get(claim.pk, [])}
    keys |= {("source", source.slug): (Source, source.pk) for source in board.cited(claim)}
    assignee = str(people[claim.assignee_id]) if claim.assignee_id in people else ""
    return Row(claim, content, assignee, known.proposal(content), stale.get(claim.pk), keys)


@dataclass(frozen=True)
class Filter:
    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str
    """Empty where nothing is asked for, or something that is not among the options."""
    value: Callable[[Row], str]

    def fits(self, row: Row) -> bool:
        return not self.chosen or self.value(row) == self.chosen


def filters(found: Sequence[Row], asked: QueryDict, *, is_now: bool) -> list[Filter]:
    """With what there is to choose from among these."""
    return [
        Filter(name, label, options, asked.get(name, "") if asked.get(name, "") in dict(options) else "", value)
        for name, label, options, value in _filters(found, is_now)
    ]


def _filters(found: Sequence[Row], is_now: bool) -> Iterator[tuple[str, str, list[tuple[str, str]], Any]]:
    states = {row.claim.state for row in found}
    named = [(state.value, str(state.label)) for state in State if state in states]
    yield "state", _("State"), named, lambda row: row.claim.state
    ratings = {row.rating["slug"]: row.rating["name"] for row in found if row.rating}
    named = [*_by_name(ratings), (NONE, _("none"))]
    yield "rating", _("Rating"), named, lambda row: row.rating["slug"] if row.rating else NONE
    people = {str(row.claim.assignee_id): row.assignee for row in found if row.assignee}
    named = [*_by_name(people), (NOBODY, _("nobody"))]
    yield "assignee", _("Assignee"), named, lambda row: str(row.claim.assignee_id) if row.assignee else NOBODY
    only = [("yes", _("only these"))]
    yield "disputed", _("Disputed"), only, lambda row: "yes" if row.known.now.is_disputed else ""
    if is_now:
        yield "stale", _("Stale page"), only, lambda row: "yes" if row.stale else ""


def _by_name(found: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(found.items(), key=lambda item: item[1])
