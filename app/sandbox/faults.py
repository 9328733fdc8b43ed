"""What can go wrong in a real org, on demand: seeded, counted, and matched by method, path, object or nth.

A fault is one JSON object, as `POST /__sandbox/faults` takes it:

    kind            one of KINDS
    method          only requests with this method, e.g. `PATCH`
    path            only requests whose address (with its query) matches this regular expression
    object          only requests, rows or queries that concern this SObject
    nth             begin with the nth match; 1 is the first
    times           act so many times, then never again; null acts for ever
    probability     act on a match with this chance, from a generator seeded with `seed`
    until           act only before this moment of the org's clock (epoch seconds, or ISO 8601)
    do              control-plane actions that another user performs at that moment
    and the parameters of the kind, as KINDS names them with their defaults

Where the rooms of the sandbox ask:

    before(request)     → an answer instead of the work, or None; may raise ConnectionDropped
    after(request, r)   → the answer that leaves the org, once everything is committed
    row_check(op, name) → None, or a function from a record to the error that this row meets
    query(soql)         → raises QUERY_TIMEOUT
    match(kind, …)      → the fault that acts here and now, or None: for what only one room knows
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from app.sandbox.errors import ApiError

if TYPE_CHECKING:
    from app.sandbox.http import Request, Response
    from app.sandbox.org import Org

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


class ConnectionDropped(ConnectionResetError):
    """The connection closes without (the rest of) an answer. The server lets it pass as a lost peer."""

    def __init__(self) -> None:
        super().__init__(104, "the sandbox dropped the connection on purpose")


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


class Faults:
    """The faults in force in one org. Safe under many threads; costs one attribute read when empty."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._lock = threading.Lock()
        self._points: dict[str, list[Fault]] = {}
        self._ids = 0
        self._thread = threading.local()

    # --- the list -------------------------------------------------------------------------------

    def add(self, spec: Mapping[str, Any]) -> Fault:
        """Put a fault in force. Raises ApiError with a sentence if the specification is wrong."""
        fault = self._parse(spec)
        if fault.kind == "clock_skew":
            self._org.clock.advance(int(fault["seconds"]))
        elif fault.kind == "delete_log_purge":
            self._act(fault, "purge_delete_log")
        with self._lock:
            point = KINDS[fault.kind].point
            # copied, so that a thread that walks the old list is not disturbed
            self._points = {**self._points, point: [*self._points.get(point, ()), fault]}
        return fault

    def clear(self, fault_id: int | None = None) -> int:
        """End one fault, or all. Returns how many ended. A skewed clock goes back."""
        with self._lock:
            ended = [f for f in self._all() if fault_id in (None, f.id)]
            self._points = {
                point: kept
                for point, faults in self._points.items()
                if (kept := [f for f in faults if f not in ended])
            }
        for fault in ended:
            if fault.kind == "clock_skew":
                self._org.clock.advance(-int(fault["seconds"]))
        return len(ended)

    def forget(self) -> None:
        """Drop every fault without undoing its state: the org is reset as a whole."""
        with self._lock:
            self._points = {}

    def list(self) -> list[dict[str, Any]]:
        """Every fault in force or spent, oldest first."""
        return [f.shown() for f in sorted(self._all(), key=lambda f: f.id)]

    def _all(self) -> Iterable[Fault]:
        return [f for faults in self._points.values() for f in faults]

    def _parse(self, spec: Mapping[str, Any]) -> Fault:
        name = spec.get("kind")
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            raise ApiError("INVALID_FAULT", f"kind {name!r} is none of: {', '.join(KINDS)}")
        unknown = set(spec) - COMMON - set(kind.parameters)
        if unknown:
            allowed = ", ".join(sorted(COMMON | set(kind.parameters)))
            raise ApiError("INVALID_FAULT", f"{name} has no {sorted(unknown)[0]!r}; it takes: {allowed}")
        times = spec.get("times", kind.times)
        path = spec.get("path", kind.path)
        self._ids += 1
        return Fault(
            id=self._ids,
            kind=str(name),
            method=str(spec["method"]).upper() if spec.get("method") else None,
            path=re.compile(path, re.IGNORECASE) if path else None,
            object=spec.get("object"),
            nth=int(spec.get("nth", 1)),
            times=None if times is None else int(times),
            probability=float(spec.get("probability", 1)),
            until=_moment(spec.get("until")),
            do=list(spec.get("do", ())),
            parameters={key: spec.get(key, default) for key, default in kind.parameters.items()},
            random=random.Random(spec.get("seed", 1)),
        )

    # --- matching -------------------------------------------------------------------------------

    def match(self, kind: str, *, method: str = "", path: str = "", object: str = "") -> Fault | None:
        """The first fault of that kind that acts on this, counted as one action; None if there is none.

        An empty argument means that the caller does not know it: then only a fault that does not
        ask for it matches.
        """
        faults = self._points.get(KINDS[kind].point)
        if not faults:
            return None
        return next(
            (f for f in faults if f.kind == kind and self._fires(f, method, path, object.lower())), None
        )

    def active(self, kind: str) -> Fault | None:
        """The fault of that kind in force, without counting an action."""
        return next((f for f in self._points.get(KINDS[kind].point, ()) if f.kind == kind), None)

    @contextmanager
    def spared(self, commit_after: int = 0) -> Iterator[None]:
        """Within the block nothing fails for this thread: the control plane is at work.

        commit_after: what it saves becomes visible so many seconds of the org's clock later. Faults of
        the kind `long_txn` act too: they are no failure, and another user's save is what comes late.
        """
        before = getattr(self._thread, "spared", False), getattr(self._thread, "commit_after", 0)
        self._thread.spared, self._thread.commit_after = True, commit_after
        try:
            yield
        finally:
            self._thread.spared, self._thread.commit_after = before

    def _fires(self, fault: Fault, method: str, path: str, concerns: str) -> bool:
        if getattr(self._thread, "spared", False) and fault.kind != "long_txn":
            return False
        if fault.method and fault.method != method.upper():
            return False
        if fault.path and path and not fault.path.search(path):
            return False
        if fault.path and not path and fault.path.pattern != KINDS[fault.kind].path:
            return False
        if fault.object and not re.search(rf"(?<!\w){re.escape(fault.object.lower())}(?!\w)", concerns):
            return False
        if fault.until is not None and self._org.clock.now() >= fault.until:
            return False
        with self._lock:
            if fault.times is not None and fault.fired >= fault.times:
                return False
            fault.matched += 1
            if fault.matched < fault.nth:
                return False
            if fault.probability < 1 and fault.random.random() >= fault.probability:
                return False
            fault.fired += 1
        if fault.do:
            from app.sandbox.control.actions import perform

            for action in fault.do:
                perform(self._org, action)
        return True

    def _act(self, fault: Fault, action: str) -> None:
        from app.sandbox.control.actions import perform

        perform(self._org, {"action": action, **fault.parameters})

    # --- the points -----------------------------------------------------------------------------

    def before(self, request: Request) -> Response | None:
        """What happens to a request before any work: an answer, a delay, a lost connection, or nothing."""
        return self._transport("before", request, None)

    def after(self, request: Request, response: Response) -> Response:
        """What becomes of an answer once its work is committed. Raises ConnectionDropped for a lost one."""
        return self._transport("after", request, response) or response

    def _transport(self, point: str, request: Request, response: Response | None) -> Response | None:
        faults = self._points.get(point)
        if not faults:
            return None
        from app.sandbox.control.transport import suffer
        from app.sandbox.http import normalized

        path = normalized(request.full_path)
        concerns = _concerns(request) if any(f.object for f in faults) else ""
        for fault in faults:
            if self._fires(fault, request.method, path, concerns):
                answer = suffer(self._org, fault, request, response)
                if point == "before" and answer is not None:
                    return answer
                response = answer or response
        return response

    def row_check(self, operation: str, sobject: str) -> Callable[[Any], ApiError | None] | None:
        """What a DML statement on `sobject` must ask for each of its rows; None when nothing is in force.

        operation: `insert`, `update`, `upsert`, `delete`, `undelete`, `merge` or `convert`.
        """
        name = sobject.lower()
        faults = [f for f in self._points.get("row", ()) if not f.object or f.object.lower() == name]
        if not faults:
            return None

        def check(record: Any) -> ApiError | None:
            for fault in faults:
                if not self._fires(fault, operation.upper(), "", name):
                    continue
                if fault.kind == "row_error":
                    return ApiError(fault["code"], fault["message"], fields=fault["fields"])
                found = record.get("Id") if isinstance(record, Mapping) else record
                return ApiError(
                    "UNABLE_TO_LOCK_ROW",
                    "unable to obtain exclusive access to this record or 1 records: "
                    f"{found or '001000000000000AAA'}",
                    fields=[],
                )
            return None

        return check

    def query(self, soql: str) -> None:
        """Refuse a query whose SystemModstamp window is wider than a `query_timeout` allows (in days)."""
        for fault in self._points.get("query", ()):
            width = _window(soql, self._org.clock.now())
            if (width is None or width > float(fault["days"])) and self._fires(
                fault, "GET", "", soql.lower()
            ):
                raise ApiError("QUERY_TIMEOUT", "Your query request was running for too long.")

    def page_size(self, wanted: int, soql: str = "") -> int:
        """How many rows the next page really has, when `wanted` were asked for."""
        fault = self.match("short_page", object=soql)
        return min(wanted, max(1, int(fault["rows"]))) if fault else wanted

    def commit_delay(self, sobject: str) -> int:
        """Seconds between the stamp of a transaction on `sobject` and the moment others see it."""
        asked: int = getattr(self._thread, "commit_after", 0)
        if asked:
            return asked
        fault = self.match("long_txn", object=sobject)
        return int(fault["seconds"]) if fault else 0


_BOUND = re.compile(r"SystemModstamp\s*(>=?|<=?)\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", re.IGNORECASE)


def _window(soql: str, now: int) -> float | None:
    """Width in days of the query's SystemModstamp window; None when it has no lower bound."""
    low: float | None = None
    high = float(now)
    for operator, moment in _BOUND.findall(soql):
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
        if operator.startswith(">"):
            low = at
        else:
            high = at
    return None if low is None else (high - low) / 86_400


def _concerns(request: Request) -> str:
    """Everything in a request that may name an SObject, in lower case."""
    text = unquote_plus(request.full_path)
    path = request.path.lower().rstrip("/")
    if "/composite" in path or path.endswith(("/jobs/ingest", "/jobs/query", "/job")):
        text += request.body.decode("utf-8", "replace")
    return text.lower()


def _moment(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return value
    return int(datetime.fromisoformat(str(value)).timestamp())
