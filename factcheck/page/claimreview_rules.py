"""Google's rules for ClaimReview, looked at before anything goes out.

Their source is “Fact check (ClaimReview) structured data” of Google Search Central. Where a rule is ours, its function
says so. That a claim should have fewer than 75 characters is advice there, and no rule here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

Markup = Mapping[str, Any]
NUMBERS = ("ratingValue", "bestRating", "worstRating")
CHECKERS = {"Organization", "Person"}
EASTMOST = timedelta(hours=14)  # of UTC: where a day begins first


@dataclass(frozen=True)
class Problem:
    """A rule that a markup breaks, and what to do."""

    rule: str
    message: str


def check(markup: Markup, *, page: str) -> list[Problem]:
    """`page` is the address of the page that it stands on."""
    return [Problem(name, message) for name, rule in RULES.items() for message in rule(markup, page)]


def check_words(markups: Iterable[Markup]) -> list[Problem]:
    """Across a site: “minimally, there must be a number to text rating system”."""
    words: dict[tuple[Any, ...], set[str]] = {}
    for markup in markups:
        rating = part(markup, "reviewRating")
        if "ratingValue" in rating:
            number = tuple(rating.get(name) for name in NUMBERS)
            words.setdefault(number, set()).add(str(rating.get("alternateName")))
    text = _("The number %(number)s stands for %(words)s: publish a new edition of those that have the old word.")
    return [
        Problem("one-word-a-number", text % {"number": number[0], "words": ", ".join(f"“{w}”" for w in sorted(found))})
        for number, found in words.items()
        if len(found) > 1
    ]


# Reading.


def part(markup: Markup, name: str) -> Markup:
    value = markup.get(name)
    return value if isinstance(value, Mapping) else {}


def parts(markup: Markup, name: str) -> list[Any]:
    value = markup.get(name, [])
    return value if isinstance(value, list) else [value]


def words(markup: Markup, name: str) -> str:
    value = markup.get(name)
    return value.strip() if isinstance(value, str) else ""


def host(url: Any) -> str:
    """Empty where it is no whole http(s) address."""
    try:
        split = urlsplit(url) if isinstance(url, str) and not re.search(r"\s", url) else None
    except ValueError:
        return ""
    return (split.hostname or "") if split and split.scheme in {"http", "https"} else ""


def is_part_of(inner: str, outer: str) -> bool:
    return inner == outer or inner.endswith(f".{outer}")


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", str(value)) else None


def earliest(value: Any) -> datetime | None:
    """When it was at the earliest: a day as it began where it began first, a time with its zone."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, tzinfo=UTC) - EASTMOST
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None


# The review.


def kind(markup: Markup, page: str) -> Iterator[str]:
    if markup.get("@type") != "ClaimReview" or not re.fullmatch(r"https?://schema\.org/?", words(markup, "@context")):
        yield _("The markup is no ClaimReview of schema.org: set @context and @type.")


def claim_text(markup: Markup, page: str) -> Iterator[str]:
    if not words(markup, "claimReviewed"):
        yield _("Statement: write the claim itself (claimReviewed is missing).")


def claim_without_rating(markup: Markup, page: str) -> Iterator[str]:
    word = words(part(markup, "reviewRating"), "alternateName")
    if word and re.match(
        rf"[“\"]?{re.escape(word)}[”\"]?\s*(:|–|—| - )", words(markup, "claimReviewed"), re.IGNORECASE
    ):
        yield _("Statement: write the claim without our rating, “%s”, before it (claimReviewed).") % word


def own_address(markup: Markup, page: str) -> Iterator[str]:
    ours = host(markup.get("url"))
    if not ours:
        yield _("The address of the page is no whole http or https address: mend SITE_URL (url).")
    elif not is_part_of(ours, host(page)):
        yield _("The address “%s” is not on the site of its page: mend SITE_URL (url).") % markup["url"]


def checker(markup: Markup, page: str) -> Iterator[str]:
    author = part(markup, "author")
    if author.get("@type") not in CHECKERS or not (words(author, "name") or host(author.get("url"))):
        yield _("Say who checks: set PUBLISHER_NAME (author, an Organization or a Person with a name or an address).")


def dates(markup: Markup, page: str) -> Iterator[str]:
    """Ours, by ISO 8601, which Google's page asks for in `datePublished` of a claim; the others are read alike."""
    named = [("datePublished", markup), ("dateModified", markup), ("datePublished", part(markup, "itemReviewed"))]
    named += [("datePublished", each) for each in [*parts(markup, "correction"), *parts(markup, "citation")]]
    for name, of in named:
        if isinstance(of, Mapping) and name in of and earliest(of[name]) is None:
            text = _("“%(value)s” is no date, or no time with its zone: write it as 2018-03-23 (%(name)s).")
            yield text % {"value": of[name], "name": name}


def dates_in_order(markup: Markup, page: str) -> Iterator[str]:
    """Ours: a claim is made before it is checked, and a page published before it is changed."""
    published, modified = earliest(markup.get("datePublished")), earliest(markup.get("dateModified"))
    made = earliest(part(markup, "itemReviewed").get("datePublished"))
    if published and modified and modified < published:
        yield _("The page was changed before it was published (dateModified, datePublished).")
    if made and (last := modified or published) and made > last:
        yield _("Made at: the claim would be made after this check of it (itemReviewed.datePublished).")


# The rating.


def rating_word(markup: Markup, page: str) -> Iterator[str]:
    if part(markup, "reviewRating").get("@type") != "Rating" or not words(
        part(markup, "reviewRating"), "alternateName"
    ):
        yield _("Rating: choose one that has a name (reviewRating.alternateName is missing).")


def rating_numbers(markup: Markup, page: str) -> Iterator[str]:
    rating = part(markup, "reviewRating")
    given = [name for name in NUMBERS if name in rating]
    if given and len(given) < len(NUMBERS):
        yield _("Rating: give it its number and both ends of the scale, or none of them (%s).") % ", ".join(given)
    for name in given:
        if number(rating[name]) is None:
            yield _("Rating: “%(value)s” is no number (%(name)s).") % {"value": rating[name], "name": name}


def rating_scale(markup: Markup, page: str) -> Iterator[str]:
    value, best, worst = (number(part(markup, "reviewRating").get(name)) for name in NUMBERS)
    if best is None or worst is None:
        return
    if not 1 <= worst < best:
        yield _("Rating: the scale must begin at 1 or higher and end higher (worstRating, bestRating).")
    elif value is not None and not worst <= value <= best:
        yield _("Rating: its number %(value)g is not on the scale from %(worst)g to %(best)g.") % {
            "value": value,
            "worst": worst,
            "best": best,
        }


# The claim.


def item(markup: Markup, page: str) -> Iterator[str]:
    if "itemReviewed" in markup and part(markup, "itemReviewed").get("@type") != "Claim":
        yield _("What is reviewed is no Claim (itemReviewed).")


def claimant(markup: Markup, page: str) -> Iterator[str]:
    for author in parts(part(markup, "itemReviewed"), "author"):
        if not isinstance(author, Mapping) or author.get("@type") not in CHECKERS or not words(author, "name"):
            yield _("Claimant: name who made the claim, or leave it empty (itemReviewed.author).")


def claim_of_others(markup: Markup, page: str) -> Iterator[str]:
    """Google's for sites: a claim is attributed to a distinct origin outside one's own."""
    checks = words(part(markup, "author"), "name").casefold()
    for author in parts(part(markup, "itemReviewed"), "author"):
        if isinstance(author, Mapping) and checks and words(author, "name").casefold() == checks:
            yield _("Claimant: name somebody other than “%s”, who checks it.") % words(author, "name")
    for appearance in appearances(markup):
        url = appearance.get("url") if isinstance(appearance, Mapping) else appearance
        if host(url) and host(url) == host(page):
            yield _("Address of the first appearance: give one outside this site.")


def appearance(markup: Markup, page: str) -> Iterator[str]:
    for each in appearances(markup):
        work = each if isinstance(each, Mapping) else {"@type": "CreativeWork", "url": each}
        is_found = host(work["url"]) if "url" in work else words(work, "name")
        if work.get("@type") != "CreativeWork" or not is_found:
            yield _("Address of the first appearance: give a whole http or https address, or what it is.")


def appearances(markup: Markup) -> list[Any]:
    reviewed = part(markup, "itemReviewed")
    return [*parts(reviewed, "appearance"), *parts(reviewed, "firstAppearance")]


# What schema.org alone defines: ours.


def citations(markup: Markup, page: str) -> Iterator[str]:
    for work in parts(markup, "citation"):
        work = work if isinstance(work, Mapping) else {}
        addresses = [work[name] for name in ("url", "archivedAt") if name in work]
        if not words(work, "name") or not all(host(each) for each in addresses):
            text = _("Source “%s”: give its title, and whole http or https addresses (citation).")
            yield text % (words(work, "name") or "?")


def corrections(markup: Markup, page: str) -> Iterator[str]:
    for each in parts(markup, "correction"):
        if not isinstance(each, Mapping) or not words(each, "text") or "datePublished" not in each:
            yield _("A correction needs its note to readers and its date (correction).")


RULES: dict[str, Callable[[Markup, str], Iterator[str]]] = {
    "kind": kind,
    "claim-text": claim_text,
    "claim-without-rating": claim_without_rating,
    "own-address": own_address,
    "checker": checker,
    "dates": dates,
    "dates-in-order": dates_in_order,
    "rating-word": rating_word,
    "rating-numbers": rating_numbers,
    "rating-scale": rating_scale,
    "item": item,
    "claimant": claimant,
    "claim-of-others": claim_of_others,
    "appearance": appearance,
    "citations": citations,
    "corrections": corrections,
}
