"""Every figure and wording of a verdict page leads to who says it, and to the edition that first had it."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from factcheck.models import Edition
from factcheck.page.acts import acts
from factcheck.page.attribution import attributed
from factcheck.page.context import report_rows
from factcheck.page.explained import explained
from factcheck.page.wordings import wordings

from .newsroom import make_claim, make_report, make_source, publish, writing
from .pages import PUBLIC, tell_the_story
from .test_chart import report

MOST = 30_000  # bytes


@pytest.fixture
def claim(people):
    return make_claim(sources=1, summary="Three people died, and “at least four” was wrong.", author=people.alice)


def test_it_works(client, claim) -> None:
    make_report(claim, make_source("later"), qualifier="at_least", low=4, unit="people", quote="At least four dead")
    first = claim.reports.get(number=1)
    with writing():
        first.unit = "people"
        first.save()
    publish(claim)
    html = client.get("/claims/death-toll/").content.decode()
    assert '<a href="#report-1">Three people</a> died, and “<a href="#report-2">at least four</a>” was wrong.' in html
    assert html.count('href="#report-2"') == 2, "in the table as well"
    (block,) = re.findall(r'<div class="says [^"]*" id="report-2">.*?</div>', html, re.DOTALL)
    said = " ".join(re.sub(r"<[^>]+>", "", block).split())
    assert "at least 4 people" in said and "“At least four dead”" in said and "dispute" in said
    assert "On this page since edition 1" in said and "checked by Alice Martin, approved by Bob Okafor" in said


# The act: the edition that first had it.


def since(claim, *, shown: int = 0) -> dict[int, tuple[int, int | None]]:
    editions = list(Edition.objects.filter(claim=claim).order_by("-number"))
    found = acts([each for each in editions if not shown or each.number <= shown])
    return {
        number: (each.said.edition.number, each.marked and each.marked.edition.number) for number, each in found.items()
    }


def change(report, **fields) -> None:
    with writing():
        for name, value in fields.items():
            setattr(report, name, value)
        report.save()


def test_words_count_from_the_edition_that_first_had_them(claim) -> None:
    publish(claim)
    second = make_report(claim, make_source("later"), low=5)
    publish(claim, kind="update", note="A second report")
    change(claim.reports.get(number=1), standing="retracted")
    publish(claim, kind="update", note="Taken back")
    assert since(claim) == {1: (1, 3), 2: (2, None)}
    change(second, low=6)
    publish(claim, kind="correction", note="It said six")
    assert since(claim) == {1: (1, 3), 2: (4, None)}
    assert since(claim, shown=2) == {1: (1, None), 2: (2, None)}, "an old edition says what it said"
    change(second, low=5)
    publish(claim, kind="correction", note="It said five after all")
    assert since(claim)[2] == (5, None), "words that went and came back count from when they came back"


def test_a_source_that_is_only_named_otherwise_is_the_same(claim) -> None:
    publish(claim)
    with writing():
        source = claim.reports.get(number=1).source
        source.slug = "renamed"
        source.save()
    publish(claim, kind="typo")
    assert since(claim) == {1: (1, None)}
    with writing():
        source.slug, source.title = "again", "Another article"
        source.save()
    publish(claim, kind="typo")
    assert since(claim) == {1: (3, None)}


def test_a_draft_says_what_is_new_in_it_and_readers_never_see_it(client, claim, people) -> None:
    publish(claim)
    make_report(claim, make_source("secret"), low=77)
    client.force_login(people.erin)
    desk = client.get(f"/admin/factcheck/claim/{claim.pk}/preview/").content.decode()
    assert "New in this draft." in desk and "On this page since" in desk and "77" in desk
    client.logout()
    assert "77" not in re.sub(r"<code>.*?</code>", "", client.get("/claims/death-toll/").content.decode())


# Figures and words in our own sentence.

REPORTS = [
    report("3", "at_least"),
    report("4", standing="superseded", source="a"),
    report("4", source="b"),
    report("4", source="c", standing="retracted"),
    report("5", "between", high="7"),
    report("1200", "about"),
    report("15", "at_most"),
    report("2.5", unit="%"),
    report("9", unit="officers"),
    report("9", unit="people"),
    report("11", stance="context"),
    report("11", stance="supports"),
    report() | {"figure": None, "text": "a handgun and a hunting knife"},
    report() | {"figure": None, "text": "pistol"},
]
REPORTS = [{"stance": "supports"} | each | {"number": number} for number, each in enumerate(REPORTS, 1)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Four people were killed.", {"Four people": 3}),
        ("“At least three” was right on the evening.", {"At least three": 1}),
        ("There were at least 3 people.", {"at least 3 people": 1}),
        ("Between five and seven people fled.", {"Between five and seven people": 5}),
        ("About 1,200 people, up to 15 people.", {"About 1,200 people": 6, "up to 15 people": 7}),
        ("It rose by 2.5 per cent.", {"2.5 per cent": 8}),
        ("Nine officers and nine people.", {"Nine officers": 9, "nine people": 10}),
        ("He had a handgun and a hunting knife.", {"a handgun and a hunting knife": 13}),
        ("The “pistol” was none.", {"pistol": 14}),
        ("Four people, he said: four people.", {"Four people": 3, "four people": 3}),
        # Of something else, or of another figure.
        ("Four officers were killed.", {}),
        ("At least three were hurt.", {}),
        ("It took place in room 4.", {}),
        ("On 4 March people fled.", {}),
        ("More than four people were killed.", {}),
        ("Some 4 people or fewer than 4 people.", {}),
        ("Four people or more were killed.", {}),
        ("Four people at least were killed.", {}),
        ("Four people minimum.", {}),
        ("Four people to five were killed.", {}),
        ("Four people a day, four people per day.", {"Four people": 3}),
        ("“At least three” million fled.", {}),
        ("It rose by 2.500%.", {}),  # or by two thousand five hundred?
        ("Three or four people were killed.", {}),
        ("Between three and four people were killed.", {}),
        ("Another four people were hurt.", {}),
        ("A further four people were hurt.", {}),
        ("No four people agree.", {}),
        ("Four million people fled.", {}),
        ("He had a pistol.", {}),
        ("“Nine” was wrong.", {}),  # of which unit?
        ("Eleven people were killed.", {}),  # or is it the eleven of the context?
        ("Trois morts, four\u00adteen people, four people.", {}),  # places that cannot be told
        ("", {}),
    ],
)
def test_only_without_doubt(sentence, expected) -> None:
    parts = attributed(sentence, REPORTS)
    assert "".join(part.text for part in parts) == sentence
    assert [(part.text, part.report) for part in parts if part.report] == list(expected.items())


def test_markup_in_the_sentence_stays_text(client, people) -> None:
    claim = make_claim(sources=1, summary="<b>x</b> “3” & <i>3</i>", author=people.alice)
    publish(claim)
    html = client.get("/claims/death-toll/").content.decode()
    assert '&lt;b&gt;x&lt;/b&gt; “<a href="#report-1">3</a>” &amp; &lt;i&gt;3&lt;/i&gt;' in html


# What is no figure.


def lane(*told: tuple[str, str]) -> list[str]:
    reports = [
        report() | {"figure": None, "text": words, "kind": kind, "number": number, "stance": "supports"}
        for number, (words, kind) in enumerate(told, 1)
    ]
    source = {"slug": "a", "publisher": {"name": "A"}, "title": "A"}
    rows = report_rows({"claim": {"cumulative": False}, "sources": [source], "reports": reports})
    signs = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
    return [
        "".join(signs[piece.op].format(piece.text) for piece in [*wording.pieces, *wording.before])
        for wording in wordings(rows)
    ]


def test_words_that_changed_are_marked_where_enough_stays() -> None:
    assert lane(("a French Moroccan", "first"), ("a French citizen", "changed")) == [
        "a French Moroccan",
        "a French +citizen+a French -Moroccan-",
    ]
    assert lane(("pistol", "first"), ("handgun and hunting knife", "changed"))[1] == "handgun and hunting knife"
    assert lane(("pistol", "first"), ("Pistol", "confirmation"))[1] == "Pistol"


def test_words_that_have_only_the_and_of_in_common_are_two_wordings() -> None:
    old, new = "puts the hijacking of the car before it", "the two men in the car park were shot first"
    assert lane((old, "first"), (new, "changed")) == [old, new]
    assert lane(("the end of it", "first"), ("the end of the day", "changed"))[1].startswith("the end of")


@pytest.fixture
def story(db):
    return tell_the_story()


def test_a_claim_in_words_has_a_lane_and_one_in_figures_a_chart_and_a_table(client, story) -> None:
    words, figures = (client.get(f"/claims/{slug}/").content.decode() for slug in ("weapons", "death-toll"))
    assert 'class="wordings"' in words and "<svg" not in words and "<table" not in words
    assert 'class="wordings"' not in figures and figures.count("<svg") == 2 and "<table" in figures
    for html in (words, figures):
        led = set(re.findall(r'href="#(report-\d+)"', html))
        assert led and led <= set(re.findall(r'id="(report-\d+)"', html))


# What a page weighs.


def test_a_page_weighs_little_and_needs_few_requests(client, story) -> None:
    pages = [path for path in PUBLIC if path.startswith("/claims/") and "report" not in path]
    pages += [f"/claims/{slug}/" for slug in Edition.objects.values_list("slug", flat=True).distinct()]
    for path in set(pages):
        html = client.get(path).content.decode()
        parts = re.findall(r'<(?:script|img|iframe)[^>]+src="([^"]+)"', html)
        parts += re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', html)
        files = [finders.find(part.removeprefix(settings.STATIC_URL)) for part in parts]
        bodies = [html.encode(), *(Path(file).read_bytes() for file in files)]
        assert len(bodies) <= 4
        assert sum(len(gzip.compress(body)) for body in bodies) <= MOST, path


@pytest.mark.slow
def test_a_page_of_forty_reports_and_thirty_editions_weighs_little_as_well(client, claim) -> None:
    for number in range(2, 41):
        make_report(claim, make_source(f"paper-{number}"), low=number, quote=f"There were {number} of them that day.")
    for number in range(1, 31):
        change(claim.reports.get(number=number), standing="superseded")
        publish(claim, kind="update", note=f"Report {number} is superseded.") if number > 1 else publish(claim)
    html = client.get("/claims/death-toll/").content
    style = (settings.BASE_DIR / "factcheck/static/factcheck/public.css").read_bytes()
    assert len(gzip.compress(html)) + len(gzip.compress(style)) <= MOST


# The explanation.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Then four people died.", "Then <3>four people</3> died."),
        ("At least\n3 people. **Four people**.", "<1>At least3 people</1>. <strong><3>Four people</3></strong>."),
        (
            "At least **3 people**, _at least_ three people.",
            "<1>At least <strong>3 people</strong></1>, <1><em>at least</em> three people</1>.",
        ),
        ("- four people\n- nine officers", "<3>four people</3><9>nine officers</9>"),
        ("Four people & <b>4 people</b>", "<3>Four people</3> &amp; &lt;b&gt;4 people&lt;/b&gt;"),
        # What stands before it counts, however it is set.
        ("More than *four people* died.", "More than <em>four people</em> died."),
        ("`At least` four people.", "<code>At least</code> four people."),
        # No link inside a link, in code or in a heading, and none that would cross other markup.
        ("[Four people](https://example.org/) died.", "<link>Four people</link> died."),
        ("See [at least](https://example.org/) four people.", "See <link>at least</link> four people."),
        ("`four people`\n\n    four people", "<code>four people</code><pre><code>four people</code></pre>"),
        ("## Four people", "<h3>Four people</h3>"),
        ("*It says four* people.", "<em>It says four</em> people."),
        ("Four officers.", "Four officers."),
    ],
)
def test_an_explanation_says_who(source, expected) -> None:
    html = re.sub(
        r'<a href="#report-(\d+)" rel="nofollow noopener">(.*?)</a>',
        r"<\1>\2</\1>",
        explained(source, REPORTS),
        flags=re.DOTALL,
    )
    html = re.sub(r'<a href="https[^>]+>(.*?)</a>', r"<link>\1</link>", html)
    assert re.sub(r"</?(?:p|ul|li)>|\n", "", html) == expected


def test_the_explanation_of_a_page_leads_to_its_reports(client, people) -> None:
    publish(make_claim(sources=1, explanation="The count was “3”, & no more.", author=people.alice))
    html = client.get("/claims/death-toll/").content.decode()
    assert 'The count was “<a href="#report-1" rel="nofollow noopener">3</a>”, &amp; no more.' in html
