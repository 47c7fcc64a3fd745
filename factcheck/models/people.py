from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import DEFAULT_DB_ALIAS, models
from django.utils.translation import gettext_lazy as _

from .base import refuse_bad_characters

MANAGED = ["story", "publisher", "source", "sourcebasis", "capture", "claim", "report", "verdict", "answer"]
DELETABLE = ["story", "publisher", "source", "sourcebasis", "claim", "report"]  # while nothing published rests on it
READABLE = [*MANAGED, "rating", "approval", "edition", "flag", "changeset", "correctionrequest", "publictext"]


class Role(models.TextChoices):
    REPORTER = "reporter", _("reporter")
    REVIEWER = "reviewer", _("reviewer")
    EDITOR = "editor", _("editor")
    VIEWER = "viewer", _("viewer")


class User(AbstractUser):
    """Somebody of the newsroom. People are deactivated, never deleted: history names them."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        """Readers see the name on every page that this person checked."""
        super().clean()
        refuse_bad_characters(self, {"password"})

    @property
    def role(self) -> Role | None:
        """The most powerful role that this person was given. Being a superuser is not one: it is an account."""
        held = {group.name for group in self.groups.all()} if self.is_active else set()
        for role in (Role.EDITOR, Role.REVIEWER, Role.REPORTER, Role.VIEWER):
            if role in held:
                return role
        return None

    def take_role(self, role: Role) -> None:
        """One role at a time: it replaces the one that this person had."""
        self.groups.remove(*Group.objects.filter(name__in=Role.values))
        self.groups.add(Group.objects.get(name=role))


def make_roles(app_config: Any, **kwargs: Any) -> None:
    """Groups named like the roles, with Django's permissions; the verbs' own rules stand in the desk."""
    create_permissions(app_config, verbosity=0, using=kwargs.get("using", DEFAULT_DB_ALIAS))
    readable = Permission.objects.filter(
        content_type__app_label="factcheck", codename__in=[f"view_{name}" for name in READABLE]
    )
    writable = Permission.objects.filter(
        content_type__app_label="factcheck",
        codename__in=[f"{verb}_{name}" for name in MANAGED for verb in ("add", "change")]
        + [f"delete_{name}" for name in DELETABLE],
    )
    texts = Permission.objects.filter(
        content_type__app_label="factcheck",
        codename__in=["add_publictext", "change_publictext", "add_rating", "change_rating"],
    )
    for role in Role:
        group, _made = Group.objects.get_or_create(name=role.value)
        wanted = set(readable)
        if role != Role.VIEWER:
            wanted |= set(writable)
        if role == Role.EDITOR:
            wanted |= set(texts)
        group.permissions.set(wanted)
