"""Whether what is stored keeps the promises of the history, whoever wrote it, or put it back from a copy.

Every check is a few statements, whatever the number of rows, and gives what it finds row by row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import DataError, connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value, Window
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
    KIND = "kind"
    DANGLING = "dangling"
    EMPTY_ACT = "empty_act"
    GUARD = "guard"
    UNMET = "unmet"
    CONTENT = "content"
    APPROVAL = "approval"
    STANDING = "standing"
    CONSTRAINT = "constraint"
    NUMBERS = "numbers"
    UNREADABLE = "unreadable"
    SEARCH = "search"
    ADDRESS = "address"


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
    for model in [*tracked_models(), *append_only_models()]:
        found += [references(model), constraints(model)]
    found.append(acts())
    return found


def readable(check: Iterator[Finding]) -> Iterator[Finding]:
    """What a check finds. SQLite keeps anything in any column: what no field can read ends the check, and is found."""
    try:
        yield from check
    except (ValueError, TypeError, ArithmeticError, DataError) as error:
        yield Finding("database", "?", Fault.UNREADABLE, _("holds what cannot be read: %s") % error)


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


FIRST, LATER = {"+"}, {"~", "-"}
LONGEST_ACT = timedelta(days=1)


def order(model: type[models.Model]) -> Iterator[Finding]:
    """Versions of a key count from 1 without a gap, each is later than the one before and of the time of its act, and
    what was added is changed or deleted before it is added again."""
    table, along = model._meta.db_table, {"partition_by": "id", "order_by": ["revision", "history_id"]}
    first = Q(before=0) | Q(was="-")
    act = Changeset.objects.filter(pk=OuterRef("changeset_id")).values("at")  # which may be missing
    versions = model.history.model.objects.annotate(
        at=Subquery(act),
        before=Window(Lag("revision", default=0), **along),
        earlier=Window(Lag("history_date"), **along),
        was=Window(Lag("history_type", default=Value("-")), **along),
    ).annotate(
        follows=Q(revision=F("before") + 1),
        is_late=Q(history_date__lte=F("earlier")),
        is_early=Q(history_date__lt=F("at")),
        is_long_after=Q(history_date__gt=F("at") + LONGEST_ACT)
        & ~Q(earlier__isnull=False, history_date__lte=F("earlier") + timedelta(seconds=1)),
        fits=first & Q(history_type__in=FIRST) | ~first & Q(history_type__in=LATER),
    )
    wrong = versions.filter(
        Q(follows=False) | Q(is_late=True) | Q(is_early=True) | Q(is_long_after=True) | Q(fits=False)
    ).order_by("id", "revision", "history_id")
    columns = ("id", "revision", "before", "follows", "is_late", "is_early", "is_long_after", "fits", "history_type")
    for key, revision, before, *said, kind in wrong.values_list(*columns).iterator():
        for fault, text in _disorder(revision, before, *said, kind):
            yield Finding(table, key, fault, text)


def _disorder(
    revision: int, before: int, follows: bool, is_late: bool, is_early: bool, is_long_after: bool, fits: bool, kind: str
) -> Iterator[tuple[Fault, str]]:
    names = {"this": revision, "before": before, "kind": kind}
    if not follows:
        yield Fault.REVISIONS, _count(revision, before)
    if is_late:
        yield Fault.TIME, _("version %(this)s is not later than the one before, %(before)s") % names
    if is_early:
        yield Fault.TIME, _("version %(this)s is dated before its act") % names
    if is_long_after:
        yield Fault.TIME, _("version %(this)s is dated long after its act") % names
    if follows and not fits:
        yield Fault.KIND, _("version %(this)s is of kind “%(kind)s”, which cannot follow what was before it") % names


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


def constraints(model: type[models.Model]) -> Iterator[Finding]:
    """What a CHECK refuses is not there either; on SQLite, a connection can leave them out."""
    editor = connection.SchemaEditorClass(connection, collect_sql=True)  # only spells, and is not entered
    checks = {
        each.name: each._get_check_sql(model, editor)
        for each in model._meta.constraints
        if isinstance(each, models.CheckConstraint)
    }
    table, key = map(connection.ops.quote_name, (model._meta.db_table, model._meta.pk.column))
    for name, sql in checks.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {key} FROM {table} WHERE NOT ({sql}) ORDER BY {key}")
            broken = cursor.fetchall()
        for (row,) in broken:
            yield Finding(model._meta.db_table, row, Fault.CONSTRAINT, _("breaks the rule %s") % name)


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
