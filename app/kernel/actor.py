"""Who acts. Every database session belongs to an actor, and row-level security reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

#: `system`: sync and jobs, all rows. `staff`: the manufacturer's people, all business rows.
#: `partner`: one partner account's rows only.
Scope = Literal["system", "staff", "partner"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system. `partner_id` is the local id of the partner's account, for `partner` only."""

    scope: Scope
    name: str
    user_id: UUID | None = None
    partner_id: UUID | None = None

    def __post_init__(self) -> None:
        if (self.scope == "partner") != (self.partner_id is not None):
            raise ValueError("a partner actor has exactly one partner account; no other actor has one")


SYSTEM = Actor("system", "Tandem")
