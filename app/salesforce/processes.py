"""The org's own approval processes: what is asked of them, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.salesforce.call import Bytes
from app.salesforce.explain import refusal
from app.salesforce.records import RowError, errors_of, row_error
from app.salesforce.wire import dumps

#: Requests in one call.
MAX_REQUESTS = 100

#: `Removed` recalls.
Action = Literal["Submit", "Approve", "Reject", "Removed"]


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """One thing to do. context_id: the record to submit, else the work item that it waits for.

    process: developer name or id of the process, if not the first whose criteria the record meets.
    """

    action: Action
    context_id: str
    comments: str = ""
    process: str = ""

    def body(self) -> dict[str, Any]:
        """The request as JSON."""
        out = {"actionType": self.action, "contextId": self.context_id}
        if self.comments:
            out["comments"] = self.comments
        if self.process:
            out["processDefinitionNameOrId"] = self.process
        return out


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """What became of one request. status: `Pending`, `Approved`, `Rejected`, `Removed`; empty if refused."""

    success: bool
    record_id: str = ""
    instance_id: str = ""
    status: str = ""
    workitems: tuple[str, ...] = ()
    errors: tuple[RowError, ...] = ()

    @property
    def error(self) -> RowError | None:
        """The first error, or None."""
        return self.errors[0] if self.errors else None


def body(requests: Sequence[ProcessRequest]) -> Bytes:
    """The body of a call. Raises ValueError for too many requests."""
    if len(requests) > MAX_REQUESTS:
        raise ValueError(f"a call takes {MAX_REQUESTS} requests, not {len(requests)}")
    return Bytes(dumps({"requests": [one.body() for one in requests]}))


def results(answer: Any, status: int) -> list[ProcessResult]:
    """The answer, request by request. Raises SalesforceError where the call was refused as a whole."""
    if not _told(answer):
        first = errors_of(answer, status)[0]
        raise refusal(first.code, first.message, status, fields=first.fields, where="process")
    return [_result(one) for one in answer]


def _told(answer: Any) -> bool:
    """Whether an answer tells of each request, as it does also where every one was refused."""
    return isinstance(answer, list) and all(isinstance(one, Mapping) and "success" in one for one in answer)


def _result(one: Mapping[str, Any]) -> ProcessResult:
    errors = tuple(row_error(error) for error in one.get("errors") or ())
    success = one.get("success") is True
    if not success and not errors:
        errors = errors_of(None, 400)
    return ProcessResult(
        success,
        one.get("entityId") or "",
        one.get("instanceId") or "",
        one.get("instanceStatus") or "",
        tuple(one.get("newWorkitemIds") or ()),
        errors,
    )
