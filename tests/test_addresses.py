"""One document, however its address is written; and the sources at it, in both databases."""

import importlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from hypothesis import given
from hypothesis import strategies as st

from factcheck.models import Source, SourceAddress, addresses
from factcheck.text import same_address

from .newsroom import make_source, writing

PLAIN = "https://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html"


@pytest.mark.parametrize(
    "other",
    [
        "http://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html",
        "https://lemonde.fr/police-justice/article/2018/03/23/trebes_1.html",
        "HTTPS://WWW.LeMonde.FR/police-justice/article/2018/03/23/trebes_1.html",
        "https://www.lemonde.fr:443/police-justice/article/2018/03/23/trebes_1.html",
        "http://www.lemonde.fr:80/police-justice/article/2018/03/23/trebes_1.html",
        "https://www.lemonde.fr./police-justice/article/2018/03/23/trebes_1.html",
        "https://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html/",
        "https://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html#comments",
        "https://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html?",
        "https://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html?utm_source=x&UTM_Medium=y",
        "https://www.lemonde.fr/police-justice/article/2018/03/23/trebes_1.html?fbclid=IwAR0&xtor=RSS-3208#top",
        "https://www.lemonde.fr/police%2Djustice/article/2018/03/23/trebes%5F1.html",
        f"  {PLAIN}\n",
    ],
)
def test_the_same(other: str) -> None:
    assert same_address(other) == same_address(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # What names the document.
        ("https://example.org/news?id=1", "https://example.org/news?id=2"),
        ("https://example.org/news?id=1", "https://example.org/news"),
        ("https://example.org/news?id=", "https://example.org/news"),
        ("https://example.org/watch?v=a&utm_source=x", "https://example.org/watch?v=b&utm_source=x"),
        ("https://example.org/?q=a&q=b", "https://example.org/?q=b&q=a"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/a/b", "https://example.org/a%2Fb%2F"),
        ("https://example.org/", "https://www.example.com/"),
        ("https://example.org/", "https://live.example.org/"),
        ("https://example.org:8443/", "https://example.org/"),
        ("https://example.org/#!/claim/1", "https://example.org/#!/claim/2"),
        ("https://example.org/a?utmost=1", "https://example.org/a"),
        ("https://example.org/a?b=%00", "https://example.org/a?b=%01"),
        ("http://[::1", "http://[::2"),
    ],
)
def test_another(one: str, other: str) -> None:
    assert same_address(one) != same_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("https://bücher.example/é", "https://xn--bcher-kva.example/%C3%A9"),
        ("https://example.org", "http://www.example.org/?utm_campaign=x#"),
    ],
)
def test_also_the_same(one: str, other: str) -> None:
    assert same_address(one) == same_address(other)


@given(st.text())
def test_nothing_typed_breaks_it(text: str) -> None:
    assert isinstance(same_address(text), str)
    assert isinstance(same_address(f"https://example.org/{text}"), str)


def known(url: str) -> list[str]:
    return [source.slug for source in SourceAddress.objects.sources(url)]


def test_it_works(people) -> None:
    make_source("one", url=PLAIN)
    make_source("two", url="https://example.org/other")
    assert known("http://lemonde.fr/police-justice/article/2018/03/23/trebes_1.html?fbclid=1") == ["one"]
    assert known("https://example.org/third") == []


def test_it_follows_the_source(people) -> None:
    source = make_source("one", url=PLAIN)
    make_source("unnamed", url="", no_url_reason="Heard on the phone.")
    with writing():
        source.url = "https://example.org/moved"
        source.save()
    assert (known(PLAIN), known("https://example.org/moved/")) == ([], ["one"])
    with writing():
        source.url, source.no_url_reason = "", "Taken down."
        source.save()
    assert (known("https://example.org/moved"), known(""), known(" ")) == ([], [], [])
    with writing():
        source.url = PLAIN
        source.save()
        source.delete()
    assert known(PLAIN) == [] and not SourceAddress.objects.exists()


def test_the_newest_comes_first(people) -> None:
    for slug in ("first", "second"):
        make_source(slug, url=PLAIN)
    assert known(PLAIN) == ["second", "first"]


def test_an_address_of_two_thousand_characters_is_found(people) -> None:
    long = "https://example.org/" + "é" * 1900
    make_source("long", url=long)
    assert known(long + "#end") == ["long"]


def test_a_source_that_loaddata_brings_is_known_too(people, tmp_path) -> None:
    source = make_source("one", url=PLAIN)
    file = tmp_path / "source.json"
    call_command("dumpdata", "factcheck.source", "--natural-foreign", "--natural-primary", output=str(file))
    with writing():
        source.delete()
    assert known(PLAIN) == []
    call_command("loaddata", str(file), verbosity=0)
    assert known(PLAIN) == ["one"]


def test_sources_of_before_are_known_after_the_migration(people) -> None:
    source = make_source("one", url=PLAIN)
    SourceAddress.objects.replace([source.pk], [])
    migration = importlib.import_module("factcheck.migrations.0006_figures_kept_exactly_and_sources_by_address")
    migration.know_addresses(MigrationLoader(connection).project_state().apps, None)
    assert known(PLAIN) == ["one"] and Source.history.count() == 1


def test_one_that_is_not_as_its_source_is_reported_and_put_right(people) -> None:
    one, two, bare = (
        make_source("one", url=PLAIN),
        make_source("two", url="https://example.org/other"),
        make_source("three"),
    )
    assert list(SourceAddress.objects.findings()) == []
    SourceAddress.objects.replace([one.pk, two.pk], [SourceAddress(source=two, digest="0" * 64)])
    told = [str(finding) for finding in SourceAddress.objects.findings()]
    assert len(told) == 2 and "is not found by its address" in told[0] and "another address" in told[1]
    with pytest.raises(CommandError, match="2 things found"):
        call_command("check_history", stdout=StringIO(), stderr=StringIO())
    addresses.follow_migrations(using="default")
    assert list(SourceAddress.objects.findings()) == [] and known(PLAIN) == ["one"] and known(bare.url) == ["three"]
