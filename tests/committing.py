"""For tests whose transactions really commit, as constraint triggers and other connections need."""

from collections.abc import Iterator

import pytest

from factcheck.history import guard


@pytest.fixture
def committing(transactional_db: None) -> Iterator[None]:
    """Every commit is one. The one place that takes the guard down: append-only tables refuse to be emptied.

    The flush that follows the test ends like a migrate, which puts the guard back.
    """
    yield
    guard.take_down()
