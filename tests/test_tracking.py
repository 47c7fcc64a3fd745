"""Nothing is kept without its history by oversight: whoever adds a model or a field meets this."""

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from factcheck.history import AppendOnly, Tracked, TrackedQuerySet
from factcheck.history.guarding import append_only_models, tracked_models
from factcheck.models import Story, User

from .ways import planted

UNTRACKED = {
    "factcheck.Standing": "worked out from the rest, and written by nothing else; check_history compares it with that",
    "factcheck.SearchEntry": "made of a published edition, and written by nothing else; check_history compares them",
    "factcheck.Citation": "as a search entry",
    "factcheck.User": "accounts; who did what stands in changesets, and nobody with an act can be deleted",
    "factcheck.User_groups": "who has which role now: it decides what somebody may do, not what is said",
    "factcheck.User_user_permissions": "Django's; the desk gives rights by role alone",
    "factcheck.Visit": "who opened which claim when: it serves the eye, says nothing of a claim, and may be lost",
    "factcheck.SourceAddress": "follows from the address of its source, which is tracked, and decides nothing",
    "factcheck.Quota": "how much came from whom in this hour, by a keyed hash; the next hour deletes it",
    "auth.Group": "the roles themselves, put back by every migrate",
    "auth.Group_permissions": "as the roles",
    "auth.Permission": "made by Django, one for each model and verb",
    "contenttypes.ContentType": "made by Django, one for each model",
    "sessions.Session": "who is logged in; gone when they log out",
    "admin.LogEntry": "Django's log, written for accounts alone: the desk keeps ours",
}


KEEPING = {models.PROTECT, models.DO_NOTHING}  # a version does nothing: it goes on naming what is gone


def all_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def is_kept(model: type[models.Model]) -> bool:
    return issubclass(model, Tracked | AppendOnly) or model in append_only_models()


def test_every_model_is_tracked_or_append_only_or_has_a_reason_not_to_be():
    assert {model._meta.label for model in all_models() if not is_kept(model)} == set(UNTRACKED)


def faults(model: type[models.Model]) -> set[str]:
    """What would let a change of this model go unrecorded."""
    found = set()
    if issubclass(model, Tracked):
        kept = {field.attname for field in model.history.model._meta.concrete_fields}
        found |= {
            f"{field.name} is not in its history" for field in model._meta.concrete_fields if field.attname not in kept
        }
        found |= {f"{name} is left out of its history" for name in model.history.model._history_excluded_fields}
        for manager in (model._default_manager, model._base_manager):
            if not isinstance(manager.all(), TrackedQuerySet):
                found.add("a manager refuses nothing")
    found |= {f"{field.name} needs a tracked model between" for field in model._meta.many_to_many}
    for field in model._meta.concrete_fields:
        if getattr(field, "auto_now", False):
            found.add(f"{field.name} changes by itself")
        if field.remote_field and field.remote_field.on_delete not in KEEPING:
            found.add(f"{field.name} does not protect")
    return found


@pytest.mark.parametrize("model", [model for model in all_models() if is_kept(model)], ids=lambda model: model.__name__)
def test_every_change_of_it_is_seen(model):
    assert faults(model) == set()


def test_what_would_go_unrecorded_is_found():
    fields = {
        "groups": models.ManyToManyField(Group, related_name="+"),
        "touched": models.DateTimeField(auto_now=True),
        "owner": models.ForeignKey(User, models.SET_NULL, null=True, related_name="+"),
        "story": models.ForeignKey(Story, models.CASCADE, related_name="+"),
        "objects": models.Manager(),
    }
    with planted("Planted", (Tracked,), **fields) as model:
        model.history.model._history_excluded_fields = ["note"]
        model.add_to_class("note", models.CharField(max_length=9))
        assert faults(model) == {
            "groups needs a tracked model between",
            "touched changes by itself",
            "owner does not protect",
            "story does not protect",
            "note is not in its history",
            "note is left out of its history",
            "a manager refuses nothing",
        }


def test_the_guard_knows_every_tracked_table():
    assert len(tracked_models()) == len({model._meta.db_table for model in tracked_models()}) >= 10


def test_one_database_is_written_to():
    assert set(settings.DATABASES) == {"default"}
    assert settings.DATABASE_ROUTERS == []
