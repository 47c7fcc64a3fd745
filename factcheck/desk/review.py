"""The verbs of the desk: one person, one reason, one transaction, or a refusal that says why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from factcheck import dossier
from factcheck.desk import gate, kinds
from factcheck.desk.gate import Miss, NotAllowed
from factcheck.history import Door, StaleEdit, recording
from factcheck.models import Approval, Claim, Edition, Flag, State, User, Verdict, only_visible

LONGEST = Flag._meta.get_field("reason").max_length  # of a reason: readers see why a page is flagged or withdrawn


def submit(claim: Claim, *, user: User, reason: str) -> None:
    with _moving("submit", claim, user, reason) as (stored, _newest):
        if not Verdict.objects.filter(claim=stored).exists():
            raise NotAllowed(Miss("complete", _("Write a verdict first.")))
        _set_state(stored, State.IN_REVIEW)


def return_to_author(claim: Claim, *, user: User, reason: str) -> None:
    with _moving("return_to_author", claim, user, reason) as (stored, _newest):
        _set_state(stored, State.DRAFT)


def approve(claim: Claim, *, user: User, reason: str, seen: str | None = None) -> Approval:
    """`seen` is the digest of the content that the person read; other content is not approved in its place."""
    with _moving("approve", claim, user, reason) as (stored, newest):
        content = dossier.build(stored)
        digest = dossier.digest(dossier.canonical(content))
        if seen is not None and seen != digest:
            raise NotAllowed(Miss("approval", _("The content changed while you were reading: read it again.")))
        if gate.valid_approval(stored, digest):
            raise NotAllowed(Miss("approval", _("This content is approved already.")))
        own = gate.four_eyes(stored, user)
        _refuse([*([own] if own else []), *gate.misses(stored, content, previous=newest)])
        approval = Approval(claim=stored, digest=digest, by=user)
        approval.save()
        _set_state(stored, State.APPROVED)
        return approval


def publish(claim: Claim, *, user: User, reason: str) -> Edition:
    with _moving("publish", claim, user, reason) as (stored, newest):
        content = dossier.build(stored)
        canonical = dossier.canonical(content)
        digest = dossier.digest(canonical)
        approval = gate.valid_approval(stored, digest)
        if approval is None:
            raise NotAllowed(Miss("approval", _("Nobody who may has approved what stands here now: have it approved.")))
        own = gate.four_eyes(stored, approval.by)
        _refuse([*([own] if own else []), *gate.misses(stored, content, previous=newest)])
        edition = Edition.objects.freeze(
            stored,
            content=canonical,
            digest=digest,
            approval=approval,
            checked_by=str(stored.verdict.author),
            approved_by=str(approval.by),
            published_by=str(user),
        )
        _set_state(stored, State.PUBLISHED)
        return edition


def reopen(claim: Claim, *, user: User, reason: str, kind: str) -> None:
    """Start the next draft; the published edition stays up until the next one."""
    with _moving("reopen", claim, user, reason) as (stored, newest):
        if kind not in (possible := kinds.following(newest)):
            text = _("Choose what kind of edition the next one is: %s.")
            raise NotAllowed(Miss("kind", text % ", ".join(str(each.label) for each in possible)))
        verdict = Verdict.objects.get(claim=stored)
        verdict.edition_kind, verdict.edition_note = kind, ""
        verdict.save()
        _set_state(stored, State.DRAFT)


def withdraw(claim: Claim, *, user: User, reason: str) -> Edition:
    """Take the page back. It stays at its address with its last content and the reason, which readers see."""
    with _moving("withdraw", claim, user, reason) as (stored, newest):
        canonical = dossier.canonical(dossier.withdrawal(newest.dossier, reason.strip()))
        edition = Edition.objects.freeze(
            stored,
            content=canonical,
            digest=dossier.digest(canonical),
            checked_by=newest.checked_by,
            approved_by=newest.approved_by,
            published_by=str(user),
        )
        _set_state(stored, State.WITHDRAWN)
        return edition


def flag(claim: Claim, *, user: User, reason: str) -> Flag:
    """Say on the public page that it is being re-checked, and why. The next edition ends it."""
    with _moving("flag", claim, user, reason) as (_stored, newest):
        if newest.flags.exists():
            raise NotAllowed(Miss("state", _("The page is flagged already.")))
        raised = Flag(edition=newest, by=user, reason=reason.strip())
        raised.full_clean(exclude=["changeset"])
        raised.save()
        return raised


VERBS: dict[str, Callable[..., Any]] = {
    verb.__name__: verb for verb in (submit, return_to_author, approve, publish, reopen, flag, withdraw)
}


@contextmanager
def _moving(verb: str, claim: Claim, user: User, reason: str) -> Iterator[tuple[Claim, Edition | None]]:
    """One move under the claim’s lock. Yields the claim as stored, and its newest edition."""
    if not reason.strip():
        raise NotAllowed(Miss("reason", _("Say why: it is kept with the change.")))
    if len(reason.strip()) > LONGEST:
        raise NotAllowed(Miss("reason", _("Say why in at most %s characters.") % LONGEST))
    try:
        only_visible(reason)
    except ValidationError as error:
        raise NotAllowed(Miss("reason", error.message)) from error
    before = (claim.state, claim.revision)

    def put_back() -> None:
        claim.state, claim.revision = before

    # Who wrote since an edition is told by the order of acts.
    with recording(user=user, reason=reason, via=Door.ADMIN, alone=verb == "publish") as recorder:
        recorder.on_failure(put_back)
        stored = Claim.objects.select_for_update(no_key=True).filter(pk=claim.pk).first()
        if stored is None or stored.revision != claim.revision:
            raise StaleEdit(claim, opened=claim.revision, stored=stored and stored.revision)
        newest = gate.newest_edition(stored)
        if miss := gate.move_miss(gate.MOVES[verb], stored, user, newest):
            raise NotAllowed(miss)
        yield stored, newest
    claim.state, claim.revision = stored.state, stored.revision


def _refuse(misses: list[Miss]) -> None:
    if misses:
        raise NotAllowed(*misses)


def _set_state(claim: Claim, state: State) -> None:
    claim.state = state
    claim.save()
