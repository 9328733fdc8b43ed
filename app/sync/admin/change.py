"""PURE. What a changed mapping would do: part by part, record by record, and in API calls.

The merge that decides is the sync's own (`plan.merge`): a part whose meaning changed has no agreed base any
more, so its owner decides where the two sides differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from app.sync.mapping.fields import Part
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.sets import MappingSet
from app.sync.mapping.values import BadValue, Json
from app.sync.plan import Ours, merge

#: Records that one composite call of five queries brings, and that one page of a bulk query brings.
COMPOSITE_PAGE, BULK_PAGE = 10_000, 50_000
#: Calls of a bulk job beside its pages: create, upload, close, a poll, and the results.
BULK_INGEST_CALLS, BULK_QUERY_CALLS = 6, 2

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class PartChange:
    """One field or lookup that the new mapping treats differently. `rereads`: its values are agreed anew."""

    sf: str
    kind: Kind
    before: Part | None
    after: Part | None
    rereads: bool

    def sentence(self) -> str:
        """The change in words."""
        if self.kind == "added" and self.after is not None:
            return f"{self.sf} is new and goes {_WAYS[self.after.direction]} {self.after.local}."
        if self.kind == "removed" and self.before is not None:
            return f"{self.sf} is no longer synced; {self.before.local} keeps its values."
        return f"{self.sf} changes its {', '.join(self.aspects())}."

    def aspects(self) -> list[str]:
        """Which settings differ, by their names in the mapping file."""
        if self.before is None or self.after is None:
            return []
        if type(self.before) is not type(self.after):
            return ["kind (field or lookup)"]
        names = [n for n in self.before.__dataclass_fields__ if n not in {"sf", "allowed", "length"}]
        differing = [n for n in names if getattr(self.before, n) != getattr(self.after, n)]
        return [_WORDS.get(name, name) for name in differing]


_WAYS = {"both": "both ways with", "in": "into", "out": "out from"}
_WORDS = {"sf_type": "type", "scale": "decimals", "objects": "object", "picklist_map": "picklist map"}
#: Settings that say only what happens from now on; the agreed values stay agreed.
_FROM_NOW_ON = frozenset(
    {"owner", "null", "refresh", "together", "when", "after", "allowed", "length", "on_picklist_miss"}
    | {"relationship", "external_id", "objects", "picklist_default"}
)


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object that the new mapping treats differently."""

    sobject: str
    kind: Kind
    before: ObjectMapping | None
    after: ObjectMapping | None
    parts: tuple[PartChange, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def reread(self) -> frozenset[str]:
        """The Salesforce fields whose values must be agreed anew."""
        return frozenset(p.sf for p in self.parts if p.rereads and p.kind != "removed")

    @property
    def reads_all(self) -> bool:
        """Whether every record of the object is read again."""
        if self.kind == "added":
            return True
        inbound = any(p.rereads and p.after is not None and p.after.inbound for p in self.parts)
        return self.kind == "changed" and (inbound or bool({"filter", "record_types"} & set(self.policies)))

    @property
    def pushed_columns(self) -> frozenset[str]:
        """Local columns whose values must be offered to Salesforce: Tandem's own, and those to ask about."""
        return frozenset(
            p.after.local
            for p in self.parts
            if p.rereads
            and p.after is not None
            and p.after.outbound
            and (not p.after.inbound or p.after.owner in {"tandem", "ask"})
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """One linked record as it is: the agreed base, our row, and Salesforce's values where they are known.

    parents: the rows behind the record ids of lookups, as far as they are linked.
    """

    local_id: UUID
    sf_id: str
    label: str
    base: Mapping[str, Json]
    row: Mapping[str, Any]
    theirs: Mapping[str, Json] | None = None
    parents: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What would happen to one record: local column or Salesforce field → (now, then).

    asked: fields about which a person would be asked. problem: why the record could not be synced.
    """

    sobject: str
    local_id: UUID
    sf_id: str
    label: str
    local: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    salesforce: Mapping[str, tuple[Json, Json]] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class Estimate:
    """API calls that the change costs once: to read records again and to write the differences."""

    reads: int = 0
    writes: int = 0

    @property
    def calls(self) -> int:
        """All of them."""
        return self.reads + self.writes


def compare(old: MappingSet | None, new: MappingSet) -> list[ObjectChange]:
    """The objects that differ between two sets of mappings, in the new order, removed ones last."""
    before = {o.sobject: o for o in old.objects} if old else {}
    found: list[ObjectChange] = []
    for o in new.objects:
        was = before.pop(o.sobject, None)
        if was is None:
            parts = tuple(PartChange(p.sf, "added", None, p, True) for p in o.parts)
            found.append(ObjectChange(o.sobject, "added", None, o, parts))
            continue
        parts = tuple(_parts(was, o))
        policies = tuple(_policies(was, o))
        if parts or policies:
            found.append(ObjectChange(o.sobject, "changed", was, o, parts, policies))
    found += [ObjectChange(name, "removed", was, None) for name, was in before.items()]
    return found


def _parts(old: ObjectMapping, new: ObjectMapping) -> Iterator[PartChange]:
    moved = old.table != new.table
    for part in new.parts:
        was = old.by_sf.get(part.sf)
        if was is None:
            yield PartChange(part.sf, "added", None, part, True)
        elif was != part or moved:
            yield PartChange(part.sf, "changed", was, part, moved or not _same_meaning(was, part))
    for was in old.parts:
        if was.sf not in new.by_sf:
            yield PartChange(was.sf, "removed", was, None, False)


def _same_meaning(a: Part, b: Part) -> bool:
    if type(a) is not type(b):
        return False
    return all(getattr(a, n) == getattr(b, n) for n in a.__dataclass_fields__ if n not in _FROM_NOW_ON)


def _policies(old: ObjectMapping, new: ObjectMapping) -> Iterator[str]:
    for name in old.__dataclass_fields__:
        if name not in {"fields", "lookups", "file"} and getattr(old, name) != getattr(new, name):
            yield name


def plan_change(change: ObjectChange, subjects: Iterable[Subject]) -> Iterator[RecordChange]:
    """What the change would do to each of the records; those it leaves alone are left out.

    Where Salesforce's values are not known, the agreed base stands for them, as far as it has them.
    A lookup whose parent is not linked counts as empty here.
    """
    mapping = change.after
    if mapping is None or not change.reread:
        return
    for subject in subjects:
        try:
            found = _record(mapping, change.reread, change.pushed_columns, subject)
        except BadValue as error:
            found = RecordChange(
                mapping.sobject, subject.local_id, subject.sf_id, subject.label, problem=str(error)
            )
        if found is not None:
            yield found


def _record(
    mapping: ObjectMapping, names: frozenset[str], pushed: frozenset[str], subject: Subject
) -> RecordChange | None:
    known = subject.base if subject.theirs is None else subject.theirs
    theirs = mapping.values({name: known[name] for name in known if name in names})
    base = {name: value for name, value in subject.base.items() if name not in names}
    row = mapping.write(subject.row, names)
    ids = {local_id: sf_id for sf_id, local_id in subject.parents.items()}
    lookups = [x for x in mapping.lookups if x.sf in names]
    row.update({x.sf: ids.get(subject.row.get(x.local)) for x in lookups})  # type: ignore[arg-type]
    offered = {
        name: value
        for name, value in row.items()
        if mapping.by_sf[name].local in pushed and mapping.by_sf[name].outbound and value is not None
    }
    merged = merge(mapping, base, theirs, Ours(offered), modified=None)
    salesforce = {n: (theirs.get(n), v) for n, v in merged.outbound.items() if n in theirs}
    # Without an answer from the org, what is offered counts as a write.
    salesforce.update({n: (None, v) for n, v in offered.items() if n not in theirs})
    local = _local_differences(mapping, subject.row, merged.inbound)
    for x in lookups:
        now, then = subject.row.get(x.local), subject.parents.get(str(merged.inbound.get(x.sf)))
        if x.sf in merged.inbound and now != then:
            local[x.local] = (now, then)
    asked = tuple(clash.field for clash in merged.clashes)
    problems = mapping.problems({n: v for n, (_, v) in salesforce.items()})
    if not (local or salesforce or asked or problems):
        return None
    return RecordChange(
        mapping.sobject,
        subject.local_id,
        subject.sf_id,
        subject.label,
        local,
        salesforce,
        asked,
        " ".join(problems) or None,
    )


def _local_differences(
    mapping: ObjectMapping, row: Mapping[str, Any], inbound: Mapping[str, Json]
) -> dict[str, tuple[Any, Any]]:
    out: dict[str, tuple[Any, Any]] = {}
    for column, then in mapping.read(inbound).items():
        if column == "extra":
            extra = row.get("extra") or {}
            changed = {k: (extra.get(k), v) for k, v in then.items() if extra.get(k) != v}
            out.update({f"extra.{key}": pair for key, pair in changed.items()})
        elif row.get(column) != then:
            out[column] = (row.get(column), then)
    return out


def estimate(change: ObjectChange, linked: int, writes: int) -> Estimate:
    """The calls that the change costs, for `linked` records of the object and `writes` differences."""
    cost = Estimate()
    mapping = change.after
    if mapping is None:
        return cost
    if change.reads_all:
        by_composite = max(1, -(-linked // COMPOSITE_PAGE))
        by_bulk = BULK_QUERY_CALLS + max(1, -(-linked // BULK_PAGE))
        cost.reads = min(by_composite, by_bulk)
    if writes:
        batches = -(-writes // mapping.rest_batch)
        cost.writes = min(batches, BULK_INGEST_CALLS) if writes >= mapping.bulk_threshold else batches
    return cost
