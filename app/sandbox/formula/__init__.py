"""Formulas of fields and validation rules, compiled to SQL over the org's tables.

    Formula = compile_formula(ctx, sobject, text)     a formula as a whole SELECT, for rules and automations
    field_sql(scope, sobject, alias, field)           any field, stored or computed, inside a query

Refuses with FORMULA_EXPRESSION_INVALID what no org would accept.
"""

from app.sandbox.formula import logic, numbers, texts  # noqa: F401 they register their functions
from app.sandbox.formula.fields import field_sql
from app.sandbox.formula.rules import Formula, compile_formula

__all__ = ["Formula", "compile_formula", "field_sql"]
