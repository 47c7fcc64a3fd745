"""Who rests on whom: nine articles that cite one statement are one origin, however long the way between.

Knows no source: it is given keys, and for each what it rests on.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Bases = Mapping[Key, Collection[Key]]


def origins(cited: Iterable[Key], bases: Bases[Key]) -> list[set[Key]]:
    """Where it all begins: what rests on nothing, and circles that rest on nothing but themselves, each as one.

    Takes time in proportion to what can be reached, however it is entwined.
    """
    return [
        group for group in _circles(cited, bases) if all(base in group for key in group for base in bases.get(key, ()))
    ]


def independent(found: Iterable[Collection[Key]], publishers: Mapping[Key, str]) -> int:
    """How many of these origins are of different publishers; a circle of several counts for all of them once."""
    apart: list[set[str]] = []
    for group in found:
        names = {publishers[key] for key in group}
        joined = [each for each in apart if each & names]
        apart = [each for each in apart if not each & names] + [names.union(*joined)]
    return len(apart)


def _circles(start: Iterable[Key], bases: Bases[Key]) -> Iterator[set[Key]]:
    """All that can be reached, in groups that rest on each other; most are one alone. Tarjan's algorithm, without
    recursion: a chain can be longer than Python's stack."""
    order: dict[Key, int] = {}
    lowest: dict[Key, int] = {}
    waiting: dict[Key, None] = {}  # in the order in which they came

    def enter(key: Key) -> tuple[Key, Iterator[Key]]:
        order[key] = lowest[key] = len(order)
        waiting[key] = None
        return key, iter(bases.get(key, ()))

    for first in start:
        path = [enter(first)] if first not in order else []
        while path:
            key, unread = path[-1]
            for base in unread:
                if base not in order:
                    path.append(enter(base))
                    break
                if base in waiting:
                    lowest[key] = min(lowest[key], order[base])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[key])
                if lowest[key] == order[key]:
                    group: set[Key] = set()
                    while key not in group:
                        group.add(waiting.popitem()[0])
                    yield group
