from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from factcheck.figures import Figure, Kind, Qualifier

from .base import Kept, MomentField, NaturalQuerySet, Precision, WebAddressField, one_of, web_address
from .sources import Source
from .story import Story


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Claim(Kept):
    story = models.ForeignKey(Story, models.PROTECT, related_name="claims", verbose_name=_("story"))
    slug = models.SlugField(
        _("short name"),
        unique=True,
        max_length=80,
        help_text=_("The page's address for ever: it cannot change once the claim is published."),
    )
    label = models.CharField(_("label"), max_length=60, help_text=_("Two or three words, as in “Death toll”."))
    statement = models.TextField(
        _("statement"),
        validators=[MaxLengthValidator(1000)],
        help_text=_("The claim itself, one sentence, as it was made."),
    )
    claimant = models.CharField(_("claimant"), max_length=200, blank=True, help_text=_("Who made the claim."))
    claimant_unknown_reason = models.CharField(
        _("why the claimant is unknown"), max_length=200, blank=True, help_text=_("Shown to readers.")
    )
    made_at = MomentField(_("made at"), precision="made_precision", null=True, blank=True)
    made_precision = models.CharField(_("known"), max_length=6, choices=Precision, default=Precision.MINUTE)
    first_appearance = models.CharField(
        _("first appearance"), max_length=300, blank=True, help_text=_("Where it was first said or written.")
    )
    first_appearance_url = WebAddressField(_("address of the first appearance"))
    is_cumulative = models.BooleanField(
        _("cumulative"), default=False, help_text=_("A figure that can only rise, as a death toll: a fall corrects it.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_claims",
        verbose_name=_("assignee"),
    )

    class Meta(Kept.Meta):
        ordering = ["story", "label"]
        verbose_name, verbose_name_plural = _("claim"), _("claims")
        indexes = [
            models.Index(fields=["state", "story"], name="claim_by_state"),
            models.Index(fields=["state", "id"], name="claim_in_queue"),
            models.Index(fields=["assignee", "state", "id"], name="claim_of_somebody"),
        ]
        constraints = [
            one_of("state", State, model="claim"),
            one_of("made_precision", Precision, model="claim"),
            web_address("first_appearance_url", model="claim"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("verdict", args=[self.slug])

    def clean(self) -> None:
        if not self.slug:
            return
        if Claim.history.model.objects.filter(slug=self.slug).exclude(id=self.pk).exists():
            raise ValidationError({"slug": _("Another claim had this address once. Addresses are never reused.")})
        published_as = self.editions.values_list("slug", flat=True).first() if self.pk else None
        if published_as and published_as != self.slug:
            raise ValidationError({"slug": _("This claim is published as “%s”: its address stays.") % published_as})


class Stance(models.TextChoices):
    SUPPORTS = "supports", _("supports")
    CONTRADICTS = "contradicts", _("contradicts")
    CONTEXT = "context", _("context")


class ReportStanding(models.TextChoices):
    CURRENT = "current", _("current")
    SUPERSEDED = "superseded", _("superseded")
    DISPUTED = "disputed", _("disputed")
    RETRACTED = "retracted", _("retracted")


QUALIFIERS = {
    Qualifier.EXACTLY: _("exactly"),
    Qualifier.AT_LEAST: _("at least"),
    Qualifier.AT_MOST: _("at most"),
    Qualifier.ABOUT: _("about"),
    Qualifier.BETWEEN: _("between"),
}
KINDS = {
    Kind.FIRST: _("first"),
    Kind.REPETITION: _("repetition"),
    Kind.CONFIRMATION: _("confirmation"),
    Kind.REFINEMENT: _("refinement"),
    Kind.WIDENING: _("widening"),
    Kind.CORRECTION: _("correction"),
    Kind.DEVELOPMENT: _("development"),
    Kind.DISPUTE: _("dispute"),
    Kind.CHANGED: _("changed"),
}


DIGITS = 15  # SQLite keeps no more of a number with decimals, and would round the rest away


def kept_exactly(number: Decimal) -> None:
    if len(number.normalize().as_tuple().digits) > DIGITS:
        raise ValidationError(_("Use at most %(digits)s digits, noughts at the end aside."), params={"digits": DIGITS})


class ReportQuerySet(NaturalQuerySet):
    def quoting(self) -> "ReportQuerySet":
        return self.exclude(quote="")

    def next_number(self, claim: Claim) -> int:
        """One more than any report of this claim ever had, deleted ones too: a number names one report for ever."""
        newest = Report.history.model.objects.filter(claim_id=claim.pk).aggregate(models.Max("number"))
        return (newest["number__max"] or 0) + 1


class Report(Kept):
    """What one source reports about a claim."""

    natural_path = ("claim__slug", "number")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="reports", verbose_name=_("claim"))
    number = models.PositiveIntegerField(_("number"), editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="reports", verbose_name=_("source"))
    stance = models.CharField(_("stance"), max_length=12, choices=Stance, default=Stance.SUPPORTS)
    reported_at = MomentField(
        _("reported at"), precision="reported_precision", null=True, blank=True, help_text=_("When the source said it.")
    )
    reported_precision = models.CharField(_("known"), max_length=6, choices=Precision, default=Precision.MINUTE)
    is_undated = models.BooleanField(_("undated"), default=False)
    true_as_of = MomentField(
        _("true as of"), null=True, blank=True, help_text=_("Of which moment it speaks, where it says so.")
    )
    qualifier = models.CharField(
        _("figure"), max_length=8, choices=[(q.value, label) for q, label in QUALIFIERS.items()], blank=True
    )
    low = models.DecimalField(
        _("low"),
        max_digits=24,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[kept_exactly],
        help_text=_("The figure, or its lower end."),
    )
    high = models.DecimalField(
        _("high"),
        max_digits=24,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[kept_exactly],
        help_text=_("For “at most” and “between”."),
    )
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    tolerance = models.DecimalField(
        _("tolerance in %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("For “about”; 10 where nothing is given."),
    )
    text_value = models.CharField(
        _("wording"), max_length=300, blank=True, help_text=_("What it says, in a few words, where it is no figure.")
    )
    quote = models.TextField(_("quote"), blank=True, help_text=_("Its own words, exactly."))
    quote_prefix = models.CharField(_("words before the quote"), max_length=100, blank=True)
    quote_suffix = models.CharField(_("words after the quote"), max_length=100, blank=True)
    standing = models.CharField(_("standing"), max_length=10, choices=ReportStanding, default=ReportStanding.CURRENT)
    kind_override = models.CharField(
        _("kind of change"),
        max_length=12,
        choices=[(kind.value, label) for kind, label in KINDS.items()],
        blank=True,
        help_text=_("Left empty, it is worked out from the figures and times."),
    )
    kind_override_reason = models.CharField(_("why this kind"), max_length=200, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta(Kept.Meta):
        ordering = ["claim", "number"]
        verbose_name, verbose_name_plural = _("report"), _("reports")
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="report_number_once"),
            one_of("stance", Stance, model="report"),
            one_of("standing", ReportStanding, model="report"),
            one_of("reported_precision", Precision, model="report"),
            models.CheckConstraint(
                condition=Q(qualifier="") | Q(qualifier__in=[q.value for q in QUALIFIERS]),
                name="report_qualifier_known",
            ),
            models.CheckConstraint(
                condition=Q(kind_override="") | Q(kind_override__in=[kind.value for kind in KINDS]),
                name="report_kind_override_known",
            ),
            models.CheckConstraint(
                condition=Q(kind_override="") | ~Q(kind_override_reason=""),
                name="report_kind_override_has_reason",
                violation_error_message=_("Say why this is the kind of change."),
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=False, is_undated=False) | Q(reported_at__isnull=True, is_undated=True),
                name="report_date_or_undated",
                violation_error_message=_("Give the time of the report, or tick “undated”; not both."),
            ),
            models.CheckConstraint(
                condition=Q(qualifier="", low__isnull=True, high__isnull=True)
                | Q(qualifier__in=["exactly", "at_least", "about"], low__isnull=False, high__isnull=True)
                | Q(qualifier="at_most", low__isnull=True, high__isnull=False)
                | Q(qualifier="between", low__isnull=False, high__isnull=False, high__gte=models.F("low")),
                name="report_figure_whole",
                violation_error_message=_(
                    "A figure needs its numbers: “at most” takes high, “between” both, the others low alone."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(qualifier="") | ~Q(text_value=""),
                name="report_says_something",
                violation_error_message=_("Give a figure or a wording: what does the source say?"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim.label} #{self.number or '…'}"

    @property
    def figure(self) -> Figure | None:
        if not self.qualifier:
            return None
        return Figure(Qualifier(self.qualifier), self.low, self.high, self.unit, self.tolerance)

    def save(self, **kwargs: object) -> None:
        if self.number is None:
            self.number = Report.objects.next_number(self.claim)
        super().save(**kwargs)
