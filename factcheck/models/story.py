from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .base import Kept


class Story(Kept):
    slug = models.SlugField(_("short name"), unique=True, max_length=80, help_text=_("Part of the story's address."))
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), help_text=_("What happened, in two or three sentences, for readers."))
    language = models.CharField(
        _("language"),
        max_length=12,
        default=settings.LANGUAGE_CODE,
        validators=[
            RegexValidator(r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z", _("Use a language code, as in “en” or “pt-br”."))
        ],
        help_text=_("As in “en” or “fr”."),
    )
    began_on = models.DateField(_("began on"))

    class Meta(Kept.Meta):
        ordering = ["-began_on", "slug"]
        verbose_name, verbose_name_plural = _("story"), _("stories")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("story", args=[self.slug])
