"""Functions of conditions, choices and picklists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sandbox.formula.library import function, text_of
from app.sandbox.formula.syntax import Name, Tree, invalid
from app.sandbox.formula.values import Value, need, same, truth
from app.sandbox.schema import Field

if TYPE_CHECKING:
    from app.sandbox.formula.compiler import Compiler


@function("IF", 3)
def _if(c: Compiler, args: tuple[Tree, ...]) -> Value:
    (then, otherwise), kind, scale = same([c.value(args[1]), c.value(args[2])], "IF")
    return Value(f"CASE WHEN {truth(c.value(args[0]), 'IF')} THEN {then} ELSE {otherwise} END", kind, scale)


@function("AND", 1, 500)
def _and(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"({' AND '.join(truth(c.value(arg), 'AND') for arg in args)})", "boolean")


@function("OR", 1, 500)
def _or(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"({' OR '.join(truth(c.value(arg), 'OR') for arg in args)})", "boolean")


@function("NOT", 1)
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
    function(_name, 1)(_blank)
for _name in ("BLANKVALUE", "NULLVALUE"):
    function(_name, 2)(_blank_value)


@function("CASE", 4, 500)
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


@function("ISPICKVAL", 2)
def _ispickval(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = need(c.value(args[0]), "picklist", "ISPICKVAL")
    return Value(f"(IFNULL({value.sql}, '') COLLATE BINARY = {text_of(c, args[1], 'ISPICKVAL')})", "boolean")


@function("INCLUDES", 2)
def _includes(c: Compiler, args: tuple[Tree, ...]) -> Value:
    value = need(c.value(args[0]), "picklist", "INCLUDES")
    wanted = f"';' || {text_of(c, args[1], 'INCLUDES')} || ';'"
    return Value(f"(instr(';' || IFNULL({value.sql}, '') || ';', {wanted}) > 0)", "boolean")


@function("ISNUMBER", 1)
def _isnumber(c: Compiler, args: tuple[Tree, ...]) -> Value:
    return Value(f"(org_value({need(c.value(args[0]), 'text', 'ISNUMBER').sql}, 0) IS NOT NULL)", "boolean")


# --- the record before the change ---


def _needs_prior(c: Compiler, name: str) -> None:
    if not c.rule:
        raise invalid(f"Function {name} may not be used in this type of formula")
    c.uses_prior = True


def _before(c: Compiler, args: tuple[Tree, ...], name: str) -> tuple[str, str, Field]:
    """The field's SQL now and before, and the field."""
    _needs_prior(c, name)
    path = args[0].path if isinstance(args[0], Name) else ()
    field = c.sobject.field_named(path[0]) if len(path) == 1 else None
    if field is None or not field.stored:
        raise invalid(f"Incorrect parameter for function '{name}()'. Expected a field of {c.sobject.label}")
    return f'{c.alias}."{field.name}"', f"json_extract(prior.value, '$.\"{field.name}\"')", field


@function("ISNEW", 0)
def _isnew(c: Compiler, args: tuple[Tree, ...]) -> Value:
    _needs_prior(c, "ISNEW")
    return Value("(prior.key IS NULL)", "boolean")


@function("ISCHANGED", 1)
def _ischanged(c: Compiler, args: tuple[Tree, ...]) -> Value:
    now, before, _ = _before(c, args, "ISCHANGED")
    return Value(f"(prior.key IS NOT NULL AND {now} COLLATE BINARY IS NOT {before})", "boolean")


@function("PRIORVALUE", 1)
def _priorvalue(c: Compiler, args: tuple[Tree, ...]) -> Value:
    now, before, field = _before(c, args, "PRIORVALUE")
    return c.typed(f"CASE WHEN prior.key IS NULL THEN {now} ELSE {before} END", field)
