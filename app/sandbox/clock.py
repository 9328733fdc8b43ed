"""The org's virtual clock: every stamp, expiry and `Date` header comes from here."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from email.utils import formatdate

#: 1700 and 4000, between which an org has dates; epoch seconds
_FIRST, _LAST = -8_520_336_000, 64_060_588_800


def _check(epoch: float) -> None:
    if not _FIRST <= epoch < _LAST:
        raise ValueError("an org's clock shows times between the years 1700 and 4000")


class Clock:
    """Runs with real time plus an offset, or stands still while frozen. Seconds since the epoch, UTC."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        self._frozen: float | None = None

    def exact(self) -> float:
        """Now, with fractions of a second."""
        frozen = self._frozen
        return time.time() + self._offset if frozen is None else frozen

    def now(self) -> int:
        """Now, in whole seconds."""
        return int(self.exact())

    def advance(self, seconds: float) -> int:
        """Let time jump forward (or, to test skew, backward); returns the new now."""
        with self._lock:
            _check(self.exact() + seconds)
            self._offset += seconds
            if self._frozen is not None:
                self._frozen += seconds
            return self.now()

    def set(self, epoch: float | None) -> int:
        """Jump to `epoch` and run on from there; None goes back to real time and thaws."""
        if epoch is not None:
            _check(epoch)
        with self._lock:
            if epoch is None:
                self._offset, self._frozen = 0.0, None
            else:
                self._offset = epoch - time.time()
                if self._frozen is not None:
                    self._frozen = epoch
            return self.now()

    def freeze(self, frozen: bool = True) -> int:
        """Stand still at the present moment, or run on from it."""
        with self._lock:
            if frozen and self._frozen is None:
                self._frozen = time.time() + self._offset
            elif not frozen and self._frozen is not None:
                self._offset = self._frozen - time.time()
                self._frozen = None
            return self.now()

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen is not None

    def dump(self) -> dict[str, float | None]:
        """How this clock differs from real time, as JSON values."""
        return {"offset": self._offset, "frozen": self._frozen}

    def load(self, data: Mapping[str, float | None]) -> None:
        """What `dump` gave."""
        with self._lock:
            self._offset, self._frozen = float(data.get("offset") or 0), data.get("frozen")

    def http_date(self) -> str:
        """Now, as the `Date` header writes it."""
        return formatdate(self.now(), usegmt=True)
