"""How a fault looks on the wire: refusals in each protocol's own dress, pages of HTML, lost connections."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import orjson
from werkzeug.wrappers import Request, Response

from app.sandbox.errors import ApiError
from app.sandbox.faults import ConnectionDropped, Fault

if TYPE_CHECKING:
    from app.sandbox.org import Org

#: the older Bulk API spells its codes its own way
_BULK_CODES = {
    "INVALID_SESSION_ID": ("InvalidSessionId", "Invalid session id"),
    "REQUEST_LIMIT_EXCEEDED": ("ExceededQuota", "ApiDailyLimit Limit exceeded."),
}

_HTML = """<!DOCTYPE html>
<html><head><title>{status} Service Unavailable</title></head>
<body><h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>
"""


def refusal(request: Request, error: ApiError) -> Response:
    """The error as the protocol of the request says it: REST array, Bulk exception or SOAP fault."""
    path = request.path.lower()
    if "/services/async/" in path:
        code, message = _BULK_CODES.get(error.code, (error.code, error.message))
        if "json" in (request.content_type or "") or "json" in (request.headers.get("Accept") or ""):
            body = orjson.dumps({"exceptionCode": code, "exceptionMessage": message})
            return Response(body, status=400, content_type="application/json;charset=UTF-8")
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<error xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
            f"<exceptionCode>{escape(code)}</exceptionCode>"
            f"<exceptionMessage>{escape(message)}</exceptionMessage></error>"
        )
        return Response(xml, status=400, content_type="application/xml")
    if "/services/soap/" in path:
        from app.sandbox.soap.envelope import fault

        return fault(error)
    return Response(
        orjson.dumps([error.rest()]), status=error.status, content_type="application/json;charset=UTF-8"
    )


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
            return refusal(request, ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401))
        case "quota":
            return refusal(request, quota_exceeded(str(fault["limit"])))
        case "quota_at":
            if org.counters.used * 100 >= float(fault["percent"]) * org.counters.limit:
                return refusal(request, quota_exceeded("TotalRequests"))
        case "html" | "html_after_commit":
            status = int(fault["status"])
            return Response(
                _HTML.format(status=status), status=status, content_type="text/html; charset=UTF-8"
            )
        case "empty":
            return Response(b"", status=int(fault["status"]))
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
        body = {"error": "invalid_grant", "error_description": "ip restricted"}
        return Response(orjson.dumps(body), status=400, content_type="application/json;charset=UTF-8")
    return refusal(request, ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401))


def _truncated(response: Response, share: float) -> Response:
    """The same status and headers, chunked, and the connection closes before the last chunk."""
    body = response.get_data()
    cut = max(0, min(len(body) - 1, int(len(body) * share)))

    def pieces() -> Iterator[bytes]:
        yield body[:cut]
        raise ConnectionDropped

    broken = Response(pieces(), status=response.status_code, headers=response.headers)
    broken.headers.pop("Content-Length", None)
    broken.headers.pop("Content-Encoding", None)
    return broken
