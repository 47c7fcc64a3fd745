import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
django = get_wsgi_application()

from factcheck.history import guard  # noqa: E402 (the settings come first)

guard.require()

CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)


def application(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """All that is sent here is UTF-8. Django would take whatever a request calls its encoding, as “hex”, and fail."""
    kind = CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return django({**environ, "CONTENT_TYPE": kind}, start_response)
