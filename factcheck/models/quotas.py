"""How much a form without accounts takes in, held in the database: so by all processes together."""

import ipaddress
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

FROM_ONE_ADDRESS = 5
FROM_ALL = 200  # requests are never deleted, so many senders together cannot fill the database either
NETWORK = 64  # bits of an IPv6 address: what one subscriber usually has


class QuotaSpent(Exception):
    """No more is taken in before `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"No more is taken in before {until:%H:%M}.")


class QuotaQuerySet(models.QuerySet):
    def spend(self, address: str) -> None:
        """Count one, inside the caller's transaction, or raise QuotaSpent. What is left of past hours goes."""
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        for name, limit in ((f"one, {sender(address)}", FROM_ONE_ADDRESS), ("all", FROM_ALL)):
            key = salted_hmac("factcheck.quota", f"{hour:%Y-%m-%dT%H} {name}", algorithm="sha256").hexdigest()
            self.get_or_create(key=key, defaults={"hour": hour})
            self.filter(key=key).update(spent=F("spent") + 1)  # holds the row, so others wait here
            if self.get(key=key).spent > limit:
                raise QuotaSpent(hour + timedelta(hours=1))
        self.filter(hour__lt=hour).delete()


class Quota(models.Model):
    """What one sender spent in one hour. The sender stands in it as a keyed hash that is another one each hour."""

    key = models.CharField(max_length=64, unique=True)
    hour = models.DateTimeField(db_index=True)
    spent = models.PositiveIntegerField(default=0)

    objects = QuotaQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("quota"), _("quotas")

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.spent}"


def sender(address: str) -> str:
    """Whoever has an IPv6 address has millions of them: the network counts. What is no address counts as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, NETWORK), strict=False))
