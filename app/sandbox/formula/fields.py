"""A field's SQL inside a query, whether it is stored or computed from a formula."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from app.sandbox.formula.compiler import Compiler
from app.sandbox.formula.syntax import Tree, invalid, parse
from app.sandbox.formula.values import stored
from app.sandbox.schema import Field, SObject
from app.sandbox.store import quoted

if TYPE_CHECKING:
    from app.sandbox.soql.scope import Scope

MAX_NESTING = 20


@lru_cache(maxsize=2048)
def parsed(text: str) -> Tree:
    """The tree of a formula's text."""
    return parse(text)


def field_sql(scope: Scope, sobject: SObject, alias: str, field: Field, depth: int = 0) -> str:
    """The stored form of a field's value, as an SQL expression over `alias`."""
    if field.formula is None:
        return f"{alias}.{quoted(field.name)}"
    if depth >= MAX_NESTING:
        raise invalid(f"Formula field {field.name} refers to itself, or nests too deeply")
    compiler = Compiler(scope, sobject, alias, depth=depth)
    return f"({stored(compiler.value(parsed(field.formula)), field)})"
