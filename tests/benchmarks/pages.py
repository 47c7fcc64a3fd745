"""What a page costs: rendered, kept, not modified; and the least that Django does for the same bytes.

    python -m tests.benchmarks.pages                            SQLite
    python -m tests.postgres python -m tests.benchmarks.pages   PostgreSQL

Each request goes through the whole WSGI application with its middleware, in this process and without a socket: a server
adds the same to each. Rounds are interleaved, and medians are printed; look at the ratios, for times belong to a
machine and its hour.
"""

import argparse
import io
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import setup_databases, teardown_databases
from django.urls import include, path

from factcheck.models import Edition
from tests.pages import tell_the_story

PAGE = "/claims/death-toll/"
STORY = "/stories/carcassonne-trebes/"
KEPT = 6  # so many cases come first, and find their page kept
same: dict[str, bytes] = {}


def least(request: HttpRequest) -> HttpResponse:
    """One query by an index, and the bytes of the verdict page from memory."""
    Edition.objects.filter(slug="death-toll").order_by("-number").values_list("id", "recorded_at").first()
    return HttpResponse(same["page"])


urlpatterns = [path("least/", least), path("", include("factcheck.urls"))]


def request(application: WSGIHandler, address: str, expected: int = 200, **headers: str) -> dict[str, str]:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **headers,
    }
    answered: dict[str, str] = {}

    def start(status: str, fields: list[tuple[str, str]]) -> None:
        answered.update(fields, status=status[:3])

    response = application(environ, start)
    answered["content"] = b"".join(response)
    response.close()
    assert answered["status"] == str(expected), (address, answered["status"])
    return answered


def cases(application: WSGIHandler) -> dict[str, Callable[[], object]]:
    page, packed = request(application, PAGE), request(application, PAGE, HTTP_ACCEPT_ENCODING="gzip")
    same["page"] = page["content"]

    def rendered(address: str) -> Callable[[], object]:
        def once() -> None:
            cache.clear()
            request(application, address)

        return once

    return {
        "the least that Django does": lambda: request(application, "/least/"),
        "verdict page, not modified": lambda: request(application, PAGE, 304, HTTP_IF_NONE_MATCH=page["ETag"]),
        "verdict page, kept, gzip": lambda: request(application, PAGE, HTTP_ACCEPT_ENCODING="gzip"),
        "verdict page, kept": lambda: request(application, PAGE),
        "story page, kept": lambda: request(application, STORY),
        "home, kept": lambda: request(application, "/"),
        "verdict page, rendered": rendered(PAGE),
        "story page, rendered": rendered(STORY),
        f"({len(page['content']):,} bytes, {len(packed['content']):,} with gzip)": lambda: None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    settings.ROOT_URLCONF = "tests.benchmarks.pages"
    databases = setup_databases(verbosity=0, interactive=False)
    connection.settings_dict["CONN_MAX_AGE"] = 60  # as on a server; a test database has none
    try:
        tell_the_story()
        from tests.benchmarks import pages  # the module that ROOT_URLCONF names, not the program

        named = pages.cases(WSGIHandler())
        taken: dict[str, list[float]] = {name: [] for name in named}
        for _round in range(rounds):
            for case in list(named.values())[:KEPT]:
                case()  # what came before has emptied the cache
            for name, case in named.items():
                began = time.perf_counter()
                case()
                taken[name].append(time.perf_counter() - began)
        print(f"{connection.vendor}, {rounds} of each, interleaved")
        print(f"{'':34}{'a second':>10}{'ms':>9}{'ratio':>8}")
        base = statistics.median(next(iter(taken.values())))
        for name, times in taken.items():
            middle = statistics.median(times)
            figures = f"{1 / middle:10,.0f}{middle * 1000:9.2f}{base / middle:8.2f}" if name[0] != "(" else ""
            print(f"{name:34}{figures}")
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
