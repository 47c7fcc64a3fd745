"""What was knowable when a claim was made, and what is known now: a proposal to whoever judges it, never a rating.

A function of a dossier, as the page is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from factcheck import dossier, figures, text
from factcheck.figures import Kind, Statement
from factcheck.models import Stance

from .stated import agrees, stated
from .words import figure_of, reported


class Said(NamedTuple):
    words: str
    report: int
    """The number of the report that says so."""


@dataclass(frozen=True)
class Known:
    words: str
    """Empty where nothing was known."""
    reports: int
    origins: int
    is_disputed: bool
    claimed: str
    """The figure that the statement gives, where that is certain and so is whether it agrees."""
    agrees: bool | None
    taken_back: int
    """So many of the reports have been superseded or retracted since."""
    of_that_day: int
    """So many of the reports may have come after the claim, for of one or the other only the day is known."""
    said: list[Said]
    """The newest report; of a dispute, one of each side; of wordings, all of its source at that moment."""


@dataclass(frozen=True)
class Proposal:
    then: Known | None
    """None where it is not known when the claim was made."""
    now: Known
    undated: int
    """So many reports carry no date, and count as known now alone."""


def proposal(content: Mapping[str, Any]) -> Proposal:
    said = statements(report for report in content["reports"] if report["stance"] != Stance.CONTEXT)
    made = content["claim"]["made_at"]
    return Proposal(
        then=_known(content, figures.knowable(said, _end(made)), made) if made else None,
        now=_known(content, said),
        undated=sum(1 for statement in said if statement.reported_at is None),
    )


def statements(reports: Iterable[Mapping[str, Any]]) -> list[Statement]:
    """Of reports as they stand in a dossier, in its order. The key of each is the report."""
    return [
        Statement(
            source=report["source"],
            figure=figure_of(report),
            text=report["text"],
            reported_at=report["reported_at"] and begin(report["reported_at"]),
            true_as_of=report["true_as_of"] and begin(report["true_as_of"]),
            standing=report["standing"],
            override=report["kind"] if report["kind_reason"] else "",
            key=report,
        )
        for report in reports
    ]


def derived_kinds(content: Mapping[str, Any]) -> list[Kind]:
    """What the kinds of change of its reports would be, had no editor named one."""
    plain = [{**report, "kind_reason": ""} for report in content["reports"]]
    return figures.kinds(statements(plain), cumulative=content["claim"]["cumulative"], same_text=text.same)


def _known(content: Mapping[str, Any], said: Sequence[Statement], made: str = "") -> Known:
    standing = figures.current(said, cumulative=content["claim"]["cumulative"], same_text=text.same)
    reports = [statement.key for statement in standing.rests_on]
    figure = standing.figure
    claimed = stated(content["claim"]["statement"], figure.unit) if figure and not standing.disputed else None
    answer = agrees(claimed, figure) if claimed else None
    return Known(
        words=figures.words(figure) if figure else standing.text,
        reports=len(reports),
        origins=dossier.independent_origins(content, ({**report, "standing": "current"} for report in reports)),
        is_disputed=standing.disputed,
        claimed=figures.words(claimed) if claimed and answer is not None else "",
        agrees=answer,
        taken_back=sum(1 for report in reports if report["standing"] not in figures.IN_PLAY),
        of_that_day=sum(1 for report in reports if made and _may_come_after(report["reported_at"], made)),
        said=[Said(reported(report), report["number"]) for report in _named(said, standing)],
    )


def _named(said: Sequence[Statement], standing: figures.Standing) -> list[Mapping[str, Any]]:
    if not standing.rests_on:
        return []
    newest = standing.rests_on[-1]
    if standing.disputed:
        named = [*standing.against, newest]
    elif newest.figure:
        named = [newest]
    else:
        named = [each for each in said if each.standing in figures.IN_PLAY and _is_of_one_breath(each, newest)]
    by_words = {reported(each.key): each.key for each in named}  # of those that say the same, the newest
    return list(by_words.values())


def _is_of_one_breath(one: Statement, other: Statement) -> bool:
    return not one.figure and (one.source, one.reported_at) == (other.source, other.reported_at)


# Times as a dossier writes them: in UTC, or a bare date where only the day is known.


def _is_day(written: str) -> bool:
    return len(written) == len("2018-03-23")


def begin(written: str) -> datetime:
    """The first moment that it can mean: of a day, its midnight here."""
    if not _is_day(written):
        return datetime.fromisoformat(written)
    return timezone.make_aware(datetime.combine(date.fromisoformat(written), time.min))


def _end(written: str) -> datetime:
    """The last moment that it can mean: of a day, its last."""
    if not _is_day(written):
        return datetime.fromisoformat(written)
    next_day = date.fromisoformat(written) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(next_day, time.min)) - timedelta(microseconds=1)


def _may_come_after(reported: str, made: str) -> bool:
    is_one_day = timezone.localtime(begin(reported)).date() == timezone.localtime(begin(made)).date()
    return is_one_day and (_is_day(reported) or _is_day(made))
