"""Once something is published, shared caches are told what to forget: PURGE names a function that takes the keys.

They are those that pages carry in `Surrogate-Key`. It is called after the commit and before the editor gets an answer,
and whatever it raises is logged: nothing that a cache does can undo a publication.
"""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils.module_loading import import_string

from factcheck.models import Edition, Flag, PublicText, edition_published

from . import versions

log = logging.getLogger(__name__)


def listen() -> None:
    if not settings.PURGE:
        return
    try:
        import_string(settings.PURGE)
    except ImportError as error:
        raise ImproperlyConfigured(f"PURGE is {settings.PURGE!r}: {error}") from error
    edition_published.connect(edition_is_out)
    post_save.connect(flag_is_out, sender=Flag)
    post_save.connect(text_is_out, sender=PublicText)
    post_delete.connect(text_is_out, sender=PublicText)


def edition_is_out(edition: Edition, **_signal: Any) -> None:
    stories = Edition.objects.filter(slug=edition.slug).order_by("story_slug").values_list("story_slug", flat=True)
    keys = [versions.claim_surrogate(edition.slug), *map(versions.story_surrogate, stories.distinct())]
    purge([*keys, versions.LISTS_SURROGATE])


def flag_is_out(instance: Flag, **_signal: Any) -> None:
    edition = instance.edition
    keys = [versions.claim_surrogate(edition.slug), versions.story_surrogate(edition.story_slug)]
    transaction.on_commit(lambda: purge(keys))


def text_is_out(instance: PublicText, **_signal: Any) -> None:
    keys = [versions.text_surrogate(instance.slug)]
    transaction.on_commit(lambda: purge(keys))


def purge(keys: list[str]) -> None:
    try:
        import_string(settings.PURGE)(keys)
    except Exception:
        log.exception("Shared caches were not told to forget %s.", ", ".join(keys))
