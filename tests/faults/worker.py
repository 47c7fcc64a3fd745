"""The process that is killed: `python -m tests.faults.worker ACT ARGUMENT`.

It says "ready", waits for a line, says "commit" before it commits, and "done".
"""

import os
import sys
from collections.abc import Callable

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.contrib.auth import user_logged_in
from django.contrib.auth.models import update_last_login
from django.core.management import call_command
from django.db import connection
from django.test import Client

from factcheck.models import Claim, User
from tests.test_desk import at_desk, change_url, fields, move_url

Act = Callable[[], None]


def save(key: str) -> Act:
    """The claim, its verdict and a report, in one form."""
    claim, client = Claim.objects.get(pk=key), at_desk(User.objects.get(username="alice"))
    typed = {"statement": "Other words.", "verdict-0-summary": "Another finding.", "reports-0-low": "5"}
    return posting(client, change_url(claim), fields(client, claim) | typed | {"reason": "Because"})


def publish(key: str) -> Act:
    claim, client = Claim.objects.get(pk=key), at_desk(User.objects.get(username="erin"))
    return posting(client, move_url(claim, "publish"), {"opened": str(claim.revision), "reason": "Because"})


def posting(client: Client, url: str, form: dict[str, str]) -> Act:
    def post() -> None:
        assert client.post(url, form).status_code == 302

    return post


def bring(path: str) -> Act:
    return lambda: call_command("import_fixtures", path, user="erin", with_editions=True)


ACTS = {"save": save, "publish": publish, "import": bring}


def say(word: str) -> None:
    print(word, flush=True)


def main(name: str, argument: str) -> None:
    user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")  # which is no part of the act
    act = ACTS[name](argument)
    commit = connection._commit

    def announced() -> None:
        say("commit")
        commit()

    connection.ensure_connection()
    connection._commit = announced
    say("ready")
    sys.stdin.readline()
    act()
    say("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
