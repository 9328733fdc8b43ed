"""The SELECT list of an aggregate query, GROUP BY and HAVING."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.sandbox.soql import ast
from app.sandbox.soql.base import Base
from app.sandbox.soql.display import formatted
from app.sandbox.soql.expressions import UNORDERED, expression, is_aggregate, long_text
from app.sandbox.soql.plan import Output
from app.sandbox.soql.scope import Column
from app.sandbox.soql.shape import Group, Plain
from app.sandbox.soql.where import Where
from app.sandbox.values import renderer


class Groups(Base):
    """Compiles the SELECT list of a query with aggregates."""

    def select_groups(self) -> None:
        query, plan = self.query, self.result
        if query.purpose:
            raise self.refuse(f"FOR {query.purpose} does not go with aggregate functions")
        if self._is_count():
            plan.kind = "count"
            plan.columns.append("COUNT(*)")
            if query.order_by or query.group_by:
                raise self.refuse("COUNT() stands alone, without GROUP BY and ORDER BY")
            return
        if not query.group_by and (query.limit is not None or query.order_by):
            raise self.refuse(
                "Non-grouped query that uses overall aggregate functions cannot also use "
                + ("LIMIT" if query.limit is not None else "ORDER BY")
            )
        plan.kind = "groups"
        shape = Group()
        plan.shape = shape
        keys = [self.key(expr) for expr in query.group_by]
        unnamed = 0
        decode: Callable[[Any], Any] | None
        for item in query.select:
            expr = item.expr
            if not isinstance(expr, ast.Path | ast.Call) or (
                isinstance(expr, ast.Call) and expr.name.upper() in ("FIELDS", "TOLABEL")
            ):
                raise self.refuse("Only fields and aggregates go with GROUP BY")
            if isinstance(expr, ast.Call) and expr.name.upper() == "FORMAT":
                column, decode = formatted(self.scope, expr)
                inner = expr.args[0]
                assert isinstance(inner, ast.Path | ast.Call)
                self.check_grouped(inner, column, keys)
            else:
                column = expression(self.scope, expr)
                decode = renderer(column.field)
                self.check_grouped(expr, column, keys)
            name = item.alias
            if not name and isinstance(expr, ast.Path):
                name = column.field.name
            elif not name:
                name = f"expr{unnamed}"
                unnamed += 1
            index = plan.add(column.sql)
            self.keep(shape.members, name, Plain(index, decode), expr.pos)
            plan.outputs.append(Output((name,), index, column.field, is_aggregate(expr)))
        if keys:
            plan.tail = f" GROUP BY {', '.join(keys)}"
        if query.having is not None:
            having = Where(self.scope, self.semi_join, having=True)
            plan.tail += f" HAVING {having.sql(query.having)}"

    def _is_count(self) -> bool:
        only = self.query.select[0].expr
        plain = [
            item
            for item in self.query.select
            if isinstance(item.expr, ast.Call) and item.expr.name.upper() == "COUNT" and not item.expr.args
        ]
        if plain and (len(self.query.select) > 1 or plain[0].alias or self.query.group_by):
            raise self.refuse("Grouped query cannot have COUNT()")
        return isinstance(only, ast.Call) and bool(plain)

    def key(self, expr: ast.Path | ast.Call) -> str:
        """The SQL of one entry of GROUP BY."""
        column = expression(self.scope, expr)
        ungroupable = isinstance(expr, ast.Path) and column.field.type in (
            UNORDERED | {"datetime", "double", "currency", "percent", "time"}
        )
        if ungroupable or long_text(column.field) or is_aggregate(expr):
            raise self.scope.refuse(
                "MALFORMED_QUERY", expr.pos, f"field '{column.field.name}' can not be grouped in a query call"
            )
        return column.comparable

    def check_grouped(self, expr: ast.Path | ast.Call, column: Column, keys: list[str]) -> None:
        """Refuse what is neither an aggregate nor one of the GROUP BY keys."""
        if not is_aggregate(expr) and column.comparable not in keys:
            name = expr.text if isinstance(expr, ast.Call) else expr.parts[-1]
            raise self.scope.refuse(
                "MALFORMED_QUERY", expr.pos, f"Field must be grouped or aggregated: {name}"
            )
