"""Acts are replayed in the order of the files, in one transaction: all of them, or none and every problem."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck import dossier
from factcheck.desk import gate
from factcheck.desk.gate import NotAllowed
from factcheck.history import Changeset, Door, HistoryError, current, guard, recording
from factcheck.models import Capture, Claim, Edition, Source, SourceAddress, User

from .editions import freeze, is_there, known_kind, name_of
from .problems import ImportRefused
from .reading import Entry, read
from .result import Result
from .saving import apply, find, refuse_own, save
from .values import (
    CHANGESET,
    CHANGESET_NEEDS,
    EDITION,
    EDITION_NEEDS,
    OBJECTS,
    Follows,
    Key,
    Lookup,
    Wrong,
    field_of,
    model_problem,
    moment,
    names_problem,
    natural_path,
    one_text,
    problems_of,
)


@dataclass
class Act:
    """A changeset entry, or None, and the entries that follow it."""

    head: Entry | None
    file: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def digest(self) -> str:
        said = [entry for entry in (self.head, *self.entries) if entry]
        content = [{"model": entry.model.lower(), "fields": entry.fields} for entry in said]
        return sha256(dossier.canonical(content).encode()).hexdigest()


def import_files(
    paths: Iterable[Path | str],
    *,
    user: User,
    via: str = Door.IMPORT,
    with_editions: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Replay files in order. Raises ImportRefused with every problem; then, as on a dry run, nothing is written.

    Who may not write at the desk does not import, and only who may publish brings editions: raises NotAllowed.
    """
    if miss := gate.import_miss(user, with_editions=with_editions):
        raise NotAllowed(miss)
    if current() is not None:
        raise HistoryError(_("An import makes its own acts: it cannot run inside another."))
    acts, problems = [], []
    for path in map(Path, paths):
        entries, found = read(path)
        problems += found
        acts += list(grouped(entries, path))
    with transaction.atomic():
        guard.take_turn(alone=with_editions)
        replay = Replay(user, via, with_editions, progress, total=sum(len(act.entries) for act in acts))
        replay.problems += problems
        for act in acts:
            replay.act(act)
        if replay.problems:
            raise ImportRefused(replay.problems)
        if dry_run:
            transaction.set_rollback(True)
    return replay.result


def grouped(entries: list[Entry], path: Path) -> Iterator[Act]:
    act = Act(None, path.name)
    for entry in entries:
        if entry.model.lower() == CHANGESET:
            if act.head or act.entries:
                yield act
            act = Act(entry, path.name)
        else:
            act.entries.append(entry)
    if act.head or act.entries:
        yield act


class Replay:
    def __init__(self, user: User, via: str, with_editions: bool, progress: Any, total: int) -> None:
        self.user, self.via, self.with_editions = user, via, with_editions
        self.progress, self.total, self.done = progress, total, 0
        self.result, self.problems, self.lookup = Result(), [], Lookup()
        self.keys: set[str] = set()
        self.gate_is_blind = False  # something failed that any edition may need

    def act(self, act: Act) -> None:
        seen = len(self.problems)
        said = self.head(act.head) if act.head else {"reason": _("Import of %(file)s") % {"file": act.file}}
        if said.get("key"):
            known = Changeset.objects.filter(key=said["key"]).first()
            said["content_digest"] = act.digest
            if known and known.content_digest == act.digest:
                self.skip(act)
                return
            if known:
                text = _("The changeset “%(key)s” was imported before with other content: give it a new key.")
                self.problems.append(act.head.problem(text % {"key": said["key"]}, "key"))
        if len(self.problems) > seen:
            # What follows is looked at all the same, to say what is wrong there.
            said = {"reason": "Refused", "claimed_at": said.get("claimed_at") or timezone.now()}
        with recording(user=self.user, via=self.via, **said) as recorder:
            if "key" in said:
                with self.gathering(act.head, None):
                    recorder.changeset  # noqa: B018 (an act that changes nothing came in all the same)
            for entry in act.entries:
                self.entry(entry, reconstructed="claimed_at" in said)

    def head(self, entry: Entry) -> dict[str, Any]:
        """What a changeset says, checked."""
        for name, text in names_problem(CHANGESET, list(entry.fields), CHANGESET_NEEDS):
            self.problems.append(entry.problem(text, name))
        said = {}
        for name in CHANGESET_NEEDS:
            value = entry.fields.get(name)
            if not isinstance(value, str) or not value.strip():
                self.problems.append(entry.problem(_("A changeset needs “%(name)s”, as text.") % {"name": name}, name))
                continue
            try:
                said[name] = moment(value) if name == "claimed_at" else value.strip()
            except Wrong as wrong:
                self.problems.append(entry.problem(f"{name}: {wrong}", name))
        for name in ("key", "claimed_by"):
            if len(said.get(name, "")) > Changeset._meta.get_field(name).max_length:
                self.problems.append(entry.problem(_("“%(name)s” is too long.") % {"name": name}, name))
        if (key := said.get("key")) in self.keys:
            self.problems.append(entry.problem(_("The changeset “%(key)s” stands here twice.") % {"key": key}, "key"))
        self.keys.add(key)
        return said

    def skip(self, act: Act) -> None:
        """An act that came in before, exactly so."""
        for entry in act.entries:
            self.step()
            if entry.model.lower() == EDITION and not is_there(entry):
                text = _("%(edition)s, of the act “%(key)s”, which came in without its editions")
                self.result.skipped.append(text % {"edition": name_of(entry), "key": act.head.fields["key"]})
            else:
                self.result.unchanged += 1

    def step(self) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, self.total)

    def entry(self, entry: Entry, *, reconstructed: bool) -> None:
        self.step()
        if refusal := model_problem(entry.model):
            self.problems.append(entry.problem(refusal))
            return
        if entry.model.lower() == EDITION:
            self.edition(entry, reconstructed=reconstructed)
            return
        model = OBJECTS[entry.model.lower()]
        key = self.lookup.key(model, entry.fields)
        with self.gathering(entry, key):
            self.object(entry, model, key, reconstructed=reconstructed)

    @contextmanager
    def gathering(self, entry: Entry, key: Key | None) -> Iterator[None]:
        """A failure becomes a problem, its writes are undone, and what names this object later is not blamed."""
        before = len(self.problems)
        try:
            with transaction.atomic():
                yield
        except Follows:
            self.fail(entry, key)
        except ValidationError as error:
            self.problems += [entry.problem(text, name) for name, text in problems_of(entry, error)]
        except (Wrong, HistoryError, IntegrityError, DataError) as error:
            self.problems.append(entry.problem(" ".join(str(error).split())))
        if len(self.problems) > before:
            self.fail(entry, key)

    def fail(self, entry: Entry, key: Key | None) -> None:
        slug = one_text(entry.fields.get("claim"))
        self.lookup.failed.add(key or (entry.model, (slug,)))
        model = entry.model.lower()
        if model == "factcheck.rating" or ("claim" in entry.fields and not self.knows(slug)):
            self.gate_is_blind = True

    def knows(self, slug: str | None) -> bool:
        return (Claim, (slug,)) in self.lookup.failed or Claim.objects.filter(slug=slug).exists()

    def object(self, entry: Entry, model: type[models.Model], key: Key | None, *, reconstructed: bool) -> None:
        values = self.values(entry, model)
        if values is None or key in self.lookup.failed:
            return
        if key is None:
            names = [path.split("__")[0] if path != "sha256" else "text" for path in natural_path(model)]
            lacking = next((name for name in names if name not in entry.fields), names[-1])
            text = _("“%(name)s” is needed: it names the %(kind)s.")
            self.problems.append(entry.problem(text % {"name": lacking, "kind": model._meta.verbose_name}))
            return
        instance = find(model, values)
        made = instance is None
        if made:
            instance = model()
        elif model is Capture:
            self.same_capture(entry, instance, values)
            return
        changed = apply(instance, values)
        if not made and not changed:
            self.result.unchanged += 1
            return
        if not self.user.has_perm(f"factcheck.{'add' if made else 'change'}_{model._meta.model_name}"):
            text = _("%(role)s may not write %(what)s.")
            said = {"role": self.user.role.label.capitalize(), "what": model._meta.verbose_name_plural}
            self.problems.append(entry.problem(text % said))
            return
        if reconstructed and not made:
            refuse_own(instance)
        save(instance)
        self.lookup.found.pop(key, None)  # as it was before
        name = f"{model._meta.verbose_name} {' '.join(map(str, key[1])) if model is not Capture else key[1][0]}"
        if isinstance(instance, Source) and (made or "url" in changed):
            self.notice_known(entry, instance)
        if made:
            self.result.created += 1
            self.result.changes.append(_("create %(what)s") % {"what": name})
        else:
            self.result.updated += 1
            text = _("update %(what)s: %(fields)s")
            self.result.changes.append(text % {"what": name, "fields": ", ".join(sorted(changed))})

    def notice_known(self, entry: Entry, source: Source) -> None:
        known = SourceAddress.objects.sources(source.url).exclude(pk=source.pk)
        if others := ", ".join(f"“{slug}”" for slug in known.values_list("slug", flat=True)):
            text = _("The source “%(slug)s” has the address of %(others)s: is it the same?")
            self.result.notices.append(str(entry.problem(text % {"slug": source.slug, "others": others}, "url")))

    def same_capture(self, entry: Entry, capture: Capture, values: dict[str, Any]) -> None:
        if values["text"] != capture.text:
            text = _("Another text was captured at %(at)s already: captures never change.")
            self.problems.append(entry.problem(text % {"at": capture.captured_at.isoformat()}, "captured_at"))
        else:
            self.result.unchanged += 1

    def values(self, entry: Entry, model: type[models.Model]) -> dict[str, Any] | None:
        """What the fields become; None where one is wrong, or names what failed."""
        values, good, follows = {}, True, False
        for name, value in entry.fields.items():
            try:
                each = field_of(model, name)
            except Wrong as wrong:
                self.problems.append(entry.problem(str(wrong), name))
                good = False
                continue
            try:
                values[name] = self.lookup.value(each, value)
            except Wrong as wrong:
                self.problems.append(entry.problem(f"{name}: {wrong}", name))
                good = False
            except Follows:
                good, follows = False, True
        if not good:
            self.look_on(entry, model, values)
        if follows:
            raise Follows
        return values if good else None

    def look_on(self, entry: Entry, model: type[models.Model], values: dict[str, Any]) -> None:
        """What is wrong with the other fields of an object that is not made, each on its own."""
        for name, value in values.items():
            each = field_of(model, name)
            try:
                if not each.remote_field:
                    each.clean(value, model())
            except ValidationError as error:
                self.problems += [entry.problem(f"{name}: {message}", name) for message in error.messages]

    def edition(self, entry: Entry, *, reconstructed: bool) -> None:
        before = len(self.problems)
        for name, text in names_problem(EDITION, list(entry.fields), [*EDITION_NEEDS, "note"]):
            self.problems.append(entry.problem(text, name))
        for name in EDITION_NEEDS:
            if name not in entry.fields:
                self.problems.append(entry.problem(_("An edition needs “%(name)s”.") % {"name": name}))
        for name in {"kind", "published_at", "checked_by", "approved_by", "note"} & entry.fields.keys():
            if not isinstance(entry.fields[name], str):
                self.problems.append(entry.problem(_("%(name)s: This takes text.") % {"name": name}, name))
        slug = one_text(entry.fields.get("claim"))
        if len(self.problems) > before:
            self.fail(entry, (Edition, (slug,)))
            return
        if not reconstructed:
            text = _("An edition out of a file is reconstructed: put a changeset above it that says when and by whom.")
            self.problems.append(entry.problem(text))
            return
        with self.gathering(entry, (Edition, (slug,))):
            said = self.said_of(entry)
            if self.gate_is_blind or any(slug in parts for _model, parts in self.lookup.failed):
                return
            if said is None:
                return
            if not self.with_editions:
                self.result.skipped.append(name_of(entry))
            elif is_there(entry):
                self.result.unchanged += 1
            else:
                edition = freeze(said, user=self.user)
                self.result.editions += 1
                text = _("edition %(number)s of %(claim)s: %(kind)s")
                said = {"number": edition.number, "claim": edition.slug, "kind": edition.get_kind_display()}
                self.result.changes.append(text % said)

    def said_of(self, entry: Entry) -> dict[str, Any] | None:
        said = {"note": "", **entry.fields}
        readers: dict[str, Callable[[Any], Any]] = {
            "claim": lambda value: self.lookup.named(OBJECTS["factcheck.claim"], value),
            "kind": known_kind,
            "published_at": moment,
        }
        for name, reader in readers.items():
            try:
                said[name] = reader(said[name])
            except Wrong as wrong:
                self.problems.append(entry.problem(f"{name}: {wrong}", name))
                return None
        return said
