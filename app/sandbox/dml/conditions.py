"""Conditional requests: entity tags of accounts, modification times of everything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from app.sandbox.dml.types import Conditions
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject


def etag(row: Mapping[str, Any]) -> str:
    """The strong entity tag of a stored row."""
    digest = hashlib.blake2b(orjson.dumps(list(row.values())), digest_size=12)
    return f'"{digest.hexdigest()}"'


def modified(row: Mapping[str, Any]) -> int:
    """When the row last changed, epoch seconds."""
    return int(row["SystemModstamp"] or row.get("LastModifiedDate") or 0)


def check_condition(
    conditions: Conditions, sobject: SObject, row: Mapping[str, Any], *, reading: bool = False
) -> None:
    """Raises an ApiError with status 412 (or 304 when reading) where a condition does not hold."""
    if (conditions.if_match or conditions.if_none_match) and sobject.name != "Account":
        raise ApiError(
            "INVALID_HEADER", f"Entity tags are supported on Account only, not on {sobject.name}.", status=400
        )
    if conditions.if_match and not _matches(conditions.if_match, row):
        raise _failed(412)
    if conditions.if_none_match and _matches(conditions.if_none_match, row):
        raise _failed(304 if reading else 412)
    if conditions.if_unmodified_since is not None and modified(row) > conditions.if_unmodified_since:
        raise _failed(412)
    if conditions.if_modified_since is not None and modified(row) <= conditions.if_modified_since:
        raise _failed(304 if reading else 412)


def _matches(tags: tuple[str, ...], row: Mapping[str, Any]) -> bool:
    own = etag(row)
    return any(tag in ("*", own) or tag.removesuffix('--gzip"') + '"' == own for tag in tags)


def _failed(status: int) -> ApiError:
    return ApiError("PRECONDITION_FAILED", "A condition of the request does not hold.", status=status)
