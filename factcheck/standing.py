"""Which published claims differ from their pages, worked out at the end of every act for the claims that it reaches.

An act locks the claims before it reads them: of two acts at once the later sees what the earlier wrote. It may miss a
claim that another act is only just linking to what it changes; but a new link is a difference of its own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Max, Q
from django.db.transaction import atomic
from django.utils import translation
from django.utils.translation import gettext as _

from factcheck import dossier
from factcheck.history import Changeset, guard
from factcheck.history.audit import Fault, Finding
from factcheck.history.changeset import Recorder
from factcheck.models import (
    Board,
    Claim,
    Edition,
    Publisher,
    Rating,
    Report,
    Source,
    SourceBasis,
    Standing,
    Story,
    Verdict,
)
from factcheck.page import changes

BATCH = 200
LONGEST = 500

Touched = Mapping[type[Any], Collection[int]]


def follow(recorder: Recorder, **kwargs: Any) -> None:
    """At the end of an act."""
    act = recorder.changeset if recorder.is_one_act else None
    for keys in _batches(sorted(reached(recorder.touched))):
        rebuild(keys, act=act)


def follow_migrations(using: str, plan: Any = (), **kwargs: Any) -> None:
    """Migrations record what they change, but have no models to work this out with before the last of them."""
    if plan and using == DEFAULT_DB_ALIAS and not guard.is_half_migrated():
        rebuild_all()


def rebuild_all() -> int:
    """Work all of it out anew, by history alone; returns how many published claims there are."""
    with atomic():
        count = 0
        stale = Standing.objects.exclude(claim__in=_published().values("claim"))
        Standing.objects.replace(stale.values_list("pk", flat=True), [])
        for keys in _batches(_published().order_by("claim_id").values_list("claim_id", flat=True)):
            count += len(keys)
            rebuild(keys, afresh=True)
    return count


def rebuild(keys: Collection[int], *, act: Changeset | None = None, afresh: bool = False) -> None:
    """`act` is what these claims differ by that did not before; where none is given, their history is asked."""
    list(Claim.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    newest = {each.claim_id: each for each in Edition.objects.newest().filter(claim_id__in=keys)}
    if not newest:
        return
    stored = {} if afresh else Standing.objects.in_bulk(newest)
    found = _worked_out({key: edition for key, edition in newest.items() if not edition.is_withdrawal}, stored, act)
    wrong = [key for key in newest if afresh or _said(stored.get(key)) != _said(found.get(key))]
    if wrong:
        Standing.objects.replace(wrong, [found[key] for key in wrong if key in found])


def findings() -> Iterator[Finding]:
    """Where what is stored is not what a rebuild gives."""
    table = Standing._meta.db_table
    for row in Standing.objects.exclude(claim__in=_published().values("claim")).order_by("pk").iterator():
        yield Finding(table, row.pk, Fault.STANDING, _("is of a claim without a published page"))
    for keys in _batches(_published().order_by("claim_id").values_list("claim_id", flat=True)):
        stored = Standing.objects.in_bulk(keys)
        editions = {each.claim_id: each for each in _published().filter(claim_id__in=keys) if each.is_whole}
        wanted, unreadable = _readable(editions)
        for key, error in unreadable.items():
            yield Finding(table, key, Fault.STANDING, _("cannot be worked out: %s") % error)
        for key in sorted(editions.keys() - unreadable.keys()):
            was, now = stored.get(key), wanted.get(key)
            if _said(was) != _said(now) and not _is_as_old(was, now):
                yield Finding(table, key, Fault.STANDING, _unlike(was, now))


def _is_as_old(one: Standing | None, other: Standing | None) -> bool:
    """The same, and since acts that were done at once: which of them came first, history does not say."""
    if one is None or other is None or (one.edition, one.differences) != (other.edition, other.differences):
        return False
    ended = _ended(one.claim_id, one.edition)
    first, second = sorted([one.changeset, other.changeset], key=lambda act: act.pk)
    return first.pk in ended and second.at <= ended[first.pk]


def _readable(editions: Mapping[int, Edition]) -> tuple[dict[int, Standing], dict[int, Exception]]:
    """What is worked out, and what cannot be, of a database into which anything may have been written."""
    try:
        return _worked_out(editions, {}, None), {}
    except (LookupError, ValueError, TypeError, ArithmeticError, ObjectDoesNotExist) as error:
        if len(editions) == 1:
            return {}, dict.fromkeys(editions, error)
    found, unreadable = {}, {}
    for key, edition in editions.items():
        standing, error = _readable({key: edition})
        found |= standing
        unreadable |= error
    return found, unreadable


def _unlike(stored: Standing | None, wanted: Standing | None) -> str:
    told = [
        _("the page as the claim is") if each is None else f"{each.changeset_id}, {'; '.join(each.in_words())}"
        for each in (stored, wanted)
    ]
    text = _("says: %(stored)s; worked out anew: %(wanted)s (manage.py rebuild_standing puts it right)")
    return text % {"stored": told[0], "wanted": told[1]}


def _said(standing: Standing | None) -> tuple[Any, ...] | None:
    return standing and (standing.edition_id, standing.changeset_id, standing.differences)


def _published() -> Any:
    return Edition.objects.published()


def _worked_out(
    editions: Mapping[int, Edition], stored: Mapping[int, Standing], act: Changeset | None
) -> dict[int, Standing]:
    found = {
        key: Standing(claim_id=key, edition=editions[key], differences=differences)
        for key, differences in _differences(editions).items()
    }
    for key, standing in found.items():
        before = stored.get(key)
        if before is None or before.edition_id != standing.edition_id:
            standing.changeset_id = act and max(act.pk, standing.edition.changeset_id)
        elif act is None or act.pk > before.changeset_id:  # and not one that began before it and ends after it
            standing.changeset_id = before.changeset_id
    unknown = {key: editions[key] for key, standing in found.items() if standing.changeset_id is None}
    for key, changeset in _since(unknown).items():
        found[key].changeset_id = changeset
    return found


def _differences(editions: Mapping[int, Edition], as_of: datetime | None = None) -> dict[int, list[list[str]]]:
    """Of those claims that differ from these editions; in the language of the site, whoever asks."""
    if not editions:
        return {}
    board, found = Board.of_claims(editions, as_of=as_of), {}
    with translation.override(settings.LANGUAGE_CODE):
        for claim in board.claims:
            if differing := changes.material(editions[claim.pk].dossier, dossier.on_board(claim, board)):
                found[claim.pk] = [[each.label, _cut(each.before), _cut(each.after)] for each in differing]
    return found


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


# Since when. History is read backwards, act by act, to the last after which a claim was as its page.


def _since(editions: Mapping[int, Edition]) -> dict[int, int]:
    """Of claims that differ now. An act that began before the edition was published counts as of its publication."""
    found = {key: edition.changeset_id for key, edition in editions.items()}
    acts = {key: _acts(key, edition) for key, edition in editions.items()}
    while acts := {key: rest for key, rest in acts.items() if rest}:
        looked_at = {}
        for key, rest in acts.items():
            found[key], _moment = rest.pop()
            if rest:
                looked_at[key] = rest[-1][1]
        still = set()
        for moment, keys in _grouped(looked_at):
            still |= _differences({key: editions[key] for key in keys}, as_of=moment).keys()
        acts = {key: acts[key] for key in looked_at if key in still}
    return found


def _grouped(moments: Mapping[int, datetime]) -> Iterator[tuple[datetime, list[int]]]:
    by_moment = sorted(moments.items(), key=lambda item: item[1])
    for moment, items in groupby(by_moment, key=lambda item: item[1]):
        yield moment, [key for key, _moment in items]


def _acts(claim: int, edition: Edition) -> list[tuple[int, datetime]]:
    """All that changed something of a claim after an edition, oldest first, each with the moment of its end."""
    moments, latest = [], edition.recorded_at
    for act, at in sorted(_ended(claim, edition).items()):
        latest = max(latest, at)
        moments.append((act, latest))
    return moments


def _ended(claim: int, edition: Edition) -> dict[int, datetime]:
    """When each act after an edition changed something of the claim last."""
    ended: dict[int, datetime] = {}
    for model, where in _ever_of(claim):
        rows = model.history.model.objects.filter(where, changeset_id__gt=edition.changeset_id).order_by()
        for act, at in rows.values_list("changeset_id").annotate(Max("history_date")):
            ended[act] = max(at, ended.get(act, at))
    return ended


def _ever_of(claim: int) -> list[tuple[type[Any], Q]]:
    """All that a claim's page was ever made of, by model."""
    of_claim = Q(claim_id=claim)
    sources = _resting(_ever(Report, of_claim, "source_id"), "source_id", "rests_on_id")
    ratings = _ever(Verdict, of_claim, "rating_id") | _ever(Verdict, of_claim, "rating_then_id")
    return [
        (Claim, Q(id=claim)),
        (Verdict, of_claim),
        (Report, of_claim),
        (Story, Q(id__in=_ever(Claim, Q(id=claim), "story_id"))),
        (Rating, Q(id__in=ratings)),
        (Source, Q(id__in=sources)),
        (SourceBasis, Q(source_id__in=sources)),
        (Publisher, Q(id__in=_ever(Source, Q(id__in=sources), "publisher_id"))),
    ]


# What an act reaches.


def reached(touched: Touched) -> set[int]:
    """Claims of whose pages something was changed, as they are linked now, or were before."""
    claims = set(touched.get(Claim, ()))
    for model in (Report, Verdict):
        claims |= _ever(model, Q(id__in=touched.get(model, ())), "claim_id")
    if editions := touched.get(Edition):
        claims |= set(Edition.objects.filter(pk__in=editions).values_list("claim_id", flat=True))
    if stories := touched.get(Story):
        claims |= set(Claim.objects.filter(story_id__in=stories).values_list("pk", flat=True))
    if ratings := touched.get(Rating):
        chosen = Q(rating_id__in=ratings) | Q(rating_then_id__in=ratings)
        claims |= set(Verdict.objects.filter(chosen).values_list("claim_id", flat=True))
    if sources := _sources_reached(touched):
        claims |= set(Report.objects.filter(source_id__in=sources).values_list("claim_id", flat=True))
    return claims


def _sources_reached(touched: Touched) -> set[int]:
    """And all that rest on them, however many steps away."""
    sources = set(touched.get(Source, ())) | _ever(SourceBasis, Q(id__in=touched.get(SourceBasis, ())), "source_id")
    if publishers := touched.get(Publisher):
        sources |= set(Source.objects.filter(publisher_id__in=publishers).values_list("pk", flat=True))
    return _resting(sources, "rests_on_id", "source_id")


def _resting(sources: set[int], end: str, other: str) -> set[int]:
    """With the sources at the other end of what they rest on, ever, or of what ever rested on them."""
    unread = sources
    while unread:
        unread = _ever(SourceBasis, Q(**{f"{end}__in": unread}), other) - sources
        sources = sources | unread
    return sources


def _ever(model: type[Any], where: Q, column: str) -> set[int]:
    """The values of a key in all versions. None is asked for of no objects."""
    rows = model.history.model.objects.filter(where).order_by()
    return set(rows.values_list(column, flat=True).distinct()) - {None}


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    unread = iter(keys)
    while batch := list(islice(unread, BATCH)):
        yield batch
