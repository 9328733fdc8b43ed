"""PURE. What an org has, and the conditions (`when:`) that a mapping puts on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an org has, as far as its user may see: the fields of each object, and features.

    picklists: the active values of restricted picklists by (object, field); absent means any text.
    lengths: how many characters a text field holds, by (object, field).
    """

    objects: Mapping[str, frozenset[str]]
    features: frozenset[str] = frozenset()
    picklists: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    lengths: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def has_field(self, sobject: str, name: str) -> bool:
        """Whether the object is there and shows that field (of a path: the lookup)."""
        return own_field(name) in self.objects.get(sobject, ())


def own_field(path: str) -> str:
    """The field of the object itself that a path rests on: `UserRole.Name` → UserRoleId, Name → Name."""
    first, dot, _ = path.partition(".")
    if not dot:
        return first
    return f"{first[:-1]}c" if first.endswith("__r") else f"{first}Id"


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

    def objects(self) -> list[str]:
        """The SObjects that the condition is about."""
        if self.kind in {"object", "field"}:
            return [self.name.split(".", 1)[0]]
        return [name for part in self.parts for name in part.objects()]

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
