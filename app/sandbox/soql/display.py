"""toLabel and format: values as the running user would see them on a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.sandbox.schema import NUMERIC, Field
from app.sandbox.soql import ast
from app.sandbox.soql.environment import Environment
from app.sandbox.soql.expressions import expression, only_argument
from app.sandbox.soql.scope import Column, Scope

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def labelled(scope: Scope, call: ast.Call) -> tuple[Column, Callable[[Any], Any]]:
    """toLabel(picklist): the column, and what shows its label."""
    column = scope.column(only_argument(scope, call))
    field = column.field
    if field.type not in ("picklist", "multipicklist", "combobox", "reference"):
        raise scope.refuse("INVALID_FIELD", call.pos, f"field {field.name} does not support operator toLabel")
    labels = {entry.value.lower(): entry.label for entry in field.picklist}

    def show(raw: str) -> str:
        return ";".join(labels.get(part.lower(), part) for part in raw.split(";"))

    return column, show


def formatted(scope: Scope, call: ast.Call) -> tuple[Column, Callable[[Any], Any]]:
    """format(field or function): the column, and what writes it in the user's way (locale en_US)."""
    if len(call.args) != 1 or isinstance(call.args[0], ast.Literal):
        raise scope.refuse("MALFORMED_QUERY", call.pos, f"{call.name} takes one field")
    column = expression(scope, call.args[0])
    return column, formatter(scope.env, column.field)


def formatter(env: Environment, field: Field) -> Callable[[Any], str]:
    """What writes a stored value as text: grouped digits, the currency's sign, the user's time zone."""
    if field.type in NUMERIC:

        def number(raw: int) -> str:
            digits = min(field.scale, 6)
            value = Decimal(raw).scaleb(-field.scale).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
            if field.type == "currency":
                value = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
                sign = _SIGNS.get(env.user_currency, env.user_currency + " ")
                return f"-{sign}{-value:,f}" if value < 0 else f"{sign}{value:,f}"
            text = f"{value:,f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
            return text + "%" if field.type == "percent" else text

        return number
    if field.type == "date":
        return lambda raw: f"{int(raw[5:7])}/{int(raw[8:10])}/{raw[:4]}"
    if field.type == "datetime":

        def moment(raw: int) -> str:
            at = datetime.fromtimestamp(raw, env.zone)
            half = "AM" if at.hour < 12 else "PM"
            return f"{at.month}/{at.day}/{at.year}, {at.hour % 12 or 12}:{at.minute:02} {half}"

        return moment
    if field.type == "boolean":
        return lambda raw: "true" if raw else "false"
    return str
