"""Tandem's own token endpoint: an assertion of a trusted org for a user becomes a short-lived token."""

from __future__ import annotations

import time
from typing import Any

import structlog
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7523 import JWTBearerGrant
from flask import Blueprint, Flask, Response, current_app, request

from app.kernel.actor import SYSTEM
from app.web import identity
from app.web.assertions import SAME_MOMENT_SECONDS, Refused, full_id, issuer_of, verify
from app.web.identity import Person, Unknown
from app.web.operation import public, services

GRANT = JWTBearerGrant.GRANT_TYPE
TOKEN_PATH = "/oauth/token"  # noqa: S105  # an address

log = structlog.get_logger(__name__)
oauth = Blueprint("oauth", __name__)


class Client:
    """An org as Authlib sees a client: it may use this one grant."""

    def __init__(self, issuer: str) -> None:
        self.client_id = issuer

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == GRANT)

    def get_allowed_scope(self, scope: str | None) -> str:
        """The token's scope follows from who speaks; nobody chooses it."""
        return ""


class Grant(JWTBearerGrant):  # type: ignore[misc]  # Authlib has no types
    """RFC 7523 with the assertion checked by app.web.assertions. The caller learns only that it failed."""

    def validate_token_request(self) -> None:
        given = self.request.form.getlist("assertion")
        if len(given) != 1:
            raise InvalidRequestError("Send exactly one assertion.")
        try:
            person = self._believe(given[0])
        except (Refused, Unknown) as error:
            log.warning("assertion refused", reason=str(error), org=getattr(self, "org_id", ""))
            raise InvalidGrantError("The assertion was not accepted.") from None
        self.request.user = person

    def _believe(self, text: str) -> Person:
        issuer = full_id(issuer_of(text))
        with services().database.session(SYSTEM) as session:
            org = identity.trusted(session, issuer)
        if org is None:
            raise Refused("its issuer is not registered or no longer trusted")
        self.org_id = org.org_id
        audience = services().settings.public_url.rstrip("/") + TOKEN_PATH
        assertion = verify(text, org.certificate, issuer=org.issuer, audience=audience, now=time.time())
        self.request.client = Client(issuer)
        # Committed at once: an assertion is spent even when what follows fails.
        with services().database.session(SYSTEM) as session:
            age = identity.take_once(session, issuer, assertion.mark, assertion.expires_at)
        if age is not None and not (assertion.again and age <= SAME_MOMENT_SECONDS):
            raise Refused("it was used before")
        with services().database.session(SYSTEM) as session:
            return identity.spoken_for(session, assertion.subject, org)

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        person: Person = self.request.user
        token = self.generate_token(user=person, include_refresh_token=False)
        with services().database.session(SYSTEM) as session:
            identity.keep_token(session, token["access_token"], person.actor)
        return 200, token | {"scope": person.actor.scope}, self.TOKEN_RESPONSE_HEADER


class Token:
    """A live token as Authlib sees it."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False

    def get_scope(self) -> str:
        return self.person.actor.scope


class Bearer(BearerTokenValidator):  # type: ignore[misc]  # Authlib has no types
    """The token and its holder are looked up anew at each request: who was deactivated is out at once."""

    def authenticate_token(self, token_string: str) -> Token | None:
        with services().database.session(SYSTEM) as session:
            try:
                return Token(identity.bearer(session, token_string))
            except Unknown as error:
                log.info("token refused", reason=str(error))
                return None


protector = ResourceProtector()
protector.register_token_validator(Bearer())


def install(app: Flask) -> None:
    """Put the token endpoint into the app."""
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {GRANT: int(identity.TOKEN_LIFE.total_seconds())}
    app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = lambda *_, **__: identity.new_token()
    server = AuthorizationServer(app, query_client=lambda _: None, save_token=lambda *_: None)
    server.register_grant(Grant)
    app.extensions["tandem_oauth"] = server
    app.register_blueprint(oauth)


@oauth.post(TOKEN_PATH)
@public
def token() -> Response:
    """Exchange an assertion for a token."""
    answer: Response = current_app.extensions["tandem_oauth"].create_token_response()
    return answer


@oauth.post("/oauth/revoke")
@public
def revoke() -> Response:
    """End a token (RFC 7009): whoever holds it may end it, and an unknown one is no error."""
    given = request.form.get("token", "")
    with services().database.session(SYSTEM) as session:
        identity.revoke(session, given)
    return Response(status=200)
