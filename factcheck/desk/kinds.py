"""What each kind of edition must tell readers, and what it may change against the edition before it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import text
from factcheck.models import Edition, EditionKind
from factcheck.page import changes
from factcheck.page.changes import Change, Difference
from factcheck.text import Mark

Content = Mapping[str, Any]

FEWEST_WORDS = 4  # "Corrected." says nothing of what was wrong
NOTES = {
    EditionKind.UPDATE: gettext_lazy("Tell readers in the note what is new."),
    EditionKind.CORRECTION: gettext_lazy("Tell readers in the note what was wrong, in a sentence."),
    EditionKind.CLARIFICATION: gettext_lazy("Tell readers in the note what is said more clearly now."),
    EditionKind.REAFFIRMATION: gettext_lazy("Tell readers in the note what was checked again."),
}
NEXT = [
    EditionKind.UPDATE,
    EditionKind.CORRECTION,
    EditionKind.CLARIFICATION,
    EditionKind.REAFFIRMATION,
    EditionKind.TYPO,
]
TOLD_FIRST = {EditionKind.UPDATE, EditionKind.CORRECTION}  # their note stands at the top of the page
RATING = {("verdict", "rating"), ("verdict", "rating_then")}
FIGURES = {("report", "says"), ("report", "standing"), ("report", "came"), ("report", "went")}
OURS = {"verdict", "claim", "story", "report"}  # and no title of somebody else's document
FINDING = {("verdict", "summary"), ("claim", "statement"), ("claim", "cumulative"), ("report", "stance")}


def following(previous: Edition | None) -> list[EditionKind]:
    """What the next edition can be: a page that was withdrawn does not come back without a word."""
    is_withdrawn = previous is not None and previous.is_withdrawal
    return [kind for kind in NEXT if kind in TOLD_FIRST or not is_withdrawn]


def note(content: Content, *, previous: Edition | None, **_context: Any) -> Iterator[str]:
    kind, said = content["edition"]["kind"], content["edition"]["note"]
    if previous is not None and previous.is_withdrawal and kind not in following(previous):
        yield _("The page was withdrawn: it comes back as an update or a correction, which tells readers why.")
    fewest = FEWEST_WORDS if kind == EditionKind.CORRECTION else 1
    if kind in NOTES and text.count_words(said) < fewest:
        yield str(NOTES[kind])


def rating_change(content: Content, *, previous: Edition | None, **_context: Any) -> Iterator[str]:
    old, new = _rating_name(previous.dossier if previous else None), _rating_name(content)
    if old is None or new is None or old == new:
        return
    if content["edition"]["kind"] not in TOLD_FIRST:
        yield _("The rating changes, so the edition is an update or a correction.")
    if old.casefold() not in content["edition"]["note"].casefold():
        yield _("Tell readers in the note what the rating was before: “%s”.") % old


def _rating_name(content: Content | None) -> str | None:
    rating = content and content["verdict"] and content["verdict"]["rating"]
    return rating["name"] if rating else None


def typo(content: Content, *, previous: Edition | None, **_context: Any) -> Iterator[str]:
    for difference in _against(previous, content, EditionKind.TYPO):
        for change in difference.changes:
            if not _is_slip(difference, change):
                said = {"what": _shown(difference.label, change), "marks": _marks(change)}
                yield _("This is no typo: %(what)s (%(marks)s). Choose another kind of edition.") % said


def clarification(content: Content, *, previous: Edition | None, **_context: Any) -> Iterator[str]:
    for difference in _against(previous, content, EditionKind.CLARIFICATION):
        if what := _changed(difference, RATING | FIGURES, {Mark.FIGURE}):
            yield _("A clarification changes no rating and no figure: %s. Make it an update or a correction.") % what


def reaffirmation(content: Content, *, previous: Edition | None, **_context: Any) -> Iterator[str]:
    for difference in _against(previous, content, EditionKind.REAFFIRMATION):
        if what := _changed(difference, RATING | FIGURES | FINDING, {Mark.FIGURE, Mark.NEGATION}):
            yield _("A reaffirmation changes nothing that we found: %s. Make it an update or a correction.") % what


def _against(previous: Edition | None, content: Content, kind: EditionKind) -> list[Difference]:
    """What differs, if this is that kind of edition."""
    if previous is None or content["edition"]["kind"] != kind:
        return []
    return changes.material(previous.dossier, content)


def _is_slip(difference: Difference, change: Change) -> bool:
    """A word for another spelling of it; no figure, name, negation, date, attribution, nor any value as a whole."""
    is_wording = set(change.marks) <= {Mark.WORDING}
    return is_wording and difference.part not in RATING and text.is_slip(change.removed, change.added)


def _changed(difference: Difference, parts: set[tuple[str, str]], marks: set[Mark]) -> str:
    """What of it is one of these parts, or a word of this kind that is not as it was; words may be added."""
    if difference.part in parts:
        return f"{difference.label}: {difference.before or '–'} → {difference.after or '–'}"
    ours = difference.part[0] in OURS
    found = [change for change in difference.changes if ours and change.removed and marks & set(change.marks)]
    return _shown(difference.label, found[0]) if found else ""


def _shown(label: str, change: Change) -> str:
    removed, added = (f"“{words.strip()}”" if words else "–" for words in (change.removed, change.added))
    return f"{label}: {removed} → {added}"


def _marks(change: Change) -> str:
    return ", ".join(str(mark.label) for mark in change.marks)
