"""The record itself: editions, approvals, flags and changesets, for reading."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from factcheck.history import Act, Changeset, Tracked
from factcheck.history.timeline import Strand
from factcheck.models import Approval, Capture, Edition, Flag

from . import histories
from .base import ReadOnly


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    list_display = ["claim", "number", "kind", "published_at", "checked_by", "approved_by", "is_reconstructed"]
    list_display_links = ["claim", "number"]
    list_filter = ["kind", "is_reconstructed", "published_at"]
    list_select_related = ["claim"]
    list_per_page = 50
    search_fields = ["slug", "claim__label"]
    ordering = ["-published_at"]
    fields = [
        "claim",
        "number",
        "kind",
        "address",
        "published_at",
        "checked_by",
        "approved_by",
        "published_by",
        "is_reconstructed",
        "approval",
        "digest",
        "changeset",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("content")

    @admin.display(description=gettext_lazy("permanent address"))
    def address(self, edition: Edition) -> str:
        return format_html('<a href="{0}">{0}</a>', edition.get_absolute_url())


@admin.register(Approval)
class ApprovalAdmin(ReadOnly):
    list_display = ["claim", "by", "at"]
    list_select_related = ["claim", "by"]
    search_fields = ["claim__label", "claim__slug"]
    fields = ["claim", "by", "at", "digest", "changeset"]


@admin.register(Flag)
class FlagAdmin(ReadOnly):
    list_display = ["edition", "by", "at", "reason"]
    list_select_related = ["edition", "by"]
    search_fields = ["edition__slug", "reason"]
    fields = ["edition", "by", "at", "reason", "changeset"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("edition__content")


@admin.register(Changeset)
class ChangesetAdmin(ReadOnly):
    """Each act, and all that it changed."""

    change_form_template = "admin/factcheck/changeset/change_form.html"
    list_display = ["reason", "who", "via", "at", "claimed_at"]
    list_filter = ["via", "user", "at"]
    list_select_related = ["user"]
    list_per_page = 50
    search_fields = ["reason", "claimed_by", "user__username"]
    ordering = ["-pk"]
    fields = ["reason"]

    @admin.display(description=gettext_lazy("person"), ordering="user")
    def who(self, changeset: Changeset) -> str:
        return changeset.person

    def strands(self, obj: Changeset) -> list[Strand]:
        return [Strand(rows.filter(changeset=obj), label=label) for rows, label in _everything()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if (changeset := kwargs.get("obj")) is not None:
            context |= histories.timeline_context(self.strands(changeset), request)
        return super().render_change_form(request, context, *args, **kwargs)


def _everything() -> list[tuple[QuerySet, Any]]:
    found: list[tuple[QuerySet, Any]] = []
    for model in apps.get_models():
        if issubclass(model, Tracked):
            found.append((model.history.all(), _name))
        elif issubclass(model, Act):
            rows = model.objects.all()
            rows = rows.defer("content") if model is Edition else rows.defer("text") if model is Capture else rows
            found.append((rows, lambda row: row.pk))
    return found


def _name(row: Any) -> str:
    for name in ("title", "label", "name", "number"):
        if value := getattr(row, name, None):
            return str(value)
    return f"#{row.id}"
