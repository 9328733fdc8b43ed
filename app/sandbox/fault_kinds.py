"""The kinds of faults, and one fault as it is set."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.sandbox.errors import ApiError

#: requests that carry a session, as opposed to those that fetch one
API = r"^/services/(data/.+|async|Soap|apexrest)"


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind acts, how often if nobody says, its parameters, and the addresses it concerns."""

    point: str
    times: int | None = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None


KINDS: dict[str, Kind] = {
    # before the work: nothing is committed
    "latency": Kind("before", None, {"seconds": 0.05}),
    "timeout": Kind("before", 1, {"seconds": 30.0}),
    "drop_before_commit": Kind("before"),
    "unauthorized": Kind("before", 1, {}, API),
    "quota": Kind("before", None, {"limit": "TotalRequests"}, API),
    "quota_at": Kind("before", None, {"percent": 100}, API),
    "html": Kind("before", 1, {"status": 503}, API),
    "empty": Kind("before", 1, {"status": 406}, API),
    "error": Kind(
        "before", 1, {"status": 500, "code": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}
    ),
    "ip_restricted": Kind("before", None),
    "refresh_race": Kind("token", 1),
    "interleave": Kind("before"),
    # after the work: it is committed, and the answer suffers
    "drop_after_commit": Kind("after"),
    "timeout_after_commit": Kind("after", 1, {"seconds": 30.0}),
    "html_after_commit": Kind("after", 1, {"status": 502}, API),
    "truncated": Kind("after", 1, {"share": 0.5}),
    "limit_info_jump": Kind("after", None, {"calls": 1000}, API),
    # inside one room
    "lock_row": Kind("row", None),
    "row_error": Kind(
        "row", None, {"code": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred.", "fields": []}
    ),
    "query_timeout": Kind("query", None, {"days": 0.0}),
    "short_page": Kind("page", None, {"rows": 100}),
    "locator_expired": Kind("locator"),
    "long_txn": Kind("commit", 1, {"seconds": 90}),
    "bulk_failed": Kind("bulk", 1, {"message": "InternalServerError : An internal error occurred."}),
    "bulk_stuck": Kind("bulk", 1, {"seconds": None}),
    "bulk_unprocessed": Kind("bulk", 1, {"rows": 1}),
    "bulk_retried": Kind("bulk", 1, {"retries": 10}),
    # a state of the org, from the moment it is set until it is cleared
    "clock_skew": Kind("state", None, {"seconds": 600, "assertions": False}),
    "delete_log_purge": Kind("state", None, {}),
}

COMMON = frozenset({"kind", "method", "path", "object", "nth", "times", "probability", "seed", "until", "do"})


@dataclass(slots=True)
class Fault:
    """One fault in force, with its own count of matches and of actions taken."""

    id: int
    kind: str
    method: str | None
    path: re.Pattern[str] | None
    object: str | None
    nth: int
    times: int | None
    probability: float
    until: int | None
    do: list[dict[str, Any]]
    parameters: dict[str, Any]
    random: random.Random
    matched: int = 0
    fired: int = 0

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def shown(self) -> dict[str, Any]:
        """The fault as the control plane lists it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "method": self.method,
            "path": self.path.pattern if self.path else None,
            "object": self.object,
            "nth": self.nth,
            "times": self.times,
            "probability": self.probability,
            "until": self.until,
            "do": self.do,
            "matched": self.matched,
            "fired": self.fired,
            **self.parameters,
        }


def fault_from(spec: Mapping[str, Any], fault_id: int) -> Fault:
    """A fault from its JSON form. Raises ApiError with a sentence if the form is wrong."""
    name = spec.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ApiError("INVALID_FAULT", f"kind {name!r} is none of: {', '.join(KINDS)}")
    unknown = set(spec) - COMMON - set(kind.parameters)
    if unknown:
        allowed = ", ".join(sorted(COMMON | set(kind.parameters)))
        raise ApiError("INVALID_FAULT", f"{name} has no {sorted(unknown)[0]!r}; it takes: {allowed}")
    times = spec.get("times", kind.times)
    return Fault(
        id=fault_id,
        kind=str(name),
        method=str(spec["method"]).upper() if spec.get("method") else None,
        path=_pattern(spec.get("path", kind.path)),
        object=spec.get("object"),
        nth=int(_number("nth", spec.get("nth", 1))),
        times=None if times is None else int(_number("times", times)),
        probability=_number("probability", spec.get("probability", 1)),
        until=_moment(spec.get("until")),
        do=_actions(spec.get("do", [])),
        parameters={key: spec.get(key, default) for key, default in kind.parameters.items()},
        random=random.Random(spec.get("seed", 1)),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text, re.IGNORECASE) if text else None
    except re.error as error:
        raise ApiError("INVALID_FAULT", f"path is no regular expression: {error}") from error


def _actions(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(a, dict) and a.get("action") for a in value):
        raise ApiError("INVALID_FAULT", 'do is no list of actions like {"action": "update", …}')
    return value


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ApiError("INVALID_FAULT", f"{name} is no number: {value!r}") from error


def _moment(value: Any) -> int | None:
    """Epoch seconds of a number or an ISO 8601 text."""
    if value is None or isinstance(value, int):
        return value
    try:
        return int(datetime.fromisoformat(str(value)).timestamp())
    except ValueError as error:
        raise ApiError("INVALID_FAULT", f"until is no moment: {value!r}") from error
