"""Forms that know which version was opened and why it is being changed."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import ErrorDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from factcheck.history.since import Since, since

from .meeting import GONE, LOST, MINE, STALE, THEIRS, UNDECIDED, Meeting, Token, differs, parts, plain, sent, told
from .reasons import Reason

BESIDES = frozenset({"reason", "opened"})


class HiddenToken(forms.HiddenInput):
    """The admin writes a label for every field; one that names a hidden input is no valid HTML."""

    def id_for_label(self, id_: str) -> str:
        return ""


def focus_first_error(page: Iterable[forms.BaseForm]) -> None:
    """The forms as they stand on the page. What is asked last, beside the button, is looked at last."""
    wrong = [(name == "reason", form.fields[name]) for form in page for name in form.fields if name in form.errors]
    if wrong:
        _is_last, field = min(wrong, key=itemgetter(0))
        widget = getattr(field.widget, "widget", field.widget)  # the admin wraps choices
        first = widget.widgets[0] if isinstance(widget, forms.MultiWidget) else widget
        first.attrs["autofocus"] = True


class VersionedForm(forms.ModelForm):
    """Knows the version that it was made from, and meets what others saved in between.

    Field by field: what only others changed is taken over, what only this person changed is kept, and what both
    changed waits for a decision. With that the form comes back, as one of the newer version.
    """

    # A browser cannot complain about a field in a folded group; the form itself says what is missing, and where.
    use_required_attribute = False
    behind: dict[str, str] = {}  # the model's name of a field, where the form has another
    closed = ""  # why what was opened before cannot be saved any more

    opened = forms.CharField(required=False, widget=HiddenToken)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_revision: int | None = self.instance.revision if self.instance.pk else None
        columns = {each.name: each for each in self._meta.model._meta.concrete_fields}
        self.kept = {name: columns[real] for name in self.fields if (real := self.behind.get(name, name)) in columns}
        if self.instance.pk:
            self.initial |= self.values_of(self.instance)
        self.fields["opened"].initial = self.stored_revision
        self.first_version: Token | None = None
        self.sent: Token | None = None
        self.since: Since | None = None
        self.older: dict[str, int] = {}
        self.is_lost = self.is_mine = False

    def values_of(self, row: models.Model) -> dict[str, Any]:
        return {name: each.value_from_object(row) for name, each in self.kept.items()}

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in BESIDES and self._differs(name, self.initial)]

    def _differs(self, name: str, values: dict[str, Any]) -> bool:
        return differs(self.fields[name], values.get(name), self[name].data)

    # What others saved in between.

    @property
    def is_gone(self) -> bool:
        """Somebody else deleted its object."""
        return self.instance.pk is not None and self.instance._state.adding

    @property
    def is_stale(self) -> bool:
        return self.sent is not None and self.sent.revision != self.stored_revision

    @property
    def is_left(self) -> bool:
        """Deleted by somebody else, and that is all right."""
        return self.is_gone and self.sent is not None and (not self.is_mine or self.choice(GONE) == THEIRS)

    def choice_name(self, name: str) -> str:
        return self.add_prefix(f"keep-{name}")

    def choice(self, name: str) -> str:
        """Only what was asked is decided."""
        return self.data.get(self.choice_name(name), "") if name in self.sent.older else ""

    def has_changed(self) -> bool:
        """An object that comes back is saved even as it was."""
        return self.sent is not None and not self.is_left if self.is_gone else super().has_changed()

    def full_clean(self) -> None:
        if self.is_bound and self.stored_revision is not None and self.sent is None:
            self._meet(self.first_version or Token.read(self.data.get(self.add_prefix("opened"), "")))
        super().full_clean()
        if self.is_left:
            self._errors, self.cleaned_data = ErrorDict(), {}
            if self.is_stale:
                self.add_error(None, ValidationError(str(self.since), code=STALE))

    def _meet(self, opened: Token | None) -> None:
        if opened is None or opened.revision > self.stored_revision:
            self._lose()
            return
        self.sent = opened
        if opened == Token(self.stored_revision) and not self.is_gone:
            return
        self.title = f"{capfirst(self._meta.model._meta.verbose_name)} “{self.instance}”"
        before = self.stored_revision - self.is_gone
        self.since = since(self.instance, min(before, *opened.revisions))
        self.versions = self._versions(opened.revisions | {self.stored_revision})
        if not self.closed:
            self._merge(opened)

    def _lose(self) -> None:
        """Nothing is known of what this person saw. Django leaves the errors of what is to be deleted aside."""
        self.is_lost = True
        self.data = self.data.copy()
        self.data.pop(self.add_prefix("DELETE"), None)

    def _versions(self, revisions: set[int]) -> dict[int, models.Model]:
        model = self._meta.model
        rows = model.history.model.objects.filter(id=self.instance.pk, revision__in=revisions)
        return {0: model()} | {row.revision: row for row in rows}

    def _merge(self, opened: Token) -> None:
        data = self.data.copy()
        for name in self.kept:
            over, choice = opened.older.get(name, opened.revision), self.choice(name)
            if choice == MINE:
                over = opened.revision
            before = self.values_of(self.versions[over])
            if choice == THEIRS or self._is_left_out(name) or not self._differs(name, before):
                self._take_over(data, name)
                continue
            self.is_mine = True
            if before[name] != self.initial[name] and self._differs(name, self.initial):
                self.older[name] = over
        if self.is_gone and self.is_mine:
            self.older[GONE] = self.stored_revision - 1
        if self.is_stale:  # To be ticked again, by somebody who knows what it deletes.
            data.pop(self.add_prefix("DELETE"), None)
        data[self.add_prefix("opened")] = str(Token(self.stored_revision, self.older))
        self.data = data

    def _is_left_out(self, name: str) -> bool:
        """The page that was sent did not have this field."""
        return self.fields[name].widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))

    def _take_over(self, data: Any, name: str) -> None:
        bound = self[name]
        for part in parts(bound.field.widget, bound.html_name):
            data.pop(part, None)
        value = bound.field.prepare_value(self.initial[name])
        for part, words in sent(bound.field.widget, bound.html_name, value):
            data[part] = words

    @cached_property
    def meeting(self) -> Meeting | None:
        """For the page that tells of it; to be asked once the form is cleaned."""
        if self.since is None or not (self.is_stale or self.older):
            return None
        return told(self)

    def clean(self) -> dict[str, Any] | None:
        if self.is_lost:
            raise ValidationError(LOST)
        self.keep_what_was_not_touched()
        if self.is_stale:
            raise ValidationError(f"{self.since or LOST} {self.closed}".strip(), code=STALE)
        if self.older.keys() - {GONE} or (GONE in self.older and self.choice(GONE) != MINE):
            raise ValidationError(_("Choose first whose version stands."), code=UNDECIDED)
        return super().clean()

    def keep_what_was_not_touched(self) -> None:
        """A browser sends other line ends than it was given, and no microseconds: that is not somebody's change."""
        changed = set(self.changed_data)
        for name, value in self.cleaned_data.items():
            stored = getattr(self.instance, name, None)
            if self.instance.pk and name not in changed and isinstance(stored, str | datetime):
                self.cleaned_data[name] = stored
            elif isinstance(value, str):
                self.cleaned_data[name] = plain(value)

    def _post_clean(self) -> None:
        super()._post_clean()
        for name in self.older.keys() & self.fields.keys():
            text = _("%s changed this too: choose at the top of the page.") % self.since.who
            self.add_error(name, ValidationError(text, code=UNDECIDED))


class TrackedForm(VersionedForm):
    """A form of the desk. Its admin says, by `proposed_reason` and `refusal`, what this request needs."""

    proposed_reason = ""
    refusal: ValidationError | None = None

    reason = Reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = self.proposed_reason
        self.fields["reason"].help_text = (
            _("Kept with the change, in the history. Say more where it helps.")
            if self.proposed_reason
            else _("This is published: say what you change and why. It is kept in the history.")
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            raise self.refusal
        return cleaned


class InlineForm(VersionedForm):
    """A form on somebody else's page, whose reason it shares."""


class InlineFormSet(forms.BaseInlineFormSet):
    """Knows what somebody else deleted, or was the first to add, while this person was writing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_second = self.is_bound and self.fk.unique and self._writes_anew() and self.get_queryset().exists()
        if self.is_second:
            self.data = self.data.copy()
            self.data[f"{self.prefix}-INITIAL_FORMS"] = "1"
            self.data[f"{self.prefix}-0-{self.model._meta.pk.name}"] = str(self.get_queryset()[0].pk)

    def _writes_anew(self) -> bool:
        begun = (self.data.get(f"{self.prefix}-0-{name}") for name in self.form.base_fields if name != "opened")
        return self.data.get(f"{self.prefix}-INITIAL_FORMS") == "0" and any(begun)

    def get_queryset(self) -> Any:
        """The admin pairs it with the forms, one by one; what was deleted is no longer in the database."""
        if self.is_bound and "forms" in self.__dict__:
            return [form.instance if form.instance.pk else None for form in self.initial_forms]
        return super().get_queryset()

    def _existing_object(self, pk: Any) -> Any:
        return super()._existing_object(pk) or self._deleted_object(pk)

    def _deleted_object(self, pk: Any) -> Any:
        newest = self.model.history.model.objects.filter(id=pk).order_by("-revision").first()
        is_ours = newest is not None and getattr(newest, self.fk.attname) == self.instance.pk
        return newest.instance if is_ours and newest.history_type == "-" else None

    def add_fields(self, form: VersionedForm, index: int | None) -> None:
        super().add_fields(form, index)
        if form.is_gone:  # no choice among the stored ones any more
            form.fields[self._pk_field.name] = forms.IntegerField(initial=form.instance.pk, widget=forms.HiddenInput)
        if self.is_second:
            form.first_version = Token(0)

    def _should_delete_form(self, form: VersionedForm) -> bool:
        return not form.is_gone and super()._should_delete_form(form)

    def save_new_objects(self, commit: bool = True) -> list[Any]:
        saved = super().save_new_objects(commit)
        return saved + [
            self.save_new(form, commit) for form in self.initial_forms if form.is_gone and form.has_changed()
        ]

    def clean(self) -> None:
        super().clean()
        if any(form.instance.pk is None for form in self.initial_forms):
            text = _("Not saved: this page shows one %s that does not belong here any more. Reload the page.")
            raise ValidationError(text % self.model._meta.verbose_name)
