"""A PostgreSQL cluster that is thrown away.

`python -m tests.postgres COMMAND …` runs the command with DATABASE_URL set to one, and answers with its exit code.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import quote

NAME = "factcheck"
MISSING = "PostgreSQL's server programs (initdb, postgres) are not installed"
# The data lives for minutes: nothing needs to survive a crash. No TCP port, only a socket in the cluster's own folder.
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


class NoServer(RuntimeError):
    """There are no server programs, or they do not start."""


def binaries() -> Path | None:
    """Debian's newest version; it keeps them off the PATH. Elsewhere, what the PATH has."""
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    folders = sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    if found := shutil.which("pg_config"):
        answer = subprocess.run([found, "--bindir"], check=False, capture_output=True, text=True)
        folders.append(Path(answer.stdout.strip()))
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def owner() -> dict:
    """PostgreSQL refuses to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def initialise(bin_folder: Path, folder: Path) -> None:
    initdb = [bin_folder / "initdb", "-D", folder / "data", "-U", NAME, "--no-sync", "-A", "trust"]
    made = subprocess.run(
        [*initdb, "-E", "UTF8", "--locale=C.UTF-8"], cwd=folder, check=False, capture_output=True, text=True, **owner()
    )
    if made.returncode:
        raise NoServer(f"initdb failed: {made.stderr.strip()}")
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.write(CONFIGURATION.format(folder=folder))


def create_database(bin_folder: Path, folder: Path, server: subprocess.Popen, patience: float = 60) -> None:
    """Wait until the server answers; the first answer makes the database."""
    deadline = time.monotonic() + patience
    createdb = [bin_folder / "createdb", "-h", folder, "-U", NAME, "--maintenance-db=postgres", NAME]
    while subprocess.run(createdb, check=False, capture_output=True).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise NoServer(f"postgres did not start: {(folder / 'log').read_text().strip()}")
        time.sleep(0.1)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Yields a URL for DATABASE_URL; the server and its folder are gone afterwards."""
    bin_folder = binaries()
    if bin_folder is None:
        raise NoServer(MISSING)
    with tempfile.TemporaryDirectory(prefix="factcheck-pg-") as name:
        folder = Path(name)
        if owner():
            shutil.chown(folder, owner()["user"], owner()["group"])
        initialise(bin_folder, folder)
        with (folder / "log").open("w") as log:
            # A session of its own: Ctrl-C at the terminal is for the tests, which then stop the server.
            server = subprocess.Popen(
                [bin_folder / "postgres", "-D", folder / "data"],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **owner(),
            )  # fmt: skip
        try:
            create_database(bin_folder, folder, server)
            yield f"postgres://{NAME}@{quote(name, safe='')}/{NAME}"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()


def run(command: list[str], url: str) -> int:
    """The command's exit code, as a shell would tell it."""
    with subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}) as process:
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return code if code >= 0 else 128 - code


def stop(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the tidying up
    sys.exit(128 + number)


def main(command: list[str]) -> int:
    if not command:
        print("usage: python -m tests.postgres COMMAND …")
        return 2
    if binaries() is None:
        in_ci = os.environ.get("CI") == "true"
        print(f"{MISSING}: apt-get install postgresql" if in_ci else f"skipped on PostgreSQL: {MISSING}")
        return int(in_ci)
    with cluster() as url:
        return run(command, url)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop)
    sys.exit(main(sys.argv[1:]))
