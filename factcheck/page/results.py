"""Editions as somebody finds them: with the words that were asked for, and by what they cite."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from factcheck.models import Edition
from factcheck.text.finding import Found, Query, excerpt, is_in, mark
from factcheck.text.prose import prose

from .context import report_rows
from .listing import card
from .words import when


def result(edition: Edition, query: Query) -> dict[str, Any]:
    shown = card(edition)
    head = (shown["claim"]["label"], shown["claim"]["statement"], shown["summary"])
    label, statement, summary = (mark(text, query) for text in head)
    return shown | {
        "label": label,
        "statement": statement,
        "summary": summary,
        "excerpt": _excerpt(edition.dossier, query, head),
    }


def _excerpt(content: Mapping[str, Any], query: Query, head: Sequence[str]) -> list[Found]:
    """Where the rest of what was asked for stands."""
    rest = Query(tuple(term for term in query.terms if not any(is_in(text, term) for text in head)))
    return excerpt(_texts(content), rest) if rest else []


def _texts(content: Mapping[str, Any]) -> Iterator[str]:
    yield from prose(content["verdict"]["explanation"]).split("\n")
    titles = {source["slug"]: source["title"] for source in content["sources"]}
    for report in content["reports"]:
        if report["quote"]:
            yield f"“{report['quote']['exact']}” – {titles[report['source']]}"
        elif report["text"]:
            yield f"{report['text']} – {titles[report['source']]}"
    for source in content["sources"]:
        yield f"{source['title']}, {source['publisher']['name']}"
    yield content["claim"]["claimant"]


def cited(newest: Edition, citing: Edition, source: str, corrections: Iterable[Edition]) -> dict[str, Any]:
    """A claim by what one source says of it: in `citing`, the last edition that cites it."""
    return card(newest) | {
        "citing": citing,
        "is_cited": citing.number == newest.number,
        "reports": [row for row in report_rows(citing.dossier) if row["source"]["slug"] == source],
        "corrections": [
            {"edition": each, "published": when(each.published_at), "note": each.dossier["edition"]["note"]}
            for each in corrections
        ],
    }
