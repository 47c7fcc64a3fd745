"""How to cite an edition: a line of text, CSL-JSON for programs that keep references, and a card in a frame."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from factcheck.models import Edition

from .words import verdict_word, when

WIDTH, NARROW = 560, 480


def address(edition: Edition) -> str:
    return settings.SITE_URL + reverse("edition", args=[edition.slug, edition.number])


def title(edition: Edition) -> str:
    content = edition.dossier
    return _("%(label)s: “%(statement)s” – %(rating)s") % {
        "label": content["claim"]["label"],
        "statement": content["claim"]["statement"],
        "rating": verdict_word(edition),
    }


def line(edition: Edition) -> str:
    words = _("%(who)s, %(title)s. %(site)s, edition %(number)s, %(day)s. %(address)s")
    if edition.is_reconstructed:
        words = _("%(who)s, %(title)s. %(site)s, edition %(number)s, %(day)s (reconstructed). %(address)s")
    return words % {
        "who": edition.checked_by,
        "title": title(edition),
        "site": settings.SITE_NAME,
        "number": edition.number,
        "day": date_format(timezone.localtime(edition.published_at), "j F Y"),
        "address": address(edition),
    }


def csl(edition: Edition) -> list[dict[str, Any]]:
    """By the schema 1.0.2 of citationstyles.org, which wants a list. Names are as readers see them: not taken apart."""
    content, published = edition.dossier, timezone.localtime(edition.published_at)
    item = {
        "id": f"{edition.slug}-{edition.number}",
        "type": "webpage",
        "title": title(edition),
        "author": [{"literal": edition.checked_by}],
        "container-title": settings.SITE_NAME,
        "publisher": settings.PUBLISHER_NAME,
        "issued": {"date-parts": [[published.year, published.month, published.day]]},
        "version": str(edition.number),
        "abstract": content["edition"]["note"] if edition.is_withdrawal else content["verdict"]["summary"],
        "language": content["story"]["language"],
        "URL": address(edition),
    }
    if edition.is_reconstructed:
        item["note"] = _("Reconstructed: its date and names come from a file that was imported on %s.") % when(
            edition.recorded_at
        )
    return [item]


def frame(edition: Edition, width: int, height: int) -> SafeString:
    """The card, which always shows the current edition: so its name is that of no rating."""
    named = {"site": settings.SITE_NAME, "statement": edition.dossier["claim"]["statement"]}
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" frameborder="0"></iframe>',
        settings.SITE_URL + reverse("embed", args=[edition.slug]),
        _("%(site)s: “%(statement)s”") % named,
        width,
        height,
    )


def height(width: int) -> int:
    """So that the card's words, which are cut, need no scrolling."""
    return 260 if width >= NARROW else 380
