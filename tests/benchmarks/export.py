"""What the export costs: all of it, nothing changed, and one edition more.

    python -m tests.benchmarks.export                            SQLite
    python -m tests.postgres python -m tests.benchmarks.export   PostgreSQL

It fills a database of its own as the benchmark of the search does, past the desk, and prints one table: seconds by the
clock and of the processor, without the database's, and in the end the most memory that it took.
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
from tests.benchmarks.search import fill
from tests.newsroom import make_claim, publish


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--editions", type=int, default=10_000)
    editions = parser.parse_args().editions
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with guard.lowered():
            fill(editions)
        print(f"{editions:,} editions on {connection.vendor}")
        with tempfile.TemporaryDirectory() as folder:
            measured("all of it", Path(folder))
            measured("nothing changed", Path(folder))
            publish(make_claim("one-more", author=User.objects.get(username="alice")))
            measured("one claim more", Path(folder))
            publish(Claim.objects.get(slug="one-more"), kind="update")
            measured("its second edition", Path(folder))
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB at most")
    finally:
        teardown_databases(databases, verbosity=0)


def measured(what: str, folder: Path) -> None:
    began, busy = time.monotonic(), time.process_time()
    result = export(folder)
    took, worked = time.monotonic() - began, time.process_time() - busy
    each = f"{took / result.written * 1000:6.1f} ms a file" if result.written else ""
    times = f"{what:<18}{took:8.1f} s {worked:8.1f} s of work"
    print(f"{times} {result.written:>7,} written {result.unchanged:>7,} unchanged  {each}", flush=True)


if __name__ == "__main__":
    main()
