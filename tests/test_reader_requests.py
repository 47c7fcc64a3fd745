"""What a reader reports: the form of a page, and how much of it is taken in."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.signing import TimestampSigner
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factcheck.desk import review
from factcheck.history import guard
from factcheck.models import Answer, CorrectionRequest, Edition, Quota, QuotaSpent, quotas
from factcheck.models.quotas import FROM_ALL, FROM_ONE_ADDRESS, sender
from factcheck.public.readers import client_address

from .desk_forms import read_form
from .newsroom import make_claim, make_people, publish, writing
from .racing import at_once
from .test_public import text_of

pytestmark = pytest.mark.django_db

FORM, THANKS = "/claims/death-toll/report-an-error/", "/claims/death-toll/report-an-error/thanks/"
WORDS = {"message": "It is four: https://example.org/count", "contact": "reader@example.org"}


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    return claim


def form_of(response) -> dict[str, str]:
    """The one form without a name."""
    return read_form(response.content.decode(), None)


def send(client: Client, address: str = FORM, how: dict | None = None, **words: str):
    """The form as a browser sends it back."""
    data = form_of(client.get(address)) | WORDS | words
    return client.post(address, data, **(how or {}))


def test_it_works(client, claim):
    page = text_of(client.get(FORM))
    assert "About “Three people were killed.” , edition 1, published" in page
    response = send(client)
    assert (response.status_code, response["Location"]) == (302, THANKS)
    assert "Thank you" in text_of(client.get(THANKS))
    kept = CorrectionRequest.objects.get()
    assert (kept.edition, kept.message, kept.contact) == (Edition.objects.get(), WORDS["message"], WORDS["contact"])


def test_every_verdict_page_leads_to_it(client, claim):
    publish(claim, kind="update", note="More is known.")
    assert f'href="{FORM}"' in client.get("/claims/death-toll/").content.decode()
    assert f'href="{FORM}?edition=1"' in client.get("/claims/death-toll/editions/1/").content.decode()


def test_it_needs_and_gives_no_cookie(claim):
    client = Client(enforce_csrf_checks=True)
    page, sent = client.get(FORM), send(client)
    assert sent.status_code == 302
    assert not page.cookies and not sent.cookies and not client.cookies
    assert "no-store" in page["Cache-Control"] and "Cookie" not in page.get("Vary", "")


def test_an_old_edition_says_which(client, claim):
    publish(claim, kind="update", note="More is known.")
    page = text_of(client.get(f"{FORM}?edition=1"))
    assert "edition 1, published" in page and "Edition 2 has replaced this one" in page
    assert send(client, f"{FORM}?edition=1").status_code == 302
    assert CorrectionRequest.objects.get().edition.number == 1


def test_a_withdrawn_page_can_be_reported(client, claim, people):
    review.withdraw(claim, user=people.erin, reason="It was another town.")
    assert "This page is withdrawn." in text_of(client.get(FORM))
    assert send(client).status_code == 302
    assert CorrectionRequest.objects.get().edition.is_withdrawal
    assert send(client, f"{FORM}?edition=1").status_code == 302


@pytest.mark.parametrize("address", ["/claims/draft/report-an-error/", f"{FORM}?edition=2", f"{FORM}?edition=x"])
def test_what_is_not_published_has_none(address, client, claim, people):
    make_claim("draft", author=people.alice)
    token = form_of(client.get(FORM))["token"]
    assert client.get(address).status_code == 404
    assert client.post(address, WORDS | {"token": token}).status_code == 404
    assert client.get("/claims/draft/report-an-error/thanks/").status_code == 404
    assert not CorrectionRequest.objects.exists()


REFUSED = {
    "nothing said": ({"message": " \n "}, "Say what is wrong."),
    "no address": ({"contact": "reader at home"}, "Enter a valid email address."),
    "far too long": ({"message": "x" * 5001}, "at most 5000 characters"),
    "a robot fills in all": ({"website": "https://example.org"}, "A field that people do not see was filled in."),
    "no token": ({"token": ""}, "It did not come from this form."),
    "a made-up token": ({"token": "a:b:c"}, "It did not come from this form."),
    "a token of another form": ({"token": TimestampSigner(salt="other").sign("x")}, "It did not come from this form."),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_refused_comes_back_with_its_words(wrong, client, claim):
    changed, why = REFUSED[wrong]
    response = send(client, **changed)
    page = text_of(response)
    assert response.status_code == 400
    assert "Not sent yet" in page and why in page
    assert not CorrectionRequest.objects.exists() and not Quota.objects.exists()
    back = form_of(response)
    assert back["message"].strip() == (WORDS | changed)["message"].strip()
    assert back["contact"] == (WORDS | changed)["contact"]
    assert client.post(FORM, back | WORDS).status_code == 302, "as it came back, it can be sent"


def test_a_form_of_yesterday(client, claim, monkeypatch):
    data = form_of(client.get(FORM)) | WORDS
    later = datetime.now().timestamp() + 25 * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    response = client.post(FORM, data)
    assert response.status_code == 400 and "open for more than a day" in text_of(response)
    assert client.post(FORM, form_of(response)).status_code == 302


ORIGINS = [
    ({"HTTP_SEC_FETCH_SITE": "same-origin"}, 302),
    ({"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "null"}, 302),
    ({"HTTP_ORIGIN": "http://testserver"}, 302),
    ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 400),
    ({"HTTP_SEC_FETCH_SITE": "same-site"}, 400),
    ({"HTTP_ORIGIN": "https://elsewhere.example"}, 400),
    ({"HTTP_ORIGIN": "null"}, 400),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
def test_another_site_cannot_send_it(headers, status, client, claim):
    response = send(client, how=headers)
    assert response.status_code == status
    assert CorrectionRequest.objects.count() == (status == 302)
    assert (status == 302) or "It came from another site." in text_of(response)


def test_invisible_characters_are_taken_out(client, claim):
    send(client, message="It is \u200bfour.\x01 \u202e")
    assert CorrectionRequest.objects.get().message == "It is four."


# Sent twice.


def test_sent_twice_it_is_one(client, claim):
    data = form_of(client.get(FORM)) | WORDS
    assert [client.post(FORM, data).status_code for _ in range(9)] == [302] * 9
    assert CorrectionRequest.objects.count() == 1
    assert Quota.objects.get(key__isnull=False, spent=1, pk=Quota.objects.first().pk)
    client.post(FORM, data | {"message": "And the date is wrong."})
    client.post(FORM, form_of(client.get(FORM)) | WORDS)
    assert CorrectionRequest.objects.count() == 3


def test_sent_twice_at_once_it_is_one(committing):
    publish(make_claim(author=make_people().alice))
    edition = Edition.objects.get()

    def receive(number: int) -> None:
        asked = CorrectionRequest(edition=edition, message="Four.")
        CorrectionRequest.objects.receive(asked, form="one", sender="192.0.2.1")

    at_once(4, receive)
    assert CorrectionRequest.objects.count() == 1


# How much is taken in.


def test_one_address_has_its_share_of_an_hour(client, claim):
    for number in range(FROM_ONE_ADDRESS):
        assert send(client, message=f"Wrong, {number}").status_code == 302
    response = send(client, message="Wrong again")
    page = text_of(response)
    assert response.status_code == 429 and "Too many reports came in this hour. Yours is still here" in page
    assert 0 < int(response["Retry-After"]) <= 3600
    assert form_of(response)["message"].strip() == "Wrong again"
    assert CorrectionRequest.objects.count() == FROM_ONE_ADDRESS
    assert send(client, how={"REMOTE_ADDR": "192.0.2.9"}).status_code == 302


def test_who_has_no_address_shares_with_nobody_else(client, claim):
    for number in range(FROM_ONE_ADDRESS + 1):
        response = send(client, message=f"Wrong, {number}", how={"REMOTE_ADDR": ""})
    assert response.status_code == 429
    assert send(client, how={"REMOTE_ADDR": "192.0.2.9"}).status_code == 302


def test_the_end_of_a_line_is_one_character(client, claim):
    assert send(client, message="x\r\n" * 2_499 + "x").status_code == 302
    assert CorrectionRequest.objects.get().message == "x\n" * 2_499 + "x"


def test_all_addresses_together_have_theirs(claim, monkeypatch):
    monkeypatch.setattr(quotas, "FROM_ALL", 3)
    for number in range(3):
        Quota.objects.spend(f"192.0.2.{number}")
    with pytest.raises(QuotaSpent):
        Quota.objects.spend("192.0.2.77")
    assert FROM_ALL > FROM_ONE_ADDRESS


def test_the_next_hour_is_a_new_one_and_the_old_is_gone(claim, monkeypatch):
    now = datetime(2026, 3, 13, 20, 59, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    for _number in range(FROM_ONE_ADDRESS):
        Quota.objects.spend("192.0.2.1")
    with pytest.raises(QuotaSpent) as spent, transaction.atomic():
        Quota.objects.spend("192.0.2.1")
    assert spent.value.until == datetime(2026, 3, 13, 21, tzinfo=UTC)
    before = set(Quota.objects.values_list("key", flat=True))
    now += timedelta(minutes=2)
    Quota.objects.spend("192.0.2.1")
    assert Quota.objects.count() == 2 and not before & set(Quota.objects.values_list("key", flat=True))


def test_processes_share_the_quota(committing):
    publish(make_claim(author=make_people().alice))
    edition = Edition.objects.get()

    def receive(number: int) -> str:
        asked = CorrectionRequest(edition=edition, message=f"Wrong, {number}")
        try:
            CorrectionRequest.objects.receive(asked, form=str(number), sender="192.0.2.1")
        except QuotaSpent:
            return "refused"
        return "taken"

    answers = at_once(FROM_ONE_ADDRESS + 3, receive)
    assert answers.count("taken") == CorrectionRequest.objects.count() == FROM_ONE_ADDRESS


def test_no_address_is_kept(client, claim):
    send(client, how={"REMOTE_ADDR": "192.0.2.77"})
    with connection.cursor() as cursor:
        for table in ("factcheck_quota", "factcheck_correctionrequest"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "192.0.2" not in str(cursor.fetchall())


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("", "unix", False),
    ],
)
def test_who_counts_as_one_sender(one, other, is_same):
    assert (sender(one) == sender(other)) == is_same


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.5", "192.0.2.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "made-up, 203.0.113.5", "203.0.113.5"),
        (2, "made-up, 203.0.113.5, 198.51.100.1", "203.0.113.5"),
        (2, "203.0.113.5", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_behind_proxies(proxies, forwarded, address, settings):
    settings.PROXIES = proxies
    assert client_address({"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": "192.0.2.1"}) == address


# What is kept, and what is shown.


def test_a_request_is_never_changed(client, claim):
    send(client)
    for act in ("UPDATE factcheck_correctionrequest SET message = 'x'", "DELETE FROM factcheck_correctionrequest"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)
    assert guard.missing() == []


PUBLIC = ["/", "/claims/death-toll/", "/claims/death-toll.json", "/stories/flood/", "/corrections/", THANKS, FORM]
PUBLIC += ["/feeds/verdicts.atom", "/feeds/corrections.atom", "/claims/death-toll/editions/1/", "/sitemap.xml"]


def test_nobody_reads_what_a_reader_wrote(client, claim):
    send(client, message="CANARY", contact="canary@example.org")
    for address in PUBLIC:
        assert "canary" not in client.get(address).content.decode().casefold(), address


def test_robots_keep_out(client, claim):
    assert "Disallow: /claims/*/report-an-error/\n" in client.get("/robots.txt").content.decode()
    for address in (FORM, THANKS):
        assert '<meta name="robots" content="noindex">' in client.get(address).content.decode()
    assert not re.search("report-an-error", client.get("/sitemap.xml").content.decode())


def test_counts_on_the_page_of_corrections(client, claim):
    assert "No reader has reported an error so far" in text_of(client.get("/corrections/"))
    for number in range(3):
        send(client, message=f"Wrong, {number}")
    with writing():
        first, second, third = CorrectionRequest.objects.order_by("pk")
        Answer(request=third, decision="spam").save()
        Answer(request=second, decision="changed", text="You are right.").save()
    assert "Readers sent us 2 reports of errors; 0 led to a change." in text_of(client.get("/corrections/"))
    publish(claim, kind="update", note="More is known.")
    with writing():
        Answer(request=first, decision="changed", text="Yes.", edition=Edition.objects.get(number=2)).save()
    with CaptureQueriesContext(connection) as queries:
        assert "2 reports of errors; 1 led to a change." in text_of(client.get("/corrections/"))
    # Once for the page, and for its version before and after.
    assert sum("correctionrequest" in query["sql"] for query in queries) == 3
