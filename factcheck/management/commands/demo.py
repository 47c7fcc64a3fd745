import socket
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils.crypto import get_random_string

from factcheck.history import Changeset, Door
from factcheck.intake import ImportRefused, import_files
from factcheck.models import Edition, Role, Story, User

PEOPLE = [
    ("alice", "Alice", "Martin", Role.REPORTER),
    ("bob", "Bob", "Okafor", Role.REVIEWER),
    ("erin", "Erin", "Lindqvist", Role.EDITOR),
    ("victor", "Victor", "Haas", Role.VIEWER),
]
DOMAIN = "demo.invalid"


class Command(BaseCommand):
    help = "Try it: a database of its own, four people, a real story from first report to second edition, and a server."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="the port on 127.0.0.1 (8000)")
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, then stop")

    def handle(self, *args: Any, port: int, no_serve: bool, **options: Any) -> None:
        if not no_serve:
            refuse_taken(port)
        refuse_foreign_data()
        self.say("Preparing the database …")
        try:
            call_command("migrate", verbosity=0)
        except DatabaseError as error:
            raise cannot_be_used(error) from error
        people = make_people()
        self.say("Replaying the story …")
        self.replay(next(user for user in people if user.username == "erin"))
        self.say("\nLog in at /admin/ with:")
        for user in people:
            self.say(f"  {user.username:<7} {user.role or 'no role':<9} {renew_password(user)}")
        self.say_addresses(f"http://127.0.0.1:{port}")
        if not no_serve:
            self.say("\nServing until Ctrl-C …")
            settings.DEBUG = False  # from here on it answers as a newsroom's server does, its error pages too
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, skip_checks=True)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def replay(self, user: User) -> None:
        paths = [settings.BASE_DIR / "fixtures" / name for name in ("ratings.yaml", "carcassonne_trebes.yaml")]
        try:
            result = import_files(paths, user=user, via=Door.DEMO, with_editions=True)
        except ImportRefused as refused:
            raise CommandError("\n".join(map(str, refused.problems))) from refused
        if result.created:
            self.say(f"  {result.created} objects and {result.editions} editions, each with its history.")
        else:
            self.say("  Everything was already there, unchanged.")

    def say_addresses(self, site: str) -> None:
        self.say("\nWorth opening:")
        story = Story.objects.order_by("pk").first()
        changed = Edition.objects.published().order_by("-number", "slug").first()
        for path, what in [
            ("/", "what readers see"),
            (story.get_absolute_url(), "the story and all its claims"),
            ("/claims/death-toll/", "how a figure changed, and what changed on the page"),
            (changed.get_absolute_url(), "an edition at its permanent address"),
            ("/corrections/", "what was corrected"),
            ("/admin/", "the desk"),
        ]:
            self.say(f"  {site + path}  {what}")


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text} is no port: give a number from 1 to 65535")
    return int(text)


def cannot_be_used(error: DatabaseError) -> CommandError:
    return CommandError(f"The database that DATABASE_URL names cannot be used: {error}")


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise CommandError(f"Port {port} is taken: choose another with --port.")


def refuse_foreign_data() -> None:
    """The demo writes into an empty database or its own, told by its first act; never into a newsroom's."""
    try:
        tables = set(connection.introspection.table_names())
    except DatabaseError as error:
        raise cannot_be_used(error) from error
    if not tables:
        return
    foreign = CommandError("DATABASE_URL names a database that the demo did not make: unset it, or name an empty one.")
    if Changeset._meta.db_table not in tables:
        raise foreign
    first = Changeset.objects.order_by("pk").first()
    if first is not None:
        if first.via != Door.DEMO:
            raise foreign
    elif User.objects.exclude(email__endswith=f"@{DOMAIN}").exists():
        raise foreign


def make_people() -> list[User]:
    people = []
    for name, first, last, role in PEOPLE:
        user, made = User.objects.get_or_create(
            username=name,
            defaults={"first_name": first, "last_name": last, "email": f"{name}@{DOMAIN}", "is_staff": True},
        )
        if made:
            user.take_role(role)
        if user.email != f"{name}@{DOMAIN}":
            raise CommandError(f"The account “{name}” is not the demo's own: name an empty database in DATABASE_URL.")
        people.append(user)
    return people


def renew_password(user: User) -> str:
    password = get_random_string(12)
    user.set_password(password)
    user.save()
    return password
