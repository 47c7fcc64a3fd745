"""What pages say again and again, worked out once."""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import get_language

Answer = TypeVar("Answer")
Function = Callable[..., Answer]


def kept(most: int) -> Callable[[Function[Answer]], Function[Answer]]:
    """So many of its answers, which are in words, of each language and time zone. Nobody may change one."""

    def keeping(function: Function[Answer]) -> Function[Answer]:
        @lru_cache(maxsize=most)
        def answer(_language: str, _zone: str, *given: Hashable) -> Answer:
            return function(*given)

        @wraps(function)
        def asked(*given: Hashable) -> Answer:
            return answer(get_language(), timezone.get_current_timezone_name(), *given)

        asked.cache_clear = answer.cache_clear
        return asked

    return keeping
