"""What waits for whom: the queues, the front page that shows their beginnings, and the lists that show them whole."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from factcheck.desk import gate, queues, review
from factcheck.desk.queues import Queue
from factcheck.history import recording
from factcheck.models import Answer, Capture, Claim, CorrectionRequest, Edition, SourceBasis, Story, User, Verdict

from .newsroom import make_claim, make_source, publish, writing
from .test_desk import at_desk

pytestmark = pytest.mark.django_db


def board(client: Client) -> dict[str, list[str]]:
    sections = client.get(reverse("admin:index")).context_data["sections"]
    return {section.name: sorted(item.title for item in section.items) for section in sections}


def in_queue(queue: Queue, user: User) -> list[str]:
    """By both roads, which must agree."""
    keys = queues.keys(queue, user, 50)
    assert queues.beginnings([queue], user, 50) == {queue: keys}
    return sorted(Claim.objects.filter(pk__in=keys).order_by().values_list("label", flat=True))


def make(label: str, *verbs: str, people, author: str = "alice", **fields) -> Claim:
    claim = make_claim(label.lower(), author=getattr(people, author), label=label, **fields)
    actors = {"submit": getattr(people, author), "publish": people.erin, "flag": people.erin, "reopen": people.erin}
    for verb in verbs:
        extra = {"kind": "update"} if verb == "reopen" else {}
        review.VERBS[verb](claim, user=actors.get(verb, people.bob), reason=f"{verb} it", **extra)
    return claim


@pytest.fixture
def desk(people):
    """One claim for every place that a claim can have."""
    make("Draft", people=people)
    make("Assigned", people=people, assignee=people.bob)
    make("Waits", "submit", people=people)
    make("Sent", "submit", "return_to_author", people=people)
    make("Again", "submit", "return_to_author", "submit", people=people)
    make("Agreed", "submit", "approve", people=people)
    make("Recalled", "submit", "approve", "return_to_author", people=people, assignee=people.alice)
    make("Out", "submit", "approve", "publish", people=people)
    make("Doubted", "submit", "approve", "publish", "flag", people=people)
    make("Next", "submit", "approve", "publish", "reopen", people=people)
    make("Own", "submit", people=people, author="bob")
    with writing():
        Claim(story=Story.objects.get(), slug="bare", label="Bare", statement="Nobody wrote a verdict yet.").save()
    return people


# Claim by claim, in which queues it stands for whom.
TABLE = """
          alice       bob              erin
Draft     mine        unassigned       unassigned
Assigned  -           mine             -
Waits     handed      review           review
Sent      returned    unassigned       unassigned
Again     handed      review           review
Agreed    handed      -                approved
Recalled  returned    -                -
Out       -           -                -
Doubted   flagged     flagged          flagged
Next      mine        unassigned       unassigned
Own       -           handed           review
Bare      unassigned  unassigned       unassigned
"""
NAMES, *ROWS = [line.split() for line in TABLE.strip().splitlines()]


def test_each_claim_stands_where_it_waits(desk, django_assert_max_num_queries):
    for place, name in enumerate(NAMES):
        user = User.objects.get(username=name)
        client = at_desk(user)
        with django_assert_max_num_queries(12):
            shown = board(client)
        for queue in Queue:
            if queue.value in shown:
                assert shown[queue] == in_queue(queue, user), (name, queue)
        found = {label: queue for queue, labels in shown.items() for label in labels if queue in set(Queue)}
        assert found == {row[0]: row[1 + place] for row in ROWS if row[1 + place] != "-"}, name


@pytest.mark.parametrize("name", ["alice", "bob", "erin", "victor"])
def test_each_leads_to_its_whole_list(desk, name):
    client = at_desk(User.objects.get(username=name))
    sections = client.get(reverse("admin:index")).context_data["sections"]
    lists = {section.name: client.get(section.url) for section in sections if section.url}
    assert {name: page.status_code for name, page in lists.items()} == dict.fromkeys(lists, 200)


def test_readers_requests_lead_to_those_that_wait(desk):
    for message in ("It is four.", "It is five."):
        CorrectionRequest(edition=Edition.objects.first(), message=message).save()
    with recording(user=desk.erin, reason="Looked at it", via="admin"):
        Answer(
            request=CorrectionRequest.objects.get(message="It is four."), decision="unchanged", text="It is three."
        ).save()
    client = at_desk(desk.erin)
    sections = {each.name: each for each in client.get(reverse("admin:index")).context_data["sections"]}
    assert [row.message for row in client.get(sections["readers"].url).context_data["cl"].result_list] == [
        "It is five."
    ]


def test_a_viewer_sees_what_is_being_judged(desk):
    shown = board(at_desk(desk.victor))
    assert shown["review"] == ["Again", "Own", "Waits"] and shown["approved"] == ["Agreed"]
    assert shown["flagged"] == ["Doubted"] and not {"mine", "returned", "unassigned"} & shown.keys()


def test_an_account_without_a_role_is_told_so_and_shown_nothing(desk):
    nora = User.objects.create_user("nora", is_staff=True)
    response = at_desk(nora).get(reverse("admin:index"))
    assert response.context_data["sections"] == []
    assert "Nothing here is open to you yet" in response.content.decode()
    root = User.objects.create_superuser("root")
    assert board(at_desk(root))["review"] == ["Again", "Own", "Waits"]


def test_an_empty_newsroom_says_how_to_begin(people):
    page = at_desk(people.alice).get(reverse("admin:index")).content.decode()
    assert "Nothing is on the desk yet" in page and reverse("admin:factcheck_story_add") in page
    page = at_desk(people.victor).get(reverse("admin:index")).content.decode()
    assert "Nothing is on the desk yet" in page and reverse("admin:factcheck_story_add") not in page


# Waiting for my review is what the gate would let me approve.


def change(claim: Claim, user: User) -> None:
    claim.statement += " At least."
    claim.save()


def change_verdict(claim: Claim, user: User) -> None:
    verdict = Verdict.objects.get(claim=claim)
    verdict.summary += " More exactly."
    verdict.save()


def take_rating_then_away(claim: Claim, user: User) -> None:
    verdict = Verdict.objects.get(claim=claim)
    verdict.rating_then = None
    verdict.save()


def add_report(claim: Claim, user: User) -> None:
    report = claim.reports.last()
    report.pk = report.number = None
    report._state.adding, report.revision = True, 0
    report.save()


def remove_report(claim: Claim, user: User) -> None:
    claim.reports.last().delete()


def change_source(claim: Claim, user: User) -> None:
    source = claim.reports.first().source
    source.title += ", second page"
    source.save()


def change_origin(claim: Claim, user: User) -> None:
    origin = SourceBasis.objects.get().rests_on
    origin.title += ", second page"
    origin.save()


def change_publisher(claim: Claim, user: User) -> None:
    publisher = claim.reports.first().source.publisher
    publisher.name += " on Sunday"
    publisher.save()


def change_publisher_of_origin(claim: Claim, user: User) -> None:
    publisher = SourceBasis.objects.get().rests_on.publisher
    publisher.name += " on Sunday"
    publisher.save()


def change_story(claim: Claim, user: User) -> None:
    claim.story.title += ", day two"
    claim.story.save()


def hand_over(claim: Claim, user: User) -> None:
    claim.assignee = user
    claim.save()


def become_author(claim: Claim, user: User) -> None:
    verdict = Verdict.objects.get(claim=claim)
    verdict.author = user
    verdict.save()


def keep(claim: Claim, number: int, **how) -> None:
    Capture(source=claim.reports.get(number=number).source, text="Three people died.", **how).save()


def paste_what_is_quoted(claim: Claim, user: User) -> None:
    keep(claim, 1)


def upload_what_is_quoted(claim: Claim, user: User) -> None:
    keep(claim, 1, came="file", file_name="page.txt", media_type="text/plain")


def fetch_what_is_quoted(claim: Claim, user: User) -> None:
    keep(claim, 1, came="fetched", fetched_from="https://example.org/", media_type="text/html")


def paste_what_nothing_quotes(claim: Claim, user: User) -> None:
    keep(claim, 2)


WRITING = [change, change_verdict, take_rating_then_away, add_report, remove_report, change_source, change_origin]
WRITING += [change_story, become_author, change_publisher, change_publisher_of_origin]
WRITING += [paste_what_is_quoted, upload_what_is_quoted]
NO_WRITING = [hand_over, fetch_what_is_quoted, paste_what_nothing_quotes]


@pytest.mark.parametrize("since", ["before", "after"])
def test_my_review_is_what_the_gate_lets_me_approve(people, since):
    """Before and after an edition: what stood in that is no longer one's own writing."""
    claim = make("Waits", people=people, made_at=None)
    with writing():
        SourceBasis(source=claim.reports.first().source, rests_on=make_source("origin")).save()
        verdict = Verdict.objects.get()
        verdict.rating_then = verdict.rating
        verdict.save()
        quoting = claim.reports.get(number=1)
        quoting.quote = "Three people died"
        quoting.save()
    if since == "after":
        publish(claim)
        publish(claim, kind="update", note="Four now.")
        review.withdraw(claim, user=people.erin, reason="Another town")
        review.reopen(claim, user=people.erin, reason="Four now", kind="update")
    for changing in [*WRITING, *NO_WRITING]:
        with transaction.atomic():
            with recording(user=people.bob, reason="Better", via="admin"):
                changing(Claim.objects.get(), people.bob)
            if since == "before":
                publish(Claim.objects.get())
                review.reopen(Claim.objects.get(), user=people.bob, reason="Four now", kind="update")
            claim = Claim.objects.get()
            review.submit(claim, user=people.alice, reason="Ready")
            may = gate.four_eyes(claim, people.bob) is None
            expected = changing in NO_WRITING or (since == "before" and changing is not become_author)
            assert may == expected, changing
            assert in_queue(Queue.REVIEW, people.bob) == (["Waits"] if may else []), changing
            transaction.set_rollback(True)


@pytest.mark.parametrize("note", ["", "It was another town."])
def test_the_kind_of_an_edition_is_of_whoever_starts_it_until_it_has_a_note(people, note):
    claim = make("Waits", "submit", "approve", "publish", "reopen", people=people)
    for user, field, value in [(people.alice, "edition_note", note), (people.bob, "edition_kind", "correction")]:
        verdict = Verdict.objects.get()
        setattr(verdict, field, value)
        with recording(user=user, reason="Better", via="admin"):
            verdict.save()
    review.submit(Claim.objects.get(), user=people.alice, reason="Ready")
    assert (gate.four_eyes(claim, people.bob) is None) == (not note)
    assert in_queue(Queue.REVIEW, people.bob) == ([] if note else ["Waits"])


def test_judging_is_not_writing(people):
    claim = make(
        "Waits", "submit", "return_to_author", "submit", "approve", "return_to_author", "submit", people=people
    )
    assert gate.four_eyes(claim, people.bob) is None
    assert in_queue(Queue.REVIEW, people.bob) == ["Waits"]


# What follows.


def test_the_next_one_is_what_others_wait_for(desk):
    def labels(user: User, first: Claim) -> list[str]:
        claim, found = first, []
        for _step in range(4):
            claim = Claim.objects.get(pk=queues.following(claim, user))
            found.append(claim.label)
        return found

    out = Claim.objects.get(slug="out")
    assert labels(desk.erin, out) == ["Waits", "Again", "Own", "Agreed"]
    assert labels(desk.bob, out) == ["Waits", "Again", "Assigned", "Waits"]
    assert labels(desk.alice, out) == ["Sent", "Recalled", "Draft", "Next"]
    assert queues.following(out, desk.victor) is None


def test_nothing_follows_the_only_one(people):
    claim = make("Waits", "submit", people=people)
    assert queues.following(claim, people.bob) is None


# admin/


def test_the_next_edition_ends_a_flag_and_an_answer_a_request(people):
    claim = make("Doubted", "submit", "approve", "publish", "flag", people=people)
    request = CorrectionRequest(edition=Edition.objects.get(), message="It is four.")
    request.save()
    seen = board(at_desk(people.erin))
    assert seen["flagged"] == seen["readers"] == ["Doubted"]
    publish(claim, kind="update", note="Four now.")
    with writing():
        Answer(request=request, decision="changed", text="It is.").save()
    seen = board(at_desk(people.erin))
    assert seen["flagged"] == seen["readers"] == [] and in_queue(Queue.FLAGGED, people.erin) == []


def test_each_item_says_since_when_and_who(people):
    claim = make("Sent", "submit", "return_to_author", people=people)
    response = at_desk(people.alice).get(reverse("admin:index"))
    (section,) = [each for each in response.context_data["sections"] if each.name == "returned"]
    (item,) = section.items
    assert (item.who, item.note, item.story) == (str(people.alice), "return_to_author it", str(claim.story))
    assert item.since == claim.history.latest("revision").changeset.at
    assert section.count == "1" and not section.has_more


def test_a_full_queue_is_counted_as_far_as_it_is_read(people, monkeypatch):
    monkeypatch.setattr("factcheck.desk.admin.board.BOUND", 3)
    monkeypatch.setattr("factcheck.desk.admin.board.SHOWN", 2)
    for number in range(5):
        make(f"Waits{number}", "submit", people=people)
    response = at_desk(people.bob).get(reverse("admin:index"))
    (section,) = [each for each in response.context_data["sections"] if each.name == "review"]
    assert ([item.title for item in section.items], section.count) == (["Waits0", "Waits1"], "3+")
    assert f'href="{section.url}"' in response.content.decode()
    listed = at_desk(people.bob).get(section.url).context_data["cl"]
    assert listed.result_count == 5


# admin/factcheck/claim/?queue=…


def listed(user: User, query: str) -> list[str]:
    response = at_desk(user).get(f"{reverse('admin:factcheck_claim_changelist')}?{query}")
    assert response.status_code == 200, query
    return sorted(claim.label for claim in response.context_data["cl"].result_list)


def test_the_list_shows_a_queue_whole(desk):
    for queue in Queue:
        assert listed(desk.bob, f"queue={queue}") == in_queue(queue, desk.bob)
    assert len(listed(desk.bob, "queue=")) == Claim.objects.count()
    response = at_desk(desk.bob).get(f"{reverse('admin:factcheck_claim_changelist')}?queue=none", follow=True)
    assert response.status_code == 200


def test_a_long_list_counts_no_further_than_it_pages(desk, monkeypatch):
    url = reverse("admin:factcheck_claim_changelist")
    assert "draft (6)" in at_desk(desk.bob).get(url).content.decode()
    monkeypatch.setattr("factcheck.desk.admin.listing.MOST", 3)
    page = at_desk(desk.bob).get(url).content.decode()
    assert "The first 3 claims. Search or filter to find others." in page
    assert "draft (6)" not in page and "Show counts" in page
    assert "draft (6)" in at_desk(desk.bob).get(f"{url}?_facets").content.decode()
    assert "1 claim\n" in at_desk(desk.bob).get(f"{url}?queue=approved").content.decode()


def test_the_newest_stories_are_offered_and_the_chosen_one(people, monkeypatch):
    monkeypatch.setattr("factcheck.desk.admin.listing.OFFERED", 2)
    make_claim(author=people.alice)
    first = Story.objects.get()
    with writing():
        for number in range(3):
            Story(slug=f"s{number}", title=f"Story {number}", summary="-", began_on="2026-03-13").save()
    page = at_desk(people.bob).get(reverse("admin:factcheck_claim_changelist")).content.decode()
    assert "Story 2" in page and "Story 0" not in page
    assert listed(people.bob, f"story__id__exact={first.pk}") == ["Death toll"]
    url = reverse("admin:factcheck_claim_changelist")
    assert at_desk(people.bob).get(f"{url}?story__id__exact=x", follow=True).status_code == 200
