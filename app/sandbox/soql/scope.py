"""Where names lead: from an object along its relationships to typed SQL expressions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from app.sandbox.errors import ApiError
from app.sandbox.formula import field_sql
from app.sandbox.schema import Field, SObject
from app.sandbox.soql import ast
from app.sandbox.soql.environment import Environment
from app.sandbox.soql.positions import no_such_column, no_such_relationship, refusal
from app.sandbox.store import quoted

MAX_PARENTS = 5
#: what the parent of a polymorphic relationship shows, whatever it is
NAME_FIELDS = frozenset(
    {
        "id", "name", "type", "firstname", "lastname", "email", "phone", "title", "username", "alias",
        "isactive", "profileid", "userroleid", "recordtypeid",
    }
)  # fmt: skip
TEXT_TYPES = frozenset(
    {
        "string", "textarea", "picklist", "multipicklist", "email", "phone", "url", "combobox",
        "encryptedstring",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A typed SQL expression. `field` says how its values are stored and shown; `entity` is where it lives.

    stored: a plain table column, so that its collation and its indexes hold.
    """

    sql: str
    field: Field
    entity: str = ""
    stored: bool = False

    @property
    def text(self) -> bool:
        """Whether it compares as text."""
        return self.field.type in TEXT_TYPES

    @property
    def comparable(self) -> str:
        """The SQL with the collation that its values have in a table."""
        if self.stored or not self.text or self.field.case_sensitive:
            return self.sql
        return f"{self.sql} COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class Node:
    """A record in the FROM list: one object type, or one of several for a polymorphic relationship."""

    name: str
    targets: tuple[tuple[SObject, str], ...]

    @property
    def single(self) -> tuple[SObject, str] | None:
        """The only target, if there is only one."""
        return self.targets[0] if len(self.targets) == 1 else None


#: one relationship on a path: its proper name and where it leads
Step = tuple[str, Node]


def quote(value: str | int) -> str:
    """An SQL literal."""
    if isinstance(value, int):
        return str(value)
    if "\0" in value:
        return f"CAST(x'{value.encode().hex()}' AS TEXT)"
    return "'" + value.replace("'", "''") + "'"


class Scope:
    """The FROM list of one SELECT, growing a LEFT JOIN for every parent that is mentioned."""

    def __init__(
        self, env: Environment, text: str, sobject: SObject, numbers: Iterator[int] | None = None
    ) -> None:
        self.env = env
        self.text = text
        self.sobject = sobject
        self.numbers = numbers or itertools.count()
        self.alias = self._next()
        self.root = Node(sobject.name, ((sobject, self.alias),))
        self.names: dict[str, list[Step]] = {}
        self._parents: dict[tuple[str, str], Node] = {}
        self._joins: list[str] = []

    def _next(self) -> str:
        return f"t{next(self.numbers)}"

    @property
    def from_sql(self) -> str:
        """FROM and the joins asked for so far."""
        return f"FROM {quoted(self.sobject.name)} AS {self.alias}" + "".join(self._joins)

    def parent(self, sobject: SObject, alias: str, field: Field) -> Node:
        """The node of the record that `alias.field` points at."""
        key = (alias, field.name)
        if key not in self._parents:
            targets = []
            for name in field.reference_to:
                target = self.env.schema.find(name)
                if target is None:
                    continue
                joined = self._next()
                self._joins.append(
                    f" LEFT JOIN {quoted(target.name)} AS {joined}"
                    f" ON {joined}.Id = {alias}.{quoted(field.name)}"
                )
                targets.append((target, joined))
            name = targets[0][0].name if len(targets) == 1 else "Name"
            self._parents[key] = Node(name, tuple(targets))
        return self._parents[key]

    def relationship(self, node: Node, name: str, pos: int) -> tuple[Node, Field]:
        """The parent reached by a relationship's name, and the field that leads to it."""
        for sobject, alias in node.targets:
            field = sobject.by_relationship(name)
            if field and field.stored and self.env.can_read(sobject, field):
                return self.parent(sobject, alias, field), field
        raise no_such_relationship(self.text, pos, name)

    def start(self, path: ast.Path) -> tuple[list[Step], tuple[str, ...]]:
        """Where a path begins (an alias, the object's own name, the object), and the parts still to walk."""
        first = path.parts[0].lower()
        if len(path.parts) > 1:
            if first in self.names:
                return self.names[first], path.parts[1:]
            if first == self.sobject.name.lower() and not self.sobject.by_relationship(first):
                return [], path.parts[1:]
        return [], path.parts

    def steps(self, path: ast.Path) -> list[Step]:
        """The parents along a path whose every part is a relationship."""
        begun, parts = self.start(path)
        return self._climb(begun, parts, path.pos)

    def _climb(self, begun: list[Step], parts: tuple[str, ...], pos: int) -> list[Step]:
        found = list(begun)
        for part in parts:
            node, field = self.relationship(found[-1][1] if found else self.root, part, pos)
            found.append((field.relationship, node))
        return found

    def walk(self, path: ast.Path) -> tuple[list[Step], str]:
        """The parents along a path to a field, and the field's name as written."""
        begun, parts = self.start(path)
        if len(begun) + len(parts) - 1 > MAX_PARENTS:
            raise refusal(
                "MALFORMED_QUERY",
                self.text,
                path.pos,
                f"SOQL relationships may not go more than {MAX_PARENTS} levels up: {path.text}",
            )
        return self._climb(begun, parts[:-1], path.pos), parts[-1]

    def column(self, path: ast.Path) -> Column:
        """The expression a path stands for. Refuses unknown and unreadable fields with INVALID_FIELD."""
        steps, last = self.walk(path)
        node = steps[-1][1] if steps else self.root
        return self.field(node, last, path.pos)

    def field(self, node: Node, name: str, pos: int) -> Column:
        """A field of a node."""
        target = node.single
        if target is None:
            return self._polymorphic(node, name, pos)
        sobject, alias = target
        field = sobject.field_named(name)
        if field is None or not self.env.can_read(sobject, field):
            self.unknown(name, node, pos)
        return Column(field_sql(self, sobject, alias, field), field, sobject.name, field.stored)

    def unknown(self, name: str, node: Node, pos: int) -> NoReturn:
        """Refuse a field."""
        raise no_such_column(self.text, pos, name, node.name)

    def _polymorphic(self, node: Node, name: str, pos: int) -> Column:
        key = name.lower()
        if key not in NAME_FIELDS:
            self.unknown(name, node, pos)
        if key == "type":
            return Column(self.type_sql(node), Field("Type", "Type", "string", length=40), "Name")
        parts, found = [], None
        for sobject, alias in node.targets:
            field = sobject.field_named(name)
            if field is not None and self.env.can_read(sobject, field):
                found = found or field
                parts.append(field_sql(self, sobject, alias, field))
        if found is None:
            self.unknown(name, node, pos)
        sql = parts[0] if len(parts) == 1 else f"COALESCE({', '.join(parts)})"
        return Column(sql, found, "Name")

    def type_sql(self, node: Node, *, api: bool = False) -> str:
        """The type of a polymorphic parent; a queue's Group is `Queue` unless `api` asks for the SObject."""
        whens = []
        for sobject, alias in node.targets:
            label = quote(sobject.name)
            if sobject.name == "Group" and not api and sobject.field_named("Type"):
                label = f"CASE WHEN {alias}.Type = 'Queue' THEN 'Queue' ELSE 'Group' END"
            whens.append(f"WHEN {alias}.Id IS NOT NULL THEN {label}")
        return f"CASE {' '.join(whens)} END" if whens else "NULL"

    def id_sql(self, node: Node) -> str:
        """The node's record id."""
        ids = [f"{alias}.Id" for _, alias in node.targets]
        return ids[0] if len(ids) == 1 else f"COALESCE({', '.join(ids)})" if ids else "NULL"

    def add_alias(self, name: str, steps: list[Step]) -> None:
        """Let paths begin at `name`, which stands for the parent at the end of `steps`."""
        self.names[name.lower()] = steps

    def refuse(self, code: str, pos: int, message: str) -> ApiError:
        """An error that shows the place in this query."""
        return refusal(code, self.text, pos, message)
