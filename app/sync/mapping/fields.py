"""PURE. One field or lookup of a mapping, and how its values pass from one side to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from app.sync.mapping import values as forms
from app.sync.mapping.guards import Guard
from app.sync.mapping.transforms import Transform
from app.sync.mapping.values import BadValue, Json
from app.words import Names, say

Direction: TypeAlias = Literal["both", "in", "out"]
Owner: TypeAlias = Literal["salesforce", "tandem", "newest", "ask"]


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One Salesforce field and the local column (or `extra.<name>`) that corresponds to it.

    null: whether an empty value on one side clears the other (`clear`) or changes nothing (`ignore`).
    picklist_map: local values that Salesforce does not have → the value to send instead.
    refresh: the value can change without a new SystemModstamp (a formula): read again with its parents.
    together: fields with the same word go out together or not at all (an amount and its currency).
    allowed: the values of a restricted picklist, once an org has been asked.
    """

    sf: str
    local: str
    sf_type: str
    scale: int
    direction: Direction
    owner: Owner
    transform: Transform
    null: Literal["clear", "ignore"] = "clear"
    on_picklist_miss: Literal["fail", "default", "map"] = "fail"
    picklist_map: Mapping[str, str] = field(default_factory=dict)
    picklist_default: str | None = None
    refresh: bool = False
    together: str | None = None
    when: Guard | None = None
    length: int | None = None
    allowed: frozenset[str] | None = None

    @property
    def inbound(self) -> bool:
        """Whether its value comes in from Salesforce."""
        return self.direction != "out"

    @property
    def outbound(self) -> bool:
        """Whether its value goes out to Salesforce."""
        return self.direction != "in"

    @property
    def extra(self) -> str | None:
        """The key in the column `extra`, or None for a column of its own."""
        return self.local[6:] if self.local.startswith("extra.") else None

    def theirs(self, raw: object) -> Json:
        """A value that Salesforce sent, in the form in which it is compared. Raises BadValue."""
        value = forms.canonical(raw, self.sf_type, self.scale)
        back = self.transform.to_salesforce
        if self.transform.keeps == "normal" and back is not None:
            return back(self.transform.to_local(value))
        return value

    def ours(self, local: object) -> Json:
        """A local value, as the canonical value that Salesforce should hold. Raises BadValue."""
        if self.transform.to_salesforce is None:
            raise BadValue(say("This value goes from Salesforce to Tandem only."))
        value = self.transform.to_salesforce(local)
        if self.picklist_map and isinstance(value, str):
            value = self.picklist_map.get(value, value)
        if (
            self.on_picklist_miss == "default"
            and self.allowed is not None
            and value is not None
            and value not in self.allowed
        ):
            return self.picklist_default
        return value

    def local_value(self, value: Json) -> Any:
        """What the column holds for a canonical value; for `extra.<name>` it is a JSON value."""
        local = self.transform.to_local(value)
        return _jsonable(local) if self.extra is not None else local

    def problem(self, value: Json) -> str | None:
        """Why Salesforce would refuse this canonical value, in one sentence with its remedy; or None."""
        if not isinstance(value, str):
            return None
        if self.length is not None and len(value) > self.length:
            return say(
                "{field} holds {most} characters and the value has {length}; shorten it.",
                field=self.sf,
                most=self.length,
                length=len(value),
            )
        if self.allowed is not None:
            parts = value.split(";") if self.sf_type == "multipicklist" else [value]
            unknown = [part for part in parts if part not in self.allowed]
            if unknown:
                return say(
                    "{field} does not offer {values}; add the value in Salesforce, or name a substitute "
                    "under on_picklist_miss in the mapping.",
                    field=self.sf,
                    values=Names(tuple(repr(part) for part in unknown)),
                )
        return None


def _jsonable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return forms.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


@dataclass(frozen=True, slots=True)
class LookupMapping:
    """A reference field and the local column with the id of the referenced row.

    objects: the SObjects it may point to. One that no mapping covers (a queue as owner) gives an empty
    local column, and is never overwritten by that emptiness.
    relationship: the name under which a write may address the parent by its external id.
    after: set in a second pass, because the two objects refer to each other.
    """

    sf: str
    local: str
    objects: tuple[str, ...]
    external_id: str
    relationship: str
    direction: Direction = "both"
    owner: Owner = "salesforce"
    after: bool = False
    null: Literal["clear", "ignore"] = "clear"
    when: Guard | None = None

    @property
    def inbound(self) -> bool:
        """Whether its value comes in from Salesforce."""
        return self.direction != "out"

    @property
    def outbound(self) -> bool:
        """Whether its value goes out to Salesforce."""
        return self.direction != "in"


Part: TypeAlias = FieldMapping | LookupMapping
