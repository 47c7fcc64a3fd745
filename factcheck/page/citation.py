"""How to cite an edition: as a line of text, and as CSL-JSON for programs that keep references."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from factcheck.models import Edition


def address(edition: Edition) -> str:
    return settings.SITE_URL + reverse("edition", args=[edition.slug, edition.number])


def title(edition: Edition) -> str:
    content = edition.dossier
    return _("%(label)s: “%(statement)s” – %(rating)s") % {
        "label": content["claim"]["label"],
        "statement": content["claim"]["statement"],
        "rating": content["verdict"]["rating"]["name"],
    }


def line(edition: Edition) -> str:
    return _("%(who)s, %(title)s. %(site)s, edition %(number)s, %(day)s. %(address)s") % {
        "who": edition.checked_by,
        "title": title(edition),
        "site": settings.SITE_NAME,
        "number": edition.number,
        "day": date_format(timezone.localtime(edition.published_at), "j F Y"),
        "address": address(edition),
    }


def csl(edition: Edition) -> list[dict[str, Any]]:
    """By the schema 1.0.2 of citationstyles.org, which wants a list. Names are as readers see them: not taken apart."""
    published = timezone.localtime(edition.published_at)
    item = {
        "id": f"{edition.slug}-{edition.number}",
        "type": "webpage",
        "title": title(edition),
        "author": [{"literal": edition.checked_by}],
        "container-title": settings.SITE_NAME,
        "publisher": settings.PUBLISHER_NAME,
        "issued": {"date-parts": [[published.year, published.month, published.day]]},
        "version": str(edition.number),
        "abstract": edition.dossier["verdict"]["summary"],
        "language": edition.dossier["story"]["language"],
        "URL": address(edition),
    }
    return [item]
