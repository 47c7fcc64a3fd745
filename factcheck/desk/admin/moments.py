"""Asking for a moment of the past, and for another one before it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import DateTimeBaseInput
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.history.past import Clock
from factcheck.models.base import within_calendar

CLOCKS = [
    (Clock.RECORDED, gettext_lazy("when it was recorded here")),
    (Clock.CLAIMED, gettext_lazy("when it is said to have happened")),
]
MINUTE = timedelta(minutes=1, microseconds=-1)


class _Part(DateTimeBaseInput):
    """As browsers ask for it; what is none, no such input can show."""

    supports_microseconds = False

    def __init__(self, kind: str, form: str, read: Callable[[str], Any]) -> None:
        super().__init__(format=form)
        self.input_type, self.read = kind, read

    def format_value(self, value: Any) -> str | None:
        shown = super().format_value(value)
        try:
            self.read(shown or "")
        except ValueError:
            return None
        return shown


def _date(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=_Part("date", "%Y-%m-%d", date.fromisoformat))


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=_Part("time", "%H:%M", time.fromisoformat))


class MomentForm(forms.Form):
    """`until` is the end of its minute or its day, `since` the beginning of its; None is now, and no comparison."""

    use_required_attribute = False

    date = _date(gettext_lazy("As of, date"))
    time = _time(gettext_lazy("As of, time"))
    since_date = _date(gettext_lazy("Changed since, date"))
    since_time = _time(gettext_lazy("Changed since, time"))
    clock = forms.ChoiceField(label=gettext_lazy("By"), choices=CLOCKS, required=False)

    until: datetime | None = None
    since: datetime | None = None

    def clean_clock(self) -> str:
        return self.cleaned_data["clock"] or Clock.RECORDED

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if until := self._moment("date", "time", time.max):
            self.until = until + (MINUTE if data.get("time") else timedelta())
        self.since = self._moment("since_date", "since_time", time.min)
        if self.since and self.since >= (self.until or timezone.now()):
            self.add_error("since_date", _("This is not before the moment of the board."))
        return data

    def _moment(self, day: str, hour: str, otherwise: time) -> datetime | None:
        on, at = self.cleaned_data.get(day), self.cleaned_data.get(hour)
        if on is None:
            if at is not None and day not in self.errors:
                self.add_error(day, _("Give the date, too."))
            return None
        try:
            within_calendar(on)
        except ValidationError as error:
            self.add_error(day, error)
            return None
        return timezone.make_aware(datetime.combine(on, at or otherwise))
