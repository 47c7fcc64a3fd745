"""Who may write at the desk: every address, whatever is sent to it. An address that no row names fails the test."""

import hashlib

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import serializers
from django.urls import NoReverseMatch, URLPattern, reverse

from factcheck.desk import review
from factcheck.history import Tracked
from factcheck.models import Answer, Claim, CorrectionRequest, Edition, PublicText, Report, Source, SourceBasis, User

from .desk_forms import opened
from .newsroom import make_claim, make_people, publish, writing
from .test_desk import at_desk, change_url, move_url

pytestmark = pytest.mark.django_db

PAGES = {"changelist": False, "add": False, "change": True, "history": True, "delete": True}
PLAIN = {"index", "autocomplete", "jsi18n"}
OWN_ACCOUNT = {"login", "logout", "password_change", "password_change_done"}
FORGED = {
    "post": "yes",
    "label": "Forged",
    "title": "Forged",
    "name": "Forged",
    "slug": "forged",
    "reason": "Forged",
    "opened": "1",
    "_save": "Save",
    "action": "delete_selected",
    "_selected_action": "1",
    "role": "editor",
    "username": "victor",
    "is_superuser": "on",
    "kind": "update",
    "way": "paste",
    "paste-text": "Forged",
    "paste-reason": "Forged",
    "words": "three",
    "password1": "forged-forged",
    "password2": "forged-forged",
}


@pytest.fixture
def people():
    people = make_people()
    people.root = User.objects.create_superuser("root")
    return people


@pytest.fixture
def newsroom(people):
    """One of everything, so that every address leads somewhere."""
    claim = make_claim(author=people.alice)
    publish(claim)
    review.flag(claim, user=people.erin, reason="A fourth victim")
    request = CorrectionRequest(edition=Edition.objects.get(), message="It is four.")
    request.save()
    waiting = make_claim("waiting", author=people.alice)
    review.submit(waiting, user=people.alice, reason="Ready")
    make_claim("draft", author=people.alice)
    first, second = Source.objects.order_by("slug")[:2]
    with writing():
        first.captures.model(source=first, text="Three.").save()
        SourceBasis(source=second, rests_on=first).save()
        PublicText(slug="about", title="About us", body="We check.").save()
        Answer(request=request, decision="unchanged", text="It is three.").save()
    return people


def patterns() -> list[URLPattern]:
    def walk(entries):
        for entry in entries:
            if isinstance(entry, URLPattern):
                yield entry
            else:
                yield from walk(entry.url_patterns)

    return list(walk(admin.site.get_urls()))


def tracked_models():
    return [model for model in apps.get_app_config("factcheck").get_models() if issubclass(model, Tracked)]


def model_of(name: str):
    return apps.get_model("factcheck", name)


def addresses() -> dict[str, str]:
    """Every named address of the desk, filled in."""
    found = {}
    for pattern in patterns():
        if pattern.name and pattern.name not in OWN_ACCOUNT:
            for number, args in enumerate(arguments(pattern.name)):
                found[f"{pattern.name} {number}"] = reverse(f"admin:{pattern.name}", args=args)
    return found


def arguments(name: str) -> list[list[object]]:
    parts = name.split("_")
    if name == "factcheck_claim_move":
        verbs = ["submit", "return_to_author", "approve", "publish", "reopen", "flag", "withdraw"]
        return [[claim.pk, verb] for claim in Claim.objects.all() for verb in verbs]
    if name == "factcheck_claim_preview":
        return [[claim.pk] for claim in Claim.objects.all()]
    if name in {"factcheck_source_retract", "captures", "captures_compare"}:
        return [[source.pk] for source in Source.objects.all()]
    if name == "quote":
        return [[report.pk] for report in Report.objects.all()[:3]]
    if name in {"versions", "compare", "version"}:
        rows = [(model, row) for model in tracked_models() for row in model.history.order_by("id", "revision")[:3]]
        number = [1] if name == "version" else []
        return [[model._meta.model_name, row.id, *number] for model, row in rows]
    if name == "auth_user_password_change":
        return [[User.objects.get(username="erin").pk]]
    if name == "app_list":
        return [["factcheck"]]
    if name == "view_on_site":
        return [[1, 1]]
    if parts[0] == "factcheck" and len(parts) == 3:
        instances = model_of(parts[1]).objects.order_by("pk")[:3]
        return [[instance.pk] for instance in instances] if PAGES[parts[2]] else [[]]
    assert name in PLAIN, f"{name}: an address that this test does not know"
    return [[]]


def state() -> str:
    """A digest of every row of ours. What a log-in writes is left aside."""
    digest = hashlib.sha256()
    for model in sorted(apps.get_app_config("factcheck").get_models(), key=lambda model: model.__name__):
        names = [field.name for field in model._meta.concrete_fields if field.name != "last_login"]
        rows = model._base_manager.order_by("pk")
        digest.update(serializers.serialize("json", rows, fields=names).encode())
    for user in User.objects.order_by("pk"):
        digest.update(f"{user.pk} {sorted(group.name for group in user.groups.all())}".encode())
    return digest.hexdigest()


def test_every_address_is_known(newsroom):
    assert {name.split()[0] for name in addresses()} >= {"index", "factcheck_claim_move", "factcheck_report_change"}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_viewer_changes_nothing_by_any_address(newsroom, method):
    client, before = at_desk(newsroom.victor), state()
    for name, url in addresses().items():
        response = getattr(client, method)(url, FORGED)
        assert response.status_code in {200, 302, 403, 404, 405}, name
        assert state() == before, name


def test_a_viewer_reads_everything(newsroom):
    client = at_desk(newsroom.victor)
    for name, url in addresses().items():
        page = name.split()[0].rsplit("_", 1)[-1]
        if (
            page in {"changelist", "change", "history", "versions", "compare", "version", "captures", "quote"}
            and "_user_" not in name
            and "password" not in name
        ):
            response = client.get(url)
            assert response.status_code == 200, name
            assert b"FORGED" not in response.content
            assert b'name="_save"' not in response.content, name


@pytest.mark.parametrize("method", ["post", "put"])
def test_a_superuser_without_a_role_changes_no_content(newsroom, method):
    client, before = at_desk(newsroom.root), state()
    for name, url in addresses().items():
        if "_user_" not in name:
            getattr(client, method)(url, FORGED)
            assert state() == before, name


def test_a_superuser_without_a_role_is_told_how_to_get_one(newsroom):
    for url in (reverse("admin:index"), change_url(Claim.objects.first())):
        page = at_desk(newsroom.root).get(url).content.decode()
        assert "An account is not an editor’s powers." in page
        assert "manage.py people add root --role editor" in page
    assert "An account is not" not in at_desk(newsroom.erin).get(reverse("admin:index")).content.decode()


def test_a_role_can_be_taken_on_the_page_of_an_account(newsroom):
    client = at_desk(newsroom.root)
    url = reverse("admin:factcheck_user_change", args=[newsroom.root.pk])
    client.post(url, opened(client, url, "user_form") | {"role": "editor"})
    newsroom.root.refresh_from_db()
    assert User.objects.get(username="root").role == "editor"


@pytest.mark.parametrize("name", ["alice", "bob", "erin", "victor"])
def test_nobody_but_superusers_touches_accounts(newsroom, name):
    client, before = at_desk(getattr(newsroom, name)), state()
    for address, url in addresses().items():
        if "_user_" in address:
            assert client.get(url).status_code == 403, address
            assert client.post(url, FORGED).status_code in {403, 405}, address
    assert state() == before


# Who may begin a new one, by role: every cell is written out.
ADDING = """
                   alice  bob  erin  victor  root
claim              yes    yes  yes   no      no
report             yes    yes  yes   no      no
source             yes    yes  yes   no      no
publisher          yes    yes  yes   no      no
story              yes    yes  yes   no      no
rating             no     no   yes   no      no
publictext         no     no   yes   no      no
edition            no     no   no    no      no
approval           no     no   no    no      no
flag               no     no   no    no      no
changeset          no     no   no    no      no
capture            no     no   no    no      no
correctionrequest  no     no   no    no      no
user               no     no   no    no      yes
"""
NAMES, *ADDING_ROWS = [line.split() for line in ADDING.strip().splitlines()]


@pytest.mark.parametrize(
    ("model", "name", "answer"),
    [(model, name, answer) for model, *answers in ADDING_ROWS for name, answer in zip(NAMES, answers, strict=True)],
)
def test_adding(people, model, name, answer):
    url = reverse(f"admin:factcheck_{model}_add")
    assert at_desk(getattr(people, name)).get(url).status_code == (200 if answer == "yes" else 403)


def test_the_table_names_every_model():
    assert {model for model, *_answers in ADDING_ROWS} == {each._meta.model_name for each in admin.site._registry}


def test_strangers_are_sent_to_the_door(client, newsroom):
    before = state()
    for name, url in addresses().items():
        response = client.post(url, FORGED)
        assert response.status_code in {302, 404}, name
        if response.status_code == 302:
            assert "/login/" in response.url, name
    assert state() == before


def test_somebody_who_left_is_out(newsroom):
    client = at_desk(newsroom.erin)
    newsroom.erin.is_active = False
    newsroom.erin.save()
    claim = Claim.objects.get(slug="waiting")
    assert client.post(move_url(claim, "approve"), {"opened": claim.revision}).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_there_is_no_bulk_action(newsroom):
    for model in admin.site._registry:
        try:
            url = reverse(f"admin:factcheck_{model._meta.model_name}_changelist")
        except NoReverseMatch:
            continue
        page = at_desk(newsroom.erin).get(url).content.decode()
        assert "delete_selected" not in page, model
