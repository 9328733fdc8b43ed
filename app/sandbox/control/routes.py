"""`/__sandbox/…`: a JSON API without tokens, which answers on loopback only and is never counted.

GET    /__sandbox              what a client needs: addresses, app, secret, org id, a token
POST   /__sandbox/reset        {profile, seed, settings}: the org as new
GET    /__sandbox/clock        POST {advance | set, freeze}
GET    /__sandbox/faults       POST {kind, …} → {id}; DELETE, or DELETE /__sandbox/faults/<id>
POST   /__sandbox/do           one action, or a list of them: app.sandbox.control.actions
POST   /__sandbox/admin        one change: app.sandbox.control.setup
GET    /__sandbox/counters     API calls by kind and by resource; DELETE begins again
POST   /__sandbox/sessions     {username} → {access_token}; DELETE {username, refresh}
POST   /__sandbox/jwt          {username, audience, issuer, seconds, claims} → {assertion}
GET    /__sandbox/certificate  PEM of the key behind those assertions
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from app.sandbox.auth import ready, users
from app.sandbox.auth.jwt import sign
from app.sandbox.context import Context
from app.sandbox.control import setup
from app.sandbox.control.actions import perform
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _guarded(handler: Callable[..., Response]) -> Callable[..., Response]:
    """Only for this machine: neither a remote peer nor a page that a browser was led to by a false name."""

    def guarded(ctx: Context, request: Request, **path: str) -> Response:
        if request.client_address not in _LOOPBACK or urlsplit(request.base_url).hostname not in _LOOPBACK:
            raise ApiError("FORBIDDEN", "The control plane answers on loopback only.", status=403)
        return handler(ctx, request, **path)

    guarded.__module__ = handler.__module__
    return guarded


def _body(request: Request) -> dict[str, Any]:
    return request.json_object() if request.body else {}


def show(ctx: Context, request: Request) -> Response:
    """Everything a client needs to begin."""
    org = ctx.org
    return Response.of(
        {
            **ready(org),
            "http": org.http_url,
            "https": org.https_url,
            "client_secret": org.sessions.apps.integration.secret,
            "org_id": org.org_id,
            "profile": org.profile,
            "api_version": org.api_version,
        }
    )


def reset(ctx: Context, request: Request) -> Response:
    """The org as new, and what `show` shows.

    profile: default the org's. seed: fills it with the seeded world; null leaves its users only.
    settings: switches of OrgSettings.
    """
    from app.sandbox.build import reset as renew  # which builds on every room, this one included

    body = _body(request)
    renew(ctx.org, profile=body.get("profile"), seed=body.get("seed"), settings=body.get("settings"))
    return show(ctx, request)


def clock(ctx: Context, request: Request) -> Response:
    """What time the org thinks it is."""
    now = ctx.org.clock.now()
    iso = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
    return Response.of({"now": now, "iso": iso, "frozen": ctx.org.clock.frozen})


def set_clock(ctx: Context, request: Request) -> Response:
    """Move, set, stop or release the clock; due long transactions commit."""
    body = _body(request)
    known = {"advance", "set", "freeze"}
    if not body or set(body) - known:
        raise ApiError("INVALID_ACTION", "the clock takes: advance, set, freeze")
    try:
        if "set" in body:
            moment = body["set"]
            ctx.org.clock.set(
                datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else moment
            )
        if "advance" in body:
            ctx.org.clock.advance(float(body["advance"]))
    except (TypeError, ValueError) as error:
        raise ApiError("INVALID_ACTION", f"the clock cannot do this: {error}") from error
    if "freeze" in body:
        ctx.org.clock.freeze(bool(body["freeze"]))
    ctx.org.store.set_meta("clock", orjson.dumps(ctx.org.clock.dump()))
    ctx.org.settle()
    return clock(ctx, request)


def list_faults(ctx: Context, request: Request) -> Response:
    """The faults in force or spent."""
    return Response.of({"faults": ctx.org.faults.list()})


def add_fault(ctx: Context, request: Request) -> Response:
    """Put a fault in force."""
    return Response.of(ctx.org.faults.add(request.json_object()).shown(), 201)


def clear_faults(ctx: Context, request: Request, fault_id: str = "") -> Response:
    """End one fault, or all of them."""
    if fault_id and not fault_id.isdigit():
        raise ApiError("NOT_FOUND", f"there is no fault {fault_id}", status=404)
    ended = ctx.org.faults.clear(int(fault_id) if fault_id else None)
    if fault_id and not ended:
        raise ApiError("NOT_FOUND", f"there is no fault {fault_id}", status=404)
    return Response.of({"cleared": ended})


def do(ctx: Context, request: Request) -> Response:
    """One action of another user, or several in order."""
    asked = request.json()
    if isinstance(asked, list):
        return Response.of([perform(ctx.org, action) for action in asked])
    return Response.of(perform(ctx.org, asked))


def administer(ctx: Context, request: Request) -> Response:
    """One change of the org's set-up."""
    asked = request.json_object()
    name = str(asked.pop("action", ""))
    return Response.of(setup.perform(ctx.org, name, asked))


def counters(ctx: Context, request: Request) -> Response:
    """API calls since the counters began."""
    counted = ctx.org.counters.dump()
    calls = {"total": sum(counted["kinds"].values()), **counted["kinds"]}
    return Response.of(
        {
            "calls": calls,
            "requests": counted["requests"],
            "used": ctx.org.counters.used,
            "limit": ctx.org.settings.daily_api_requests,
        }
    )


def reset_counters(ctx: Context, request: Request) -> Response:
    """Begin to count again."""
    ctx.org.counters.reset()
    return counters(ctx, request)


def open_session(ctx: Context, request: Request) -> Response:
    """A session of any user, as if the user had signed in to the integration app."""
    username = str(_body(request).get("username", ""))
    user = users.by_username(ctx.org, username)
    if user is None:
        raise ApiError("NOT_FOUND", f"there is no user {username}", status=404)
    session = ctx.org.sessions.open(str(user["Id"]), ctx.org.sessions.apps.integration, scope="api web id")
    return Response.of({"access_token": session.token, "user_id": session.user_id})


def end_sessions(ctx: Context, request: Request) -> Response:
    """End every session, or those of a user; with `refresh` the user's refresh tokens too."""
    body = _body(request)
    if not body.get("username"):
        return Response.of({"ended": ctx.org.sessions.end()})
    user = users.by_username(ctx.org, str(body["username"]))
    if user is None:
        raise ApiError("NOT_FOUND", f"there is no user {body['username']}", status=404)
    end = ctx.org.sessions.revoke_user if body.get("refresh") else None
    ended = end(str(user["Id"])) if end else ctx.org.sessions.end(user_id=str(user["Id"]))
    return Response.of({"ended": ended})


def assertion(ctx: Context, request: Request) -> Response:
    """What a Named Credential sends for the user who calls out: a JWT signed with the org's certificate.

    The claims are those of an external credential with the JWT bearer flow, which has no jti: see
    https://developer.salesforce.com/docs/platform/named-credentials/references/named-credentials-reference/jwt-claims.html
    issuer: default the org's id. seconds: how long it is good (default 120, by the machine's clock).
    claims: further or other claims.
    """
    body = _body(request)
    user = users.by_username(ctx.org, str(body.get("username", "")))
    if user is None:
        raise ApiError("NOT_FOUND", f"there is no user {body.get('username')}", status=404)
    if not body.get("audience"):
        raise ApiError("INVALID_ACTION", "an assertion needs an audience")
    now = int(time.time())
    claims = {
        "iss": body.get("issuer") or ctx.org.org_id,
        "sub": user["Username"],
        "aud": body["audience"],
        "iat": now,
        "nbf": now,
        "exp": now + int(body.get("seconds", 120)),
    } | dict(body.get("claims", {}))
    key = ctx.org.sessions.apps.org_key
    return Response.of({"assertion": sign(claims, key.private, key_id="tandem_callouts")})


def certificate(ctx: Context, request: Request) -> Response:
    """The certificate that an admin exports in Setup and registers with the service."""
    pem = ctx.org.sessions.apps.org_key.certificate.encode()
    return Response(200, pem, content_type="application/x-pem-file")


def _route(method: str, path: str, handler: Callable[..., Response]) -> Route:
    pattern = f"/__sandbox{path}"
    return Route(method, pattern, _guarded(handler), auth=False, counted=False, kind="control", media=())


ROUTES = [
    _route("GET", "", show),
    _route("POST", "/reset", reset),
    _route("GET", "/clock", clock),
    _route("POST", "/clock", set_clock),
    _route("GET", "/faults", list_faults),
    _route("POST", "/faults", add_fault),
    _route("DELETE", "/faults", clear_faults),
    _route("DELETE", "/faults/<fault_id>", clear_faults),
    _route("POST", "/do", do),
    _route("POST", "/admin", administer),
    _route("GET", "/counters", counters),
    _route("DELETE", "/counters", reset_counters),
    _route("POST", "/sessions", open_session),
    _route("DELETE", "/sessions", end_sessions),
    _route("POST", "/jwt", assertion),
    _route("GET", "/certificate", certificate),
]
