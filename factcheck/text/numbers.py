"""English and French numbers in words."""

import re

# By re.split, for a list of these takes one line each.
ENGLISH = dict(
    zip(
        re.split(
            " ",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety",
        ),
        [*range(20), *range(20, 100, 10)],
        strict=True,
    )
)
FRENCH = dict(
    zip(
        re.split(
            " ",
            "zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
            "vingt vingts trente quarante cinquante soixante septante huitante octante nonante",
        ),
        [0, 1, *range(1, 17), 20, *range(20, 61, 10), 70, 80, 80, 90],
        strict=True,
    )
)
HUNDREDS = {"hundred", "cent", "cents"}
THOUSANDS = {"thousand", "mille"}
BETWEEN = r"(?:-|\s+)"


def _one_of(language: dict[str, int], values: range) -> str:
    return "(?:" + "|".join(word for word, value in language.items() if value in values) + ")"


def _opening(language: dict[str, int], *others: str) -> str:
    """Where a number may begin: most words are none, and this tells at once."""
    return rf"\b(?={'|'.join([*language, *others])})"


def _english() -> str:
    digit, small, tens = (_one_of(ENGLISH, values) for values in (range(1, 10), range(20), range(20, 100)))
    below_100 = f"(?:{tens}(?:{BETWEEN}{digit})?|{small})"
    hundred, thousand = f"{BETWEEN}hundred", f"{BETWEEN}thousand"
    rest = rf"{BETWEEN}(?:and\s+)?"
    below_1000 = f"(?:(?:{small}|a){hundred}(?:{rest}{below_100})?|{below_100})"
    number = f"(?:(?:{below_1000}|a){thousand}(?:{rest}{below_1000})?|{below_1000})"
    # "six" is French as well, and "six mille" no six.
    return rf"{_opening(ENGLISH, 'a')}{number}\b(?!{BETWEEN}(?:hundred|thousand|mille)\b)"


def _french() -> str:
    digit, teens, tens = (_one_of(FRENCH, values) for values in (range(1, 10), range(10, 17), range(20, 100)))
    small = f"(?:dix{BETWEEN}(?:sept|huit|neuf)|{teens}|{digit})"
    and_one = f"{BETWEEN}et{BETWEEN}(?:une?|onze)"
    below_100 = f"(?:quatre{BETWEEN}vingts?(?:{BETWEEN}{small})?|{tens}(?:{and_one}|{BETWEEN}{small})?|{small}|zéro)"
    below_1000 = f"(?:(?:{digit}{BETWEEN})?cents?(?:{BETWEEN}{below_100})?|{below_100})"
    number = f"(?:(?:{below_1000}{BETWEEN})?mille(?:{BETWEEN}{below_1000})?|{below_1000})"
    return rf"{_opening(FRENCH, 'dix', 'cent', 'mille')}{number}\b"


# Of numbers in lower case.
NUMBERS = [_english(), _french()]
SEEN = [re.compile(number) for number in NUMBERS]


def value(number: str) -> int:
    total = part = 0
    for word in re.split(BETWEEN, number):
        if word in THOUSANDS:
            total, part = (part or 1) * 1000, 0
        elif word in HUNDREDS:
            part = (part or 1) * 100
        elif word in {"vingt", "vingts"} and part % 100 == 4:
            part += 76
        else:
            part += (ENGLISH | FRENCH).get(word, 0)
    return total + part


def number_words(s: str) -> str:
    """English and French numbers below a million as digits, in a text that `normalise` has casefolded.

    For comparing, not for reading: the French "un" and "neuf" become digits where they are "a" and "new" as well.
    """
    for number in SEEN:
        s = number.sub(lambda found: str(value(found[0])), s)
    return s
