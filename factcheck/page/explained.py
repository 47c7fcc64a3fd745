"""An explanation as markup, each figure and wording of it that a report has linked to that report."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from django.utils.safestring import SafeString
from markdown_it.token import Token

from .attribution import attributed
from .safe import markdown

BREAKS = {"softbreak", "hardbreak"}
UNLINKED = {"link_open", "link_close", "code_inline", "image"}

Report = Mapping[str, Any]


def explained(source: str, reports: Sequence[Report]) -> SafeString:
    def linked(tokens: list[Token]) -> list[Token]:
        for before, token in pairwise(tokens):
            if token.type == "inline" and before.type != "heading_open":
                token.children = _linked(token.children or [], reports)
        return tokens

    return markdown(source, linked) if reports else markdown(source)


def _linked(tokens: Sequence[Token], reports: Sequence[Report]) -> list[Token]:
    """A paragraph is read as a whole, whatever is set in italics: what stands before a figure may turn it."""
    spans, end = {}, 0
    for part in attributed("".join(map(_words, tokens)), reports):
        start, end = end, end + len(part.text)
        if part.report:
            spans[start, end] = part.report
    found = list(_cut(tokens, {edge for span in spans for edge in span}))
    edges = list(accumulate(map(len, map(_words, found)), initial=0))
    first = {start: place for place, (start, end) in enumerate(pairwise(edges)) if start < end}
    last = {end: place for place, (start, end) in enumerate(pairwise(edges)) if start < end}
    for (start, end), report in reversed(spans.items()):
        if start in first and end in last and (whole := _whole(found, first[start], last[end])):
            link = Token("link_open", "a", 1, attrs={"href": f"#report-{report}"})
            found[whole] = [link, *found[whole], Token("link_close", "a", -1)]
    return found


def _words(token: Token) -> str:
    return "\n" if token.type in BREAKS else token.content


def _cut(tokens: Sequence[Token], edges: set[int]) -> Iterator[Token]:
    """With each text in parts that begin and end at the edges, and no empty ones."""
    at = 0
    for token in tokens:
        end = at + len(_words(token))
        if token.type == "text":
            places = sorted({at, end, *(edge for edge in edges if at < edge < end)})
            for one, other in pairwise(places):
                yield token.copy(content=token.content[one - at : other - at])
        else:
            yield token
        at = end


def _whole(tokens: Sequence[Token], first: int, last: int) -> slice | None:
    """Widened by the marks right around it until it has whole elements only; None where it cannot be a link."""
    while not _is_balanced(tokens[first : last + 1]):
        if first and tokens[first - 1].nesting == 1:
            first -= 1
        elif last + 1 < len(tokens) and tokens[last + 1].nesting == -1:
            last += 1
        else:
            return None
    is_in_link = sum(token.nesting for token in tokens[:first] if token.type in UNLINKED)
    has_link = any(token.type in UNLINKED for token in tokens[first : last + 1])
    return None if is_in_link or has_link else slice(first, last + 1)


def _is_balanced(tokens: Sequence[Token]) -> bool:
    depths = list(accumulate(token.nesting for token in tokens))
    return min(depths) >= 0 and depths[-1] == 0
