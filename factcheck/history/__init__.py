"""How we remember: every change is recorded with who, when, why and by which door, or it is refused."""

from .appendonly import Act, AppendOnly, AppendOnlyQuerySet
from .changeset import Changeset, Door, current, recorded, recording
from .errors import HistoryError, NotRecording, Refused, StaleEdit, Unrecorded
from .loading import loading
from .migrating import record_in_migration
from .tracked import HistoryRow, Tracked, TrackedQuerySet

__all__ = [
    "Act",
    "AppendOnly",
    "AppendOnlyQuerySet",
    "Changeset",
    "Door",
    "HistoryError",
    "HistoryRow",
    "NotRecording",
    "Refused",
    "StaleEdit",
    "Tracked",
    "TrackedQuerySet",
    "Unrecorded",
    "current",
    "loading",
    "record_in_migration",
    "recorded",
    "recording",
]
