"""What happened to some objects, act by act, newest first. Knows no claim: it is given the rows to read."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from . import versions
from .changeset import Changeset
from .versions import Change, Names

# (changeset, version before it, version after it)
Span = tuple[int, Any, Any]


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

    @property
    def fields(self) -> list[models.Field]:
        return versions.fields_of(self.model, hide=self.hide)


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


def _spans(strand: Strand, shown: list[int]) -> list[Span]:
    """What each act did to each object, however often it saved it."""
    here = strand.rows.filter(changeset__in=shown)
    if not strand.keeps_versions:
        return [(row.changeset_id, None, row) for row in here.order_by("pk")]
    rows, here = strand.rows.model.objects.order_by(), here.order_by()
    # The version before may stand outside the strand: a report can have come from another claim.
    before = rows.filter(id=OuterRef("id"), revision=OuterRef("revision") - 1)
    wanted = here.values("pk").union(here.values(before=Subquery(before.values("pk"))))
    found = {(row.id, row.revision): row for row in rows.filter(pk__in=wanted).order_by("id", "revision")}
    ours = set(shown)
    acts: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in found.values():
        if row.changeset_id in ours:
            acts[row.changeset_id, row.id].append(row)
    return [(changeset, found.get((key, saves[0].revision - 1)), saves[-1]) for (changeset, key), saves in acts.items()]


def _names(read: list[tuple[Strand, list[Span]]]) -> Names:
    wanted: versions.Keys = defaultdict(set)
    for strand, spans in read:
        if strand.keeps_versions:
            rows = [row for _changeset, *pair in spans for row in pair]
            for model, keys in versions.keys_of(strand.fields, rows).items():
                wanted[model] |= keys
    return versions.names_of(wanted)


def _step(strand: Strand, old: Any, new: Any, names: Names) -> Step | None:
    label = str(strand.label(new))
    if not strand.keeps_versions:
        return Step(strand.model, label, "!", new, [])
    if old is not None and old.history_type == "-":
        old = None
    if new.history_type == "-":
        return Step(strand.model, label, "-", new, versions.changes(old or new, None, strand.fields, names))
    changes = versions.changes(old, new, strand.fields, names)
    if old is None:
        return Step(strand.model, label, "+", new, changes)
    return Step(strand.model, label, "~", new, changes) if changes else None
