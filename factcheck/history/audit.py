"""Whether what is stored keeps the promises of the history, whoever wrote it, or put it back from a copy.

Every check is a few statements, whatever the number of rows, and gives what it finds row by row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext as _

from . import guard
from .appendonly import Act
from .changeset import NAMELESS_DOORS, Changeset
from .comparing import gone_unrecorded, unlike_newest
from .guarding import append_only_models, tracked_models
from .tracked import HistoryRow


class Fault(StrEnum):
    """What a script may go by: these names stay."""

    DIFFERS = "differs"
    NO_VERSION = "no_version"
    GONE = "gone"
    DELETED = "deleted"
    REVISIONS = "revisions"
    TIME = "time"
    DANGLING = "dangling"
    EMPTY_ACT = "empty_act"
    GUARD = "guard"
    UNMET = "unmet"
    CONTENT = "content"
    APPROVAL = "approval"
    STANDING = "standing"
    SEARCH = "search"


@dataclass(frozen=True)
class Finding:
    table: str
    key: int | str
    fault: Fault
    text: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.text}"


@dataclass(frozen=True)
class Counts:
    objects: int
    versions: int
    acts: int


@contextmanager
def reading() -> Iterator[None]:
    """Nothing can be written in here. SQLite gets no transaction: ours take the write lock as soon as they begin."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            yield
        return
    connection.ensure_connection()
    connection.connection.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        # Past Django, which runs nothing more in a transaction that failed.
        connection.connection.execute("PRAGMA query_only = OFF")


def checks() -> list[Iterator[Finding]]:
    """Each reads while it is iterated, and not before."""
    found = [triggers(), needs()]
    for model in tracked_models():
        found += [live_rows(model), deletions(model), order(model)]
    found += [references(model) for model in [*tracked_models(), *append_only_models()]]
    found.append(acts())
    return found


def counts() -> Counts:
    tracked = tracked_models()
    return Counts(
        objects=sum(model._base_manager.count() for model in tracked),
        versions=sum(model.history.model.objects.count() for model in tracked),
        acts=Changeset.objects.count(),
    )


def triggers() -> Iterator[Finding]:
    text = _("is missing, switched off or altered; manage.py migrate puts it back")
    for name in guard.missing():
        yield Finding("trigger", name, Fault.GUARD, text)


def needs() -> Iterator[Finding]:
    text = _("was changed while foreign keys were off, and no version has recorded it since")
    for table, key in guard.unmet():
        yield Finding(table, key, Fault.UNMET, text)


def live_rows(model: type[models.Model]) -> Iterator[Finding]:
    table = model._meta.db_table
    for unlike in unlike_newest(model):
        if unlike.history_type is None:
            yield Finding(table, unlike.key, Fault.NO_VERSION, _("has no version"))
        elif unlike.history_type == "-":
            yield Finding(table, unlike.key, Fault.DELETED, _("is there, but its newest version says it was deleted"))
        else:
            text = _("differs from its newest version in %s") % ", ".join(unlike.fields)
            yield Finding(table, unlike.key, Fault.DIFFERS, text)


def deletions(model: type[models.Model]) -> Iterator[Finding]:
    for key in gone_unrecorded(model):
        yield Finding(model._meta.db_table, key, Fault.GONE, _("is gone, but its newest version is no deletion"))


def order(model: type[models.Model]) -> Iterator[Finding]:
    """Versions of a key count from 1 without a gap, and each is later than the one before."""
    table, along = model._meta.db_table, {"partition_by": "id", "order_by": ["revision", "history_id"]}
    versions = model.history.model.objects.annotate(
        before=Window(Lag("revision", default=0), **along), earlier=Window(Lag("history_date"), **along)
    ).annotate(follows=Q(revision=F("before") + 1), is_late=Q(history_date__lte=F("earlier")))
    wrong = versions.filter(Q(follows=False) | Q(is_late=True)).order_by("id", "revision", "history_id")
    columns = wrong.values_list("id", "revision", "before", "follows", "is_late")
    for key, revision, before, follows, is_late in columns.iterator():
        if not follows:
            yield Finding(table, key, Fault.REVISIONS, _count(revision, before))
        if is_late:
            text = _("version %(this)s is not later than the one before, %(before)s")
            yield Finding(table, key, Fault.TIME, text % {"this": revision, "before": before})


def _count(revision: int, before: int) -> str:
    if revision == 0:
        return _("has a version 0: they count from 1")
    if revision == before:
        return _("has version %s more than once") % revision
    if revision == before + 2:
        return _("version %s is missing") % (before + 1)
    return _("versions %(first)s to %(last)s are missing") % {"first": before + 1, "last": revision - 1}


def references(model: type[models.Model]) -> Iterator[Finding]:
    """What a foreign key names is there. The keys in a version may name what was deleted since, and hold nothing."""
    for field in model._meta.concrete_fields:
        if field.remote_field is None or not field.db_constraint:
            continue
        named = field.related_model._base_manager.filter(**{field.target_field.attname: OuterRef(field.attname)})
        rows = model._base_manager.filter(~Exists(named), **{f"{field.attname}__isnull": False})
        for key, value in rows.order_by("pk").values_list("pk", field.attname).iterator():
            text = _("its %(field)s %(value)s is missing") % {"field": field.name, "value": value}
            yield Finding(model._meta.db_table, key, Fault.DANGLING, text)


def acts() -> Iterator[Finding]:
    """An act without a row. An imported one (it has a key) may have found everything there already; loaddata and
    a data migration begin theirs before they know whether anything will change."""
    of_an_act = [model for model in append_only_models() if issubclass(model, (Act, HistoryRow))]
    empty = Changeset.objects.filter(key=None).exclude(via__in=NAMELESS_DOORS)
    for model in of_an_act:
        empty = empty.filter(~Exists(model.objects.filter(changeset=OuterRef("pk"))))
    for key in empty.order_by("pk").values_list("pk", flat=True).iterator():
        text = _("is an act to which no version and no other row belongs")
        yield Finding(Changeset._meta.db_table, key, Fault.EMPTY_ACT, text)
