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

log = structlog.get_logger(__name__)

#: What pydantic calls a fault → what a person reads. `{…}` are the fault's own limits.
_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_type": "Write text here.",
    "string_too_short": "Write at least {min_length} characters.",
    "string_too_long": "Write at most {max_length} characters.",
    "decimal_parsing": "Write a number, such as 1250.00.",
    "decimal_type": "Write a number, such as 1250.00.",
    "decimal_max_places": "Write at most {decimal_places} decimals.",
    "decimal_max_digits": "Write at most {max_digits} digits.",
    "decimal_whole_digits": "Write at most {whole_digits} digits before the decimal point.",
    "finite_number": "Write a finite number.",
    "greater_than": "It must be more than {gt}.",
    "greater_than_equal": "It must be {ge} or more.",
    "less_than_equal": "It must be {le} or less.",
    "int_parsing": "Write a whole number.",
    "bool_parsing": "Write true or false.",
    "uuid_parsing": "This is not an id.",
    "date_parsing": "Write a date as YYYY-MM-DD.",
    "date_from_datetime_parsing": "Write a date as YYYY-MM-DD.",
    "date_from_datetime_inexact": "Write a date as YYYY-MM-DD, without a time.",
    "date_type": "Write a date as YYYY-MM-DD.",
    "list_type": "Write a list here.",
    "too_long": "Give at most {max_length} entries.",
    "model_type": "Write an object here.",
}


def bad_input(errors: Sequence[Any]) -> BadInput:
    """pydantic's list of errors as one error with a sentence for each field; repeats no value."""
    fields: dict[str, str] = {}
    for error in errors:
        name = ".".join(str(part) for part in error["loc"]) or "body"
        fields.setdefault(name, _sentence(error))
    count = len(fields)
    what = "One field needs your attention." if count == 1 else f"{count} fields need your attention."
    return BadInput(what, fields=fields, remedy="Correct them and send the request again.")


def _sentence(error: Any) -> str:
    context = error.get("ctx") or {}
    kind = error["type"]
    if kind == "value_error":
        return str(context.get("error", "This value is not possible."))
    if kind in ("literal_error", "enum"):
        return f"Choose {context.get('expected', 'one of the offered values')}."
    template = _SENTENCES.get(kind, "This value is not possible.")
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "This value is not possible."


def problem(error: TandemError) -> Response:
    """The answer for an error of ours."""
    body: dict[str, Any] = {
        **error.facts,
        "type": f"urn:tandem:problem:{error.error_code}",
        "title": error.title,
        "status": error.status,
        "detail": f"{error.what} {error.remedy}".strip(),
        "code": error.error_code,
        "request_id": g.get("request_id", ""),
    }
    if error.where:
        body["where"] = error.where
    if isinstance(error, BadInput) and error.fields:
        body["fields"] = error.fields
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
            return problem(NotAllowed("This is not open to you.", remedy="Ask an administrator."))
        return problem(
            NotAuthenticated(
                "The access token is missing, has expired or was revoked.", remedy="Sign in again."
            )
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _of_http(error)

    @app.errorhandler(OperationalError)
    def database(error: OperationalError) -> Response:
        log.error("database", error=type(error.orig).__name__)
        return problem(Unavailable("The database does not answer.", remedy="Try again in a moment."))

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        incident = secrets.token_hex(6)
        log.error("unexpected", incident=incident, exc_info=error)
        return problem(
            TandemError(
                "An unexpected error happened; nothing was changed.",
                remedy=f"Try again; if it happens again, report it with the number {incident}.",
                facts={"incident": incident},
            )
        )


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    known: dict[int, TandemError] = {
        404: NotFound("There is nothing at this address."),
        400: BadInput("The request could not be read.", remedy="Check its syntax."),
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
