"""The story fixture, read as text: where each report stands in its document, and what the editions promise."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
DOCUMENTS = {
    "same-day article": "carcassonne-trebes-same-day-article",
    "encyclopedia extract": "carcassonne-trebes-encyclopedia",
}
# Claim, number of the report, document, its line, words of that line.
PLACES = (
    ("death-toll", 1, "same-day article", 3, "At least three people were believed to have been killed when"),
    ("injured", 1, "same-day article", 13, "in which he left the driver injured and killed the passenger"),
    ("killed-in-shop", 1, "same-day article", 15, "Two people were killed with the victims believed to have been"),
    (
        "attacks-and-places",
        1,
        "same-day article",
        7,
        "separate incidents in and around the historic town of Carcassonne",
    ),
    ("order-of-events", 1, "same-day article", 9, "The first incident saw a man drive a vehicle"),
    ("order-of-events", 2, "same-day article", 13, "Previous to that incident the attacker had hijacked a car"),
    ("police-targeted", 1, "same-day article", 9, "towards a group of four CRS policemen who were jogging in"),
    ("driver-and-passenger", 1, "same-day article", 13, "he left the driver injured and killed the passenger"),
    (
        "gunman-identity",
        1,
        "same-day article",
        47,
        "The latest reports claim the gunman was 25 year old French Moroccan",
    ),
    ("gunman-age", 1, "same-day article", 47, "The latest reports claim the gunman was 25 year old French Moroccan"),
    ("weapons", 1, "same-day article", 43, "Witnesses say he was armed with a knife, a pistol and grenades"),
    ("grenades", 1, "same-day article", 43, "he was armed with a knife, a pistol and grenades"),
    ("demand", 1, "same-day article", 41, "and demanded the release of Salah Abdeslam, the surviving member"),
    ("motive", 1, "same-day article", 41, 'According to witnesses the gunman said he wanted to "avenge Syria"'),
    (
        "allegiance",
        1,
        "same-day article",
        31,
        "that the gunman had claimed allegiance to the Islamist extremist terror group",
    ),
    ("gunman-fate", 1, "same-day article", 23, "The gunman was killed in the assault but the officer"),
    (
        "known-to-services",
        1,
        "same-day article",
        49,
        "He is believed to have been known to French intelligence services",
    ),
    ("exchanged-officer", 1, "same-day article", 23, "was left seriously injured after being shot"),
    ("hostages", 1, "same-day article", 17, "The gunman then took an unknown number of shoppers hostage"),
    ("hostages", 2, "same-day article", 21, "It then emerged the gunman still held one shopper hostage"),
    ("death-toll", 2, "encyclopedia extract", 1, "killing four people and injuring fifteen"),
    ("injured", 2, "encyclopedia extract", 1, "killing four people and injuring fifteen"),
    ("killed-in-shop", 2, "encyclopedia extract", 6, "shooting both men in the head at point blank range"),
    ("attacks-and-places", 2, "encyclopedia extract", 1, "carried out three attacks in the town of Carcassonne"),
    ("order-of-events", 3, "encyclopedia extract", 2, "first shot two men at the Aigles de la cité car park"),
    ("police-targeted", 2, "encyclopedia extract", 5, "into Carcassonne where he opened fire on four policemen of the"),
    ("driver-and-passenger", 2, "encyclopedia extract", 2, "killing one of them and seriously injuring the other"),
    (
        "gunman-identity",
        2,
        "encyclopedia extract",
        2,
        "Redouane Lakdim, a 25-year-old French Moroccan, first shot two men",
    ),
    ("gunman-age", 2, "encyclopedia extract", 2, "Redouane Lakdim, a 25-year-old French Moroccan, first shot two men"),
    ("weapons", 2, "encyclopedia extract", 4, "Lakdim armed himself with a handgun and a hunting knife before"),
    ("weapons", 3, "encyclopedia extract", 7, "Lakdim threw a home-made grenade into the aisles"),
    ("grenades", 2, "encyclopedia extract", 7, "Lakdim threw a home-made grenade into the aisles; it did not explode"),
    ("demand", 2, "encyclopedia extract", 3, "and demanded the release of Salah Abdeslam, the only surviving suspect"),
    ("motive", 2, "encyclopedia extract", 8, "take revenge on the French for bombing Syria and Iraq"),
    ("allegiance", 2, "encyclopedia extract", 3, "Lakdim swore allegiance to the Islamic State"),
)

Entry = dict[str, Any]


def read(name: str) -> list[Entry]:
    return yaml.safe_load((FIXTURES / f"{name}.yaml").read_text(encoding="utf-8"))


STORY = read("carcassonne_trebes")
RATINGS = {entry["fields"]["slug"]: entry["fields"]["name"] for entry in read("ratings")}


def fields(model: str) -> list[Entry]:
    return [entry["fields"] for entry in STORY if entry["model"] == f"factcheck.{model}"]


def plain(words: str) -> str:
    """Straight quotes, single spaces."""
    return " ".join(words.translate(str.maketrans("“”‘’", "\"\"''")).split())


def report_key(report: Entry) -> tuple[str, int]:
    return report["claim"][0], report["number"]


def revisions() -> list[tuple[Entry, Entry, Entry]]:
    """Every later edition, with the verdict before it and the verdict it publishes."""
    verdicts: dict[str, list[Entry]] = {}
    found = []
    for entry in STORY:
        row = entry["fields"]
        if entry["model"] == "factcheck.verdict":
            verdicts.setdefault(row["claim"][0], []).append(row)
        elif entry["model"] == "factcheck.edition" and row["kind"] != "first":
            old, new = verdicts[row["claim"][0]][-2:]
            found.append((row, old, new))
    return found


def test_every_report_has_its_place_once() -> None:
    places = Counter((claim, number) for claim, number, *_ in PLACES)
    assert set(places) == {report_key(report) for report in fields("report")}
    assert set(places.values()) == {1}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]}-{place[1]}")
def test_a_quote_stands_in_its_line(place: tuple[str, int, str, int, str]) -> None:
    claim, number, document, line, excerpt = place
    assert line > 0
    assert len(excerpt.split()) <= 12
    reports = [report for report in fields("report") if report_key(report) == (claim, number)]
    for report in reports:
        assert report["source"] == [DOCUMENTS[document]]
        assert report["quote"]
        assert plain(report["quote"]) in plain(excerpt)
        assert len(report["quote"].split()) <= 8


def test_a_capture_has_the_quotes_and_nothing_else_of_its_source() -> None:
    captures = {capture["source"][0]: capture["text"] for capture in fields("capture")}
    assert set(captures) == set(DOCUMENTS.values())
    for source, text in captures.items():
        ours, *lines = text.splitlines()
        assert ours == "Only the words that we quote, in the order of our claims."
        quotes = {report["quote"] for report in fields("report") if report["source"] == [source]}
        assert {line.removeprefix("[…] ").removesuffix(" […]") for line in lines} == quotes


def test_there_is_enough_to_read() -> None:
    claims = {claim["slug"] for claim in fields("claim")}
    sources: dict[str, set[str]] = {slug: set() for slug in claims}
    for report in fields("report"):
        sources[report["claim"][0]].add(report["source"][0])
    editions = fields("edition")
    first = [edition for edition in editions if edition["kind"] == "first"]
    evening = [edition for edition in first if edition["published_at"].startswith("2018-03-23T2")]
    assert len(claims) >= 15
    assert sum(found == set(DOCUMENTS.values()) for found in sources.values()) >= 10
    assert len(evening) >= 8
    assert len(editions) - len(first) >= 5
    assert len(claims - {edition["claim"][0] for edition in editions}) >= 2


def test_a_later_edition_says_what_changed() -> None:
    for edition, old, new in revisions():
        assert edition["note"] == new["edition_note"] != ""
        if old["rating"] != new["rating"]:
            assert f"“{RATINGS[old['rating'][0]]}”" in edition["note"]
            assert f"“{RATINGS[new['rating'][0]]}”" in edition["note"]
    assert any(old["rating"] != new["rating"] for _, old, new in revisions())


def test_an_unproven_claim_is_published() -> None:
    published = {edition["claim"][0] for edition in fields("edition")}
    last = {verdict["claim"][0]: verdict["rating"] for verdict in fields("verdict")}
    assert any(last[slug] == ["unproven"] for slug in published)


def test_an_explanation_is_short_and_has_headings() -> None:
    for verdict in fields("verdict"):
        assert len(verdict["summary"]) <= 300
        assert 80 <= len(verdict["explanation"].split()) <= 200, verdict["claim"]
        assert 2 <= verdict["explanation"].count("## ") <= 3


def test_a_key_is_unique_within_its_changeset() -> None:
    keys = [changeset["key"] for changeset in fields("changeset")]
    assert len(keys) == len(set(keys))
    seen: set[tuple[Any, ...]] = set()
    for entry in STORY:
        row = entry["fields"]
        match entry["model"].removeprefix("factcheck."):
            case "changeset":
                seen = set()
                continue
            case "report":
                key = report_key(row)
            case "verdict":
                key = (row["claim"][0],)
            case "edition":
                key = (row["claim"][0], row["published_at"])
            case "publisher":
                key = (row["name"],)
            case "capture":
                key = (row["source"][0], row["captured_at"])
            case _:
                key = (row["slug"],)
        named = (entry["model"], *key)
        assert named not in seen
        seen.add(named)
    assert len(RATINGS) == len(read("ratings"))


@pytest.mark.parametrize("name", ["ratings", "carcassonne_trebes"])
def test_no_alias_and_nothing_that_plain_yaml_misreads(name: str) -> None:
    text = (FIXTURES / f"{name}.yaml").read_text(encoding="utf-8")
    assert not [token for token in yaml.scan(text) if isinstance(token, (yaml.AliasToken, yaml.AnchorToken))]
    for entry in read(name):
        for value in entry["fields"].values():
            assert value is None or isinstance(value, (str, int, list)), (entry["model"], value)


def test_nobody_approves_what_they_checked() -> None:
    for edition in fields("edition"):
        assert edition["checked_by"] != edition["approved_by"]


def test_one_source_is_explained_and_two_are_not() -> None:
    for verdict in fields("verdict"):
        assert bool(verdict["few_sources_reason"]) == ("rating_then" not in verdict)


def test_time_never_runs_backwards() -> None:
    moments = [
        entry["fields"].get("claimed_at") or entry["fields"]["published_at"]
        for entry in STORY
        if entry["model"] in ("factcheck.changeset", "factcheck.edition")
    ]
    assert moments == sorted(moments)
