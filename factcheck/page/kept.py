"""What pages say again and again, worked out once."""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import get_language

Answer = TypeVar("Answer")


def kept(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """Its answers, which are in words, for each language and time zone. Nobody may change one."""

    @lru_cache(maxsize=4096)
    def answer(_language: str, _zone: str, *given: Hashable) -> Answer:
        return function(*given)

    @wraps(function)
    def asked(*given: Hashable) -> Answer:
        return answer(get_language(), timezone.get_current_timezone_name(), *given)

    asked.cache_clear = answer.cache_clear
    return asked
