"""Typed SQL values that formulas compute with, and the conversions between them."""

from __future__ import annotations

from dataclasses import dataclass

from app.sandbox.formula.syntax import invalid
from app.sandbox.schema import Field

#: digits that a division keeps
DIGITS = 10


@dataclass(frozen=True, slots=True)
class Value:
    """An SQL expression of a kind: text, picklist, number, boolean, date, datetime or null.

    scale: a number is an integer in units of 10**-scale. field: set while it is a bare field.
    """

    sql: str
    kind: str
    scale: int = 0
    field: Field | None = None


def need(value: Value, kind: str, function: str) -> Value:
    """The value, or a refusal because the function takes another kind."""
    if value.kind in (kind, "null"):
        return value
    raise invalid(
        f"Incorrect parameter type for function '{function}'. Expected {kind.capitalize()}, "
        f"received {value.kind.capitalize()}"
    )


def scaled(value: Value, scale: int) -> str:
    """A number's SQL at another scale, rounded half up where digits are lost."""
    if value.kind == "null" or value.scale == scale:
        return value.sql
    if scale > value.scale:
        return f"({value.sql} * {10 ** (scale - value.scale)})"
    return f"org_round({value.sql}, {value.scale - scale})"


def whole(value: Value, function: str) -> str:
    """A number's SQL without its decimals, as functions that count letters or days read it."""
    number = need(value, "number", function)
    return f"org_floor({number.sql}, {number.scale}, 0)" if number.scale else number.sql


def same(values: list[Value], function: str) -> tuple[list[str], str, int]:
    """The SQL of values brought to one kind and scale, the kind and the scale."""
    kinds = {v.kind for v in values} - {"null"}
    if len(kinds) > 1:
        raise invalid(
            f"Incorrect parameter type for function '{function}'. Expected one type, "
            f"received {', '.join(sorted(kinds))}"
        )
    kind = kinds.pop() if kinds else "text"
    if kind != "number":
        return [v.sql for v in values], kind, 0
    scale = max(v.scale for v in values)
    return [scaled(v, scale) for v in values], kind, scale


def truth(value: Value, function: str) -> str:
    """A condition's SQL that is never null."""
    return f"IFNULL({need(value, 'boolean', function).sql}, 0)"


def stored(value: Value, field: Field) -> str:
    """The SQL of a formula's result as the formula field stores it."""
    if field.type in ("int", "double", "currency", "percent"):
        extra = 2 if field.type == "percent" else 0
        need(value, "number", field.name)
        return scaled(Value(value.sql, value.kind, value.scale - extra), field.scale)
    if field.type == "boolean":
        return truth(value, field.name)
    if field.type in ("date", "datetime"):
        return need(value, field.type, field.name).sql
    return f"NULLIF({need(value, 'text', field.name).sql}, '')"
