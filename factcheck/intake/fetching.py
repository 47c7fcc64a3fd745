"""Fetching a public page, and nothing else: what an address leads to is looked at before a byte is sent to it.

An address comes from whoever writes a source, and answers to whoever owns the name: it may point into our own network,
at another moment somewhere else, redirect there, never end, or come slowly. So a name is resolved once, refused unless
all that it leads to is public, and the connection goes to what was looked at; every redirect begins anew.
"""

import http.client
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Thread, Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from .documents import KINDS, MOST_BYTES, too_large

MOST_SECONDS = 20.0
MOST_REDIRECTS = 5
LONGEST_ADDRESS = 2000
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}

GLOBAL_V6 = ip_network("2000::/3")
# Public by their look, but they lead elsewhere, or nowhere: tunnels, translations, examples and relays.
NOT_PUBLIC = [
    ip_network(each)
    for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")
]


class NotFetched(Exception):
    """Its text is a sentence for the person who asked for the page."""


@dataclass(frozen=True)
class Fetched:
    url: str
    """Which answered in the end."""
    content: bytes
    media_type: str
    charset: str


def is_public(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:  # it has a zone, as in fe80::1%eth0
        return False
    if isinstance(found, IPv6Address) and found not in GLOBAL_V6:
        return False
    unusual = found.is_multicast or found.is_reserved or found.is_unspecified
    return (
        found.is_global
        and not unusual
        and not any(found in each for each in NOT_PUBLIC if each.version == found.version)
    )


class Internet:
    """What may be reached. A test has one of its own, with a server on this machine."""

    ports = frozenset(PORTS.values())

    def addresses(self, host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(each[4][0] for each in found))

    def may_reach(self, address: str) -> bool:
        return is_public(address)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()


INTERNET = Internet()


def fetch(url: str, *, internet: Internet | None = None, seconds: float = MOST_SECONDS) -> Fetched:
    """Raises NotFetched. Sends no cookie and no credential, and asks no proxy."""
    journey = _Journey(internet or INTERNET, monotonic() + seconds, seconds)
    for _hop in range(MOST_REDIRECTS + 1):
        answer = journey.get(url)
        if isinstance(answer, Fetched):
            return answer
        url = answer
    raise NotFetched(_("It was redirected more than %s times.") % MOST_REDIRECTS)


class _Journey:
    """One fetch, under one clock."""

    def __init__(self, internet: Internet, deadline: float, seconds: float) -> None:
        self.internet, self.deadline, self.seconds = internet, deadline, seconds

    @property
    def left(self) -> float:
        self.refuse_late()
        return self.deadline - monotonic()

    def refuse_late(self) -> None:
        if monotonic() >= self.deadline:
            raise self.late()

    def late(self) -> NotFetched:
        return NotFetched(_("The site took longer than %g seconds.") % self.seconds)

    def get(self, url: str) -> Fetched | str:
        """The page, or the address that it redirects to."""
        parts, host, port = self._checked(url)
        connection = _Connection(parts.scheme, host, port, self._addresses(host, port), self)
        with self._watched(connection), _in_words(host, self):
            connection.putrequest("GET", _target(parts), skip_host=True, skip_accept_encoding=True)
            for name, value in _headers(parts).items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            self.refuse_late()  # headers that were cut off look whole
            if response.status in REDIRECTS:
                if not (there := response.getheader("Location")):
                    raise NotFetched(_("“%s” redirects to nowhere.") % host)
                return urljoin(url, there)
            if response.status != 200:
                said = {"host": host, "status": f"{response.status} {response.reason}".strip()[:80]}
                raise NotFetched(_("“%(host)s” answered: %(status)s.") % said)
            media_type, charset = _media_type(response)
            return Fetched(parts.geturl(), b"".join(_body(response)), media_type, charset)

    def _checked(self, url: str) -> tuple[SplitResult, str, int]:
        """Where it leads, by its words alone."""
        try:
            parts = urlsplit(url)._replace(fragment="")
            host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise NotFetched(_("“%s” is no web address.") % url[:100]) from error
        if parts.scheme not in PORTS or not host or len(url) > LONGEST_ADDRESS or _is_odd(url):
            raise NotFetched(_("“%s” is no http or https address.") % url[:100])
        if "@" in parts.netloc:
            raise NotFetched(_("An address with a name or a password in it is not fetched."))
        if port not in self.internet.ports:
            raise NotFetched(_("Only the ports 80 and 443 are fetched from, not %s.") % port)
        return parts, host, port

    def _addresses(self, host: str, port: int) -> list[str]:
        """What the name leads to now, all of it public. The answer is used, and not asked for again."""
        try:
            found = _in_time(lambda: self.internet.addresses(host, port), self.left)
        except TimeoutError as error:
            raise self.late() from error
        except (OSError, UnicodeError) as error:
            raise NotFetched(_("There is no site “%s”.") % host[:100]) from error
        if not found or not all(map(self.internet.may_reach, found)):
            raise NotFetched(_("“%s” leads into a network that is not public, so nothing is fetched.") % host[:100])
        return found

    @contextmanager
    def _watched(self, connection: "_Connection") -> Iterator[None]:
        """A time-out of a socket begins anew with every byte: this one does not."""
        watch = Timer(self.left, connection.abort)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            connection.close()


class _Response(http.client.HTTPResponse):
    def _safe_read(self, amt: int) -> bytes:
        """A chunk that says it has less than nothing would be all that still comes, in memory at once."""
        if amt < 0:
            raise http.client.IncompleteRead(b"")
        return super()._safe_read(amt)


class _Connection(http.client.HTTPConnection):
    """Goes to an address that was looked at, under the name that was asked for."""

    response_class = _Response

    def __init__(self, scheme: str, host: str, port: int, addresses: list[str], journey: _Journey) -> None:
        super().__init__(host, port)
        self.is_secure, self.addresses, self.journey = scheme == "https", addresses, journey
        self.line: socket.socket | None = None  # the library forgets its own while an answer still comes

    def connect(self) -> None:
        self.line = self.sock = self._reached()
        if self.is_secure:
            trust = self.journey.internet.trust()
            self.line = trust.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.line
            self.line.do_handshake()

    def _reached(self) -> socket.socket:
        for place, address in enumerate(self.addresses, start=1):
            try:
                return socket.create_connection((address, self.port), timeout=max(self.journey.left, 0.01))
            except OSError:
                if place == len(self.addresses):
                    raise
        raise OSError

    def abort(self) -> None:
        if self.line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.line, socket.SHUT_RDWR)


@contextmanager
def _in_words(host: str, journey: _Journey) -> Iterator[None]:
    try:
        yield
        journey.refuse_late()  # what the watch cut off may look whole
    except ssl.SSLCertVerificationError as error:
        raise NotFetched(_("The certificate of “%s” is not valid.") % host) from error
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:  # of what no library can read
        journey.refuse_late()  # it was we who hung up
        raise NotFetched(_("“%s” did not answer as a web site does. Try again, or paste the text.") % host) from error


def _body(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """As it was before it was packed; no more than is read, however it is packed."""
    if (response.length or 0) > MOST_BYTES:
        raise NotFetched(too_large(response.length))
    packing = response.getheader("Content-Encoding", "identity").strip().lower()
    if packing not in {"identity", "gzip", "x-gzip", "deflate"}:
        raise NotFetched(_("The site sends its pages packed in a way that is not known here: %s.") % packing[:40])
    unpack = None if packing == "identity" else zlib.decompressobj(wbits=47)
    size = 0
    while chunk := response.read(65536):
        found = unpack.decompress(chunk, MOST_BYTES - size + 1) if unpack else chunk
        size += len(found)
        if size > MOST_BYTES:
            raise NotFetched(too_large(size))
        yield found
    if response.length or (unpack and not unpack.eof):
        raise http.client.IncompleteRead(b"")


def _media_type(response: http.client.HTTPResponse) -> tuple[str, str]:
    header = Message()
    header["Content-Type"] = response.getheader("Content-Type", "")
    media_type = header.get_content_type() if header["Content-Type"] else ""
    if media_type not in KINDS:
        text = _("It is neither HTML nor PDF nor plain text: the site calls it “%s”.")
        raise NotFetched(text % (header["Content-Type"][:100] or _("nothing")))
    return media_type, header.get_content_charset("")


def _headers(parts: SplitResult) -> dict[str, str]:
    return {
        "Host": parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc,
        "User-Agent": f"Factcheck (+{iri_to_uri(settings.SITE_URL)})",
        "Accept": "text/html, application/xhtml+xml, application/pdf, text/plain;q=0.9",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }


def _target(parts: SplitResult) -> str:
    return iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _is_odd(url: str) -> bool:
    """White space or control characters, which could end a line of the request; or a backslash, which two readers of
    one address take for two different things."""
    return any(character.isspace() or not character.isprintable() or character == "\\" for character in url)


def _in_time(work: Callable[[], Any], seconds: float) -> Any:
    """The system's resolver has no time-out; what it still does after ours, it does alone."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
