"""Who did what to some objects between two moments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from factcheck.history import Changeset, Tracked
from factcheck.history.past import Clock
from factcheck.page.words import when

Key = tuple[type[Tracked], int]


@dataclass(frozen=True)
class Act:
    changeset: Changeset
    at: datetime
    is_told: bool
    """Of a time before ours, by a reconstruction."""

    def __str__(self) -> str:
        if self.is_told:
            return _("by %(who)s, %(when)s, reconstructed") % {"who": self.changeset.person, "when": when(self.at)}
        who = self.changeset.user or self.changeset.get_via_display()
        return _("recorded by %(who)s, %(when)s") % {"who": who, "when": when(self.at)}


class Acts:
    """The first and the last act between two moments on each of these objects. A query a model, and one more."""

    def __init__(
        self, keys: Mapping[type[Tracked], Iterable[int]], *, since: datetime, until: datetime | None, clock: str
    ) -> None:
        self._clock = clock
        self._first: dict[Key, tuple[int, datetime]] = {}
        self._last: dict[Key, tuple[int, datetime]] = {}
        at = F("history_date") if clock == Clock.RECORDED else Coalesce("changeset__claimed_at", "history_date")
        within: dict[str, Any] = {"moment__gt": since} | ({"moment__lte": until} if until else {})
        for model, wanted in keys.items():
            rows = model.history.filter(id__in=list(wanted)).annotate(moment=at).filter(**within)
            for key, *act in rows.order_by("id", "revision").values_list("id", "changeset_id", "moment"):
                self._first.setdefault((model, key), tuple(act))
                self._last[model, key] = tuple(act)
        acts = {act for act, _moment in (*self._first.values(), *self._last.values())}
        self._changesets = Changeset.objects.select_related("user").in_bulk(acts)

    def first(self, key: Key) -> Act | None:
        return self._act(self._first.get(key))

    def last(self, key: Key) -> Act | None:
        return self._act(self._last.get(key))

    def _act(self, found: tuple[int, datetime] | None) -> Act | None:
        if found is None:
            return None
        changeset = self._changesets[found[0]]
        return Act(changeset, found[1], self._clock == Clock.CLAIMED and changeset.is_reconstructed)
