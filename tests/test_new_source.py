"""A report and its source added in one go; and what is at an address already is offered first."""

import pytest
from django.urls import reverse

from factcheck.history import Changeset
from factcheck.models import Publisher, Report, Source

from .desk_forms import errors, opened
from .newsroom import make_source, publish, writing
from .test_desk import at_desk, change_url

pytestmark = pytest.mark.django_db

URL = "https://www.example.org/2026/03/toll.html"
NEW = {
    "source_url": URL,
    "source_title": "Toll rises to four",
    "source_publisher": "The Aude Post",
    "source_kind": "article",
    "reported_at_0": "2026-03-14",
    "reported_at_1": "08:15",
    "reported_precision": "minute",
    "qualifier": "exactly",
    "low": "4",
}


def add_url(claim, source_url: str = "") -> str:
    return f"{reverse('admin:factcheck_report_add')}?claim={claim.pk}&source_url={source_url}"


class Desk:
    def __init__(self, user, claim) -> None:
        self.client, self.url = at_desk(user), add_url(claim)
        self.data = opened(self.client, self.url, "report_form")

    def post(self, **changed: str):
        return self.client.post(self.url, self.data | NEW | changed)


@pytest.fixture
def desk(people, claim):
    return Desk(people.alice, claim)


def nothing_came() -> bool:
    return Report.objects.count() == 2 and Source.objects.count() == 2 and Publisher.objects.count() == 2


def test_it_works(people, claim, desk) -> None:
    before = Changeset.objects.count()
    response = desk.post(source_is_primary="on")
    assert response.status_code == 302, errors(response)
    assert response.url == change_url(claim)
    source = Source.objects.latest("pk")
    assert (source.title, source.publisher.name, source.url) == ("Toll rises to four", "The Aude Post", URL)
    assert (source.slug, source.is_primary, source.kind) == ("the-aude-post-toll-rises-to-four", True, "article")
    report = Report.objects.latest("pk")
    assert (report.source, report.claim, report.low, report.number) == (source, claim, 4, 3)
    assert source.published_at == report.reported_at and not source.is_undated
    assert Changeset.objects.count() == before + 1
    for one in (report, source, source.publisher):
        assert one.history.get().changeset == Changeset.objects.latest("pk")


def test_an_undated_report_makes_an_undated_source(desk) -> None:
    response = desk.post(
        reported_at_0="", reported_at_1="", is_undated="on", source_url="", source_no_url_reason="Print"
    )
    assert response.status_code == 302, errors(response)
    source = Source.objects.latest("pk")
    assert (source.is_undated, source.published_at, source.no_url_reason) == (True, None, "Print")


def test_a_publisher_that_we_have_is_taken(desk) -> None:
    assert desk.post(source_publisher="  paper  SOURCE-1 ").status_code == 302
    assert Source.objects.latest("pk").publisher.name == "Paper source-1"
    assert Publisher.objects.count() == 2


def test_a_second_source_of_one_name_gets_an_address_of_its_own(desk) -> None:
    assert desk.post().status_code == 302
    assert desk.post(source_url=URL + "?page=2").status_code == 302
    assert desk.post(source_url=URL + "?page=3").status_code == 302
    slugs = Source.objects.order_by("-pk").values_list("slug", flat=True)[:3]
    begin = "the-aude-post-toll-rises-to-four"
    assert list(slugs) == [f"{begin}-3", f"{begin}-2", begin]


def test_a_title_in_no_latin_letter_gets_a_short_name_too(desk) -> None:
    assert desk.post(source_title="ثلاثة قتلى", source_publisher="الجزيرة").status_code == 302
    assert Source.objects.latest("pk").slug == "source"


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        (
            dict.fromkeys(NEW.keys() & {"source_url", "source_title", "source_publisher"}, ""),
            "source",
            "Choose a source",
        ),
        ({"source_title": ""}, "source_title", "cannot be blank"),
        ({"source_publisher": " "}, "source_publisher", "cannot be blank"),
        ({"source_url": ""}, "source_url", "Give the address, or say why there is none."),
        ({"source_url": "ftp://example.org/"}, "source_url", "Use a whole http or https address."),
        ({"source_url": "javascript:alert(1)"}, "source_url", "Use a whole http or https address."),
        ({"source_title": "Toll\u202erises"}, "source_title", "cannot be seen"),
        ({"source_publisher": "The\u200bPost"}, "source_publisher", "cannot be seen"),
        ({"source_title": "x" * 301}, "source_title", "at most 300 characters"),
        ({"source_kind": "rumour"}, "source_kind", "valid choice"),
        ({"reported_at_0": "", "reported_at_1": ""}, "reported_at", "Give the time of the report"),
        ({"reported_at_0": "2999-01-01"}, "reported_at", "That is in the future."),
        ({"low": ""}, "low", "This kind of figure needs it."),
        ({"reason": " "}, "reason", "Say why"),
    ],
)
def test_what_is_missing_is_told_at_its_field_and_nothing_is_saved(desk, changed, field, why) -> None:
    response = desk.post(**changed)
    assert response.status_code == 200
    found = response.context_data["adminform"].form.errors
    assert str(found.get(field)).count(why) == 1, found
    assert nothing_came()


def test_one_that_we_have_and_a_new_one_are_not_both_meant(desk) -> None:
    response = desk.post(source=str(Source.objects.first().pk))
    assert "not both" in errors(response) and nothing_came()


class TestTheSameAddress:
    @pytest.fixture
    def known(self, people):
        with writing():  # whose key has more than one digit
            Publisher(pk=987_654, name="Paper known").save()
            publisher = Publisher.objects.get(pk=987_654)
            Source(
                pk=987_654,
                slug="known",
                title="What known wrote",
                publisher=publisher,
                url="http://example.org/2026/03/toll.html?utm_source=mail",
                is_undated=True,
            ).save()
        return Source.objects.get(pk=987_654)

    def test_it_is_chosen_on_the_way_in(self, claim, known, desk) -> None:
        url = add_url(claim, "https%3A%2F%2Fexample.org%2F2026%2F03%2Ftoll.html%3Ffbclid%3D1")
        page = desk.client.get(url).content.decode()
        assert "We have a source at this address: “What known wrote” (Paper known)." in page
        data = opened(desk.client, url, "report_form")
        assert (
            data["source"] == str(known.pk) and data["source_url"] == "https://example.org/2026/03/toll.html?fbclid=1"
        )
        response = desk.client.post(url, data | {k: v for k, v in NEW.items() if not k.startswith("source")})
        assert response.status_code == 302, errors(response)
        assert Report.objects.latest("pk").source == known

    def test_it_is_offered_before_a_second_one_is_made(self, known, desk) -> None:
        response = desk.post()
        assert response.status_code == 200
        assert "We have a source at this address: “What known wrote” (Paper known)." in errors(response)
        assert not Report.objects.filter(source=known).exists() and Source.objects.count() == 3
        form = response.context_data["adminform"].form
        assert form["source"].value() == str(known.pk) and form["source_title"].value() == "Toll rises to four"
        again = {"source": str(known.pk), "source_offered": str(known.pk)}
        assert desk.post(**again).status_code == 302
        assert Report.objects.latest("pk").source == known and Source.objects.count() == 3

    def test_another_one_at_the_address_is_made_by_whoever_insists(self, known, desk) -> None:
        desk.post()
        assert desk.post(source="", source_offered=str(known.pk)).status_code == 302
        assert Report.objects.latest("pk").source.title == "Toll rises to four" and Source.objects.count() == 4

    def test_one_that_came_meanwhile_is_offered_too(self, known, desk) -> None:
        desk.post()
        newer = make_source("newer", url=URL, pk=9_876_543)
        response = desk.post(source="", source_offered=str(known.pk))
        assert "We have 2 sources at this address" in errors(response)
        assert response.context_data["adminform"].form["source"].value() == str(newer.pk)
        assert not Report.objects.filter(source__slug__startswith="the-aude").exists()


def test_the_page_of_a_claim_asks_for_the_address(people, claim, desk) -> None:
    page = desk.client.get(change_url(claim)).content.decode()
    assert 'name="source_url"' in page
    assert 'name="source_url"' not in at_desk(people.victor).get(change_url(claim)).content.decode()


def test_a_published_claim_takes_reports_too(people, claim, desk) -> None:
    publish(claim)
    assert desk.post().status_code == 302
    assert Report.objects.latest("pk").number == 3


def test_of_a_report_that_is_there_the_source_is_only_chosen(people, claim) -> None:
    page = at_desk(people.alice).get(change_url(claim.reports.first())).content.decode()
    assert "source_url" not in page


def test_nonsense_in_the_address_of_the_page_is_no_error(people, claim, desk) -> None:
    for source_url in ("%00", "%E2%80%AE", "http%3A%2F%2F[", "x" * 3000):
        assert desk.client.get(add_url(claim, source_url)).status_code == 200
