from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string

from factcheck.models import Role, User


class Command(BaseCommand):
    help = "Accounts of the newsroom: add somebody or give a role, list everybody, or deactivate an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="add | list | deactivate")
        add = verbs.add_parser("add", help="make an account, or give an existing one another role")
        add.add_argument("name", help="the name to log in with")
        add.add_argument("--role", required=True, choices=Role.values)
        add.add_argument("--full-name", default="", help="as readers see it, in quotation marks")
        verbs.add_parser("list", help="everybody, with role")
        deactivate = verbs.add_parser("deactivate", help="close an account; what it did stays in the history")
        deactivate.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> str:
        return getattr(self, options["verb"])(**options)

    def add(self, name: str, role: str, full_name: str, **options: Any) -> str:
        try:
            User._meta.get_field("username").run_validators(name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user = User.objects.filter(username=name).first()
        if user is None:
            user, password = User(username=name), get_random_string(14)
            user.set_password(password)
            closing = f"{name} can log in as {role}; password: {password}"
        else:
            closing = f"{name} had an account and is {role} now."
        user.is_staff = user.is_active = True
        if full_name:
            user.first_name, _space, user.last_name = full_name.strip().partition(" ")
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
        user.take_role(Role(role))
        return closing

    def list(self, **options: Any) -> str:
        people = User.objects.prefetch_related("groups").order_by("username")
        lines = [
            f"{user.username}  {user}  {user.role or 'no role'}{'' if user.is_active else ', deactivated'}"
            for user in people
        ]
        return "\n".join(lines) or "Nobody yet: people add NAME --role editor"

    def deactivate(self, name: str, **options: Any) -> str:
        try:
            user = User.objects.get(username=name)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account named {name!r}: see people list.") from error
        user.is_active = False
        user.save()
        return f"{name} can no longer log in. What this account did stays in the history."
