"""The export by several processes: the same files, and one end for all of them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from factcheck.public import export as exporting
from factcheck.public import processes
from factcheck.public.export import export
from factcheck.public.processes import ProcessDied, each_done

from .newsroom import make_claim, make_people, publish
from .pages import tell_the_story

CLAIM = "claims/death-toll/index.html"


@pytest.fixture(autouse=True)
def several(monkeypatch):
    """However few the pages are."""
    monkeypatch.setattr(processes, "FEWEST", 1)
    monkeypatch.setattr(processes, "NEIGHBOURS", 3)


@pytest.fixture
def claim(committing):
    claim = make_claim(author=make_people().alice)
    publish(claim)
    return claim


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_they_write_the_same_bytes(committing, tmp_path):
    tell_the_story()
    alone = export(tmp_path / "alone")
    assert export(tmp_path / "together", processes=3) == alone
    assert content(tmp_path / "together") == content(tmp_path / "alone")
    assert export(tmp_path / "together", processes=3).written == 0


def test_every_item_is_done_once():
    for count, several in ((1, 2), (10, 3), (50, 4)):
        assert sorted(each_done(lambda item: item * 2, range(count), several)) == [(n, n * 2) for n in range(count)]


def test_they_are_other_processes():
    pids = {pid for _place, pid in each_done(lambda _item: os.getpid(), range(12), 2)}
    assert len(pids) == 2 and os.getpid() not in pids


def failing(monkeypatch, error) -> None:
    write = exporting.write

    def failing_there(target: Path, content: bytes, **options) -> None:
        if target.match(f"*/{CLAIM}"):
            error()
        write(target, content, **options)

    monkeypatch.setattr(exporting, "write", failing_there)


def full() -> None:
    raise OSError(28, "No space left on device", "the page")


def test_an_error_ends_them_all_and_the_next_run_goes_on(claim, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, full)
        with pytest.raises(OSError, match="No space left") as raised:
            export(tmp_path, processes=2)
    assert raised.value.filename == "the page" and "in full" in raised.value.__notes__[0]
    assert not (tmp_path / CLAIM).exists()
    assert export(tmp_path, processes=2).unchanged > 0
    assert (tmp_path / CLAIM).exists()


def test_one_that_is_killed_is_told(claim, tmp_path, monkeypatch):
    parent = os.getpid()
    with monkeypatch.context() as patch:
        failing(patch, lambda: os.getpid() != parent and os.kill(os.getpid(), signal.SIGKILL))
        with pytest.raises(ProcessDied):
            export(tmp_path, processes=2)
        with pytest.raises(CommandError, match="was killed, perhaps for want of memory"):
            call_command("export_site", str(tmp_path), processes=2)
    export(tmp_path)
    assert (tmp_path / CLAIM).exists()


def interrupted() -> None:
    """As the keys do it: everybody is told."""
    for process in (os.getpid(), os.getppid()):
        os.kill(process, signal.SIGINT)
    time.sleep(0.2)


@pytest.fixture
def heard() -> Iterator[None]:
    """Whoever is started in the background of a shell is deaf to interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_an_interrupt_is_answered_by_the_first_alone(claim, tmp_path, monkeypatch, capfd):
    with monkeypatch.context() as patch:
        failing(patch, interrupted)
        with pytest.raises(CommandError, match="Stopped"):
            call_command("export_site", str(tmp_path), processes=2)
    assert multiprocessing.active_children() == [] and "Traceback" not in capfd.readouterr().err
    export(tmp_path, processes=2)
    assert (tmp_path / CLAIM).exists()


@pytest.mark.usefixtures("heard")
def test_an_interrupt_while_they_are_started_ends_them(monkeypatch):
    start = ForkProcess.start

    def interrupting(process: ForkProcess) -> None:
        start(process)
        signal.raise_signal(signal.SIGINT)  # in this thread: a runner of tests may have others

    monkeypatch.setattr(ForkProcess, "start", interrupting)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(each_done(lambda _item: time.sleep(0.1), range(200), 2))
    assert multiprocessing.active_children() == [] and time.monotonic() - began < 5


def test_what_was_withdrawn_meanwhile_is_no_error(claim, tmp_path, monkeypatch):
    listed = list(exporting.every_file())
    gone = next(file for file in listed if file.path == CLAIM)
    monkeypatch.setattr(exporting, "every_file", lambda: iter([*listed, exporting.File("gone.html", "x", missing)]))
    assert export(tmp_path, processes=2).removed == 1
    assert (tmp_path / gone.path).exists() and not (tmp_path / "gone.html").exists()


def missing() -> tuple[str, bytes]:
    raise exporting.Http404


def test_whoever_stops_asking_stops_them(tmp_path):
    def work(item: int) -> int:
        (tmp_path / str(item)).touch()
        time.sleep(0.05)
        return item

    begun = each_done(work, range(200), 2)
    next(begun)
    begun.close()
    done = len(list(tmp_path.iterdir()))
    time.sleep(0.3)
    assert done == len(list(tmp_path.iterdir())) < 20


def test_processes_must_be_some():
    for value in ("0", "-1", "x", "257", "²"):
        with pytest.raises(CommandError, match="is no number from 1 to 256"):
            call_command("export_site", "site", f"--processes={value}")


@pytest.mark.slow
def test_they_end_with_the_one_that_began(tmp_path):
    """Killed, it can tell nobody."""
    code = """
import sys, time
from pathlib import Path
from factcheck.public.processes import each_done
def work(item):
    (Path(sys.argv[1]) / str(item)).touch()
    time.sleep(0.02)
for _done in each_done(work, range(100_000), 3): pass
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=settings.BASE_DIR)
    while len(list(tmp_path.iterdir())) < 20:
        time.sleep(0.05)
    process.kill()
    process.wait()
    time.sleep(1)
    done = len(list(tmp_path.iterdir()))
    time.sleep(1)
    assert len(list(tmp_path.iterdir())) == done
