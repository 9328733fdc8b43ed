"""What the parts of the compilation of one SELECT share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject
from app.sandbox.soql import ast
from app.sandbox.soql.environment import Environment
from app.sandbox.soql.plan import Plan
from app.sandbox.soql.positions import refusal
from app.sandbox.soql.scope import Column, Scope
from app.sandbox.soql.shape import Member, Record


class Base(ABC):
    """What every part of the compilation of one SELECT looks at."""

    def __init__(
        self,
        env: Environment,
        query: ast.Query,
        text: str,
        sobject: SObject,
        numbers: Iterator[int],
        all_rows: bool,
        depth: int = 1,
    ) -> None:
        self.env = env
        self.query = query
        self.text = text
        self.sobject = sobject
        self.numbers = numbers
        self.all_rows = all_rows
        self.depth = depth
        self.scope = Scope(env, text, sobject, numbers)
        self.result = Plan(query, sobject, self.scope)
        if query.alias:
            self.scope.add_alias(query.alias, [])
        for path, alias in query.joins:
            self.scope.add_alias(alias, self.scope.steps(path))

    def keep(self, members: dict[str, Member], name: str, member: Member, pos: int) -> None:
        """Show a member under a name that is still free."""
        if name in members:
            raise self.scope.refuse("INVALID_FIELD", pos, f"duplicate field selected: {name}")
        members[name] = member

    def refuse(self, message: str) -> ApiError:
        """A MALFORMED_QUERY that shows where this SELECT begins."""
        return refusal("MALFORMED_QUERY", self.text, self.query.pos, message)

    @abstractmethod
    def children(self, record: Record, query: ast.Query) -> None:
        """A child subquery of the SELECT list."""

    @abstractmethod
    def semi_join(self, scope: Scope, query: ast.Query, c: ast.Comparison, left: Column) -> str:
        """The inside of a semi-join, as a SELECT of ids."""
