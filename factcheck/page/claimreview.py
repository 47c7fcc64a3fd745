"""ClaimReview (schema.org) as Google's “Fact Check (ClaimReview) structured data” page asks for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings


def claim_review(
    content: Mapping[str, Any], *, path: str, first_published: datetime, published: datetime
) -> dict[str, Any]:
    """The markup of the current edition of a page, made of nothing that the page does not show."""
    address = settings.SITE_URL + path
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": address,
        "claimReviewed": content["claim"]["statement"],
        "inLanguage": content["story"]["language"],
        "datePublished": first_published.isoformat(timespec="seconds"),
        "dateModified": published.isoformat(timespec="seconds"),
        "author": {"@type": "Organization", "name": settings.PUBLISHER_NAME, "url": settings.SITE_URL + "/"},
        "reviewRating": rating(content["verdict"]),
        "itemReviewed": item_reviewed(content["claim"]),
    }


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
    if claim["first_appearance_url"]:
        item["firstAppearance"] = {"@type": "CreativeWork", "url": claim["first_appearance_url"]}
    return item
