"""The headers that every answer carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


class ContentSecurityPolicy:
    """Django 5.2 has no policy of its own; its 6.0 middleware takes this one's place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        framed = getattr(response, "xframe_options_exempt", False)  # what X-Frame-Options goes by
        response.headers.setdefault("Content-Security-Policy", FRAMED if framed else POLICY)
        return response
