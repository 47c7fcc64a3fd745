"""What an HTML page or a PDF says. A program of its own, for both come from outsiders, and either can be made to take
minutes and all the memory there is: who runs it gives it a time, and it gives itself a size.

`python extracting.py html|pdf` reads the document from standard input and answers in JSON: its words, or why not.
"""

import io
import json
import sys
from collections.abc import Callable
from contextlib import suppress

MOST_MEMORY = 1024**3
MOST_PAGES = 500
MOST_CHARACTERS = 5_000_000

Answer = dict[str, str]


def html(content: bytes) -> Answer:
    """Of a page in UTF-8: the article, under its title."""
    import trafilatura

    page = content.decode()
    found = trafilatura.bare_extraction(page, include_comments=False, include_tables=True, with_metadata=True)
    text = (found and found.text) or ""
    if not text.strip():
        return {"why": "no article"}
    title = (found.title or "").strip()
    return {"words": text if not title or text.lstrip().startswith(title) else f"{title}\n\n{text}"}


def pdf(content: bytes) -> Answer:
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"why": "encrypted"}
        if len(reader.pages) > MOST_PAGES:
            return {"why": "too many pages"}
        text = "\n\n".join(page.extract_text() for page in reader.pages)
    except pypdf.errors.DependencyError:  # a cipher that takes one more package
        return {"why": "encrypted"}
    return {"words": text} if text.strip() else {"why": "pictures"}


READERS: dict[str, Callable[[bytes], Answer]] = {"html": html, "pdf": pdf}


def read(kind: str, content: bytes) -> Answer:
    try:
        answer = READERS[kind](content)
    except Exception:  # a damaged document breaks a reader in any way it likes
        return {"why": "damaged"}
    return answer if len(answer.get("words", "")) <= MOST_CHARACTERS else {"why": "too long"}


def limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with suppress(ValueError, OSError):  # a system that has no such limit, or a lower one
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    limit_memory()
    json.dump(read(sys.argv[1], sys.stdin.buffer.read()), sys.stdout)
