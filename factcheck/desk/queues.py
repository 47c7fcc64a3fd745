"""Which claims wait for whom. The beginning of each queue is read through an index, however long the queue is."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull

from factcheck.desk import eyes, gate
from factcheck.history import Changeset
from factcheck.models import (
    Capture,
    Claim,
    Edition,
    Flag,
    Publisher,
    Report,
    Source,
    SourceBasis,
    State,
    Story,
    User,
    Verdict,
)


class Queue(StrEnum):
    STALE = "stale"
    FLAGGED = "flagged"
    REVIEW = "review"
    APPROVED = "approved"
    RETURNED = "returned"
    MINE = "mine"
    HANDED = "handed"
    UNASSIGNED = "unassigned"


UNDER_JUDGEMENT = [State.IN_REVIEW, State.APPROVED]


def parts(queue: Queue, user: User) -> list[QuerySet]:
    """A queue as one or more sets of claims, each of which an index answers alone; no claim stands in two."""
    match queue:
        case Queue.STALE:
            return [Claim.objects.filter(standing__isnull=False)]
        case Queue.FLAGGED:
            return [Claim.objects.filter(pk__in=Flag.objects.in_force().order_by().values("edition__claim"))]
        case Queue.REVIEW:
            waiting = Claim.objects.filter(state=State.IN_REVIEW)
            return [_not_written_by(user, waiting) if user.role in gate.REVIEWERS else waiting]
        case Queue.APPROVED:
            return [Claim.objects.filter(state=State.APPROVED)]
        case Queue.RETURNED:
            # A draft that came back has been made, submitted and returned.
            held = [part.filter(revision__gte=3) for part in _held_by(user, State.DRAFT)]
            return [_with_state_before(part).filter(_BACK) for part in held]
        case Queue.MINE:
            return [_with_state_before(part).exclude(_BACK) for part in _held_by(user, State.DRAFT)]
        case Queue.HANDED:
            return [part for state in UNDER_JUDGEMENT for part in _held_by(user, state)]
        case Queue.UNASSIGNED:
            drafts = Claim.objects.filter(state=State.DRAFT, assignee=None)
            return [drafts.exclude(_verdict_by(user))]


def keys(queue: Queue, user: User, limit: int) -> list[int]:
    """Of its oldest claims. A query a part."""
    found = [key for part in parts(queue, user) for key in part.order_by("pk").values_list("pk", flat=True)[:limit]]
    return sorted(found)[:limit]


def beginnings(queues: Iterable[Queue], user: User, limit: int) -> dict[Queue, list[int]]:
    """The same of several short beginnings, in one query for all."""
    sets = [
        Claim.objects.filter(pk__in=part.order_by("pk").values("pk")[:limit])
        .order_by()
        .annotate(queue=Value(queue.value, CharField()))
        .values_list("queue", "pk")
        for queue in queues
        for part in parts(queue, user)
    ]
    found: dict[str, list[int]] = defaultdict(list)
    for name, key in sorted(sets[0].union(*sets[1:], all=True)) if sets else []:
        found[name].append(key)
    return {queue: found[queue][:limit] for queue in queues}


def waiting_for(user: User) -> list[Queue]:
    """What this person can do something about, what keeps others waiting first."""
    roles = {
        Queue.STALE: gate.EDITORS,
        Queue.REVIEW: gate.REVIEWERS,
        Queue.APPROVED: gate.EDITORS,
        Queue.RETURNED: gate.WRITERS,
        Queue.MINE: gate.WRITERS,
    }
    return [queue for queue, allowed in roles.items() if user.role in allowed]


def following(claim: Claim, user: User, limit: int = 50) -> int | None:
    """The key of the claim that this person turns to after this one."""
    order = [key for keys in beginnings(waiting_for(user), user, limit).values() for key in keys]
    place = order.index(claim.pk) if claim.pk in order else -1
    return next((key for key in [*order[place + 1 :], *order] if key != claim.pk), None)


def with_last_move(claims: QuerySet) -> QuerySet:
    """Adds the act that brought each claim into its state."""
    return claims.annotate(moved_by=Subquery(_moves().values("changeset_id")[:1]))


# What somebody holds: assigned to them, or to nobody while the verdict is theirs.


def _held_by(user: User, state: State) -> list[QuerySet]:
    assigned = Claim.objects.filter(assignee=user, state=state)
    written = Claim.objects.filter(_verdict_by(user), assignee=None, state=state)
    return [assigned, written]


def _verdict_by(user: User) -> Exists:
    return Exists(Verdict.objects.filter(claim=OuterRef("pk"), author=user))


_BACK = Q(state_before__in=UNDER_JUDGEMENT)


def _with_state_before(drafts: QuerySet) -> QuerySet:
    """Adds the state out of which each claim came into the one that it has."""
    before = _rows(Claim).filter(id=OuterRef("pk"), revision=OuterRef("moved") - 1)
    return drafts.annotate(moved=Subquery(_moves().values("revision")[:1])).annotate(
        state_before=Coalesce(Subquery(before.values("state")), Value(""))
    )


def _moves() -> QuerySet:
    """Versions of a claim that changed its state, the newest first."""
    same = _rows(Claim).filter(id=OuterRef("id"), revision=OuterRef("revision") - 1, state=OuterRef("state"))
    return _rows(Claim).filter(~Exists(same), id=OuterRef("pk")).order_by("-revision")


def _rows(model: type[models.Model]) -> QuerySet:
    return model.history.model.objects.order_by()


# Rule 1 of the gate, as far as one query can say it: what sources rest on is followed for one step.


def _not_written_by(user: User, claims: QuerySet) -> QuerySet:
    """Whose verdict it is comes first: that spares most claims the rest. What hangs on a source is looked up from each
    report: asked the other way round, PostgreSQL reads all that the person ever wrote anew for each claim."""
    claims = claims.exclude(_verdict_by(user))
    of_claim = [
        _content_rows(Claim).filter(id=OuterRef("pk")),
        _content_rows(Verdict).filter(claim_id=OuterRef("pk")),
        _content_rows(Report).filter(claim_id=OuterRef("pk")),
        _content_rows(Story).filter(id=OuterRef("story_id")),
    ]
    for rows in of_claim:
        claims = claims.exclude(_wrote(user, rows, "pk"))
    of_report = [
        _content_rows(Source).filter(id=OuterRef("source_id")),
        _content_rows(Source).filter(id=OuterRef("source__bases__rests_on_id")),
        _content_rows(SourceBasis).filter(source_id=OuterRef("source_id")),
        _content_rows(Publisher).filter(id=OuterRef("source__publisher_id")),
        _content_rows(Publisher).filter(id=OuterRef("source__bases__rests_on__publisher_id")),
    ]
    reports = Report.objects.filter(claim=OuterRef("pk"))
    for rows in of_report:
        claims = claims.exclude(Exists(reports.filter(_wrote(user, rows, "claim_id"))))
    captures = Capture.objects.given().filter(source=OuterRef("source_id"))
    return claims.exclude(Exists(reports.quoting().filter(_wrote(user, captures, "claim_id"))))


def _wrote(user: User, rows: QuerySet, claim: str) -> Exists:
    """Since the newest edition that somebody agreed to, of the claim whose key stands beside the rows."""
    act = Changeset.objects.filter(pk=OuterRef("changeset_id"), user=user)
    frozen = Edition.objects.agreed().filter(claim=OuterRef(OuterRef(claim)), changeset__gte=OuterRef("changeset_id"))
    return Exists(rows.filter(Exists(act), ~Exists(frozen)))


def _content_rows(model: type[models.Model]) -> QuerySet:
    """Versions that somebody wrote, without those that only keep books."""
    rows, left_out = _rows(model), eyes.BOOKKEEPING.get(model, set())
    if not left_out:
        return rows
    before = rows.filter(id=OuterRef("id"), revision=OuterRef("revision") - 1).exclude(history_type="-")
    for field in model._meta.concrete_fields:
        if field.name not in left_out | {"id", "revision"}:
            name = field.attname
            same = Q(**{name: OuterRef(name)}) | Q(IsNull(OuterRef(name), True), **{f"{name}__isnull": True})
            if field.name in eyes.STARTING.get(model, set()):
                same |= Q(Exact(OuterRef("edition_note"), Value("")))
            before = before.filter(same)
    return rows.exclude(Exists(before), history_type="~")
