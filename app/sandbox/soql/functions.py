"""What SQLite lacks: Unicode case, time zones and exact decimals, as SQL functions.

Numbers are integers in units of 10**-scale. A function that would leave 64 bits yields null.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import weakref
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.sandbox.store import Store

_prepared: weakref.WeakSet[Store] = weakref.WeakSet()
_lock = threading.Lock()
_LARGEST = 2**63 - 1


def prepare(store: Store) -> None:
    """Make the functions known to every connection of the store; cheap when done before."""
    if store in _prepared:
        return
    with _lock:
        if store not in _prepared:
            store.on_connect(register)
            _prepared.add(store)


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to one connection."""
    for name, count, function in (
        ("org_fold", 1, _fold),
        ("org_like", 2, _like),
        ("org_local", 2, _local),
        ("org_mul", 3, _mul),
        ("org_div", 3, _div),
        ("org_pow", 5, _pow),
        ("org_round", 2, _round),
        ("org_mod", 2, _mod),
        ("org_floor", 3, _floor),
        ("org_text", 2, _text),
        ("org_value", 2, _value),
        ("org_regex", 2, _regex),
        ("org_date", 3, _date),
        ("org_add_days", 2, _add_days),
        ("org_add_months", 2, _add_months),
        ("org_days", 1, _days),
        ("org_upper", 1, _upper),
        ("org_lower", 1, _lower),
        ("org_replace", 3, _replace),
        ("org_parse_date", 1, _parse_date),
        ("org_parse_datetime", 1, _parse_datetime),
    ):
        connection.create_function(name, count, function, deterministic=True)


def _bounded(number: int) -> int | None:
    return number if -_LARGEST <= number <= _LARGEST else None


def _fold(text: Any) -> str | None:
    return None if text is None else str(text).casefold()


def _upper(text: Any) -> str | None:
    return None if text is None else str(text).upper()


def _lower(text: Any) -> str | None:
    return None if text is None else str(text).lower()


def _replace(text: Any, old: Any, new: Any) -> str | None:
    if text is None:
        return None
    return str(text).replace(str(old), str(new or "")) if old else str(text)


@lru_cache(maxsize=512)
def _pattern(like: str) -> re.Pattern[str]:
    out = []
    letters = iter(like)
    for letter in letters:
        if letter == "\\":
            out.append(re.escape(next(letters, "")))
        else:
            out.append({"%": ".*", "_": "."}.get(letter) or re.escape(letter))
    return re.compile("".join(out) + r"\Z", re.DOTALL)


def _like(text: Any, like: str) -> int | None:
    """LIKE in any letter case of any script; `like` is already casefolded."""
    return None if text is None else int(bool(_pattern(like).match(str(text).casefold())))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(epoch: int | None, zone: str) -> int | None:
    """Epoch seconds moved so that UTC functions show the zone's wall clock."""
    if epoch is None:
        return None
    offset = datetime.fromtimestamp(epoch, UTC).astimezone(_zone(zone)).utcoffset()
    return epoch + int(offset.total_seconds()) if offset else epoch


def _half_up(numerator: int, denominator: int) -> int:
    negative = (numerator < 0) != (denominator < 0)
    whole, rest = divmod(abs(numerator), abs(denominator))
    whole += rest * 2 >= abs(denominator)
    return -whole if negative else whole


def _round(units: int | None, drop: int) -> int | None:
    """Half up, away from nought; a negative `drop` adds digits."""
    if units is None:
        return None
    factor = int(10 ** abs(drop))
    return _bounded(units * factor if drop <= 0 else _half_up(units, factor))


def _mul(a: int | None, b: int | None, drop: int) -> int | None:
    return None if a is None or b is None else _round(a * b, drop)


def _div(a: int | None, b: int | None, shift: int) -> int | None:
    """a × 10**shift ÷ b; null where b is nought, as `#Error!` reads over the API."""
    if a is None or not b:
        return None
    return _bounded(_half_up(a * 10**shift, b) if shift >= 0 else _half_up(a, b * 10**-shift))


def _pow(a: int | None, a_scale: int, b: int | None, b_scale: int, scale: int) -> int | None:
    if a is None or b is None:
        return None
    try:
        power = Decimal(a).scaleb(-a_scale) ** Decimal(b).scaleb(-b_scale)
        return _bounded(int(power.scaleb(scale).quantize(Decimal(1), ROUND_HALF_UP)))
    except (InvalidOperation, OverflowError):
        return None


def _mod(a: int | None, b: int | None) -> int | None:
    """The remainder, with the sign of the divisor."""
    return None if a is None or not b else a % b


def _floor(units: int | None, drop: int, up: int) -> int | None:
    """Towards nought (`up` 0) or away from it (1), as FLOOR and CEILING round negative numbers too."""
    if units is None or drop <= 0:
        return units
    whole, rest = divmod(abs(units), int(10**drop))
    whole += 1 if up and rest else 0
    return -whole if units < 0 else whole


def _text(units: int | None, scale: int) -> str | None:
    if units is None:
        return None
    text = format(Decimal(units).scaleb(-scale), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(text: Any, scale: int) -> int | None:
    try:
        number = Decimal(str(text).strip().replace(",", ""))
        return (
            None if text is None else _bounded(int(number.scaleb(scale).quantize(Decimal(1), ROUND_HALF_UP)))
        )
    except (InvalidOperation, OverflowError, ValueError):
        return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _regex(text: Any, pattern: Any) -> int:
    return int(bool(_compiled(str(pattern or "")).fullmatch(str(text or ""))))


def _date(year: int | None, month: int | None, day: int | None) -> str | None:
    if year is None or month is None or day is None:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _add_days(day: str | None, days: int | None) -> str | None:
    if day is None or days is None:
        return None
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return None


def _add_months(day: str | None, months: int | None) -> str | None:
    """The same day of a later month; the last day of a month stays the last day."""
    if day is None or months is None:
        return None
    start = date.fromisoformat(day)
    at_end = (start + timedelta(days=1)).day == 1
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9998:
        return None
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, last if at_end else min(start.day, last)).isoformat()


def _days(day: str | None) -> int | None:
    return None if day is None else date.fromisoformat(day).toordinal()


def _parse_date(text: Any) -> str | None:
    try:
        return None if text is None else date.fromisoformat(str(text).strip()).isoformat()
    except ValueError:
        return None


def _parse_datetime(text: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
