"""The past, read as it was: against a replay in Python, and against what was seen at the time."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factcheck import dossier
from factcheck.history import Door, NotRecording, StaleEdit, past, recording
from factcheck.history.past import View, as_of, referred
from factcheck.intake import import_files
from factcheck.models import (
    Board,
    Claim,
    Edition,
    Publisher,
    Rating,
    Report,
    Source,
    SourceBasis,
    Story,
    User,
    Verdict,
)

from .newsroom import make_claim, make_people, make_rating, make_report, make_source, make_story, writing

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 13, 12, tzinfo=UTC)
MICROSECOND, SECOND, HOUR = timedelta(microseconds=1), timedelta(seconds=1), timedelta(hours=1)


class Watch:
    """The clock of the newsroom's server, which people and protocols set."""

    now = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, by: timedelta = HOUR) -> datetime:
        self.now += by
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(timezone, "now", watch)
    return watch


@pytest.fixture
def people(watch: Watch):
    return make_people()


def claiming(at: datetime, reason: str = "Reconstruct"):
    return recording(user=User.objects.get(username="erin"), reason=reason, via=Door.IMPORT, claimed_at=at)


def titles(moment: datetime, **options: Any) -> list[str]:
    return [story.title for story in as_of(Story, moment, **options)]


@pytest.fixture
def story(people, watch: Watch) -> Story:
    """Made at START, renamed an hour later."""
    story = make_story(title="Flood")
    watch.go()
    with writing():
        story.title = "Flood on the Aude"
        story.save()
    return story


def test_it_works(story):
    assert titles(START - MICROSECOND) == []
    assert titles(START) == ["Flood"]
    assert titles(START + HOUR - MICROSECOND) == ["Flood"]
    assert titles(START + HOUR) == ["Flood on the Aude"]
    (then,) = as_of(Story, START, id__in=[story.pk])
    assert isinstance(then, Story)
    assert (then.pk, then.revision, then._state.adding) == (story.pk, 1, False)
    assert then.began_on == Story.objects.get().began_on


def test_a_moment_needs_a_zone(story):
    for moment in (datetime(2026, 3, 13, 12), "2026-03-13", None):
        with pytest.raises(ValueError, match="time zone"):
            as_of(Story, moment)
    with pytest.raises(ValueError, match="calendar"):
        as_of(Story, datetime(9999, 12, 31, 23, tzinfo=timezone.get_fixed_timezone(-120)))


@pytest.mark.parametrize(
    "where", [{"slug": "flood"}, {"story_id__lt": 3}, {"story": 1}, {"story_id": 1, "id__in": [1]}]
)
def test_other_conditions_are_refused(people, where):
    with pytest.raises(ValueError, match="one condition"):
        as_of(Claim, START, **where)


def test_another_clock_is_refused(story):
    with pytest.raises(ValueError, match="sundial"):
        as_of(Story, START, clock="sundial")


def test_the_past_is_not_saved(story):
    (then,) = as_of(Story, START)
    with pytest.raises(NotRecording):
        then.save()
    then.title = "Deluge"
    with pytest.raises(StaleEdit), writing():
        then.save()
    with pytest.raises(StaleEdit), writing():
        then.delete()
    assert Story.objects.get().title == "Flood on the Aude"


def test_what_was_deleted_since_is_there_and_is_not_saved(story, watch):
    watch.go()
    with writing():
        Story.objects.get().delete()
    assert titles(START + HOUR) == ["Flood on the Aude"]
    assert titles(watch.now) == []
    (then,) = as_of(Story, START + HOUR)
    then.title = "Back again"
    with pytest.raises(StaleEdit), writing():
        then.save()
    assert not Story.objects.exists()


def test_what_moved_belongs_where_it_was(people, watch):
    here, there = make_story("here"), make_story("there")
    watch.go()
    claim = make_claim(story=here, sources=0)
    watch.go()
    with writing():
        claim.story = there
        claim.save()

    def claims(moment: datetime) -> list[int]:
        return [len(as_of(Claim, moment, story_id=story.pk)) for story in (here, there)]

    assert claims(START) == [0, 0]
    assert claims(START + HOUR) == [1, 0]
    assert claims(watch.now) == [0, 1]
    assert len(as_of(Claim, watch.now, story_id__in=[here.pk, there.pk])) == 1, "once, though it was in both"


def test_reconstructed_acts_have_two_times(people, watch):
    long_ago = START - 1000 * HOUR
    with claiming(long_ago):
        story = Story(slug="flood", title="Flood", summary="-", began_on="2026-03-13")
        story.save()
    with claiming(long_ago + 2 * HOUR):
        story.title = "Flood on the Aude"
        story.save()
    watch.go()
    with claiming(long_ago + HOUR):  # written later, and said to be earlier
        story.title = "Flood on the Orbieu"
        story.save()
    assert titles(long_ago) == []
    assert titles(START) == ["Flood"], "the second act came a microsecond later"
    assert titles(START + MICROSECOND) == ["Flood on the Aude"]
    assert titles(long_ago, clock="claimed") == ["Flood"]
    assert titles(long_ago + HOUR, clock="claimed") == ["Flood on the Orbieu"]
    assert titles(START, clock="claimed") == ["Flood on the Orbieu"], "the order is that of the revisions"


def test_what_is_referred_to_is_always_there(story, watch):
    assert [each.title for each in referred(Story, [story.pk], START - HOUR)] == ["Flood"]
    watch.go()
    with writing():
        Story.objects.get().delete()
    assert [each.title for each in referred(Story, [story.pk], watch.now)] == ["Flood on the Aude"]


# One query, and of the same few steps however many versions there are.


def test_one_query_a_model(story, django_assert_num_queries):
    make_claim(story=story)
    for where in ({}, {"id__in": [1, 2, story.pk]}, {"story_id": story.pk}, {"story_id__in": [story.pk, 77]}):
        for clock in past.Clock:
            with django_assert_num_queries(1):
                as_of(Claim, START + 9 * HOUR, clock=clock, **where)
    with django_assert_num_queries(1):
        referred(Story, [story.pk], START)
    with django_assert_num_queries(0):
        assert as_of(Claim, START, story_id__in=[]) == []
        assert View(START).named(Story, []) == []


def plan(asked: str | None) -> str:
    keys = "[1, 2]" if connection.vendor == "sqlite" else [1, 2]
    sql = past._sql(Claim, asked, past.Clock.RECORDED, None)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a table as small as this would be read whole
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        cursor.execute(explain + sql, [keys, START] if asked else [START])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("asked", [None, "id", "story_id"])
def test_indexes_serve_it(people, asked):
    found = plan(asked)
    assert "claim_then_by_date" in found
    assert ("claim_then_by_story" in found) == (asked == "story_id")
    for name in ("h", "v", "factcheck_historicalclaim"):
        assert f"SCAN {name}" not in found and f"Seq Scan on {name}" not in found


# Random histories against a replay in Python.


@dataclass(frozen=True)
class Row:
    key: int
    revision: int
    at: datetime
    claimed: datetime | None
    kind: str
    story: int
    statement: str

    def time(self, clock: str) -> datetime:
        return self.claimed if clock == "claimed" and self.claimed else self.at

    @property
    def seen(self) -> tuple[int, int, str]:
        return self.revision, self.story, self.statement


class Newsroom:
    """Edits claims, and keeps a log of its own of what must have been recorded."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.user = watch, User.objects.get(username="erin")
        self.stories = [make_story(f"story-{number}").pk for number in range(2)]
        self.claims: dict[int, Claim] = {}
        self.keys: dict[int, int] = {}
        self.log: list[Row] = []

    def act(self, jump: timedelta, ago: timedelta | None, steps: list[tuple[str, int, int]]) -> None:
        self.watch.go(jump)
        claimed = None if ago is None else START - ago
        with recording(user=self.user, reason="Edit", via="command", claimed_at=claimed):
            for verb, name, story in steps:
                self.step(verb, name, self.stories[story], claimed)

    def step(self, verb: str, name: int, story: int, claimed: datetime | None) -> None:
        statement = f"Statement {len(self.log)}"
        claim = self.claims.get(name)
        if claim is None:  # made, or restored under its old key
            fields = {"slug": f"claim-{name}", "label": "Label", "statement": statement, "story_id": story}
            claim = self.claims[name] = Claim(pk=self.keys.get(name), **fields)
            claim.save()
            self.keys[name] = claim.pk
            kind = "+"
        elif verb == "delete":
            statement, story, kind = claim.statement, claim.story_id, "-"
            del self.claims[name]
            claim.delete()
        else:
            claim.statement = statement
            if verb == "move":
                claim.story_id = story
            story, kind = claim.story_id, "~"
            claim.save()
        key = self.keys[name]
        before = [row for row in self.log if row.key == key]
        at = max(self.watch.now, before[-1].at + MICROSECOND) if before else self.watch.now
        self.log.append(Row(key, len(before) + 1, at, claimed, kind, story, statement))

    def at(self, moment: datetime, clock: str) -> dict[int, Row]:
        newest: dict[int, Row] = {}
        for row in self.log:  # of one object in the order of its revisions
            if row.time(clock) <= moment:
                newest[row.key] = row
        return {key: row for key, row in newest.items() if row.kind != "-"}

    def moments(self) -> Iterator[datetime]:
        known = {row.at for row in self.log} | {row.claimed for row in self.log if row.claimed}
        yield from sorted({moment + step for moment in known for step in (-MICROSECOND, timedelta(), MICROSECOND)})


JUMPS = st.sampled_from([-HOUR, -SECOND, -MICROSECOND, timedelta(), timedelta(), MICROSECOND, SECOND, HOUR])
AGO = st.none() | st.sampled_from([-HOUR, timedelta(), MICROSECOND, HOUR, 2 * HOUR, 3 * HOUR])
STEPS = st.tuples(st.sampled_from(["edit", "edit", "move", "delete"]), st.integers(0, 2), st.integers(0, 1))
HISTORIES = st.lists(st.tuples(JUMPS, AGO, st.lists(STEPS, min_size=1, max_size=3)), min_size=1, max_size=10)
RANDOM = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def seen(found: list[Claim]) -> dict[int, tuple[int, int, str]]:
    by_key = {claim.pk: (claim.revision, claim.story_id, claim.statement) for claim in found}
    assert len(by_key) == len(found), "one row per object"
    return by_key


def replayed(watch: Watch, history: list) -> None:
    watch.now = START
    newsroom = Newsroom(watch)
    for act in history:
        newsroom.act(*act)
    rows = Claim.history.model.objects.order_by("history_id")
    assert list(rows.values_list("id", "revision", "history_date")) == [
        (row.key, row.revision, row.at) for row in newsroom.log
    ]
    for moment in newsroom.moments():
        for clock in ("recorded", "claimed"):
            there = newsroom.at(moment, clock)
            assert seen(as_of(Claim, moment, clock=clock)) == {key: row.seen for key, row in there.items()}
            for stories in ([newsroom.stories[0]], newsroom.stories):
                assert seen(as_of(Claim, moment, clock=clock, story_id__in=stories)) == {
                    key: row.seen for key, row in there.items() if row.story in stories
                }
            keys = list(newsroom.keys.values())[:2]
            assert seen(as_of(Claim, moment, clock=clock, id__in=keys)) == {
                key: row.seen for key, row in there.items() if key in keys
            }


@settings(max_examples=20, **RANDOM)
@given(history=HISTORIES)
def test_random_histories(people, watch, history):
    with taken_back():
        replayed(watch, history)


@pytest.mark.slow
@settings(max_examples=1500, **RANDOM)
@given(history=HISTORIES)
def test_many_random_histories(people, watch, history):
    with taken_back():
        replayed(watch, history)


# Dossiers, as they were seen at the time.


class Editing:
    """Random edits of everything that a dossier shows."""

    def __init__(self, seed: int, claim: Claim) -> None:
        self.random, self.key, self.count = random.Random(seed), claim.pk, 0
        self.other = make_story("other-story")

    @property
    def claim(self) -> Claim:
        return Claim.objects.get(pk=self.key)

    def some(self, model: type[Any], **where: Any) -> Any:
        found = list(model.objects.filter(**where).order_by("pk"))
        return self.random.choice(found) if found else None

    def words(self, what: str) -> str:
        self.count += 1
        return f"{what} {self.count}"

    def free_value(self) -> int:
        return self.random.choice(sorted(set(range(1, 100)) - set(Rating.objects.values_list("value", flat=True))))

    def edit(self) -> None:
        verbs = [name for name in dir(self) if name.startswith("do_")]
        getattr(self, self.random.choice(verbs))()

    def change(self, instance: Any, **fields: Any) -> None:
        if instance is None:
            return
        with writing():
            for name, value in fields.items():
                setattr(instance, name, value)
            instance.save()

    def drop(self, instance: Any) -> None:
        if instance is not None:
            with writing():
                instance.delete()

    def do_report(self) -> None:
        make_report(self.claim, self.some(Source), low=self.random.randint(1, 9))

    def do_report_from_new_source(self) -> None:
        make_report(self.claim, make_source(f"new-{self.words('source').split()[1]}"), text_value=self.words("Pistol"))

    def do_retract(self) -> None:
        self.change(self.some(Report, claim_id=self.key), standing="retracted")

    def do_change_report(self) -> None:
        self.change(self.some(Report, claim_id=self.key), source=self.some(Source), quote=self.words("Quote"))

    def do_delete_report(self) -> None:
        self.drop(self.some(Report, claim_id=self.key))

    def do_source(self) -> None:
        self.change(self.some(Source), title=self.words("Title"), publisher=self.some(Publisher))

    def do_basis(self) -> None:
        source, origin = self.some(Source), self.some(Source)
        if source != origin and not SourceBasis.objects.filter(source=source, rests_on=origin).exists():
            with writing():
                SourceBasis(source=source, rests_on=origin).save()

    def do_drop_basis(self) -> None:
        self.drop(self.some(SourceBasis))

    def do_rating(self) -> None:
        self.change(self.some(Rating), name=self.words("Rating"), value=self.free_value())

    def do_new_rating(self) -> None:
        with writing():
            name = self.words("New")
            Rating(slug=name.replace(" ", "-"), name=name, value=self.free_value(), mark="mixed").save()

    def do_drop_rating(self) -> None:
        used = {key for pair in Verdict.objects.values_list("rating_id", "rating_then_id") for key in pair if key}
        self.drop(self.some(Rating, pk__gt=max(used, default=0)))

    def do_verdict(self) -> None:
        fields = {"rating": self.some(Rating), "rating_then": self.some(Rating), "summary": self.words("Finding")}
        if found := self.some(Verdict, claim_id=self.key):
            self.change(found, **fields, edition_note=self.words("Note"))
        else:
            with writing():
                Verdict(claim_id=self.key, **fields).save()

    def do_drop_verdict(self) -> None:
        self.drop(self.some(Verdict, claim_id=self.key))

    def do_claim(self) -> None:
        self.change(self.claim, statement=self.words("Statement"), is_cumulative=self.random.random() < 0.5)

    def do_move(self) -> None:
        self.change(self.claim, story=self.some(Story))

    def do_story(self) -> None:
        self.change(self.some(Story), title=self.words("Story"))

    def do_publisher(self) -> None:
        self.change(self.some(Publisher), name=self.words("Paper"))


def edited(watch: Watch, seed: int, edits: int) -> None:
    claim = make_claim()
    make_claim("injured", label="Injured", story=claim.story)
    editing = Editing(seed, claim)
    captured = []
    for _number in range(edits):
        watch.go(timedelta(seconds=editing.random.randint(1, 3600)))
        editing.edit()
        watch.go(SECOND)
        if editing.random.random() < 0.4:
            captured.append((watch.now, editing.claim.story, dossier.build(editing.claim)))
    assert len({dossier.canonical(content) for _moment, _story, content in captured}) > len(captured) / 2
    for moment, story, content in captured:
        assert dossier.build(claim, as_of=moment) == content
        assert dossier.build(claim, as_of=moment, clock="claimed") == content
        board = Board.of_story(story, as_of=moment)
        assert content in [dossier.on_board(each, board) for each in board.claims]


def test_a_dossier_is_as_it_was_seen(people, watch):
    edited(watch, seed=1, edits=60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_dossier_is_as_it_was_seen_after_many_edits(people, watch, seed):
    edited(watch, seed, edits=500)


def test_no_dossier_before_the_claim_nor_after_it(people, watch):
    claim = make_claim(sources=0, rating=None)
    with pytest.raises(Claim.DoesNotExist, match="no “Death toll” yet, or none any more, at 13 March 2026, 11:59 UTC"):
        dossier.build(claim, as_of=START - SECOND)
    watch.go()
    with writing():
        claim.verdict.delete()
        claim.delete()
    claim.pk = Claim.history.model.objects.values_list("id", flat=True).first()
    assert dossier.build(claim, as_of=START + SECOND)["claim"]["slug"] == "death-toll"
    with pytest.raises(Claim.DoesNotExist):
        dossier.build(claim, as_of=watch.now)
    with pytest.raises(Claim.DoesNotExist, match="was deleted"):
        dossier.build(claim)


def test_a_clock_that_was_set_back_leaves_no_hole(people, watch):
    """Between the two times a report has come and its source has not."""
    claim = make_claim(sources=0)
    watch.go(2 * HOUR)
    source = make_source("late")
    watch.go(-HOUR)
    make_report(claim, source)
    content = dossier.build(claim, as_of=watch.now)
    assert content == dossier.build(claim)
    assert [found["slug"] for found in content["sources"]] == ["late"]


def test_reconstructed_dossiers_are_those_that_were_published(people):
    """Ratings claim no age, and are on every page all the same."""
    fixtures = django_settings.BASE_DIR / "fixtures"
    files = [fixtures / "ratings.yaml", fixtures / "carcassonne_trebes.yaml"]
    import_files(files, user=people.erin, with_editions=True)
    editions = list(Edition.objects.select_related("claim"))
    assert len(editions) > 10
    for edition in editions:
        assert dossier.build(edition.claim, as_of=edition.published_at, clock="claimed") == edition.dossier
        with pytest.raises(Claim.DoesNotExist):
            dossier.build(edition.claim, as_of=edition.published_at)
    story = Story.objects.get()
    at = min(edition.published_at for edition in editions)
    board = Board.of_story(story, as_of=at, clock="claimed")
    assert {claim.slug for claim in board.claims} >= {
        edition.slug for edition in editions if edition.published_at == at
    }
    with pytest.raises(Story.DoesNotExist):
        Board.of_story(story, as_of=at)


# A board: everything of a story, for as many queries as one claim.


@pytest.fixture
def board_story(people) -> Story:
    for number in range(3):
        claim = make_claim(f"claim-{number}", label=f"Label {number}", sources=number)
    with writing():
        SourceBasis(source=make_source("source-1"), rests_on=make_source("origin")).save()
    return claim.story


@pytest.mark.parametrize("moment", [None, START + HOUR], ids=["now", "then"])
def test_a_board_costs_what_a_claim_costs(board_story, moment, django_assert_num_queries):
    claim = Claim.objects.get(slug="claim-2")
    with django_assert_num_queries(9):  # eight models; bases once more, to see that nothing rests on nothing else
        dossier.build(claim, as_of=moment)
    with django_assert_num_queries(9):
        board = Board.of_story(board_story, as_of=moment)
    with django_assert_num_queries(0):
        contents = [dossier.on_board(each, board) for each in board.claims]
        for report in (report for found in board.reports.values() for report in found):
            assert str(report).startswith("Label") and report.source.publisher and report.claim.story == board_story
        assert [str(board.verdicts[each.pk]) for each in board.claims] == [f"Label {n}: True" for n in range(3)]
    assert contents == [dossier.build(each) for each in board.claims]
    assert [source["slug"] for source in contents[2]["sources"]] == ["origin", "source-1", "source-2"]
    assert [report["number"] for report in contents[2]["reports"]] == [1, 2], "said at one time, so by number"


def test_sources_that_rest_on_each_other_are_read_once(people):
    claim = make_claim()
    one, two = make_source("source-1"), make_source("source-2")
    with writing():
        SourceBasis(source=one, rests_on=two).save()
        SourceBasis(source=two, rests_on=one).save()
    found = {source["slug"]: source["rests_on"] for source in dossier.build(claim)["sources"]}
    assert found == {"source-1": ["source-2"], "source-2": ["source-1"]}


def test_a_board_of_a_story_without_claims(people, django_assert_num_queries):
    story = make_story()
    with django_assert_num_queries(2):
        assert Board.of_story(story, as_of=START).claims == []
    with pytest.raises(Story.DoesNotExist):
        Board.of_story(story, as_of=START - SECOND)


@pytest.mark.parametrize("clock", past.Clock)
def test_a_later_rating_is_on_no_earlier_scale(people, watch, clock):
    claim = make_claim()
    watch.go()
    make_rating("outdated", value=9)

    def scale(**when: Any) -> dict[str, int]:
        return dossier.build(claim, **when)["verdict"]["rating"]["scale"]

    assert scale(as_of=START + SECOND, clock=clock) == {"best": 4, "worst": 1}
    assert scale(as_of=watch.now, clock=clock) == scale() == {"best": 9, "worst": 1}


def test_a_scale_that_claims_no_age_is_as_old_as_its_use(people, watch):
    ratings = [make_rating(slug) for slug in ("true", "false")]
    story = make_story()
    watch.go()
    with claiming(START - 9 * HOUR):
        claim = Claim(story=story, slug="toll", label="Toll", statement="Three.")
        claim.save()
        Verdict(claim=claim, rating=ratings[0]).save()
    watch.go()
    make_rating("outdated", value=9)
    content = dossier.build(claim, as_of=START - 8 * HOUR, clock="claimed")
    assert content["verdict"]["rating"]["scale"] == {"best": 4, "worst": 1}
    assert content["story"]["title"] == story.title
