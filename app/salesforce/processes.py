"""The org's own approval processes: what is asked of them, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.salesforce.records import RowError, errors_of, row_error

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


def told(body: Any) -> bool:
    """Whether an answer tells of each request, as it does also where every one was refused."""
    return isinstance(body, list) and all(isinstance(one, Mapping) and "success" in one for one in body)


def results(body: Sequence[Mapping[str, Any]]) -> list[ProcessResult]:
    """The answer, request by request."""
    return [_result(one) for one in body]


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
