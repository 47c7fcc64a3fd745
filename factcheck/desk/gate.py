"""The rules of publication. Each has a stable name and a message that says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import dossier
from factcheck.desk import kinds
from factcheck.desk.eyes import Authorship
from factcheck.models import (
    Approval,
    Capture,
    Claim,
    Edition,
    EditionKind,
    Precision,
    Role,
    State,
    User,
)
from factcheck.page import claimreview, claimreview_rules


@dataclass(frozen=True)
class Miss:
    """A rule that is not kept yet."""

    rule: str
    message: str


class NotAllowed(Exception):
    """A move that the rules refuse; `misses` says why, all at once."""

    def __init__(self, *misses: Miss) -> None:
        self.misses = misses
        super().__init__(" ".join(miss.message for miss in misses))


WRITERS = frozenset({Role.REPORTER, Role.REVIEWER, Role.EDITOR})
REVIEWERS = frozenset({Role.REVIEWER, Role.EDITOR})
EDITORS = frozenset({Role.EDITOR})


@dataclass(frozen=True)
class Move:
    verb: str
    label: str
    roles: frozenset[Role]
    states: frozenset[State]
    needs_edition: bool = False


MOVES = {
    move.verb: move
    for move in [
        Move("submit", gettext_lazy("Submit for review"), WRITERS, frozenset({State.DRAFT})),
        Move(
            "return_to_author",
            gettext_lazy("Return to author"),
            REVIEWERS,
            frozenset({State.IN_REVIEW, State.APPROVED}),
        ),
        Move("approve", gettext_lazy("Approve"), REVIEWERS, frozenset({State.IN_REVIEW, State.APPROVED})),
        Move("publish", gettext_lazy("Publish"), EDITORS, frozenset({State.APPROVED})),
        Move("reopen", gettext_lazy("Start the next edition"), WRITERS, frozenset({State.PUBLISHED, State.WITHDRAWN})),
        Move("flag", gettext_lazy("Flag as being re-checked"), EDITORS, frozenset(State), needs_edition=True),
        Move("withdraw", gettext_lazy("Withdraw"), EDITORS, frozenset(State), needs_edition=True),
    ]
}
JUDGED = frozenset({State.IN_REVIEW, State.APPROVED})


def newest_edition(claim: Claim) -> Edition | None:
    return Edition.objects.filter(claim=claim).order_by("-number").first()


def valid_approval(claim: Claim, digest: str) -> Approval | None:
    """The newest approval, if it names this content: any later change to any part voids it, and so does a return.

    It counts as long as its giver may approve.
    """
    if claim.state != State.APPROVED:
        return None
    approval = Approval.objects.filter(claim=claim).select_related("by").first()
    if approval is None or approval.digest != digest or approval.by.role not in REVIEWERS:
        return None
    return None if Edition.objects.filter(approval=approval).exists() else approval


def move_miss(move: Move, claim: Claim, user: User, newest: Edition | None) -> Miss | None:
    """Why this person cannot make this move now, by role and state alone."""
    if not user.is_active:
        return Miss("role", _("This account is not active."))
    if user.role not in move.roles:
        roles = ", ".join(str(role.label) for role in Role if role in move.roles)
        return Miss("role", _("“%(move)s” is for: %(roles)s.") % {"move": move.label, "roles": roles})
    if move.needs_edition and (newest is None or newest.is_withdrawal):
        return Miss("state", _("“%(move)s” needs a published page.") % {"move": move.label})
    if claim.state not in move.states:
        return Miss(
            "state",
            _("“%(move)s” is not possible while the claim is “%(state)s”.")
            % {"move": move.label, "state": claim.get_state_display()},
        )
    return None


def import_miss(user: User, *, with_editions: bool) -> Miss | None:
    """Why this person cannot import: a file is no way around the roles."""
    roles = EDITORS if with_editions else WRITERS
    if user.is_active and user.role in roles:
        return None
    allowed = ", ".join(str(role.label) for role in Role if role in roles)
    text = _("Importing editions is for: %s.") if with_editions else _("Importing is for: %s.")
    return Miss("role", text % allowed)


def moves(claim: Claim, user: User, approval: Approval | None, authorship: Authorship | None = None) -> list[Move]:
    """The moves that this person may make now, by the approval in force; what the content still lacks is `misses`."""
    newest = newest_edition(claim)

    def is_closed(move: Move) -> bool:
        if move.verb == "approve":
            return bool(approval or four_eyes(claim, user, authorship))
        return move.verb == "publish" and approval is None

    return [move for move in MOVES.values() if not move_miss(move, claim, user, newest) and not is_closed(move)]


# Rule 1: somebody else approves.


def four_eyes(claim: Claim, user: User, authorship: Authorship | None = None) -> Miss | None:
    """Whoever asks more than once reads the authorship first."""
    refusal = (authorship or Authorship.of(claim)).refusal(user)
    return Miss("four-eyes", refusal) if refusal else None


def doubts(claim: Claim, approver: User, authorship: Authorship | None = None) -> list[str]:
    """What a reviewer, and whoever publishes, should ask themselves of an approval by this person. Refuses nothing."""
    return (authorship or Authorship.of(claim)).second_accounts(approver)


def names_four_eyes(checked_by: str, approved_by: str) -> Miss | None:
    """Rule 1 for an edition out of a file: only names are known, and they must be two people's."""
    names = [" ".join(name.casefold().split()) for name in (checked_by, approved_by)]
    if all(names) and names[0] != names[1]:
        return None
    return Miss("four-eyes", _("“checked_by” and “approved_by” must name two different people."))


# The rules on the content.


def complete(content: dict[str, Any], **_context: Any) -> Iterator[str]:
    claim, verdict = content["claim"], content["verdict"]
    if verdict is None:
        yield _("Write a verdict.")
    else:
        if verdict["rating"] is None:
            yield _("Choose a rating.")
        if not verdict["summary"].strip():
            yield _("Write the summary: the finding in one sentence.")
        if not verdict["explanation"].strip():
            yield _("Write the explanation: how we know it.")
    if not claim["claimant"].strip() and not claim["claimant_unknown_reason"].strip():
        yield _("Say who made the claim, or why that is unknown.")
    if claim["made_at"] is None:
        yield _("Say when the claim was made.")


def two_sources(content: dict[str, Any], **_context: Any) -> Iterator[str]:
    if not content["reports"]:
        yield _("Add at least one report of a source.")
    elif dossier.independent_origins(content) < 2 and not _few_sources_reason(content):
        yield _(
            "Cite two sources of different publishers that do not rest on one origin, "
            "or tell readers why there are fewer."
        )


def _few_sources_reason(content: dict[str, Any]) -> str:
    return ((content["verdict"] or {}).get("few_sources_reason") or "").strip()


def dates(content: dict[str, Any], **_context: Any) -> Iterator[str]:
    """No form and no file of acts brings a time to come; `loaddata` asks nobody."""
    now, today = (dossier.moment(timezone.now(), precision) for precision in (Precision.MINUTE, Precision.DAY))

    def is_to_come(moment: str | None) -> bool:
        return moment is not None and moment > (now if "T" in moment else today)

    if is_to_come(content["claim"]["made_at"]):
        yield _("The claim is dated in the future: say when it was made.")
    for report in content["reports"]:
        if is_to_come(report["reported_at"]) or is_to_come(report["true_as_of"]):
            yield _("Report %s is dated in the future: put its times right.") % report["number"]
    for source in content["sources"]:
        if is_to_come(source["published_at"]):
            yield _("Source “%s” is dated in the future: put its date right.") % source["title"]


def source_identity(content: dict[str, Any], **_context: Any) -> Iterator[str]:
    for source in content["sources"]:
        if not source["url"].startswith(("http://", "https://")) and not source["no_url_reason"].strip():
            yield _("Source “%s”: give its address, or say why there is none.") % source["title"]
        if not source["publisher"]["name"].strip():
            yield _("Source “%s”: name its publisher.") % source["title"]


def quotes(content: dict[str, Any], **_context: Any) -> Iterator[str]:
    """A reason why a source is not captured counts where it is not: a capture is what its quotes are held against."""
    sources = {source["slug"]: source for source in content["sources"]}
    quoted = [report for report in content["reports"] if report["quote"]]
    found = Capture.objects.holding((report["source"], report["quote"]["exact"]) for report in quoted)
    for report in quoted:
        source, pair = sources[report["source"]], (report["source"], report["quote"]["exact"])
        said = {"number": report["number"], "source": source["title"]}
        if pair not in found and not source["not_captured_reason"].strip():
            text = _(
                "Report %(number)s quotes “%(source)s”, which is not captured: capture what it says, "
                "or say at the source why not."
            )
            yield text % said
        elif pair in found and found[pair] is None:
            text = _(
                "Report %(number)s: its quote stands in no capture of “%(source)s”. Find the words in a capture, "
                "or capture the text that has them."
            )
            yield text % said


def one_address(content: dict[str, Any], *, claim: Claim, previous: Edition | None, **_context: Any) -> Iterator[str]:
    first = content["edition"]["kind"] == EditionKind.FIRST
    if previous is None and not first:
        yield _("Nothing is published yet: this is a first edition.")
    if previous is not None and first:
        yield _("There is an edition already: say what kind the next one is.")
    if previous is not None and previous.slug != claim.slug:
        yield _("The page stays at “%s”: addresses are never changed.") % previous.slug
    if Edition.objects.filter(slug=claim.slug).exclude(claim=claim).exists():
        yield _("“%s” is the address of another claim's page: addresses are never reused.") % claim.slug


def number_scale(content: dict[str, Any], **_context: Any) -> Iterator[str]:
    for name in ("rating", "rating_then"):
        rating = (content["verdict"] or {}).get(name)
        if rating and rating["value"] is not None and not 1 <= rating["scale"]["worst"] < rating["scale"]["best"]:
            yield _("A number needs a scale: give at least two ratings a number, or “%s” none.") % rating["name"]


TOLD_BY_OTHER_RULES = {"rating-scale", "citations", "dates-in-order"}  # number-scale, source-identity and dates


def markup(content: dict[str, Any], *, claim: Claim, **_context: Any) -> Iterator[str]:
    """What search engines would be told."""
    if not (content["verdict"] or {}).get("rating"):
        return
    now = timezone.now()
    made = claimreview.claim_review(content, slug=claim.slug, number=1, first_published=now, published=now)
    for problem in claimreview_rules.check(made, page=made["url"]):
        if problem.rule not in TOLD_BY_OTHER_RULES:
            yield problem.message


RULES: dict[str, Callable[..., Iterator[str]]] = {
    "complete": complete,
    "dates": dates,
    "two-sources": two_sources,
    "source-identity": source_identity,
    "quotes": quotes,
    "note": kinds.note,
    "rating-change": kinds.rating_change,
    "typo": kinds.typo,
    "clarification": kinds.clarification,
    "reaffirmation": kinds.reaffirmation,
    "one-address": one_address,
    "number-scale": number_scale,
    "claim-review": markup,
}
RULE_LABELS = {
    "complete": gettext_lazy("Everything is filled in"),
    "dates": gettext_lazy("Nothing is dated in the future"),
    "two-sources": gettext_lazy("Two independent sources, or a public reason"),
    "source-identity": gettext_lazy("Every source can be found"),
    "quotes": gettext_lazy("Every quote stands in a capture, or the source says why it has none"),
    "note": gettext_lazy("Readers are told what changed"),
    "rating-change": gettext_lazy("A changed rating is explained"),
    "typo": gettext_lazy("A typo changes no meaning"),
    "clarification": gettext_lazy("A clarification changes no rating and no figure"),
    "reaffirmation": gettext_lazy("A reaffirmation changes no finding"),
    "one-address": gettext_lazy("The page keeps its address"),
    "number-scale": gettext_lazy("Numbers stand on a scale"),
    "claim-review": gettext_lazy("Search engines can read the finding (ClaimReview)"),
}


def rules_for(kind: str) -> list[str]:
    """Names of those that an edition of this kind can break: what another kind may not change is none of its own."""
    others = set(EditionKind) - {kind} | ({"note", "rating-change"} if kind == EditionKind.FIRST else set())
    return [name for name in RULES if name not in others]


def misses(claim: Claim, content: dict[str, Any], *, previous: Edition | None) -> list[Miss]:
    """All that keeps this content from being published, whoever approves it."""
    return [
        Miss(name, message) for name, rule in RULES.items() for message in rule(content, claim=claim, previous=previous)
    ]
