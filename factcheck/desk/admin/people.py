"""Accounts. Superusers manage them; people are deactivated, never deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.models import Role, User

from .base import READING


class RoleField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", gettext_lazy("none: an account without a part")), *Role.choices],
            required=False,
            label=gettext_lazy("Role"),
            help_text=gettext_lazy(
                "A reporter writes, a reviewer approves what others wrote, an editor also publishes, a viewer reads."
            ),
            **kwargs,
        )


class AccountForm(UserChangeForm):
    role = RoleField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].initial = self.instance.role or ""


class NewAccountForm(AdminUserCreationForm):
    role = RoleField()


@admin.register(User)
class AccountAdmin(UserAdmin):
    form = AccountForm
    add_form = NewAccountForm
    actions = None
    list_display = ["username", "get_full_name", "role_shown", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "groups"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("As readers see it"), {"fields": ["first_name", "last_name"]}),
        (None, {"fields": ["email", "role", "is_active", "is_superuser", "last_login"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "first_name", "last_name", "role", "password1", "password2"],
            },
        )
    ]
    readonly_fields = ["last_login"]
    filter_horizontal = []

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Everybody with an account here works at the desk; the role says as what."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "role" not in form.cleaned_data:
            return
        if role := form.cleaned_data["role"]:
            form.instance.take_role(Role(role))
        else:
            form.instance.groups.remove(*Group.objects.filter(name__in=Role.values))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's list of what was done to this account."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        return super().history_view(request, object_id, extra_context)

    @admin.display(description=gettext_lazy("role"))
    def role_shown(self, user: User) -> str:
        return user.role.label if user.role else _("none")


# Roles are given on the account's page; their permissions are made by `migrate`.
admin.site.unregister(Group)
