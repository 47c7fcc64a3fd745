import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils import formats, timezone
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from factcheck import text
from factcheck.history import Tracked, TrackedQuerySet


class Precision(models.TextChoices):
    """How exactly a time is known. A day is kept as its midnight in the site's time zone and never shown as an hour."""

    MINUTE = "minute", _("to the minute")
    DAY = "day", _("the day only")


def one_of(field: str, choices: type[models.Choices], *, model: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=f"{model}_{field}_known")


def web_address(field: str, *, model: str) -> models.CheckConstraint:
    """Empty or http(s); no `javascript:` reaches a page, whatever door a row came through."""
    allowed = Q(**{field: ""}) | Q(**{f"{field}__startswith": "https://"}) | Q(**{f"{field}__startswith": "http://"})
    return models.CheckConstraint(
        condition=allowed, name=f"{model}_{field}_is_web", violation_error_message=_("Use an http or https address.")
    )


FIRST_YEAR, LAST_YEAR = 1000, 9998


def within_calendar(moment: date) -> None:
    """Years of four digits, with a day to spare on either side for every zone."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        text = _("Use a time in the years %(first)s to %(last)s.")
        raise ValidationError(text % {"first": FIRST_YEAR, "last": LAST_YEAR})


def past(moment: datetime) -> None:
    within_calendar(moment)
    if moment > now():  # of this machine, whatever stands in for timezone.now where the past is told
        raise ValidationError(_("That is in the future."))


class MomentField(models.DateTimeField):
    """A time that is past, with its zone; a bare date or time is read in the site's own zone.

    `precision` names the field beside it that says how exactly the time is known.
    """

    default_validators = [past]

    def __init__(self, *args: Any, precision: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.precision = precision

    def told(self, moment: datetime, version: Any) -> str:
        is_day = self.precision and getattr(version, self.precision) == Precision.DAY
        return formats.date_format(timezone.localtime(moment), "j F Y" if is_day else "j F Y, H:i T")

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(str(value) if isinstance(value, date) and not isinstance(value, datetime) else value)
        return timezone.make_aware(moment) if moment is not None and timezone.is_naive(moment) else moment

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.to_python(value))


class WebAddressField(models.CharField):
    default_validators = [URLValidator(schemes=["http", "https"], message=_("Use a whole http or https address."))]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


def only_visible(value: str) -> None:
    if found := text.bad_characters(value):
        raise ValidationError(_("Remove characters that cannot be seen: %s.") % ", ".join(found))


def refuse_bad_characters(instance: models.Model, exclude: set[str]) -> None:
    errors = {}
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if isinstance(value, str) and field.name not in exclude:
            try:
                only_visible(value)
            except ValidationError as error:
                errors[field.name] = error
    if errors:
        raise ValidationError(errors)


def sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def unlike_digest(rows: models.QuerySet, words: str, digest: str) -> Iterator[int]:
    """Keys of rows whose field `digest` is not the SHA-256 of their field `words`. Reads all, some at a time."""
    stored = rows.order_by("pk").values_list("pk", words, digest)
    for key, content, said in stored.iterator(chunk_size=50):
        if not has_digest(content, said):
            yield key


def has_digest(words: Any, digest: str) -> bool:
    """SQLite keeps bytes in a column of text, where somebody wrote them there."""
    return isinstance(words, str) and sha256(words) == digest


class NaturalQuerySet(TrackedQuerySet):
    def get_by_natural_key(self, *key: str) -> models.Model:
        return self.get(**dict(zip(self.model.natural_path, key, strict=True)))


class Kept(Tracked):
    """A tracked model of ours: found by a natural key, and free of characters that nobody can see."""

    natural_path: tuple[str, ...] = ("slug",)

    objects = NaturalQuerySet.as_manager()

    class Meta(Tracked.Meta):
        abstract = True

    def natural_key(self) -> tuple[Any, ...]:
        def follow(path: str) -> Any:
            value: Any = self
            for name in path.split("__"):
                value = getattr(value, name)
            return value

        return tuple(follow(path) for path in self.natural_path)

    def clean_fields(self, exclude: Any = None) -> None:
        super().clean_fields(exclude=exclude)
        refuse_bad_characters(self, set(exclude or ()))
