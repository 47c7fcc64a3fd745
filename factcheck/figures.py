"""How figures differ: a figure as an interval, and the kind of change from what was said before to a new statement.

*What was said before* is the newest earlier statement that is not retracted, and the newest of all where every one is.
Only in three places does another count: a source that says again what it said last repeats itself, a source that speaks
differently after taking its word back corrects itself, and so does anybody who differs from a retracted last word and
from what was said before it. Figures that merely overlap can both be true: with no retraction, no fall and no later
moment that is no dispute, and the editor names the kind, as for wordings, unlike units, and a figure against a wording.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal
from enum import Enum, StrEnum, auto
from operator import eq

from django.utils.translation import gettext as _

# The default context rounds to 28 digits, and a rounded bound can turn "inside" into "overlaps".
WIDE = Context(prec=200)
USUAL_TOLERANCE = Decimal(10)
RETRACTED = "retracted"
# A report marked as disputed still says what it says; only superseded and retracted ones have left the field.
IN_PLAY = {"current", "disputed"}

SameText = Callable[[str, str], bool]


class Qualifier(StrEnum):
    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOUT = "about"
    BETWEEN = "between"


BOUNDS = {
    Qualifier.EXACTLY: {"low"},
    Qualifier.AT_LEAST: {"low"},
    Qualifier.AT_MOST: {"high"},
    Qualifier.ABOUT: {"low"},
    Qualifier.BETWEEN: {"low", "high"},
}


class Kind(StrEnum):
    FIRST = "first"
    REPETITION = "repetition"
    CONFIRMATION = "confirmation"
    REFINEMENT = "refinement"
    WIDENING = "widening"
    CORRECTION = "correction"
    DEVELOPMENT = "development"
    DISPUTE = "dispute"
    CHANGED = "changed"


@dataclass(frozen=True)
class Interval:
    """From low to high, both included. None is no bound."""

    low: Decimal | None
    high: Decimal | None

    def equals(self, other: "Interval") -> bool:
        return self == other

    def contains(self, other: "Interval") -> bool:
        """Every value of the other is one of ours; equal intervals contain each other."""
        from_low = self.low is None or (other.low is not None and self.low <= other.low)
        to_high = self.high is None or (other.high is not None and other.high <= self.high)
        return from_low and to_high

    def below(self, other: "Interval") -> bool:
        """Every value of ours is less than any of the other's."""
        return self.high is not None and other.low is not None and self.high < other.low

    def overlaps(self, other: "Interval") -> bool:
        return not self.below(other) and not other.below(self)


@dataclass(frozen=True)
class Figure:
    qualifier: Qualifier
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    tolerance: Decimal | None = None
    """In per cent, for "about" alone."""

    @property
    def margin(self) -> Decimal:
        return USUAL_TOLERANCE if self.tolerance is None else self.tolerance

    def interval(self) -> Interval:
        """What the figure allows. "At most" has no lower bound: a count ends at zero, a temperature does not, and we
        cannot tell them apart."""
        match self.qualifier:
            case Qualifier.AT_LEAST:
                return Interval(self.low, None)
            case Qualifier.AT_MOST:
                return Interval(None, self.high)
            case Qualifier.BETWEEN:
                return Interval(self.low, self.high)
            case Qualifier.ABOUT if self.low is not None:
                spread = WIDE.multiply(abs(self.low), self.margin).scaleb(-2, WIDE)
                return Interval(WIDE.subtract(self.low, spread), WIDE.add(self.low, spread))
        return Interval(self.low, self.low)

    def check(self) -> list[str]:
        """What is wrong with it, in sentences; every other function takes it that nothing is."""
        if not all(number.is_finite() for number in (self.low, self.high, self.tolerance) if number is not None):
            return [_("A figure needs finite numbers.")]
        needed = BOUNDS[self.qualifier]
        wrong = {
            _("The low number is missing."): "low" in needed and self.low is None,
            _("The high number is missing."): "high" in needed and self.high is None,
            _("This kind of figure takes no low number."): "low" not in needed and self.low is not None,
            _("This kind of figure takes no high number."): "high" not in needed and self.high is not None,
            _("The low number is above the high one."): self.low is not None
            and self.high is not None
            and self.low > self.high,
            _("Only “about” takes a tolerance."): self.tolerance is not None and self.qualifier != Qualifier.ABOUT,
            _("A tolerance cannot be negative."): self.margin < 0,
            _("A tolerance cannot be above 100 per cent."): self.margin > 100,
        }
        return [sentence for sentence, is_so in wrong.items() if is_so]


def words(figure: Figure) -> str:
    """The figure as readers see it: "at least 3 people", "about 1,200 (± 10 %)"."""
    low, high, unit = digits(figure.low), digits(figure.high), figure.unit.strip()
    match figure.qualifier:
        case Qualifier.AT_LEAST:
            text = _("at least %(low)s") % {"low": low}
        case Qualifier.AT_MOST:
            text = _("at most %(high)s") % {"high": high}
        case Qualifier.BETWEEN:
            text = _("between %(low)s and %(high)s") % {"low": low, "high": high}
        case Qualifier.ABOUT:
            number = f"{low} {unit}".strip()
            return _("about %(number)s (± %(margin)s %%)") % {"number": number, "margin": digits(figure.margin)}
        case _exactly:
            text = low
    return f"{text} {unit}".strip()


def digits(number: Decimal | None) -> str:
    """Grouped, never rounded, without exponent or trailing zeros."""
    if number is None:
        return ""
    text = f"{number:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Statement:
    """One report, as far as kinds of change depend on it. A figure goes before a text."""

    source: str
    figure: Figure | None = None
    text: str = ""
    reported_at: datetime | None = None
    true_as_of: datetime | None = None
    accessed_at: datetime | None = None
    standing: str = "current"
    override: str = ""
    key: Hashable = None
    """The caller's own, to find the report again."""


def in_reported_order(statements: Sequence[Statement]) -> list[Statement]:
    """The dated by reported_at, then the undated by accessed_at; equals stay as they come."""

    def place(statement: Statement) -> tuple[bool, bool, datetime | None]:
        moment = statement.reported_at or statement.accessed_at
        return statement.reported_at is None, moment is None, moment

    return sorted(statements, key=place)


class Relation(Enum):
    """How a new statement stands to an earlier one."""

    EQUAL = auto()
    INSIDE = auto()
    AROUND = auto()
    OVERLAPS = auto()
    APART = auto()
    UNLIKE = auto()
    """Wordings that differ, units that differ, a figure and a wording: not to be measured against each other."""


AT_ODDS = {Relation.OVERLAPS, Relation.APART}


def relation(old: Statement, new: Statement, same_text: SameText = eq) -> Relation:
    if old.figure is None and new.figure is None:
        return Relation.EQUAL if same_text(old.text, new.text) else Relation.UNLIKE
    if old.figure is None or new.figure is None or not _same_unit(old.figure, new.figure):
        return Relation.UNLIKE
    before, now = old.figure.interval(), new.figure.interval()
    if now.equals(before):
        return Relation.EQUAL
    if before.contains(now):
        return Relation.INSIDE
    if now.contains(before):
        return Relation.AROUND
    return Relation.OVERLAPS if now.overlaps(before) else Relation.APART


def kinds(statements: Sequence[Statement], *, cumulative: bool, same_text: SameText = eq) -> list[Kind]:
    """The kind of each, in the order given. `same_text` says whether two wordings say the same."""
    return [_kind(new, statements[:place], cumulative, same_text) for place, new in enumerate(statements)]


def _kind(new: Statement, earlier: Sequence[Statement], cumulative: bool, same_text: SameText) -> Kind:
    """The first rule that fits."""
    if new.override:
        return Kind(new.override)
    if not earlier:
        return Kind.FIRST
    if kind := _beside_its_own(new, earlier, same_text):
        return kind
    old = said_before(earlier)
    match relation(old, new, same_text):
        case Relation.EQUAL:
            return Kind.REPETITION if old.source == new.source else Kind.CONFIRMATION
        case Relation.INSIDE:
            return Kind.REFINEMENT
        case Relation.AROUND:
            return Kind.WIDENING
    if _takes_back(earlier[-1], new, same_text) or (cumulative and _falls(old, new)):
        return Kind.CORRECTION
    if relation(old, new, same_text) in AT_ODDS and new.reported_at and _speaks_later(new, old):
        return Kind.DEVELOPMENT
    if {old.standing, new.standing} <= IN_PLAY and _exclude_each_other(old, new, cumulative):
        return Kind.DISPUTE
    return Kind.CHANGED


def said_before(earlier: Sequence[Statement]) -> Statement:
    return next((statement for statement in reversed(earlier) if statement.standing != RETRACTED), earlier[-1])


def _beside_its_own(new: Statement, earlier: Sequence[Statement], same_text: SameText) -> Kind | None:
    own = next((statement for statement in reversed(earlier) if statement.source == new.source), None)
    if own is None:
        return None
    if own.standing != RETRACTED and relation(own, new, same_text) is Relation.EQUAL:
        return Kind.REPETITION
    return Kind.CORRECTION if _takes_back(own, new, same_text) else None


def _takes_back(old: Statement, new: Statement, same_text: SameText) -> bool:
    return old.standing == RETRACTED and relation(old, new, same_text) in AT_ODDS


def _speaks_later(new: Statement, old: Statement) -> bool:
    """Of a later moment. A statement that names none speaks, at the latest, of the moment when it was made."""
    of = old.true_as_of or old.reported_at
    return new.true_as_of is not None and of is not None and new.true_as_of > of


def _falls(old: Statement, new: Statement) -> bool:
    """A late report of an earlier moment is lower and no fall."""
    return _is_below(new, old) and not _speaks_later(old, new)


def _is_below(one: Statement, other: Statement) -> bool:
    if one.figure is None or other.figure is None or not _same_unit(one.figure, other.figure):
        return False
    return one.figure.interval().below(other.figure.interval())


def _exclude_each_other(old: Statement, new: Statement, cumulative: bool) -> bool:
    """Cannot both be true. Of two moments they can, unless the figure would have to fall in between."""
    if not cumulative and (_speaks_later(new, old) or _speaks_later(old, new)):
        return False
    if _speaks_later(new, old):
        return _is_below(new, old)
    if _speaks_later(old, new):
        return _is_below(old, new)
    return _is_below(new, old) or _is_below(old, new)


def _same_unit(one: Figure, other: Figure) -> bool:
    return one.unit.casefold().split() == other.unit.casefold().split()


@dataclass(frozen=True)
class Standing:
    """What is known now; empty where every statement is superseded or retracted."""

    figure: Figure | None
    text: str
    rests_on: tuple[Statement, ...]
    against: tuple[Statement, ...]
    """In play too, and what it cannot be true beside."""
    disputed: bool


def current(statements: Sequence[Statement], *, cumulative: bool, same_text: SameText = eq) -> Standing:
    """What the newest statement in play says, with all in play that say the same.

    It is disputed when an editor marked it so, or when one in play that it cannot be true beside is the other side of a
    dispute, whoever spoke last.
    """
    everyone = zip(statements, kinds(statements, cumulative=cumulative, same_text=same_text), strict=True)
    in_play = [(statement, kind) for statement, kind in everyone if statement.standing in IN_PLAY]
    if not in_play:
        return Standing(None, "", (), (), disputed=False)
    newest = in_play[-1][0]
    agreeing, against = [], []
    for statement, kind in in_play:
        how = relation(statement, newest, same_text)
        if how is Relation.EQUAL:
            agreeing.append((statement, kind))
        elif how is Relation.UNLIKE or _exclude_each_other(statement, newest, cumulative):
            against.append((statement, kind))
    in_dispute = bool(against) and any(kind is Kind.DISPUTE for _statement, kind in agreeing + against)
    rests_on, others = (tuple(statement for statement, _kind in side) for side in (agreeing, against))
    is_disputed = in_dispute or newest.standing == "disputed"
    return Standing(newest.figure, newest.text, rests_on, others, disputed=is_disputed)


def knowable(statements: Sequence[Statement], by: datetime) -> list[Statement]:
    """What had been reported by a moment, in reported order and as it stood then; the undated never.

    Marks say what is known now. What has left the field since was still in it, where nothing that stands today had
    been reported after it, and its own source had said nothing new.
    """
    said = [one for one in in_reported_order(statements) if one.reported_at is not None and one.reported_at <= by]
    known: list[Statement] = []
    spoken_since: set[str] = set()
    is_open = True
    for statement in reversed(said):
        is_open = is_open and statement.standing not in IN_PLAY
        stood = is_open and statement.source not in spoken_since
        known.append(replace(statement, standing="current") if stood else statement)
        spoken_since.add(statement.source)
    return known[::-1]
