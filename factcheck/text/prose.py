from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False})


def prose(markdown: str) -> str:
    """The words of a Markdown text as a reader sees them, one block a line: no marks, and no addresses of links."""
    blocks = []
    for token in _parser.parse(markdown):
        if token.type == "inline":
            parts = (" " if part.type in {"softbreak", "hardbreak"} else part.content for part in token.children or [])
            blocks.append("".join(parts))
        elif token.type in {"fence", "code_block"}:
            blocks.append(token.content)
    return "\n".join(blocks)
