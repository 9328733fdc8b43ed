"""Before and after every call: a request id, the door that fails closed, headers, one line in the log."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import replace

import structlog
from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.kernel.errors import BadInput, TandemError
from app.web.identity import Person
from app.web.language import tongue, wanted
from app.web.oauth import protector
from app.web.operation import Security, services
from app.words import say

LARGEST_BODY = 1_000_000
#: Balancers ask these all the time.
UNCOUNTED = ("/healthz", "/readyz")
_OWN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

#: The API serves data, never pages: nothing may be loaded, framed, sniffed or kept.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), microphone=()",
}

log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Guard every route of the app."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.before_request
    def enter() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _OWN_ID.fullmatch(given) else secrets.token_hex(8)
        g.began = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        if request.url_rule is None:
            _count_address()
            return  # Flask answers 404 or 405
        security = declared(app, request.endpoint or "")
        _check_in(security)
        _check_body(security)

    @app.after_request
    def leave(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers["Content-Language"] = tongue().language
        if request.is_secure:
            answer.headers["Strict-Transport-Security"] = "max-age=63072000"
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        log.info(
            "call",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "",
            status=answer.status_code,
            ms=round((time.monotonic() - g.began) * 1000, 1) if "began" in g else None,
            user=str(g.person.actor.user_id) if "person" in g else None,
        )
        return answer


def declared(app: Flask, endpoint: str) -> Security:
    """Who may call an endpoint. Raises TandemError for one that does not say: it is closed."""
    found = getattr(app.view_functions[endpoint], "__security__", None)
    if not isinstance(found, Security):
        raise TandemError("This address does not say who may use it, so nobody may.", where=endpoint)
    return found


def _check_in(security: Security) -> None:
    if not security.scopes:
        if request.path not in UNCOUNTED:
            _count_address()
        return
    try:
        person: Person = protector.acquire_token(list(security.scopes)).person
        # What the call asks for goes before what the CRM knows of its caller.
        g.person = replace(person, language=wanted() or person.language)
    except OAuth2Error:
        # A good token is good from any address: many users share that of their org.
        _count_address()
        raise
    settings = services().settings
    services().rates.take("user", str(g.person.actor.user_id), settings.rate_per_user)


def _count_address() -> None:
    services().rates.take("address", request.remote_addr or "", services().settings.rate_per_address)


def _check_body(security: Security) -> None:
    largest = security.upload or LARGEST_BODY
    request.max_content_length = largest
    if request.content_length is not None and request.content_length > largest:
        raise RequestEntityTooLarge(say("Send at most {largest} bytes.", largest=largest))
    if request.method not in ("POST", "PUT", "PATCH") or request.path.startswith("/oauth/"):
        return
    body = request.get_data()
    if security.upload:
        return
    if request.mimetype != "application/json" and (body or request.mimetype):
        raise UnsupportedMediaType(say("Send the body as application/json."))
    if body and not isinstance(_json(), dict):
        raise BadInput(
            say("The body is not a JSON object."), remedy=say("Send one in curly brackets."), code="bad_json"
        )


def _json() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:
        raise BadInput(
            say("The body is nested too deeply."), remedy=say("Send it flatter."), code="bad_json"
        ) from None
