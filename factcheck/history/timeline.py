"""What happened to some objects, act by act, newest first. Knows no claim: it is given the rows to read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Subquery, Value

from . import versions
from .changeset import Changeset
from .versions import Change, Names

# (changeset, version before it, version after it)
Span = tuple[int, Any, Any]
MOST = 500  # rows on a page


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
    more: int | None = None
    """Of an act that is larger than a page: give it as `skip` for what else it did."""


def timeline(strands: Iterable[Strand], *, before: int | None = None, limit: int = 25, skip: int = 0) -> Page:
    """At most `limit` acts, and so many of them whole that no page grows without bound.

    One query for what they touched, one for who did them, one a strand, and one a model that foreign keys name.
    """
    strands = list(strands)
    touched = _touched(strands, before, skip)
    acts = list(dict.fromkeys(act for act, _strand, _row in touched))
    is_cut = len(touched) > MOST
    whole = acts[:-1] if is_cut else acts
    shown = whole[:limit] or acts[:1]
    read = [(strand, _spans(strand, keys)) for strand, keys in _keys_of(strands, touched[:MOST], set(shown))]
    changesets = Changeset.objects.filter(pk__in=shown).select_related("user").order_by("-pk")
    entries = {changeset.pk: Entry(changeset) for changeset in changesets}
    names = _names(read)
    for strand, spans in read:
        for changeset, old, new in spans:
            if step := _step(strand, old, new, names):
                entries[changeset].steps.append(step)
    has_older = is_cut or len(acts) > len(shown)
    return Page(
        list(entries.values()),
        older=shown[-1] if has_older else None,
        more=skip + MOST if is_cut and not whole else None,
    )


def _touched(strands: list[Strand], before: int | None, skip: int) -> list[tuple[int, int, int]]:
    """(act, place of the strand, key of the row) of the newest acts, one more than a page may show."""
    queries = [
        (strand.rows.filter(changeset__lt=before) if before else strand.rows)
        .order_by()
        .annotate(strand=Value(place), row=F("pk"))
        .values_list("changeset_id", "strand", "row")
        for place, strand in enumerate(strands)
    ]
    if not queries:
        return []
    found = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    return list(found.order_by("-changeset_id", "strand", "row")[skip : skip + MOST + 1])


def _keys_of(
    strands: list[Strand], touched: list[tuple[int, int, int]], shown: set[int]
) -> Iterator[tuple[Strand, set[int]]]:
    for place, strand in enumerate(strands):
        if keys := {key for act, number, key in touched if number == place and act in shown}:
            yield strand, keys


def _spans(strand: Strand, keys: set[int]) -> list[Span]:
    """What each act did to each object, however often it saved it."""
    if not strand.keeps_versions:
        return [(row.changeset_id, None, row) for row in strand.rows.filter(pk__in=keys).order_by("pk")]
    rows = strand.rows.model.objects.order_by()
    here = rows.filter(pk__in=keys)
    # The version before may stand outside the strand: a report can have come from another claim.
    before = rows.filter(id=OuterRef("id"), revision=OuterRef("revision") - 1)
    wanted = here.values("pk").union(here.values(before=Subquery(before.values("pk"))))
    found = {(row.id, row.revision): row for row in rows.filter(pk__in=wanted).order_by("id", "revision")}
    acts: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in found.values():
        if row.pk in keys:
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
