"""Bringing a past version back, as a new one: the past itself is never changed."""

from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from factcheck.history import Door, HistoryRow, Tracked, recording
from factcheck.history.since import since
from factcheck.history.versions import Change, between, fields_of, keys_of, names_of, shown
from factcheck.models import Claim, Verdict

from .forms import HiddenToken
from .meeting import LOST, opened_revision
from .places import Place, place_of
from .reasons import Reason

OF_THE_WAY = {Claim: {"state", "assignee"}, Verdict: {"author", "edition_kind"}}  # and none of what was said


class NotRestored(Exception):
    """Its text is a sentence for the person who tried."""


class RestoreForm(forms.Form):
    opened = forms.CharField(required=False, widget=HiddenToken)
    reason = Reason()


@dataclass
class Plan:
    """What it would do, for this person and now, to restore a version."""

    instance: Tracked
    """As it would be saved."""
    names: set[str]
    """Of the fields that it takes from the version."""
    newest: int
    changes: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Labels of the fields that differ and stay as they are: where it stands on its way, and what is fixed."""
    refusal: str = ""
    proposed_reason: str = ""

    @property
    def others(self) -> set[str]:
        return {each.name for each in self.instance._meta.concrete_fields} - self.names

    @property
    def is_return(self) -> bool:
        return self.instance._state.adding


def plan(request: HttpRequest, version: HistoryRow) -> Plan:
    place = place_of(version.instance_type)
    stored = place.model._base_manager.filter(pk=version.id).first()
    if stored is None:
        found = _return(version)
    elif place.may_write(request, stored):
        found = _rewrite(stored, version, place.fields(request, stored))
    else:
        found = _rewrite(stored, version, set())
    found.refusal = _refusal(request, place, found)
    found.proposed_reason = "" if found.refusal else _proposed_reason(place, found, version)
    return found


def restore(request: HttpRequest, version: HistoryRow, *, opened: str, reason: str) -> Tracked:
    """`opened` is the newest revision that the person knew of. Raises NotRestored, or what a save raises."""
    try:
        with recording(user=request.user, reason=reason, via=Door.ADMIN):
            _lock(version)
            planned = plan(request, version)
            _refuse_stale(planned, opened)
            if planned.refusal:
                raise NotRestored(planned.refusal)
            planned.instance.save()
            return planned.instance
    except IntegrityError:
        # What is gone cannot be locked: somebody else brought it back first.
        _refuse_stale(plan(request, version), opened)
        raise


def _return(version: HistoryRow) -> Plan:
    """Of a deleted object, under its old key: as it was, but at the beginning of its way."""
    model = version.instance_type
    begins = {name for name in OF_THE_WAY.get(model, ()) if model._meta.get_field(name).has_default()}
    instance = model(pk=version.id)
    names = {each.name for each in fields_of(model)} - begins
    _take(instance, version, names)
    instance.follow_newest()
    return Plan(instance, names, newest=instance.revision - 1)


def _rewrite(stored: Tracked, version: HistoryRow, names: set[str]) -> Plan:
    fields = fields_of(type(stored))
    names = {each.name for each in fields if each.name in names} - OF_THE_WAY.get(type(stored), set())
    differing = between(stored, version, fields)
    found = Plan(
        stored,
        names,
        newest=stored.revision,
        changes=[change for change in differing if change.name in names],
        left=[change.label for change in differing if change.name not in names],
    )
    _take(stored, version, {change.name for change in found.changes})
    return found


def _take(instance: Tracked, version: HistoryRow, names: set[str]) -> None:
    for name in names:
        attname = instance._meta.get_field(name).attname
        setattr(instance, attname, getattr(version, attname))


def _refusal(request: HttpRequest, place: Place, planned: Plan) -> str:
    if gone := _gone(planned):
        return gone
    if not (place.may_write(request, planned.instance) if planned.is_return else planned.names):
        return _("Readers see it as it was published: it changes in the next edition. Start that one first.")
    if not planned.is_return and not planned.changes:
        return _("What can be restored of it is what is stored now.")
    try:
        planned.instance.full_clean(exclude=planned.others)
    except ValidationError as error:
        return " ".join(_sentences(error, place.model))
    return ""


def _gone(planned: Plan) -> str:
    """What it referred to then and cannot refer to now."""
    fields = [each for each in fields_of(type(planned.instance)) if each.remote_field and each.name in planned.names]
    missing = [each for each in fields if not _is_there(each, getattr(planned.instance, each.attname))]
    names = names_of(keys_of(missing, [planned.instance]))
    sentences = [
        _("The %(field)s that it had then is gone: %(name)s. Restore that first.")
        % {"field": each.verbose_name, "name": shown(each, getattr(planned.instance, each.attname), names)}
        for each in missing
    ]
    return " ".join(sentences)


def _is_there(each: models.ForeignKey, key: object) -> bool:
    return key is None or each.related_model._base_manager.filter(pk=key).exists()


def _sentences(error: ValidationError, model: type[Tracked]) -> list[str]:
    labels = {each.name: capfirst(str(each.verbose_name)) for each in model._meta.fields}
    return [
        message if name == NON_FIELD_ERRORS else f"{labels.get(name, name)}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def _proposed_reason(place: Place, planned: Plan, version: HistoryRow) -> str:
    return _("Restored version %s") % version.revision if place.proposed_reason(planned.instance) else ""


def _lock(version: HistoryRow) -> None:
    """What decides whether it may be written, and then itself: as the moves of a claim lock it."""
    instance = version.instance
    for one in (place_of(type(instance)).owner(instance), instance):
        if one is not None:
            type(one)._base_manager.select_for_update().filter(pk=one.pk).first()


def _refuse_stale(planned: Plan, token: str) -> None:
    opened = opened_revision(token)
    if opened is None or opened > planned.newest:
        raise NotRestored(LOST)
    if opened != planned.newest:
        raise NotRestored(str(since(planned.instance, opened) or LOST))
