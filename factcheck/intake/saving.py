"""The one place where an import saves."""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import models

from factcheck.history import Tracked
from factcheck.models import Capture, Verdict


def save(instance: models.Model) -> None:
    exclude = set()
    if isinstance(instance, Capture):
        instance.sha256 = sha256(instance.text.encode()).hexdigest()
        exclude.add("changeset")
    if isinstance(instance, Verdict) and instance.author_id is None:
        exclude.add("author")
    instance.full_clean(exclude=exclude)
    instance.save()


def refuse_own(instance: models.Model) -> None:
    """A reconstructed act comes before our own acts, so it may not touch what they touched."""
    if not isinstance(instance, Tracked):
        return
    ours = instance.history.model.objects.filter(id=instance.pk, changeset__claimed_at__isnull=True)
    if ours.exists():
        raise ValidationError(
            f"The {instance._meta.verbose_name} “{instance}” has acts of our own: "
            "a reconstructed changeset cannot change it any more."
        )
