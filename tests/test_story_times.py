"""A story and its claims at any moment, and what changed since."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factcheck.desk import review
from factcheck.models import Claim, Edition, Publisher, Verdict
from factcheck.page import moments
from factcheck.public import addresses, versions

from .newsroom import make_claim, make_rating, make_report, make_source, make_story, publish, writing
from .test_public import CLAIM, STORY, text_of

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "2026-03-13T20:00Z", "2026-03-13T22:04Z", "2026-03-14T09:30Z"


@pytest.fixture
def told(people):
    """One claim at 20:00, another at 22:04; the next morning the first is corrected."""
    toll = make_claim(author=people.alice)
    publish(toll, published_at="2026-03-13T20:00:42.123456Z")
    publish(make_claim("injured", author=people.alice, label="Injured"), published_at="2026-03-13T22:04:00Z")
    make_report(toll, make_source("source-3"), reported_at="2026-03-14T08:00:00Z", low=4)
    with writing(people.alice):
        verdict = Verdict.objects.get(claim=toll)
        verdict.rating, verdict.summary = make_rating("false"), "Four people died."
        verdict.save()
    publish(toll, kind="correction", note="Our rating was “True”: four died.", published_at="2026-03-14T09:30:00Z")
    return toll


def robots(response) -> list[str]:
    return re.findall(r'<meta name="robots" content="(.*?)">', response.content.decode())


def canonical(response) -> str:
    return re.search(r'<link rel="canonical" href="(.*?)">', response.content.decode())[1]


def test_it_works(client, told):
    then = client.get(f"{STORY}@{FIRST}/")
    page = text_of(then)
    assert "as it stood from 13 March 2026, 20:00 UTC to 13 March 2026, 22:04 UTC." in page
    assert "The times are those at which its pages were published." in page
    assert "1 claim checked" in page and "Injured" not in page and "✓ True" in page and "3 first" not in page
    assert f"{CLAIM}editions/1/" in then.content.decode()  # not to what the claim's page says today
    assert (robots(then), canonical(then)) == (["noindex"], f"http://testserver{STORY}")
    assert f'{STORY}@{SECOND}/"' in then.content.decode() and 'rel="prev"' not in then.content.decode()
    since = text_of(client.get(f"{STORY}since/{SECOND}/"))
    assert "What changed since 13 March 2026, 22:04 UTC" in since and "1 edition was published since." in since
    assert "14 March 2026, 09:30 UTC · edition 2, correction Death toll Our rating was “True”: four died." in since
    assert "3 → 4, dispute, by Paper source-3." in since
    assert "Rating: True → False." in since and "Injured" not in since
    assert "New: “Three people were killed.” Rated “True”." in text_of(client.get(f"{STORY}changes/"))
    now = client.get(STORY)
    assert robots(now) == [] and f'{STORY}@{THIRD}/"' in now.content.decode()


# Which moment an address means.


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2018-03-23", "2018-03-23T23:59:59.999999+00:00"),
        ("2018-03-23T20:00", "2018-03-23T20:00:59.999999+00:00"),
        (" 2018-03-23 20:00 ", "2018-03-23T20:00:59.999999+00:00"),
        ("2018-03-23T20:00:31.5Z", "2018-03-23T20:00:59.999999+00:00"),
        ("2018-03-23T21:00+01:00", "2018-03-23T21:00:59.999999+01:00"),
        ("2018-03-23T21:00 01:00", "2018-03-23T21:00:59.999999+01:00"),
        ("2018-03-23T21:00:00 0100", "2018-03-23T21:00:59.999999+01:00"),
        ("9998-12-31T23:59-14:00", "9998-12-31T23:59:59.999999-14:00"),
    ],
)
def test_moments(written, moment):
    assert moments.asked(written).isoformat() == moment


def test_a_day_and_a_bare_time_are_those_of_the_site(settings):
    settings.TIME_ZONE = "Europe/Paris"
    assert moments.asked("2018-07-14").isoformat() == "2018-07-14T23:59:59.999999+02:00"
    assert moments.name(moments.asked("2018-07-14T01:00")) == "2018-07-13T23:00Z"


BAD = ["x", "2018", "2018-02-30", "2018-03-23T25:00", "0999-01-01", "9999-12-31", "2018-03-23T20:00+99:00", "<b>"]
BAD += ["٢٠١٨-٠٣-٢٣", "x" * 5000]
MISNAMED = ["2018-13-23T20:00Z", "2018-03-23T25:00Z", "0000-01-01T00:00Z"]


def test_what_is_no_time_is_refused_in_words(client, told):
    for written in BAD + MISNAMED:
        asked = [client.get(STORY, {name: written}) for name in ("as_of", "since")]
        named = [client.get(f"{start}{written}/") for start in (f"{STORY}@", f"{STORY}since/", f"{CLAIM}@")]
        for answer in [*asked, *named]:
            assert answer.status_code == 400, written
            page = text_of(answer)
            assert "cannot be read as a day or a time." in page and "2018-03-23T21:00+01:00" in page
            assert "x" * 100 not in page and "<b>" not in answer.content.decode().split("<main")[1]


STOOD = {
    "2026-03-13T20:00": FIRST,
    "2026-03-13T21:59Z": FIRST,
    "2026-03-13T23:04+01:00": SECOND,
    "2026-03-13": SECOND,
    "2026-03-14T09:29": SECOND,
    "2026-03-14T09:30": THIRD,
    "2999-01-01": THIRD,
}


def test_any_moment_leads_to_what_stood(client, told):
    for asked, moment in STOOD.items():
        named = [client.get(f"{STORY}@{asked}{end}") for end in ("", "/")]
        for answer in (client.get(STORY, {"as_of": asked}), *named):
            assert (answer.status_code, answer["Location"]) == (302, f"{STORY}@{moment}/"), asked
        assert client.get(STORY, {"since": asked})["Location"] == f"{STORY}since/{moment}/"
        answer = client.get(f"{CLAIM}@{asked}")
        assert answer["Location"] == f"{CLAIM}editions/{2 if moment == THIRD else 1}/"
        assert answer["Cache-Control"] == "public, max-age=0, s-maxage=30, stale-while-revalidate=30"
        assert answer["Surrogate-Key"] == "claim-death-toll"


@pytest.mark.slow
def test_our_own_spelling_of_another_moment_leads_there_too(client, told):
    assert client.get(f"{STORY}@2026-03-13T21:00Z/")["Location"] == f"{STORY}@{FIRST}/"
    assert client.get(f"{STORY}since/2026-03-13T21:00Z/")["Location"] == f"{STORY}since/{FIRST}/"


def test_before_the_first(client, told):
    for address in (f"{STORY}?as_of=2026-03-13T19:59", f"{CLAIM}@2026-03-13T19:59"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "The first time was 13 March 2026, 20:00 UTC." in text_of(answer)
    assert client.get(f"{STORY}?since=2026-03-13T19:59")["Location"] == f"{STORY}changes/"


@pytest.mark.slow
def test_who_asks_for_nothing_gets_the_story_now(client, told):
    for query in ("?as_of=", "?since=%20", "?utm_source=x"):
        assert client.get(STORY + query).content == client.get(STORY).content


@pytest.mark.slow
def test_unknown_ones(client, told):
    for address in ("/stories/nobody/@2026-03-14", "/stories/nobody/since/2026-03-14", "/claims/nobody/@2026-03-14"):
        assert client.get(address).status_code == 404
    for address in ("/stories/nobody/?as_of=2026-03-14", "/stories/nobody/?since=2026-03-14"):
        assert client.get(address).status_code == 404
    assert (
        client.get("/stories/nobody/changes/").status_code == client.get(f"{STORY}changes/page/2/").status_code == 404
    )


# What changed.


def test_nothing_changed(client, told):
    page = text_of(client.get(f"{STORY}since/{THIRD}/"))
    assert "Nothing changed." in page and "edition 2" not in page


@pytest.mark.slow
def test_all_changes_in_parts(client, told, monkeypatch):
    monkeypatch.setattr("factcheck.public.views.PER_PAGE", 2)
    newest, oldest = (text_of(client.get(f"{STORY}changes/{part}")) for part in ("", "page/2/"))
    assert newest.index("14 March 2026, 09:30") < newest.index("13 March 2026, 22:04")
    assert "New: “Three people were killed.” Rated “True”." in newest  # of the second claim
    assert "20:00" not in newest and "20:00" in oldest and "Page 2 of 2" in oldest


def test_a_change_without_a_word_and_a_withdrawal(client, told, people):
    publish(told, kind="reaffirmation", published_at="2026-03-15T08:00:00Z")
    publish(told, kind="withdrawal", note="It was another town.", published_at="2026-03-15T09:00:00Z")
    since = text_of(client.get(f"{STORY}since/{THIRD}/"))
    assert "edition 4, withdrawal Death toll It was another town." in since and "edition 3, reaffirmation" in since
    assert "Withdrawn Death toll" in text_of(client.get(f"{STORY}@2026-03-15T09:00Z/"))
    assert "Withdrawn" not in text_of(client.get(f"{STORY}@2026-03-15T08:00Z/"))


@pytest.mark.slow
def test_a_source_that_is_corrected(client, told, people):
    publisher = Publisher.objects.first()
    with writing():
        publisher.name = "The Gazette"
        publisher.save()
    publish(told, kind="correction", note="Named wrongly.", published_at="2026-03-15T08:00:00Z")
    assert "publisher: Paper source-1 → The Gazette" in text_of(client.get(f"{STORY}since/{THIRD}/"))


@pytest.mark.slow
def test_a_claim_that_goes_to_another_story_and_comes_back(client, told, people):
    other = make_story("other", title="Another story")
    for hour, story in ((8, other), (9, Claim.objects.get(slug="injured").story)):
        with writing(people.alice):
            stored = Claim.objects.get(slug="death-toll")
            stored.story = story
            stored.save()
        publish(stored, kind="update", published_at=f"2026-03-15T0{hour}:00:00Z")
    assert "Death toll" not in text_of(client.get(f"{STORY}@2026-03-15T08:00Z/"))
    assert "Death toll" in text_of(client.get(f"{STORY}@2026-03-15T09:00Z/"))
    news = text_of(client.get(f"{STORY}since/{THIRD}/"))
    assert "It is no longer in this story." in news and "New: “Three people were killed.”" in news
    assert "It is no longer in this story." in text_of(client.get("/stories/other/changes/"))
    assert client.get("/stories/other/?as_of=2026-03-14").status_code == 404


@pytest.mark.slow
def test_long_ago_is_told_in_parts(client, told, monkeypatch):
    for name in ("versions", "past", "stories", "addresses"):
        monkeypatch.setattr(f"factcheck.public.{name}.TOLD_SINCE", 1)
    assert client.get(f"{STORY}since/{SECOND}/").status_code == 200
    for address in (f"{STORY}since/{FIRST}/", f"{STORY}?since={FIRST}"):
        assert client.get(address)["Location"] == f"{STORY}changes/"
    every = set(addresses.every())
    assert f"{STORY}since/{SECOND}/" in every and f"{STORY}since/{FIRST}/" not in every
    assert f"{STORY}@{FIRST}/" in every and f"{STORY}changes/" in every
    for address in (STORY, f"{STORY}@{FIRST}/"):
        assert f"{STORY}since/{FIRST}/" not in client.get(address).content.decode()


# What is past stays as it was.


def test_a_past_page_changes_only_when_the_next_one_comes(client, told, people):
    before = {moment: client.get(f"{STORY}@{moment}/")["ETag"] for moment in (FIRST, SECOND, THIRD)}
    publish(told, kind="update", published_at="2026-03-15T08:00:00Z")
    after = {moment: client.get(f"{STORY}@{moment}/")["ETag"] for moment in (FIRST, SECOND, THIRD)}
    assert [before[moment] == after[moment] for moment in (FIRST, SECOND, THIRD)] == [True, True, False]
    assert "to 15 March 2026, 08:00 UTC." in text_of(client.get(f"{STORY}@{THIRD}/"))


@pytest.mark.slow
def test_what_is_imported_into_the_past_is_seen_there(client, told, people):
    before = client.get(f"{STORY}@{SECOND}/")
    late = make_claim("late", author=people.alice, label="Bridge")
    publish(late, published_at="2026-03-13T21:00:00Z", is_reconstructed=True)
    after = client.get(f"{STORY}@{SECOND}/")
    assert "Bridge" not in text_of(before) and "Bridge" in text_of(after) and before["ETag"] != after["ETag"]
    assert "some pages were imported later" in text_of(after)
    assert "reconstructed" in text_of(client.get(f"{STORY}since/{FIRST}/"))


@pytest.mark.slow
def test_two_editions_of_one_minute_are_one_moment(client, told, people):
    publish(make_claim("third", author=people.alice, label="Third"), published_at="2026-03-14T09:30:59.999999Z")
    assert "Third" in text_of(client.get(f"{STORY}@{THIRD}/"))
    assert len([address for address in addresses.every() if "@" in address]) == 3


def test_what_changed_is_told_once_and_as_it_was(client, people):
    claim = make_claim(author=people.alice, sources=0)
    make_report(claim, make_source("one"), text_value="a knife")
    publish(claim, published_at=f"{FIRST[:-1]}:00Z")
    report = claim.reports.get()
    make_report(claim, make_source("two"), text_value="a handgun", reported_at="2026-03-13T21:00:00Z")
    make_report(claim, make_source("three"), text_value="a handgun", reported_at="2026-03-13T21:30:00Z")
    with writing(people.alice):
        report.standing = "superseded"
        report.save()
        verdict = Verdict.objects.get(claim=claim)
        verdict.rating = make_rating("false")
        verdict.save()
    publish(claim, kind="update", note="From “True” to “False”: it was none.", published_at="2026-03-13T22:04:00Z")
    page = client.get(f"{STORY}since/{FIRST}/").content.decode()
    (sentences,) = re.findall(r"<ul><li>(.*?)</li></ul>", page, re.S)
    assert unescape(sentences).split("</li><li>") == [
        "Report 1 (Paper one), “a knife”, is superseded now.",
        "Paper two reports: a handgun.",
        "Paper three confirms: a handgun.",
    ], "the note has the rating"


def test_no_link_leads_to_nothing(client, told, people):
    since = "What changed"
    assert since in text_of(client.get(f"{STORY}@{SECOND}/")) and since not in text_of(client.get(f"{STORY}@{THIRD}/"))
    story = text_of(client.get(STORY))
    assert "What changed after 13 March 2026" in story and "What changed after 14 March 2026" not in story
    words = "Every word that changed"
    before = text_of(client.get(f"{STORY}changes/")).count(words)
    review.withdraw(told, user=people.erin, reason="It was another river.")
    assert text_of(client.get(f"{STORY}changes/")).count(words) == before > 0


def test_days():
    def published(*written: str) -> list:
        return [moments.span(each)[0] for each in written]

    days = moments.days(published(THIRD, SECOND, SECOND, FIRST), most=0)
    assert [(day.day.text, [time.words for time in day.times]) for day in days] == [
        ("14 March 2026", ["09:30"]),
        ("13 March 2026", ["22:04", "20:00"]),
    ]
    assert [day.is_recent for day in days] == [True, False]
    minutes = range(59, -1, -1)
    many = published(*(f"2026-03-{day}T20:{minute:02}Z" for day in (13, 12) for minute in minutes))
    assert [len(day.times) for day in moments.days(many, most=100)] == [60, 1]


# A story of many claims.


def told_in_parts(client, addresses: list[str]) -> list[str]:
    """The claims that they tell of, one after the other."""
    pages = [client.get(address) for address in addresses]
    assert all(page.status_code == 200 for page in pages)
    return [label for page in pages for label in re.findall(r"<h3><a[^>]+>(.*?)</a></h3>", page.content.decode())]


def few_on_a_page(monkeypatch, claims: int) -> None:
    for name in ("stories", "addresses"):
        monkeypatch.setattr(f"factcheck.public.{name}.CLAIMS", claims)


def test_the_claims_that_one_page_cannot_hold_stand_below_it(client, told, people, monkeypatch):
    few_on_a_page(monkeypatch, 2)
    publish(make_claim("houses", author=people.alice, label="Houses"), published_at="2026-03-15T08:00:00Z")
    last = "2026-03-15T08:00Z"
    for address in (STORY, f"{STORY}@{last}/"):
        assert told_in_parts(client, [address]) == ["Death toll", "Houses"], "most editions first"
        assert told_in_parts(client, [f"{address}page/2/"]) == ["Injured"]
        first, second = text_of(client.get(address)), text_of(client.get(f"{address}page/2/"))
        assert "3 claims checked" in first and "3 claims checked" in second
        assert "Part 1 of 2: the claims whose pages changed most often come first." in first
        assert "Page 1 of 2 Next" in first and "Previous Page 2 of 2" in second
        assert client.get(f"{address}page/3/").status_code == client.get(f"{address}page/1/").status_code == 404
    assert robots(client.get(f"{STORY}page/2/")) == [] and robots(client.get(f"{STORY}@{last}/page/2/")) == ["noindex"]
    assert "story.js" not in client.get(f"{STORY}page/2/").content.decode()
    parted = [address for address in addresses.every() if "stories" in address and "page" in address]
    assert sorted(parted) == [f"{STORY}@{last}/page/2/", f"{STORY}page/2/"]
    assert client.get(f"{STORY}page/2/?as_of=2026-03-13")["Location"] == f"{STORY}@{SECOND}/"
    assert client.get(f"{STORY}@2026-03-13T21:00Z/page/2/")["Location"] == f"{STORY}@{FIRST}/"


@pytest.mark.slow
def test_no_claim_of_205_is_left_out(client, people):
    for number in range(205):
        claim = make_claim(f"claim-{number}", author=people.alice, label=f"Claim {number}")
        publish(claim, published_at="2026-03-13T20:00:00Z")
    every = sorted(f"Claim {number}" for number in range(205))
    for address in (STORY, f"{STORY}@{FIRST}/"):
        assert sorted(told_in_parts(client, [address, f"{address}page/2/"])) == every
        assert len(told_in_parts(client, [address])) == 200 and "205 claims checked" in text_of(client.get(address))
    assert {f"{STORY}page/2/", f"{STORY}@{FIRST}/page/2/"} <= set(addresses.every())


# A story that all its claims have left.


def move(claim: Claim, story, at: str) -> None:
    with writing():
        stored = Claim.objects.get(pk=claim.pk)
        stored.story = story
        stored.save()
    publish(stored, kind="update", note="It belongs there.", published_at=at)


@pytest.fixture
def left(told):
    """Both claims of the flood stand in other stories."""
    dam = make_story("dam", title="The dam & the mill")
    move(told, dam, "2026-03-15T08:00:00Z")
    move(Claim.objects.get(slug="injured"), make_story("camp", title="Camp"), "2026-03-15T09:00:00Z")
    return told


def test_a_story_that_its_claims_have_left_says_where_they_are(client, left):
    page = client.get(STORY)
    assert page.status_code == 200 and robots(page) == ["noindex"]
    text = text_of(page)
    assert "Flood on the Aude All claims of this story stand in other stories now." in text
    assert "Death toll: “Three people were killed.” now in The dam & the mill" in text
    assert '<a href="/stories/dam/">The dam &amp; the mill</a>' in page.content.decode()
    assert 'href="/stories/camp/"' in page.content.decode() and f'{STORY}@{THIRD}/"' in page.content.decode()
    then = text_of(client.get(f"{STORY}@2026-03-15T09:00Z/"))
    assert "Flood on the Aude" in then and "No claim of this story stood at that time." in then
    assert "Death toll" in text_of(client.get(f"{STORY}@{THIRD}/"))
    feed = client.get(f"{STORY}feed.atom")
    assert feed.status_code == 200 and b"Flood on the Aude" in feed.content and b"<entry>" not in feed.content
    assert client.get("/stories/nobody/").status_code == 404


def test_it_changes_when_one_of_them_moves_on(client, left):
    before = client.get(STORY)["ETag"]
    move(left, make_story("third", title="A third story"), "2026-03-16T08:00:00Z")
    page = client.get(STORY)
    assert page["ETag"] != before and "now in A third story" in text_of(page)


def test_it_is_exported_and_is_in_no_sitemap(client, left):
    every = set(addresses.every())
    assert {STORY, f"{STORY}feed.atom", f"{STORY}@2026-03-15T09:00Z/", f"{STORY}changes/"} <= every
    assert all(client.get(address).status_code == 200 for address in every if "/flood/" in address)
    sitemap = client.get("/sitemaps/1.xml").content.decode()
    assert "/stories/dam/" in sitemap and STORY not in sitemap


def test_a_story_of_withdrawn_claims_says_so(client, told):
    for slug in ("death-toll", "injured"):
        publish(Claim.objects.get(slug=slug), kind="withdrawal", note="Not ours.", published_at="2026-03-15T08:00:00Z")
    assert "Every claim of this story is withdrawn. Withdrawn" in text_of(client.get(STORY))


# The editions of a claim.


def test_an_edition_beside_the_others(client, told, people):
    publish(told, kind="reaffirmation", published_at="2026-03-15T08:00:00Z")
    first, second, third = (text_of(client.get(f"{CLAIM}editions/{number}/")) for number in (1, 2, 3))
    assert "Edition 1 of 3. It stood from 13 March 2026, 20:00 UTC to 14 March 2026, 09:30 UTC." in first
    assert "This is the first edition. Edition 1 beside edition 3, the newest Rating" in first
    assert "Edition 2 beside edition 1, the one before Rating" in second
    assert "the newest Nothing but the kind of edition and the note to readers. Every edition" in second
    assert "Edition 3 of 3, the newest. It has stood since 15 March 2026, 08:00 UTC." in third
    assert "This is the newest edition. Every edition" in third
    newest = text_of(client.get(CLAIM))
    assert "It has stood since" not in newest and "beside edition" not in newest


# Costs.


def queries_of(client, address: str) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


BUDGETS = {STORY: 6, f"{STORY}@{{moment}}/": 5, f"{STORY}since/{{moment}}/": 6, f"{STORY}changes/": 8}


@pytest.mark.parametrize(("claims", "editions"), [(2, 4), pytest.param(200, 1000, marks=pytest.mark.slow)])
def test_as_many_queries_for_a_long_story_as_for_a_short_one(claims, editions, client, people):
    made = [make_claim(f"claim-{number}", author=people.alice) for number in range(claims)]
    for number in range(editions):
        at = f"2026-03-{13 + number // 240:02}T{number // 10 % 24:02}:{number % 10 * 5:02}:00Z"
        publish(made[number % claims], kind="update" if number >= claims else "first", published_at=at)
    moment = moments.name(Edition.objects.order_by("-published_at")[min(editions, 100) - 1].published_at)
    for address, most in BUDGETS.items():
        assert queries_of(client, address.format(moment=moment)) <= most, address
    assert versions.times_of("flood").around(moment).news == min(editions, 100) - 1
