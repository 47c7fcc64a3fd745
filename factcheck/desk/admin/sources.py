"""Where reports come from."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from factcheck.history import Tracked
from factcheck.history.timeline import Strand
from factcheck.indexing import publisher_slug
from factcheck.models import Citation, Publisher, Source, SourceBasis

from . import captures, histories, retracting
from .base import DeskAdmin, DeskInline


@admin.register(Publisher)
class PublisherAdmin(DeskAdmin):
    list_display = ["name", "url", "sources"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(source_count=Count("sources"))

    def is_public(self, obj: Publisher) -> bool:
        """Also under a name that it had before, and where its sources are of another by now."""
        names = Publisher.history.filter(id=obj.pk).order_by().values_list("name", flat=True).distinct()
        named = Citation.objects.filter(publisher_slug__in={publisher_slug(name) for name in names})
        return named.exists() or Citation.objects.filter(source_slug__in=obj.sources.values("slug")).exists()

    @admin.display(description=gettext_lazy("sources"), ordering="source_count")
    def sources(self, publisher: Publisher) -> int:
        return publisher.source_count


class SourceBasisInline(DeskInline):
    model = SourceBasis
    fk_name = "source"
    autocomplete_fields = ["rests_on"]
    can_delete = True
    verbose_name_plural = gettext_lazy("rests on")


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    change_form_template = "admin/factcheck/source/change_form.html"
    list_display = ["title", "publisher", "kind", "is_primary", "published_at", "reports"]
    list_filter = ["kind", "is_primary", "is_undated"]
    list_select_related = ["publisher"]
    list_per_page = 50
    search_fields = ["title", "slug", "publisher__name", "url"]
    autocomplete_fields = ["publisher"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [SourceBasisInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "publisher", ("kind", "is_primary")]}),
        (
            gettext_lazy("Where and when"),
            {
                "fields": [
                    "url",
                    "no_url_reason",
                    ("published_at", "published_precision", "is_undated"),
                    "accessed_at",
                    "archive_url",
                    "not_captured_reason",
                    "withdrawn_reason",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(report_count=Count("reports"))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Source | None = None) -> dict[str, Any]:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Source | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            fieldsets[2:2] = [
                (gettext_lazy("What it said"), {"fields": ["captured"]}),
                (gettext_lazy("What rests on it"), {"fields": ["citing"]}),
            ]
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        """The short name is the address of a public page as soon as an edition cites it."""
        return ["captured", "citing", *(["slug"] if obj is not None and self.is_public(obj) else [])]

    def is_public(self, obj: Source) -> bool:
        """Also where no report rests on it by now: its page names the editions that cited it, and stays."""
        return Citation.objects.filter(source_slug=obj.slug).exists()

    def goes_with(self, obj: Source) -> list[Tracked]:
        return list(obj.bases.all())

    def strands(self, obj: Source) -> list[Strand]:
        return histories.of_source(obj)

    @admin.display(description=gettext_lazy("reports"), ordering="report_count")
    def reports(self, source: Source) -> int:
        return source.report_count

    @admin.display(description=gettext_lazy("captures"))
    def captured(self, source: Source) -> str:
        return captures.summary(source)

    @admin.display(description=gettext_lazy("reports"))
    def citing(self, source: Source) -> str:
        return retracting.listed(source)

    def get_urls(self) -> list[URLPattern]:
        return [
            # admin/factcheck/source/
            path("<int:pk>/retract/", self.admin_site.admin_view(self.retract), name="factcheck_source_retract"),
            *super().get_urls(),
        ]

    def retract(self, request: HttpRequest, pk: int) -> HttpResponse:
        return retracting.page(self, request, pk)
