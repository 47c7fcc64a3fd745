"""A desk form as a browser would send it back: read from the page, so that its hidden tokens are the real ones."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Fields(HTMLParser):
    def __init__(self, form_id: str | None) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.data: dict[str, str] = {}
        self.open: str | None = None
        self.kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside:
            return
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") != "submit":
            self._input(name, given)
        elif tag in ("textarea", "select"):
            self.open, self.kind = name, tag
            self.data[name] = ""
        elif tag == "option" and self.open and "selected" in given:
            self.data[self.open] = given.get("value") or ""

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        if given.get("type") not in ("checkbox", "radio"):
            self.data[name] = given.get("value") or ""
        elif "checked" in given:
            self.data[name] = given.get("value") or "on"

    def handle_data(self, data: str) -> None:
        if self.inside and self.open and self.kind == "textarea":
            self.data[self.open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if self.inside and self.open and self.kind == "textarea" and tag == "textarea":
            # HTML drops the line break that a textarea begins with.
            text = self.data[self.open].removeprefix("\n")
            self.data[self.open] = text.replace("\r\n", "\n").replace("\n", "\r\n")
        if tag == self.kind:
            self.open = None


def read_form(html: str, form_id: str | None) -> dict[str, str]:
    fields = _Fields(form_id)
    fields.feed(html)
    return {name: value for name, value in fields.data.items() if "__prefix__" not in name}


def opened(client: Client, url: str, form_id: str) -> dict[str, str]:
    return read_form(client.get(url).content.decode(), form_id)


def errors(response: Any) -> str:
    """All that a refused form says, in one text."""
    context = response.context_data
    found = [str(context["adminform"].form.errors)] if "adminform" in context else []
    for inline in context.get("inline_admin_formsets", []):
        found += [str(inline.formset.errors), str(inline.formset.non_form_errors())]
    return " ".join(found)
