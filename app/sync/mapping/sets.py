"""PURE. All mappings together, and what of them an org can bear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.sync.mapping.guards import Capabilities, Guard, own_field
from app.sync.mapping.objects import ObjectMapping


@dataclass(frozen=True, slots=True)
class Skipped:
    """A guarded part that an org does not fulfil: `Account.IsPartner`, and why."""

    part: str
    because: str


@dataclass(frozen=True)
class MappingSet:
    """All mappings, parents before children. `hash` names the content, whatever its layout or comments."""

    objects: tuple[ObjectMapping, ...]
    hash: str
    documents: Mapping[str, str] = field(default_factory=dict)

    def by_sobject(self, name: str) -> ObjectMapping:
        """The mapping of that SObject. Raises KeyError."""
        return self._by_sobject[name]

    def by_table(self, name: str) -> ObjectMapping:
        """The mapping of that local table. Raises KeyError."""
        return self._by_table[name]

    @cached_property
    def _by_sobject(self) -> Mapping[str, ObjectMapping]:
        return {o.sobject: o for o in self.objects}

    @cached_property
    def _by_table(self) -> Mapping[str, ObjectMapping]:
        return {o.table: o for o in self.objects}

    def __contains__(self, sobject: object) -> bool:
        return sobject in self._by_sobject

    def required(self) -> dict[str, set[str]]:
        """The objects and fields that an org must show: everything that no guard excuses."""
        needed = {
            o.sobject: {o.external_id} | {own_field(part.sf) for part in o.parts if part.when is None}
            for o in self.objects
            if o.when is None
        }
        return {sobject: names - {""} for sobject, names in needed.items()}

    def objects_named(self) -> list[str]:
        """Every SObject that the mappings or their guards name: what a probe of the org must describe."""
        guards = [o.when for o in self.objects] + [part.when for o in self.objects for part in o.parts]
        named = [name for guard in guards if guard is not None for name in guard.objects()]
        return list(dict.fromkeys([*self._by_sobject, *named]))

    def for_org(self, org: Capabilities) -> tuple[MappingSet, tuple[Skipped, ...]]:
        """The mappings as they apply to that org: guarded parts it lacks left out, picklists known.

        A field without a guard stays, present or not: its absence is a fault to report, not to hide.
        """
        kept: list[ObjectMapping] = []
        skipped: list[Skipped] = []

        def applies(part: str, guard: Guard | None) -> bool:
            if guard is None or guard.holds(org):
                return True
            skipped.append(Skipped(part, f"Skipped unless {guard.sentence()}."))
            return False

        for o in self.objects:
            if not applies(o.sobject, o.when):
                continue
            fields = tuple(
                replace(
                    f,
                    allowed=org.picklists.get((o.sobject, f.sf)),
                    length=org.lengths.get((o.sobject, f.sf)),
                )
                for f in o.fields
                if applies(f"{o.sobject}.{f.sf}", f.when)
            )
            lookups = tuple(x for x in o.lookups if applies(f"{o.sobject}.{x.sf}", x.when))
            currency = o.currency if any(f.sf == o.currency for f in fields) else None
            kept.append(replace(o, fields=fields, lookups=lookups, currency=currency))
        return MappingSet(tuple(kept), self.hash, self.documents), tuple(skipped)
