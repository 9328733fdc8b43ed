"""Functions of numbers and of dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sandbox.formula.library import function
from app.sandbox.formula.syntax import Tree
from app.sandbox.formula.values import Value, need, same, scaled, whole

if TYPE_CHECKING:
    from app.sandbox.formula.compiler import Compiler


@function("ROUND", 2)
def _round(c: Compiler, args: tuple[Tree, ...]) -> Value:
    number = need(c.value(args[0]), "number", "ROUND")
    digits = c.value(args[1])
    drop = f"MAX({number.scale} - {whole(digits, 'ROUND')}, 0)"
    rounded = f"org_round({number.sql}, {drop})"
    return Value(f"org_round({rounded}, -{drop})", "number", number.scale)


def _towards(name: str, up: int) -> None:
    @function(name, 1)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        number = need(c.value(args[0]), "number", name)
        return Value(f"org_floor({number.sql}, {number.scale}, {up})", "number")


_towards("FLOOR", 0)
_towards("CEILING", 1)


@function("ABS", 1)
def _abs(c: Compiler, args: tuple[Tree, ...]) -> Value:
    number = need(c.value(args[0]), "number", "ABS")
    return Value(f"abs({number.sql})", "number", number.scale)


@function("MOD", 2)
def _mod(c: Compiler, args: tuple[Tree, ...]) -> Value:
    a, b = need(c.value(args[0]), "number", "MOD"), need(c.value(args[1]), "number", "MOD")
    scale = max(a.scale, b.scale)
    return Value(f"org_mod({scaled(a, scale)}, {scaled(b, scale)})", "number", scale)


def _extreme(name: str) -> None:
    @function(name, 1, 500)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        parts, kind, scale = same([need(c.value(arg), "number", name) for arg in args], name)
        return Value(f"{name}({', '.join(parts)})" if len(parts) > 1 else parts[0], kind, scale)


_extreme("MAX")
_extreme("MIN")


@function("TODAY", 0)
def _today(c: Compiler, args: tuple[Tree, ...]) -> Value:
    from app.sandbox.soql.dates import local_day

    return Value(f"'{local_day(c.scope.env.now, c.scope.env.zone).isoformat()}'", "date")


@function("NOW", 0)
def _now(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(str(c.scope.env.now), "datetime")


@function("DATE", 3)
def _date(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_date({', '.join(whole(c.value(arg), 'DATE') for arg in args)})", "date")


def _part(name: str, code: str, plus: int = 0) -> None:
    @function(name, 1)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        day = need(c.value(args[0]), "date", name)
        number = f"CAST(strftime('{code}', {day.sql}) AS INTEGER)"
        return Value(f"({number} + {plus})" if plus else number, "number")


_part("YEAR", "%Y")
_part("MONTH", "%m")
_part("DAY", "%d")
_part("WEEKDAY", "%w", 1)


@function("ADDMONTHS", 2)
def _addmonths(c: Compiler, args: tuple[Tree, ...]) -> Value:
    day = need(c.value(args[0]), "date", "ADDMONTHS")
    return Value(f"org_add_months({day.sql}, {whole(c.value(args[1]), 'ADDMONTHS')})", "date")


@function("DATEVALUE", 1)
def _datevalue(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.kind == "datetime":
        zone = c.scope.env.zone_name.replace("'", "''")
        return Value(f"date(org_local({value.sql}, '{zone}'), 'unixepoch')", "date")
    if value.kind == "date":
        return value
    return Value(f"org_parse_date({need(value, 'text', 'DATEVALUE').sql})", "date")


@function("DATETIMEVALUE", 1)
def _datetimevalue(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.kind == "datetime":
        return value
    if value.kind == "date":
        return Value(f"CAST(strftime('%s', {value.sql}) AS INTEGER)", "datetime")
    return Value(f"org_parse_datetime({need(value, 'text', 'DATETIMEVALUE').sql})", "datetime")
