"""The table of kinds, every pair of qualifiers written out; then clocks, standing, falls, units, wordings."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from factcheck import dossier, figures, text
from factcheck.figures import Figure, Interval, Kind, Qualifier, Statement, current, in_reported_order, kinds, words
from factcheck.models import Report

from .newsroom import make_claim, make_people, make_report, make_source

NOON, ONE, TWO, THREE = (datetime(2018, 3, 23, hour, tzinfo=UTC) for hour in (12, 13, 14, 15))
NUMBER = r"(-?\d+(?:\.\d+)?(?:e\d+)?)"
SHORTHAND = {
    Qualifier.EXACTLY: NUMBER,
    Qualifier.AT_LEAST: rf">={NUMBER}",
    Qualifier.AT_MOST: rf"<={NUMBER}",
    Qualifier.BETWEEN: rf"{NUMBER}\.\.{NUMBER}",
    Qualifier.ABOUT: rf"~{NUMBER}(?:±{NUMBER})?",
}


def figure(shorthand: str) -> Figure:
    """ "3", ">=3 people", "<=5", "3 .. 5", "~100", "~100±5"."""
    amount, _, unit = shorthand.replace(" .. ", "..").partition(" ")
    for qualifier, pattern in SHORTHAND.items():
        if found := re.fullmatch(pattern, amount):
            numbers = [Decimal(number) if number else None for number in found.groups()]
            if qualifier == Qualifier.AT_MOST:
                return Figure(qualifier, None, numbers[0], unit)
            if qualifier == Qualifier.BETWEEN:
                return Figure(qualifier, *numbers, unit)
            return Figure(qualifier, numbers[0], None, unit, *numbers[1:])
    raise ValueError(shorthand)


def said(shorthand: str, source: str = "Le Monde", **more) -> Statement:
    return Statement(source, figure(shorthand), **({"reported_at": NOON} | more))


def wrote(wording: str, source: str = "Le Monde", **more) -> Statement:
    return Statement(source, text=wording, **({"reported_at": NOON} | more))


def kinds_of(*statements: Statement, cumulative: bool = False) -> list[str]:
    return [str(kind) for kind in kinds(statements, cumulative=cumulative, same_text=text.same)]


def kind_of(*statements: Statement, cumulative: bool = False) -> str:
    return kinds_of(*statements, cumulative=cumulative)[-1]


def test_it_works() -> None:
    assert kinds_of(
        said(">=3", "AFP", reported_at=NOON),
        said(">=3", "BBC", reported_at=ONE),
        said("3", "AFP", reported_at=TWO, true_as_of=TWO),
        said("4", "BBC", reported_at=THREE, true_as_of=THREE),
        cumulative=True,
    ) == ["first", "confirmation", "refinement", "development"]


# Two sources, one after the other, neither naming a moment, both current.
PAIRS = [
    ("4", "4", "confirmation"),
    ("84", "86", "dispute"),
    ("5", "4", "dispute"),
    ("2", ">=3", "dispute"),
    ("3", ">=3", "widening"),
    ("4", ">=3", "widening"),
    ("5", "<=5", "widening"),
    ("4", "<=5", "widening"),
    ("6", "<=5", "dispute"),
    ("100", "~100", "widening"),
    ("110", "~100", "widening"),
    ("100", "~100±0", "confirmation"),
    ("111", "~100", "dispute"),
    ("4", "3 .. 5", "widening"),
    ("3", "3 .. 5", "widening"),
    ("3", "3 .. 3", "confirmation"),
    ("6", "3 .. 5", "dispute"),
    (">=3", "4", "refinement"),
    (">=3", "3", "refinement"),
    (">=3", "2", "dispute"),
    (">=3", ">=3", "confirmation"),
    (">=3", ">=4", "refinement"),
    (">=4", ">=3", "widening"),
    (">=3", "<=5", "changed"),
    (">=5", "<=5", "changed"),
    (">=6", "<=5", "dispute"),
    (">=90", "~100", "refinement"),
    (">=100", "~100", "changed"),
    (">=111", "~100", "dispute"),
    (">=3", "3 .. 5", "refinement"),
    (">=4", "3 .. 5", "changed"),
    (">=6", "3 .. 5", "dispute"),
    ("<=5", "4", "refinement"),
    ("<=5", "5", "refinement"),
    ("<=5", "6", "dispute"),
    ("<=5", ">=3", "changed"),
    ("<=5", ">=6", "dispute"),
    ("<=5", "<=5", "confirmation"),
    ("<=5", "<=4", "refinement"),
    ("<=4", "<=5", "widening"),
    ("<=110", "~100", "refinement"),
    ("<=100", "~100", "changed"),
    ("<=89", "~100", "dispute"),
    ("<=5", "3 .. 5", "refinement"),
    ("<=4", "3 .. 5", "changed"),
    ("<=2", "3 .. 5", "dispute"),
    ("~100", "100", "refinement"),
    ("~100", "90", "refinement"),
    ("~100±0", "100", "confirmation"),
    ("~100", "89", "dispute"),
    ("~100", ">=90", "widening"),
    ("~100", ">=91", "changed"),
    ("~100", ">=111", "dispute"),
    ("~100", "<=110", "widening"),
    ("~100", "<=109", "changed"),
    ("~100", "<=89", "dispute"),
    ("~100", "~100", "confirmation"),
    ("~100", "~100±10", "confirmation"),
    ("~100", "~100±5", "refinement"),
    ("~100±5", "~100", "widening"),
    ("~84", "~86", "changed"),
    ("~100", "~200", "dispute"),
    ("~100", "90 .. 110", "confirmation"),
    ("~100", "95 .. 105", "refinement"),
    ("~100", "80 .. 120", "widening"),
    ("~100", "100 .. 120", "changed"),
    ("~100", "111 .. 120", "dispute"),
    ("3 .. 5", "4", "refinement"),
    ("3 .. 5", "5", "refinement"),
    ("4 .. 4", "4", "confirmation"),
    ("3 .. 5", "6", "dispute"),
    ("3 .. 5", ">=3", "widening"),
    ("3 .. 5", ">=4", "changed"),
    ("3 .. 5", ">=6", "dispute"),
    ("3 .. 5", "<=5", "widening"),
    ("3 .. 5", "<=4", "changed"),
    ("3 .. 5", "<=2", "dispute"),
    ("90 .. 110", "~100", "confirmation"),
    ("80 .. 120", "~100", "refinement"),
    ("95 .. 105", "~100", "widening"),
    ("100 .. 120", "~100", "changed"),
    ("111 .. 120", "~100", "dispute"),
    ("3 .. 5", "3 .. 5", "confirmation"),
    ("3 .. 5", "4 .. 5", "refinement"),
    ("4 .. 5", "3 .. 5", "widening"),
    ("3 .. 5", "4 .. 6", "changed"),
    ("3 .. 5", "5 .. 6", "changed"),
    ("3 .. 5", "6 .. 7", "dispute"),
    # Zero, below zero, decimals, and more digits than the default context keeps.
    ("0", "0", "confirmation"),
    ("0", "<=5", "widening"),
    ("0", "~0", "confirmation"),
    ("~0", "1", "dispute"),
    (">=0", "0", "refinement"),
    ("-3", "<=5", "widening"),
    ("~-10", "-11", "refinement"),
    ("~-10", "-8", "dispute"),
    ("2.5", "2.50", "confirmation"),
    ("0.1", "0.1000001", "dispute"),
    (">=2.5", "2.4999", "dispute"),
    ("1e30", "1000000000000000000000000000000", "confirmation"),
    ("1000000000000000000000000000000", "1000000000000000000000000000001", "dispute"),
    ("~1000000000000000000000000000001±0", "1000000000000000000000000000001", "confirmation"),
    ("~1000000000000000000000000000010", "900000000000000000000000000008", "dispute"),
]


class TestPairs:
    @pytest.mark.parametrize(("before", "after", "expected"), PAIRS)
    def test_two_sources(self, before: str, after: str, expected: str) -> None:
        assert kinds_of(said(before, "AFP"), said(after, "BBC")) == ["first", expected]

    @pytest.mark.parametrize(("before", "after", "expected"), PAIRS)
    def test_one_source_repeats_instead_of_confirming(self, before: str, after: str, expected: str) -> None:
        expected = "repetition" if expected == "confirmation" else expected
        assert kinds_of(said(before), said(after)) == ["first", expected]

    def test_no_pair_of_qualifiers_is_missing(self) -> None:
        written = {(figure(before).qualifier, figure(after).qualifier) for before, after, _kind in PAIRS}
        assert written == set(product(Qualifier, Qualifier))


numbers = st.decimals(-50, 50, places=1)
any_figure = st.one_of(
    st.builds(lambda n: Figure(Qualifier.EXACTLY, n), numbers),
    st.builds(lambda n: Figure(Qualifier.AT_LEAST, n), numbers),
    st.builds(lambda n: Figure(Qualifier.AT_MOST, None, n), numbers),
    st.builds(lambda n, t: Figure(Qualifier.ABOUT, n, tolerance=t), numbers, st.none() | st.decimals(0, 100, places=1)),
    st.builds(lambda n, m: Figure(Qualifier.BETWEEN, min(n, m), max(n, m)), numbers, numbers),
)
RETURN = {"refinement": "widening", "widening": "refinement"}


@given(any_figure, any_figure)
def test_the_way_back(one: Figure, other: Figure) -> None:
    there = kind_of(Statement("AFP", one), Statement("BBC", other))
    back = kind_of(Statement("AFP", other), Statement("BBC", one))
    assert back == RETURN.get(there, there)


class TestClocks:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            (said("3", true_as_of=NOON), said("4", true_as_of=ONE), "development"),
            (said(">=5", true_as_of=NOON), said("3", true_as_of=ONE), "development"),
            (said("3 .. 5", true_as_of=NOON), said("4 .. 6", true_as_of=ONE), "development"),
            (said("3", true_as_of=NOON), said("4", true_as_of=NOON), "dispute"),
            (said("3"), said("4"), "dispute"),
            (said("3", true_as_of=NOON), said("4"), "dispute"),
            # Said at noon, of noon at the latest.
            (said("3", reported_at=NOON), said("4", reported_at=TWO, true_as_of=ONE), "development"),
            (said("3", reported_at=TWO), said("4", reported_at=THREE, true_as_of=ONE), "dispute"),
            # A late report of an earlier moment: both can be true.
            (said("4", true_as_of=ONE), said("3", true_as_of=NOON), "changed"),
            (said("4", true_as_of=ONE), said("5", true_as_of=NOON), "changed"),
            # The table asks for the interval first.
            (said(">=3", true_as_of=NOON), said("4", true_as_of=ONE), "refinement"),
            (said("4", true_as_of=NOON), said(">=3", true_as_of=ONE), "widening"),
            (said("4", "AFP", true_as_of=NOON), said("4", true_as_of=ONE), "confirmation"),
        ],
    )
    def test_moments(self, old: Statement, new: Statement, expected: str) -> None:
        assert kind_of(old, new) == expected

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            (said("3", true_as_of=NOON), said("4", reported_at=None, true_as_of=ONE), "changed"),
            (said("3"), said("4", reported_at=None), "dispute"),
            (said("3", reported_at=None), said("4", reported_at=None, true_as_of=ONE), "dispute"),
            (said("3", true_as_of=NOON), said("3", "AFP", reported_at=None, true_as_of=ONE), "confirmation"),
        ],
    )
    def test_undated_is_never_a_development(self, old: Statement, new: Statement, expected: str) -> None:
        assert kind_of(old, new) == expected


class TestCumulative:
    @pytest.mark.parametrize(
        ("old", "new", "cumulative", "expected"),
        [
            (said("5"), said("4"), True, "correction"),
            (said("5"), said("4"), False, "dispute"),
            (said("5", true_as_of=NOON), said("4", true_as_of=ONE), True, "correction"),
            (said("5", true_as_of=NOON), said("4", true_as_of=ONE), False, "development"),
            (said(">=5"), said("4"), True, "correction"),
            (said("~100"), said("89"), True, "correction"),
            (said("~100"), said("80 .. 95"), True, "changed"),
            (said("3"), said("4"), True, "dispute"),
            (said("3", true_as_of=NOON), said("4", true_as_of=ONE), True, "development"),
            (said("4"), said(">=3"), True, "widening"),
            (said("5 dead"), said("4 hurt"), True, "changed"),
            # A late report of an earlier moment is lower and nobody was wrong; if it is higher, somebody was.
            (said("4", true_as_of=ONE), said("3", true_as_of=NOON), True, "changed"),
            (said("4", true_as_of=ONE), said("5", true_as_of=NOON), True, "dispute"),
            (said("3", true_as_of=NOON), said("4", reported_at=None, true_as_of=ONE), True, "changed"),
        ],
    )
    def test_falls(self, old: Statement, new: Statement, cumulative: bool, expected: str) -> None:
        assert kind_of(old, new, cumulative=cumulative) == expected


class TestStanding:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("5", "4", "correction"),
            ("3 .. 5", "4 .. 6", "correction"),
            (">=3", "4", "refinement"),
            ("4", ">=3", "widening"),
            ("4", "4", "confirmation"),
        ],
    )
    def test_after_a_retracted_one(self, old: str, new: str, expected: str) -> None:
        assert kind_of(said(old, "AFP", standing="retracted"), said(new, "BBC")) == expected

    def test_retracted_goes_before_later(self) -> None:
        old = said("5", standing="retracted", true_as_of=NOON)
        assert kind_of(old, said("4", true_as_of=ONE)) == "correction"

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("current", "current", "dispute"),
            ("disputed", "current", "dispute"),
            ("current", "disputed", "dispute"),
            ("disputed", "disputed", "dispute"),
            ("superseded", "current", "changed"),
            ("current", "superseded", "changed"),
            ("current", "retracted", "changed"),
            ("superseded", "superseded", "changed"),
        ],
    )
    def test_a_dispute_needs_two_in_play(self, old: str, new: str, expected: str) -> None:
        assert kind_of(said("84", "AFP", standing=old), said("86", "BBC", standing=new)) == expected

    @pytest.mark.parametrize(
        ("statements", "expected"),
        [
            # What was said before is the newest that is not retracted.
            ([said("3", "AFP"), said("9", "BBC", standing="retracted"), said("3", "ITV")], "confirmation"),
            ([said(">=3", "AFP"), said("9", "BBC", standing="retracted"), said("4", "ITV")], "refinement"),
            ([said("3", "AFP"), said("9", "BBC", standing="retracted"), said("4", "ITV")], "correction"),
            ([said("3", "AFP"), said(">=4", "BBC", standing="retracted"), said("4", "ITV")], "dispute"),
            ([said("9", "AFP", standing="retracted"), said("3", "BBC"), said("4", "ITV")], "dispute"),
            (
                [said("9", "AFP", standing="retracted"), said("3", "BBC", standing="retracted"), said("3")],
                "confirmation",
            ),
            # A source that took its word back corrects itself, whatever the others say.
            ([said("3", "AFP"), said("9", "BBC", standing="retracted"), said("3", "BBC")], "correction"),
            ([said("9", "BBC", standing="retracted"), said("3", "AFP"), said("3", "BBC")], "correction"),
            ([said("9", "BBC", standing="retracted"), said("3", "BBC"), said("3", "BBC")], "repetition"),
            # It repeats what it said last, whatever others said in between.
            ([said("3", "AFP"), said("4", "BBC"), said("3", "AFP")], "repetition"),
            ([said("3", "AFP"), said("4", "AFP"), said("3", "AFP")], "dispute"),
            ([said("3", "AFP", standing="retracted"), said("4", "BBC"), said("3", "AFP")], "dispute"),
            ([said("3", "AFP", standing="retracted"), said("3", "AFP")], "repetition"),
        ],
    )
    def test_whom_it_is_compared_with(self, statements: list[Statement], expected: str) -> None:
        assert kind_of(*statements) == expected


class TestUnlike:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            (said("3 people"), said("3 people", "AFP"), "confirmation"),
            (said("3 people"), said("3 People ", "AFP"), "confirmation"),
            (said("3 People"), said("3 people", "AFP"), "confirmation"),
            (said("3 people"), said("3 cars"), "changed"),
            (said("3 people"), said("3"), "changed"),
            (said("3 people", standing="retracted"), said("4 cars"), "changed"),
            (said("3 people", true_as_of=NOON), said("4 cars", true_as_of=ONE), "changed"),
            (said("3"), wrote("three"), "changed"),
            (wrote("three"), said("3"), "changed"),
            (wrote("a pistol"), wrote("“A  Pistol.”", "AFP"), "changed"),
            (wrote("a pistol"), wrote("A  Pistol.", "AFP"), "confirmation"),
            (wrote("a pistol"), wrote("A  Pistol."), "repetition"),
            (wrote("three shots"), wrote("3 shots", "AFP"), "confirmation"),
            (wrote("pistol"), wrote("handgun and hunting knife"), "changed"),
            (wrote("pistol", standing="retracted"), wrote("knife"), "changed"),
            (wrote("pistol", true_as_of=NOON), wrote("knife", true_as_of=ONE), "changed"),
        ],
    )
    def test_not_to_be_measured(self, old: Statement, new: Statement, expected: str) -> None:
        assert kind_of(old, new) == expected

    def test_wordings_are_compared_to_the_letter_unless_told_how(self) -> None:
        assert kinds([wrote("Knife", "AFP"), wrote("knife", "BBC")], cumulative=False)[-1] == Kind.CHANGED
        assert kinds([wrote("knife", "AFP"), wrote("knife", "BBC")], cumulative=False)[-1] == Kind.CONFIRMATION

    def test_a_figure_goes_before_its_wording(self) -> None:
        old, new = Statement("AFP", figure("3"), "three dead"), Statement("BBC", figure("3"), "trio killed")
        assert kind_of(old, new) == "confirmation"


class TestOverride:
    @pytest.mark.parametrize("kind", Kind)
    def test_it_wins(self, kind: Kind) -> None:
        assert kinds_of(said("3"), said("3", override=kind.value)) == ["first", kind]
        assert kinds_of(said("3", override=kind.value)) == [kind]

    def test_it_changes_nothing_else(self) -> None:
        assert kinds_of(said("3"), said("4", override="correction"), said("5")) == ["first", "correction", "dispute"]

    def test_an_unknown_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="mistake"):
            kinds_of(said("3", override="mistake"))


class TestReportedOrder:
    def test_dated_then_undated_by_access(self) -> None:
        given = [
            said("1", reported_at=None),
            said("2", reported_at=None, accessed_at=TWO),
            said("3", reported_at=THREE, accessed_at=NOON),
            said("4", reported_at=None, accessed_at=ONE),
            said("5", reported_at=NOON),
        ]
        assert [words(statement.figure) for statement in in_reported_order(given)] == ["5", "3", "4", "2", "1"]

    def test_equals_stay(self) -> None:
        given = [said(str(number), reported_at=moment) for moment in (NOON, None) for number in (3, 1, 2)]
        assert in_reported_order(given) == given

    def test_nothing(self) -> None:
        assert in_reported_order([]) == kinds_of() == []


class TestWords:
    @pytest.mark.parametrize(
        ("shorthand", "expected"),
        [
            ("4", "4"),
            ("4 people", "4 people"),
            (">=3", "at least 3"),
            (">=3 people", "at least 3 people"),
            (">=3  people ", "at least 3 people"),
            ("<=1500 people", "at most 1,500 people"),
            ("3 .. 5", "between 3 and 5"),
            ("3 .. 5 people", "between 3 and 5 people"),
            ("~1200", "about 1,200 (± 10 %)"),
            ("~1200.00±2.50 people", "about 1,200 people (± 2.5 %)"),
            ("~3±0", "about 3 (± 0 %)"),
            ("12 %", "12 %"),
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("-1200.50", "-1,200.5"),
            ("3.000000", "3"),
            ("100", "100"),
            ("0.000001", "0.000001"),
            ("0.0000001", "0.0000001"),
            ("1e6", "1,000,000"),
            ("12345678901234567890123456789012345.5", "12,345,678,901,234,567,890,123,456,789,012,345.5"),
        ],
    )
    def test_readers_see(self, shorthand: str, expected: str) -> None:
        assert words(figure(shorthand)) == expected


class TestInterval:
    @pytest.mark.parametrize(
        ("shorthand", "low", "high"),
        [
            ("4", 4, 4),
            (">=3", 3, None),
            ("<=5", None, 5),
            ("3 .. 5", 3, 5),
            ("~1200", 1080, 1320),
            ("~100±2.5", Decimal("97.5"), Decimal("102.5")),
            ("~-10", -11, -9),
            ("~0", 0, 0),
        ],
    )
    def test_bounds(self, shorthand: str, low: int | None, high: int | None) -> None:
        assert figure(shorthand).interval() == Interval(low, high)

    @pytest.mark.parametrize(
        ("one", "other", "contains", "overlaps"),
        [
            ("3 .. 5", "3 .. 5", True, True),
            ("3 .. 5", "4", True, True),
            ("4", "3 .. 5", False, True),
            ("3 .. 5", "5 .. 6", False, True),
            ("3 .. 5", "6", False, False),
            (">=3", ">=4", True, True),
            (">=3", "<=5", False, True),
            ("<=5", "<=4", True, True),
            ("<=5", ">=6", False, False),
            ("4", ">=3", False, True),
        ],
    )
    def test_pairs(self, one: str, other: str, contains: bool, overlaps: bool) -> None:
        a, b = figure(one).interval(), figure(other).interval()
        assert (a.contains(b), a.overlaps(b), b.overlaps(a)) == (contains, overlaps, overlaps)
        assert a.equals(b) == (a.contains(b) and b.contains(a))


D = Decimal


class TestCheck:
    @pytest.mark.parametrize("shorthand", ["0", "-4", ">=3", "<=5", "3 .. 3", "3 .. 5", "~100", "~1±0", "~1±100"])
    def test_nothing_wrong(self, shorthand: str) -> None:
        assert figure(shorthand).check() == []

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            (Figure(Qualifier.EXACTLY), ["The low number is missing."]),
            (Figure(Qualifier.AT_LEAST), ["The low number is missing."]),
            (Figure(Qualifier.ABOUT), ["The low number is missing."]),
            (Figure(Qualifier.AT_MOST), ["The high number is missing."]),
            (Figure(Qualifier.BETWEEN), ["The low number is missing.", "The high number is missing."]),
            (Figure(Qualifier.BETWEEN, D(3)), ["The high number is missing."]),
            (Figure(Qualifier.BETWEEN, D(5), D(3)), ["The low number is above the high one."]),
            (Figure(Qualifier.EXACTLY, D(3), D(4)), ["This kind of figure takes no high number."]),
            (Figure(Qualifier.AT_LEAST, D(3), D(4)), ["This kind of figure takes no high number."]),
            (Figure(Qualifier.ABOUT, D(3), D(4)), ["This kind of figure takes no high number."]),
            (Figure(Qualifier.AT_MOST, D(3), D(4)), ["This kind of figure takes no low number."]),
            (Figure(Qualifier.EXACTLY, D(3), tolerance=D(5)), ["Only “about” takes a tolerance."]),
            (Figure(Qualifier.ABOUT, D(3), tolerance=D(-1)), ["A tolerance cannot be negative."]),
            (Figure(Qualifier.ABOUT, D(3), tolerance=D(101)), ["A tolerance cannot be above 100 per cent."]),
            (Figure(Qualifier.EXACTLY, D("NaN")), ["A figure needs finite numbers."]),
            (Figure(Qualifier.AT_MOST, None, D("Infinity")), ["A figure needs finite numbers."]),
            (Figure(Qualifier.ABOUT, D(3), tolerance=D("sNaN")), ["A figure needs finite numbers."]),
        ],
    )
    def test_wrong(self, wrong: Figure, expected: list[str]) -> None:
        assert wrong.check() == expected

    @pytest.mark.parametrize("qualifier", Qualifier)
    def test_an_empty_one_breaks_nothing(self, qualifier: Qualifier) -> None:
        empty = Figure(qualifier)
        assert empty.interval() == Interval(None, None)
        assert isinstance(words(empty), str)


class TestCurrent:
    @staticmethod
    def now(*statements: Statement, cumulative: bool = False) -> tuple[str, str, bool]:
        """The figure or wording, the sources it rests on, and whether it is disputed."""
        standing = current(statements, cumulative=cumulative, same_text=text.same)
        what = words(standing.figure) if standing.figure else standing.text
        return what, " ".join(statement.source for statement in standing.rests_on), standing.disputed

    @pytest.mark.parametrize(
        ("statements", "expected"),
        [
            ([], ("", "", False)),
            ([said("3", "AFP", standing="retracted"), said("4", "BBC", standing="superseded")], ("", "", False)),
            ([said(">=3", "AFP"), said("4", "BBC")], ("4", "BBC", False)),
            ([said("4", "AFP"), said("4", "BBC")], ("4", "AFP BBC", False)),
            ([said("4", "AFP"), said("5", "BBC", standing="retracted")], ("4", "AFP", False)),
            ([said("4", "AFP"), said("5", "BBC", standing="superseded")], ("4", "AFP", False)),
            ([said("84", "AFP"), said("86", "BBC")], ("86", "BBC", True)),
            ([said("84", "AFP", standing="superseded"), said("86", "BBC")], ("86", "BBC", False)),
            ([said("84", "AFP", standing="retracted"), said("86", "BBC")], ("86", "BBC", False)),
            # Agreement, or one side saying it again, settles nothing.
            ([said("84", "AFP"), said("86", "BBC"), said("86", "ITV")], ("86", "BBC ITV", True)),
            ([said("84", "AFP"), said("86", "BBC"), said("84", "AFP")], ("84", "AFP AFP", True)),
            ([said("84", "AFP"), said("86", "BBC"), said("<=90", "ITV")], ("at most 90", "ITV", False)),
            ([said("3", "AFP", true_as_of=NOON), said("4", "BBC", true_as_of=ONE)], ("4", "BBC", False)),
            ([said("84", "AFP"), said("86", "BBC", override="development")], ("86", "BBC", False)),
            ([said("84", "AFP", standing="disputed")], ("84", "AFP", True)),
            ([wrote("pistol", "AFP"), wrote("knife", "BBC")], ("knife", "BBC", False)),
            ([wrote("pistol", "AFP"), wrote("knife", "BBC", override="dispute")], ("knife", "BBC", True)),
            (
                [wrote("pistol", "AFP", standing="retracted"), wrote("knife", "BBC", override="dispute")],
                ("knife", "BBC", False),
            ),
        ],
    )
    def test_what_is_known_now(self, statements: list[Statement], expected: tuple[str, str, bool]) -> None:
        assert self.now(*statements) == expected

    def test_the_caller_finds_its_reports_again(self) -> None:
        standing = current([said("3", key=7), said("4", key=8)], cumulative=False)
        assert [statement.key for statement in standing.rests_on] == [8]


class TestKnowable:
    """Claims are made at two o'clock."""

    @staticmethod
    def then(*statements: Statement) -> str:
        standing = current(figures.knowable(statements, TWO), cumulative=False, same_text=text.same)
        what = words(standing.figure) if standing.figure else standing.text
        return f"{what} by {' '.join(one.source for one in standing.rests_on)}{' disputed' * standing.disputed}".strip()

    @pytest.mark.parametrize(
        ("statements", "expected"),
        [
            ([], "by"),
            ([said("3", "AFP", reported_at=TWO)], "3 by AFP"),
            ([said("3", "AFP", reported_at=THREE)], "by"),
            ([said("3", "AFP", reported_at=None)], "by"),
            ([said("3", "AFP", reported_at=None, accessed_at=NOON, true_as_of=NOON)], "by"),
            ([said(">=3", "AFP"), said("4", "BBC", reported_at=THREE)], "at least 3 by AFP"),
            ([said("4", "BBC", reported_at=ONE), said(">=3", "AFP", reported_at=NOON)], "4 by BBC"),
            ([said("84", "AFP"), said("86", "BBC", reported_at=ONE)], "86 by BBC disputed"),
            # Marks say what is known now.
            ([said("3", "AFP", standing="superseded"), said("4", "BBC", reported_at=THREE)], "3 by AFP"),
            ([said("3", "AFP", standing="retracted"), said("4", "AFP", reported_at=THREE)], "3 by AFP"),
            ([said("3", "AFP", standing="superseded"), said("4", "BBC", reported_at=ONE)], "4 by BBC"),
            ([said("4", "AFP"), said("9", "BBC", reported_at=ONE, standing="retracted")], "9 by BBC disputed"),
            # A source that had spoken again had replaced what it said before.
            (
                [
                    said("3", "AFP", standing="superseded"),
                    said("4", "AFP", reported_at=ONE, standing="superseded"),
                    said("5", "AFP", reported_at=THREE),
                ],
                "4 by AFP",
            ),
            (
                [
                    said("3", "AFP", standing="superseded"),
                    said("3", "BBC", reported_at=ONE, standing="superseded"),
                    said("5", "AFP", reported_at=THREE),
                ],
                "3 by AFP BBC",
            ),
        ],
    )
    def test_what_was_known_then(self, statements: list[Statement], expected: str) -> None:
        assert self.then(*statements) == expected

    def test_the_caller_finds_its_reports_again(self) -> None:
        known = figures.knowable([said("3", standing="retracted", key=7), said("4", reported_at=THREE, key=8)], TWO)
        assert [(one.key, one.standing) for one in known] == [(7, "current")]


MIRROR = {figures.Relation.INSIDE: figures.Relation.AROUND, figures.Relation.AROUND: figures.Relation.INSIDE}


@given(any_figure, any_figure)
def test_relations_mirror_each_other(one: Figure, other: Figure) -> None:
    there = figures.relation(Statement("AFP", one), Statement("BBC", other))
    back = figures.relation(Statement("BBC", other), Statement("AFP", one))
    assert back == MIRROR.get(there, there)


@given(any_figure, any_figure, any_figure)
def test_what_lies_inside_goes_on_lying_inside(one: Figure, other: Figure, third: Figure) -> None:
    a, b, c = (each.interval() for each in (one, other, third))
    if a.contains(b) and b.contains(c):
        assert a.contains(c)
    if a.below(b) and b.contains(c):
        assert a.below(c)


moments = st.sampled_from([None, NOON, ONE, TWO, THREE])
any_statement = st.builds(
    Statement,
    source=st.sampled_from(["AFP", "BBC", "ITV"]),
    figure=any_figure,
    reported_at=moments,
    true_as_of=moments,
    accessed_at=moments,
    standing=st.sampled_from(["current", "superseded", "disputed", "retracted"]),
)


@given(st.lists(any_statement, max_size=6), st.booleans())
def test_every_report_has_a_kind_and_one_standing_at_most(statements: list[Statement], cumulative: bool) -> None:
    ordered = in_reported_order(statements)
    found = kinds(ordered, cumulative=cumulative)
    assert [kind is Kind.FIRST for kind in found] == [place == 0 for place in range(len(ordered))]
    undated = [kind for kind, one in zip(found, ordered, strict=True) if one.reported_at is None]
    assert Kind.DEVELOPMENT not in undated
    standing = current(ordered, cumulative=cumulative)
    in_play = [one for one in ordered if one.standing in figures.IN_PLAY]
    assert bool(standing.rests_on) == bool(in_play)
    assert all(one.figure.interval() == standing.figure.interval() for one in standing.rests_on)


@given(st.lists(any_statement, min_size=2, max_size=5), st.data())
def test_reports_of_one_moment_that_say_the_same_may_come_in_any_order(given_: list[Statement], data) -> None:
    same = [Statement(one.source, given_[0].figure, reported_at=NOON) for one in given_]
    found = [kinds(order, cumulative=False) for order in (same, data.draw(st.permutations(same)))]
    assert sorted(found[0]) == sorted(found[1])


@given(st.lists(any_statement, max_size=6), st.sampled_from([NOON, ONE, TWO, THREE]))
def test_nothing_undated_or_later_was_knowable(statements: list[Statement], by: datetime) -> None:
    known = figures.knowable(statements, by)
    dated = [one for one in statements if one.reported_at is not None and one.reported_at <= by]
    assert len(known) == len(dated)
    assert not dated or current(known, cumulative=False).rests_on


def test_every_qualifier_has_its_bounds() -> None:
    assert set(figures.BOUNDS) == set(Qualifier)


class TestKept:
    """What the database gives back is what was said, to the last digit; what it would round is refused."""

    pytestmark = pytest.mark.django_db

    @pytest.fixture
    def claim(self):
        make_people()
        return make_claim(sources=0)

    @pytest.mark.parametrize(
        "number",
        [
            "0",
            "-4",
            "0.1",
            "0.000001",
            "123456789.123456",
            "-99999999.999999",
            "123456789012345",
            "999999999999999000",
            "100000000000000000",
        ],
    )
    def test_exactly(self, claim, number: str) -> None:
        report = make_report(claim, make_source("one"), low=number)
        report.refresh_from_db()
        assert report.low == report.history.get().low == Decimal(number)
        (content,) = dossier.build(claim)["reports"]
        assert Decimal(content["figure"]["low"]) == Decimal(number)

    @pytest.mark.parametrize(
        ("number", "why"),
        [
            ("1234567890123456", "Use at most 15 digits, noughts at the end aside."),
            ("999999999999999999", "Use at most 15 digits"),
            ("1234567890.123456", "Use at most 15 digits"),
            ("1000000000000000000", "no more than 18 digits before the decimal point"),
            ("0.0000001", "no more than 6 decimal places"),
            ("1e30", "no more than 24 digits"),
            ("NaN", "must be a decimal number"),
            ("Infinity", "must be a decimal number"),
        ],
    )
    def test_or_not_at_all(self, claim, number: str, why: str) -> None:
        with pytest.raises(ValidationError, match=why):
            make_report(claim, make_source("one"), low=number)
        assert not Report.objects.exists()
