import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from factcheck.public.export import ExportRefused, export
from factcheck.public.processes import ProcessDied, processors

MOST = 256  # processes


class Command(BaseCommand):
    help = (
        "Write all that readers see as files that any web server, CDN or bucket can give out. "
        "Run it again after each publication: only what changed is written, and what is no more is removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            metavar="DIR",
            type=Path,
            help="a new or an empty directory, or one that an export wrote",
        )
        parser.add_argument(
            "--processes",
            metavar="N",
            type=number,
            default=processors(),
            help="render so many pages at once; each needs a processor and a connection to the database (%(default)s)",
        )

    def handle(self, *args: Any, directory: Path, processes: int, **options: Any) -> str:
        self.is_watched = self.stderr.isatty() and options["verbosity"]
        self.shown = began = time.monotonic()
        try:
            result = export(directory, processes=processes, progress=self.show)
        except ExportRefused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(
                f"{error.filename or directory} cannot be written: {error.strerror or error}."
            ) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        except ProcessDied:
            raise CommandError(
                "A process that rendered pages was killed, perhaps for want of memory. What is written is whole: "
                "run it again to go on, with fewer --processes."
            ) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. What is written is whole: run it again to go on.") from None
        finally:
            self.clear()
        took = time.monotonic() - began
        return (
            f"{result.written:,} files written, {result.unchanged:,} unchanged, {result.removed:,} removed, "
            f"in {took:.1f} seconds."
        )

    def show(self, done: int, total: int) -> None:
        if self.is_watched and time.monotonic() - self.shown > 0.2:
            self.shown = time.monotonic()
            self.stderr.write(f"\r{done:,} of {total:,} files", ending="")

    def clear(self) -> None:
        if self.is_watched:
            self.stderr.write(f"\r{' ' * 40}\r", ending="")


def number(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= MOST:
        raise ArgumentTypeError(f"{value} is no number from 1 to {MOST}.")
    return int(value)
