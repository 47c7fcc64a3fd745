"""Somebody who reads a story, thinks, and saves it, while others do the same: in a thread, or a process of its own.

`python -m tests.racing STORY USERNAME ROUNDS` says when it is ready, begins at a line of input, and tells how it went.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def edit(story: int, username: str, name: str, rounds: int) -> dict[str, list[str]]:
    """Adds a mark a round to the summary; which were saved, and what was said of the others."""
    from factcheck.history import Door, StaleEdit, recording
    from factcheck.models import Story, User

    user = User.objects.get(username=username)
    done: dict[str, list[str]] = {"saved": [], "told": []}
    for number in range(rounds):
        read = Story.objects.get(pk=story)
        mark = f"{name}.{number}"
        read.summary += f" {mark}"
        time.sleep(random.random() / 100)
        try:
            with recording(user=user, reason=mark, via=Door.COMMAND):
                read.save()
        except StaleEdit as stale:
            done["told"].append(str(stale))
        else:
            done["saved"].append(mark)
    return done


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of so many threads answers; none begins before all are there."""
    from django.db import connections

    gate = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            gate.wait(timeout=30)
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


if __name__ == "__main__":
    import django

    django.setup()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(edit(int(sys.argv[1]), sys.argv[2], sys.argv[2], int(sys.argv[3]))))
