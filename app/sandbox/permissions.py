"""Object and field permissions: everything is allowed until an admin takes it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.sandbox.schema import Field

_EVERYBODY = "*"


class Permissions:
    """What has been taken away, for everybody (`*`) or for one user. `version` rises with every change."""

    def __init__(self, on_change: Callable[[], None] | None = None) -> None:
        self.version = 0
        self._hidden: set[tuple[str, str, str]] = set()
        self._read_only: set[tuple[str, str, str]] = set()
        self._objects: set[tuple[str, str, str]] = set()
        self._on_change = on_change or (lambda: None)

    def _changed(self) -> None:
        self.version += 1
        self._on_change()

    def revoke(self, sobject: str, field: str, *, user_id: str | None = None, read: bool = True) -> None:
        """Take away reading (and with it writing) a field, or only writing when `read` is False."""
        key = (user_id or _EVERYBODY, sobject.lower(), field.lower())
        (self._hidden if read else self._read_only).add(key)
        self._changed()

    def grant(self, sobject: str, field: str, *, user_id: str | None = None) -> None:
        """Give a field back in full. Without a user: to everybody."""
        wanted = (sobject.lower(), field.lower())
        for taken in (self._hidden, self._read_only):
            for key in [k for k in taken if k[1:] == wanted and user_id in (None, k[0])]:
                taken.discard(key)
        self._changed()

    def revoke_object(self, sobject: str, *rights: str, user_id: str | None = None) -> None:
        """Take away `read`, `create`, `edit` or `delete` on an object type; no right named means all."""
        for right in rights or ("read", "create", "edit", "delete"):
            self._objects.add((user_id or _EVERYBODY, sobject.lower(), right))
        self._changed()

    def grant_object(self, sobject: str, *, user_id: str | None = None) -> None:
        """Give all rights on an object type back."""
        name = sobject.lower()
        self._objects = {k for k in self._objects if k[1] != name or user_id not in (None, k[0])}
        self._changed()

    def can_read(self, user_id: str, sobject: str, field: Field) -> bool:
        """Whether the user may see the field."""
        return not self._hidden or not self._has(self._hidden, user_id, sobject, field)

    def can_edit(self, user_id: str, sobject: str, field: Field) -> bool:
        """Whether the user may write the field (its `createable` and `updateable` apart)."""
        if not self._hidden and not self._read_only:
            return True
        return not (
            self._has(self._hidden, user_id, sobject, field)
            or self._has(self._read_only, user_id, sobject, field)
        )

    @staticmethod
    def _has(taken: set[tuple[str, str, str]], user_id: str, sobject: str, field: Field) -> bool:
        names = (sobject.lower(), field.name.lower())
        return (_EVERYBODY, *names) in taken or (user_id, *names) in taken

    def allows(self, user_id: str, sobject: str, right: str) -> bool:
        """Whether the user has `read`, `create`, `edit` or `delete` on the object type."""
        name = sobject.lower()
        return not self._objects or not (
            (_EVERYBODY, name, right) in self._objects or (user_id, name, right) in self._objects
        )

    def can_read_object(self, user_id: str, sobject: str) -> bool:
        """Whether the user knows the object type."""
        return self.allows(user_id, sobject, "read")

    def dump(self) -> dict[str, Any]:
        """Everything taken away, as JSON values."""
        return {
            "hidden": sorted(self._hidden),
            "read_only": sorted(self._read_only),
            "objects": sorted(self._objects),
        }

    def load(self, data: dict[str, Any]) -> None:
        """What `dump` gave."""
        self._hidden = {tuple(k) for k in data.get("hidden", ())}
        self._read_only = {tuple(k) for k in data.get("read_only", ())}
        self._objects = {tuple(k) for k in data.get("objects", ())}
        self.version += 1
