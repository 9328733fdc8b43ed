"""Functions of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sandbox.formula.library import function, text_of
from app.sandbox.formula.syntax import Tree, invalid
from app.sandbox.formula.values import DIGITS, Value, need, whole

if TYPE_CHECKING:
    from app.sandbox.formula.compiler import Compiler


@function("TEXT", 1)
def _to_text(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.kind == "number":
        return Value(f"org_text({value.sql}, {value.scale})", "text")
    if value.kind == "datetime":
        return Value(f"(strftime('%Y-%m-%d %H:%M:%SZ', {value.sql}, 'unixepoch'))", "text")
    if value.kind in ("date", "picklist", "null"):
        return Value(value.sql, "text")
    raise invalid(
        "Incorrect parameter type for function 'TEXT()'. Expected Number, Date, DateTime, "
        f"received {value.kind.capitalize()}"
    )


@function("VALUE", 1)
def _value(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_value({need(c.value(args[0]), 'text', 'VALUE').sql}, {DIGITS})", "number", DIGITS)


@function("CONTAINS", 2)
def _contains(c: Compiler, args: tuple[Tree, ...]) -> Value:
    part = text_of(c, args[1], "CONTAINS")
    return Value(f"({part} = '' OR instr({text_of(c, args[0], 'CONTAINS')}, {part}) > 0)", "boolean")


@function("BEGINS", 2)
def _begins(c: Compiler, args: tuple[Tree, ...]) -> Value:
    part = text_of(c, args[1], "BEGINS")
    return Value(
        f"(substr({text_of(c, args[0], 'BEGINS')}, 1, length({part})) COLLATE BINARY = {part})", "boolean"
    )


@function("FIND", 2, 3)
def _find(c: Compiler, args: tuple[Tree, ...]) -> Value:
    part, text = text_of(c, args[0], "FIND"), text_of(c, args[1], "FIND")
    if len(args) == 2:
        return Value(f"instr({text}, {part})", "number")
    at = f"MAX({whole(c.value(args[2]), 'FIND')}, 1)"
    found = f"instr(substr({text}, {at}), {part})"
    return Value(f"CASE WHEN {found} > 0 THEN {found} + {at} - 1 ELSE 0 END", "number")


@function("LEN", 1)
def _len(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"length({text_of(c, args[0], 'LEN')})", "number")


@function("LEFT", 2)
def _left(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(
        f"substr({text_of(c, args[0], 'LEFT')}, 1, MAX({whole(c.value(args[1]), 'LEFT')}, 0))", "text"
    )


@function("RIGHT", 2)
def _right(c: Compiler, args: tuple[Tree, ...]) -> Value:
    text, count = text_of(c, args[0], "RIGHT"), whole(c.value(args[1]), "RIGHT")
    return Value(f"substr({text}, MAX(length({text}) - MAX({count}, 0), 0) + 1)", "text")


@function("MID", 3)
def _mid(c: Compiler, args: tuple[Tree, ...]) -> Value:
    start, count = whole(c.value(args[1]), "MID"), whole(c.value(args[2]), "MID")
    return Value(f"substr({text_of(c, args[0], 'MID')}, MAX({start}, 1), MAX({count}, 0))", "text")


def _simple(name: str, sql: str) -> None:
    @function(name, 1)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        return Value(f"{sql}({text_of(c, args[0], name)})", "text")


_simple("UPPER", "org_upper")
_simple("LOWER", "org_lower")
_simple("TRIM", "trim")


@function("SUBSTITUTE", 3)
def _substitute(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_replace({', '.join(text_of(c, arg, 'SUBSTITUTE') for arg in args)})", "text")


def _pad(name: str) -> None:
    @function(name, 2, 3)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        text, count = text_of(c, args[0], name), whole(c.value(args[1]), name)
        fill = text_of(c, args[2], name) if len(args) == 3 else "' '"
        padding = (
            f"substr(replace(hex(zeroblob({count})), '00', {fill}), 1, MAX({count} - length({text}), 0))"
        )
        both = f"{padding} || {text}" if name == "LPAD" else f"{text} || {padding}"
        return Value(
            f"CASE WHEN length({text}) >= {count} THEN substr({text}, 1, {count}) ELSE {both} END", "text"
        )


_pad("LPAD")
_pad("RPAD")


@function("REGEX", 2)
def _regex(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_regex({text_of(c, args[0], 'REGEX')}, {text_of(c, args[1], 'REGEX')})", "boolean")


@function("BR", 0)
def _br(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value("char(10)", "text")


@function("HYPERLINK", 2, 3)
def _hyperlink(c: Compiler, args: tuple[Tree, ...]) -> Value:
    target = text_of(c, args[2], "HYPERLINK") if len(args) == 3 else "'_blank'"
    url, label = text_of(c, args[0], "HYPERLINK"), text_of(c, args[1], "HYPERLINK")
    return Value(
        f"('<a href=\"' || {url} || '\" target=\"' || {target} || '\">' || {label} || '</a>')", "text"
    )


@function("CASESAFEID", 1)
def _casesafeid(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.field is None or value.field.type not in ("id", "reference"):
        raise invalid("Incorrect parameter type for function 'CASESAFEID()'. Expected Id")
    return Value(value.sql.removeprefix("substr(").removesuffix(", 1, 15)"), "text")
