"""How a door is tried: all that is tracked or append-only is read before and after, and compared."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MethodType, SimpleNamespace
from typing import Any

import pytest
from django.db import models
from django.db.models import signals

from factcheck.history import Changeset, Tracked, TrackedQuerySet, recording
from factcheck.history.guarding import append_only_models, tracked_models
from factcheck.history.loading import admit
from factcheck.history.tracked import Records
from factcheck.models import Claim, Publisher, Report, Source, SourceBasis, Story

RECORDED, REFUSED, NOTHING, SILENT = "recorded", "refused", "nothing", "SILENT"
SECOND = "second"  # another database of the same project
NUMBERS = itertools.count(1)


class Scene:
    """Rows of its own for each door: two stories, a claim, and a report of it by a paper that rests on a wire."""

    def __init__(self, people: SimpleNamespace, folder: Path) -> None:
        self.alice, self.erin, self.victor, self.folder = people.alice, people.erin, people.victor, folder
        with recording(user=self.alice, reason="Set the scene", via="command"):
            self.story, self.other = self.stored(self.draft(title="Flood")), self.stored(self.draft(title="Fire"))
            self.publisher = self.stored(Publisher(name=self.unique()))
            self.paper, self.wire = self.source("Paper"), self.source("Wire")
            self.basis = self.stored(SourceBasis(source=self.paper, rests_on=self.wire))
            called = {"slug": self.unique(), "label": "Death toll", "statement": "Three.", "claimant": "The prefect"}
            self.claim = self.stored(Claim(story=self.story, assignee=self.alice, **called))
            figure = {"is_undated": True, "qualifier": "exactly", "low": 3}
            self.report = self.stored(Report(claim=self.claim, source=self.paper, **figure))
            self.overtaken = Story.objects.get(pk=self.other.pk)
            self.other.summary = "Smoke."
            self.other.save()

    @staticmethod
    def stored(instance: Any) -> Any:
        instance.save()
        return instance

    @staticmethod
    def unique() -> str:
        return f"made-{next(NUMBERS)}"

    def draft(self, **fields: Any) -> Story:
        fields = {"slug": self.unique(), "title": "New", "summary": "Water.", "began_on": "2026-01-01"} | fields
        return Story(**fields)

    def source(self, title: str) -> Source:
        none = {"no_url_reason": "In print", "not_captured_reason": "In print", "is_undated": True}
        return self.stored(Source(slug=self.unique(), title=title, publisher=self.publisher, **none))

    @property
    def stories(self) -> models.QuerySet:
        return Story.objects.filter(pk=self.story.pk)


@dataclass(frozen=True)
class Outcome:
    kind: str
    rows: tuple[str, ...] = ()
    """For each live row that changed, its one new version: model, type, revision: what the live row now says."""
    under: str = ""
    """Their changeset: person, door: reason."""
    told: Any = None
    """The exception, here its class, or the HTTP status."""

    def is_as(self, wanted: "Outcome") -> bool:
        is_raised = isinstance(self.told, Exception) and not isinstance(wanted.told, int | None)
        is_told = isinstance(self.told, wanted.told) if is_raised else self.told == wanted.told
        return is_told and replace(self, told=None) == replace(wanted, told=None)


def recorded(*rows: str, under: str = "Alice Martin, command: Try the door", told: Any = None) -> Outcome:
    return Outcome(RECORDED, rows, under, told)


def refused(told: Any) -> Outcome:
    return Outcome(REFUSED, told=told)


def nothing() -> Outcome:
    """Nothing was changed, and nobody was told otherwise."""
    return Outcome(NOTHING)


@dataclass(frozen=True)
class Door:
    name: str
    comes_of_it: Outcome
    without_guard: str
    without_tracked: str
    act: Callable[[Scene], Any] = field(repr=False)
    only_on: str = ""
    """The one database that has it."""

    def __str__(self) -> str:
        return self.name


# What happened.

Rows = dict[Any, dict[str, Any]]


def snapshot() -> dict[Any, Rows]:
    """All that is kept in the first database, and the stories in the second, where nothing should ever be."""
    found = {model: by_key(model._base_manager.all()) for model in [*tracked_models(), *append_only_models()]}
    return found | {SECOND: by_key(Story._base_manager.using(SECOND))}


def by_key(rows: models.QuerySet) -> Rows:
    return {row["history_id" if "history_id" in row else "id"]: row for row in rows.values()}


def compare(before: dict[Any, Rows], after: dict[Any, Rows]) -> Outcome:
    if before == after:
        return Outcome(NOTHING)
    rows, acts = [], set()
    is_silent = before[SECOND] != after[SECOND] or any(
        is_rewritten(model, before, after) for model in append_only_models()
    )
    for model in tracked_models():
        versions = after[model.history.model].keys() - before[model.history.model].keys()
        new = [after[model.history.model][key] for key in versions]
        for key in sorted({version["id"] for version in new} | differing_keys(before[model], after[model])):
            was, live = before[model].get(key), after[model].get(key)
            mine = [version for version in new if version["id"] == key]
            is_silent |= not is_recorded(was, live, mine)
            rows.append(told_as(model, was, live))
            acts |= {version["changeset_id"] for version in mine}
    if is_silent or len(acts) != 1 or differing_keys(before[Changeset], after[Changeset]) - acts:
        return Outcome(SILENT, tuple(rows))
    return Outcome(RECORDED, tuple(rows), under=told_as_act(Changeset.objects.get(pk=acts.pop())))


def is_rewritten(model: type[models.Model], before: dict[Any, Rows], after: dict[Any, Rows]) -> bool:
    return any(after[model].get(key) != row for key, row in before[model].items())


def differing_keys(before: Rows, after: Rows) -> set[Any]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def is_recorded(was: dict | None, live: dict | None, versions: list[dict]) -> bool:
    """Exactly one version, the next one, and it says what the live row says."""
    if len(versions) != 1 or was == live:
        return False
    kind = "+" if was is None else "-" if live is None else "~"
    revision = was["revision"] + 1 if was else 1
    wanted = (live or was) | {"revision": revision, "history_type": kind}
    return wanted.items() <= versions[0].items() and (live is None or live["revision"] == revision)


def told_as(model: type[models.Model], was: dict | None, live: dict | None) -> str:
    name = model._meta.model_name
    if live is None:
        return f"{name} - {was['revision'] + 1}" if was else f"{name}: a version of nothing"
    if was is None:
        return f"{name} + {live['revision']}" + (f": title={live['title']}" if "title" in live else "")
    changes = [shown(model, each, live) for each in live if each != "revision" and live[each] != was[each]]
    return f"{name} ~ {live['revision']}: {', '.join(changes)}"


def shown(model: type[models.Model], attname: str, row: dict) -> str:
    (column,) = [each for each in model._meta.concrete_fields if each.attname == attname]
    value = row[attname]
    if column.remote_field and value is not None:
        value = column.related_model._base_manager.get(pk=value)
    return f"{column.name}={value}"


def told_as_act(act: Changeset) -> str:
    return f"{act.user or 'nobody'}, {act.via}: {act.reason}"


def attempt(door: Door, scene: Scene) -> Outcome:
    before, told = snapshot(), None
    try:
        told = getattr(door.act(scene), "status_code", None)
    except Exception as error:
        told = error
    found = compare(before, snapshot())
    return replace(found, kind=REFUSED if found.kind == NOTHING and told else found.kind, told=told)


# The house with one of its two locks taken away. The other, the database's guard, has a way of its own to be lowered.


@contextmanager
def tracked_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Django's own methods, and the library's own handlers, where ours stood. The database is as it was."""
    connected = [(signal, model, handler(signal, model)) for model in tracked_models() for signal in HANDLED]
    for ours, theirs in ((Tracked, models.Model), (TrackedQuerySet, models.QuerySet)):
        for name in list(vars(ours)):
            if not name.startswith("__") and callable(getattr(theirs, name, None)):
                monkeypatch.delattr(ours, name)
    for name in HANDLED.values():
        monkeypatch.delattr(Records, name)
    signals.pre_save.disconnect(admit)
    for signal, model, ours in connected:
        signal.disconnect(ours, sender=model)
        signal.connect(getattr(ours.__self__, HANDLED[signal]), sender=model, weak=False)
    try:
        yield
    finally:
        for signal, model, ours in connected:
            signal.disconnect(getattr(ours.__self__, HANDLED[signal]), sender=model)
            signal.connect(ours, sender=model, weak=False)
        signals.pre_save.connect(admit)


HANDLED = {signals.post_save: "post_save", signals.pre_delete: "pre_delete", signals.post_delete: "post_delete"}


def handler(signal: signals.ModelSignal, model: type[models.Model]) -> MethodType:
    """The one that the library has connected: it keeps no other hold of it."""
    live, _asynchronous = signal._live_receivers(model)
    (found,) = [each for each in live if isinstance(getattr(each, "__self__", None), Records)]
    return found
