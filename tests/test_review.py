"""Verb × person × state, every cell written out; then what each verb leaves behind."""

import pytest

from factcheck import dossier
from factcheck.desk import gate, review
from factcheck.desk.gate import NotAllowed
from factcheck.history import Changeset, StaleEdit, recording
from factcheck.models import Approval, Claim, Edition, EditionKind, Flag, Report, Role, State, User, Verdict

from .newsroom import make_claim, make_people, make_rating

pytestmark = pytest.mark.django_db

PEOPLE = ["alice", "bob", "erin", "victor", "root"]
STATES = [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.PUBLISHED, State.WITHDRAWN]

# alice (reporter) wrote the verdict, bob (reviewer) approved it, erin (editor) published and withdrew it;
# victor is a viewer, root a superuser without a role. A cell is "yes" or the rule that refuses.
TABLE = """
                         draft      in_review  approved   published  withdrawn
submit            alice  yes        state      state      state      state
submit            bob    yes        state      state      state      state
submit            erin   yes        state      state      state      state
submit            victor role       role       role       role       role
submit            root   role       role       role       role       role
return_to_author  alice  role       role       role       role       role
return_to_author  bob    state      yes        yes        state      state
return_to_author  erin   state      yes        yes        state      state
return_to_author  victor role       role       role       role       role
return_to_author  root   role       role       role       role       role
approve           alice  role       role       role       role       role
approve           bob    state      yes        approval   state      state
approve           erin   state      yes        approval   state      state
approve           victor role       role       role       role       role
approve           root   role       role       role       role       role
publish           alice  role       role       role       role       role
publish           bob    role       role       role       role       role
publish           erin   state      state      yes        state      state
publish           victor role       role       role       role       role
publish           root   role       role       role       role       role
reopen            alice  state      state      state      yes        yes
reopen            bob    state      state      state      yes        yes
reopen            erin   state      state      state      yes        yes
reopen            victor role       role       role       role       role
reopen            root   role       role       role       role       role
flag              alice  role       role       role       role       role
flag              bob    role       role       role       role       role
flag              erin   state      state      state      yes        state
flag              victor role       role       role       role       role
flag              root   role       role       role       role       role
withdraw          alice  role       role       role       role       role
withdraw          bob    role       role       role       role       role
withdraw          erin   state      state      state      yes        state
withdraw          victor role       role       role       role       role
withdraw          root   role       role       role       role       role
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CELLS = [
    (verb, person, state, answer)
    for verb, person, *answers in ROWS
    for state, answer in zip(STATES, answers, strict=True)
]


@pytest.fixture
def people():
    people = make_people()
    people.root = User.objects.create_superuser("root")
    return people


def bring_to(claim: Claim, state: str, people) -> Claim:
    steps = {
        State.DRAFT: [],
        State.IN_REVIEW: ["submit"],
        State.APPROVED: ["submit", "approve"],
        State.PUBLISHED: ["submit", "approve", "publish"],
        State.WITHDRAWN: ["submit", "approve", "publish", "withdraw"],
    }[state]
    actors = {"submit": people.alice, "approve": people.bob, "publish": people.erin, "withdraw": people.erin}
    for verb in steps:
        review.VERBS[verb](claim, user=actors[verb], reason=f"{verb} it")
    return claim


def call(verb: str, claim: Claim, user: User) -> object:
    kind = {"kind": EditionKind.UPDATE} if verb == "reopen" else {}
    return review.VERBS[verb](claim, user=user, reason="Because", **kind)


def everything() -> dict[str, int]:
    counted = [Changeset, Approval, Edition, Flag, Claim.history.model, Verdict.history.model, Report.history.model]
    return {model.__name__: model.objects.count() for model in counted}


def test_the_table_is_whole():
    assert {(verb, person) for verb, person, *_ in ROWS} == {
        (verb, person) for verb in review.VERBS for person in PEOPLE
    }
    assert len(ROWS) == len(review.VERBS) * len(PEOPLE)
    assert set(review.VERBS) == set(gate.MOVES)


def approval(claim: Claim) -> Approval | None:
    return gate.valid_approval(claim, dossier.digest(dossier.canonical(dossier.build(claim))))


@pytest.mark.parametrize(("verb", "person", "state", "answer"), CELLS)
def test_cell(verb, person, state, answer, claim, people):
    bring_to(claim, state, people)
    before, user = everything(), getattr(people, person)
    offered = [move.verb for move in gate.moves(claim, user, approval(claim))]
    assert (verb in offered) == (answer == "yes")
    if answer == "yes":
        call(verb, claim, user)
        assert everything()["Changeset"] == before["Changeset"] + 1
        changeset = Changeset.objects.latest("pk")
        assert (changeset.user, changeset.reason, changeset.via) == (user, "Because", "admin")
    else:
        with pytest.raises(NotAllowed) as refused:
            call(verb, claim, user)
        assert refused.value.misses[0].rule == answer
        assert everything() == before
        assert Claim.objects.get().state == claim.state == state


def test_it_works(claim, people):
    bring_to(claim, State.PUBLISHED, people)
    edition = Edition.objects.get()
    assert (edition.number, edition.kind, edition.slug) == (1, EditionKind.FIRST, claim.slug)
    assert (edition.checked_by, edition.approved_by, edition.published_by) == (
        str(people.alice),
        str(people.bob),
        str(people.erin),
    )
    assert edition.digest == edition.approval.digest == dossier.digest(edition.content)
    assert edition.dossier == dossier.build(claim)
    assert not edition.is_reconstructed
    assert claim.state == State.PUBLISHED


@pytest.mark.parametrize("verb", review.VERBS)
def test_a_reason_is_required(verb, claim, people):
    bring_to(claim, State.PUBLISHED if verb in {"flag", "withdraw", "reopen"} else State.DRAFT, people)
    before = everything()
    with pytest.raises(NotAllowed, match="Say why"):
        review.VERBS[verb](claim, user=people.erin, reason=" ", **({"kind": "update"} if verb == "reopen" else {}))
    assert everything() == before


def test_two_people_run_a_night_desk(claim, people):
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.erin, reason="Read it")
    review.publish(claim, user=people.erin, reason="Out")
    assert Edition.objects.get().approved_by == str(people.erin)


def change(claim: Claim, user: User) -> None:
    with recording(user=user, reason="Better words", via="admin"):
        verdict = Verdict.objects.get(claim=claim)
        verdict.summary += " More exactly."
        verdict.save()


def explain(claim: Claim, user: User, note: str = "We asked the prefecture again.") -> None:
    with recording(user=user, reason="For readers", via="admin"):
        verdict = Verdict.objects.get(claim=claim)
        verdict.edition_note = note
        verdict.save()


def change_source(claim: Claim, user: User) -> None:
    with recording(user=user, reason="Better title", via="admin"):
        source = claim.reports.first().source
        source.title += ", second page"
        source.save()


def change_story(claim: Claim, user: User) -> None:
    with recording(user=user, reason="Better title", via="admin"):
        story = claim.story
        story.title += ", day two"
        story.save()


def remove_report(claim: Claim, user: User) -> None:
    with recording(user=user, reason="Wrong claim", via="admin"):
        claim.reports.last().delete()


def rename_rating(claim: Claim, user: User) -> None:
    with recording(user=user, reason="New word", via="admin"):
        rating = claim.verdict.rating
        rating.definition += " Always."
        rating.save()


CHANGES = [change, change_source, change_story, remove_report, rename_rating]


@pytest.mark.parametrize("changing", CHANGES)
def test_any_change_voids_the_approval(changing, claim, people):
    bring_to(claim, State.APPROVED, people)
    changing(claim, people.alice)
    with pytest.raises(NotAllowed) as refused:
        review.publish(claim, user=people.erin, reason="Out")
    assert refused.value.misses[0].rule == "approval"
    assert not Edition.objects.exists()


def test_what_is_approved_no_more_can_be_approved_again_and_not_published(claim, people):
    bring_to(claim, State.APPROVED, people)
    assert "approve" not in [move.verb for move in gate.moves(claim, people.bob, approval(claim))]
    with recording(user=people.alice, reason="Better", via="admin"):
        stored = Claim.objects.get()
        stored.statement += " At noon."
        stored.save()
    claim.refresh_from_db()
    assert "approve" in [move.verb for move in gate.moves(claim, people.bob, approval(claim))]
    assert "publish" not in [move.verb for move in gate.moves(claim, people.erin, approval(claim))]
    review.approve(claim, user=people.bob, reason="Read again")
    assert "publish" in [move.verb for move in gate.moves(claim, people.erin, approval(claim))]


@pytest.mark.parametrize("changing", CHANGES[:4])
def test_nobody_approves_what_they_wrote(changing, claim, people):
    changing(claim, people.bob)
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(NotAllowed) as refused:
        review.approve(claim, user=people.bob, reason="Fine")
    assert "four-eyes" in [miss.rule for miss in refused.value.misses]
    assert not Approval.objects.exists()


def test_the_author_never_approves(people):
    claim = make_claim(author=people.bob)
    review.submit(claim, user=people.bob, reason="Ready")
    with pytest.raises(NotAllowed) as refused:
        review.approve(claim, user=people.bob, reason="Fine")
    assert refused.value.misses[0].rule == "four-eyes"


def test_returning_is_not_writing(claim, people):
    review.submit(claim, user=people.alice, reason="Ready")
    review.return_to_author(claim, user=people.bob, reason="Say where")
    change(claim, people.alice)
    review.submit(claim, user=people.alice, reason="Ready now")
    review.approve(claim, user=people.bob, reason="Good")


def test_what_was_written_before_the_last_edition_no_longer_counts(claim, people):
    change_source(claim, people.bob)
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.erin, reason="Good")
    review.publish(claim, user=people.erin, reason="Out")
    review.reopen(claim, user=people.alice, reason="News", kind=EditionKind.UPDATE)
    change(claim, people.alice)
    explain(claim, people.alice)
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Good")


def test_only_what_was_read_is_approved(claim, people):
    review.submit(claim, user=people.alice, reason="Ready")
    seen = dossier.digest(dossier.canonical(dossier.build(claim)))
    change(claim, people.alice)
    with pytest.raises(NotAllowed, match="read it again"):
        review.approve(claim, user=people.bob, reason="Good", seen=seen)
    assert not Approval.objects.exists()


def test_an_approval_is_used_once(claim, people):
    bring_to(claim, State.PUBLISHED, people)
    review.reopen(claim, user=people.alice, reason="Again", kind=EditionKind.REAFFIRMATION)
    explain(claim, people.alice)
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(NotAllowed):
        review.publish(claim, user=people.erin, reason="Out")
    review.approve(claim, user=people.bob, reason="Good")
    assert review.publish(claim, user=people.erin, reason="Out").number == 2


@pytest.mark.parametrize("loss", ["role", "account"])
def test_the_yes_of_somebody_who_may_no_longer_give_it(claim, people, loss):
    bring_to(claim, State.APPROVED, people)
    if loss == "role":
        people.bob.take_role(Role.VIEWER)
    else:
        User.objects.filter(pk=people.bob.pk).update(is_active=False)
    with pytest.raises(NotAllowed, match="Nobody who may has approved"):
        review.publish(claim, user=people.erin, reason="Out")
    assert not Edition.objects.exists()
    assert "approve" in [move.verb for move in gate.moves(claim, people.erin, approval(claim))]


def test_what_was_returned_after_approval_needs_another_yes(claim, people):
    review.submit(claim, user=people.alice, reason="Ready")
    review.approve(claim, user=people.bob, reason="Read it")
    review.return_to_author(claim, user=people.bob, reason="One thing more")
    review.submit(claim, user=people.alice, reason="It stays as it is")
    digest = dossier.digest(dossier.canonical(dossier.build(claim)))
    assert gate.valid_approval(claim, digest) is None
    review.approve(claim, user=people.bob, reason="Convinced")
    assert gate.valid_approval(claim, digest) == Approval.objects.latest("pk") and Approval.objects.count() == 2
    assert review.publish(claim, user=people.erin, reason="Out").approval == Approval.objects.latest("pk")


def test_a_stale_claim_does_not_move(claim, people):
    seen_by_bob = Claim.objects.get()
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(StaleEdit):
        review.submit(seen_by_bob, user=people.bob, reason="Ready")


def test_a_changed_rating_is_explained(claim, people):
    bring_to(claim, State.PUBLISHED, people)
    old = claim.verdict.rating.name
    review.reopen(claim, user=people.alice, reason="News", kind=EditionKind.CLARIFICATION)

    def rewrite(note: str, kind: str) -> None:
        with recording(user=people.alice, reason="New finding", via="admin"):
            verdict = Verdict.objects.get(claim=claim)
            verdict.rating, verdict.edition_note, verdict.edition_kind = new, note, kind
            verdict.save()

    new = make_rating("outdated", value=None)
    review.submit(claim, user=people.alice, reason="Ready")
    rewrite("It changed.", EditionKind.CLARIFICATION)
    with pytest.raises(NotAllowed) as refused:
        review.approve(claim, user=people.bob, reason="Good")
    assert [miss.rule for miss in refused.value.misses] == ["rating-change", "rating-change", "clarification"]
    rewrite(f"Rating changed from “{old}”: a fourth person died.", EditionKind.UPDATE)
    review.approve(claim, user=people.bob, reason="Good")
    review.publish(claim, user=people.erin, reason="Out")
    assert [edition.number for edition in Edition.objects.order_by("number")] == [1, 2]


def test_withdrawal_keeps_the_last_content_with_a_notice(claim, people):
    bring_to(claim, State.PUBLISHED, people)
    first = Edition.objects.get()
    change(claim, people.alice)
    notice = review.withdraw(claim, user=people.erin, reason="It was another town.")
    assert notice.dossier["edition"] == {"kind": "withdrawal", "note": "It was another town."}
    assert notice.dossier | {"edition": None} == first.dossier | {"edition": None}
    assert (notice.number, notice.slug, notice.approval) == (2, first.slug, None)


def test_what_was_withdrawn_comes_back_as_what_tells_readers_why(claim, people):
    bring_to(claim, State.WITHDRAWN, people)
    for kind in ("typo", "clarification", "reaffirmation", "first", "x"):
        with pytest.raises(NotAllowed, match="Choose what kind of edition the next one is: update, correction"):
            review.reopen(claim, user=people.alice, reason="Back", kind=kind)
    review.reopen(claim, user=people.alice, reason="Back", kind="correction")


def test_a_flag_stands_until_the_next_edition(claim, people):
    bring_to(claim, State.PUBLISHED, people)
    review.flag(claim, user=people.erin, reason="A new figure")
    with pytest.raises(NotAllowed, match="already"):
        review.flag(claim, user=people.erin, reason="Another")
    review.reopen(claim, user=people.alice, reason="Re-check", kind=EditionKind.REAFFIRMATION)
    explain(claim, people.alice)
    bring_to(claim, State.PUBLISHED, people)
    newest = Edition.objects.order_by("number").last()
    assert newest.number == 2 and not newest.flags.exists()


def test_the_gate_names_everything_at_once(people):
    claim = make_claim(author=people.alice, claimant="", made_at=None, rating=None, summary="", sources=1)
    review.submit(claim, user=people.alice, reason="Ready")
    with pytest.raises(NotAllowed) as refused:
        review.approve(claim, user=people.bob, reason="Good")
    assert sorted(miss.rule for miss in refused.value.misses) == ["complete"] * 4 + ["two-sources"]
