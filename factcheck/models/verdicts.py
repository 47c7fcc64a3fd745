from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.history import Act, current

from .base import Kept, MomentField, one_of
from .claims import Claim


class Mark(models.TextChoices):
    """How a rating looks: a shape and a colour, never a colour alone."""

    TRUE = "true", _("true")
    MOSTLY = "mostly", _("mostly true")
    MIXED = "mixed", _("mixed")
    FALSE = "false", _("false")
    OUTDATED = "outdated", _("outdated")
    UNPROVEN = "unproven", _("unproven")


HIGHEST = 100  # of the numbers on a scale; a larger one would be no number in JSON that everybody reads alike


class Rating(Kept):
    slug = models.SlugField(_("short name"), unique=True, max_length=40)
    name = models.CharField(_("name"), max_length=60, unique=True)
    definition = models.TextField(_("definition"), help_text=_("When the newsroom uses it; shown to readers."))
    value = models.IntegerField(
        _("number"),
        null=True,
        blank=True,
        unique=True,
        validators=[MinValueValidator(1), MaxValueValidator(HIGHEST)],
        help_text=_("1 is worst. Leave empty for ratings that are no degree of truth, such as “Unproven”."),
    )
    mark = models.CharField(_("mark"), max_length=10, choices=Mark)

    class Meta(Kept.Meta):
        ordering = [models.F("value").desc(nulls_last=True), "name"]
        verbose_name, verbose_name_plural = _("rating"), _("ratings")
        constraints = [
            one_of("mark", Mark, model="rating"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=1, value__lte=HIGHEST), name="rating_value_on_scale"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EditionKind(models.TextChoices):
    FIRST = "first", _("first edition")
    UPDATE = "update", _("update")
    CORRECTION = "correction", _("correction")
    CLARIFICATION = "clarification", _("clarification")
    TYPO = "typo", _("typo")
    REAFFIRMATION = "reaffirmation", _("reaffirmation")
    WITHDRAWAL = "withdrawal", _("withdrawal")


class Verdict(Kept):
    """Our finding on a claim."""

    natural_path = ("claim__slug",)

    claim = models.OneToOneField(Claim, models.PROTECT, related_name="verdict", verbose_name=_("claim"))
    rating = models.ForeignKey(
        Rating,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rating now"),
        help_text=_("By what is known now."),
    )
    rating_then = models.ForeignKey(
        Rating,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rating then"),
        help_text=_("By what could be known when the claim was made."),
    )
    summary = models.CharField(_("summary"), max_length=300, blank=True, help_text=_("The finding in one sentence."))
    explanation = models.TextField(_("explanation"), blank=True, help_text=_("How we know it. Markdown."))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("author")
    )
    few_sources_reason = models.CharField(
        _("why fewer than two sources"),
        max_length=200,
        blank=True,
        help_text=_("Shown to readers where fewer than two independent sources are cited."),
    )
    edition_kind = models.CharField(
        _("next edition"), max_length=14, choices=EditionKind, default=EditionKind.FIRST, editable=False
    )
    edition_note = models.TextField(
        _("note to readers"), blank=True, help_text=_("What changed on the page and why; readers see it at the top.")
    )

    class Meta(Kept.Meta):
        verbose_name, verbose_name_plural = _("verdict"), _("verdicts")
        constraints = [one_of("edition_kind", EditionKind, model="verdict")]

    def __str__(self) -> str:
        return f"{self.claim.label}: {self.rating or '…'}"

    def save(self, **kwargs: Any) -> None:
        if self.author_id is None and (recorder := current()) is not None:
            self.author = recorder.user
        super().save(**kwargs)


class Approval(Act):
    """Somebody else's yes to one exact content."""

    loaddata_refusal = _("An approval is a person's act: it cannot be loaded from a file.")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="approvals", verbose_name=_("claim"))
    digest = models.CharField(_("digest approved"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = MomentField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("approval"), _("approvals")

    def __str__(self) -> str:
        return f"{self.claim}, {self.by}, {self.digest[:12]}"
