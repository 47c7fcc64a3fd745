"""The desk's front page, the claim's page and its moves."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from factcheck.desk import review
from factcheck.desk.admin import claims
from factcheck.desk.admin.base import in_words
from factcheck.desk.admin.numerals import FigureField
from factcheck.history import Changeset, Door
from factcheck.models import (
    Claim,
    CorrectionRequest,
    Edition,
    Flag,
    Report,
    Source,
    SourceBasis,
    State,
    User,
    Verdict,
)

from .desk_forms import errors, opened, read_form
from .newsroom import make_claim, make_rating, make_source, make_story, publish, writing

pytestmark = pytest.mark.django_db


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change_url(instance) -> str:
    return reverse(f"admin:factcheck_{instance._meta.model_name}_change", args=[instance.pk])


def move_url(claim: Claim, verb: str) -> str:
    return reverse("admin:factcheck_claim_move", args=[claim.pk, verb])


def fields(client: Client, instance) -> dict[str, str]:
    return opened(client, change_url(instance), f"{instance._meta.model_name}_form")


# admin/


def test_it_works(people, claim):
    response = at_desk(people.bob).get(reverse("admin:index"))
    assert response.status_code == 200
    assert b"The desk" in response.content


def test_the_claim_list_shows_and_counts(people, claim):
    publish(claim)
    review.flag(claim, user=people.erin, reason="A fourth victim")
    response = at_desk(people.bob).get(reverse("admin:factcheck_claim_changelist"), {"q": "killed"})
    page = response.content.decode()
    assert "pill-published" in page and "pill-flagged" in page
    assert "published (1)" in page


# admin/factcheck/claim/


def test_one_save_is_one_changeset(people, claim):
    client = at_desk(people.alice)
    data = fields(client, claim)
    data |= {
        "label": "Dead",
        "verdict-0-summary": "Four people died.",
        "reports-0-low": "4",
        "reason": "The prefecture counts four",
    }
    before = Changeset.objects.count()
    response = client.post(change_url(claim), data)
    assert response.status_code == 302, errors(response)
    changeset = Changeset.objects.latest("pk")
    assert Changeset.objects.count() == before + 1
    assert (changeset.user, changeset.reason, changeset.via) == (
        people.alice,
        "The prefecture counts four",
        Door.ADMIN,
    )
    claim.refresh_from_db()
    assert claim.label == "Dead"
    for history in (Claim.history, Verdict.history, Report.history):
        assert history.filter(changeset=changeset).count() == 1
    assert Verdict.objects.get().summary == "Four people died."
    assert claim.reports.get(number=1).low == 4


def test_a_new_claim_with_its_verdict_and_reports(people):
    source = make_source("source-1")
    client = at_desk(people.alice)
    data = opened(client, reverse("admin:factcheck_claim_add"), "claim_form")
    story = make_claim("other", author=people.alice).story
    data |= {
        "story": story.pk,
        "label": "Injured",
        "slug": "injured",
        "statement": "Sixteen people were injured.",
        "verdict-0-summary": "They were.",
        "reports-TOTAL_FORMS": "1",
        "reports-0-source": source.pk,
        "reports-0-stance": "supports",
        "reports-0-standing": "current",
        "reports-0-reported_at_0": "2026-03-13",
        "reports-0-reported_at_1": "20:00",
        "reports-0-reported_precision": "minute",
        "reports-0-qualifier": "exactly",
        "reports-0-low": "16",
    }
    response = client.post(reverse("admin:factcheck_claim_add"), data)
    assert response.status_code == 302, errors(response)
    made = Claim.objects.get(slug="injured")
    assert made.verdict.author == people.alice
    assert made.reports.get().number == 1
    rows = [made.history.get(), made.verdict.history.get(), made.reports.get().history.get()]
    assert len({row.changeset for row in rows}) == 1
    assert rows[0].changeset.reason == "New claim"


def test_a_form_of_a_new_claim_that_is_sent_twice_leads_to_the_first(people, monkeypatch):
    story, url = make_story(), reverse("admin:factcheck_claim_add")
    client = at_desk(people.alice)
    data = opened(client, url, "claim_form")
    data |= {"story": story.pk, "label": "Injured", "slug": "injured", "statement": "Sixteen were injured."}
    assert client.post(url, data).status_code == 302
    made = Claim.objects.get()
    page = client.post(url, data | {"claimant": "The prefect"}).content.decode()
    assert f'This claim was saved a moment ago: <a href="{change_url(made)}">Injured</a>' in page
    assert "Another claim had this address" not in page
    assert read_form(page, "claim_form")["claimant"] == "The prefect"
    for other, changed in [(client, {"statement": "Others were injured."}), (at_desk(people.bob), {})]:
        assert "Another claim had this address once" in errors(other.post(url, data | changed))
    monkeypatch.setattr(claims, "TWICE", timedelta())
    assert "Another claim had this address once" in errors(client.post(url, data))
    assert Claim.objects.get() == made


def test_a_save_that_changes_nothing_records_nothing(people, claim):
    client = at_desk(people.alice)
    before = Changeset.objects.count()
    response = client.post(change_url(claim), fields(client, claim), follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert Changeset.objects.count() == before
    assert claim.history.count() == 1


def test_what_only_the_browser_changed_is_not_recorded(people, claim):
    """Other line ends, no microseconds, no line break at the end of a text."""
    with writing(people.alice):
        verdict = Verdict.objects.get()
        verdict.explanation = "## One\n\nTwo lines\nof text.\n"
        verdict.save()
    report, source = claim.reports.first(), Source.objects.first()
    assert source.accessed_at.microsecond
    client, before = at_desk(people.bob), Changeset.objects.count()
    for instance in (claim, report, source, claim.story, source.publisher):
        response = client.post(change_url(instance), fields(client, instance) | {"reason": "Look"}, follow=True)
        assert "Nothing was changed" in response.content.decode(), instance
    assert Changeset.objects.count() == before
    client.post(change_url(claim), fields(client, claim) | {"verdict-0-explanation": "## One\r\n\r\nThree."})
    assert Verdict.objects.get().explanation == "## One\n\nThree."


def test_a_reason_is_required(people, claim):
    client = at_desk(people.alice)
    data = fields(client, claim) | {"label": "Dead", "reason": "  "}
    response = client.post(change_url(claim), data)
    assert response.status_code == 200
    assert "Say why" in errors(response)
    assert claim.history.count() == 1


def test_on_published_material_no_reason_is_proposed(people, claim):
    client = at_desk(people.alice)
    assert fields(client, claim)["reason"] == "Edit of draft"
    publish(claim)
    source, report = Source.objects.first(), claim.reports.first()
    for published in (claim, report, source, claim.story, source.publisher, claim.verdict.rating):
        if published._meta.model_name != "rating":
            assert fields(client, published)["reason"] == "", published
    assert fields(at_desk(people.erin), claim.verdict.rating)["reason"] == ""


def test_a_published_claim_is_locked_but_for_its_reports(people, claim):
    publish(claim)
    client = at_desk(people.alice)
    data = fields(client, claim)
    assert "label" not in data and "verdict-0-summary" not in data
    data |= {"label": "Dead", "verdict-0-summary": "No.", "reports-0-low": "4", "reason": "A fourth victim is named"}
    response = client.post(change_url(claim), data)
    assert response.status_code == 302, errors(response)
    claim.refresh_from_db()
    assert claim.label == "Death toll" and claim.verdict.summary == "Three people died."
    assert claim.reports.get(number=1).low == 4


def test_the_kind_of_a_next_edition_can_still_change(people, claim):
    client = at_desk(people.alice)
    assert "verdict-0-kind" not in fields(client, claim)
    publish(claim)
    review.reopen(claim, user=people.alice, reason="Four now", kind="update")
    data = fields(client, claim)
    assert data["verdict-0-kind"] == "update"
    data |= {"verdict-0-kind": "correction", "verdict-0-edition_note": "It was four.", "reason": "We were wrong"}
    response = client.post(change_url(claim), data)
    assert response.status_code == 302, errors(response)
    verdict = Verdict.objects.get()
    assert (verdict.edition_kind, verdict.edition_note) == ("correction", "It was four.")
    client.post(change_url(claim), fields(client, claim) | {"verdict-0-kind": "withdrawal", "reason": "x"})
    assert Verdict.objects.get().edition_kind == "correction"


def offered(page: str, name: str) -> list[str]:
    """The kinds that a page lets its reader choose from."""
    (choices,) = re.findall(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    return re.findall('value="([^"]+)"', choices)


def test_a_withdrawn_page_is_offered_what_can_be_published(people, claim):
    client, every = at_desk(people.alice), ["update", "correction", "clarification", "reaffirmation", "typo"]
    publish(claim)
    for kinds in (every, ["update", "correction"]):
        if kinds != every:
            claim.refresh_from_db()
            review.withdraw(claim, user=people.erin, reason="It was another town.")
        for url in (change_url(claim), move_url(claim, "reopen")):
            assert offered(client.get(url).content.decode(), "kind") == kinds
        review.reopen(claim, user=people.alice, reason="Back", kind="update")
        assert offered(client.get(change_url(claim)).content.decode(), "verdict-0-kind") == kinds
    response = client.post(change_url(claim), fields(client, claim) | {"verdict-0-kind": "typo", "reason": "x"})
    assert "typo is not one of the available choices" in errors(response)
    assert Verdict.objects.get().edition_kind == "update"


def test_figures_are_refused_at_their_field(people, claim):
    client = at_desk(people.alice)
    data = fields(client, claim)
    for change, field in [
        ({"reports-0-qualifier": "between"}, "high"),
        ({"reports-0-qualifier": "at_most"}, "low"),
        ({"reports-0-qualifier": "", "reports-0-low": ""}, "text_value"),
        ({"reports-0-is_undated": "on"}, "is_undated"),
        ({"reports-0-kind_override": "dispute"}, "kind_override_reason"),
    ]:
        response = client.post(change_url(claim), data | change)
        assert response.status_code == 200
        formset = response.context_data["inline_admin_formsets"][1].formset
        assert field in formset.forms[0].errors, (change, formset.errors)
    assert Report.history.count() == 2


TYPED = {
    "1200": 1200,
    "1,200": 1200,
    "1 200 000": 1200000,
    "1\u00a0200": 1200,
    "1\u2009200": 1200,
    "-1\u202f200.5": Decimal("-1200.5"),
    "1'200": 1200,
    "1’200": 1200,
    " 12,345,678.25 ": Decimal("12345678.25"),
    "1.5": Decimal("1.5"),
    "1.200": Decimal("1.2"),
    "−3": -3,
    ".5": Decimal("0.5"),
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_figure_is_read_as_people_write_it(typed):
    assert FigureField(max_digits=24, decimal_places=6).clean(typed) == TYPED[typed]


@pytest.mark.parametrize(
    "typed",
    [
        "1_000",
        "1,20",
        "1.200,5",
        "1,2000",
        "12345,678",
        "0,500",
        "1,200\xa0000",
        "1\u2009\u2009000",
        ",200",
        "1e3",
        "0x1f",
        "NaN",
        ".",
        "١٢",
        "1,200,",
        "3-4",
    ],
)
def test_a_figure_that_can_be_read_otherwise_is_refused_with_how_to_write_it(typed):
    with pytest.raises(ValidationError, match=r"Write 1200, 1,200 or 1 200\."):
        FigureField(max_digits=24, decimal_places=6).clean(typed)


def test_figures_are_typed_in_groups_wherever_they_are_typed(people, claim):
    client, report = at_desk(people.alice), claim.reports.first()
    client.post(change_url(claim), fields(client, claim) | {"reports-0-low": "1,200"})
    report.refresh_from_db()
    assert report.low == 1200
    client.post(
        change_url(report), fields(client, report) | {"low": "1\u202f300", "qualifier": "about", "tolerance": "2.5"}
    )
    report.refresh_from_db()
    assert (report.low, report.tolerance) == (1300, Decimal("2.5"))
    assert fields(client, report)["low"] == "1300"
    response = client.post(change_url(report), fields(client, report) | {"low": "1_400"})
    assert "Write 1200, 1,200 or 1 200." in errors(response)
    rating = make_rating("false")
    response = at_desk(people.erin).post(
        change_url(rating), fields(at_desk(people.erin), rating) | {"value": "1_0", "reason": "A longer scale"}
    )
    assert "Enter a whole number." in errors(response)


# admin/factcheck/claim/<pk>/move/<verb>/


def panel(client: Client, claim: Claim):
    return client.get(change_url(claim)).context_data["panel"]


def token(client: Client, claim: Claim) -> dict[str, str]:
    return {"opened": str(claim.revision), "seen": panel(client, claim)["digest"]}


def test_a_claim_goes_its_whole_way(people, claim):
    alice, bob, erin = (at_desk(person) for person in (people.alice, people.bob, people.erin))
    for client, verb, state in [
        (alice, "submit", State.IN_REVIEW),
        (bob, "return_to_author", State.DRAFT),
        (alice, "submit", State.IN_REVIEW),
        (bob, "approve", State.APPROVED),
        (erin, "publish", State.PUBLISHED),
    ]:
        assert verb in [move.verb for move in panel(client, claim)["moves"]]
        client.post(move_url(claim, verb), token(client, claim))
        claim.refresh_from_db()
        assert claim.state == state, verb
    erin.post(move_url(claim, "flag"), token(erin, claim) | {"reason": "A fourth victim"})
    assert Flag.objects.get().reason == "A fourth victim"
    erin.post(move_url(claim, "reopen"), token(erin, claim) | {"reason": "Four now", "kind": "update"})
    claim.refresh_from_db()
    assert (claim.state, claim.verdict.edition_kind) == (State.DRAFT, "update")
    erin.post(move_url(claim, "withdraw"), token(erin, claim) | {"reason": "Not checkable"})
    claim.refresh_from_db()
    assert claim.state == State.WITHDRAWN
    assert Edition.objects.count() == 2


def test_the_buttons_are_those_that_this_person_may_press(people, claim):
    review.submit(claim, user=people.alice, reason="Ready")
    verbs = {name: [move.verb for move in panel(at_desk(user), claim)["moves"]] for name, user in vars(people).items()}
    assert verbs == {
        "alice": [],
        "bob": ["return_to_author", "approve"],
        "erin": ["return_to_author", "approve"],
        "victor": [],
    }


def test_a_refused_move_says_all_that_is_missing(people):
    bare = make_claim("bare", author=people.alice, sources=0, rating=None, summary="")
    review.submit(bare, user=people.alice, reason="Ready")
    client = at_desk(people.bob)
    sent = token(client, bare) | {"reason": "Read twice"}
    response = client.post(move_url(bare, "approve"), sent)
    page = response.content.decode()
    for message in ("nothing has changed", "Choose a rating.", "Write the summary", "Add at least one report"):
        assert message in page
    assert read_form(page, "move_form").items() >= sent.items()
    bare.refresh_from_db()
    assert bare.state == State.IN_REVIEW and not bare.approvals.exists()


def test_a_refused_move_keeps_what_was_typed(people, claim):
    publish(claim)
    client = at_desk(people.erin)
    typed = {"reason": "Four \u200bnow", "kind": "correction"}
    response = client.post(move_url(claim, "reopen"), token(client, claim) | typed)
    assert response.status_code == 200
    assert "Remove characters that cannot be seen" in response.content.decode()
    assert read_form(response.content.decode(), "move_form").items() >= typed.items()
    claim.refresh_from_db()
    assert claim.state == State.PUBLISHED


def test_a_move_that_came_too_late_gives_the_reason_back(people, claim):
    review.submit(claim, user=people.alice, reason="Ready")
    client = at_desk(people.erin)
    late = token(client, claim) | {"reason": "The prefect is no witness"}
    review.return_to_author(claim, user=people.bob, reason="A source is missing")
    page = client.post(move_url(claim, "return_to_author"), late).content.decode()
    assert "nothing has changed" in page and "Bob Okafor saved this claim at" in page
    assert "<q>The prefect is no witness</q>" in page and 'id="move_form"' not in page


def test_content_that_changed_while_it_was_read_is_not_approved(people, claim):
    review.submit(claim, user=people.alice, reason="Ready")
    client = at_desk(people.bob)
    seen = token(client, claim)
    with writing(people.alice):
        verdict = Verdict.objects.get()
        verdict.summary = "Nobody died."
        verdict.save()
    page = client.post(move_url(claim, "approve"), seen | {"reason": "Well told"}).content.decode()
    assert "read it again" in page and "<q>Well told</q>" in page
    assert 'id="move_form"' not in page, "nobody approves what this page does not show"
    assert not claim.approvals.exists()


@pytest.mark.parametrize("opened_token", ["", "x", "-1", "0", "99999999999999999999", "9", "²"])
def test_a_move_without_its_token_changes_nothing(people, claim, opened_token):
    client = at_desk(people.alice)
    response = client.post(move_url(claim, "submit"), {"opened": opened_token}, follow=True)
    assert response.status_code == 200
    claim.refresh_from_db()
    assert claim.state == State.DRAFT


def test_getting_a_move_asks_and_changes_nothing(people, claim):
    response = at_desk(people.alice).get(move_url(claim, "submit"))
    assert "Ready for review" in response.content.decode()
    assert at_desk(people.alice).get(move_url(claim, "publish")).status_code == 200
    assert at_desk(people.alice).get(move_url(claim, "steal")).status_code == 404
    assert Changeset.objects.filter(via=Door.ADMIN).count() == 0


@pytest.mark.parametrize("verb", ["flag", "withdraw", "reopen"])
def test_what_readers_see_needs_a_typed_reason(people, claim, verb):
    publish(claim)
    client = at_desk(people.erin)
    response = client.post(move_url(claim, verb), token(client, claim) | {"kind": "update"})
    assert response.status_code == 200 and "Say why." in response.content.decode()
    claim.refresh_from_db()
    assert claim.state == State.PUBLISHED and not Flag.objects.exists()


def test_save_and_submit_is_one_act(people, claim):
    client = at_desk(people.alice)
    data = fields(client, claim) | {"label": "Dead", "reason": "Ready, have a look", "_submit": "1"}
    client.post(change_url(claim), data)
    claim.refresh_from_db()
    assert (claim.label, claim.state) == ("Dead", State.IN_REVIEW)
    assert claim.history.filter(changeset__reason="Ready, have a look").count() == 2


def test_a_save_whose_submission_is_refused_says_that_it_is_saved(people, claim):
    with writing(people.alice):
        claim.verdict.delete()
    client = at_desk(people.alice)
    data = fields(client, claim) | {"label": "Dead", "reason": "Ready", "_submit": "1"}
    page = client.post(change_url(claim), data, follow=True).content.decode()
    assert "Saved, and not submitted:" in page and "Write a verdict first." in page
    claim.refresh_from_db()
    assert (claim.label, claim.state) == ("Dead", State.DRAFT)


# admin/factcheck/source/ and the others


def test_a_source_with_its_origin(people, claim):
    first, second = Source.objects.order_by("slug")[:2]
    client = at_desk(people.alice)
    data = fields(client, second) | {
        "bases-TOTAL_FORMS": "1",
        "bases-0-rests_on": first.pk,
        "reason": "It copies the first one",
    }
    response = client.post(change_url(second), data)
    assert response.status_code == 302, errors(response)
    assert SourceBasis.objects.get().history.get().changeset.reason == "It copies the first one"


@pytest.mark.parametrize(
    ("of", "field", "html_name"),
    [
        ("claim", "made_at", "made_at"),
        ("claim", "reported_at", "reports-0-reported_at"),
        ("claim", "true_as_of", "reports-1-true_as_of"),
        ("report", "reported_at", "reported_at"),
        ("report", "true_as_of", "true_as_of"),
        ("source", "published_at", "published_at"),
        ("source", "accessed_at", "accessed_at"),
    ],
)
def test_nothing_is_dated_in_the_future(people, claim, of, field, html_name):
    instance = {"claim": claim, "report": claim.reports.first(), "source": Source.objects.first()}[of]
    client, before = at_desk(people.alice), Changeset.objects.count()
    data = fields(client, instance) | {f"{html_name}_0": "2999-01-01", f"{html_name}_1": "00:00", "reason": "A date"}
    response = client.post(change_url(instance), data)
    assert response.status_code == 200
    forms = [response.context_data["adminform"].form]
    forms += [form for inline in response.context_data["inline_admin_formsets"] for form in inline.formset.forms]
    assert [form.errors for form in forms if form.errors] == [{field: ["That is in the future."]}]
    assert Changeset.objects.count() == before


def test_a_published_source_keeps_its_short_name(people, claim):
    client, source = at_desk(people.alice), Source.objects.first()
    assert fields(client, source)["slug"] == source.slug
    publish(claim)
    data = fields(client, source)
    assert "slug" not in data
    response = client.post(
        change_url(source), data | {"slug": "forged", "title": "Four dead", "reason": "Its headline"}
    )
    assert response.status_code == 302, errors(response)
    stored = Source.objects.get(pk=source.pk)
    assert (stored.slug, stored.title) == (source.slug, "Four dead")


def test_an_origin_is_another_source_and_named_once(people, claim):
    first, second = Source.objects.order_by("slug")[:2]
    client = at_desk(people.alice)
    data = fields(client, first) | {"bases-TOTAL_FORMS": "1", "reason": "It says so"}
    response = client.post(change_url(first), data | {"bases-0-rests_on": first.pk})
    assert response.status_code == 200 and "A source cannot rest on itself." in errors(response)
    with writing(people.bob):
        SourceBasis(source=first, rests_on=second).save()
    response = client.post(change_url(first), data | {"bases-0-rests_on": second.pk})
    assert response.status_code == 200 and "recorded already" in errors(response)
    assert SourceBasis.objects.count() == 1


def test_what_only_the_database_refuses_is_said_in_its_words(people, claim):
    first = Source.objects.first()
    with pytest.raises(IntegrityError) as refused, writing(people.alice):
        SourceBasis(source=first, rests_on=first).save()
    assert in_words(refused.value).endswith("nothing was saved: A source cannot rest on itself.")
    assert "factcheck_source" in in_words(IntegrityError("UNIQUE constraint failed: factcheck_source.slug"))


def test_a_request_is_answered_and_stays_as_it_came(people, claim):
    publish(claim)
    request = CorrectionRequest(edition=Edition.objects.get(), message="It is four.")
    request.save()
    client = at_desk(people.alice)
    data = fields(client, request) | {
        "message": "Forged",
        "answer-0-decision": "unchanged",
        "answer-0-text": "The prefecture counts three.",
    }
    response = client.post(change_url(request), data)
    assert response.status_code == 302, errors(response)
    request.refresh_from_db()
    assert request.message == "It is four."
    assert request.answer.history.get().changeset.user == people.alice


def test_superusers_manage_accounts(people):
    root = User.objects.create_superuser("root")
    client = at_desk(root)
    data = opened(client, reverse("admin:factcheck_user_change", args=[people.bob.pk]), "user_form")
    assert data["role"] == "reviewer"
    response = client.post(
        reverse("admin:factcheck_user_change", args=[people.bob.pk]), data | {"role": "editor", "is_active": ""}
    )
    assert response.status_code == 302, errors(response)
    bob = User.objects.get(username="bob")
    url = reverse("admin:factcheck_user_add")
    named = {"username": "dora", "first_name": "Dora", "last_name": "Novak", "role": "reporter"}
    passwords = {"password1": "long-and-rare-7", "password2": "long-and-rare-7"}
    response = client.post(url, opened(client, url, "user_form") | named | passwords)
    assert response.status_code == 302, errors(response)
    dora = User.objects.get(username="dora")
    assert dora.role == "reporter" and dora.is_staff and dora.check_password("long-and-rare-7")
    assert not bob.is_active and [group.name for group in bob.groups.all()] == ["editor"]
    assert client.post(reverse("admin:factcheck_user_delete", args=[bob.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(username="bob").exists()


# admin/factcheck/claim/<pk>/preview/


def preview(user: User, claim: Claim):
    return at_desk(user).get(reverse("admin:factcheck_claim_preview", args=[claim.pk]))


def test_a_preview_is_the_public_page_with_a_stamp(people, claim):
    response = preview(people.victor, claim)
    page = response.content.decode()
    assert "Preview: not published." in page and claim.statement in page and "Three people died." in page
    assert '<meta name="robots" content="noindex">' in page
    assert "application/ld+json" not in page and 'rel="canonical"' not in page
    assert not Edition.objects.exists()


def test_a_preview_of_a_next_edition_shows_what_changes(people, claim):
    publish(claim)
    review.reopen(claim, user=people.alice, reason="Four now", kind="update")
    with writing(people.alice):
        verdict = Verdict.objects.get()
        verdict.summary, verdict.edition_note = "Four people died.", "A fourth person died."
        verdict.save()
    page = preview(people.bob, claim).content.decode()
    assert "Edition 2" in page and "A fourth person died." in page
    assert Edition.objects.count() == 1


def test_a_preview_without_a_rating_says_what_is_missing(people):
    bare = make_claim("bare", author=people.alice, rating=None)
    response = at_desk(people.alice).get(reverse("admin:factcheck_claim_preview", args=[bare.pk]), follow=True)
    assert "needs a verdict with a rating" in response.content.decode()


def test_a_preview_of_a_half_written_claim_does_not_break(people):
    bare = make_claim("bare", author=people.alice, sources=0, summary="", explanation="", claimant="", made_at=None)
    assert preview(people.alice, bare).status_code == 200


def test_strangers_see_no_preview(client, claim):
    response = client.get(reverse("admin:factcheck_claim_preview", args=[claim.pk]))
    assert response.status_code == 302 and "/login/" in response.url
