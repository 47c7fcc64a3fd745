"""The act by which each report of a page came to stand there, as far as the public may see it: the edition that first
had it in the words that it has now, with the names and the day of that edition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factcheck.models import Edition, ReportStanding

from .changes import look_alike
from .words import When, when

SAID = ("figure", "text", "quote", "reported_at", "true_as_of")


@dataclass(frozen=True)
class Act:
    edition: Edition
    published: When


@dataclass(frozen=True)
class Acts:
    said: Act
    """Since when it has been on the page in its words."""
    marked: Act | None
    """Since when it has been marked as it is, where that came later."""


@dataclass(frozen=True)
class _Cited:
    report: Mapping[str, Any]
    source: Mapping[str, Any]

    def says_what(self, other: "_Cited") -> bool:
        return all(self.report[name] == other.report[name] for name in SAID) and (
            self.source["slug"] == other.source["slug"] or look_alike(self.source, other.source)
        )

    def stands_as(self, other: "_Cited") -> bool:
        return self.says_what(other) and self.report["standing"] == other.report["standing"]


def acts(editions: Sequence[Edition]) -> dict[int, Acts]:
    """By the number of the report. `editions` newest first, beginning with the one that is shown."""
    cited = [_cited(edition.dossier) for edition in editions]
    said = _since(editions, cited, _Cited.says_what)
    standing = _since(editions, cited, _Cited.stands_as)
    return {
        number: Acts(
            said=_act(said[number]),
            marked=_act(standing[number])
            if each.report["standing"] != ReportStanding.CURRENT and standing[number] is not said[number]
            else None,
        )
        for number, each in cited[0].items()
    }


def _cited(content: Mapping[str, Any]) -> dict[int, _Cited]:
    sources = {source["slug"]: source for source in content["sources"]}
    return {report["number"]: _Cited(report, sources[report["source"]]) for report in content["reports"]}


def _since(
    editions: Sequence[Edition], cited: Sequence[Mapping[int, _Cited]], is_same: Callable[[_Cited, _Cited], bool]
) -> dict[int, Edition]:
    """The first edition of the unbroken run that leads up to the newest."""
    shown, still = cited[0], set(cited[0])
    since = dict.fromkeys(still, editions[0])
    for edition, before in zip(editions[1:], cited[1:], strict=True):
        still = {number for number in still if number in before and is_same(before[number], shown[number])}
        since |= dict.fromkeys(still, edition)
    return since


def _act(edition: Edition) -> Act:
    return Act(edition, when(edition.published_at))
