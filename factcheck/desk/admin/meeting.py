"""Two people's changes to one object, met in one form: whose stands where, and what has to be decided."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.history.since import Since
from factcheck.history.versions import Change, between

from . import histories

if TYPE_CHECKING:
    from .forms import VersionedForm

LOST = gettext_lazy("This form does not say which version you opened, so nothing was saved. Reload the page.")
STALE, UNDECIDED = "stale", "undecided"  # codes of errors
MINE, THEIRS = "mine", "theirs"
GONE = "gone"  # stands in a token like a field: whether what was deleted stays so
TOKEN = re.compile(r"([1-9][0-9]{0,8})((?: [a-z_]+=(?:0|[1-9][0-9]{0,8}))*)")


@dataclass(frozen=True)
class Token:
    """Which version a form shows, as in "3"; and, as in "3 label=1", over which older one a field was typed.

    Such a field was changed by somebody else too, and waits for a decision. Version 0 is that of nothing.
    """

    revision: int
    older: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([str(self.revision), *(f"{name}={revision}" for name, revision in self.older.items())])

    @property
    def revisions(self) -> set[int]:
        return {self.revision, *self.older.values()}

    @classmethod
    def read(cls, sent: str) -> "Token | None":
        if not (found := TOKEN.fullmatch(sent)):
            return None
        pairs = (each.partition("=") for each in found[2].split())
        token = cls(int(found[1]), {name: int(revision) for name, _is, revision in pairs})
        return token if all(revision < token.revision for revision in token.older.values()) else None


def opened_revision(sent: str) -> int | None:
    """Of a page without fields to decide about, such as that of a move."""
    token = Token.read(sent)
    return token.revision if token and not token.older else None


@dataclass(frozen=True)
class Dispute:
    """A field that both changed, and the name under which the decision is sent."""

    label: str
    choice: str
    changes: list[dict[str, Any]]
    """Theirs and mine, both as they differ from the version over which mine was typed."""


@dataclass(frozen=True)
class Meeting:
    title: str
    since: Since
    theirs: list[dict[str, Any]]
    """What others changed and this person did not: it stands in the form now."""
    mine: list[str]
    disputes: list[Dispute]
    gone: str
    """Of an object that was deleted: the name under which is sent whether it stays so."""
    gone_choice: str
    closed: str


def told(form: "VersionedForm") -> Meeting:
    changes = between(form.versions[form.sent.revision], form.versions[form.stored_revision])
    disputed = {form.kept[name].name for name in form.older.keys() & form.kept.keys()}
    return Meeting(
        title=form.title,
        since=form.since,
        theirs=_linked(form, [change for change in changes if change.name not in disputed]),
        mine=[str(form.kept[name].verbose_name) for name in form.changed_data if name not in form.older],
        disputes=[_dispute(form, name, form.versions[over]) for name, over in form.older.items() if name in form.kept],
        gone=form.choice_name(GONE) if GONE in form.older else "",
        gone_choice=form.choice(GONE),
        closed=form.closed,
    )


def _linked(form: "VersionedForm", changes: list[Change]) -> list[dict[str, Any]]:
    """With the place in the form where each stands, if it has one."""
    ids = {each.name: form[name].id_for_label for name, each in form.kept.items()}
    shown = histories.changes_context(changes)
    return [each | {"field_id": ids.get(change.name)} for change, each in zip(changes, shown, strict=True)]


def _dispute(form: "VersionedForm", name: str, before: models.Model) -> Dispute:
    real = form.kept[name]
    (theirs,) = between(before, form.versions[form.stored_revision], [real])
    mine = between(before, form.instance, [real])
    if not mine or any(error.code != UNDECIDED for error in form.errors.as_data().get(name, [])):
        # What makes no sense is shown as it was typed.
        typed = (form.data.get(part, "") for part in parts(form.fields[name].widget, form.add_prefix(name)))
        mine = [replace(theirs, new=" ".join(typed))]
    here = _("You, here") if form.since.is_own else _("You")
    labelled = [replace(theirs, label=form.since.names), replace(mine[0], label=here)]
    return Dispute(str(real.verbose_name), form.choice_name(name), histories.changes_context(labelled))


def plain(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def differs(each: forms.Field, value: Any, sent: Any) -> bool:
    """Whether a browser sent another value. It sends other line ends than it was given, and no microseconds."""
    if isinstance(value, str) and isinstance(sent, str) and plain(value) == plain(sent):
        return False
    if isinstance(value, datetime | time) and not each.widget.supports_microseconds:
        value = value.replace(microsecond=0)
    return each.has_changed(value, sent)


def parts(widget: forms.Widget, name: str) -> list[str]:
    """The names under which a browser sends what stands in this widget."""
    widget = getattr(widget, "widget", widget)  # the admin wraps choices
    return [name + suffix for suffix in widget.widgets_names] if isinstance(widget, forms.MultiWidget) else [name]


def sent(widget: forms.Widget, name: str, value: Any) -> Iterator[tuple[str, str]]:
    """What a browser would send, were it shown this value."""
    widget = getattr(widget, "widget", widget)
    if isinstance(widget, forms.MultiWidget):
        for each, under, part in zip(widget.widgets, parts(widget, name), widget.decompress(value), strict=True):
            yield from sent(each, under, part)
    elif not isinstance(widget, forms.CheckboxInput):
        shown = widget.format_value(value)
        yield name, (shown[0] if isinstance(shown, list) else shown) or ""
    elif value:
        yield name, "on"
