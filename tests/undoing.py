"""For many tests that share one scene: it is made once, never committed, and each test is undone."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is there until the end. For fixtures: one of a module, and one of a test in it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
