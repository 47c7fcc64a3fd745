"""What readers ask, and our answer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.history.timeline import Strand
from factcheck.models import Answer, CorrectionRequest

from .base import DeskAdmin, DeskInline, is_writer
from .forms import HiddenToken


class RequestForm(forms.ModelForm):
    """The request stays as the reader sent it: only the reason for the answer is asked."""

    proposed_reason = ""
    refusal: forms.ValidationError | None = None

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    opened = forms.CharField(required=False, widget=HiddenToken)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = self.proposed_reason

    @property
    def changed_data(self) -> list[str]:
        return []

    def clean(self) -> dict[str, Any] | None:
        if self.refusal:
            raise self.refusal
        return super().clean()


class AnswerInline(DeskInline):
    model = Answer
    verbose_name_plural = Answer._meta.verbose_name
    fields = ["decision", "text"]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1


class IsAnswered(admin.SimpleListFilter):
    title = gettext_lazy("answer")
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("waits for one")), ("yes", _("answered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(answer__isnull=self.value() == "no") if self.value() else queryset


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(DeskAdmin):
    form = RequestForm
    list_display = ["edition", "at", "excerpt", "answered"]
    list_filter = [IsAnswered]
    list_select_related = ["edition", "answer"]
    search_fields = ["message", "edition__slug"]
    inlines = [AnswerInline]
    fields = readonly_fields = ["about", "at", "said", "contact"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("edition__content")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_writer(request) and request.user.has_perm("factcheck.change_answer")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def proposed_reason(self, obj: CorrectionRequest | None) -> str:
        return _("Answer to a reader")

    def strands(self, obj: CorrectionRequest) -> list[Strand]:
        return [Strand(Answer.history.filter(request_id=obj.pk), hide=frozenset({"request"}))]

    def save_model(self, request: HttpRequest, obj: CorrectionRequest, form: Any, change: bool) -> None:
        return None

    @admin.display(description=gettext_lazy("about"))
    def about(self, asked: CorrectionRequest) -> str:
        claim = asked.edition.claim
        url = reverse("admin:factcheck_claim_change", args=[claim.pk])
        number = _("edition %s") % asked.edition.number
        return format_html('<a href="{}">{}</a>, {}', url, claim, number)

    @admin.display(description=gettext_lazy("what the reader says"))
    def said(self, asked: CorrectionRequest) -> str:
        return asked.message

    @admin.display(description=gettext_lazy("message"))
    def excerpt(self, asked: CorrectionRequest) -> str:
        return asked.message if len(asked.message) < 100 else f"{asked.message[:98]}…"

    @admin.display(description=gettext_lazy("answer"))
    def answered(self, asked: CorrectionRequest) -> str:
        answer = getattr(asked, "answer", None)
        if answer is None:
            return format_html('<span class="pill pill-in_review">{}</span>', _("waits for one"))
        return format_html('<span class="pill pill-published">{}</span>', answer.get_decision_display())
