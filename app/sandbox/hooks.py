"""Triggers: Python callables around the saving and deleting of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject

EVENTS = ("before", "after")
OPERATIONS = ("insert", "update", "delete", "undelete")
#: how deep triggers may set off one another before the org refuses
MAX_DEPTH = 16


class HookRecord:
    """One record as a trigger sees it: JSON values by field name.

    Before a save, fields may be set (KeyError for an unknown one); afterwards, and in what was before,
    setting raises TypeError.
    """

    __slots__ = ("_frozen", "_sobject", "changed", "error", "raw")

    def __init__(self, sobject: SObject, raw: dict[str, Any], *, frozen: bool = False) -> None:
        self._sobject = sobject
        self._frozen = frozen
        self.raw = raw
        self.changed: set[str] = set()
        self.error: ApiError | None = None

    def __getitem__(self, name: str) -> Any:
        field = self._sobject.field_named(name)
        if field is None:
            raise KeyError(name)
        return values.render(field, self.raw.get(field.name))

    def __setitem__(self, name: str, value: Any) -> None:
        field = self._sobject.field_named(name)
        if field is None:
            raise KeyError(name)
        if self._frozen:
            raise TypeError(f"{name} cannot be set: the record is read-only here.")
        self.raw[field.name] = values.parse(field, value)
        self.changed.add(field.name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or `default` where it is null or there is no such field."""
        if self._sobject.field_named(name) is None:
            return default
        found = self[name]
        return default if found is None else found

    def add_error(self, message: str, field: str = "") -> None:
        """Refuse this record, as Apex's `addError` does."""
        self.error = ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=[field] if field else [])


class Trigger:
    """What a trigger is handed: `new` and `old` side by side (old is None on insert, new on delete)."""

    def __init__(
        self, ctx: Context, sobject: SObject, new: list[HookRecord], old: list[HookRecord | None]
    ) -> None:
        self.ctx = ctx
        self.sobject = sobject
        self.new = new
        self.old = old

    def __iter__(self) -> Iterator[tuple[HookRecord, HookRecord | None]]:
        return zip(self.new, self.old, strict=True)


Hook = Callable[[Trigger], None]


class Hooks:
    """Every trigger of one org, by object and event (`before update`)."""

    def __init__(self) -> None:
        self._hooks: dict[tuple[str, str], list[Hook]] = {}

    def trigger(self, sobject: str, event: str) -> Callable[[Hook], Hook]:
        """Decorator: run the function on `event`, e.g. `@org.hooks.trigger("Lead", "before insert")`.

        Raises ValueError for an event that does not exist.
        """
        when, _, operation = event.partition(" ")
        if when not in EVENTS or operation not in OPERATIONS:
            raise ValueError(f"{event!r} is no trigger event; use e.g. 'before update'.")

        def register(hook: Hook) -> Hook:
            self._hooks.setdefault((sobject.lower(), event), []).append(hook)
            return hook

        return register

    def any(self, sobject: str, operation: str) -> bool:
        """Whether something runs around that operation."""
        name = sobject.lower()
        return any((name, f"{when} {operation}") in self._hooks for when in EVENTS)

    def of(self, sobject: str, event: str) -> list[Hook]:
        """The triggers of one object and event, in the order in which they were registered."""
        return self._hooks.get((sobject.lower(), event), [])

    def clear(self) -> None:
        """Forget every trigger."""
        self._hooks.clear()
