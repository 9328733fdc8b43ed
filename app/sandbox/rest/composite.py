"""`/composite`: up to 25 subrequests in one API call."""

from __future__ import annotations

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.bodies import flag, only
from app.sandbox.rest.subrequests import Subrequest, execute, parse_subrequests

MAX_SUBREQUESTS = 25
MAX_QUERIES_AND_COLLECTIONS = 5
#: what may stand below the version in a subrequest's url
SUPPORTED = ("sobjects", "query", "queryall", "composite/sobjects", "actions", "process", "search")


def _within(path: str, resource: str) -> bool:
    return path == resource or path.startswith(resource + "/")


def _is_query_or_collection(step: Subrequest) -> bool:
    return any(_within(step.path, resource) for resource in ("query", "queryall", "composite/sobjects"))


def composite(ctx: Context, request: Request, version: str) -> Response:
    """POST: run the subrequests; 200 whatever became of them."""
    body = only(request.json(), "allOrNone", "collateSubrequests", "compositeRequest")
    steps = parse_subrequests(body.get("compositeRequest"))
    if len(steps) > MAX_SUBREQUESTS:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"The maximum number of subrequests is {MAX_SUBREQUESTS}; you sent {len(steps)}.",
        )
    if sum(map(_is_query_or_collection, steps)) > MAX_QUERIES_AND_COLLECTIONS:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"No more than {MAX_QUERIES_AND_COLLECTIONS} subrequests can be query or sObject Collections "
            "operations.",
        )
    for step in steps:
        if not any(_within(step.path, resource) for resource in SUPPORTED):
            raise ApiError(
                "INVALID_REQUEST",
                f"The resource of subrequest '{step.reference_id}' isn't supported: {step.url}",
            )
    answers, _ = execute(ctx, steps, all_or_none=flag(body, "allOrNone"))
    return Response.of({"compositeResponse": answers})


def resources(ctx: Context, request: Request, version: str) -> Response:
    """GET: where the composite resources are."""
    base = f"/services/data/v{version}/composite"
    return Response.of({name: f"{base}/{name}" for name in ("tree", "graph", "batch", "sobjects")})


ROUTES = [
    Route("GET", "/services/data/<version>/composite", resources),
    Route("POST", "/services/data/<version>/composite", composite),
]
