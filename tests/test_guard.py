"""What the database refuses, and how the guard comes through a migration. Every commit here is a real one."""

import re

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.executor import MigrationExecutor

from factcheck.history import Changeset, Unrecorded, guard, record_in_migration, recording
from factcheck.models import Edition, Story, User

from .newsroom import make_claim, make_people, publish

pytestmark = pytest.mark.usefixtures("committing")

LIVE, HISTORY = "factcheck_story", "factcheck_historicalstory"


@pytest.fixture
def alice(committing):
    return User.objects.create(username="alice")


@pytest.fixture
def story(alice):
    with recording(user=alice, reason="Begin", via="command"):
        story = Story(slug="flood", title="Flood", summary="Water.", began_on="2026-01-01")
        story.save()
    return story


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def columns(**changed: object) -> tuple[str, str]:
    """All columns of the history table but its key, and the newest row's values with some of them changed."""
    names = [field.column for field in Story.history.model._meta.concrete_fields if field.name != "history_id"]
    values = [str(changed.get(name, name)) for name in names]
    return ", ".join(names), ", ".join(values)


def forge(**changed: object) -> None:
    names, values = columns(**changed)
    sql(f"INSERT INTO {HISTORY} ({names}) SELECT {values} FROM {HISTORY} ORDER BY revision DESC LIMIT 1")


def untouched(story) -> bool:
    return (
        Story.objects.get().title == "Flood"
        and list(story.history.values_list("revision", flat=True)) == [1]
        and guard.unmet() == []
    )


# Live rows.


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {LIVE} SET title = 'x'",
        f"UPDATE {LIVE} SET revision = 2",
        f"UPDATE {LIVE} SET id = id + 1000",
        f"DELETE FROM {LIVE}",
        f"INSERT INTO {LIVE} (revision, slug, title, summary, language, began_on) "
        "VALUES (1, 'b', 'b', 'b', 'en', '2026-01-01')",
    ],
)
def test_an_unrecorded_change_is_refused(story, statement):
    with pytest.raises(IntegrityError) as alone:
        sql(statement)
    with pytest.raises(IntegrityError) as together, transaction.atomic():
        sql(statement)
    for caught in (alone, together):
        assert "recording(" in str(caught.value) or f"{LIVE} " in str(caught.value), caught.value
    assert f"{LIVE} " in str(together.value), "a transaction is refused by table and key"
    assert untouched(story)


def test_recording_asks_before_it_commits(story, alice):
    with pytest.raises(Unrecorded) as caught, recording(user=alice, reason="Sneak", via="command"):
        sql(f"UPDATE {LIVE} SET title = 'x'")
    assert (caught.value.table, caught.value.key) == (LIVE, story.pk)
    assert untouched(story)


def test_a_recorded_change_does_not_cover_a_later_one(story, alice):
    with pytest.raises(Unrecorded), recording(user=alice, reason="Half", via="command"):
        story.title = "Deluge"
        story.save()
        sql(f"UPDATE {LIVE} SET title = 'x'")
    assert untouched(story)
    assert story.revision == 1


def test_an_update_that_changes_nothing_needs_no_version(story):
    sql(f"UPDATE {LIVE} SET title = title")
    assert untouched(story)


PAST_THE_GUARD = {  # as whoever owns the database can, and the sqlite3 shell does unasked
    "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT"),
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
}


def smuggle(statement: str) -> None:
    off, on = PAST_THE_GUARD[connection.vendor]
    for each in (off, statement, on):
        sql(each)


def test_what_was_changed_past_the_guard_is_not_built_upon(story, alice):
    """A later version would say that somebody did it."""
    smuggle(f"UPDATE {LIVE} SET title = 'x'")
    for write in ("save", "delete"):
        with (
            pytest.raises((IntegrityError, Unrecorded), match=f"{LIVE}"),
            recording(user=alice, reason="Go on", via="command"),
        ):
            changed = Story.objects.get()
            changed.summary = "More water."
            getattr(changed, write)()
    assert list(story.history.values_list("revision", "title")) == [(1, "Flood")]

    with guard.lowered():
        sql(f"UPDATE {LIVE} SET title = 'Flood'")
    with recording(user=alice, reason="Go on", via="command"):
        story.summary = "More water."
        story.save()
    assert (story.revision, guard.unmet()) == (2, [])


# Versions.


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"revision": 2},
        {"revision": 3},
        {"revision": 2, "title": "'forged'"},
        {"revision": 2, "history_type": "'-'"},
        {"revision": 2, "history_date": "'2090-01-01 00:00:00'"},
        {"id": "id + 1000"},
    ],
    ids=str,
)
def test_a_forged_version_is_refused(story, changed):
    with pytest.raises(IntegrityError):
        forge(**changed)
    assert untouched(story)


def test_a_version_may_not_go_back_in_time(story, alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"UPDATE {LIVE} SET revision = 2, title = 'x'")
        forge(revision=2, title="'x'", history_type="'~'")
    with transaction.atomic():
        sql(f"UPDATE {LIVE} SET revision = 2, title = 'x'")
        forge(revision=2, title="'x'", history_type="'~'", history_date="'2090-01-01 00:00:00'")
    assert story.history.count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", [LIVE, HISTORY, "factcheck_changeset", "factcheck_edition"])
def test_nothing_is_truncated(story, table):
    with pytest.raises(IntegrityError, match="never emptied"):
        sql(f"TRUNCATE {table} CASCADE")
    assert untouched(story)


def test_flush_is_refused(story):
    with pytest.raises(CommandError):
        call_command("flush", interactive=False, verbosity=0)
    assert untouched(story)


# A database without its guard.


def test_a_missing_guard_is_an_error_and_migrate_puts_it_back(story):
    guard.take_down()
    assert [error.id for error in run_checks()] == ["factcheck.E001"]
    with pytest.raises(SystemCheckError, match=f"{LIVE}_"):
        call_command("check")
    with pytest.raises(ImproperlyConfigured, match="not whole"):
        guard.require()
    call_command("migrate", verbosity=0)
    assert guard.missing() == [] == run_checks()
    guard.require()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's triggers are there or not")
@pytest.mark.parametrize(
    "statement",
    [
        f"ALTER TABLE {LIVE} DISABLE TRIGGER {LIVE}_recorded",
        f"CREATE OR REPLACE FUNCTION {LIVE}_recorded() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$",
        "CREATE OR REPLACE FUNCTION factcheck_append_only() RETURNS trigger LANGUAGE plpgsql "
        "AS $$BEGIN RETURN NEW; END$$",
        f"ALTER FUNCTION {LIVE}_recorded() RESET ALL",
        f"DROP TRIGGER IF EXISTS {LIVE}_recorded ON {LIVE}; CREATE TRIGGER {LIVE}_recorded AFTER INSERT ON {LIVE} "
        f"FOR EACH ROW WHEN (false) EXECUTE FUNCTION {LIVE}_recorded()",
        f"DROP TRIGGER IF EXISTS {HISTORY}_append_only ON {HISTORY}; CREATE TRIGGER {HISTORY}_append_only "
        f"BEFORE UPDATE OF history_type OR DELETE ON {HISTORY} FOR EACH ROW EXECUTE FUNCTION factcheck_append_only()",
    ],
)
def test_a_disabled_or_emptied_trigger_is_missing(story, statement):
    sql(statement)
    assert guard.missing()
    call_command("migrate", verbosity=0)
    assert guard.missing() == []
    with pytest.raises(IntegrityError):
        sql(f"UPDATE {LIVE} SET title = 'x'")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no types of a session's own")
def test_a_type_of_the_sessions_own_stands_in_for_nothing(story):
    """Such a session could say of every version that it is what the row holds."""
    lie = """
        CREATE TYPE pg_temp.jsonb AS (j pg_catalog.jsonb);
        CREATE FUNCTION pg_temp.i(pg_catalog.jsonb) RETURNS pg_temp.jsonb LANGUAGE sql
            AS $$SELECT ROW($1)::pg_temp.jsonb$$;
        CREATE FUNCTION pg_temp.o(pg_temp.jsonb) RETURNS pg_catalog.jsonb LANGUAGE plpgsql AS $$BEGIN
            RETURN CASE WHEN $1.j->>'history_type' IS NOT NULL THEN $1.j ELSE '{}'::pg_catalog.jsonb END; END$$;
        CREATE CAST (pg_catalog.jsonb AS pg_temp.jsonb) WITH FUNCTION pg_temp.i(pg_catalog.jsonb) AS ASSIGNMENT;
        CREATE CAST (pg_temp.jsonb AS pg_catalog.jsonb) WITH FUNCTION pg_temp.o(pg_temp.jsonb) AS IMPLICIT"""
    try:
        for statement in lie.split(";\n        CREATE"):
            sql(statement if statement.strip().startswith("CREATE") else f"CREATE{statement}")
        with pytest.raises(IntegrityError):
            sql(f"UPDATE {LIVE} SET title = 'Lie'")
    finally:
        connection.close()  # and all that was the session's
    assert untouched(story)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL needs no tables for this")
@pytest.mark.parametrize(
    "statements",
    [
        ["INSERT INTO factcheck_guard_never VALUES (1)"],
        ["DROP TABLE factcheck_guard_need"],
        [
            "DROP TABLE factcheck_guard_need",
            "CREATE TABLE factcheck_guard_need (name text, key integer, never integer, PRIMARY KEY (name, key))",
        ],
    ],
)
def test_a_table_of_the_guard_that_demands_nothing_is_missing(story, statements):
    for statement in statements:
        sql(statement)
    assert guard.missing()
    call_command("migrate", verbosity=0)
    assert guard.missing() == []
    with pytest.raises(IntegrityError):
        sql(f"UPDATE {LIVE} SET title = 'x'")
    assert untouched(story)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL cannot leave out its triggers so")
def test_a_row_that_was_changed_past_the_guard_keeps_nobody_from_the_others(story, alice):
    """As another program does that asks for no foreign keys. The row itself is not built upon until it is put right."""
    sql("PRAGMA foreign_keys = OFF")
    sql(f"UPDATE {LIVE} SET title = 'x'")
    sql("PRAGMA foreign_keys = ON")
    with recording(user=alice, reason="Another", via="command"):
        Story(slug="other", title="Other", summary="Water.", began_on="2026-01-01").save()
    with pytest.raises(IntegrityError), recording(user=alice, reason="The same", via="command"):
        changed = Story.objects.get(slug="flood")
        changed.title = "y"
        changed.save()
    guard.take_down()
    sql(f"UPDATE {LIVE} SET title = 'Flood' WHERE slug = 'flood'")
    call_command("migrate", verbosity=0)
    assert guard.missing() == [] == guard.unmet()


def test_what_differs_already_is_not_put_under_guard(story):
    guard.take_down()
    sql(f"UPDATE {LIVE} SET title = 'x'")
    with pytest.raises(CommandError, match=f"{LIVE} {story.pk}"):
        call_command("migrate", verbosity=0)
    assert guard.missing()
    sql(f"UPDATE {LIVE} SET title = 'Flood'")
    call_command("migrate", verbosity=0)
    assert guard.missing() == []


# Migrations.


def migrate(*operations: migrations.operations.base.Operation, backwards: bool = False) -> None:
    """Apply, or with `backwards` take back, a migration that follows ours, and do what `migrate` does after it."""
    migration = migrations.Migration("9999_tried", "factcheck")
    migration.operations = list(operations)
    state = MigrationExecutor(connection).loader.project_state()
    with connection.schema_editor(atomic=True) as editor:
        (migration.unapply if backwards else migration.apply)(state, editor)
    guard.install(plan=[(migration, backwards)])


ADDED = models.CharField(max_length=20, default="none")
ADD_TO_BOTH = [migrations.AddField(name, "tried", ADDED) for name in ("story", "historicalstory")]


def test_the_guard_comes_through_a_remade_table(story, alice):
    """AddField with a default makes SQLite build both tables anew."""
    migrate(*ADD_TO_BOTH)
    try:
        assert guard.missing() == []
        with pytest.raises(IntegrityError):
            sql(f"UPDATE {LIVE} SET title = 'x'")
        with pytest.raises(IntegrityError):
            sql(f"DELETE FROM {HISTORY}")
    finally:
        migrate(*ADD_TO_BOTH, backwards=True)
    assert guard.missing() == []
    assert untouched(story)
    with recording(user=alice, reason="Still works", via="command"):
        story.title = "Deluge"
        story.save()


def silently(apps, editor):
    apps.get_model("factcheck", "Story").objects.update(title="x")


def test_a_silent_data_migration_is_refused(story):
    with pytest.raises((IntegrityError, Unrecorded), match=LIVE):
        migrate(migrations.RunPython(silently))
    assert untouched(story)


def test_the_guard_is_on_between_a_remake_and_the_end(story):
    """The new column of the one table is not yet in the other: what both have is guarded all the same."""
    try:
        with pytest.raises((IntegrityError, Unrecorded), match=LIVE):
            migrate(*ADD_TO_BOTH, migrations.RunPython(silently))
    finally:
        assert guard.missing() == []
    assert untouched(story)


def openly(apps, editor):
    Story = apps.get_model("factcheck", "Story")
    with record_in_migration(apps, reason="Write titles in capitals") as record:
        for story in Story.objects.all():
            story.title = story.title.upper()
            record.save(story)
        record.save(Story(slug="new", title="New", summary="New.", language="en", began_on="2026-01-01"))
        gone = Story(slug="gone", title="Gone", summary="Gone.", language="en", began_on="2026-01-01")
        record.save(gone)
        record.delete(gone)


def test_a_data_migration_can_record(story):
    migrate(migrations.RunPython(openly))
    kept = list(Story.history.order_by("history_id").values_list("slug", "revision", "history_type", "title"))
    assert kept == [
        ("flood", 1, "+", "Flood"),
        ("flood", 2, "~", "FLOOD"),
        ("new", 1, "+", "New"),
        ("gone", 1, "+", "Gone"),
        ("gone", 2, "-", "Gone"),
    ]
    act = Changeset.objects.latest("pk")
    assert (act.via, act.user, act.reason) == ("migration", None, "Write titles in capitals")
    assert Story.history.filter(changeset=act).count() == 4


def test_a_deleted_table_takes_only_its_own_triggers(story):
    made = migrations.CreateModel("tried", [("id", models.BigAutoField(primary_key=True))])
    migrate(made)
    migrate(made, backwards=True)
    assert guard.missing() == []


LOWERING = {
    "factcheck/history/guard.py": "where it is done",
    "tests/benchmarks/export.py": "writes thousands of editions at once",
    "tests/benchmarks/history.py": "writes a million versions at once",
    "tests/committing.py": "empties the tables after a test that commits",
    "tests/test_application_role.py": "tries to, and cannot",
    "tests/test_audit.py": "plants what the audit must find",
    "tests/test_claimreview.py": "damages an edition",
    "tests/test_desk_large.py": "writes a hundred thousand claims at once",
    "tests/benchmarks/search.py": "writes a hundred thousand editions at once",
    "tests/benchmarks/site.py": "writes a crowd of claims at once",
    "tests/test_doors.py": "shows which doors the guard alone holds",
    "tests/test_guard.py": "looks what is missing then",
    "tests/test_history.py": "looks what is missing then",
}


def test_nobody_else_takes_the_guard_down():
    lowering = {
        path.relative_to(settings.BASE_DIR).as_posix()
        for folder in ("factcheck", "tests")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if re.search(r"lowered\(|take_down\(|DISABLE TRIGGER|DROP TRIGGER (?!IF)", path.read_text(encoding="utf-8"))
    }
    assert lowering == set(LOWERING)


# Addresses.


@pytest.mark.parametrize("changed", [{"claim_id": "{other}"}, {"slug": "'elsewhere'"}], ids=["reused", "changed"])
def test_an_address_is_one_claims_for_ever(committing, changed):
    people = make_people()
    edition = publish(make_claim(author=people.alice))
    other = make_claim("other", author=people.alice)
    fields = {"number": "7", **{name: value.format(other=other.pk) for name, value in changed.items()}}
    columns = [field.column for field in Edition._meta.concrete_fields if field.column != "id"]
    values = ", ".join(fields.get(column, column) for column in columns)
    with pytest.raises(IntegrityError, match="goes with one"):
        sql(f"INSERT INTO factcheck_edition ({', '.join(columns)}) SELECT {values} FROM factcheck_edition")
    assert list(Edition.objects.all()) == [edition]
