"""The SELECT list of a plain query: fields, parents, compounds, functions, TYPEOF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.sandbox.schema import COMPOUND, Field
from app.sandbox.soql import ast
from app.sandbox.soql.base import Base
from app.sandbox.soql.display import formatted, labelled
from app.sandbox.soql.expressions import expression
from app.sandbox.soql.plan import Output
from app.sandbox.soql.scope import Column, Node
from app.sandbox.soql.shape import Compound, Member, Plain, Record, Typeof
from app.sandbox.values import renderer


class Records(Base):
    """Compiles the SELECT list of a query without aggregates."""

    def select_records(self) -> None:
        plan = self.result
        root = Record(plan.add(f"{self.scope.alias}.Id"), self.sobject.name)
        plan.shape = root
        for item in self.query.select:
            expr = item.expr
            if isinstance(expr, ast.Path):
                if item.alias:
                    raise self.scope.refuse(
                        "MALFORMED_QUERY", expr.pos, "only aggregate expressions use field aliasing"
                    )
                self._path(root, expr)
            elif isinstance(expr, ast.Call):
                self._call(root, expr, item.alias)
            elif isinstance(expr, ast.Typeof):
                self._typeof(root, expr)
            else:
                self.children(root, expr)

    def _parent(self, record: Record, name: str, node: Node, pos: int) -> Record:
        found = record.members.get(name)
        if isinstance(found, Typeof):
            raise self.scope.refuse("INVALID_FIELD", pos, f"duplicate field selected: {name}")
        if not isinstance(found, Record):
            plan = self.result
            kind = None if node.single else plan.add(self.scope.type_sql(node, api=True))
            found = Record(plan.add(self.scope.id_sql(node)), node.name, kind)
            record.members[name] = found
        return found

    def _path(self, record: Record, path: ast.Path) -> None:
        steps, last = self.scope.walk(path)
        node = steps[-1][1] if steps else self.scope.root
        names: list[str] = []
        for name, parent in steps:
            record = self._parent(record, name, parent, path.pos)
            names.append(name)
        column = self.scope.field(node, last, path.pos)
        self._show(record.members, column, tuple(names), path.pos, node)

    def _show(
        self, members: dict[str, Member], column: Column, names: tuple[str, ...], pos: int, node: Node
    ) -> None:
        field = column.field
        if field.type in COMPOUND:
            self.keep(members, field.name, self._compound(node, field, pos), pos)
            self.result.compounds.append(".".join((*names, field.name)))
            self.result.outputs.append(Output((*names, field.name), 0, field))
            return
        index = self.result.add(column.sql)
        self.keep(members, field.name, Plain(index, renderer(field)), pos)
        self.result.outputs.append(Output((*names, field.name), index, field))

    def _compound(self, node: Node, compound: Field, pos: int) -> Compound:
        assert node.single is not None
        prefix = compound.name.removesuffix("Address") if compound.type == "address" else ""
        parts: dict[str, Plain] = {}
        for part in node.single[0].fields.values():
            if part.compound != compound.name or not self.env.can_read(node.single[0], part):
                continue
            key = part.name.removeprefix(prefix)
            if compound.type == "location":
                key = "latitude" if "latitude" in part.name.lower() else "longitude"
            column = self.scope.field(node, part.name, pos)
            parts[key[0].lower() + key[1:]] = Plain(self.result.add(column.sql), renderer(part))
        return Compound(dict(sorted(parts.items())))

    def _call(self, record: Record, call: ast.Call, alias: str) -> None:
        name = call.name.upper()
        decode: Callable[[Any], Any] | None
        if name == "FIELDS":
            self._fields(record, call)
            return
        if name in ("TOLABEL", "FORMAT"):
            column, decode = (labelled if name == "TOLABEL" else formatted)(self.scope, call)
            shown = Field(alias or column.field.name, column.field.label, "string", length=255)
        else:
            column = expression(self.scope, call)
            shown, decode = column.field, renderer(column.field)
            if name != "CONVERTCURRENCY":
                raise self.scope.refuse(
                    "MALFORMED_QUERY", call.pos, f"{call.name} needs GROUP BY or stands in a filter"
                )
        arg = call.args[0]
        while isinstance(arg, ast.Call) and arg.args:
            arg = arg.args[0]
        names: list[str] = []
        if isinstance(arg, ast.Path) and not alias:
            for step, parent in self.scope.walk(arg)[0]:
                record = self._parent(record, step, parent, call.pos)
                names.append(step)
        index = self.result.add(column.sql)
        key = alias or column.field.name
        self.keep(record.members, key, Plain(index, decode), call.pos)
        self.result.outputs.append(Output((*names, key), index, shown))

    def _fields(self, record: Record, call: ast.Call) -> None:
        group = call.args[0].text.upper()
        limit = self.query.limit
        if group != "STANDARD" and (limit is None or limit > 200):
            raise self.scope.refuse(
                "MALFORMED_QUERY", call.pos, "The SOQL FIELDS function must have a LIMIT of at most 200"
            )
        for item in self.sobject.fields.values():
            if self.env.can_read(self.sobject, item) and group in (
                "ALL",
                "CUSTOM" if item.custom else "STANDARD",
            ):
                column = self.scope.field(self.scope.root, item.name, call.pos)
                self._show(record.members, column, (), call.pos, self.scope.root)

    def _typeof(self, record: Record, expr: ast.Typeof) -> None:
        steps, last = self.scope.walk(expr.path)
        for name, parent in steps:
            record = self._parent(record, name, parent, expr.pos)
        start = steps[-1][1] if steps else self.scope.root
        node, link = self.scope.relationship(start, last, expr.pos)
        if len(link.reference_to) < 2:
            raise self.scope.refuse(
                "INVALID_FIELD", expr.pos, f"TYPEOF needs a polymorphic relationship, which {last} is not"
            )
        plan = self.result
        index, kind = plan.add(self.scope.id_sql(node)), plan.add(self.scope.type_sql(node, api=True))
        cases: dict[str, Record] = {}
        for name, paths in expr.cases:
            target = next((t for t in node.targets if t[0].name.lower() == name.lower()), None)
            if target is None:
                raise self.scope.refuse("INVALID_TYPE", expr.pos, f"{name} is no type that {last} refers to")
            cases[target[0].name] = self._case(Node(target[0].name, (target,)), index, paths)
        otherwise = self._case(node, index, expr.otherwise) if expr.otherwise else None
        if otherwise is not None:
            otherwise.type_index = kind
        self.keep(record.members, link.relationship, Typeof(index, kind, cases, otherwise), expr.pos)
        plan.compounds.append(link.relationship)

    def _case(self, node: Node, index: int, paths: tuple[ast.Path, ...]) -> Record:
        case = Record(index, node.name)
        for path in paths:
            record, at = case, node
            for part in path.parts[:-1]:
                at, link = self.scope.relationship(at, part, path.pos)
                record = self._parent(record, link.relationship, at, path.pos)
            column = self.scope.field(at, path.parts[-1], path.pos)
            self.keep(
                record.members,
                column.field.name,
                Plain(self.result.add(column.sql), renderer(column.field)),
                path.pos,
            )
        return case
