"""A real Chromium, which CHROMIUM names, against the product as it is served; what its console says fails the test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".ci/node_modules/axe-core/axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def lacking(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(f"{what}; `bash .ci/run` does it all")


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the driver keeps a loop of its own in this thread
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright is not installed: `uv sync --group browser`")
    if not (path := os.environ.get("CHROMIUM")):
        lacking("CHROMIUM is not set: it names the browser, such as /usr/bin/chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


Open = Callable[..., "Page"]


@pytest.fixture
def open_page(chromium: "Browser", committing: None, live_server: object) -> Iterator[Open]:
    """A page of a browser of its own, logged in as somebody; the password is the name."""
    said, contexts = [], []

    def open_one(name: str = "", *, width: int = 1280, scheme: str = "light", **options: object) -> "Page":
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=live_server.url, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
        if name:
            page.goto("/admin/login/")
            page.fill("[name=username]", name)
            page.fill("[name=password]", name)
            page.click("[type=submit]")
            page.wait_for_url("**/admin/")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == [], "the console is silent"


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        lacking("axe-core is not installed: `npm install --prefix .ci --no-save axe-core`")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def violations(axe: str) -> Callable[["Page"], list[str]]:
    """What keeps people from using this page, by axe-core. It needs a page that was opened with `bypass_csp`."""

    def found(page: "Page") -> list[str]:
        page.evaluate(axe)
        results = page.evaluate("axe.run()")
        return [
            f"{page.url}: {each['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
            for each in results["violations"]
            for node in each["nodes"]
        ]

    return found
