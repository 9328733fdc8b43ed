"""How many calls Tandem may make. The org belongs to everybody in it: Tandem stops before it hurts.

Two limits hold at once. The ceiling is Tandem's own share of the org's calls in any 24 hours. The reserve
is what Tandem leaves untouched of the org's calls, whoever used the others. Both rest on the
`Sforce-Limit-Info` header that comes with every answer, so they adapt when the org's limit changes.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from app.kernel.errors import Misconfigured
from app.salesforce.errors import QuotaExceeded

_HOUR = 3600
_ORG_USAGE = re.compile(r"(?<!per-app-)api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls in the last 24 hours: ours by kind, and the org's as it last told us."""

    by_kind: dict[str, int]
    org_used: int | None
    org_limit: int | None
    ceiling: int | None
    reserve: int | None

    @property
    def ours(self) -> int:
        """All calls that Tandem made in the last 24 hours."""
        return sum(self.by_kind.values())


class Budget:
    """Counts calls and refuses the one that would go too far.

    share: Tandem's part of the org's daily limit (0.10 = 10 %). reserve: the part that stays free for
    others. path: a file that all processes on this machine count in; None counts in memory.
    recheck: seconds after which one call may find out whether the org has calls again.
    """

    def __init__(
        self,
        *,
        share: float = 0.10,
        reserve: float = 0.10,
        path: Path | None = None,
        recheck: float = 600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not (0 < share <= 1 and 0 <= reserve < 1):
            raise Misconfigured(
                f"a share of {share} with a reserve of {reserve} leaves no calls.",
                where="Salesforce API budget",
                remedy="Set the share between 0 and 1, and the reserve below 1.",
                code="budget",
            )
        self._share = share
        self._reserve = reserve
        self._path = path
        self._recheck = recheck
        self._clock = clock
        self._mutex = threading.RLock()
        self._memory: dict[str, Any] = {}

    def spend(self, kind: str) -> None:
        """Count one call of `kind` (query, write, describe, bulk, login …), or raise QuotaExceeded."""
        now = self._clock()
        with self._state() as state:
            hours = self._hours(state, now)
            used, limit, seen = state.get("used"), state.get("limit"), float(state.get("seen") or 0)
            refused = state.get("refused")
            if refused is not None:
                if 0 <= now - refused < self._recheck:
                    raise self._used_up(refused)
                state["refused"] = now  # this one call goes through to look again
            ours = sum(sum(kinds.values()) for kinds in hours.values())
            if limit is not None:
                ceiling = int(limit * self._share)
                if ours >= ceiling:
                    raise self._over_ceiling(ours, ceiling, limit, hours)
                left, keep = limit - used, int(limit * self._reserve)
                if left <= keep and 0 <= now - seen < self._recheck:
                    raise self._over_reserve(left, keep, limit, seen)
                if left <= keep:
                    state["seen"] = now  # this one call goes through to look again; the others wait on
            bucket = hours.setdefault(str(int(now // _HOUR)), {})
            bucket[kind] = bucket.get(kind, 0) + 1

    def observe(self, limit_info: str | None) -> None:
        """Take over what an answer's Sforce-Limit-Info header says about the whole org."""
        match = _ORG_USAGE.search(limit_info or "")
        if match is None:
            return
        with self._state() as state:
            state["used"], state["limit"] = int(match[1]), int(match[2])
            if state["used"] < state["limit"]:
                state.pop("refused", None)
            state["seen"] = self._clock()

    def exhausted(self) -> QuotaExceeded:
        """The org refused a call for its limit: remember it, and return the error to raise."""
        now = self._clock()
        with self._state() as state:
            state["refused"] = now
        return self._used_up(now)

    def _used_up(self, refused: float) -> QuotaExceeded:
        retry = refused + self._recheck
        return QuotaExceeded(
            "the org has used up its API calls for the last 24 hours.",
            where="Salesforce API",
            remedy=f"Tandem tries again after {_clock_time(retry)}; nothing was lost. "
            "Setup → Company Information shows the org's usage.",
            retry_at=datetime.fromtimestamp(retry, UTC),
            salesforce_code="REQUEST_LIMIT_EXCEEDED",
            http_status=403,
            refused=True,
        )

    def usage(self) -> Usage:
        """What has been used in the last 24 hours, for a status page."""
        with self._state() as state:
            total: Counter[str] = Counter()
            for kinds in self._hours(state, self._clock()).values():
                total.update(kinds)
            limit = state.get("limit")
            return Usage(
                dict(total),
                state.get("used"),
                limit,
                None if limit is None else int(limit * self._share),
                None if limit is None else int(limit * self._reserve),
            )

    def _over_ceiling(
        self, ours: int, ceiling: int, limit: int, hours: dict[str, dict[str, int]]
    ) -> QuotaExceeded:
        retry = (min(int(hour) for hour in hours) + 24) * _HOUR if hours else self._clock() + _HOUR
        return QuotaExceeded(
            f"Tandem has made {ours} calls in 24 hours and may make {ceiling} "
            f"({self._share:.0%} of the org's {limit}).",
            where="Salesforce API budget",
            remedy=f"It goes on at {_clock_time(retry)}; nothing was lost. Raise SALESFORCE_API_SHARE if the "
            "org can spare more.",
            retry_at=datetime.fromtimestamp(retry, UTC),
            refused=True,
        )

    def _over_reserve(self, left: int, keep: int, limit: int, seen: float) -> QuotaExceeded:
        retry = seen + self._recheck
        return QuotaExceeded(
            f"the org has {left} of its {limit} calls left, and Tandem leaves the last {keep} to others.",
            where="Salesforce API budget",
            remedy=f"Tandem looks again at {_clock_time(retry)}; nothing was lost. Setup → Company "
            "Information shows who uses the calls.",
            retry_at=datetime.fromtimestamp(retry, UTC),
            refused=True,
        )

    @staticmethod
    def _hours(state: dict[str, Any], now: float) -> dict[str, dict[str, int]]:
        this = int(now // _HOUR)
        # An hour that has not come yet was counted by a clock that has gone back since.
        kept = {
            hour: kinds
            for hour, kinds in state.get("hours", {}).items()
            if this - 23 <= int(hour) <= this + 1
        }
        state["hours"] = kept
        return kept

    @contextmanager
    def _state(self) -> Iterator[dict[str, Any]]:
        """The shared counters, locked; written back unless the block raises."""
        with self._mutex:
            if self._path is None:
                yield self._memory
                return
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise Misconfigured(
                    f"the call counter cannot be opened: {error.strerror or error}.",
                    where=str(self._path),
                    remedy="Make the data directory writable for this user.",
                    code="file_not_writable",
                ) from error
            with os.fdopen(handle, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                try:
                    state = orjson.loads(file.read() or b"{}")
                except orjson.JSONDecodeError:
                    state = {}  # a full disk may have cut it short: a count of nothing is rebuilt in a day
                yield state
                file.seek(0)
                file.write(orjson.dumps(state))
                file.truncate()


def _clock_time(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%H:%M UTC")
