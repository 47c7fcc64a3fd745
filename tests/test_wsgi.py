from collections.abc import Iterator

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from django.test.client import FakePayload

from .newsroom import make_claim, publish

FORM = "/claims/death-toll/report-an-error/"


@pytest.fixture
def connected(db) -> Iterator[None]:
    """As Django's own test client is: a request does not begin by closing the test's connection."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def answer(path: str, query: str, **environ) -> str:
    from factcheck.wsgi import application  # it asks the database for its guard

    told: list[str] = []
    list(
        application(
            RequestFactory().generic("GET", path, QUERY_STRING=query).environ | environ,
            lambda status, _: told.append(status),
        )
    )
    return told[0][:3]


@pytest.mark.parametrize("charset", ["hex", "zlib", "punycode", "utf-7", "nobody-knows", ""])
def test_no_other_encoding_is_taken(charset, connected, people):
    publish(make_claim(author=people.alice))
    kind = f"text/plain; charset={charset}"
    for path, query, status in (
        ("/search/", "q=%2B2AA-", "200"),
        ("/stories/flood/", "as_of=x", "400"),
        ("/oembed.json", "url=x", "404"),
        (FORM, "edition=1", "200"),
    ):
        assert answer(path, query, CONTENT_TYPE=kind) == status
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        sent = {"REQUEST_METHOD": "POST", "wsgi.input": FakePayload(b"--x--"), "CONTENT_LENGTH": "5"}
        assert answer(FORM, "", CONTENT_TYPE=f"{kind};Charset={charset}", **sent) == "400"
