"""Words for what a dossier holds: times, figures, kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import figures
from factcheck.models import Edition, ReportStanding

from .kept import kept

KIND_MEANINGS = {
    "first": gettext_lazy("the first report"),
    "repetition": gettext_lazy("the same source, unchanged"),
    "confirmation": gettext_lazy("another source says the same"),
    "refinement": gettext_lazy("more exact, and inside what was said before: nobody was wrong"),
    "widening": gettext_lazy("less exact than what was said before"),
    "correction": gettext_lazy("what was said before was wrong"),
    "development": gettext_lazy("the event went on: both were right at their time"),
    "dispute": gettext_lazy("both stand, and cannot both be true"),
    "changed": gettext_lazy("something else was said"),
}
SAME = {"repetition", "confirmation"}  # kinds of change that change nothing
MARKS = {"true": "✓", "mostly": "◕", "mixed": "◑", "false": "✕", "outdated": "↻", "unproven": "?"}


@dataclass(frozen=True)
class When:
    """A moment in the machine's form and in the reader's."""

    iso: str
    text: str

    def __str__(self) -> str:
        return self.text

    @cached_property
    def element(self) -> SafeString:
        return format_html('<time datetime="{}">{}</time>', self.iso, self.text)


def when(value: str | datetime | None) -> When | None:
    """A day stays a day. A time is shown in the site's time zone, which is named."""
    return in_words(value) if value else None


@kept(4096)  # a page names each of its times many times over
def in_words(value: str | datetime) -> When:
    if isinstance(value, str) and len(value) == 10:
        return When(value, date_format(date.fromisoformat(value), "j F Y"))
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = timezone.localtime(moment)
    return When(local.isoformat(timespec="minutes"), f"{date_format(local, 'j F Y, H:i')} {local:%Z}")


def figure_of(report: Mapping[str, Any]) -> figures.Figure | None:
    stored = report["figure"]
    if stored is None:
        return None
    numbers = {name: None if stored[name] is None else Decimal(stored[name]) for name in ("low", "high", "tolerance")}
    return figures.Figure(figures.Qualifier(stored["qualifier"]), unit=stored["unit"], **numbers)


def reported(report: Mapping[str, Any]) -> str:
    """What a report says, in a few words."""
    figure = figure_of(report)
    return figures.words(figure) if figure else report["text"]


def mark(rating: Mapping[str, Any]) -> str:
    return MARKS.get(rating["mark"], "•")


def names_all(note: str, *ratings: str) -> bool:
    """A note that does tells of the change between them itself."""
    return all(rating in note for rating in ratings)


def standing_name(report: Mapping[str, Any]) -> str:
    """Nothing where it stands as it was said."""
    return "" if report["standing"] == ReportStanding.CURRENT else ReportStanding(report["standing"]).label


def verdict_word(edition: Edition) -> str:
    """A rating, of what we still stand by."""
    return _("Withdrawn") if edition.is_withdrawal else edition.dossier["verdict"]["rating"]["name"]


def time_reported(report: Mapping[str, Any]) -> str:
    moment = when(report["reported_at"])
    return moment.text if moment else _("undated")
