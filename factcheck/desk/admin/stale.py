"""A published claim that is no longer as its page: since when, by whom, how, and what may be done about it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.desk.gate import Move
from factcheck.models import Claim, Edition, EditionKind, Flag, Standing
from factcheck.page import changes

ANSWERS = {
    EditionKind.REAFFIRMATION: gettext_lazy("Reaffirm"),
    EditionKind.UPDATE: gettext_lazy("Update"),
    EditionKind.CORRECTION: gettext_lazy("Correct"),
}
LONGEST = Flag._meta.get_field("reason").max_length


def block(
    claim: Claim, newest: Edition | None, content: Mapping[str, Any], possible: Iterable[Move]
) -> dict[str, Any] | None:
    """For the page of a claim; None where it is as its page."""
    standing = Standing.objects.stale().filter(claim=claim).first()
    if standing is None or newest is None:
        return None
    verbs = {move.verb for move in possible}
    return {
        "since": standing.changeset,
        "differences": changes.material(newest.dossier, content),
        "answers": [(kind.value, label) for kind, label in ANSWERS.items()] if "reopen" in verbs else [],
        "reason": _cut("; ".join(standing.in_words())),
        "may_flag": "flag" in verbs,
        "flag_reason": _("New information is being checked."),
    }


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
