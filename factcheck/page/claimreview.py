"""ClaimReview (schema.org) as Google's “Fact Check (ClaimReview) structured data” page asks for it.

Corrections and sources go out too, by schema.org alone: Google's page does not name them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from factcheck.models import TextPage


@dataclass(frozen=True)
class Correction:
    """What readers were told of an edition that corrected the one before it."""

    note: str
    published: datetime


def claim_review(
    content: Mapping[str, Any],
    *,
    slug: str,
    number: int,
    first_published: datetime,
    published: datetime,
    corrections: Iterable[Correction] = (),
) -> dict[str, Any]:
    """The markup of the current edition of a page, made of nothing that the page does not show."""
    corrected = [
        {"@type": "CorrectionComment", "text": each.note, "datePublished": moment(each.published)}
        for each in corrections
    ]
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": address(slug),
        "claimReviewed": content["claim"]["statement"],
        "inLanguage": content["story"]["language"],
        "datePublished": moment(first_published),
        "dateModified": moment(published),
        "version": number,
        "archivedAt": settings.SITE_URL + reverse("edition", args=[slug, number]),
        "author": checker(),
        "reviewRating": rating(content["verdict"]),
        "itemReviewed": item_reviewed(content["claim"]),
        "citation": [cited(source) for source in content["sources"]],
        **({"correction": corrected} if corrected else {}),
    }


def address(slug: str) -> str:
    return settings.SITE_URL + reverse("verdict", args=[slug])


def moment(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


def checker() -> dict[str, Any]:
    """An Organization, as Google's page names it: its kind NewsMediaOrganization alone has more policies."""
    corrections = _text(TextPage.CORRECTIONS)
    return {
        "@type": "Organization",
        "name": settings.PUBLISHER_NAME,
        "url": settings.SITE_URL + "/",
        "publishingPrinciples": _text(TextPage.METHODOLOGY),
        "correctionsPolicy": corrections,
        "actionableFeedbackPolicy": corrections,
        "ownershipFundingInfo": _text(TextPage.FUNDING),
    }


def _text(page: TextPage) -> str:
    return settings.SITE_URL + reverse("text", args=[page.value])


def rating(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """A rating without a number goes out as text only: a number would place it on a scale of truth."""
    given = verdict["rating"]
    markup = {"@type": "Rating", "alternateName": given["name"], "ratingExplanation": verdict["summary"]}
    if given["value"] is None:
        return markup
    scale = given["scale"]
    return markup | {"ratingValue": given["value"], "bestRating": scale["best"], "worstRating": scale["worst"]}


def item_reviewed(claim: Mapping[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": "Claim"}
    if claim["claimant"]:
        item["author"] = {"@type": "Organization", "name": claim["claimant"]}
    if claim["made_at"]:
        item["datePublished"] = claim["made_at"]
    appearance = {"name": claim["first_appearance"], "url": claim["first_appearance_url"]}
    if any(appearance.values()):
        item["firstAppearance"] = {"@type": "CreativeWork"} | _given(appearance)
    return item


def cited(source: Mapping[str, Any]) -> dict[str, Any]:
    publisher = {"@type": "Organization"} | _given(source["publisher"])
    work = {
        "name": source["title"],
        "url": source["url"],
        "datePublished": source["published_at"],
        "archivedAt": source["archive_url"],
    }
    return {"@type": "CreativeWork", "publisher": publisher} | _given(work)


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
