"""What documents say: HTML, PDF and text in many encodings, and each that says nothing."""

import codecs
import io
import sys
import time
from pathlib import Path

import pypdf
import pytest

from factcheck.intake import documents, extracting
from factcheck.intake.documents import HTML, PDF, TEXT, Unreadable, clean, kind_of, page_of, words_of

from .sites import article


def pdf(*pages: str) -> bytes:
    """One page for each text, as a program writes it; "" is a page that is a picture."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else "q 1 0 0 1 0 0 cm Q"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        font = "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {len(objects)} 0 R /Resources {font} >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} /MediaBox [0 0 612 792] >>"
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def encrypted(password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Three people were killed.")))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def read(content: bytes, file_name: str = "", media_type: str = "", charset: str = "") -> str:
    return words_of(content, kind_of(content, file_name=file_name, media_type=media_type), charset=charset)


# Kinds.


@pytest.mark.parametrize(
    ("content", "media_type", "file_name", "kind"),
    [
        (b"<p>", "text/html", "", HTML),
        (b"<p>", "application/xhtml+xml", "", HTML),
        (b"<p>", "", "story.HTM", HTML),
        (b"<p>", "text/plain", "story.html", HTML),
        (b"three", "text/plain", "story", TEXT),
        (b"three", "application/octet-stream", "story.txt", TEXT),
        (b"%PDF-1.7", "text/html", "story.html", PDF),
        (b"\n%PDF-1.7", "application/octet-stream", "story", PDF),
    ],
)
def test_kind(content: bytes, media_type: str, file_name: str, kind: str) -> None:
    assert kind_of(content, media_type=media_type, file_name=file_name) == kind


@pytest.mark.parametrize(
    ("content", "file_name", "words"),
    [
        (b"\x89PNG\r\n", "photo.png", "“photo.png” is neither HTML nor PDF nor plain text."),
        (b"PK\x03\x04", "story.docx", "“story.docx” is neither"),
        (b"", "", "“?” is neither"),
        (b"no pdf", "story.pdf", "This is no PDF, whatever its name says."),
    ],
)
def test_other_kinds(content: bytes, file_name: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words.replace("?", r"\?")):
        kind_of(content, file_name=file_name)


# Encodings.

WORDS = "Trois tués à Trèbes : “l’été”"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (WORDS.encode(), ""),
        (codecs.BOM_UTF8 + WORDS.encode(), "iso-8859-1"),
        (codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "utf-8"),
        (WORDS.encode("cp1252"), "windows-1252"),
        (WORDS.encode("cp1252"), "iso-8859-1"),
        (WORDS.encode("cp1252"), "US-ASCII"),
    ],
)
def test_encoding(content: bytes, charset: str) -> None:
    assert words_of(content, TEXT, charset=charset) == WORDS


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ('<meta charset="{}"><p>', ""),
        ("<META http-equiv=Content-Type content='text/html; charset={}'><p>", ""),
        ('<meta charset="utf-8"><p>', "{}"),
    ],
)
@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-15", "utf-8", "koi8-r", "shift_jis", "euc-kr"])
def test_a_page_says_its_encoding_and_the_server_knows_better(page: str, charset: str, encoding: str) -> None:
    word = {"koi8-r": "Трое", "shift_jis": "三人", "euc-kr": "세명"}.get(encoding, "tués")
    content = (page.replace("{}", encoding) + word).encode(encoding)
    assert page_of(content, charset.format(encoding)).endswith(word)


def test_a_page_that_can_be_read_as_ascii_is_not_in_utf_16() -> None:
    assert page_of('<meta charset="utf-16"><p>tués'.encode(), "").endswith("tués")


@pytest.mark.parametrize(
    ("content", "charset", "words"),
    [
        (b"tu\xe9s", "", "It is no text in UTF-8, from byte 2 on: save it as UTF-8, or paste it."),
        (b"tu\xff", "shift_jis", "It is no text in SHIFT_JIS"),
        (b"three", "klingon", "It says that it is in “klingon”, which is not known here"),
        (b"three", "rot13", "“rot13”, which is not known"),
        (b"three", "unicode_escape", "which is not known"),
        (b"three", "idna", "which is not known"),
        (b"three", "\x00", "which is not known"),
        (b"a\x00b", "", "This is no text but some other kind of file."),
        (b" \n\t ", "", "It is empty."),
        (b"", "", "It is empty."),
        ("\u200b\ufeff".encode(), "", "It holds no words."),
        (b"a" * (documents.MOST_BYTES + 1), "", r"It has 10\.0 MB; at most 10 are read\."),
    ],
)
def test_what_is_no_text(content: bytes, charset: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        words_of(content, TEXT, charset=charset)


def test_what_is_kept_is_clean() -> None:
    assert clean("\ufeffTrois \r\ntu\u00e9s\u202e\x0c\rà\u200b Trèbes\n\n\n\n. ") == "Trois\ntués\nà Trèbes\n\n."


# HTML.


def test_an_article_without_what_is_around_it() -> None:
    text = words_of(article(), HTML)
    assert text.splitlines()[0] == "The river took three"
    assert text.count("The river took three") == 1
    assert "At least three people were believed to have been swept away" in text
    assert "Sport" not in text and "<" not in text


def test_the_title_is_kept() -> None:
    page = article().replace(b"<h1>The river took three</h1>", b"")
    assert words_of(page, HTML).startswith("The river took three\n\nAt least three")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Three people", "This is no HTML"),
        (b"<p>" + b"a" * documents.MOST_HTML_BYTES, "A page has at most 4 MB"),
        (b"\x89PNG<\x00\x01", "no text in UTF-8"),
    ],
)
def test_what_is_no_page(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        words_of(content, HTML)


@pytest.mark.parametrize(
    "content",
    [
        "<html><body></body></html>",
        "<html><body><script>var a = 'Three people were killed';</script></body></html>",
        "<p " * 5_000,
        "<>" * 99,
    ],
    ids=lambda content: content[:20],
)
def test_a_page_without_an_article(content: str) -> None:
    assert extracting.read("html", content.encode()) == {"why": "no article"}


def test_a_page_that_is_very_deep_is_read_or_refused_and_no_more() -> None:
    assert extracting.read("html", b"<div>" * 20_000 + b"Three").keys() <= {"why", "words"}


# PDF.


def test_a_pdf() -> None:
    text = read(pdf("Three people were killed.", "The river rose."), "report.pdf")
    assert text == "Three people were killed.\n\nThe river rose."


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (pdf("Three"), {"words": "Three"}),
        (encrypted(""), {"words": "Three people were killed."}),  # only its owner may change it
        (encrypted("secret"), {"why": "encrypted"}),
        (pdf("", ""), {"why": "pictures"}),
        (pdf("Three")[:60], {"why": "damaged"}),
        (b"%PDF-1.4\n%%EOF", {"why": "damaged"}),
        (b"%PDF-" + b"\x00" * 500, {"why": "damaged"}),
        (pdf(*["x"] * (extracting.MOST_PAGES + 1)), {"why": "too many pages"}),
    ],
    ids=["good", "owned", "encrypted", "scanned", "cut off", "empty", "zeros", "long"],
)
def test_a_pdf_is_read_or_it_is_said_why_not(content: bytes, answer: dict[str, str]) -> None:
    assert extracting.read("pdf", content) == answer
    assert answer.get("why", "damaged") in documents.WHY


def test_a_text_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracting, "MOST_CHARACTERS", 4)
    assert extracting.read("pdf", pdf("Three")) == {"why": "too long"}


# A document that was made to break what reads it breaks a program of its own.


def test_what_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_SECONDS", 1)
    links = b"<html><p>" + b"<a href=x>y</a> " * 200_000
    began = time.monotonic()
    with pytest.raises(Unreadable, match="longer than 1 seconds to read"):
        words_of(links, HTML)
    assert time.monotonic() - began < 5


def reading_with(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> str:
    program = folder / "reader.py"
    program.write_text(code)
    monkeypatch.setattr(extracting, "__file__", str(program))
    return words_of(pdf("Three"), PDF)


def test_what_takes_all_memory_or_dies_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begin = Path(extracting.__file__).read_text()
    hungry = begin.replace("import pypdf\n", "hold = bytearray(2 * MOST_MEMORY)\n", 1)
    for code in (hungry, "import os; os.abort()", "import sys; sys.exit(1)"):
        with pytest.raises(Unreadable, match="damaged, or made to break what reads it"):
            reading_with(monkeypatch, tmp_path, code)


def test_our_secrets_stay_with_us(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "tell nobody")
    code = "import json, os; print(json.dumps({'words': ' '.join(os.environ) + ' Three'}))"
    said = reading_with(monkeypatch, tmp_path, code)
    assert "PATH" in said and "SECRET_KEY" not in said and "DATABASE_URL" not in said


# Without the extra.


def test_without_the_extra_plain_text_is_read_and_the_rest_names_what_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert documents.missing() == []
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert documents.missing() == ["trafilatura", "pypdf"]
    assert words_of(b"Three", TEXT) == "Three"
    with pytest.raises(Unreadable, match="“trafilatura”, of the extra “capture”"):
        words_of(article(), HTML)
    with pytest.raises(Unreadable, match="“pypdf”, of the extra “capture”"):
        words_of(pdf("Three"), PDF)


def test_a_long_page_is_read_in_time() -> None:
    paragraph = b"<p>Paragraph %d says that the river rose in the night again.</p>"
    more = b"".join(paragraph % number for number in range(3000))
    assert "Paragraph 2999" in words_of(article().replace(b"</article>", more + b"</article>"), HTML)
