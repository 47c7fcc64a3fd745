"""Django's own door: whole new objects, each recorded exactly once, or the whole file refused."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from factcheck.history import Changeset, Door, current
from factcheck.history.guard import append_only_models
from factcheck.models import Capture, Claim, Edition, Rating, Report, Story, User, Verdict
from tests.newsroom import make_people, make_source

pytestmark = pytest.mark.django_db

STORY = """
- model: factcheck.story
  fields: {slug: %s, title: Flood, summary: The river rose., language: en, began_on: 2018-03-23}
"""


def load(*labels: Any, **options: Any) -> None:
    call_command("loaddata", *map(str, labels), verbosity=0, **options)


def rows() -> dict[type[models.Model], int]:
    watched = {*append_only_models(), Claim, Rating, Report, Story, Verdict, User}
    return {model: model.objects.count() for model in watched}


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(text: str, name: str = "some.yaml") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_the_shipped_objects_load_once_each_version_one_row() -> None:
    people = make_people()
    load("ratings", "carcassonne_trebes", exclude=["factcheck.edition"])
    assert current() is None
    assert not Edition.objects.exists()
    assert {act.via for act in Changeset.objects.all()} == {Door.LOADDATA}
    assert not Changeset.objects.filter(user__isnull=False).exists()
    assert Changeset.objects.filter(key="carcassonne-trebes-1", claimed_by="Alice Martin").exists()
    for model in (Claim, Rating, Report, Story, Verdict):
        for instance in model.objects.all():
            kept = instance.history.order_by("revision").values_list("revision", flat=True)
            assert list(kept) == list(range(1, instance.revision + 1))
    verdict = Verdict.objects.get(claim__slug="death-toll")
    assert verdict.revision == 2
    assert (verdict.author.username, verdict.author.is_active) == ("loaddata", False)
    assert verdict.author != people.alice

    before = rows()
    with pytest.raises(CommandError, match="import_fixtures"):
        load("ratings", "carcassonne_trebes", exclude=["factcheck.edition"])
    assert rows() == before
    assert current() is None


def test_rows_under_no_changeset_get_one_of_the_door(file: Any) -> None:
    load(file(STORY % "one" + STORY % "two"))
    (changeset,) = Changeset.objects.all()
    assert (changeset.via, changeset.user) == (Door.LOADDATA, None)
    assert Story.history.model.objects.filter(changeset=changeset).count() == 2


def test_a_changeset_is_forgotten_with_its_command(file: Any) -> None:
    load(file(STORY % "one"))
    load(file(STORY % "two"))
    assert Changeset.objects.count() == 2


def test_a_capture_gets_its_digest(file: Any) -> None:
    make_people()
    make_source("paper")
    capture = "- {model: factcheck.capture, fields: {source: [paper], text: Three dead.}}"
    load(file(capture))
    (kept,) = Capture.objects.all()
    assert kept.sha256 == sha256(b"Three dead.").hexdigest()
    assert kept.changeset.via == Door.LOADDATA
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load(file(capture))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STORY % "one" + "- {model: factcheck.edition, fields: {claim: [x]}}", "Nothing was loaded"),
        (STORY % "one" + "- {model: factcheck.approval, fields: {digest: x}}", "approval is a person's act"),
        (STORY % "one" + "- {model: factcheck.edition, fields: {kind: first}}", "published, never loaded"),
        (STORY % "one" + "- {model: factcheck.flag, fields: {reason: x}}", "flag is raised at the desk"),
        (STORY % "one" + "- {model: factcheck.story, fields: {slug: x, nonsense: 1}}", "nonsense"),
        (STORY % "one" + "- {model: factcheck.claim, fields: {slug: x, story: [nowhere]}}", "Nothing was loaded"),
        (STORY % "one" + "- {model: nobody.knows, fields: {}}", "nobody.knows"),
        (STORY % "one" + "- [", "Nothing was loaded"),
        (STORY % "one" + "- {model: factcheck.source, fields: {slug: s, url: 'javascript:1'}}", "Nothing was loaded"),
    ],
)
def test_a_refused_file_leaves_nothing(file: Any, text: str, words: str) -> None:
    before = rows()
    with pytest.raises(CommandError, match=words):
        load(file(text))
    assert rows() == before
    assert current() is None


def test_a_name_that_is_no_fixture_is_djangos_to_refuse() -> None:
    with pytest.raises(CommandError, match="No fixture named"):
        load("nothing-of-this-name")


@pytest.mark.parametrize("text", ["{", "- model: [", "just words", "- 1"])
@pytest.mark.parametrize("name", ["some.yaml", "some.json"])
def test_broken_files_are_said_to_be_broken(file: Any, text: str, name: str) -> None:
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load(file(text, name), exclude=["factcheck.edition"])


@pytest.mark.parametrize(("name", "text"), [("a.yaml", ""), ("b.json", "null"), ("c.json", '[{"model": "\\ud800"}]')])
def test_a_file_that_is_none(file: Any, name: str, text: str) -> None:
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load(file(text, name))
    assert current() is None
