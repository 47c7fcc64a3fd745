"""Claims, with their verdict and reports on one page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from factcheck.desk import gate, handling, kinds, review
from factcheck.desk.gate import NotAllowed
from factcheck.desk.handling import LOCKED
from factcheck.history import Tracked, current
from factcheck.history.timeline import Strand
from factcheck.models import Claim, Edition, Report, State, User, Verdict

from . import bulk, histories, looking, moves, preview, telling
from .base import DeskAdmin, DeskInline
from .forms import InlineForm, InlineFormSet, TrackedForm
from .listing import NewestStories, QueueFilter
from .meeting import Token
from .reports import REPORT_FIELDSETS, ReportForm, ReportFormSet, tell_what_else_rests

TWICE = timedelta(minutes=10)


def is_locked(request: HttpRequest, claim: Claim | None) -> bool:
    """What is published changes through a next edition. A form of before keeps its fields: it is refused, with text."""
    if claim is None or claim.state not in LOCKED:
        return False
    token = Token.read(request.POST.get("opened", ""))
    return request.method != "POST" or bool(token and _was_locked(claim, token.revision))


def _was_locked(claim: Claim, revision: int) -> bool:
    return claim.history.filter(revision=revision, state__in=LOCKED).exists()


class VerdictForm(InlineForm):
    """The kind of a next edition can still be chosen while it is a draft."""

    behind = {"kind": "edition_kind"}
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of edition"),
        choices=[(kind.value, kind.label) for kind in kinds.NEXT],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_next = self.instance.edition_kind in kinds.NEXT
        if not self.is_next:
            del self.kept["kind"]
            self.initial.pop("kind", None)

    def _post_clean(self) -> None:
        if self.is_next and (kind := self.cleaned_data.get("kind")):
            self.instance.edition_kind = kind
        super()._post_clean()


class VerdictFormSet(InlineFormSet):
    def add_fields(self, form: VerdictForm, index: int | None) -> None:
        super().add_fields(form, index)
        if form.is_next:
            possible = kinds.following(gate.newest_edition(self.instance))
            form.fields["kind"].choices = [(kind.value, kind.label) for kind in possible]


class VerdictInline(DeskInline):
    model = Verdict
    form = VerdictForm
    formset = VerdictFormSet
    verbose_name_plural = Verdict._meta.verbose_name
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("rating", "rating_then"),
                    "summary",
                    "explanation",
                    "few_sources_reason",
                    "kind",
                    "edition_note",
                ]
            },
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Claim | None = None) -> Any:
        """A first edition changes nothing that readers know, so it has no note to them."""
        fieldsets = super().get_fieldsets(request, obj)
        verdict = Verdict.objects.filter(claim=obj).first() if obj else None
        left_out = set() if self.has_change_permission(request, obj) else {"kind"}
        if verdict is None or verdict.edition_kind not in kinds.NEXT:
            left_out = {"kind", "edition_note"}
        fieldsets[0][1]["fields"] = [name for name in fieldsets[0][1]["fields"] if name not in left_out]
        return fieldsets

    def has_add_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_add_permission(request, obj) and not is_locked(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_locked(request, obj)

    def get_extra(self, request: HttpRequest, obj: Claim | None = None, **kwargs: Any) -> int:
        return 1


class ReportInline(DeskInline):
    model = Report
    form = ReportForm
    formset = ReportFormSet
    template = "admin/factcheck/claim/reports.html"
    fieldsets = REPORT_FIELDSETS
    autocomplete_fields = ["source"]
    can_delete = True
    show_change_link = True

    def get_extra(self, request: HttpRequest, obj: Claim | None = None, **kwargs: Any) -> int:
        """A first report can be written without JavaScript; with it, “add another” makes room for more."""
        return 0 if obj and obj.reports.exists() else 1

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("source__publisher", "claim")


class ClaimForm(TrackedForm):
    """Who had the claim when they could work on it is still a choice: saving the rest takes it from nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "assignee" in self.fields:
            able = handling.workers().order_by().values("pk")
            people = User.objects.filter(Q(pk__in=able) | Q(pk=self.instance.assignee_id))
            self.fields["assignee"].queryset = people.order_by("first_name", "username")

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.instance.pk is None and "slug" in self.errors and (saved := self._just_saved()):
            url = reverse("admin:factcheck_claim_change", args=[saved.pk])
            text = format_html('{} <a href="{}">{}</a>', _("This claim was saved a moment ago:"), url, saved)
            self.errors["slug"] = self.error_class([text])

    def _just_saved(self) -> Claim | None:
        """The same form, sent twice by one person."""
        same = {"slug": self.instance.slug, "statement": self.instance.statement, "story": self.instance.story_id}
        first = Claim.history.filter(
            revision=1, changeset__user=current().user, changeset__at__gt=timezone.now() - TWICE
        )
        return Claim.objects.filter(**same, pk__in=first.values("id")).first()


@admin.register(Claim)
class ClaimAdmin(DeskAdmin):
    form = ClaimForm
    change_form_template = "admin/factcheck/claim/change_form.html"
    list_display = ["label", "excerpt", "story", "state_pill", "rating", "edition", "age", "assignee"]
    list_filter = [QueueFilter, "state", ("story", NewestStories), "verdict__rating", "assignee", "made_at"]
    ordering = ["-pk"]
    list_select_related = ["assignee", "verdict__rating"]
    list_per_page = 50
    actions = ["assign", "relabel", "submit"]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["label", "slug", "statement", "claimant"]
    search_help_text = gettext_lazy("Label, statement or claimant")
    autocomplete_fields = ["story"]
    prepopulated_fields = {"slug": ["label"]}
    inlines = [VerdictInline, ReportInline]
    fieldsets = [
        (None, {"fields": ["story", "label", "slug", "statement", "assignee"]}),
        (
            gettext_lazy("Who said it, and when"),
            {
                "fields": [
                    "claimant",
                    "claimant_unknown_reason",
                    ("made_at", "made_precision"),
                    "first_appearance",
                    "first_appearance_url",
                    "is_cumulative",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        editions = Edition.objects.filter(claim=OuterRef("pk")).order_by("-number")
        rows = Claim.history.model.objects.filter(id=OuterRef("pk")).order_by("-revision")
        return (
            super()
            .get_queryset(request)
            # Joined, the stories would be read first, and all their claims, to be sorted.
            .prefetch_related("story")
            .annotate(
                newest_edition=Subquery(editions.values("number")[:1]),
                changed_at=Subquery(rows.values("changeset__at")[:1]),
                is_flagged=Exists(editions.filter(flags__isnull=False).filter(number=_newest_number())),
            )
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Who begins a claim has it, until they give it to somebody."""
        return {"assignee": request.user.pk} | super().get_changeform_initial_data(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Claim | None = None) -> list[telling.Name]:
        if is_locked(request, obj):
            fixed = [field.name for field in Claim._meta.fields if field.editable and field.name != "assignee"]
            return [*fixed, *telling.of(Claim)]
        return ["slug"] if obj is not None and self.is_public(obj) else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Claim | None = None) -> dict[str, Any]:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def closed(self, request: HttpRequest, obj: Claim | None) -> str:
        if obj is None or obj.state not in LOCKED or is_locked(request, obj):
            return ""
        return _("It is published now: claim and verdict change in the next edition. Start that one first.")

    def is_public(self, obj: Claim) -> bool:
        return obj.editions.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        """Not while somebody judges it."""
        return super().has_delete_permission(request, obj) and obj.state == State.DRAFT

    def strands(self, obj: Claim) -> list[Strand]:
        return histories.of_claim(obj)

    def goes_with(self, obj: Claim) -> list[Tracked]:
        return [*Verdict.objects.filter(claim=obj), *obj.reports.all()]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is Report:
            request.desk_retracted = [report for report, names in formset.changed_objects if "standing" in names]

    def response_change(self, request: HttpRequest, obj: Claim) -> HttpResponse:
        tell_what_else_rests(request, getattr(request, "desk_retracted", []))
        if "_submit" in request.POST:
            self._submit(request, obj)
        return super().response_change(request, obj)

    def _submit(self, request: HttpRequest, claim: Claim) -> None:
        """In the same act as the save. A refusal leaves what was saved."""
        try:
            with moves.savepoint():
                review.submit(claim, user=request.user, reason=request.POST.get("reason", ""))
        except NotAllowed as refused:
            for sentence in (_("Saved, and not submitted:"), *(miss.message for miss in refused.misses)):
                messages.error(request, sentence)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        claim = kwargs.get("obj")
        context["show_save_and_add_another"] = False
        if claim is not None and request.method in ("GET", "HEAD"):
            context["panel"] = moves.panel(claim, request.user)
            context["is_locked"] = is_locked(request, claim)
            context["looking"] = looking.look(request, claim)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [
            # admin/factcheck/claim/
            path("bulk/<slug:name>/", self.admin_site.admin_view(self.bulk), name="factcheck_claim_bulk"),
            path("<int:pk>/move/<slug:verb>/", self.admin_site.admin_view(self.move), name="factcheck_claim_move"),
            path("<int:pk>/next/", self.admin_site.admin_view(self.turn), name="factcheck_claim_next"),
            path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="factcheck_claim_preview"),
            *super().get_urls(),
        ]

    def bulk(self, request: HttpRequest, name: str) -> HttpResponse:
        return bulk.page(self, request, name)

    @admin.action(description=gettext_lazy("Assign…"), permissions=["change"])
    def assign(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        return bulk.choose(request, chosen, "assign")

    @admin.action(description=gettext_lazy("Change the label…"), permissions=["change"])
    def relabel(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        return bulk.choose(request, chosen, "label")

    @admin.action(description=gettext_lazy("Submit for review…"), permissions=["change"])
    def submit(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        return bulk.choose(request, chosen, "submit")

    def move(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        return moves.move(self, request, pk, verb)

    def turn(self, request: HttpRequest, pk: int) -> HttpResponse:
        return moves.turn(self, request, pk)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        return preview.preview(self, request, pk)

    @admin.display(description=gettext_lazy("statement"))
    def excerpt(self, claim: Claim) -> str:
        return claim.statement if len(claim.statement) < 100 else f"{claim.statement[:98]}…"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_pill(self, claim: Claim) -> str:
        pill = format_html('<span class="pill pill-{}">{}</span>', claim.state, claim.get_state_display())
        if claim.is_flagged:
            pill = format_html('{} <span class="pill pill-flagged">{}</span>', pill, _("being re-checked"))
        return pill

    @admin.display(description=gettext_lazy("rating"), ordering="verdict__rating")
    def rating(self, claim: Claim) -> str | None:
        verdict = getattr(claim, "verdict", None)
        return verdict and verdict.rating and str(verdict.rating)

    @admin.display(description=gettext_lazy("edition"), ordering="newest_edition")
    def edition(self, claim: Claim) -> int | None:
        return claim.newest_edition

    @admin.display(description=gettext_lazy("last change"), ordering="changed_at")
    def age(self, claim: Claim) -> str | None:
        if claim.changed_at is None:
            return None
        return format_html('<span class="age">{}</span>', timesince(claim.changed_at, depth=1, time_strings=SHORT))


SHORT = {
    "year": ngettext_lazy("%(num)d year", "%(num)d years", "num"),
    "month": ngettext_lazy("%(num)d month", "%(num)d months", "num"),
    "week": ngettext_lazy("%(num)d week", "%(num)d weeks", "num"),
    "day": ngettext_lazy("%(num)d day", "%(num)d days", "num"),
    "hour": ngettext_lazy("%(num)d h", "%(num)d h", "num"),
    "minute": ngettext_lazy("%(num)d min", "%(num)d min", "num"),
}


def _newest_number() -> Subquery:
    return Subquery(Edition.objects.filter(claim=OuterRef("claim")).order_by("-number").values("number")[:1])
