"""YAML and JSON as one kind of tree, every part with its line.

Neither parser of the format libraries is asked what a value means: text, integers, true, false and null are all there
is. A date, a fraction or a bare `no` stays the text that it is, until a field reads it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.text import bad_characters

DEEPEST = 50
UNSEEN = gettext_lazy("Remove characters that cannot be seen: %(characters)s.")
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
WORDS |= dict.fromkeys(["null", "Null", "NULL", "~", ""])
# Text that never ends is a token too: what is wrong with it is said by json.
JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[][{}]|[^][{}",:\s]+|\n', re.DOTALL)
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Node:
    """A scalar, a list of nodes, or a mapping of names to nodes."""

    value: Any
    line: int

    @property
    def plain(self) -> Any:
        if isinstance(self.value, list):
            return [node.plain for node in self.value]
        if isinstance(self.value, dict):
            return {name: node.plain for name, node in self.value.items()}
        return self.value


@dataclass(frozen=True)
class Part:
    """One step through a text: "[" or "{", the "end" of either, or a scalar."""

    kind: str
    line: int
    value: Any = None


class Unreadable(Exception):
    def __init__(self, line: int, message: str, **names: Any) -> None:
        self.line, self.message = line, str(message) % names if names else str(message)
        super().__init__(self.message)


def shallow(parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts, refused before anything is built of them when they are nested too deeply."""
    depth = 0
    for part in parts:
        depth += {"[": 1, "{": 1, "end": -1}.get(part.kind, 0)
        if depth > DEEPEST:
            raise Unreadable(part.line, _("Nested more than %(levels)s deep."), levels=DEEPEST)
        yield part


def yaml_tree(text: str) -> Node | None:
    try:
        return tree(shallow(yaml_parts(text)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line + 1, len(text.splitlines())) if mark else 0
        said = ", ".join(filter(None, (error.context, error.problem)))
        raise Unreadable(line, _("This is not YAML: %(reason)s."), reason=said) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise Unreadable(0, _("This is not YAML: %(reason)s."), reason=" ".join(str(error).split())) from error


def yaml_parts(text: str) -> Iterator[Part]:
    documents = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(
                line, _("YAML aliases are not taken: write out what *%(name)s stands for."), name=event.anchor
            )
        if isinstance(event, yaml.NodeEvent):
            if event.anchor is not None:
                raise Unreadable(line, _("YAML anchors are not taken: remove &%(name)s."), name=event.anchor)
            if event.tag is not None:
                raise Unreadable(line, _("YAML tags are not taken: remove %(name)s."), name=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            yield Part("scalar", line, resolve(event.value) if event.implicit[0] else event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            yield Part("[", line)
        elif isinstance(event, yaml.MappingStartEvent):
            yield Part("{", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            yield Part("end", line)
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Unreadable(line, _("A second YAML document begins here: a file is one list."))


def resolve(text: str) -> Any:
    if text in WORDS:
        return WORDS[text]
    return int(text) if INTEGER.fullmatch(text) else text


def json_tree(text: str) -> Node | None:
    for _part in shallow(json_parts(text, read=False)):
        pass
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(
            error.lineno, _("This is not JSON: %(reason)s, column %(column)s."), reason=error.msg, column=error.colno
        ) from error
    return tree(json_parts(text, read=True))


def refuse_constant(name: str) -> None:
    raise Unreadable(0, _("This is not JSON: %(name)s is no number."), name=name)


def json_parts(text: str, *, read: bool) -> Iterator[Part]:
    line = 1
    for word in map(re.Match.group, JSON_TOKEN.finditer(text)):
        if word == "\n":
            line += 1
        elif word in "[{":
            yield Part(word, line)
        elif word in "]}":
            yield Part("end", line)
        elif not read:
            line += word.count("\n")
        else:
            yield Part("scalar", line, json.loads(word) if word.startswith('"') else resolve(word))


def tree(parts: Iterator[Part]) -> Node | None:
    first = next(parts, None)
    if first is None:
        return None
    root = node(first, parts)
    for _rest in parts:
        pass
    return root


def node(part: Part, parts: Iterator[Part]) -> Node:
    if part.kind == "[":
        return Node([node(each, parts) for each in until_end(parts)], part.line)
    if part.kind == "{":
        return Node(mapping(parts), part.line)
    if isinstance(part.value, str) and (found := bad_characters(part.value)):
        raise Unreadable(part.line, UNSEEN, characters=", ".join(found))
    return Node(part.value, part.line)


def until_end(parts: Iterator[Part]) -> Iterator[Part]:
    for part in parts:
        if part.kind == "end":
            return
        yield part


def mapping(parts: Iterator[Part]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for part in until_end(parts):
        key = node(part, parts)
        if not isinstance(key.value, str):
            raise Unreadable(key.line, _("A name before a colon must be text."))
        if key.value == "<<":
            raise Unreadable(key.line, _("YAML merge keys are not taken: write the fields out."))
        if key.value in found:
            raise Unreadable(key.line, _("“%(name)s” stands here twice."), name=key.value)
        value = node(next(parts), parts)
        found[key.value] = Node(value.value, key.line)
    return found
