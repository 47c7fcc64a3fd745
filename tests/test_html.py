"""Pages are valid HTML, by the Nu Html Checker, whose jar VNU_JAR names."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from factcheck.models import Claim, User

from .desk_forms import opened
from .newsroom import make_claim, make_people, make_story, publish, writing
from .pages import PUBLIC, REFUSED, desk_pages, tell_the_story

pytestmark = pytest.mark.html

GOOD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Death toll</title></head>
<body><h1>Death toll</h1><p>At least three.</p></body></html>"""


def checker() -> str:
    if jar := os.environ.get("VNU_JAR"):
        return jar
    if os.environ.get("CI") == "true":
        pytest.fail("VNU_JAR is not set: it names the jar of the Nu Html Checker")
    pytest.skip("VNU_JAR is not set: `npm install vnu-jar` has the jar, `bash .ci/run` does it all")


def file_name(number: int, name: str) -> str:
    return f"{number:04}{'.css' if name.endswith('.css') else '.html'}"


def validate(pages: dict[str, str]) -> list[str]:
    """What is wrong with the pages (a name, as a path or .css file, to its text); warnings count. One run for all."""
    jar = checker()
    names = {file_name(number, name): name for number, name in enumerate(pages)}
    with tempfile.TemporaryDirectory(prefix="factcheck-html-") as folder:
        for file, name in names.items():
            Path(folder, file).write_text(pages[name], encoding="utf-8")
        options = ["--format", "json", "--stdout", "--exit-zero-always", "--skip-info-messages", "--no-langdetect"]
        command = ["java", "-jar", jar, *options, "--also-check-css", folder]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    return [told(message, names) for message in json.loads(answer.stdout)["messages"] if not is_behind(message)]


def is_behind(message: dict) -> bool:
    """The checker's CSS is older than SVG 2, which has this property."""
    return message["message"] == "CSS: “paint-order”: Property “paint-order” doesn't exist."


def told(message: dict, names: dict[str, str]) -> str:
    name = names.get(message.get("url", "").rpartition("/")[2], "the checker")
    kind = message.get("subType", message["type"])
    return f"{name}, line {message.get('lastLine', '?')}, {kind}: {message['message']} … {message.get('extract', '')!r}"


def test_a_good_page_passes() -> None:
    assert validate({"/": GOOD, "/claims/death-toll/": GOOD}) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (GOOD.replace("<p>", '<img src="map.png"><p>'), "“alt” attribute"),
        (GOOD.replace("<title>Death toll</title>", ""), "“title”"),
        (GOOD.replace("<h1>", '<h1 id="a">x</h1><h1 id="a">'), "Duplicate ID"),
        (GOOD.replace("<p>", "<p><div>no</div>"), "end tag"),
        (GOOD.replace("<!DOCTYPE html>", ""), "doctype"),
    ],
)
def test_a_bad_page_is_reported_under_its_name(wrong: str, words: str) -> None:
    messages = validate({"/": GOOD, "/claims/death-toll/": wrong})
    assert any(words in message for message in messages), messages
    assert all(message.startswith("/claims/death-toll/, line ") for message in messages)


def test_a_warning_is_reported() -> None:
    assert "warning" in "".join(validate({"/": GOOD.replace(' lang="en"', "")}))


def test_a_bad_style_sheet_is_reported_and_a_good_one_passes() -> None:
    good = "body { color: light-dark(#111, #eee); & a { text-decoration: underline } }"
    assert validate({"site.css": good}) == []
    assert "site.css" in "".join(validate({"site.css": "body { colour: red }"}))


# Every kind of page.


@pytest.fixture
def story(db):
    return tell_the_story()


def rendered(client, paths: list[str]) -> dict[str, str]:
    return {path: client.get(path).content.decode() for path in paths}


def test_public_pages(client, story) -> None:
    style = (settings.BASE_DIR / "factcheck/static/factcheck/public.css").read_text(encoding="utf-8")
    refused = {"refused": client.post("/claims/death-toll/report-an-error/", {"contact": "x"}).content.decode()}
    assert "\n".join(validate(rendered(client, PUBLIC + REFUSED) | refused | {"public.css": style})) == ""


def test_what_is_withdrawn_moved_or_long(client, db, monkeypatch) -> None:
    monkeypatch.setattr("factcheck.public.stories.CLAIMS", 1)
    alice = make_people().alice
    moved = make_claim(author=alice, explanation="**3** is the [count](https://example.org/).")
    publish(moved)
    with writing():
        moved.story = make_story("other", title="Another story")
        moved.save()
        moved.verdict.explanation = "3 is the [count](https://example.org/other)."
        moved.verdict.save()
    publish(moved, kind="update", note="It belongs there.")
    publish(make_claim("dam", author=alice, story=moved.story))
    publish(moved, kind="withdrawal", note="It was another town.")
    paths = ["/stories/flood/", "/stories/other/", "/stories/other/page/2/", "/claims/death-toll/"]
    paths += [f"/claims/death-toll/editions/{number}/" for number in (1, 2, 3)]
    pages = rendered(client, paths)
    assert "now in" in pages["/stories/flood/"] and "This page said:" in pages["/claims/death-toll/"]
    assert "\n".join(validate(pages)) == ""


def test_desk_pages(client, story) -> None:
    client.force_login(story.erin)
    style = (settings.BASE_DIR / "factcheck/static/factcheck/desk.css").read_text(encoding="utf-8")
    assert "\n".join(validate(rendered(client, desk_pages()) | {"desk.css": style})) == ""
    client.logout()
    assert validate(rendered(client, [reverse("admin:login")])) == []


def test_where_two_editors_meet(client, story) -> None:
    claim = Claim.objects.get(slug="exchanged-officer")
    change, delete = (reverse(f"admin:factcheck_claim_{each}", args=[claim.pk]) for each in ("change", "delete"))
    client.force_login(story.alice)
    mine = opened(client, change, "claim_form") | {"statement": "Mine.", "reports-0-quote": "Mine."}
    client.force_login(story.erin)
    theirs = {"statement": "Theirs.", "label": "Theirs", "verdict-0-summary": "Theirs.", "reports-0-DELETE": "on"}
    assert client.post(change, opened(client, change, "claim_form") | theirs).status_code == 302
    client.force_login(story.alice)
    pages = {"they meet": client.post(change, mine).content.decode()}
    assert "You both changed: statement" in pages["they meet"] and "Bring it back" in pages["they meet"]
    root = User.objects.create_superuser("root")
    root.take_role("editor")
    client.force_login(root)
    pages["the question"] = client.get(delete).content.decode()
    asked = opened(client, delete, "delete_form") | {"reason": "Twice the same"}
    assert client.post(delete, asked).status_code == 302 and not Claim.objects.filter(pk=claim.pk).exists()
    pages["it is gone"] = client.post(change, mine).content.decode()
    assert "What you typed is here" in pages["it is gone"]
    assert "\n".join(validate(pages)) == ""
