"""What every page of the desk keeps to: a change has a person, a reason and a version, or it is refused in words."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, OperationalError, models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from factcheck.desk import gate
from factcheck.history import Act, Door, HistoryError, StaleEdit, Tracked, recording
from factcheck.history.timeline import Strand

from . import gone, histories, numerals, telling
from .choosing import Choice
from .forms import InlineForm, InlineFormSet, TrackedForm, focus_first_error
from .listing import BoundedList, BoundedPaginator
from .meeting import LOST, STALE, UNDECIDED, opened_revision
from .reasons import Reason

READING = ("GET", "HEAD")
LONGEST_KEY = 18  # digits that both databases can count with
SHOWN = 10  # of what keeps something from being deleted, of each kind
FILTERED = frozenset({"", "id", "exact", "isnull", "gte", "lt"})
REFUSED = (HistoryError, IntegrityError, DataError, OperationalError, ValidationError)


def is_writer(request: HttpRequest) -> bool:
    return request.user.role in gate.WRITERS


def in_words(error: Exception) -> str:
    if isinstance(error, models.ProtectedError):
        return _("Something else still refers to it, so it stays.")
    if isinstance(error, IntegrityError | DataError):
        return _("The database refused this, and nothing was saved: %s") % (_rule_of(error) or error)
    if isinstance(error, OperationalError):
        return _("The database could not do this now, and nothing was saved. Try again. (%s)") % error
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _rule_of(error: Exception) -> Any:
    """What a form would have said of the constraint that the database names."""
    constraints = [each for model in apps.get_app_config("factcheck").get_models() for each in model._meta.constraints]
    told = [each for each in constraints if each.violation_error_message != each.default_violation_error_message]
    return next((each.violation_error_message for each in told if re.search(rf"\b{each.name}\b", str(error))), None)


def version_name(obj: Tracked) -> str:
    """Under which a page that asks whether to delete it sends the version that it shows."""
    return f"opened-{obj._meta.model_name}-{obj.pk}"


class PlainWidgets:
    """Room to write in, and beside a choice only the button to add one: the rest of the icons is clutter."""

    rows = {"statement": 3, "summary": 3, "quote": 3, "edition_note": 3, "definition": 3, "explanation": 16, "body": 24}
    fixed: tuple[str, ...] = ("rating", "rating_then", "assignee")

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            # Of all that names a choice, its script passes on the title alone.
            kwargs["widget"] = Choice(db_field, self.admin_site, attrs={"title": capfirst(db_field.verbose_name)})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if form_class := numerals.FIELDS.get(type(db_field)):
            kwargs["form_class"] = form_class
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.TextField) and db_field.name in self.rows:
            field.widget.attrs["rows"] = self.rows[db_field.name]
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            # The label of the field belongs to neither of its two parts.
            for part, name in zip(field.widget.widgets, (_("%s, date"), _("%s, time")), strict=True):
                part.attrs["aria-label"] = name % capfirst(field.label)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_view_related = False
            field.widget.can_add_related &= db_field.name not in self.fixed
        return field


class ReadOnly(PlainWidgets, admin.ModelAdmin):
    """Looked at, never written, whoever asks and by whatever method."""

    actions = None
    view_on_site = False
    show_full_result_count = False
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def strands(self, obj: Any) -> list[Strand]:
        return [Strand(self.model.objects.filter(pk=obj.pk))] if issubclass(self.model, Act) else []

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What our own filters ask, and not whatever an address can spell: some of that no database can answer."""
        filters = [each[0] if isinstance(each, tuple) else each for each in self.get_list_filter(request)]
        if lookup in [each.parameter_name for each in filters if not isinstance(each, str)]:
            return True
        asked = [name for name in filters if isinstance(name, str) and lookup.startswith(name)]
        is_known = any(set(lookup.removeprefix(name).split("__")) <= FILTERED for name in asked)
        return is_known and "\x00" not in value and not (value.isdecimal() and len(value) > LONGEST_KEY)

    def get_list_display(self, request: HttpRequest) -> list[telling.Name]:
        return telling.moments(self.model, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        fixed = self.get_readonly_fields(request, obj) if may_write else None
        return telling.groups(self.model, super().get_fieldsets(request, obj), fixed)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedList]:
        return BoundedList

    def get_ordering(self, request: HttpRequest) -> Any:
        """Said again for each query: one that counts something loses the model's own order."""
        return super().get_ordering(request) or self.opts.ordering

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What an address may fill in ahead, where the field can read it."""
        found = {}
        for name, value in super().get_changeform_initial_data(request).items():
            with suppress(FieldDoesNotExist, ValidationError, OverflowError, AttributeError):
                found[name] = self.opts.get_field(name).formfield().clean(value)
        return found

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method not in READING and not self.get_actions(request):
            return HttpResponseNotAllowed(READING)
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs.get("obj") is not None:
            context |= {"title": context["subtitle"], "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        if deleted := gone.deletion(self.model, object_id):
            return gone.answer(self, request, deleted)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        return histories.page(self, request, object_id)


class DeskAdmin(ReadOnly):
    """A tracked model. One POST is one act: the form and its inlines stand in one changeset."""

    form = TrackedForm
    change_form_template = "admin/factcheck/change_form.html"
    save_on_top = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_writer(request) and admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_writer(request) and admin.ModelAdmin.has_change_permission(self, request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = is_writer(request) and admin.ModelAdmin.has_delete_permission(self, request, obj)
        return allowed and obj is not None and not self.is_public(obj)

    def is_public(self, obj: Any) -> bool:
        """Whether an edition shows it: then it is not deleted, and a change needs a reason of its own."""
        return False

    def proposed_reason(self, obj: Any) -> str:
        if obj is None:
            return _("New %s") % self.opts.verbose_name
        return "" if self.is_public(obj) else _("Edit of draft")

    def closed(self, request: HttpRequest, obj: Any) -> str:
        """Why what somebody typed into an older version can go no further."""
        return ""

    def strands(self, obj: Any) -> list[Strand]:
        return [Strand(self.model.history.filter(id=obj.pk))]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.proposed_reason = self.proposed_reason(obj)
        form.refusal = getattr(request, "desk_refusal", None)
        form.closed = self.closed(request, obj)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = [*super().get_fieldsets(request, obj)]
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        shown = flatten_fieldsets(fieldsets)
        if may_write and "reason" not in shown:
            fieldsets.append((None, {"fields": ["reason", "opened"], "classes": ["why"]}))
        return fieldsets

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in super().get_fields(request, obj) if name not in {"reason", "opened"}]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method in READING:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method != "POST":
            return HttpResponseNotAllowed([*READING, "POST"])
        if "_saveasnew" in request.POST:  # Django takes it from any form, also where there is no such button
            request.POST = request.POST.copy()
            del request.POST["_saveasnew"]
        try:
            with self.recording(request):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSED as error:
            # The second pass refuses in the form itself, so that what was typed stays in its fields.
            code = STALE if isinstance(error, StaleEdit) else None
            request.desk_refusal = ValidationError(in_words(error), code)
        with self.recording(request):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        forms = [context["adminform"].form, *(form for formset in formsets for form in formset.forms)]
        meetings = [found for form in forms if (found := getattr(form, "meeting", None))]
        context["meetings"] = meetings
        context["has_choices"] = any(meeting.disputes or meeting.gone for meeting in meetings)
        context["is_closed"] = any(meeting.closed for meeting in meetings)
        if meetings and not _other_errors(forms, formsets):
            context["errors"] = None  # Nothing is wrong: the page says at its top what there is to do.
        elif context["errors"]:
            focus_first_error(forms)
        return super().render_change_form(request, context, *args, **kwargs)

    def recording(self, request: HttpRequest) -> Any:
        """The form refuses an empty reason before anything is saved; until then the act only needs to begin."""
        reason = request.POST.get("reason", "").strip() or str(self.opts.verbose_name)
        return recording(user=request.user, reason=reason, via=Door.ADMIN)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if self.get_object(request, unquote(object_id)) is None and self.has_view_permission(request):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {"proposed_reason": _("Made by mistake")} | (extra_context or {})
        if request.method in READING:
            return super().delete_view(request, object_id, context)
        if request.method != "POST":
            return HttpResponseNotAllowed([*READING, "POST"])
        asked = Reason(error_messages={"required": _("Say why it is deleted: the reason is kept.")})
        try:
            asked.clean(request.POST.get("reason", ""))
            with self.recording(request):
                return super().delete_view(request, object_id, context)
        except (StaleEdit, ValidationError) as error:
            messages.error(request, in_words(error))
            return HttpResponseRedirect(request.get_full_path())
        except REFUSED as error:
            messages.error(request, in_words(error))
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:factcheck_{self.opts.model_name}_changelist"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """It goes with its parts; what else refers to it keeps it."""
        (obj,) = objs
        parts = self.goes_with(obj)
        kept_by = [f"{capfirst(each._meta.verbose_name)}: {each}" for each in _referring(obj, parts)]
        return [str(obj), [f"{capfirst(each._meta.verbose_name)}: {each}" for each in parts]], {}, set(), kept_by

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        found = [*self.goes_with(context["object"]), context["object"]]
        context["versions"] = [(version_name(each), each.revision) for each in found]
        return super().render_delete_form(request, context)

    def goes_with(self, obj: Any) -> list[Tracked]:
        """What is deleted with it, before it."""
        return []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Only what the page that asked showed, as it was then."""
        for each in [*self.goes_with(obj), obj]:
            name = version_name(each)
            opened = opened_revision(request.POST.get(name, ""))
            if opened is None and (each is obj or name in request.POST):
                raise HistoryError(LOST)
            each.revision = opened or 0  # a part that came since was not on the page
            each.delete()

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        place = f"{self.admin_site.name}:factcheck_{self.opts.model_name}"
        history = reverse(f"{place}_history", args=[obj_id])
        said = _("“%s” is deleted.") % obj_display
        link = _("Its history stays, and it can be restored there.")
        messages.success(request, format_html('{} <a href="{}">{}</a>', said, history, link))
        return HttpResponseRedirect(reverse(f"{place}_changelist"))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        request.desk_unchanged = change and not (form.has_changed() or any(each.has_changed() for each in formsets))

    def message_user(self, request: HttpRequest, message: Any, level: int = messages.INFO, **kwargs: Any) -> None:
        if getattr(request, "desk_unchanged", False) and level == messages.SUCCESS:
            message, level = _("Nothing was changed, so nothing was recorded."), messages.INFO
        super().message_user(request, message, level, **kwargs)

    # Django's own log would be a second record that can disagree with the history.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None


def _referring(obj: models.Model, parts: list[Tracked]) -> Iterator[models.Model]:
    """What a deletion would leave without what it refers to; the first of each kind, where there are many."""
    for relation in obj._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            own = [part.pk for part in parts if type(part) is relation.related_model]
            others = relation.related_model._base_manager.filter(**{relation.field.name: obj}).exclude(pk__in=own)
            yield from others.order_by("pk")[:SHOWN]


def _other_errors(forms: list[Any], formsets: list[Any]) -> bool:
    """Whether something is wrong beside what others saved. Forms without errors may never have been checked."""
    found = [errors for form in forms if form.errors for errors in form.errors.as_data().values()]
    codes = {error.code for errors in found for error in errors}
    return bool(codes - {STALE, UNDECIDED}) or any(formset.non_form_errors() for formset in formsets)


class DeskInline(PlainWidgets, admin.StackedInline):
    form = InlineForm
    formset = InlineFormSet
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_writer(request) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_writer(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_writer(request) and super().has_delete_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The version goes with the last group; it is hidden, and stands nowhere for those who only read."""
        fieldsets = [(name, {**options}) for name, options in super().get_fieldsets(request, obj)]
        if not self.is_written(request, obj):
            return telling.groups(self.model, fieldsets, None)
        fieldsets[-1][1]["fields"] = [*fieldsets[-1][1]["fields"], "opened"]
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[telling.Name]:
        told = [] if self.is_written(request, obj) else telling.of(self.model)
        return [*super().get_readonly_fields(request, obj), *told]

    def is_written(self, request: HttpRequest, obj: Any) -> bool:
        return self.has_change_permission(request, obj) or self.has_add_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in super().get_fields(request, obj) if name != "opened"]
