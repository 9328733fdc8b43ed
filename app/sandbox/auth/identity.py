"""Who a session speaks for: userinfo, the identity address, and the OpenID documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.sandbox.auth import users
from app.sandbox.auth.apps import SCOPES
from app.sandbox.auth.jwt import encode
from app.sandbox.auth.sessions import token_in
from app.sandbox.context import Context
from app.sandbox.http import Request, Response
from app.sandbox.values import datetime_text

if TYPE_CHECKING:
    from app.sandbox.org import Org

_URLS = {
    "enterprise": "/services/Soap/c/{version}/{org}",
    "metadata": "/services/Soap/m/{version}/{org}",
    "partner": "/services/Soap/u/{version}/{org}",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "profile": "/{user}",
}


def _speaker(org: Org, request: Request) -> users.User | None:
    """The active user behind the request's session, whether or not the user may use the API."""
    session = org.sessions.resolve(token_in(request))
    user = users.by_id(org, session.user_id) if session else None
    return user if user and user.get("IsActive") else None


def _refused(text: str, status: int = 403) -> Response:
    return Response(status, text.encode(), content_type="text/html;charset=UTF-8")


def _urls(base_url: str, org_id: str, user_id: str) -> dict[str, str]:
    return {
        name: base_url + path.format(version="{version}", org=org_id, user=user_id)
        for name, path in _URLS.items()
    }


def userinfo(ctx: Context, request: Request) -> Response:
    """The OpenID claims about the session's user."""
    user = _speaker(ctx.org, request)
    if user is None:
        return _refused("Bad_OAuth_Token")
    body = _claims(ctx.org, request.base_url, user)
    body["urls"] = _urls(request.base_url, ctx.org.org_id, str(user["Id"]))
    return Response.of(body)


def _claims(org: Org, base_url: str, user: users.User) -> dict[str, Any]:
    modified = user.get("LastModifiedDate")
    return {
        "sub": f"{base_url}/id/{org.org_id}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": org.org_id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("CommunityNickname") or str(user.get("Username", "")).partition("@")[0],
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user.get("LastName"),
        "zoneinfo": user.get("TimeZoneSidKey") or org.settings.time_zone,
        "active": bool(user.get("IsActive")),
        "user_type": str(user.get("UserType") or "Standard").upper(),
        "language": user.get("LanguageLocaleKey") or "en_US",
        "locale": user.get("LocaleSidKey") or "en_US",
        "updated_at": datetime_text(modified) if isinstance(modified, int) else None,
        "is_app_installed": True,
    }


def identity(ctx: Context, request: Request, org_id: str, user_id: str) -> Response:
    """The identity document that a token answer points at."""
    if not request.headers.get("authorization"):
        return _refused("Missing_OAuth_Token")
    speaker = _speaker(ctx.org, request)
    if speaker is None:
        return _refused("Bad_OAuth_Token")
    if org_id[:15] != ctx.org.org_id[:15]:
        return _refused("Wrong_Org")
    user = users.by_id(ctx.org, user_id)
    if user is None:
        return _refused("Bad_Id", 404)
    base = request.base_url
    modified = user.get("LastModifiedDate")
    body = {
        "id": f"{base}/id/{ctx.org.org_id}/{user['Id']}",
        "asserted_user": user["Id"] == speaker["Id"],
        "user_id": user["Id"],
        "organization_id": ctx.org.org_id,
        "username": user.get("Username"),
        "nick_name": user.get("CommunityNickname") or str(user.get("Username", "")).partition("@")[0],
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "first_name": user.get("FirstName"),
        "last_name": user.get("LastName"),
        "timezone": user.get("TimeZoneSidKey") or ctx.org.settings.time_zone,
        "urls": _urls(base, ctx.org.org_id, str(user["Id"])),
        "active": bool(user.get("IsActive")),
        "user_type": str(user.get("UserType") or "Standard").upper(),
        "language": user.get("LanguageLocaleKey") or "en_US",
        "locale": user.get("LocaleSidKey") or "en_US",
        "last_modified_date": datetime_text(modified) if isinstance(modified, int) else None,
        "is_app_installed": True,
    }
    return Response.of(body)


def discovery(ctx: Context, request: Request) -> Response:
    """Where an OpenID client finds everything."""
    base = request.base_url
    oauth = f"{base}/services/oauth2"
    return Response.of(
        {
            "issuer": base,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "revocation_endpoint": f"{oauth}/revoke",
            "introspection_endpoint": f"{oauth}/introspect",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "jwks_uri": f"{base}/id/keys",
            "scopes_supported": SCOPES.split(),
            "response_types_supported": ["code"],
            "grant_types_supported": [
                "authorization_code",
                "client_credentials",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
    )


def keys(ctx: Context, request: Request) -> Response:
    """The key that id tokens are signed with, as a JWK set."""
    numbers = ctx.org.sessions.apps.identity_key.private.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": "identity",
        "n": encode(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": encode(numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big")),
    }
    return Response.of({"keys": [jwk]})
