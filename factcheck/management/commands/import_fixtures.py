import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from factcheck.desk.gate import NotAllowed
from factcheck.history import Busy
from factcheck.intake import ImportRefused, Result, import_files
from factcheck.models import User

LISTED = 1000


class Command(BaseCommand):
    help = "Replay files of acts and what they changed: all of it, or nothing and every problem with file and line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a YAML or JSON file, or a shipped one's name")
        parser.add_argument("--user", required=True, help="who imports: the account's name")
        parser.add_argument("--with-editions", action="store_true", help="publish the editions in the files too")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, paths: list[str], with_editions: bool, dry_run: bool, **options: Any) -> str:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active account named “{options['user']}”: see people list.")
        files = list(dict.fromkeys(map(shipped, paths)))
        progress = self.show if sys.stderr.isatty() and options["verbosity"] else None
        try:
            result = import_files(files, user=user, with_editions=with_editions, dry_run=dry_run, progress=progress)
        except ImportRefused as refused:
            for problem in refused.problems[:LISTED]:
                self.stderr.write(str(problem))
            count = len(refused.problems)
            listed = "listed above" if count <= LISTED else f"the first {LISTED} listed above"
            raise CommandError(
                f"Nothing was imported: {count} {'problem' if count == 1 else 'problems'}, {listed}."
            ) from refused
        except (NotAllowed, Busy) as refused:
            raise CommandError(f"Nothing was imported: {refused}") from refused
        except OperationalError as error:
            raise CommandError(f"The database failed: {error}. Import again: what is there stays as it is.") from error
        if dry_run:
            self.stdout.writelines(f"{line}\n" for line in result.changes)
        for line in result.notices:
            self.stdout.write(f"notice: {line}")
        for line in result.skipped:
            self.stdout.write(f"skipped: {line}")
        if result.skipped and not with_editions:
            self.stdout.write("Editions are taken only with --with-editions, when the act they stand in comes in.")
        return closing(result, dry_run)

    def show(self, done: int, total: int) -> None:
        self.stderr.write(f"\r{done} of {total}", ending="\n" if done == total else "")


def shipped(name: str) -> Path:
    """A path as it is; the bare name of a shipped file where nothing of that name is here."""
    path = Path(name)
    if path.exists() or path.parent != Path():
        return path
    for suffix in ("", ".yaml", ".yml", ".json"):
        found = settings.BASE_DIR / "fixtures" / f"{name}{suffix}"
        if found.is_file():
            return found
    return path


def closing(result: Result, dry_run: bool) -> str:
    counts = f"{result.created} created, {result.updated} updated, {result.unchanged} unchanged"
    editions = f"{result.editions} {'edition' if result.editions == 1 else 'editions'}"
    start = "Dry run, nothing was written; it would be: " if dry_run else "Imported: "
    return f"{start}{counts}, {editions}, {len(result.skipped)} skipped."
