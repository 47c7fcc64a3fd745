"""What waits on the desk, for one person. A bounded number of rows and queries, however long the queues are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from factcheck.history import Changeset
from factcheck.models import Claim, CorrectionRequest, Edition, Flag, State, User

BOUND = 50
RECENT = 10


@dataclass
class Item:
    title: str
    url: str
    story: str
    since: datetime
    who: str = ""
    note: str = ""
    pill: tuple[str, str] | None = None


@dataclass
class Section:
    name: str
    title: str
    empty: str
    items: list[Item] = field(default_factory=list)
    url: str = ""
    has_more: bool = False

    @property
    def count(self) -> str:
        return f"{len(self.items)}+" if self.has_more else str(len(self.items))


def sections(user: User) -> list[Section]:
    drafts = Claim.objects.filter(state=State.DRAFT)
    own = Q(assignee=user) | Q(assignee=None) & (Q(verdict__author=user) | Exists(_written_by(user)))
    queues = {
        "review": Claim.objects.filter(state=State.IN_REVIEW),
        "approved": Claim.objects.filter(state=State.APPROVED),
        "mine": drafts.filter(own),
        "unassigned": drafts.filter(assignee=None).exclude(own),
    }
    read = {name: list(_with_last_move(queue)[: BOUND + 1]) for name, queue in queues.items()}
    acts = Changeset.objects.select_related("user").in_bulk(
        {claim.moved_by for claims in read.values() for claim in claims if claim.moved_by}
    )
    waiting = {name: [_claim(claim, acts.get(claim.moved_by)) for claim in claims] for name, claims in read.items()}
    return [
        _section("recheck", _("Being re-checked"), _("No published page is flagged."), _flagged()),
        _section(
            "review",
            _("Waiting for review"),
            _("Nothing waits. A draft comes here when its author submits it."),
            waiting["review"],
            state=State.IN_REVIEW,
        ),
        _section(
            "approved",
            _("Approved, to be published"),
            _("Nothing waits. A claim comes here when somebody else approves it."),
            waiting["approved"],
            state=State.APPROVED,
        ),
        _section("mine", _("My drafts"), _("You have no drafts. Add a claim to begin one."), waiting["mine"]),
        _section("unassigned", _("Unassigned drafts"), _("Every draft has somebody."), waiting["unassigned"]),
        _section("readers", _("Readers' requests"), _("Every reader has an answer."), _requests()),
        _section("recent", _("Recently published"), _("Nothing is published yet."), _recent()),
    ]


def _section(name: str, title: str, empty: str, items: Iterable[Item], state: str = "") -> Section:
    items = list(items)
    url = f"{reverse('admin:factcheck_claim_changelist')}?state__exact={state}" if state else ""
    return Section(name, title, empty, items[:BOUND], url, has_more=len(items) > BOUND)


def _written_by(user: User) -> QuerySet:
    return Claim.history.model.objects.filter(id=OuterRef("pk"), revision=1, changeset__user=user).order_by()


def _with_last_move(claims: QuerySet) -> QuerySet:
    """Claims with the act that brought them into their state, the longest waiting first."""
    rows = Claim.history.model.objects.order_by()
    same_before = rows.filter(id=OuterRef("id"), revision=OuterRef("revision") - 1, state=OuterRef("state"))
    moves = rows.filter(~Exists(same_before), id=OuterRef("pk")).order_by("-revision")
    return (
        claims.select_related("story", "assignee")
        .annotate(moved_by=Subquery(moves.values("changeset_id")[:1]))
        .order_by("moved_by")
    )


def _claim(claim: Claim, act: Changeset | None) -> Item:
    return Item(
        title=claim.label,
        url=reverse("admin:factcheck_claim_change", args=[claim.pk]),
        story=str(claim.story),
        since=act.at if act else None,
        who=str(claim.assignee or (act.person if act else "")),
        note=act.reason if act else "",
        pill=(claim.state, claim.get_state_display()),
    )


def _flagged() -> list[Item]:
    flags = (
        Flag.objects.filter(edition__in=Edition.objects.published())
        .select_related("edition__claim__story", "by")
        .defer("edition__content")
        .order_by("at")
    )
    return [
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


def _requests() -> list[Item]:
    requests = (
        CorrectionRequest.objects.filter(answer__isnull=True)
        .select_related("edition__claim__story")
        .defer("edition__content")
        .order_by("at")
    )
    return [
        Item(
            title=request.edition.claim.label,
            url=reverse("admin:factcheck_correctionrequest_change", args=[request.pk]),
            story=str(request.edition.claim.story),
            since=request.at,
            note=request.message,
        )
        for request in requests[: BOUND + 1]
    ]


def _recent() -> list[Item]:
    editions = Edition.objects.select_related("claim__story").defer("content").order_by("-published_at", "-pk")
    return [_edition(edition) for edition in editions[:RECENT]]


def _edition(edition: Edition) -> Item:
    return Item(
        title=edition.claim.label,
        url=reverse("admin:factcheck_claim_change", args=[edition.claim_id]),
        story=str(edition.claim.story),
        since=edition.published_at,
        who=edition.published_by,
        note=_("reconstructed") if edition.is_reconstructed else "",
        pill=(edition.kind, _("edition %(number)s, %(kind)s") % _kind(edition)),
    )


def _kind(edition: Edition) -> dict[str, Any]:
    return {"number": edition.number, "kind": edition.get_kind_display()}
