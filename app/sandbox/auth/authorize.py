"""The sign-in page of the web-server flow."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from app.sandbox.auth import users
from app.sandbox.auth.apps import App
from app.sandbox.auth.errors import OAuthError
from app.sandbox.context import Context
from app.sandbox.http import Request, Response

if TYPE_CHECKING:
    from app.sandbox.org import Org

_HTML = "text/html; charset=UTF-8"
#: a base64url SHA-256
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_PASSED_ON = (
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "response_type",
)
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in to the org</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; background: #f3f3f3; margin: 0 }}
main {{ max-width: 26rem; margin: 4rem auto; padding: 2rem; background: #fff; border-radius: 8px }}
label {{ display: block; font-weight: 600; margin-bottom: .5rem }}
select, button {{ font: inherit; width: 100%; padding: .6rem; margin-bottom: 1rem; box-sizing: border-box }}
button {{ background: #0176d3; color: #fff; border: 0; border-radius: 4px; cursor: pointer }}
</style></head><body><main>
<h1>Sign in</h1><p>{app} asks to act for you ({scope}).</p>
<form method="post" action="/services/oauth2/authorize">{hidden}
<label for="username">User</label><select id="username" name="username">{options}</select>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form></main></body></html>
"""


def _parameters(request: Request) -> dict[str, str]:
    form = request.form() if request.method == "POST" else {}
    return {name: found[0] for name, found in request.query.items()} | form


def _is_callback(app: App, uri: str) -> bool:
    """Exact match; a registered loopback address matches with any port, as RFC 8252 asks."""
    if uri in app.callbacks:
        return True
    try:
        shown = urlsplit(uri)
        if shown.port is None or shown.hostname not in ("localhost", "127.0.0.1"):
            return False
    except ValueError:
        return False
    bare = shown._replace(netloc=shown.hostname or "").geturl()
    return bare in app.callbacks


def _to(uri: str, **values: str) -> Response:
    joint = "&" if "?" in uri else "?"
    location = uri + joint + urlencode({name: value for name, value in values.items() if value})
    return Response(302, headers={"Location": location}, content_type=_HTML)


def _error_page(error: str, description: str) -> Response:
    text = f"error={error}&error_description={description}"
    return Response(
        400, f"<!DOCTYPE html><html><body><p>{escape(text)}</p></body></html>".encode(), content_type=_HTML
    )


def _checked(org: Org, asked: dict[str, str]) -> tuple[App | None, Response | None]:
    """The app of a request that may go on, or the answer that ends it."""
    try:
        app = org.sessions.apps.find(asked.get("client_id", ""))
    except OAuthError as error:
        return None, _error_page(error.error, error.description)
    uri = asked.get("redirect_uri", "")
    if not _is_callback(app, uri):
        # never redirect to an address that the app did not register
        return None, _error_page("redirect_uri_mismatch", "redirect_uri must match configuration")
    state = asked.get("state", "")
    if asked.get("response_type") != "code" or "authorization_code" not in app.flows:
        return None, _to(
            uri,
            error="unsupported_response_type",
            error_description="response type not supported",
            state=state,
        )
    challenge = asked.get("code_challenge", "")
    if challenge or app.require_pkce:
        if not challenge:
            text = "missing required code challenge"
        elif asked.get("code_challenge_method", "plain") != "S256" or not _CHALLENGE.match(challenge):
            text = "invalid code challenge"
        else:
            text = ""
        if text:
            return None, _to(uri, error="invalid_request", error_description=text, state=state)
    return app, None


def _granted(org: Org, app: App, asked: dict[str, str], user: users.User) -> Response:
    state = asked.get("state", "")
    if not app.permits(str(user["Username"])):
        return _to(
            asked["redirect_uri"],
            error="OAUTH_APP_BLOCKED",
            error_description="this app is blocked by admin",
            state=state,
        )
    wanted = asked.get("scope", "").split() or app.scope.split()
    scope = " ".join(s for s in wanted if s in app.scope.split())
    if len(scope.split()) < len(wanted):
        return _to(
            asked["redirect_uri"],
            error="invalid_scope",
            error_description="the requested scope is not allowed",
            state=state,
        )
    code = org.sessions.issue_code(
        str(user["Id"]),
        app,
        scope=scope,
        redirect_uri=asked["redirect_uri"],
        challenge=asked.get("code_challenge", ""),
        nonce=asked.get("nonce", ""),
    )
    return _to(asked["redirect_uri"], code=code, state=state)


def authorize(ctx: Context, request: Request) -> Response:
    """Show the sign-in page, or go straight back where the app approves by itself."""
    asked = _parameters(request)
    app, refused = _checked(ctx.org, asked)
    if app is None:
        return refused or Response(400)
    if app.auto_approve:
        user = users.by_username(ctx.org, app.auto_approve)
        if user is not None and user.get("IsActive"):
            return _granted(ctx.org, app, asked, user)
    if asked.get("prompt") == "none":
        return _to(
            asked["redirect_uri"],
            error="login_required",
            error_description="the user must sign in",
            state=asked.get("state", ""),
        )
    hint = asked.get("login_hint", "").lower()
    options = "".join(
        f'<option value="{escape(str(user["Username"]))}"'
        f"{' selected' if str(user['Username']).lower() == hint else ''}>"
        f"{escape(str(user.get('Name') or ''))} · {escape(str(user['Username']))}</option>"
        for user in users.active_users(ctx.org)
    )
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in _PASSED_ON
        if name in asked
    )
    page = _PAGE.format(
        app=escape(app.name), scope=escape(asked.get("scope") or app.scope), hidden=hidden, options=options
    )
    return Response(200, page.encode(), {"X-Frame-Options": "DENY"}, content_type=_HTML)


def approve(ctx: Context, request: Request) -> Response:
    """What the sign-in page sends: the chosen user and the decision."""
    asked = _parameters(request)
    app, refused = _checked(ctx.org, asked)
    if app is None:
        return refused or Response(400)
    if asked.get("decision", "allow") != "allow":
        return _to(
            asked["redirect_uri"],
            error="access_denied",
            error_description="end-user denied authorization",
            state=asked.get("state", ""),
        )
    user = users.by_username(ctx.org, asked.get("username", ""))
    if user is None or not user.get("IsActive"):
        return _error_page("invalid_grant", "authentication failure")
    return _granted(ctx.org, app, asked, user)
