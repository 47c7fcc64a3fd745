"""Every way to change a row that is tracked, and what comes of it: recorded exactly once, or refused; never silent.

Read `DOORS` as documentation. Each is tried on both databases, and each commit is a real one. A door is written down
with what comes of it as the house stands (the rows that change, with their one new version, under which changeset; or
what whoever tried is told), then with the database's guard taken away, then with `Tracked` taken away: what the one
would let pass in silence, the other holds. Its second line says how it is tried.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, models
from django.db.models import F, ProtectedError, Value
from django.db.models.functions import Concat
from django.test import override_settings
from simple_history.utils import bulk_create_with_history, bulk_update_with_history, update_change_reason

from factcheck.history import HistoryError, NotRecording, Refused, StaleEdit, Unrecorded, guard
from factcheck.models import Source, Story

from .committing import emptied
from .doors import (
    NOTHING,
    RECORDED,
    REFUSED,
    SECOND,
    SILENT,
    Door,
    Scene,
    attempt,
    nothing,
    recorded,
    refused,
    tracked_away,
)
from .newsroom import make_people
from .ways import (
    HISTORY,
    INSERT,
    LIVE,
    UPDATE,
    alice,
    awaiting,
    by_child,
    by_proxy,
    change,
    command,
    deluge,
    derived,
    deserialized,
    desk,
    kept,
    loaded,
    migration,
    nobody,
    openly,
    silently,
    sql,
    thread,
    together,
    version,
    viewed,
)

DELUGE, NEW, GONE = "story ~ 2: title=Deluge", "story + 1: title=New", "report - 2"
HERE = {"began_on": "2026-01-01"}

# fmt: off
DOORS = [
    # An object's own methods. Whatever is not alice's act is tried outside recording.
    Door("save", recorded(DELUGE), RECORDED, REFUSED,
         alice(lambda s: deluge(s).save())),
    Door("save of a new object", recorded(NEW), RECORDED, REFUSED,
         alice(lambda s: s.draft().save())),
    Door("save outside recording", refused(NotRecording), REFUSED, REFUSED,
         lambda s: deluge(s).save()),
    Door("save of what did not change", nothing(), NOTHING, REFUSED,
         alice(lambda s: s.story.save())),
    Door("save(update_fields)", recorded(DELUGE), RECORDED, REFUSED,
         alice(lambda s: deluge(s).save(update_fields=["title"]))),
    Door("save(update_fields) that leaves a change out", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: change(deluge(s), summary="More.").save(update_fields=["title"]))),
    Door("save of a stale instance", refused(StaleEdit), REFUSED, REFUSED,
         alice(lambda s: change(s.overtaken, title="Blaze").save())),
    Door("save of an instance read in part", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: change(s.stories.only("slug").get(), title="Deluge").save())),
    Door("save of an F() expression", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: change(s.story, title=Concat(F("title"), Value("s"))).save())),
    Door("asave", recorded(DELUGE), RECORDED, REFUSED,
         alice(awaiting(lambda s: deluge(s).asave()))),
    Door("delete", recorded(GONE), RECORDED, REFUSED,
         alice(lambda s: s.report.delete())),
    Door("delete outside recording", refused(NotRecording), REFUSED, REFUSED,
         lambda s: s.report.delete()),
    Door("delete of a stale instance", refused(StaleEdit), REFUSED, REFUSED,
         alice(lambda s: s.overtaken.delete())),
    Door("adelete", recorded(GONE), RECORDED, REFUSED,
         alice(awaiting(lambda s: s.report.adelete()))),
    Door("save_base()", refused(StaleEdit), REFUSED, REFUSED,
         alice(lambda s: deluge(s).save_base())),
    Door("save_base() outside recording", refused(IntegrityError), SILENT, REFUSED,
         lambda s: change(deluge(s), revision=2).save_base()),
    Door("save_base(raw=True)", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: deluge(s).save_base(raw=True))),
    Door("models.Model.save", refused(StaleEdit), REFUSED, REFUSED,
         alice(lambda s: models.Model.save(deluge(s)))),
    Door("save_without_historical_record", recorded(DELUGE), RECORDED, REFUSED,
         alice(lambda s: deluge(s).save_without_historical_record())),
    Door("skip_history_when_saving", recorded(DELUGE), RECORDED, REFUSED,
         alice(lambda s: change(deluge(s), skip_history_when_saving=True).save())),
    Door("SIMPLE_HISTORY_ENABLED = False", recorded(DELUGE), RECORDED, REFUSED,
         alice(override_settings(SIMPLE_HISTORY_ENABLED=False)(lambda s: deluge(s).save()))),
    Door("_history_user and _change_reason", recorded(DELUGE), RECORDED, REFUSED,
         alice(lambda s: change(deluge(s), _history_user=s.erin, _change_reason="Forged").save())),

    # Query sets.
    Door("create", recorded(NEW), RECORDED, REFUSED,
         alice(lambda s: Story.objects.create(slug=s.unique(), title="New", **HERE))),
    Door("get_or_create", recorded(NEW), RECORDED, REFUSED,
         alice(lambda s: Story.objects.get_or_create(slug=s.unique(), title="New", defaults=HERE))),
    Door("update_or_create", recorded(DELUGE), RECORDED, REFUSED,
         alice(lambda s: Story.objects.update_or_create(slug=s.story.slug, defaults={"title": "Deluge"}))),
    Door("update", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.stories.update(title="Deluge"))),
    Door("aupdate", refused(Refused), REFUSED, REFUSED,
         alice(awaiting(lambda s: s.stories.aupdate(title="Deluge")))),
    Door("update of the base manager", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: Story._base_manager.filter(pk=s.story.pk).update(title="Deluge"))),
    Door("_update", refused(Unrecorded), SILENT, REFUSED,
         alice(lambda s: s.stories._update([(Story._meta.get_field("title"), None, "Deluge")]))),
    Door("QuerySet.delete", recorded(GONE), RECORDED, REFUSED,
         alice(lambda s: s.claim.reports.all().delete())),
    Door("QuerySet.delete outside recording", refused(NotRecording), REFUSED, REFUSED,
         lambda s: s.claim.reports.all().delete()),
    Door("_raw_delete", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.claim.reports.all()._raw_delete("default"))),
    Door("bulk_create", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: Story.objects.bulk_create([s.draft()]))),
    Door("bulk_create that updates", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: Story.objects.bulk_create(
             [deluge(s)], update_conflicts=True, unique_fields=["slug"], update_fields=["title"]))),
    Door("bulk_update", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: Story.objects.bulk_update([deluge(s)], ["title"]))),

    # From the other end of a foreign key.
    Door("reverse manager: create", recorded("sourcebasis + 1"), RECORDED, REFUSED,
         alice(lambda s: s.wire.bases.create(rests_on=s.paper))),
    Door("reverse manager: add", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.other.claims.add(s.claim))),
    Door("reverse manager: add(bulk=False)", recorded("claim ~ 2: story=Fire"), RECORDED, REFUSED,
         alice(lambda s: s.other.claims.add(s.claim, bulk=False))),
    Door("reverse manager: set", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.other.claims.set([s.claim]))),
    Door("reverse manager: remove", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.alice.assigned_claims.remove(s.claim))),
    Door("reverse manager: remove(bulk=False)", recorded("claim ~ 2: assignee=None"), RECORDED, REFUSED,
         alice(lambda s: s.alice.assigned_claims.remove(s.claim, bulk=False))),
    Door("reverse manager: clear", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.alice.assigned_claims.clear())),
    Door("through row: save", recorded("sourcebasis ~ 2: source=Wire, rests_on=Paper"), RECORDED, REFUSED,
         alice(lambda s: change(s.basis, source=s.wire, rests_on=s.paper).save())),
    Door("through row: delete", recorded("sourcebasis - 2"), RECORDED, REFUSED,
         alice(lambda s: s.paper.bases.all().delete())),
    Door("on_delete of a publisher", refused(ProtectedError), REFUSED, REFUSED,
         alice(lambda s: s.publisher.delete())),
    Door("on_delete of sources", refused(ProtectedError), REFUSED, REFUSED,
         alice(lambda s: Source.objects.filter(pk=s.wire.pk).delete())),
    Door("on_delete of a person", refused(ProtectedError), REFUSED, REFUSED,
         lambda s: s.alice.delete()),

    # SQL.
    Door("SQL: update", refused(IntegrityError), SILENT, REFUSED,
         sql(UPDATE)),
    Door("SQL: update in a transaction", refused(IntegrityError), SILENT, REFUSED,
         together(sql(UPDATE))),
    Door("SQL: update in an act", refused(Unrecorded), SILENT, REFUSED,
         alice(sql(UPDATE))),
    Door("SQL: update of the revision alone", refused(IntegrityError), SILENT, REFUSED,
         sql(f"UPDATE {LIVE} SET revision = 2 WHERE id = {{key}}")),
    Door("SQL: insert", refused(IntegrityError), SILENT, REFUSED,
         sql(INSERT)),
    Door("SQL: upsert", refused(IntegrityError), SILENT, REFUSED,
         sql(f"{INSERT} ON CONFLICT (slug) DO UPDATE SET title = 'Deluge'", slug="story")),
    Door("SQL: replace", refused(IntegrityError), SILENT, REFUSED,
         sql(INSERT.replace("INSERT", "REPLACE"), slug="other"), only_on="sqlite"),
    Door("SQL: delete", refused(IntegrityError), SILENT, REFUSED,
         sql("DELETE FROM factcheck_sourcebasis")),
    Door("SQL: delete of a person", refused(IntegrityError), REFUSED, REFUSED,
         sql("DELETE FROM factcheck_user WHERE id = {alice}")),
    Door("SQL: TRUNCATE", refused(IntegrityError), SILENT, REFUSED,
         sql("TRUNCATE factcheck_sourcebasis"), only_on="postgresql"),
    Door("SQL: a temporary table before the real one", refused(IntegrityError), SILENT, REFUSED,
         together(sql(f"CREATE TEMPORARY TABLE {HISTORY} ON COMMIT DROP AS TABLE {HISTORY}"),
                  sql(f"UPDATE pg_temp.{HISTORY} SET title = 'Deluge', revision = 2"), sql(UPDATE)),
         only_on="postgresql"),
    # A version under a changeset that is there already: recorded, but whoever can write SQL can name whom they like.
    Door("SQL: both rows, as we would", recorded(DELUGE, under="Alice Martin, command: Set the scene"),
         RECORDED, RECORDED,
         together(sql(UPDATE), sql(version(revision=2, title="'Deluge'", history_type="'~'",
                                                            history_date="'2090-01-01 00:00:00'")))),

    # Versions and changesets, which nobody may touch.
    Door("history.update", refused(IntegrityError), SILENT, REFUSED,
         lambda s: s.story.history.update(title="Forged")),
    Door("history.delete", refused(IntegrityError), SILENT, REFUSED,
         lambda s: s.story.history.all().delete()),
    Door("history.create", refused(IntegrityError), SILENT, REFUSED,
         lambda s: s.story.history.create(**kept(s), title="Forged")),
    Door("a version's save", refused(IntegrityError), SILENT, REFUSED,
         lambda s: change(s.story.history.get(), title="Forged").save()),
    Door("a version's delete", refused(IntegrityError), SILENT, REFUSED,
         lambda s: s.story.history.get().delete()),
    Door("a version's instance, saved", refused(IntegrityError), REFUSED, REFUSED,
         alice(lambda s: s.other.history.earliest().instance.save())),
    Door("SQL: forged version", refused(IntegrityError), SILENT, REFUSED,
         sql(version(revision=2, title="'Forged'"))),
    Door("SQL: forged version that changes nothing", refused(IntegrityError), SILENT, REFUSED,
         sql(version(revision=2))),
    Door("SQL: forged deletion", refused(IntegrityError), SILENT, REFUSED,
         sql(version(revision=2, history_type="'-'"))),
    Door("SQL: version updated", refused(IntegrityError), SILENT, REFUSED,
         sql(f"UPDATE {HISTORY} SET title = 'Forged' WHERE id = {{key}}")),
    Door("SQL: version deleted", refused(IntegrityError), SILENT, REFUSED,
         sql(f"DELETE FROM {HISTORY} WHERE id = {{key}}")),
    Door("SQL: version replaced", refused(IntegrityError), SILENT, REFUSED,
         sql(version(into="REPLACE", history_date="'2090-01-01 00:00:00'")), only_on="sqlite"),
    Door("SQL: versions truncated", refused(IntegrityError), SILENT, REFUSED,
         sql(f"TRUNCATE {HISTORY}"), only_on="postgresql"),
    Door("SQL: changeset updated", refused(IntegrityError), SILENT, REFUSED,
         sql("UPDATE factcheck_changeset SET reason = 'Forged'")),
    Door("SQL: changeset replaced", refused(IntegrityError), SILENT, REFUSED,
         sql("REPLACE INTO factcheck_changeset (id, user_id, reason, via, at, claimed_by, content_digest) "
             "SELECT id, user_id, 'Forged', via, at, '', '' FROM factcheck_changeset"), only_on="sqlite"),
    Door("Changeset.save", refused(Refused), REFUSED, REFUSED,
         lambda s: change(s.story.history.get().changeset, reason="Forged").save()),
    Door("update_change_reason", refused(IntegrityError), NOTHING, REFUSED,
         lambda s: update_change_reason(s.story, "Forged")),
    Door("bulk_create_with_history", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: bulk_create_with_history([s.draft()], Story))),
    Door("bulk_update_with_history", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: bulk_update_with_history([deluge(s)], Story, ["title"]))),
    Door("bulk_history_create", refused(IntegrityError), REFUSED, REFUSED,
         alice(lambda s: Story.history.bulk_history_create([s.story]))),
    Door("clean_old_history", refused(IntegrityError), SILENT, REFUSED,
         lambda s: call_command("clean_old_history", "factcheck.story", days=0, verbosity=0)),
    Door("clean_duplicate_history", refused(IntegrityError), SILENT, REFUSED,
         lambda s: call_command("clean_duplicate_history", "factcheck.story",
                                excluded_fields=["summary", "revision"], verbosity=0)),
    Door("populate_history", nothing(), NOTHING, NOTHING,
         lambda s: call_command("populate_history", "factcheck.story", verbosity=0)),

    # Django's own format.
    Door("loaddata", recorded(NEW, under="nobody, loaddata: Loaded from a file by loaddata"), RECORDED, REFUSED,
         lambda s: loaded(s)),
    Door("loaddata over what is there", refused(CommandError), REFUSED, REFUSED,
         lambda s: loaded(s, pk=s.story.pk)),
    Door("loaddata of a version", refused(CommandError), SILENT, REFUSED,
         lambda s: loaded(s, model="factcheck.historicalstory", **kept(s))),
    Door("deserialize().save()", refused(NotRecording), REFUSED, REFUSED,
         lambda s: deserialized(s)),
    Door("deserialize().save() in an act", recorded(NEW), RECORDED, REFUSED,
         alice(lambda s: deserialized(s))),
    Door("deserialize().save() over what is there", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: deserialized(s, pk=s.story.pk))),

    # The desk, asked as a browser would.
    Door("desk: add", recorded(NEW, under="Alice Martin, admin: New story", told=302), RECORDED, REFUSED,
         desk("alice", "story", "add/",
              lambda s: {"slug": s.unique(), "title": "New", "summary": "Water."} | HERE)),
    Door("desk: change", recorded(DELUGE, under="Erin Lindqvist, admin: Name it", told=302), RECORDED, REFUSED,
         desk("erin", "story", "{key}/change/", lambda s: {"title": "Deluge", "reason": "Name it"})),
    Door("desk: change by a viewer", refused(403), REFUSED, REFUSED,
         desk("victor", "story", "{key}/change/", lambda s: {"title": "Deluge", "opened": "1"})),
    Door("desk: delete", recorded(GONE, under="Alice Martin, admin: By mistake", told=302), RECORDED, REFUSED,
         desk("alice", "report", "{key}/delete/",
              lambda s: {"post": "yes", "reason": "By mistake", f"opened-report-{s.report.pk}": "1"})),
    Door("desk: delete by a viewer", refused(403), REFUSED, REFUSED,
         desk("victor", "report", "{key}/delete/", lambda s: {"post": "yes", "reason": "Forged"})),
    Door("desk: inline", recorded("report ~ 2: low=4.000000", under="Alice Martin, admin: Edit of draft", told=302),
         RECORDED, REFUSED,
         desk("alice", "claim", "{key}/change/", lambda s: {"reports-0-low": "4"})),
    Door("desk: delete_selected", refused(405), REFUSED, REFUSED,
         desk("erin", "report", "",
              lambda s: {"action": "delete_selected", "_selected_action": s.report.pk, "post": "yes"})),
    Door("desk: another action", refused(405), REFUSED, REFUSED,
         desk("erin", "story", "", lambda s: {"action": "rename", "_selected_action": s.story.pk})),
    Door("desk: list_editable", refused(405), REFUSED, REFUSED,
         desk("erin", "story", "", lambda s: {
             "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": s.story.pk, "form-0-title": "Deluge"})),
    Door("desk: history POST", refused(405), REFUSED, REFUSED,
         desk("erin", "story", "{key}/history/", lambda s: {"title": "Deluge"})),
    Door("desk: history POST to a version", refused(302), REFUSED, REFUSED,
         desk("erin", "story", "{key}/history/1/", lambda s: {"title": "Deluge"})),

    # Commands and migrations.
    Door("command without a user", refused(HistoryError), REFUSED, REFUSED,
         command(nobody(lambda s: deluge(s).save()))),
    Door("command that does not record", refused(NotRecording), REFUSED, REFUSED,
         command(lambda s: deluge(s).save())),
    Door("import_fixtures without a user", refused(CommandError), REFUSED, REFUSED,
         lambda s: call_command("import_fixtures", "ratings")),
    Door("shell", refused(NotRecording), REFUSED, REFUSED,
         lambda s: call_command("shell", no_imports=True, command=(
             f"from factcheck.models import Story; story = Story.objects.get(pk={s.story.pk}); "
             "story.title = 'Deluge'; story.save()"))),
    Door("RunPython", refused((IntegrityError, Unrecorded)), SILENT, REFUSED,
         migration(silently)),
    Door("RunPython that records", recorded(DELUGE, under="nobody, migration: Rename"), RECORDED, RECORDED,
         migration(openly)),

    # Models that derive from a tracked one: `check` refuses them, so these were migrated all the same.
    Door("proxy: save", refused(Unrecorded), SILENT, REFUSED,
         by_proxy(lambda tale: tale.save())),
    Door("proxy: update", refused(Refused), REFUSED, REFUSED,
         by_proxy(lambda tale: type(tale).objects.filter(pk=tale.pk).update(title="Blaze"))),
    Door("proxy: delete", refused(HistoryError), REFUSED, REFUSED,
         by_proxy(lambda tale: tale.delete())),
    Door("child: save", refused(DatabaseError), REFUSED, REFUSED,
         by_child),

    # Threads, views that wait, and another database.
    Door("thread", recorded(DELUGE), RECORDED, REFUSED,
         thread(alice(lambda s: deluge(s).save()))),
    Door("thread within an act", refused(NotRecording), REFUSED, REFUSED,
         alice(thread(lambda s: deluge(s).save()))),
    Door("thread that inherits the act", refused(NotRecording), REFUSED, REFUSED,
         alice(thread(lambda s: deluge(s).save(), inherits=True))),
    Door("async view", refused(NotRecording), REFUSED, REFUSED,
         viewed(lambda s: deluge(s).asave())),
    Door("async view that records", recorded(DELUGE, told=200), RECORDED, REFUSED,
         viewed(sync_to_async(alice(lambda s: deluge(s).save())))),
    Door("second database: save", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.draft().save(using=SECOND))),
    Door("second database: create", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: Story.objects.using(SECOND).create(slug=s.unique(), **HERE))),
    Door("second database: delete", refused(Refused), REFUSED, REFUSED,
         alice(lambda s: s.story.delete(using=SECOND))),
    Door("second database: save_base()", refused(IntegrityError), SILENT, REFUSED,
         alice(lambda s: s.draft(revision=1).save_base(using=SECOND))),
    Door("second database: SQL", refused(IntegrityError), SILENT, REFUSED,
         sql(INSERT, using=SECOND)),
]
# fmt: on


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """One database for the whole table, emptied at the end: no door touches the objects of another."""
    with django_db_blocker.unblock(), emptied():
        yield


@pytest.fixture(scope="module")
def people(transactional_db: None) -> SimpleNamespace:
    return make_people()


@pytest.fixture(scope="module")
def second(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Another database, on SQLite, and as guarded as the first."""
    file = tmp_path_factory.mktemp("second") / "second.sqlite3"
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
    connections.settings[SECOND] = connections.settings["default"] | engine
    if connection.vendor == "sqlite":
        connection.cursor().execute(f"VACUUM INTO '{file}'")  # a copy is sooner made
    else:
        call_command("migrate", database=SECOND, verbosity=0)
    yield
    connections[SECOND].close()
    del connections.settings[SECOND]


@pytest.fixture
def scene(people: SimpleNamespace, second: None, tmp_path: Path) -> Scene:
    return Scene(people, tmp_path)


each_door = pytest.mark.parametrize(
    "door", [door for door in DOORS if door.only_on in ("", connection.vendor)], ids=str
)


@each_door
def test_recorded_exactly_once_or_refused(door: Door, scene: Scene) -> None:
    found = attempt(door, scene)
    assert found.is_as(door.comes_of_it), found


@pytest.mark.slow
@each_door
def test_without_the_guard(door: Door, scene: Scene) -> None:
    with guard.lowered(), guard.lowered(SECOND):
        found = attempt(door, scene)
    assert found.kind == door.without_guard, found


@pytest.mark.slow
@each_door
def test_without_tracked(door: Door, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with tracked_away(monkeypatch):
        found = attempt(door, scene)
    assert found.kind == door.without_tracked, found


def test_no_door_is_silent_and_each_lock_holds_some_alone() -> None:
    assert SILENT not in {door.comes_of_it.kind for door in DOORS}
    assert SILENT not in {door.without_tracked for door in DOORS}
    assert SILENT in {door.without_guard for door in DOORS}


@pytest.mark.parametrize("proxy", [True, False])
def test_a_model_that_derives_from_a_tracked_one_is_an_error(transactional_db: None, proxy: bool) -> None:
    with derived(proxy=proxy) as Tale:
        assert [error.id for error in Tale.check()] == ["factcheck.E002"]
    assert [error.id for error in Story.check()] == []
