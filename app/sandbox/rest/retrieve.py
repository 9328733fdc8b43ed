"""`/composite/sobjects/X`: read up to 2,000 records of one type by id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.sandbox import ids
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.bodies import only
from app.sandbox.rest.collections import sobject_named
from app.sandbox.soql.run import records

MAX_BY_URL = 800
MAX_BY_BODY = 2_000
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*\Z")


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def by_url(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """GET ?ids=&fields=: an array in the order of the ids, null where there is no such record."""
    wanted, fields = _split(request.parameter("ids")), _split(request.parameter("fields"))
    return _retrieve(ctx, sobject, wanted, fields, limit=MAX_BY_URL)


def by_body(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """POST {"ids": [], "fields": []}: the same, for more ids than an address can hold."""
    body = only(request.json(), "ids", "fields")
    wanted, fields = body.get("ids"), body.get("fields")
    for name, value in (("ids", wanted), ("fields", fields)):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ApiError("JSON_PARSER_ERROR", f"{name} must be an array of strings.")
    return _retrieve(ctx, sobject, wanted or [], fields or [], limit=MAX_BY_BODY)


def _retrieve(
    ctx: Context, sobject: str, wanted: Sequence[str], fields: Sequence[str], *, limit: int
) -> Response:
    target = sobject_named(ctx, sobject)
    for name, value in (("ids", wanted), ("fields", fields)):
        if not value:
            raise ApiError("REQUIRED_FIELD_MISSING", f"The {name} parameter is required.")
    if len(wanted) > limit:
        raise ApiError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {limit} records into this call",
        )
    for field in fields:
        if not _FIELD.match(field):
            raise ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {target.name}")
    keys = [ids.to18(one, label=f"{target.label} ID", field="Id") for one in wanted]
    selected = {field.lower(): field for field in [*fields, "Id"]}.values()
    listed = ",".join(f"'{key}'" for key in dict.fromkeys(keys))
    text = f"SELECT {', '.join(selected)} FROM {target.name} WHERE Id IN ({listed})"
    found = {record["Id"]: record for record in records(ctx, text)}
    if not any(field.lower() == "id" for field in fields):
        answer = [_without_id(found.get(key)) for key in keys]
    else:
        answer = [found.get(key) for key in keys]
    return Response.of(answer)


def _without_id(record: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if record is None else {name: value for name, value in record.items() if name != "Id"}


_BASE = "/services/data/<version>/composite/sobjects/<sobject>"
ROUTES = [Route("GET", _BASE, by_url), Route("POST", _BASE, by_body)]
