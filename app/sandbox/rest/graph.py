"""`/composite/graph`: several graphs of subrequests in one API call, each of them all or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.bodies import only
from app.sandbox.rest.subrequests import Subrequest, execute, parse_subrequests

MAX_GRAPHS = 75
MAX_NODES = 500
MAX_DEPTH = 15
MAX_KINDS = 15
MAX_FAILURES = 14
_GRAPH_ID = re.compile(r"[A-Za-z0-9][^.\[\]@{}]{0,39}\Z")
_METHODS_BY_LENGTH = {1: ("POST",), 2: ("GET", "PATCH", "DELETE"), 3: ("GET", "PATCH", "POST", "DELETE")}


def graph(ctx: Context, request: Request, version: str) -> Response:
    """POST: run the graphs; 200 whatever became of them."""
    graphs = _parse(only(request.json(), "graphs"))
    results: list[dict[str, Any]] = []
    failures = 0
    for graph_id, steps in graphs:
        if failures > MAX_FAILURES:
            results.append(_halted(graph_id, steps))
            continue
        answers, succeeded = execute(ctx, steps, all_or_none=True)
        failures += not succeeded
        results.append(_result(graph_id, answers, succeeded))
    return Response.of({"graphs": results})


def _parse(body: dict[str, Any]) -> list[tuple[str, list[Subrequest]]]:
    listed = body.get("graphs")
    if not isinstance(listed, list) or not listed:
        raise ApiError("INVALID_REQUEST", "The request body must contain a non-empty graphs array.")
    if len(listed) > MAX_GRAPHS:
        raise ApiError("LIMIT_EXCEEDED", f"The maximum number of graphs is {MAX_GRAPHS}.")
    graphs: list[tuple[str, list[Subrequest]]] = []
    for item in listed:
        graph_id = only(item, "graphId", "compositeRequest").get("graphId")
        if not isinstance(graph_id, str) or not _GRAPH_ID.match(graph_id):
            raise ApiError("INVALID_REQUEST", f"Invalid graphId: {graph_id}")
        if any(graph_id == known for known, _ in graphs):
            raise ApiError("INVALID_REQUEST", f"Duplicate graphId: {graph_id}")
        graphs.append((graph_id, parse_subrequests(item.get("compositeRequest"))))
    _check_limits([steps for _, steps in graphs])
    return graphs


def _check_limits(graphs: Sequence[Sequence[Subrequest]]) -> None:
    if sum(map(len, graphs)) > MAX_NODES:
        raise ApiError("LIMIT_EXCEEDED", f"The maximum number of nodes in one request is {MAX_NODES}.")
    kinds = {_kind(step) for steps in graphs for step in steps}
    if len(kinds) > MAX_KINDS:
        raise ApiError("LIMIT_EXCEEDED", f"The maximum number of different nodes is {MAX_KINDS}.")
    for steps in graphs:
        depths: dict[str, int] = {}
        for step in steps:
            depth = 1 + max((depths.get(name, 0) for name in step.depends_on()), default=0)
            depths[step.reference_id] = depth
            if depth > MAX_DEPTH:
                raise ApiError("LIMIT_EXCEEDED", f"The maximum depth of a graph is {MAX_DEPTH}.")


def _kind(step: Subrequest) -> tuple[str, str, str]:
    parts = step.path.split("/")
    allowed = _METHODS_BY_LENGTH.get(len(parts) - 1, ()) if parts[0] == "sobjects" else ()
    if step.method not in allowed:
        raise ApiError(
            "INVALID_REQUEST", f"{step.method} {step.url} isn't supported in a composite graph request."
        )
    version = re.match(r"/services/data/(v\d+\.\d)", step.url, re.IGNORECASE)
    return (version.group(1).lower() if version else "", step.method, parts[1])


def _result(graph_id: str, answers: list[dict[str, Any]], succeeded: bool) -> dict[str, Any]:
    return {
        "graphId": graph_id,
        "graphResponse": {"compositeResponse": answers},
        "isSuccessful": succeeded,
    }


def _halted(graph_id: str, steps: Sequence[Subrequest]) -> dict[str, Any]:
    error = ApiError("PROCESSING_HALTED", f"More than {MAX_FAILURES} graphs failed; processing was halted.")
    answers = [
        {"body": [error.rest()], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": step.reference_id}
        for step in steps
    ]
    return _result(graph_id, answers, succeeded=False)


ROUTES = [Route("POST", "/services/data/<version>/composite/graph", graph)]
