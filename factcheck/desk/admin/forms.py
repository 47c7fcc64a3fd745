"""Forms that know which version was opened and why it is being changed."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck.history import Tracked
from factcheck.history.timeline import last_saved
from factcheck.models import only_visible

LOST = gettext_lazy("This form does not say which version you opened, so nothing was saved. Reload the page.")
BESIDES = frozenset({"reason", "opened"})


def moment(value: Any) -> str:
    local = timezone.localtime(value)
    return f"{formats.date_format(local, 'H:i' if local.date() == timezone.localdate() else 'j F Y, H:i')} {local:%Z}"


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def opened_revision(token: str) -> int | None:
    return int(token) if re.fullmatch(r"[1-9][0-9]{0,8}", token) else None


def stale_message(stored: Tracked, opened: int) -> str:
    """Who saved in between, when, and what: said to the person whose save is refused."""
    what = stored._meta.verbose_name
    if (saved := last_saved(stored, since=opened)) is None:
        return str(LOST)
    changeset, fields = saved
    text = _(
        "Not saved: %(person)s saved this %(what)s at %(time)s while you were editing "
        "(you opened version %(opened)s, it is now %(stored)s)."
    ) % {
        "person": changeset.person,
        "what": what,
        "time": moment(changeset.at),
        "opened": opened,
        "stored": stored.revision,
    }
    if fields:
        changed = ngettext("Changed: %s.", "Changed: %s.", len(fields)) % get_text_list(fields, _("and"))
        text = f"{text} {changed}"
    return text


class HiddenToken(forms.HiddenInput):
    """The admin writes a label for every field; one that names a hidden input is no valid HTML."""

    def id_for_label(self, id_: str) -> str:
        return ""


class VersionedForm(forms.ModelForm):
    """Refuses a save of another version than the one that the form was made from."""

    # A browser cannot complain about a field in a folded group; the form itself says what is missing, and where.
    use_required_attribute = False

    opened = forms.CharField(required=False, widget=HiddenToken)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_revision: int | None = self.instance.revision if self.instance.pk else None
        self.fields["opened"].initial = self.stored_revision
        self.is_stale = False

    @property
    def newer(self) -> str:
        """Names the version that was saved in between. Sent back as `overrule`, it says that this one was seen."""
        return f"{self.prefix or self._meta.model._meta.model_name}={self.stored_revision}"

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in BESIDES and not self._only_line_ends(name)]

    def _only_line_ends(self, name: str) -> bool:
        before, after = self.get_initial_for_field(self.fields[name], name), self[name].data
        return isinstance(before, str) and isinstance(after, str) and plain(before) == plain(after)

    def keep_what_was_not_touched(self) -> None:
        """A browser sends other line ends than it was given, and no microseconds: that is not somebody's change."""
        changed = set(self.changed_data)
        for name, value in self.cleaned_data.items():
            stored = getattr(self.instance, name, None)
            if self.instance.pk and name not in changed and isinstance(stored, str | datetime):
                self.cleaned_data[name] = stored
            elif isinstance(value, str):
                self.cleaned_data[name] = plain(value)

    def clean(self) -> dict[str, Any] | None:
        self.check_revision()
        self.keep_what_was_not_touched()
        return super().clean()

    def check_revision(self) -> None:
        if self.stored_revision is None:
            return
        opened = opened_revision(self.data.get(self.add_prefix("opened"), ""))
        if opened is None or opened > self.stored_revision:
            raise ValidationError(LOST, code="lost")
        if opened != self.stored_revision and self.newer not in self.data.get("overrule", "").split():
            self.is_stale = True
            raise ValidationError(stale_message(self._stored(), opened), code="stale")

    def _stored(self) -> Tracked:
        """As the database has it: the form's own instance carries what was typed."""
        return type(self.instance)._base_manager.get(pk=self.instance.pk)


class TrackedForm(VersionedForm):
    """A form of the desk. Its admin says, by `proposed_reason` and `refusal`, what this request needs."""

    proposed_reason = ""
    refusal = ""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        validators=[only_visible],
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say why: it is kept with the change.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = self.proposed_reason
        self.fields["reason"].help_text = (
            _("Kept with the change, in the history. Say more where it helps.")
            if self.proposed_reason
            else _("This is published: say what you change and why. It is kept in the history.")
        )

    def clean(self) -> dict[str, Any] | None:
        if self.refusal:
            raise ValidationError(self.refusal)
        return super().clean()


class InlineForm(VersionedForm):
    """A form on somebody else's page, whose reason it shares."""


class InlineFormSet(forms.BaseInlineFormSet):
    """Django leaves the errors of a form that is to be deleted aside; another person's save must not be."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if self._vanished(form):
                raise ValidationError(
                    _("Not saved: one %(what)s was deleted while you were editing. Reload the page.")
                    % {"what": self.model._meta.verbose_name}
                )
        for form in self.deleted_forms if self.can_delete else []:
            for error in form.non_field_errors().as_data():
                if error.code in {"stale", "lost"}:
                    raise ValidationError(f"{capfirst(str(form.instance))}: {error.message}")

    def _vanished(self, form: forms.ModelForm) -> bool:
        key = self._pk_field.name
        return form in self.initial_forms and form.instance.pk is None and key in form.errors
