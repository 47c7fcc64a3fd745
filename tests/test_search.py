"""Search, the archive and what is cited: rows that follow from editions, and the pages made of them."""

import re
from datetime import date
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from factcheck import indexing
from factcheck.desk import review
from factcheck.history import Refused
from factcheck.models import Citation, Edition, Publisher, Report, SearchEntry, Verdict
from factcheck.models.search import postgres
from factcheck.models.search import words as engines
from factcheck.public import search, views
from factcheck.text.finding import LONGEST_QUERY, parse

from .newsroom import make_claim, make_people, make_rating, make_report, make_source, make_story, publish, writing
from .test_public import CANARY, second_edition, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(people):
    claim = make_claim(author=people.alice)
    publish(claim)
    return claim


def slugs(asked: str, **filters) -> list[str]:
    hits, _left_out = SearchEntry.objects.narrowed(**filters).search(parse(asked))
    found = Edition.objects.in_bulk([hit.edition for hit in hits])
    return [found[hit.edition].slug for hit in hits]


def stored() -> list[tuple]:
    return list(SearchEntry.objects.order_by("slug").values_list("slug", "edition", "rating_slug", "made_by"))


def findings() -> list[str]:
    return [str(finding) for finding in indexing.findings()]


def past_the_rules(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


# Rows.


def test_it_works(claim):
    assert slugs("prefecture") == slugs("killed peop") == slugs('"three people"') == ["death-toll"]
    assert slugs("earthquake") == []


def test_only_the_newest_edition_is_found(claim, people):
    second_edition(claim, people)
    assert slugs("four") == ["death-toll"]
    assert slugs('"three people died"') == []
    assert SearchEntry.objects.get().rating_slug == "outdated"
    assert findings() == []


def test_a_withdrawn_page_is_not_found(claim, people):
    review.withdraw(claim, user=people.erin, reason="Another town")
    assert stored() == [] == slugs("prefecture")
    assert Citation.objects.filter(number=2).count() == 2
    assert findings() == []


def test_a_draft_is_not_found(claim, people):
    make_claim("canary", author=people.alice, statement=CANARY)
    review.reopen(claim, user=people.alice, reason="News", kind="update")
    with writing(people.alice):
        verdict = Verdict.objects.get(claim=claim)
        verdict.summary = CANARY
        verdict.save()
    assert slugs(CANARY) == []


def test_what_is_rolled_back_is_not_found(people):
    claim = make_claim(author=people.alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(claim)
        assert slugs("prefecture") == ["death-toll"]
        raise ZeroDivisionError
    assert slugs("prefecture") == [] == stored()


def test_rows_are_written_by_nothing_else(claim):
    entry, citation = SearchEntry.objects.get(), Citation.objects.first()
    for write in (entry.save, entry.delete, citation.save, citation.delete, SearchEntry.objects.all().delete):
        with pytest.raises(Refused):
            write()


FAULTS = {
    "lost": ("DELETE FROM factcheck_searchentry", "is missing, so its page is not found"),
    "changed": ("UPDATE factcheck_searchentry SET rating_slug = 'x'", "differs from its edition"),
    "old": ("UPDATE factcheck_searchentry SET made_by = 0", "differs from its edition"),
    "a citation lost": ("DELETE FROM factcheck_citation", "what is listed as cited by it is not what it cites"),
    "a citation changed": (
        "UPDATE factcheck_citation SET source_title = 'x'",
        "what is listed as cited by it is not what it cites",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_differs_is_found_and_made_anew(name, claim):
    assert findings() == []
    statement, told = FAULTS[name]
    past_the_rules(statement)
    (finding,) = findings()
    assert told in finding and "rebuild_search" in finding
    call_command("rebuild_search", verbosity=0)
    assert findings() == [] and slugs("prefecture") == ["death-toll"]


def test_a_row_of_no_published_edition_is_found(claim, people):
    old = stored()[0][1]
    second_edition(claim, people)
    past_the_rules(f"UPDATE factcheck_searchentry SET edition_id = {old}")
    assert any("is of an edition that is not published" in finding for finding in findings())
    call_command("rebuild_search", verbosity=0)
    assert findings() == [] and slugs("four") == ["death-toll"] and slugs('"three people died"') == []


@pytest.mark.parametrize("statement", ["DELETE FROM factcheck_searchentry", FAULTS["old"][0]])
def test_migrate_lists_what_was_published_before(statement, claim):
    past_the_rules(statement)
    call_command("migrate", verbosity=0)
    assert findings() == [] and slugs("prefecture") == ["death-toll"]


def test_migrate_makes_an_index_anew_for_many(committing, monkeypatch):
    monkeypatch.setattr(indexing, "MANY", 1)
    publish(make_claim(author=make_people().alice))
    past_the_rules(FAULTS["old"][0])
    with CaptureQueriesContext(connection) as queries:
        call_command("migrate", verbosity=0)
    told = " ".join(query["sql"] for query in queries)
    is_anew = connection.vendor == "postgresql"
    assert ("DROP INDEX" in told, "CREATE INDEX" in told) == (is_anew, is_anew)
    assert findings() == [] and slugs("prefecture") == ["death-toll"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's index knows where a word stands")
def test_migrate_makes_anew_what_an_older_version_made(claim):
    """Its rows have no pairs of words, which a phrase is looked for by."""
    past_the_rules("UPDATE factcheck_searchentry SET made_by = 1, words = $$'three':1A 'people':2A$$")
    assert slugs("three people") == ["death-toll"] and slugs('"three people"') == []
    call_command("migrate", verbosity=0)
    assert slugs('"three people"') == ["death-toll"] and findings() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads nothing but its index")
def test_migrate_adds_the_column_that_is_read(people):
    past_the_rules("ALTER TABLE factcheck_searchentry DROP COLUMN places")
    call_command("migrate", verbosity=0)
    publish(make_claim(author=people.alice))
    assert slugs('"three people"') == ["death-toll"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's planner is told what to do")
def test_the_index_is_asked_for_what_few_have(claim):
    """One of twenty has “dam”, and all have “flood”. Which it is is seen among the newest."""
    with transaction.atomic():
        past_the_rules(
            "INSERT INTO factcheck_searchentry (edition_id, slug, story_slug, story_title, rating_slug, rating_name,"
            " published_at, month, made_by, words) SELECT n, 'c-' || n, 's', 's', 'r', 'r', now(), '2026-03', 0,"
            " CASE n % 20 WHEN 0 THEN $$'flood':1A 'dam':2A$$ ELSE $$'flood':1A$$ END::tsvector"
            " FROM generate_series(10000, 40000) AS n"
        )
        past_the_rules("ANALYZE factcheck_searchentry")
        plans = {}
        for word in ("dam", "flood"):
            with CaptureQueriesContext(connection) as asked:
                SearchEntry.objects.search(parse(f"{word} "))
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + asked[-1]["sql"])
                plans[word] = str(cursor.fetchall())
        transaction.set_rollback(True)
    assert postgres.INDEX in plans["dam"] and "Index Scan Backward" in plans["flood"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps the words in the row")
def test_words_follow_their_rows(claim):
    """Triggers do it; where there are none yet, the table is filled when it is made."""
    past_the_rules('UPDATE factcheck_searchentry SET words = \'["flood", "", "", ""]\'')
    assert slugs("flood") == ["death-toll"] and slugs("prefecture") == []
    for verb in ("insert", "update", "delete"):
        past_the_rules(f"DROP TRIGGER IF EXISTS factcheck_searchentry_words_{verb}")
    past_the_rules("DROP TABLE factcheck_searchwords")
    engines.engine(connection).install(connection)
    assert slugs("flood") == ["death-toll"]
    past_the_rules("DELETE FROM factcheck_searchentry")
    past_the_rules("INSERT INTO factcheck_searchwords (factcheck_searchwords) VALUES ('integrity-check')")
    assert slugs("flood") == []


@pytest.mark.parametrize(
    "long",
    [
        pytest.param("東" * 300_000, marks=pytest.mark.slow),
        "word" * 100_000,
        pytest.param(" ".join(f"w{n}x" for n in range(150_000)), marks=pytest.mark.slow),
    ],
    ids=len,
)
def test_the_words_of_a_very_long_text_have_an_end(long, people):
    publish(make_claim(author=people.alice, explanation=long, label="Landslide"))
    assert slugs("landslide three") == ["death-toll"]


# What is found first.


def test_the_label_weighs_most(people):
    words = {"label": "Landslide", "statement": "Landslide.", "explanation": "Landslide."}
    for field, text in words.items():
        publish(make_claim(f"in-{field}", author=people.alice, **{field: text}))
    with_quote = make_claim("in-quote", author=people.alice)
    make_report(with_quote, make_source("landslide-notes", title="Landslide"), text_value="A landslide")
    publish(with_quote)
    assert slugs("landslide") == ["in-label", "in-statement", "in-explanation", "in-quote"]


def test_a_whole_word_comes_before_the_beginning_of_one(people):
    for slug, statement in (("begins", "Dams broke."), ("whole", "A dam broke."), ("longer", "Damages were seen.")):
        publish(make_claim(slug, author=people.alice, statement=statement))
    assert set(slugs("dam")) == {"begins", "whole", "longer"} and slugs("dam")[-1] == "longer"
    assert set(slugs("dam ")) == {"begins", "whole"}


def test_a_phrase_does_not_run_from_one_text_into_the_next(people):
    publish(make_claim(author=people.alice, label="Left bank", statement="Rhine.", summary="Water rose."))
    assert slugs('"left bank"') == slugs('"water rose"') == ["death-toll"]
    assert slugs('"bank rhine"') == slugs('"rhine water"') == []


@pytest.mark.parametrize("asked", ['"dam on river"', '"on river dam"', "dam-on-river ", "dam-on-ri"])
def test_a_phrase_is_more_than_its_pairs(asked, people):
    """Both claims have every pair of it, and one has them in that order."""
    publish(make_claim("apart", author=people.alice, statement="A dam on stilts. A road on river ground. A river dam."))
    publish(make_claim("together", author=people.alice, statement="The dam on river dam."))
    assert slugs(asked) == ["together"]


def test_a_phrase_is_looked_for_beyond_those_that_have_its_words_apart(people):
    publish(make_claim("together", author=people.alice, statement="The dam on river dam."))
    for number in range(3):
        text = "A dam on river ground. It lies on river dam land."
        publish(make_claim(f"apart-{number}", author=people.alice, statement=text))
    (way,) = [way for left_out, way in parse('"dam on river dam"').ways() if not left_out]
    found = list(
        engines.engine(connection).newest_found(connection, SearchEntry.objects.all(), way, ["edition", "slug"], 1)
    )
    assert [slug for _rank, _edition, slug in found] == ["together"]


def test_where_nothing_has_all_words(people):
    for slug, statement in (("one", "Dam, bridge and road."), ("two", "Dam and tunnel.")):
        publish(make_claim(slug, author=people.alice, statement=statement))
    assert SearchEntry.objects.search(parse("dam bridge "))[1] == 0
    assert (slugs("dam bridge road whale"), SearchEntry.objects.search(parse("dam bridge road whale"))[1]) == (
        ["one"],
        1,
    )
    assert set(slugs("dam whale shark eel")) == {"one", "two"}
    assert SearchEntry.objects.search(parse("dam whale shark eel"))[1] == 3


def test_filters(people):
    for slug, rating, story, day in (("a", "true", "flood", 1), ("b", "false", "flood", 15), ("c", "true", "fire", 28)):
        claim = make_claim(slug, author=people.alice, rating=rating, story=make_story(story, title=story))
        at = timezone.datetime(2026, 2, day, 23, 30, tzinfo=timezone.get_current_timezone())
        publish(claim, is_reconstructed=True, published_at=at)
    assert slugs("", rating="true") == ["c", "a"]
    assert slugs("three", rating="true", story="flood") == ["a"]
    assert slugs("", first=date(2026, 2, 15)) == ["c", "b"]
    assert slugs("", last=date(2026, 2, 15)) == ["b", "a"]
    assert slugs("three", first=date(2026, 2, 15), last=date(2026, 2, 15)) == ["b"]
    assert set(slugs("three", publisher="paper-source-1")) == {"a", "b", "c"}
    for nothing in ("rating", "story", "publisher"):
        assert slugs("three", **{nothing: "nobody"}) == slugs("", **{nothing: "'; --"}) == []


ODD = [
    *("AND", "OR", "NOT", "NEAR(a b)", "*", "**", ":", "label:x", "(", ")", "a & | ! b", "<->", "'", "\\", "''\\'"),
    *('"', '"a', '"" ""', "^a", "-a", "{a b}", "%", "_", "\0", "a\0b", "\ud800", "--", ";", "a:*", "'a':*AB"),
    *("x" * 10_000, '"' * 10_000, "a b " * 3_000, "東" * 10_000, "½ ⑴ ٣", "·", "3·5", "NULL", "rank", "$1 %s {0}"),
]


def test_nothing_that_is_asked_for_fails(claim):
    for asked in ODD:
        SearchEntry.objects.search(parse(asked))
        SearchEntry.objects.narrowed(story="flood").search(parse(asked))


def test_no_address_fails(claim, client):
    for asked in ODD:
        if "\ud800" not in asked:  # no address can hold one
            names = ("q", "rating", "story", "publisher", "since", "until", "page")
            assert client.get("/search/", dict.fromkeys(names, asked)).status_code == 200
    for asked in ("\0", "x", "9" * 5_000, "2018-03-23"):
        for name in ("rating", "story", "publisher", "since", "until", "page"):
            assert client.get("/search/", {"q": "three", name: asked}).status_code == 200


# Pages.


@pytest.fixture
def library(people, monkeypatch):
    """Five claims on pages of three; of the last, an edition that corrects it and cites one source less."""
    for module in (views, search):
        monkeypatch.setattr(module, "PER_PAGE", 3)
    for number in range(70, 74):
        publish(make_claim(f"claim-{number}", author=people.alice, statement=f"Bridge {number} fell.", sources=1))
    claim = make_claim("corrected", author=people.alice, statement="The mill burned.", rating="false")
    publish(claim)
    review.reopen(claim, user=people.alice, reason="News", kind="correction")
    with writing(people.alice):
        Report.objects.get(claim=claim, source__slug="source-2").delete()
    publish(claim, kind="correction", note="It was the barn.")
    return claim


def test_results(client, library):
    page = client.get("/search/", {"q": "bridge 71", "rating": "true"})
    text = text_of(page)
    assert "1 verdict " in text and "Rating: True ✕ (remove this filter)" in text
    assert "<mark>Bridge</mark> <mark>71</mark> fell." in page.content.decode()
    assert '<meta name="robots" content="noindex">' in page.content.decode()
    assert 'rel="canonical"' not in page.content.decode()


def test_a_word_beyond_the_summary_is_shown_where_it_stands(client, library):
    page = client.get("/search/", {"q": "mill prefecture"}).content.decode()
    (excerpt,) = re.findall('<p class="excerpt">(.*?)</p>', page)
    assert unescape(excerpt) == "The <mark>prefecture</mark>'s own count.", "without the heading above it"


def test_pages_of_results_keep_the_query(client, library):
    page = client.get("/search/", {"q": "bridge", "rating": "true"}).content.decode()
    (following,) = re.findall(r'rel="next" href="(.*?)"', page)
    second = client.get("/search/" + following.replace("&amp;", "&"))
    assert "Page 2 of 2" in text_of(second) and "4 verdicts" in text_of(second)
    assert second.content.decode().count("<article") == 1
    for odd in ("0", "-1", "x", "99", ""):
        assert client.get("/search/", {"q": "bridge", "page": odd}).status_code == 200


def test_filters_are_links(client, library):
    page = client.get("/search/", {"q": "burned fell"}).content.decode()
    assert 'href="?q=burned+fell&amp;rating=false"' in page
    assert "False</a> <small>1</small>" in page and "Paper source-1</a>" not in page, "all of them cite it"
    assert "Rating</h2>" not in client.get("/search/", {"q": "burned"}).content.decode(), "it would change nothing"


def test_what_is_said_where_nothing_is_found(client, library):
    text = text_of(client.get("/search/", {"q": "earthquake", "rating": "true"}))
    assert "Nothing found for “earthquake”" in text and "Search without the filters" in text
    assert "without the filters" not in text_of(client.get("/search/", {"q": "earthquake"}))
    assert "There is no word in what you typed" in text_of(client.get("/search/", {"q": "?!"}))
    for asked, hint in {
        "mill burned earthquake": "No verdict has all of these words. These have all but one.",
        "mill earthquake volcano": "No verdict has all of these words. These have some of them.",
        "mill earthquake": "No verdict has both of these words. These have one of them.",
        "mill burned": "",
    }.items():
        text = text_of(client.get("/search/", {"q": asked}))
        assert hint in text and text.count("No verdict has") == bool(hint)
    assert "Only the first 300" in text_of(client.get("/search/", {"q": "mill " * LONGEST_QUERY}))


def test_days_the_wrong_way_round(client, library):
    text = text_of(client.get("/search/", {"q": "mill", "since": "2018-04-01", "until": "2018-03-01"}))
    assert "This day is before the first one." in text and "1 verdict" in text


@pytest.mark.parametrize("day", ["2018-99-01", "x", "0001-01-01", "9999-12-31", "23/03/2018"])
def test_a_day_that_is_none_is_said_so(day, client, library):
    text = text_of(client.get("/search/", {"q": "mill", "since": day}))
    assert re.search("Use a day as in 2018-03-23|Use a time in the years", text) and "1 verdict" in text


def test_days(client, library):
    today = timezone.localdate().isoformat()
    assert "5 verdicts" in text_of(client.get("/search/", {"since": today, "until": today}))
    assert "Nothing found" in text_of(client.get("/search/", {"until": "2018-01-01"}))


def test_an_empty_newsroom(client):
    for address in ("/search/", "/search/?q=x", "/archive/", "/sources/"):
        assert client.get(address).status_code == 200
    assert "Nothing is published yet." in text_of(client.get("/search/"))
    for address in ("/archive/2018-03/", "/archive/2018-13/", "/sources/nobody/", "/publishers/nobody/"):
        assert client.get(address).status_code == 404


def test_the_archive(client, library):
    month = f"{timezone.localdate():%Y-%m}"
    assert f'<a href="/archive/{month}/">' in client.get("/archive/").content.decode()
    assert "5 verdicts" in text_of(client.get("/archive/"))
    assert "Page 1 of 2" in text_of(client.get(f"/archive/{month}/"))


def test_a_source(client, library):
    text = text_of(client.get("/sources/source-2/"))
    assert "Cited in 1 claim that we checked. We corrected or withdrew 1 of these pages later." in text
    assert "The mill burned." in text and "Last cited in edition 1" in text and "It was the barn." in text
    text = text_of(client.get("/sources/source-1/"))
    assert "Cited in 5 claims that we checked." in text and "Page 1 of 2" in text
    assert "Last cited" not in text
    assert "Page 2 of 2" in text_of(client.get("/sources/source-1/page/2/"))


def test_a_source_of_a_page_that_went_on_after_it_was_corrected(client, library, people):
    second_edition(library, people)
    text = text_of(client.get("/sources/source-2/"))
    assert "Four people died." in text and "Last cited in edition 1" in text and "It was the barn." in text


def test_a_publisher(client, library):
    assert "Paper source-1 1 source, in 5 claims" in text_of(client.get("/sources/"))
    text = text_of(client.get("/publishers/paper-source-2/"))
    assert "What source-2 wrote in 1 claim" in text and "Cited in 1 claim" in text


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Préfecture de l'Aude", "prefecture-de-l-aude"),
        ("朝日新聞", "朝日新聞"),
        ("“…”", None),
        ("AFP / Reuters", "afp-reuters"),
        ("x" * 200, "x" * 40),
    ],
)
def test_the_address_of_a_publisher(name, slug, client, people):
    cite(people, "death-toll", name)
    found = Citation.objects.get().publisher_slug
    assert slug in (None, found) and found
    response = client.get("/sources/")
    (address,) = re.findall(r'href="(/publishers/.*?)"', response.content.decode())
    assert name in text_of(client.get(address))
    assert slugs("", publisher=found) == ["death-toll"]


def test_long_names_that_begin_alike_are_two_publishers(people):
    offices = [f"Ministry of {'very ' * 30}long names, {place}" for place in ("north", "south")]
    for number, name in enumerate(offices):
        cite(people, f"claim-{number}", name)
    found = dict(Citation.objects.values_list("slug", "publisher_slug"))
    assert len(set(found.values())) == 2 and all(len(slug) <= 80 for slug in found.values())


def cite(people, slug: str, name: str) -> None:
    """A claim with one source, of a publisher of that name."""
    claim = make_claim(slug, author=people.alice, sources=0)
    with writing():
        publisher = Publisher(name=name)
        publisher.save()
        source = make_source(f"of-{slug}")
        source.publisher = publisher
        source.save()
    make_report(claim, source)
    publish(claim)


@pytest.mark.parametrize("many", [1, 5])
def test_query_budgets(many, client, people, django_assert_max_num_queries):
    for number in range(many):
        publish(make_claim(f"claim-{number}", author=people.alice))
    month = f"{timezone.localdate():%Y-%m}"
    for address, budget in {
        "/search/?q=three&rating=true&publisher=paper-source-1": 3,
        "/search/": 3,
        "/archive/": 1,
        f"/archive/{month}/": 5,
        "/sources/": 3,
        "/sources/source-1/": 6,
        "/publishers/paper-source-1/": 5,
    }.items():
        versions = 0 if address.startswith("/search/") else 2  # before it is rendered and after
        with django_assert_max_num_queries(budget + versions):
            assert client.get(address).status_code == 200


def test_every_page_has_a_search_field_and_names_it_to_browsers(client, claim):
    for address in ("/", "/claims/death-toll/", "/stories/flood/", "/archive/", "/no/such/page/"):
        page = client.get(address).content.decode()
        assert page.count('action="/search/"') == 1 and 'rel="search"' in page, address
    assert client.get("/search/").content.decode().count('name="q"') == 1
    described = client.get("/opensearch.xml")
    assert described["Content-Type"].startswith("application/opensearchdescription+xml")
    assert "http://testserver/search/?q={searchTerms}" in described.content.decode()


def test_a_rating_that_was_renamed_is_found_by_the_word_that_readers_see(claim, people):
    with writing(people.erin):
        rating = make_rating("true")
        rating.name = "Correct"
        rating.save()
    assert SearchEntry.objects.get().rating_name == "True" and findings() == []
