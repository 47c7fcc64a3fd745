"""Sources by the document that their address names, however the address is written."""

from typing import Any

from django.db import models
from django.db.models.signals import post_save, pre_delete
from django.utils.translation import gettext_lazy as _

from factcheck.history import Derived, DerivedQuerySet
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


class SourceAddress(Derived):
    """Written with its source, by whatever door."""

    source = models.OneToOneField(Source, models.DO_NOTHING, primary_key=True, related_name="known_address")
    digest = models.CharField(_("digest"), max_length=64, db_index=True)

    objects = SourceAddressQuerySet.as_manager()

    class Meta(Derived.Meta):
        verbose_name, verbose_name_plural = _("address of a source"), _("addresses of sources")

    def __str__(self) -> str:
        return str(self.source)


def digest(url: str) -> str:
    """Of a fixed length, for an index: an address can have 2,000 characters."""
    return sha256(same_address(url))


def _follow(instance: Source, **kwargs: Any) -> None:
    SourceAddress.objects.keep(instance)


def _go(instance: Source, **kwargs: Any) -> None:
    SourceAddress.objects.replace([instance.pk], [])


post_save.connect(_follow, sender=Source)
pre_delete.connect(_go, sender=Source)
