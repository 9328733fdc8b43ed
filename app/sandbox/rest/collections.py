"""`/composite/sobjects`: up to 200 records in one call, each with a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml import Dml, DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.bodies import flag, only
from app.sandbox.schema import SObject

MAX_RECORDS = 200
MAX_CHUNKS = 10
_INNOCENT = ApiError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
#: how many records, and the function that writes them
Write = tuple[int, Callable[[], list[DmlResult]]]


class _RollBack(Exception):
    """Leaves a savepoint so that it is undone."""


def together(ctx: Context, writes: Sequence[Write], *, all_or_none: bool) -> list[DmlResult]:
    """Run the writes in one transaction; their results in order.

    all_or_none: one failed record undoes all, and the others say that they were rolled back.
    """
    results: list[DmlResult] = []
    try:
        with ctx.org.store.write() as tx, tx.savepoint():
            for count, write in writes:
                try:
                    results.extend(write())
                except ApiError as refused:
                    # what forbids the statement as a whole is said of each record
                    results.extend(DmlResult(errors=[refused]) for _ in range(count))
            if all_or_none and not all(result.success for result in results):
                raise _RollBack
    except _RollBack:
        return [
            DmlResult(created=r.created and False, errors=[_INNOCENT]) if r.success else r for r in results
        ]
    return results


def sobject_named(ctx: Context, name: Any) -> SObject:
    """The object type that a record's attributes name; INVALID_TYPE where there is none for this user."""
    found = ctx.org.schema.find(name) if isinstance(name, str) else None
    if found is None or not ctx.visible(found):
        raise ApiError(
            "INVALID_TYPE",
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure "
            "to append the '__c' after the entity name. Please reference your WSDL or the describe call for "
            "the appropriate names.",
        )
    return found


def _body(request: Request) -> tuple[list[dict[str, Any]], bool]:
    body = only(request.json(), "allOrNone", "records")
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError("JSON_PARSER_ERROR", "The request body must contain an array of records.")
    _check_count(len(records))
    return records, flag(body, "allOrNone")


def _check_count(count: int, limit: int = MAX_RECORDS) -> None:
    if count > limit:
        raise ApiError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {limit} records into this call",
        )


def _type_of(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise ApiError("INVALID_FIELD", "Each record must name its type in attributes.type.")
    return name


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "attributes"}


def _chunks(ctx: Context, records: list[dict[str, Any]]) -> list[tuple[SObject, list[dict[str, Any]]]]:
    chunks = [
        (sobject_named(ctx, name), [_bare(record) for record in group])
        for name, group in groupby(records, key=lambda record: _type_of(record).lower())
    ]
    if len(chunks) > MAX_CHUNKS:
        raise ApiError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. "
            "Please rearrange the data to reduce chunking.",
        )
    return chunks


def _items(results: Sequence[DmlResult]) -> Response:
    return Response.of([result.item() for result in results])


def create(ctx: Context, request: Request, version: str) -> Response:
    """POST: insert records of one or several types."""
    records, all_or_none = _body(request)
    dml = Dml(ctx)
    writes: list[Write] = [(len(r), partial(dml.insert, s, r)) for s, r in _chunks(ctx, records)]
    return _items(together(ctx, writes, all_or_none=all_or_none))


def update(ctx: Context, request: Request, version: str) -> Response:
    """PATCH: change records of one or several types, each naming its id."""
    records, all_or_none = _body(request)
    dml = Dml(ctx)
    writes: list[Write] = [(len(r), partial(dml.update, s, _with_id(r))) for s, r in _chunks(ctx, records)]
    return _items(together(ctx, writes, all_or_none=all_or_none))


def _with_id(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Clients write `id` as well as `Id`."""
    for record in records:
        for name in [name for name in record if name != "Id" and name.lower() == "id"]:
            record["Id"] = record.pop(name)
    return records


def upsert(ctx: Context, request: Request, version: str, sobject: str, field: str) -> Response:
    """PATCH: create or change records of one type by an external id."""
    records, all_or_none = _body(request)
    target = sobject_named(ctx, sobject)
    key = target.field_named(field)
    if (
        key is None
        or not (key.external_id or key.id_lookup or key.name == "Id")
        or not ctx.can_read(target, key)
    ):
        raise ApiError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {field}",
            status=404,
        )
    for record in records:
        if _type_of(record).lower() != target.name.lower():
            raise ApiError(
                "INVALID_TYPE",
                f"All records of this call must be of type {target.name}, not {_type_of(record)}.",
            )
    bare = [_bare(record) for record in records]
    writes: list[Write] = [(len(bare), partial(Dml(ctx).upsert, target, key.name, bare))]
    return _items(together(ctx, writes, all_or_none=all_or_none))


def delete(ctx: Context, request: Request, version: str) -> Response:
    """DELETE ?ids=…: put records of one or several types into the recycle bin."""
    ids = [part.strip() for part in (request.parameter("ids") or "").split(",") if part.strip()]
    if not ids:
        raise ApiError("REQUIRED_FIELD_MISSING", "The ids parameter is required.")
    _check_count(len(ids))
    all_or_none = (request.parameter("allOrNone") or "false").lower() == "true"
    writes: list[Write] = [(len(ids), partial(Dml(ctx).delete, ids))]
    return _items(together(ctx, writes, all_or_none=all_or_none))


_BASE = "/services/data/<version>/composite/sobjects"
ROUTES = [
    Route("POST", _BASE, create),
    Route("PATCH", _BASE, update),
    Route("DELETE", _BASE, delete),
    Route("PATCH", _BASE + "/<sobject>/<field>", upsert),
]
