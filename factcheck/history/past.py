"""The past, read as the present is: instances of the live models, as they stood at a moment.

The order of an object's versions is `revision`. On the recorded clock time rises with it, which the database itself
holds, so one probe of an index finds a version, however many there are; and the objects that ever had a parent are
found by steps in an index from one to the next, past all versions between. Nothing of the live tables is read, for
they have forgotten what was deleted or moved.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from .changeset import Changeset
from .tracked import Tracked, history_of

Kept = TypeVar("Kept", bound=Tracked)


class Clock(StrEnum):
    RECORDED = "recorded"
    """When our database took it: the clock for accountability."""
    CLAIMED = "claimed"
    """When a reconstructed act says that it happened, and recorded where it says nothing."""


class Else(StrEnum):
    """How an object is read that has no version by the moment."""

    AS_RECORDED = "as it was recorded at another moment"
    AS_FIRST = "as it first stood, and after its deletion as it last stood"


def as_of(
    model: type[Kept],
    moment: datetime,
    *,
    clock: str = Clock.RECORDED,
    or_recorded: datetime | None = None,
    **where: Any,
) -> list[Kept]:
    """All objects of a model, or those of one condition: `id__in=…`, `story_id=…`, `claim_id__in=…`; by key.

    A condition is met by what held then, not by what holds now. What has no version by then is read as it was recorded
    at `or_recorded`, if that is given. Each instance says in `recorded_at` when its version was.

    One query. The claimed clock costs a step for every version after the moment, the recorded one none.
    A transaction that is still open may yet add to the latest moments.
    """
    asked, keys = _asked(model, where)
    if asked and not keys:
        return []
    sql = _sql(model, asked, Clock(clock), Else.AS_RECORDED if or_recorded else None)
    return _read(model, sql, keys if asked else None, moment, *([or_recorded] if or_recorded else []))


def referred(model: type[Kept], keys: Iterable[int], moment: datetime, *, clock: str = Clock.RECORDED) -> list[Kept]:
    """What the versions of other objects refer to: always there, whatever the clock says.

    Times rise within one object, not between two: a report may claim to be older than its source does, and a clock
    that was set back leaves a moment at which a claim has come and its story has not. Such an object is read as it
    first stood; one that was deleted by then, as it last stood.
    """
    return _read(model, _sql(model, "id", Clock(clock), Else.AS_FIRST), sorted(set(keys)), moment)


@dataclass(frozen=True)
class View:
    """The present, or a moment of the past, for what reads either and need not know which."""

    moment: datetime | None = None
    clock: str = Clock.RECORDED

    def every(self, model: type[Kept], **where: Any) -> list[Kept]:
        if self.moment is None:
            return list(model._base_manager.filter(**where).order_by("pk"))
        return as_of(model, self.moment, clock=self.clock, **where)

    def choices(self, model: type[Kept], choosers: Iterable[Any]) -> list[Kept]:
        """All that the choosers could choose from: it was recorded before them, even if it claims no such age."""
        if self.moment is None:
            return self.every(model)
        before = max(each.recorded_at for each in choosers)
        return as_of(model, self.moment, clock=self.clock, or_recorded=before)

    def named(self, model: type[Kept], keys: Iterable[int]) -> list[Kept]:
        """What other objects refer to."""
        if not (wanted := set(keys)):
            return []
        if self.moment is None:
            return list(model._base_manager.filter(pk__in=wanted))
        return referred(model, wanted, self.moment, clock=self.clock)

    def join(self, instances: Iterable[Tracked], *names: str, known: Iterable[Tracked] = ()) -> None:
        """Set foreign keys to one model, which would read the present if they were left to themselves.

        One query, none where everything is `known`.
        """
        links = [(each, type(each)._meta.get_field(name)) for each in instances for name in names]
        wanted = {getattr(each, field.attname) for each, field in links} - {None}
        found = {each.pk: each for each in known}
        if missing := wanted - found.keys():
            found |= {each.pk: each for each in self.named(links[0][1].related_model, missing)}
        for each, field in links:
            if (key := getattr(each, field.attname)) in found:
                setattr(each, field.name, found[key])


def _asked(model: type[Tracked], where: dict[str, Any]) -> tuple[str | None, list[int]]:
    """The name of the column and the keys that it may have; (None, []) for all objects."""
    if not where:
        return None, []
    (name, value), *more = where.items()
    attname, _separator, lookup = name.partition("__")
    parents = {field.attname for field in model._meta.concrete_fields if field.remote_field}
    if more or attname not in {"id", *parents} or lookup not in {"", "in"}:
        raise ValueError(f"as_of takes one condition, on id or one of {sorted(parents)}: {where} is none.")
    return attname, sorted(set(value)) if lookup else [value]


def _read(model: type[Kept], sql: str, keys: list[int] | None, *moments: datetime) -> list[Kept]:
    given: list[Any] = [_aware(moment) for moment in moments]
    if keys is not None:
        given.insert(0, json.dumps(keys) if connection.vendor == "sqlite" else keys)
    found = list(model._base_manager.raw(sql, given))
    if connection.vendor == "sqlite":  # which gives times without their zone
        for each in found:
            each.recorded_at = each.recorded_at.replace(tzinfo=UTC)
    return found


def _aware(moment: datetime) -> datetime:
    if not isinstance(moment, datetime) or timezone.is_naive(moment):
        raise ValueError(_("Give a moment with its time zone: %s has none.") % moment)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(_("%s is outside the calendar.") % moment) from error


# One statement for both databases, but for how each takes a list of keys as one parameter.

LISTED = {"postgresql": "SELECT unnest(%s::bigint[])", "sqlite": "SELECT value FROM json_each(%s)"}


@cache
def _sql(model: type[Tracked], asked: str | None, clock: Clock, otherwise: Else | None) -> str:
    """Its parameters are the keys, where something is `asked`, and the moments."""
    quote = connection.ops.quote_name
    history = quote(history_of(model)._meta.db_table)
    columns = ", ".join(f"v.{quote(field.column)}" for field in model._meta.concrete_fields)
    found = _version(history, clock)
    if otherwise == Else.AS_RECORDED:
        found = f"COALESCE(({found}), ({_version(history, Clock.RECORDED)}))"
    elif otherwise == Else.AS_FIRST:
        first = f"SELECT h.history_id FROM {history} h WHERE h.id = o.id ORDER BY h.revision LIMIT 1"
        found = f"COALESCE(({found}), ({first}))"
    wanted = "TRUE" if otherwise == Else.AS_FIRST else "v.history_type <> '-'"
    if asked not in (None, "id"):
        wanted += f" AND +v.{quote(asked)} IN (SELECT parent FROM given)"  # the sign keeps SQLite from starting here
    return (
        f"WITH RECURSIVE {_objects(history, asked)} SELECT {columns}, v.history_date AS recorded_at "
        f"FROM objects o JOIN {history} v ON v.history_id = ({found}) WHERE {wanted} ORDER BY v.id"
    )


def _version(history: str, clock: Clock) -> str:
    """The newest by a moment, of the object `o`."""
    select = f"SELECT h.history_id FROM {history} h"
    if clock == Clock.RECORDED:
        return f"{select} WHERE h.id = o.id AND h.history_date <= %s ORDER BY h.history_date DESC LIMIT 1"
    return (
        f"{select} JOIN {connection.ops.quote_name(Changeset._meta.db_table)} c ON c.id = h.changeset_id "
        "WHERE h.id = o.id AND COALESCE(c.claimed_at, h.history_date) <= %s ORDER BY h.revision DESC LIMIT 1"
    )


def _objects(history: str, asked: str | None) -> str:
    """Common table expressions that end in `objects`: keys of all that may be meant, deleted or elsewhere by now."""
    listed = LISTED[connection.vendor]
    if asked == "id":
        return f"objects (id) AS ({listed})"
    if asked is None:
        return (
            f"steps (id) AS (SELECT MIN(h.id) FROM {history} h UNION ALL "
            f"SELECT (SELECT MIN(h.id) FROM {history} h WHERE h.id > s.id) FROM steps s WHERE s.id IS NOT NULL), "
            "objects AS (SELECT id FROM steps WHERE id IS NOT NULL)"
        )
    child = f"SELECT MIN(h.id) FROM {history} h WHERE h.{connection.ops.quote_name(asked)} ="
    return (
        f"given (parent) AS ({listed}), "
        f"steps (parent, id) AS (SELECT g.parent, ({child} g.parent) FROM given g UNION ALL "
        f"SELECT s.parent, ({child} s.parent AND h.id > s.id) FROM steps s WHERE s.id IS NOT NULL), "
        "objects AS (SELECT DISTINCT id FROM steps WHERE id IS NOT NULL)"
    )
