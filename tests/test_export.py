"""The reader's side as files: what the app serves, and only that."""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import get_resolver, resolve

from factcheck.desk import review
from factcheck.models import Claim, Edition, PublicText
from factcheck.public import addresses
from factcheck.public import export as exporting
from factcheck.public.export import LIST, export
from factcheck.public.serving import Served

from .newsroom import make_claim, make_report, make_source, make_story, publish, writing
from .pages import tell_the_story
from .test_public import second_edition

pytestmark = pytest.mark.django_db

# What pages link to and only the app can answer.
ONLY_THE_APP = re.compile(
    r"/claims/[\w-]+/report-an-error/|/search/|/admin/|/favicon\.ico|/oembed\.json|/opensearch\.xml"
)


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    publish(make_claim("injured", author=people.alice, label="Injured", rating="false"))
    return claim


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {LIST}


def file_of(address: str) -> str:
    return address.removeprefix("/") + ("index.html" if address.endswith("/") else "")


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {path: ((folder / path).stat().st_mtime_ns, (folder / path).stat().st_ino) for path in files_in(folder)}


def links_in(folder: Path) -> set[str]:
    """To pages and files of our own, without query and anchor."""
    pages = [path.read_text(encoding="utf-8") for path in folder.rglob("*.html")]
    return {link for page in pages for link in re.findall(r'(?:href|src)="(?:http://testserver)?(/[^"#?]*)', page)}


def test_every_file_has_the_bytes_that_the_app_serves(client, db, tmp_path, monkeypatch):
    monkeypatch.setattr("factcheck.public.views.PER_PAGE", 5)
    monkeypatch.setattr("factcheck.public.addresses.PER_PAGE", 5)
    tell_the_story()
    result = export(tmp_path)
    every = list(addresses.every())
    assert "/page/4/" in every and "/ratings/true/page/2/" in every
    for address in every:
        answer = client.get(address)
        assert answer.status_code == 200
        assert (tmp_path / file_of(address)).read_bytes() == answer.content, address
    assert (tmp_path / "404.html").read_bytes() == client.get("/no/such/page/").content
    static = {path for path in files_in(tmp_path) if path.startswith("static/")}
    for path in static:
        assert (tmp_path / path).read_bytes() == (settings.BASE_DIR / "factcheck" / path).read_bytes()
    assert {"static/factcheck/public.css", "static/factcheck/favicon.svg"} <= static
    assert files_in(tmp_path) == {file_of(address) for address in every} | static | {"404.html"}
    assert (result.written, result.unchanged, result.removed) == (len(files_in(tmp_path)), 0, 0)
    links = {link for link in links_in(tmp_path) if not ONLY_THE_APP.fullmatch(link)}
    assert len(links) > 40
    assert [link for link in sorted(links) if not (tmp_path / file_of(link)).is_file()] == []


def test_every_kind_of_page_is_exported(claim):
    patterns = get_resolver("factcheck.public.urls").url_patterns
    served = {pattern.name for pattern in patterns if isinstance(pattern.callback, Served)}
    served.remove("opensearch")  # of use with the app alone, as the search is
    assert {resolve(address).url_name for address in addresses.every()} == served


def test_only_what_changed_is_written(claim, people, tmp_path):
    export(tmp_path)
    before = stamps(tmp_path)
    result = export(tmp_path)
    assert (result.written, result.unchanged, result.removed) == (0, len(before), 0)
    assert stamps(tmp_path) == before
    second_edition(claim, people)
    export(tmp_path)
    after = stamps(tmp_path)
    changed = {path for path in after if after[path] != before.get(path)}
    assert {
        "claims/death-toll/index.html",
        "claims/death-toll/editions/1/index.html",
        "claims/death-toll/editions/2/index.html",
        "claims/death-toll.json",
        "stories/flood/index.html",
        "index.html",
        "sitemap.xml",
    } <= changed
    assert not any("injured" in path or path.startswith(("static", "about")) for path in changed)
    with writing():
        PublicText(slug="about", title="We", body="*We*.").save()
    before = stamps(tmp_path)
    assert export(tmp_path).written == 1
    assert stamps(tmp_path)["about/index.html"] != before["about/index.html"]


def test_a_publication_reaches_only_the_lists_that_it_stands_in(claim, people, tmp_path):
    other = make_claim("other", author=people.alice, sources=0)
    make_report(other, make_source("other"), low=3)
    publish(other, is_reconstructed=True, published_at=datetime(2016, 3, 4, 12, tzinfo=UTC))
    export(tmp_path)
    before = stamps(tmp_path)
    second_edition(claim, people)
    export(tmp_path)
    after = stamps(tmp_path)
    lists = {path for path in after if re.match("sources/.|archive/2", path)} - {"sources/index.html"}
    unreached = {"sources/other/index.html", "archive/2016-03/index.html"}
    assert len(lists) > 3 and {path for path in lists if after[path] == before[path]} == unreached


@pytest.fixture
def one_a_page(monkeypatch):
    """So that a withdrawal makes a list shorter by a page."""
    monkeypatch.setattr("factcheck.public.views.PER_PAGE", 1)
    monkeypatch.setattr("factcheck.public.addresses.PER_PAGE", 1)


def withdraw_one(people) -> None:
    review.withdraw(Claim.objects.get(slug="injured"), user=people.erin, reason="It was another town.")


def test_withdrawn_pages_are_replaced_and_pages_that_are_no_more_removed(claim, people, one_a_page, tmp_path):
    export(tmp_path)
    assert (tmp_path / "page/2/index.html").exists()
    withdraw_one(people)
    result = export(tmp_path)
    assert "It was another town." in (tmp_path / "claims/injured/index.html").read_text()
    assert result.removed >= 1 and not (tmp_path / "page").exists()
    assert (tmp_path / "ratings/false/index.html").exists()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_a_damaged_file_is_written_again(damage, claim, tmp_path):
    export(tmp_path)
    page = tmp_path / "claims/death-toll/index.html"
    whole = page.read_bytes()
    damage(page)
    assert export(tmp_path).written == 1
    assert page.read_bytes() == whole


def test_other_files_in_it_are_left_alone(claim, people, one_a_page, tmp_path):
    export(tmp_path)
    (tmp_path / "google123.html").write_text("proof")
    (tmp_path / "page/ours.txt").write_text("note")
    withdraw_one(people)
    export(tmp_path)
    assert (tmp_path / "google123.html").exists() and (tmp_path / "page/ours.txt").exists()
    assert not (tmp_path / "page/2").exists()


# Stopped.


def stopping(monkeypatch, after: int, error: BaseException) -> None:
    """The `after`th file is written in part, and then the run ends."""
    written, write = [], exporting.write

    def writing_some(target: Path, content: bytes, **options) -> None:
        if target.name != LIST:
            written.append(target)
            if len(written) == after:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.with_name(f".{target.name}.part").write_bytes(content[:10])
                raise error
        write(target, content, **options)

    monkeypatch.setattr(exporting, "write", writing_some)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_stopped_run_goes_on(error, client, claim, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stopping(patch, 6, error)
        with pytest.raises(type(error)):
            export(tmp_path)
    assert len([path for path in files_in(tmp_path) if not path.endswith(".part")]) == 5
    result = export(tmp_path)
    assert result.unchanged == 5
    for address in addresses.every():
        assert (tmp_path / file_of(address)).read_bytes() == client.get(address).content
    assert not list(tmp_path.rglob("*.part"))


def test_a_killed_run_leaves_no_file_that_is_not_listed(claim, people, one_a_page, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        saves, save = [], exporting.Export.save
        patch.setattr(exporting.Export, "save", lambda self: saves.append(1) or (len(saves) == 1 and save(self)))
        export(tmp_path)
    assert (tmp_path / "page/2/index.html").exists()
    withdraw_one(people)
    result = export(tmp_path)
    assert result.unchanged == 0 and result.removed >= 1
    assert not (tmp_path / "page").exists()


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    page = tmp_path / "page.html"
    exporting.write(page, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            exporting.write(page, b"new")
    assert page.read_bytes() == b"old"


def test_what_is_published_meanwhile_is_written_with_its_own_version(claim, people, tmp_path, monkeypatch):
    write, once = exporting.write, []

    def publishing(target: Path, content: bytes, **options) -> None:
        if not once and target.suffix == ".html":
            once.append(second_edition(claim, people))
        write(target, content, **options)

    monkeypatch.setattr(exporting, "write", publishing)
    export(tmp_path)
    assert "Four people died." in (tmp_path / "claims/death-toll/index.html").read_text()
    # What was not listed yet (an edition has three addresses, its moment two), and what was written before it came.
    assert export(tmp_path).written <= 7
    assert export(tmp_path).written == 0


# Refused.


def refused(folder: Path, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("export_site", str(folder))


def test_it_refuses_what_is_not_its_own(db, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    refused(tmp_path, "holds files that no export wrote")
    refused(tmp_path / "thesis.txt", "is not a directory")
    refused(tmp_path / "thesis.txt" / "site", "is not a directory")
    assert files_in(tmp_path) == {"thesis.txt"}


def test_it_refuses_what_cannot_be_written(db):
    refused(Path("/proc/site"), "/proc/site cannot be written")


UNREADABLE = [
    "",
    "{",
    "[]",
    "{}",
    '{"files": {"a": 1}}',
    '{"files": {"a": ["x", null]}}',
    '{"files": {"a": ["x", 1e999]}}',
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_it_refuses_a_list_that_cannot_be_read(text, db, tmp_path):
    (tmp_path / LIST).write_text(text)
    refused(tmp_path, "cannot be read")


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/index.html", "a/../../b", "a\0b"])
def test_it_refuses_a_list_that_leads_elsewhere(path, db, tmp_path):
    (tmp_path / LIST).write_text(json.dumps({"files": {path: ["x", 1]}}))
    refused(tmp_path, "names files outside")


def test_it_writes_through_no_link(claim, tmp_path):
    """Where something else can write there, too."""
    mine, folder = tmp_path / "mine", tmp_path / "site"
    mine.write_text("mine")
    export(folder)
    (folder / ".index.html.part").symlink_to(mine)
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to(mine)
    export(folder)
    assert mine.read_text() == "mine" and "Three people" in (folder / "index.html").read_text()


def test_it_leaves_its_folder_by_no_link(claim, tmp_path):
    folder, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    export(folder)
    (folder / "claims").rename(elsewhere)
    (folder / "claims").symlink_to(elsewhere)
    (elsewhere / "death-toll" / "index.html").write_text("mine")
    refused(folder, "claims/death-toll leads outside")
    assert (elsewhere / "death-toll" / "index.html").read_text() == "mine"


def test_it_takes_away_no_page_of_a_claim(claim, tmp_path):
    """As with a DATABASE_URL that was forgotten."""
    export(tmp_path)
    listed = json.loads((tmp_path / LIST).read_text())["files"]
    listed["claims/of-another/index.html"] = listed.pop("claims/injured/index.html")
    (tmp_path / LIST).write_text(json.dumps({"files": listed}))
    before = stamps(tmp_path)
    refused(tmp_path, "has claims/of-another/index.html, which this database does not know")
    assert stamps(tmp_path) == before


def test_a_run_that_ended_before_its_first_list_is_no_stranger(claim, tmp_path):
    exporting.part_of(tmp_path / LIST).write_text("{")
    assert export(tmp_path).written > 0


def test_one_at_a_time(db, tmp_path):
    with exporting.locked(tmp_path):
        refused(tmp_path, "Another export is writing")
    export(tmp_path)


def test_the_command(claim, tmp_path, capsys):
    call_command("export_site", str(tmp_path / "new" / "site"))
    assert re.fullmatch(r"\d+ files written, 0 unchanged, 0 removed, in [\d.]+ seconds\.\n", capsys.readouterr().out)


def test_an_empty_newsroom(db, tmp_path):
    export(tmp_path)
    assert "Nothing is published yet" in (tmp_path / "index.html").read_text()


def test_nothing_unpublished(claim, people, tmp_path):
    make_claim("canary", author=people.alice, label="CANARY", statement="CANARY")
    export(tmp_path)
    assert not [path for path in files_in(tmp_path) if b"CANARY" in (tmp_path / path).read_bytes()]


# Many.


@pytest.mark.slow
def test_hundreds_of_editions_are_exported_in_a_minute_and_looked_through_in_seconds(people, tmp_path):
    for number in range(60):
        claim = make_claim(f"claim-{number}", author=people.alice, story=make_story(f"story-{number % 6}"))
        for kind in ("first", "update", "update", "reaffirmation", "update"):
            publish(claim, kind=kind)
    assert Edition.objects.count() == 300
    began = time.monotonic()
    first = export(tmp_path)
    between = time.monotonic()
    again = export(tmp_path)
    ended = time.monotonic()
    assert first.written > 700 and again.written == 0
    assert between - began < 60 and ended - between < 6
