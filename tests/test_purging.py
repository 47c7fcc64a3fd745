"""Shared caches are told what to forget, after the commit and whatever comes of it."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from factcheck.desk import review
from factcheck.models import Flag, PublicText, edition_published
from factcheck.public import purging

from .newsroom import make_claim, make_story, publish, writing
from .test_public import CLAIM, STORY

pytestmark = pytest.mark.django_db

purged: list[list[str]] = []


def remember(keys: list[str]) -> None:
    purged.append(keys)


def fail(keys: list[str]) -> None:
    raise ConnectionError("the CDN is away")


@pytest.fixture
def listening(settings):
    settings.PURGE = "tests.test_purging.remember"
    purged.clear()
    purging.listen()
    yield
    edition_published.disconnect(purging.edition_is_out)
    post_save.disconnect(purging.flag_is_out, sender=Flag)
    post_save.disconnect(purging.text_is_out, sender=PublicText)
    post_delete.disconnect(purging.text_is_out, sender=PublicText)


def told(call, capture) -> list[list[str]]:
    purged.clear()
    with capture(execute=True):
        call()
        assert purged == [], "nothing before the commit"
    return list(purged)


def test_it_works(client, people, listening, django_capture_on_commit_callbacks):
    capture, claim = django_capture_on_commit_callbacks, make_claim(author=people.alice)
    assert told(lambda: publish(claim), capture) == [["claim-death-toll", "story-flood", "lists"]]
    flagging = told(lambda: review.flag(claim, user=people.erin, reason="A new figure."), capture)
    assert flagging == [["claim-death-toll", "story-flood"]]
    with writing():
        claim.story = make_story("other")
        claim.save()
    assert told(lambda: publish(claim), capture) == [["claim-death-toll", "story-flood", "story-other", "lists"]]
    paths = (CLAIM, f"{CLAIM}editions/1/", "/", "/stories/other/", STORY)
    assert {client.get(path)["Surrogate-Key"] for path in paths} == {
        "claim-death-toll",
        "lists",
        "story-other",
        "story-flood",  # its claim has left, and its page says where to
    }


def test_public_texts(client, people, listening, django_capture_on_commit_callbacks):
    def write() -> None:
        with writing():
            PublicText(slug="about", title="We", body="*We*.").save()

    def remove() -> None:
        with writing():
            PublicText.objects.get().delete()

    for call in (write, remove):
        assert told(call, django_capture_on_commit_callbacks) == [["text-about"]]
    assert client.get("/about/")["Surrogate-Key"] == "text-about"


def test_what_is_rolled_back_purges_nothing(people, listening, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            publish(make_claim(author=people.alice))
            transaction.set_rollback(True)
    assert purged == []


def test_a_purge_that_fails_is_logged_and_breaks_nothing(
    client, people, listening, settings, caplog, django_capture_on_commit_callbacks
):
    settings.PURGE = "tests.test_purging.fail"
    with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True):
        publish(make_claim(author=people.alice))
    assert "not told to forget claim-death-toll, story-flood, lists" in caplog.text and "the CDN is away" in caplog.text
    assert client.get(CLAIM).status_code == 200


@pytest.mark.parametrize("path", ["nowhere.at.all", "tests.test_purging.nothing", "purge"])
def test_a_wrong_name_stops_the_start(path, settings):
    settings.PURGE = path
    with pytest.raises(ImproperlyConfigured, match=f"PURGE is '{path}'"):
        purging.listen()


def test_without_the_setting_nothing_listens(settings):
    assert settings.PURGE == ""
    before = len(edition_published.receivers)
    purging.listen()
    assert len(edition_published.receivers) == before
