"""From a JSON record to stored values: which fields may be written, and how each is parsed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, SObject

_SECURITY = (
    "Unable to create/update fields: {}. Please check the security settings of this field and verify "
    "that it is read/write for your profile or permission set."
)
#: system columns that even code in system mode does not set on an existing row
_FIXED = frozenset({"Id", "SystemModstamp"})

Parser = Callable[[Any], Any]


class Plan:
    """How one user writes one object type in one operation (`insert` or `update`). Cached by `plan_for`."""

    def __init__(self, ctx: Context, sobject: SObject, operation: str) -> None:
        self.sobject = sobject
        self.operation = operation
        self._ctx = ctx
        self._slots: dict[str, tuple[Field, Parser] | None] = {}
        self._parents: dict[str, Field] = {}
        self.required = [f for f in sobject.fields.values() if self._required(f)]
        self.required_names = frozenset(f.name for f in self.required)
        self.restricted = [
            f for f in sobject.fields.values() if f.type in ("picklist", "multipicklist") and f.stored
        ]
        self.references = [
            f for f in sobject.fields.values() if f.reference_to and f.stored and f.name != "Id"
        ]
        self.unique = [f for f in sobject.fields.values() if f.stored and f.unique]
        self.auto_numbers = [f for f in sobject.fields.values() if f.auto_number]
        self.defaults = self._defaults()

    @staticmethod
    def _required(field: Field) -> bool:
        return field.stored and field.required and field.type != "id"

    def _defaults(self) -> list[tuple[str, Any]]:
        """(field name, stored value, or `$User` / `$Currency`) for what an insert may leave out."""
        found: list[tuple[str, Any]] = []
        for field in self.sobject.fields.values():
            if not field.stored:
                continue
            if field.default in ("$User", "$Currency"):
                found.append((field.name, field.default))
            elif field.type == "boolean":
                found.append((field.name, int((field.default or "").strip().lower() == "true")))
            elif field.default is not None:
                text = field.default.strip()
                if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
                    text = text[1:-1]
                try:
                    found.append((field.name, values.parse(field, text)))
                except ApiError:  # a default formula that only a record page evaluates
                    continue
        return found

    def read(self, record: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Field, Mapping[str, Any]]]]:
        """Stored values by field name, and the lookups given as nested objects. Raises ApiError."""
        out: dict[str, Any] = {}
        nested: list[tuple[Field, Mapping[str, Any]]] = []
        slots = self._slots
        for key, value in record.items():
            try:
                slot = slots[key]
            except KeyError:
                if isinstance(value, Mapping) and key != "attributes" and self._parent(key) is not None:
                    nested.append((self._parents[key], value))
                    continue
                slot = slots[key] = self._slot(key)
            if slot is None:
                continue
            field, parse = slot
            if value is None:
                if field.type == "boolean":
                    values.parse(field, None)
                out[field.name] = None
            else:
                out[field.name] = parse(value)
        return out, nested

    def _parent(self, key: str) -> Field | None:
        if key not in self._parents:
            field = self.sobject.by_relationship(key)
            if field is None:
                return None
            self._check_writable(field)
            self._parents[key] = field
        return self._parents[key]

    def _slot(self, key: str) -> tuple[Field, Parser] | None:
        if key == "attributes":
            return None
        field = self.sobject.field_named(key)
        if field is None or not self._ctx.can_read(self.sobject, field):
            raise ApiError("INVALID_FIELD", f"No such column '{key}' on sobject of type {self.sobject.name}")
        if field.name == "Id":
            if self.operation == "insert":
                raise ApiError(
                    "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", fields=["Id"]
                )
            return None
        self._check_writable(field)
        return field, values.parser(field)

    def _check_writable(self, field: Field) -> None:
        allowed = field.createable if self.operation == "insert" else field.updateable
        if self._ctx.system and field.stored and field.name not in _FIXED:
            return
        if not (allowed and field.stored and self._ctx.can_edit(self.sobject, field)):
            raise ApiError(
                "INVALID_FIELD_FOR_INSERT_UPDATE", _SECURITY.format(field.name), fields=[field.name]
            )


def plan_for(ctx: Context, sobject: SObject, operation: str) -> Plan:
    """The plan, from a cache that a change of schema or permissions empties."""
    org = ctx.org
    version = (org.schema.version, org.permissions.version)
    if org.plans_version != version:
        org.plans.clear()
        org.plans_version = version
    key = (sobject.name, ctx.user_id, ctx.system, operation)
    plan = org.plans.get(key)
    if plan is None:
        plan = org.plans[key] = Plan(ctx, sobject, operation)
    return plan
