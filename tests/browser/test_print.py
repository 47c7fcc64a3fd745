"""A verdict page on paper."""

import io

import pytest

from ..pages import tell_the_story
from .conftest import Open

pytestmark = pytest.mark.browser

HEADS = (
    "Reported",
    "How this was reported",
    "How we know",
    "What we checked",
    "Evidence",
    "For the claim",
    "What changed",
)
MOVE_DOWN = """height => {
  const space = document.getElementById("space") ?? document.querySelector(".reported").previousElementSibling
    .insertAdjacentElement("afterend", Object.assign(document.createElement("div"), {id: "space"}));
  space.style.height = `${height}px`;
}"""


def test_nothing_that_leads_on_stands_alone_at_the_foot_of_a_page(open_page: Open) -> None:
    pypdf = pytest.importorskip("pypdf")
    tell_the_story()
    page = open_page()
    page.goto("/claims/death-toll/")
    for height in range(0, 900, 75):  # pixels, so that each head comes to stand at a foot
        page.evaluate(MOVE_DOWN, height)
        printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        feet = [[line for line in sheet.extract_text().splitlines() if line.strip()][-1:] for sheet in printed[:-1]]
        assert [foot for foot in feet if foot and foot[0].startswith(HEADS)] == [], height
