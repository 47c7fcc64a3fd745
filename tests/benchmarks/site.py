"""The app as a server runs it, for the benchmark of pages, and beside it what its answers are measured against.

`/least/` is the least that Django does for the bytes of the verdict page: the same middleware, one query by an index,
and the bytes from memory. `/rendered/…` renders a page for each request, as if it were never kept.

    python -m tests.benchmarks.site FOLDER [CROWD]   fills the empty database of DATABASE_URL, exports it to FOLDER,
                                                     and adds a crowd of claims, each with an edition
"""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "tests.benchmarks.site"
application = get_wsgi_application()

from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path, resolve

from factcheck.history import guard
from factcheck.models import Citation, Claim, Edition, SearchEntry
from factcheck.page import context, words
from factcheck.public import views
from factcheck.public.export import request_for
from tests.benchmarks.filling import unindexed

SLUG = "death-toll"
FIRST, CLAIMS_OF_A_STORY = 1_000_000, 20
MINUTES_BEFORE = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', published_at, '-' || n || ' minutes')",
    "postgresql": "published_at - n * interval '1 minute'",
}
MONTH_BEFORE = {
    "sqlite": "strftime('%%Y-%%m', published_at, '-' || n || ' minutes')",
    "postgresql": "to_char(published_at - n * interval '1 minute', 'YYYY-MM')",
}


@cache
def same() -> bytes:
    return views.verdict.view(request_for(f"/claims/{SLUG}/"), slug=SLUG).content


def least(request: HttpRequest) -> HttpResponse:
    Edition.objects.filter(slug=SLUG).order_by("-number").values_list("id", "recorded_at").first()
    return HttpResponse(same())


def rendered(request: HttpRequest, path: str) -> HttpResponse:
    for function in (context.differences, words.in_words):
        function.cache_clear()
    served, _names, given = resolve(path, "factcheck.urls")
    return served.view(request_for(path), **given)


urlpatterns = [
    path("least/", least),
    re_path("^rendered(?P<path>/.*)$", rendered),
    path("", include("factcheck.urls")),
]


def prepare(folder: Path, crowd: int = 0) -> None:
    from tests.pages import tell_the_story

    call_command("migrate", verbosity=0)
    tell_the_story()
    call_command("export_site", str(folder), verbosity=0)
    with guard.lowered(), connection.cursor() as cursor:
        one, last = (Edition.objects.filter(slug=SLUG).order_by(order).first() for order in ("number", "-number"))
        key, slug = f"{FIRST} + n", "'crowd-' || n"
        told = {
            "slug": slug,
            "story_slug": f"'crowd-' || (n / {CLAIMS_OF_A_STORY})",
            "published_at": MINUTES_BEFORE[connection.vendor],
        }
        listed = {"edition_id": key, "month": MONTH_BEFORE[connection.vendor]}
        copy(cursor, Claim, "id", one.claim_id, {"id": key, "slug": slug}, crowd)
        copy(cursor, Edition, "id", one.pk, {"id": key, "claim_id": key, **told}, crowd)
        with unindexed():
            copy(cursor, SearchEntry, "edition_id", last.pk, told | listed, crowd)
        copy(cursor, Citation, "edition_id", one.pk, {"edition_id": key, "slug": slug}, crowd)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def copy(cursor: Any, model: type[Model], name: str, key: int, changed: dict[str, str], count: int) -> None:
    """Past the desk, and by the database alone: a million rows in a minute or two. What has an "id" gets new ones."""
    table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
    columns = [column for column in columns if column != "id" or column in changed]
    values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
    cursor.execute(
        f"""INSERT INTO "{table}" ({", ".join(f'"{column}"' for column in columns)})
        {numbers} SELECT {values} FROM numbers, "{table}" WHERE "{table}"."{name}" = %s AND n <= %s""",
        [count, key, count],
    )


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), int(*sys.argv[2:]))
