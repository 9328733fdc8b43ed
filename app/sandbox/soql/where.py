"""Conditions as SQL. A comparison with null is false, never unknown: NOT turns it into true."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.sandbox.soql import ast
from app.sandbox.soql.expressions import expression, in_currency, is_aggregate, long_text
from app.sandbox.soql.operands import Range, bounds
from app.sandbox.soql.scope import Column, Scope, quote

Subquery = Callable[[Scope, ast.Query, ast.Comparison, Column], str]
_ORDERED = ("<", "<=", ">", ">=")
_UNFILTERABLE = frozenset({"address", "location", "base64", "encryptedstring"})


class Where:
    """Compiles the conditions of one SELECT. `subquery` compiles the inside of a semi-join to SQL."""

    def __init__(self, scope: Scope, subquery: Subquery, *, having: bool = False) -> None:
        self.scope = scope
        self.subquery = subquery
        self.having = having
        self.semi_joins = 0

    def sql(self, condition: ast.Condition, *, nested: bool = False) -> str:
        """The condition; `nested` inside an OR or a NOT."""
        if isinstance(condition, ast.Junction):
            inner = nested or condition.op == "OR"
            return joined([self.sql(term, nested=inner) for term in condition.terms], condition.op)
        if isinstance(condition, ast.Not):
            return f"NOT IFNULL({self.sql(condition.term, nested=True)}, 0)"
        return self._comparison(condition, nested)

    def _comparison(self, c: ast.Comparison, nested: bool) -> str:
        if is_aggregate(c.left) and not self.having:
            raise self.scope.refuse("MALFORMED_QUERY", c.pos, "Aggregate functions belong into HAVING")
        column = expression(self.scope, c.left)
        field = column.field
        if field.type in _UNFILTERABLE or long_text(field):
            raise self.scope.refuse(
                "INVALID_FIELD", c.pos, f"field '{field.name}' can not be filtered in a query call"
            )
        column = self._in_literals_currency(c, column)
        if isinstance(c.right, ast.Query):
            return self._semi_join(c, column, nested)
        if c.op in ("INCLUDES", "EXCLUDES"):
            return self._includes(c, column)
        if c.op == "LIKE":
            return self._like(c, column)
        if isinstance(c.right, tuple):
            return self._list(c, column, c.right)
        if c.op in _ORDERED and field.type in ("boolean", "multipicklist"):
            raise self._bad_operator(c, field.type)
        return self._single(column, c.op, c.right)

    def _in_literals_currency(self, c: ast.Comparison, column: Column) -> Column:
        """With several currencies in the org, `Amount > EUR500` converts each record's amount first."""
        if column.field.type != "currency" or not self.scope.env.ctx.org.settings.multi_currency:
            return column
        literals = c.right if isinstance(c.right, tuple) else (c.right,)
        codes = {x.value[:3] for x in literals if isinstance(x, ast.Literal) and x.kind == "currency"}
        if not codes or not isinstance(c.left, ast.Path):
            return column
        if len(codes) > 1:
            raise self.scope.refuse(
                "MALFORMED_QUERY",
                c.pos,
                "A list of amounts in several currencies is not supported by this org",
            )
        return in_currency(self.scope, column, c.left, codes.pop())

    def _bad_operator(self, c: ast.Comparison, kind: str) -> Exception:
        return self.scope.refuse(
            "INVALID_QUERY_FILTER_OPERATOR",
            c.pos,
            f"invalid operator on {'id' if kind == 'reference' else kind} field",
        )

    def _single(self, column: Column, op: str, literal: ast.Literal) -> str:
        low = bounds(self.scope, column, literal)
        sql = column.comparable
        if low is None:
            if op == "=":
                return f"{sql} IS NULL"
            return f"{sql} IS NOT NULL" if op == "!=" else "0"
        if isinstance(low, Range):
            return low.compare(sql, op)
        if isinstance(low, str) and column.text and not low.isascii() and not column.field.case_sensitive:
            sql, low = f"org_fold({column.sql})", low.casefold()
        return f"{sql} {'IS NOT' if op == '!=' else op} {quote(low)}"

    def _list(self, c: ast.Comparison, column: Column, literals: Sequence[ast.Literal]) -> str:
        plain: list[str] = []
        others: list[str] = []
        for literal in literals:
            value = bounds(self.scope, column, literal)
            odd = isinstance(value, str) and column.text and not value.isascii()
            if value is None or isinstance(value, Range) or odd:
                others.append(self._single(column, "=", literal))
            else:
                plain.append(quote(value))
        if plain:
            others.insert(0, f"{column.comparable} IN ({','.join(plain)})")
        sql = joined(others, "OR")
        return sql if c.op == "IN" else f"NOT IFNULL({sql}, 0)"

    def _like(self, c: ast.Comparison, column: Column) -> str:
        if not column.text:
            raise self._bad_operator(c, column.field.type)
        literal = c.right
        assert isinstance(literal, ast.Literal)
        if literal.pattern.isascii():
            return f"{column.sql} LIKE {quote(literal.pattern)} ESCAPE '\\'"
        return f"org_like({column.sql}, {quote(literal.pattern.casefold())})"

    def _includes(self, c: ast.Comparison, column: Column) -> str:
        if column.field.type != "multipicklist":
            raise self.scope.refuse(
                "INVALID_QUERY_FILTER_OPERATOR",
                c.pos,
                f"{c.op.lower()} operator is only valid on multi-select picklist fields",
            )
        assert isinstance(c.right, tuple)
        groups = []
        for literal in c.right:
            wanted = [part.strip() for part in literal.value.split(";") if part.strip()]
            tests = [
                f"instr(';' || org_fold({column.sql}) || ';', {quote(';' + part.casefold() + ';')}) > 0"
                for part in wanted
            ]
            groups.append(joined(tests, "AND") if tests else f"{column.sql} IS NULL")
        sql = joined(groups, "OR")
        return sql if c.op == "INCLUDES" else f"NOT IFNULL({sql}, 0)"

    def _semi_join(self, c: ast.Comparison, column: Column, nested: bool) -> str:
        if nested:
            raise self.scope.refuse(
                "MALFORMED_QUERY",
                c.pos,
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
                "WHERE expressions",
            )
        if column.field.type not in ("id", "reference"):
            raise self.scope.refuse(
                "INVALID_FIELD",
                c.pos,
                f"Semi join sub-selects need an ID or reference field on the left, not '{column.field.name}'",
            )
        self.semi_joins += 1
        if self.semi_joins > 2:
            raise self.scope.refuse(
                "MALFORMED_QUERY", c.pos, "No more than 2 semi join sub-selects are allowed"
            )
        assert isinstance(c.right, ast.Query)
        return (
            f"{column.sql} {c.op} ({self.subquery(self.scope, c.right, c, column)})"
            if c.op == "IN"
            else (f"NOT IFNULL({column.sql} IN ({self.subquery(self.scope, c.right, c, column)}), 0)")
        )


def joined(terms: Sequence[str], op: str) -> str:
    """Terms joined by AND or OR, as a balanced tree: SQLite limits how deep an expression may be."""
    if not terms:
        return "1" if op == "AND" else "0"
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return f"({joined(terms[:half], op)} {op} {joined(terms[half:], op)})"
