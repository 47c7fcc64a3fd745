"""Files to entries: what each says, and on which lines. Nothing here knows the database."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .problems import Problem
from .trees import UNSEEN, Node, Unreadable, json_tree, yaml_tree

LARGEST = 20 * 1024 * 1024
READERS = {".yaml": yaml_tree, ".yml": yaml_tree, ".json": json_tree}
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    model: str
    fields: dict[str, Any]
    file: str
    line: int
    lines: dict[str, int]

    def problem(self, message: str, field: str = "") -> Problem:
        return Problem(self.file, self.lines.get(field, self.line), message)


def read(path: Path) -> tuple[list[Entry], list[Problem]]:
    """The entries of a file in order, and what is wrong with its form."""
    name = str(path)
    try:
        root = READERS[path.suffix.lower()](_text(path)) if _is_ours(path) else None
    except Unreadable as error:
        return [], [Problem(name, error.line, error.message)]
    if root is None or root.value is None:
        return [], [Problem(name, 0, _("This file is empty."))]
    if not isinstance(root.value, list):
        return [], [Problem(name, root.line, _("A file is one list of entries, each with “model” and “fields”."))]
    entries, problems = [], []
    for node in root.value:
        found = _entry(node, name)
        if isinstance(found, Entry):
            entries.append(found)
        else:
            problems += [Problem(name, line, message) for line, message in found]
    if not root.value:
        problems.append(Problem(name, 0, _("This file is empty.")))
    return entries, problems


def _is_ours(path: Path) -> bool:
    if path.is_dir():
        raise Unreadable(0, _("This is a directory: name the files in it."))
    if path.suffix.lower() not in READERS:
        raise Unreadable(0, _("Only %(kinds)s files can be imported."), kinds=", ".join(READERS))
    return True


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            if path.stat().st_size > LARGEST:
                raise Unreadable(0, _("This file is larger than %(size)s MB."), size=LARGEST // 1024 // 1024)
            data = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise Unreadable(0, _("There is no such file.")) from error
    except OSError as error:
        raise Unreadable(0, _("This file cannot be read: %(reason)s."), reason=error.strerror) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, _("This is not UTF-8: byte %(byte)s."), byte=f"{data[error.start]:#04x}") from error
    if bad := UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise Unreadable(line, UNSEEN, characters=f"U+{ord(bad.group()):04X}")
    return text


def _entry(node: Node, file: str) -> Entry | list[tuple[int, str]]:
    if not isinstance(node.value, dict):
        return [(node.line, _("An entry has “model” and “fields”."))]
    found, wrong = node.value, []
    for name in found.keys() - {"model", "fields"}:
        if name == "pk":
            text = _("Remove “pk”: objects are known by their natural keys, never by a number of some database.")
        else:
            text = _("“%(name)s” is no part of an entry: it has “model” and “fields”.") % {"name": name}
        wrong.append((found[name].line, text))
    model, fields = found.get("model"), found.get("fields")
    if model is None or not isinstance(model.value, str):
        wrong.append((model.line if model else node.line, _("Say which model this is: “model: factcheck.claim”.")))
    if fields is None or not isinstance(fields.value, dict):
        wrong.append((fields.line if fields else node.line, _("Give the fields, each as “name: value”.")))
    if wrong:
        return sorted(wrong)
    lines = {name: each.line for name, each in fields.value.items()}
    return Entry(model.value, fields.plain, file, node.line, lines)
