import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
import psycopg
import pytest

from tests import postgres

needs_server = pytest.mark.skipif(
    postgres.binaries() is None and os.environ.get("CI") != "true", reason=postgres.MISSING
)


def folder_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).netloc.partition("@")[2]))


def server_pid(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def assert_gone(folder: Path, pid: int) -> None:
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.fixture
def process() -> Iterator[subprocess.Popen]:
    """The helper running a command that prints its DATABASE_URL and then waits for ever."""
    script = "import os, time; print(os.environ['DATABASE_URL'], flush=True); time.sleep(3600)"
    command = [sys.executable, "-m", "tests.postgres", sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as started:
        yield started
        started.kill()


@pytest.mark.slow
@needs_server
def test_it_works() -> None:
    with postgres.cluster() as url:
        folder, pid = folder_of(url), server_pid(folder_of(url))
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert_gone(folder, pid)


@pytest.mark.slow
@needs_server
def test_everything_is_gone_after_an_error() -> None:
    with pytest.raises(LookupError), postgres.cluster() as url:
        folder, pid = folder_of(url), server_pid(folder_of(url))
        raise LookupError
    assert_gone(folder, pid)


@pytest.mark.slow
@needs_server
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_everything_is_gone_after_a_signal(process: subprocess.Popen, number: signal.Signals) -> None:
    folder = folder_of(process.stdout.readline().strip())
    pid = server_pid(folder)
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert_gone(folder, pid)


@pytest.mark.slow
@needs_server
def test_the_exit_code_is_the_command_s() -> None:
    assert postgres.main([sys.executable, "-c", "raise SystemExit(3)"]) == 3


@pytest.mark.parametrize(("ci", "code", "words"), [("", 0, "skipped on PostgreSQL"), ("true", 1, "apt-get install")])
def test_without_a_server_it_says_so_in_one_line(ci, code, words, monkeypatch, capsys) -> None:
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    monkeypatch.setenv("CI", ci)
    assert postgres.main(["true"]) == code
    printed = capsys.readouterr().out
    assert words in printed
    assert printed.count("\n") == 1


def test_the_url_is_understood_by_the_settings() -> None:
    parsed = dj_database_url.parse("postgres://factcheck@%2Fa%2FSocket_Folder/factcheck")
    assert (parsed["HOST"], parsed["USER"], parsed["NAME"]) == ("/a/Socket_Folder", "factcheck", "factcheck")
