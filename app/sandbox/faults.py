"""What can go wrong in a real org, on demand: seeded, counted, and matched by method, path, object or nth.

A fault is one JSON object, as `POST /__sandbox/faults` takes it:

    kind            one of app.sandbox.fault_kinds.KINDS
    method          only requests with this method, e.g. `PATCH`
    path            only requests whose address (with its query) matches this regular expression
    object          only requests, rows or queries that concern this SObject
    nth             begin with the nth match; 1 is the first
    times           act so many times, then never again; null acts for ever
    probability     act on a match with this chance, from a generator seeded with `seed`
    until           act only before this moment of the org's clock (epoch seconds, or ISO 8601)
    do              control-plane actions that another user performs at that moment
    and the parameters of the kind, as app.sandbox.fault_kinds names them with their defaults

Where the rooms of the sandbox ask:

    before(request)     → an answer instead of the work, or None; may raise ConnectionDropped
    after(request, r)   → the answer that leaves the org, once everything is committed
    row_check(op, name) → None, or a function from a record to the error that this row meets
    query(soql)         → raises QUERY_TIMEOUT
    match(kind, …)      → the fault that acts here and now, or None: for what only one room knows
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from app.sandbox.errors import ApiError
from app.sandbox.fault_kinds import KINDS, Fault, fault_from

if TYPE_CHECKING:
    from app.sandbox.http import Request, Response
    from app.sandbox.org import Org


class ConnectionDropped(ConnectionResetError):
    """The connection closes without (the rest of) an answer. The server lets it pass as a lost peer."""

    def __init__(self) -> None:
        super().__init__(104, "the sandbox dropped the connection on purpose")


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
        self._ids += 1
        fault = fault_from(spec, self._ids)
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
                try:
                    perform(self._org, action)
                except ApiError as error:
                    text = f"fault {fault.id} cannot do {action.get('action')!r}: {error}"
                    raise ApiError("INVALID_FAULT", text, status=500) from error
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
        from app.sandbox.http import error_response, normalized

        path = normalized(request.full_path)
        concerns = _concerns(request) if any(f.object for f in faults) else ""
        for fault in faults:
            try:
                fires = self._fires(fault, request.method, path, concerns)
            except ApiError as error:
                return error_response(error)
            if fires:
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
