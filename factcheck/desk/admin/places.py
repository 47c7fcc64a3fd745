"""Where a tracked object is written: on a page of its own, or in a part of the page of what it belongs to."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from factcheck.history import Tracked


@dataclass(frozen=True)
class Place:
    """Its rules are those of the form that stands there, whoever asks, and for whatever other way of writing."""

    model: type[Tracked]
    page: admin.ModelAdmin
    part: InlineModelAdmin | None = None
    owner_field: models.ForeignKey | None = None

    def may_view(self, request: HttpRequest) -> bool:
        return (self.part or self.page).has_view_permission(request)

    def may_write_some(self, request: HttpRequest) -> bool:
        """By role alone."""
        return (self.part or self.page).has_change_permission(request)

    def may_write(self, request: HttpRequest, instance: Tracked) -> bool:
        """Whether a form that is opened now would let this person change it, or add it where it is gone."""
        asked = _opening(request)
        if self.part is None and instance._state.adding:
            return self.page.has_add_permission(asked)
        if self.part is None:
            return self.page.has_change_permission(asked, instance)
        owner = self.owner(instance)
        form_may = self.part.has_add_permission if instance._state.adding else self.part.has_change_permission
        return owner is not None and self.page.has_change_permission(asked, owner) and form_may(asked, owner)

    def fields(self, request: HttpRequest, instance: Tracked) -> set[str]:
        """What that form lets this person change."""
        asked = _opening(request)
        if self.part is None:
            return set(self.page.get_form(asked, instance, change=True).base_fields)
        return set(self.part.get_formset(asked, self.owner(instance)).form.base_fields)

    def proposed_reason(self, instance: Tracked) -> str:
        """Empty where readers see it: then a reason is typed."""
        return self.page.proposed_reason(instance if self.part is None else self.owner(instance))

    def owner(self, instance: Tracked) -> Any:
        """Whose page it stands on: its own, or that of what it belongs to; None if that is gone."""
        if self.owner_field is None:
            return None if instance._state.adding else instance
        key = getattr(instance, self.owner_field.attname)
        return self.owner_field.related_model._base_manager.filter(pk=key).first()

    def history_url(self, instance: Tracked) -> str:
        """Of the page that it stands on."""
        key = getattr(instance, self.owner_field.attname) if self.owner_field else instance.pk
        return reverse(f"admin:factcheck_{self.page.opts.model_name}_history", args=[key])


def _opening(request: HttpRequest) -> HttpRequest:
    """The same person opening the form: what is posted to another page is no token of this one."""
    asked = copy(request)
    asked.method = "GET"
    return asked


def place_of(model: type[Tracked]) -> Place:
    if page := admin.site._registry.get(model):
        return Place(model, page)
    for page in admin.site._registry.values():
        for part in page.inlines:
            if part.model is model:
                return Place(model, page, part(page.model, admin.site), _owner_field(part, page.model))
    raise LookupError(f"{model.__name__} is written nowhere at the desk.")


def _owner_field(part: type[InlineModelAdmin], owner: type[models.Model]) -> models.ForeignKey:
    fields = [each for each in part.model._meta.fields if each.remote_field and each.related_model is owner]
    return next(each for each in fields if part.fk_name in (None, each.name))
