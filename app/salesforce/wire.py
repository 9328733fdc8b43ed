"""JSON and HTTP values as Salesforce writes them: decimals exact both ways, times in UTC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import orjson

_DECODER = json.JSONDecoder(parse_float=Decimal)


def loads(body: bytes) -> Any:
    """Parsed JSON. A number with a fraction is a Decimal with the digits as sent, never a float."""
    return _DECODER.decode(body.decode("utf-8"))


def dumps(value: Any) -> bytes:
    """JSON of `value`. Decimals keep their digits, aware datetimes become UTC with a Z.

    Raises ValueError for a number that is not finite, TypeError for what has no form in JSON.
    """
    try:
        return orjson.dumps(value, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError as error:
        if isinstance(error.__cause__, ValueError):
            raise error.__cause__ from None
        raise


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number that Salesforce can store")
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def stamp(moment: datetime) -> str:
    """`2026-11-21T23:04:07.000Z` for an aware datetime."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(moment: datetime) -> str:
    """`Sat, 21 Nov 2026 23:04:07 GMT` for an aware datetime."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def parse_http_date(text: str | None) -> datetime | None:
    """The time in an HTTP date, in UTC; None when there is none that can be read."""
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
