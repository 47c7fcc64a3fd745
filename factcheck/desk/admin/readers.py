"""What readers ask, and our answer."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import models
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.history.timeline import Strand
from factcheck.models import Answer, CorrectionRequest, Decision, Edition

from . import telling
from .base import DeskAdmin, DeskInline, is_writer
from .forms import HiddenToken, InlineFormSet
from .listing import Outcome


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


class EditionChoice(forms.ModelChoiceField):
    def label_from_instance(self, edition: Edition) -> str:
        when = date_format(localtime(edition.published_at), "j F Y, H:i")
        return _("%(number)s: %(kind)s, %(when)s") % {
            "number": edition.number,
            "kind": edition.get_kind_display(),
            "when": when,
        }


class AnswerFormSet(InlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "edition" in form.fields:
            form.fields["edition"].queryset = self.instance.editions_since().defer("content")


class AnswerInline(DeskInline):
    model = Answer
    formset = AnswerFormSet
    rows = DeskInline.rows | {"text": 6}
    verbose_name_plural = Answer._meta.verbose_name
    fields = ["decision", "edition", "text"]

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, form_class=EditionChoice, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("edition").defer("edition__content")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(DeskAdmin):
    """Those that wait for an answer stand first, the oldest on top; then the newest answers."""

    form = RequestForm
    list_display = ["page", "read", "words", "age", "answered"]
    list_filter = [Outcome, "at"]
    list_select_related = ["edition__claim", "answer"]
    list_per_page = 50
    search_fields = ["message", "edition__slug", "edition__claim__label"]
    ordering = [F("answer__pk").desc(nulls_first=True), "pk"]
    inlines = [AnswerInline]
    fields = readonly_fields = ["about", "came", "said", "reader", "letter"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        editions = Edition.objects.filter(slug=OuterRef("edition__slug")).order_by("-number")
        found = super().get_queryset(request).annotate(newest=Subquery(editions.values("number")[:1]))
        return found.select_related("edition__claim", "answer__edition").defer(
            "edition__content", "answer__edition__content"
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_writer(request) and request.user.has_perm("factcheck.change_answer")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: CorrectionRequest | None = None) -> list[str]:
        """An account without a role has no business with a reader's address."""
        names = [*super().get_fields(request, obj)]
        left_out = {"reader", "letter"} if request.user.role is None else set()
        if obj is None or not has_letter(obj):
            left_out.add("letter")
        return [name for name in names if name not in left_out]

    def proposed_reason(self, obj: CorrectionRequest | None) -> str:
        return _("Answer to a reader")

    def strands(self, obj: CorrectionRequest) -> list[Strand]:
        return [Strand(Answer.history.filter(request_id=obj.pk), hide=frozenset({"request"}))]

    def save_model(self, request: HttpRequest, obj: CorrectionRequest, form: Any, change: bool) -> None:
        return None

    def response_change(self, request: HttpRequest, obj: CorrectionRequest) -> HttpResponse:
        request.desk_answered = self.get_object(request, str(obj.pk))
        return super().response_change(request, obj)

    def message_user(self, request: HttpRequest, message: Any, level: int = messages.INFO, **kwargs: Any) -> None:
        asked = getattr(request, "desk_answered", None)
        if level == messages.SUCCESS and hasattr(asked, "answer"):
            message = answered(asked)
        super().message_user(request, message, level, **kwargs)

    # In the list.

    @admin.display(description=gettext_lazy("page"), ordering="edition__claim__label")
    def page(self, asked: CorrectionRequest) -> str:
        return asked.edition.claim.label

    @admin.display(description=gettext_lazy("edition read"))
    def read(self, asked: CorrectionRequest) -> str:
        return _("%(number)s of %(newest)s") % {"number": asked.edition.number, "newest": asked.newest}

    @admin.display(description=gettext_lazy("message"))
    def words(self, asked: CorrectionRequest) -> str:
        return asked.message if len(asked.message) < 100 else f"{asked.message[:98]}…"

    @admin.display(description=gettext_lazy("age"), ordering="at")
    def age(self, asked: CorrectionRequest) -> str:
        return format_html('<span class="age">{}</span>', timesince(asked.at, depth=1))

    @admin.display(description=gettext_lazy("answer"))
    def answered(self, asked: CorrectionRequest) -> str:
        answer = getattr(asked, "answer", None)
        if answer is None:
            return format_html('<span class="pill pill-in_review">{}</span>', _("waits for one"))
        pill = "flagged" if answer.is_promise else PILLS[answer.decision]
        return format_html('<span class="pill pill-{}">{}</span>', pill, answer.outcome)

    # On its page.

    @admin.display(description=gettext_lazy("about"))
    def about(self, asked: CorrectionRequest) -> str:
        claim = reverse("admin:factcheck_claim_change", args=[asked.edition.claim_id])
        read = format_html(
            '<a href="{}">{}</a>', asked.edition.get_absolute_url(), _("edition %s") % asked.edition.number
        )
        newer = asked.newest - asked.edition.number
        now = "" if not newer else _("; the page is at edition %s now") % asked.newest
        return format_html('<a href="{}">{}</a>, {}{}', claim, asked.edition.claim, read, now)

    @admin.display(description=gettext_lazy("received"))
    def came(self, asked: CorrectionRequest) -> str:
        when = date_format(localtime(asked.at), "j F Y, H:i T")
        return f"{when}, {telling.ago(asked.at)}"

    @admin.display(description=gettext_lazy("what the reader says"))
    def said(self, asked: CorrectionRequest) -> str:
        return format_html('<div class="said">{}</div>', asked.message)

    @admin.display(description=gettext_lazy("reader's address"))
    def reader(self, asked: CorrectionRequest) -> str:
        return asked.contact or _("none given, so no answer can be sent")

    @admin.display(description=gettext_lazy("letter"))
    def letter(self, asked: CorrectionRequest) -> str:
        """To be sent by hand: nothing goes out by itself."""
        subject, body = letter(asked)
        address = f"mailto:{quote(asked.contact)}?subject={quote(subject)}&body={quote(body, safe='')}"
        return format_html(
            '<a href="{}">{}</a><pre class="said">{}</pre>', address, _("Open it in your mail program"), body
        )


PILLS = {
    Decision.CHANGED: "published",
    Decision.KNOWN: "approved",
    Decision.UNCHANGED: "draft",
    Decision.SPAM: "withdrawn",
}
QUOTED = 500  # characters: mail programs take no long addresses


def has_letter(asked: CorrectionRequest) -> bool:
    answer = getattr(asked, "answer", None)
    return bool(asked.contact and answer and answer.decision != Decision.SPAM)


def answered(asked: CorrectionRequest) -> str:
    """And what is left to do."""
    if asked.answer.decision == Decision.SPAM:
        return _("Marked as spam.")
    said = [_("Answered.")]
    if asked.answer.is_promise:
        said.append(_("The page will change: name its edition here once that is published."))
    if not asked.contact:
        return " ".join([*said, _("The reader gave no address, so nothing can be sent.")])
    url = reverse("admin:factcheck_correctionrequest_change", args=[asked.pk])
    return format_html('{} <a href="{}">{}</a>', " ".join(said), url, _("Send the letter that stands there"))


def letter(asked: CorrectionRequest) -> tuple[str, str]:
    """Subject and text, as the newsroom would send them now."""
    said = asked.message if len(asked.message) <= QUOTED else f"{asked.message[:QUOTED]} …"
    quoted = "\n".join(f"> {line}" for line in said.splitlines())
    changed = asked.answer.edition
    address = settings.SITE_URL + (changed or asked.edition).get_absolute_url()
    where = _("What changed: %s") if changed else _("The page: %s")
    subject = _("Your report on “%s”") % asked.edition.claim.label
    return subject, "\n\n".join([asked.answer.text, where % address, _("You wrote:"), quoted])
