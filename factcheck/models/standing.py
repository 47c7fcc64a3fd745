from django.db import models
from django.utils.translation import gettext_lazy as _

from factcheck.history import Changeset, Derived, DerivedQuerySet

from .claims import Claim
from .editions import Edition


class StandingQuerySet(DerivedQuerySet):
    def stale(self) -> "StandingQuerySet":
        """Published claims that differ from their pages, the one that has done so longest first."""
        return self.select_related("claim__story", "changeset__user").order_by("changeset_id", "claim_id")


class Standing(Derived):
    """That a published claim differs from its page, by more than typing: since which act, and how.

    There is one as long as it does, and none for a page that is as the claim is, or was withdrawn.
    """

    claim = models.OneToOneField(
        Claim, models.PROTECT, primary_key=True, related_name="standing", verbose_name=_("claim")
    )
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name=_("edition"))
    changeset = models.ForeignKey(Changeset, models.PROTECT, related_name="+", db_index=False, verbose_name=_("since"))
    differences = models.JSONField(_("differences"), help_text=_("Of each: label, before and after, in words."))

    objects = StandingQuerySet.as_manager()

    class Meta(Derived.Meta):
        verbose_name, verbose_name_plural = _("stale page"), _("stale pages")
        indexes = [models.Index(fields=["changeset", "claim"], name="standing_by_age")]

    def __str__(self) -> str:
        return f"{self.claim}: {'; '.join(map(str, self.in_words()))}"

    def in_words(self) -> list[str]:
        """As in “Report 3 (The Paper): at least 3 → 4”."""
        return [f"{label}: {before or '–'} → {after or '–'}" for label, before, after in self.differences]
