"""Reports: what one source says about a claim."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from factcheck import dossier
from factcheck.figures import Qualifier, words
from factcheck.history.timeline import Strand
from factcheck.models import Report, ReportStanding, resting_on

from . import new_source, numerals, quotes, telling
from .base import DeskAdmin
from .forms import InlineForm, InlineFormSet, TrackedForm

REPORT_FIELDSETS = [
    (None, {"fields": ["source", ("stance", "standing")]}),
    (
        gettext_lazy("When"),
        {"fields": [("reported_at", "reported_precision", "is_undated"), "true_as_of"]},
    ),
    (
        gettext_lazy("What it says: a figure, or a wording"),
        {"fields": [("qualifier", "low", "high", "unit", "tolerance"), "text_value"], "description": numerals.HOW},
    ),
    (gettext_lazy("In its own words"), {"fields": ["quote", ("quote_prefix", "quote_suffix")]}),
    (
        gettext_lazy("Name the kind of change yourself"),
        {"fields": ["kind_override", "kind_override_reason"], "classes": ["collapse"]},
    ),
]


def has_stood_in_an_edition(report: Report) -> bool:
    made = report.history.filter(id=report.pk).earliest("revision").changeset_id
    return report.claim.editions.filter(changeset_id__gte=made).exists()


class FiguresMixin:
    """Says at the field what the database's constraint would say at the top of the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quotes.offer(self)

    def values_of(self, row: models.Model) -> dict[str, Any]:
        values = super().values_of(row)
        for name in {"low", "high", "tolerance"} & values.keys():
            if values[name] is not None:
                values[name] = Decimal(dossier.decimal(values[name]))
        return values

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        self._clean_date(data)
        self._clean_figure(data)
        if data.get("kind_override") and not data.get("kind_override_reason"):
            self.add_error("kind_override_reason", _("Say why this is the kind of change."))
        if data.get("kind_override_reason") and not data.get("kind_override") and "kind_override" in data:
            self.add_error("kind_override", _("Name the kind that the reason is for, or clear the reason."))
        return cleaned

    def _clean_date(self, data: dict[str, Any]) -> None:
        if "reported_at" not in data or "is_undated" not in data:
            return
        if data.get("reported_at") and data["is_undated"]:
            self.add_error("is_undated", _("It has a time, so it is not undated."))
        if not data.get("reported_at") and not data["is_undated"] and "reported_at" not in self.errors:
            self.add_error("reported_at", _("Give the time of the report, or tick “undated”."))

    def _clean_figure(self, data: dict[str, Any]) -> None:
        if not {"qualifier", "low", "high"} <= data.keys():
            return
        qualifier, low, high = data["qualifier"], data["low"], data["high"]
        needs_low = qualifier and qualifier != Qualifier.AT_MOST
        needs_high = qualifier in {Qualifier.AT_MOST, Qualifier.BETWEEN}
        if qualifier != Qualifier.ABOUT and data.get("tolerance") is not None:
            self.add_error("tolerance", _("Only “about” takes a tolerance."))
        if not qualifier and (low is not None or high is not None):
            self.add_error("qualifier", _("Choose how exact the figure is."))
        elif not qualifier and not data.get("text_value"):
            self.add_error("text_value", _("Give a figure or a wording: what does the source say?"))
        elif qualifier:
            for name, value, needed in (("low", low, needs_low), ("high", high, needs_high)):
                if needed and value is None:
                    self.add_error(name, _("This kind of figure needs it."))
                elif not needed and value is not None:
                    self.add_error(name, _("This kind of figure has none: leave it empty."))
            if needs_low and needs_high and None not in (low, high) and high < low:
                self.add_error("high", _("It is smaller than the low end."))


def headline(report: Report) -> str:
    """One line that tells a report from its neighbours."""
    parts = [str(report.source), says(report)]
    parts.append(telling.moment(Report, "reported_at")(report))
    return " · ".join(part for part in parts if part)


def says(report: Report) -> str:
    return words(report.figure) if report.figure else report.text_value


def tell_what_else_rests(request: HttpRequest, reports: Iterable[Report]) -> None:
    """Of reports that were just retracted: what others said on the word of their source stands until somebody looks."""
    sources = {report.source_id: report.source for report in reports if report.standing == ReportStanding.RETRACTED}
    for source in sources.values():
        others = [each.report for each in resting_on(source) if not each.is_own]
        count = sum(1 for report in others if report.standing != ReportStanding.RETRACTED)
        if count:
            text = ngettext(
                "%(count)s report of another source rests on “%(source)s”.",
                "%(count)s reports of other sources rest on “%(source)s”.",
                count,
            ) % {"count": count, "source": source}
            url = reverse("admin:factcheck_source_retract", args=[source.pk])
            messages.warning(request, format_html('{} <a href="{}">{}</a>', text, url, _("See what falls with it")))


class ReportForm(FiguresMixin, InlineForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headline = headline(self.instance) if self.instance.pk else ""


class ReportPageForm(FiguresMixin, TrackedForm):
    pass


class AddedReportForm(new_source.WithNewSource, ReportPageForm):
    pass


class ReportFormSet(InlineFormSet):
    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields and form.instance.pk and has_stood_in_an_edition(form.instance):
            del form.fields["DELETE"]


@admin.register(Report)
class ReportAdmin(DeskAdmin):
    form = ReportPageForm
    list_display = ["claim", "number", "source", "stance", "content", "reported_at", "standing"]
    list_display_links = ["claim", "number"]
    list_filter = ["claim__story", "stance", "standing"]
    list_select_related = ["claim", "source"]
    list_per_page = 50
    search_fields = ["claim__label", "source__title", "quote", "text_value"]
    autocomplete_fields = ["claim", "source"]
    fieldsets = [(None, {"fields": ["claim"]}), *REPORT_FIELDSETS]

    def get_readonly_fields(self, request: HttpRequest, obj: Report | None = None) -> list[str]:
        return ["claim"] if obj else []

    def get_form(self, request: HttpRequest, obj: Report | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({"form": self.form if obj else AddedReportForm} | kwargs))

    def get_fieldsets(self, request: HttpRequest, obj: Report | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        source, stance = ["source", "source_offered"], [("stance", "standing")]
        _claim, (_name, _first), *rest = fieldsets
        return [
            (None, {"fields": ["claim", *source]}),
            new_source.FIELDSET,
            (None, {"fields": stance}),
            *rest,
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The address of a source, too."""
        return {"source_url": request.GET.get("source_url", "")} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Report, form: Any, change: bool) -> None:
        if not change:
            form.save_source()
        super().save_model(request, obj, form, change)
        request.desk_retracted = [obj] if "standing" in form.changed_data else []

    def response_change(self, request: HttpRequest, obj: Report) -> HttpResponse:
        tell_what_else_rests(request, getattr(request, "desk_retracted", []))
        return super().response_change(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Report) -> HttpResponse:
        """Back to the claim, from which most reports are added."""
        return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[obj.claim_id]))

    def is_public(self, obj: Report) -> bool:
        return has_stood_in_an_edition(obj)

    def proposed_reason(self, obj: Report | None) -> str:
        if obj is not None and obj.claim.editions.exists():
            return ""
        return super().proposed_reason(obj)

    def strands(self, obj: Report) -> list[Strand]:
        return [Strand(Report.history.filter(id=obj.pk))]

    @admin.display(description=gettext_lazy("says"))
    def content(self, report: Report) -> str:
        return says(report)
