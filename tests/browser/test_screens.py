"""Every kind of page, as it is seen: nothing in anybody's way, nothing cut off, and nothing that the policy refuses."""

from typing import TYPE_CHECKING

import pytest

from ..pages import PUBLIC, desk_pages, tell_the_story
from .conftest import Open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from playwright.sync_api import Page

    Violations = Callable[[Page], list[str]]

pytestmark = pytest.mark.browser

SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


def visited(page: "Page", paths: "Iterable[str]") -> "Iterator[str]":
    for path in paths:
        page.goto(path)
        yield path


def overflow(page: "Page") -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_desk(open_page: Open, violations: "Violations", width: int, scheme: str) -> None:
    tell_the_story()
    page, wrong = open_page("erin", width=width, scheme=scheme, bypass_csp=True), []
    for path in visited(page, [*desk_pages(), "/admin/password_change/"]):
        wrong += violations(page)
        if over := overflow(page):
            wrong.append(f"{path}: {over} pixels too wide")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_what_readers_see(open_page: Open, violations: "Violations", width: int, scheme: str) -> None:
    tell_the_story()
    page, wrong = open_page(width=width, scheme=scheme, bypass_csp=True), []
    for path in visited(page, [*PUBLIC, "/admin/login/"]):
        wrong += violations(page)
        if over := overflow(page):
            wrong.append(f"{path}: {over} pixels too wide")
    assert "\n".join(wrong) == ""


def test_the_policy_refuses_nothing(open_page: Open) -> None:
    """What it refuses is said on the console, and that fails the test."""
    tell_the_story()
    desk, reader = open_page("erin"), open_page()
    assert list(visited(desk, desk_pages())) and list(visited(reader, PUBLIC))
