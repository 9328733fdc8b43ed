"""What has to go out, decided row by row: create, update or delete, with exactly the fields that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson

from app.sync import conflicts, links, outbox, plan
from app.sync.engine import Applied, Engine, note
from app.sync.inward import identity, person_accounts
from app.sync.links import PENDING, Link
from app.sync.mapping import BadValue, LookupMapping, ObjectMapping, Values
from app.sync.outbox import Entry
from app.sync.tables import columns_of, rows_here
from app.sync.tx import Tx
from app.words import say, together

Kind = Literal["create", "update", "delete"]

_ASKED = say("Both sides changed it; `tandem sync conflicts` asks which.")


class AskTheOrg(Exception):
    """What is remembered of the org speaks against a record; ask the org before putting it aside."""


@dataclass(slots=True)
class Outgoing:
    """One write. `values` are canonical; `deferred` are lookups whose parents are created first.

    unmodified_since: the write must not cover a change made after this moment (UTC); None: it may.
    """

    mapping: ObjectMapping
    entry: Entry
    kind: Kind
    sf_id: str | None
    values: Values
    deferred: set[str] = field(default_factory=set)
    unmodified_since: datetime | None = None
    #: for a new record of a mapping that is limited to record types
    record_type_id: str | None = None

    def payload(self) -> dict[str, Any]:
        """The record as a request carries it, without its key."""
        known = self.agreed()
        if self.kind == "create":
            known = {k: v for k, v in known.items() if v is not None}
        out = self.mapping.payload(known)
        if self.record_type_id is not None:
            out["RecordTypeId"] = self.record_type_id
        if self.mapping.lookup_names.isdisjoint(self.values):
            return out
        for lookup in self.mapping.lookups:
            value = self.values.get(lookup.sf)
            if _pending(value) and lookup.sf not in self.deferred:
                out[lookup.relationship] = {lookup.external_id: str(value)[len(PENDING) :]}
        return out

    def agreed(self) -> Values:
        """The values that both sides hold once it has arrived."""
        if not self.deferred and self.mapping.lookup_names.isdisjoint(self.values):
            return self.values
        open_lookups = {lk.sf for lk in self.mapping.lookups if _pending(self.values.get(lk.sf))}
        return {k: v for k, v in self.values.items() if k not in open_lookups and k not in self.deferred}

    def parent(self) -> str:
        """What siblings have in common, so that they travel together and do not fight over its lock."""
        if self.mapping.lookup_names.isdisjoint(self.values):
            return ""
        return next((str(self.values[lk.sf]) for lk in self.mapping.lookups if self.values.get(lk.sf)), "")


def _pending(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(PENDING)


def plan_table(engine: Engine, tx: Tx, mapping: ObjectMapping, limit: int) -> list[Outgoing]:
    """Everything due for one table. Entries that lead to no write are settled on the way."""
    entries = outbox.due(tx, mapping.table, limit)
    if not entries:
        return []
    ids = [e.local_id for e in entries]
    found = links.by_local_ids(tx, ids)
    rows = rows_here(tx, engine.shape(tx, mapping), mapping, ids)
    asked = conflicts.open_fields(tx, ids)
    parents = _parents(tx, mapping, rows.values())
    held = _held(tx, parents[1])
    out = []
    for entry in entries:
        link, row = found.get(entry.local_id), rows.get(entry.local_id)
        if link is not None and link.state != "linked" and entry.op == "upsert":
            identity.redirect(engine, tx, mapping, entry, link)
            continue
        made = _one(engine, tx, mapping, entry, link, row, parents[0], asked, held)
        if made is not None:
            out.append(made)
    return out


def plain_updates(engine: Engine, tx: Tx, mapping: ObjectMapping, limit: int) -> tuple[list[Outgoing], int]:
    """The updates due for one table that touch nothing but the record's own fields and that nothing speaks
    against; and how many other entries are due. Writes nothing.

    Without a condition: they are for a moment right after their object was read to the end. A mapping that
    asks for conditions has none.
    """
    entries = outbox.due(tx, mapping.table, limit)
    if mapping.update not in ("both", "out") or mapping.guarded:
        return [], len(entries)
    asked = conflicts.asked_about(tx, mapping.sobject)
    touched = {
        entry.local_id: (entry, fields)
        for entry in entries
        if entry.op == "upsert" and entry.columns and not entry.sent and entry.local_id not in asked
        if mapping.lookup_names.isdisjoint(fields := outbox.touched(mapping, entry))
    }
    concerned = {name for _, fields in touched.values() for name in fields}
    names = columns_of(engine.shape(tx, mapping), mapping, concerned)
    people = person_accounts.concerns(mapping)
    compared = sorted(concerned | {person_accounts.FLAG} if people else concerned)
    out = []
    for local_id, sf_id, *found in tx.select_linked(mapping.table, compared, names, list(touched)):
        entry, fields = touched[local_id]
        base = {name: orjson.loads(text) for name, text in zip(compared, found, strict=False) if text}
        row = dict(zip(names, found[len(compared) :], strict=True))
        if row.get("deleted_at") is not None:
            continue
        try:
            values = plan.outgoing(mapping, base, mapping.write(row, fields))
        except BadValue:
            continue
        refused = people and person_accounts.refused(values, person=person_accounts.is_person(base, values))
        if values and not refused and not mapping.problems(values):
            out.append(Outgoing(mapping, entry, "update", sf_id, values))
    return out, len(entries) - len(out)


def _parents(
    tx: Tx, mapping: ObjectMapping, rows: Iterable[Mapping[str, Any]]
) -> tuple[dict[UUID, str], set[UUID]]:
    wanted = {v for row in rows for lk in mapping.lookups if lk.outbound and (v := row.get(lk.local))}
    known = links.sf_ids(tx, wanted)
    return known, wanted - set(known)


def _held(tx: Tx, parents: set[UUID]) -> set[UUID]:
    """Parents that Salesforce does not know and that cannot go there now."""
    entries = outbox.of(tx, list(parents))
    return {parent for parent in parents if parent not in entries or entries[parent].state == "held"}


def _one(
    engine: Engine,
    tx: Tx,
    mapping: ObjectMapping,
    entry: Entry,
    link: Link | None,
    row: Mapping[str, Any] | None,
    parents: Mapping[UUID, str],
    asked: Mapping[UUID, frozenset[str]],
    held: set[UUID],
) -> Outgoing | None:
    gone = entry.op == "delete" or row is None or row.get("deleted_at") is not None
    if gone:
        if link is not None and link.state == "linked" and mapping.delete_out == "delete":
            return Outgoing(mapping, entry, "delete", link.sf_id, {})
        outbox.forget(tx, entry)
        return None
    assert row is not None
    may = mapping.create if link is None else mapping.update
    if may not in ("both", "out"):
        outbox.forget(tx, entry)
        return None
    if link is None:
        entry.columns = {}  # a record that does not exist yet needs every field
    try:
        ours = outbox.ours(mapping, entry, row, parents, timedelta(0))
    except BadValue as error:
        _hold(tx, entry, "user_fixable", "BAD_VALUE", error.sentence)
        return None
    values = dict(ours.values)
    if person_accounts.concerns(mapping):
        values = _as_person_or_business(engine, tx, mapping, link, values)
    if link is not None:
        values = plan.outgoing(
            mapping, link.base, values, unknown=entry.sent, asked=asked.get(entry.local_id, frozenset())
        )
        if not values:
            if not asked.get(entry.local_id):
                outbox.forget(tx, entry)
            else:
                _hold(tx, entry, "ask", "CONFLICT", _ASKED)
            return None
    problems = mapping.problems(values)
    if problems:
        if not engine.knows_the_org:
            raise AskTheOrg
        sentence = say("{field}: {why}", field=mapping.sobject, why=together(*problems))
        _hold(tx, entry, "not_accepted", "NOT_ACCEPTED", sentence)
        return None
    made = Outgoing(
        mapping, entry, "create" if link is None else "update", link.sf_id if link else None, values
    )
    if made.kind == "create":
        made.record_type_id = engine.record_type(mapping)
    if not _defer_parents(tx, mapping, made, held):
        return None
    if link is not None and plan.guarded(mapping, values):
        made.unmodified_since = (
            datetime.fromisoformat(link.base_stamp) if link.base_stamp else datetime.now(UTC)
        )
    return made


def _as_person_or_business(
    engine: Engine, tx: Tx, mapping: ObjectMapping, link: Link | None, values: Values
) -> Values:
    """The values without those that an account of its kind cannot have; a change of one is taken back."""
    person = person_accounts.is_person(link.base if link else None, values)
    refused = person_accounts.refused(values, person=person)
    kept = {name: value for name, value in values.items() if name not in refused}
    if link is None:
        return kept
    undone = {name: base for name in refused if (base := link.base.get(name, values[name])) != values[name]}
    columns = mapping.read(undone)
    if columns:
        tx.update(mapping.table, "id", list(columns), [(link.local_id, *columns.values())])
        engine.tell(tx, [Applied(mapping.table, link.local_id, "updated", columns)])
        sentence = f"{mapping.sobject} {link.sf_id}: {person_accounts.reason(undone, person=person)}"
        note(tx, mapping.sobject, "taken_back", sentence, link.local_id)
    return kept


def _defer_parents(tx: Tx, mapping: ObjectMapping, made: Outgoing, held: set[UUID]) -> bool:
    """Leave out parents that cannot be named yet; False when the row has to wait for one."""
    for lookup in mapping.lookups:
        value = made.values.get(lookup.sf)
        if not _pending(value):
            continue
        parent = UUID(str(value)[len(PENDING) :])
        if parent in held:
            sentence = say(
                "{sobject} waits for its {lookup}: that record has not reached Salesforce. `tandem sync "
                "status` says why; this one follows by itself.",
                sobject=mapping.sobject,
                lookup=lookup.sf,
            )
            outbox.later(
                tx, made.entry.local_id, made.entry.attempts, kind="waits", code="PARENT", sentence=sentence
            )
            return False
        if lookup.after or _same_object(mapping, lookup):
            made.deferred.add(lookup.sf)
    return True


def _same_object(mapping: ObjectMapping, lookup: LookupMapping) -> bool:
    return mapping.sobject in lookup.objects


def _hold(tx: Tx, entry: Entry, kind: str, code: str, sentence: str) -> None:
    outbox.hold(tx, entry.local_id, entry.version, kind=kind, code=code, sentence=sentence)
