"""One claim as data: what preview, approval, publication, page, ClaimReview, feed, API and diff are functions of.

Content only: no state, no assignee, no revision, no record time, no database key.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import rfc8785
from django.utils import timezone

from factcheck import figures, origins, text
from factcheck.history.past import Clock
from factcheck.models import Board, Claim, EditionKind, Precision, Rating, Report, ReportStanding, Source, Verdict

FORMAT = 1


def build(claim: Claim, *, as_of: datetime | None = None, clock: str = Clock.RECORDED) -> dict[str, Any]:
    """The dossier of a claim as it is stored, or as it stood at a moment; see `Board` for what it costs.

    Raises Claim.DoesNotExist where there was no such claim at that moment.
    """
    board = Board.of_claim(claim, as_of=as_of, clock=clock)
    return on_board(board.claims[0], board)


def on_board(claim: Claim, board: Board) -> dict[str, Any]:
    """The dossier of one of the claims of a board."""
    reports, verdict = board.reports.get(claim.pk, []), board.verdicts.get(claim.pk)
    return {
        "format": FORMAT,
        "claim": _claim(claim),
        "story": {
            "slug": claim.story.slug,
            "title": claim.story.title,
            "summary": claim.story.summary,
            "language": claim.story.language,
            "began_on": claim.story.began_on.isoformat(),
        },
        "verdict": _verdict(verdict, board.ratings),
        "edition": {
            "kind": verdict.edition_kind if verdict else EditionKind.FIRST,
            "note": verdict.edition_note if verdict else "",
        },
        "reports": _reports(reports, cumulative=claim.is_cumulative),
        "sources": [_source(source, board.bases.get(source.pk, [])) for source in board.cited(claim)],
    }


def withdrawal(content: dict[str, Any], note: str) -> dict[str, Any]:
    """The last content of a page with the notice that takes it back."""
    return content | {"edition": {"kind": EditionKind.WITHDRAWAL, "note": note}}


def canonical(content: dict[str, Any]) -> str:
    """Canonical JSON (RFC 8785)."""
    return rfc8785.dumps(json.loads(json.dumps(content))).decode()


def digest(canonical_json: str) -> str:
    return hashlib.sha256(canonical_json.encode()).hexdigest()


def statements(reports: Iterable[Report]) -> list[figures.Statement]:
    return [
        figures.Statement(
            source=report.source.slug,
            figure=report.figure,
            text=report.text_value,
            reported_at=report.reported_at,
            true_as_of=report.true_as_of,
            accessed_at=report.source.accessed_at,
            standing=report.standing,
            override=report.kind_override,
            key=report,
        )
        for report in reports
    ]


def moment(value: datetime | None, precision: str = Precision.MINUTE) -> str | None:
    """A time in UTC, or a bare date where only the day is known."""
    if value is None:
        return None
    if precision == Precision.DAY:
        return timezone.localtime(value).date().isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def decimal(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "slug": claim.slug,
        "label": claim.label,
        "statement": claim.statement,
        "claimant": claim.claimant,
        "claimant_unknown_reason": claim.claimant_unknown_reason,
        "made_at": moment(claim.made_at, claim.made_precision),
        "first_appearance": claim.first_appearance,
        "first_appearance_url": claim.first_appearance_url,
        "cumulative": claim.is_cumulative,
    }


def _verdict(verdict: Verdict | None, ratings: list[Rating]) -> dict[str, Any] | None:
    if verdict is None:
        return None
    numbers = [rating.value for rating in ratings if rating.value is not None]
    scale = {"best": max(numbers), "worst": min(numbers)} if numbers else None
    return {
        "rating": _rating(verdict.rating, scale),
        "rating_then": _rating(verdict.rating_then, scale),
        "summary": verdict.summary,
        "explanation": verdict.explanation,
        "few_sources_reason": verdict.few_sources_reason,
    }


def _rating(rating: Rating | None, scale: dict[str, int] | None) -> dict[str, Any] | None:
    if rating is None:
        return None
    words = {"slug": rating.slug, "name": rating.name, "definition": rating.definition, "mark": rating.mark}
    return words | {"value": rating.value, "scale": scale if rating.value is not None else None}


def _reports(reports: list[Report], *, cumulative: bool) -> list[dict[str, Any]]:
    ordered = figures.in_reported_order(statements(reports))
    kinds = figures.kinds(ordered, cumulative=cumulative, same_text=text.same)
    return [_report(statement.key, kind) for statement, kind in zip(ordered, kinds, strict=True)]


def _report(report: Report, kind: figures.Kind) -> dict[str, Any]:
    figure = report.figure
    return {
        "number": report.number,
        "source": report.source.slug,
        "stance": report.stance,
        "reported_at": moment(report.reported_at, report.reported_precision),
        "true_as_of": moment(report.true_as_of),
        "figure": figure
        and {
            "qualifier": str(figure.qualifier),
            "low": decimal(figure.low),
            "high": decimal(figure.high),
            "unit": figure.unit,
            "tolerance": decimal(figure.tolerance),
        },
        "text": report.text_value,
        "quote": {"exact": report.quote, "prefix": report.quote_prefix, "suffix": report.quote_suffix}
        if report.quote
        else None,
        "standing": report.standing,
        "kind": str(kind),
        "kind_reason": report.kind_override_reason if report.kind_override else "",
    }


def _source(source: Source, bases: list[Source]) -> dict[str, Any]:
    return {
        "slug": source.slug,
        "title": source.title,
        "publisher": {"name": source.publisher.name, "url": source.publisher.url},
        "kind": source.kind,
        "url": source.url,
        "no_url_reason": source.no_url_reason,
        "primary": source.is_primary,
        "published_at": moment(source.published_at, source.published_precision),
        "accessed_at": moment(source.accessed_at),
        "archive_url": source.archive_url,
        "not_captured_reason": source.not_captured_reason,
        "rests_on": sorted(basis.slug for basis in bases),
        # Left out where it says nothing, as it is in editions from before there was such a thing.
        **({"withdrawn_reason": source.withdrawn_reason} if source.withdrawn_reason else {}),
    }


def independent_origins(content: Mapping[str, Any], reports: Iterable[Mapping[str, Any]] | None = None) -> int:
    """How many origins of different publishers its reports, or these of them, go back to.

    A retracted report goes back to none, and an origin that was withdrawn is none.
    """
    sources = {source["slug"]: source for source in content["sources"]}
    reports = content["reports"] if reports is None else reports
    cited = [report["source"] for report in reports if report["standing"] != ReportStanding.RETRACTED]
    bases = {slug: [base for base in source["rests_on"] if base in sources] for slug, source in sources.items()}
    found = [
        group
        for group in origins.origins(cited, bases)
        if not all(sources[slug].get("withdrawn_reason") for slug in group)
    ]
    return origins.independent(found, {slug: source["publisher"]["name"] for slug, source in sources.items()})
