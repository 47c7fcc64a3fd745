"""A Wagtail site as `wagtail start` makes it, with one page of a given size, for the benchmark of pages."""

import os
import subprocess
import sys
import venv
from pathlib import Path

MODELS = """
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

class HomePage(Page):
    body = RichTextField(blank=True)
    content_panels = Page.content_panels + [FieldPanel("body")]
"""
TEMPLATE = """{% extends "base.html" %}{% load wagtailcore_tags %}
{% block content %}<h1>{{ page.title }}</h1>{{ page.body|richtext }}{% endblock %}
"""
SETTINGS = """
import os
import dj_database_url
from .base import *

DEBUG, SECRET_KEY, ALLOWED_HOSTS = False, "of a benchmark" * 5, ["*"]
DATABASES = {"default": dj_database_url.config(conn_max_age=60)}
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
if os.environ.get("WAGTAIL_CACHE"):
    MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
"""
FILL = """
from home.models import HomePage
page = HomePage.objects.get()
words = "<p>At least three people were believed to have been killed that evening, by the prefecture.</p>"
page.body = words * ({size} // len(words))
page.save_revision().publish()
"""
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "measured.settings.measured"}
APPLICATION = "measured.wsgi:application"


class Wagtail:
    """In a virtual environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.site = folder / "wagtail" / "bin", folder / "measured"
        venv.create(self.bin.parent, with_pip=True)
        self.run("pip", "install", "-q", "wagtail", "psycopg[binary]", "dj-database-url", "granian")
        self.site.mkdir()
        self.run("wagtail", "start", "measured", str(self.site))
        (self.site / "measured/settings/measured.py").write_text(SETTINGS)
        (self.site / "home/models.py").write_text(MODELS)
        (self.site / "home/templates/home/home_page.html").write_text(TEMPLATE)

    def fill(self, database: str, *, size: int) -> None:
        for words in (["makemigrations", "home"], ["migrate"], ["shell", "-c", FILL.format(size=size)]):
            self.run("python", str(self.site / "manage.py"), *words, DATABASE_URL=database, **ENVIRONMENT)

    def run(self, name: str, *words: str, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        done = subprocess.run(
            [str(self.bin / name), *words], env=inherited | environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"{name} {' '.join(words)}: {done.stderr or done.stdout}")
