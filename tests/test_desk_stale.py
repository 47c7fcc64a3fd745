"""Two editors, one claim: nobody saves over somebody else without being told, and nothing that was typed is lost."""

import pytest
from django.db import connection
from django.urls import reverse

from factcheck.desk import review
from factcheck.desk.admin.meeting import Token, opened_revision
from factcheck.history import Changeset
from factcheck.models import Answer, Claim, CorrectionRequest, Edition, Report, SourceBasis, State, Story, User, Verdict

from .desk_forms import errors, opened, read_form
from .newsroom import make_claim, make_rating, make_source, publish, writing
from .test_desk import at_desk, change_url, fields

pytestmark = pytest.mark.django_db

BAD_TOKENS = ["", "-1", "0", "7", "99999999999999999999", "abc", "1e9", "١", "1\x00", "1 label=1"]


@pytest.fixture
def alice(people):
    return at_desk(people.alice)


@pytest.fixture
def bob(people):
    return at_desk(people.bob)


def counts() -> tuple[int, ...]:
    return (Changeset.objects.count(), *(model.history.count() for model in (Claim, Verdict, Report, Story)))


def with_bad_tokens(data, name):
    yield {other: value for other, value in data.items() if other != name}
    for token in BAD_TOKENS:
        yield data | {name: token}


def save(client, instance, data, **changed):
    """A save that nothing stands in the way of."""
    response = client.post(change_url(instance), data | changed)
    assert response.status_code == 302, errors(response)


def refused(client, instance, data):
    """Nothing is saved, the page comes back: the fields as a browser would send them next, and what the page tells."""
    before = counts()
    response = client.post(change_url(instance), data)
    assert response.status_code == 200
    assert counts() == before
    response.data = read_form(response.content.decode(), f"{instance._meta.model_name}_form")
    response.meetings = response.context_data["meetings"]
    response.told = errors(response)
    return response


def disputed(response) -> list[str]:
    return [dispute.choice for meeting in response.meetings for dispute in meeting.disputes]


def text(pieces) -> str:
    marks = {"removed": "[-{}-]", "added": "[+{}+]", "same": "{}"}
    return "".join(marks[piece.op].format(piece.text) for piece in pieces)


def by_them(dispute) -> str:
    return text(dispute.changes[0]["pieces"])


def by_me(dispute) -> str:
    return text(dispute.changes[1]["pieces"])


def test_it_works(people, claim, alice, bob):
    mine = fields(alice, claim) | {"statement": "Alice's words, not to be lost.", "reason": "Clearer"}
    save(bob, claim, fields(bob, claim), label="Dead", claimant="The mayor", reason="The mayor said it")

    back = refused(alice, claim, mine)

    (meeting,) = back.meetings
    page = back.content.decode()
    assert "Bob Okafor saved this claim at" in page and "UTC" in meeting.since.act
    assert "Changed: label and claimant." in back.told
    assert "The mayor said it" in page
    assert meeting.mine == ["statement"]
    assert [(shown["label"], text(shown["pieces"])) for shown in meeting.theirs] == [
        ("label", "[-Death toll-][+Dead+]"),
        ("claimant", "The [-prefect-][+mayor+]"),
    ]
    assert meeting.disputes == []
    assert (back.data["statement"], back.data["label"], back.data["reason"]) == (mine["statement"], "Dead", "Clearer")

    save(alice, claim, back.data)
    claim.refresh_from_db()
    assert (claim.label, claim.claimant, claim.statement) == ("Dead", "The mayor", mine["statement"])
    assert [row.changeset.user.username for row in claim.history.order_by("revision")] == ["alice", "bob", "alice"]


# Fields that both changed.


@pytest.fixture
def back(claim, alice, bob):
    """Both changed the statement; bob alone the claimant, alice alone the label."""
    mine = fields(alice, claim) | {"statement": "Four people were killed.", "label": "Killed"}
    save(bob, claim, fields(bob, claim), statement="Three people were shot.", claimant="The mayor")
    return refused(alice, claim, mine)


def test_a_field_that_both_changed_shows_both(back):
    (meeting,) = back.meetings
    (dispute,) = meeting.disputes
    assert dispute.choice == "keep-statement"
    assert by_them(dispute) == "Three people were [-killed-][+shot+]."
    assert by_me(dispute) == "[-Three-][+Four+] people were killed."
    assert back.data["statement"] == "Four people were killed."
    assert "Bob Okafor changed this too" in back.told
    assert meeting.mine == ["label"]
    assert [shown["label"] for shown in meeting.theirs] == ["claimant"]


@pytest.mark.parametrize(
    "decision",
    [{}, {"keep-statement": ""}, {"keep-statement": "x"}, {"keep-label": "mine"}, {"statement": "Both of it."}],
)
def test_what_is_undecided_is_not_saved(claim, alice, back, decision):
    again = refused(alice, claim, back.data | decision)
    assert "Choose first" in again.told
    assert disputed(again) == ["keep-statement"]
    assert again.data["statement"] == decision.get("statement", "Four people were killed.")
    assert again.data["opened"] == "2 statement=1"


@pytest.mark.parametrize(
    ("decision", "statement"),
    [
        ({"keep-statement": "mine"}, "Four people were killed."),
        ({"keep-statement": "theirs"}, "Three people were shot."),
        ({"keep-statement": "mine", "statement": "Four people were shot."}, "Four people were shot."),
        ({"statement": "Three people were shot."}, "Three people were shot."),
    ],
    ids=["mine", "theirs", "both, by hand", "theirs, by hand"],
)
def test_what_is_decided_is_saved_on_top_of_theirs(claim, alice, back, decision, statement):
    save(alice, claim, back.data, **decision)
    claim.refresh_from_db()
    assert (claim.statement, claim.claimant, claim.label) == (statement, "The mayor", "Killed")
    assert claim.revision == 3
    assert claim.history.get(revision=2).statement == "Three people were shot."


def test_a_third_save_of_the_same_field_is_disputed_again(claim, alice, bob, back):
    save(bob, claim, fields(bob, claim), statement="Nobody was shot.")
    again = refused(alice, claim, back.data | {"keep-statement": "mine"})
    (dispute,) = again.meetings[0].disputes
    assert by_them(dispute) == "[-Three people were-][+Nobody was+] shot."
    assert again.data["opened"] == "3 statement=2"
    save(alice, claim, again.data | {"keep-statement": "mine"})
    claim.refresh_from_db()
    assert (claim.statement, claim.revision) == ("Four people were killed.", 4)


def test_a_third_save_of_another_field_is_told_and_what_was_decided_stays(claim, alice, bob, back):
    save(bob, claim, fields(bob, claim), first_appearance="On the radio")
    again = refused(alice, claim, back.data | {"keep-statement": "mine"})
    assert disputed(again) == []
    assert [shown["label"] for shown in again.meetings[0].theirs] == ["first appearance"]
    save(alice, claim, again.data)
    claim.refresh_from_db()
    assert (claim.statement, claim.first_appearance) == ("Four people were killed.", "On the radio")


def test_a_third_save_after_theirs_was_taken_is_taken_too(claim, alice, bob, back):
    save(bob, claim, fields(bob, claim), statement="Nobody was shot.")
    again = refused(alice, claim, back.data | {"keep-statement": "theirs"})
    assert disputed(again) == []
    save(alice, claim, again.data)
    claim.refresh_from_db()
    assert claim.statement == "Nobody was shot."


def test_what_was_taken_over_is_nobodys_edit(claim, alice, bob, back):
    save(bob, claim, fields(bob, claim), claimant="The sub-prefect")
    again = refused(alice, claim, back.data | {"keep-statement": "mine"})
    assert again.data["claimant"] == "The sub-prefect"
    assert disputed(again) == []


def test_what_was_taken_over_can_be_taken_back(claim, alice, back):
    save(alice, claim, back.data | {"keep-statement": "mine", "claimant": "The prefect"})
    claim.refresh_from_db()
    assert claim.claimant == "The prefect"


def test_a_decision_is_kept_when_something_else_is_wrong(claim, alice, back):
    again = refused(alice, claim, back.data | {"keep-statement": "mine", "made_at_0": "yesterday"})
    assert disputed(again) == [] and "Enter a valid date" in again.told
    save(alice, claim, again.data | {"made_at_0": "2026-03-13"})
    claim.refresh_from_db()
    assert claim.statement == "Four people were killed."


def test_the_same_change_twice_is_no_dispute(claim, alice, bob):
    mine = fields(alice, claim) | {"label": "Dead", "claimant": "The mayor"}
    save(bob, claim, fields(bob, claim), label="Dead")
    again = refused(alice, claim, mine)
    assert disputed(again) == []
    save(alice, claim, again.data)
    claim.refresh_from_db()
    assert (claim.label, claim.claimant) == ("Dead", "The mayor")


def test_several_people_are_named(people, claim, alice, bob):
    mine = fields(alice, claim) | {"statement": "Four people were killed."}
    save(bob, claim, fields(bob, claim), label="Dead")
    erin = at_desk(people.erin)
    save(erin, claim, fields(erin, claim), claimant="The mayor")
    again = refused(alice, claim, mine)
    assert "Bob Okafor and Erin Lindqvist saved this claim, last at" in again.told
    assert "you opened version 1, it is now 3" in again.told


def test_what_makes_no_sense_stays_as_it_was_typed(claim, alice, bob):
    mine = fields(alice, claim) | {"made_at_0": "last week"}
    save(bob, claim, fields(bob, claim), made_at_0="2026-03-12")
    again = refused(alice, claim, mine)
    assert again.data["made_at_0"] == "last week"
    assert "last week" in by_me(again.meetings[0].disputes[0])


def test_a_move_meanwhile_is_told_and_stays(people, claim, alice):
    mine = fields(alice, claim) | {"label": "Dead"}
    review.submit(claim, user=people.bob, reason="Ready")
    again = refused(alice, claim, mine)
    assert "Changed: state." in again.told
    assert [text(shown["pieces"]) for shown in again.meetings[0].theirs] == ["[-draft-][+in review+]"]
    save(alice, claim, again.data)
    claim.refresh_from_db()
    assert (claim.label, claim.state) == ("Dead", State.IN_REVIEW)


CHANGES = {
    "statement": {"statement": "One.\r\n\r\nTwo."},
    "made_at": {"made_at_0": "2026-03-12", "made_at_1": "08:30:00"},
    "made_at, none": {"made_at_0": "", "made_at_1": ""},
    "made_precision": {"made_precision": "day"},
    "is_cumulative": {"is_cumulative": "on"},
    "assignee": {"assignee": "bob"},
    "first_appearance_url": {"first_appearance_url": "https://example.org/é?a=b&c=“d”"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_kind_of_field_is_taken_over(people, claim, alice, bob, change):
    mine = fields(alice, claim) | {"label": "Dead"}
    change = {name: str(people.bob.pk) if value == "bob" else value for name, value in change.items()}
    save(bob, claim, fields(bob, claim), **change)
    theirs = Claim.objects.get()
    again = refused(alice, claim, mine)
    assert disputed(again) == []
    shown = fields(bob, claim)
    assert {name: again.data[name] for name in change} == {name: shown[name] for name in change}
    save(alice, claim, again.data)
    (row,) = claim.history.filter(revision=3)
    assert row.label == "Dead"
    for each in Claim._meta.concrete_fields:
        if each.name not in {"label", "revision"}:
            assert getattr(row, each.attname) == getattr(theirs, each.attname), each.name


def test_what_was_unticked_is_taken_over(people, alice, bob):
    claim = make_claim(author=people.alice, is_cumulative=True)
    mine = fields(alice, claim) | {"label": "Dead"}
    theirs = fields(bob, claim)
    del theirs["is_cumulative"]
    save(bob, claim, theirs)
    save(alice, claim, refused(alice, claim, mine).data)
    claim.refresh_from_db()
    assert (claim.label, claim.is_cumulative) == ("Dead", False)


def test_line_ends_are_nobodys_edit(people, claim, alice, bob):
    with writing(people.bob):
        claim.statement = "One.\nTwo."
        claim.save()
    mine = fields(alice, claim) | {"label": "Dead"}
    assert "\r\n" in mine["statement"]
    save(bob, claim, fields(bob, claim), statement="One.\r\nThree.")
    again = refused(alice, claim, mine)
    assert disputed(again) == [] and again.meetings[0].mine == ["label"]
    save(alice, claim, again.data)
    claim.refresh_from_db()
    assert claim.statement == "One.\nThree."


def test_another_kind_of_page(people, claim, alice, bob):
    story = claim.story
    mine = fields(alice, story) | {"title": "Deluge", "began_on": "2026-03-11"}
    save(bob, story, fields(bob, story), title="High water", summary="It fell again.")
    again = refused(alice, story, mine)
    assert disputed(again) == ["keep-title"]
    save(alice, story, again.data | {"keep-title": "mine"})
    story.refresh_from_db()
    assert (story.title, story.summary, str(story.began_on)) == ("Deluge", "It fell again.", "2026-03-11")


# Published meanwhile.


def test_what_was_published_meanwhile_is_not_saved_over(people, claim, alice):
    mine = fields(alice, claim) | {"statement": "Alice's words.", "verdict-0-summary": "No."}
    publish(claim)
    back = refused(alice, claim, mine)
    assert "Erin Lindqvist saved this claim at" in back.told and "next edition" in back.told
    assert "next edition" in back.meetings[0].closed
    for token in ("1", "2", "2 statement=1", "02", "x"):
        for data in (mine, back.data):
            alice.post(change_url(claim), data | {"opened": token, "keep-statement": "mine", "reason": "Mine"})
            claim.refresh_from_db()
            assert claim.statement == "Three people were killed."
            assert claim.verdict.summary == "Three people died."
    assert back.data["statement"] == "Alice's words."
    assert back.data["verdict-0-summary"] == "No."


def test_what_was_published_and_reopened_meanwhile_goes_on(people, claim, alice):
    mine = fields(alice, claim) | {"statement": "Alice's words."}
    publish(claim)
    back = refused(alice, claim, mine)
    review.reopen(claim, user=people.erin, reason="Wording", kind="clarification")
    again = refused(alice, claim, back.data)
    save(alice, claim, again.data | {"reason": "Wording"})
    claim.refresh_from_db()
    assert (claim.statement, claim.state) == ("Alice's words.", State.DRAFT)


def test_two_people_at_what_is_published_already(people, claim, alice, bob):
    publish(claim)
    because = {"reason": "A fourth victim"}
    mine = fields(alice, claim) | because | {"reports-0-quote": "Four"}
    save(bob, claim, fields(bob, claim) | because, assignee=str(people.bob.pk))
    back = refused(alice, claim, mine)
    assert "Changed: assignee." in back.told and back.meetings[0].closed == ""
    assert back.data["assignee"] == str(people.bob.pk)
    save(alice, claim, back.data)
    assert claim.reports.get(number=1).quote == "Four"
    claim.refresh_from_db()
    assert (claim.assignee, claim.state) == (people.bob, State.PUBLISHED)


# Inlines.


def test_a_verdict_that_both_changed(people, claim, alice, bob):
    false = str(make_rating("false").pk)
    mine = fields(alice, claim) | {"verdict-0-explanation": "Mine.", "verdict-0-summary": "Three.", "label": "Dead"}
    save(bob, claim, fields(bob, claim), **{"verdict-0-explanation": "Theirs.", "verdict-0-rating": false})
    back = refused(alice, claim, mine)
    assert "Bob Okafor saved this verdict" in back.told
    assert disputed(back) == ["verdict-0-keep-explanation"]
    assert back.data["verdict-0-rating"] == false
    assert back.data["verdict-0-explanation"].strip() == "Mine."
    save(alice, claim, back.data | {"verdict-0-keep-explanation": "mine"})
    verdict = Verdict.objects.get()
    assert (verdict.explanation, verdict.summary, verdict.rating.slug) == ("Mine.", "Three.", "false")
    claim.refresh_from_db()
    assert claim.label == "Dead"


def test_the_kind_of_the_next_edition_that_both_changed(people, claim, alice, bob):
    publish(claim)
    review.reopen(claim, user=people.erin, reason="Wording", kind="update")
    because = {"reason": "Wording"}
    mine = fields(alice, claim) | because | {"verdict-0-kind": "correction"}
    save(bob, claim, fields(bob, claim) | because, **{"verdict-0-kind": "typo", "verdict-0-summary": "Three."})
    back = refused(alice, claim, mine)
    assert disputed(back) == ["verdict-0-keep-kind"]
    save(alice, claim, back.data | {"verdict-0-keep-kind": "mine"})
    assert (Verdict.objects.get().edition_kind, Verdict.objects.get().summary) == ("correction", "Three.")


def test_a_report_that_somebody_else_saved(claim, alice, bob):
    mine = fields(alice, claim) | {"label": "Dead"}
    save(bob, claim, fields(bob, claim), **{"reports-1-quote": "Two dead", "reports-1-low": "2"})
    back = refused(alice, claim, mine)
    assert "Bob Okafor saved this report" in back.told
    assert (back.data["reports-1-quote"], back.data["reports-1-low"]) == ("Two dead", "2")
    save(alice, claim, back.data)
    report = Report.objects.get(number=2)
    assert (report.quote, report.low, report.revision) == ("Two dead", 2, 2)


def test_a_report_that_both_changed(claim, alice, bob):
    mine = fields(alice, claim) | {"reports-1-low": "4", "reports-1-unit": "dead"}
    save(bob, claim, fields(bob, claim), **{"reports-1-low": "5.50", "reports-1-quote": "Five"})
    back = refused(alice, claim, mine)
    assert disputed(back) == ["reports-1-keep-low"]
    (dispute,) = back.meetings[0].disputes
    assert (by_them(dispute), by_me(dispute)) == ("[-3-][+5.5+]", "[-3-][+4+]")
    assert Report.objects.get(number=2).low == 5.5
    save(alice, claim, back.data | {"reports-1-keep-low": "theirs"})
    report = Report.objects.get(number=2)
    assert (report.low, report.unit, report.quote) == (5.5, "dead", "Five")


def test_two_of_one_page_are_told_apart(claim, alice, bob):
    mine = fields(alice, claim) | {"label": "Dead", "reports-0-low": "4", "reports-1-low": "4"}
    save(bob, claim, fields(bob, claim), **{"label": "Killed", "reports-1-low": "5"})
    back = refused(alice, claim, mine)
    assert [meeting.title for meeting in back.meetings] == ["Claim “Killed”", "Report “Killed #2”"]
    assert disputed(back) == ["keep-label", "reports-1-keep-low"]
    half = refused(alice, claim, back.data | {"keep-label": "mine"})
    assert disputed(half) == ["reports-1-keep-low"]
    save(alice, claim, half.data | {"reports-1-keep-low": "mine"})
    claim.refresh_from_db()
    assert claim.label == "Dead"
    assert [report.low for report in claim.reports.order_by("number")] == [4, 4]


def test_a_report_that_somebody_else_changed_is_not_deleted_unseen(claim, alice, bob):
    mine = fields(alice, claim) | {"reports-1-DELETE": "on"}
    save(bob, claim, fields(bob, claim), **{"reports-1-quote": "Two dead"})
    back = refused(alice, claim, mine)
    assert "Bob Okafor saved this report" in back.told
    assert "reports-1-DELETE" not in back.data
    assert claim.reports.count() == 2
    save(alice, claim, back.data | {"reports-1-DELETE": "on"})
    assert claim.reports.count() == 1


@pytest.fixture
def deleted(claim, alice, bob):
    """Bob deletes the first of three reports while alice has the page open."""
    with writing():
        Report(claim=claim, source=make_source("third"), reported_at="2026-03-13T20:00:00Z", text_value="Three").save()
    mine = fields(alice, claim)
    save(bob, claim, fields(bob, claim), **{"reports-0-DELETE": "on", "reason": "Of another town"})
    return mine


def test_a_deleted_report_that_was_not_touched_is_only_told(claim, alice, deleted):
    back = refused(alice, claim, deleted | {"label": "Dead", "reports-2-text_value": "Four"})
    assert "Bob Okafor deleted this report at" in back.told
    assert back.meetings[0].since.changeset.reason == "Of another town"
    assert back.meetings[0].gone == ""
    assert back.data["reports-2-text_value"] == "Four", "it stays beside its own report"
    save(alice, claim, back.data)
    assert [report.number for report in claim.reports.order_by("number")] == [2, 3]
    assert claim.reports.get(number=3).text_value == "Four"
    claim.refresh_from_db()
    assert claim.label == "Dead"


def test_a_deleted_report_keeps_what_was_typed_until_it_is_decided(claim, alice, deleted):
    back = refused(alice, claim, deleted | {"reports-0-quote": "Alice's words."})
    for decision in ("", "x"):
        back = refused(alice, claim, back.data | {"reports-0-keep-gone": decision})
        assert "Choose first" in back.told
        assert back.data["reports-0-quote"] == "Alice's words."
        assert back.meetings[0].gone == "reports-0-keep-gone"
    assert claim.reports.count() == 2


def test_a_deleted_report_is_left_deleted(claim, alice, deleted):
    back = refused(alice, claim, deleted | {"reports-0-quote": "Alice's words.", "reports-0-low": "x", "label": "Dead"})
    save(alice, claim, back.data | {"reports-0-keep-gone": "theirs"})
    assert [report.number for report in claim.reports.order_by("number")] == [2, 3]
    claim.refresh_from_db()
    assert claim.label == "Dead"


def test_a_deleted_report_is_brought_back(claim, alice, deleted):
    back = refused(alice, claim, deleted | {"reports-0-quote": "Alice's words.", "made_at_0": "x"})
    back = refused(alice, claim, back.data | {"reports-0-keep-gone": "mine"})
    assert back.data["reports-0-keep-gone"] == "mine", "something else was wrong"
    save(alice, claim, back.data | {"made_at_0": "2026-03-13"})
    report = claim.reports.get(number=1)
    assert (report.quote, report.revision) == ("Alice's words.", 3)
    kinds = [row.history_type for row in Report.history.filter(id=report.pk).order_by("revision")]
    assert kinds == ["+", "-", "+"]


def test_a_deleted_report_is_not_deleted_twice(claim, alice, deleted):
    back = refused(alice, claim, deleted | {"reports-0-DELETE": "on"})
    save(alice, claim, back.data | {"reports-0-DELETE": "on"})
    assert claim.reports.count() == 2


def test_a_report_of_another_claim_is_not_reached(people, claim, alice, deleted):
    other = make_claim("other", author=people.alice)
    with writing(people.bob):
        gone = other.reports.get(number=1)
        key = gone.pk
        gone.delete()
    for strange in (key, other.reports.get().pk, 99999, "99999999999999999999", "x", ""):
        data = deleted | {"reports-0-id": str(strange), "reports-0-quote": "Mine", "reports-0-keep-gone": "mine"}
        for token in ("1", "2 gone=1"):
            back = refused(alice, claim, data | {"reports-0-opened": token})
            assert "does not belong here" in back.told


def test_two_first_verdicts(people, alice, bob):
    claim = make_claim(author=people.alice)
    with writing():
        Verdict.objects.get().delete()
    true, false = str(make_rating("true").pk), str(make_rating("false").pk)
    mine = fields(alice, claim) | {"verdict-0-rating": true, "verdict-0-summary": "Mine."}
    save(bob, claim, fields(bob, claim), **{"verdict-0-rating": false, "verdict-0-explanation": "Theirs."})
    back = refused(alice, claim, mine)
    assert "Bob Okafor added this verdict at" in back.told
    assert disputed(back) == ["verdict-0-keep-rating"]
    assert (back.data["verdict-0-summary"], back.data["verdict-0-explanation"].strip()) == ("Mine.", "Theirs.")
    again = refused(alice, claim, back.data)
    save(alice, claim, again.data | {"verdict-0-keep-rating": "mine"})
    verdict = Verdict.objects.get()
    assert (verdict.rating.slug, verdict.summary, verdict.explanation) == ("true", "Mine.", "Theirs.")
    assert verdict.author == people.bob


def test_two_first_answers(people, claim, alice, bob):
    publish(claim)
    asked = CorrectionRequest(edition=Edition.objects.get(), message="It is four.")
    asked.save()
    mine = fields(alice, asked) | {"answer-0-decision": "changed", "answer-0-text": "Mine."}
    save(bob, asked, fields(bob, asked), **{"answer-0-decision": "changed", "answer-0-text": "Theirs."})
    back = refused(alice, asked, mine)
    assert disputed(back) == ["answer-0-keep-text"]
    save(alice, asked, back.data | {"answer-0-keep-text": "mine"})
    assert Answer.objects.get().text == "Mine."
    assert Answer.history.count() == 2


def test_a_deleted_basis_of_a_source(people, alice, bob):
    source, basis, other = make_source("a"), make_source("b"), make_source("c")
    with writing():
        SourceBasis(source=source, rests_on=basis).save()
    mine = fields(alice, source) | {"bases-0-rests_on": str(other.pk)}
    save(bob, source, fields(bob, source), **{"bases-0-DELETE": "on"})
    back = refused(alice, source, mine)
    save(alice, source, back.data | {"bases-0-keep-gone": "mine"})
    assert SourceBasis.objects.get().rests_on == other


# Deleted as a whole.


def test_a_claim_that_was_deleted_gives_back_what_was_typed(people, claim, alice):
    mine = fields(alice, claim) | {"statement": "Alice's words.", "verdict-0-explanation": "And <more>."}
    with writing(people.bob, "Twice the same"):
        for part in [claim.verdict, *claim.reports.all(), claim]:
            part.delete()
    before = counts()
    response = alice.post(change_url(Claim(pk=mine["verdict-0-claim"])), mine)
    page = response.content.decode()
    assert response.status_code == 200 and counts() == before
    for words in ("Bob Okafor deleted this claim at", "Twice the same", "Alice&#x27;s words.", "And &lt;more&gt;."):
        assert words in page
    page = alice.get(change_url(Claim(pk=mine["verdict-0-claim"])), follow=True).content.decode()
    assert "Bob Okafor deleted this claim at" in page


@pytest.fixture
def root(people):
    root = User.objects.create_superuser("root", first_name="Ruth", last_name="Root")
    root.take_role("editor")
    return at_desk(root)


def delete_url(instance) -> str:
    return reverse(f"admin:factcheck_{instance._meta.model_name}_delete", args=[instance.pk])


@pytest.mark.parametrize("changed", ["claim", "verdict", "report", "new report"])
def test_what_was_changed_since_the_question_is_not_deleted(people, claim, root, changed):
    data = opened(root, delete_url(claim), "delete_form") | {"reason": "Twice the same"}
    source = make_source("third")
    with writing(people.bob):
        if changed == "new report":
            Report(claim=claim, source=source, reported_at="2026-03-13T20:00:00Z", text_value="Three").save()
        else:
            each = {"claim": claim, "verdict": claim.verdict, "report": claim.reports.last()}[changed]
            field = {"claim": "label", "verdict": "summary", "report": "quote"}[changed]
            setattr(each, field, "News")
            each.save()
    page = root.post(delete_url(claim), data, follow=True).content.decode()
    did = "added" if changed == "new report" else "saved"
    assert f"Bob Okafor {did} this {changed.removeprefix('new ')} at" in page
    assert Claim.objects.exists() and Verdict.objects.exists() and Report.objects.count() >= 2
    root.post(delete_url(claim), opened(root, delete_url(claim), "delete_form") | {"reason": "Twice the same"})
    assert not Claim.objects.exists()


@pytest.mark.parametrize("model", [Claim, Verdict])
def test_nothing_is_deleted_without_its_token(claim, root, model):
    data = opened(root, delete_url(claim), "delete_form") | {"reason": "Twice the same"}
    name = f"opened-{model._meta.model_name}-{model.objects.get().pk}"
    assert data[name] == "1"
    for bad in with_bad_tokens(data, name):
        assert root.post(delete_url(claim), bad, follow=True).status_code == 200
        assert (Claim.objects.count(), Verdict.objects.count(), Report.objects.count()) == (1, 1, 2), bad.get(name)


def test_what_was_deleted_already_is_told(people, claim, alice):
    report = claim.reports.first()
    url, data = delete_url(report), opened(alice, delete_url(report), "delete_form") | {"reason": "Twice"}
    with writing(people.bob):
        report.delete()
    assert "Bob Okafor deleted this report at" in alice.post(url, data, follow=True).content.decode()


# Tokens.


@pytest.mark.parametrize("token", ["1", "3 label=2", "3 label=0 made_at=1", "999999999"])
def test_a_token_reads_as_it_was_written(token):
    assert str(Token.read(token)) == token


@pytest.mark.parametrize(
    "token",
    [bad for bad in BAD_TOKENS if bad != "7"]
    + ["1.5", "01", "+1", "²", " 1", "1 ", "1\n", "1\nlabel=0", "1  label=0", "1 label", "1 label=", "1 label=x"]
    + [
        "1 label=7",
        "1 label=-1",
        "1 label=00",
        "1 é=0",
        "1_000",
        "0x1",
        "1,2",
        "9999999999",
        "1 label=99999999999999999999",
    ],
)
def test_what_is_no_token(token):
    assert Token.read(token) is None and opened_revision(token) is None


def test_a_token_with_open_questions_is_none_for_a_page_without_fields():
    assert opened_revision("3") == 3
    assert opened_revision("3 label=2") is None


@pytest.mark.parametrize("field", ["opened", "verdict-0-opened", "reports-0-opened", "reports-1-opened"])
def test_a_form_without_its_token_is_refused(claim, alice, field):
    data = fields(alice, claim) | {"label": "Dead", "verdict-0-summary": "No.", "reports-0-low": "9"}
    data |= {"reports-1-DELETE": "on", "keep-label": "mine"}
    assert data[field] == "1"
    for bad in with_bad_tokens(data, field):
        assert "which version you opened" in refused(alice, claim, bad).told, bad.get(field)
        assert claim.reports.count() == 2


def test_a_story_without_its_token_is_refused(claim, alice):
    for bad in with_bad_tokens(fields(alice, claim.story) | {"title": "Deluge"}, "opened"):
        refused(alice, claim.story, bad)
        assert Story.objects.get().title == "Flood on the Aude", bad.get("opened")


@pytest.mark.parametrize("verb", ["submit", "flag"])
def test_a_move_without_its_token_is_refused(people, claim, verb):
    publish(claim)
    if verb == "submit":
        review.reopen(claim, user=people.erin, reason="Wording", kind="update")
    erin, before = at_desk(people.erin), counts()
    for bad in with_bad_tokens({"reason": "Now", "opened": str(claim.revision)}, "opened"):
        response = erin.post(reverse("admin:factcheck_claim_move", args=[claim.pk, verb]), bad)
        assert response.status_code == 200, bad.get("opened")
        assert "which version you opened" in response.content.decode()
        assert counts() == before and not Edition.objects.get().flags.exists()


# One person, two windows.


def test_what_one_saved_oneself_in_another_window_is_no_strangers(people, claim, alice):
    mine = fields(alice, claim) | {"statement": "Four people were killed.", "label": "Killed"}
    save(alice, claim, fields(alice, claim), statement="Three people were shot.", claimant="The mayor")
    back = refused(alice, claim, mine)
    (meeting,) = back.meetings
    assert meeting.since.act.startswith("You, in another window, saved this claim at")
    assert "You, in another window, changed this too" in back.told
    page = back.content.decode()
    for words in ("You changed this in both windows: statement", "Take what you saved there", "is in this form now"):
        assert words in page
    assert "Alice" not in " ".join([back.told, meeting.since.act, meeting.disputes[0].changes[0]["label"]])
    save(alice, claim, back.data | {"keep-statement": "mine"})
    claim.refresh_from_db()
    assert (claim.statement, claim.claimant) == ("Four people were killed.", "The mayor")


def test_where_others_saved_too_both_are_named(people, claim, alice, bob):
    mine = fields(alice, claim) | {"label": "Killed"}
    save(alice, claim, fields(alice, claim), claimant="The mayor")
    save(bob, claim, fields(bob, claim), statement="Three people were shot.")
    (meeting,) = refused(alice, claim, mine).meetings
    assert meeting.since.act.startswith("You and Bob Okafor saved this claim, last at")


def test_a_move_from_an_older_window_says_so(people, claim, alice):
    url = reverse("admin:factcheck_claim_move", args=[claim.pk, "submit"])
    save(alice, claim, fields(alice, claim), label="Dead")
    assert "You, in another window, saved this claim at" in alice.post(url, {"opened": "1"}).content.decode()


# Past the form.


def test_a_race_past_the_form_is_refused_in_words(claim, alice, monkeypatch):
    """Somebody saves between the check of the form and the save."""
    data = fields(alice, claim) | {"label": "Dead"}
    stored = Claim._changed

    def somebody_was_faster(self):
        monkeypatch.setattr(Claim, "_changed", stored)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE factcheck_claim SET revision = revision + 1")
        return stored(self)

    monkeypatch.setattr(Claim, "_changed", somebody_was_faster)
    response = alice.post(change_url(claim), data)
    assert response.status_code == 200
    assert "was changed since you opened it" in errors(response)
    claim.refresh_from_db()
    assert claim.label == "Death toll" and claim.history.count() == 1


def test_a_stale_move_changes_nothing_and_tells_who_when_and_what(people, claim, alice):
    url = reverse("admin:factcheck_claim_move", args=[claim.pk, "submit"])
    opened = str(claim.revision)
    with writing(people.bob):
        claim.label = "Dead"
        claim.save()
    page = alice.post(url, {"opened": opened, "reason": "Have a look"}).content.decode()
    assert "Bob Okafor saved this claim at" in page and "Changed: label." in page
    assert "Death toll" in page and "<ins" in page
    claim.refresh_from_db()
    assert claim.state == "draft"
    data = read_form(page, "move_form")
    assert (data["opened"], data["reason"]) == (str(claim.revision), "Have a look")
    alice.post(url, data)
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_a_move_that_is_asked_again_keeps_its_version(people, claim):
    publish(claim)
    erin = at_desk(people.erin)
    url, seen = reverse("admin:factcheck_claim_move", args=[claim.pk, "flag"]), str(claim.revision)
    with writing(people.bob):
        claim.assignee = people.bob
        claim.save()
    page = erin.post(url, {"opened": seen, "reason": ""}).content.decode()
    assert read_form(page, "move_form")["opened"] == seen
    page = erin.post(url, {"opened": seen, "reason": "Is it four?"}, follow=True).content.decode()
    assert "Changed: assignee." in page
    assert not Edition.objects.get().flags.exists()


def test_a_move_of_what_was_deleted_is_told(people, claim, alice):
    url = reverse("admin:factcheck_claim_move", args=[claim.pk, "submit"])
    with writing(people.bob):
        for part in [claim.verdict, *claim.reports.all(), claim]:
            part.delete()
    assert "Bob Okafor deleted this claim at" in alice.post(url, {"opened": "1"}, follow=True).content.decode()
