"""How the older Bulk API writes and reads: XML or JSON for jobs, and CSV, JSON or XML for records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import orjson

from app.sandbox.bulk2.csvdata import converter
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response
from app.sandbox.schema import SObject

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
XML = "application/xml;charset=UTF-8"


def refusal(error: ApiError, request: Request) -> Response:
    """An error as this API writes it: 400 with exceptionCode and exceptionMessage."""
    code = {"INVALID_SESSION_ID": "InvalidSessionId", "REQUEST_LIMIT_EXCEEDED": "ExceededQuota"}.get(
        error.code, error.code
    )
    message = "Invalid session id" if code == "InvalidSessionId" else error.message
    status = 400 if error.status < 500 else error.status
    body = {"exceptionCode": code, "exceptionMessage": message}
    if wants_json(request):
        return Response.of(body, status)
    return Response(status, document("error", body), content_type=XML)


def wants_json(request: Request) -> bool:
    """Whether the client speaks JSON; XML is what this API speaks unless asked."""
    spoken = request.headers.get("content-type", "") + request.headers.get("accept", "")
    return "json" in spoken.lower()


def answer(request: Request, root: str, body: Mapping[str, Any], status: int = 200) -> Response:
    """A job or batch (or a list of batches) in the form that the client speaks."""
    if wants_json(request):
        return Response.of(body, status)
    return Response(status, document(root, body), content_type=XML)


def document(root: str, members: Mapping[str, Any]) -> bytes:
    """An XML document of this API. A list member becomes one element an entry."""
    return (_DECLARATION + _element(root, members, f' xmlns="{NAMESPACE}"')).encode()


def _element(name: str, value: Any, attributes: str = "") -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items() if item is not None)
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    elif name in ("createdDate", "systemModstamp"):
        inner = str(value).replace("+0000", "Z")
    else:
        inner = escape(str(value))
    return f"<{name}{attributes}>{inner}</{name}>"


def parse_document(data: bytes) -> ElementTree.Element:
    """The root of an XML body. Raises ApiError InvalidXML; document types are refused."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ApiError("InvalidXML", "Document types are not allowed.")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 no document type, so no entities
    except ElementTree.ParseError as broken:
        raise ApiError("InvalidXML", f"Unable to parse XML: {broken}") from broken


def members_of(request: Request) -> dict[str, Any]:
    """The members of a job description, from JSON or XML."""
    if "json" in request.headers.get("content-type", "").lower():
        return request.json_object()
    return {local(child.tag): (child.text or "").strip() for child in parse_document(request.body)}


def local(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def json_records(data: bytes) -> list[dict[str, Any]]:
    """The records of a JSON batch."""
    try:
        records = orjson.loads(data)
    except orjson.JSONDecodeError as broken:
        raise ApiError("InvalidBatch", f"Failed to parse JSON: {broken.msg}") from broken
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError("InvalidBatch", "A JSON batch must be an array of records.")
    for record in records:
        record.pop("attributes", None)
        for name in [name for name in record if name != "Id" and name.lower() == "id"]:
            record["Id"] = record.pop(name)
    return records


def xml_records(sobject: SObject, data: bytes) -> list[dict[str, Any]]:
    """The records of an XML batch (`<sObjects><sObject>…`)."""
    return [dict(_xml_fields(sobject, record)) for record in parse_document(data)]


def _xml_fields(sobject: SObject, record: ElementTree.Element) -> Iterator[tuple[str, Any]]:
    for element in record:
        name = local(element.tag)
        if element.get(_NIL) == "true":
            yield name, None
        elif len(element):
            inner = element[0] if local(element[0].tag) == "sObject" else element
            yield name, {local(key.tag): key.text for key in inner if local(key.tag) != "type"}
        elif element.text:
            field = sobject.field_named(name)
            text = element.text
            yield (field.name if field else name), (converter(field)(text) if field else text)
