"""What a role may do at the desk, beside what each address answers: that is the matrix."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from factcheck.desk import review
from factcheck.history import Tracked
from factcheck.models import Answer, Claim, CorrectionRequest, Edition, PublicText, Source, SourceBasis, User

from .desk_forms import opened
from .newsroom import make_claim, make_people, publish, writing
from .snapshots import changes, snapshot
from .test_desk import at_desk, change_url, move_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    people = make_people()
    people.root = User.objects.create_superuser("root")
    return people


@pytest.fixture
def newsroom(people):
    """One of everything that is tracked."""
    claim = make_claim(author=people.alice)
    publish(claim)
    request = CorrectionRequest(edition=Edition.objects.get(), message="It is four.")
    request.save()
    waiting = make_claim("waiting", author=people.alice)
    review.submit(waiting, user=people.alice, reason="Ready")
    first, second = Source.objects.order_by("slug")[:2]
    with writing():
        SourceBasis(source=second, rests_on=first).save()
        PublicText(slug="about", title="About us", body="We check.").save()
        Answer(request=request, decision="unchanged", text="It is three.").save()
    return people


def of_everything():
    models = [model for model in apps.get_app_config("factcheck").get_models() if issubclass(model, Tracked)]
    return [model.objects.order_by("pk").first() for model in models]


def page_of(instance) -> str | None:
    try:
        return change_url(instance)
    except NoReverseMatch:
        return None  # it stands on the page of another


def test_a_viewer_reads_everything_and_is_offered_nothing(newsroom):
    client = at_desk(newsroom.victor)
    for instance in of_everything():
        name, args = instance._meta.model_name, [instance._meta.model_name, instance.pk]
        pages = [page_of(instance), *(reverse(f"admin:{each}", args=args) for each in ("versions", "compare"))]
        for page in [*filter(None, pages), reverse("admin:version", args=[*args, 1])]:
            response = client.get(page)
            assert response.status_code == 200, name
            assert b'name="_save"' not in response.content, page


@pytest.mark.parametrize("name", ["victor", "root"])
def test_who_has_no_part_restores_nothing(newsroom, name):
    client, before = at_desk(getattr(newsroom, name)), snapshot()
    for instance in of_everything():
        url = reverse("admin:version", args=[instance._meta.model_name, instance.pk, 1])
        data = {"reason": "Forged", "opened": instance.revision}
        assert client.post(url, data).status_code == 403, url
    assert changes(before, snapshot()) == {}


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


def test_a_refused_page_has_words_and_a_way_out(newsroom):
    response = at_desk(newsroom.victor).get(reverse("admin:factcheck_claim_add"))
    assert response.status_code == 403
    assert "You may not do this" in response.content.decode() and reverse("admin:index") in response.content.decode()
