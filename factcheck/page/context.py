"""A verdict page as its template wants it: a function of frozen editions, so preview and public page share it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import dossier
from factcheck.models import KINDS, Edition, EditionKind, Flag, SourceKind

from . import card, chart, citation
from .acts import acts
from .attribution import attributed
from .changes import Difference, seen_between
from .claimreview import Correction, claim_review
from .explained import explained
from .kept import kept
from .known import derived_kinds, proposal
from .safe import script_json
from .wordings import wordings
from .words import KIND_MEANINGS, When, mark, names_all, reported, standing_name, verdict_word, when

NOTICES = {
    EditionKind.UPDATE: gettext_lazy("Update"),
    EditionKind.CORRECTION: gettext_lazy("Correction"),
    EditionKind.CLARIFICATION: gettext_lazy("Clarification"),
    EditionKind.WITHDRAWAL: gettext_lazy("Withdrawn"),
}
SILENT = {EditionKind.TYPO, EditionKind.REAFFIRMATION}
STANCES = {
    "supports": gettext_lazy("For the claim"),
    "contradicts": gettext_lazy("Against the claim"),
    "context": gettext_lazy("In context"),
}


@dataclass(frozen=True)
class Change:
    """One edition in “What changed on this page”."""

    edition: Edition
    published: When
    old_rating: str
    differences: list[Difference]


@dataclass(frozen=True)
class Comparison:
    """An edition beside another one."""

    other: Edition
    differences: list[Difference]


def verdict_page(
    editions: Sequence[Edition], *, number: int | None = None, flag: Flag | None = None
) -> dict[str, Any] | None:
    """`editions` newest first; `number` names an older one. None where there is no such edition."""
    newest = editions[0]
    shown = newest if number is None else next((each for each in editions if each.number == number), None)
    if shown is None:
        return None
    content = shown.dossier
    log = changes(editions)
    since = acts(editions[editions.index(shown) :])
    rows = [row | {"acts": since[row["number"]]} for row in report_rows(content)]
    sentence = attributed(content["verdict"]["summary"], content["reports"])
    charts = chart.charts(content["reports"], label=content["claim"]["label"])
    is_current = shown is newest
    return {
        "edition": shown,
        "newest": newest,
        "is_current": is_current,
        "claim_path": reverse("verdict", args=[shown.slug]),
        "published": when(shown.published_at),
        "first_published": when(editions[-1].published_at),
        "recorded": when(shown.recorded_at),
        "story": content["story"],
        "claim": content["claim"] | {"made": when(content["claim"]["made_at"])},
        "rating": rated(content["verdict"]["rating"]),
        "rating_then": rating_then(content["verdict"]),
        "known": proposal(content),
        "word": verdict_word(shown),
        "gist": content["edition"]["note"] if shown.is_withdrawal else content["verdict"]["summary"],
        "sentence": sentence,
        "is_attributed": any(part.report for part in sentence),
        "explanation": explained(content["verdict"]["explanation"], content["reports"]),
        "few_sources_reason": content["verdict"]["few_sources_reason"],
        "flag": flag if is_current else None,
        "flagged": when(flag.at) if flag and is_current else None,
        "notice": notice(shown, log),
        "charts": charts,
        "chart_key": chart.key(charts[0]) if charts else [],
        "reports": rows,
        "wordings": [] if charts else wordings(rows),
        "evidence": evidence(content["sources"], rows),
        "report_count": len(content["reports"]),
        "origin_count": dossier.independent_origins(content),
        "changes": log,
        **({} if number is None else among_editions(shown, editions)),
        "citation": citation.line(shown),
        "frame": citation.frame(shown, citation.WIDTH, citation.height(citation.WIDTH)),
        "picture": card.described(shown) if card.is_possible() else None,
        "claim_review": script_json(page_markup(editions)) if is_current and not newest.is_withdrawal else None,
    }


def page_markup(editions: Sequence[Edition]) -> dict[str, Any]:
    """The ClaimReview of a page, of its editions, newest first."""
    newest, first = editions[0], editions[-1]
    return claim_review(
        newest.dossier,
        slug=newest.slug,
        number=newest.number,
        first_published=first.published_at,
        published=newest.published_at,
        corrections=[
            Correction(edition.dossier["edition"]["note"], edition.published_at)
            for edition in editions
            if edition.kind == EditionKind.CORRECTION
        ],
    )


def rated(rating: Mapping[str, Any]) -> dict[str, Any]:
    return {**rating, "sign": mark(rating)}


def rating_then(verdict: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rating by what could be known when the claim was made, where it is another than today's."""
    then = verdict["rating_then"]
    return rated(then) if then and then["slug"] != verdict["rating"]["slug"] else None


def old_rating(edition: Edition, before: Edition | None) -> str:
    if before is None:
        return ""
    old, new = before.dossier["verdict"]["rating"]["name"], edition.dossier["verdict"]["rating"]["name"]
    return old if old != new else ""


def changes(editions: Sequence[Edition]) -> list[Change]:
    """Newest first, each against the edition before it."""
    befores = [*editions[1:], None]
    return [
        Change(
            edition=edition,
            published=when(edition.published_at),
            old_rating=old_rating(edition, before),
            differences=differences(before.content, edition.content) if before else [],
        )
        for edition, before in zip(editions, befores, strict=True)
    ]


def among_editions(shown: Edition, editions: Sequence[Edition]) -> dict[str, Any]:
    """What the permanent address of an edition says beside it."""
    return {
        "before": compared(shown, editions, shown.number - 1),
        "after": compared(shown, editions, editions[0].number),
        "stood_until": stood_until(shown, editions),
    }


def compared(shown: Edition, editions: Sequence[Edition], number: int) -> Comparison | None:
    """With the edition of that number, the earlier one first."""
    other = next((each for each in editions if each.number == number and each is not shown), None)
    if other is None:
        return None
    old, new = sorted((shown, other), key=lambda each: each.number)
    return Comparison(other, differences(old.content, new.content))


@kept(256)  # of two texts of some kilobytes each: each page of a claim tells of all its editions
def differences(old: str, new: str) -> list[Difference]:
    return seen_between(json.loads(old), json.loads(new))


def stood_until(shown: Edition, editions: Sequence[Edition]) -> When | None:
    """When the next one came, by its own word; with one that says it came earlier, none stood between."""
    later = [each.published_at for each in editions if each.number > shown.number]
    return when(max(min(later), shown.published_at)) if later else None


def notice(shown: Edition, log: Sequence[Change]) -> dict[str, Any] | None:
    """What readers are told first. A typo mended or a finding reaffirmed does not take the notice before it away."""
    told = (change for change in log if change.edition.number <= shown.number and change.edition.kind not in SILENT)
    change = next(told, None)
    if change is None or change.edition.kind not in NOTICES:
        return None
    note, rating = change.edition.dossier["edition"]["note"], change.edition.dossier["verdict"]["rating"]["name"]
    return {
        "word": NOTICES[change.edition.kind],
        "kind": change.edition.kind,
        "published": change.published,
        "note": note,
        "old_rating": "" if names_all(note, change.old_rating, rating) else change.old_rating,
        "rating": rating,
    }


def report_rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    sources = {source["slug"]: source for source in content["sources"]}
    derived = {report["number"]: kind for report, kind in zip(content["reports"], derived_kinds(content), strict=True)}
    return [
        {
            **report,
            "when": when(report["reported_at"]),
            "as_of": when(report["true_as_of"]),
            "words": reported(report),
            "standing_name": standing_name(report),
            "kind_name": KINDS[report["kind"]],
            "kind_meaning": report["kind_reason"] or KIND_MEANINGS[report["kind"]],
            "derived_name": KINDS[derived[report["number"]]] if report["kind_reason"] else "",
            "source": sources[report["source"]],
            "anchor": f"{report['stance']}-{report['source']}",
        }
        for report in content["reports"]
    ]


def evidence(cited_sources: Sequence[Mapping[str, Any]], reports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Per stance, each source once, with all that it says."""
    sources = {source["slug"]: source for source in cited_sources}
    groups = []
    for stance, heading in STANCES.items():
        cited: dict[str, list[Mapping[str, Any]]] = {}
        for row in reports:
            if row["stance"] == stance:
                cited.setdefault(row["source"]["slug"], []).append(row)
        if cited:
            entries = [
                {"anchor": rows[0]["anchor"], "source": source_words(sources[slug], sources), "reports": rows}
                for slug, rows in cited.items()
            ]
            groups.append({"stance": stance, "heading": heading, "entries": entries})
    return groups


def source_words(source: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    published = when(source["published_at"])
    return {
        **source,
        "kind_name": SourceKind(source["kind"]).label,
        "published": published,
        "published_text": published.text if published else _("undated"),
        "accessed": when(source["accessed_at"]),
        "withdrawn_reason": source.get("withdrawn_reason", ""),
        "bases": [_base(sources[slug]) for slug in source["rests_on"] if slug in sources],
    }


def _base(source: Mapping[str, Any]) -> str:
    if reason := source.get("withdrawn_reason"):
        return _("%(title)s (withdrawn: %(why)s)") % {"title": source["title"], "why": reason}
    return source["title"]
