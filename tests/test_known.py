"""What was knowable when a claim was made and what is known now; whether its figure agrees; kinds that editors name."""

import pytest
from django.utils import timezone

from factcheck import figures
from factcheck.models import Claim, Report, SourceBasis
from factcheck.page.known import proposal
from factcheck.page.stated import agrees, stated

from .desk_forms import errors
from .newsroom import make_claim, make_report, make_source, publish, writing
from .test_desk import at_desk, change_url, fields
from .test_figures import figure


class TestStated:
    @pytest.mark.parametrize(
        ("statement", "unit", "expected"),
        [
            ("Three people were killed.", "people", "3 people"),
            ("At least three people were killed in the attack.", "people", "at least 3 people"),
            ("No fewer than 1,200 People fled.", "people", "at least 1,200 people"),
            ("Up to 40 houses burnt.", "houses", "at most 40 houses"),
            ("The gunman was 25 years old.", "years", "25 years"),
            ("Au moins trois personnes sont mortes.", "personnes", "at least 3 personnes"),
            ("Three people were killed in Trèbes.", "", None),
            ("Three people were killed in Trèbes.", "officers", None),
            ("Three dead in Trèbes.", "people", None),
            ("No figure is given.", "people", None),
            # Whatever may turn it.
            ("Three people were not killed.", "people", None),
            ("It is false that three people were killed.", "people", None),
            ("Police said three people were killed.", "people", None),
            ("Three people are believed to have been killed.", "people", None),
            ("Three people had been killed by noon yesterday.", "people", None),
            ("Three people were killed and two people were hurt.", "people", None),
            ("Between three and five people were killed.", "people", None),
            ("More than three people were killed.", "people", None),
            ("About three people were killed.", "people", None),
            ("Another three people were killed.", "people", None),
            ("Three million people fled.", "people", None),
            ("Half of the three people were killed.", "people", None),
            ("In three of four cases people were killed.", "people", None),
            ("", "people", None),
        ],
    )
    def test_only_without_doubt(self, statement: str, unit: str, expected: str | None) -> None:
        found = stated(statement, unit)
        assert (found and figures.words(found)) == expected

    @pytest.mark.parametrize(
        ("said", "known", "expected"),
        [
            ("3", "3", True),
            (">=3", "4", True),
            (">=3", ">=3", True),
            (">=3", ">=4", True),
            ("<=5", "3 .. 5", True),
            ("3", "4", False),
            (">=3", "2", False),
            ("<=5", ">=6", False),
            # Nothing that is left open is called wrong, or right.
            ("4", ">=3", None),
            (">=4", ">=3", None),
            ("4", "3 .. 5", None),
            ("3", "~3", None),
        ],
    )
    def test_agreement(self, said: str, known: str, expected: bool | None) -> None:
        assert agrees(figure(said), figure(known)) is expected


EARLY, LATE = "2026-03-13T18:00:00Z", "2026-03-14T08:00:00Z"


def dossier_of(*reports: dict, made: str | None = "2026-03-13T19:30:00Z", rests: dict | None = None) -> dict:
    """As much of a dossier as a proposal is made of."""
    sources = sorted(
        {report["source"] for report in reports} | {base for bases in (rests or {}).values() for base in bases}
    )
    return {
        "claim": {"statement": "At least three people were killed.", "made_at": made, "cumulative": False},
        "reports": [report | {"number": number} for number, report in enumerate(reports, 1)],
        "sources": [
            {"slug": slug, "publisher": {"name": slug}, "rests_on": (rests or {}).get(slug, [])} for slug in sources
        ],
    }


def said(source: str, low: int | str, at: str | None, **more: object) -> dict:
    number = {"qualifier": "exactly", "low": str(low), "high": None, "unit": "people", "tolerance": None}
    own = {"source": source, "figure": number | {"qualifier": more.pop("qualifier", "exactly")}, "reported_at": at}
    rest = {"text": "", "stance": "supports", "standing": "current", "true_as_of": None, "kind": "", "kind_reason": ""}
    return rest | own | more


def told(content: dict) -> tuple[str, str]:
    found = proposal(content)
    return tuple(
        ""
        if known is None
        else f"{known.words or 'nothing'}: {known.reports} of {known.origins}"
        + (" disputed" if known.is_disputed else "")
        + {None: "", True: " agrees", False: " differs"}[known.agrees]
        + (f" {known.taken_back} taken back" if known.taken_back else "")
        + (f" {known.of_that_day} of that day" if known.of_that_day else "")
        for known in (found.then, found.now)
    )


class TestThenAndNow:
    @pytest.mark.parametrize(
        ("reports", "then", "now"),
        [
            ([], "nothing: 0 of 0", "nothing: 0 of 0"),
            (
                [said("afp", 3, EARLY, qualifier="at_least"), said("bbc", 4, LATE), said("itv", 4, LATE)],
                "at least 3 people: 1 of 1 agrees",
                "4 people: 2 of 2 agrees",
            ),
            (
                [said("afp", 3, EARLY, standing="retracted"), said("afp", 2, LATE)],
                "3 people: 1 of 1 agrees 1 taken back",
                "2 people: 1 of 1 differs",
            ),
            ([said("bbc", 4, LATE)], "nothing: 0 of 0", "4 people: 1 of 1 agrees"),
            ([said("bbc", 4, None)], "nothing: 0 of 0", "4 people: 1 of 1 agrees"),
            # A dispute is neither right nor wrong.
            ([said("afp", 1, EARLY), said("bbc", 2, EARLY)], *["2 people: 1 of 1 disputed"] * 2),
            # What only gives context is no finding.
            (
                [said("afp", 3, EARLY), said("bbc", 0, LATE, figure=None, text="the trial began", stance="context")],
                *["3 people: 1 of 1 agrees"] * 2,
            ),
            # A report of which only the day is known.
            (
                [said("afp", 3, "2026-03-13"), said("bbc", 3, EARLY)],
                "3 people: 2 of 2 agrees 1 of that day",
                "3 people: 2 of 2 agrees",
            ),
        ],
    )
    def test_what_it_comes_to(self, reports: list[dict], then: str, now: str) -> None:
        assert told(dossier_of(*reports)) == (then, now)

    def test_an_undated_report_is_counted(self) -> None:
        assert proposal(dossier_of(said("afp", 4, None), said("bbc", 4, EARLY))).undated == 1

    def test_without_the_time_of_the_claim_there_is_no_then(self) -> None:
        assert told(dossier_of(said("afp", 4, EARLY), made=None)) == ("", "4 people: 1 of 1 agrees")

    @pytest.mark.parametrize(
        ("reports", "then"),
        [
            ([said("afp", 3, "2026-03-12T23:00:00Z")], "3 people: 1 of 1 agrees"),
            (
                [said("bbc", 4, "2026-03-13T23:59:00Z"), said("itv", 4, "2026-03-13")],
                "4 people: 2 of 2 agrees 2 of that day",
            ),
            ([said("dpa", 5, "2026-03-14T00:00:00Z")], "nothing: 0 of 0"),
        ],
    )
    def test_of_a_claim_with_no_hour_its_whole_day_counts_and_that_is_said(self, reports: list[dict], then: str):
        assert told(dossier_of(*reports, made="2026-03-13"))[0] == then

    @pytest.mark.parametrize(("zone", "expected"), [("UTC", "nothing"), ("America/New_York", "3 people")])
    def test_a_day_is_one_of_the_newsroom(self, zone: str, expected: str) -> None:
        content = dossier_of(said("afp", 3, "2026-03-14T03:00:00Z"), made="2026-03-13")
        with timezone.override(zone):
            assert told(content)[0].startswith(expected)

    def test_a_kind_that_an_editor_named_makes_a_dispute_or_none(self) -> None:
        named = {"kind": "development", "kind_reason": "A later count"}
        assert told(dossier_of(said("afp", 1, EARLY), said("bbc", 2, LATE, **named)))[1] == "2 people: 1 of 1 differs"

    def test_nine_reports_one_origin(self) -> None:
        papers = [f"paper-{number}" for number in range(9)]
        reports = [said(paper, 3, EARLY) for paper in papers]
        assert told(dossier_of(*reports, rests={paper: ["agency"] for paper in papers}))[1] == "3 people: 9 of 1 agrees"

    def test_a_withdrawn_origin_is_none(self) -> None:
        content = dossier_of(said("paper", 3, EARLY), said("other", 3, EARLY), rests={"paper": ["agency"]})
        content["sources"][0]["withdrawn_reason"] = "Taken back."
        assert content["sources"][0]["slug"] == "agency"
        assert told(content)[1] == "3 people: 2 of 1 agrees"


def draft() -> Claim:
    return make_claim(sources=0, statement="At least three people were killed.")


def add(claim: Claim, source: str, low: int, at: str, **more: object) -> Report:
    return make_report(claim, make_source(source), **{"low": low, "unit": "people", "reported_at": at} | more)


def page_of(user, claim: Claim) -> str:
    return " ".join(at_desk(user).get(change_url(claim)).content.decode().split())


class TestAtTheDesk:
    def test_both_stand_on_the_page_of_the_claim(self, people) -> None:
        claim = draft()
        add(claim, "afp", 3, EARLY, qualifier="at_least")
        add(claim, "bbc", 4, LATE)
        page = page_of(people.victor, claim)
        assert "at least 3 people" in page and "1 report, 1 origin" in page
        assert "The claim’s own figure, “at least 3 people”, agrees with it." in page
        assert "<strong>refinement</strong>" in page

    def test_an_empty_claim_says_what_to_do(self, people) -> None:
        assert "No report yet. Add what a source says below" in page_of(people.alice, draft())

    def test_a_kind_that_an_editor_named_says_by_whom_and_why(self, people) -> None:
        claim = draft()
        add(claim, "afp", 3, EARLY, qualifier="at_least")
        report = add(claim, "bbc", 4, LATE)
        client = at_desk(people.bob)
        data = fields(client, claim) | {
            "reports-1-kind_override": "correction",
            "reports-1-kind_override_reason": "The agency says that it miscounted",
        }
        assert client.post(change_url(claim), data).status_code == 302
        with writing(people.erin):
            report.refresh_from_db()
            report.quote = "four"
            report.save()
        page = page_of(people.victor, claim)
        assert (
            "derived: refinement; set by Bob Okafor to correction because: The agency says that it miscounted" in page
        )
        assert report.history.filter(kind_override="correction").earliest("revision").changeset.user == people.bob
        page = at_desk(people.victor).get(publish(claim).claim.get_absolute_url()).content.decode()
        assert "The agency says that it miscounted" in page
        assert "(An editor named it so; figures and times alone would make it: refinement.)" in page

    def test_a_kind_needs_a_reason_and_a_reason_a_kind(self, people) -> None:
        claim = draft()
        add(claim, "afp", 3, EARLY)
        client = at_desk(people.alice)
        for name, value, why in [
            ("kind_override", "correction", "Say why this is the kind of change."),
            ("kind_override_reason", "Because", "Name the kind that the reason is for"),
        ]:
            response = client.post(change_url(claim), fields(client, claim) | {f"reports-0-{name}": value})
            assert response.status_code == 200 and why in errors(response)
        assert Report.history.count() == 1

    def test_origins_are_counted_on_both_pages(self, people) -> None:
        claim = draft()
        agency = make_source("agency")
        for number in range(3):
            report = add(claim, f"paper-{number}", 3, EARLY)
            with writing():
                SourceBasis(source=report.source, rests_on=agency).save()
        assert "3 reports, 1 origin" in page_of(people.victor, claim)
        with writing():
            agency.withdrawn_reason = "The agency took it back."
            agency.save()
        page = " ".join(at_desk(people.victor).get(publish(claim).claim.get_absolute_url()).content.decode().split())
        assert "3 reports, 0 origins as far as we know" in page
        assert page.count("rests on: What agency wrote (withdrawn: The agency took it back.)") == 3
