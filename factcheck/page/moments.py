"""Moments in addresses. They go to the minute, and each means the end of what it names: of a minute, or of a day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from factcheck.models.base import within_calendar

from .words import When, when

NAME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z"
WRITTEN = "%Y-%m-%dT%H:%MZ"
MINUTE = timedelta(minutes=1)
LAST = timedelta(microseconds=1)
SHOWN = 100  # so many times are listed; of the days before them, only the last time


class NotAMoment(ValueError):
    pass


def asked(written: str) -> datetime:
    """The end of the day or the minute that somebody names, in the site's own zone where they name none."""
    words = re.sub(r"(T.*) (?=[0-9]{2}:?[0-9]{2}$)", r"\1+", written.strip())  # in a query, a plus is a space
    try:
        if len(words) == len("2018-03-23"):
            moment = datetime.combine(date.fromisoformat(words), time.max)
        else:
            moment = datetime.fromisoformat(words).replace(second=0, microsecond=0) + MINUTE - LAST
        within_calendar(moment)
    except (ValueError, OverflowError, ValidationError) as error:
        raise NotAMoment(written) from error
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def name(moment: datetime) -> str:
    """As in 2018-03-23T20:31Z."""
    return moment.astimezone(UTC).strftime(WRITTEN)


def span(named: str) -> tuple[datetime, datetime]:
    """Its first and its last moment."""
    try:
        begin = datetime.strptime(named, WRITTEN).replace(tzinfo=UTC)
        within_calendar(begin)
    except (ValueError, ValidationError) as error:
        raise NotAMoment(named) from error
    return begin, begin + MINUTE - LAST


@dataclass(frozen=True)
class Time:
    name: str
    words: str


@dataclass(frozen=True)
class Day:
    day: When
    zone: str
    times: list[Time]
    """The newest first, as the days are."""
    is_recent: bool
    """What changed since its end has a page of its own."""


def days(published: Sequence[datetime], *, most: int) -> list[Day]:
    """All days on which something was published, the newest first. `published` begins with the newest; `most` is how
    many later ones a page of changes may tell of."""
    found: list[Day] = []
    seen = 0
    for day, of_day in groupby(map(timezone.localtime, published), key=datetime.date):
        moments = list(of_day)
        named = {name(moment): date_format(moment, "H:i") for moment in moments}
        times = [Time(*each) for each in named.items()]
        shown = times if seen + len(moments) <= SHOWN else times[:1]
        found.append(Day(when(day.isoformat()), f"{moments[0]:%Z}", shown, is_recent=seen <= most))
        seen += len(moments)
    return found
