import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.management.commands.loaddata import Command as DjangoCommand
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError
from django.db.models.signals import pre_save
from django.utils.functional import cached_property

from factcheck.history import HistoryError, loading
from factcheck.models import Capture, Edition, User, Verdict

HINT = "To bring a file that says what was published and when, use import_fixtures."


class Command(DjangoCommand):
    help = (
        f"{DjangoCommand.help} Whole new objects only, without validation, each row recorded once under the door "
        "“loaddata”. import_fixtures is the door that validates, updates and replays."
    )

    def handle(self, *fixture_labels: str, **options: Any) -> None:
        try:
            with loading(), completing():
                super().handle(*fixture_labels, **options)
        except (HistoryError, ValidationError, DeserializationError, DatabaseError, TypeError, UnicodeError) as error:
            said = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            cause = f" {error.__cause__}" if isinstance(error, DeserializationError) and error.__cause__ else ""
            hint = "" if "import_fixtures" in said else f" {HINT}"
            said = " ".join(f"{said}{cause}".split())
            raise CommandError(f"Nothing was loaded. {said}{hint}") from error

    @cached_property
    def compression_formats(self) -> dict[str | None, tuple[Callable, str | None]]:
        """Django's, which open a fixture; where editions are excluded they are left out before anything reads them.

        Django would look at the fields of what it excludes, and an edition in a file has a note that is no field.
        """
        formats = super().compression_formats
        if Edition not in self.excluded_models:
            return formats
        return {
            name: (without_editions(opener) if name != "stdin" else opener, mode)
            for name, (opener, mode) in formats.items()
        }


def without_editions(opener: Callable) -> Callable:
    def opened(path: str, mode: str) -> Any:
        with opener(path, mode) as file:
            raw = file.read()
        text = raw.decode(errors="replace") if isinstance(raw, bytes) else raw
        try:
            if ".json" in os.path.basename(path):
                return io.BytesIO(json.dumps(kept(json.loads(text))).encode())
            if ".yaml" in os.path.basename(path):
                return io.BytesIO(yaml.safe_dump(kept(yaml.safe_load(text)), allow_unicode=True).encode())
        except (ValueError, yaml.YAMLError, TypeError, AttributeError, RecursionError):
            pass  # Django says what is wrong with it.
        return io.BytesIO(raw if isinstance(raw, bytes) else raw.encode())

    return opened


def kept(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in entries if str(entry.get("model")).lower() != Edition._meta.label_lower]


@contextmanager
def completing() -> Iterator[None]:
    """What `save()` works out and a raw save does not: who wrote a verdict, and the digest of a capture.

    A verdict out of a file names no author: it is the door's, a closed account, and nobody's who was not there.
    """

    def complete(instance: Any, raw: bool, **kwargs: Any) -> None:
        if raw and isinstance(instance, Capture):
            instance.sha256 = sha256(instance.text.encode()).hexdigest()
        elif raw and isinstance(instance, Verdict) and instance.author_id is None:
            instance.author, made = User.objects.get_or_create(username="loaddata", defaults={"is_active": False})
            if made:
                instance.author.set_unusable_password()
                instance.author.save()

    pre_save.connect(complete, weak=False)
    try:
        yield
    finally:
        pre_save.disconnect(complete)
