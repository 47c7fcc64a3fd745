"""kill -9 while a form is saved at the desk, a claim is published, or a file of 10,000 objects is imported.

    python -m tests.faults                            SQLite
    python -m tests.postgres python -m tests.faults   PostgreSQL

Afterwards all of the act is there, or nothing of it, and `check_history` finds nothing; where it is not so, this ends
with 1. Every other kill comes at any moment of the act, the rest at its COMMIT.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import NamedTuple

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from factcheck.desk import review
from factcheck.models import Claim, Edition, State, User
from tests.faults import files
from tests.newsroom import make_claim, make_people
from tests.snapshots import Changes, Rows, changes, snapshot

KILLS = {"save": 26, "publish": 26, "import": 8}
MEASURED = {"save": 3, "publish": 3, "import": 1}
BEFORE, AFTER, BETWEEN, LATE = "before", "after", "between", "too late"
PATIENCE = 600  # seconds; what takes longer hangs
SHORTEST = 0.002  # seconds of a COMMIT; it may be over before we are told that it began
DRAWS = 4  # for one kill; a moment can lie after the end of the act


class Failed(Exception):
    """The act itself, of which nobody was killed."""


# The process.


class Worker:
    def __init__(self, act: str, argument: str, folder: Path) -> None:
        self.errors = (folder / "errors").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", act, argument],
            env=os.environ | {"DATABASE_URL": database_url(), "TMPDIR": str(folder)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
        )  # fmt: skip

    def hears(self, word: str) -> None:
        for line in self.process.stdout:
            if line.strip() == word:
                return
        self.fails()

    def fails(self) -> None:
        self.errors.seek(0)
        raise Failed(self.errors.read() or f"It ended with {self.process.wait()}.")

    def goes(self) -> None:
        self.hears("ready")
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def dies(self) -> bool:
        """Whether it was still at it."""
        self.process.kill()
        said = self.process.stdout.read().split()
        if self.process.wait() >= 0 and "done" not in said:
            self.fails()
        return "done" not in said


@contextmanager
def at_work(act: str, argument: str, folder: Path) -> Iterator[Worker]:
    connection.close()  # what a killed process leaves behind is met by whoever opens the database next
    worker = Worker(act, argument, folder)
    watchdog = threading.Timer(PATIENCE, worker.process.kill)
    watchdog.start()
    try:
        with worker.process, worker.errors:
            try:
                yield worker
            finally:
                worker.process.kill()
    finally:
        watchdog.cancel()


def database_url() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


# The acts.


def prepared(act: str, number: int, folder: Path) -> str:
    """Something that nobody has touched, for one round."""
    if act == "import":
        return str(files.write(folder / "file.json", names=f"brought-{number}"))
    claim = make_claim(f"{act}-{number}", author=User.objects.get(username="alice"))
    if act == "publish":
        review.submit(claim, user=User.objects.get(username="alice"), reason="Ready")
        review.approve(claim, user=User.objects.get(username="bob"), reason="Read")
    return str(claim.pk)


class Measured(NamedTuple):
    """An act that nobody disturbed; in seconds."""

    until_commit: float
    commit: float
    done: Changes


def measure(act: str, argument: str, folder: Path) -> Measured:
    before = snapshot()
    with at_work(act, argument, folder) as worker:
        worker.goes()
        began = time.monotonic()
        worker.hears("commit")
        committing = time.monotonic()
        worker.hears("done")
        ended = time.monotonic()
    return Measured(committing - began, max(ended - committing, SHORTEST), changes(before, snapshot()))


def killed(act: str, argument: str, folder: Path, *, at_commit: bool, moment: float) -> bool:
    """Whether it was still at it; `moment` is in seconds, from the beginning or from the COMMIT."""
    with at_work(act, argument, folder) as worker:
        worker.goes()
        if at_commit:
            worker.hears("commit")
        time.sleep(moment)
        return worker.dies()


# What is found.


def settle() -> None:
    """A server works on for a while after its client is gone."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
        "AND pid <> pg_backend_pid()"
    )
    until = time.monotonic() + PATIENCE
    while connection.vendor == "postgresql" and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.01)


def found(before: Rows, done: Changes) -> tuple[str, str]:
    """Before, after or between, and what is wrong."""
    settle()
    changed = changes(before, snapshot())
    if changed not in ({}, done):
        return BETWEEN, f"of {done} there is {changed}"
    published = set(Claim.objects.filter(state=State.PUBLISHED).values_list("slug", flat=True))
    if differing := published ^ set(Edition.objects.published().values_list("slug", flat=True)):
        return BETWEEN, f"state and edition disagree: {differing}"
    said = StringIO()
    try:
        call_command("check_history", stdout=said)
    except CommandError as error:
        return BETWEEN, f"{said.getvalue()}{error}"
    return (AFTER if changed else BEFORE), ""


def try_act(act: str, kills: int, chance: random.Random, folder: Path) -> Counter:
    undisturbed = [measure(act, prepared(act, -number, folder), folder) for number in range(MEASURED[act])]
    length = sorted(undisturbed)[len(undisturbed) // 2]
    tally, rounds = Counter(), 0
    while tally.total() - tally[LATE] < kills and rounds < DRAWS * kills:
        rounds += 1
        at_commit = bool(rounds % 2)
        moment = chance.triangular(0, length.commit, 0) if at_commit else chance.uniform(0, length.until_commit)
        argument = prepared(act, rounds, folder)
        before = snapshot()
        is_hit = killed(act, argument, folder, at_commit=at_commit, moment=moment)
        state, wrong = found(before, length.done)
        tally[state if is_hit or state == BETWEEN else LATE] += 1
        if wrong:
            print(f"{act}, killed {moment:.4f} s after {'COMMIT' if at_commit else 'its beginning'}: {wrong}")
    seconds = f"{length.until_commit:.3f} s and its COMMIT {length.commit:.3f} s"
    print(f"{act:8} takes {seconds}: {told(tally)}; {tally[LATE]} came too late", flush=True)
    if tally.total() - tally[LATE] < kills:
        raise Failed(f"{act} could not be killed {kills} times in {rounds} rounds.")
    return tally


def told(tally: Counter) -> str:
    kills = tally[BEFORE] + tally[AFTER] + tally[BETWEEN]
    return f"{kills} kills, before {tally[BEFORE]}, after {tally[AFTER]}, found between: {tally[BETWEEN]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments")
    for act, kills in KILLS.items():
        parser.add_argument(f"--{act}", type=int, default=kills, metavar="KILLS", help=f"({kills})")
    options = vars(parser.parse_args())
    chance, tally, began = random.Random(options["seed"]), Counter(), time.monotonic()
    print(f"{connection.vendor}, seed {options['seed']}", flush=True)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        make_people()
        with tempfile.TemporaryDirectory(prefix="factcheck-faults-") as name:
            for act in KILLS:
                tally += try_act(act, options[act], chance, Path(name))
    finally:
        teardown_databases(databases, verbosity=0)
    print(f"{connection.vendor}: {told(tally)}, in {time.monotonic() - began:.0f} s")
    return 1 if tally[BETWEEN] else 0


if __name__ == "__main__":
    sys.exit(main())
