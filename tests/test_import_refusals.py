"""Bad input: every problem at once, each with its file and line, exit code 1, no traceback, nothing written."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models

from factcheck.history.guard import append_only_models
from factcheck.intake import ImportRefused, import_files
from factcheck.models import Claim, Publisher, Rating, Report, Source, Story, User, Verdict
from tests.newsroom import make_claim
from tests.test_import import FIRST_WAVE, RATINGS

pytestmark = pytest.mark.django_db


def rows() -> dict[type[models.Model], int]:
    watched = {*append_only_models(), Claim, Publisher, Rating, Report, Source, Story, Verdict, User}
    return {model: model.objects.count() for model in watched}


def problems(path: Path, user: User, **options: Any) -> list[tuple[int, str]]:
    before = rows()
    with pytest.raises(ImportRefused) as refused:
        import_files([path], user=user, **options)
    assert rows() == before
    assert all(problem.file == str(path) for problem in refused.value.problems)
    return [(problem.line, problem.message) for problem in refused.value.problems]


STORY = """\
- model: factcheck.story
  fields:
    slug: flood
    title: Flood
    summary: Rain.
    began_on: 2018-03-23
"""
ENTRY = "- model: %s\n  fields: {slug: x}\n"
CHANGESET = (
    "- model: factcheck.changeset\n  fields:\n    key: k\n    claimed_by: A\n    claimed_at: %s\n    reason: R\n"
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        # The form of a file.
        ("- model: [", 1, "This is not YAML"),
        ("- a: 1\n b: 2\n", 2, "This is not YAML"),
        ("a: 1\n", 1, "one list of entries"),
        ("just words", 1, "one list of entries"),
        ("", 0, "empty"),
        ("# nothing but words to people\n", 0, "empty"),
        ("[]", 0, "empty"),
        ("- 1\n", 1, "An entry has “model” and “fields”"),
        ("- model: factcheck.story\n", 1, "Give the fields"),
        ("- model: factcheck.story\n  fields: 3\n", 2, "Give the fields"),
        ("- fields: {slug: x}\n", 1, "Say which model"),
        ("- model: factcheck.story\n  pk: 7\n  fields: {}\n", 2, "Remove “pk”"),
        ("- model: factcheck.story\n  extra: 7\n  fields: {}\n", 2, "“extra” is no part of an entry"),
        ("- &a {model: x}\n", 1, "YAML anchors are not taken"),
        (STORY + "- model: factcheck.story\n  fields: *x\n", 8, "YAML aliases are not taken"),
        (STORY + "    language: !!str en\n", 7, "YAML tags are not taken"),
        (STORY + "    slug: other\n", 7, "“slug” stands here twice"),
        ("- model: factcheck.story\n  fields:\n    <<: {slug: x}\n", 3, "YAML merge keys are not taken"),
        ("- model: factcheck.story\n  fields:\n    ? [a]\n    : 1\n", 3, "must be text"),
        (STORY + "---\n" + STORY, 7, "second YAML document"),
        (STORY.replace("Rain", "Ra\x00in"), 5, "U+0000"),
        (STORY.replace("Rain", "Ra\u202ein"), 5, "U+202E"),
        (STORY.replace("Rain.", '"Ra\\0in"'), 5, "U+0000"),
        # Models.
        (ENTRY % "factcheck.storry", 1, "There is no model “factcheck.storry”. Did you mean “factcheck.story”?"),
        (ENTRY % "story", 1, "Did you mean “factcheck.story”?"),
        (ENTRY % "nobody.knows", 1, "There is no model “nobody.knows”."),
        (ENTRY % "sessions.session", 1, "“sessions.session” is not imported"),
        (ENTRY % "auth.group", 1, "Roles are not imported"),
        (ENTRY % "factcheck.user", 1, "Accounts are not imported"),
        (ENTRY % "factcheck.approval", 1, "An approval is a person's act"),
        (ENTRY % "factcheck.flag", 1, "A flag is raised at the desk"),
        (ENTRY % "factcheck.historicalclaim", 1, "History is written by the acts"),
        (ENTRY % "factcheck.answer", 1, "given at the desk"),
        # Fields and their values.
        (STORY.replace("title", "titel"), 4, "“titel” is no field of factcheck.story. Did you mean “title”?"),
        (STORY + "    revision: 7\n", 7, "“revision” is set by the desk"),
        (STORY + "    id: 7\n", 7, "“id” is set by the desk"),
        (STORY.replace("flood", "no slug at all"), 3, "slug: "),
        (STORY.replace("    slug: flood\n", ""), 1, "“slug” is needed: it names the story."),
        (STORY.replace("    title: Flood\n", ""), 1, "title: "),
        (STORY.replace("Flood", "null"), 4, "title: This needs a value."),
        (STORY.replace("Flood", "[Flood]"), 4, "title: This takes one value, not a list."),
        (STORY.replace("Flood", "{a: b}"), 4, "title: This takes one value, not a mapping."),
        (STORY.replace("Flood", "true"), 4, "title: This takes no true"),
        (STORY.replace("2018-03-23", "2018-02-30"), 6, "began_on: "),
        (STORY.replace("2018-03-23", "20180323"), 6, "began_on: This takes a date"),
        (STORY.replace("Flood", "F" * 201), 4, "title: "),
        # Changesets.
        (CHANGESET % "23 March", 5, "claimed_at: “23 March” is no time"),
        (CHANGESET % "2018-03-23", 5, "claimed_at: “2018-03-23” lacks its zone"),
        (CHANGESET % "2018-03-23T19:00:00", 5, "lacks its zone"),
        (CHANGESET % "2999-01-01T00:00:00Z", 5, "is in the future"),
        (CHANGESET % "2018-13-45T00:00:00Z", 5, "is no time"),
        (CHANGESET % "7", 5, "A changeset needs “claimed_at”, as text."),
        (CHANGESET.replace("    key: k\n", "") % "2018-03-23T19:00:00Z", 1, "A changeset needs “key”"),
        (CHANGESET % "2018-03-23T19:00:00Z" + "    user: [erin]\n", 7, "“user” is no field of factcheck.changeset"),
        (2 * (CHANGESET % "2018-03-23T19:00:00Z"), 9, "The changeset “k” stands here twice."),
        (CHANGESET.replace("key: k", "key: " + "k" * 201) % "2018-03-23T19:00:00Z", 3, "“key” is too long"),
    ],
)
def test_one_thing_wrong(people: Any, tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(text, encoding="utf-8")
    ((found, message),) = problems(path, people.erin)
    assert (found, words in message) == (line, True), message


@pytest.mark.parametrize(
    ("old", "new", "marker", "words"),
    [
        ("story: flood", "story: drought", "story:", "story: There is no story “drought”, here or earlier"),
        ("story: flood", "story: [flood, 1]", "story:", "Name the story by its natural key"),
        ("https://example.org/1", "javascript:alert(1)", "url:", "url: Use a whole http or https address."),
        ("made_precision: day", "made_precision: era", "made_precision:", "made_precision: "),
        ("made_precision: day", "state: published", "state:", "“state” is set by the desk"),
        ("is_cumulative: true", "is_cumulative: 'true'", "is_cumulative:", "Say true or false"),
        ("is_cumulative: true", "is_cumulative: 1", "is_cumulative:", "Say true or false"),
        ("made_at: 2018-03-23", "made_at: 0001-01-01T00:00:00+14:00", "made_at:", "1000 to 9998"),
        ("made_at: 2018-03-23", "made_at: 9999-12-31T23:59:00-14:00", "made_at:", "1000 to 9998"),
        ("made_at: 2018-03-23", "made_at: 0001-01-01", "made_at:", "in the years 1000 to 9998"),
        ("number: 1", "number: '1'", "number:", "This takes a whole number"),
        ("low: 3", "low: 1_0", "low:", "This takes a figure"),
        ("low: 3", "low: 1e5", "low:", "This takes a figure"),
        ("low: 3", "low: ٣", "low:", "This takes a figure"),
        ("claim: [death-toll]\n    number", "claim: [toll]\n    number", "claim:", "There is no claim “toll”"),
        ("value: 2", "value: two", "rating", "value: "),
        ('name: "False"', 'name: "True"', "rating", "name: Rating with this Name already exists."),
        ("checked_by: Alice Martin", "checked_by: [Alice Martin]", "checked_by:", "This takes text."),
        ("low: 3", "low: true", "low:", "low: This takes no true"),
        ("low: 3", "low: three", "low:", "low: "),
        ("low: 3", "low: [3]", "low:", "not a list"),
        ("low: 3", "low: NaN", "low:", "low: "),
        ("qualifier: at_least", "qualifier: exact", "qualifier:", "qualifier: "),
        ("number: 1", "number: -1", "number:", "number: "),
        ("    number: 1\n", "", "quote:", "“number” is needed: it names the report."),
        ("    low: 3\n", "", "quote:", "A figure needs its numbers"),
        ("few_sources_reason:", "author: [erin]\n    few_sources_reason:", "author:", "“author” is set by the desk"),
        ("few_sources_reason:", "edition_kind: first\n    few_sources_reason:", "edition_kind:", "set by the desk"),
        ("kind: first", "kind: second", "kind:", "kind: “second” is none of first, update"),
        ("kind: first", "kind: withdrawal", "kind:", "withdrawn at the desk"),
        ("kind: first", "kind: first\n    digest: abc", "digest:", "“digest” is made when an edition is frozen"),
        ("kind: first", "kind: first\n    content: '{}'", "content:", "“content” is made when"),
        ("kind: first", "kind: first\n    approval: 1", "approval:", "“approval” is made when"),
        ("kind: first", "kind: first\n    number: 1", "number:", "“number” is made when"),
        ("kind: first", "kind: first\n    slug: x", "slug:", "“slug” is no field of factcheck.edition"),
        ("T21:00:00+01:00", "T21:00:00", "published_at:", "lacks its zone"),
        ("2018-03-23T21:00:00+01:00", "2999-03-23T21:00:00+01:00", "published_at:", "in the future"),
        ("2018-03-23T21:00:00+01:00", "0001-01-01T00:00:00+14:00", "published_at:", "is no time"),
        ("approved_by: Bob Okafor", "approved_by: alice  martin", "approved_by:", "must name two different people"),
        ("    approved_by: Bob Okafor\n", "", "edition", "An edition needs “approved_by”."),
        ("few_sources_reason: The only source at the time.", "few_sources_reason: ''", "edition", "Cite two sources"),
    ],
)
def test_one_thing_wrong_in_a_story(people: Any, tmp_path: Path, old: str, new: str, marker: str, words: str) -> None:
    path = tmp_path / "story.yaml"
    text = (RATINGS + FIRST_WAVE).replace(old, new, 1) if marker != "published_at:" else _late(old, new)
    path.write_text(text)
    ((line, message),) = problems(path, people.erin, with_editions=True)
    assert words in message
    near = text.splitlines()[line - 1 : line + 9]
    assert marker in "\n".join(near), near
    if marker.endswith(":") and marker != "quote:" and "published yet" not in words and "two different" not in words:
        assert marker in near[0]


def _late(old: str, new: str) -> str:
    head, _found, tail = (RATINGS + FIRST_WAVE).rpartition(old)
    return head + new + tail


def test_all_problems_at_once_and_each_once(people: Any, tmp_path: Path) -> None:
    """The claim fails; its reports, verdict and edition are not blamed for it. The story's own title is."""
    text = (RATINGS + FIRST_WAVE).replace("made_precision: day", "made_precision: era").replace("The Paper", "")
    path = tmp_path / "story.yaml"
    path.write_text(text + "- {model: factcheck.story, fields: {slug: other, nonsense: 1}}\n")
    found = problems(path, people.erin, with_editions=True)
    assert [message.split(":")[0].split("”")[0] for _line, message in found] == [
        "name", "publisher", "made_precision", "“nonsense"
    ]  # fmt: skip


def test_one_object_may_have_several(people: Any, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(
        "- {}\n- model: factcheck.publisher\n  fields:\n    nonsense: 1\n    name: ''\n    url: javascript:1\n"
    )
    assert [line for line, _message in problems(path, people.erin)] == [1, 1, 4, 5, 6]


def test_an_edition_stands_in_a_reconstructed_act(people: Any, tmp_path: Path) -> None:
    make_claim()
    path = tmp_path / "story.yaml"
    path.write_text("- model: factcheck.edition" + FIRST_WAVE.split("- model: factcheck.edition")[1])
    ((line, message),) = problems(path, people.erin, with_editions=True)
    assert line == 1 and "put a changeset above it" in message
    path.write_text(CHANGESET % "2018-03-23T19:00:00Z" + path.read_text())
    ((line, message),) = problems(path, people.erin, with_editions=True)
    assert line == 7 and "what we wrote ourselves" in message


def updating(edition: str) -> str:
    return edition.replace("kind: first", "kind: update").replace('note: ""', "note: A second source.")


def test_nothing_is_updated_that_is_not_published(people: Any, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(RATINGS + updating(FIRST_WAVE))
    ((_line, message),) = problems(path, people.erin, with_editions=True)
    assert "Nothing is published yet" in message


def test_an_edition_is_not_older_than_the_one_before(people: Any, tmp_path: Path) -> None:
    edition = "- model: factcheck.edition" + FIRST_WAVE.split("- model: factcheck.edition")[1]
    path = tmp_path / "story.yaml"
    later = updating(edition.replace("T21", "T20"))
    path.write_text(RATINGS + FIRST_WAVE + later)
    ((_line, message),) = problems(path, people.erin, with_editions=True)
    assert "published later than this" in message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            '[\n {"model": "factcheck.story"\n  "fields": {}}]',
            3,
            "This is not JSON: Expecting ',' delimiter, column 3.",
        ),
        ('[\n {"model": "factcheck.story", "fields": {"slug": "x", "slug": "y"}}]', 2, "“slug” stands here twice"),
        ('[\n\n {"model": "factcheck.story", "pk": 1, "fields": {}}]', 3, "Remove “pk”"),
        ('{"model": "x"}', 1, "one list of entries"),
        ("[]", 0, "empty"),
        ("", 1, "This is not JSON"),
        ("[NaN]", 0, "NaN is no number"),
        ('[\n {"model": "factcheck.story", "fields": {\n"slug": "x\\u0000"}}]', 3, "U+0000"),
        ('[\n {"model": "factcheck.story", "fields": {\n"slug": "x\\ud800"}}]', 3, "U+D800"),
        ("[" * 1000, 1, "Nested more than 50 deep"),
        ('["' + '\\"' * 100_000, 1, "This is not JSON"),
    ],
)
def test_json_has_lines_too(people: Any, tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "story.json"
    path.write_text(text)
    ((found, message),) = problems(path, people.erin)
    assert (found, words in message) == (line, True), message


@pytest.mark.parametrize("bytes_", [b"[" * 2**20, b"- " * 2**19, b"{" * 2**20, b"[{a: " * 2**18, b"? " * 2**19])
@pytest.mark.parametrize("name", ["story.yaml", "story.json"])
def test_a_megabyte_of_brackets_is_answered_at_once(people: Any, tmp_path: Path, name: str, bytes_: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(bytes_)
    began = time.monotonic()
    ((_line, message),) = problems(path, people.erin)
    assert time.monotonic() - began < 2
    assert "nest" in message.casefold() or "This is not JSON" in message


def test_fifty_megabytes_are_not_read(people: Any, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.touch()
    os.truncate(path, 50 * 2**20)
    assert problems(path, people.erin) == [(0, "This file is larger than 20 MB.")]


def test_files_that_are_none(people: Any, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"- model: x\n  fields: \xe9\n")
    (tmp_path / "story.csv").write_text("a,b")
    (tmp_path / "folder.yaml").mkdir()
    assert problems(tmp_path / "missing.yaml", people.erin) == [(0, "There is no such file.")]
    assert problems(tmp_path / "latin.yaml", people.erin) == [(2, "This is not UTF-8: byte 0xe9.")]
    assert problems(tmp_path / "story.csv", people.erin) == [(0, "Only .yaml, .yml, .json files can be imported.")]
    assert problems(tmp_path / "folder.yaml", people.erin) == [(0, "This is a directory: name the files in it.")]


def test_the_command_lists_problems_and_closes_with_a_sentence(
    people: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(ENTRY % "factcheck.flag" + ENTRY % "factcheck.user")
    with pytest.raises(CommandError, match="Nothing was imported: 2 problems") as refused:
        call_command("import_fixtures", str(path), "--user", "erin")
    assert refused.value.returncode == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{path}:1: ") and second.startswith(f"{path}:3: ")


def test_somebody_imports(people: Any) -> None:
    with pytest.raises(CommandError, match="no active account named “nobody”"):
        call_command("import_fixtures", "ratings", "--user", "nobody")


def test_exit_code_without_traceback(tmp_path: Path) -> None:
    """In a process of its own, as a shell sees it."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    (tmp_path / "story.yaml").write_text("- [")
    code = """
import sys
from django.core.management import call_command, execute_from_command_line
import django
django.setup()
call_command("migrate", verbosity=0)
call_command("people", "add", "erin", "--role", "editor", stdout=open(sys.argv[1] + ".log", "w"))
execute_from_command_line(["manage.py", "import_fixtures", sys.argv[1], "--user", "erin"])
"""
    command = [sys.executable, "-c", code, str(tmp_path / "story.yaml")]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "story.yaml:1: " in done.stderr and "Nothing was imported: 1 problem," in done.stderr
    assert "Traceback" not in done.stderr and not done.stdout
