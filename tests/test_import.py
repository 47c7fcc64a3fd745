"""Files that carry how a story developed: replayed act by act, once, and nothing but what they name is touched."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factcheck.desk.gate import NotAllowed
from factcheck.history import Changeset, Door
from factcheck.intake import ImportRefused, Result, import_files
from factcheck.models import Capture, Claim, Edition, Publisher, Rating, Report, Source, State, Story, User, Verdict
from tests.newsroom import writing

pytestmark = pytest.mark.django_db

RATINGS = """
- {model: factcheck.rating, fields: {slug: "true", name: "True", definition: As said., value: 2, mark: "true"}}
- {model: factcheck.rating, fields: {slug: "false", name: "False", definition: Not so., value: 1, mark: "false"}}
"""
FIRST_WAVE = """
- model: factcheck.changeset
  fields: {key: flood-1, claimed_by: Alice Martin, claimed_at: "2018-03-23T19:00:00+01:00", reason: The first reports.}
- model: factcheck.story
  fields: {slug: flood, title: Flood on the Aude, summary: The river rose., began_on: 2018-03-23}
- {model: factcheck.publisher, fields: {name: The Paper}}
- model: factcheck.source
  fields:
    slug: same-day
    title: The river rises
    publisher: [The Paper]
    url: https://example.org/1
    published_at: 2018-03-23T18:00:00+01:00
    not_captured_reason: Short quotes only.
- model: factcheck.claim
  fields:
    slug: death-toll
    story: flood
    label: Death toll
    statement: Three people died.
    claimant: The prefect
    made_at: 2018-03-23
    made_precision: day
    is_cumulative: true
- model: factcheck.report
  fields:
    claim: [death-toll]
    number: 1
    source: [same-day]
    reported_at: 2018-03-23T18:00:00+01:00
    qualifier: at_least
    low: 3
    quote: at least three dead
- model: factcheck.verdict
  fields:
    claim: [death-toll]
    rating: ["true"]
    summary: At least three people died.
    explanation: We read the paper.
    few_sources_reason: The only source at the time.
- model: factcheck.edition
  fields:
    claim: [death-toll]
    kind: first
    note: ""
    published_at: 2018-03-23T21:00:00+01:00
    checked_by: Alice Martin
    approved_by: Bob Okafor
"""
SECOND_WAVE = """
- model: factcheck.changeset
  fields: {key: flood-2, claimed_by: Alice Martin, claimed_at: "2018-03-25T19:00:00+02:00", reason: The later count.}
- model: factcheck.report
  fields:
    claim: [death-toll]
    number: 2
    source: [same-day]
    reported_at: 2018-03-25T18:00:00+02:00
    qualifier: exactly
    low: 4
- {model: factcheck.claim, fields: {slug: death-toll, statement: Four people died.}}
- {model: factcheck.verdict, fields: {claim: [death-toll], rating: ["false"], summary: Four people died.}}
- model: factcheck.edition
  fields:
    claim: [death-toll]
    kind: update
    note: "Rated “True” before: a fourth person died."
    published_at: 2018-03-25T20:00:00+02:00
    checked_by: Alice Martin
    approved_by: Bob Okafor
"""


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(text: str, name: str = "story.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def counts(result: Result) -> tuple[int, int, int, int]:
    return result.created, result.updated, result.unchanged, result.editions


def rows() -> dict[str, int]:
    models = [Changeset, Claim, Edition, Publisher, Rating, Report, Source, Story, Verdict]
    histories = [model.history.model for model in models if hasattr(model, "history")]
    return {model.__name__: model.objects.count() for model in [*models, *histories]}


def test_two_waves_with_their_editions_and_then_nothing_new(people: Any, file: Any) -> None:
    path = file(RATINGS + FIRST_WAVE + SECOND_WAVE)
    result = import_files([path], user=people.erin, with_editions=True)
    assert counts(result) == (9, 2, 0, 2)

    first, second = Edition.objects.order_by("number")
    assert (first.kind, second.kind) == ("first", "update")
    assert first.is_reconstructed and first.approval is None and first.published_by == "Erin Lindqvist"
    assert first.published_at.isoformat() == "2018-03-23T20:00:00+00:00"
    assert first.dossier["reports"][0]["figure"]["qualifier"] == "at_least"
    assert [report["figure"]["low"] for report in second.dossier["reports"]] == ["3", "4"]
    claim = Claim.objects.get()
    assert (claim.state, claim.statement, claim.label) == (State.PUBLISHED, "Four people died.", "Death toll")
    assert Verdict.objects.get().author == people.erin

    plain, *acts = Changeset.objects.order_by("pk")
    assert (plain.reason, plain.key, plain.is_reconstructed) == ("Import of story.yaml", None, False)
    assert [(act.key, act.claimed_by, act.user, act.via) for act in acts] == [
        ("flood-1", "Alice Martin", people.erin, Door.IMPORT),
        ("flood-2", "Alice Martin", people.erin, Door.IMPORT),
    ]
    assert all(act.is_reconstructed and len(act.content_digest) == 64 for act in acts)

    before = rows()
    again = import_files([path], user=people.erin, with_editions=True)
    assert counts(again) == (0, 0, 13, 0)
    assert rows() == before


def test_the_second_wave_may_come_later_in_its_own_file(people: Any, file: Any) -> None:
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin, with_editions=True)
    result = import_files([file(SECOND_WAVE, "later.yaml")], user=people.erin, with_editions=True)
    assert counts(result) == (1, 2, 0, 1)


REPORT = """
- model: factcheck.report
  fields: {claim: [death-toll], number: %d, source: [same-day], reported_at: 2018-03-24, qualifier: exactly, low: 4}
"""


def test_an_object_costs_few_statements(people: Any, file: Any) -> None:
    """Two savepoints, a look whether it is there, the row and its version: what it names is looked up once."""
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin)
    path = file("".join(REPORT % number for number in range(2, 42)), "more.yaml")
    with CaptureQueriesContext(connection) as asked:
        assert import_files([path], user=people.erin).created == 40
    assert len(asked) <= 40 * 7 + 15


def test_json_is_read_like_yaml(people: Any, file: Any) -> None:
    entries = [
        {
            "model": "factcheck.story",
            "fields": {"slug": "s", "title": "Über “x”", "summary": "S", "began_on": "2018-03-23"},
        }
    ]
    result = import_files([file(json.dumps(entries, indent="\t"), "story.json")], user=people.erin)
    assert counts(result) == (1, 0, 0, 0)
    assert Story.objects.get().title == "Über “x”"


def test_only_text_integers_truth_and_null_are_read_out_of_yaml(people: Any, file: Any) -> None:
    text = "- model: factcheck.story\n  fields: {slug: s, title: no, summary: 12:30, began_on: 2018-03-23}\n"
    import_files([file(text)], user=people.erin)
    story = Story.objects.get()
    assert (story.title, story.summary) == ("no", "12:30")


def test_without_leave_editions_are_listed_and_left_out(people: Any, file: Any) -> None:
    path = file(RATINGS + FIRST_WAVE)
    result = import_files([path], user=people.erin)
    assert result.editions == 0 and not Edition.objects.exists()
    assert result.skipped == ["story.yaml:44: edition of death-toll, 2018-03-23T21:00:00+01:00"]
    assert Claim.objects.get().state == State.DRAFT
    late = import_files([path], user=people.erin, with_editions=True)
    assert late.editions == 0 and "came in without its editions" in late.skipped[0]


PUBLISH = """
- model: factcheck.changeset
  fields: {key: flood-1b, claimed_by: Erin, claimed_at: "2018-03-23T21:00:00+01:00", reason: The first edition.}
"""
BEFORE, EDITION = FIRST_WAVE.split("- model: factcheck.edition")
EDITION = f"{PUBLISH}- model: factcheck.edition{EDITION}"


def test_an_edition_that_was_left_out_is_not_made_of_what_came_later(people: Any, file: Any) -> None:
    path = file(RATINGS + BEFORE + EDITION + SECOND_WAVE)
    import_files([path], user=people.erin)
    late = import_files([path], user=people.erin, with_editions=True)
    assert counts(late) == (0, 0, 11, 0) and len(late.skipped) == 2
    assert not Edition.objects.exists()


def test_an_edition_shows_nothing_that_was_written_after_it(people: Any, file: Any) -> None:
    import_files([file(RATINGS + BEFORE + SECOND_WAVE)], user=people.erin)
    before = rows()
    with pytest.raises(ImportRefused, match="what was written after it"):
        import_files([file(EDITION)], user=people.erin, with_editions=True)
    assert rows() == before


@pytest.mark.parametrize("model", [Claim, Verdict, Report, Source, Publisher, Story])
def test_an_edition_out_of_a_file_shows_nothing_that_we_wrote(people: Any, file: Any, model: Any) -> None:
    import_files([file(RATINGS + BEFORE)], user=people.erin)
    ours = model.objects.get()
    field = {Claim: "label", Verdict: "summary", Report: "unit", Publisher: "url"}.get(model, "title")
    setattr(ours, field, "https://example.org/ours")
    with writing(people.alice):
        ours.save()
    with pytest.raises(ImportRefused, match="what we wrote ourselves"):
        import_files([file(EDITION)], user=people.erin, with_editions=True)
    assert not Edition.objects.exists()


def test_an_edition_may_rest_on_what_came_in_before_the_story(people: Any, file: Any) -> None:
    """Ratings, publishers and sources of a file without changesets are everybody's, and not of our own hand."""
    publisher = "- {model: factcheck.publisher, fields: {name: The Paper}}\n"
    import_files([file(RATINGS + publisher)], user=people.erin)
    result = import_files([file(BEFORE.replace(publisher, "") + EDITION)], user=people.erin, with_editions=True)
    assert counts(result) == (5, 0, 0, 1)


def test_an_act_that_changes_nothing_came_in_all_the_same(people: Any, file: Any) -> None:
    idle = PUBLISH + "- {model: factcheck.claim, fields: {slug: death-toll, label: Death toll}}\n"
    path = file(RATINGS + BEFORE + idle)
    import_files([path], user=people.erin)
    claim = Claim.objects.get()
    claim.label = "Deaths"
    with writing(people.alice):
        claim.save()
    assert counts(import_files([path], user=people.erin)) == (0, 0, 9, 0)


def test_an_edition_is_not_frozen_twice_when_its_act_has_another_name(people: Any, file: Any) -> None:
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin, with_editions=True)
    renamed = file(FIRST_WAVE.replace("flood-1", "flood-one"))
    assert counts(import_files([renamed], user=people.erin, with_editions=True)) == (0, 0, 7, 0)
    assert Edition.objects.count() == 1


def test_a_dry_run_says_what_would_change_and_writes_nothing(people: Any, file: Any) -> None:
    before = rows()
    result = import_files([file(RATINGS + FIRST_WAVE)], user=people.erin, with_editions=True, dry_run=True)
    assert counts(result) == (8, 0, 0, 1)
    assert result.changes[-2:] == ["create verdict death-toll", "edition 1 of death-toll: first edition"]
    assert rows() == before


def test_only_named_fields_are_touched_and_listed(people: Any, file: Any) -> None:
    import_files([file(RATINGS)], user=people.erin)
    changed = file('- {model: factcheck.rating, fields: {slug: "true", definition: As it was said.}}')
    result = import_files([changed], user=people.erin)
    assert counts(result) == (0, 1, 0, 0)
    assert result.changes == ["update rating true: definition"]
    rating = Rating.objects.get(slug="true")
    assert (rating.name, rating.value, rating.definition, rating.revision) == ("True", 2, "As it was said.", 2)


def test_a_capture_is_kept_once(people: Any, file: Any) -> None:
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin)
    capture = "- {model: factcheck.capture, fields: {source: [same-day], text: At least three dead., captured_at: %s}}"
    text = capture % "2018-03-23T19:00:00+01:00"
    assert counts(import_files([file(text)], user=people.erin)) == (1, 0, 0, 0)
    assert counts(import_files([file(text)], user=people.erin)) == (0, 0, 1, 0)
    later = text.replace("T19", "T20")
    assert counts(import_files([file(later)], user=people.erin)) == (0, 0, 1, 0)
    with pytest.raises(ImportRefused, match="captures never change"):
        import_files([file(text.replace("three", "four"))], user=people.erin)
    assert counts(import_files([file(later.replace("three", "four"))], user=people.erin)) == (1, 0, 0, 0)
    assert counts(import_files([file(text.replace("T19", "T21"))], user=people.erin)) == (1, 0, 0, 0)
    said = [each.text for each in Capture.objects.all()]
    assert said == ["At least three dead.", "At least four dead.", "At least three dead."]
    assert counts(import_files([file(text.partition(", captured_at")[0] + "}}")], user=people.erin)) == (0, 0, 1, 0)


def test_an_edition_needs_its_quotes_in_a_capture(people: Any, file: Any) -> None:
    lacking = FIRST_WAVE.replace("    not_captured_reason: Short quotes only.\n", "")
    with pytest.raises(ImportRefused, match="Report 1 quotes “The river rises”, which is not captured"):
        import_files([file(RATINGS + lacking)], user=people.erin, with_editions=True)
    assert not Claim.objects.exists()
    said = "source: [same-day], text: %s, came: fetched, media_type: text/html, fetched_from: https://example.org/1"
    capture = f"- {{model: factcheck.capture, fields: {{{said}, captured_at: 2018-03-23T19:00:00+01:00}}}}\n"
    captured = lacking.replace("- model: factcheck.claim\n", capture + "- model: factcheck.claim\n", 1)
    with pytest.raises(ImportRefused, match="its quote stands in no capture"):
        import_files([file(RATINGS + captured % "Four dead.")], user=people.erin, with_editions=True)
    result = import_files(
        [file(RATINGS + captured % "At least three dead there.")], user=people.erin, with_editions=True
    )
    assert result.editions == 1
    assert Capture.objects.get().way == "fetched from https://example.org/1"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("text: ''", "“text” is needed: it names the capture"),
        ("text: ' '", "text: Nothing was captured."),
        ("text: Three, captured_at: 2999-01-01", "captured_at: That is in the future."),
        ("text: Three, came: guessed", "came: Value 'guessed' is not a valid choice."),
        ("text: Three, came: fetched", "A fetched capture names address and media type"),
        ("text: Three, fetched_from: 'javascript:1'", "fetched_from: Use a whole http or https address."),
        ("text: Three, sha256: x", "“sha256” is set by the desk"),
    ],
)
def test_a_capture_that_says_something_wrong(people: Any, file: Any, said: str, words: str) -> None:
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin)
    with pytest.raises(ImportRefused) as refused:
        import_files(
            [file(f"- {{model: factcheck.capture, fields: {{source: [same-day], {said}}}}}")], user=people.erin
        )
    assert words in str(refused.value)
    assert not Capture.objects.exists()


def test_a_reconstructed_act_may_not_touch_what_we_touched(people: Any, file: Any) -> None:
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin, with_editions=True)
    claim = Claim.objects.get()
    claim.label = "Deaths"
    with writing(people.alice):
        claim.save()
    with pytest.raises(ImportRefused) as refused:
        import_files([file(SECOND_WAVE)], user=people.erin, with_editions=True)
    assert any("has acts of our own" in problem.message and problem.line == 12 for problem in refused.value.problems)
    assert Edition.objects.count() == 1 and Claim.objects.get().statement == "Three people died."


def test_an_act_keeps_its_content(people: Any, file: Any) -> None:
    import_files([file(RATINGS + FIRST_WAVE)], user=people.erin)
    with pytest.raises(ImportRefused) as refused:
        import_files([file(FIRST_WAVE.replace("The river rose.", "It rained."))], user=people.erin)
    (problem,) = refused.value.problems
    assert problem.line == 3 and "imported before with other content" in problem.message


def test_progress_is_told(people: Any, file: Any) -> None:
    told = []
    import_files([file(RATINGS)], user=people.erin, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_fixtures", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_counts(people: Any, file: Any) -> None:
    path = str(file(RATINGS + FIRST_WAVE))
    assert "create rating true\n" in run(path, "--user", "erin", "--dry-run")
    out = run(path, "--user", "erin")
    assert out.splitlines()[-1] == "Imported: 8 created, 0 updated, 0 unchanged, 0 editions, 1 skipped."
    assert "Editions are taken only with --with-editions, when the act they stand in comes in." in out


def test_the_shipped_story_by_its_bare_name(people: Any) -> None:
    out = run("ratings", "carcassonne_trebes", "--user", "erin", "--with-editions")
    assert out.startswith("Imported: ") and ", 0 skipped." in out
    before = rows()
    again = run("ratings", "carcassonne_trebes", "--user", "erin", "--with-editions")
    assert again.startswith("Imported: 0 created, 0 updated, ") and " 0 editions, 0 skipped." in again
    assert rows() == before
    kinds = Edition.objects.filter(slug="death-toll").order_by("number").values_list("number", "kind")
    assert list(kinds) == [(1, "first"), (2, "update")]
    assert User.objects.count() == 4


def test_a_file_is_no_way_around_the_roles(people: Any, file: Any) -> None:
    path = file(RATINGS + FIRST_WAVE)
    for user, options in [
        (people.victor, {}),
        (people.alice, {"with_editions": True}),
        (people.bob, {"with_editions": True}),
        (User.objects.create_superuser("root"), {}),
    ]:
        with pytest.raises(NotAllowed):
            import_files([path], user=user, **options)
    with pytest.raises(ImportRefused, match="Reporter may not write ratings"):
        import_files([path], user=people.alice)
    assert not Changeset.objects.exists()
    import_files([file(RATINGS)], user=people.erin)
    assert import_files([file(FIRST_WAVE)], user=people.alice).created > 0


TWICE = """
- {model: factcheck.publisher, fields: {name: The Paper}}
- model: factcheck.source
  fields: {slug: first, title: One, publisher: [The Paper], url: "https://example.org/1", is_undated: true}
- model: factcheck.source
  fields: {slug: second, title: Two, publisher: [The Paper], url: "http://www.example.org/1?fbclid=x", is_undated: true}
- model: factcheck.source
  fields: {slug: third, title: Three, publisher: [The Paper], url: "https://example.org/1?page=3", is_undated: true}
"""


def test_a_second_source_at_one_address_comes_in_and_is_told_of(people: Any, file: Any) -> None:
    out = StringIO()
    path = file(TWICE)
    call_command("import_fixtures", path, user="alice", stdout=out)
    told = f"notice: {path}:6: The source “second” has the address of “first”: is it the same?"
    assert [line for line in out.getvalue().splitlines() if line.startswith("notice")] == [told]
    assert Source.objects.count() == 3
    assert import_files([path], user=people.alice).notices == []
