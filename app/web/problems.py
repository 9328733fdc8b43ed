"""One table from errors to answers: `application/problem+json` (RFC 9457), never an internal detail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import InsufficientScopeError
from flask import Flask, Response, g
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.kernel.errors import (
    BadInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TandemError,
    TooMany,
    Unavailable,
)
from app.web.language import tongue
from app.words import counted, places, say

log = structlog.get_logger(__name__)

#: What pydantic calls a fault → what a person reads. `{…}` are the fault's own limits.
_SENTENCES = {
    "missing": say("This field is required."),
    "extra_forbidden": say("There is no such field."),
    "string_type": say("Write text here."),
    "string_too_short": say("Write at least {min_length} characters."),
    "string_too_long": say("Write at most {max_length} characters."),
    "decimal_parsing": say("Write a number, such as 1250.00."),
    "decimal_type": say("Write a number, such as 1250.00."),
    "decimal_max_places": say("Write at most {decimal_places} decimals."),
    "decimal_max_digits": say("Write at most {max_digits} digits."),
    "decimal_whole_digits": say("Write at most {whole_digits} digits before the decimal point."),
    "finite_number": say("Write a finite number."),
    "greater_than": say("It must be more than {gt}."),
    "greater_than_equal": say("It must be {ge} or more."),
    "less_than_equal": say("It must be {le} or less."),
    "int_parsing": say("Write a whole number."),
    "bool_parsing": say("Write true or false."),
    "uuid_parsing": say("This is not an id."),
    "date_parsing": say("Write a date as YYYY-MM-DD."),
    "date_from_datetime_parsing": say("Write a date as YYYY-MM-DD."),
    "date_from_datetime_inexact": say("Write a date as YYYY-MM-DD, without a time."),
    "date_type": say("Write a date as YYYY-MM-DD."),
    "list_type": say("Write a list here."),
    "too_long": say("Give at most {max_length} entries."),
    "model_type": say("Write an object here."),
}
_IMPOSSIBLE = say("This value is not possible.")


def bad_input(errors: Sequence[Any]) -> BadInput:
    """pydantic's list of errors as one error with a sentence for each field; repeats no value."""
    fields: dict[str, str] = {}
    for error in errors:
        name = ".".join(str(part) for part in error["loc"]) or "body"
        fields.setdefault(name, _sentence(error))
    count = len(fields)
    what = counted("One field needs your attention.", "{count} fields need your attention.", count=count)
    return BadInput(what, fields=fields, remedy=say("Correct them and send the request again."))


def _sentence(error: Any) -> str:
    context = error.get("ctx") or {}
    kind = error["type"]
    if kind == "value_error":
        return _of_value(context.get("error"))
    if kind in ("literal_error", "enum"):
        offered = str(context.get("expected", ""))
        return (
            say("Choose {offered}.", offered=offered) if offered else say("Choose one of the offered values.")
        )
    template = _SENTENCES.get(kind, _IMPOSSIBLE)
    wanted = places(template.message)
    return (
        template.given(**{name: context[name] for name in wanted})
        if wanted <= context.keys()
        else _IMPOSSIBLE
    )


def _of_value(error: Any) -> str:
    said = error.args[0] if isinstance(error, ValueError) and error.args else _IMPOSSIBLE
    return said if isinstance(said, str) else _IMPOSSIBLE


def problem(error: TandemError) -> Response:
    """The answer for an error of ours."""
    reader = tongue()
    body: dict[str, Any] = {
        **{name: reader.says(fact) if isinstance(fact, str) else fact for name, fact in error.facts.items()},
        "type": f"urn:tandem:problem:{error.error_code}",
        "title": reader.says(error.title),
        "status": error.status,
        "detail": reader.says_all(error.what, error.remedy),
        "code": error.error_code,
        "request_id": g.get("request_id", ""),
    }
    if error.where:
        body["where"] = error.where
    if isinstance(error, BadInput) and error.fields:
        body["fields"] = {name: reader.says(sentence) for name, sentence in error.fields.items()}
    answer = Response(
        orjson.dumps(body, default=str), status=error.status, mimetype="application/problem+json"
    )
    if isinstance(error, NotAuthenticated):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="tandem"'
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.facts["retry_after"])
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = "5"
    return answer


def install(app: Flask) -> None:
    """Answer every error of the app from the table."""

    @app.errorhandler(TandemError)
    def ours(error: TandemError) -> Response:
        if error.status >= 500:
            log.error("failed", code=error.error_code, sentence=error.sentence())
        return problem(error)

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        return problem(bad_input(error.errors()))

    @app.errorhandler(OAuth2Error)
    def not_signed_in(error: OAuth2Error) -> Response:
        if isinstance(error, InsufficientScopeError):
            return problem(NotAllowed(say("This is not open to you."), remedy=say("Ask an administrator.")))
        return problem(
            NotAuthenticated(
                say("The access token is missing, has expired or was revoked."), remedy=say("Sign in again.")
            )
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _of_http(error)

    @app.errorhandler(OperationalError)
    def database(error: OperationalError) -> Response:
        log.error("database", error=type(error.orig).__name__)
        return problem(
            Unavailable(say("The database does not answer."), remedy=say("Try again in a moment."))
        )

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        incident = secrets.token_hex(6)
        log.error("unexpected", incident=incident, exc_info=error)
        return problem(
            TandemError(
                say("An unexpected error happened; nothing was changed."),
                remedy=say(
                    "Try again; if it happens again, report it with the number {incident}.", incident=incident
                ),
                facts={"incident": incident},
            )
        )


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    known: dict[int, TandemError] = {
        404: NotFound(say("There is nothing at this address.")),
        400: BadInput(say("The request could not be read."), remedy=say("Check its syntax.")),
    }
    if status in known:
        return problem(known[status])
    described = TandemError(error.description or error.name, code=f"http_{status}")
    answer = problem(described)
    body = orjson.loads(answer.get_data()) | {"status": status, "title": error.name}
    response = Response(orjson.dumps(body), status=status, mimetype="application/problem+json")
    if status == 405 and (allow := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allow))
    return response
