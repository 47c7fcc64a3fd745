"""The promises of `Tracked`, `AppendOnly` and `recording`; every door past them has a table of its own later."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from simple_history.models import HistoricalRecords

from factcheck.history import (
    Changeset,
    Door,
    HistoryError,
    NotRecording,
    Refused,
    StaleEdit,
    guard,
    recorded,
    recording,
)
from factcheck.history.tracked import Records
from factcheck.models import Publisher, Source, Story, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create(username="alice", first_name="Alice", last_name="Martin")


@pytest.fixture
def act(alice):
    def begin(reason="Test"):
        return recording(user=alice, reason=reason, via=Door.COMMAND)

    return begin


@pytest.fixture
def story(act):
    with act("Begin"):
        story = Story(slug="flood", title="Flood", summary="Water.", began_on="2026-01-01")
        story.save()
    return story


def rows(instance):
    return list(instance.history.order_by("revision"))


def test_it_works(story, alice, act):
    with act("Name the river"):
        story.title = "Flood on the Aude"
        story.save()
    first, second = rows(story)
    assert [first.revision, second.revision, story.revision] == [1, 2, 2]
    assert (first.history_type, second.history_type) == ("+", "~")
    assert second.changeset.reason == second.history_change_reason == "Name the river"
    assert second.changeset.user == second.history_user == alice
    assert second.changeset.via == Door.COMMAND
    assert second.title == "Flood on the Aude"


def test_refused_outside_recording(story):
    story.title = "Nobody's"
    with pytest.raises(NotRecording):
        story.save()
    with pytest.raises(NotRecording):
        story.delete()
    assert story.revision == 1
    assert Story.objects.get().title == "Flood"
    assert len(rows(story)) == 1


def test_a_save_that_changes_nothing_writes_nothing(story, act):
    with act("Look at it"):
        story.save()
    assert story.revision == 1
    assert not Changeset.objects.filter(reason="Look at it").exists()


def test_a_reason_is_required(alice):
    with pytest.raises(HistoryError), recording(user=alice, reason="  ", via=Door.COMMAND):
        pass


def test_one_act_is_one_changeset(story, act):
    with act("Two things"):
        story.title = "Deluge"
        story.save()
        publisher = Publisher(name="Prefecture")
        publisher.save()
    assert rows(story)[-1].changeset == rows(publisher)[0].changeset


def test_an_act_inside_an_act_joins_it(story, act):
    with act("Outer") as outer:
        with act("Inner"):
            story.title = "Deluge"
            story.save()
        assert rows(story)[-1].changeset == outer.changeset
    assert not Changeset.objects.filter(reason="Inner").exists()


def test_nobody_acts_inside_somebody_elses_act(act):
    bob = User.objects.create(username="bob")
    with act("Outer"), pytest.raises(HistoryError), recording(user=bob, reason="Inner", via=Door.COMMAND):
        pass


def test_stale_edit_is_refused(story, act):
    other = Story.objects.get()
    with act():
        story.title = "First"
        story.save()
    with pytest.raises(StaleEdit) as caught, act():
        other.title = "Second"
        other.save()
    assert (caught.value.opened, caught.value.stored) == (1, 2)
    assert Story.objects.get().title == "First"
    assert other.revision == 1


def test_compare_and_set_holds_without_the_lock(story, act, monkeypatch):
    other = Story.objects.get()
    with act():
        story.title = "First"
        story.save()
    monkeypatch.setattr(Story, "_stored_under_lock", lambda self: Story(slug="", title="", summary=""))
    with pytest.raises(StaleEdit), act():
        other.title = "Second"
        other.save()
    assert Story.objects.get().title == "First"


def test_what_was_read_without_its_revision_is_not_saved(story, act):
    part = Story.objects.only("title").get()
    with act("Meanwhile"):
        story.title = "First"
        story.save()
    part.title = "Second"
    for _attempt in range(2):  # looking at the revision now does not help
        with pytest.raises(Refused, match="without its revision"), act():
            part.save()
        assert part.revision == 2
    assert Story.objects.get().title == "First"


def test_only_what_changed_is_written(story, act, django_assert_num_queries):
    story.title = "Deluge"
    with act(), django_assert_num_queries(3) as done:
        story.save()
    update = done.captured_queries[0]["sql"]
    assert update.startswith("UPDATE") and '"title" =' in update and '"summary" =' not in update
    assert rows(story)[-1].summary == "Water."


def test_time_never_goes_back_for_one_object(story, act, monkeypatch):
    first = rows(story)[0].history_date
    for clock in (first - timedelta(days=1), first, first - timedelta(hours=1)):
        monkeypatch.setattr("django.utils.timezone.now", lambda clock=clock: clock)
        with act(f"At {clock}"):
            story.title += "!"
            story.save()
    dates = [row.history_date for row in rows(story)]
    assert dates == [first + timedelta(microseconds=step) for step in range(4)]
    with act("Gone"):
        story.delete()
    assert Story.history.latest().history_date == dates[-1] + timedelta(microseconds=1)


def test_memory_is_put_back_when_the_act_fails(story, act):
    with pytest.raises(RuntimeError), act():
        story.title = "Deluge"
        story.save()
        assert story.revision == 2
        fresh = Publisher(name="Prefecture")
        fresh.save()
        raise RuntimeError
    assert story.revision == 1
    assert fresh.pk is None and fresh._state.adding
    assert len(rows(story)) == 1
    with act():
        story.save()
    assert story.revision == 2


@pytest.mark.parametrize("is_joined", [True, False])
def test_memory_is_put_back_when_a_part_of_the_act_fails(story, act, is_joined):
    with act("All"):
        with pytest.raises(RuntimeError), act("A part") if is_joined else transaction.atomic():
            story.title = "Deluge"
            story.save()
            fresh = Publisher(name="Prefecture")
            fresh.save()
            raise RuntimeError
        story.save()
        fresh.save()
    assert [row.title for row in rows(story)] == ["Flood", "Deluge"]
    assert (story.revision, fresh.revision) == (2, 1)
    assert rows(story)[1].changeset == rows(fresh)[0].changeset
    assert rows(fresh)[0].changeset.reason == "All"


def test_a_part_that_went_well_is_not_put_back(story, act):
    with act():
        with transaction.atomic():
            story.title = "Deluge"
            story.save()
        story.title = "Flood on the Aude"
        story.save()
    assert [row.title for row in rows(story)] == ["Flood", "Deluge", "Flood on the Aude"]


def test_an_act_ends_before_its_commit(story, act, django_capture_on_commit_callbacks):
    """What is done after it is no part of it: who, when and why would be another's."""

    def later():
        story.title = "Deluge"
        story.save()

    with pytest.raises(NotRecording), django_capture_on_commit_callbacks(execute=True), act():
        Publisher(name="Prefecture").save()
        transaction.on_commit(later)
    assert len(rows(story)) == 1


def test_who_is_told_of_an_act_cannot_undo_it(story, act, django_capture_on_commit_callbacks, caplog):
    def fail(**kwargs):
        raise RuntimeError("The listener broke")

    recorded.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True), act():
            story.title = "Deluge"
            story.save()
    finally:
        recorded.disconnect(fail)
    assert story.revision == 2 and "The listener broke" in caplog.text


def test_a_revision_that_is_read_apart_from_the_rest_says_nothing_of_it(story, act):
    other = Story.objects.get()
    with act():
        story.title = "First"
        story.save()
    other.refresh_from_db(fields=["revision"])
    other.title = "Second"
    with pytest.raises(StaleEdit), act():
        other.save()
    assert Story.objects.get().title == "First"


def test_an_act_has_one_time(story, act):
    """No moment shows half of it."""
    with act():
        story.title = "Deluge"
        story.save()
        fresh = Publisher(name="Prefecture")
        fresh.save()
    (row,), at = rows(fresh), rows(story)[-1].history_date
    assert row.history_date == at == row.changeset.at


def test_update_fields_may_not_hide_other_changes(story, act):
    story.title, story.summary = "Deluge", "More water."
    with pytest.raises(Refused, match="summary"), act():
        story.save(update_fields=["title"])
    assert Story.objects.get().title == "Flood"
    with act():
        story.save(update_fields=["title", "summary"])
    assert rows(story)[-1].summary == "More water."


def test_deletion_is_a_revision_and_a_returning_key_counts_on(story, act):
    key = story.pk
    with act("Made by mistake"):
        story.delete()
    gone = Story.history.filter(id=key).latest()
    assert (gone.history_type, gone.revision, gone.changeset.reason) == ("-", 2, "Made by mistake")
    with act("Bring it back"):
        again = Story(pk=key, slug="flood", title="Flood", summary="Water.", began_on="2026-01-01")
        again.save()
    assert again.revision == 3


def test_stale_delete_is_refused(story, act):
    other = Story.objects.get()
    with act():
        story.title = "First"
        story.save()
    with pytest.raises(StaleEdit), act():
        other.delete()
    assert Story.objects.exists()


def test_queryset_delete_records_each(story, act):
    with act("Clear"):
        Story.objects.all().delete()
    assert [row.history_type for row in Story.history.order_by("revision")] == ["+", "-"]


@pytest.mark.parametrize(
    "write",
    [
        lambda: Story.objects.update(title="x"),
        lambda: Story.objects.bulk_create([Story(slug="b", title="b", summary="b", began_on="2026-01-01")]),
        lambda: Story.objects.bulk_update(list(Story.objects.all()), ["title"]),
        lambda: Story._base_manager.update(title="x"),
        lambda: Story.objects.all()._raw_delete("default"),
    ],
    ids=["update", "bulk_create", "bulk_update", "base manager", "_raw_delete"],
)
def test_silent_ways_are_refused(story, act, write):
    with pytest.raises(Refused), act():
        write()
    assert Story.objects.get().title == "Flood"
    assert len(rows(story)) == 1


def test_protected_between_tracked_models(act):
    with act():
        publisher = Publisher(name="Prefecture")
        publisher.save()
        Source(slug="s", title="S", publisher=publisher, no_url_reason="paper", is_undated=True).save()
    with pytest.raises(IntegrityError), act():
        publisher.delete()
    assert publisher.revision == 1


def test_people_with_acts_are_not_deleted(story, alice):
    with pytest.raises(IntegrityError):
        alice.delete()


def test_recorded_is_sent_on_commit(alice, django_capture_on_commit_callbacks):
    heard = []

    def hear(sender, changeset, **kwargs):
        heard.append(changeset)

    recorded.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            with recording(user=alice, reason="Tell", via=Door.COMMAND):
                Publisher(name="Prefecture").save()
                assert heard == []
        assert [changeset.reason for changeset in heard] == ["Tell"]
    finally:
        recorded.disconnect(hear)


HISTORY = "factcheck_historicalstory"


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {HISTORY} SET title = 'forged'",
        f"DELETE FROM {HISTORY}",
        "UPDATE factcheck_changeset SET reason = 'forged'",
        "DELETE FROM factcheck_changeset",
    ],
)
def test_the_database_keeps_append_only_tables(story, sql):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert rows(story)[0].title == "Flood"


def test_append_only_models_refuse_in_python(story):
    changeset = Changeset.objects.get()
    for write in (changeset.save, changeset.delete, Changeset.objects.all().delete):
        with pytest.raises(Refused):
            write()
    with pytest.raises(Refused):
        Changeset.objects.update(reason="forged")


def test_every_append_only_table_is_guarded():
    assert guard.missing() == []
    assert len(guard.append_only_models()) > 15


def test_the_guard_says_what_is_missing():
    with guard.lowered():
        assert "factcheck_edition" in " ".join(guard.missing())
    assert guard.missing() == []


def test_the_private_methods_that_we_override_still_exist():
    for name in ("_get_history_user_fields", "_get_history_change_reason_field"):
        assert getattr(HistoricalRecords, name) is not getattr(Records, name)
    assert {"history_user", "history_user_id", "history_change_reason"}.isdisjoint(
        field.attname for field in Story.history.model._meta.concrete_fields
    )
