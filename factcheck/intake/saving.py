"""The one place where an import finds, changes and saves objects."""

from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from factcheck.history import Tracked
from factcheck.models import Capture, Verdict

from .values import natural_path


def save(instance: models.Model) -> None:
    """The database holds most rules itself, and much faster: only when it refuses are they asked what is wrong."""
    exclude = set()
    if isinstance(instance, Capture):
        instance.sha256 = sha256(instance.text.encode()).hexdigest()
        exclude.add("changeset")
    if isinstance(instance, Verdict) and instance.author_id is None:
        exclude.add("author")
    try:
        found = _just_found(instance)
        instance.full_clean(exclude=exclude | found, validate_unique=False, validate_constraints=False)
        with transaction.atomic():
            instance.save()
    except (ValidationError, IntegrityError):
        instance.full_clean(exclude=exclude)
        raise


def _just_found(instance: models.Model) -> set[str]:
    """Fields that hold an object, read a moment ago: nobody needs to look whether it is there."""
    relations = [field for field in instance._meta.concrete_fields if field.is_relation]
    return {field.name for field in relations if field.is_cached(instance) and getattr(instance, field.name)}


def refuse_own(instance: models.Model) -> None:
    """A reconstructed act comes before our own acts, so it may not touch what they touched."""
    if not isinstance(instance, Tracked):
        return
    ours = instance.history.model.objects.filter(id=instance.pk, changeset__claimed_at__isnull=True)
    if ours.exists():
        text = _("The %(kind)s “%(what)s” has acts of our own: a reconstructed changeset cannot change it any more.")
        raise ValidationError(text % {"kind": instance._meta.verbose_name, "what": instance})


def find(model: type[models.Model], values: dict[str, Any]) -> models.Model | None:
    if model is Capture:
        return _captured(values)
    names = [path.split("__")[0] for path in natural_path(model)]
    return model.objects.filter(**{name: values[name] for name in names}).first()


def _captured(values: dict[str, Any]) -> Capture | None:
    """What says this already: the last that was said by then, or, where a file names no moment, at any."""
    if "captured_at" not in values:
        same = Capture.objects.filter(source=values["source"], sha256=sha256(values["text"].encode()).hexdigest())
        return same.order_by("captured_at").last()
    last = Capture.objects.said_at(values["source"], values["captured_at"])
    is_it = last and (last.text == values["text"] or last.captured_at == values["captured_at"])
    return last if is_it else None


def apply(instance: models.Model, values: dict[str, Any]) -> set[str]:
    """Set what a file names; returns the names of the fields that differ from before."""
    changed = set()
    for name, value in values.items():
        each = instance._meta.get_field(name)
        before = each.to_python(getattr(instance, each.attname))
        setattr(instance, name, value)
        if each.to_python(getattr(instance, each.attname)) != before:
            changed.add(name)
    return changed
