"""What a document says: HTML, PDF or plain text, as bytes, becomes its words, or a sentence says why not."""

import codecs
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.text import visible

from . import extracting

HTML, PDF, TEXT = "text/html", "application/pdf", "text/plain"
KINDS = {HTML: HTML, "application/xhtml+xml": HTML, PDF: PDF, TEXT: TEXT}
ENDINGS = {".html": HTML, ".htm": HTML, ".xhtml": HTML, ".pdf": PDF, ".txt": TEXT, ".text": TEXT}
MOST_BYTES = 10 * 1024 * 1024
MOST_HTML_BYTES = 4 * 1024 * 1024
MOST_SECONDS = 15
READERS = {HTML: ("trafilatura", "html"), PDF: ("pypdf", "pdf")}
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "SYSTEMROOT")  # to what reads them, and none of our secrets
# A web server may have Python inside, and be the executable itself.
PYTHON = python if (python := Path(sys.prefix, "bin", "python3")).exists() else Path(sys.executable)
WHY = {
    "no article": gettext_lazy("No article was found in this page: copy its text and paste it."),
    "encrypted": gettext_lazy("This PDF is encrypted: save it without its password, or paste its text."),
    "too many pages": gettext_lazy("This PDF has too many pages: paste the part that matters."),
    "too long": gettext_lazy("It is too long: paste the part that matters."),
    "pictures": gettext_lazy("This PDF has pictures of pages and no text: type what it says, and paste that."),
    "damaged": gettext_lazy("It is damaged, or made to break what reads it: paste its text."),
}

MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{1,40})""", re.IGNORECASE)
LOOKED_THROUGH = 4096  # bytes in which a page says its encoding
# Those that web pages use, by the names Python has for them; Latin-1 is read as every browser reads it.
ENCODINGS = {
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "cp866", "cp874", "mac-roman", "mac-cyrillic"),
    *("big5", "big5hkscs", "gb2312", "gbk", "gb18030", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949"),
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{number}" for number in range(2, 17) if number != 12),
}
AS_BROWSERS_READ = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874"}


class Unreadable(Exception):
    """Its text is a sentence for the person who brought the document."""


def missing() -> list[str]:
    """The packages of the extra “capture” that are not installed."""
    return [package for package, _reader in READERS.values() if not _is_there(package)]


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ValueError:
        return False


def kind_of(content: bytes, *, media_type: str = "", file_name: str = "") -> str:
    """Raises Unreadable for what is neither HTML nor PDF nor text."""
    if content.lstrip()[:5] == b"%PDF-":
        return PDF
    named = ENDINGS.get(Path(file_name).suffix.lower()) or KINDS.get(media_type.lower())
    if named is None:
        raise Unreadable(_("“%s” is neither HTML nor PDF nor plain text.") % (file_name or media_type or "?"))
    if named == PDF:
        raise Unreadable(_("This is no PDF, whatever its name says."))
    return named


def words_of(content: bytes, kind: str, *, charset: str = "") -> str:
    """What it says. `charset` is what the server said of it. Raises Unreadable."""
    if not content.strip():
        raise Unreadable(_("It is empty."))
    if len(content) > MOST_BYTES:
        raise Unreadable(too_large(len(content)))
    read = {HTML: _html, PDF: _pdf, TEXT: _plain}[kind]
    text = clean(read(content, charset))
    if not text:
        raise Unreadable(_("It holds no words."))
    return text


def too_large(size: int) -> str:
    said = {"size": f"{size / 2**20:.1f}", "most": MOST_BYTES // 2**20}
    return _("It has %(size)s MB; at most %(most)s are read.") % said


def clean(text: str) -> str:
    """As it is kept: one kind of line end, nothing that cannot be seen, no space at the ends of lines."""
    lines = [line.rstrip() for line in visible(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(content: bytes, charset: str) -> str:
    return decoded(content, [charset])


def _html(content: bytes, charset: str) -> str:
    if len(content) > MOST_HTML_BYTES:
        raise Unreadable(_("A page has at most %s MB: copy its text and paste it.") % (MOST_HTML_BYTES // 2**20))
    return _extracted(HTML, page_of(content, charset).encode())


def page_of(content: bytes, charset: str) -> str:
    meta = META.search(content[:LOOKED_THROUGH])
    said = meta[1].decode() if meta else ""
    # What could be read as ASCII up to here is not in UTF-16, whatever it says.
    page = decoded(content, [charset, "utf-8" if said.lower().startswith("utf-16") else said])
    if not re.search(r"<[a-zA-Z!]", page):
        raise Unreadable(_("This is no HTML: upload it as a .txt file, or paste it."))
    return page


def _pdf(content: bytes, charset: str) -> str:
    return _extracted(PDF, content)


def _extracted(kind: str, content: bytes) -> str:
    package, reader = READERS[kind]
    if not _is_there(package):
        text = _("This needs the package “%s”, of the extra “capture”, which is not installed: paste the text instead.")
        raise Unreadable(text % package)
    command = [str(PYTHON), "-P", extracting.__file__, reader]
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(command, input=content, capture_output=True, env=kept, timeout=MOST_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        text = _("It takes longer than %s seconds to read: paste the part that matters.")
        raise Unreadable(text % MOST_SECONDS) from error
    answer = json.loads(done.stdout) if done.returncode == 0 else {"why": "damaged"}
    if "why" in answer:
        raise Unreadable(str(WHY[answer["why"]]))
    return answer["words"]


def decoded(content: bytes, said: list[str]) -> str:
    """By its byte order mark, else by the first encoding that is said, else as UTF-8. Raises Unreadable."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    return _decoded(content, next((_encoding(name) for name in said if name), "utf-8"))


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        text = _("It is no text in %(encoding)s, from byte %(place)s on: save it as UTF-8, or paste it.")
        raise Unreadable(text % {"encoding": encoding.upper(), "place": f"{error.start:,}"}) from error
    if "\x00" in text:
        raise Unreadable(_("This is no text but some other kind of file."))
    return text


def _encoding(name: str) -> str:
    try:
        found = codecs.lookup(name.strip().strip("\"'")).name
    except (LookupError, ValueError):
        found = ""
    found = AS_BROWSERS_READ.get(found, found)
    if found not in ENCODINGS:
        text = _("It says that it is in “%s”, which is not known here: save it as UTF-8, or paste it.")
        raise Unreadable(text % name[:40])
    return found
