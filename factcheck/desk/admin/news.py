"""What changed on the board of a story between two moments, in plain sentences, and who did it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.history import Tracked
from factcheck.history.past import Clock
from factcheck.models import Edition
from factcheck.page import told
from factcheck.page.told import Told
from factcheck.page.words import when

from .acts import Acts
from .lanes import Row


@dataclass(frozen=True)
class News:
    claim: int | None
    """None for what concerns many."""
    label: str
    url: str
    sentence: str
    by: str
    at: datetime | None


def news(
    before: Sequence[Row], after: Sequence[Row], *, since: datetime, until: datetime | None, clock: str
) -> list[News]:
    """The first that happened first; what cannot be laid to one act comes last."""
    rows = [*before, *after]
    acts = Acts(_wanted(rows), since=since, until=until, clock=clock)
    old, new = ({row.claim.pk: row for row in side} for side in (before, after))
    found = [*_of_sources(before, after, acts), *_editions(rows, since, until, clock)]
    for key in old.keys() | new.keys():
        found += _of_claim(old.get(key), new.get(key), acts)
    return sorted(found, key=lambda each: (each.at is None, each.at or since, each.label))


def _wanted(rows: Iterable[Row]) -> dict[type[Tracked], set[int]]:
    wanted: dict[type[Tracked], set[int]] = {}
    for row in rows:
        for model, key in row.keys.values():
            wanted.setdefault(model, set()).add(key)
    return wanted


def _of_claim(old: Row | None, new: Row | None, acts: Acts) -> Iterator[News]:
    keys = (old.keys if old else {}) | (new.keys if new else {})
    row = new or old
    for each in told.of_claim(_side(old), _side(new)):
        yield _news(each, keys, acts, claim=row.claim.pk, label=row.claim.label, url=_url("claim", row.claim.pk))


def _side(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {**row.content, "state": str(row.claim.get_state_display()), "assignee": row.assignee}


def _of_sources(before: Sequence[Row], after: Sequence[Row], acts: Acts) -> Iterator[News]:
    keys = {name: key for row in (*before, *after) for name, key in row.keys.items()}
    for each in told.of_sources(_sources(before), _sources(after)):
        _model, key = keys["source", each.key]
        yield _news(each, keys, acts, claim=None, label=_("Sources"), url=_url("source", key))


def _sources(rows: Iterable[Row]) -> dict[str, Mapping[str, Any]]:
    return {source["slug"]: source for row in rows for source in row.content["sources"]}


def _news(each: Told, keys: Mapping[Any, Any], acts: Acts, **where: Any) -> News:
    """What follows from another change, as a kind of change can, is nobody's own act."""
    behind = keys.get((each.part, each.key))
    act = behind and (acts.first(behind) if each.is_new else acts.last(behind))
    return News(sentence=each.sentence, by=str(act or ""), at=act.at if act else None, **where)


def _editions(rows: Iterable[Row], since: datetime, until: datetime | None, clock: str) -> Iterator[News]:
    labels = {row.claim.pk: row.claim.label for row in rows}
    moment = F("recorded_at" if clock == Clock.RECORDED else "published_at")
    editions = Edition.objects.filter(claim__in=labels).annotate(moment=moment).filter(moment__gt=since)
    for edition in (editions.filter(moment__lte=until) if until else editions).defer("content"):
        named = {"number": edition.number, "kind": edition.get_kind_display()}
        yield News(
            claim=edition.claim_id,
            label=labels[edition.claim_id],
            url=_url("claim", edition.claim_id),
            sentence=_("edition %(number)s, %(kind)s") % named,
            by=_("published by %(who)s, %(when)s") % {"who": edition.published_by, "when": when(edition.moment)},
            at=edition.moment,
        )


def _url(model: str, key: int) -> str:
    return reverse(f"admin:factcheck_{model}_change", args=[key])
