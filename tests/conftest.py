from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import connection

from factcheck.models import Claim

from .committing import committing
from .newsroom import make_claim, make_people

__all__ = ["committing"]

# Modules that go through every case there is: but for their `test_it_works`, they run with `-m slow`.
EXHAUSTIVE = {
    "test_audit",
    "test_bypass",
    "test_bypass_races",
    "test_concurrency",
    "test_desk_input",
    "test_desk_queues",
    "test_desk_restore",
    "test_desk_stale",
    "test_export",
    "test_faults",
    "test_new_source",
    "test_search_corpus",
    "test_serving",
}
# And single tests of the kind, where the rest of the module is quick.
EXHAUSTIVE_TESTS = {
    "test_cell",
    "test_exit_code_without_traceback",
    "test_headers",
    "test_one_thing_wrong",
    "test_one_thing_wrong_in_a_story",
    "test_only_reading",
    "test_query_budgets",
}


@pytest.fixture
def people(db: None) -> SimpleNamespace:
    return make_people()


@pytest.fixture
def claim(people: SimpleNamespace) -> Claim:
    """A draft."""
    return make_claim(author=people.alice)


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = getattr(item, "originalname", item.name)
        is_case = item.module.__name__.rpartition(".")[2] in EXHAUSTIVE and name != "test_it_works"
        if is_case or name in EXHAUSTIVE_TESTS:
            item.add_marker(pytest.mark.slow)
    # Each worker collects for itself: a name made of the clock differs between them when a minute ends, and none runs.
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    if clocked := [item.nodeid for item in items if today in item.nodeid]:
        raise pytest.UsageError(f"named by the clock: {', '.join(clocked[:3])}. Write the moment out.")
