"""The functions of formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.sandbox.formula.syntax import Tree, invalid
from app.sandbox.formula.values import DIGITS, Value, need, same, scaled, truth, whole

if TYPE_CHECKING:
    from app.sandbox.formula.compiler import Compiler

Function = Callable[["Compiler", tuple[Tree, ...]], Value]
_FUNCTIONS: dict[str, tuple[int, int, Function]] = {}


def _function(name: str, least: int, most: int | None = None) -> Callable[[Function], Function]:
    def keep(function: Function) -> Function:
        _FUNCTIONS[name] = (least, least if most is None else most, function)
        return function

    return keep


def call(c: Compiler, name: str, args: tuple[Tree, ...]) -> Value:
    """The value of a function; refuses an unknown one and a wrong number of arguments."""
    if name not in _FUNCTIONS:
        raise invalid(f"Unknown function {name}. Check spelling.")
    least, most, function = _FUNCTIONS[name]
    if not least <= len(args) <= most:
        raise invalid(
            f"Incorrect number of parameters for function '{name}()'. Expected {least}, received {len(args)}"
        )
    return function(c, args)


def _text(c: Compiler, tree: Tree, name: str) -> str:
    return f"IFNULL({need(c.value(tree), 'text', name).sql}, '')"


# --- logic ---


@_function("IF", 3)
def _if(c: Compiler, args: tuple[Tree, ...]) -> Value:
    (then, otherwise), kind, scale = same([c.value(args[1]), c.value(args[2])], "IF")
    return Value(f"CASE WHEN {truth(c.value(args[0]), 'IF')} THEN {then} ELSE {otherwise} END", kind, scale)


@_function("AND", 1, 500)
def _and(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"({' AND '.join(truth(c.value(arg), 'AND') for arg in args)})", "boolean")


@_function("OR", 1, 500)
def _or(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"({' OR '.join(truth(c.value(arg), 'OR') for arg in args)})", "boolean")


@_function("NOT", 1)
def _not(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"(NOT {truth(c.value(args[0]), 'NOT')})", "boolean")


def _blank(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0], raw=True)
    if value.kind == "number" and value.field is not None and c.blanks_as_zero:
        return Value("0", "boolean")
    if value.kind in ("text", "picklist"):
        return Value(f"(IFNULL({value.sql}, '') = '')", "boolean")
    return Value(f"({value.sql} IS NULL)", "boolean")


def _blank_value(c: Compiler, args: tuple[Tree, ...]) -> Value:
    (first, second), kind, scale = same([c.value(args[0], raw=True), c.value(args[1])], "BLANKVALUE")
    return Value(
        f"COALESCE({f'NULLIF({first}, {chr(39) * 2})' if kind == 'text' else first}, {second})", kind, scale
    )


for _name in ("ISBLANK", "ISNULL"):
    _function(_name, 1)(_blank)
for _name in ("BLANKVALUE", "NULLVALUE"):
    _function(_name, 2)(_blank_value)


@_function("CASE", 4, 500)
def _case(c: Compiler, args: tuple[Tree, ...]) -> Value:
    if len(args) % 2:
        raise invalid(
            f"Incorrect number of parameters for function 'CASE()'. Expected {len(args) + 1}, "
            f"received {len(args)}"
        )
    subject = c.value(args[0])
    if subject.kind == "picklist":
        subject = Value(f"IFNULL({subject.sql}, '')", "text")
    results, kind, scale = same([c.value(tree) for tree in (*args[2::2], args[-1])], "CASE")
    whens = []
    for tree, result in zip(args[1:-1:2], results, strict=False):
        (left, right), sort, _ = same([subject, c.value(tree)], "CASE")
        test = (
            f"IFNULL({left}, '') COLLATE BINARY = IFNULL({right}, '')"
            if sort == "text"
            else f"{left} IS {right}"
        )
        whens.append(f"WHEN {test} THEN {result}")
    return Value(f"CASE {' '.join(whens)} ELSE {results[-1]} END", kind, scale)


@_function("ISPICKVAL", 2)
def _ispickval(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = need(c.value(args[0]), "picklist", "ISPICKVAL")
    return Value(f"(IFNULL({value.sql}, '') COLLATE BINARY = {_text(c, args[1], 'ISPICKVAL')})", "boolean")


@_function("INCLUDES", 2)
def _includes(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = need(c.value(args[0]), "picklist", "INCLUDES")
    wanted = f"';' || {_text(c, args[1], 'INCLUDES')} || ';'"
    return Value(f"(instr(';' || IFNULL({value.sql}, '') || ';', {wanted}) > 0)", "boolean")


@_function("ISNUMBER", 1)
def _isnumber(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"(org_value({need(c.value(args[0]), 'text', 'ISNUMBER').sql}, 0) IS NOT NULL)", "boolean")


# --- text ---


@_function("TEXT", 1)
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


@_function("VALUE", 1)
def _value(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_value({need(c.value(args[0]), 'text', 'VALUE').sql}, {DIGITS})", "number", DIGITS)


@_function("CONTAINS", 2)
def _contains(c: Compiler, args: tuple[Tree, ...]) -> Value:
    part = _text(c, args[1], "CONTAINS")
    return Value(f"({part} = '' OR instr({_text(c, args[0], 'CONTAINS')}, {part}) > 0)", "boolean")


@_function("BEGINS", 2)
def _begins(c: Compiler, args: tuple[Tree, ...]) -> Value:
    part = _text(c, args[1], "BEGINS")
    return Value(
        f"(substr({_text(c, args[0], 'BEGINS')}, 1, length({part})) COLLATE BINARY = {part})", "boolean"
    )


@_function("FIND", 2, 3)
def _find(c: Compiler, args: tuple[Tree, ...]) -> Value:
    part, text = _text(c, args[0], "FIND"), _text(c, args[1], "FIND")
    if len(args) == 2:
        return Value(f"instr({text}, {part})", "number")
    at = f"MAX({whole(c.value(args[2]), 'FIND')}, 1)"
    found = f"instr(substr({text}, {at}), {part})"
    return Value(f"CASE WHEN {found} > 0 THEN {found} + {at} - 1 ELSE 0 END", "number")


@_function("LEN", 1)
def _len(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"length({_text(c, args[0], 'LEN')})", "number")


@_function("LEFT", 2)
def _left(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"substr({_text(c, args[0], 'LEFT')}, 1, MAX({whole(c.value(args[1]), 'LEFT')}, 0))", "text")


@_function("RIGHT", 2)
def _right(c: Compiler, args: tuple[Tree, ...]) -> Value:
    text, count = _text(c, args[0], "RIGHT"), whole(c.value(args[1]), "RIGHT")
    return Value(f"substr({text}, MAX(length({text}) - MAX({count}, 0), 0) + 1)", "text")


@_function("MID", 3)
def _mid(c: Compiler, args: tuple[Tree, ...]) -> Value:
    start, count = whole(c.value(args[1]), "MID"), whole(c.value(args[2]), "MID")
    return Value(f"substr({_text(c, args[0], 'MID')}, MAX({start}, 1), MAX({count}, 0))", "text")


def _simple(name: str, sql: str) -> None:
    @_function(name, 1)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        return Value(f"{sql}({_text(c, args[0], name)})", "text")


_simple("UPPER", "org_upper")
_simple("LOWER", "org_lower")
_simple("TRIM", "trim")


@_function("SUBSTITUTE", 3)
def _substitute(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_replace({', '.join(_text(c, arg, 'SUBSTITUTE') for arg in args)})", "text")


def _pad(name: str) -> None:
    @_function(name, 2, 3)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        text, count = _text(c, args[0], name), whole(c.value(args[1]), name)
        fill = _text(c, args[2], name) if len(args) == 3 else "' '"
        padding = (
            f"substr(replace(hex(zeroblob({count})), '00', {fill}), 1, MAX({count} - length({text}), 0))"
        )
        both = f"{padding} || {text}" if name == "LPAD" else f"{text} || {padding}"
        return Value(
            f"CASE WHEN length({text}) >= {count} THEN substr({text}, 1, {count}) ELSE {both} END", "text"
        )


_pad("LPAD")
_pad("RPAD")


@_function("REGEX", 2)
def _regex(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_regex({_text(c, args[0], 'REGEX')}, {_text(c, args[1], 'REGEX')})", "boolean")


@_function("BR", 0)
def _br(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value("char(10)", "text")


@_function("HYPERLINK", 2, 3)
def _hyperlink(c: Compiler, args: tuple[Tree, ...]) -> Value:
    target = _text(c, args[2], "HYPERLINK") if len(args) == 3 else "'_blank'"
    url, label = _text(c, args[0], "HYPERLINK"), _text(c, args[1], "HYPERLINK")
    return Value(
        f"('<a href=\"' || {url} || '\" target=\"' || {target} || '\">' || {label} || '</a>')", "text"
    )


@_function("CASESAFEID", 1)
def _casesafeid(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.field is None or value.field.type not in ("id", "reference"):
        raise invalid("Incorrect parameter type for function 'CASESAFEID()'. Expected Id")
    return Value(value.sql.removeprefix("substr(").removesuffix(", 1, 15)"), "text")


# --- numbers ---


@_function("ROUND", 2)
def _round(c: Compiler, args: tuple[Tree, ...]) -> Value:
    number = need(c.value(args[0]), "number", "ROUND")
    digits = c.value(args[1])
    drop = f"MAX({number.scale} - {whole(digits, 'ROUND')}, 0)"
    rounded = f"org_round({number.sql}, {drop})"
    return Value(f"org_round({rounded}, -{drop})", "number", number.scale)


def _towards(name: str, up: int) -> None:
    @_function(name, 1)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        number = need(c.value(args[0]), "number", name)
        return Value(f"org_floor({number.sql}, {number.scale}, {up})", "number")


_towards("FLOOR", 0)
_towards("CEILING", 1)


@_function("ABS", 1)
def _abs(c: Compiler, args: tuple[Tree, ...]) -> Value:
    number = need(c.value(args[0]), "number", "ABS")
    return Value(f"abs({number.sql})", "number", number.scale)


@_function("MOD", 2)
def _mod(c: Compiler, args: tuple[Tree, ...]) -> Value:
    a, b = need(c.value(args[0]), "number", "MOD"), need(c.value(args[1]), "number", "MOD")
    scale = max(a.scale, b.scale)
    return Value(f"org_mod({scaled(a, scale)}, {scaled(b, scale)})", "number", scale)


def _extreme(name: str) -> None:
    @_function(name, 1, 500)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        parts, kind, scale = same([need(c.value(arg), "number", name) for arg in args], name)
        return Value(f"{name}({', '.join(parts)})" if len(parts) > 1 else parts[0], kind, scale)


_extreme("MAX")
_extreme("MIN")


# --- dates ---


@_function("TODAY", 0)
def _today(c: Compiler, args: tuple[Tree, ...]) -> Value:
    from app.sandbox.soql.dates import local_day

    return Value(f"'{local_day(c.scope.env.now, c.scope.env.zone).isoformat()}'", "date")


@_function("NOW", 0)
def _now(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(str(c.scope.env.now), "datetime")


@_function("DATE", 3)
def _date(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"org_date({', '.join(whole(c.value(arg), 'DATE') for arg in args)})", "date")


def _part(name: str, code: str, plus: int = 0) -> None:
    @_function(name, 1)
    def apply(c: Compiler, args: tuple[Tree, ...]) -> Value:
        day = need(c.value(args[0]), "date", name)
        number = f"CAST(strftime('{code}', {day.sql}) AS INTEGER)"
        return Value(f"({number} + {plus})" if plus else number, "number")


_part("YEAR", "%Y")
_part("MONTH", "%m")
_part("DAY", "%d")
_part("WEEKDAY", "%w", 1)


@_function("ADDMONTHS", 2)
def _addmonths(c: Compiler, args: tuple[Tree, ...]) -> Value:
    day = need(c.value(args[0]), "date", "ADDMONTHS")
    return Value(f"org_add_months({day.sql}, {whole(c.value(args[1]), 'ADDMONTHS')})", "date")


@_function("DATEVALUE", 1)
def _datevalue(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.kind == "datetime":
        zone = c.scope.env.zone_name.replace("'", "''")
        return Value(f"date(org_local({value.sql}, '{zone}'), 'unixepoch')", "date")
    if value.kind == "date":
        return value
    return Value(f"org_parse_date({need(value, 'text', 'DATEVALUE').sql})", "date")


@_function("DATETIMEVALUE", 1)
def _datetimevalue(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = c.value(args[0])
    if value.kind == "datetime":
        return value
    if value.kind == "date":
        return Value(f"CAST(strftime('%s', {value.sql}) AS INTEGER)", "datetime")
    return Value(f"org_parse_datetime({need(value, 'text', 'DATETIMEVALUE').sql})", "datetime")
