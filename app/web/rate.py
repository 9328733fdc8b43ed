"""How many calls a minute: one user's, whatever tokens it holds, and one network address's without a token.

Counted in Redis, so that all web processes count together. While Redis is away each process counts for
itself; nobody is refused for that.
"""

from __future__ import annotations

import math
import threading
import time

import structlog
from redis import Redis, RedisError

from app.kernel.errors import TooMany
from app.words import counted, say

#: Redis is asked again so many seconds after it did not answer.
PAUSE_SECONDS = 5.0
#: More callers than these are not remembered while Redis is away.
MOST_CALLERS = 10_000

#: The moment at which a caller has its whole allowance again moves on by one interval a call (GCRA). It may
#: lie a minute ahead at most: so many calls at once, then one each interval. Returns microseconds to wait.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tonumber(ARGV[1])
local wait = full - now - tonumber(ARGV[2])
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return 0
"""
MINUTE = 60_000_000

log = structlog.get_logger(__name__)


class Rates:
    """Allowances by the minute. A limit of 0 is none."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._away_until = 0.0
        self._own: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, kind: str, who: str, limit: int) -> None:
        """Count one call of `who`. Raises TooMany with the seconds to wait."""
        if limit <= 0:
            return
        interval = MINUTE / limit
        wait = self._wait(f"tandem:rate:{kind}:{who}", interval)
        if wait > 0:
            seconds = math.ceil(wait / 1_000_000)
            raise TooMany(
                say("You sent more than {limit} calls within a minute.", limit=limit),
                remedy=counted(
                    "Wait 1 second, then go on more slowly.",
                    "Wait {count} seconds, then go on more slowly.",
                    count=seconds,
                ),
                facts={"retry_after": seconds},
            )

    def _wait(self, key: str, interval: float) -> float:
        if time.monotonic() >= self._away_until:
            try:
                return float(self._take(keys=[key], args=[interval, MINUTE]))
            except RedisError as error:
                self._away_until = time.monotonic() + PAUSE_SECONDS
                log.warning("Redis does not count calls, so each process does", error=type(error).__name__)
        with self._lock:
            return self._wait_here(key, interval)

    def _wait_here(self, key: str, interval: float) -> float:
        now = time.monotonic() * 1_000_000
        if len(self._own) >= MOST_CALLERS:
            self._own.clear()
        full = max(self._own.get(key, 0.0), now) + interval
        if full - now > MINUTE:
            return full - now - MINUTE
        self._own[key] = full
        return 0.0
