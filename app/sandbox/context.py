"""Who asks, and with which headers: handed to everything that reads or writes records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.sandbox.schema import Field, SObject

if TYPE_CHECKING:
    from app.sandbox.org import Org


@dataclass(slots=True)
class Context:
    """One request's (or one transaction's) circumstances.

    user_id: 18 characters; empty before authentication.
    client: from `Sforce-Call-Options: client=…`.
    auto_assign: whether assignment rules run (`Sforce-Auto-Assign`, on unless FALSE).
    allow_duplicates: `Sforce-Duplicate-Rule-Header: allowSave=true`.
    system: no permission checks, as code in system mode or an admin's tool runs.
    stamp: the time written into audit fields, epoch seconds; None means the clock's now.
    depth: how many triggers deep this is.
    version: API version of the request, e.g. `67.0`.
    headers: the request's headers, keyed in lower case.
    reserved_ids: ids that the next inserts take, in order; for a long transaction that commits at last.
    issued_ids: where the ids of inserts are noted, for that same purpose.
    """

    org: Org
    user_id: str = ""
    client: str | None = None
    auto_assign: bool = True
    allow_duplicates: bool = False
    system: bool = False
    stamp: int | None = None
    depth: int = 0
    version: str = "67.0"
    headers: Mapping[str, str] = field(default_factory=dict)
    reserved_ids: list[str] = field(default_factory=list)
    issued_ids: list[str] | None = None

    def now(self) -> int:
        """The stamp of this transaction, epoch seconds."""
        return self.org.clock.now() if self.stamp is None else self.stamp

    def visible(self, sobject: SObject) -> bool:
        """Whether the user knows the object type at all."""
        return self.system or self.org.permissions.can_read_object(self.user_id, sobject.name)

    def can_read(self, sobject: SObject, field: Field) -> bool:
        """Whether field-level security lets the user see the field."""
        return self.system or self.org.permissions.can_read(self.user_id, sobject.name, field)

    def can_edit(self, sobject: SObject, field: Field) -> bool:
        """Whether field-level security lets the user write the field."""
        return self.system or self.org.permissions.can_edit(self.user_id, sobject.name, field)

    def as_system(self) -> Context:
        """The same user without permission checks."""
        return replace(self, system=True)

    def nested(self) -> Context:
        """The context in which a trigger writes: system mode, one level deeper."""
        return replace(self, system=True, depth=self.depth + 1, reserved_ids=[], issued_ids=None)
