"""How words are found: what a text is searched by, what is asked for, and where it stands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.text.finding import LONGEST_QUERY, MOST_TERMS, Query, Term, excerpt, folded, mark, parse, words
from factcheck.text.prose import prose


def tokens(s: str) -> list[str]:
    return [word.token for word in words(s)]


def found(s: str, asked: str) -> list[str]:
    return [piece.text for piece in mark(s, parse(asked)) if piece.is_found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trèbes TRÈBES trebes Tre\u0300bes", ["trebe"] * 4),
        ("l’attaque de l'Aude", ["l", "attaque", "de", "l", "aude"]),
        ("Straße STRASSE Ærø Łódź œuvre", ["strasse", "strasse", "aero", "lodz", "oeuvre"]),
        ("hostages, otages; grenades", ["hostage", "otage", "grenade"]),
        ("policies glass virus gas", ["policy", "glass", "virus", "gas"]),
        ("Carcas\u00adsonne", ["carcassonne"]),
        ("1,200 1.200 1 200 1\u202f200 1200", ["1200"] * 5),
        ("1,200,000 and 1,200.50", ["1200000", "and", "1200", "50"]),
        ("3.5 3,5", ["3·5", "3·5"]),
        ("Three 3 trois ３ ٣", ["3"] * 5),
        ("twenty-five, two hundred and four", ["25", "204"]),
        ("quatre-vingt-dix-sept, vingt et un", ["97", "21"]),
        ("un homme, une femme", ["un", "homme", "une", "femme"]),
        ("25th 9mm €1.2m", ["25", "th", "9", "mm", "1·2", "m"]),
        ("2018 300", ["2018", "300"]),
        ("lieutenant-colonel snake_case", ["lieutenant", "colonel", "snake", "case"]),
        ("東京で3人", ["東", "京", "で", "3", "人"]),
        ("경찰이 말했다", ["경찰이", "말했다"]),
        ("किसान की", ["किसान", "की"]),
        ("שָׁלוֹם", ["שלום"]),
        ("⑴ ½ … — « »", ["1", "1⁄2"]),
        ("\0 \t\n", []),
        ("", []),
    ],
)
def test_words(text, expected):
    assert tokens(text) == expected


@given(st.text())
def test_every_word_stands_where_it_says(text):
    end = 0
    for word in words(text):
        assert word.token and not set(word.token) & set(" '\"\\\0:&|!()*-")
        assert (word.start, word.end) == (word.start, max(word.end, word.start + 1))
        assert word.start >= end or word.start < word.end == end, "only figures of one number share a place"
        end = word.end


@given(st.text())
def test_what_was_folded_stays(text):
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("asked", "terms"),
    [
        ("trebes", [Term(("trebe",), is_prefix=True)]),
        ("trebes ", [Term(("trebe",))]),
        ("Trèbes attaque", [Term(("trebe",)), Term(("attaque",), is_prefix=True)]),
        ("l'attaque", [Term(("attaque",), is_prefix=True)]),
        ('"at least three"', [Term(("at", "least", "3"))]),
        ('killed "at least', [Term(("killed",)), Term(("at", "least"))]),
        ("« au moins trois »", [Term(("au", "moin", "3"))]),
        ("lieutenant-colonel", [Term(("lieutenant", "colonel"), is_prefix=True)]),
        ("who killed the hostages", [Term(("killed",)), Term(("hostage",), is_prefix=True)]),
        ("who is it", [Term(("who",)), Term(("is",)), Term(("it",), is_prefix=True)]),
        ("not false", [Term(("not",)), Term(("false",), is_prefix=True)]),
        ("3", [Term(("3",))]),
        ("a b b b", [Term(("b",))]),
        ("東京 死亡", [Term(("東", "京"), is_prefix=True), Term(("死", "亡"), is_prefix=True)]),
        ("https://example.org/a/2018", [Term(("http", "example", "org", "a", "2018"))]),
        ('AND * : ( NEAR/2 "', [Term(("near", "2"))]),
        ("\0", []),
        ('""" \' ', []),
        ("", []),
    ],
)
def test_parse(asked, terms):
    assert list(parse(asked).terms) == terms


@given(st.text(max_size=400))
def test_nothing_that_is_typed_fails(asked):
    query = parse(asked)
    assert all(term.tokens for term in query.terms)
    assert "".join(piece.text for piece in mark(asked, query)) == asked


def test_a_query_has_an_end():
    query = parse(" ".join(f"word{chr(97 + n)}" for n in range(26)) + " x" * 10_000)
    assert len(query.terms) == MOST_TERMS
    assert sum(len(word) for term in parse("é" * 10_000).terms for word in term.tokens) <= LONGEST_QUERY


def test_ways():
    one, two, three = (Term((name,)) for name in ("a", "b", "c"))
    assert list(Query((one,)).ways()) == [(0, [(one,)])]
    assert list(Query((one, two)).ways()) == [(0, [(one, two)]), (1, [(one,), (two,)])]
    assert list(Query((one, two, three)).ways()) == [
        (0, [(one, two, three)]),
        (1, [(one, two), (one, three), (two, three)]),
        (2, [(one,), (two,), (three,)]),
    ]


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("At least three people died in Trèbes.", "trebes 3", ["three", "Trèbes"]),
        ("At least three people died.", '"at least three"', ["At least three"]),
        ("at most three, at least two", '"at least three"', []),
        ("Gunman’s grenades", "gunman grenade", ["Gunman", "grenades"]),
        ("supermarket", "super", ["supermarket"]),
        ("supermarket", "super ", []),
        ("3 and 30", "3", ["3"]),
        ("One thousand two hundred", "1,200", ["One thousand two hundred"]),
        ("東京で3人が死亡", "死亡", ["死亡"]),
        ("東で京", "東京", []),
        ("nothing", "", []),
    ],
)
def test_mark(text, asked, expected):
    assert found(text, asked) == expected


def test_excerpt():
    long = "Nothing here. " * 50 + "Then the hostage was freed. " + "And nothing more. " * 50
    pieces = excerpt(["No word.", long], parse("hostages"))
    text = "".join(piece.text for piece in pieces)
    assert [piece.text for piece in pieces if piece.is_found] == ["hostage"]
    assert text.startswith("… ") and text.endswith(" …") and len(text) < 260
    assert excerpt(["No word."], parse("hostages")) == []
    assert "".join(piece.text for piece in excerpt(["The hostage."], parse("hostages"))) == "The hostage."


def test_prose():
    markdown = (
        "## What *we* checked\n\n[The page](https://example.org/x) says\n`three`.\n\n- one\n- two\n\n```\nfour\n```"
    )
    assert prose(markdown).split("\n")[:4] == ["What we checked", "The page says three.", "one", "two"]
    assert "example" not in prose(markdown) and "four" in prose(markdown)


@pytest.mark.parametrize("text", ["a" * 20_000, "three " * 4_000, "1,000" * 4_000, "東" * 10_000, "-'" * 10_000])
def test_long_texts_take_time_by_their_length(text):
    begin = time.process_time()
    for _word in words(text):
        pass
    assert time.process_time() - begin < 0.5
