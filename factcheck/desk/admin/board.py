"""What waits on the desk, for one person. A bounded number of rows and queries, however long the queues are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.desk import gate, queues
from factcheck.desk.queues import Queue
from factcheck.history import Changeset
from factcheck.models import Claim, CorrectionRequest, Edition, Flag, Standing, User

from . import telling
from .listing import WAITING, Outcome

BOUND = 50  # so many are counted
SHOWN = 12  # so many are shown


@dataclass
class Item:
    title: str
    url: str
    story: str
    since: datetime | None
    who: str = ""
    note: str = ""
    pill: tuple[str, str] | None = None

    @property
    def ago(self) -> str:
        return telling.ago(self.since) if self.since else ""


@dataclass
class Section:
    name: str
    title: str
    empty: str
    url: str
    """Of the full list."""
    items: list[Item] = field(default_factory=list)
    found: int = 0

    @property
    def count(self) -> str:
        return f"{BOUND}+" if self.found > BOUND else str(self.found)

    @property
    def has_more(self) -> bool:
        return self.found > len(self.items)


def sections(user: User) -> list[Section]:
    """Nothing for somebody who may not read claims: an account alone opens no drawer."""
    if not user.has_perm("factcheck.view_claim"):
        return []
    own = [_titled(queue, user) for queue in _shown_to(user)]
    _fill(own, user)
    return [_stale(), _flagged(), *own, _requests(), _recent()]


def _shown_to(user: User) -> list[Queue]:
    """A writer's own work; what others judge is nothing that a reporter can do something about."""
    if user.role not in gate.WRITERS:
        return [Queue.REVIEW, Queue.APPROVED]
    own = [queue for queue in queues.waiting_for(user) if queue != Queue.STALE]  # that is everybody’s, and stands first
    return [*own, Queue.HANDED, Queue.UNASSIGNED]


def _titled(queue: Queue, user: User) -> Section:
    judges = user.role in gate.REVIEWERS
    title, empty = {
        Queue.REVIEW: (
            _("Waiting for my review") if judges else _("Waiting for review"),
            _("Nothing waits. A draft comes here when its author submits it."),
        ),
        Queue.APPROVED: (
            _("Approved, to be published"),
            _("Nothing waits. A claim comes here when somebody else approves it."),
        ),
        Queue.RETURNED: (_("Returned to me"), _("Nothing was sent back to you.")),
        Queue.MINE: (_("My drafts"), _("You have no drafts. Add a claim to begin one.")),
        Queue.HANDED: (_("Mine, being judged"), _("Nothing of yours is being judged.")),
        Queue.UNASSIGNED: (_("Unassigned drafts"), _("Every draft has somebody.")),
    }[queue]
    return Section(queue, title, empty, queue_url(queue))


def queue_url(queue: Queue) -> str:
    return f"{reverse('admin:factcheck_claim_changelist')}?queue={queue}"


def _fill(own: list[Section], user: User) -> None:
    """Three queries: whose turn it is, those claims, and the acts that brought them there."""
    keys = queues.beginnings([Queue(section.name) for section in own], user, BOUND + 1)
    shown = {key for found in keys.values() for key in found[:SHOWN]}
    claims = queues.with_last_move(Claim.objects.select_related("story", "assignee", "verdict__author")).in_bulk(shown)
    acts = Changeset.objects.select_related("user").in_bulk({claim.moved_by for claim in claims.values()} - {None})
    for section in own:
        found = keys[Queue(section.name)]
        first = sorted((claims[key] for key in found[:SHOWN] if key in claims), key=lambda claim: claim.moved_by or 0)
        section.items = [_claim(claim, acts.get(claim.moved_by)) for claim in first]
        section.found = len(found)


def _claim(claim: Claim, act: Changeset | None) -> Item:
    author = claim.verdict.author if hasattr(claim, "verdict") else None
    return Item(
        title=claim.label,
        url=reverse("admin:factcheck_claim_change", args=[claim.pk]),
        story=str(claim.story),
        since=act.at if act else None,
        who=str(claim.assignee or author or (act.person if act else "")),
        note=act.reason if act else "",
        pill=(claim.state, claim.get_state_display()),
    )


def _section(name: str, title: str, empty: str, url: str, items: Iterable[Item]) -> Section:
    items = list(items)
    return Section(name, title, empty, url, items[:SHOWN], len(items))


def _stale() -> Section:
    """Those first that have been wrong on air the longest."""
    items = [
        Item(
            title=found.claim.label,
            url=reverse("admin:factcheck_claim_change", args=[found.claim_id]),
            story=str(found.claim.story),
            since=found.changeset.at,
            who=found.changeset.person,
            note="; ".join(found.in_words()),
            pill=("stale", _("differs from its page")),
        )
        for found in Standing.objects.stale()[: BOUND + 1]
    ]
    title, empty = _("Needs a re-check"), _("Every published page is as its claim is.")
    return _section("stale", title, empty, queue_url(Queue.STALE), items)


def _flagged() -> Section:
    flags = (
        Flag.objects.in_force().select_related("edition__claim__story", "by").defer("edition__content").order_by("pk")
    )
    items = [
        Item(
            title=flag.edition.claim.label,
            url=reverse("admin:factcheck_claim_change", args=[flag.edition.claim_id]),
            story=str(flag.edition.claim.story),
            since=flag.at,
            who=str(flag.by),
            note=flag.reason,
            pill=("flagged", _("being re-checked")),
        )
        for flag in flags[: BOUND + 1]
    ]
    title, empty = _("Flagged"), _("No published page is flagged.")
    return _section("flagged", title, empty, queue_url(Queue.FLAGGED), items)


def _requests() -> Section:
    requests = (
        CorrectionRequest.objects.waiting()
        .select_related("edition__claim__story")
        .defer("edition__content")
        .order_by("pk")
    )
    items = [
        Item(
            title=request.edition.claim.label,
            url=reverse("admin:factcheck_correctionrequest_change", args=[request.pk]),
            story=str(request.edition.claim.story),
            since=request.at,
            note=request.message,
        )
        for request in requests[: BOUND + 1]
    ]
    url = f"{reverse('admin:factcheck_correctionrequest_changelist')}?{Outcome.parameter_name}={WAITING}"
    return _section("readers", _("Readers’ requests"), _("Every reader has an answer."), url, items)


def _recent() -> Section:
    editions = Edition.objects.select_related("claim__story").defer("content").order_by("-published_at")
    items = [_edition(edition) for edition in editions[: BOUND + 1]]
    url = reverse("admin:factcheck_edition_changelist")
    return _section("recent", _("Recently published"), _("Nothing is published yet."), url, items)


def _edition(edition: Edition) -> Item:
    words = {"number": edition.number, "kind": edition.get_kind_display()}
    return Item(
        title=edition.claim.label,
        url=reverse("admin:factcheck_claim_change", args=[edition.claim_id]),
        story=str(edition.claim.story),
        since=edition.published_at,
        who=edition.published_by,
        note=_("reconstructed") if edition.is_reconstructed else "",
        pill=(edition.kind, _("edition %(number)s, %(kind)s") % words),
    )
