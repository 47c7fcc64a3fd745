"""What nobody means to send to the desk, and what nobody with a plain browser should miss."""

from itertools import product

import pytest
from django.urls import reverse

from factcheck.desk import review
from factcheck.models import Claim, Edition, Flag, Rating, Story

from .desk_forms import opened
from .newsroom import make_claim, make_source, make_story, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    return claim


@pytest.fixture
def desk(client, people):
    client.force_login(people.erin)
    client.raise_request_exception = False
    return client


# Moves.


@pytest.mark.parametrize(
    ("verb", "reason"),
    [
        *product(["flag", "withdraw", "reopen"], ["gone \x01", "gone \u202e", "gone \x00", "\u200b"]),
        ("flag", "x" * 301),
    ],
)
def test_a_reason_that_readers_could_not_read_is_refused(desk, published, verb, reason):
    address = reverse("admin:factcheck_claim_move", args=[published.pk, verb])
    response = desk.post(address, opened(desk, address, "move_form") | {"reason": reason}, follow=True)
    assert response.status_code == 200
    stored = Claim.objects.get()
    assert b"Remove characters" in response.content or b"at most 300" in response.content
    assert stored.state == "published"
    assert not Flag.objects.exists() and Edition.objects.count() == 1


# Addresses that nobody types.


@pytest.mark.parametrize(
    "query",
    [
        "claim/add/?story=abc",
        "claim/add/?story=99999999999999999999",
        "claim/add/?made_at=xx",
        "source/add/?published_at=0001-01-01",
        "source/add/?publisher=%00",
        "claim/?id__in=99999999999999999999",
        "claim/?made_at__year=0",
        "claim/?label__regex=((((",
        "claim/?state__exact=%00",
        "claim/?story__id__exact=99999999999999999999",
        "claim/?made_at__gte=0000-00-00",
        "claim/?q=%00",
        "claim/?p=-1",
        "claim/?o=99.-1",
        "source/?kind__exact=%C3%28",
    ],
)
def test_no_address_of_a_list_breaks_it(desk, query):
    response = desk.get(f"/admin/factcheck/{query}", follow=True)
    assert response.status_code in {200, 400}


def test_our_filters_still_filter(desk, published):
    make_claim("other", author=published.verdict.author)
    for query in ["state__exact=draft", f"story__id__exact={published.story_id}&state__exact=draft"]:
        page = desk.get(f"/admin/factcheck/claim/?{query}")
        assert [claim.slug for claim in page.context["cl"].result_list] == ["other"]


def test_a_search_for_nothing_that_can_be_stored(desk, published):
    query = "app_label=factcheck&model_name=claim&field_name=story&term=%00"
    assert desk.get(f"/admin/autocomplete/?{query}").status_code == 200


@pytest.mark.parametrize("value", ["abc", "99999999999999999999", "-1", "\x00", "١"])
def test_a_choice_that_is_none_is_refused_at_its_field(desk, value):
    for model, field in [("claim", "story"), ("source", "publisher"), ("claim", "reports-0-source")]:
        address = reverse(f"admin:factcheck_{model}_add")
        response = desk.post(address, opened(desk, address, f"{model}_form") | {field: value, "reports-0-low": "1"})
        assert response.status_code == 200 and b"errornote" in response.content
    assert not Claim.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "0999-12-31", "9999-12-31"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_calendar_has_edges(desk, settings, day, zone):
    settings.TIME_ZONE = zone
    make_story()
    address = reverse("admin:factcheck_claim_add")
    data = {"story": Story.objects.get().pk, "slug": "s", "label": "L", "statement": "S", "reason": "Try"}
    data |= {"made_at_0": day, "made_at_1": "23:59"}
    response = desk.post(address, opened(desk, address, "claim_form") | data)
    assert response.status_code == 200 and b"in the years 1000 to 9998" in response.content
    assert not Claim.objects.exists()


def test_the_oldest_time_can_be_published(people, client):
    claim = make_claim(author=people.alice, made_at="1000-01-01T00:00:00Z")
    publish(claim)
    assert client.get("/claims/death-toll/").status_code == 200
    assert '"made_at": "1000-01-01T00:00:00Z"' in client.get("/claims/death-toll.json").content.decode()


# A browser without JavaScript.


def test_without_a_script_there_is_something_to_choose(desk):
    story, source = make_story(), make_source("paper")
    page = desk.get(reverse("admin:factcheck_claim_add")).content.decode()
    assert f'<option value="{story.pk}">{story}</option>' in page
    assert f'<option value="{source.pk}">{source}</option>' in page
    assert f'<option value="{source.publisher_id}">' in desk.get(reverse("admin:factcheck_source_add")).content.decode()


def test_what_is_chosen_already_is_not_offered_again(desk, published):
    make_source("another")
    page = desk.get(reverse("admin:factcheck_claim_change", args=[published.pk])).content.decode()
    chosen = page.split('id="id_reports-0-source"', 1)[1].split("</select>", 1)[0]
    assert chosen.count("<option") == 1 and "selected" in chosen


def test_a_reason_of_invisible_characters_is_none(desk):
    address = reverse("admin:factcheck_story_add")
    data = {"slug": "s", "title": "T", "summary": "S", "language": "en", "began_on": "2026-01-01"}
    for reason in ("\u200b", "\u2066", "a\u202eb"):
        response = desk.post(address, opened(desk, address, "story_form") | data | {"reason": reason})
        assert response.status_code == 200 and b"Remove characters" in response.content
    assert not Story.objects.exists()


def test_a_verb_refuses_it_too(people, published):
    with pytest.raises(review.NotAllowed, match="Remove characters"):
        review.withdraw(published, user=people.erin, reason="gone \x01")
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    ("model", "data", "words"),
    [
        ("rating", {"slug": "r", "name": "R", "definition": "D", "mark": "true", "value": "9007199254740993"}, b"100"),
        ("rating", {"slug": "r", "name": "R", "definition": "D", "mark": "true", "value": "0"}, b"1."),
        ("story", {"slug": "s", "title": "T", "summary": "S", "began_on": "2026-01-01", "language": "<b>"}, b"code"),
        ("story", {"slug": "s", "title": "T", "summary": "S", "began_on": "2026-01-01", "language": "a b"}, b"code"),
    ],
)
def test_values_that_a_page_could_not_carry(desk, model, data, words):
    address = reverse(f"admin:factcheck_{model}_add")
    response = desk.post(address, opened(desk, address, f"{model}_form") | data)
    assert response.status_code == 200 and words in response.content
    assert not Story.objects.exists() and not Rating.objects.exists()
