"""The right side of a comparison: literals checked against the field's type, as stored values or ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.sandbox import ids
from app.sandbox.errors import ApiError
from app.sandbox.schema import NUMERIC, Field
from app.sandbox.soql import ast, dates
from app.sandbox.soql.scope import Column, Scope, quote
from app.sandbox.values import parse_datetime

_LIMIT = 2**63 - 1
_FRACTION = re.compile(r"\.(\d+)")


@dataclass(frozen=True, slots=True)
class Range:
    """A half-open span [low, high): a date literal, or a number between two storable ones (low = high)."""

    low: str | int
    high: str | int

    def compare(self, sql: str, op: str) -> str:
        """The comparison of `sql` with the whole span."""
        low, high = quote(self.low), quote(self.high)
        if op == "=":
            return f"({sql} >= {low} AND {sql} < {high})"
        if op == "!=":
            return f"({sql} IS NULL OR {sql} < {low} OR {sql} >= {high})"
        return f"{sql} {'<' if op in ('<', '<=') else '>='} {low if op in ('<', '>=') else high}"


def bounds(scope: Scope, column: Column, literal: ast.Literal) -> str | int | Range | None:
    """The literal as the column stores it; None for null. Refuses a literal of another type."""
    field = column.field
    kind = literal.kind
    if kind == "null":
        if field.type == "boolean":
            raise _mistyped(scope, field, literal, "boolean", quoted=False)
        return None
    if field.type in ("id", "reference"):
        if kind != "string":
            raise _mistyped(scope, field, literal, "string", quoted=True)
        return _id(scope, literal)
    if field.type == "boolean":
        if kind != "boolean":
            raise _mistyped(scope, field, literal, "boolean", quoted=False)
        return int(literal.value == "TRUE")
    if field.type in NUMERIC:
        return _number(scope, field, literal)
    if field.type == "date":
        return _date(scope, field, literal)
    if field.type == "datetime":
        return _datetime(scope, field, literal)
    if field.type == "time":
        raise scope.refuse(
            "MALFORMED_QUERY", literal.pos, "Filters on time fields are not supported by this org"
        )
    if kind != "string":
        raise _mistyped(scope, field, literal, "string", quoted=True)
    return literal.value or None


def _mistyped(scope: Scope, field: Field, literal: ast.Literal, kind: str, *, quoted: bool) -> ApiError:
    return scope.refuse(
        "INVALID_FIELD",
        literal.pos,
        f"value of filter criterion for field '{field.name}' must be of type {kind} and should "
        f"{'' if quoted else 'not '}be enclosed in quotes",
    )


def _id(scope: Scope, literal: ast.Literal) -> str | None:
    if not literal.value:
        return None
    found = ids.normalize(literal.value)
    if found is None:
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", literal.pos, f"invalid ID field: {literal.value}")
    return found


def _number(scope: Scope, field: Field, literal: ast.Literal) -> int | Range:
    text = literal.value
    if literal.kind == "currency" and field.type == "currency":
        text = text[3:]
    elif literal.kind != "number":
        raise _mistyped(scope, field, literal, field.type, quoted=False)
    units = Decimal(text).scaleb(field.scale)
    if abs(units) > _LIMIT:
        return Range(_LIMIT, _LIMIT) if units > 0 else Range(-_LIMIT, -_LIMIT)
    whole = int(units // 1) if units >= 0 else -int(-units // 1)
    if whole == units:
        return whole
    above = whole + 1 if units > 0 else whole
    return Range(above, above)


def _today(scope: Scope) -> date:
    return dates.local_day(scope.env.now, scope.env.zone)


def _span(scope: Scope, literal: ast.Literal) -> tuple[date, date]:
    return dates.span(literal.value, literal.n, _today(scope), scope.env.fiscal_start)


def _date(scope: Scope, field: Field, literal: ast.Literal) -> str | Range:
    if literal.kind == "dateliteral":
        first, end = _span(scope, literal)
        return Range(first.isoformat(), end.isoformat())
    if literal.kind != "date":
        raise _mistyped(scope, field, literal, "date", quoted=False)
    try:
        return date.fromisoformat(literal.value).isoformat()
    except ValueError:
        raise scope.refuse("MALFORMED_QUERY", literal.pos, f"Invalid date: {literal.value}") from None


def _datetime(scope: Scope, field: Field, literal: ast.Literal) -> int | Range:
    if literal.kind == "dateliteral":
        first, end = _span(scope, literal)
        return Range(dates.midnight(first, scope.env.zone), dates.midnight(end, scope.env.zone))
    if literal.kind != "datetime":
        raise _mistyped(scope, field, literal, "dateTime", quoted=False)
    epoch = parse_datetime(literal.value)
    if epoch is None:
        raise scope.refuse("MALFORMED_QUERY", literal.pos, f"Invalid date/time: {literal.value}")
    fraction = _FRACTION.search(literal.value)
    # Stamps are whole seconds: a moment within a second lies between two of them.
    return Range(epoch + 1, epoch + 1) if fraction and int(fraction[1]) else epoch
