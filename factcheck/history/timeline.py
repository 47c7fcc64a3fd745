"""What happened to some objects, act by act, newest first. Knows no claim: it is given the rows to read."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from .changeset import Changeset
from .tracked import Tracked

Names = dict[type[models.Model], dict[Any, str]]


@dataclass(frozen=True)
class Strand:
    """History rows of one tracked model, or rows of one kind of act, that belong on a timeline."""

    rows: models.QuerySet
    label: Callable[[Any], object] = lambda row: ""
    hide: frozenset[str] = frozenset()

    @property
    def keeps_versions(self) -> bool:
        return hasattr(self.rows.model, "instance_type")

    @property
    def model(self) -> type[models.Model]:
        return self.rows.model.instance_type if self.keeps_versions else self.rows.model


@dataclass(frozen=True)
class Change:
    name: str
    label: str
    old: str
    new: str
    is_prose: bool
    """Free text, of which a reader wants to see the words that changed; else the value changed as a whole."""


@dataclass(frozen=True)
class Step:
    """What one act did to one object: "+" made, "~" changed, "-" deleted, "!" an act such as an approval."""

    model: type[models.Model]
    label: str
    kind: str
    row: Any
    changes: list[Change]


@dataclass
class Entry:
    changeset: Changeset
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: int | None
    """Give it as `before` for the page that follows; None on the last one."""


def timeline(strands: Iterable[Strand], *, before: int | None = None, limit: int = 25) -> Page:
    """One query for the acts, one for who did them, one a strand, and one a model that foreign keys name."""
    strands = list(strands)
    keys = _acts(strands, before, limit + 1)
    shown = keys[:limit]
    entries = {
        changeset.pk: Entry(changeset)
        for changeset in Changeset.objects.filter(pk__in=shown).select_related("user").order_by("-pk")
    }
    read = [(strand, _spans(strand, shown)) for strand in strands]
    names = _names(read)
    for strand, spans in read:
        for changeset, old, new in spans:
            if step := _step(strand, old, new, names):
                entries[changeset].steps.append(step)
    return Page(list(entries.values()), older=shown[-1] if len(keys) > limit else None)


def _acts(strands: list[Strand], before: int | None, limit: int) -> list[int]:
    if not strands:
        return []
    queries = [
        (strand.rows.filter(changeset__lt=before) if before else strand.rows).order_by().values_list("changeset_id")
        for strand in strands
    ]
    found = queries[0].distinct() if len(queries) == 1 else queries[0].union(*queries[1:])
    return [key for (key,) in found.order_by("-changeset_id")[:limit]]


def _spans(strand: Strand, shown: list[int]) -> list[tuple[int, Any, Any]]:
    """(changeset, version before it, version after it) of each object that each act touched."""
    here = strand.rows.filter(changeset__in=shown)
    if not strand.keeps_versions:
        return [(row.changeset_id, None, row) for row in here.order_by("pk")]
    rows = strand.rows.model.objects
    follows = here.filter(id=OuterRef("id"), revision=OuterRef("revision") + 1)
    # The version before may stand outside the strand: a report can have come from another claim.
    wanted = rows.filter(Q(pk__in=here.values("pk")) | Exists(follows.order_by())).order_by("id", "revision")
    versions = {(row.id, row.revision): row for row in wanted}
    ours = set(shown)
    spans: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in versions.values():
        if row.changeset_id in ours:
            spans[row.changeset_id, row.id].append(row)
    return [
        (changeset, versions.get((key, span[0].revision - 1)), span[-1]) for (changeset, key), span in spans.items()
    ]


def _fields(strand: Strand) -> list[models.Field]:
    hidden = strand.hide | {"id", "revision"}
    return [each for each in strand.model._meta.concrete_fields if each.name not in hidden]


def _names(read: list[tuple[Strand, list[tuple[int, Any, Any]]]]) -> Names:
    """What foreign keys point at, by the name that it has today."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for strand, spans in read:
        if not strand.keeps_versions:
            continue
        for each in _fields(strand):
            if each.remote_field:
                keys = {getattr(row, each.attname) for _changeset, *pair in spans for row in pair if row is not None}
                wanted[each.related_model] |= keys - {None}
    return {
        model: {key: str(instance) for key, instance in model._base_manager.in_bulk(keys).items()}
        for model, keys in wanted.items()
        if keys
    }


def _step(strand: Strand, old: Any, new: Any, names: Names) -> Step | None:
    label = str(strand.label(new))
    if not strand.keeps_versions:
        return Step(strand.model, label, "!", new, [])
    kind = new.history_type
    if kind == "-":
        return Step(strand.model, label, kind, new, [])
    if old is not None and old.history_type == "-":
        old = None
    changes = [change for each in _fields(strand) if (change := _change(each, old, new, names))]
    if old is None:
        return Step(strand.model, label, "+", new, changes)
    return Step(strand.model, label, "~", new, changes) if changes else None


def _change(each: models.Field, old: Any, new: Any, names: Names) -> Change | None:
    before = _shown(each, getattr(old, each.attname), names) if old is not None else ""
    after = _shown(each, getattr(new, each.attname), names)
    if before == after or (old is None and getattr(new, each.attname) == each.get_default()):
        return None
    return Change(each.name, str(each.verbose_name), before, after, is_prose=_is_prose(each))


def _is_prose(each: models.Field) -> bool:
    return isinstance(each, models.CharField | models.TextField) and not each.flatchoices


def _shown(each: models.Field, value: Any, names: Names) -> str:
    if value is None or value == "":
        return ""
    if each.remote_field:
        return names.get(each.related_model, {}).get(value) or _("deleted, number %s") % value
    if each.flatchoices:
        return str(dict(each.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "j F Y, H:i T")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def last_saved(instance: Tracked, *, since: int) -> tuple[Changeset, list[str]] | None:
    """The newest act on an object after a revision, and the names of the fields that differ by now."""
    rows = list(
        instance.history.filter(id=instance.pk, revision__gte=since)
        .select_related("changeset__user")
        .order_by("revision")
    )
    if not rows or rows[-1].revision <= since:
        return None
    first, last = rows[0], rows[-1]
    changed = [
        str(each.verbose_name)
        for each in instance._meta.concrete_fields
        if each.name not in {"id", "revision"} and getattr(first, each.attname) != getattr(last, each.attname)
    ]
    return last.changeset, changed
