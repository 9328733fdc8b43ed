"""`/composite/batch`: up to 25 independent subrequests in one API call."""

from __future__ import annotations

from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route, dispatch, error_response
from app.sandbox.rest.bodies import flag, only

MAX_SUBREQUESTS = 25
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_HALTED = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)
#: what a batch may not hold: calls that hold others, and bulk jobs
_REFUSED = ("composite", "jobs")


def batch(ctx: Context, request: Request, version: str) -> Response:
    """POST: run the subrequests one by one, each a transaction of its own; always 200."""
    body = only(request.json(), "batchRequests", "haltOnError")
    listed = body.get("batchRequests")
    if not isinstance(listed, list) or not listed:
        raise ApiError("INVALID_REQUEST", "The request body must contain a non-empty batchRequests array.")
    if len(listed) > MAX_SUBREQUESTS:
        raise ApiError("LIMIT_EXCEEDED", f"The maximum number of subrequests is {MAX_SUBREQUESTS}.")
    steps = [_parse(item) for item in listed]
    halt = flag(body, "haltOnError")
    answers: list[Response] = []
    for method, target, rich_input in steps:
        if halt and any(answer.status >= 400 for answer in answers):
            answers.append(Response.of([_HALTED.rest()], 412))
        else:
            answers.append(_answer(ctx, method, target, rich_input))
    return Response.of(
        {"hasErrors": any(answer.status >= 400 for answer in answers), "results": list(map(_entry, answers))}
    )


def _parse(item: Any) -> tuple[str, str, Any]:
    only(item, "method", "url", "richInput", "binaryPartName", "binaryPartNameAlias")
    if item.get("binaryPartName") or item.get("binaryPartNameAlias"):
        raise ApiError("INVALID_REQUEST", "Binary parts aren't supported.")
    if not isinstance(item.get("url"), str):
        raise ApiError("REQUIRED_FIELD_MISSING", "Required field missing in a subrequest: url")
    method = item.get("method")
    if method not in _METHODS:
        raise ApiError("INVALID_REQUEST", f"Invalid HTTP method in a subrequest: {method}")
    url: str = item["url"].lstrip("/")
    target = "/" + url if url.lower().startswith("services/data/") else "/services/data/" + url
    return method, target, item.get("richInput")


def _answer(ctx: Context, method: str, target: str, rich_input: Any) -> Response:
    resource = target.split("/", 4)[-1].lower()
    if resource.startswith(_REFUSED):
        return error_response(
            ApiError("INVALID_REQUEST", f"The resource isn't supported in a batch: {target}")
        )
    # the headers of the call hold for each of its subrequests
    headers = {k: v for k, v in ctx.headers.items() if k.startswith("sforce-")}
    body = b"" if rich_input is None else orjson.dumps(rich_input)
    return dispatch(ctx.org, method, target, headers, body, ctx=ctx)


def _entry(answer: Response) -> dict[str, Any]:
    content = answer.content()
    return {"statusCode": answer.status, "result": orjson.Fragment(content) if content else None}


ROUTES = [Route("POST", "/services/data/<version>/composite/batch", batch)]
