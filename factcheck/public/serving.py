"""Public pages are rendered once per version and kept under a name that holds it, so what is kept is never stale.

A request costs the one query for the version. Path, version and software name a page; its strong ETag is that name and,
for a coding makes another representation of it, the coding. Nothing depends on who asks: nothing private can be kept.
"""

import gzip
import logging
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from .software import software
from .versions import Version

log = logging.getLogger(__name__)

# Where nobody purges, a correction is seen within a minute: shared caches keep a page for 30 seconds, and may give it
# for 30 more while they fetch the next. Browsers ask each time.
FOR_SHARED_CACHES = "public, max-age=0, s-maxage=30, stale-while-revalidate=30"
SHOWN = ["SITE_NAME", "SITE_URL", "PUBLISHER_NAME", "TIME_ZONE", "STATIC_URL"]


@dataclass(frozen=True)
class Rendered:
    content: bytes
    headers: Mapping[str, str]

    def packed(self) -> "Rendered":
        content = gzip.compress(self.content, compresslevel=6, mtime=0)
        return Rendered(content, {**self.headers, "Content-Encoding": "gzip"})


View = Callable[..., HttpResponse]


def only_read(view: View) -> View:
    """It refuses to write itself, and so with the right words, where else a token of a form would be asked for."""
    return csrf_exempt(require_safe(view))


def served(
    version_of: Callable[..., Version | None],
    *,
    framed: bool = False,
    asked: Callable[..., HttpResponse | None] | None = None,
    otherwise: View | None = None,
) -> Callable[[View], "Served"]:
    """`version_of` takes what the view takes after the request, and answers otherwise whenever the view would. `asked`
    may answer a query in the view's place, and `otherwise` answers where there is nothing to show."""
    return lambda view: Served(view, version_of, framed, asked, otherwise)


class Served:
    """A view whose answer depends on its path and version alone. `framed`: other sites may show it in a frame."""

    csrf_exempt = True  # as what is `only_read`

    def __init__(
        self,
        view: View,
        version_of: Callable[..., Version | None],
        framed: bool,
        asked: Callable[..., HttpResponse | None] | None,
        otherwise: View | None,
    ) -> None:
        self.view, self.version_of, self.framed = view, version_of, framed
        self.asked, self.otherwise = asked, otherwise
        update_wrapper(self, view)

    def __call__(self, request: HttpRequest, **names: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        forget_visitor(request)
        if request.GET and self.asked and (answer := self.asked(request, **names)):
            return answer
        try:
            version = self.version(**names)
        except Http404:
            if self.otherwise is None:
                raise
            return self.otherwise(request, **names)
        name = name_of(request.path, version)
        coding = "gzip" if takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")) else ""
        answer = get_conditional_response(request, etag=etag(name, coding))
        if answer is None:
            if (rendered := kept(name, coding)) is None:
                name, rendered = self.render(request, version, **names)
                keep(name, "", rendered)
                packed = rendered.packed()
                keep(name, "gzip", packed)
                rendered = packed if coding else rendered
            answer = HttpResponse(rendered.content, headers=rendered.headers)
        elif answer.status_code == 412:
            return answer
        answer["ETag"] = etag(name, coding)
        answer["Cache-Control"] = FOR_SHARED_CACHES
        answer["Vary"] = "Accept-Encoding"
        answer["Surrogate-Key"] = version.surrogate
        answer.xframe_options_exempt = self.framed
        return answer

    def version(self, **names: Any) -> Version:
        if (version := self.version_of(**names)) is None:
            raise Http404
        return version

    def render(self, request: HttpRequest, version: Version, **names: Any) -> tuple[str, Rendered]:
        """The page and its name. What is published meanwhile may stand in a part of it: then once more."""
        while True:
            response = self.view(request, **names)
            before, version = version, self.version(**names)
            if version == before:
                return name_of(request.path, version), Rendered(response.content, dict(response.headers))


def forget_visitor(request: HttpRequest) -> None:
    """No session to read or to end and no token to renew: so their middlewares set no cookie, and vary by none."""
    request.session = None
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)


def name_of(path: str, version: Version) -> str:
    shown = [getattr(settings, name) for name in SHOWN]
    parts = (path, version.rows, get_language(), shown, software(), zlib.ZLIB_RUNTIME_VERSION)
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def etag(name: str, coding: str) -> str:
    return f'"{name}-{coding}"' if coding else f'"{name}"'


def takes_gzip(accept_encoding: str) -> bool:
    for offer in accept_encoding.lower().replace(" ", "").split(","):
        coding, _, weight = offer.partition(";")
        if coding == "gzip":
            return not re.fullmatch(r"q=0(\.0*)?", weight)
    return False


# A cache that cannot be reached costs time, never an answer.


def kept(name: str, coding: str) -> Rendered | None:
    try:
        return cache.get(f"page:{name}:{coding}")
    except Exception:
        log.exception("The cache cannot be read: pages are rendered for each request.")
        return None


def keep(name: str, coding: str, rendered: Rendered) -> None:
    try:
        cache.set(f"page:{name}:{coding}", rendered)
    except Exception:
        log.exception("The cache cannot be written.")
