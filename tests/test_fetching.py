"""Fetching a page: from a real server on this machine, and never from where nobody outside could look."""

import gzip
import shutil
import socket
import struct
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.intake import documents, fetching
from factcheck.intake.fetching import Fetched, Internet, NotFetched, fetch, is_public

from .sites import LocalInternet, Site, answer, article, bomb, certificate, chunked, drip, page, redirect, site


@pytest.fixture
def news() -> Iterator[Site]:
    with site() as found:
        yield found


def get(news: Site, path: str = "/story", seconds: float = 5, **options: object) -> Fetched:
    return fetch(news.url(path), internet=LocalInternet(news), seconds=seconds, **options)


def test_it_works(news: Site) -> None:
    found = get(news)
    assert (found.url, found.content, found.media_type) == (news.url(), article(), "text/html")


def test_it_says_who_it_is_and_nothing_else(news: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", "/dev/null")
    news.pages["/story"] = redirect("/next")
    news.pages["/next"] = page(article(), Set_Cookie="a=b")
    get(news)
    first, second = news.seen
    assert first == second
    assert first["user-agent"] == "Factcheck (+http://testserver)"
    assert first["host"] == f"news.test:{news.port}"
    assert not {"cookie", "authorization", "referer"} & first.keys()


# Where it may not go.

HOSTILE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c:0:fbff:80ff:fffe]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://127。0。0。1/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_what_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(NotFetched, match=r"not public|There is no site"):
        fetch(url, seconds=5)


@pytest.mark.parametrize("url", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "[::ffff:127.0.0.1]"])
def test_nothing_is_sent_to_what_is_refused(news: Site, url: str) -> None:
    """The site is there, at a port that may be used: only where its name leads to speaks against it."""
    with pytest.raises(NotFetched, match=r"not public|There is no site"):
        fetch(f"http://{url}:{news.port}/story", internet=LocalInternet(news))
    assert news.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.test",
        "//news.test/",
        "ftp://news.test/",
        "file:///etc/passwd",
        "gopher://news.test/",
        "javascript:alert(1)",
        "http://",
        "http:///story",
        "http://[::1",
        "http://news.test:99999/",
        "http://news.test:x/",
        "http://news.test:22/",
        "http://news.test:6379/",
        "http://alice:secret@news.test/",
        "http://news.test@127.0.0.1/",
        "http://127.0.0.1\\@news.test/",
        "http://news.test/\r\nX-Forged: 1",
        "http://news.test/a b",
        "http://news.test/\x00",
        "http://" + "a" * 70 + ".test/",
        "http://news.test/" + "a" * 3000,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(news: Site, url: str) -> None:
    internet = LocalInternet(news)
    with pytest.raises(NotFetched):
        fetch(url, internet=internet, seconds=5)
    assert news.connections == 0


@pytest.mark.parametrize("port", [21, 22, 25, 6379, 8080, 65535])
def test_other_ports_are_refused_by_their_number(news: Site, port: int) -> None:
    with pytest.raises(NotFetched, match=f"Only the ports 80 and 443 are fetched from, not {port}"):
        fetch(f"http://news.test:{port}/", internet=LocalInternet(news))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"])
def test_what_is_public_is_not_refused(address: str) -> None:
    assert is_public(address)


def test_one_address_that_is_not_public_is_one_too_many(news: Site) -> None:
    internet = LocalInternet(news, {"news.test": ["127.0.0.1", "10.0.0.1"]})
    with pytest.raises(NotFetched, match="not public"):
        fetch(news.url(), internet=internet)
    assert news.connections == 0


def test_a_name_is_resolved_once_and_what_was_looked_at_is_connected_to(news: Site) -> None:
    class Rebinding(LocalInternet):
        def addresses(self, host: str, port: int) -> list[str]:
            found = super().addresses(host, port)
            self.names["news.test"] = ["10.0.0.1"]
            return found

    internet = Rebinding(news)
    assert fetch(news.url(), internet=internet).content == article()
    assert internet.asked == ["news.test"]
    with pytest.raises(NotFetched, match="not public"):
        fetch(news.url(), internet=internet)


def test_the_next_address_is_tried_where_the_first_does_not_answer(news: Site) -> None:
    class Two(LocalInternet):
        def may_reach(self, address: str) -> bool:
            return address.startswith("127.0.0.")

    internet = Two(news, {"news.test": ["127.0.0.9", "127.0.0.1"]})
    assert fetch(news.url(), internet=internet).content == article()


# Redirects.


@pytest.mark.parametrize(
    "there",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{port}/story",
        "//localhost:{port}/story",
        "http://news.test:22/",
        "file:///etc/passwd",
        "http://alice@news.test:{port}/story",
        "http://[::1]:{port}/story",
        "http://[::1",
        "//[",
        "http://[x]/",
    ],
)
@pytest.mark.parametrize("status", [301, 307])
def test_every_redirect_is_looked_at_anew(news: Site, there: str, status: int) -> None:
    news.pages["/old"] = redirect(there.format(port=news.port), status)
    with pytest.raises(NotFetched):
        get(news, "/old")
    assert news.connections == 1


def test_redirects_are_followed_and_the_last_address_is_kept(news: Site) -> None:
    news.pages |= {"/1": redirect("2"), "/2": redirect(news.url("/3?a=b#c")), "/3?a=b": page(article())}
    assert get(news, "/1").url == news.url("/3?a=b")


def test_redirects_end(news: Site) -> None:
    news.pages["/loop"] = redirect("/loop")
    with pytest.raises(NotFetched, match="more than 5 times"):
        get(news, "/loop")
    assert news.connections == 6
    news.pages["/nowhere"] = page(status=302)
    with pytest.raises(NotFetched, match="redirects to nowhere"):
        get(news, "/nowhere")


# What comes.


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        (page(status=404), "“news.test” answered: 404 Not Found."),
        (page(status=500), "answered: 500"),
        (page(b"x", Content_Type="image/png"), "neither HTML nor PDF nor plain text: the site calls it “image/png”"),
        (page(b"x", Content_Type=""), "the site calls it “nothing”"),
        (page(b"x", Content_Type="text/html-not"), "neither HTML"),
        (page(b"x", Content_Encoding="br"), "packed in a way that is not known here: br"),
        (page(b"no gzip", Content_Encoding="gzip"), "did not answer as a web site does"),
        (page(gzip.compress(article())[:-20], Content_Encoding="gzip"), "did not answer as a web site does"),
        (page(article(), Content_Length=str(len(article()) + 9)), "did not answer as a web site does"),
        (page(b"", Content_Length=str(documents.MOST_BYTES + 1)), "10.0 MB; at most 10 are read"),
        (page(bomb(documents.MOST_BYTES * 4), Content_Encoding="gzip"), "at most 10 are read"),
        (lambda handler: handler.wfile.write(b"+OK POP3 ready\r\n"), "did not answer as a web site does"),
        (lambda handler: None, "did not answer as a web site does"),
        (page(article(), Content_Type="text/html; charset*" + "9" * 5000 + "=x"), "did not answer as a web site does"),
        (chunked(b"-5\r\nwords\r\n0\r\n\r\n"), "did not answer as a web site does"),
        (
            lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
            "did not answer as a web site does",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_comes_is_refused_in_words(news: Site, answered: object, words: str) -> None:
    news.pages["/story"] = answered
    with pytest.raises(NotFetched, match=words.replace("(", r"\(")):
        get(news)


def test_what_is_packed_small_and_is_large_takes_no_memory(news: Site) -> None:
    news.pages["/story"] = page(bomb(documents.MOST_BYTES * 6), Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(NotFetched, match="at most 10 are read"):
            get(news)
        assert tracemalloc.get_traced_memory()[1] < 3 * documents.MOST_BYTES
    finally:
        tracemalloc.stop()


def test_a_chunk_of_less_than_nothing_takes_no_memory(news: Site) -> None:
    body = b"-1\r\n" + b"a" * documents.MOST_BYTES * 6
    news.pages["/story"] = chunked(body)
    tracemalloc.start()
    try:
        with pytest.raises(NotFetched, match="did not answer as a web site does"):
            get(news, seconds=20)
        assert tracemalloc.get_traced_memory()[1] < documents.MOST_BYTES
    finally:
        tracemalloc.stop()


def test_what_never_ends_is_cut_off(news: Site) -> None:
    def endless(handler: object) -> None:
        answer(handler, b"", Content_Length="")
        while True:
            handler.wfile.write(b"<p>" * 100_000)

    news.pages["/story"] = endless
    with pytest.raises(NotFetched, match="at most 10 are read"):
        get(news, seconds=20)


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "body without length", "chunks", "headers", "continue"],
)
def test_what_comes_byte_by_byte_is_cut_off(news: Site, before: bytes, drop: bytes) -> None:
    news.pages["/story"] = drip(before, drop)
    began = time.monotonic()
    with pytest.raises(NotFetched, match=r"took longer than 0\.2 seconds"):
        get(news, seconds=0.2)
    assert time.monotonic() - began < 1.5


def test_a_site_that_takes_the_call_and_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_site = Site(silent.getsockname()[1])
        with pytest.raises(NotFetched, match="took longer"):
            fetch(silent_site.url(), internet=LocalInternet(silent_site), seconds=0.2)
        with pytest.raises(NotFetched, match="took longer"):
            fetch(silent_site.url(scheme="https"), internet=LocalInternet(silent_site), seconds=0.2)


def test_a_name_that_is_never_resolved_is_left(news: Site) -> None:
    class Slow(Internet):
        def addresses(self, host: str, port: int) -> list[str]:
            time.sleep(1)
            return ["127.0.0.1"]

    with pytest.raises(NotFetched, match="took longer"):
        fetch("http://news.test/", internet=Slow(), seconds=0.1)


def test_a_site_that_hangs_up_is_told_of(news: Site) -> None:
    def reset(handler: object) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    news.pages["/story"] = reset
    with pytest.raises(NotFetched, match="did not answer as a web site does"):
        get(news)
    gone = Site(news.port)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone.port = free.getsockname()[1]
        with pytest.raises(NotFetched, match="did not answer"):
            fetch(gone.url(), internet=LocalInternet(gone))


def test_what_is_packed_is_unpacked(news: Site) -> None:
    news.pages["/story"] = page(
        gzip.compress(article()), Content_Encoding="gzip", Content_Type="text/html; charset=UTF-8"
    )
    found = get(news)
    assert (found.content, found.charset) == (article(), "utf-8")


# Secure sites.


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate of the site")
    return certificate(tmp_path_factory.mktemp("certificate"))


def test_a_secure_site(pem: Path) -> None:
    with site(pem) as news:
        internet = LocalInternet(news)
        with pytest.raises(NotFetched, match=r"certificate of “news\.test” is not valid"):
            fetch(news.url(scheme="https"), internet=internet)
        internet.certificates = str(pem)
        assert fetch(news.url(scheme="https"), internet=internet).content == article()
        internet.names["other.test"] = ["127.0.0.1"]
        internet.may_reach = lambda address: True
        with pytest.raises(NotFetched, match=r"certificate of “other\.test” is not valid"):
            fetch(news.url(scheme="https", host="other.test"), internet=internet)
        assert len(news.seen) == 1


def test_a_site_that_is_not_secure_where_it_should_be(news: Site) -> None:
    with pytest.raises(NotFetched, match="did not answer as a web site does"):
        fetch(news.url(scheme="https"), internet=LocalInternet(news))


def test_without_a_hook_only_the_public_internet_is_there() -> None:
    assert type(fetching.INTERNET) is Internet
    assert fetching.INTERNET.ports == {80, 443}
