"""What happened to a claim between two moments, in plain sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import figures
from factcheck.models import KINDS

from . import changes
from .known import statements
from .words import SAME, reported, standing_name

Content = Mapping[str, Any]
LONGEST = 240
NEW = {
    "first": gettext_lazy("%(publisher)s is the first to report: %(words)s"),
    "confirmation": gettext_lazy("%(publisher)s confirms: %(words)s"),
    "repetition": gettext_lazy("%(publisher)s repeats: %(words)s"),
    "changed": gettext_lazy("%(publisher)s reports: %(words)s"),
}


@dataclass(frozen=True)
class Told:
    sentence: str
    part: str
    """ "claim", "verdict", "report" or "source": of what."""
    key: int | str | None = None
    """The number of the report, the short name of the source."""
    is_new: bool = False
    """It was not there before."""
    field: str = ""
    """Of the claim or the verdict, where it is one that changed."""


def of_claim(old: Content | None, new: Content | None) -> list[Told]:
    """Beside a dossier's own, each side may have the words for its "state" and its "assignee". Sources are told of
    once, for many claims: by `of_sources`."""
    if new is None:
        return [Told(_("it is no longer in this story"), "claim")]
    found = [] if old else [Told(_("new: “%s”") % new["claim"]["statement"], "claim", is_new=True)]
    found += _reports(old["reports"] if old else [], new)
    if old:
        found += _fields(old, new)
    elif new["verdict"] and new["verdict"]["rating"]:
        found.append(Told(_("rated “%s”") % new["verdict"]["rating"]["name"], "verdict", is_new=True))
    return found + list(_bookkeeping(old or {}, new))


def of_sources(old: Mapping[str, Content], new: Mapping[str, Content]) -> Iterator[Told]:
    """Of what both know, by short name."""
    for slug in sorted(old.keys() & new.keys()):
        was, now = old[slug], new[slug]
        named = {"title": now["title"], "publisher": now["publisher"]["name"]}
        name = _("source “%(title)s” (%(publisher)s)") % named
        for field in changes.SOURCE:
            before, after = field.says(was), field.says(now)
            if before != after and not field.is_quiet:
                yield Told(_step(f"{name}, {field.label}", before, after), "source", slug)


def _fields(old: Content, new: Content) -> Iterator[Told]:
    for difference in changes.between(old, new):
        part = difference.part[0]
        if part in {"claim", "verdict"}:
            sentence = _step(_begin(difference.label), difference.before, difference.after)
            yield Told(sentence, part, field=difference.part[1])


def _bookkeeping(old: Content, new: Content) -> Iterator[Told]:
    for name, label in (("state", _("state")), ("assignee", _("assignee"))):
        before, after = old.get(name, ""), new.get(name, "")
        if before != after and old:
            yield Told(_step(label, before, after), "claim")


def _reports(before: list[Content], content: Content) -> Iterator[Told]:
    publishers = {source["slug"]: source["publisher"]["name"] for source in content["sources"]}
    was = {report["number"]: report for report in before}
    said = statements(content["reports"])
    for place, report in enumerate(content["reports"]):
        number, publisher = report["number"], publishers[report["source"]]
        if number not in was:
            yield Told(_new_report(said[:place], report, publisher), "report", number, is_new=True)
            continue
        name = _("report %(number)s (%(publisher)s)") % {"number": number, "publisher": publisher}
        for field in changes.REPORT:
            earlier, later = field.says(was[number]), field.says(report)
            if earlier != later:
                label = ", ".join(filter(None, [name, str(field.label)]))
                is_standing = field.name == "standing"
                yield Told(_stands(name, report) if is_standing else _step(label, earlier, later), "report", number)
    for number in sorted(was.keys() - {report["number"] for report in content["reports"]}):
        words = {"number": number, "words": reported(was[number])}
        yield Told(_("report %(number)s, “%(words)s”, is no longer there") % words, "report", number)


def _new_report(earlier: list[figures.Statement], report: Content, publisher: str) -> str:
    """As in "at least 3 → 4, refinement, by Le Monde". Of words nobody can tell whether they replace those before."""
    kind, before = report["kind"], figures.said_before(earlier).key if earlier else None
    told = NEW.get(kind, gettext_lazy("%(publisher)s reports: %(words)s (%(kind)s)"))
    if before and before["figure"] and report["figure"] and kind not in SAME:
        told = _("%(before)s → %(words)s, %(kind)s, by %(publisher)s")
    named = {"publisher": publisher, "words": reported(report), "kind": KINDS[kind]}
    sentence = told % (named | ({"before": reported(before)} if before else {}))
    return f"{sentence} ({standing})" if (standing := standing_name(report)) else sentence


def _stands(name: str, report: Content) -> str:
    standing = standing_name(report)
    told = _("%(name)s, “%(words)s”, is %(standing)s now") if standing else _("%(name)s, “%(words)s”, stands again")
    return told % {"name": name, "words": reported(report), "standing": standing}


def _step(label: str, before: str, after: str) -> str:
    """Of a long text, only that it is another: its history shows the words."""
    if len(before) + len(after) > LONGEST:
        return _("%(what)s: written anew") % {"what": label}
    return _("%(what)s: %(before)s → %(after)s") % {"what": label, "before": before or "–", "after": after or "–"}


def _begin(label: str) -> str:
    """Within a sentence."""
    return label[:1].lower() + label[1:]
