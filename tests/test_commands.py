"""`demo` and `people`: what they print, what they make, and what they refuse."""

import io
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from factcheck.history import Changeset, Door, recording
from factcheck.models import Claim, Edition, Publisher, Role, User


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


# demo


@pytest.mark.django_db
class TestDemo:
    def test_it_works(self):
        out = run("demo", "--no-serve")
        assert Claim.objects.count() >= 15
        assert Edition.objects.filter(number=2).count() >= 5
        for name, role in (("alice", "reporter"), ("bob", "reviewer"), ("erin", "editor"), ("victor", "viewer")):
            (line,) = [line for line in out.splitlines() if line.split()[:1] == [name]]
            user = User.objects.get(username=name)
            assert user.role == role
            assert user.check_password(line.split()[-1])
        assert set(Changeset.objects.values_list("via", flat=True)) == {Door.DEMO}
        for address in ("http://127.0.0.1:8000/", "/claims/death-toll/", "/admin/"):
            assert address in out

    def test_again_changes_nothing_but_passwords(self):
        first = run("demo", "--no-serve")
        before = [Changeset.objects.count(), Edition.objects.count(), User.objects.count()]
        second = run("demo", "--no-serve")
        assert "Everything was already there" in second
        assert [Changeset.objects.count(), Edition.objects.count(), User.objects.count()] == before
        old = next(line for line in first.splitlines() if line.split()[:1] == ["erin"]).split()[-1]
        assert not User.objects.get(username="erin").check_password(old)

    def test_a_newsrooms_data_is_refused(self):
        erin = User.objects.create(username="boss")
        with recording(user=erin, reason="Our own", via=Door.ADMIN):
            Publisher(name="Ours").save()
        with pytest.raises(CommandError, match="did not make"):
            run("demo", "--no-serve")
        assert User.objects.count() == 1

    def test_somebody_elses_accounts_are_refused(self):
        User.objects.create(username="boss")
        with pytest.raises(CommandError, match="did not make"):
            run("demo", "--no-serve")

    def test_an_account_that_the_demo_did_not_make_keeps_its_password(self):
        run("demo", "--no-serve")
        erin = User.objects.get(username="erin")
        erin.email = "erin@example.org"
        erin.set_password("her own")
        erin.save()
        with pytest.raises(CommandError, match="erin"):
            run("demo", "--no-serve")
        assert User.objects.get(username="erin").check_password("her own")

    def test_a_taken_port_is_said(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(CommandError, match="--port"):
                run("demo", "--port", str(taken.getsockname()[1]))


def manage(*args: str, **env: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, settings.BASE_DIR / "manage.py", *args]
    return subprocess.run(command, env=kept | env, capture_output=True, text=True, check=False)


def test_demo_refuses_another_programs_database(tmp_path):
    file = tmp_path / "other.sqlite3"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE secrets (id integer)")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    done = manage("demo", "--no-serve", DATABASE_URL=f"sqlite:///{file}")
    assert done.returncode == 1 and "did not make" in done.stderr and "Traceback" not in done.stderr
    assert file.read_bytes()[:16] == before[:16]
    assert sqlite3.connect(file).execute("SELECT name FROM sqlite_master").fetchall() == [("secrets",)]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "SECRET_KEY is not set"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'"),
        ({"SECRET_KEY": "x", "TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is 'Mars/Olympus'"),
        ({"SECRET_KEY": "x", "SITE_URL": "facts.example.org"}, "SITE_URL is 'facts.example.org'"),
        ({"SECRET_KEY": "x", "SITE_URL": "https://example.org/facts"}, "and no path"),
        ({"SECRET_KEY": "x", "SITE_URL": "https:///"}, "SITE_URL is 'https:'"),
        ({"SECRET_KEY": "x", "DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"SECRET_KEY": "x", "DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ],
)
def test_wrong_settings_name_their_variable(env, said):
    done = manage("check", **env)
    assert done.returncode != 0
    assert said in done.stderr and "Traceback" not in done.stderr


# people


@contextmanager
def refused(words: str):
    with pytest.raises(CommandError, match=words):
        yield


@pytest.mark.django_db
class TestPeople:
    def test_it_works(self):
        out = run("people", "add", "alice", "--role", "reporter", "--full-name", "Alice Martin")
        alice = User.objects.get()
        assert str(alice) == "Alice Martin" and alice.role == Role.REPORTER and alice.is_staff
        assert alice.check_password(out.split()[-1])

    def test_another_role_replaces_the_first(self):
        run("people", "add", "alice", "--role", "editor")
        password = User.objects.get().password
        assert "is viewer now" in run("people", "add", "alice", "--role", "viewer")
        alice = User.objects.get()
        assert alice.role == Role.VIEWER and alice.groups.count() == 1
        assert alice.password == password

    def test_list_and_deactivate(self):
        assert "Nobody yet" in run("people", "list")
        run("people", "add", "alice", "--role", "editor")
        run("people", "deactivate", "alice")
        assert "deactivated" in run("people", "list")
        assert User.objects.get().role is None

    def test_refusals(self):
        with refused("no account"):
            run("people", "deactivate", "nobody")
        with refused("username"):
            run("people", "add", "a b\x00", "--role", "editor")
        with refused("invalid choice"):
            run("people", "add", "alice", "--role", "king")
        assert not User.objects.exists()

    def test_a_name_that_readers_could_not_read(self):
        with refused("Remove characters"):
            run("people", "add", "z", "--role", "editor", "--full-name", "ab\u202ecd")
        assert not User.objects.exists()


@pytest.mark.parametrize("port", ["99999", "-1", "0", "x"])
def test_demo_takes_only_a_port(port):
    done = manage("demo", "--no-serve", f"--port={port}")
    assert done.returncode == 2 and "1 to 65535" in done.stderr and "Traceback" not in done.stderr


def test_demo_says_that_a_database_cannot_be_used(tmp_path):
    (tmp_path / "notes.sqlite3").write_text("no database at all, but long enough to be looked into " * 40)
    done = manage("demo", "--no-serve", DATABASE_URL=f"sqlite:///{tmp_path / 'notes.sqlite3'}")
    assert done.returncode == 1 and "DATABASE_URL" in done.stderr and "Traceback" not in done.stderr
