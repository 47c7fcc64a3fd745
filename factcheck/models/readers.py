from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.history import AppendOnly, AppendOnlyQuerySet

from .base import Kept, one_of, refuse_bad_characters, sha256
from .editions import Edition, EditionQuerySet
from .quotas import Quota


@dataclass(frozen=True)
class Tally:
    """How many requests came in, spam aside, and how many an edition followed."""

    received: int
    led_to_a_change: int


class CorrectionRequestQuerySet(AppendOnlyQuerySet):
    def receive(self, request: "CorrectionRequest", *, form: str, sender: str) -> None:
        """Keep what a reader sent: once, however often the same form is sent with the same words.

        `sender` is the client's address, of which nothing is kept with the request. Raises QuotaSpent.
        """
        request.key = sha256("\0".join([form, request.edition.slug, request.message, request.contact]))
        with transaction.atomic():
            if self.filter(key=request.key).exists():
                return
            Quota.objects.spend(sender)
            fields = {"edition": request.edition, "message": request.message, "contact": request.contact}
            self.get_or_create(key=request.key, defaults=fields)

    def waiting(self) -> "CorrectionRequestQuerySet":
        return self.filter(answer__isnull=True)

    def tally(self) -> Tally:
        """One query; an edition that is named in an answer is a change."""
        counted = self.exclude(answer__decision=Decision.SPAM)
        return Tally(**counted.aggregate(received=Count("pk"), led_to_a_change=Count("answer__edition")))


class CorrectionRequest(AppendOnly):
    """A reader's “this is wrong”. Not an act of the newsroom, so under no changeset."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="requests", verbose_name=_("edition"))
    message = models.TextField(_("what is wrong, and how do you know?"), max_length=5000)
    contact = models.EmailField(_("your e-mail address"), blank=True, help_text=_("Only for an answer; never shown."))
    at = models.DateTimeField(_("received"), default=timezone.now)
    key = models.CharField(  # noqa: DJ001 (unique where there is one)
        max_length=64, null=True, unique=True, editable=False, help_text=_("Of the form and its words: sent once.")
    )

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("reader request"), _("reader requests")

    def __str__(self) -> str:
        return f"{self.edition}, {self.at:%Y-%m-%d %H:%M}"

    def clean(self) -> None:
        refuse_bad_characters(self, set())
        if not self.message.strip():
            raise ValidationError({"message": _("Say what is wrong.")})

    def editions_since(self) -> EditionQuerySet:
        """Of the same page, and later than both what the reader read and what the reader wrote."""
        read = self.edition
        return Edition.objects.filter(claim=read.claim_id, number__gt=read.number, recorded_at__gte=self.at)


class Decision(models.TextChoices):
    CHANGED = "changed", _("page changed")
    KNOWN = "known", _("known already")
    UNCHANGED = "unchanged", _("no change")
    SPAM = "spam", _("spam")


class Answer(Kept):
    natural_path = ("request_id",)

    request = models.OneToOneField(
        CorrectionRequest, models.PROTECT, related_name="answer", verbose_name=_("reader request")
    )
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision, help_text=_("Nothing is deleted: spam is only marked as such.")
    )
    edition = models.ForeignKey(
        Edition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("edition that followed"),
        help_text=_("Which edition changed the page. Leave it empty until that one is published."),
    )
    text = models.TextField(_("answer"), blank=True, help_text=_("What you tell the reader. Spam needs none."))

    class Meta(Kept.Meta):
        verbose_name, verbose_name_plural = _("answer to a reader"), _("answers to readers")
        constraints = [
            one_of("decision", Decision, model="answer"),
            models.CheckConstraint(
                condition=Q(edition__isnull=True) | Q(decision=Decision.CHANGED),
                name="answer_edition_is_a_change",
                violation_error_message=_("Only a changed page has an edition that followed."),
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(decision=Decision.SPAM),
                name="answer_has_text",
                violation_error_message=_("Write the answer: only spam needs none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.outcome}"

    @property
    def is_promise(self) -> bool:
        """A change that no edition has made yet."""
        return self.decision == Decision.CHANGED and self.edition_id is None

    @property
    def outcome(self) -> Any:
        return _("page will change") if self.is_promise else self.get_decision_display()

    def clean(self) -> None:
        super().clean()
        if self.edition and not self.request.editions_since().filter(pk=self.edition_id).exists():
            raise ValidationError({"edition": _("Choose an edition of this page that came after the request.")})


class TextPage(models.TextChoices):
    METHODOLOGY = "methodology", _("How we work")
    CORRECTIONS = "corrections-policy", _("Corrections policy")
    ABOUT = "about", _("About us")
    FUNDING = "funding", _("Who pays for this")


class PublicText(Kept):
    slug = models.CharField(_("page"), max_length=20, choices=TextPage, unique=True)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"), help_text=_("Markdown."))

    class Meta(Kept.Meta):
        ordering = ["slug"]
        verbose_name, verbose_name_plural = _("public text"), _("public texts")
        constraints = [one_of("slug", TextPage, model="publictext")]

    def __str__(self) -> str:
        return self.title
