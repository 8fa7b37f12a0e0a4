"""How many requests a minute one person, or one address without an account, may make."""

from __future__ import annotations

import logging
import time
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60
# So long a lost cache is not asked again: every question would cost the request a time-out.
PAUSE_SECONDS = 10

logger = logging.getLogger(__name__)


class PerMinute(BaseThrottle):
    """Counts requests in the cache, in windows of a minute; without the cache nobody is counted or held up."""

    _asks_again_at: ClassVar[float] = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this request is within the limit; a limit of 0 is none."""
        person = request.user
        if person.is_authenticated:
            who, limit = f"person:{person.pk}", settings.API_REQUESTS_PER_MINUTE
        else:
            who, limit = f"address:{self.get_ident(request)}", settings.API_ANONYMOUS_REQUESTS_PER_MINUTE
        return limit == 0 or self._count(who) <= limit

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS

    @classmethod
    def _count(cls, who: str) -> int:
        if time.monotonic() < cls._asks_again_at:
            return 0
        key = f"api:{who}:{int(time.time() // WINDOW_SECONDS)}"
        try:
            if cache.add(key, 1, timeout=2 * WINDOW_SECONDS):
                return 1
            return cache.incr(key)
        except ValueError:  # the window ended between the two
            return 1
        except (RedisError, OSError) as problem:
            cls._asks_again_at = time.monotonic() + PAUSE_SECONDS
            logger.warning("Requests are not counted for %s s: %s", PAUSE_SECONDS, problem)
            return 0
