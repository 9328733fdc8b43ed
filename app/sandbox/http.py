"""Routing and the frame around every request: authentication, faults, counting, errors, headers."""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import re
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

import orjson

from app.sandbox.context import Context
from app.sandbox.errors import ApiError, not_found
from app.sandbox.messages import JSON, Headers, Request, Response, error_response
from app.sandbox.org import Org

#: modules that bring a `ROUTES` list of Route
MODULES = [
    "app.sandbox.rest.describe",
    "app.sandbox.rest.replication",
    "app.sandbox.rest.records",
    "app.sandbox.rest.limits",
    "app.sandbox.rest.query",
    "app.sandbox.rest.tooling",
    "app.sandbox.rest.composite",
    "app.sandbox.rest.collections",
    "app.sandbox.rest.retrieve",
    "app.sandbox.rest.tree",
    "app.sandbox.rest.graph",
    "app.sandbox.rest.batch",
    "app.sandbox.rest.approvals",
    "app.sandbox.bulk2",
    "app.sandbox.bulk1",
    "app.sandbox.auth",
    "app.sandbox.control",
    "app.sandbox.soap",
]

#: bytes of an address, and of all headers together
MAX_ADDRESS = 16_384

__all__ = [
    "JSON",
    "Headers",
    "Request",
    "Response",
    "Route",
    "call",
    "context_of",
    "dispatch",
    "error_response",
    "find",
    "handle",
    "normalized",
    "routes",
]


Handler = Callable[..., Response]
ErrorForm = Callable[[ApiError, Request], Response]


@dataclass(slots=True)
class Route:
    """method, pattern (`<name>` one path segment, `<path:name>` the rest), handler(ctx, request, **path).

    auth: a session is needed. counted: an API request of the org's limit, subject to faults.
    errors: how an ApiError is written where REST's array is not the form.
    kind: what `counters.by_kind` calls it; empty means the handler's module.
    media: content types taken in a body; empty means any.
    """

    method: str
    pattern: str
    handler: Handler
    auth: bool = True
    counted: bool = True
    errors: ErrorForm | None = None
    kind: str = ""
    media: tuple[str, ...] = ("application/json",)
    regex: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        parts = re.split(r"<([^>]+)>", self.pattern)
        out = ""
        for n, part in enumerate(parts):
            if n % 2 == 0:
                out += re.escape(part)
            elif part == "version":
                out += r"v(?P<version>\d+\.0)"
            elif part.startswith("path:"):
                out += f"(?P<{part[5:]}>.+?)"
            else:
                out += f"(?P<{part}>[^/]+?)"
        self.regex = re.compile(out + r"/?\Z", re.IGNORECASE)
        self.kind = self.kind or self.handler.__module__.rpartition(".")[2]


@lru_cache(maxsize=1)
def routes() -> tuple[Route, ...]:
    """Every route of every module in MODULES that exists."""
    found: list[Route] = []
    for name in MODULES:
        if importlib.util.find_spec(name) is None:
            continue
        found.extend(getattr(importlib.import_module(name), "ROUTES", ()))
    return tuple(found)


_HOST_IN_PATH = re.compile(r"^/[^/]*\.salesforce\.com(?=/)|^/[^/]+/[^/]*\.salesforce\.com(?=/)")


def normalized(path: str) -> str:
    """The path without the my-domain host that some clients put in front of it."""
    return _HOST_IN_PATH.sub("", path) or "/"


def dispatch(
    org: Org, method: str, target: str, headers: Mapping[str, str], body: bytes, *, ctx: Context | None = None
) -> Response:
    """Answer a subrequest in this process: routed, but neither authenticated, counted nor faulted again.

    ctx: the outer request's context. Used by the composite family.
    """
    request = Request(method, target, headers, body, base_url=org.http_url)
    route, path, refusal = find(request)
    if route is None:
        return error_response(refusal or not_found())
    return call(route, path, request, context_of(org, request, user_id=ctx.user_id if ctx else ""))


@lru_cache(maxsize=4096)
def _candidates(path: str) -> tuple[tuple[Route, dict[str, str]], ...]:
    found = []
    for route in routes():
        match = route.regex.match(path)
        if match:
            found.append((route, {k: unquote(v) for k, v in match.groupdict().items()}))
    return tuple(found)


def find(request: Request) -> tuple[Route | None, dict[str, str], ApiError | None]:
    """The route and its path values, or the refusal (404, 405)."""
    candidates = _candidates(normalized(request.path))
    if not candidates:
        return None, {}, not_found()
    method = "GET" if request.method == "HEAD" else request.method
    for route, path in candidates:
        if route.method == method:
            return route, path, None
    allowed = ",".join(sorted({route.method for route, _ in candidates}))
    message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
    return None, {}, ApiError("METHOD_NOT_ALLOWED", message, status=405)


def context_of(org: Org, request: Request, *, user_id: str) -> Context:
    """The context that the request's headers describe."""
    headers = request.headers
    client = None
    for option in headers.get("sforce-call-options", "").split(","):
        name, _, value = option.strip().partition("=")
        if name.lower() == "client" and value:
            client = value.strip()
    assign = headers.get("sforce-auto-assign", "TRUE").strip().upper()
    duplicates = headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return Context(
        org,
        user_id=user_id,
        client=client,
        auto_assign=assign != "FALSE",
        allow_duplicates="allowsave=true" in duplicates,
        headers=headers,
    )


def _check_version(version: str) -> None:
    number = float(version)
    if number > float(Org.api_version):
        raise not_found()
    if number < 31:
        raise ApiError("UNSUPPORTED_API_VERSION", f"Version {version} has been retired.", status=410)


def handle(org: Org, request: Request) -> Response:
    """The whole way of a request from outside, faults and counting included.

    Raises app.sandbox.faults.ConnectionDropped where the client shall see the connection close.
    """
    if request.path.startswith("/__sandbox"):
        return _finished(org, request, _control(org, request))
    too_much = _too_much(request)
    if too_much is not None:
        return _finished(org, request, error_response(too_much))
    org.settle()
    if request.method == "POST" and "_HttpMethod" in request.query:
        request.method = request.query["_HttpMethod"][0].upper()
    try:
        response = org.faults.before(request)
        if response is None:
            response = _answer(org, request)
        response = org.faults.after(request, response)
    except ApiError as refused:  # an action of a fault that the org itself refuses
        response = error_response(refused)
    return _finished(org, request, response)


def _too_much(request: Request) -> ApiError | None:
    """The limits of an address and of all headers together, 16 KB each."""
    if len(request.full_path) > MAX_ADDRESS:
        return ApiError("URI_TOO_LONG", "The length of the URI exceeds the 16,384 byte limit.", status=414)
    if sum(len(k) + len(v) for k, v in request.headers.items()) > MAX_ADDRESS:
        message = "The combined length of the URI and headers exceeds the 16,384 byte limit."
        return ApiError("REQUEST_HEADER_FIELDS_TOO_LARGE", message, status=431)
    return None


def _control(org: Org, request: Request) -> Response:
    route, path, refusal = find(request)
    if route is None:
        return error_response(refusal or not_found())
    return call(route, path, request, org.context())


def _answer(org: Org, request: Request) -> Response:
    route, path, refusal = find(request)
    if route is None:
        return error_response(refusal or not_found())
    try:
        user_id = org.sessions.authenticate(request) if route.auth else ""
        if route.counted:
            used = org.counters.count(request.method, route.kind, normalized(request.path))
            if used > org.settings.daily_api_requests:
                raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        _check_media(route, request)
    except ApiError as error:
        return route.errors(error, request) if route.errors else error_response(error)
    return call(route, path, request, context_of(org, request, user_id=user_id))


def _check_media(route: Route, request: Request) -> None:
    sent = request.content_type
    if request.method in ("POST", "PATCH", "PUT") and sent and route.media and sent not in route.media:
        message = f"The HTTP entity body is in a content type that is not supported: {sent}"
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    accepts = request.headers.get("accept", "").lower()
    if "xml" in accepts and "json" not in accepts and "*/*" not in accepts and _speaks_only_json(route):
        raise ApiError("NOT_ACCEPTABLE", "The resource is available as application/json only.", status=406)


def _speaks_only_json(route: Route) -> bool:
    return route.media == ("application/json",) and route.pattern.startswith("/services/data")


def _finished(org: Org, request: Request, response: Response) -> Response:
    """The headers that every answer carries; pretty print and compression where they were asked for."""
    headers = response.headers
    headers.setdefault("Date", org.clock.http_date())
    if request.path.startswith("/services") or ".salesforce.com/" in request.path:
        used = f"api-usage={org.counters.used}/{org.settings.daily_api_requests}"
        headers.setdefault("Sforce-Limit-Info", used)
    if response.status not in (204, 304, 412):
        headers.setdefault("Content-Type", response.content_type)
    body = response.body
    if not isinstance(body, bytes):
        return response
    if request.headers.get("x-prettyprint", "") in ("1", "true") and response.content_type == JSON and body:
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    if len(body) > 1024 and "gzip" in request.headers.get("accept-encoding", "").lower():
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    response.body = body
    return response


def call(route: Route, path: dict[str, str], request: Request, ctx: Context) -> Response:
    """Run a handler; every refusal becomes an answer."""
    try:
        values = dict(path)
        if "version" in values:
            ctx.version = values["version"]
            _check_version(ctx.version)
        return route.handler(ctx, request, **values)
    except ApiError as error:
        return route.errors(error, request) if route.errors else error_response(error)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        number = secrets.randbelow(2**31)
        unknown = ApiError(
            "UNKNOWN_EXCEPTION",
            f"An unexpected error occurred. Please include this ErrorId if you contact support: {number}",
            status=500,
        )
        return route.errors(unknown, request) if route.errors else error_response(unknown)
