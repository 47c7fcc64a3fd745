"""A public page is rendered once per version, and never given out of its time."""

import gzip
import logging
import socket
from threading import Timer

import pytest
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve
from django.utils import timezone

from factcheck.desk import review
from factcheck.models import Citation, Claim, Edition, PublicText, Report, Verdict
from factcheck.public import serving, software, versions
from factcheck.public.serving import Served
from factcheck.settings import env_cache

from .newsroom import make_claim, make_source, make_story, publish, writing
from .test_public import ADDRESSES, CANARY, CITATION, CLAIM, ENTRY, PUBLISHED, STORY, URLS, WORDS, second_edition

pytestmark = pytest.mark.django_db

FEED = "/feeds/verdicts.atom"
# What is answered anew for each visitor, and why.
NOT_SERVED = {
    "favicon": "only says where the picture is",
    "report_error": "a form, with a token of its own each time",
    "error_reported": "seen once, after the form",
    "oembed": "answers a question",
    "edition_then": "leads to what stood then",
    "story_then": "leads to what stood then",
    "story_news": "leads to what changed since",
    "search": "answers a question",
}
FIXED, COUNTING = ["/robots.txt", "/opensearch.xml"], ["/corrections/"]
SERVED = [address for name, (address, _tables) in URLS.items() if name not in NOT_SERVED]


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim, published_at=PUBLISHED)
    return claim


def queries_of(call) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        call()
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("address", SERVED)
def test_it_works(address, client, claim):
    first = client.get(address)
    assert first.status_code == 200
    with CaptureQueriesContext(connection) as queries:
        again = client.get(address)
    with CaptureQueriesContext(connection) as queries_of_unchanged:
        unchanged = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert len(queries) == len(queries_of_unchanged) == (0 if address in FIXED else 2 if address in COUNTING else 1)
    assert again.content == first.content
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for answer in (first, again, unchanged):
        assert answer["ETag"] == first["ETag"] and not answer["ETag"].startswith("W/")
        assert answer["Cache-Control"] == "public, max-age=0, s-maxage=30, stale-while-revalidate=30"
        assert answer["Vary"] == "Accept-Encoding"
        assert answer["Surrogate-Key"]


def test_what_is_not_served_so_is_named():
    patterns = get_resolver("factcheck.public.urls").url_patterns
    assert {pattern.name for pattern in patterns if not isinstance(pattern.callback, Served)} == set(NOT_SERVED)


@pytest.mark.parametrize("address", SERVED)
def test_a_version_reads_every_table_that_its_page_reads(address, rf, claim):
    def tables(queries: list[str]) -> set[str]:
        return {table for table in connection.introspection.table_names() for sql in queries if f'"{table}"' in sql}

    match, request = resolve(address), rf.get(address)
    page = tables(queries_of(lambda: match.func.view(request, **match.kwargs)))
    derived = {ENTRY, CITATION, *WORDS}  # written with the editions that they follow from
    assert page - derived <= tables(queries_of(lambda: match.func.version(**match.kwargs)))


@pytest.mark.parametrize("slug", ["death-toll", "death", "<slug>", "%s", "' OR '1'='1"])
def test_a_prepared_query_compares_with_what_it_is_given(slug, claim):
    assert bool(versions.of_claim(slug)) == (slug == claim.slug)
    assert versions.of_story(slug) is versions.of_story_changes(slug) is None


@pytest.mark.parametrize("tag", ['"another"', 'W/"another"', "rubbish", "", '"'])
def test_another_etag_gets_the_page(tag, client, claim):
    assert client.get(CLAIM, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("form", ["{}", "W/{}", '"another", {}', "*"])
def test_the_same_etag_in_every_form(form, client, claim):
    tag = client.get(CLAIM)["ETag"]
    assert client.get(CLAIM, headers={"If-None-Match": form.format(tag)}).status_code == 304


def test_head(client, claim):
    page, head = client.get(CLAIM), client.head(CLAIM)
    assert head.content == b""
    assert {**head.headers} == {**page.headers} and int(head["Content-Length"]) == len(page.content)
    assert client.head(CLAIM, headers={"If-None-Match": page["ETag"]}).status_code == 304


# A coding makes another representation, with an ETag of its own.


@pytest.mark.parametrize("offers", ["gzip", "GZIP", "br, gzip;q=0.5", "gzip, deflate, br, zstd", "gzip ; q=1.0"])
def test_gzip(offers, client, claim):
    plain, packed = client.get(CLAIM), client.get(CLAIM, headers={"Accept-Encoding": offers})
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert gzip.decompress(packed.content) == plain.content and len(packed.content) < len(plain.content) / 2
    assert packed["ETag"] == plain["ETag"][:-1] + '-gzip"'
    for tag, status in ((packed["ETag"], 304), (plain["ETag"], 200)):
        headers = {"Accept-Encoding": offers, "If-None-Match": tag}
        assert client.get(CLAIM, headers=headers).status_code == status
    assert client.get(CLAIM, headers={"If-None-Match": packed["ETag"]}).status_code == 200


@pytest.mark.parametrize("offers", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "br, gzip;q=0.0", "gzipped"])
def test_no_gzip(offers, client, claim):
    assert "Content-Encoding" not in client.get(CLAIM, headers={"Accept-Encoding": offers})


# Never stale: after each act, what is kept is what would be rendered.


def answers(client) -> dict[str, tuple]:
    found = {}
    for address in [*SERVED, "/stories/other/", "/claims/second/", "/ratings/outdated/", "/about/"]:
        answer = client.get(address)
        found[address] = (answer.status_code, answer.headers.get("ETag"), answer.content)
    return found


def test_never_stale(client, claim, people):
    def move() -> None:
        with writing(people.alice):
            stored = Claim.objects.get(slug="second")
            stored.story = make_story("other", title="Another story")
            stored.save()
        publish(stored)

    def write(title: str) -> None:
        with writing():
            text = PublicText.objects.filter(slug="about").first() or PublicText(slug="about", body="*We*.")
            text.title = title
            text.save()

    def remove() -> None:
        with writing():
            PublicText.objects.get(slug="about").delete()

    acts = [
        lambda: publish(make_claim("second", author=people.alice)),
        lambda: second_edition(claim, people),
        lambda: review.flag(Claim.objects.get(slug="death-toll"), user=people.erin, reason="A new figure came in."),
        lambda: write("We"),
        lambda: write("Us"),
        remove,
        lambda: write("Us"),
        move,
        lambda: review.withdraw(Claim.objects.get(slug="death-toll"), user=people.erin, reason="Another town."),
    ]
    before = answers(client)
    for act in acts:
        act()
        kept = answers(client)
        cache.clear()
        fresh = answers(client)
        assert [address for address in fresh if kept[address] != fresh[address]] == []
        changed = {address for address in fresh if fresh[address][2] != before[address][2]}
        assert changed
        assert not any(fresh[address][1] == before[address][1] for address in changed if fresh[address][1])
        before = fresh


def test_a_correction_is_counted_where_it_cites_a_source_no_more(client, claim, people):
    addresses = ["/sources/source-2/", "/publishers/paper-source-2/"]
    before = [client.get(address).content for address in addresses]
    review.reopen(claim, user=people.alice, reason="News", kind="correction")
    with writing(people.alice):
        Report.objects.get(claim=claim, source__slug="source-2").delete()
    publish(claim, kind="correction", note="It was the barn.")
    assert Citation.objects.filter(number=2).count() == 1
    assert all(client.get(address).content != old for address, old in zip(addresses, before, strict=True))


def test_a_month_leads_to_one_that_is_new(client, claim, people):
    address = f"/archive/{PUBLISHED:%Y-%m}/"
    assert "2016-03" not in client.get(address).content.decode()
    publish(make_claim("old", author=people.alice), published_at=PUBLISHED.replace(year=2016, month=3))
    assert "/archive/2016-03/" in client.get(address).content.decode()


def test_an_edition_that_is_committed_after_one_with_a_higher_key_is_seen(people):
    publish(make_claim("overtaking", author=people.alice), id=5001)
    before = versions.of_lists()
    publish(make_claim("overtaken", author=people.alice), id=5000)
    assert versions.of_lists() != before


def test_a_month_changes_with_whatever_it_lists(people):
    month = f"{timezone.localdate():%Y-%m}"
    stays, goes = (make_claim(slug, author=people.alice) for slug in ("stays", "goes"))
    assert versions.of_month(month) is None
    seen = []
    for act in (
        lambda: publish(stays, id=5001),
        lambda: publish(make_claim("overtaken", author=people.alice), id=5000),
        lambda: second_edition(stays, people),
        lambda: publish(goes),
        lambda: review.withdraw(goes, user=people.erin, reason="Another town"),
    ):
        act()
        seen.append(versions.of_month(month))
    assert len(set(seen[:4])) == 4 and seen[4] == seen[2], "what was withdrawn is listed no more"
    review.withdraw(Claim.objects.get(slug="overtaken"), user=people.erin, reason="Another town")
    publish(make_claim("late", author=people.alice), id=4999)
    assert versions.of_month(month) != seen[4], "as many, and the last of them is the same"
    seen.append(versions.of_month(month))
    publish(make_claim("old", author=people.alice), published_at=timezone.now().replace(year=2016))
    old = versions.of_month(month)
    publish(make_claim("older", author=people.alice), published_at=timezone.now().replace(year=2016))
    assert versions.of_month(month) == old != seen[5]


def test_a_month_of_a_database_that_was_restored_is_another(people):
    """It gives the same keys anew."""
    month, taken = f"{timezone.localdate():%Y-%m}", []
    for slug in ("lost", "given-anew"):
        with transaction.atomic():
            publish(make_claim(slug, author=people.alice), id=5001)
            taken.append(versions.of_month(month))
            transaction.set_rollback(True)
    assert taken[0] != taken[1]


def test_other_claims_leave_a_page_as_it_is(client, claim, people):
    before = client.get(CLAIM)["ETag"], client.get(f"{CLAIM}editions/1/")["ETag"]
    publish(make_claim("elsewhere", author=people.alice, story=make_story("elsewhere")))
    review.reopen(claim, user=people.alice, reason="News", kind="update")
    with writing(people.alice):
        verdict = Verdict.objects.get(claim=claim)
        verdict.summary = "Not yet."
        verdict.save()
    assert (client.get(CLAIM)["ETag"], client.get(f"{CLAIM}editions/1/")["ETag"]) == before


def test_what_is_published_while_a_page_is_rendered_is_on_it(client, claim, people, monkeypatch):
    served = resolve(CLAIM).func
    view = served.view

    def slow(request, **names):
        answer = view(request, **names)
        if Edition.objects.count() == 1:
            second_edition(claim, people)
        return answer

    monkeypatch.setattr(served, "view", slow)
    first = client.get(CLAIM)
    assert "Four people died." in first.content.decode()
    again = client.get(CLAIM)
    assert (again["ETag"], again.content) == (first["ETag"], first.content)


def test_a_restored_database_gives_the_same_keys_anew_but_no_version(people):
    def published_and_lost() -> list:
        with transaction.atomic():
            publish(make_claim(author=people.alice), id=5000)
            found = [versions.of_claim("death-toll"), versions.of_story("flood"), versions.of_lists()]
            transaction.set_rollback(True)
        return found

    for before, after in zip(published_and_lost(), published_and_lost(), strict=True):
        assert before != after


# Other software or other settings make other pages.


def test_other_settings(client, claim):
    before = client.get(CLAIM)
    with override_settings(SITE_NAME="The Aude Gazette"):
        after = client.get(CLAIM)
        assert b"The Aude Gazette" in after.content and after["ETag"] != before["ETag"]
    assert client.get(CLAIM).content == before.content


def test_other_software(client, claim, monkeypatch):
    before = client.get(CLAIM)["ETag"]
    monkeypatch.setattr(serving, "software", lambda: "newer")
    assert client.get(CLAIM)["ETag"] != before


def test_software_is_told_by_templates_code_and_libraries(tmp_path, settings, monkeypatch):
    page = tmp_path / "public" / "page.html"
    page.parent.mkdir()
    page.write_text("One")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    first = software.read()
    assert software.read() == first
    page.write_text("Two")
    second = software.read()
    page.rename(page.with_name("other.html"))
    third = software.read()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99")
    assert len({first, second, third, software.read()}) == 4


def test_in_development_a_changed_template_is_seen_at_once(tmp_path, settings):
    settings.DEBUG = True
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    before = software.software()
    (tmp_path / "page.html").write_text("New")
    assert software.software() != before


# A cache that fails.

BROKEN = {"default": {"BACKEND": "tests.test_serving.Broken"}}


class Broken(BaseCache):
    def __init__(self, location: str, params: dict):
        super().__init__(params)

    def get(self, *args):
        raise ConnectionError("no route to the cache")

    set = get


@override_settings(CACHES=BROKEN)
def test_without_a_cache_pages_are_slower_and_right(client, claim, caplog):
    with caplog.at_level(logging.ERROR):
        first, again = client.get(CLAIM), client.get(CLAIM)
    assert (first.status_code, again.content) == (200, first.content)
    assert "The cache cannot be read" in caplog.text and "no route to the cache" in caplog.text


def test_a_redis_that_takes_connections_and_never_answers(client, claim, caplog, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as hung:
        monkeypatch.setenv("CACHE_URL", f"redis://127.0.0.1:{hung.getsockname()[1]}/0")
        with override_settings(CACHES={"default": env_cache("CACHE_URL", "")}):
            patience = Timer(10, hung.close)
            patience.start()
            assert client.get(CLAIM).status_code == 200
            assert patience.is_alive(), "it was waited for until it hung up"
            patience.cancel()
    assert "The cache cannot be read" in caplog.text


# Nothing private.


@pytest.mark.parametrize("address", SERVED)
def test_the_same_for_everybody(address, client, claim, people):
    odd = {"Cookie": "sessionid=forged; csrftoken=x", "Accept-Language": "fr", "X-Forwarded-Host": "evil.example"}
    outside = [client.get(address), Client().get(address, headers=odd)]
    client.force_login(people.erin)
    inside = [client.get(address), client.get(address, headers=odd | {"Cookie": ""})]
    for answer in inside + outside:
        assert (answer["ETag"], answer.content) == (outside[0]["ETag"], outside[0].content)
        assert answer["Vary"] == "Accept-Encoding" and not answer.cookies


def test_no_draft_in_any_answer_in_any_order_of_visitors(client, claim, people):
    make_claim("canary", author=people.alice, label=CANARY, statement=CANARY, story=make_story("draft", title=CANARY))
    review.reopen(claim, user=people.alice, reason=CANARY, kind="update")
    with writing(people.alice, CANARY):
        verdict = Verdict.objects.get(claim=claim)
        verdict.summary = verdict.explanation = verdict.edition_note = CANARY
        verdict.save()
        Report(claim=claim, source=make_source("canary", title=CANARY), is_undated=True, text_value=CANARY).save()
    hidden = ["/claims/canary/", "/claims/canary/editions/1/", "/claims/canary.json", "/stories/draft/"]
    packed = {"Accept-Encoding": "gzip"}
    for visitor in (people.erin, None, people.alice, None):
        client.force_login(visitor) if visitor else client.logout()
        for address in [*ADDRESSES, *hidden, "/no/such/page/"]:
            plain = client.get(address)
            tag = plain.headers.get("ETag", '"x"')
            others = [
                client.get(address, headers=packed),
                client.get(address, headers={"If-None-Match": '"wrong"'}),
                client.get(address, headers={"If-None-Match": tag}),
                client.head(address),
                client.get(address, headers=packed | {"If-None-Match": tag}),
                client.get(f"{address}{'&' if '?' in address else '?'}preview=1&utm_source=x"),
            ]
            known = {404} if address in [*hidden, "/no/such/page/"] else {200, 302, 304}
            for answer in [plain, *others]:
                unpacked = gzip.decompress(answer.content) if "Content-Encoding" in answer else answer.content
                assert CANARY.encode() not in unpacked + str(answer.headers).encode(), (address, visitor)
                assert answer.status_code in known, address


def test_unknown_parameters_are_no_other_page(client, claim):
    first = client.get(CLAIM)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{CLAIM}?utm_source=x&page=2").content == first.content
    assert len(queries) == 1


# Errors.


def test_what_is_not_there_is_not_kept_for_long(client, claim):
    for address in ("/claims/nobody/", "/no/such/page/", f"{CLAIM}editions/2/", f"{STORY}x/"):
        answer = client.get(address)
        assert answer.status_code == 404 and answer["Cache-Control"] == "max-age=10"
        assert "ETag" not in answer and "Surrogate-Key" not in answer


def test_a_precondition_that_fails_is_not_kept(client, claim):
    answer = client.get(CLAIM, headers={"If-Match": '"another"'})
    assert answer.status_code == 412 and "Cache-Control" not in answer


def test_a_failing_view_keeps_nothing(client, claim, monkeypatch):
    client.raise_request_exception = False
    served = resolve(CLAIM).func
    with monkeypatch.context() as patch:
        patch.setattr(served, "view", lambda request, **names: 1 / 0)
        answer = client.get(CLAIM)
        assert answer.status_code == 500 and "ETag" not in answer and "Cache-Control" not in answer
    assert client.get(CLAIM).status_code == 200
