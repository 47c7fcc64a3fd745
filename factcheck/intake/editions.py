"""An edition out of a file: the dossier as it stands at its place in the replay, frozen through the gate."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from factcheck import dossier
from factcheck.desk import gate
from factcheck.models import Edition, EditionKind, State, User, Verdict

from .places import refuse_later
from .reading import Entry
from .saving import save
from .values import one_text, refuse


def is_there(entry: Entry) -> bool:
    slug, at = one_text(entry.fields["claim"]), parse_datetime(entry.fields["published_at"])
    return Edition.objects.filter(claim__slug=slug, published_at=at).exists()


def name_of(entry: Entry) -> str:
    claim = entry.fields.get("claim")
    claim = claim[0] if isinstance(claim, list) and claim else claim
    said = {"file": Path(entry.file).name, "line": entry.line, "claim": claim, "at": entry.fields.get("published_at")}
    return _("%(file)s:%(line)s: edition of %(claim)s, %(at)s") % said


def known_kind(kind: str) -> str:
    if kind not in EditionKind.values:
        refuse(_("“%(kind)s” is none of %(kinds)s."), kind=kind, kinds=", ".join(EditionKind.values))
    if kind == EditionKind.WITHDRAWAL:
        refuse(_("A page is withdrawn at the desk, not by a file."))
    return kind


def freeze(said: dict[str, Any], *, user: User) -> Edition:
    """Write the edition, with the verdict's kind and note and the claim's state; ValidationError says why not."""
    claim, kind = said["claim"], said["kind"]
    refuse_later(claim, said["published_at"])
    if verdict := Verdict.objects.filter(claim=claim).first():
        verdict.edition_kind, verdict.edition_note = kind, said["note"]
        save(verdict)
    content = dossier.build(claim)
    previous = gate.newest_edition(claim)
    misses = gate.misses(claim, content, previous=previous)
    if miss := gate.names_four_eyes(said["checked_by"], said["approved_by"]):
        misses.append(miss)
    if misses:
        text = _("This edition of %(claim)s cannot be published: %(reason)s")
        raise ValidationError([text % {"claim": claim.slug, "reason": each.message} for each in misses])
    if previous and said["published_at"] <= previous.published_at:
        text = _("Edition %(number)s was published later than this.")
        raise ValidationError({"published_at": text % {"number": previous.number}})
    canonical = dossier.canonical(content)
    edition = Edition.objects.freeze(
        claim,
        content=canonical,
        digest=dossier.digest(canonical),
        approval=None,
        is_reconstructed=True,
        published_at=said["published_at"],
        checked_by=said["checked_by"].strip(),
        approved_by=said["approved_by"].strip(),
        published_by=str(user),
    )
    claim.state = State.PUBLISHED
    save(claim)
    return edition
