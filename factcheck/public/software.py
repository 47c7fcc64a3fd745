"""All that makes pages out of editions, told by one digest: a page that other software made is another page."""

from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path

from django.conf import settings

from factcheck.page import card

LIBRARIES = ["django", "markdown-it-py", "nh3", "rapidfuzz"]
DRAWING = ["pillow", "font-source-serif-pro"]
KINDS = {".py", ".html", ".xml", ".txt", ".mo"}


def software() -> str:
    """In development files change while it runs: there they are read for each request."""
    return read() if settings.DEBUG else read_once()


def read() -> str:
    digest = blake2b(digest_size=16)
    for library in [*LIBRARIES, *(DRAWING if card.is_possible() else [])]:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    for folder in [Path(__file__).parent.parent, *map(Path, settings.TEMPLATES[0]["DIRS"])]:
        for file in sorted(folder.rglob("*")):
            if file.suffix in KINDS:
                content = file.read_bytes()
                digest.update(f"{file.relative_to(folder)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


read_once = cache(read)
