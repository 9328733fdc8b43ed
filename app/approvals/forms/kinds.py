"""What each type of field takes, and how it is kept: text, `"1250.00"`, `"2027-03-14"`, true, a list.

A value that does not fit raises Wrong, with the key of its sentence in `words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.approvals.forms.document import FieldDocument
from app.approvals.forms.places import countries, currencies, minor_digits
from app.approvals.forms.words import Money
from app.kernel.conditions import day

#: Control characters, and halves of characters that no database can keep. Line breaks are looked at apart.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MAIL = r"[^@\s<>\"'(),;:\\]+@[^@\s<>\"'(),;:\\.]+(\.[^@\s<>\"'(),;:\\.]+)+"
PHONE = r"\+?[0-9][0-9 ()./-]{3,38}[0-9]"
URL = r"([hH][tT][tT][pP][sS]?://)?([\w-]{1,63}\.)+[\w-]{2,63}(:[0-9]{1,5})?([/?#][^\s<>\"]*)?"
WHOLE = r"-?[0-9]{1,15}"
DECIMAL = r"-?[0-9]{1,15}(\.[0-9]{1,10})?"
#: The most characters where the form does not say.
LONGEST = {"text": 255, "long_text": 4000, "email": 254, "phone": 40, "url": 255, "reference": 80}
MOST_ROWS, MOST_FILES = 200, 10
_TODAY = re.compile(r"today([+-][0-9]{1,5})?")


class Wrong(Exception):
    """A value that does not fit. key: its sentence; params: what stands in the sentence."""

    def __init__(self, key: str, **params: Any) -> None:
        self.key, self.params = key, params
        super().__init__(key)


def parse(part: FieldDocument, raw: Any) -> Any:
    """The value as it is kept. Raises Wrong. `lines` and `file` are read elsewhere."""
    return _PARSERS[part.type](part, raw)


def _line(_part: FieldDocument, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Wrong("text")
    if CONTROL.search(raw) or "\n" in raw or "\r" in raw:
        raise Wrong("line")
    return raw.strip()


def _long_text(_part: FieldDocument, raw: Any) -> str:
    if not isinstance(raw, str) or CONTROL.search(raw):
        raise Wrong("text")
    return raw.replace("\r\n", "\n").replace("\r", "\n").strip()


def _matching(pattern: str, key: str, *, small: bool = False) -> Callable[[FieldDocument, Any], str]:
    compiled = re.compile(pattern)

    def read(part: FieldDocument, raw: Any) -> str:
        text = _line(part, raw)
        if text and (len(text) > LONGEST[part.type] or not compiled.fullmatch(text)):
            raise Wrong(key)
        return text.lower() if small else text

    return read


def _integer(_part: FieldDocument, raw: Any) -> int | None:
    if raw == "":
        return None
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**15:
        return raw
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 10**15:
        return int(raw)
    if isinstance(raw, str) and re.fullmatch(WHOLE, raw.strip()):
        return int(raw)
    raise Wrong("integer")


def _decimal(part: FieldDocument, raw: Any) -> str | None:
    if raw == "":
        return None
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)  # any other has lost digits on its way: `"0.10"` as text has not
    if isinstance(raw, Decimal) or (isinstance(raw, int) and not isinstance(raw, bool)):
        raw = format(raw, "f")
    if not isinstance(raw, str) or not re.fullmatch(DECIMAL, raw.strip(), re.ASCII):
        raise Wrong("decimal")
    value = Decimal(raw.strip())
    digits = part.decimals if part.decimals is not None else 10
    if _digits(value) > digits:
        raise Wrong("decimals", max=digits)
    return format(value, "f")


def _date(_part: FieldDocument, raw: Any) -> str | None:
    if raw == "":
        return None
    found = day(raw)
    if found is None or found.year < 1900:
        raise Wrong("date")
    return found.isoformat()


def _code(known: Callable[[], frozenset[str]], key: str) -> Callable[[FieldDocument, Any], str]:
    def read(_part: FieldDocument, raw: Any) -> str:
        if raw != "" and (not isinstance(raw, str) or raw not in known()):
            raise Wrong(key)
        return str(raw)

    return read


def _choice(part: FieldDocument, raw: Any) -> str:
    if raw != "" and (not isinstance(raw, str) or raw not in offered(part)):
        raise Wrong("option")
    return str(raw)


def _choices(part: FieldDocument, raw: Any) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise Wrong("list")
    if len(set(raw)) != len(raw):
        raise Wrong("list")
    known = offered(part)
    if any(one not in known for one in raw):
        raise Wrong("option")
    return [one for one in known if one in raw]


def _boolean(_part: FieldDocument, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Wrong("boolean")
    return raw


_PARSERS: Mapping[str, Callable[[FieldDocument, Any], Any]] = {
    "text": _line,
    "long_text": _long_text,
    "email": _matching(MAIL, "email", small=True),
    "phone": _matching(PHONE, "phone"),
    "url": _matching(URL, "url"),
    "integer": _integer,
    "decimal": _decimal,
    "money": _decimal,
    "date": _date,
    "country": _code(countries, "country"),
    "currency": _code(currencies, "currency"),
    "choice": _choice,
    "multi_choice": _choices,
    "boolean": _boolean,
    "reference": _line,
}


def offered(part: FieldDocument) -> tuple[str, ...]:
    """The values of a field's own options, in their order."""
    if part.type == "multi_choice" and part.reference == "country":
        return tuple(sorted(countries()))
    return tuple(one if isinstance(one, str) else one.value for one in part.options or ())


def _digits(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def bound(part: FieldDocument, limit: Any, *, currency: str = "", today: date | None = None) -> Any:
    """A limit as a number or a day: of money in that currency, of days from today. None where there is none.

    Raises ValueError with a sentence for the form's author where it can be none.
    """
    if isinstance(limit, dict):
        if part.type != "money":
            raise ValueError("Write one limit; only money has one for each currency.")
        for code, amount in limit.items():
            if code not in currencies():
                raise ValueError(f"There is no currency {code}.")
            bound(part, amount)
        limit = limit.get(currency)
    if limit is None:
        return None
    if part.type == "date":
        return _day_limit(limit, today)
    if isinstance(limit, bool) or not re.fullmatch(DECIMAL, str(limit), re.ASCII):
        raise ValueError('Write a number, such as 5 or "12.50".')
    return Decimal(str(limit))


def _day_limit(limit: Any, today: date | None) -> date:
    if found := day(limit):
        return found
    relative = _TODAY.fullmatch(limit) if isinstance(limit, str) else None
    if relative is None:
        raise ValueError("Write a day as YYYY-MM-DD, or in relation to today, such as today+30.")
    return (today or date(2000, 1, 1)) + timedelta(days=int(relative[1] or 0))


def fit(part: FieldDocument, value: Any, *, currency: str = "", today: date | None = None) -> Any:
    """The value once more, held to the limits of its field; money to its currency's digits. Raises Wrong."""
    if part.type in ("text", "long_text", "email", "phone", "url", "reference"):
        return _fit_text(part, value)
    if part.type in ("integer", "decimal", "money", "date"):
        return _fit_number(part, value, currency, today)
    if part.type in ("multi_choice", "lines", "file"):
        _fit_count(part, value)
    if part.type == "boolean" and part.must_be is not None and value is not part.must_be:
        raise Wrong("must_be", value=part.must_be)
    return value


def _fit_text(part: FieldDocument, value: str) -> str:
    if part.min_length is not None and len(value) < part.min_length:
        raise Wrong("too_short", min=part.min_length)
    longest = part.max_length or LONGEST[part.type]
    if len(value) > longest:
        raise Wrong("too_long", max=longest)
    if part.mask is not None and not re.fullmatch(mask_pattern(part.mask), value):
        raise Wrong("mask", example=mask_example(part.mask))
    return value


def _fit_number(part: FieldDocument, value: Any, currency: str, today: date | None) -> Any:
    number: Any = date.fromisoformat(value) if part.type == "date" else Decimal(value)
    if part.type == "money" and currency:
        digits = minor_digits(currency)
        if _digits(number) > digits:
            raise Wrong("minor", currency=currency, max=digits)
        value = format(number.quantize(Decimal(1).scaleb(-digits)), "f")
    low = bound(part, part.min, currency=currency, today=today)
    high = bound(part, part.max, currency=currency, today=today)
    show = (lambda limit: Money(limit, currency)) if part.type == "money" else (lambda limit: limit)
    if low is not None and number < low:
        raise Wrong("too_early" if part.type == "date" else "too_small", min=show(low))
    if high is not None and number > high:
        raise Wrong("too_late" if part.type == "date" else "too_large", max=show(high))
    return value


def _fit_count(part: FieldDocument, value: list[Any]) -> None:
    most = {"lines": MOST_ROWS, "file": MOST_FILES}.get(part.type)
    high = part.max_count if part.max_count is not None else most
    if part.min_count is not None and len(value) < part.min_count:
        raise Wrong("too_few", min=part.min_count)
    if high is not None and len(value) > high:
        raise Wrong("too_many", max=high)


_SIGNS = {"A": "[A-Za-z]", "9": "[0-9]", "X": "[A-Za-z0-9]"}
_EXAMPLES = {"A": "A", "9": "1", "X": "A"}


def _mask(mask: str) -> list[tuple[str, bool]]:
    """The signs of a mask, each with whether it may repeat. Raises ValueError with a sentence."""
    signs: list[tuple[str, bool]] = []
    rest = iter(mask)
    for sign in rest:
        if sign == "+" and signs and not signs[-1][1]:
            signs[-1] = (signs[-1][0], True)
        elif sign == "+":
            raise ValueError("A + follows the sign that it repeats; write a sign before it.")
        elif sign == "\\":
            signs.append(("\\" + next(rest, "\\"), False))
        else:
            signs.append((sign, False))
    # Each repetition multiplies the ways to read a text: two of them stay fast.
    if sum(repeated for _, repeated in signs) > 2:
        raise ValueError("A mask repeats at most two signs; write the others out.")
    return signs


def mask_pattern(mask: str) -> str:
    """A mask as a regular expression. Raises ValueError with a sentence for the form's author."""
    return "".join(
        (_SIGNS[sign] if sign in _SIGNS else re.escape(sign.removeprefix("\\") or "\\")) + ("+" * repeated)
        for sign, repeated in _mask(mask)
    )


def mask_example(mask: str) -> str:
    """A text that fits a mask: AB-111 for AA-9+."""
    return "".join(
        (_EXAMPLES.get(sign) or sign.removeprefix("\\") or "\\") * (3 if repeated else 1)
        for sign, repeated in _mask(mask)
    )
