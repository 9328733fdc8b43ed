"""PURE. What the mapping of one object says, as data.

Three spaces, never mixed: a *record* is what Salesforce sent; *values* are canonical Salesforce values by
field name (`{"AnnualRevenue": "1200.00"}`; see `values`), the space in which base, theirs and ours are
compared; a *row* is local columns (`{"annual_revenue": Decimal("1200.00"), "extra": {...}}`).

    theirs = mapping.values(record)          ours = mapping.write(row)
    columns to set = mapping.read(values)    JSON to send = mapping.payload(values)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, TypeAlias

from app.sync.mapping import values as forms
from app.sync.mapping.fields import FieldMapping, LookupMapping, Part
from app.sync.mapping.guards import Guard
from app.sync.mapping.values import BadValue, Json

__all__ = [
    "Convert",
    "FieldMapping",
    "Flow",
    "Guard",
    "LookupMapping",
    "ObjectMapping",
    "Part",
    "Row",
    "Values",
]

Flow: TypeAlias = Literal["both", "in", "out", "none"]
Row: TypeAlias = Mapping[str, Any]
Values: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Convert:
    """What to read when a lead was converted: the flag, the fields with the new records' ids, and which
    columns of the lead's row pass to the opportunity's row where that is still empty."""

    flag: str
    account: str
    contact: str
    opportunity: str
    carry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectMapping:
    """One SObject and the local table that corresponds to it.

    external_id: the Salesforce field that holds `external_local` (our id); creates are upserts on it.
    filter: a SOQL condition; records outside it are not synced. record_types: developer names; only such
    records are synced, and the first is given to records created by Tandem.
    delete_in: `status` marks the row (deleted_at), `delete` removes it. every: seconds between polls.
    """

    sobject: str
    table: str
    external_id: str
    fields: tuple[FieldMapping, ...]
    lookups: tuple[LookupMapping, ...] = ()
    external_local: str = "id"
    file: str = ""
    filter: str | None = None
    create: Flow = "both"
    update: Flow = "both"
    delete_in: Literal["status", "delete", "ignore"] = "status"
    delete_out: Literal["delete", "ignore"] = "ignore"
    order: int = 100
    when: Guard | None = None
    rest_batch: int = 1000
    bulk_threshold: int = 2000
    auto_assign: bool = False
    duplicate_rule: Literal["allow", "block"] = "allow"
    guarded: bool = False
    record_types: tuple[str, ...] = ()
    currency: str | None = None
    convert: Convert | None = None
    every: int = 60
    budget: Literal["interactive", "background"] = "interactive"

    # -- names ------------------------------------------------------------------------------------

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Fields, then lookups."""
        return (*self.fields, *self.lookups)

    @cached_property
    def by_sf(self) -> Mapping[str, Part]:
        """Fields and lookups by Salesforce field name."""
        return {part.sf: part for part in self.parts}

    @cached_property
    def by_local(self) -> Mapping[str, Part]:
        """Fields and lookups by local column, or `extra.<name>`."""
        return {part.local: part for part in self.parts}

    @cached_property
    def select(self) -> tuple[str, ...]:
        """The Salesforce fields to query for the mapping; the engine adds Id, stamps and IsDeleted.

        Outbound fields are among them: what Salesforce made of our write is read back.
        """
        names = [self.external_id, *self.by_sf]
        if self.convert:
            c = self.convert
            names += [c.flag, c.account, c.contact, c.opportunity]
        return tuple(dict.fromkeys(name for name in names if name))

    @cached_property
    def outbound(self) -> frozenset[str]:
        """The Salesforce fields and lookups that Tandem writes."""
        return frozenset(name for name, part in self.by_sf.items() if part.outbound)

    @cached_property
    def inbound(self) -> frozenset[str]:
        """The Salesforce fields and lookups whose values come in."""
        return frozenset(name for name, part in self.by_sf.items() if part.inbound)

    @cached_property
    def only_out(self) -> bool:
        """Whether no value comes in, so that a write here need not know what is there now."""
        return not self.guarded and not any(part.inbound for part in self.parts)

    @cached_property
    def amounts(self) -> frozenset[str]:
        """The amounts in the object's currency: what travels with it. None where the org has one currency."""
        if self.currency is None:
            return frozenset()
        return self.with_companions({self.currency}) - {self.currency}

    @cached_property
    def lookup_names(self) -> frozenset[str]:
        """The lookups by Salesforce field name."""
        return frozenset(lookup.sf for lookup in self.lookups)

    def sf_names(self, columns: Collection[str]) -> frozenset[str]:
        """The outbound Salesforce fields that changed local columns touch, with their companions."""
        changed = frozenset(columns)
        names = self._named.get(changed)
        if names is None:
            names = self._named[changed] = self.with_companions(
                {
                    part.sf
                    for part in self.parts
                    if part.outbound and (part.local in changed or ("extra" in changed and _in_extra(part)))
                }
            )
        return names

    @cached_property
    def _named(self) -> dict[frozenset[str], frozenset[str]]:
        """What `sf_names` found: many rows change in the same columns."""
        return {}

    def with_companions(self, names: Collection[str]) -> frozenset[str]:
        """`names` and the outbound fields that must travel with them (same `together`)."""
        if not self.has_companions(names):
            return frozenset(names)
        return frozenset(names).union(*(self._together[n] for n in names if n in self._together))

    def has_companions(self, names: Collection[str]) -> bool:
        """Whether other fields must travel with any of `names`."""
        return not self._together.keys().isdisjoint(names)

    @cached_property
    def _together(self) -> Mapping[str, frozenset[str]]:
        """The outbound fields that travel with a field, for those that have any."""
        groups: dict[str, set[str]] = defaultdict(set)
        for f in self.fields:
            if f.together and f.outbound:
                groups[f.together].add(f.sf)
        return {f.sf: frozenset(groups[f.together]) for f in self.fields if f.together}

    # -- values -----------------------------------------------------------------------------------

    @cached_property
    def _readers(self) -> tuple[tuple[str, tuple[str, ...], Callable[[object], Json], bool], ...]:
        """Field, its path in nested JSON, what makes its value canonical, and whether that leaves canonical
        values as they are."""
        readers: list[tuple[str, tuple[str, ...], Callable[[object], Json], bool]] = []
        for f in self.fields:
            plain = f.transform.keeps != "normal"
            read = forms.form(f.sf_type, f.scale) if plain else f.theirs
            readers.append((f.sf, tuple(f.sf.split(".")[1:]), read, plain))
        readers += [(lookup.sf, (), forms.record_id, True) for lookup in self.lookups]
        return tuple(readers)

    def values(self, record: Mapping[str, Any]) -> Values:
        """Canonical values of every mapped field and lookup that `record` holds.

        A field the record does not show is absent, never None. A path may be nested, as in JSON, or flat,
        as in a bulk result and among canonical values. Raises BadValue naming the field.
        """
        return self.news(record, {})

    def news(self, record: Mapping[str, Any], base: Mapping[str, Json]) -> Values:
        """The canonical values of `record` that differ from those of `base`; as `values` else."""
        out: Values = {}
        name = ""
        try:
            for name, path, read, plain in self._readers:
                found: Any = record.get(name, _ABSENT)
                if path and found is _ABSENT:
                    found = record.get(name.split(".", 1)[0], _ABSENT)
                    for step in path:
                        found = found.get(step, _ABSENT) if isinstance(found, Mapping) else found
                if found is _ABSENT:
                    continue
                before = base.get(name, _ABSENT)
                if plain and found == before and type(found) is type(before):
                    continue
                value = read(found)
                if value != before:
                    out[name] = value
        except BadValue as error:
            raise error.of(f"{self.sobject}.{name}") from None
        return out

    def read(self, values: Mapping[str, Json]) -> dict[str, Any]:
        """Local columns for canonical values; `extra` holds only the keys concerned (merge it).

        Only inbound fields; lookups are left out, since only the engine knows the row behind an id.
        """
        out: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, value in values.items():
            f = self._inbound_fields.get(name)
            if f is not None:
                key = f.extra
                if key is None:
                    out[f.local] = f.transform.to_local(value)
                else:
                    extra[key] = f.local_value(value)
        if extra:
            out["extra"] = extra
        return out

    @cached_property
    def _inbound_fields(self) -> Mapping[str, FieldMapping]:
        return {f.sf: f for f in self.fields if f.inbound}

    @cached_property
    def keeping(self) -> tuple[FieldMapping, ...]:
        """The fields whose local value stays when Salesforce holds none."""
        return tuple(f for f in self.fields if f.null == "ignore")

    @cached_property
    def _writers(self) -> tuple[tuple[str, str, str | None, Callable[[Any], Json]], ...]:
        return tuple(
            (f.sf, f.local, f.extra, f.ours) for f in self.fields if f.transform.to_salesforce is not None
        )

    def _writers_of(
        self, fields: Collection[str]
    ) -> tuple[tuple[str, str, str | None, Callable[[Any], Json]], ...]:
        wanted = frozenset(fields)
        found = self._chosen.get(wanted)
        if found is None:
            found = self._chosen[wanted] = tuple(w for w in self._writers if w[0] in wanted)
        return found

    @cached_property
    def _chosen(self) -> dict[frozenset[str], tuple[tuple[str, str, str | None, Callable[[Any], Json]], ...]]:
        """What `_writers_of` found: many rows change in the same fields."""
        return {}

    def write(self, row: Row, fields: Collection[str] | None = None) -> Values:
        """Canonical values that `row` stands for: of all fields that can go back, or of `fields` only.

        Inbound-only fields are included where their transform allows it, so that the merge can compare
        them; what to send is `outbound`. A column that the row lacks is left out. Raises BadValue.
        """
        out: Values = {}
        extra = (row["extra"] or {}) if "extra" in row else None
        name = ""
        try:
            for name, column, key, ours in self._writers if fields is None else self._writers_of(fields):
                if key is not None:
                    if extra is not None:
                        out[name] = ours(extra.get(key))
                elif column in row:
                    out[name] = ours(row[column])
        except BadValue as error:
            raise error.of(f"{self.table}.{self.by_sf[name].local}") from None
        return out

    def payload(self, values: Mapping[str, Json]) -> dict[str, Any]:
        """What a JSON request carries: decimals as Decimal, everything else as it is."""
        return {
            name: Decimal(value) if name in self._decimals and isinstance(value, str) else value
            for name, value in values.items()
        }

    @cached_property
    def _decimals(self) -> frozenset[str]:
        return frozenset(f.sf for f in self.fields if f.sf_type == "decimal")

    def problems(self, values: Mapping[str, Json]) -> tuple[str, ...]:
        """Why Salesforce would refuse these values: a sentence each, empty when nothing is known against."""
        parts = ((self.by_sf.get(name), value) for name, value in values.items())
        found = (p.problem(v) for p, v in parts if isinstance(p, FieldMapping) and p.outbound)
        return tuple(sentence for sentence in found if sentence)


def _in_extra(part: Part) -> bool:
    return part.local.startswith("extra.")


_ABSENT: Any = object()
