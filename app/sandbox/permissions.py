"""Object and field permissions of each user.

A stock field, and one that an admin adds in Setup, is everybody's until an admin takes it away. A field
that was deployed with a project is nobody's: a user sees it through a permission set that grants it and
that is assigned to the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.sandbox.schema import Field

#: object and field, in lower case
FieldKey = tuple[str, str]

_EVERYBODY = "*"
_NONE, _READ, _EDIT = 0, 1, 2


class Permissions:
    """What each user may do. `version` rises with every change.

    on_change: keeps the new state. assigned: from a user's id to the names of the permission sets that the
    user has now, and until when (epoch seconds) that stays so, or None; clock: what now is.
    """

    def __init__(
        self,
        on_change: Callable[[], None] | None = None,
        assigned: Callable[[str], tuple[frozenset[str], int | None]] | None = None,
        clock: Callable[[], int] = lambda: 0,
    ) -> None:
        self.version = 0
        self._fields: dict[tuple[str, str, str], int] = {}
        self._objects: set[tuple[str, str, str]] = set()
        self._deployed: frozenset[FieldKey] = frozenset()
        self._sets: dict[str, dict[FieldKey, int]] = {}
        #: user → (what is not fully theirs, until when that is known)
        self._known: dict[str, tuple[dict[FieldKey, int], int | None]] = {}
        self._on_change = on_change or (lambda: None)
        self._assigned = assigned or (lambda user_id: (frozenset(), None))
        self._clock = clock

    def _changed(self) -> None:
        self.reassigned()
        self._on_change()

    def reassigned(self) -> None:
        """Say that permission sets were assigned or taken away."""
        self.version += 1
        self._known.clear()

    def deploy(
        self, fields: Iterable[FieldKey], sets: Mapping[str, Mapping[FieldKey, tuple[bool, bool]]]
    ) -> None:
        """Take in a project: the fields it brings, and what its sets grant as (readable, editable)."""
        self._deployed = frozenset(fields)
        self._sets = {
            name: {
                key: _EDIT if editable else _READ
                for key, (readable, editable) in granted.items()
                if readable or editable
            }
            for name, granted in sets.items()
        }
        self._changed()

    def revoke(self, sobject: str, field: str, *, user_id: str | None = None, read: bool = True) -> None:
        """Take away reading (and with it writing) a field, or only writing when `read` is False."""
        wanted = (sobject.lower(), field.lower())
        level = _NONE if read else _READ
        if user_id is None:
            self._fields = {k: v for k, v in self._fields.items() if k[1:] != wanted or v < level}
        key = (user_id or _EVERYBODY, *wanted)
        self._fields[key] = min(level, self._fields.get(key, _EDIT))
        self._changed()

    def grant(self, sobject: str, field: str, *, user_id: str | None = None) -> None:
        """Give a field in full, to one user or to everybody."""
        wanted = (sobject.lower(), field.lower())
        if user_id is None:
            self._fields = {k: v for k, v in self._fields.items() if k[1:] != wanted}
        if user_id is not None or wanted in self._deployed:
            self._fields[(user_id or _EVERYBODY, *wanted)] = _EDIT
        self._changed()

    def renamed(self, sobject: str, old: str, new: str) -> None:
        """Let permissions follow a field to its new name."""
        name, before, after = sobject.lower(), old.lower(), new.lower()

        def moved(key: FieldKey) -> FieldKey:
            return (name, after) if key == (name, before) else key

        self._fields = {(k[0], *moved((k[1], k[2]))): level for k, level in self._fields.items()}
        self._deployed = frozenset(moved(key) for key in self._deployed)
        self._sets = {
            title: {moved(key): level for key, level in granted.items()}
            for title, granted in self._sets.items()
        }
        self._changed()

    def dropped(self, sobject: str, field: str) -> None:
        """Forget a field that is no more."""
        gone = (sobject.lower(), field.lower())
        self._fields = {k: v for k, v in self._fields.items() if k[1:] != gone}
        self._deployed -= {gone}
        for granted in self._sets.values():
            granted.pop(gone, None)
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
        return self._level(user_id, sobject, field) >= _READ

    def can_edit(self, user_id: str, sobject: str, field: Field) -> bool:
        """Whether the user may write the field (its `createable` and `updateable` apart)."""
        return self._level(user_id, sobject, field) == _EDIT

    def _level(self, user_id: str, sobject: str, field: Field) -> int:
        if not self._fields and not self._deployed:
            return _EDIT
        limits, until = self._known.get(user_id) or self._limits(user_id)
        if until is not None and until <= self._clock():
            limits, _ = self._limits(user_id)
        return limits.get((sobject.lower(), field.name.lower()), _EDIT)

    def _limits(self, user_id: str) -> tuple[dict[FieldKey, int], int | None]:
        """The fields that a user has not in full: by permission sets, by everybody's, by the user's own."""
        version = self.version
        names, until = self._assigned(user_id)
        granted = [self._sets[name] for name in names if name in self._sets]
        limits = {key: max((g.get(key, _NONE) for g in granted), default=_NONE) for key in self._deployed}
        for who in (_EVERYBODY, user_id):
            limits |= {k[1:]: level for k, level in self._fields.items() if k[0] == who}
        known = ({key: level for key, level in limits.items() if level < _EDIT}, until)
        if version == self.version:
            self._known[user_id] = known
        return known

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
        """All of it, as JSON values."""
        return {
            "fields": sorted([*key, level] for key, level in self._fields.items()),
            "objects": sorted(self._objects),
            "deployed": sorted(self._deployed),
            "sets": {
                name: sorted([*key, level] for key, level in granted.items())
                for name, granted in self._sets.items()
            },
        }

    def load(self, data: dict[str, Any]) -> None:
        """What `dump` gave."""
        self._fields = {(who, name, field): level for who, name, field, level in data.get("fields", ())}
        self._objects = {tuple(k) for k in data.get("objects", ())}
        self._deployed = frozenset((name, field) for name, field in data.get("deployed", ()))
        self._sets = {
            title: {(name, field): level for name, field, level in granted}
            for title, granted in data.get("sets", {}).items()
        }
        self.reassigned()
