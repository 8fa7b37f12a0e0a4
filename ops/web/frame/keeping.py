"""What is the same for everybody and takes long to count, kept for a few minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

Made = TypeVar("Made")
KEPT_SECONDS = 300


def kept(name: str, make: Callable[[], Made]) -> Made:
    """Return what was made under a name lately, or make it now; without a cache it is made every time.

    Only for what does not depend on who asks.
    """
    try:
        found: Made | None = cache.get_or_set(f"kept:{name}", make, KEPT_SECONDS)
    except (RedisError, OSError):
        found = None
    return make() if found is None else found
