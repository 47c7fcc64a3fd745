"""What differs between two dossiers, in the reader's words, and which of it may change what a reader is told."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import text
from factcheck.models import KINDS, Mark, ReportStanding, SourceKind, Stance
from factcheck.text.prose import links, prose

from .words import SAME, reported, when

Content = Mapping[str, Any]
SHORT = 120
ELLIPSIS = " … "
AROUND = 24  # words and the spaces between them: so much of what stays is told on either side of a change


@dataclass(frozen=True)
class Change:
    """Words in place of others, or of none, by which a text may say something else."""

    removed: str
    added: str
    marks: tuple[text.Mark, ...]


@dataclass(frozen=True)
class Difference:
    part: tuple[str, str]
    """What of the dossier, and which of its fields."""
    label: str
    pieces: list[text.Piece]
    """Those of a text have no marks yet."""
    is_quiet: bool = False

    @cached_property
    def marked(self) -> list[text.Piece]:
        """With what may change the meaning: worked out when the desk asks, for no page shows it to readers."""
        return self.pieces if any(piece.marks for piece in self.pieces) else text.marked(self.pieces)

    @property
    def is_material(self) -> bool:
        """It may change what a reader is told; what is only typed or spelt otherwise does not."""
        return not self.is_quiet and any(piece.is_material for piece in self.marked)

    @property
    def changes(self) -> list[Change]:
        found: list[Change] = []
        follows = False  # what is added stands behind what it is added for
        for piece in self.marked:
            if piece.is_material and piece.op == "added" and follows:
                found[-1] = replace(found[-1], added=piece.text)
            elif piece.is_material:
                found.append(Change(**{"removed": "", "added": "", piece.op: piece.text}, marks=piece.marks))
            follows = piece.is_material and piece.op == "removed"
        return found

    @property
    def before(self) -> str:
        return self._side("removed")

    @property
    def after(self) -> str:
        return self._side("added")

    def _side(self, op: str) -> str:
        """All of it; of a long text, the words that differ."""
        whole = "".join(piece.text for piece in self.pieces if piece.op in ("same", op))
        if len(whole) <= SHORT:
            return whole
        return ELLIPSIS.join(piece.text.strip() for piece in self.marked if piece.op == op and piece.is_material)


@dataclass(frozen=True)
class Field:
    name: str
    label: Promise | str
    says: Callable[[Content], str]
    diff: Callable[[str, str], list[text.Piece]] = text.plain_diff
    is_quiet: bool = False
    """It leads to a source, or says when we read it, and nothing of what it says."""


def words(name: str, label: Promise) -> Field:
    """A text, which says the same however it is typed."""
    return Field(name, label, lambda stored: stored[name] or "")


def value(name: str, label: Promise, says: Callable[[Any], Any] = str, *, is_quiet: bool = False) -> Field:
    """What is one thing, and so the same or another."""

    def told(stored: Content) -> str:
        return "" if stored[name] in (None, "") else str(says(stored[name]))

    return Field(name, label, told, text.whole_diff, is_quiet)


def yes_or_no(is_so: bool) -> str:
    return _("yes") if is_so else _("no")


def quoted(part: str) -> Callable[[Content], str]:
    return lambda report: report["quote"][part] if report["quote"] else ""


CLAIM = [
    words("label", gettext_lazy("Label")),
    words("statement", gettext_lazy("Claim")),
    words("claimant", gettext_lazy("Claimant")),
    words("claimant_unknown_reason", gettext_lazy("Why the claimant is unknown")),
    value("made_at", gettext_lazy("Made"), when),
    words("first_appearance", gettext_lazy("First appearance")),
    value("first_appearance_url", gettext_lazy("Address of the first appearance")),
    value("cumulative", gettext_lazy("A figure that can only rise"), yes_or_no),
]
STORY = [
    words("title", gettext_lazy("Story")),
    words("summary", gettext_lazy("Summary of the story")),
    value("language", gettext_lazy("Language of the story")),
    value("began_on", gettext_lazy("Beginning of the story"), when),
]
VERDICT = [
    words("summary", gettext_lazy("Finding")),
    words("explanation", gettext_lazy("Explanation")),
    words("few_sources_reason", gettext_lazy("Reason for fewer than two sources")),
]
RATING = [  # without the scale: an edition keeps the one on which it was rated
    words("definition", gettext_lazy("meaning")),
    value("mark", gettext_lazy("mark"), lambda mark: Mark(mark).label),
    value("value", gettext_lazy("number")),
]
REPORT = [
    Field("says", "", reported),  # under the name of the report alone
    value("standing", gettext_lazy("standing"), lambda standing: ReportStanding(standing).label),
    value("stance", gettext_lazy("stance"), lambda stance: Stance(stance).label),
    value("kind", gettext_lazy("kind of change"), lambda kind: KINDS[kind]),
    words("kind_reason", gettext_lazy("why this kind of change")),
    value("reported_at", gettext_lazy("reported at"), when),
    value("true_as_of", gettext_lazy("true as of"), when),
    Field("quote", gettext_lazy("quote"), quoted("exact")),
    Field("quote_prefix", gettext_lazy("words before the quote"), quoted("prefix")),
    Field("quote_suffix", gettext_lazy("words after the quote"), quoted("suffix")),
]
BY_NAME = {field.name: field for field in REPORT}
SOURCE = [
    words("title", gettext_lazy("title")),
    Field("publisher", gettext_lazy("publisher"), lambda source: source["publisher"]["name"]),
    Field("home", gettext_lazy("home page"), lambda source: source["publisher"]["url"], text.whole_diff, is_quiet=True),
    value("kind", gettext_lazy("kind"), lambda kind: SourceKind(kind).label),
    value("url", gettext_lazy("address")),
    words("no_url_reason", gettext_lazy("why no address")),
    value("primary", gettext_lazy("primary"), yes_or_no),
    value("published_at", gettext_lazy("published at"), when),
    words("not_captured_reason", gettext_lazy("why not captured")),
    Field("withdrawn_reason", gettext_lazy("withdrawn"), lambda source: source.get("withdrawn_reason", "")),
    value("accessed_at", gettext_lazy("accessed at"), when, is_quiet=True),
    value("archive_url", gettext_lazy("archived copy"), is_quiet=True),
]


def between(old: Content, new: Content) -> list[Difference]:
    """All that differs, but for the kind and the note of the edition; the verdict first."""
    return list(_differences(old, new))


def seen_between(old: Content, new: Content) -> list[Difference]:
    """The same as readers see it, with the words around each change: an edition's own page has all of them."""
    found = []
    for each in _differences(old, new):
        pieces = each.pieces
        if each.part == ("verdict", "explanation"):
            pieces = _read(old["verdict"]["explanation"], new["verdict"]["explanation"])
        found.append(replace(each, pieces=list(_shortened(pieces))))
    return found


def _read(old: str, new: str) -> list[text.Piece]:
    """Of two explanations: without marks, with the addresses of links that changed; none where only marks did."""
    were, are = links(old), links(new)
    others = set(were) ^ set(are) or (set(were) if were != are else set())
    before, after = (prose(each, addressed=others) for each in (old, new))
    return text.plain_diff(before, after) if before != after else []


def _shortened(pieces: Sequence[text.Piece]) -> Iterator[text.Piece]:
    last = len(pieces) - 1
    for place, piece in enumerate(pieces):
        parts = re.split(r"(\s+)", piece.text) if piece.op == "same" else []
        if len(parts) > 3 * AROUND:
            begin, end = parts[: AROUND if place else 0], parts[-AROUND if place < last else len(parts) :]
            piece = replace(piece, text="".join([*begin, ELLIPSIS.strip(), *end]))
        yield piece


def material(old: Content, new: Content) -> list[Difference]:
    return [difference for difference in _differences(old, new) if difference.is_material]


def _differences(old: Content, new: Content) -> Iterator[Difference]:
    yield from _verdicts(old["verdict"], new["verdict"])
    for part, fields in (("claim", CLAIM), ("story", STORY)):
        yield from _fields(part, fields, old[part], new[part])
    yield from _reports(old, new)
    yield from _sources(old, new)


def _fields(part: str, fields: Iterable[Field], old: Content, new: Content, of: str = "") -> Iterator[Difference]:
    """`of` names the object, where there are several of its kind."""
    if old == new:  # most objects: none of their times and figures is put into words
        return
    for field in fields:
        before, after = field.says(old), field.says(new)
        if before != after:
            label = ", ".join(filter(None, [of, str(field.label)]))
            yield Difference((part, field.name), label, field.diff(before, after), field.is_quiet)


def _whole(part: tuple[str, str], label: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(part, label, text.whole_diff(before, after))


NOTHING = {"rating": None, "rating_then": None, "summary": "", "explanation": "", "few_sources_reason": ""}


def _verdicts(old: Content | None, new: Content | None) -> Iterator[Difference]:
    """A published claim has a verdict; it may have lost it since."""
    old, new = old or NOTHING, new or NOTHING
    redefined = set()
    for name, label in (("rating", _("Rating")), ("rating_then", _("Rating by what was known then"))):
        before, after = old[name], new[name]
        yield from _rating(("verdict", name), label, before, after)
        if _is_one_rating(before, after) and after["name"] not in redefined:
            redefined.add(after["name"])
            yield from _fields("rating", RATING, before, after, of=_("“%s”") % after["name"])
    yield from _fields("verdict", VERDICT, old, new)


def _rating(part: tuple[str, str], label: str, before: Content | None, after: Content | None) -> Iterator[Difference]:
    names = [each["name"] if each else "" for each in (before, after)]
    if names[0] != names[1]:
        diff = text.plain_diff if _is_one_rating(before, after) else text.whole_diff
        yield Difference(part, label, diff(*names))


def _is_one_rating(one: Content | None, other: Content | None) -> bool:
    return bool(one and other and (one["slug"] == other["slug"] or one["name"] == other["name"]))


@dataclass(frozen=True)
class _Cited:
    """A report with its source."""

    report: Content
    source: Content

    @property
    def name(self) -> str:
        named = {"number": self.report["number"], "publisher": self.source["publisher"]["name"]}
        return _("Report %(number)s (%(publisher)s)") % named

    @property
    def source_name(self) -> str:
        return f"{self.source['title']} ({self.source['publisher']['name']})"

    @property
    def whole(self) -> str:
        """What a reader sees of a report that is new, or gone."""
        told = [BY_NAME[name].says(self.report) for name in ("stance", "standing", "kind")]
        quote = quoted("exact")(self.report)
        return f"{reported(self.report)} ({', '.join(told)})" + (f" “{quote}”" if quote else "")


class _Sources:
    """Which source of the one is which of the other: short names may be others by now."""

    def __init__(self, old: Content, new: Content) -> None:
        self.old, self.new = ({each["slug"]: each for each in side["sources"]} for side in (old, new))
        gone = [self.old[slug] for slug in self.old.keys() - self.new.keys()]
        come = [self.new[slug] for slug in self.new.keys() - self.old.keys()]
        self.now = {slug: slug for slug in self.old.keys() & self.new.keys()}
        self.now |= {was["slug"]: now["slug"] for was in gone for now in come if look_alike(was, now)}

    def cited(self, content: Content, sources: Mapping[str, Content]) -> dict[int, _Cited]:
        return {report["number"]: _Cited(report, sources[report["source"]]) for report in content["reports"]}

    def bases(self, slugs: Iterable[str]) -> str:
        """What an old source rested on, or a new one rests on, by the titles of now."""
        titles = {slug: each["title"] for slug, each in (self.old | self.new).items()}
        return ", ".join(sorted(titles[self.now.get(slug, slug)] for slug in slugs))


def look_alike(one: Content, other: Content) -> bool:
    return all(one[name] == other[name] for name in ("title", "url", "publisher"))


def _reports(old: Content, new: Content) -> Iterator[Difference]:
    sources = _Sources(old, new)
    before, after = sources.cited(old, sources.old), sources.cited(new, sources.new)
    for number in sorted(before.keys() | after.keys()):
        was, now = before.get(number), after.get(number)
        if was and now:
            if sources.now.get(was.source["slug"]) != now.source["slug"]:
                label = f"{now.name}, {_('source')}"
                yield from _whole(("report", "source"), label, was.source_name, now.source_name)
            yield from _fields("report", REPORT, was.report, now.report, of=now.name)
        else:
            part = "went" if was else "confirmed" if now.report["kind"] in SAME else "came"
            yield from _whole(("report", part), (now or was).name, was.whole if was else "", now.whole if now else "")


def _sources(old: Content, new: Content) -> Iterator[Difference]:
    """What both cite. One that came or went did so with a report, or with what another source rests on."""
    sources = _Sources(old, new)
    for slug, slug_now in sorted(sources.now.items()):
        was, now = sources.old[slug], sources.new[slug_now]
        of = _("Source “%s”") % now["title"]
        yield from _fields("source", SOURCE, was, now, of=of)
        label = f"{of}, {_('rests on')}"
        yield from _whole(("source", "rests_on"), label, sources.bases(was["rests_on"]), sources.bases(now["rests_on"]))
