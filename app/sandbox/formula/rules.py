"""Formulas outside queries: validation rules, automations, default values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.formula.compiler import Compiler
from app.sandbox.formula.fields import parsed
from app.sandbox.schema import SObject


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula ready to run.

    sql: a SELECT of (Id, value) that takes one parameter, a JSON array of record ids. kind: text, number,
    boolean, date, datetime or null. scale: a number is an integer in units of 10**-scale.
    """

    ctx: Context
    sql: str
    kind: str
    scale: int

    def of(self, record_ids: Iterable[str]) -> dict[str, Any]:
        """Record id → value, as the connection of this thread sees the rows (its own writes included)."""
        ids = orjson.dumps(list(record_ids)).decode()
        return dict(self.ctx.org.store.read().execute(self.sql, (ids,)))

    def true_for(self, record_ids: Iterable[str]) -> set[str]:
        """The ids of the records for which a condition holds."""
        return {record_id for record_id, value in self.of(record_ids).items() if value}


def compile_formula(ctx: Context, sobject: SObject, text: str, *, blanks_as_zero: bool = False) -> Formula:
    """A formula over one SObject. Field-level security does not apply to what it reads.

    blanks_as_zero: an empty number counts as 0, as formula fields usually have it and rules never.
    Raises ApiError FORMULA_EXPRESSION_INVALID.
    """
    from app.sandbox.soql.environment import Environment
    from app.sandbox.soql.scope import Scope

    scope = Scope(Environment.of(ctx.as_system()), text, sobject)
    value = Compiler(scope, sobject, scope.alias, blanks_as_zero=blanks_as_zero).value(parsed(text))
    sql = (
        f"SELECT {scope.alias}.Id, {value.sql} {scope.from_sql} "
        f"WHERE {scope.alias}.Id IN (SELECT value FROM json_each(?))"
    )
    return Formula(ctx, sql, value.kind, value.scale)
