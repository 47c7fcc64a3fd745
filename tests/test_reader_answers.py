"""The queue of readers' requests at the desk, and what is answered."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from factcheck.models import Answer, CorrectionRequest, Edition, Role, User

from .desk_forms import errors
from .newsroom import make_claim, publish, writing
from .test_desk import at_desk, change_url, fields
from .test_public import text_of

pytestmark = pytest.mark.django_db

QUEUE = "/admin/factcheck/correctionrequest/"


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    return claim


def ask(message: str = "It is four.", **fields) -> CorrectionRequest:
    asked = CorrectionRequest(edition=Edition.objects.order_by("number").last(), message=message, **fields)
    asked.save()
    return asked


def answer(client: Client, asked: CorrectionRequest, **values: object):
    data = fields(client, asked) | {f"answer-0-{name}": str(value) for name, value in values.items()}
    return client.post(change_url(asked), data)


def test_it_works(people, claim):
    asked = ask(contact="reader@example.org")
    publish(claim, kind="correction", note="Four.")
    followed = Edition.objects.get(number=2)
    response = answer(at_desk(people.bob), asked, decision="changed", edition=followed.pk, text="You are right.")
    assert response.status_code == 302, errors(response)
    kept = Answer.objects.get()
    assert (kept.request, kept.decision, kept.edition, kept.text) == (asked, "changed", followed, "You are right.")
    assert kept.history.get().changeset.user == people.bob


@pytest.mark.parametrize(
    ("contact", "values", "said"),
    [
        ("", {"decision": "unchanged", "text": "No."}, "Answered. The reader gave no address, so nothing can be sent."),
        ("r@example.org", {"decision": "unchanged", "text": "No."}, "Answered. Send the letter that stands there"),
        (
            "r@example.org",
            {"decision": "changed", "text": "You are right."},
            "Answered. The page will change: name its edition here once that is published. Send the letter",
        ),
        ("r@example.org", {"decision": "spam"}, "Marked as spam."),
    ],
)
def test_what_is_answered_is_said_with_what_follows(people, claim, contact, values, said):
    client, asked = at_desk(people.bob), ask(contact=contact)
    answer(client, asked, **values)
    page = text_of(client.get(QUEUE))
    assert said in page and "successfully" not in page
    client.post(change_url(asked), fields(client, asked))
    assert "Nothing was changed" in text_of(client.get(QUEUE))


def test_the_oldest_that_waits_stands_first(people, claim):
    asked = [ask(f"Wrong, {number}") for number in range(4)]
    with writing():
        for number in (0, 2):
            Answer(request=asked[number], decision="unchanged", text="No.").save()
    page = at_desk(people.alice).get(QUEUE)
    shown = [each.message[-1] for each in page.context_data["cl"].result_list]
    assert shown == ["1", "3", "2", "0"]
    text = text_of(page)
    assert "Death toll" in text and "1 of 1" in text and "waits for one" in text and "no change" in text


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [("waiting", ["waits"]), ("promised", ["promised"]), ("changed", ["promised", "done"]), ("spam", ["spam"])],
)
def test_it_is_filtered_by_what_came_of_it(chosen, shown, people, claim):
    asked = {name: ask(name) for name in ("waits", "promised", "done", "spam")}
    publish(claim, kind="update", note="Four.")
    with writing():
        Answer(request=asked["promised"], decision="changed", text="We will.").save()
        Answer(request=asked["done"], decision="changed", text="Done.", edition=Edition.objects.get(number=2)).save()
        Answer(request=asked["spam"], decision="spam").save()
    page = at_desk(people.alice).get(QUEUE, {"outcome": chosen})
    assert {each.message for each in page.context_data["cl"].result_list} == set(shown)


def test_the_queue_costs_the_same_however_long_it_is(people, claim, django_assert_max_num_queries):
    client = at_desk(people.alice)
    for number in range(30):
        ask(f"Wrong, {number}")
    with django_assert_max_num_queries(10):
        assert client.get(QUEUE).status_code == 200


def test_it_says_what_the_reader_read(people, claim):
    asked = ask()
    publish(claim, kind="update", note="Four.")
    page = text_of(at_desk(people.alice).get(change_url(asked)))
    assert "edition 1 ; the page is at edition 2 now" in page


REFUSED = {
    "an edition of before": ({"decision": "changed", "edition": "1", "text": "Yes."}, "Select a valid choice."),
    "of another page": (
        {"decision": "changed", "edition": "other", "text": "Yes."},
        "Select a valid choice.",
    ),
    "an edition, and no change": ({"decision": "unchanged", "edition": "2", "text": "No."}, "Only a changed page"),
    "nothing said": ({"decision": "unchanged", "text": " "}, "Write the answer"),
    "no decision": ({"decision": "", "text": "No."}, "This field is required."),
    "invisible": ({"decision": "unchanged", "text": "N\u202eo"}, "U+202E"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_no_answer(wrong, people, claim):
    asked = ask()
    publish(claim, kind="update", note="Four.")
    publish(make_claim("other", author=people.alice))
    values, why = REFUSED[wrong]
    named = {str(each.number) if each.claim_id == claim.pk else "other": each.pk for each in Edition.objects.all()}
    response = answer(at_desk(people.bob), asked, **values | {"edition": named.get(values.get("edition"), "")})
    assert response.status_code == 200 and why in errors(response)
    assert not Answer.objects.exists()


@pytest.mark.parametrize("wrong", [{"decision": "maybe"}, {"text": ""}, {"decision": "unchanged", "edition": True}])
def test_the_database_refuses_it_too(wrong, claim):
    asked = ask()
    publish(claim, kind="update", note="Four.")
    values = {"decision": "changed", "text": "Yes."} | wrong
    if "edition" in values:
        values["edition"] = Edition.objects.get(number=2)
    with pytest.raises(IntegrityError), transaction.atomic(), writing():
        Answer(request=asked, **values).save()


def test_an_edition_that_was_there_before_the_request_did_not_follow_it(people, claim):
    publish(claim, kind="update", note="Four.")
    asked = CorrectionRequest(edition=Edition.objects.get(number=1), message="It is four.")
    asked.save()
    assert not asked.editions_since().exists()


def test_spam_is_marked_and_stays(people, claim):
    asked = ask("Buy pills")
    assert answer(at_desk(people.alice), asked, decision="spam", text="").status_code == 302
    assert CorrectionRequest.objects.get().answer.decision == "spam"


def test_a_promise_is_kept_later(people, claim):
    client, asked = at_desk(people.alice), ask()
    answer(client, asked, decision="changed", text="You are right.")
    assert "page will change" in text_of(client.get(QUEUE))
    publish(claim, kind="correction", note="Four.")
    assert answer(client, asked, edition=Edition.objects.get(number=2).pk).status_code == 302
    assert "page changed" in text_of(client.get(QUEUE))
    assert Answer.history.count() == 2


LETTERS = [("", "unchanged", False), ("reader@example.org", "unchanged", True), ("reader@example.org", "spam", False)]


@pytest.mark.parametrize(("contact", "decision", "is_offered"), LETTERS)
def test_a_letter_is_offered_and_never_sent(contact, decision, is_offered, people, claim, mailoutbox):
    client, asked = at_desk(people.alice), ask("It is four & more.\nSee there.", contact=contact)
    answer(client, asked, decision=decision, text="The prefecture counts three.")
    page = client.get(change_url(asked)).content.decode()
    assert ("mailto:reader%40example.org?subject=Your%20report" in page) is is_offered
    assert ("&gt; It is four &amp; more.\n&gt; See there." in page) is is_offered
    assert ("http://testserver/claims/death-toll/editions/1/" in page) is is_offered
    assert mailoutbox == []


def test_an_account_without_a_role_sees_no_address(people, claim):
    asked = ask(contact="reader@example.org")
    with writing():
        Answer(request=asked, decision="unchanged", text="No.").save()
    history = reverse("admin:factcheck_correctionrequest_history", args=[asked.pk])
    root = at_desk(User.objects.create_superuser("root"))
    for url in (QUEUE, change_url(asked), history, "/admin/"):
        assert "reader@example.org" not in root.get(url).content.decode()
        assert "reader%40example.org" not in root.get(url).content.decode()
    assert "reader@example.org" in at_desk(people.victor).get(change_url(asked)).content.decode()


ANSWERING = {Role.REPORTER: True, Role.REVIEWER: True, Role.EDITOR: True, Role.VIEWER: False}


@pytest.mark.parametrize("name", ["alice", "bob", "erin", "victor"])
def test_who_answers(name, people, claim):
    person, asked = getattr(people, name), ask()
    client = at_desk(person)
    opened = fields(at_desk(people.alice), asked)
    data = opened | {"answer-0-decision": "unchanged", "answer-0-text": "No."}
    response = client.post(change_url(asked), data)
    assert response.status_code == (302 if ANSWERING[person.role] else 403)
    assert Answer.objects.exists() is ANSWERING[person.role]
