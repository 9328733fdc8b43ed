"""Stored value ↔ JSON value, field by field. See app/sandbox/schema.py for how values are stored."""

from __future__ import annotations

import re
import time
from calendar import timegm
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import orjson

from app.sandbox import ids
from app.sandbox.errors import ApiError
from app.sandbox.schema import NUMERIC, Field

#: beyond this many units a float no longer prints the exact decimal
_EXACT = 10**15
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\".]+(\.[^@\s,;<>()\[\]\\\".]+)+\Z")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?\Z")
_DATETIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?\Z", re.I
)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?Z?\Z")


@lru_cache(maxsize=65536)
def datetime_text(epoch: int) -> str:
    """`2026-11-21T23:04:07.000+0000`, as REST writes a datetime."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(epoch))


@lru_cache(maxsize=65536)
def datetime_csv(epoch: int) -> str:
    """`2026-11-21T23:04:07.000Z`, as Bulk results write a datetime."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(epoch))


def parse_datetime(text: str) -> int | None:
    """Epoch seconds of an ISO 8601 datetime (no zone means UTC), or None where it is none."""
    found = _DATETIME.match(text)
    if not found:
        return None
    year, month, day, hour, minute = (int(found[n]) for n in range(1, 6))
    try:
        moment = datetime(year, month, day, hour, minute, int(found[6] or 0))  # noqa: DTZ001 zone added below
        zone = found[7]
        if zone and zone not in "Zz":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            moment -= shift if zone[0] == "+" else -shift
    except (ValueError, OverflowError):
        return None
    return timegm(moment.timetuple())


def decimal_of(field: Field, raw: int) -> Decimal:
    """A stored number as an exact Decimal."""
    return Decimal(raw).scaleb(-field.scale)


def _number(scale: int) -> Callable[[int], Any]:
    divisor = 10**scale

    def render_number(raw: int) -> Any:
        if -_EXACT < raw < _EXACT:
            return raw / divisor
        text = str(Decimal(raw).scaleb(-scale))
        return orjson.Fragment(text if "." in text else text + ".0")

    return render_number


def renderer(field: Field) -> Callable[[Any], Any] | None:
    """The function from a stored, non-null value to its JSON value; None where they are the same."""
    if field.type == "boolean":
        return bool
    if field.type == "datetime":
        return datetime_text
    if field.type in ("double", "currency", "percent"):
        return _number(field.scale)
    return None


def render(field: Field, raw: Any) -> Any:
    """The JSON value of a stored value; numbers come out exact."""
    if raw is None:
        return None
    convert = renderer(field)
    return raw if convert is None else convert(raw)


def csv_text(field: Field, raw: Any) -> str:
    """The text of a stored value in Bulk CSV results; null is empty."""
    if raw is None:
        return ""
    if field.type == "boolean":
        return "true" if raw else "false"
    if field.type == "datetime":
        return datetime_csv(raw)
    if field.type in ("double", "currency", "percent"):
        text = format(decimal_of(field, raw), "f")
        if "." in text:
            text = text.rstrip("0")
            return text + "0" if text.endswith(".") else text
        return text + ".0"
    return str(raw)


def _mistyped(field: Field, expected: str, value: Any) -> ApiError:
    if isinstance(value, bool):
        kind = "VALUE_TRUE" if value else "VALUE_FALSE"
        shown = str(value).lower()
    elif isinstance(value, int | float):
        kind = "VALUE_NUMBER_INT" if isinstance(value, int) else "VALUE_NUMBER_FLOAT"
        shown = str(value)
    elif isinstance(value, str):
        kind, shown = "VALUE_STRING", value
    else:
        kind = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
        shown = "{" if isinstance(value, dict) else "["
    return ApiError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {expected} from {kind} value {shown} "
        "or request may be missing a required field at [line:1, column:1]",
        fields=[field.name],
    )


def _text(field: Field) -> Callable[[Any], str | None]:
    length = field.length or 131072

    def parse_text(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _mistyped(field, "string", value)
        text = value.strip()
        if not text:
            return None
        if len(text) > length:
            raise ApiError(
                "STRING_TOO_LONG",
                f"{field.label}: data value too large: {text} (max length={length})",
                fields=[field.name],
            )
        return text

    return parse_text


def _email(field: Field) -> Callable[[Any], str | None]:
    plain = _text(field)

    def parse_email(value: Any) -> str | None:
        text = plain(value)
        if text is not None and not _EMAIL.match(text):
            raise ApiError(
                "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", fields=[field.name]
            )
        return text

    return parse_email


def bad_picklist_value(field: Field, value: str) -> ApiError:
    """The refusal of a value that a restricted picklist (or the record type) does not allow."""
    return ApiError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field.label}: bad value for restricted picklist field: {value}",
        fields=[field.name],
    )


def _picklist(field: Field) -> Callable[[Any], str | None]:
    plain = _text(field)
    active = {entry.value for entry in field.picklist if entry.active}

    def parse_picklist(value: Any) -> str | None:
        text = plain(value)
        if text is not None and field.restricted and text not in active:
            raise bad_picklist_value(field, text)
        return text

    return parse_picklist


def _multipicklist(field: Field) -> Callable[[Any], str | None]:
    plain = _text(field)
    order = {entry.value: n for n, entry in enumerate(field.picklist)}
    active = {entry.value for entry in field.picklist if entry.active}

    def parse_multipicklist(value: Any) -> str | None:
        text = plain(value)
        if text is None:
            return None
        parts = list(dict.fromkeys(p.strip() for p in text.split(";") if p.strip()))
        for part in parts:
            if field.restricted and part not in active:
                raise bad_picklist_value(field, part)
        parts.sort(key=lambda part: order.get(part, len(order)))
        return ";".join(parts) or None

    return parse_multipicklist


def _boolean(field: Field) -> Callable[[Any], int]:
    def parse_boolean(value: Any) -> int:
        if value is True or value is False:
            return int(value)
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return int(value.strip().lower() == "true")
        raise _mistyped(field, "boolean", value)

    return parse_boolean


def _numeric(field: Field) -> Callable[[Any], int | None]:
    scale = 0 if field.type == "int" else field.scale
    factor = 10**scale
    limit = 10 ** (field.precision or field.length or 18)
    if field.type == "int" and not field.precision:
        limit = 2**31
    expected = "int" if field.type == "int" else "double"

    def parse_numeric(value: Any) -> int | None:
        if type(value) is int:
            units: int = value * factor
        else:
            if isinstance(value, bool) or not isinstance(value, str | float | int | Decimal):
                raise _mistyped(field, expected, value)
            text = value.strip() if isinstance(value, str) else repr(value) if type(value) is float else value
            if text == "":
                return None
            try:
                number = Decimal(text)
                if field.type == "int" and number != number.to_integral_value():
                    raise _mistyped(field, expected, value)
                units = int(number.scaleb(scale).quantize(Decimal(1), ROUND_HALF_UP))
            except (InvalidOperation, ValueError, OverflowError):
                raise _mistyped(field, expected, value) from None
        if not -limit < units < limit:
            raise ApiError(
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"{field.label}: value outside of valid range on numeric field: {value}",
                fields=[field.name],
            )
        return units

    return parse_numeric


def _date(field: Field) -> Callable[[Any], str | None]:
    @lru_cache(maxsize=4096)
    def from_text(text: str) -> str | None:
        found = _DATE.match(text)
        if not found:
            raise _mistyped(field, "date", text)
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise _mistyped(field, "date", text) from None
        if not 1700 <= day.year <= 4000:
            raise _mistyped(field, "date", text)
        return day.isoformat()

    def parse_date(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _mistyped(field, "date", value)
        value = value.strip()
        return from_text(value) if value else None

    return parse_date


def _datetime(field: Field) -> Callable[[Any], int | None]:
    def parse_moment(value: Any) -> int | None:
        if not isinstance(value, str):
            raise _mistyped(field, "datetime", value)
        value = value.strip()
        if not value:
            return None
        epoch = parse_datetime(value)
        if epoch is None:
            raise _mistyped(field, "datetime", value)
        return epoch

    return parse_moment


def _time(field: Field) -> Callable[[Any], str | None]:
    def parse_time(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _mistyped(field, "time", value)
        value = value.strip()
        if not value:
            return None
        found = _TIME.match(value)
        if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
            raise _mistyped(field, "time", value)
        return f"{found[1]}:{found[2]}:{found[3] or '00'}.{(found[4] or '0').ljust(3, '0')}Z"

    return parse_time


def _reference(field: Field) -> Callable[[Any], str | None]:
    def parse_reference(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _mistyped(field, "reference", value)
        value = value.strip()
        return ids.to18(value, label=field.label, field=field.name) if value else None

    return parse_reference


_PARSERS: dict[str, Callable[[Field], Callable[[Any], Any]]] = {
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "email": _email,
    "id": _reference,
    "reference": _reference,
    "picklist": _picklist,
    "multipicklist": _multipicklist,
} | dict.fromkeys(NUMERIC, _numeric)


def parser(field: Field) -> Callable[[Any], Any]:
    """The function from a JSON value that is not null to the stored value; raises ApiError.

    Text is trimmed; empty text is null. Numbers are rounded half up to the field's scale.
    """
    make: Callable[[Field], Callable[[Any], Any]] = _PARSERS.get(field.type, _text)
    return make(field)


def parse(field: Field, value: Any) -> Any:
    """The stored value of a JSON value. Raises ApiError with the org's code and the field's name."""
    if value is None:
        if field.type == "boolean":
            raise ApiError(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{field.label}: value not of required type: null",
                fields=[field.name],
            )
        return None
    return parser(field)(value)
