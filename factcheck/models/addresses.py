"""Sources by the document that their address names, however the address is written."""

from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F
from django.db.models.signals import post_save, pre_delete
from django.db.transaction import atomic
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.history import Derived, DerivedQuerySet, guard
from factcheck.history.audit import Fault, Finding
from factcheck.text import same_address

from .base import sha256
from .sources import Source


class SourceAddressQuerySet(DerivedQuerySet):
    def sources(self, url: str) -> models.QuerySet[Source]:
        """Those at this address, the newest first; none where there is no address."""
        known = Source.objects.filter(known_address__digest=digest(url)) if url.strip() else Source.objects.none()
        return known.select_related("publisher").order_by("-pk")

    def keep(self, source: Source) -> None:
        self.replace([source.pk], [SourceAddress(source=source, digest=digest(source.url))] if source.url else [])

    def put_right(self) -> None:
        """After whatever wrote past the models, and after a change of what is taken to be the same address."""
        with atomic():
            for source, _stored in list(self._unlike()):
                self.keep(source)

    def findings(self) -> Iterator[Finding]:
        for source, stored in self._unlike():
            text = _("is known by another address than its own") if stored else _("is not found by its address")
            told = _("%s (manage.py migrate puts it right)") % text
            yield Finding(Source._meta.db_table, source.pk, Fault.ADDRESS, told)

    def _unlike(self) -> Iterator[tuple[Source, str | None]]:
        for source in Source.objects.annotate(stored=F("known_address__digest")).order_by("pk").iterator():
            if source.stored != (digest(source.url) if source.url else None):
                yield source, source.stored


class SourceAddress(Derived):
    """Written with its source, by whatever door."""

    source = models.OneToOneField(Source, models.DO_NOTHING, primary_key=True, related_name="known_address")
    digest = models.CharField(gettext_lazy("digest"), max_length=64, db_index=True)

    objects = SourceAddressQuerySet.as_manager()

    class Meta(Derived.Meta):
        verbose_name = gettext_lazy("address of a source")
        verbose_name_plural = gettext_lazy("addresses of sources")

    def __str__(self) -> str:
        return str(self.source)


def digest(url: str) -> str:
    """Of a fixed length, for an index: an address can have 2,000 characters."""
    return sha256(same_address(url))


def follow_migrations(using: str, **kwargs: Any) -> None:
    if using == DEFAULT_DB_ALIAS and not guard.is_half_migrated():
        SourceAddress.objects.put_right()


def _follow(instance: Source, **kwargs: Any) -> None:
    SourceAddress.objects.keep(instance)


def _go(instance: Source, **kwargs: Any) -> None:
    SourceAddress.objects.replace([instance.pk], [])


post_save.connect(_follow, sender=Source)
pre_delete.connect(_go, sender=Source)
