from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .base import Kept, MomentField, Precision, WebAddressField, one_of, web_address


class Publisher(Kept):
    natural_path = ("name",)

    name = models.CharField(_("name"), max_length=200, unique=True)
    url = WebAddressField(_("home page"))

    class Meta(Kept.Meta):
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("publisher"), _("publishers")
        constraints = [web_address("url", model="publisher")]

    def __str__(self) -> str:
        return self.name


class SourceKind(models.TextChoices):
    ARTICLE = "article", _("news article")
    STATEMENT = "statement", _("statement")
    DOCUMENT = "document", _("document")
    REFERENCE = "reference", _("reference work")
    POST = "post", _("post")
    BROADCAST = "broadcast", _("broadcast")
    INTERVIEW = "interview", _("interview")
    DATASET = "dataset", _("data set")


class Source(Kept):
    slug = models.SlugField(_("short name"), unique=True, max_length=80)
    title = models.CharField(_("title"), max_length=300, help_text=_("Its headline, or what it is."))
    publisher = models.ForeignKey(Publisher, models.PROTECT, related_name="sources", verbose_name=_("publisher"))
    kind = models.CharField(_("kind"), max_length=12, choices=SourceKind, default=SourceKind.ARTICLE)
    url = WebAddressField(_("address"))
    no_url_reason = models.CharField(
        _("why no address"), max_length=200, blank=True, help_text=_("Shown to readers where there is no address.")
    )
    is_primary = models.BooleanField(
        _("primary"), default=False, help_text=_("It saw, did or decided the thing itself, and does not pass it on.")
    )
    published_at = MomentField(_("published at"), precision="published_precision", null=True, blank=True)
    published_precision = models.CharField(_("known"), max_length=6, choices=Precision, default=Precision.MINUTE)
    is_undated = models.BooleanField(_("undated"), default=False, help_text=_("It carries no date."))
    accessed_at = MomentField(_("accessed at"), default=timezone.now, help_text=_("When we read it."))
    archive_url = WebAddressField(_("archived copy"))
    not_captured_reason = models.CharField(
        _("why not captured"), max_length=200, blank=True, help_text=_("Why we keep no copy of its text.")
    )
    withdrawn_reason = models.CharField(
        _("withdrawn"),
        max_length=200,
        blank=True,
        help_text=_("Where its publisher took it back: how we know. Shown to readers; it is no origin any more."),
    )

    class Meta(Kept.Meta):
        ordering = ["slug"]
        verbose_name, verbose_name_plural = _("source"), _("sources")
        constraints = [
            one_of("kind", SourceKind, model="source"),
            one_of("published_precision", Precision, model="source"),
            web_address("url", model="source"),
            web_address("archive_url", model="source"),
            models.CheckConstraint(
                condition=~Q(url="") | ~Q(no_url_reason=""),
                name="source_url_or_reason",
                violation_error_message=_("Give the address, or say why there is none."),
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False, is_undated=False)
                | Q(published_at__isnull=True, is_undated=True),
                name="source_date_or_undated",
                violation_error_message=_("Give the date of publication, or tick “undated”; not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SourceBasis(Kept):
    """One source rests on another: nine articles that cite one statement are one origin."""

    natural_path = ("source__slug", "rests_on__slug")

    source = models.ForeignKey(Source, models.PROTECT, related_name="bases", verbose_name=_("source"))
    rests_on = models.ForeignKey(Source, models.PROTECT, related_name="resting", verbose_name=_("rests on"))

    class Meta(Kept.Meta):
        verbose_name, verbose_name_plural = _("origin of a source"), _("origins of sources")
        constraints = [
            models.UniqueConstraint(fields=["source", "rests_on"], name="sourcebasis_once"),
            models.CheckConstraint(
                condition=~Q(source=models.F("rests_on")),
                name="sourcebasis_not_itself",
                violation_error_message=_("A source cannot rest on itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} ← {self.rests_on}"

    def clean(self) -> None:
        """The page of a source asks no constraint that names the source: that is none of its fields."""
        if self.source_id is None or self.rests_on_id is None:
            return
        if self.source_id == self.rests_on_id:
            raise ValidationError({"rests_on": _("A source cannot rest on itself.")})
        if SourceBasis.objects.filter(source=self.source_id, rests_on=self.rests_on_id).exclude(pk=self.pk).exists():
            raise ValidationError({"rests_on": _("That it rests on this one is recorded already.")})
