"""`/sobjects/X` and below: one record at a time, by id, by external id, or along a relationship."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from app.sandbox import ids, values
from app.sandbox.context import Context
from app.sandbox.dml import Conditions, Dml, DmlResult
from app.sandbox.dml.conditions import check_condition, etag, modified
from app.sandbox.dml.rows import fetch
from app.sandbox.errors import ApiError, not_found
from app.sandbox.http import Request, Response, Route
from app.sandbox.schema import Field, SObject
from app.sandbox.store import quoted


def sobject_of(ctx: Context, name: str) -> SObject:
    """The object type in an address; NOT_FOUND where there is none for this user."""
    found = ctx.org.schema.get(name)
    if not ctx.visible(found):
        raise not_found()
    return found


def conditions_of(request: Request) -> Conditions:
    """The conditional headers. Raises ApiError 400 for a date that is none."""
    headers = request.headers
    return Conditions(
        _tags(headers.get("if-match")),
        _tags(headers.get("if-none-match")),
        _moment(headers, "if-modified-since"),
        _moment(headers, "if-unmodified-since"),
    )


def _tags(header: str | None) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in header.split(",")) if header else ()


def _moment(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name)
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise ApiError("INVALID_HEADER", f"The {name} header is not an HTTP date: {text}") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def create(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """POST: a new record."""
    kind = sobject_of(ctx, sobject)
    result = Dml(ctx).insert(kind, [request.json_object()])[0]
    _raise_unless(result)
    headers = {"Location": f"/services/data/v{version}/sobjects/{kind.name}/{result.id}"}
    return Response.of({"id": result.id, "success": True, "errors": []}, 201, headers)


def basic(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """GET /sobjects/X: what the type is, and the records this user looked at last (none over the API)."""
    from app.sandbox.rest.describe import summary

    kind = sobject_of(ctx, sobject)
    return Response.of({"objectDescribe": summary(ctx, kind), "recentItems": []})


def read(ctx: Context, request: Request, version: str, sobject: str, record_id: str) -> Response:
    """GET: one record by id; `?fields=` names the wanted ones."""
    kind = sobject_of(ctx, sobject)
    return _show(ctx, request, kind, _existing(ctx, kind, record_id))


def change(ctx: Context, request: Request, version: str, sobject: str, record_id: str) -> Response:
    """PATCH: change a record by id."""
    kind = sobject_of(ctx, sobject)
    conditions = conditions_of(request)
    body = request.json_object()
    row = _existing(ctx, kind, record_id)
    _refuse_key(body, "Id")
    result = Dml(ctx).update(kind, [{**body, "Id": row["Id"]}], conditions=conditions or None)[0]
    _raise_unless(result)
    return Response(204)


def remove(ctx: Context, request: Request, version: str, sobject: str, record_id: str) -> Response:
    """DELETE: put a record into the recycle bin. Conditions are not supported here, so they are refused."""
    if conditions_of(request):
        raise ApiError("INVALID_HEADER", "Conditional headers are not supported for DELETE.")
    kind = sobject_of(ctx, sobject)
    row = _existing(ctx, kind, record_id)
    _raise_unless(Dml(ctx).delete([row["Id"]])[0])
    return Response(204)


def _existing(ctx: Context, kind: SObject, record_id: str) -> dict[str, Any]:
    found = ids.normalize(record_id)
    if found is None:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {record_id}")
    row = fetch(ctx.org.store.read(), kind, [found]).get(found)
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404)
    return row


def _raise_unless(result: DmlResult) -> None:
    if not result.success:
        raise result.errors[0]


def _refuse_key(body: Mapping[str, Any], key: str) -> None:
    if any(name.lower() == key.lower() for name in body):
        raise ApiError("INVALID_FIELD", f"The {key} field should not be specified in the sobject data.")


def _show(ctx: Context, request: Request, kind: SObject, row: dict[str, Any]) -> Response:
    from app.sandbox.soql.run import records

    check_condition(conditions_of(request), kind, row, reading=True)
    wanted = request.parameter("fields")
    names = [n.strip() for n in wanted.split(",") if n.strip()] if wanted else _readable(ctx, kind)
    for name in names:
        field = kind.field_named(name)
        if "." not in name and (field is None or not ctx.can_read(kind, field)):
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
    text = f"SELECT {', '.join(dict.fromkeys(names))} FROM {kind.name} WHERE Id = '{row['Id']}'"
    record = next(iter(records(ctx, text)), None)
    if record is None:
        raise not_found()
    headers = {"Last-Modified": formatdate(modified(row), usegmt=True)}
    if kind.name == "Account":
        headers["ETag"] = etag(row)
    return Response.of(record, 200, headers)


def _readable(ctx: Context, kind: SObject) -> list[str]:
    return [field.name for field in kind.fields.values() if ctx.can_read(kind, field)]


# --- by external id, and along relationships ---------------------------------------------------------


def read_further(
    ctx: Context, request: Request, version: str, sobject: str, key: str, value: str
) -> Response:
    """GET /sobjects/X/{external id field}/{value}, or /sobjects/X/{id}/{relationship}."""
    kind = sobject_of(ctx, sobject)
    if _is_record(kind, key):
        return _traverse(ctx, request, kind, _existing(ctx, kind, key), value)
    found = _found(ctx, kind, _key_field(ctx, kind, key), value)
    if len(found) > 1:
        return _choices(version, kind, found)
    if not found:
        raise not_found()
    return _show(ctx, request, kind, _existing(ctx, kind, found[0]))


def write_further(
    ctx: Context, request: Request, version: str, sobject: str, key: str, value: str
) -> Response:
    """PATCH: upsert by external id (or by `Id`), or change the parent that a relationship names."""
    kind = sobject_of(ctx, sobject)
    if _is_record(kind, key):
        parent, record_id = _parent(ctx, kind, _existing(ctx, kind, key), value)
        return change(ctx, request, version, parent.name, record_id)
    field = _key_field(ctx, kind, key)
    body = request.json_object()
    _refuse_key(body, field.name)
    if field.name == "Id":
        return change(ctx, request, version, sobject, value)
    conditions = conditions_of(request)
    update_only = (request.parameter("updateOnly") or "").lower() == "true"
    with ctx.org.store.write():
        found = _found(ctx, kind, field, value)
        if len(found) > 1:
            return _choices(version, kind, found)
        if conditions and found:
            check_condition(conditions, kind, _existing(ctx, kind, found[0]))
        result = Dml(ctx).upsert(kind, field.name, [{**body, field.name: value}], update_only=update_only)[0]
    _raise_unless(result)
    answer: dict[str, Any] = {"id": result.id, "success": True, "errors": [], "created": bool(result.created)}
    if result.created:
        headers = {"Location": f"/services/data/v{version}/sobjects/{kind.name}/{result.id}"}
        return Response.of(answer, 201, headers)
    if float(version) < 46:
        return Response(204)
    return Response.of(answer, 200)


def remove_further(
    ctx: Context, request: Request, version: str, sobject: str, key: str, value: str
) -> Response:
    """DELETE by external id, or the parent that a relationship names."""
    kind = sobject_of(ctx, sobject)
    if _is_record(kind, key):
        parent, record_id = _parent(ctx, kind, _existing(ctx, kind, key), value)
        return remove(ctx, request, version, parent.name, record_id)
    found = _found(ctx, kind, _key_field(ctx, kind, key), value)
    if len(found) > 1:
        return _choices(version, kind, found)
    if not found:
        raise not_found()
    return remove(ctx, request, version, sobject, found[0])


def create_without_id(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """POST /sobjects/X/Id: an upsert by id that names none makes a new record."""
    return create(ctx, request, version, sobject)


def _is_record(kind: SObject, key: str) -> bool:
    return len(key) in (15, 18) and key[:3] == kind.key_prefix and ids.normalize(key) is not None


def _key_field(ctx: Context, kind: SObject, key: str) -> Field:
    field = kind.field_named(key)
    usable = field is not None and (field.external_id or field.id_lookup or field.name == "Id")
    if field is None or not usable or not ctx.can_read(kind, field):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {key}")
    return field


def _found(ctx: Context, kind: SObject, field: Field, value: str) -> list[str]:
    raw = values.parse(field, value)
    if raw is None:
        raise not_found()
    rows = ctx.org.store.read().execute(
        f"SELECT Id FROM {quoted(kind.name)} WHERE {quoted(field.name)} = ? AND IsDeleted = 0 ORDER BY Id",
        (raw,),
    )
    return [record_id for (record_id,) in rows]


def _choices(version: str, kind: SObject, found: list[str]) -> Response:
    return Response.of([f"/services/data/v{version}/sobjects/{kind.name}/{one}" for one in found], 300)


def _parent(ctx: Context, kind: SObject, row: Mapping[str, Any], relation: str) -> tuple[SObject, str]:
    field = kind.by_relationship(relation)
    if field is None or not ctx.can_read(kind, field):
        raise not_found()
    record_id = row.get(field.name)
    parent = ctx.org.schema.by_prefix(record_id) if record_id else None
    if parent is None or record_id is None:
        raise not_found(f"No relationship value for {kind.name}.{field.relationship}")
    return parent, record_id


def _traverse(
    ctx: Context, request: Request, kind: SObject, row: Mapping[str, Any], relation: str
) -> Response:
    from app.sandbox.rest.query import run_query

    if kind.by_relationship(relation) is not None:
        parent, record_id = _parent(ctx, kind, row, relation)
        return _show(ctx, request, parent, _existing(ctx, parent, record_id))
    for child, field in ctx.org.schema.children(kind):
        if field.child_relationship.lower() == relation.lower() and ctx.visible(child):
            wanted = request.parameter("fields")
            names = wanted if wanted else ", ".join(_readable(ctx, child))
            text = f"SELECT {names} FROM {child.name} WHERE {field.name} = '{row['Id']}' ORDER BY Id"
            return run_query(ctx, text)
    raise not_found()


_X = "/services/data/<version>/sobjects/<sobject>"
ROUTES = [
    Route("GET", _X, basic),
    Route("POST", _X, create),
    Route("POST", f"{_X}/Id", create_without_id),
    Route("GET", f"{_X}/<record_id>", read),
    Route("PATCH", f"{_X}/<record_id>", change),
    Route("DELETE", f"{_X}/<record_id>", remove),
    Route("GET", f"{_X}/<key>/<value>", read_further),
    Route("PATCH", f"{_X}/<key>/<value>", write_further),
    Route("DELETE", f"{_X}/<key>/<value>", remove_further),
]
