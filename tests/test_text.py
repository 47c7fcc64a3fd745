"""How words compare: normalising, numbers in words, quotes in texts, word diffs, characters that are refused."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.text import (
    Mark,
    Piece,
    bad_characters,
    contains_quote,
    count_words,
    diff,
    normalise,
    number_words,
    same,
    tokens,
    word_diff,
)


class TestNormalise:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("“three” „drei“ «trois» ″", '"three" "drei" "trois" "'),
            ("l’attaque ‘x’ ‚y‘ `z´", "l'attaque 'x' 'y' 'z'"),
            ("a–b—c−d‑e", "a-b-c-d-e"),
            ("  two\n\n lines\t", "two lines"),
            ("12\u00a0000\u202fmorts", "12 000 morts"),
            ("e\u0301te\u0301", "été"),
            ("kil\u00adled\u200b", "killed"),
            ("e\u00ad\u0301", "é"),
            ("l\u1fefattaque", "l'attaque"),
            ("Trèbes", "Trèbes"),
            ("", ""),
        ],
    )
    def test_typing(self, given: str, expected: str) -> None:
        assert normalise(given) == expected

    def test_case_is_kept_unless_asked(self) -> None:
        assert normalise("Straße") == "Straße"
        assert normalise("Straße", casefold=True) == "strasse"

    @given(st.text(), st.booleans())
    def test_twice_is_once(self, s: str, casefold: bool) -> None:
        once = normalise(s, casefold=casefold)
        assert normalise(once, casefold=casefold) == once
        assert once == unicodedata.normalize("NFC", once)


ENGLISH = [
    ("zero", "0"),
    ("one", "1"),
    ("three", "3"),
    ("ten", "10"),
    ("thirteen", "13"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("twenty-five", "25"),
    ("twenty five", "25"),
    ("ninety-nine", "99"),
    ("a hundred", "100"),
    ("one hundred and three", "103"),
    ("three hundred twenty-one", "321"),
    ("twelve hundred", "1200"),
    ("a thousand", "1000"),
    ("two thousand and eighteen", "2018"),
    ("twelve thousand three hundred", "12300"),
    ("nine hundred ninety-nine thousand nine hundred ninety-nine", "999999"),
]
FRENCH = [
    ("zéro", "0"),
    ("un", "1"),
    ("une", "1"),
    ("trois", "3"),
    ("seize", "16"),
    ("dix-sept", "17"),
    ("dix-neuf", "19"),
    ("vingt", "20"),
    ("vingt et un", "21"),
    ("vingt-et-une", "21"),
    ("vingt-cinq", "25"),
    ("soixante-dix", "70"),
    ("soixante et onze", "71"),
    ("soixante-dix-sept", "77"),
    ("septante-sept", "77"),
    ("quatre-vingts", "80"),
    ("huitante", "80"),
    ("octante", "80"),
    ("quatre-vingt-trois", "83"),
    ("quatre-vingt-dix-sept", "97"),
    ("nonante-sept", "97"),
    ("cent", "100"),
    ("cent trois", "103"),
    ("cent vingt-quatre", "124"),
    ("trois cent quatre-vingts", "380"),
    ("deux cents", "200"),
    ("mille", "1000"),
    ("mille deux cents", "1200"),
    ("six mille", "6000"),
    ("deux mille dix-huit", "2018"),
]


class TestNumberWords:
    @pytest.mark.parametrize(("given", "expected"), ENGLISH + FRENCH)
    def test_alone_and_in_a_sentence(self, given: str, expected: str) -> None:
        assert number_words(given) == expected
        assert number_words(f"(le {given}) dead") == f"(le {expected}) dead"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("two and three", "2 and 3"),
            ("three four", "3 4"),
            ("a hundred and two hundred", "100 and 200"),
            ("two million", "2 million"),
        ],
    )
    def test_not_glued_together(self, given: str, expected: str) -> None:
        assert number_words(given) == expected

    @pytest.mark.parametrize(
        "kept", ["stone", "someone", "often", "weight", "dixième", "once", "a man", "hundreds", ""]
    )
    def test_no_number(self, kept: str) -> None:
        assert number_words(kept) == kept


class TestSame:
    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("Three dead", "3 dead."),
            ("trois", "3"),
            ("THREE", "trois"),
            ("“a pistol”", '"A pistol"'),
            ("« un pistolet »", "“un pistolet”"),
            ("a  pistol ", "A pistol!"),
            ("vingt-cinq\u00a0blessés", "25 blessés"),
            ("Twenty‑five", "25"),
            ("wait…", "wait..."),
            ("Trèbes", "Tre\u0300bes"),
            ("", " "),
        ],
    )
    def test_same(self, a: str, b: str) -> None:
        assert same(a, b)
        assert same(b, a)

    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("pistol", "handgun and hunting knife"),
            ("three", "four"),
            ("3", "30"),
            ("killed", "not killed"),
            ("Trèbes", "Trebes"),
            ("1.5", "15"),
            ("-3", "3"),
            ("", "x"),
        ],
    )
    def test_not_the_same(self, a: str, b: str) -> None:
        assert not same(a, b)


ARTICLE = """The minister said: “At least three people were killed, and 1,200 officers searched the town – all night”.
He spoke of « une attaque terroriste » and of 3.5 hours; 13 were hurt… The mayor’s office was closed."""


class TestContainsQuote:
    @pytest.mark.parametrize(
        "quote",
        [
            "At least three people were killed",
            "at least THREE people were killed",
            "At least three\npeople  were killed",
            '"At least three people',
            "all night”",
            "searched the town - all night",
            "“une attaque terroriste”",
            "«une attaque terroriste»",
            "The mayor's office",
            "1,200 officers",
            "three people … 1,200 officers",
            "three people... 1,200 officers",
            "three people [...] 1,200 officers [ … ] terroriste",
            "three people (…) 1,200 officers",
            "… three people …",
            "13 were hurt… The mayor",
            "13 were hurt… closed.",
        ],
    )
    def test_it_is_there(self, quote: str) -> None:
        assert contains_quote(ARTICLE, quote)

    @pytest.mark.parametrize(
        "quote",
        [
            "At least four people were killed",
            "At least 3 people",
            "three people killed",
            "1,200 officers … three people",
            "three people … three people",
            "une attaque … closed … hurt",
            # Cut out of a longer word or figure.
            "3 were hurt",
            "200 officers",
            "and 1",
            "5 hours",
            "of 3",
            "ice was closed",
            "the may",
            "",
            "…",
            "  [...] ",
        ],
    )
    def test_it_is_not(self, quote: str) -> None:
        assert not contains_quote(ARTICLE, quote)

    @pytest.mark.parametrize(
        ("whole", "quote"),
        [
            ("警方说死者三人", "死者三人"),
            ("대통령은 말했다", "대통령"),
            ("ผู้เสียชีวิตสามคน", "สามคน"),
            ("(a+b)*c?", "a+b)*c?"),
        ],
    )
    def test_scripts_and_signs(self, whole: str, quote: str) -> None:
        assert contains_quote(whole, quote)

    def test_an_accent_is_part_of_its_word(self) -> None:
        assert not contains_quote("हिन्दी", "हिन्द")

    def test_it_is_quick(self) -> None:
        began = time.perf_counter()
        assert not contains_quote("a " * 200_000, "a a … a a … b")
        assert time.perf_counter() - began < 2


class TestTokens:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("At least 3.", ["At", " ", "least", " ", "3", "."]),
            ("1,200  morts", ["1,200", "  ", "morts"]),
            ("23.03.2018, l’été", ["23.03.2018", ",", " ", "l", "’", "été"]),
            ("死者3人", ["死", "者", "3", "人"]),
            ("e\u0301te\u0301 हिन्दी", ["e\u0301te\u0301", " ", "हिन्दी"]),
            ("ไทย", ["ไ", "ท", "ย"]),
            ("", []),
        ],
    )
    def test_cut(self, given: str, expected: list[str]) -> None:
        assert tokens(given) == expected

    @given(st.text(st.characters()))
    def test_nothing_is_lost(self, s: str) -> None:
        assert "".join(tokens(s)) == s

    def test_nothing_is_lost_of_any_character(self) -> None:
        everything = "".join(map(chr, range(0x110000)))
        assert "".join(tokens(everything)) == everything


def test_count_words() -> None:
    counts = {
        "": 0,
        " — … ": 0,
        "\u00ad\u200b\ufeff \u3164\uffa0": 0,
        "At least three people.": 4,
        "l’attaque de Trèbes": 3,
        "twenty-five, 1,200 and 3.5": 4,
        "死者3人": 4,
        "हिन्दी में": 2,
        "e\u0301te\u0301": 1,
    }
    assert {given: count_words(given) for given in counts} == counts


def old_side(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.op != "added")


def new_side(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.op != "removed")


# Few letters and much space: the diffs that random text would never meet.
sentences = st.lists(st.sampled_from(["a", "b", "c", " ", "  ", "\n", ", ", "三", "é"]), max_size=30).map("".join)


class TestWordDiff:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("", "", ""),
            ("a", "a", "a"),
            ("", "a", "{+a}"),
            ("a", "", "{-a}"),
            ("at least three dead", "at least four dead", "at least {-three}{+four} dead"),
            ("the quick brown fox", "the slow red fox", "the {-quick brown}{+slow red} fox"),
            ("1,200 dead", "1,300 dead", "{-1,200}{+1,300} dead"),
            ("killed", "not killed", "{+not }killed"),
            ("a b c", "a c", "a {-b }c"),
            ("死者三人", "死者四人", "死者{-三}{+四}人"),
            ("one. two.", "one! two.", "one{-.}{+!} two."),
            ("a ", "b ", "{-a}{+b} "),
            (" a", " b", " {-a}{+b}"),
            ("a b c", "x b y", "{-a}{+x} b {-c}{+y}"),
        ],
    )
    def test_reads(self, old: str, new: str, expected: str) -> None:
        marks = {"same": "{}", "removed": "{{-{}}}", "added": "{{+{}}}"}
        assert "".join(marks[piece.op].format(piece.text) for piece in word_diff(old, new)) == expected

    @given(st.one_of(st.tuples(sentences, sentences), st.tuples(st.text(), st.text())))
    def test_both_sides_are_whole(self, sides: tuple[str, str]) -> None:
        pieces = word_diff(*sides)
        assert (old_side(pieces), new_side(pieces)) == sides

    @given(sentences, sentences)
    def test_pieces_are_merged_and_removed_comes_first(self, old: str, new: str) -> None:
        pieces = word_diff(old, new)
        assert all(piece.text for piece in pieces)
        for one, next_one in pairwise(pieces):
            assert (one.op, next_one.op) in {
                ("same", "removed"),
                ("same", "added"),
                ("removed", "added"),
                ("removed", "same"),
                ("added", "same"),
            }
        for piece in pieces[1:-1]:
            assert piece.op != "same" or not piece.text.isspace()

    def test_eight_thousand_other_words(self) -> None:
        old, new = (" ".join(f"{letter}{number}" for number in range(8000)) for letter in "ab")
        began = time.perf_counter()
        assert [(piece.op, piece.text) for piece in word_diff(old, new)] == [("removed", old), ("added", new)]
        assert time.perf_counter() - began < 5  # half a second on an idle machine; difflib takes 20

    def test_what_would_take_too_much_memory_is_compared_by_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(diff, "MOST_PAIRS", 40)
        old, new = "same words here\nold words here\n", "same words here\nnew words here\n"
        assert word_diff(old, new) == [
            Piece("same", "same words here\n"),
            Piece("removed", "old words here\n", (Mark.WORDING,)),
            Piece("added", "new words here\n", (Mark.WORDING,)),
        ]

    def test_and_as_a_whole_where_lines_are_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(diff, "MOST_PAIRS", 3)
        pieces = word_diff("a\nb\n", "a\nc\n")
        assert [(piece.op, piece.text) for piece in pieces] == [("removed", "a\nb\n"), ("added", "a\nc\n")]


class TestBadCharacters:
    @pytest.mark.parametrize(
        ("code", "name"),
        [
            (0x0, "CONTROL CHARACTER"),
            (0x8, "CONTROL CHARACTER"),
            (0xB, "CONTROL CHARACTER"),
            (0xC, "CONTROL CHARACTER"),
            (0x1B, "CONTROL CHARACTER"),
            (0x7F, "CONTROL CHARACTER"),
            (0x85, "CONTROL CHARACTER"),
            (0x200B, "ZERO WIDTH SPACE"),
            (0x202A, "LEFT-TO-RIGHT EMBEDDING"),
            (0x202E, "RIGHT-TO-LEFT OVERRIDE"),
            (0x2060, "WORD JOINER"),
            (0x2066, "LEFT-TO-RIGHT ISOLATE"),
            (0x2069, "POP DIRECTIONAL ISOLATE"),
            (0xD800, "LONE SURROGATE"),
            (0xDFFF, "LONE SURROGATE"),
            (0xFEFF, "ZERO WIDTH NO-BREAK SPACE"),
            (0xFFFE, "NOT A CHARACTER"),
            (0xFFFF, "NOT A CHARACTER"),
        ],
    )
    def test_refused(self, code: int, name: str) -> None:
        assert bad_characters(f"a{chr(code)}b") == [f"U+{code:04X} {name}"]

    @pytest.mark.parametrize(
        "allowed",
        [
            "",
            "\n\t\r",
            "\u200c\u200d",
            "\u200e\u200f",
            "\u00a0\u202f\u00ad",
            "été «三» 👩\u200d🚀",
            "\ufffd",
            "\U0010fffd",
        ],
    )
    def test_allowed(self, allowed: str) -> None:
        assert bad_characters(allowed) == []

    def test_each_once_as_they_come(self) -> None:
        assert bad_characters("\u202e\x00\u202e") == ["U+202E RIGHT-TO-LEFT OVERRIDE", "U+0000 CONTROL CHARACTER"]
