"""What the reports of a claim come to: each with its kind of change, and what was known then and is known now."""

from collections.abc import Mapping
from typing import Any

from factcheck.models import Claim, Report
from factcheck.page import known
from factcheck.page.context import report_rows


def block(claim: Claim, content: Mapping[str, Any]) -> dict[str, Any]:
    """For the page of a claim. A query where an editor named a kind of change, and none where nobody did."""
    rows = report_rows(content)
    named_by = _named_by(claim, [row["number"] for row in rows if row["kind_reason"]])
    found = known.proposal(content)
    verdict = content["verdict"] or {}
    return {
        "then": found.then,
        "now": found.now,
        "undated": found.undated,
        "rating_then": verdict.get("rating_then"),
        "rating": verdict.get("rating"),
        "rows": [row | {"named_by": named_by.get(row["number"], "")} for row in rows],
    }


def _named_by(claim: Claim, numbers: list[int]) -> dict[int, str]:
    """Who gave each of these reports the kind of change that it has."""
    if not numbers:
        return {}
    history = Report.history.filter(claim_id=claim.pk, number__in=numbers)
    versions = history.select_related("changeset__user").order_by("id", "revision")
    people: dict[int, str] = {}
    before: dict[int, str] = {}
    for version in versions:
        if version.kind_override and version.kind_override != before.get(version.number, ""):
            people[version.number] = version.changeset.person
        before[version.number] = version.kind_override
    return people
