from django.db import models
from django.utils.translation import gettext_lazy as _

from factcheck.history import Derived, DerivedQuerySet

from ..editions import Edition


class CitationQuerySet(DerivedQuerySet):
    pass


class Citation(Derived):
    """That an edition cites a source: a function of that edition."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name=_("edition"))
    slug = models.SlugField(_("short name"), max_length=80, db_index=False)
    number = models.PositiveIntegerField(_("number"))
    source_slug = models.SlugField(_("source"), max_length=80, db_index=False)
    source_title = models.CharField(_("title"), max_length=300)
    publisher_slug = models.SlugField(_("publisher"), max_length=80, allow_unicode=True, db_index=False)
    publisher_name = models.CharField(_("name of the publisher"), max_length=200)

    objects = CitationQuerySet.as_manager()

    class Meta(Derived.Meta):
        verbose_name, verbose_name_plural = _("citation"), _("citations")
        default_permissions = ()
        indexes = [
            models.Index(fields=["source_slug", "slug", "number"], name="citation_of_source"),
            models.Index(fields=["publisher_slug", "source_slug", "slug"], name="citation_of_publisher"),
            models.Index(fields=["publisher_slug", "edition"], name="citation_by_publisher"),
        ]
        constraints = [models.UniqueConstraint(fields=["edition", "source_slug"], name="citation_once")]

    def __str__(self) -> str:
        return f"{self.slug}, {self.number}: {self.source_slug}"
