"""PURE. The one form in which a Salesforce value is compared, stored as a base snapshot and sent.

Canonical values are JSON values, so that a snapshot in `jsonb` gives back exactly what went in:

    string, picklist      text without blanks at the ends, line ends `\\n`, nothing that no database holds;
                          empty is None
    multipicklist         `A;B`, sorted, each once; empty is None
    boolean               True or False; a missing answer is False, as in Salesforce
    int                   int
    decimal               text with exactly the field's scale, rounded half up: `"12.30"`
    date                  `2026-03-31`
    datetime              `2026-03-31T23:59:58Z`: UTC, whole seconds
    id                    18 characters

`None` stands for "empty" in every type but boolean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final, TypeAlias

from app.words import say

Json: TypeAlias = str | int | bool | None

#: The types a mapping may state for a Salesforce field.
SF_TYPES: Final = (
    "string",
    "boolean",
    "date",
    "datetime",
    "int",
    "decimal",
    "id",
    "picklist",
    "multipicklist",
)

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID: Final = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")
_UNITS: Final = tuple(Decimal(1).scaleb(-scale) for scale in range(19))


class BadValue(ValueError):
    """A value that cannot be what its field says, or the same with the field's name before it."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)

    def of(self, field: str) -> BadValue:
        """The same with the name of the field."""
        return BadValue(say("{field}: {why}", field=field, why=self.sentence))


def text(value: object) -> Json:
    """Text without blanks at the ends and with `\\n` line ends; None when nothing is left."""
    if type(value) is not str:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise BadValue(say("{value} is not text.", value=repr(value)))
        value = str(value)
    if "\0" in value or not value.isascii():
        value = storable(value)
    value = value.strip()
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return value or None


def storable(value: str) -> str:
    """The text without zero bytes and halves of characters, which no database holds: cut off by a limit."""
    value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def boolean(value: object) -> Json:
    """True or False. Bulk's `true` and `false` are understood; nothing counts as False."""
    if value is True or value is False:
        return value
    if value is None or value == "":
        return False
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise BadValue(say("{value} is neither true nor false.", value=repr(value)))


def integer(value: object) -> Json:
    """A whole number. Numbers with decimals that are all zero are whole (Salesforce sends 5.0)."""
    if value is None or value == "":
        return None
    if type(value) is int:
        return value
    number = _number(value)
    if number != number.to_integral_value():
        raise BadValue(say("{value} is not a whole number.", value=repr(value)))
    return int(number)


def decimal(value: object, scale: int) -> Json:
    """A number as text with exactly `scale` decimals, rounded half up. Floats are refused: not exact."""
    if value is None or value == "":
        return None
    number = _number(value)
    try:
        number = number.quantize(_UNITS[scale], ROUND_HALF_UP)
    except InvalidOperation:
        raise BadValue(say("{value} has too many digits.", value=repr(value))) from None
    return format(number if number else abs(number), "f")


def _number(value: object) -> Decimal:
    if isinstance(value, bool | float):
        raise BadValue(
            say(
                "{value} is a {kind}, which is not an exact number.",
                value=repr(value),
                kind=type(value).__name__,
            )
        )
    if isinstance(value, Decimal | int | str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise BadValue(say("{value} is not a number.", value=repr(value))) from None
        if number.is_finite():
            return number
    raise BadValue(say("{value} is not a number.", value=repr(value)))


def day(value: object) -> Json:
    """A calendar day as `YYYY-MM-DD`. A moment in time is refused: its day depends on a time zone."""
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and _DATE.match(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise BadValue(say("{value} is not a date (YYYY-MM-DD).", value=repr(value)))


def moment(value: object) -> Json:
    """A moment as `YYYY-MM-DDTHH:MM:SSZ`. Without a time zone it is refused; fractions are cut off."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise BadValue(say("{value} is not a date and time.", value=repr(value))) from None
    if not isinstance(value, datetime):
        raise BadValue(say("{value} is not a date and time.", value=repr(value)))
    if value.tzinfo is None:
        raise BadValue(say("{value} has no time zone.", value=value.isoformat()))
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_id(value: object) -> Json:
    """A record id with 18 characters. The 15-character form, which differs by letter case, is completed."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _ID.match(value):
        raise BadValue(say("{value} is not a Salesforce id.", value=repr(value)))
    if len(value) == 18:
        return value
    tail = ""
    for start in (0, 5, 10):
        bits = sum(1 << i for i, letter in enumerate(value[start : start + 5]) if letter.isupper())
        tail += _SUFFIX[bits]
    return value + tail


def choices(value: object) -> Json:
    """A multi-select picklist as `A;B`, sorted, each value once. Lists and sets are accepted too."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        parts: set[str] = {part.strip() for part in value.split(";")}
    elif isinstance(value, list | tuple | set | frozenset):
        parts = {str(part).strip() for part in value}
    else:
        raise BadValue(say("{value} is not a list of picklist values.", value=repr(value)))
    return ";".join(sorted(parts - {""})) or None


_FORMS: Final[dict[str, Callable[[object], Json]]] = {
    "string": text,
    "picklist": text,
    "boolean": boolean,
    "int": integer,
    "date": day,
    "datetime": moment,
    "id": record_id,
    "multipicklist": choices,
}


def form(sf_type: str, scale: int = 0) -> Callable[[object], Json]:
    """The function that brings values of this Salesforce type into their canonical form."""
    if sf_type == "decimal":
        return lambda value: decimal(value, scale)
    return _FORMS[sf_type]


def canonical(value: object, sf_type: str, scale: int = 0) -> Json:
    """`value` in its canonical form. Raises BadValue with a sentence when it is not of that type."""
    return form(sf_type, scale)(value)
