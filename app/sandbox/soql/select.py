"""A parsed query as one SQL statement, and the shape of its records."""

from __future__ import annotations

import itertools

from app.sandbox.schema import SObject
from app.sandbox.soql import ast
from app.sandbox.soql.environment import Environment
from app.sandbox.soql.expressions import UNORDERED, expression, is_aggregate, long_text
from app.sandbox.soql.groups import Groups
from app.sandbox.soql.listing import Records
from app.sandbox.soql.plan import Plan
from app.sandbox.soql.positions import no_such_relationship, refusal
from app.sandbox.soql.scope import Column, Scope, quote
from app.sandbox.soql.shape import Children, Record
from app.sandbox.soql.where import Where, joined

MAX_DEPTH = 5


def compile_query(env: Environment, query: ast.Query, text: str, *, all_rows: bool = False) -> Plan:
    """The query as SQL. Refuses, with the place, whatever the org does not have or SOQL does not allow."""
    sobject = entity(env, query.entity, text, query.entity_pos)
    return Selection(env, query, text, sobject, itertools.count(), all_rows or query.all_rows).plan()


def entity(env: Environment, name: str, text: str, pos: int) -> SObject:
    """The object type in FROM."""
    sobject = env.schema.find(name)
    if sobject is None or not sobject.queryable or not env.ctx.visible(sobject):
        raise refusal(
            "INVALID_TYPE",
            text,
            pos,
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure "
            "to append the '__c' after the entity name. Please reference your WSDL or the describe call for "
            "the appropriate names.",
        )
    return sobject


class Selection(Records, Groups):
    """Compiles one SELECT."""

    def plan(self) -> Plan:
        """The compiled query."""
        query, plan = self.query, self.result
        self._check()
        calls = [item.expr for item in query.select if isinstance(item.expr, ast.Call)]
        if query.group_by or any(is_aggregate(call) for call in calls):
            self.select_groups()
        else:
            self.select_records()
        where = Where(self.scope, self.semi_join)
        if not self.all_rows:
            plan.conditions.append(f"+{self.scope.alias}.IsDeleted = 0")
        if query.scope == "mine":
            owner = self.scope.column(ast.Path(("OwnerId",), query.entity_pos))
            plan.conditions.append(f"{owner.sql} = {quote(self.env.ctx.user_id)}")
        if query.where is not None:
            plan.conditions.append(where.sql(query.where))
        if query.order_by:
            plan.order = f" ORDER BY {', '.join(self._order(order) for order in query.order_by)}"
        return plan

    def _check(self) -> None:
        query = self.query
        if query.scope not in ("", "everything", "mine"):
            raise refusal(
                "MALFORMED_QUERY",
                self.text,
                query.entity_pos,
                f"USING SCOPE {query.scope} is not supported by this org",
            )
        if query.security == "SYSTEM_MODE":
            raise refusal(
                "MALFORMED_QUERY", self.text, query.pos, "WITH SYSTEM_MODE is not supported by this org"
            )
        if self.depth > 1 and (query.offset is not None or query.purpose or query.all_rows or query.scope):
            raise refusal(
                "MALFORMED_QUERY",
                self.text,
                query.pos,
                "OFFSET, FOR, USING SCOPE and ALL ROWS are not allowed in a subquery",
            )

    def children(self, record: Record, query: ast.Query) -> None:
        """A child subquery of the SELECT list."""
        if self.depth >= MAX_DEPTH:
            raise refusal(
                "MALFORMED_QUERY", self.text, query.pos, f"Subqueries may be nested {MAX_DEPTH} levels deep"
            )
        name = query.entity.rpartition(".")[2]
        for child, link in self.env.schema.children(self.sobject):
            if link.child_relationship.lower() == name.lower() and self.env.ctx.visible(child):
                break
        else:
            raise no_such_relationship(self.text, query.entity_pos, name, "in FROM part of query call")
        inner = Selection(self.env, query, self.text, child, self.numbers, self.all_rows, self.depth + 1)
        plan = inner.plan()
        if plan.kind != "records":
            raise refusal(
                "MALFORMED_QUERY", self.text, query.pos, "Aggregate functions are not allowed in a subquery"
            )
        key = f'{inner.scope.alias}."{link.name}"'
        plan.parent_index = plan.add(key)
        plan.conditions.insert(0, f"{key} IN (SELECT value FROM json_each(?))")
        number = len(self.result.children)
        self.result.children.append(plan)
        self.keep(record.members, link.child_relationship, Children(number), query.pos)

    def _order(self, order: ast.Order) -> str:
        column = expression(self.scope, order.expr)
        if column.field.type in UNORDERED or long_text(column.field):
            raise self.scope.refuse(
                "MALFORMED_QUERY",
                order.expr.pos,
                f"field '{column.field.name}' can not be sorted in a query call",
            )
        if self.result.kind == "groups":
            self.check_grouped(order.expr, column, [self.key(key) for key in self.query.group_by])
        elif is_aggregate(order.expr):
            raise self.scope.refuse("MALFORMED_QUERY", order.expr.pos, "ORDER BY an aggregate needs GROUP BY")
        sql = column.comparable + (" DESC" if order.descending else "")
        # SQLite puts nulls first when ascending and last when descending; SOQL always first.
        last = order.nulls == "LAST"
        if order.descending and not last:
            return f"{sql} NULLS FIRST"
        return f"{sql} NULLS LAST" if last and not order.descending else sql

    def semi_join(self, scope: Scope, query: ast.Query, c: ast.Comparison, left: Column) -> str:
        """The inside of a semi-join, as a SELECT of ids."""
        if (
            len(query.select) != 1
            or not isinstance(query.select[0].expr, ast.Path)
            or query.group_by
            or query.order_by
            or query.limit is not None
            or query.offset is not None
            or query.purpose
            or query.all_rows
            or query.scope
        ):
            raise refusal(
                "MALFORMED_QUERY",
                self.text,
                query.pos,
                "Semi join sub-selects name one field and have no GROUP BY, ORDER BY, LIMIT, OFFSET or scope",
            )
        sobject = entity(self.env, query.entity, self.text, query.entity_pos)
        inner = Selection(self.env, query, self.text, sobject, self.numbers, self.all_rows)
        path = query.select[0].expr
        column = inner.scope.column(path)
        if column.field.type not in ("id", "reference"):
            raise inner.scope.refuse(
                "INVALID_FIELD",
                path.pos,
                f"The selected field '{path.text}' in the semi join sub-select must be an ID or a reference",
            )
        conditions = [f"{column.sql} IS NOT NULL"]
        if not self.all_rows:
            conditions.append(f"{inner.scope.alias}.IsDeleted = 0")
        if query.where is not None:
            conditions.append(Where(inner.scope, self.nested).sql(query.where))
        return f"SELECT {column.sql} {inner.scope.from_sql} WHERE {joined(conditions, 'AND')}"

    def nested(self, scope: Scope, query: ast.Query, c: ast.Comparison, left: Column) -> str:
        """Refuse a semi-join within a semi-join."""
        raise refusal(
            "MALFORMED_QUERY", self.text, query.pos, "Nesting of semi join sub-selects is not supported"
        )
