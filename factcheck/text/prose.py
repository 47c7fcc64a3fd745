from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark", {"html": False})


class Link(NamedTuple):
    words: str
    address: str


def prose(markdown: str, *, addressed: Collection[Link] = ()) -> str:
    """The words of a Markdown text as a reader sees them, one block a line: no marks, and no addresses of links but of
    those that are to have theirs behind them."""
    return "\n".join("".join(_told(piece, addressed) for piece in block) for block in _blocks(markdown))


def links(markdown: str) -> list[Link]:
    return [piece for block in _blocks(markdown) for piece in block if piece.address]


def _told(piece: Link, addressed: Collection[Link]) -> str:
    return f"{piece.words} ({piece.address})" if piece in addressed else piece.words


@lru_cache(maxsize=4)  # two texts that are compared are each read for their links and for their words
def _blocks(markdown: str) -> list[list[Link]]:
    """Each block in pieces: each link as one, and what stands around them without an address."""
    blocks = []
    for token in _parser.parse(markdown):
        if token.type == "inline":
            blocks.append(list(_pieces(token)))
        elif token.type in {"fence", "code_block"}:
            blocks.append([Link(token.content, "")])
    return blocks


def _pieces(inline: Token) -> Iterator[Link]:
    words, address = "", ""
    for token in inline.children or []:
        if token.type in {"link_open", "link_close"}:
            yield Link(words, address)
            words, address = "", str(token.attrs.get("href", ""))
        else:
            words += " " if token.type in {"softbreak", "hardbreak"} else token.content
    yield Link(words, address)
