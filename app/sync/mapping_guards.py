"""PURE. What an org has, and the conditions (`when:`) that a mapping puts on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an org has, as far as its user may see: the fields of each object, and features.

    `picklists` holds the active values of restricted picklists by (object, field); absent means free text.
    """

    objects: Mapping[str, frozenset[str]]
    features: frozenset[str] = frozenset()
    picklists: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def has_field(self, sobject: str, name: str) -> bool:
        """Whether the object is there and shows that field (the first step of a path like `Owner.Name`)."""
        present = self.objects.get(sobject)
        if present is None:
            return False
        first, dot, _ = name.partition(".")
        return first in present or (bool(dot) and f"{first}Id" in present) or _custom(first) in present


def _custom(relationship: str) -> str:
    return relationship[:-1] + "c" if relationship.endswith("__r") else relationship


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on the org: a `feature`, `object` or `field` (`Account.IsPartner`), or all/any/not."""

    kind: Literal["feature", "object", "field", "all", "any", "not"]
    name: str = ""
    parts: tuple[Guard, ...] = ()

    def holds(self, org: Capabilities) -> bool:
        """Whether that org fulfils the condition."""
        if self.kind == "feature":
            return self.name in org.features
        if self.kind == "object":
            return self.name in org.objects
        if self.kind == "field":
            return org.has_field(*self.name.split(".", 1))
        if self.kind == "any":
            return any(part.holds(org) for part in self.parts)
        if self.kind == "not":
            return not self.parts[0].holds(org)
        return all(part.holds(org) for part in self.parts)

    def sentence(self) -> str:
        """The condition in words: `the org has the field Account.IsPartner`."""
        if self.kind == "not":
            return f"not ({self.parts[0].sentence()})"
        if self.kind in {"all", "any"}:
            return (" and " if self.kind == "all" else " or ").join(p.sentence() for p in self.parts)
        return f"the org has the {self.kind} {self.name}"

    def excludes(self, other: Guard | None) -> bool:
        """Whether the two can never hold in the same org, as far as their form shows it."""
        if other is None:
            return False
        mine = self.parts if self.kind == "all" else (self,)
        theirs = other.parts if other.kind == "all" else (other,)
        return any(
            (a.kind == "not" and a.parts[0] == b) or (b.kind == "not" and b.parts[0] == a)
            for a in mine
            for b in theirs
        )
