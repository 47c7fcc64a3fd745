"""The app as a server runs it, for the benchmark of pages, and beside it what its answers are measured against.

`/least/` is the least that Django does for the bytes of the verdict page: the same middleware, one query by an index,
and the bytes from memory. `/rendered/…` renders a page for each request, as if it were never kept.

    python -m tests.benchmarks.site FOLDER   fills the empty database of DATABASE_URL, and exports it to FOLDER
"""

import os
import sys
from functools import cache
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "tests.benchmarks.site"
application = get_wsgi_application()

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from factcheck.models import Edition
from factcheck.public import stories, views
from factcheck.public.export import request_for

SLUG = "death-toll"


@cache
def same() -> bytes:
    return views.verdict.view(request_for(f"/claims/{SLUG}/"), slug=SLUG).content


def least(request: HttpRequest) -> HttpResponse:
    Edition.objects.filter(slug=SLUG).order_by("-number").values_list("id", "recorded_at").first()
    return HttpResponse(same())


urlpatterns = [
    path("least/", least),
    path("rendered/claims/<slug:slug>/", views.verdict.view),
    path("rendered/stories/<slug:slug>/", stories.story.view),
    path("", include("factcheck.urls")),
]


def prepare(folder: Path) -> None:
    from tests.pages import tell_the_story

    call_command("migrate", verbosity=0)
    tell_the_story()
    call_command("export_site", str(folder), verbosity=0)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
