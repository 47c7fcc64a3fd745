import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from factcheck import indexing, standing
from factcheck.history import audit, guard
from factcheck.models import Capture, Edition, SourceAddress


class Command(BaseCommand):
    help = "Compare all that is stored with its history: one line for each thing that is wrong. Changes nothing."
    requires_system_checks = []  # one of them refuses a database whose guard is not whole; here that is a finding

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object a line, and nothing else")

    def handle(self, *args: Any, **options: Any) -> str | None:
        as_json, count = options["json"], 0
        self.progress = sys.stderr.isatty() and options["verbosity"]
        try:
            with audit.reading():
                if guard.is_half_migrated():
                    raise CommandError("This database is not migrated, or not to the end: run manage.py migrate first.")
                for finding in self.findings():
                    count += 1
                    self.stdout.write(json.dumps(asdict(finding), ensure_ascii=False) if as_json else str(finding))
                end = closing(audit.counts(), count)
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        if count:
            raise CommandError(end)
        if not as_json:
            return end
        self.stderr.write(end, str)
        return None

    def findings(self) -> Iterator[audit.Finding]:
        derived = [standing.findings(), indexing.findings(), SourceAddress.objects.findings()]
        checks = [*audit.checks(), Capture.objects.findings(), Edition.objects.findings(), *derived]
        for done, check in enumerate(checks):
            self.show(f"{done} of {len(checks)} checks")
            for finding in audit.readable(check):
                self.show("")
                yield finding
        self.show("")

    def show(self, text: str) -> None:
        """In place of what was shown before."""
        if self.progress:
            self.stderr.write(f"\r{' ' * 20}\r{text}", ending="")


def closing(counts: audit.Counts, found: int) -> str:
    looked_at = ", ".join(
        [counted(counts.objects, "object"), counted(counts.versions, "version"), counted(counts.acts, "act")]
    )
    return f"{looked_at} checked: {counted(found, 'thing') + ' found, listed above' if found else 'nothing found'}."


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
