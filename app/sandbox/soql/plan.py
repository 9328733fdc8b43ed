"""A compiled query: one SQL statement, and how its rows become records."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.sandbox.schema import Field, SObject
from app.sandbox.soql import ast
from app.sandbox.soql.scope import Scope
from app.sandbox.soql.shape import Group, Record
from app.sandbox.soql.where import joined


@dataclass(slots=True)
class Output:
    """One thing that a row shows: its path of names, the column's index and its field."""

    path: tuple[str, ...]
    index: int
    field: Field
    aggregate: bool = False


@dataclass(slots=True)
class Plan:
    """A compiled query.

    kind: `records`, `groups` or `count`. shape: what builds the records. outputs: every plain column in
    the order of SELECT. children: the plans of child subqueries; each has the parent's id in `parent_index`.
    """

    query: ast.Query
    sobject: SObject
    scope: Scope
    kind: str = "records"
    columns: list[str] = field(default_factory=list)
    shape: Record | Group | None = None
    outputs: list[Output] = field(default_factory=list)
    children: list[Plan] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    tail: str = ""
    order: str = ""
    parent_index: int = 0
    #: paths of what bulk queries refuse
    compounds: list[str] = field(default_factory=list)

    def add(self, sql: str) -> int:
        """The number of a column, adding it where it is new."""
        if sql not in self.columns:
            self.columns.append(sql)
        return self.columns.index(sql)

    @property
    def body(self) -> str:
        """FROM, WHERE, GROUP BY and HAVING."""
        return f"{self.scope.from_sql} WHERE {joined(self.conditions, 'AND')}{self.tail}"

    def sql(self, *, limited: bool = True) -> str:
        """The whole statement."""
        limit = self.limit_sql if limited else ""
        return f"SELECT {', '.join(self.columns)} {self.body}{self.order}{limit}"

    @property
    def count_sql(self) -> str:
        """How many rows there are, LIMIT and OFFSET considered."""
        if not self.limit_sql and not self.tail:
            return f"SELECT COUNT(*) {self.body}"
        return f"SELECT COUNT(*) FROM (SELECT 1 {self.body}{self.limit_sql})"

    @property
    def limit_sql(self) -> str:
        """LIMIT and OFFSET, or nothing."""
        limit, offset = self.query.limit, self.query.offset
        if limit is None and not offset:
            return ""
        return f" LIMIT {-1 if limit is None else limit} OFFSET {offset or 0}"
