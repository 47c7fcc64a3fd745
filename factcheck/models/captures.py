"""What a source said at a moment: its words, kept for good."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from factcheck.history import Act, AppendOnlyQuerySet
from factcheck.history.audit import Fault, Finding
from factcheck.text import Quotable, count_words

from .base import MomentField, WebAddressField, one_of, refuse_bad_characters, sha256, unlike_digest, web_address
from .sources import Source

MOST_CHARACTERS = 500_000


class Came(models.TextChoices):
    PASTED = "pasted", _("pasted")
    FILE = "file", _("uploaded")
    FETCHED = "fetched", _("fetched")


class CaptureQuerySet(AppendOnlyQuerySet):
    def get_by_natural_key(self, source: str, sha256: str) -> "Capture":
        """The first that says this: a source may say a thing, then another, and then the first again."""
        found = self.filter(source__slug=source, sha256=sha256).order_by("captured_at").first()
        if found is None:
            raise self.model.DoesNotExist
        return found

    def given(self) -> "CaptureQuerySet":
        """Those whose words somebody pasted or uploaded: what is fetched, nobody wrote."""
        return self.exclude(came=Came.FETCHED)

    def said_at(self, source: Source, moment: datetime) -> "Capture | None":
        """What the source said last at that moment, as far as we know."""
        return self.filter(source=source, captured_at__lte=moment).order_by("captured_at").last()

    def holding(self, quotes: Iterable[tuple[str, str]]) -> "dict[tuple[str, str], Capture | None]":
        """Of quotes, each with the short name of its source: the newest capture that has it, None where none has.

        Those of sources without a capture are left out. Reads a text only while a quote of its source is not found.
        """
        waiting: dict[str, set[str]] = {}
        for slug, quote in quotes:
            waiting.setdefault(slug, set()).add(quote)
        found: dict[tuple[str, str], Capture | None] = {}
        newest_first = self.filter(source__slug__in=waiting).order_by("-captured_at")
        for slug, key in newest_first.values_list("source__slug", "pk"):
            if lacking := [quote for quote in waiting[slug] if found.setdefault((slug, quote), None) is None]:
                capture = self.get(pk=key)
                found |= {(slug, quote): capture for quote in lacking if capture.holds(quote)}
        return found

    def findings(self) -> Iterator[Finding]:
        for key in unlike_digest(self, "text", "sha256"):
            yield Finding(self.model._meta.db_table, key, Fault.CONTENT, gettext("its SHA-256 is not that of its text"))


class Capture(Act):
    """What a source said at a moment."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="captures", verbose_name=_("source"))
    text = models.TextField(_("text"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    captured_at = MomentField(_("captured at"), default=timezone.now)
    came = models.CharField(_("how it came"), max_length=8, choices=Came, default=Came.PASTED)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    media_type = models.CharField(_("media type"), max_length=100, blank=True)
    fetched_from = WebAddressField(_("fetched from"), help_text=_("The address that answered, after redirects."))

    objects = CaptureQuerySet.as_manager()

    class Meta:
        ordering = ["captured_at"]
        verbose_name, verbose_name_plural = _("capture"), _("captures")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "captured_at"],
                name="capture_one_at_a_time",
                violation_error_message=_("There is a capture of this source at that very moment already."),
            ),
            one_of("came", Came, model="capture"),
            web_address("fetched_from", model="capture"),
            models.CheckConstraint(
                condition=Q(came=Came.PASTED, file_name="", media_type="", fetched_from="")
                | Q(Q(came=Came.FILE, fetched_from=""), ~Q(file_name=""), ~Q(media_type=""))
                | Q(Q(came=Came.FETCHED, file_name=""), ~Q(fetched_from=""), ~Q(media_type="")),
                name="capture_says_how_it_came",
                violation_error_message=_(
                    "A fetched capture names address and media type, an uploaded one file and media type; a pasted one "
                    "neither."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {timezone.localtime(self.captured_at):%Y-%m-%d %H:%M}"

    def natural_key(self) -> tuple[str, str]:
        return (self.source.slug, self.sha256 or sha256(self.text))

    def save(self, **kwargs: object) -> None:
        self.sha256 = sha256(self.text)
        super().save(**kwargs)

    def clean(self) -> None:
        refuse_bad_characters(self, set())
        if not count_words(self.text):
            raise ValidationError({"text": _("Nothing was captured. There is no word in it.")})
        if len(self.text) > MOST_CHARACTERS:
            text = _("It has %(length)s characters; a capture has at most %(most)s.")
            raise ValidationError({"text": text % {"length": f"{len(self.text):,}", "most": f"{MOST_CHARACTERS:,}"}})

    @property
    def way(self) -> str:
        """How it came, in words."""
        if self.came == Came.FETCHED:
            return gettext("fetched from %s") % self.fetched_from
        if self.came == Came.FILE:
            return gettext("uploaded as “%(name)s” (%(type)s)") % {"name": self.file_name, "type": self.media_type}
        return gettext("pasted")

    @cached_property
    def words(self) -> Quotable:
        return Quotable(self.text)

    def holds(self, quote: str) -> bool:
        return self.words.holds(quote)
