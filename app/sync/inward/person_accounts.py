"""PURE. Person accounts: accounts that are people. Salesforce makes their Name of its parts and takes no
other; the parts, and whatever else only a person has, it takes for nobody else.

All this holds for a mapping that reads `IsPersonAccount`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from app.sync.mapping import ObjectMapping
from app.sync.mapping.values import Json

FLAG: Final = "IsPersonAccount"
_PARTS: Final = frozenset({"FirstName", "LastName", "MiddleName", "Salutation", "Suffix"})


def concerns(mapping: ObjectMapping) -> bool:
    """Whether records of this mapping may be people."""
    return mapping.sobject == "Account" and FLAG in mapping.by_sf


def is_person(base: Mapping[str, Json] | None, ours: Mapping[str, Json]) -> bool:
    """Whether the record is a person: as Salesforce said; a new one is when it has a last name."""
    if base is not None:
        return base.get(FLAG) is True
    return ours.get("LastName") is not None


def refused(names: Iterable[str], *, person: bool) -> set[str]:
    """The fields among `names` that Salesforce would refuse for such a record."""
    if person:
        return {"Name"} & set(names)
    return {
        name
        for name in names
        if name != FLAG and (name in _PARTS or name.startswith("Person") or name.endswith("__pc"))
    }


def reason(fields: Iterable[str], *, person: bool) -> str:
    """Why a change of those fields was taken back, for an admin and for whoever made it."""
    listed = ", ".join(sorted(fields))
    if person:
        return f"{listed} of a person account is made of FirstName and LastName: change those."
    return f"{listed}: only person accounts have it, and this is a business."
