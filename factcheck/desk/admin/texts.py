"""What is written once for many claims: stories, the rating scale, the pages about ourselves."""

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from factcheck.history.timeline import Strand
from factcheck.models import Edition, PublicText, Rating, Story

from . import histories, story_board
from .base import DeskAdmin


@admin.register(Story)
class StoryAdmin(DeskAdmin):
    change_form_template = "admin/factcheck/story/change_form.html"
    list_display = ["title", "began_on", "language", "claims"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "summary", "began_on", "language"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(claim_count=Count("claims"))

    def get_readonly_fields(self, request: HttpRequest, obj: Story | None = None) -> list[str]:
        return ["slug"] if obj is not None and self.is_public(obj) else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Story | None = None) -> dict:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def is_public(self, obj: Story) -> bool:
        """Also where its claims stand in another story by now: what was published of it keeps its address."""
        return Edition.objects.filter(Q(claim__story=obj) | Q(story_slug=obj.slug)).exists()

    def strands(self, obj: Story) -> list[Strand]:
        return histories.of_story(obj)

    def get_urls(self) -> list[URLPattern]:
        return [
            # admin/factcheck/story/
            path("<int:pk>/board/", self.admin_site.admin_view(self.board), name="factcheck_story_board"),
            *super().get_urls(),
        ]

    def board(self, request: HttpRequest, pk: int) -> HttpResponse:
        return story_board.page(self, request, pk)

    @admin.display(description=gettext_lazy("claims"), ordering="claim_count")
    def claims(self, story: Story) -> int:
        return story.claim_count


@admin.register(Rating)
class RatingAdmin(DeskAdmin):
    list_display = ["name", "value", "mark_shown", "definition"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "definition", "value", "mark"]

    def get_readonly_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[str]:
        return ["slug"] if obj is not None and self.is_public(obj) else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Rating | None = None) -> dict:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def is_public(self, obj: Rating) -> bool:
        return Edition.objects.filter(rating_slug=obj.slug).exists()

    @admin.display(description=gettext_lazy("mark"), ordering="mark")
    def mark_shown(self, rating: Rating) -> str:
        return rating.get_mark_display()


@admin.register(PublicText)
class PublicTextAdmin(DeskAdmin):
    """Readers see it as soon as it is saved, so every change needs a reason of its own."""

    list_display = ["title", "slug"]
    fields = ["slug", "title", "body"]

    def get_readonly_fields(self, request: HttpRequest, obj: PublicText | None = None) -> list[str]:
        return ["slug"] if obj else []

    def is_public(self, obj: PublicText) -> bool:
        return True
