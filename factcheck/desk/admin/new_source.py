"""A report and the source that it cites, added in one go; and a source that we have is offered before a second one."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck.models import Publisher, Source, SourceAddress, SourceKind

from .forms import HiddenToken

NAMES = 200  # of publishers are proposed
# The source's field behind each of ours; the last three are the report's.
BEHIND = {
    "source_url": "url",
    "source_no_url_reason": "no_url_reason",
    "source_title": "title",
    "source_kind": "kind",
    "source_is_primary": "is_primary",
    "reported_at": "published_at",
    "reported_precision": "published_precision",
    "is_undated": "is_undated",
}
DESCRIBING = ("source_url", "source_no_url_reason", "source_title", "source_publisher")
DATING = {"reported_at", "is_undated"}
FIELDSET = (
    gettext_lazy("Or a new source"),
    {
        "fields": [
            "source_url",
            "source_no_url_reason",
            "source_title",
            "source_publisher",
            ("source_kind", "source_is_primary"),
        ],
        "description": gettext_lazy("It takes its date from the report. Everything else about it has its own page."),
    },
)


class Proposed(AdminTextInputWidget):
    """A line to type in, with names to choose from."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> str:
        names = Publisher.objects.order_by("name").values_list("name")[:NAMES]
        options = format_html_join("", '<option value="{}"></option>', names)
        line = super().render(name, value, {**(attrs or {}), "list": f"{name}-names"}, renderer)
        return format_html('{}<datalist id="{}-names">{}</datalist>', line, name, options)


def _like(name: str) -> forms.Field:
    """As on the page of a source."""
    each = Source._meta.get_field(name)
    widget = {} if name == "is_primary" else {"widget": AdminTextInputWidget}
    return each.formfield(required=False, **widget)


class WithNewSource(forms.Form):
    source_url = _like("url")
    source_no_url_reason = _like("no_url_reason")
    source_title = _like("title")
    source_publisher = forms.CharField(
        label=gettext_lazy("Publisher"),
        required=False,
        max_length=200,
        widget=Proposed,
        help_text=gettext_lazy("A name that we do not have yet makes a new publisher."),
    )
    source_kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SourceKind.choices, required=False)
    source_is_primary = _like("is_primary")
    source_offered = forms.CharField(required=False, widget=HiddenToken)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new_source: Source | None = None
        self.fields["source"].required = False
        if not self.is_bound and (found := _known(self.initial.get("source_url", ""))):
            self.initial |= {"source": found[0].pk, "source_offered": _keys(found)}
            self.fields["source"].help_text = _offer(found)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        if self.errors.keys() & {"source", *DESCRIBING}:
            return cleaned
        chosen, is_described = data.get("source"), any(data.get(name) for name in DESCRIBING)
        found = _known(data.get("source_url", ""))
        if chosen and is_described and chosen not in found:
            self.add_error("source", _("Choose a source or describe a new one, not both."))
        elif not chosen and not is_described:
            self.add_error("source", _("Choose a source, or describe a new one below."))
        elif not chosen and found and data.get("source_offered") != _keys(found):
            # The form comes back with it, and whoever saves that means it.
            self.data = self.data.copy()
            self.data["source"], self.data["source_offered"] = str(found[0].pk), _keys(found)
            self.add_error("source", _offer(found))
        elif not chosen:
            self.new_source = self._described()
        return cleaned

    def _described(self) -> Source:
        data, errors = self.cleaned_data, self.errors.keys()
        name = " ".join(data["source_publisher"].split())
        publisher = Publisher.objects.filter(name__iexact=name).first() or Publisher(name=name)
        source = Source(publisher=publisher, **{real: data[mine] for mine, real in BEHIND.items() if data.get(mine)})
        source.slug = _free_slug(f"{name} {source.title}")
        self._check(publisher, set() if publisher._state.adding else {"name"}, {"name": "source_publisher"})
        # Of a date that is wrong the report says so.
        date = {real for mine, real in BEHIND.items() if DATING & errors and mine in DATING}
        self._check(source, {"publisher"} | date, {real: mine for mine, real in BEHIND.items()})
        return source

    def _check(self, instance: Publisher | Source, exclude: set[str], fields: dict[str, str]) -> None:
        try:
            instance.full_clean(exclude=exclude)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                self.add_error(fields.get(name, "source_url"), errors)

    def save_source(self) -> None:
        """Before the report that cites it, in the same act."""
        if (source := self.new_source) is None:
            return
        publisher = source.publisher
        if publisher._state.adding:
            publisher.save()
        source.publisher = publisher  # whose key is known only now
        source.save()
        self.instance.source = source


def _known(url: str) -> list[Source]:
    return list(SourceAddress.objects.sources(url))


def _keys(found: list[Source]) -> str:
    return " ".join(str(source.pk) for source in found)


def _offer(found: list[Source]) -> str:
    text = ngettext(
        "We have a source at this address: %(names)s. It is chosen here; clear the choice to make another one.",
        "We have %(count)s sources at this address: %(names)s. The newest is chosen here; clear the choice to make "
        "another one.",
        len(found),
    )
    names = "; ".join(f"“{source}” ({source.publisher})" for source in found)
    return text % {"count": len(found), "names": names}


def _free_slug(words: str) -> str:
    begin = slugify(words)[:70].strip("-") or "source"
    taken = set(Source.objects.filter(slug__startswith=begin).values_list("slug", flat=True))
    slugs = [begin, *(f"{begin}-{number}" for number in range(2, len(taken) + 2))]
    return next(slug for slug in slugs if slug not in taken)
