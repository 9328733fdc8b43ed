"""The resources around approval processes and workflow rules."""

from __future__ import annotations

from typing import Any

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.approval_process import decide, processes, submit, target

_ENDS = {"approve": "Approved", "reject": "Rejected", "removed": "Removed"}


def _refused(record_id: str, error: ApiError) -> dict[str, Any]:
    return {
        "actorIds": None,
        "entityId": record_id or None,
        "errors": [error.item()],
        "instanceId": None,
        "instanceStatus": None,
        "newWorkitemIds": None,
        "success": False,
    }


def process_approvals(ctx: Context, request: Request, version: str) -> Response:
    """Submit, approve, reject or recall; one outcome each, in order."""
    requests = request.json_object().get("requests")
    if not isinstance(requests, list):
        raise ApiError("JSON_PARSER_ERROR", "requests must be a list")
    outcomes = []
    for asked in requests:
        action = str(asked.get("actionType", "")).lower()
        try:
            if action == "submit":
                outcomes.append(submit(ctx, asked))
            elif action in _ENDS:
                outcomes.append(decide(ctx, asked, _ENDS[action]))
            else:
                raise ApiError("INVALID_INPUT", f"Unknown action type: {asked.get('actionType')}")
        except ApiError as error:
            outcomes.append(_refused(str(asked.get("contextId") or ""), error))
    failed = all(not outcome["success"] for outcome in outcomes) and outcomes
    return Response.of(outcomes, 400 if failed else 200)


def list_approvals(ctx: Context, request: Request, version: str) -> Response:
    """The active processes by object."""
    found: dict[str, list[dict[str, Any]]] = {}
    for order, process in enumerate(processes(ctx.org), 1):
        found.setdefault(process.object, []).append(
            {
                "description": None,
                "id": process.id,
                "name": process.label or process.name,
                "object": process.object,
                "sortOrder": order,
            }
        )
    return Response.of({"approvals": found})


def list_rules(ctx: Context, request: Request, version: str) -> Response:
    """The active workflow rules: this org has none."""
    return Response.of({"rules": {}})


def trigger_rules(ctx: Context, request: Request, version: str) -> Response:
    """Run the workflow rules of records; there are none, so this only checks the records."""
    for record_id in request.json_object().get("contextIds") or ():
        target(ctx, str(record_id))
    return Response.of({"errors": None, "success": True})


def submit_action(ctx: Context, request: Request, version: str) -> Response:
    """The invocable action `submit`, as flows call it."""
    answers = []
    inputs = request.json_object().get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(asked, dict) for asked in inputs):
        raise ApiError("JSON_PARSER_ERROR", "inputs must be a list of objects")
    for asked in inputs:
        try:
            outcome = submit(
                ctx,
                {
                    "contextId": asked.get("objectId"),
                    "contextActorId": asked.get("submitterId"),
                    "comments": asked.get("comment"),
                    "nextApproverIds": asked.get("nextApproverIds"),
                    "processDefinitionNameOrId": asked.get("processDefinitionNameOrId"),
                    "skipEntryCriteria": asked.get("skipEntryCriteria", "false"),
                },
            )
        except ApiError as error:
            answers.append(
                {"actionName": "submit", "errors": [error.item()], "isSuccess": False, "outputValues": None}
            )
            continue
        shown = {key: value for key, value in outcome.items() if key not in ("errors", "success")}
        answers.append({"actionName": "submit", "errors": None, "isSuccess": True, "outputValues": shown})
    failed = bool(answers) and not any(answer["isSuccess"] for answer in answers)
    return Response.of(answers, 400 if failed else 200)


ROUTES = [
    Route("GET", "/services/data/<version>/process/approvals", list_approvals),
    Route("POST", "/services/data/<version>/process/approvals", process_approvals),
    Route("GET", "/services/data/<version>/process/rules", list_rules),
    Route("POST", "/services/data/<version>/process/rules", trigger_rules),
    Route("POST", "/services/data/<version>/actions/standard/submit", submit_action),
]
