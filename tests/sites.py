"""Sites on this machine for what fetches pages: a real server, and an internet in which only it can be reached."""

import gzip
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from factcheck.intake.fetching import Internet

ARTICLE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{title}</h1>
<p>At least {count} people were believed to have been swept away when the river rose in the night.</p>
<p>The prefect said that the bridge at the old mill was closed until further notice, and asked people to stay away.</p>
<p>Boats of the fire brigade were still looking for people in the lower town late in the evening.</p>
</article><footer>All rights reserved</footer></body></html>"""


def article(count: str = "three") -> bytes:
    return ARTICLE.format(title=f"The river took {count}", count=count).encode()


class Site:
    """Pages by their path; a page is its bytes, or a function that writes the whole answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, bytes | Callable[[BaseHTTPRequestHandler], None]] = {"/story": article()}
        self.seen: list[dict[str, str]] = []  # the headers of each request
        self.connections = 0

    def url(self, path: str = "/story", host: str = "news.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class LocalInternet(Internet):
    """`news.test` is the site on this machine. Whatever else is asked for is as it is anywhere."""

    def __init__(self, site: Site, names: dict[str, list[str]] | None = None) -> None:
        self.ports = frozenset({80, 443, site.port})
        self.names = {"news.test": ["127.0.0.1"]} | (names or {})
        self.asked: list[str] = []
        self.certificates: str | None = None

    def addresses(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.names[host] if host in self.names else super().addresses(host, port)

    def may_reach(self, address: str) -> bool:
        return (address == "127.0.0.1" and self.asked[-1] == "news.test") or super().may_reach(address)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificates)


@contextmanager
def site(certificate: Path | None = None) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            found.connections += 1
            super().setup()

        def do_GET(self) -> None:
            found.seen.append({name.lower(): value for name, value in self.headers.items()})
            page = found.pages.get(self.path, b"")
            if callable(page):
                page(self)
                self.close_connection = True
            else:
                answer(self, page, status=200 if page else 404)

        def log_message(self, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Who asks hangs up in the middle: that is what is tested."""

    server = Quiet(("127.0.0.1", 0), Handler)
    found = Site(server.server_port)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
    """A whole answer; a header of the name None is left out."""
    said = {"Content_Type": "text/html", "Content_Length": str(len(body))} | headers
    handler.send_response(status)
    for name, value in said.items():
        if value:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def page(body: bytes = b"", **options: object) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: answer(handler, body, **options)


def redirect(there: str, status: int = 302) -> Callable[[BaseHTTPRequestHandler], None]:
    return page(status=status, Location=there)


def chunked(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """In pieces, as they are sent: what stands for their lengths is part of it."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        handler.wfile.write(body)

    return write


def drip(before: bytes, drop: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Comes byte by byte, and never ends."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(before)
        for _second in range(200):
            handler.wfile.write(drop)
            handler.wfile.flush()
            time.sleep(0.02)

    return write


def bomb(size: int) -> bytes:
    return gzip.compress(b"<p>" + b"a" * size, compresslevel=9)


def certificate(folder: Path, name: str = "news.test") -> Path:
    made = folder / "site.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "2"]
    command = [*request, *names, "-keyout", str(made), "-out", str(folder / "public.pem")]
    subprocess.run(command, check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (folder / "public.pem").read_bytes())
    return made
