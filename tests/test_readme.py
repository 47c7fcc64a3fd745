"""What the README tells a newcomer to do, done in the order printed."""

import re
import shlex

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from factcheck.history import Changeset, Door
from factcheck.models import Claim, Edition, Publisher, Rating, Source, Story, User
from factcheck.models.search import MOST

from .desk_forms import opened

README = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]


STEPS = re.findall(r"^\d+\. (.*(?:\n {3}.*)*)", section("Your own newsroom, from nothing to a first verdict"), re.M)


def run(step: str) -> None:
    command = re.search(r"`python3 -m uv run manage.py ([^`]+)`", step)[1]
    call_command(*shlex.split(command), verbosity=0)


def log_in(name: str) -> Client:
    assert User.objects.get(username=name).has_usable_password()
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def fill(client: Client, model: str, **values: str) -> None:
    address = f"/admin/factcheck/{model}/add/"
    data = opened(client, address, f"{model}_form") | values
    response = client.post(address, data)
    assert response.status_code == 302, re.findall(r'class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.S)


def press(client: Client, button: str, claim: Claim) -> None:
    """One of the moves that the claim's page offers to this person."""
    page = client.get(f"/admin/factcheck/claim/{claim.pk}/change/").content.decode()
    verb = {"Submit for review": "submit", "Approve": "approve", "Publish": "publish"}[button]
    assert button in page
    address = f"/admin/factcheck/claim/{claim.pk}/move/{verb}/"
    assert address in page
    response = client.post(address, opened(client, address, "move_form") | {"reason": "As the README says"})
    assert response.status_code == 302


@pytest.mark.django_db
def test_from_nothing_to_a_first_verdict():
    assert 1 <= len(STEPS) <= 9
    migrate, add_alice, add_erin, ratings, serve, sources, claims, submit, publish = STEPS
    for step in (migrate, add_alice, add_erin, ratings):
        run(step)
    assert "manage.py runserver" in serve and "as alice" in serve
    alice = log_in("alice")

    assert "Add a story, then a source" in sources
    fill(alice, "story", slug="flood", title="Flood", summary="The river rose.", language="en", began_on="2026-03-13")
    fill(alice, "publisher", name="Prefecture", url="https://example.org")
    fill(
        alice,
        "source",
        slug="notice",
        title="Notice of the prefect",
        publisher=str(Publisher.objects.get().pk),
        url="https://example.org/notice",
        published_at_0="2026-03-13",
        published_at_1="20:00",
        not_captured_reason="Read out in a hall",
    )

    assert "Add a claim with its verdict and a report" in claims and "only, tell readers why" in claims
    fill(
        alice,
        "claim",
        **{
            "story": str(Story.objects.get().pk),
            "slug": "death-toll",
            "label": "Death toll",
            "statement": "Three people died.",
            "claimant": "The prefect",
            "made_at_0": "2026-03-13",
            "made_at_1": "19:30",
            "verdict-0-rating": str(Rating.objects.get(slug="true").pk),
            "verdict-0-summary": "Three people died.",
            "verdict-0-explanation": "The prefect counted.",
            "verdict-0-few_sources_reason": "Only source at the time",
            "reports-TOTAL_FORMS": "1",
            "reports-0-source": str(Source.objects.get().pk),
            "reports-0-reported_at_0": "2026-03-13",
            "reports-0-reported_at_1": "20:00",
            "reports-0-qualifier": "exactly",
            "reports-0-low": "3",
        },
    )
    claim = Claim.objects.get()

    assert "*Submit for review*" in submit
    press(alice, "Submit for review", claim)
    assert "as erin" in publish and "*Approve*" in publish and "*Publish*" in publish
    erin = log_in("erin")
    press(erin, "Approve", claim)
    press(erin, "Publish", claim)

    assert "`/claims/<short name>/`" in publish
    assert Client().get("/claims/death-toll/").status_code == 200
    assert Edition.objects.get().approved_by == "Erin Lindqvist"
    assert set(Changeset.objects.values_list("via", flat=True)) <= {Door.ADMIN, Door.IMPORT}


def test_every_setting_is_in_the_table():
    source = (settings.BASE_DIR / "factcheck" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:env_\w+|database|environ\.get)\("([A-Z_]+)"', source))
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", section("Settings"), re.M))
    assert read == told


def test_addresses_in_the_tour_are_real(client, db):
    from factcheck.intake import import_files

    from .newsroom import make_people

    paths = [settings.BASE_DIR / "fixtures" / f"{name}.yaml" for name in ("ratings", "carcassonne_trebes")]
    import_files(paths, user=make_people().erin, with_editions=True)
    addresses = re.findall(r"`(/[\w./-]+)`", section("A tour in ten lines"))
    assert len(addresses) >= 4
    for address in addresses:
        assert client.get(address).status_code in {200, 302}, address
    assert len(re.findall(r"^\d+\. ", section("A tour in ten lines"), re.M)) == 10


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_files_that_the_readme_names_exist(path):
    assert (settings.BASE_DIR / path).exists()


def test_how_many_verdicts_a_search_ranks():
    assert f"Of more than {MOST} verdicts that a search finds, the newest {MOST} are ranked." in section("Limits")
