"""Formulas outside queries: validation rules, automations, default values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.formula.compiler import Compiler
from app.sandbox.formula.fields import parsed
from app.sandbox.schema import SObject

#: record id → its row as stored, or None where it is new
Rows = Mapping[str, Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula ready to run.

    sql: a SELECT of (Id, value). ?1 is a JSON array of record ids; ?2, only where `uses_prior`, a JSON object
    of the rows before the change: record id → stored value by column, new records left out.
    kind: text, number, boolean, date, datetime or null. scale: a number is an integer in units of 10**-scale.
    """

    ctx: Context
    sql: str
    kind: str
    scale: int
    uses_prior: bool = False

    def of(self, record_ids: Iterable[str], prior: Rows | None = None) -> dict[str, Any]:
        """Record id → value, as the connection of this thread sees the rows (its own writes included).

        prior: the rows before the change, for ISNEW, ISCHANGED and PRIORVALUE; a record without is new.
        """
        parameters = [orjson.dumps(list(record_ids)).decode()]
        if self.uses_prior:
            old = {record_id: row for record_id, row in (prior or {}).items() if row is not None}
            parameters.append(orjson.dumps(old).decode())
        return dict(self.ctx.org.store.read().execute(self.sql, parameters))

    def true_for(self, record_ids: Iterable[str], prior: Rows | None = None) -> set[str]:
        """The ids of the records for which a condition holds."""
        return {record_id for record_id, value in self.of(record_ids, prior).items() if value}


def compile_formula(ctx: Context, sobject: SObject, text: str, *, blanks_as_zero: bool = False) -> Formula:
    """A formula over one SObject. Field-level security does not apply to what it reads.

    blanks_as_zero: an empty number counts as 0, as formula fields usually have it and rules never.
    Raises ApiError FORMULA_EXPRESSION_INVALID.
    """
    from app.sandbox.soql.environment import Environment
    from app.sandbox.soql.scope import Scope

    scope = Scope(Environment.of(ctx.as_system()), text, sobject)
    compiler = Compiler(scope, sobject, scope.alias, blanks_as_zero=blanks_as_zero, rule=True)
    value = compiler.value(parsed(text))
    prior = (
        f" LEFT JOIN json_each(?2) AS prior ON prior.key = {scope.alias}.Id" if compiler.uses_prior else ""
    )
    sql = (
        f"SELECT {scope.alias}.Id, {value.sql} {scope.from_sql}{prior} "
        f"WHERE {scope.alias}.Id IN (SELECT value FROM json_each(?1))"
    )
    return Formula(ctx, sql, value.kind, value.scale, compiler.uses_prior)
