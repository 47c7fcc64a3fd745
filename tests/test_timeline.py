"""History read as acts: it knows rows and changesets, not claims."""

import pytest

from factcheck.history.timeline import Strand, timeline
from factcheck.models import Publisher, Source, Story

from .newsroom import make_source, make_story, writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(people):
    return make_story()


def of(instance, **options) -> Strand:
    return Strand(type(instance).history.filter(id=instance.pk), **options)


def told(page):
    return [
        (
            entry.changeset.reason,
            [(step.kind, [(change.name, change.old, change.new) for change in step.changes]) for step in entry.steps],
        )
        for entry in page.entries
    ]


def test_it_works(people, story):
    with writing(people.bob, "Name the river"):
        story.title = "Flood on the Orbieu"
        story.save()
    newest, first = told(timeline([of(story)]))
    assert newest == ("Name the river", [("~", [("title", "Flood on the Aude", "Flood on the Orbieu")])])
    reason, ((kind, changes),) = first
    assert (reason, kind) == ("Set the scene", "+")
    assert ("title", "", "Flood on the Aude") in changes
    assert "language" not in [name for name, _old, _new in changes], "a default is no news"


def test_several_saves_in_one_act_are_one_step(people, story):
    with writing(people.bob, "Twice"):
        story.title = "One"
        story.save()
        story.title = "Two"
        story.save()
    assert told(timeline([of(story)]))[0] == ("Twice", [("~", [("title", "Flood on the Aude", "Two")])])


def test_there_and_back_in_one_act_is_no_step(people, story):
    with writing(people.bob, "There and back"):
        story.title = "One"
        story.save()
        story.title = "Flood on the Aude"
        story.save()
    assert told(timeline([of(story)]))[0] == ("There and back", [])


def test_a_deletion_and_a_return(people, story):
    key = story.pk
    with writing(people.bob, "By mistake"):
        story.delete()
    with writing(people.bob, "Back"):
        Story(pk=key, slug="flood", title="Flood again", summary="W.", began_on="2026-03-13").save()
    back, gone, _first = told(timeline([Strand(Story.history.filter(id=key))]))
    reason, ((kind, changes),) = gone
    assert (reason, kind) == ("By mistake", "-")
    assert [(name, new) for name, _old, new in changes] == [
        (name, "") for name in ("slug", "title", "summary", "began_on")
    ]
    assert ("title", "Flood on the Aude", "") in changes, "what is gone is still told"
    ((kind, changes),) = back[1]
    assert kind == "+" and ("title", "", "Flood again") in changes


def test_foreign_keys_and_choices_are_named(people):
    source = make_source("a")
    with writing(people.bob, "Another publisher"):
        other = Publisher(name="Prefecture")
        other.save()
        source.publisher, source.kind, source.is_primary = other, "statement", True
        source.save()
    (_reason, ((_kind, changes),)), *_older = told(timeline([of(source)]))
    assert ("publisher", "Paper a", "Prefecture") in changes
    assert ("kind", "news article", "statement") in changes
    assert ("is_primary", "no", "yes") in changes


def test_what_was_deleted_is_still_said_to_have_been_there(people):
    source = make_source("a")
    with writing(people.bob, "Another publisher"):
        old, new = source.publisher, Publisher(name="Prefecture")
        new.save()
        source.publisher = new
        source.save()
    with writing(people.bob, "Unused"):
        old.delete()
    (_reason, ((_kind, changes),)), *_older = told(timeline([of(source)]))
    assert changes == [("publisher", "Paper a (deleted)", "Prefecture")]


def test_hidden_fields_stay_hidden(people, story):
    with writing(people.bob, "Name the river"):
        story.title = "Flood on the Orbieu"
        story.save()
    assert told(timeline([of(story, hide=frozenset({"title"}))]))[0] == ("Name the river", [])


def test_strands_meet_in_their_act(people, story):
    source = make_source("a")
    with writing(people.bob, "Both"):
        story.title = "One"
        story.save()
        source.title = "Two"
        source.save()
    newest = timeline([of(story), of(source, label=lambda row: row.title)]).entries[0]
    assert [(step.model, step.label) for step in newest.steps] == [(Story, ""), (Source, "Two")]


def test_pages_meet_without_a_gap(people, story):
    for number in range(7):
        with writing(people.bob, f"Edit {number}"):
            story.title = f"Title {number}"
            story.save()
    first = timeline([of(story)], limit=3)
    second = timeline([of(story)], limit=3, before=first.older)
    third = timeline([of(story)], limit=3, before=second.older)
    assert third.older is None
    reasons = [entry.changeset.reason for page in (first, second, third) for entry in page.entries]
    assert reasons == [f"Edit {number}" for number in range(6, -1, -1)] + ["Set the scene"]
    assert told(first)[-1][1] == [("~", [("title", "Title 3", "Title 4")])], "its predecessor stands on the next page"


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr("factcheck.history.timeline.MOST", 4)


def make_stories(number: int) -> None:
    for each in range(number):
        Story(slug=f"s{each}", title=f"Story {each}", summary="W.", began_on="2026-03-13").save()


def test_an_act_that_is_larger_than_a_page_is_read_in_parts(people, story, small):
    with writing(people.bob, "Many at once"):
        make_stories(9)
    strands = [Strand(Story.history.all(), label=lambda row: row.title)]
    labels, page = [], timeline(strands)
    while page.more:
        assert [entry.changeset.reason for entry in page.entries] == ["Many at once"]
        labels += [step.label for step in page.entries[0].steps]
        page = timeline(strands, before=page.entries[0].changeset.pk + 1, skip=page.more)
    assert page.older is None
    assert [entry.changeset.reason for entry in page.entries] == ["Many at once", "Set the scene"]
    labels += [step.label for step in page.entries[0].steps]
    assert labels == [f"Story {number}" for number in range(9)]


def test_only_whole_acts_share_a_page(people, story, small):
    for number in range(3):
        with writing(people.alice, f"Edit {number}"):
            story.title = f"Title {number}"
            story.save()
            source = make_source(f"s{number}")
    strands = [of(story), Strand(type(source).history.all()), Strand(Publisher.history.all())]
    seen, before, pages = [], None, 0
    while pages == 0 or before:
        page = timeline(strands, before=before)
        assert page.more is None
        seen += [(entry.changeset.reason, len(entry.steps)) for entry in page.entries]
        before, pages = page.older, pages + 1
    assert seen == [("Edit 2", 3), ("Edit 1", 3), ("Edit 0", 3), ("Set the scene", 1)]
    assert pages == 3


def test_one_query_a_strand(people, story, django_assert_num_queries):
    source = make_source("a")
    for number in range(5):
        with writing(people.bob, f"Edit {number}"):
            story.title = source.title = f"Title {number}"
            story.save()
            source.save()
    with django_assert_num_queries(5):  # what was touched, the acts, two strands, the publishers' names
        timeline([of(story), of(source)])


def test_nothing_to_tell(people):
    assert timeline([]).entries == []
    assert timeline([Strand(Story.history.none())]).entries == []
