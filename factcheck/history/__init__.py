"""How we remember: every change is recorded with who, when, why and by which door, or it is refused."""

from .appendonly import Act, AppendOnly, AppendOnlyQuerySet
from .changeset import Changeset, Door, closing, current, recorded, recording
from .derived import Derived, DerivedQuerySet
from .errors import Busy, HistoryError, NotRecording, Refused, StaleEdit, Unrecorded
from .loading import loading
from .migrating import record_in_migration
from .tracked import HistoryRow, Tracked, TrackedQuerySet

__all__ = [
    "Act",
    "AppendOnly",
    "AppendOnlyQuerySet",
    "Busy",
    "Changeset",
    "Derived",
    "DerivedQuerySet",
    "Door",
    "HistoryError",
    "HistoryRow",
    "NotRecording",
    "Refused",
    "StaleEdit",
    "Tracked",
    "TrackedQuerySet",
    "Unrecorded",
    "closing",
    "current",
    "loading",
    "record_in_migration",
    "recorded",
    "recording",
]
