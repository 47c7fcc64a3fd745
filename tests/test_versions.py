"""What a version says, and what differs between two: nothing that differs is shown as the same."""

from datetime import UTC, datetime, timedelta

import pytest

from factcheck.history.versions import between, whole
from factcheck.models import Claim, Precision, Report, Source, Story, User

from .newsroom import make_claim, make_report, make_source, make_story, writing

pytestmark = pytest.mark.django_db


def rows(instance) -> list:
    return list(instance.history.filter(id=instance.pk).order_by("revision"))


def told(changes) -> list[tuple[str, str, str]]:
    return [(change.name, change.old, change.new) for change in changes]


def test_it_works(people):
    story = make_story()
    for title in ("Flood on the Orbieu", "Flood"):
        with writing(people.bob):
            story.title = title
            story.save()
    first, _second, third = rows(story)
    assert told(between(first, third)) == [("title", "Flood on the Aude", "Flood")]
    assert told(between(third, first)) == [("title", "Flood", "Flood on the Aude")]
    assert between(third, third) == []


def test_a_version_is_told_whole(people):
    source = make_source("a")
    with writing():
        source.publisher.name = "The Paper"
        source.publisher.save()
    said = {value.name: value.text for value in whole(rows(source)[0])}
    assert said["publisher"] == "The Paper", "by the name that it has today"
    assert (said["kind"], said["is_primary"], said["archive_url"]) == ("news article", "no", "")
    assert said["published_at"] == "13 March 2026, 20:00 UTC"
    assert said.keys() == {field.name for field in Source._meta.concrete_fields} - {"id", "revision"}


def test_a_time_is_told_as_exactly_as_it_is_known(people):
    source = make_source("a")
    with writing():
        source.published_precision = Precision.DAY
        source.save()
    said = {value.name: value.text for value in whole(rows(source)[-1])}
    assert (said["published_at"], said["published_precision"]) == ("13 March 2026", "the day only")
    assert said["accessed_at"].endswith(" UTC"), "which is known to the minute"
    with writing():
        source.published_at += timedelta(days=2)
        source.save()
    assert told(between(*rows(source)[1:])) == [("published_at", "13 March 2026", "15 March 2026")]


def test_what_is_stored_now_compares_like_a_version(people):
    claim = make_claim(author=people.alice)
    with writing():
        claim.label = "Dead"
        claim.save()
    assert told(between(Claim.objects.get(), rows(claim)[0])) == [("label", "Dead", "Death toll")]


def test_two_people_of_one_name_are_two(people):
    claim = make_claim(author=people.alice)
    namesake = User.objects.create_user("alice2", first_name="Alice", last_name="Martin")
    for assignee in (people.alice, namesake):
        with writing():
            claim.assignee = assignee
            claim.save()
    assert told(between(*rows(claim)[1:])) == [
        ("assignee", f"Alice Martin (number {people.alice.pk})", f"Alice Martin (number {namesake.pk})")
    ]


@pytest.mark.parametrize("later", [timedelta(seconds=30), timedelta(microseconds=1)])
def test_two_times_of_one_minute_are_two(people, later):
    source = make_source("a", published_at=datetime(2026, 3, 13, 20, tzinfo=UTC))
    with writing():
        source.published_at += later
        source.save()
    (change,) = between(*rows(source))
    assert change.name == "published_at" and change.old != change.new


def test_a_figure_that_is_written_otherwise_is_the_same(people):
    report = make_report(make_claim(author=people.alice, sources=1), make_source("b"), low="3.000000")
    row = rows(report)[0]
    report.low = "3"
    report.clean_fields()
    assert between(report, row) == []
    assert {value.name: value.text for value in whole(row)}["low"] == "3"


def test_a_default_is_no_news_but_is_told(people):
    assert "language" in {value.name for value in whole(rows(make_story())[0])}


def test_names_of_what_is_gone(people):
    report = make_report(claim := make_claim(author=people.alice, sources=0), make_source("b"))
    key = report.pk
    with writing():
        report.delete()
        claim.verdict.delete()
        claim.delete()
    newest = Report.history.filter(id=key).latest("revision")
    said = {value.name: value.text for value in whole(newest)}
    assert (said["claim"], said["source"]) == ("Death toll (deleted)", "What b wrote")
    assert Story.objects.exists()


def test_one_query_a_kind_of_name(people, django_assert_num_queries):
    claim = make_claim(author=people.alice, sources=1)
    row = rows(claim.reports.get())[0]
    with django_assert_num_queries(2):
        whole(row)
