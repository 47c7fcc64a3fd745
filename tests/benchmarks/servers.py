"""Servers on this machine, a bounded load on them, and what that costs: for the benchmark of pages."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
GRANIAN = "granian --interface wsgi --host 127.0.0.1 --workers 2 --blocking-threads 1 --port"  # as README.md says
WANTED = {"wrk": "apt-get install wrk", "nginx": "apt-get install nginx-light", "granian": "uv sync --extra server"}


def program(name: str) -> str:
    """Beside this Python, or on the PATH."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"])
    if found := shutil.which(name, path=places):
        return found
    sys.exit(f"{name} is not installed: {WANTED[name]}")


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen

    def processes(self) -> list[Path]:
        """Itself and all below it."""
        found = [self.process.pid]
        for each in found:
            for thread in Path(f"/proc/{each}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
        return [Path(f"/proc/{each}") for each in found]

    def seconds(self) -> float:
        """Of processor time that it has taken."""
        fields = [(process / "stat").read_text().rpartition(")")[2].split() for process in self.processes()]
        return sum(int(each) for field in fields for each in field[11:13]) / TICKS

    def megabytes(self) -> float:
        """What processes share is divided among them."""
        told = [(process / "smaps_rollup").read_text() for process in self.processes()]
        return sum(int(re.search(r"^Pss:\s+(\d+)", each, re.M)[1]) for each in told) / 1024


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[Server]:
    with log.open("w") as output:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", port)):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{command[0]} does not start: {log.read_text()}")
                time.sleep(0.05)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Load:
    a_second: float
    p50: float
    p99: float
    cpu: float
    """Milliseconds of the server's processor time for each request; the database's are not in it."""


def load(server: Server, address: str, *, seconds: int, connections: int, headers: Mapping[str, str]) -> Load:
    words = [program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    words += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    words.append(f"http://127.0.0.1:{server.port}{address}")
    before = server.seconds()
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    spent = server.seconds() - before
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(f"{address} was not answered well:\n{told}")
    if not (answered := int(re.search(r"(\d+) requests in", told)[1])):
        sys.exit(f"{address} was not answered within {seconds} s: give it more --seconds.")
    return Load(
        a_second=float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
        p50=milliseconds(told, "50%"),
        p99=milliseconds(told, "99%"),
        cpu=spent * 1000 / answered,
    )


def milliseconds(told: str, part: str) -> float:
    number, unit = re.search(rf"^\s+{part}\s+([\d.]+)(us|ms|s)\s*$", told, re.M).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
