"""What rests on a source, however far; and taking it back, all in one act or not at all."""

import re

import pytest
from django.urls import reverse

from factcheck.desk.admin import retracting
from factcheck.desk.gate import NotAllowed
from factcheck.desk.retraction import retract, take_back
from factcheck.history import Changeset, HistoryError, StaleEdit
from factcheck.models import Report, Source, SourceBasis, resting_on

from .desk_forms import opened, read_form
from .newsroom import make_claim, make_people, make_report, make_source, publish, writing
from .test_desk import at_desk, change_url, fields

pytestmark = pytest.mark.django_db


def rest(*pairs: str) -> None:
    """ "a>b": a rests on b."""
    for pair in pairs:
        source, base = pair.split(">")
        with writing():
            SourceBasis(source=make_source(source), rests_on=make_source(base)).save()


@pytest.fixture
def newsroom():
    """The agency said three; a paper wrote so, and a blog by the paper."""
    people = make_people()
    rest("paper>agency", "blog>paper")
    people.claim = make_claim("toll", author=people.alice, sources=0)
    people.other = make_claim("other", author=people.alice, sources=0, label="Injured")
    for claim, source in [("claim", "agency"), ("claim", "blog"), ("other", "paper"), ("other", "stranger")]:
        make_report(getattr(people, claim), make_source(source))
    people.agency = Source.objects.get(slug="agency")
    return people


def told(slug: str) -> list[str]:
    """Claim and number of each report, and how far away it is."""
    found = resting_on(Source.objects.get(slug=slug))
    return [
        f"{each.report.claim.slug} {each.report.source.slug}"
        + ("" if each.is_own else f" via {' '.join(source.slug for source in each.via)}".rstrip())
        + (f" on edition {each.edition.number}" if each.edition else "")
        for each in found
    ]


class TestResting:
    def test_it_works(self, newsroom) -> None:
        assert told("agency") == ["toll agency", "other paper via", "toll blog via paper"]
        assert told("paper") == ["other paper", "toll blog via"]
        assert told("stranger") == ["other stranger"]

    def test_published_pages_are_named_where_they_show_the_report(self, newsroom) -> None:
        publish(newsroom.claim)
        make_report(newsroom.claim, make_source("paper"))
        assert told("agency") == [
            "toll agency on edition 1",
            "toll paper via",
            "other paper via",
            "toll blog via paper on edition 1",
        ]

    def test_circles_end_and_the_shortest_way_is_told(self, newsroom) -> None:
        rest("agency>blog", "blog>agency")
        assert told("agency") == ["toll agency", "toll blog via", "other paper via"]
        assert told("blog") == ["toll blog", "toll agency via", "other paper via agency"]

    def test_as_many_queries_as_steps(self, newsroom, django_assert_num_queries) -> None:
        for number in range(20):
            rest(f"copy-{number}>paper")
            make_report(newsroom.claim, make_source(f"copy-{number}"))
        with django_assert_num_queries(5):  # two steps and the one that finds no more; reports; pages
            assert len(resting_on(newsroom.agency)) == 23


def standing() -> dict[str, str]:
    return {report.source.slug: report.standing for report in Report.objects.select_related("source")}


def tick(*slugs: str) -> dict[int, int]:
    return {report.pk: report.revision for report in Report.objects.filter(source__slug__in=slugs)}


class TestRetract:
    def test_it_works(self, newsroom) -> None:
        before = Changeset.objects.count()
        said = {"withdrawn_reason": "The agency’s correction of 21:10", "reason": "The agency took it back"}
        retracted = retract(newsroom.agency, tick("agency", "blog"), user=newsroom.alice, **said)
        assert len(retracted) == 2 and Changeset.objects.count() == before + 1
        assert standing() == {
            "agency": "retracted",
            "blog": "retracted",
            "paper": "current",
            "stranger": "current",
        }
        act = Changeset.objects.latest("pk")
        assert (act.user, act.reason) == (newsroom.alice, "The agency took it back")
        newsroom.agency.refresh_from_db()
        assert newsroom.agency.withdrawn_reason == "The agency’s correction of 21:10"
        for row in (*(report.history.latest("revision") for report in retracted), newsroom.agency.history.latest()):
            assert row.changeset == act

    def nothing_happens(self, newsroom, error: type[Exception], why: str, **changed: object) -> None:
        before = (Changeset.objects.count(), standing())
        given = {
            "source": newsroom.agency,
            "reports": tick("agency"),
            "withdrawn_reason": "",
            "user": newsroom.alice,
            "reason": "Taken back",
        } | changed
        with pytest.raises(error, match=why):
            retract(given.pop("source"), given.pop("reports"), **given)
        assert (Changeset.objects.count(), standing()) == before
        assert not Source.objects.exclude(withdrawn_reason="").exists()

    def test_a_report_that_somebody_changed_refuses_it_all(self, newsroom) -> None:
        seen = tick("agency", "blog")
        with writing(newsroom.bob, "Four"):
            report = Report.objects.get(source__slug="blog")
            report.low = 4
            report.save()
        self.nothing_happens(newsroom, StaleEdit, "you opened", reports=seen, withdrawn_reason="Taken back")

    def test_a_source_that_somebody_changed_refuses_it(self, newsroom) -> None:
        with writing(newsroom.bob, "Other title"):
            stored = Source.objects.get(slug="agency")
            stored.title = "Another"
            stored.save()
        self.nothing_happens(newsroom, StaleEdit, "you opened")

    def test_what_does_not_rest_on_it_refuses_it_all(self, newsroom) -> None:
        for slug in ("stranger", "agency"):
            source = Source.objects.get(slug="blog")
            self.nothing_happens(newsroom, NotAllowed, "do not rest on it", source=source, reports=tick(slug))
        self.nothing_happens(newsroom, NotAllowed, "do not rest on it", reports=tick("agency") | {10**9: 1})

    def test_nothing_to_do(self, newsroom) -> None:
        self.nothing_happens(newsroom, NotAllowed, "Tick the reports", reports={})

    def test_without_a_reason(self, newsroom) -> None:
        self.nothing_happens(newsroom, HistoryError, "Give a reason", reason="  ")
        self.nothing_happens(newsroom, NotAllowed, "cannot be seen", reason="Taken\u202eback")

    def test_who_only_reads(self, newsroom) -> None:
        self.nothing_happens(newsroom, NotAllowed, "for those who write", user=newsroom.victor)
        newsroom.alice.is_active = False
        self.nothing_happens(newsroom, NotAllowed, "for those who write")


class TestTakingBack:
    def test_each_report_stands_again_as_it_did_in_one_act(self, newsroom) -> None:
        with writing():
            blog = Report.objects.get(source__slug="blog")
            blog.standing = "disputed"
            blog.save()
        said = {"withdrawn_reason": "Their correction", "user": newsroom.alice}
        retract(newsroom.agency, tick("agency", "blog", "paper"), reason="They took it back", **said)
        agency = Source.objects.get(slug="agency")
        before = Changeset.objects.count()
        said = {"withdrawn_reason": "", "user": newsroom.bob, "reason": "It was another agency"}
        assert len(take_back(agency, tick("agency", "blog"), **said)) == 2
        assert standing() == {"agency": "current", "blog": "disputed", "paper": "retracted", "stranger": "current"}
        assert Changeset.objects.count() == before + 1
        act = Changeset.objects.latest("pk")
        assert (act.user, act.reason) == (newsroom.bob, "It was another agency")
        agency.refresh_from_db()
        assert agency.withdrawn_reason == "" and agency.history.latest().changeset == act

    def test_what_was_changed_since_refuses_it_all(self, newsroom) -> None:
        retract(newsroom.agency, tick("agency", "blog"), withdrawn_reason="", user=newsroom.alice, reason="Back")
        seen = tick("agency", "blog")
        with writing(newsroom.bob, "Four"):
            report = Report.objects.get(source__slug="blog")
            report.low = 4
            report.save()
        before = Changeset.objects.count()
        with pytest.raises(StaleEdit, match="you opened"):
            take_back(newsroom.agency, seen, withdrawn_reason="", user=newsroom.alice, reason="No")
        assert Changeset.objects.count() == before and standing()["agency"] == "retracted"

    def test_who_only_reads_and_what_is_nothing(self, newsroom) -> None:
        retract(newsroom.agency, tick("agency"), withdrawn_reason="", user=newsroom.alice, reason="Back")
        for user, seen, why in [(newsroom.victor, tick("agency"), "those who write"), (newsroom.bob, {}, "Tick what")]:
            with pytest.raises(NotAllowed, match=why):
                take_back(newsroom.agency, seen, withdrawn_reason="", user=user, reason="No")
        assert standing()["agency"] == "retracted"


def retract_url(source: Source) -> str:
    return reverse("admin:factcheck_source_retract", args=[source.pk])


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class TestAtTheDesk:
    def test_the_source_lists_what_rests_on_it(self, newsroom) -> None:
        publish(newsroom.claim)
        page = words(at_desk(newsroom.victor).get(change_url(newsroom.agency)).content.decode())
        assert "3 reports, 2 claims, 1 published page" in page
        assert "What blog wrote, which rests on What paper wrote, which rests on it" in page
        assert "on the public page, edition 1" in page

    def test_a_source_on_which_nothing_rests_says_so(self, newsroom) -> None:
        page = at_desk(newsroom.victor).get(change_url(make_source("quiet"))).content.decode()
        assert "No report cites it or rests on it yet." in page

    def test_its_own_reports_are_ticked_and_others_are_chosen(self, newsroom) -> None:
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        page = client.get(url).content.decode()
        assert page.count('name="report"') == 3 and page.count(" checked") == 1
        (own,) = tick("agency").items()
        data = opened(client, url, "retract_form")
        assert data["report"] == f"{own[0]}-{own[1]}"
        data |= {"reason": "Taken back", "report": [f"{pk}-{seen}" for pk, seen in tick("agency", "paper").items()]}
        response = client.post(url, data, follow=True)
        assert response.redirect_chain == [(change_url(newsroom.agency), 302)]
        page = words(response.content.decode())
        assert "2 reports are retracted." in page and page.count("retracted") >= 3
        assert standing() == {"agency": "retracted", "paper": "retracted", "blog": "current", "stranger": "current"}

    def test_a_refusal_keeps_what_was_ticked_and_typed(self, newsroom) -> None:
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        data = opened(client, url, "retract_form")
        with writing(newsroom.bob, "Other title"):
            stored = Source.objects.get(slug="agency")
            stored.title = "Another"
            stored.save()
        response = client.post(url, data | {"reason": "Taken back", "withdrawn_reason": "By mail"})
        page = response.content.decode()
        assert "Bob Okafor saved this source" in page and 'value="By mail"' in page and 'value="Taken back"' in page
        assert standing()["agency"] == "current"
        assert client.post(url, read_form(page, "retract_form") | {"reason": "Taken back"}).status_code == 302
        assert standing()["agency"] == "retracted"

    def test_a_retraction_is_taken_back_beside_where_it_was_made(self, newsroom) -> None:
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        assert "take_back_form" not in client.get(url).content.decode()
        retract(newsroom.agency, tick("paper"), withdrawn_reason="", user=newsroom.erin, reason="A year ago")
        agency = Source.objects.get(slug="agency")
        said = {"withdrawn_reason": "By mail", "user": newsroom.bob, "reason": "The wrong agency"}
        retract(agency, tick("agency", "blog"), **said)
        page = client.get(url).content.decode()
        assert "retracted by Bob Okafor" in page and "before that it was current" in page
        assert page.count('name="back-report"') == 3 and 'name="report"' not in page
        checked = re.findall(r'name="back-report" value="([0-9]+-[0-9]+)"[^>]* checked', page)
        assert sorted(checked) == sorted(f"{pk}-{seen}" for pk, seen in tick("agency", "blog").items())
        data = read_form(page, "take_back_form") | {"back-report": checked, "take_back": "1"}
        refused = client.post(url, data | {"back-reason": " "}).content.decode()
        assert "Say why" in refused and refused.count(" checked") == 3
        assert standing()["agency"] == "retracted"
        response = client.post(url, data | {"back-reason": "It was another one"}, follow=True)
        assert "2 reports stand again." in response.content.decode()
        assert standing() == {"agency": "current", "blog": "current", "paper": "retracted", "stranger": "current"}
        agency.refresh_from_db()
        assert agency.withdrawn_reason == ""

    def test_the_source_can_stay_withdrawn(self, newsroom) -> None:
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        said = {"withdrawn_reason": "By mail", "user": newsroom.bob, "reason": "The wrong agency"}
        retract(newsroom.agency, tick("agency"), **said)
        data = opened(client, url, "take_back_form") | {"take_back": "1", "back-reason": "Others said so, too"}
        del data["back-source"]
        client.post(url, data)
        newsroom.agency.refresh_from_db()
        assert newsroom.agency.withdrawn_reason == "By mail" and standing()["agency"] == "current"

    @pytest.mark.parametrize("forged", [{"opened": ""}, {"opened": "99"}, {"report": "1"}, {"report": "1-x"}])
    def test_nonsense_is_told(self, newsroom, forged: dict) -> None:
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        response = client.post(url, opened(client, url, "retract_form") | {"reason": "Taken back"} | forged)
        assert response.status_code == 200 and "Reload the page" in response.content.decode()
        assert standing()["agency"] == "current"

    def test_a_reason_is_asked_for(self, newsroom) -> None:
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        response = client.post(url, opened(client, url, "retract_form"))
        assert "Say why: it is kept with the change." in response.content.decode()

    def test_who_only_reads_does_not_get_there(self, newsroom) -> None:
        client, url = at_desk(newsroom.victor), retract_url(newsroom.agency)
        assert client.get(url).status_code == 403
        assert client.post(url, {"reason": "Taken back"}).status_code == 403
        assert "/retract/" not in client.get(change_url(newsroom.agency)).content.decode()
        assert at_desk(newsroom.alice).put(url).status_code == 405
        assert at_desk(newsroom.alice).get(retract_url(Source(pk=10**6))).status_code == 302

    def test_more_than_one_form_can_hold_comes_in_parts(self, newsroom, monkeypatch) -> None:
        monkeypatch.setattr(retracting, "AT_ONCE", 2)
        with writing():
            report = Report.objects.get(source__slug="agency")
            report.standing = "retracted"
            report.save()
            make_report(newsroom.other, make_source("agency"))
        client, url = at_desk(newsroom.alice), retract_url(newsroom.agency)
        page = client.get(url).content.decode()
        assert page.count('name="report"') == 2
        assert "1 more report rests on it: it is shown once these are retracted." in page
        data = {"reason": "Taken back", "report": [f"{pk}-{seen}" for pk, seen in tick("paper").items()]}
        client.post(url, opened(client, url, "retract_form") | data)
        assert "more report" not in client.get(url).content.decode()

    @pytest.mark.parametrize("page", ["claim", "report"])
    def test_whoever_retracts_one_report_hears_of_those_that_rest_on_it(self, newsroom, page) -> None:
        client = at_desk(newsroom.alice)
        for slug, is_told in (("stranger", False), ("paper", True)):
            report = Report.objects.get(source__slug=slug)
            instance, name = (report.claim, "reports-{}-standing") if page == "claim" else (report, "standing")
            name = name.format([*report.claim.reports.all()].index(report))
            data = fields(client, instance) | {name: "retracted"}
            text = words(client.post(change_url(instance), data, follow=True).content.decode())
            assert standing()[slug] == "retracted"
            told = f"1 report of another source rests on “What {slug} wrote”. See what falls with it"
            assert (told in text) is is_told


# What an edition cited stays under its address.


def test_a_source_that_an_edition_cited_keeps_its_address(newsroom) -> None:
    rest("agency>wire", "wire>witness")
    publish(newsroom.claim)
    with writing():
        report = Report.objects.get(source=newsroom.agency)
        report.source = make_source("meant")
        report.save()
    addresses = {
        source.slug: "slug" in at_desk(newsroom.erin).get(change_url(source)).context_data["adminform"].readonly_fields
        for source in Source.objects.all()
    }
    assert [slug for slug, is_fixed in addresses.items() if is_fixed] == ["agency", "blog", "paper", "wire", "witness"]
    assert [slug for slug, is_fixed in addresses.items() if not is_fixed] == ["meant", "stranger"]
