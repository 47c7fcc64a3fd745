"""Who gets what at every address, by every method, whatever state the claim is in: each cell is written out.

An address that no row names fails, and the failure says which lines to write.
"""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone

from factcheck import dossier
from factcheck.desk import review
from factcheck.models import (
    Answer,
    Claim,
    CorrectionRequest,
    Edition,
    PublicText,
    Publisher,
    Source,
    SourceBasis,
    State,
    Story,
    User,
)
from factcheck.page import moments

from .newsroom import make_claim, make_people, make_source, writing
from .snapshots import changes, snapshot
from .undoing import undone

PEOPLE = ["alice", "bob", "erin", "victor", "root", "nobody"]
VERBS = ["submit", "return_to_author", "approve", "publish", "reopen", "flag", "withdraw"]
FORGED = {"reason": "Forged", "post": "yes", "action": "delete_selected", "_selected_action": "1", "_save": "Save"}
FORGED |= {"way": "paste", "paste-text": "Forged", "paste-reason": "Forged", "words": "three"}
FORGED |= {"label": "Forged", "title": "Forged", "name": "Forged", "role": "editor", "kind": "update"}


def newest_moment() -> str:
    return moments.name(Edition.objects.latest("published_at").published_at)


PK: Callable[[Claim], list[Any]] = lambda claim: [claim.pk]  # noqa: E731
SLUG: Callable[[Claim], list[Any]] = lambda claim: [claim.slug]  # noqa: E731
# Where an address of one claim leads; it has a row for each state. A word after the name is one of its arguments.
OF_A_CLAIM: dict[str, Callable[[Claim], list[Any]]] = {
    "verdict": SLUG,
    "edition": lambda claim: [claim.slug, 1],
    "report_error": SLUG,
    "error_reported": SLUG,
    "claim_json": SLUG,
    "embed": SLUG,
    "citation": lambda claim: [claim.slug, 1],
    "card": lambda claim: [claim.slug, 1],
    "edition_then": lambda claim: [claim.slug, "2999-01-01"],
    "factcheck_claim_change": PK,
    "factcheck_claim_history": PK,
    "factcheck_claim_delete": PK,
    "factcheck_claim_preview": PK,
    "factcheck_claim_next": PK,
    **{f"factcheck_claim_move {verb}": lambda claim, verb=verb: [claim.pk, verb] for verb in VERBS},
    "factcheck_report_change": lambda claim: [claim.reports.first().pk],
    "factcheck_report_delete": lambda claim: [claim.reports.first().pk],
    "versions": lambda claim: ["claim", claim.pk],
    "compare": lambda claim: ["claim", claim.pk],
    "version": lambda claim: ["claim", claim.pk, 1],
    "quote": lambda claim: [claim.reports.first().pk],
}
# Where the others lead. What is not here is the admin's page of a model, or needs nothing.
OF_ITSELF: dict[str, Callable[[], list[Any]]] = {
    "story": lambda: ["flood"],
    "story_at": lambda: ["flood", newest_moment()],
    "story_then": lambda: ["flood", "2999-01-01"],
    "story_since": lambda: ["flood", newest_moment()],
    "story_news": lambda: ["flood", "2999-01-01"],
    "story_changes": lambda: ["flood"],
    "source": lambda: ["source-1"],
    "publisher": lambda: ["paper-source-1"],
    "rating": lambda: ["true"],
    "story_feed": lambda: ["flood"],
    "sitemap_part": lambda: [1],
    "month": lambda: [f"{timezone.localtime():%Y-%m}"],
    "text": lambda: ["about"],
    "app_list": lambda: ["factcheck"],
    "view_on_site": lambda: [ContentType.objects.get_for_model(Claim).pk, Claim.objects.first().pk],
    "auth_user_password_change": lambda: [User.objects.get(username="erin").pk],
    "captures": lambda: [Source.objects.get(slug="source-3").pk],
    "captures_compare": lambda: [Source.objects.get(slug="source-3").pk],
    "factcheck_story_board": lambda: [Story.objects.get(slug="flood").pk],
    "factcheck_claim_bulk": lambda: ["assign"],
    "factcheck_publisher_delete": lambda: [Publisher.objects.get(name="Slip").pk],
    "factcheck_source_delete": lambda: [Source.objects.get(slug="slip").pk],
    "factcheck_story_delete": lambda: [Story.objects.get(slug="slip").pk],
    "factcheck_source_retract": lambda: [Source.objects.get(slug="source-3").pk],
}


# Of each person the answer to a GET and to a POST: o the page, w written and sent on, r sent on with nothing written,
# L the log-in, b x - m are 400, 403, 404 and 405. PUT, PATCH, DELETE and OPTIONS are 405 to everybody everywhere.
# Braces stand for a row each: of states, or of models.
# fmt: off
TABLE = """
                                                                                      alice bob erin victor root nobody
home                                                                                  om    om  om   om     om   om
story                                                                                 om    om  om   om     om   om
story_{at,since,changes}                                                              om    om  om   om     om   om
story_{then,news}                                                                     rm    rm  rm   rm     rm   rm
corrections                                                                           om    om  om   om     om   om
ratings                                                                               om    om  om   om     om   om
rating                                                                                om    om  om   om     om   om
text                                                                                  om    om  om   om     om   om
verdicts_feed                                                                         om    om  om   om     om   om
corrections_feed                                                                      om    om  om   om     om   om
sitemap                                                                               om    om  om   om     om   om
robots                                                                                om    om  om   om     om   om
search                                                                                om    om  om   om     om   om
opensearch                                                                            om    om  om   om     om   om
archive                                                                               om    om  om   om     om   om
month                                                                                 om    om  om   om     om   om
publishers                                                                            om    om  om   om     om   om
publisher                                                                             om    om  om   om     om   om
source                                                                                om    om  om   om     om   om
story_feed                                                                            om    om  om   om     om   om
sitemap_part                                                                          om    om  om   om     om   om
oembed                                                                                -m    -m  -m   -m     -m   -m
embed {draft,in_review,approved}                                                      -m    -m  -m   -m     -m   -m
embed {published,withdrawn}                                                           om    om  om   om     om   om
citation {draft,in_review,approved}                                                   -m    -m  -m   -m     -m   -m
card {draft,in_review,approved}                                                       -m    -m  -m   -m     -m   -m
citation {published,withdrawn}                                                        om    om  om   om     om   om
card {published,withdrawn}                                                            om    om  om   om     om   om
favicon                                                                               rm    rm  rm   rm     rm   rm
verdict {draft,in_review,approved}                                                    -m    -m  -m   -m     -m   -m
verdict {published,withdrawn}                                                         om    om  om   om     om   om
edition_then {draft,in_review,approved}                                               -m    -m  -m   -m     -m   -m
edition_then {published,withdrawn}                                                    rm    rm  rm   rm     rm   rm
edition {draft,in_review,approved}                                                    -m    -m  -m   -m     -m   -m
edition {published,withdrawn}                                                         om    om  om   om     om   om
report_error {draft,in_review,approved}                                               --    --  --   --     --   --
report_error {published,withdrawn}                                                    ob    ob  ob   ob     ob   ob
error_reported {draft,in_review,approved}                                             -m    -m  -m   -m     -m   -m
error_reported {published,withdrawn}                                                  om    om  om   om     om   om
claim_json {draft,in_review,approved}                                                 -m    -m  -m   -m     -m   -m
claim_json {published,withdrawn}                                                      om    om  om   om     om   om
captures                                                                              ow    ow  ow   ox     ox   LL
captures_compare                                                                      om    om  om   om     om   LL
index                                                                                 om    om  om   om     om   LL
login                                                                                 ro    ro  ro   ro     ro   oo
logout                                                                                mo    mo  mo   mo     mo   rr
password_change                                                                       oo    oo  oo   oo     oo   LL
password_change_done                                                                  om    om  om   om     om   LL
autocomplete                                                                          om    om  om   om     om   LL
jsi18n                                                                                om    om  om   om     om   LL
view_on_site                                                                          rr    rr  rr   rr     rr   LL
auth_user_password_change                                                             xx    xx  xx   xx     oo   LL
factcheck_source_retract                                                              oo    oo  oo   xx     xx   LL
app_list                                                                              om    om  om   om     om   LL
admin/(?P<url>.*)$                                                                    --    --  --   --     --   LL
factcheck_{capture,report,correctionrequest,edition,approval,flag}_changelist         om    om  om   om     om   LL
factcheck_claim_changelist                                                            oo    oo  oo   om     om   LL
factcheck_{changeset,publisher,source,story,rating,publictext}_changelist             om    om  om   om     om   LL
factcheck_user_changelist                                                             xx    xx  xx   xx     oo   LL
factcheck_{capture,correctionrequest,edition,approval,flag,changeset}_add             xx    xx  xx   xx     xx   LL
factcheck_{report,claim,source,story}_add                                             oo    oo  oo   xx     xx   LL
factcheck_user_add                                                                    xx    xx  xx   xx     oo   LL
factcheck_publisher_add                                                               ow    ow  ow   xx     xx   LL
factcheck_{rating,publictext}_add                                                     xx    xx  oo   xx     xx   LL
factcheck_{capture,edition,approval,flag,changeset}_change                            ox    ox  ox   ox     ox   LL
factcheck_user_change                                                                 xx    xx  xx   xx     oo   LL
factcheck_{correctionrequest,publisher,source,story}_change                           oo    oo  oo   ox     ox   LL
factcheck_{rating,publictext}_change                                                  ox    ox  oo   ox     ox   LL
factcheck_{capture,report,correctionrequest,edition,approval,flag}_history            om    om  om   om     om   LL
factcheck_{changeset,publisher,source,story,rating,publictext}_history                om    om  om   om     om   LL
factcheck_user_history                                                                xm    xm  xm   xm     om   LL
factcheck_{capture,user,correctionrequest,edition,approval,flag}_delete               xx    xx  xx   xx     xx   LL
factcheck_{changeset,rating,publictext}_delete                                        xx    xx  xx   xx     xx   LL
factcheck_{publisher,source,story}_delete                                             or    or  or   xx     xx   LL
admin/factcheck/{capture,report,claim,user}/<path:object_id>/                         rr    rr  rr   rr     rr   LL
admin/factcheck/{correctionrequest,edition,approval}/<path:object_id>/                rr    rr  rr   rr     rr   LL
admin/factcheck/{flag,changeset,publisher,source}/<path:object_id>/                   rr    rr  rr   rr     rr   LL
admin/factcheck/{story,rating,publictext}/<path:object_id>/                           rr    rr  rr   rr     rr   LL
versions {draft,in_review,approved,published,withdrawn}                               om    om  om   om     om   LL
compare {draft,in_review,approved,published,withdrawn}                                om    om  om   om     om   LL
version {draft,in_review,approved,published,withdrawn}                                oo    oo  oo   ox     ox   LL
quote {draft,in_review,approved,published,withdrawn}                                  oo    oo  oo   ox     ox   LL
factcheck_report_delete {draft,in_review,approved}                                    or    or  or   xx     xx   LL
factcheck_report_delete {published,withdrawn}                                         xx    xx  xx   xx     xx   LL
factcheck_report_change {draft,in_review,approved,published,withdrawn}                oo    oo  oo   ox     ox   LL
factcheck_claim_move submit draft                                                     ow    ow  ow   xx     xx   LL
factcheck_claim_move submit {in_review,approved,published,withdrawn}                  oo    oo  oo   xx     xx   LL
factcheck_claim_move return_to_author {draft,published,withdrawn}                     oo    oo  oo   xx     xx   LL
factcheck_claim_move return_to_author {in_review,approved}                            oo    ow  ow   xx     xx   LL
factcheck_claim_move approve {draft,approved,published,withdrawn}                     oo    oo  oo   xx     xx   LL
factcheck_claim_move approve in_review                                                oo    ow  ow   xx     xx   LL
factcheck_claim_move publish {draft,in_review,published,withdrawn}                    oo    oo  oo   xx     xx   LL
factcheck_claim_move publish approved                                                 oo    oo  ow   xx     xx   LL
factcheck_claim_move reopen {draft,in_review,approved}                                oo    oo  oo   xx     xx   LL
factcheck_claim_move reopen {published,withdrawn}                                     ow    ow  ow   xx     xx   LL
factcheck_claim_move flag {draft,in_review,approved,withdrawn}                        oo    oo  oo   xx     xx   LL
factcheck_claim_move flag published                                                   oo    oo  ow   xx     xx   LL
factcheck_claim_move withdraw {draft,in_review,approved,withdrawn}                    oo    oo  oo   xx     xx   LL
factcheck_claim_move withdraw published                                               oo    oo  ow   xx     xx   LL
factcheck_claim_bulk                                                                  rr    rr  rr   xx     xx   LL
factcheck_claim_next {draft,in_review,approved,published,withdrawn}                   rm    rm  rm   rm     rm   LL
factcheck_story_board                                                                 om    om  om   om     om   LL
factcheck_claim_preview {draft,in_review,approved,published,withdrawn}                om    om  om   om     om   LL
factcheck_claim_history {draft,in_review,approved,published,withdrawn}                om    om  om   om     om   LL
factcheck_claim_delete draft                                                          or    or  or   xx     xx   LL
factcheck_claim_delete {in_review,approved,published,withdrawn}                       xx    xx  xx   xx     xx   LL
factcheck_claim_change {draft,in_review,approved,published,withdrawn}                 oo    oo  oo   ox     ox   LL
"""
# fmt: on


QUERIES = {"autocomplete": "?app_label=factcheck&model_name=claim&field_name=story&term="}


class Scene:
    """A claim in each state, written by alice, approved by bob, published by erin; and one of all else."""

    def __init__(self) -> None:
        people = make_people()
        people.root = User.objects.create_superuser("root")
        for made, state in enumerate(State):
            self.bring(make_claim(state.value, author=people.alice), made, people)
        flagged = make_claim("flagged", author=people.alice, sources=4)
        self.bring(flagged, 3, people)
        review.flag(flagged, user=people.erin, reason="News")
        asked = CorrectionRequest(edition=Edition.objects.get(slug="flagged"), message="It is four.")
        asked.save()
        make_source("slip")
        third, fourth = Source.objects.filter(slug__startswith="source-").order_by("slug")[2:]
        with writing():
            third.captures.model(source=third, text="Three.").save()
            SourceBasis(source=fourth, rests_on=third).save()
            PublicText(slug="about", title="About us", body="We check.").save()
            Publisher(name="Slip").save()
            Story(slug="slip", title="Slip", summary="-", began_on="2026-03-13").save()
            Answer(request=asked, decision="unchanged", text="It is three.").save()
        self.clients: dict[str, Client] = {name: Client() for name in PEOPLE}
        for name, user in vars(people).items():
            self.clients[name].force_login(user)
        self.paths = dict(addresses())
        self.sent = {f"{claim.slug}": FORGED | opened(claim) for claim in Claim.objects.all()}
        self.stored = snapshot()

    def bring(self, claim: Claim, made: int, people: SimpleNamespace) -> None:
        for verb in ("submit", "approve", "publish", "withdraw")[:made]:
            user = {"submit": people.alice, "approve": people.bob}.get(verb, people.erin)
            review.VERBS[verb](claim, user=user, reason=verb)


def opened(claim: Claim) -> dict[str, object]:
    """What a move sends of the claim that it was asked for."""
    return {"opened": claim.revision, "seen": dossier.digest(dossier.canonical(dossier.build(claim)))}


def patterns() -> Iterator[tuple[str, str]]:
    """The name of every address, or how it is written where it has none; with how it is written."""

    def walk(entries: Any, before: str) -> Iterator[tuple[str, str]]:
        for entry in entries:
            route = before + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield entry.name or route, route
            else:
                yield from walk(entry.url_patterns, route)

    return walk(get_resolver().url_patterns, "")


def addresses() -> Iterator[tuple[str, str]]:
    """Every address by the name of its row, with a path to it."""
    for name, route in patterns():
        place = f"admin:{name}" if route.startswith("admin/") else name
        variants = [each for each in OF_A_CLAIM if each.split()[0] == name]
        for variant in variants:
            for claim in Claim.objects.filter(slug__in=State.values).order_by("pk"):
                yield f"{variant} {claim.slug}", reverse(place, args=OF_A_CLAIM[variant](claim))
        if not variants:
            yield name, path_to(name, place, route)


def path_to(name: str, place: str, route: str) -> str:
    if name == route:
        return "/" + route.replace("<path:object_id>", "1").replace("(?P<url>.*)$", "no-such-page")
    if name in OF_ITSELF:
        return reverse(place, args=OF_ITSELF[name]())
    if found := re.fullmatch("factcheck_([a-z]+)_(change|history|delete)", name):
        return reverse(place, args=[apps.get_model("factcheck", found[1]).objects.order_by("pk").first().pk])
    try:
        return reverse(place) + QUERIES.get(name, "")
    except NoReverseMatch:
        return ""


def rows() -> Iterator[tuple[str, str]]:
    """Every row of the table by its whole name, with its cells."""
    for line in TABLE.strip().splitlines()[1:]:
        names, cells = line.split("  ", 1)
        yield from ((name, " ".join(cells.split())) for name in spelled_out(names))


def spelled_out(names: str) -> list[str]:
    if found := re.search(r"\{(.*?)\}", names):
        return [whole for part in found[1].split(",") for whole in spelled_out(names.replace(found[0], part, 1))]
    return [names]


LETTERS = {200: "o", 400: "b", 403: "x", 404: "-", 405: "m"}


def letter(s: Scene, row: str, name: str, method: str) -> str:
    touched: list[str] = []

    def watching(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            touched.append(sql)
        return execute(sql, params, many, context)

    client = s.clients[name]
    cookies = client.cookies.copy()
    data = s.sent.get(row.split()[-1], FORGED) if method == "POST" else None
    with undone(), connection.execute_wrapper(watching):
        found = getattr(client, method.lower())(s.paths[row], data)
        client.cookies = cookies  # still logged in, if this was the way out
        if touched and changes(s.stored, snapshot()):
            assert found.status_code == 302, f"{method} {s.paths[row]}, {name}: {touched}"
            return "w"
    if found.status_code in (301, 302):
        return "L" if "/login/" in found["Location"] else "r"
    return LETTERS[found.status_code]


def cells(s: Scene, row: str) -> str:
    return " ".join("".join(letter(s, row, name, method) for method in ("GET", "POST")) for name in PEOPLE)


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), undone():
        yield


@pytest.fixture(scope="module")
def s(db: None) -> Scene:
    return Scene()


def test_every_address_has_its_row(s: Scene) -> None:
    lost = [name for name, path in s.paths.items() if not path]
    assert not lost, f"Add to OF_A_CLAIM or to OF_ITSELF where these lead: {', '.join(lost)}"
    told = [name for name, _cells in rows()]
    assert len(told) == len(set(told)), "a row stands twice"
    missing = [f"{row}  {cells(s, row)}" for row in s.paths if row not in told]
    assert not missing, "\n".join(["These rows are missing. If each cell is right, they are:", *missing])
    assert set(told) == set(s.paths), "there are rows of addresses that are gone"


def test_who_only_reads_writes_nowhere(s: Scene) -> None:
    """The columns of all who may not write, at every address and in every state."""
    for row, answers in rows():
        for name in ("victor", "root", "nobody"):
            assert letter(s, row, name, "POST") == answers.split()[PEOPLE.index(name)][1], f"{row}, {name}"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused_everywhere(s: Scene, method: str) -> None:
    for row, path in s.paths.items():
        for name in ("erin", "nobody"):
            found = s.clients[name].generic(method, path)
            assert found.status_code == 405 and {"GET", "POST"} & set(found["Allow"].split(", ")), f"{row}, {name}"


@pytest.mark.slow
@pytest.mark.parametrize("row", [name for name, _cells in rows()])
def test_row(s: Scene, row: str) -> None:
    assert cells(s, row) == dict(rows())[row]


@pytest.mark.slow
def test_head_is_get_without_a_body(s: Scene) -> None:
    for row, path in s.paths.items():
        if row == "login":
            continue  # Django sends whoever is logged in on, but only on GET
        with undone():
            head = s.clients["bob"].head(path)
        assert head.content == b"" and head.status_code == s.clients["bob"].get(path).status_code, row
