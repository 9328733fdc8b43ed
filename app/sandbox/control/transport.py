"""How a fault looks on the wire: refusals in each protocol's own dress, pages of HTML, lost connections."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.sandbox.errors import ApiError
from app.sandbox.fault_kinds import Fault
from app.sandbox.faults import ConnectionDropped
from app.sandbox.http import Request, Response, error_response, find

if TYPE_CHECKING:
    from app.sandbox.org import Org

_HTML = """<!DOCTYPE html>
<html><head><title>{status} Service Unavailable</title></head><body>
<h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We'll be back shortly.</p>
</body></html>
"""
_EXPIRED = ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def refusal(request: Request, error: ApiError) -> Response:
    """The error as the protocol of the request says it: REST array, Bulk exception or SOAP fault."""
    route, _, _ = find(request)
    return route.errors(error, request) if route and route.errors else error_response(error)


def suffer(org: Org, fault: Fault, request: Request, response: Response | None) -> Response | None:
    """Carry out one fault. Before the work an answer replaces it; after the work it replaces the answer.

    Raises ConnectionDropped where the client shall see the connection close.
    """
    match fault.kind:
        case "latency":
            time.sleep(float(fault["seconds"]))
        case "timeout" | "timeout_after_commit":
            time.sleep(float(fault["seconds"]))
            raise ConnectionDropped
        case "drop_before_commit" | "drop_after_commit":
            raise ConnectionDropped
        case "unauthorized":
            return refusal(request, _EXPIRED)
        case "quota":
            return refusal(request, quota_exceeded(str(fault["limit"])))
        case "quota_at":
            if org.counters.used * 100 >= float(fault["percent"]) * org.settings.daily_api_requests:
                return refusal(request, quota_exceeded("TotalRequests"))
        case "html" | "html_after_commit":
            status = int(fault["status"])
            page = _HTML.format(status=status).encode()
            return Response(status, page, content_type="text/html; charset=UTF-8")
        case "empty":
            return Response(int(fault["status"]))
        case "error":
            return refusal(
                request, ApiError(str(fault["code"]), str(fault["message"]), status=int(fault["status"]))
            )
        case "ip_restricted":
            return _ip_restricted(request)
        case "truncated" if response is not None:
            return _truncated(response, float(fault["share"]))
        case "limit_info_jump":
            org.counters.used += int(fault["calls"])
    return None


def quota_exceeded(limit: str) -> ApiError:
    """The daily limit, or the limit of long transactions at once, is used up."""
    return ApiError("REQUEST_LIMIT_EXCEEDED", f"{limit} Limit exceeded.", status=403)


def _ip_restricted(request: Request) -> Response:
    if request.path.lower().rstrip("/").endswith("/oauth2/token"):
        return Response.of({"error": "invalid_grant", "error_description": "ip restricted"}, 400)
    return refusal(request, _EXPIRED)


def _truncated(response: Response, share: float) -> Response:
    """The same status and headers, chunked, and the connection closes before the last chunk."""
    body = response.content()
    cut = max(0, min(len(body) - 1, int(len(body) * share)))

    def pieces() -> Iterator[bytes]:
        yield body[:cut]
        raise ConnectionDropped

    headers = {k: v for k, v in response.headers.items() if k.lower() != "content-length"}
    return Response(response.status, pieces(), headers, response.content_type)
