"""What readers get from a real server: how many requests a second, how long each takes, and how much memory.

    python -m tests.benchmarks.pages                   SQLite, and PostgreSQL where its programs are installed
    python -m tests.benchmarks.pages --crowd 1000000   with so many other claims
    python -m tests.benchmarks.pages --wagtail         and beside it Wagtail, installed into a folder that is removed

Server and load (wrk) stand on the same machine and share its processors. Rows are interleaved, and medians of the
rounds are printed; look at the ratios, for times belong to a machine and its hour. `ms` is the server's processor time
for one request, `MB` the memory of all its processes, whatever they answered. Pages that Wagtail's cache middleware
gives out are up to ten minutes old; ours are never stale.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

import psycopg

from tests import postgres
from tests.benchmarks.servers import GRANIAN, Load, Server, load, program, running
from tests.benchmarks.wagtail import APPLICATION, ENVIRONMENT, Wagtail
from tests.test_nginx import configuration, free_port

PAGE, STORY = "/claims/death-toll/", "/stories/carcassonne-trebes/"
LEAST = "least that Django does"
ROWS = {
    LEAST: "/least/",
    "verdict page": PAGE,
    "verdict page, not modified": PAGE,
    "story page": STORY,
    "home": "/",
    "search": "/search/?q=four+dead",
    "verdict page, rendered": f"/rendered{PAGE}",
    "story page, rendered": f"/rendered{STORY}",
    "home, rendered": "/rendered/",
}


@dataclass
class Row:
    database: str
    name: str
    server: Server
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    loads: list[Load] = field(default_factory=list)

    def middle(self, name: str) -> float:
        return statistics.median(getattr(each, name) for each in self.loads)


def granian(
    stack: ExitStack, folder: Path, app: str, database: str, *, installed: str = "", **environment: str
) -> Server:
    port = free_port()
    name, *words = GRANIAN.split()
    command = [installed or program(name), *words, str(port), app]
    environment["DATABASE_URL"] = database
    return stack.enter_context(running(command, port, folder / f"{port}.log", **environment))


def ours(stack: ExitStack, folder: Path, kind: str, database: str, crowd: int) -> list[Row]:
    environment = {"DJANGO_SETTINGS_MODULE": "factcheck.settings"}
    filling = [sys.executable, "-m", "tests.benchmarks.site", str(folder / kind), str(crowd)]
    subprocess.run(filling, check=True, env=os.environ | environment | {"DATABASE_URL": database})
    server = granian(stack, folder, "tests.benchmarks.site:application", database, **environment)
    rows = [Row(kind, name, server, address) for name, address in ROWS.items()]
    rows[2].headers["If-None-Match"] = answer(server, PAGE)[0]
    return rows


def answer(server: Server, address: str) -> tuple[str, bytes]:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{address}", timeout=10) as told:
        return told.headers["ETag"], told.read()


def exported(stack: ExitStack, folder: Path) -> Row:
    port = free_port()
    written = configuration(folder, site=folder / "SQLite", port=port, app=free_port())
    command = [program("nginx"), "-c", str(written), "-e", str(folder / "errors")]
    server = stack.enter_context(running(command, port, folder / "nginx.log"))
    return Row("nginx", "verdict page, exported", server, PAGE)


def databases(stack: ExitStack, folder: Path) -> dict[str, tuple[str, str]]:
    """Of each kind one for us, and an empty one for Wagtail."""
    found = {"SQLite": (f"sqlite:///{folder}/ours.sqlite3", f"sqlite:///{folder}/wagtail.sqlite3")}
    if postgres.binaries():
        url = stack.enter_context(postgres.cluster())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE wagtail")
        found["PostgreSQL"] = (url, url.removesuffix(postgres.NAME) + "wagtail")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--wagtail", action="store_true")
    parser.add_argument("--crowd", type=int, default=0, help="of other claims, each with a published edition")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of load on each row in each round")
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    program("wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="factcheck-pages-")))
        beside = Wagtail(folder) if options.wagtail else None
        rows: list[Row] = []
        for kind, (database, another) in databases(stack, folder).items():
            rows += ours(stack, folder, kind, database, options.crowd)
            size = len(answer(rows[-1].server, PAGE)[1])
            if beside:
                beside.fill(another, size=size)
                for name, cached in (("Wagtail", ""), ("Wagtail, cache middleware", "1")):
                    environment = ENVIRONMENT | {"PYTHONPATH": str(beside.site), "WAGTAIL_CACHE": cached}
                    installed = str(beside.bin / "granian")
                    server = granian(stack, folder, APPLICATION, another, installed=installed, **environment)
                    rows.append(Row(kind, name, server, "/"))
        rows.append(exported(stack, folder))
        for number in range(options.rounds + 1):
            for row in rows:
                how = {"seconds": options.seconds, "connections": options.connections, "headers": row.headers}
                told = load(row.server, row.address, **how)
                row.loads += [told] if number else []  # the first round fills caches
        show(rows, size)


def show(rows: list[Row], size: int) -> None:
    print(f"A verdict page of {size:,} bytes; ratio: of requests a second to “{LEAST}”, on the same database")
    print(f"{'':12}{'':28}{'a second':>10}{'p50':>9}{'p99':>9}{'ms':>8}{'MB':>6}{'ratio':>8}")
    for row in rows:
        base = next(each for each in rows if each.name == LEAST and row.database in (each.database, "nginx"))
        a_second = row.middle("a_second")
        print(
            f"{row.database:12}{row.name:28}{a_second:10,.0f}{row.middle('p50'):9.2f}{row.middle('p99'):9.2f}"
            f"{row.middle('cpu'):8.2f}{row.server.megabytes():6.0f}{a_second / base.middle('a_second'):8.2f}"
        )


if __name__ == "__main__":
    main()
