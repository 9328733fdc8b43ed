"""Formula trees to typed SQL: names, literals and operators. Functions are in `library`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sandbox.formula import library
from app.sandbox.formula.syntax import Name, Number, Operation, Text, Tree, invalid
from app.sandbox.formula.values import DIGITS, Value, need, same, scaled, truth
from app.sandbox.schema import NUMERIC, Field, SObject

if TYPE_CHECKING:
    from app.sandbox.soql.scope import Scope

_BOOLEAN = {"TRUE": "1", "FALSE": "0"}


class Compiler:
    """Compiles formulas whose names start at one record, `alias`."""

    def __init__(
        self,
        scope: Scope,
        sobject: SObject,
        alias: str,
        *,
        blanks_as_zero: bool = True,
        depth: int = 0,
        rule: bool = False,
    ) -> None:
        self.scope = scope
        self.sobject = sobject
        self.alias = alias
        self.blanks_as_zero = blanks_as_zero
        self.depth = depth
        #: whether this is a rule, which may ask for the record as it was before the change
        self.rule = rule
        #: whether it did ask: then the statement joins `prior`, a JSON object of old rows
        self.uses_prior = False

    def value(self, tree: Tree, *, raw: bool = False) -> Value:
        """The tree as SQL. `raw`: an empty number stays empty, as ISBLANK and BLANKVALUE look at it."""
        if isinstance(tree, Number):
            whole, _, digits = tree.text.partition(".")
            return Value(str(int((whole + digits) or "0")), "number", len(digits))
        if isinstance(tree, Text):
            from app.sandbox.soql.scope import quote

            return Value(quote(tree.value), "text")
        if isinstance(tree, Name):
            found = self._name(tree)
            if found.kind == "number" and self.blanks_as_zero and not raw:
                return Value(f"IFNULL({found.sql}, 0)", "number", found.scale)
            return found
        return self._operation(tree)

    # --- names ---

    def _name(self, name: Name) -> Value:
        path = name.path
        first = path[0].upper()
        if len(path) == 1 and first in _BOOLEAN:
            return Value(_BOOLEAN[first], "boolean")
        if len(path) == 1 and first == "NULL":
            return Value("NULL", "null")
        if first.startswith("$"):
            return self._global(path)
        sobject, alias = self.sobject, self.alias
        for part in path[:-1]:
            sobject, alias = self._parent(sobject, alias, part, path[-1])
        field = sobject.field_named(path[-1])
        if field is None:
            raise invalid(f"Field {'.'.join(path)} does not exist. Check spelling.")
        return self._field(sobject, alias, field)

    def _parent(self, sobject: SObject, alias: str, part: str, last: str) -> tuple[SObject, str]:
        name, _, wanted = part.partition(":")
        field = sobject.by_relationship(name)
        if field is None or not field.stored:
            raise invalid(f"Field {part} does not exist. Check spelling.")
        targets = self.scope.parent(sobject, alias, field).targets
        for target in targets:
            if (not wanted or target[0].name == wanted) and target[0].field_named(last):
                return target
        if not targets:
            raise invalid(f"Field {part} does not exist. Check spelling.")
        return targets[0]

    def _field(self, sobject: SObject, alias: str, field: Field) -> Value:
        from app.sandbox.formula.fields import field_sql

        return self.typed(field_sql(self.scope, sobject, alias, field, self.depth + 1), field)

    def typed(self, sql: str, field: Field) -> Value:
        """A field's stored value as formulas see it."""
        if field.type in NUMERIC:
            return Value(sql, "number", field.scale + (2 if field.type == "percent" else 0), field)
        if field.type in ("boolean", "date", "datetime"):
            return Value(sql, field.type, 0, field)
        if field.type in ("id", "reference"):
            # Formulas see ids as the 15 characters that the pages show.
            return Value(f"substr({sql}, 1, 15)", "text", 0, field)
        if field.type in ("picklist", "multipicklist"):
            return Value(sql, "picklist", 0, field)
        if field.type in ("address", "location", "time", "base64"):
            raise invalid(f"Field {field.name} may not be used in this type of formula")
        return Value(sql, "text", 0, field)

    def _global(self, path: tuple[str, ...]) -> Value:
        from app.sandbox.soql.scope import quote

        schema, ctx = self.scope.env.schema, self.scope.env.ctx
        user = schema.find("User")
        if path[0].upper() != "$USER" or len(path) != 2 or user is None:
            raise invalid(f"Field {'.'.join(path)} does not exist. Check spelling.")
        field = user.field_named(path[1])
        if field is None or field.formula is not None:
            raise invalid(f"Field {'.'.join(path)} does not exist. Check spelling.")
        value = self._field(user, "running_user", field)
        sql = f'(SELECT {value.sql} FROM "User" AS running_user WHERE running_user.Id = {quote(ctx.user_id)})'
        return Value(sql, value.kind, value.scale, value.field)

    # --- operators ---

    def _operation(self, tree: Operation) -> Value:
        name = tree.name
        if name in ("&&", "||"):
            word = "AND" if name == "&&" else "OR"
            return Value(
                f"({truth(self.value(tree.args[0]), name)} {word} {truth(self.value(tree.args[1]), name)})",
                "boolean",
            )
        if name in ("=", "<>", "<", ">", "<=", ">="):
            return self._compare(name, self.value(tree.args[0]), self.value(tree.args[1]))
        if name == "&":
            return self._concatenate(self.value(tree.args[0]), self.value(tree.args[1]))
        if name in ("+", "-", "*", "/", "^"):
            return self._arithmetic(name, self.value(tree.args[0]), self.value(tree.args[1]))
        if name == "negate":
            number = need(self.value(tree.args[0]), "number", "-")
            return Value(f"(-{number.sql})", "number", number.scale)
        return library.call(self, name, tree.args)

    def _concatenate(self, left: Value, right: Value) -> Value:
        parts = [f"IFNULL({need(v, 'text', '&').sql}, '')" for v in (left, right)]
        return Value(f"({' || '.join(parts)})", "text")

    def _compare(self, sign: str, left: Value, right: Value) -> Value:
        if "picklist" in (left.kind, right.kind):
            name = (left.field or right.field).name  # type: ignore[union-attr]
            raise invalid(
                f"Field {name} is a picklist field. Picklist fields are only supported in certain functions."
            )
        (a, b), kind, _ = same([left, right], sign)
        if kind == "text":
            # An empty text and no text are the same; letter case counts.
            return Value(f"(IFNULL({a}, '') COLLATE BINARY {sign} IFNULL({b}, ''))", "boolean")
        if sign == "=":
            return Value(f"({a} IS {b})", "boolean")
        return Value(f"({a} IS NOT {b})" if sign == "<>" else f"({a} {sign} {b})", "boolean")

    def _arithmetic(self, sign: str, left: Value, right: Value) -> Value:
        if "date" in (left.kind, right.kind) or "datetime" in (left.kind, right.kind):
            return self._calendar(sign, left, right)
        if sign == "+" and "text" in (left.kind, right.kind):
            return self._concatenate(left, right)
        a, b = need(left, "number", sign), need(right, "number", sign)
        if sign in ("+", "-"):
            scale = max(a.scale, b.scale)
            return Value(f"({scaled(a, scale)} {sign} {scaled(b, scale)})", "number", scale)
        if sign == "*":
            scale = min(a.scale + b.scale, DIGITS)
            return Value(f"org_mul({a.sql}, {b.sql}, {a.scale + b.scale - scale})", "number", scale)
        if sign == "/":
            return Value(f"org_div({a.sql}, {b.sql}, {DIGITS - a.scale + b.scale})", "number", DIGITS)
        return Value(f"org_pow({a.sql}, {a.scale}, {b.sql}, {b.scale}, {DIGITS})", "number", DIGITS)

    def _calendar(self, sign: str, left: Value, right: Value) -> Value:
        if sign == "-" and left.kind == right.kind == "date":
            return Value(f"(org_days({left.sql}) - org_days({right.sql}))", "number")
        if sign == "-" and left.kind == right.kind == "datetime":
            return Value(f"org_div({left.sql} - {right.sql}, 86400, {DIGITS})", "number", DIGITS)
        if sign == "+" and left.kind == "number":
            left, right = right, left
        if sign not in ("+", "-") or right.kind not in ("number", "null"):
            raise invalid(
                f"Incorrect parameter type for operator '{sign}'. Expected Number, "
                f"received {right.kind.capitalize()}"
            )
        step = "" if sign == "+" else "-"
        if left.kind == "date":
            days = f"org_floor({right.sql}, {right.scale}, 0)" if right.scale else right.sql
            return Value(f"org_add_days({left.sql}, {step}{days})", "date")
        seconds = f"org_round({right.sql} * 86400, {right.scale})"
        return Value(f"({left.sql} {sign} {seconds})", "datetime")
