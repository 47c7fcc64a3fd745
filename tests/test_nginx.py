"""The exported files, given out by a real nginx with the lines of README.md, are what the app serves."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings

from factcheck.public import addresses
from factcheck.public.export import export

from .pages import tell_the_story

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

README = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
LINES = re.search(r"^```nginx\n(.*?)^```", README, re.M | re.S)[1]
OURS = ["Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"]
PAGE = "/claims/death-toll/"


def program() -> str:
    if found := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("nginx is not installed: apt-get install nginx-light")
    pytest.skip("nginx is not installed: `apt-get install nginx-light`")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(folder: Path, *, site: Path, port: int, app: int) -> Path:
    """Of a server with the lines of README.md, which sends on to the app at its port."""
    lines = LINES.replace("listen 80", f"listen 127.0.0.1:{port}").replace("/srv/facts", str(site))
    assert lines.count(str(site)) == lines.count(f"127.0.0.1:{port}") == 1
    lines = lines.replace("127.0.0.1:8000", f"127.0.0.1:{app}")
    user = "user root;" if os.geteuid() == 0 else ""
    paths = " ".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    written = folder / "nginx.conf"
    written.write_text(
        f"{user} daemon off; pid {folder / 'pid'}; error_log {folder / 'errors'};"
        f"events {{ }} http {{ access_log off; {paths}\n{lines} }}"
    )
    return written


@pytest.fixture
def nginx(tmp_path) -> Iterator[int]:
    """Its port. What it sends on to the app goes to a port where nobody listens."""
    command, port = program(), free_port()
    tell_the_story()
    site = tmp_path / "site"
    export(site)
    written = configuration(tmp_path, site=site, port=port, app=free_port())
    process = subprocess.Popen([command, "-c", str(written), "-e", str(tmp_path / "errors")])
    try:
        for _attempt in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (tmp_path / "errors").read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def get(port: int, path: str, *, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": "testserver"} | headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_it_gives_out_what_the_app_serves(nginx, client, tmp_path):
    for address in addresses.every():
        status, headers, content = get(nginx, quote(address))
        served = client.get(address)
        assert (status, content) == (200, served.content), address
        assert headers["Content-Type"] == served["Content-Type"], address
        for name in (*OURS, "Cache-Control", "Access-Control-Allow-Origin"):
            assert headers[name] == served.headers.get(name), (address, name)
        assert headers["Set-Cookie"] is None

    # What is not there.
    missing = client.get("/no/such/page/")
    for address in (
        "/no/such/page/",
        "/claims/",
        "/claims/death-toll/editions/",
        "/claims/nobody/",
        "/embed/claims/nobody/",
    ):
        status, headers, content = get(nginx, address)
        assert (status, content) == (404, missing.content), address
        assert headers["Content-Type"] == missing["Content-Type"] and headers["Cache-Control"] is None
        assert {name: headers[name] for name in OURS} == {name: missing[name] for name in OURS}
    assert get(nginx, "/.factcheck-export.json")[0] == 404

    # Redirects, HEAD, conditions and codings.
    status, headers, _content = get(nginx, PAGE[:-1])
    assert (status, headers["Location"]) == (301, PAGE)
    status, headers, _content = get(nginx, "/favicon.ico")
    assert (status, headers["Location"]) == (302, client.get("/favicon.ico")["Location"])
    status, headers, content = get(nginx, PAGE, method="HEAD")
    assert (status, content, int(headers["Content-Length"])) == (200, b"", len(client.get(PAGE).content))
    tag = headers["ETag"]
    assert get(nginx, PAGE, **{"If-None-Match": tag})[0] == 304
    assert get(nginx, PAGE, **{"If-None-Match": '"another"'})[0] == 200
    status, headers, content = get(nginx, PAGE, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in headers["Vary"]
    assert headers["ETag"] == f"W/{tag}" and len(content) < len(client.get(PAGE).content) / 2

    # The app's own addresses go to the app, which is not there, and are never kept.
    for address in (
        "/admin",
        "/admin/",
        "/static/admin/css/base.css",
        "/oembed.json",
        "/search?q=x",
        "/search/?q=x",
        f"{PAGE}report-an-error/",
        f"{PAGE}@2018",
        "/stories/carcassonne-trebes/@2018",
        "/stories/carcassonne-trebes/since/2018",
    ):
        status, headers, _content = get(nginx, address)
        assert status == 502 and headers["Cache-Control"] is None

    # A file that another export leaves alone stays “not modified”.
    export(tmp_path / "site")
    assert get(nginx, PAGE, **{"If-None-Match": tag})[0] == 304
