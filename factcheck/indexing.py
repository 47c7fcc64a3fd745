"""How published editions come to be searched and listed: worked out of them, at the end of the act that publishes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.transaction import atomic
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from factcheck.history import guard
from factcheck.history.audit import Fault, Finding
from factcheck.history.changeset import Recorder
from factcheck.models import Citation, Edition, SearchEntry
from factcheck.models.base import sha256
from factcheck.models.search.words import Document, engine
from factcheck.text import finding
from factcheck.text.prose import prose

VERSION = 4
"""Of what is made here: a higher number makes it anew with the next migrate."""
BATCH, MANY = 200, 5_000
LONGEST_SLUG = 80
BREAK = finding.DECIMAL_POINT  # between two texts: no phrase goes on from one to the next
MOST_BYTES, BESIDE_A_WORD = 900_000, 21  # PostgreSQL's tsvector holds a megabyte: of places and neighbours, too
ENTRY_COLUMNS = [field.attname for field in SearchEntry._meta.concrete_fields if field.name != "words"]
CITATION_COLUMNS = ["slug", "number", "source_slug", "source_title", "publisher_slug", "publisher_name"]


def follow(recorder: Recorder, **kwargs: Any) -> None:
    """At the end of an act."""
    if editions := recorder.touched.get(Edition):
        rebuild(Edition.objects.filter(pk__in=editions).values_list("claim_id", flat=True))


def follow_migrations(using: str, **kwargs: Any) -> None:
    if using == DEFAULT_DB_ALIAS and not guard.is_half_migrated():
        connection = connections[using]
        engine(connection).install(connection)
        claims = list(_unlisted().values_list("claim_id", flat=True))
        if is_upgrade := len(claims) >= MANY:  # its readers wait for the end of it
            engine(connection).drop_index(connection)
        rebuild(claims)
        if is_upgrade:
            engine(connection).install(connection)


def rebuild_all() -> int:
    """Make all of it anew; returns how many published claims there are."""
    with atomic():
        surplus = SearchEntry.objects.exclude(edition__in=Edition.objects.published().values("pk"))
        SearchEntry.objects.replace(surplus.values_list("pk", flat=True), [])
        rebuild(Edition.objects.order_by("claim_id").values_list("claim_id", flat=True).distinct())
    return SearchEntry.objects.count()


def rebuild(claims: Iterable[int]) -> None:
    for keys in _batches(claims):
        with atomic():
            editions = list(Edition.objects.filter(claim__in=keys).order_by("slug", "number"))
            newest = {edition.claim_id: edition for edition in editions}.values()
            stale = Q(edition__claim__in=keys)
            SearchEntry.objects.replace(
                SearchEntry.objects.filter(stale).values_list("pk", flat=True),
                [entry(edition) for edition in newest if not edition.is_withdrawal],
            )
            Citation.objects.replace(
                Citation.objects.filter(stale).values_list("pk", flat=True),
                [citation for edition in editions for citation in citations(edition)],
            )


def entry(edition: Edition) -> SearchEntry:
    return SearchEntry(**_listed(edition), words=document(edition.dossier))


def _listed(edition: Edition) -> dict[str, Any]:
    content = edition.dossier
    return {
        "edition_id": edition.pk,
        "slug": edition.slug,
        "story_slug": edition.story_slug,
        "story_title": content["story"]["title"],
        "rating_slug": edition.rating_slug,
        "rating_name": content["verdict"]["rating"]["name"],
        "published_at": edition.published_at,
        "month": f"{timezone.localtime(edition.published_at):%Y-%m}",
        "made_by": VERSION,
    }


def citations(edition: Edition) -> list[Citation]:
    return [
        Citation(
            edition=edition,
            slug=edition.slug,
            number=edition.number,
            source_slug=source["slug"],
            source_title=source["title"],
            publisher_slug=publisher_slug(source["publisher"]["name"]),
            publisher_name=source["publisher"]["name"],
        )
        for source in edition.dossier["sources"]
    ]


def publisher_slug(name: str) -> str:
    """A publisher has no short name: its address is made of its name, as readers know it."""
    plain = " ".join(finding.folded(part) for part in finding.JOINED.findall(name))
    slug, digest = slugify(plain, allow_unicode=True), sha256(name)[:12]
    return slug or digest if len(slug) <= LONGEST_SLUG else f"{slug[: LONGEST_SLUG - 13].rstrip('-')}-{digest}"


def document(content: Mapping[str, Any]) -> Document:
    claim, verdict, story = content["claim"], content["verdict"], content["story"]
    left = MOST_BYTES
    fields = []
    for texts in (
        [claim["label"]],
        [claim["statement"], verdict["summary"]],
        [prose(verdict["explanation"]), verdict["rating"]["name"], claim["claimant"], story["title"]],
        [*_reported(content["reports"]), *_cited(content["sources"]), content["edition"]["note"]],
    ):
        words = []
        for word in _words(texts):
            left -= len(word.encode()) + BESIDE_A_WORD
            if left < 0:
                break
            words.append(word)
        fields.append(words)
    return Document(*fields)


def _reported(reports: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for report in reports:
        figure = report["figure"] or {}
        yield from (report["quote"]["exact"] if report["quote"] else "", report["text"])
        yield from (figure[name] or "" for name in ("low", "high", "unit") if figure)


def _cited(sources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for source in sources:
        yield from (source["title"], source["publisher"]["name"], source["url"])


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in filter(None, texts):
        yield from (word.token for word in finding.words(text))
        yield BREAK


def findings() -> Iterator[Finding]:
    """Where what is stored is not what a rebuild gives. The words are not compared."""
    for model, wanted in ((SearchEntry, Edition.objects.published()), (Citation, Edition.objects.all())):
        lost = model.objects.exclude(edition__in=wanted.values("pk")).order_by("pk")
        for key in lost.values_list("pk", flat=True).iterator():
            yield _finding(model, key, _("is of an edition that is not published"))
    for keys in _batches(Edition.objects.order_by("pk").values_list("pk", flat=True)):
        editions = [edition for edition in Edition.objects.filter(pk__in=keys).order_by("pk") if edition.is_whole]
        yield from _unlike_entries({edition.pk: edition for edition in editions}, keys)
        yield from _unlike_citations(editions, keys)


def _unlike_entries(editions: Mapping[int, Edition], keys: Collection[int]) -> Iterator[Finding]:
    stored = {row["edition_id"]: row for row in SearchEntry.objects.filter(pk__in=keys).values(*ENTRY_COLUMNS)}
    for key in Edition.objects.published().filter(pk__in=editions).order_by("pk").values_list("pk", flat=True):
        if stored.get(key) != _listed(editions[key]):
            text = _("differs from its edition") if key in stored else _("is missing, so its page is not found")
            yield _finding(SearchEntry, key, text)


def _unlike_citations(editions: Iterable[Edition], keys: Collection[int]) -> Iterator[Finding]:
    stored: dict[int, set[tuple[Any, ...]]] = {}
    for key, *row in Citation.objects.filter(edition__in=keys).values_list("edition", *CITATION_COLUMNS):
        stored.setdefault(key, set()).add(tuple(row))
    for edition in editions:
        wanted = {tuple(getattr(each, name) for name in CITATION_COLUMNS) for each in citations(edition)}
        if stored.get(edition.pk, set()) != wanted:
            yield _finding(Edition, edition.pk, _("what is listed as cited by it is not what it cites"))


def _finding(model: type[Any], key: int, text: str) -> Finding:
    told = _("%s (manage.py rebuild_search puts it right)") % text
    return Finding(model._meta.db_table, key, Fault.SEARCH, told)


def _unlisted() -> QuerySet[Edition]:
    """Published editions without an entry of this version."""
    listed = SearchEntry.objects.filter(pk=OuterRef("pk"), made_by=VERSION)
    return Edition.objects.published().filter(~Exists(listed))


def _batches(keys: Iterable[int]) -> Iterator[Collection[int]]:
    unread = iter(keys)
    while batch := list(islice(unread, BATCH)):
        yield batch
