"""What the export costs: all of it, nothing changed, and one edition more.

    python -m tests.benchmarks.export                            SQLite
    python -m tests.postgres python -m tests.benchmarks.export   PostgreSQL

It fills a database of its own as the benchmark of the search does, past the desk, and prints one table: seconds by the
clock and of the processors, without the database's, and in the end the most memory that a process took.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from factcheck.history import guard
from factcheck.models import Claim, User
from factcheck.public.export import export
from factcheck.public.processes import processors
from tests.benchmarks.search import fill
from tests.newsroom import make_claim, publish


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--editions", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=processors(), help="(%(default)s)")
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with guard.lowered():
            fill(options.editions)
        print(f"{options.editions:,} editions on {connection.vendor}, {options.processes} processes")
        with tempfile.TemporaryDirectory() as name:
            folder, processes = Path(name), options.processes
            measured("all of it", folder, processes)
            measured("nothing changed", folder, processes)
            publish(make_claim("one-more", author=User.objects.get(username="alice")))
            measured("one claim more", folder, processes)
            publish(Claim.objects.get(slug="one-more"), kind="update")
            measured("its second edition", folder, processes)
        most = max(resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(f"{most // 1024:,} MB at most")
    finally:
        teardown_databases(databases, verbosity=0)


def measured(what: str, folder: Path, processes: int) -> None:
    began, busy = time.monotonic(), worked()
    result = export(folder, processes=processes)
    took, work = time.monotonic() - began, worked() - busy
    each = f"{took / result.written * 1000:6.1f} ms a file" if result.written else ""
    times = f"{what:<18}{took:8.1f} s {work:8.1f} s of work"
    print(f"{times} {result.written:>7,} written {result.unchanged:>7,} unchanged  {each}", flush=True)


def worked() -> float:
    """Seconds of the processors, with those of processes that have ended."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
