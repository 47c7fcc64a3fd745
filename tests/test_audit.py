"""`check_history`: every kind of fault is planted past the guard, found and named, and nothing else is."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from factcheck.desk import review
from factcheck.history import Changeset, audit, guard
from factcheck.history.guarding import tracked_models
from factcheck.intake import import_files
from factcheck.models import (
    Answer,
    Capture,
    Claim,
    CorrectionRequest,
    Edition,
    PublicText,
    Publisher,
    Report,
    Source,
    SourceAddress,
    SourceBasis,
    Story,
    User,
)
from tests.newsroom import make_claim, make_people, make_rating, make_source, make_story, publish, writing

ON_POSTGRES = connection.vendor == "postgresql"
LATER, EARLIER = f"'{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%d %H:%M:%S}'", "'2001-01-01 00:00:00'"
STORY, OLD_STORY = "factcheck_story", "factcheck_historicalstory"


@pytest.fixture
def undone(db):
    """The database would not commit what is planted here."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def newsroom(undone):
    """A published claim, a captured source, a story of four versions that nothing else needs, and one that is gone."""
    people = make_people()
    claim = make_claim()
    edition = publish(claim)
    with writing():
        capture = Capture(source=make_source("source-1"), text="Three people died.")
        capture.save()
        spare = make_story("spare")
        for title in ("Second", "Third", "Fourth"):
            spare.title = title
            spare.save()
        make_story("gone").delete()
    return SimpleNamespace(
        alice=people.alice.pk,
        claim=claim.pk,
        edition=edition.pk,
        published=edition.changeset_id,
        approval=edition.approval_id,
        capture=capture.pk,
        act=capture.changeset_id,
        spare=spare.pk,
        version_3=spare.history.get(revision=3).pk,
    )


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def plant(*statements: str) -> None:
    """Past all that holds it off. SQLite asks for foreign keys at the commit, to which none of this comes."""
    with guard.lowered():
        if ON_POSTGRES:
            role = "SET LOCAL session_replication_role ="
            sql(f"{role} replica", *statements, f"{role} origin")
        else:
            sql(*statements)


def check(*args: str) -> tuple[list[str], str]:
    """The lines, and the closing one."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_history", *args, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue().splitlines(), str(error)
    *lines, closing = (out.getvalue() + err.getvalue()).splitlines()
    return lines, closing


def copied(model: type[models.Model], where: str, **changed: str) -> str:
    """INSERT of a row that is like another one but for some columns."""
    fields = model._meta.concrete_fields
    columns = [field.column for field in fields if field.column in changed or not field.primary_key]
    values = [changed.get(column, column) for column in columns]
    table = model._meta.db_table
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} WHERE {where}"


def old_story(**changed: str) -> str:
    """A forged version, like the newest of the spare story."""
    return copied(Story.history.model, "id = {spare} AND revision = 4", **changed)


STALE = "factcheck_standing {claim}: says: the page as the claim is; worked out anew: {published}, "
MENDED = " (manage.py rebuild_standing puts it right)"
SPARE = "id = {spare}"
FAULTS = {
    "two fields changed": (
        ["UPDATE factcheck_claim SET label = 'x', claimant = 'y' WHERE id = {claim}"],
        [
            "factcheck_claim {claim}: differs from its newest version in label, claimant",
            f"{STALE}Label: Death toll → x; Claimant: The prefect → y{MENDED}",
        ],
    ),
    "a value taken away": (
        ["UPDATE factcheck_claim SET made_at = NULL WHERE id = {claim}"],
        [
            "factcheck_claim {claim}: differs from its newest version in made_at",
            f"{STALE}Made: 13 March 2026, 19:30 UTC → –{MENDED}",
        ],
    ),
    "a value where none was": (
        ["UPDATE factcheck_claim SET assignee_id = {alice} WHERE id = {claim}"],
        ["factcheck_claim {claim}: differs from its newest version in assignee"],
    ),
    "a revision counted on": (
        [f"UPDATE {STORY} SET revision = 5 WHERE {SPARE}"],
        [STORY + " {spare}: differs from its newest version in revision"],
    ),
    "a live row without history": (
        [copied(Story, SPARE, id="777", slug="'forged'")],
        [f"{STORY} 777: has no version"],
    ),
    "a live row gone": (
        [f"DELETE FROM {STORY} WHERE {SPARE}"],
        [STORY + " {spare}: is gone, but its newest version is no deletion"],
    ),
    "a key changed": (
        [f"UPDATE {STORY} SET id = 777 WHERE {SPARE}"],
        [f"{STORY} 777: has no version", STORY + " {spare}: is gone, but its newest version is no deletion"],
    ),
    "a deletion that did not happen": (
        [old_story(revision="5", history_type="'-'", history_date=LATER)],
        [STORY + " {spare}: is there, but its newest version says it was deleted"],
    ),
    "a deletion that says what the live row holds": (
        [
            f"UPDATE {STORY} SET revision = 5 WHERE {SPARE}",
            old_story(revision="5", history_type="'-'", history_date=LATER),
        ],
        [STORY + " {spare}: is there, but its newest version says it was deleted"],
    ),
    "the newest version gone": (
        [f"DELETE FROM {OLD_STORY} WHERE {SPARE} AND revision = 4"],
        [STORY + " {spare}: differs from its newest version in revision, title"],
    ),
    "the first version gone": (
        [f"DELETE FROM {OLD_STORY} WHERE {SPARE} AND revision = 1"],
        [STORY + " {spare}: version 1 is missing"],
    ),
    "a version gone": (
        [f"DELETE FROM {OLD_STORY} WHERE {SPARE} AND revision = 3"],
        [STORY + " {spare}: version 3 is missing"],
    ),
    "two versions gone": (
        [f"DELETE FROM {OLD_STORY} WHERE {SPARE} AND revision IN (2, 3)"],
        [STORY + " {spare}: versions 2 to 3 are missing"],
    ),
    "a version that is there twice": (
        [
            f"CREATE TABLE loose AS SELECT * FROM {OLD_STORY}",  # without what holds a version unique
            f"DROP TABLE {OLD_STORY}",
            f"ALTER TABLE loose RENAME TO {OLD_STORY}",
            old_story(history_id="777", history_date=LATER),
        ],
        [STORY + " {spare}: has version 4 more than once"],
    ),
    "a version before the first": (
        [old_story(revision="0", history_date=EARLIER)],
        [
            STORY + " {spare}: has a version 0: they count from 1",
            STORY + " {spare}: version 0 is dated before its act",
        ],
    ),
    "a version as late as the one before": (
        [
            f"UPDATE {OLD_STORY} SET history_date = (SELECT history_date FROM {OLD_STORY} "
            f"WHERE {SPARE} AND revision = 2) WHERE {SPARE} AND revision = 3"
        ],
        [STORY + " {spare}: version 3 is not later than the one before, 2"],
    ),
    "a version earlier than the one before": (
        [f"UPDATE {OLD_STORY} SET history_date = {EARLIER} WHERE {SPARE} AND revision = 3"],
        [
            STORY + " {spare}: version 3 is not later than the one before, 2",
            STORY + " {spare}: version 3 is dated before its act",
        ],
    ),
    "a version long after its act": (
        [f"UPDATE {OLD_STORY} SET history_date = '2199-01-01 00:00:00' WHERE {SPARE} AND revision = 4"],
        [STORY + " {spare}: version 4 is dated long after its act"],
    ),
    "a first version that is a change": (
        [f"UPDATE {OLD_STORY} SET history_type = '~' WHERE {SPARE} AND revision = 1"],
        [STORY + " {spare}: version 1 is of kind “~”, which cannot follow what was before it"],
    ),
    "a version after a deletion that did not happen": (
        [f"UPDATE {OLD_STORY} SET history_type = '-' WHERE {SPARE} AND revision = 2"],
        [STORY + " {spare}: version 3 is of kind “~”, which cannot follow what was before it"],
    ),
    "a version of no kind": (
        [f"UPDATE {OLD_STORY} SET history_type = '?' WHERE {SPARE} AND revision = 3"],
        [STORY + " {spare}: version 3 is of kind “?”, which cannot follow what was before it"],
    ),
    "an edition gone": (
        ["UPDATE factcheck_edition SET number = 3 WHERE id = {edition}"],
        [
            "factcheck_edition {edition}: its number 3 follows 0: an edition is missing",
            "factcheck_edition {edition}: what is listed as cited by it is not what it cites "
            "(manage.py rebuild_search puts it right)",
        ],
    ),
    "a version without its act": (
        [f"UPDATE {OLD_STORY} SET changeset_id = 777 WHERE {SPARE} AND revision = 3"],
        [OLD_STORY + " {version_3}: its changeset 777 is missing"],
    ),
    "an edition without its act": (
        ["UPDATE factcheck_edition SET changeset_id = 777 WHERE id = {edition}"],
        ["factcheck_edition {edition}: its changeset 777 is missing"],
    ),
    "a foreign key into nothing": (
        [
            "UPDATE factcheck_claim SET assignee_id = 777 WHERE id = {claim}",
            "UPDATE factcheck_historicalclaim SET assignee_id = 777 WHERE id = {claim}",
        ],
        ["factcheck_claim {claim}: its assignee 777 is missing"],
    ),
    "an act without rows": (
        [copied(Changeset, "id = {act}", id="777")],
        ["factcheck_changeset 777: is an act to which no version and no other row belongs"],
    ),
    "an edition with other content": (
        ["UPDATE factcheck_edition SET content = '{{}}' WHERE id = {edition}"],
        ["factcheck_edition {edition}: its digest is not that of its content"],
    ),
    "an approval of other content": (
        ["UPDATE factcheck_approval SET digest = 'abc' WHERE id = {approval}"],
        ["factcheck_edition {edition}: its approval {approval} is for other content"],
    ),
    "a capture with another text": (
        ["UPDATE factcheck_capture SET text = 'Four people died.' WHERE id = {capture}"],
        ["factcheck_capture {capture}: its SHA-256 is not that of its text"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_named_and_nothing_else(newsroom, fault):
    statements, expected = FAULTS[fault]
    keys = vars(newsroom)
    plant(*[statement.format(**keys) for statement in statements])
    lines, closing = check()
    assert lines == [line.format(**keys) for line in expected]
    number = "1 thing" if len(expected) == 1 else f"{len(expected)} things"
    assert closing.endswith(f"checked: {number} found, listed above.")


def test_it_works(newsroom):
    lines, closing = check()
    assert lines == []
    objects = sum(model.objects.count() for model in tracked_models())
    versions = sum(model.history.count() for model in tracked_models())
    acts = Changeset.objects.count()
    assert min(objects, versions, acts) > 5
    assert closing == f"{objects} objects, {versions} versions, {acts} acts checked: nothing found."


def other(field: models.Field) -> str:
    """A value that no row has."""
    if isinstance(field, models.BooleanField):
        return f"NOT {field.column}"
    if isinstance(field, models.DateField):
        return "'2001-01-01'"
    return "'?'" if isinstance(field, (models.CharField, models.TextField)) else "777"


def test_every_column_of_every_tracked_table_is_compared(newsroom):
    with writing():
        SourceBasis(source=make_source("source-1"), rests_on=make_source("source-2")).save()
        PublicText(slug="about", title="About us", body="We check.").save()
        request = CorrectionRequest(edition_id=newsroom.edition, message="It was four.")
        request.save()
        Answer(request=request, decision="unchanged", text="No.").save()
    statements, expected = [], []
    for model in tracked_models():
        row = model.objects.latest("pk").history.latest()
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        values = ", ".join(f"{field.column} = {other(field)}" for field in fields)
        statements.append(f"UPDATE {row._meta.db_table} SET {values} WHERE history_id = {row.pk}")
        names = ", ".join(field.name for field in fields)
        expected.append(f"{model._meta.db_table} {row.id}: differs from its newest version in {names}")
    assert len(expected) >= 9
    with guard.lowered():
        sql(*statements)
    assert [line for line in check()[0] if "differs" in line] == expected


# The guard.

DROPPED = (
    ['DROP TRIGGER "factcheck_edition_append_only" ON factcheck_edition', "factcheck_edition_append_only"]
    if ON_POSTGRES
    else ['DROP TRIGGER "factcheck_edition_no_update"', "factcheck_edition_no_update"]
)
ALTERED = (
    [
        'CREATE OR REPLACE FUNCTION "factcheck_story_recorded"() RETURNS trigger LANGUAGE plpgsql AS '
        "$$ BEGIN RETURN NULL; END $$",
        "factcheck_story_recorded",
    ]
    if ON_POSTGRES
    else [
        'DROP TRIGGER "factcheck_story_need_update"',
        'CREATE TRIGGER "factcheck_story_need_update" AFTER UPDATE ON factcheck_story BEGIN SELECT 1; END',
        "factcheck_story_need_update",
    ]
)
DISABLED = ["ALTER TABLE factcheck_story DISABLE TRIGGER factcheck_story_recorded", "factcheck_story_recorded"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(DROPPED, id="dropped"),
        pytest.param(ALTERED, id="altered"),
        pytest.param(
            DISABLED,
            id="disabled",
            marks=pytest.mark.skipif(not ON_POSTGRES, reason="SQLite's triggers are there or not"),
        ),
    ],
)
def test_a_guard_that_is_not_whole(undone, fault):
    *statements, name = fault
    sql(*statements)
    lines, closing = check()
    assert lines == [f"trigger {name}: is missing, switched off or altered; manage.py migrate puts it back"]
    assert closing == "0 objects, 0 versions, 0 acts checked: 1 thing found, listed above."


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL leaves no needs behind")
def test_a_need_that_a_commit_without_foreign_keys_left_behind(newsroom):
    sql(f"INSERT INTO factcheck_guard_need (name, key, never) VALUES ('{STORY}', {newsroom.spare}, 1)")
    assert check()[0] == [
        f"{STORY} {newsroom.spare}: was changed while foreign keys were off, and no version has recorded it since"
    ]


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL keeps no bytes in a column of text")
def test_content_that_is_no_text(newsroom):
    plant(f"UPDATE factcheck_edition SET content = X'C328' WHERE id = {newsroom.edition}")
    assert check()[0] == [f"factcheck_edition {newsroom.edition}: its digest is not that of its content"]


@pytest.mark.skipif(ON_POSTGRES, reason="a backup of SQLite is a file")
@pytest.mark.usefixtures("committing")
def test_a_backup_that_another_program_wrote_into(tmp_path):
    """With foreign keys off, as SQLite has them unless asked: the change is committed, and seen."""
    make_people()
    rating, file = make_rating(), tmp_path / "backup.sqlite3"
    sql(f"VACUUM INTO '{file}'")
    done = check_file(file)
    assert (done.returncode, done.stdout) == (0, "1 object, 1 version, 1 act checked: nothing found.\n"), done.stderr

    stranger = sqlite3.connect(file)
    stranger.execute("UPDATE factcheck_rating SET name = 'Half true'")
    stranger.commit()
    stranger.close()
    done = check_file(file)
    assert done.stdout.splitlines() == [
        f"factcheck_rating {rating.pk}: was changed while foreign keys were off, and no version has recorded it since",
        f"factcheck_rating {rating.pk}: differs from its newest version in name",
    ]
    assert done.returncode == 1 and "1 act checked: 2 things found, listed above." in done.stderr

    file.write_bytes(file.read_bytes()[:8192] + b"torn" * 50_000)
    done = check_file(file)
    assert done.returncode == 1 and "cannot be read" in done.stderr and "Traceback" not in done.stderr


def test_an_empty_file(tmp_path):
    done = check_file(tmp_path / "empty.sqlite3")
    assert (done.returncode, done.stdout) == (1, "")
    assert "run manage.py migrate first" in done.stderr and "Traceback" not in done.stderr


def check_file(file: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, settings.BASE_DIR / "manage.py", "check_history"]
    env = os.environ | {"DATABASE_URL": f"sqlite:///{file}"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


# What is in order.


@pytest.mark.parametrize(
    "act", [{"key": "'imported'"}, {"via": "'loaddata'"}, {"via": "'migration'"}], ids=["key", "loaddata", "migration"]
)
def test_acts_that_may_have_no_rows(newsroom, act):
    plant(copied(Changeset, f"id = {newsroom.act}", id="777", **act))
    assert check()[0] == []


STORY_FILES = [settings.BASE_DIR / "fixtures" / f"{name}.yaml" for name in ("ratings", "carcassonne_trebes")]


@pytest.mark.usefixtures("committing")
def test_a_newsroom_at_work():
    """Through the doors, with real commits: an import, edits, deletions, a restore, and the way to a publication."""
    people = make_people()
    import_files(STORY_FILES, user=people.erin, with_editions=True)
    assert check()[0] == []
    with writing(reason="Mend, and take away"):
        for claim in Claim.objects.all()[:3]:
            claim.label = f"{claim.label}!"
            claim.save()
        report = Report.objects.order_by("pk").last()
        key = report.pk
        report.delete()
    assert check()[0] == []
    with writing(reason="Put back"):
        report.pk, report._state.adding = key, True
        report.save()
    assert report.revision == 3
    claim = make_claim("river-level", author=people.alice)
    moves = {"submit": "alice", "approve": "bob", "publish": "erin", "flag": "erin", "withdraw": "erin"}
    for verb, person in moves.items():
        getattr(review, verb)(claim, user=getattr(people, person), reason="As it should be")
    assert Edition.objects.filter(claim=claim).count() == 2
    assert check()[0] == []
    import_files(STORY_FILES, user=people.erin, with_editions=True)
    assert check()[0] == []


def multiply(model: type[models.Model], times: int, **changed: str) -> list[str]:
    """SQL that makes many objects of three versions each out of the first one; n is the number of each."""
    live, history = model._meta.db_table, model.history.model._meta.db_table
    first, key = model.objects.earliest("pk"), 100_000
    columns = [field.column for field in model._meta.concrete_fields]
    changed = {"id": f"{key} + n", "revision": "3"} | changed
    kept = model.history.model.objects.filter(id=first.pk).latest("revision")
    names = ", ".join(columns)
    return [
        f"INSERT INTO {live} ({names}) WITH RECURSIVE numbers (n) AS "
        f"(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times}) "
        f"SELECT {', '.join(changed.get(column, column) for column in columns)} "
        f"FROM {live}, numbers WHERE id = {first.pk}",
        *(
            f"INSERT INTO {history} ({names}, history_date, history_type, changeset_id) "
            f"SELECT {', '.join(str(version) if column == 'revision' else column for column in columns)}, "
            f"'{kept.changeset.at + timedelta(minutes=version):%F %T.%f}', "
            f"'{'+' if version == 1 else '~'}', {kept.changeset_id} "
            f"FROM {live} WHERE id > {key}"
            for version in (1, 2, 3)
        ),
    ]


def test_ten_thousand_objects_in_order(newsroom):
    few, one_of_2_000 = number_of_queries(), "100000 + n % 2000 + 1"
    with guard.lowered():
        sql(
            *multiply(Story, 1_000, slug="'story-' || n"),
            *multiply(Publisher, 1_000, name="'Paper ' || n"),
            *multiply(Source, 2_000, slug="'many-' || n"),
            *multiply(Claim, 2_000, slug="'claim-' || n", story_id="100000 + n % 1000 + 1"),
            *multiply(Report, 4_000, claim_id=one_of_2_000, number="n + 10", source_id=one_of_2_000),
        )
    SourceAddress.objects.put_right()
    lines, closing = check()
    assert lines == []
    assert re.match(r"10,0\d\d objects, 30,0\d\d versions, \d+ acts checked: nothing found", closing)
    assert number_of_queries() == few

    with guard.lowered():
        sql("UPDATE factcheck_report SET quote = 'forged' WHERE id > 100000")
    lines, closing = check()
    assert len(lines) == 4_000 and "4,000 things found" in closing
    assert number_of_queries() == few


def number_of_queries() -> int:
    with CaptureQueriesContext(connection) as queries:
        check()
    return len(queries)


# What it prints, and what it leaves alone.


def test_json_where_nothing_is_found_is_nothing(newsroom):
    out, err = StringIO(), StringIO()
    call_command("check_history", "--json", stdout=out, stderr=err)
    assert out.getvalue() == ""
    assert err.getvalue().endswith("checked: nothing found.\n")


def test_a_terminal_sees_progress_and_whole_lines(newsroom, monkeypatch):
    plant(f"UPDATE {STORY} SET title = 'x' WHERE id = {newsroom.spare}")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    terminal = StringIO()
    with pytest.raises(CommandError):
        call_command("check_history", stdout=terminal, stderr=terminal)
    shown = [line.rpartition("\r")[2] for line in terminal.getvalue().split("\n")]
    assert shown == [f"{STORY} {newsroom.spare}: differs from its newest version in title", ""]
    assert re.search(r"\r3 of \d\d checks\r", re.sub(" {9,}", "", terminal.getvalue()))


def test_json_is_one_object_a_line_and_nothing_else(newsroom):
    plant(f"UPDATE {STORY} SET title = 'x' WHERE id = {newsroom.spare}", f"DELETE FROM {OLD_STORY} WHERE revision = 3")
    lines, closing = check("--json")
    text = "differs from its newest version in title"
    assert [json.loads(line) for line in lines] == [
        {"table": STORY, "key": newsroom.spare, "fault": "differs", "text": text},
        {"table": STORY, "key": newsroom.spare, "fault": "revisions", "text": "version 3 is missing"},
    ]
    assert closing.endswith("2 things found, listed above.")


def test_it_changes_nothing_and_could_not(newsroom, monkeypatch):
    def everything():
        return {model: list(model._base_manager.order_by("pk").values_list()) for model in apps.get_models()}

    before = everything()
    check()
    assert everything() == before
    with pytest.raises(DatabaseError, match="read"), transaction.atomic(), audit.reading():
        User.objects.update(email="x@example.org")

    def careless():
        User.objects.update(email="x@example.org")
        yield from ()

    with transaction.atomic(), monkeypatch.context() as patched:
        patched.setattr(audit, "checks", lambda: [careless()])
        assert "read" in check()[1]
        transaction.set_rollback(True)
    assert everything() == before
    User.objects.update(email="x@example.org")
    assert everything() != before


def test_a_database_that_is_not_migrated_is_said_so(undone):
    sql("DELETE FROM django_migrations WHERE app = 'factcheck'")
    lines, closing = check()
    assert lines == []
    assert closing == "This database is not migrated, or not to the end: run manage.py migrate first."
