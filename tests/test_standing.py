"""The stale alarm: which changes of what a page is made of raise it, and that a rebuild by history says the same."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.transaction import atomic, set_rollback
from django.test.utils import CaptureQueriesContext

from factcheck import dossier, standing
from factcheck.desk import review
from factcheck.desk.gate import NotAllowed
from factcheck.history import HistoryError, Refused, record_in_migration
from factcheck.intake import import_files
from factcheck.models import (
    Approval,
    Changeset,
    Claim,
    Edition,
    EditionKind,
    Publisher,
    Rating,
    Report,
    Source,
    SourceBasis,
    Standing,
    Story,
    User,
    Verdict,
)

from .desk_forms import opened
from .newsroom import make_claim, make_rating, make_report, make_source, make_story, publish, writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(people):
    """Published, with two reports; the first is of a source that rests on a wire, which is cited by nothing else."""
    claim = make_claim(author=people.alice)
    with writing():
        SourceBasis(source=make_source("source-1"), rests_on=make_source("wire")).save()
    report = claim.reports.get(number=1)
    change(report, quote="Three people died", quote_prefix="He said:", stance="supports")
    publish(claim)
    return claim


def change(instance: Any, **fields: Any) -> Any:
    with writing(reason="Try it"):
        instance = type(instance).objects.get(pk=instance.pk)
        for name, value in fields.items():
            setattr(instance, name, value)
        instance.save()
    return instance


def said(claim: Claim) -> list[str]:
    found = Standing.objects.filter(claim=claim).first()
    return found.in_words() if found else []


def one(model: type, **where: Any) -> Callable[[Claim], Any]:
    return lambda claim: model.objects.filter(**where).earliest("pk")


def report(number: int = 1) -> Callable[[Claim], Report]:
    return lambda claim: claim.reports.get(number=number)


def verdict(claim: Claim) -> Verdict:
    return Verdict.objects.get(claim=claim)


def itself(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def edit(of: Callable[[Claim], Any], **fields: Any) -> Callable[[Claim], Any]:
    """Values that are called are made when it comes to that."""
    return lambda claim: change(
        of(claim), **{name: value() if callable(value) else value for name, value in fields.items()}
    )


def new_report(claim: Claim) -> None:
    make_report(claim, make_source("source-3"), low=4)


def remove(of: Callable[[Claim], Any]) -> Callable[[Claim], None]:
    def removed(claim: Claim) -> None:
        with writing():
            of(claim).delete()

    return removed


def rest_on(claim: Claim) -> None:
    with writing():
        SourceBasis(source=make_source("source-2"), rests_on=make_source("source-1")).save()


PAPER, WIRE = one(Source, slug="source-1"), one(Source, slug="wire")
FIRST, SECOND = "Report 1 (Paper source-1)", "Report 2 (Paper source-2)"
TRUE = one(Rating, slug="true")
LATER = "2026-03-14T08:00:00Z"

WAYS = {
    "a new report": (new_report, ["Report 3 (Paper source-3): – → 4 (supports, current, dispute)"]),
    "a report gone": (
        remove(report()),
        [
            f"{FIRST}: 3 (supports, current, first) “Three people died” → –",
            f"{SECOND}, kind of change: confirmation → first",
        ],
    ),
    "a report superseded": (edit(report(), standing="superseded"), [f"{FIRST}, standing: current → superseded"]),
    "a report retracted": (edit(report(2), standing="retracted"), [f"{SECOND}, standing: current → retracted"]),
    "a report disputed": (edit(report(2), standing="disputed"), [f"{SECOND}, standing: current → disputed"]),
    "another figure": (
        edit(report(2), qualifier="at_least", low=4),
        [f"{SECOND}: 3 → at least 4", f"{SECOND}, kind of change: confirmation → dispute"],
    ),
    "another unit": (
        edit(report(2), unit="soldiers"),
        [f"{SECOND}: 3 → 3 soldiers", f"{SECOND}, kind of change: confirmation → changed"],
    ),
    "a wording for a figure": (
        edit(report(2), qualifier="", low=None, text_value="several dead"),
        [f"{SECOND}: 3 → several dead", f"{SECOND}, kind of change: confirmation → changed"],
    ),
    "another stance": (edit(report(2), stance="contradicts"), [f"{SECOND}, stance: supports → contradicts"]),
    "another quote": (
        edit(report(), quote="Four people died"),
        [f"{FIRST}, quote: Three people died → Four people died"],
    ),
    "other words around the quote": (
        edit(report(), quote_prefix="She said:"),
        [f"{FIRST}, words before the quote: He said: → She said:"],
    ),
    "another time of a report": (
        edit(report(2), reported_at=LATER),
        [f"{SECOND}, reported at: 13 March 2026, 20:00 UTC → 14 March 2026, 08:00 UTC"],
    ),
    "an undated report": (
        edit(report(2), reported_at=None, is_undated=True),
        [f"{SECOND}, reported at: 13 March 2026, 20:00 UTC → –"],
    ),
    "of another moment": (edit(report(2), true_as_of=LATER), [f"{SECOND}, true as of: – → 14 March 2026, 08:00 UTC"]),
    "a kind that an editor gives": (
        edit(report(2), kind_override="refinement", kind_override_reason="He counted again"),
        [
            f"{SECOND}, kind of change: confirmation → refinement",
            f"{SECOND}, why this kind of change: – → He counted again",
        ],
    ),
    "another source of a report": (
        edit(report(2), source=lambda: make_source("source-3")),
        [
            "Report 2 (Paper source-3), source: "
            "What source-2 wrote (Paper source-2) → What source-3 wrote (Paper source-3)"
        ],
    ),
    "another title": (
        edit(PAPER, title="What the prefect wrote"),
        ["Source “What the prefect wrote”, title: What source-1 wrote → What the prefect wrote"],
    ),
    "another publisher": (
        edit(PAPER, publisher=lambda: Publisher.objects.get(name="Paper wire")),
        ["Source “What source-1 wrote”, publisher: Paper source-1 → Paper wire"],
    ),
    "a publisher renamed": (
        edit(one(Publisher, name="Paper source-1"), name="The Courier"),
        ["Source “What source-1 wrote”, publisher: Paper source-1 → The Courier"],
    ),
    "a publisher of an origin renamed": (
        edit(one(Publisher, name="Paper wire"), name="Agency"),
        ["Source “What wire wrote”, publisher: Paper wire → Agency"],
    ),
    "another kind of source": (
        edit(PAPER, kind="statement"),
        ["Source “What source-1 wrote”, kind: news article → statement"],
    ),
    "another address": (
        edit(PAPER, url="https://example.org/other"),
        ["Source “What source-1 wrote”, address: https://example.org/source-1 → https://example.org/other"],
    ),
    "no address": (
        edit(PAPER, url="", no_url_reason="Taken down"),
        [
            "Source “What source-1 wrote”, address: https://example.org/source-1 → –",
            "Source “What source-1 wrote”, why no address: – → Taken down",
        ],
    ),
    "primary": (edit(PAPER, is_primary=True), ["Source “What source-1 wrote”, primary: no → yes"]),
    "another date": (
        edit(PAPER, published_at=LATER),
        ["Source “What source-1 wrote”, published at: 13 March 2026, 20:00 UTC → 14 March 2026, 08:00 UTC"],
    ),
    "a day alone": (
        edit(PAPER, published_precision="day"),
        ["Source “What source-1 wrote”, published at: 13 March 2026, 20:00 UTC → 13 March 2026"],
    ),
    "another reason for no copy": (
        edit(PAPER, not_captured_reason="Behind a wall"),
        ["Source “What source-1 wrote”, why not captured: Only short quotes are kept. → Behind a wall"],
    ),
    "a source that was withdrawn": (
        edit(PAPER, withdrawn_reason="The paper took it back"),
        ["Source “What source-1 wrote”, withdrawn: – → The paper took it back"],
    ),
    "a source that rests on another": (rest_on, ["Source “What source-2 wrote”, rests on: – → What source-1 wrote"]),
    "a source that no longer rests on another": (
        remove(one(SourceBasis)),
        ["Source “What source-1 wrote”, rests on: What wire wrote → –"],
    ),
    "an origin that changed": (
        edit(WIRE, title="What the agency wrote"),
        ["Source “What the agency wrote”, title: What wire wrote → What the agency wrote"],
    ),
    "a rating renamed": (edit(TRUE, name="Accurate"), ["Rating: True → Accurate"]),
    "a rating redefined": (
        edit(TRUE, definition="What we call Accurate."),
        ["“True”, meaning: What we call True. → What we call Accurate."],
    ),
    "a rating that looks otherwise": (edit(TRUE, mark="mixed"), ["“True”, mark: true → mixed"]),
    "a rating with another number": (edit(TRUE, value=5), ["“True”, number: 4 → 5"]),
    "another rating": (edit(verdict, rating=lambda: make_rating("false")), ["Rating: True → False"]),
    "no rating": (edit(verdict, rating=None), ["Rating: True → –"]),
    "another rating then": (
        edit(verdict, rating_then=lambda: make_rating("false")),
        ["Rating by what was known then: – → False"],
    ),
    "another summary": (
        edit(verdict, summary="Four people died."),
        ["Finding: Three people died. → Four people died."],
    ),
    "another explanation": (
        edit(verdict, explanation="## What we checked\n\nThe prefecture's estimate."),
        [
            "Explanation: ## What we checked\n\nThe prefecture's own count. → "
            "## What we checked\n\nThe prefecture's estimate."
        ],
    ),
    "a reason for few sources": (
        edit(verdict, few_sources_reason="Nobody else was there."),
        ["Reason for fewer than two sources: – → Nobody else was there."],
    ),
    "a verdict gone": (
        remove(verdict),
        [
            "Rating: True → –",
            "Finding: Three people died. → –",
            "Explanation: ## What we checked\n\nThe prefecture's own count. → –",
        ],
    ),
    "another title of the story": (
        edit(one(Story), title="Flood at Trèbes"),
        ["Story: Flood on the Aude → Flood at Trèbes"],
    ),
    "another summary of the story": (
        edit(one(Story), summary="The river fell."),
        ["Summary of the story: The river rose. → The river fell."],
    ),
    "another beginning of the story": (
        edit(one(Story), began_on="2026-03-12"),
        ["Beginning of the story: 13 March 2026 → 12 March 2026"],
    ),
    "another language of the story": (edit(one(Story), language="fr"), ["Language of the story: en-gb → fr"]),
    "another story": (
        edit(itself, story=lambda: make_story("fire", title="Fire")),
        ["Story: Flood on the Aude → Fire"],
    ),
    "another label": (edit(itself, label="Injured"), ["Label: Death toll → Injured"]),
    "another statement": (
        edit(itself, statement="Four people were killed."),
        ["Claim: Three people were killed. → Four people were killed."],
    ),
    "another claimant": (
        edit(itself, claimant="", claimant_unknown_reason="An anonymous post"),
        ["Claimant: The prefect → –", "Why the claimant is unknown: – → An anonymous post"],
    ),
    "made at another time": (
        edit(itself, made_at=LATER),
        ["Made: 13 March 2026, 19:30 UTC → 14 March 2026, 08:00 UTC"],
    ),
    "first said elsewhere": (
        edit(itself, first_appearance="On air", first_appearance_url="https://example.org/air"),
        ["First appearance: – → On air", "Address of the first appearance: – → https://example.org/air"],
    ),
    "a figure that can only rise": (edit(itself, is_cumulative=True), ["A figure that can only rise: no → yes"]),
}


@contextmanager
def tried() -> Iterator[None]:
    """And then taken back, for the next one: to set the scene anew takes longest."""
    with atomic():
        yield
        set_rollback(True)


def test_a_material_change_raises_the_alarm(claim, people):
    found = {}
    for way, (acted, _words) in WAYS.items():
        with tried():
            assert said(claim) == []
            acted(claim)
            found[way] = said(claim)
            (stale,) = Standing.objects.all()
            assert stale.edition == claim.editions.get()
            assert (stale.changeset.user, stale.changeset) == (people.alice, Changeset.objects.latest("pk"))
            assert list(standing.findings()) == []
    assert found == {way: words for way, (_acted, words) in WAYS.items()}


COSMETIC = {
    "a title typed otherwise": edit(PAPER, title="What  source‑1 wrote."),
    "another colour of the word": edit(verdict, explanation="## What we checked\n\nThe prefecture’s own count"),
    "a quote typed otherwise": edit(report(), quote="Three people died…"),
    "a unit typed otherwise": edit(report(), unit=" "),
    "a story typed otherwise": edit(one(Story), title="Flood on the  Aude", summary="The river rose"),
    "a publisher typed otherwise": edit(one(Publisher, name="Paper source-1"), name="Paper  source-1"),
    "a short name of a source": edit(PAPER, slug="first-paper"),
    "a short name of an origin": edit(WIRE, slug="agency"),
    "a short name of a rating": edit(TRUE, slug="accurate"),
    "a short name of a story": edit(one(Story), slug="aude"),
    "a home page": edit(one(Publisher, name="Paper source-1"), url="https://example.org/"),
    "read again": edit(PAPER, accessed_at=LATER),
    "an archived copy": edit(PAPER, archive_url="https://archive.example.org/1"),
    "somebody to do it": lambda claim: change(claim, assignee=claim.verdict.author),
    "another end of the scale": lambda claim: make_rating("other", name="Other", value=9, mark="true", definition="x"),
    "the next edition": lambda claim: review.reopen(
        itself(claim), user=claim.verdict.author, reason="News", kind=EditionKind.CORRECTION
    ),
    "a note to readers": edit(verdict, edition_kind="update", edition_note="We were wrong about four."),
    "another claim": lambda claim: make_claim("other", author=claim.verdict.author),
}


def test_a_cosmetic_change_raises_none(claim):
    for way, acted in COSMETIC.items():
        with tried():
            before = Changeset.objects.count()
            acted(claim)
            assert Changeset.objects.count() > before, way
            assert said(claim) == [], way
            assert list(standing.findings()) == [], way


# Since when, and until when.


def test_it_works(claim, people):
    make_report(claim, make_source("source-3"), low=4)
    first = Standing.objects.get()
    change(make_source("source-1"), title="What the prefect wrote")
    second = Standing.objects.get()
    assert first.changeset == second.changeset != Changeset.objects.latest("pk"), "it is stale since the first"
    assert len(second.differences) == 2
    assert str(second) == f"{claim.label}: {'; '.join(second.in_words())}"

    review.reopen(itself(claim), user=people.alice, reason="A fourth victim", kind=EditionKind.UPDATE)
    change(verdict(claim), edition_note="A fourth victim died.")
    assert Standing.objects.get().changeset == first.changeset, "a draft of the next edition is not yet published"
    for verb, person in {"submit": people.alice, "approve": people.bob, "publish": people.erin}.items():
        review.VERBS[verb](itself(claim), user=person, reason="As it should be")
    assert not Standing.objects.exists()


def test_what_is_taken_back_is_no_difference_and_counts_anew(claim):
    change(make_source("source-1"), title="What the prefect wrote")
    change(make_source("source-1"), title="What source-1 wrote")
    assert not Standing.objects.exists()
    change(make_source("source-1"), title="What the mayor wrote")
    assert Standing.objects.get().changeset == Changeset.objects.latest("pk")
    assert list(standing.findings()) == []


def test_a_withdrawn_page_is_not_stale(claim, people):
    make_report(claim, make_source("source-3"), low=4)
    review.withdraw(itself(claim), user=people.erin, reason="It was another town.")
    assert not Standing.objects.exists()
    change(make_source("source-1"), title="What the prefect wrote")
    assert not Standing.objects.exists()
    review.reopen(itself(claim), user=people.alice, reason="It was here", kind=EditionKind.CORRECTION)
    assert not Standing.objects.exists()
    assert list(standing.findings()) == []


def test_a_draft_has_none(people):
    draft = make_claim(author=people.alice)
    change(draft, label="Injured")
    assert not Standing.objects.exists()


def test_a_report_that_moves_is_missed_where_it_was(claim, people):
    other = make_claim("injured", author=people.alice, label="Injured")
    publish(other)
    change(report(2)(claim), claim=other, number=3)
    assert said(claim) == [f"{SECOND}: 3 (supports, current, confirmation) → –"]
    assert said(other) == ["Report 3 (Paper source-2): – → 3 (supports, current, repetition)"]


def test_an_origin_many_steps_away_reaches_the_claim(claim):
    with writing():
        for number in range(5):
            at, on = make_source(f"step-{number}"), make_source(f"step-{number + 1}")
            SourceBasis(source=at, rests_on=on).save()
        SourceBasis(source=make_source("step-5"), rests_on=make_source("step-0")).save()  # in a circle
        SourceBasis(source=make_source("wire"), rests_on=make_source("step-0")).save()
    publish(claim, kind="update")
    assert not Standing.objects.exists()
    change(make_source("step-4"), title="The first word")
    assert said(claim) == ["Source “The first word”, title: What step-4 wrote → The first word"]


def test_the_oldest_comes_first_and_costs_one_query(claim, people, django_assert_num_queries):
    other = make_claim("injured", author=people.alice, label="Injured")
    publish(other)
    change(verdict(other), summary="Nobody was hurt.")
    change(verdict(claim), summary="Four people died.")
    with django_assert_num_queries(1):
        stale = list(Standing.objects.stale())
        assert [each.claim.slug for each in stale] == ["injured", "death-toll"]
        assert {(each.claim.story.title, each.changeset.person) for each in stale} == {
            ("Flood on the Aude", "Alice Martin")
        }


def test_long_texts_show_what_differs(claim):
    words = "The prefecture counted again. " * 20
    change(verdict(claim), explanation=f"{words} Three people died. {words}")
    publish(claim, kind="update")
    change(verdict(claim), explanation=f"{words} Four people died. {words}")
    assert said(claim) == ["Explanation: Three → Four"]


# Every door.


def test_an_act_that_fails_leaves_none(claim):
    with pytest.raises(RuntimeError), writing():
        change(make_source("source-1"), title="What the prefect wrote")
        raise RuntimeError
    assert not Standing.objects.exists()


def test_what_is_taken_back_within_an_act_leaves_no_act(claim):
    before = Changeset.objects.count()
    with writing():
        with pytest.raises(RuntimeError), atomic():
            source = make_source("source-1")
            source.title = "What the prefect wrote"
            source.save()
            raise RuntimeError
    assert (Changeset.objects.count(), Standing.objects.count()) == (before, 0)


def test_nothing_else_writes_it(claim):
    change(make_source("source-1"), title="What the prefect wrote")
    stale = Standing.objects.get()
    for write in (
        stale.save,
        stale.delete,
        lambda: Standing.objects.all().delete(),
        lambda: Standing.objects.update(differences=[]),
        lambda: Standing.objects.bulk_create([stale]),
        lambda: Standing.objects.bulk_update([stale], ["differences"]),
        lambda: Standing.objects.create(claim=claim, edition=stale.edition, changeset=stale.changeset, differences=[]),
        lambda: stale.save_base(raw=True),
    ):
        with pytest.raises(Refused, match="worked out"), atomic():
            write()
    assert Standing.objects.get().differences == stale.differences != []


def test_loaddata_brings_none(claim, tmp_path):
    change(make_source("source-1"), title="What the prefect wrote")
    file = tmp_path / "standing.json"
    call_command("dumpdata", "factcheck.standing", output=str(file))
    with pytest.raises(CommandError, match="worked out"):
        call_command("loaddata", str(file), verbosity=0)


def test_loaddata_reaches_a_page(claim, tmp_path):
    """Two acts in one file: it is the first that made the page stale."""
    source = make_source("source-3")
    entries = []
    for number in (3, 4):
        act = {"reason": f"Report {number}", "via": "loaddata", "at": LATER, "key": f"act-{number}"}
        entries.append({"model": "factcheck.changeset", "fields": act})
        fields = {"claim": claim.pk, "number": number, "source": source.pk, "is_undated": True}
        entries.append({"model": "factcheck.report", "fields": fields | {"qualifier": "exactly", "low": "4"}})
    file = tmp_path / "reports.json"
    file.write_text(json.dumps(entries))
    call_command("loaddata", str(file), verbosity=0)
    stale = Standing.objects.get()
    assert (len(stale.differences), stale.changeset.key) == (2, "act-3")


def test_an_import_reaches_a_page(claim, people, tmp_path):
    file = tmp_path / "more.yaml"
    file.write_text(
        """
- model: factcheck.changeset
  fields: {key: "more/1", reason: "A fourth victim", claimed_at: "2026-03-15T10:00:00Z", claimed_by: "Ann"}
- model: factcheck.report
  fields: {claim: [death-toll], number: 3, source: [wire], is_undated: true, qualifier: exactly, low: "4"}
"""
    )
    import_files([file], user=people.erin, dry_run=True)
    assert not Standing.objects.exists()
    import_files([file], user=people.erin)
    assert said(claim) == ["Report 3 (Paper wire): – → 4 (supports, current, dispute)"]
    assert Standing.objects.get().changeset.person == "Ann"


def test_the_desk_reaches_a_page(claim, people, client):
    client.force_login(people.alice)
    address = f"/admin/factcheck/source/{make_source('source-1').pk}/change/"
    sent = opened(client, address, "source_form") | {"title": "What the prefect wrote", "reason": "By its own name"}
    assert client.post(address, sent).status_code == 302
    assert said(claim) == ["Source “What the prefect wrote”, title: What source-1 wrote → What the prefect wrote"]


def rename_the_paper(apps: Any, editor: Any) -> None:
    source = apps.get_model("factcheck", "Source").objects.get(slug="source-1")
    source.title = "What the prefect wrote"
    with record_in_migration(apps, reason="Rename") as record:
        record.save(source)


def test_a_migration_reaches_a_page_with_the_end_of_migrate(claim):
    tried = migrations.Migration("9999_tried", "factcheck")
    tried.operations = [migrations.RunPython(rename_the_paper)]
    editor = SimpleNamespace(connection=connection, collect_sql=False, atomic_migration=False)
    tried.apply(MigrationExecutor(connection).loader.project_state(), editor)
    emit_post_migrate_signal(0, False, "default", plan=[(tried, False)])
    assert said(claim) == ["Source “What the prefect wrote”, title: What source-1 wrote → What the prefect wrote"]
    assert Standing.objects.get().changeset.via == "migration"


# A rebuild gives the same.

FORGED = {
    "hidden": ("DELETE FROM factcheck_standing", "says: the page as the claim is; worked out anew:"),
    "in other words": ("UPDATE factcheck_standing SET differences = '[]'", "says: "),
    "since another act": ("UPDATE factcheck_standing SET changeset_id = {first}", "says: {first}, Source"),
}


@pytest.mark.parametrize("way", FORGED)
def test_what_was_written_past_it_is_found_and_put_right(way, claim):
    change(make_source("source-1"), title="What the prefect wrote")
    before = Standing.objects.values().get()
    statement, words = (each.format(first=Changeset.objects.earliest("pk").pk) for each in FORGED[way])
    with connection.cursor() as cursor:
        cursor.execute(statement)
    (found,) = standing.findings()
    assert (found.table, found.key, found.fault) == ("factcheck_standing", claim.pk, "standing")
    assert found.text.startswith(words)
    call_command("rebuild_standing", verbosity=0)
    assert list(standing.findings()) == []
    assert Standing.objects.values().get() == before


def test_one_of_a_draft_is_found_and_put_right(claim, people):
    change(make_source("source-1"), title="What the prefect wrote")
    draft = make_claim("injured", author=people.alice)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE factcheck_standing SET claim_id = {draft.pk}")
    assert [(found.key, found.text[:5]) for found in standing.findings()] == [(draft.pk, "is of"), (claim.pk, "says:")]
    call_command("rebuild_standing", verbosity=0)
    assert Standing.objects.get().claim == claim


EDITS = [*(acted for acted, _words in WAYS.values()), *COSMETIC.values()]


def stored() -> list[tuple[Any, ...]]:
    return list(Standing.objects.order_by("claim").values_list("claim", "edition", "changeset", "differences"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_after_any_edits_a_rebuild_gives_the_same(seed, claim, people):
    """Of two claims that share sources, story and rating: edits in any order, some back to what was, some published."""
    make_claim("injured", author=people.alice, label="Injured")
    publish(Claim.objects.get(slug="injured"))
    chance, told, done = random.Random(seed), set(), 0
    while done < 200:
        found = chance.choice(Claim.objects.all())
        try:
            with atomic():
                anything(chance, found)
        except (NotAllowed, ObjectDoesNotExist, IntegrityError, ValidationError, HistoryError):
            continue
        done += 1
        told.add(str(stored()))
        if done % 10 == 0:
            assert list(standing.findings()) == [], done
    before = stored()
    standing.rebuild_all()
    assert stored() == before
    assert len(told) > 50, "most edits tell something new"


def anything(chance: random.Random, claim: Claim) -> None:
    which = chance.random()
    if which < 0.05 and Verdict.objects.get(claim=claim).rating:
        publish(claim, kind="update", note="As it is now.")
    elif which < 0.35:
        put_back(chance)
    else:
        chance.choice(EDITS)(claim)


def put_back(chance: random.Random) -> None:
    """Something as an earlier version has it."""
    model = chance.choice([Source, Story, Rating, Publisher, Report, Verdict])
    version = chance.choice(model.history.model.objects.exclude(history_type="-"))
    fields = [field.attname for field in model._meta.concrete_fields if field.name not in {"id", "revision"}]
    change(model(pk=version.id), **{name: getattr(version, name) for name in fields})


# Many claims at once.


def publish_many(number: int, named: str = "many") -> None:
    """Claims that all cite one source, in one act."""
    story, source, rating = make_story(), make_source("source-1"), make_rating()
    make_rating("false")
    bob = User.objects.get(username="bob")
    names = {"checked_by": "Alice Martin", "approved_by": "Bob Okafor", "published_by": "Erin Lindqvist"}
    with writing():
        for place in range(number):
            claim = Claim(story=story, slug=f"{named}-{place}", label="Toll", statement="Three.", state="published")
            claim.save()
            Report(claim=claim, number=1, source=source, is_undated=True, qualifier="exactly", low=3).save()
            Verdict(claim=claim, rating=rating, summary="Three people died.", explanation="Counted.").save()
            content = dossier.canonical(dossier.build(claim))
            approval = Approval(claim=claim, digest=dossier.digest(content), by=bob)
            approval.save()
            Edition.objects.freeze(claim, content=content, digest=approval.digest, approval=approval, **names)


def cost_of(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def test_a_shared_source_costs_the_same_for_many_claims(people):
    publish_many(2)
    few = cost_of(lambda: change(make_source("source-1"), title="Another"))
    publish_many(6, "more")
    assert cost_of(lambda: change(make_source("source-1"), title="Yet another")) == few
    assert Standing.objects.count() == 8


@pytest.mark.slow
def test_a_thousand_claims_of_one_source(people):
    publish_many(1000)
    began = monotonic()
    asked = cost_of(lambda: change(make_source("source-1"), title="Another"))
    took = monotonic() - began
    assert Standing.objects.count() == 1000
    assert asked < 120
    assert took < 20, "a second where nothing else runs"
    began = monotonic()
    assert list(standing.findings()) == []
    assert monotonic() - began < 60
