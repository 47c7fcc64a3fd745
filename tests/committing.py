"""For tests whose transactions really commit, as constraint triggers and other connections need."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command

from factcheck.history import guard


@pytest.fixture
def committing(transactional_db: None) -> Iterator[None]:
    """Every commit is one. The one place that takes the guard down: append-only tables refuse to be emptied.

    The flush that follows the test ends like a migrate, which puts the guard back.
    """
    yield
    guard.take_down()


@contextmanager
def emptied() -> Iterator[None]:
    """The same for many tests that share one database: it is emptied once, after the last."""
    yield
    guard.take_down()
    call_command("flush", interactive=False, verbosity=0)
