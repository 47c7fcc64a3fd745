"""What a source says now is kept, if it is not what it said before."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from factcheck.desk import gate
from factcheck.desk.gate import Miss, NotAllowed
from factcheck.history import Door, StaleEdit, recording
from factcheck.models import Came, Capture, Source, User

from . import documents, fetching


@dataclass(frozen=True)
class Kept:
    capture: Capture
    before: Capture | None
    """What it said last before that; the capture itself, where that says the same."""

    @property
    def is_new(self) -> bool:
        return self.capture != self.before


def paste(source: Source, text: str, *, user: User, reason: str, captured_at: datetime | None = None) -> Kept:
    return _keep(source, documents.clean(text), user=user, reason=reason, captured_at=captured_at)


def upload(
    source: Source,
    content: bytes,
    *,
    file_name: str,
    media_type: str,
    user: User,
    reason: str,
    captured_at: datetime | None = None,
) -> Kept:
    """Raises documents.Unreadable."""
    kind = documents.kind_of(content, media_type=media_type, file_name=file_name)
    text = documents.words_of(content, kind)
    how = {"came": Came.FILE, "file_name": file_name[-200:], "media_type": kind}
    return _keep(source, text, user=user, reason=reason, captured_at=captured_at, **how)


def fetch(source: Source, *, user: User, reason: str) -> Kept:
    """Raises fetching.NotFetched and documents.Unreadable."""
    _refuse_others(user)
    page = fetching.fetch(source.url)
    kind = documents.kind_of(page.content, media_type=page.media_type)
    text = documents.words_of(page.content, kind, charset=page.charset)
    return _keep(source, text, user=user, reason=reason, came=Came.FETCHED, fetched_from=page.url, media_type=kind)


def _keep(
    source: Source, text: str, *, user: User, reason: str, captured_at: datetime | None = None, **how: str
) -> Kept:
    """Raises ValidationError or StaleEdit. Who captures one source at one moment waits for the other."""
    _refuse_others(user)
    with recording(user=user, reason=reason, via=Door.ADMIN):
        if Source.objects.select_for_update().filter(pk=source.pk).first() is None:
            raise StaleEdit(source, opened=source.revision, stored=None)
        capture = Capture(source=source, text=text, captured_at=captured_at or timezone.now(), **how)
        before = Capture.objects.said_at(source, capture.captured_at)
        if before and before.text == capture.text:
            return Kept(before, before)
        capture.full_clean(exclude=["changeset", "sha256"])
        capture.save()
    return Kept(capture, before)


def _refuse_others(user: User) -> None:
    if not user.is_active or user.role not in gate.WRITERS:
        roles = ", ".join(str(role.label) for role in sorted(gate.WRITERS))
        raise NotAllowed(Miss("role", _("Capturing is for: %s.") % roles))
