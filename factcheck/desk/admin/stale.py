"""A published claim that is no longer as its page: since when, by whom, how, and what may be done about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.desk.gate import Move
from factcheck.desk.review import LONGEST
from factcheck.models import Claim, Edition, EditionKind, Standing
from factcheck.page import changes

ANSWERS = {
    EditionKind.REAFFIRMATION: gettext_lazy("Reaffirm"),
    EditionKind.UPDATE: gettext_lazy("Update"),
    EditionKind.CORRECTION: gettext_lazy("Correct"),
}


@dataclass(frozen=True)
class Question:
    """A move that can be made from here, with the reason that it proposes."""

    verb: str
    label: str
    reason: str
    answers: list[tuple[str, Any]]
    """A button for each: the kind of the next edition, where there is one, and its words."""


def block(
    claim: Claim, newest: Edition | None, content: Mapping[str, Any], possible: Iterable[Move]
) -> dict[str, Any] | None:
    """For the page of a claim; None where it is as its page."""
    standing = Standing.objects.stale().filter(claim=claim).first()
    if standing is None or newest is None:
        return None
    verbs = {move.verb for move in possible}
    questions = [
        Question(
            verb="reopen",
            label=_("Start the next edition because"),
            reason=_cut("; ".join(standing.in_words())),
            answers=[(kind.value, label) for kind, label in ANSWERS.items()],
        ),
        Question(
            verb="flag",
            label=_("Meanwhile, tell readers"),
            reason=_("New information is being checked."),
            answers=[("", _("Flag as being re-checked"))],
        ),
    ]
    return {
        "since": standing.changeset,
        "differences": changes.material(newest.dossier, content),
        "questions": [question for question in questions if question.verb in verbs],
    }


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
