"""Conditions as data, compiled once to a function of the facts.

    {all: [{field: user.kind, op: eq, value: reseller},
           {not: {field: amount, op: above, value: {USD: "50000.00", EUR: "46000.00"}}}]}

A field is a name, or a path with dots (`partner.level_weight`). A field without a value (missing, null, empty
text or list) makes every comparison false, `ne` and `not_in` too; only `absent` is true of it. To take in
those without a value as well, write `{not: …}`.

Text is equal letter by letter; `contains` and `starts_with` take no notice of capitals. Numbers are exact:
whole ones may be written plainly, others in quotes. A day is written YYYY-MM-DD. `between` includes both
ends. Of a field with several values, `in` asks for one of them, `not_in` for none of them.

`at_most` and `above` compare an amount with the limit of its own currency, which is the value of
`currency_field`, by default `currency` beside the amount. An amount without a limit in its currency, and one
that cannot be read, is above: it goes the careful way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.kernel.errors import BadInput

Condition = Callable[[Mapping[str, Any]], bool]

#: A person writes no condition that is deeper or longer; a program that does has gone wrong.
DEEPEST = 16
LONGEST = 200

_FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")

_GROUPS = ("all", "any", "not")
_ORDERED = ("lt", "lte", "gt", "gte")
_MONEY = ("at_most", "above")
OPERATORS = (
    "eq", "ne", *_ORDERED, "in", "not_in", "between", "present", "absent", "contains", "starts_with", *_MONEY,
)  # fmt: skip


def compile_condition(document: Any, where: str = "") -> Condition:
    """The function of the facts that the document describes. It never raises, whatever the facts are.

    where: how messages call the place of the document. Raises BadInput (`bad_condition`), with the path of
    the first fault in `where`.
    """
    return _Reader().read(document, where, 1)


def fields_of(document: Any) -> frozenset[str]:
    """The fields that the condition looks at, currencies included. Raises BadInput as compiling does."""
    reader = _Reader()
    reader.read(document, "", 1)
    return frozenset(reader.fields)


def value_of(facts: Mapping[str, Any], field: str) -> Any:
    """The value of a field, by its whole name or step by step; None where there is none."""
    if field in facts:
        return facts[field]
    found: Any = facts
    for step in field.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def is_absent(value: Any) -> bool:
    """Whether there is nothing: no value, empty text, an empty list. Zero and false are values."""
    return value is None or (isinstance(value, (str, Sequence, Mapping, set, frozenset)) and not value)


def number(value: Any) -> Decimal | None:
    """A number exactly, from a number or its plain text; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        value = repr(value)  # as it was written, not as the machine keeps it
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    return None


def day(value: Any) -> date | None:
    """A day, from a date or YYYY-MM-DD; None for everything else."""
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


class _Reader:
    """Reads one document, and notes which fields it looks at."""

    def __init__(self) -> None:
        self.fields: set[str] = set()
        self.parts = 0

    def read(self, document: Any, where: str, depth: int) -> Condition:
        self.parts += 1
        if depth > DEEPEST or self.parts > LONGEST:
            raise _fault(where, "The condition is too long.", "Split it, or say it more plainly.")
        if not isinstance(document, Mapping):
            raise _fault(where, "A condition is missing here.", "Write {field, op, value}, or all, any, not.")
        groups = [name for name in _GROUPS if name in document]
        if not groups:
            return self._comparison(document, where)
        if len(document) != 1:
            raise _fault(
                where, f'Beside "{groups[0]}" nothing else can stand.', "Put both into one {all: […]}."
            )
        group = groups[0]
        path = _under(where, group)
        if group == "not":
            inner = self.read(document["not"], path, depth + 1)
            return lambda facts: not inner(facts)
        parts = document[group]
        if not isinstance(parts, list) or not parts:
            raise _fault(path, f'"{group}" needs a list of conditions.', "Write at least one condition.")
        read = tuple(self.read(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(parts))
        if group == "all":
            return lambda facts: all(one(facts) for one in read)
        return lambda facts: any(one(facts) for one in read)

    def _comparison(self, document: Mapping[Any, Any], where: str) -> Condition:
        op = document.get("op")
        if op not in OPERATORS:
            raise _fault(
                _under(where, "op"), "There is no such comparison.", f"Choose one of {', '.join(OPERATORS)}."
            )
        known = {"field", "op"} | ({"value"} if op not in ("present", "absent") else set())
        if op in _MONEY:
            known.add("currency_field")
        if unknown := [str(name) for name in document if name not in known]:
            raise _fault(_under(where, unknown[0]), f'"{op}" has no such part.', "Leave it out.")
        field = self._field(document.get("field"), _under(where, "field"))
        if op == "present":
            return lambda facts: not is_absent(value_of(facts, field))
        if op == "absent":
            return lambda facts: is_absent(value_of(facts, field))
        if "value" not in document:
            raise _fault(_under(where, "value"), f'"{op}" needs a value.', "Write what to compare with.")
        value, path = document["value"], _under(where, "value")
        if op in _MONEY:
            beside = f"{field.rpartition('.')[0]}.currency".lstrip(".")
            currency = self._field(document.get("currency_field", beside), _under(where, "currency_field"))
            return _money(field, currency, _limits(value, path), above=op == "above")
        return _compared(field, _test(op, value, path))

    def _field(self, name: Any, where: str) -> str:
        if not isinstance(name, str) or not _FIELD.fullmatch(name):
            raise _fault(where, "This is not the name of a field.", "Write a name such as partner.level.")
        self.fields.add(name)
        return name


def _compared(field: str, test: Callable[[Any], bool]) -> Condition:
    def holds(facts: Mapping[str, Any]) -> bool:
        value = value_of(facts, field)
        return not is_absent(value) and test(value)

    return holds


def _test(op: str, value: Any, where: str) -> Callable[[Any], bool]:
    """The comparison of a value that is there with the document's value."""
    if op in ("eq", "ne"):
        one = _scalar(value, where)
        return (lambda given: _equal(given, one)) if op == "eq" else (lambda given: not _equal(given, one))
    if op in ("in", "not_in"):
        if not isinstance(value, list) or not value:
            raise _fault(where, f'"{op}" needs a list.', "Write at least one value.")
        wanted = tuple(_scalar(one, f"{where}[{index}]") for index, one in enumerate(value))
        if op == "in":
            return lambda given: _one_of(given, wanted)
        return lambda given: not _one_of(given, wanted)
    if op == "contains":
        part = _scalar(value, where)
        return lambda given: _contains(given, part)
    if op == "starts_with":
        if not isinstance(value, str) or not value:
            raise _fault(where, '"starts_with" needs text.', "Write the text that it begins with.")
        begin = value.casefold()
        return lambda given: isinstance(given, str) and given.casefold().startswith(begin)
    if op == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise _fault(where, '"between" needs two values.', "Write the lowest and the highest.")
        low, high = _ordered("gte", value[0], f"{where}[0]"), _ordered("lte", value[1], f"{where}[1]")
        if not low(value[1]):
            raise _fault(where, "Nothing lies between these two.", "Write the lower one first.")
        return lambda given: low(given) and high(given)
    return _ordered(op, value, where)


def _ordered(op: str, value: Any, where: str) -> Callable[[Any], bool]:
    if isinstance(value, float):
        raise _in_quotes(where)
    read: Callable[[Any], Any] = number if number(value) is not None else day
    limit = read(value)
    if limit is None:
        raise _fault(where, f'"{op}" needs a number or a day.', 'Write such as 5, "12.50" or "2027-03-14".')

    def holds(given: Any) -> bool:
        found = read(given)
        if found is None:
            return False
        if op in ("lt", "lte"):
            return bool(found < limit) or (op == "lte" and bool(found == limit))
        return bool(found > limit) or (op == "gte" and bool(found == limit))

    return holds


def _equal(given: Any, wanted: Any) -> bool:
    if isinstance(given, bool) or isinstance(wanted, bool):
        return given is wanted
    if isinstance(given, str) and isinstance(wanted, str):
        return given == wanted
    if isinstance(given, date) or isinstance(wanted, date):
        found = day(given)
        return found is not None and found == day(wanted)
    found_number = number(given)
    return found_number is not None and found_number == number(wanted)


def _several(given: Any) -> Sequence[Any] | None:
    if isinstance(given, (list, tuple)):
        return given
    return tuple(given) if isinstance(given, (set, frozenset)) else None


def _one_of(given: Any, wanted: Sequence[Any]) -> bool:
    values = _several(given)
    return any(_equal(value, one) for value in ([given] if values is None else values) for one in wanted)


def _contains(given: Any, part: Any) -> bool:
    values = _several(given)
    if values is not None:
        return any(_equal(value, part) for value in values)
    return isinstance(given, str) and isinstance(part, str) and part.casefold() in given.casefold()


def _money(field: str, currency_field: str, limits: Mapping[str, Decimal], *, above: bool) -> Condition:
    def holds(facts: Mapping[str, Any]) -> bool:
        given = value_of(facts, field)
        if is_absent(given):
            return False
        amount, currency = number(given), value_of(facts, currency_field)
        limit = limits.get(currency) if isinstance(currency, str) else None
        inside = amount is not None and limit is not None and amount <= limit
        return not inside if above else inside

    return holds


def _limits(value: Any, where: str) -> Mapping[str, Decimal]:
    if not isinstance(value, Mapping) or not value:
        raise _fault(where, "Limits are missing.", 'Write one for each currency, such as {EUR: "46000.00"}.')
    limits = {}
    for currency, amount in value.items():
        path = _under(where, str(currency))
        if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
            raise _fault(path, "This is not a currency.", "Write its three letters, such as EUR.")
        if isinstance(amount, float):
            raise _in_quotes(path)
        read = number(amount)
        if read is None:
            raise _fault(path, "This is not an amount.", 'Write a number such as "46000.00".')
        limits[currency] = read
    return limits


def _scalar(value: Any, where: str) -> Any:
    if isinstance(value, float):
        raise _in_quotes(where)
    if isinstance(value, datetime) or not isinstance(value, (str, int, Decimal, date)) or value == "":
        raise _fault(where, "This cannot be compared with.", "Write text, a number, a day, or true or false.")
    return value


def _in_quotes(where: str) -> BadInput:
    return _fault(where, "A number with decimals must be exact.", 'Put it in quotes, such as "12.50".')


def _under(where: str, step: str) -> str:
    return f"{where}.{step}" if where else step


def _fault(where: str, what: str, remedy: str) -> BadInput:
    return BadInput(what, where=where or "condition", remedy=remedy, code="bad_condition")
