"""The token endpoint: one function a grant, each refusing in the words of a real org."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.sandbox.auth import users
from app.sandbox.auth.apps import INTEGRATION_USER, App
from app.sandbox.auth.errors import OAuthError, invalid_grant
from app.sandbox.auth.jwt import BadToken, claims_of, encode, sign, verify
from app.sandbox.auth.keys import public_key
from app.sandbox.auth.sessions import Session

if TYPE_CHECKING:
    from app.sandbox.org import Org

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: an assertion may not be good for longer than this, in seconds, give or take the leeway
ASSERTION_SECONDS = 300
LEEWAY_SECONDS = 30

Form = Mapping[str, str]


def token(org: Org, form: Form, *, base_url: str) -> dict[str, Any]:
    """Answer a token request, whose client credentials are already in the form.

    base_url: the address the client used; it becomes `instance_url`. Raises OAuthError.
    """
    grant = _GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return grant(org, form, base_url)


def client(org: Org, form: Form, *, secret_needed: bool) -> App:
    """The app that the form names, its secret checked if it brings one or must."""
    app = org.sessions.apps.find(form.get("client_id", ""))
    shown = form.get("client_secret")
    if (secret_needed or shown is not None) and not hmac.compare_digest(
        (shown or "").encode(), app.secret.encode()
    ):
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def answer(
    org: Org, app: App, session: Session, *, base_url: str, refresh_token: str = "", nonce: str = ""
) -> dict[str, Any]:
    """The body that hands out a session."""
    identity = f"{base_url}/id/{org.org_id}/{session.user_id}"
    issued_at = str(session.issued_at * 1000)
    signature = hmac.new(app.secret.encode(), f"{identity}{issued_at}".encode(), hashlib.sha256).digest()
    body: dict[str, Any] = {
        "access_token": session.token,
        "signature": base64.b64encode(signature).decode(),
        "scope": session.scope,
        "instance_url": base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    if refresh_token:
        body["refresh_token"] = refresh_token
    if "openid" in session.scope.split():
        body["id_token"] = _id_token(org, app, session, base_url, identity, nonce)
    return body


def _id_token(org: Org, app: App, session: Session, base_url: str, identity: str, nonce: str) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": base_url,
        "sub": identity,
        "aud": app.client_id,
        "iat": now,
        "exp": now + 120,
        "at_hash": encode(hashlib.sha256(session.token.encode()).digest()[:16]),
    }
    if nonce:
        claims["nonce"] = nonce
    return sign(claims, org.sessions.apps.identity_key.private, key_id="identity")


def _allowed(app: App, flow: str) -> None:
    if flow not in app.flows:
        raise OAuthError("invalid_request", "this flow is not enabled for this app")


def _may_sign_in(user: users.User | None, app: App) -> users.User:
    if user is None:
        raise invalid_grant("user hasn't approved this consumer")
    if not user.get("IsActive"):
        raise invalid_grant("inactive user")
    if not app.permits(str(user["Username"])):
        raise invalid_grant("user hasn't approved this consumer")
    return user


def _jwt_bearer(org: Org, form: Form, base_url: str) -> dict[str, Any]:
    assertion = form.get("assertion", "")
    try:
        claims = claims_of(assertion)
    except BadToken as error:
        raise invalid_grant("invalid assertion") from error
    app = org.sessions.apps.find(str(claims.get("iss", "")))
    _allowed(app, "jwt-bearer")
    if not app.certificate:
        raise invalid_grant("invalid assertion")
    try:
        verify(assertion, public_key(app.certificate))
    except BadToken as error:
        raise invalid_grant("invalid assertion") from error
    audiences = claims["aud"] if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    if not any(_is_audience(org, str(audience), base_url) for audience in audiences):
        raise invalid_grant("audience is invalid")
    _check_expiry(org, claims)
    user = _may_sign_in(users.by_username(org, str(claims.get("sub", ""))), app)
    session = org.sessions.open(str(user["Id"]), app, scope=_without(app.scope, "refresh_token", "openid"))
    return answer(org, app, session, base_url=base_url)


def _check_expiry(org: Org, claims: Mapping[str, Any]) -> None:
    # Whoever signs an assertion lives by the machine's clock, not by the org's virtual one.
    now = time.time()
    skew = org.faults.active("clock_skew")
    if skew is not None and skew["assertions"]:
        now += float(skew["seconds"])
    try:
        expires = float(claims["exp"])
    except (KeyError, TypeError, ValueError) as error:
        raise invalid_grant("invalid assertion") from error
    if expires <= now - LEEWAY_SECONDS:
        raise invalid_grant("expired authorization code")
    if expires > now + ASSERTION_SECONDS + LEEWAY_SECONDS:
        raise invalid_grant("invalid assertion")


def _is_audience(org: Org, audience: str, base_url: str) -> bool:
    """Whether an assertion for that address is meant for this org."""
    if audience.rstrip("/") in ("https://login.salesforce.com", "https://test.salesforce.com"):
        return True
    try:
        parts = urlsplit(audience)
        port = parts.port
        own = {urlsplit(url).port for url in (base_url, org.http_url, org.https_url) if url}
    except ValueError:
        return False
    if parts.hostname not in ("localhost", "127.0.0.1", "::1") or port not in own:
        return False
    path = parts.path.rstrip("/").lower()
    return path.endswith(".salesforce.com") or path in ("", "/services/oauth2/token")


def _client_credentials(org: Org, form: Form, base_url: str) -> dict[str, Any]:
    app = client(org, form, secret_needed=True)
    _allowed(app, "client_credentials")
    if not app.run_as:
        raise invalid_grant("no client credentials user enabled")
    found = (
        users.integration_user(org) if app.run_as == INTEGRATION_USER else users.by_username(org, app.run_as)
    )
    user = _may_sign_in(found, app)
    session = org.sessions.open(str(user["Id"]), app, scope=_without(app.scope, "refresh_token", "openid"))
    return answer(org, app, session, base_url=base_url)


def _authorization_code(org: Org, form: Form, base_url: str) -> dict[str, Any]:
    app = org.sessions.apps.find(form.get("client_id", ""))
    client(org, form, secret_needed=app.require_secret)
    _allowed(app, "authorization_code")
    code = org.sessions.redeem_code(form.get("code", ""), app, form.get("redirect_uri", ""))
    if code.challenge:
        shown = encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not hmac.compare_digest(shown.encode(), code.challenge.encode()):
            raise invalid_grant("invalid code verifier")
    elif form.get("code_verifier"):
        raise invalid_grant("invalid code verifier")
    user = _may_sign_in(users.by_id(org, code.user_id), app)
    refresh = ""
    if {"refresh_token", "offline_access", "full"} & set(code.scope.split()):
        refresh = org.sessions.issue_refresh(str(user["Id"]), app, code.scope).token
    session = org.sessions.open(str(user["Id"]), app, scope=code.scope, refresh=refresh)
    return answer(org, app, session, base_url=base_url, refresh_token=refresh, nonce=code.nonce)


def _refresh_token(org: Org, form: Form, base_url: str) -> dict[str, Any]:
    app = org.sessions.apps.find(form.get("client_id", ""))
    client(org, form, secret_needed=app.require_secret)
    _allowed(app, "refresh_token")
    shown = form.get("refresh_token", "")
    if org.faults.match("refresh_race", method="POST", path="/services/oauth2/token"):
        # another worker uses the same token a moment earlier
        org.sessions.redeem_refresh(shown, app)
    known, following = org.sessions.redeem_refresh(shown, app)
    user = _may_sign_in(users.by_id(org, known.user_id), app)
    session = org.sessions.open(str(user["Id"]), app, scope=known.scope, refresh=following.token)
    rotated = following.token if following is not known else ""
    return answer(org, app, session, base_url=base_url, refresh_token=rotated)


def _password(org: Org, form: Form, base_url: str) -> dict[str, Any]:
    app = client(org, form, secret_needed=True)
    user = users.by_username(org, form.get("username", ""))
    # An org that blocks this flow gives the same answer for a right and a wrong password.
    if (
        not org.settings.password_flow
        or user is None
        or not org.sessions.has_password(str(user["Id"]), form.get("password", ""))
    ):
        raise invalid_grant("authentication failure")
    _may_sign_in(user, app)
    session = org.sessions.open(str(user["Id"]), app, scope=_without(app.scope, "refresh_token", "openid"))
    return answer(org, app, session, base_url=base_url)


def _without(scope: str, *left_out: str) -> str:
    return " ".join(s for s in scope.split() if s not in left_out)


_GRANTS: dict[str, Callable[[Org, Form, str], dict[str, Any]]] = {
    JWT_BEARER: _jwt_bearer,
    "client_credentials": _client_credentials,
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "password": _password,
}
