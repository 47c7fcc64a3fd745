from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.history import AppendOnly

from .base import Kept, one_of, refuse_bad_characters
from .editions import Edition


class CorrectionRequest(AppendOnly):
    """A reader's “this is wrong”. Not an act of the newsroom, so under no changeset."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="requests", verbose_name=_("edition"))
    message = models.TextField(_("what is wrong, and how do you know?"), max_length=5000)
    contact = models.EmailField(_("your e-mail address"), blank=True, help_text=_("Only for an answer; never shown."))
    at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("reader request"), _("reader requests")

    def __str__(self) -> str:
        return f"{self.edition}, {self.at:%Y-%m-%d %H:%M}"

    def clean(self) -> None:
        refuse_bad_characters(self, set())
        if not self.message.strip():
            raise ValidationError({"message": _("Say what is wrong.")})


class Decision(models.TextChoices):
    CHANGED = "changed", _("page changed")
    UNCHANGED = "unchanged", _("no change")


class Answer(Kept):
    natural_path = ("request_id",)

    request = models.OneToOneField(
        CorrectionRequest, models.PROTECT, related_name="answer", verbose_name=_("reader request")
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    text = models.TextField(_("answer"))

    class Meta(Kept.Meta):
        verbose_name, verbose_name_plural = _("answer to a reader"), _("answers to readers")
        constraints = [one_of("decision", Decision, model="answer")]

    def __str__(self) -> str:
        return f"{self.request}: {self.get_decision_display()}"


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
