"""Every version of every tracked object can be read: all of them, any two beside each other, any one whole."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from factcheck.desk import review
from factcheck.history import Changeset
from factcheck.models import Claim, Edition, Publisher, SourceBasis

from .newsroom import make_claim, make_source, make_story, publish, writing
from .test_desk import at_desk
from .test_desk_history import entries, history_url
from .test_desk_restore import change, delete

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(people):
    """Victor only looks, so whatever is read here anybody may read."""
    client = at_desk(people.victor)
    client.raise_request_exception = False
    return client


def versions_url(instance, key: int | None = None) -> str:
    return reverse("admin:versions", args=[instance._meta.model_name, key or instance.pk])


def compare_url(instance, query: str, key: int | None = None) -> str:
    return reverse("admin:compare", args=[instance._meta.model_name, key or instance.pk]) + query


def version_url(instance, number: int, key: int | None = None) -> str:
    return reverse("admin:version", args=[instance._meta.model_name, key or instance.pk, number])


def told(changes) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(change["label"], [(piece.op, piece.text) for piece in change["pieces"]]) for change in changes]


def test_it_works(people, claim, desk):
    with writing(people.bob, "The mayor counts four"):
        claim.statement = "Four people were killed."
        claim.save()
    page = desk.get(versions_url(claim))
    newest, first = page.context_data["entries"]
    assert (newest["changeset"].person, newest["changeset"].reason) == ("Bob Okafor", "The mayor counts four")
    assert [step["version"] for entry in (newest, first) for step in entry["steps"]] == [2, 1]
    words = page.content.decode()
    assert 'name="from" value="1" checked' in words and 'name="to" value="2" checked' in words
    assert f'action="{compare_url(claim, "")}"' in words and 'method="post"' not in words.split("content-main")[1]

    page = desk.get(compare_url(claim, "?from=1&to=2"))
    assert told(page.context_data["changes"]) == [
        ("statement", [("removed", "Three"), ("added", "Four"), ("same", " people were killed.")])
    ]
    words = page.content.decode()
    assert "The mayor counts four" in words and "Bob Okafor" in words and "UTC" in words

    page = desk.get(version_url(claim, 1))
    said = {value.label: value.text for value in page.context_data["values"]}
    assert said["statement"] == "Three people were killed."
    assert (said["story"], said["state"]) == ("Flood on the Aude", "draft")
    assert "Three people were killed." in page.content.decode()


# Any two.


def test_any_two_either_way(claim, desk):
    for label in ("Dead", "Killed", "Toll"):
        change(claim, label=label)
    answers = {"?from=1&to=4": ("Death toll", "Toll"), "?from=4&to=2": ("Toll", "Dead"), "": ("Killed", "Toll")}
    for query, (old, new) in answers.items():
        changes = told(desk.get(compare_url(claim, query)).context_data["changes"])
        assert "".join(text for op, text in changes[0][1] if op != "added") == old
        assert "".join(text for op, text in changes[0][1] if op != "removed") == new


def test_two_that_say_the_same(claim, desk):
    change(claim, label="Dead")
    change(claim, label="Death toll")
    assert "Both say the same." in desk.get(compare_url(claim, "?from=1&to=3")).content.decode()
    assert "This is one version" in desk.get(compare_url(claim, "?from=2&to=2")).content.decode()


@pytest.mark.parametrize("side", ["from", "to"])
def test_a_number_that_is_none(claim, desk, side):
    change(claim, label="Dead")
    for number in ("0", "-1", "3", "9" * 40, "x", "1.5", "²", "١", "%00", "1%00", "%C3%28", "<b>"):
        response = desk.get(compare_url(claim, f"?{side}={number}"))
        assert response.status_code == 200, number
        (error,) = response.context_data["errors"]
        assert error.endswith("give a number from 1 to 2."), number
        assert "<b>" not in response.content.decode()


def test_only_one_version(claim, desk):
    assert "This is one version" in desk.get(compare_url(claim, "")).content.decode()
    assert "Compare the two" not in desk.get(versions_url(claim)).content.decode()


# Any one.


def test_what_is_no_version_is_not_found(claim, desk):
    of_claim = ["0/", "2/", "x/", "9" * 30 + "/", "9" * 5000 + "/"]
    others = ["claim/0/", "claim/-1/", "claim/999/compare/", f"claim/{'9' * 30}/1/", "nonsense/1/", "Claim%00/1/"]
    untracked = ["edition/1/", "user/1/", "changeset/1/", "historicalclaim/1/"]
    for path in [*(f"claim/{claim.pk}/{end}" for end in of_claim), *others, *untracked]:
        assert desk.get(f"/admin/history/{path}").status_code == 404, path


def test_every_field_of_every_version(claim, desk):
    change(claim, first_appearance="On the radio")
    for number, said in ((1, ""), (2, "On the radio")):
        values = desk.get(version_url(claim, number)).context_data["values"]
        assert len(values) == len(Claim._meta.concrete_fields) - 2
        assert {value.name: value.text for value in values}["first_appearance"] == said
    page = desk.get(version_url(claim, 1)).content.decode()
    assert compare_url(claim, "?from=1&amp;to=2") in page and version_url(claim, 2) in page


def test_nobody_without_the_right_to_look(people, claim, client):
    people.victor.groups.clear()
    stranger = at_desk(people.victor)
    for url in (versions_url(claim), compare_url(claim, ""), version_url(claim, 1)):
        assert stranger.get(url).status_code == 403
        assert client.get(url).status_code == 302


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_only_reading(people, claim, method):
    for user in (people.victor, people.erin):
        for url in (versions_url(claim), compare_url(claim, "")):
            assert getattr(at_desk(user), method)(url, {"opened": "1", "reason": "Forged"}).status_code == 405
    assert claim.history.count() == 1


# What is gone.


def test_a_deleted_object_is_read_like_any_other(people, claim, desk):
    report = claim.reports.first()
    change(report, low=4)
    key = delete(report, people.bob)
    gone, _changed, _made = desk.get(versions_url(report, key)).context_data["entries"]
    assert gone["steps"][0]["kind"] == "deleted"
    assert ("low", [("removed", "4")]) in told(gone["steps"][0]["changes"])
    for url in (version_url(report, 3, key), compare_url(report, "?from=1&to=3", key), versions_url(report, key)):
        page = desk.get(url)
        assert page.status_code == 200 and "It was deleted." in page.content.decode()
    assert "its deletion" in desk.get(version_url(report, 3, key)).content.decode()


def test_the_tab_of_what_is_gone_stays(people, desk):
    source = make_source("x")
    with writing():
        SourceBasis(source=source, rests_on=make_source("y")).save()
        source.bases.get().delete()
    publisher = source.publisher
    key, publisher_key = delete(source), delete(publisher)
    for model, gone in (("source", key), ("publisher", publisher_key)):
        page = desk.get(reverse(f"admin:factcheck_{model}_history", args=[gone]))
        assert page.status_code == 200 and "It was deleted." in page.content.decode()
    newest = page.context_data["entries"][0]
    assert [step["kind"] for step in newest["steps"]] == ["deleted"]


def test_a_report_of_a_deleted_claim(people, claim, desk):
    verdict, reports = claim.verdict, list(claim.reports.all())
    keys = [(each, delete(each)) for each in (verdict, *reports)]
    keys.append((claim, delete(claim)))
    for instance, key in keys:
        for url in (versions_url(instance, key), compare_url(instance, "", key), version_url(instance, 1, key)):
            page = desk.get(url)
            assert page.status_code == 200
    assert "Death toll (deleted)" in desk.get(version_url(verdict, 1, keys[0][1])).content.decode()
    assert desk.get(reverse("admin:factcheck_claim_history", args=[keys[-1][1]])).status_code == 200


@pytest.mark.parametrize("key", ["999", "x", "9" * 30, "-1", "_00", "%C3%28"])
def test_what_never_was_leads_home(desk, key):
    assert desk.get(f"/admin/factcheck/claim/{key}/history/").status_code in {302, 404}


# A whole story.


def found(entries) -> set[tuple[str, str]]:
    return {(str(step["what"]), step["label"]) for entry in entries for step in entry["steps"]}


def test_a_story_tells_all_that_was_done_in_it(people, claim):
    other = make_claim("hostages", label="Hostages", author=people.alice, sources=1)
    review.submit(claim, user=people.alice, reason="Ready")
    claim.refresh_from_db()
    publish(claim)
    review.flag(claim, user=people.erin, reason="A fourth victim")
    delete(other.reports.get())
    change(claim.story, title="Deluge")
    elsewhere = make_claim("elsewhere", label="Elsewhere", story=make_story("other"), author=people.alice, sources=0)
    seen = entries(people.victor, claim.story)
    assert found(seen) == {
        ("story", ""),
        ("claim", "Death toll"),
        ("claim", "Hostages"),
        ("verdict", "Death toll"),
        ("verdict", "Hostages"),
        ("report", "Death toll, 1"),
        ("report", "Death toll, 2"),
        ("report", "Hostages, 1"),
        ("source", "What source-1 wrote"),
        ("source", "What source-2 wrote"),
        ("approval", "Death toll, Bob Okafor"),
        ("edition", "Death toll, 1, first edition"),
        ("flag", "Death toll, A fourth victim"),
    }
    assert len({entry["changeset"].pk for entry in seen}) == len(seen), "one entry an act"
    assert found(entries(people.victor, elsewhere.story)) == {
        ("story", ""),
        ("claim", "Elsewhere"),
        ("verdict", "Elsewhere"),
    }


def test_a_claim_that_moved_stands_in_both_stories(people, claim):
    other = make_story("other", title="Another")
    change(claim, story=other)
    for story in (make_story(), other):
        changes = [told(step["changes"]) for entry in entries(people.victor, story) for step in entry["steps"]]
        assert [("story", [("removed", "Flood on the Aude"), ("added", "Another")])] in changes


def test_a_deleted_claim_stands_in_its_story_and_leads_to_its_versions(people, desk):
    claim = make_claim(author=people.alice, sources=0)
    delete(claim.verdict)
    key = delete(claim)
    page = desk.get(history_url(make_story()))
    assert ("claim", "Death toll (deleted)") in found(page.context_data["entries"])
    assert versions_url(claim, key) in page.content.decode()
    act = Changeset.objects.latest("pk")
    page = desk.get(reverse("admin:factcheck_changeset_change", args=[act.pk])).content.decode()
    assert versions_url(claim, key) in page


def test_an_empty_story(people):
    assert found(entries(people.victor, make_story())) == {("story", "")}


def test_a_story_costs_the_same_however_much_is_in_it(people, claim, desk):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(history_url(claim.story)).status_code == 200
        return len(asked)

    queries()
    one = queries()
    for number in range(4):
        make_claim(f"claim-{number}", author=people.alice, sources=2)
    assert queries() == one


def test_an_edition_says_which_act_made_it(people, claim, desk):
    publish(claim)
    (entry,) = entries(people.victor, Edition.objects.get())
    assert entry["changeset"].reason == "Publish"
    assert (
        reverse("admin:factcheck_edition_change", args=[Edition.objects.get().pk])
        in desk.get(history_url(claim)).content.decode()
    )


# Ten thousand versions.


def age(publisher: Publisher, until: int) -> None:
    """Real saves, each an act of its own."""
    for number in range(publisher.revision + 1, until + 1):
        with writing(reason=f"Edit {number}"):
            publisher.name = f"Name {number}"
            publisher.save()


def read_through(desk, publisher: Publisher) -> tuple[list[int], set[int]]:
    """The versions on all pages, newest first, and how many queries a page took."""
    url, query, seen, queries = versions_url(publisher), "", [], set()
    while True:
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(url + query)
        queries.add(len(asked))
        entries = page.context_data["entries"]
        for entry in entries:
            (step,) = entry["steps"]
            seen.append(step["version"])
            ((label, pieces),) = told(step["changes"]) if step["version"] > 1 else told(step["changes"])[:1]
            assert label == "name" and pieces[-1][1].endswith(str(step["version"])), "each says what it changed"
        if page.context_data["older"] is None:
            return seen, queries
        query = f"?before={page.context_data['older']}"


def check_many(desk, versions: int) -> None:
    with writing(reason="Edit 1"):
        publisher = Publisher(name="Name 1")
        publisher.save()
    desk.get(versions_url(publisher))
    age(publisher, 30)
    _seen, few = read_through(desk, publisher)
    age(publisher, versions)
    seen, many = read_through(desk, publisher)
    assert seen == list(range(versions, 0, -1))
    assert few == many and len(many) == 1
    (change,) = desk.get(compare_url(publisher, f"?from=1&to={versions}")).context_data["changes"]
    assert change["pieces"][-1].text.endswith(str(versions))
    for nonsense in ("x", "-1", "0", "9" * 30, "9" * 17, "²", "%00"):
        page = desk.get(versions_url(publisher) + f"?before={nonsense}")
        assert page.context_data["entries"][0]["steps"][0]["version"] == versions


def test_a_hundred_versions(people, desk):
    check_many(desk, 100)


@pytest.mark.slow
def test_ten_thousand_versions(people, desk):
    check_many(desk, 10_000)
