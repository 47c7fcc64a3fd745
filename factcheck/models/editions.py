import json
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import Lag
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from factcheck.history import Act, AppendOnlyQuerySet
from factcheck.history.audit import Fault, Finding

from .base import MomentField, has_digest, one_of, unlike_digest
from .claims import Claim
from .verdicts import Approval, EditionKind

edition_published = Signal()
"""Sent with `edition` once it is committed."""


class EditionQuerySet(AppendOnlyQuerySet):
    def newest(self) -> "EditionQuerySet":
        """The edition of each claim that readers see at its address, withdrawn ones too."""
        return self.exclude(Exists(Edition.objects.filter(slug=OuterRef("slug"), number__gt=OuterRef("number"))))

    def published(self) -> "EditionQuerySet":
        return self.newest().exclude(kind=EditionKind.WITHDRAWAL)

    def agreed(self) -> "EditionQuerySet":
        """Those that somebody other than their author agreed to: a withdrawal is one person's act."""
        return self.exclude(kind=EditionKind.WITHDRAWAL)

    def at(self, moment: datetime) -> "EditionQuerySet":
        """The edition of each claim that stood then, by when it says it was published."""
        stood = Edition.objects.filter(published_at__lte=moment)
        later = stood.filter(slug=OuterRef("slug"), number__gt=OuterRef("number"))
        return self.filter(published_at__lte=moment).exclude(Exists(later))

    def once_of_story(self, slug: str) -> "EditionQuerySet":
        """Every edition of each claim that ever belonged to it."""
        return self.filter(slug__in=Edition.objects.filter(story_slug=slug).order_by().values("slug"))

    def of_story(self, slug: str) -> "EditionQuerySet":
        """Every edition that changed its page: also the one by which a claim went to another story."""
        return self.once_of_story(slug).with_story_before().filter(Q(story_slug=slug) | Q(story_before=slug))

    def with_story_before(self) -> "EditionQuerySet":
        """`story_before` is that of the edition which each replaced."""
        before = Edition.objects.filter(slug=OuterRef("slug"), number=OuterRef("number") - 1)
        return self.alias(story_before=Subquery(before.values("story_slug")))

    def telling_of(self, story: str) -> "Edition | None":
        """The last edition that has its title and summary, whether its claim is still there or not."""
        last = self.filter(story_slug=story).order_by("-published_at", "-id").values("pk")[:1]
        return self.filter(pk=last).first()

    def freeze(self, claim: Claim, *, content: str, digest: str, **fields: Any) -> "Edition":
        """Write the next edition of a claim. `content` is a dossier's canonical JSON, `digest` its SHA-256."""
        frozen = json.loads(content)
        rating = frozen["verdict"]["rating"]
        last = self.filter(claim=claim).order_by("number").last()
        if last and last.slug != claim.slug:
            raise ValidationError(_("A published claim keeps its address."))
        edition = Edition(
            claim=claim,
            slug=claim.slug,
            story_slug=frozen["story"]["slug"],
            rating_slug=rating["slug"],
            number=last.number + 1 if last else 1,
            kind=frozen["edition"]["kind"],
            content=content,
            digest=digest,
            **fields,
        )
        edition.full_clean(exclude=["changeset"])
        edition.save()
        transaction.on_commit(lambda: edition_published.send(Edition, edition=edition))
        return edition

    def findings(self) -> Iterator[Finding]:
        table = self.model._meta.db_table
        for key in unlike_digest(self, "content", "digest"):
            yield Finding(table, key, Fault.CONTENT, gettext("its digest is not that of its content"))
        along = {"partition_by": "slug", "order_by": ["number"]}
        counted = self.order_by().annotate(before=Window(Lag("number", default=0), **along))
        gaps = counted.exclude(number=F("before") + 1).order_by("slug", "number")
        for key, number, before in gaps.values_list("pk", "number", "before").iterator():
            text = gettext("its number %(number)s follows %(before)s: an edition is missing")
            yield Finding(table, key, Fault.NUMBERS, text % {"number": number, "before": before})
        others = self.filter(approval__isnull=False).exclude(approval__digest=F("digest")).order_by("pk")
        for key, approval in others.values_list("pk", "approval").iterator():
            text = gettext("its approval %s is for other content") % approval
            yield Finding(table, key, Fault.APPROVAL, text)


class Edition(Act):
    """One published version of a verdict page, frozen. All that readers see of a claim stands in it."""

    loaddata_refusal = _("An edition is published, never loaded: use import_fixtures --with-editions.")

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="editions", verbose_name=_("claim"))
    slug = models.SlugField(_("short name"), max_length=80)
    story_slug = models.SlugField(_("story"), max_length=80)
    rating_slug = models.SlugField(_("rating"), max_length=40)
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=14, choices=EditionKind)
    content = models.TextField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    approval = models.ForeignKey(
        Approval, models.PROTECT, null=True, blank=True, related_name="editions", verbose_name=_("approval")
    )
    published_at = MomentField(_("published at"), default=timezone.now)
    recorded_at = MomentField(_("recorded at"), default=timezone.now, editable=False)
    checked_by = models.CharField(_("checked by"), max_length=200)
    approved_by = models.CharField(_("approved by"), max_length=200, blank=True)
    published_by = models.CharField(_("published by"), max_length=200)
    is_reconstructed = models.BooleanField(_("reconstructed"), default=False)

    bound = ("slug", "claim_id")  # an address is never another claim's, nor a page ever at another address

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "-number"]
        verbose_name, verbose_name_plural = _("edition"), _("editions")
        indexes = [
            models.Index(fields=["story_slug", "slug", "-number"], name="edition_of_story"),
            models.Index(fields=["rating_slug", "slug"], name="edition_with_rating"),
            models.Index(fields=["-published_at"], name="edition_by_time"),
            models.Index(fields=["kind", "-published_at"], name="edition_by_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="edition_number_once"),
            one_of("kind", EditionKind, model="edition"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_number_from_one"),
            models.CheckConstraint(
                condition=Q(approval__isnull=False) | Q(is_reconstructed=True) | Q(kind=EditionKind.WITHDRAWAL),
                name="edition_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(is_reconstructed=True) | Q(kind=EditionKind.WITHDRAWAL) | ~Q(approved_by=""),
                name="edition_names_approver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}, {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("edition", args=[self.slug, self.number])

    def get_kind_display(self) -> str:
        """As Django's own, which gathers the words of all kinds each time that it is asked."""
        return str(EditionKind(self.kind).label)

    @cached_property
    def dossier(self) -> dict[str, Any]:
        return json.loads(self.content)

    @property
    def is_whole(self) -> bool:
        return has_digest(self.content, self.digest)

    @property
    def is_withdrawal(self) -> bool:
        return self.kind == EditionKind.WITHDRAWAL


class FlagQuerySet(AppendOnlyQuerySet):
    def in_force(self) -> "FlagQuerySet":
        """Those that readers see: of the newest edition, unless that is a withdrawal. A look at every flag ever raised,
        which are few, and at no edition without one."""
        later = Edition.objects.filter(slug=OuterRef("edition__slug"), number__gt=OuterRef("edition__number"))
        return self.exclude(edition__kind=EditionKind.WITHDRAWAL).exclude(Exists(later))


class Flag(Act):
    """“Being re-checked since 22:04” on the public page; the next edition ends it."""

    loaddata_refusal = _("A flag is raised at the desk: it cannot be loaded from a file.")

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="flags", verbose_name=_("edition"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = MomentField(_("at"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=300, help_text=_("Shown to readers."))

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("flag"), _("flags")

    def __str__(self) -> str:
        return f"{self.edition}: {self.reason}"
