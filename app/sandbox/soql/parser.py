"""SOQL text to `ast.Query`, exactly or not at all."""

from __future__ import annotations

from typing import NoReturn

from app.sandbox.errors import ApiError
from app.sandbox.soql import ast
from app.sandbox.soql.conditions import Conditions
from app.sandbox.soql.grammar import AGGREGATES, CLAUSES, RESERVED, SCOPES
from app.sandbox.soql.positions import malformed, refusal

MAX_OFFSET = 2000
MAX_LIMIT = 2_147_483_647


def parse(text: str) -> ast.Query:
    """The query, or ApiError MALFORMED_QUERY whose message shows the row and the column."""
    return Parser(text).whole()


class Parser(Conditions):
    """One pass over the tokens of one query."""

    def whole(self) -> ast.Query:
        """A query with nothing behind it."""
        query = self.query()
        if self.token.kind != "end":
            self.unexpected()
        return query

    def query(self, *, child: bool = False) -> ast.Query:
        """A query, or a subquery of the SELECT list when `child`."""
        pos = self.token.pos
        self.expect("SELECT")
        items = [self._item()]
        while self.take(","):
            items.append(self._item())
        self.expect("FROM")
        entity_pos = self.token.pos
        entity = self.path().text if child else self._entity()
        alias = self._alias()
        joins = []
        while self.take(","):
            path = self.path()
            if len(path.parts) < 2:
                raise malformed(text=self.text, pos=path.pos, message=f"unexpected token: '{path.text}'")
            joins.append((path, self._alias() or path.parts[-1]))
        scope = self._scope()
        where = self.condition() if self.take("WHERE") else None
        security = self._security()
        group_by = self._group_by()
        having = None
        if self.is_word("HAVING"):
            if not group_by:
                self.unexpected()
            self.take("HAVING")
            having = self.condition()
        order_by = self._order_by()
        limit = self._count("LIMIT", MAX_LIMIT)
        offset_pos = self.token.pos
        offset = self._count("OFFSET", MAX_LIMIT)
        if offset is not None and offset > MAX_OFFSET:
            raise self._outside(offset_pos)
        purpose = self._purpose()
        all_rows = False
        if self.is_word("ALL") and purpose != "UPDATE":
            self.take("ALL")
            self.expect("ROWS")
            all_rows = True
        return ast.Query(
            tuple(items), entity, alias, tuple(joins), scope, where, security, group_by, having, order_by,
            limit, offset, purpose, all_rows, pos, entity_pos,
        )  # fmt: skip

    def _outside(self, pos: int) -> ApiError:
        return refusal(
            "NUMBER_OUTSIDE_VALID_RANGE", self.text, pos, f"Maximum SOQL offset allowed is {MAX_OFFSET}"
        )

    def _item(self) -> ast.Item:
        if self.take("("):
            query = self.query(child=True)
            self.expect(")")
            return ast.Item(query)
        if self.is_word("TYPEOF"):
            return ast.Item(self._typeof())
        expr = self.field()
        return ast.Item(expr, self._alias())

    def _entity(self) -> str:
        # Group is the one object type that bears a reserved name.
        if self.is_word("GROUP"):
            return self.advance().text
        if self.token.upper in CLAUSES - {"ORDER"}:
            self.unexpected()
        return self.name()

    def _alias(self) -> str:
        token = self.token
        if token.kind not in ("name", "currency") or token.upper in RESERVED | CLAUSES:
            return ""
        return self.name()

    def _typeof(self) -> ast.Typeof:
        pos = self.token.pos
        self.expect("TYPEOF")
        path = self.path()
        cases = []
        while self.take("WHEN"):
            sobject = self._entity()
            self.expect("THEN")
            cases.append((sobject, self._paths()))
        if not cases:
            self.unexpected()
        otherwise = self._paths() if self.take("ELSE") else ()
        self.expect("END")
        return ast.Typeof(path, tuple(cases), otherwise, pos)

    def _paths(self) -> tuple[ast.Path, ...]:
        paths = [self.path()]
        while self.take(","):
            paths.append(self.path())
        return tuple(paths)

    def _scope(self) -> str:
        if not self.take("USING"):
            return ""
        self.expect("SCOPE")
        if self.token.upper not in SCOPES:
            self.unexpected()
        return self.name().lower()

    def _security(self) -> str:
        if not self.take("WITH"):
            return ""
        if self.token.upper not in ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
            self.unexpected()
        return self.name().upper()

    def _group_by(self) -> tuple[ast.Path | ast.Call, ...]:
        if not self.take("GROUP"):
            return ()
        self.expect("BY")
        if self.token.upper in ("ROLLUP", "CUBE") and self.following.text == "(":
            self.refuse(f"GROUP BY {self.token.upper} is not supported by this org")
        fields = [self._key()]
        while self.take(","):
            fields.append(self._key())
        return tuple(fields)

    def _key(self) -> ast.Path | ast.Call:
        if self.token.upper in AGGREGATES and self.following.text == "(":
            self.unexpected()
        return self.field()

    def _order_by(self) -> tuple[ast.Order, ...]:
        if not self.take("ORDER"):
            return ()
        self.expect("BY")
        orders = [self._order()]
        while self.take(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> ast.Order:
        expr = self.field()
        descending = self.take("DESC")
        if not descending:
            self.take("ASC")
        nulls = ""
        if self.take("NULLS"):
            if self.token.upper not in ("FIRST", "LAST"):
                self.unexpected()
            nulls = self.token.upper
            self.advance()
        return ast.Order(expr, descending, nulls)

    def _count(self, word: str, largest: int) -> int | None:
        if not self.take(word):
            return None
        token = self.token
        if token.kind != "number" or not token.text.isdigit() or int(token.text) > largest:
            self.unexpected()
        self.advance()
        return int(token.text)

    def _purpose(self) -> str:
        found = ""
        if self.take("FOR"):
            found = self.token.upper
            if found not in ("VIEW", "REFERENCE", "UPDATE"):
                self.unexpected()
            self.advance()
        if self.is_word("UPDATE"):
            self.refuse("UPDATE TRACKING and UPDATE VIEWSTAT are not supported by this org")
        return found

    def refuse(self, message: str) -> NoReturn:
        """Refuse what SOQL has and this org does not, at the current token."""
        raise refusal("MALFORMED_QUERY", self.text, self.token.pos, message)
