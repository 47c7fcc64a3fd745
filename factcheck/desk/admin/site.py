"""The desk: Django's admin with our own front page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import board, captures, quotes, versions
from .base import READING

GROUPS = [
    (gettext_lazy("What we know"), ["Story", "Claim", "Report", "Source", "Publisher", "Capture"]),
    (gettext_lazy("What we say"), ["Edition", "Flag", "Rating", "PublicText", "CorrectionRequest"]),
    (gettext_lazy("Who did what"), ["Changeset", "Approval", "User"]),
]


class Desk(admin.AdminSite):
    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = gettext_lazy("The desk")
    index_template = "admin/factcheck/desk.html"
    password_change_template = "admin/factcheck/password_change.html"  # noqa: S105 (a template)
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Every page of the desk asks this first, and all that follows asks for the role: it is read once."""
        if allowed := super().has_permission(request):
            prefetch_related_objects([request.user], "groups")
        return allowed

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Django's own pages take any other method for a GET."""
        return require_http_methods([*READING, "POST"])(super().admin_view(view, cacheable))

    login = method_decorator(require_http_methods([*READING, "POST"]))(admin.AdminSite.login)
    logout = method_decorator(require_POST)(admin.AdminSite.logout)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "role": request.user.role if request.user.is_authenticated else None,
        }

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [*versions.urls(self), *captures.urls(self), *quotes.urls(self), *super().get_urls()]

    @method_decorator(require_safe)
    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        sections = board.sections(request.user)
        is_empty = bool(sections) and not any(section.items for section in sections)
        own = {"subtitle": None, "sections": sections, "is_empty": is_empty}
        return super().index(request, own | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = super().get_app_list(request, app_label)
        models = {model["object_name"]: model for app in apps for model in app["models"]}
        if app_label or not models:
            return apps
        groups = [(name, [models[one] for one in names if one in models]) for name, names in GROUPS]
        return [
            {"name": name, "app_label": f"group-{place}", "models": found, "has_module_perms": True}
            for place, (name, found) in enumerate(groups)
            if found
        ]

    @method_decorator(require_safe)
    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        return super().app_index(request, app_label, {"title": _("Everything")} | (extra_context or {}))
