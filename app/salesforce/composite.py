"""Composite calls: what one is made of, and the answers to its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.salesforce.call import Bytes
from app.salesforce.records import Subrequest, SubResponse
from app.salesforce.wire import dumps

MAX_SUBREQUESTS = 25


def body(
    parts: Sequence[Subrequest], *, root: str, write_headers: Mapping[str, str], all_or_none: bool
) -> Bytes:
    """The body of a call. root: where relative addresses begin. Raises ValueError for too many parts."""
    if len(parts) > MAX_SUBREQUESTS:
        raise ValueError(f"a composite call takes {MAX_SUBREQUESTS} parts, not {len(parts)}")
    asked = [_part(part, root, write_headers) for part in parts]
    return Bytes(dumps({"allOrNone": all_or_none, "compositeRequest": asked}))


def _part(part: Subrequest, root: str, write_headers: Mapping[str, str]) -> dict[str, Any]:
    url = part.url if part.url.startswith("/services/") else root + part.url
    spec: dict[str, Any] = {"method": part.method, "url": url, "referenceId": part.reference_id}
    headers = dict(part.headers)
    if part.method != "GET":
        headers = {**write_headers, **headers}
    if headers:
        spec["httpHeaders"] = headers
    if part.body is not None:
        spec["body"] = part.body
    return spec


def answers(parts: Sequence[Subrequest], answer: Any) -> list[SubResponse]:
    """What the call's answer says of each part, in the order of the parts."""
    by_reference = {
        item["referenceId"]: SubResponse(
            int(item["httpStatusCode"]), item["body"], item.get("httpHeaders") or {}, item["referenceId"]
        )
        for item in answer["compositeResponse"]
    }
    return [by_reference[part.reference_id] for part in parts]
