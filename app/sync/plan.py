"""PURE. The three-way merge of one record: what comes in, what goes out, what both sides now agree on.

All values are canonical Salesforce values by field name (see `values`). `base` is what both sides last
agreed on. A field that `theirs` does not show is left alone: invisible is not empty.

For each field, with b = base, t = theirs, o = ours:

    ours unchanged        t comes in where it differs from b
    o == t                agreed
    t == b                o goes out
    both changed          the field's owner decides; with `ask` both sides keep theirs until somebody does

A value of theirs that equals what we were sending is our own echo, also when we never learnt whether the
write arrived: it counts as agreed, so that a change made here meanwhile still goes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.sync.mapping import FieldMapping, LookupMapping, ObjectMapping, Values
from app.sync.mapping.values import Json

_MISSING: Final[Any] = object()

NO_VALUES: Final[Mapping[str, Json]] = {}


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side of a record that was changed here since the base.

    values: what Salesforce should hold, for each outbound field whose column was touched.
    changed_at: when, by our clock put onto Salesforce's; a field without a time counts as changed long ago.
    sent: what a write whose outcome is unknown was sending.
    """

    values: Mapping[str, Json]
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    sent: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed a field whose owner is `ask`."""

    field: str
    base: Json
    ours: Json
    theirs: Json


@dataclass(slots=True)
class Merge:
    """What follows from the three versions.

    before: the old base, with what turned out to be agreed; news: what of the new base is not in the old
    one. inbound: values to write here. outbound: values still to go out.
    settled: fields without a clash; an open question about one of them is answered.
    reassert: Tandem's own fields that somebody changed in Salesforce; our value goes out again.
    """

    before: Mapping[str, Json]
    news: Values
    inbound: Values
    outbound: Mapping[str, Json] = field(default_factory=dict)
    clashes: Sequence[Clash] = ()
    settled: Set[str] = frozenset()
    reassert: Set[str] = frozenset()

    @property
    def base(self) -> Values:
        """The new base, whole."""
        return {**self.before, **self.news}


def differences(base: Mapping[str, Json], theirs: Mapping[str, Json]) -> Values:
    """The values of theirs that are not in the base."""
    return {name: value for name, value in theirs.items() if base.get(name, _MISSING) != value}


def take(mapping: ObjectMapping, base: Mapping[str, Json], news: Values, *, by_us: bool) -> Merge:
    """The merge of a record that nobody touched here: `news` are the differences of theirs.

    by_us: our own user modified it last, so that a difference in a field only Tandem writes is the work of
    the org's automation on our write. It is taken as it is: sending ours again would never end.
    """
    merged = Merge(base, news, {})
    inbound = mapping.inbound
    for name, value in news.items():
        if name in inbound:
            merged.inbound[name] = value
        elif not by_us and name in base and name in mapping.by_sf:
            merged.reassert |= {name}
    return merged


def merge(
    mapping: ObjectMapping,
    base: Mapping[str, Json],
    theirs: Mapping[str, Json],
    ours: Ours,
    *,
    modified: datetime | None,
    by_us: bool = False,
) -> Merge:
    """The merge of a record that was changed here. modified: when theirs was last changed (UTC)."""
    news: Values = {}
    agreed, decided = dict(base), _Decided()
    restated = _restated(mapping, base, theirs, ours.sent)
    for name, t in theirs.items():
        b = base.get(name, _MISSING)
        sent = ours.sent.get(name, _MISSING)
        if sent is not _MISSING and t == sent:
            b = t
            agreed[name] = t
        part = mapping.by_sf.get(name)
        o = ours.values.get(name, _MISSING)
        unsaid = o is None and part is not None and part.null == "ignore"
        if part is None or o is _MISSING or o == b or unsaid:
            if t != b:
                news[name] = t
            if unsaid:
                decided.settled.add(name)
            continue
        if name in restated:
            b = _MISSING
        _one(decided, agreed, part, b, o, t, ours.changed_at.get(name), modified)
    currency = mapping.currency
    if currency in news and any(clash.field in mapping.amounts for clash in decided.clashes):
        # An amount in question keeps the currency it was meant in until somebody answers.
        theirs_now = news.pop(currency)
        decided.clashes.append(Clash(currency, base.get(currency), ours.values.get(currency), theirs_now))
    taken = take(mapping, agreed, news, by_us=by_us)
    return Merge(
        agreed,
        differences(base, taken.base),
        taken.inbound | decided.inbound,
        decided.outbound,
        decided.clashes,
        decided.settled,
        taken.reassert,
    )


def _restated(
    mapping: ObjectMapping, base: Mapping[str, Json], theirs: Mapping[str, Json], sent: Mapping[str, Json]
) -> frozenset[str]:
    """The fields of money that mean something else there now, though their own value may be as before:
    thirty dollars are not thirty pounds. Whoever changed them here meant the other currency, or amount.
    """
    currency = mapping.currency
    if currency is None:
        return frozenset()
    changed = {
        name
        for name in (currency, *mapping.amounts)
        if name in theirs and theirs[name] not in (base.get(name, _MISSING), sent.get(name, _MISSING))
    }
    found = set(mapping.amounts) if currency in changed else set()
    return frozenset(found | {currency} if changed - {currency} else found)


@dataclass(slots=True)
class _Decided:
    """What was decided so far of fields that were changed here."""

    inbound: Values = field(default_factory=dict)
    outbound: Values = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)


def _one(
    decided: _Decided,
    agreed: Values,
    part: FieldMapping | LookupMapping,
    b: Any,
    o: Json,
    t: Json,
    ours_at: datetime | None,
    theirs_at: datetime | None,
) -> None:
    """Decide one field that was changed here."""
    name = part.sf
    if o == t:
        agreed[name] = t
        decided.settled.add(name)
        return
    if t == b:
        decided.outbound[name] = o
        return
    owner = part.owner
    if owner == "newest":
        local_is_newer = ours_at is not None and (theirs_at is None or ours_at > theirs_at)
        owner = "tandem" if local_is_newer else "salesforce"
    if owner == "ask":
        decided.clashes.append(Clash(name, None if b is _MISSING else b, o, t))
        return
    agreed[name] = t
    decided.settled.add(name)
    if owner == "tandem" or not part.inbound:
        decided.outbound[name] = o
    else:
        decided.inbound[name] = t


def outgoing(
    mapping: ObjectMapping,
    base: Mapping[str, Json],
    values: Mapping[str, Json],
    *,
    unknown: Mapping[str, Json] = NO_VALUES,
    asked: frozenset[str] = frozenset(),
) -> Values:
    """What to send for a linked record: the values that differ from the base.

    unknown: values of an earlier write whose outcome nobody knows; those fields go out again in any case.
    asked: fields with an open question; they wait.
    """
    out: Values = {}
    asked = mapping.with_companions(asked) if asked else asked
    for name, value in values.items():
        if name not in mapping.outbound or name in asked:
            continue
        part = mapping.by_sf[name]
        if value is None and part.null == "ignore":
            continue
        if base.get(name) != value or name in unknown:
            out[name] = value
    if not out or not mapping.has_companions(out):
        return out
    wanted = mapping.with_companions(out)
    return {name: values[name] for name in values if name in out or (name in wanted and name not in asked)}


def guarded(mapping: ObjectMapping, fields: Mapping[str, Json]) -> bool:
    """Whether a write touches a field in which Salesforce, or the newer side, may win.

    Such a write must not cover a change that was made after we read the record. The mapping may ask for
    this care with every write.
    """
    return mapping.guarded or any(
        (part := mapping.by_sf.get(name)) is not None and part.inbound and part.owner != "tandem"
        for name in fields
    )
