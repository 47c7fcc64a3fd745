"""Lists that stay quick with a hundred thousand rows: nothing is counted or offered without bound."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import IS_FACETS_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck.desk import queues
from factcheck.desk.queues import Queue
from factcheck.models import Decision

MOST = 2000  # rows that a list counts and pages through
OFFERED = 20  # stories to choose from


class BoundedPaginator(Paginator):
    """Pages through the first rows, and says whether there are more: a search or a filter finds the others."""

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        return self._found > MOST

    @cached_property
    def _found(self) -> int:
        return self.object_list.order_by().values("pk")[: MOST + 1].count()


class BoundedList(ChangeList):
    """The numbers beside the filters need a look at every row: in a large table only when somebody asks for them."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if self.add_facets and self.has_filters:
            self.is_facets_optional = BoundedPaginator(self.root_queryset, self.list_per_page).is_cut
            self.add_facets = not self.is_facets_optional or IS_FACETS_VAR in request.GET


class NewestStories(admin.RelatedFieldListFilter):
    """The newest stories, and the one that is chosen."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        stories = field.related_model.objects
        chosen = [key for key in self.lookup_val or [] if key.isdecimal() and len(key) < 18]
        offered = {story.pk: story for story in stories.order_by("-pk")[:OFFERED]}
        return [(key, str(story)) for key, story in (stories.in_bulk(chosen) | offered).items()]


class QueueFilter(admin.SimpleListFilter):
    """The queues of the desk, as far as a list pages."""

    title = gettext_lazy("what waits")
    parameter_name = "queue"
    names = {
        Queue.REVIEW: gettext_lazy("for my review"),
        Queue.APPROVED: gettext_lazy("for publication"),
        Queue.STALE: gettext_lazy("pages that need a re-check"),
        Queue.FLAGGED: gettext_lazy("flagged pages"),
        Queue.RETURNED: gettext_lazy("returned to me"),
        Queue.MINE: gettext_lazy("my drafts"),
        Queue.HANDED: gettext_lazy("mine, being judged"),
        Queue.UNASSIGNED: gettext_lazy("unassigned drafts"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(queue.value, name) for queue, name in self.names.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in [queue.value for queue in self.names]:
            return queryset
        return queryset.filter(pk__in=queues.keys(Queue(self.value()), request.user, MOST + 1))

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """Without numbers: the desk shows them, and here each would cost a search of its own."""
        counted, changelist.add_facets = changelist.add_facets, False
        yield from super().choices(changelist)
        changelist.add_facets = counted


WAITING, PROMISED = "waiting", "promised"


class Outcome(admin.SimpleListFilter):
    title = gettext_lazy("answer")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("waits for one")), (PROMISED, _("page will change")), *Decision.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == WAITING:
            return queryset.filter(answer__isnull=True)
        if self.value() == PROMISED:
            return queryset.filter(answer__decision=Decision.CHANGED, answer__edition__isnull=True)
        return queryset.filter(answer__decision=self.value()) if self.value() in Decision.values else queryset
