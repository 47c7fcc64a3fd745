"""What differs between two editions, in the reader's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from factcheck import text

from .words import reported, when


@dataclass(frozen=True)
class Difference:
    label: str
    pieces: list[text.Piece]


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(label, text.word_diff(before, after))
        for label, before, after in _compared(old, new)
        if before != after
    ]


def _compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    before, after = _plain(old), _plain(new)
    for label in [*after, *(label for label in before if label not in after)]:
        yield label, before.get(label, ""), after.get(label, "")


def _plain(content: Mapping[str, Any]) -> dict[str, str]:
    """Every part of a dossier that a reader can see, by its label."""
    claim, verdict, story = content["claim"], content["verdict"], content["story"]
    made = when(claim["made_at"])
    parts = {
        _("Rating"): verdict["rating"]["name"],
        _("Rating by what was known then"): (verdict["rating_then"] or {}).get("name", ""),
        _("Finding"): verdict["summary"],
        _("Explanation"): verdict["explanation"],
        _("Reason for fewer than two sources"): verdict["few_sources_reason"],
        _("Label"): claim["label"],
        _("Claim"): claim["statement"],
        _("Claimant"): claim["claimant"] or claim["claimant_unknown_reason"],
        _("Made"): made.text if made else "",
        _("First appearance"): claim["first_appearance"],
        _("Story"): f"{story['title']}. {story['summary']}",
    }
    sources = {source["slug"]: source for source in content["sources"]}
    for report in sorted(content["reports"], key=lambda report: report["number"]):
        source = sources[report["source"]]
        label = _("Report %(number)s, %(source)s") % {"number": report["number"], "source": source["title"]}
        quote = f" “{report['quote']['exact']}”" if report["quote"] else ""
        parts[label] = f"{reported(report)} ({report['stance']}, {report['standing']}, {report['kind']}){quote}"
    return parts
