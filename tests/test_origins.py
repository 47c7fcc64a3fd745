"""Reports counted by where they come from: chains, circles, diamonds, and publishers who say it twice."""

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck import origins


def found(cited: str, bases: str) -> list[str]:
    """ "a b" cites a and b; "a>b a>c" rests a on b and on c. Each origin as its letters."""
    rests: dict[str, list[str]] = {}
    for pair in bases.split():
        rests.setdefault(pair[0], []).append(pair[2])
    return sorted("".join(sorted(group)) for group in origins.origins(cited.split(), rests))


@pytest.mark.parametrize(
    ("cited", "bases", "expected"),
    [
        ("", "a>b", ""),
        ("a", "", "a"),
        ("a b", "", "a b"),
        ("a a", "", "a"),
        ("a b c", "a>c b>c", "c"),
        ("a", "a>b b>c c>d", "d"),
        ("a b c d", "a>b b>c c>d", "d"),
        # Two ways to one origin, and one source with two.
        ("a", "a>b a>c b>d c>d", "d"),
        ("a", "a>b a>c", "b c"),
        ("a b", "a>b a>c", "b c"),
        # Circles: each cites the other, so none of them is another's proof.
        ("a", "a>a", "a"),
        ("a", "a>b b>a", "ab"),
        ("a b", "a>b b>a", "ab"),
        ("a b c", "a>b b>c c>a", "abc"),
        # A circle that somebody outside informs is no origin.
        ("a b", "a>b b>a b>c", "c"),
        ("a b d", "a>b b>a d>a", "ab"),
        ("a c", "a>b b>a c>d d>c", "ab cd"),
        ("a", "a>b b>a a>c c>d d>c", "cd"),
        # What nobody cites is no origin of ours.
        ("a", "b>c", "a"),
    ],
)
def test_origins(cited: str, bases: str, expected: str) -> None:
    assert found(cited, bases) == expected.split()


@pytest.mark.parametrize(
    ("groups", "publishers", "expected"),
    [
        ([], "", 0),
        (["a"], "a=AFP", 1),
        (["a", "b"], "a=AFP b=BBC", 2),
        (["a", "b"], "a=AFP b=AFP", 1),
        (["ab"], "a=AFP b=BBC", 1),
        # A circle of two joins what else they publish.
        (["a", "c", "bd"], "a=AFP c=BBC b=AFP d=BBC", 1),
        (["a", "c", "bd", "e"], "a=AFP c=BBC b=AFP d=BBC e=ITV", 2),
        (["ab", "bc", "cd"], "a=AFP b=BBC c=ITV d=DPA", 1),
        (["ab", "bc", "ad"], "a=AFP b=BBC c=ITV d=DPA", 1),
    ],
)
def test_publishers(groups: list[str], publishers: str, expected: int) -> None:
    named = dict(pair.split("=") for pair in publishers.split())
    assert origins.independent(groups, named) == expected


def test_a_chain_longer_than_the_stack_and_ways_beyond_counting() -> None:
    chain = {number: [number + 1] for number in range(20_000)}
    lattice = {(row, side): [(row + 1, other) for other in (0, 1)] for row, side in product(range(2_000), (0, 1))}
    begun = time.perf_counter()
    assert origins.origins([0], chain) == [{20_000}]
    assert len(origins.origins([(0, 0)], lattice)) == 2
    assert time.perf_counter() - begun < 2


nodes = st.integers(0, 6)


@given(st.dictionaries(nodes, st.lists(nodes, max_size=3)), st.lists(nodes, max_size=4))
def test_as_defined(bases: dict[int, list[int]], cited: list[int]) -> None:
    """An origin is a group in which each reaches every other, and none reaches anything else."""

    def reach(key: int) -> frozenset[int]:
        seen, unread = {key}, [key]
        while unread:
            fresh = set(bases.get(unread.pop(), [])) - seen
            seen |= fresh
            unread += fresh
        return frozenset(seen)

    reachable = frozenset().union(*(reach(key) for key in cited))
    expected = {reach(key) for key in reachable if all(reach(other) == reach(key) for other in reach(key))}
    assert {frozenset(group) for group in origins.origins(cited, bases)} == expected
