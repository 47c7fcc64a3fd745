"""Every way around the rules that somebody may try, and what comes of it: an answer in words, and not one row.

Read `REFUSED` as documentation: who tries what, and which answer that gets. Where a rule of ours stands in the way, its
row says which, and what would have been written without it: each of those is tried with the rule away, too. Some edits
are allowed and void an approval instead: `VOIDING` says what they write, and that nobody can publish afterwards.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from factcheck import dossier
from factcheck.desk import review
from factcheck.desk.gate import NotAllowed
from factcheck.intake import ImportRefused, captures, import_files
from factcheck.models import Claim, Edition, Rating, Report, Source, User

from .desk_forms import read_form
from .newsroom import make_claim, make_people, make_report, make_source
from .snapshots import changes, snapshot
from .test_desk import change_url, move_url
from .test_public import text_of
from .undoing import undone

# fmt: off
STORY = """\
- model: factcheck.changeset
  fields: {key: forged, claimed_by: Alice Martin, claimed_at: "2020-01-01T00:00:00Z", reason: Forged}
"""
GROUP = "- model: auth.group\n  fields: {name: editor}\n"
APPROVAL = STORY + """\
- model: factcheck.approval
  fields: {claim: [waiting], digest: "0", by: [bob], at: "2020-01-01T00:00:00Z"}
"""
EDITION = STORY + """\
- model: factcheck.edition
  fields:
    {claim: [approved], kind: first, published_at: "2020-01-01T00:00:00Z", checked_by: Alice, approved_by: Bob}
"""
# fmt: on


class Scene:
    """One claim in each state. alice wrote, bob approved, erin published and withdrew; `own` waits, and is bob's.

    `quoting` waits, too, and bob pasted the text that its quote stands in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.people = make_people()
        self.people.root = User.objects.create_superuser("root")
        alice, bob, erin = self.people.alice, self.people.bob, self.people.erin
        for name in ("draft", "waiting", "approved", "published", "withdrawn"):
            self.bring(make_claim(name, author=alice, label=name.title(), sources=3), name)
        self.bring(make_claim("own", author=bob, label="Own"), "waiting", by=bob)
        self.bring(make_claim("again", author=alice, label="Again"), "published")
        review.reopen(self.claim("again"), user=alice, reason="News", kind="reaffirmation")
        review.submit(self.claim("again"), user=alice, reason="Ready")
        review.return_to_author(self.claim("own"), user=erin, reason="Not yet")
        review.submit(self.claim("own"), user=bob, reason="Ready")
        quoting = make_claim("quoting", author=alice, label="Quoting")
        quoted = make_report(quoting, make_source("the-quoted", not_captured_reason=""), quote="Three people died")
        captures.paste(quoted.source, "Three people died.", user=bob, reason="What it says")
        self.bring(quoting, "waiting")
        self.clients = {name: Client() for name in vars(self.people)}
        for name, client in self.clients.items():
            client.force_login(getattr(self.people, name))
        self.clients["nobody"] = Client()

    def bring(self, claim: Claim, state: str, by: User | None = None) -> None:
        acts = {"waiting": 1, "approved": 2, "published": 3, "withdrawn": 4}.get(state, 0)
        actors = [by or self.people.alice, self.people.bob, self.people.erin, self.people.erin]
        for verb, user in list(zip(["submit", "approve", "publish", "withdraw"], actors, strict=True))[:acts]:
            review.VERBS[verb](claim, user=user, reason=verb)

    def claim(self, slug: str) -> Claim:
        return Claim.objects.get(slug=slug)

    def post(self, who: str, url: str, /, **data: object) -> Any:
        return self.clients[who].post(url, data)

    def save(self, who: str, instance: Any, opened_by: str = "alice", /, **data: object) -> Any:
        """A form of the desk, as somebody who may write gets it, sent by `who` with these values."""
        page = self.clients[opened_by].get(change_url(instance)).content.decode()
        sent = read_form(page, f"{instance._meta.model_name}_form") | {"reason": "Forged"}
        return self.post(who, change_url(instance), **sent | data)

    def move(self, who: str, slug: str, verb: str, /, **data: object) -> Any:
        claim = self.claim(slug)
        sent = {"opened": claim.revision, "seen": self.digest(claim), "kind": "update", "reason": "Forged"}
        return self.post(who, move_url(claim, verb), **sent | data)

    def from_elsewhere(self, who: str) -> Client:
        """The browser of somebody who is logged in, with a page of another site before it."""
        client = Client(enforce_csrf_checks=True)
        client.cookies = self.clients[who].cookies
        return client

    def version(self, claim: Claim) -> str:
        return reverse("admin:version", args=["claim", claim.pk, 1])

    def digest(self, claim: Claim) -> str:
        return dossier.digest(dossier.canonical(dossier.build(claim)))

    def file(self, text: str) -> Path:
        path = self.folder / "forged.yaml"
        path.write_text(text)
        return path

    def loaded(self, model: str, **fields: object) -> None:
        path = self.folder / "forged.json"
        path.write_text(json.dumps([{"model": model, "pk": None, "fields": fields}]))
        call_command("loaddata", str(path), verbosity=0)


def url(kind: str, *args: object) -> str:
    return reverse(f"admin:factcheck_{kind}", args=args)


def group(name: str) -> str:
    return str(Group.objects.get(name=name).pk)


def password_url(user: User) -> str:
    return reverse("admin:auth_user_password_change", args=[user.pk])


@dataclass(frozen=True)
class Attempt:
    """What `who` tries, and the answer: a status, or the words of the page or the exception that it ends on."""

    name: str
    who: str
    answer: int | str
    act: Callable[[Scene, str], Any] = field(repr=False)
    without: tuple[str, Any] | None = None
    """The rule that refuses it: where it stands, and what takes its place when it is away."""
    lets: str = ""
    """The tables that would then be written."""

    def __str__(self) -> str:
        return f"{self.who}: {self.name}"


def always(answer: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: answer


NO_FOUR_EYES = ("factcheck.desk.gate.four_eyes", always(None))
NO_MOVE_RULE = ("factcheck.desk.gate.move_miss", always(None))
NO_ROLE = ("factcheck.desk.admin.base.is_writer", always(True))
NO_DIGEST = ("factcheck.desk.gate.valid_approval", lambda claim, digest: claim.approvals.first())
NO_IMPORT_RULE = ("factcheck.desk.gate.import_miss", always(None))
NO_LOCK = ("factcheck.desk.admin.claims.is_locked", always(False))
PUBLISHES = "changeset citation claim edition historicalclaim searchentry"
APPROVES = "approval changeset claim historicalclaim"
EDITS = "changeset claim historicalclaim"
MAKES_STALE = "changeset claim historicalclaim standing"

# fmt: off
REFUSED = [
    # Who only reads.
    Attempt("a POST to a history page", "victor", 405,
            lambda s, who: s.post(who, url("claim_history", s.claim("draft").pk), label="Forged", reason="Forged")),
    Attempt("a POST to an old version", "victor", 403,
            lambda s, who: s.post(who, s.version(s.claim("waiting")), reason="Forged")),
    Attempt("an edit", "victor", 403,
            lambda s, who: s.save(who, s.claim("draft"), label="Forged")),
    Attempt("an inline edit", "victor", 403,
            lambda s, who: s.save(who, s.claim("draft"), **{"reports-0-low": "9"})),
    Attempt("a new report on its own page", "victor", 403,
            lambda s, who: s.save(who, Report.objects.first(), low="9")),
    Attempt("a popup that adds a source", "victor", 403,
            lambda s, who: s.post(who, url("source_add") + "?_popup=1&_to_field=id", title="Forged", _popup="1")),
    Attempt("an approval", "victor", 403,
            lambda s, who: s.move(who, "waiting", "approve")),
    Attempt("an answer to a reader's form", "nobody", 404,
            lambda s, who: s.post(who, "/claims/draft/report-an-error/", message="Forged")),

    # An account without a role.
    Attempt("an edit, as a superuser without a role", "root", 403,
            lambda s, who: s.save(who, s.claim("draft"), label="Forged"), NO_ROLE, EDITS),
    Attempt("a deletion, as a superuser without a role", "root", 403,
            lambda s, who: s.post(who, url("claim_delete", s.claim("draft").pk), reason="Forged", post="yes")),
    Attempt("an approval, as a superuser without a role", "root", 403,
            lambda s, who: s.move(who, "waiting", "approve")),
    Attempt("a publication, as a superuser without a role", "root", 403,
            lambda s, who: s.move(who, "approved", "publish")),
    Attempt("an import, as a superuser without a role", "root", "Importing is for: reporter, reviewer, editor.",
            lambda s, who: import_files([s.file(STORY)], user=s.people.root)),
    Attempt("nobody's log-in", "nobody", "Log in",
            lambda s, who: s.move(who, "approved", "publish")),

    # More than a role may.
    Attempt("a reporter approves", "alice", "“Approve” is for: reviewer, editor.",
            lambda s, who: s.move(who, "own", "approve")),
    Attempt("a reviewer publishes", "bob", "“Publish” is for: editor.",
            lambda s, who: s.move(who, "approved", "publish"), NO_MOVE_RULE, PUBLISHES),
    Attempt("an unknown move", "erin", 404,
            lambda s, who: s.move(who, "draft", "approve_and_publish")),
    Attempt("a role that somebody gives to herself", "alice", 403,
            lambda s, who: s.post(who, url("user_change", s.people.alice.pk), role="editor", username="alice")),
    Attempt("a group that somebody adds to herself", "alice", 403,
            lambda s, who: s.post(who, url("user_change", s.people.alice.pk), groups=group("editor"))),
    Attempt("a group out of a file", "alice", "Roles are not imported",
            lambda s, who: import_files([s.file(GROUP)], user=s.people.alice)),
    Attempt("a password of somebody else", "bob", 403,
            lambda s, who: s.post(who, password_url(s.people.erin), password1="forged-9", password2="forged-9")),

    # Four eyes.
    Attempt("an approval of one's own", "bob", "The author of a verdict cannot approve it",
            lambda s, who: s.move(who, "own", "approve"), NO_FOUR_EYES, APPROVES),
    Attempt("an approval after a change of the author field", "bob", "The author of a verdict cannot approve it",
            lambda s, who: (s.save(who, s.claim("own"), who, **{"verdict-0-author": str(s.people.alice.pk)}),
                            s.move(who, "own", "approve"))[1], NO_FOUR_EYES, APPROVES),
    Attempt("an approval of a quote that stands in a text of one's own", "bob", "since the last edition (capture), so",
            lambda s, who: s.move(who, "quoting", "approve"), NO_FOUR_EYES, APPROVES),
    Attempt("an approval of what was read before an edit", "bob", "The content changed while you were reading",
            lambda s, who: s.move(who, "waiting", "approve", seen="0" * 64)),
    Attempt("an approval, asked for as if it had not been read", "bob", "The content changed while you were reading",
            lambda s, who: s.move(who, "waiting", "approve", seen="")),
    Attempt("an approval by GET", "bob", 200,
            lambda s, who: s.clients[who].get(move_url(s.claim("waiting"), "approve"), {"reason": "Forged"})),
    Attempt("an approval on the page of approvals", "erin", 403,
            lambda s, who: s.post(who, url("approval_add"), claim=str(s.claim("waiting").pk), digest="0" * 64)),
    Attempt("an approval out of a file", "alice", "it is given at the desk, never imported.",
            lambda s, who: import_files([s.file(APPROVAL)], user=s.people.alice)),
    Attempt("an approval out of Django's loaddata", "nobody", "Problem installing fixture",
            lambda s, who: s.loaded("factcheck.approval", claim=s.claim("waiting").pk, digest="0", by=1)),

    # Publication.
    Attempt("a publication of a draft", "erin", "“Publish” is not possible while the claim is “draft”.",
            lambda s, who: s.move(who, "draft", "publish")),
    Attempt("a publication of what waits", "erin", "“Publish” is not possible while the claim is “in review”.",
            lambda s, who: s.move(who, "waiting", "publish")),
    Attempt("an approval that was used before", "erin", "“Publish” is not possible while the claim is “in review”.",
            lambda s, who: s.move(who, "again", "publish"), NO_MOVE_RULE, ""),
    Attempt("a publication from another site", "erin", 403,
            lambda s, who: s.from_elsewhere(who).post(move_url(s.claim("approved"), "publish"), {"reason": "Forged"})),
    Attempt("an edition on the page of editions", "erin", 403,
            lambda s, who: s.post(who, url("edition_add"), number="9", content="{}")),
    Attempt("a change of an edition", "erin", 403,
            lambda s, who: s.post(who, url("edition_change", Edition.objects.first().pk), published_at_0="2020-01-01")),
    Attempt("a deletion of an edition", "erin", 403,
            lambda s, who: s.post(who, url("edition_delete", Edition.objects.first().pk), post="yes", reason="Forged")),
    Attempt("a back-dated edition out of a reporter's file", "alice", "Importing editions is for: editor.",
            lambda s, who: import_files([s.file(EDITION)], user=s.people.alice, with_editions=True)),
    Attempt("a back-dated edition of a claim that has acts of our own", "erin", "forged.yaml",
            lambda s, who: import_files([s.file(EDITION)], user=s.people.erin, with_editions=True)),
    Attempt("the address of a withdrawn page for another claim", "alice", "Addresses are never reused.",
            lambda s, who: s.save(who, s.claim("draft"), slug="withdrawn")),
    Attempt("another address for a withdrawn page", "alice", "Nothing was changed",
            lambda s, who: s.save(who, s.claim("withdrawn"), slug="elsewhere")),
    Attempt("an edit of what is published", "alice", "Nothing was changed",
            lambda s, who: s.save(who, s.claim("published"), label="Forged"), NO_LOCK, MAKES_STALE),
    Attempt("a verdict of what is published, edited inline", "alice", "Nothing was changed",
            lambda s, who: s.save(who, s.claim("published"), **{"verdict-0-summary": "Forged"})),
    Attempt("a deletion of what is published", "alice", 403,
            lambda s, who: s.post(who, url("claim_delete", s.claim("published").pk), reason="Forged", post="yes")),

    # The admin's own side doors.
    Attempt("list_editable", "erin", 200,
            lambda s, who: s.post(who, url("claim_changelist"), **{
                "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(s.claim("draft").pk),
                "form-0-label": "Forged", "form-0-state": "published", "_save": "Save"})),
    Attempt("an action that deletes", "erin", "No action selected.",
            lambda s, who: s.post(who, url("claim_changelist"), action="delete_selected", post="yes",
                                  _selected_action=str(s.claim("draft").pk))),
    Attempt("“save as new” of a claim that is published", "alice", "Nothing was changed",
            lambda s, who: s.save(who, s.claim("published"), _saveasnew="1", slug="copy")),
    Attempt("a state that the form does not ask for", "alice", "Nothing was changed",
            lambda s, who: s.save(who, s.claim("draft"), state="approved")),
    Attempt("a to_field that tells what it should not", "victor", 400,
            lambda s, who: s.clients[who].get(url("claim_changelist"), {"_to_field": "statement"})),
    Attempt("a filter that spells out a password", "erin", 400,
            lambda s, who: s.clients[who].get(url("claim_changelist"), {"assignee__password__startswith": "m"})),

    # What programs read.
    Attempt("a POST to the API", "erin", 405,
            lambda s, who: s.post(who, "/claims/published.json", label="Forged")),
    Attempt("a PUT to the API", "erin", 405,
            lambda s, who: s.clients[who].put("/claims/published.json", "{}")),
    Attempt("a DELETE of a published page", "erin", 405,
            lambda s, who: s.clients[who].delete("/claims/published/")),
]
# fmt: on


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), undone():
        yield


@pytest.fixture(scope="module")
def scene(db: None, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("bypass"))


@pytest.fixture
def s(scene: Scene) -> Iterator[Scene]:
    with undone():
        yield scene


def tried(s: Scene, attempt: Attempt) -> Any:
    try:
        return attempt.act(s, attempt.who)
    except (NotAllowed, ImportRefused, CommandError) as refused:
        return refused


def answer(s: Scene, attempt: Attempt, found: Any) -> int | str:
    """As the attempt has it: words where it has words."""
    if isinstance(attempt.answer, int):
        return found.status_code
    if isinstance(found, Exception):
        return str(found)
    if found.status_code == 302:
        found = s.clients[attempt.who].get(found["Location"])
    return text_of(found)


@pytest.mark.parametrize("attempt", REFUSED, ids=str)
def test_it_is_refused(attempt: Attempt, s: Scene) -> None:
    before = snapshot()
    found = tried(s, attempt)
    assert changes(before, snapshot()) == {}
    given = answer(s, attempt, found)
    assert given == attempt.answer if isinstance(attempt.answer, int) else attempt.answer in given, given


@pytest.mark.parametrize("attempt", [each for each in REFUSED if each.without], ids=str)
def test_without_its_rule_it_goes_through(attempt: Attempt, s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*attempt.without)
    before = snapshot()
    tried(s, attempt)
    assert " ".join(sorted(changes(before, snapshot()))) == attempt.lets


def test_the_table_has_who_the_rules_are_about() -> None:
    assert {attempt.who for attempt in REFUSED} == {"nobody", "alice", "bob", "erin", "victor", "root"}
    assert len({attempt.name for attempt in REFUSED}) == len(REFUSED) >= 20


@dataclass(frozen=True)
class Edit:
    """What `who` may change after bob approved it, and the tables that this writes."""

    name: str
    who: str
    writes: str
    act: Callable[[Scene, str], Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.who}: {self.name}"


# fmt: off
VOIDING = [
    Edit("a word of the claim", "alice", "changeset claim historicalclaim",
         lambda s, who: s.save(who, s.claim("approved"), statement="Four people were killed.")),
    Edit("a word of the verdict", "alice", "changeset historicalverdict verdict",
         lambda s, who: s.save(who, s.claim("approved"), **{"verdict-0-summary": "Four people died."})),
    Edit("another rating", "alice", "changeset historicalverdict verdict",
         lambda s, who: s.save(who, s.claim("approved"), **{"verdict-0-rating": Rating.objects.get(slug="false").pk})),
    Edit("a figure, inline", "alice", "changeset historicalreport report",
         lambda s, who: s.save(who, s.claim("approved"), **{"reports-0-low": "4"})),
    Edit("a figure, on the report's own page", "alice", "changeset historicalreport report",
         lambda s, who: s.save(who, s.claim("approved").reports.first(), low="4")),
    Edit("a source that is taken out", "alice", "changeset historicalreport report",
         lambda s, who: s.save(who, s.claim("approved"), **{"reports-0-DELETE": "on"})),
    Edit("a source that other claims share", "alice", "changeset historicalsource source standing",
         lambda s, who: s.save(who, Source.objects.first(), title="Another")),
    Edit("a rating that is renamed", "erin", "changeset historicalrating rating standing",
         lambda s, who: s.save(who, Rating.objects.get(slug="true"), who, name="Correct")),
    Edit("the summary of the story", "alice", "changeset historicalstory standing story",
         lambda s, who: s.save(who, s.claim("approved").story, summary="The river fell.")),
]
# fmt: on


@pytest.mark.parametrize("edit", VOIDING, ids=str)
@pytest.mark.parametrize("rule", ["kept", "away"])
def test_an_edit_voids_the_approval(edit: Edit, rule: str, s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot()
    assert edit.act(s, edit.who).status_code == 302
    edited = snapshot()
    assert " ".join(sorted(changes(before, edited))) == edit.writes
    if rule == "away":
        monkeypatch.setattr(*NO_DIGEST)
    response = s.move("erin", "approved", "publish")
    written = changes(edited, snapshot())
    if rule == "away":
        assert " ".join(sorted(written)) == PUBLISHES
    else:
        assert written == {}
        assert "Nobody who may has approved what stands here now" in text_of(response)


def test_nothing_else_keeps_it_from_being_published(s: Scene) -> None:
    before = snapshot()
    s.move("erin", "approved", "publish", published_at="2020-01-01T00:00:00Z", published_at_0="2020-01-01", number="9")
    assert " ".join(sorted(changes(before, snapshot()))) == PUBLISHES
    edition = Edition.objects.get(slug="approved")
    assert (edition.number, edition.published_at.year > 2020) == (1, True), "nobody dates it back"


def test_who_approves_and_edits_in_one_post_has_edited(s: Scene) -> None:
    """The edit stands, and takes the right to approve with it."""
    before = snapshot()
    s.save("bob", s.claim("waiting"), statement="Four.", _approve="Approve", state="approved")
    edited = snapshot()
    assert " ".join(sorted(changes(before, edited))) == EDITS
    page = s.move("bob", "waiting", "approve")
    assert "You wrote something here since the last edition (claim), so somebody else has to approve." in text_of(page)
    assert changes(edited, snapshot()) == {}


def test_what_is_sent_along_with_an_approval_is_not_written(s: Scene) -> None:
    before = snapshot()
    s.move("bob", "waiting", "approve", label="Forged", statement="Forged", **{"verdict-0-summary": "Forged"})
    assert " ".join(sorted(changes(before, snapshot()))) == APPROVES
    claim = s.claim("waiting")
    assert (claim.label, claim.statement, claim.verdict.summary) == (
        "Waiting",
        "Three people were killed.",
        "Three people died.",
    )
