"""Who looked at a claim, and when: bookkeeping, which keeps no history and never stands in the way of reading."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from factcheck.history import Changeset

from .claims import Claim
from .people import User

SITTING = timedelta(minutes=30)  # who opens it again within that has not been away
PRESENT = timedelta(minutes=15)
PATIENCE = 100  # milliseconds that SQLite waits for somebody else's transaction


class VisitQuerySet(models.QuerySet):
    def note(self, claim: Claim, user: User) -> "Visit":
        """Somebody opens a claim. Where the database is busy it is not noted, and the page opens all the same."""
        visit = self._next(self.filter(claim=claim, user=user).first(), claim, user)
        with suppress(DatabaseError), _impatient(), transaction.atomic():
            self.put(visit)
        return visit

    def put(self, visit: "Visit") -> None:
        """In one statement: somebody may open it twice at once."""
        fields = ["at", "newest", "read", "read_at"]
        self.bulk_create([visit], update_conflicts=True, unique_fields=["claim", "user"], update_fields=fields)

    def _next(self, before: "Visit | None", claim: Claim, user: User) -> "Visit":
        visit = Visit(claim=claim, user=user, at=timezone.now())
        visit.newest = Changeset.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if before is not None:
            was_away = visit.at - before.at >= SITTING
            visit.read, visit.read_at = (before.newest, before.at) if was_away else (before.read, before.read_at)
        return visit

    def present(self, claim: Claim, *, but: User) -> "VisitQuerySet":
        """Who else has it open, as far as one can know: whoever opened it lately, the last one first."""
        lately = self.filter(claim=claim, at__gt=timezone.now() - PRESENT).exclude(user=but)
        return lately.select_related("user").order_by("-at")


@contextmanager
def _impatient() -> Iterator[None]:
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")


class Visit(models.Model):
    """One row for a person and a claim."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="visits", db_index=False, verbose_name=_("claim"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="visits", verbose_name=_("person"))
    at = models.DateTimeField(_("opened at"))
    newest = models.PositiveBigIntegerField(help_text=_("The newest act there was then, of whatever kind."))
    read = models.PositiveBigIntegerField(null=True, help_text=_("The newest act when they had last looked before."))
    read_at = models.DateTimeField(null=True, help_text=_("When they had last looked before."))

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("visit"), _("visits")
        constraints = [models.UniqueConstraint(fields=["claim", "user"], name="visit_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.claim}"
