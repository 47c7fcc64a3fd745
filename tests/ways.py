"""Ways to write, for the table of doors: each makes an act, which is done to a scene."""

import contextvars
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, connections, migrations, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.test.utils import isolate_apps
from django.urls import path
from simple_history.models import registered_models

import factcheck.models
from factcheck.history import record_in_migration, recording
from factcheck.models import Story

from .desk_forms import opened
from .doors import Scene

LIVE, HISTORY = "factcheck_story", "factcheck_historicalstory"
UPDATE = f"UPDATE {LIVE} SET title = 'Deluge', revision = 2 WHERE id = {{key}}"
INSERT = (
    f"INSERT INTO {LIVE} (revision, slug, title, summary, language, began_on) "
    "VALUES (1, '{slug}', 'New', 'Water.', 'en', '2026-01-01')"
)
Act = Callable[[Scene], Any]


def alice(act: Act) -> Act:
    """Alice's act. What does not say so is done outside recording."""

    def acted(s: Scene) -> Any:
        with recording(user=s.alice, reason="Try the door", via="command"):
            return act(s)

    return acted


def change(instance: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(instance, name, value)
    return instance


def deluge(s: Scene) -> Story:
    """The story, with a new title in memory."""
    return change(s.story, title="Deluge")


# SQL.


def sql(statement: str, *, using: str = "default", slug: str = "") -> Act:
    """`slug` names the object of the scene whose short name the statement takes; a new one else."""

    def acted(s: Scene) -> None:
        taken = getattr(s, slug).slug if slug else s.unique()
        with connections[using].cursor() as cursor:
            cursor.execute(statement.format(key=s.story.pk, slug=taken, alice=s.alice.pk))

    return acted


def together(*acts: Act) -> Act:
    """In one transaction, which is not an act of anybody."""

    def acted(s: Scene) -> None:
        with transaction.atomic():
            for act in acts:
                act(s)

    return acted


def version(into: str = "INSERT", **changed: object) -> str:
    """SQL for a version that is made up from the newest one; to REPLACE that, it takes its key."""
    own = "history_id" if into == "INSERT" else ""
    names = [each.column for each in Story.history.model._meta.concrete_fields if each.name != own]
    values = [str(changed.get(name, name)) for name in names]
    return f"{into} INTO {HISTORY} ({', '.join(names)}) SELECT {', '.join(values)} FROM {HISTORY} WHERE id = {{key}}"


def kept(s: Scene) -> dict[str, Any]:
    """What a next version of the story would be stored with."""
    row = Story.history.filter(id=s.story.pk).values("id", "slug", "summary", "language", "changeset_id").get()
    at = {"began_on": "2026-01-01", "history_date": "2090-01-01T00:00:00Z"}
    return row | at | {"revision": 2, "history_type": "~"}


# Django's own format.


def entry(s: Scene, *, model: str = "factcheck.story", pk: int | None = None, **fields: Any) -> str:
    whole = {"slug": s.unique(), "title": "New", "summary": "Water.", "language": "en", "began_on": "2026-01-01"}
    return json.dumps([{"model": model, "pk": pk, "fields": whole | fields}])


def loaded(s: Scene, **changed: Any) -> None:
    file = s.folder / f"{s.unique()}.json"
    file.write_text(entry(s, **changed))
    call_command("loaddata", str(file), verbosity=0)


def deserialized(s: Scene, **changed: Any) -> None:
    for each in serializers.deserialize("json", entry(s, **changed)):
        each.save()


# The desk, through the browser's door.


def desk(name: str, model: str, page: str, values: Callable[[Scene], dict[str, Any]]) -> Act:
    """What `name` sends to a page: the form as it was opened, where there is one, and the values."""

    def acted(s: Scene) -> HttpResponse:
        client = Client()
        client.force_login(getattr(s, name))
        address = f"/admin/factcheck/{model}/{page.format(key=getattr(s, model).pk)}"
        return client.post(address, opened(client, address, f"{model}_form") | values(s))

    return acted


# Commands and migrations.


def command(act: Act) -> Act:
    def acted(s: Scene) -> None:
        class Command(BaseCommand):
            def handle(self, *args: Any, **options: Any) -> None:
                act(s)

        call_command(Command())

    return acted


def nobody(act: Act) -> Act:
    def acted(s: Scene) -> None:
        with recording(user=None, reason="Tidy up", via="command"):
            act(s)

    return acted


def migration(act: Callable[[Scene, Any], None]) -> Act:
    """`act` gets the models that a data migration gets."""

    def acted(s: Scene) -> None:
        migration = migrations.Migration("9999_tried", "factcheck")
        migration.operations = [migrations.RunPython(lambda models, editor: act(s, models))]
        with connection.schema_editor(atomic=True) as editor:
            migration.apply(MigrationExecutor(connection).loader.project_state(), editor)

    return acted


def silently(s: Scene, apps: Any) -> None:
    apps.get_model("factcheck", "Story").objects.filter(pk=s.story.pk).update(title="Deluge")


def openly(s: Scene, apps: Any) -> None:
    story = apps.get_model("factcheck", "Story").objects.get(pk=s.story.pk)
    with record_in_migration(apps, reason="Rename") as record:
        record.save(change(story, title="Deluge"))


# Models that stand on a tracked one.


@contextmanager
def planted(name: str, bases: tuple[type, ...], *, proxy: bool = False, **attributes: Any) -> Iterator[type]:
    """A model as if a module of ours had it. Nothing of it is left."""
    meta = type("Meta", (), {"app_label": "factcheck", "proxy": proxy})
    registered = dict(registered_models)
    try:
        with isolate_apps("factcheck") as isolated:
            for label, ours in apps.all_models.items():
                isolated.all_models[label] |= ours
            yield type(name, bases, {"__module__": "factcheck.models", "Meta": meta, **attributes})
    finally:
        registered_models.clear()
        registered_models.update(registered)
        delattr(factcheck.models, f"Historical{name}")
        apps.clear_cache()  # of what points at our models


@contextmanager
def derived(*, proxy: bool, **fields: models.Field) -> Iterator[type[Story]]:
    """A model that derives from Story, with its tables."""
    with planted("Tale", (Story,), proxy=proxy, **fields) as Tale:
        tables = [Tale.history.model] if proxy else [Tale, Tale.history.model]
        with connection.schema_editor() as editor:
            for each in tables:
                editor.create_model(each)
        try:
            yield Tale
        finally:
            with connection.schema_editor() as editor:
                for each in tables:
                    editor.delete_model(each)
            if not proxy:
                del Story.tale


def by_proxy(act: Callable[[Any], Any]) -> Act:
    """Alice's act on the other story, read through a proxy."""

    def acted(s: Scene) -> None:
        with derived(proxy=True) as Tale:
            alice(lambda s: act(change(Tale.objects.get(pk=s.other.pk), title="Blaze")))(s)

    return acted


def by_child(s: Scene) -> None:
    with derived(proxy=False, moral=models.CharField(max_length=20, default="")) as Tale:
        alice(lambda s: Tale(slug=s.unique(), title="New", summary="Water.", began_on="2026-01-01").save())(s)


# Other threads, and views that wait.


def thread(act: Act, *, inherits: bool = False) -> Act:
    """In a thread, with the context of the one that starts it where it `inherits` that."""

    def acted(s: Scene) -> None:
        caught: list[Exception] = []

        def run() -> None:
            try:
                if connection.vendor == "sqlite":  # whoever waits for this thread may hold the lock
                    connection.cursor().execute("PRAGMA busy_timeout = 200")
                act(s)
            except Exception as error:
                caught.append(error)
            finally:
                connections.close_all()

        started = threading.Thread(target=partial(contextvars.copy_context().run, run) if inherits else run)
        started.start()
        started.join()
        if caught:
            raise caught[0]

    return acted


def awaiting(act: Callable[[Scene], Any]) -> Act:
    """`act` answers something to wait for."""

    async def acted(s: Scene) -> None:
        await act(s)

    return async_to_sync(acted)


def viewed(act: Callable[[Scene], Any]) -> Act:
    """In an async view, asked for over ASGI."""

    def acted(s: Scene) -> HttpResponse:
        async def view(request: HttpRequest) -> HttpResponse:
            await act(s)
            return HttpResponse()

        urls = type("urls", (), {"urlpatterns": [path("try/", view)]})
        with override_settings(ROOT_URLCONF=urls):
            return async_to_sync(AsyncClient().get)("/try/")

    return acted
