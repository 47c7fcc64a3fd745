"""“Report an error”: the one thing that readers write. No account, no cookie, no script."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from factcheck import text
from factcheck.models import CorrectionRequest, Edition, QuotaSpent
from factcheck.page import listing
from factcheck.page.words import when

from .serving import only_read
from .views import page

OPEN_FOR = 24 * 3600  # seconds: what was begun in the evening can be sent in the morning
OURS = frozenset({"same-origin", "none"})
signer = TimestampSigner(salt="factcheck.report-an-error")


class Lines(forms.Textarea):
    """A browser counts the end of a line as one character, and sends two."""

    def value_from_datadict(self, *args: Any) -> str | None:
        sent = super().value_from_datadict(*args)
        return sent and sent.replace("\r\n", "\n")


class ErrorReport(forms.ModelForm):
    class Meta:
        model = CorrectionRequest
        fields = ["message", "contact"]
        widgets = {
            "message": Lines(attrs={"rows": 8}),
            "contact": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
        help_texts = {"message": gettext_lazy("A link to a source helps most.")}
        error_messages = {"message": {"required": gettext_lazy("Say what is wrong.")}}

    def clean_message(self) -> str:
        return text.visible(self.cleaned_data["message"]).strip()


@csrf_exempt  # nobody is logged in here, and readers get no cookie: `refusals` looks at where it comes from
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_error(request: HttpRequest, slug: str) -> HttpResponse:
    editions = list(Edition.objects.filter(slug=slug).order_by("-number"))
    read = edition_read(editions, request.GET.get("edition"))
    if request.method != "POST":
        return asked(request, ErrorReport(), editions[0], read)
    form = ErrorReport(request.POST)
    form.full_clean()
    for why in refusals(request):
        form.add_error(None, why)
    if form.errors:
        return asked(request, form, editions[0], read, status=400)
    form.instance.edition = read
    try:
        CorrectionRequest.objects.receive(
            form.instance, form=request.POST["token"], sender=client_address(request.META)
        )
    except QuotaSpent as spent:
        words = _("Too many reports came in this hour. Yours is still here: send it after %s.")
        form.add_error(None, words % when(spent.until))
        response = asked(request, form, editions[0], read, status=429)
        response.headers["Retry-After"] = max(1, round((spent.until - timezone.now()).total_seconds()))
        return response
    return HttpResponseRedirect(reverse("error_reported", args=[slug]))


@only_read
def error_reported(request: HttpRequest, slug: str) -> HttpResponse:
    """After the form, so that a reload sends nothing again. It knows nothing of what was sent."""
    edition = edition_read(list(Edition.objects.filter(slug=slug).order_by("-number")[:1]), None)
    return page(request, "public/error_reported.html", card=listing.card(edition))


def edition_read(editions: list[Edition], number: str | None) -> Edition:
    """The one that the reader came from, or else the newest, which comes first."""
    for edition in editions:
        if number in (None, str(edition.number)):
            return edition
    raise Http404


def asked(request: HttpRequest, form: ErrorReport, newest: Edition, read: Edition, status: int = 200) -> HttpResponse:
    """The form, with all that was typed, as one that can be sent."""
    response = page(
        request,
        "public/report_error.html",
        form=form,
        token=signer.sign(get_random_string(16)),
        newest=newest,
        card=listing.card(read),
        canonical="",
    )
    response.status_code = status
    return response


def refusals(request: HttpRequest) -> Iterator[str]:
    """Why this was not sent by a person from our page. Whoever reads it can send it again at once."""
    if is_from_elsewhere(request):
        yield _("It came from another site. Send it once more, from here.")
    try:
        signer.unsign(request.POST.get("token", ""), max_age=OPEN_FOR)
    except SignatureExpired:
        yield _("This page was open for more than a day. Send it once more.")
    except BadSignature:
        yield _("It did not come from this form. Send it once more.")
    if request.POST.get("website"):
        yield _("A field that people do not see was filled in. It is empty again: send it once more.")


def is_from_elsewhere(request: HttpRequest) -> bool:
    """By what the browser says, and a page cannot forge. Very old browsers say nothing; they have the token."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in OURS
    origin = request.headers.get("Origin")
    return origin is not None and origin not in {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}


def client_address(meta: Mapping[str, Any]) -> str:
    """Each proxy in front adds the address that it saw; what stands before those, the client may have made up."""
    added = [address.strip() for address in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if settings.PROXIES and len(added) >= settings.PROXIES and added[-settings.PROXIES]:
        return added[-settings.PROXIES]
    return meta.get("REMOTE_ADDR", "")
