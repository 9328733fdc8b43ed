"""The OAuth and identity addresses."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote

from app.sandbox.auth import grants, users
from app.sandbox.auth.authorize import approve, authorize
from app.sandbox.auth.errors import OAuthError
from app.sandbox.auth.identity import discovery, identity, keys, userinfo
from app.sandbox.context import Context
from app.sandbox.http import Request, Response, Route

_NO_STORE = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}


def _form(request: Request) -> dict[str, str]:
    """The fields of the body or the query, with the credentials of a Basic header among them."""
    form = {name: found[0] for name, found in request.query.items()} | request.form()
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client", "invalid client credentials") from error
        form |= {"client_id": unquote(name), "client_secret": unquote(secret)}
    return form


def token(ctx: Context, request: Request) -> Response:
    """Exchange an assertion, credentials, a code or a refresh token for a session."""
    try:
        body = grants.token(ctx.org, _form(request), base_url=request.base_url)
    except OAuthError as error:
        return Response.of(error.body(), error.status, dict(_NO_STORE))
    return Response.of(body, headers=dict(_NO_STORE))


def revoke(ctx: Context, request: Request) -> Response:
    """End a session, or a refresh token with all its sessions."""
    try:
        shown = _form(request).get("token", "")
        if not ctx.org.sessions.revoke(shown):
            raise OAuthError("unsupported_token_type", "this token type is not supported")
    except OAuthError as error:
        return Response.of(error.body(), error.status)
    return Response(200)


def introspect(ctx: Context, request: Request) -> Response:
    """Tell an app what a token is worth."""
    try:
        form = _form(request)
        app = grants.client(ctx.org, form, secret_needed=True)
    except OAuthError as error:
        return Response.of(error.body(), 401 if error.error == "invalid_client" else error.status)
    shown = form.get("token", "")
    session = ctx.org.sessions.resolve(shown)
    refresh = ctx.org.sessions.find_refresh(shown)
    known = session or refresh
    if known is None or known.client_id != app.client_id:
        return Response.of({"active": False})
    user = users.by_id(ctx.org, known.user_id) or {}
    body: dict[str, Any] = {
        "active": bool(user.get("IsActive")),
        "scope": known.scope,
        "client_id": known.client_id,
        "username": user.get("Username"),
        "sub": f"{request.base_url}/id/{ctx.org.org_id}/{known.user_id}",
        "token_type": "access_token" if session else "refresh_token",
    }
    if session:
        body |= {
            "exp": ctx.org.sessions.expires_at(session),
            "iat": session.issued_at,
            "nbf": session.issued_at,
        }
    return Response.of(body)


def _open(method: str, pattern: str, handler: Any) -> Route:
    return Route(method, pattern, handler, auth=False, counted=False, kind="oauth", media=())


ROUTES = [
    _open("POST", "/services/oauth2/token", token),
    _open("GET", "/services/oauth2/authorize", authorize),
    _open("POST", "/services/oauth2/authorize", approve),
    _open("POST", "/services/oauth2/revoke", revoke),
    _open("GET", "/services/oauth2/revoke", revoke),
    _open("POST", "/services/oauth2/introspect", introspect),
    _open("GET", "/services/oauth2/userinfo", userinfo),
    _open("POST", "/services/oauth2/userinfo", userinfo),
    _open("GET", "/id/keys", keys),
    _open("GET", "/id/<org_id>/<user_id>", identity),
    _open("GET", "/.well-known/openid-configuration", discovery),
]
