"""Both sides compared, record by record: what is only here, only there, or differs.

What is on its way (in the outbox, or newer than the cursor) is no drift and is left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from app.salesforce.bulk_csv import read_rows
from app.sync import links, outbox, plan
from app.sync.engine import Engine
from app.sync.inward import backfill, inbound, queries
from app.sync.inward.reread import look_up
from app.sync.mapping import BadValue, FieldMapping, ObjectMapping
from app.sync.tables import rows_here
from app.sync.tx import Tx

#: Records beyond which they are read by a Bulk query.
_BULK_FROM = 10_000
_SLICE = 2_000

Kind = Literal["only_salesforce", "only_tandem", "differs"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. For `differs`: the field, our value and theirs, as Salesforce would hold them."""

    kind: Kind
    sobject: str
    sf_id: str | None
    local_id: UUID | None
    field: str = ""
    ours: Any = None
    theirs: Any = None

    def sentence(self) -> str:
        """The difference in words."""
        if self.kind == "only_salesforce":
            return f"{self.sobject} {self.sf_id} is in Salesforce and not here."
        if self.kind == "only_tandem":
            return f"{self.sobject} {self.local_id} is here and not in Salesforce."
        where = f"{self.sobject} {self.sf_id}"
        return f"{where}: {self.field} is {self.ours!r} here and {self.theirs!r} in Salesforce."


@dataclass(slots=True)
class Comparison:
    """One object: how many records were compared, and every difference found."""

    sobject: str
    compared: int = 0
    pending: int = 0
    drift: list[Drift] = field(default_factory=list)


def compare(engine: Engine, mapping: ObjectMapping) -> Comparison:
    """Read the whole object from Salesforce and hold it against our table. Writes nothing."""
    found = Comparison(mapping.sobject)
    seen: set[str] = set()
    records = _records(engine, mapping)
    while batch := list(islice(records, _SLICE)):
        seen.update(r["Id"] for r in batch)
        with engine.transaction() as tx:
            _hold_against(engine, tx, mapping, batch, found)
    with engine.transaction() as tx:
        for local_id, sf_id in tx.rows(
            "SELECT t.id, l.sf_id FROM {table} t LEFT JOIN sync_link l ON l.local_id = t.id "
            "LEFT JOIN sync_outbox o ON o.local_id = t.id "
            "WHERE o.local_id IS NULL AND (l.state IS NULL OR l.state = 'linked') "
            "AND to_jsonb(t) ->> 'deleted_at' IS NULL",
            table=mapping.table,
        ):
            if sf_id not in seen and (sf_id is not None or mapping.create in ("both", "out")):
                found.drift.append(Drift("only_tandem", mapping.sobject, sf_id, local_id))
    return found


def mend(engine: Engine, mapping: ObjectMapping, found: Comparison) -> int:
    """Settle the drift by the rules of an ordinary sync; gives the number of records concerned.

    Records of theirs are read again as if they had just changed; where a field's owner is `tandem`, our
    value goes out again.
    """
    now = datetime.now(UTC).isoformat()
    differing = [d for d in found.drift if d.kind == "differs" and d.local_id is not None]
    unknown = [d.local_id for d in found.drift if d.kind == "only_tandem" and d.sf_id is None and d.local_id]
    removed = [d.sf_id for d in found.drift if d.kind == "only_salesforce"]
    with engine.transaction() as tx:
        # Without a base, the record is made here again though nobody changed it.
        tx.run("UPDATE sync_link SET base = '{}' WHERE sf_id = ANY(%s)", removed)
        for drift in differing:
            # Without a base the field counts as changed there; with an outbox entry, here as well.
            tx.run("UPDATE sync_link SET base = base - %s WHERE local_id = %s", drift.field, drift.local_id)
            part = mapping.by_sf[drift.field]
            if part.owner == "tandem" and part.outbound and drift.local_id is not None:
                outbox.add(tx, mapping.table, [(drift.local_id, {part.local.split(".")[0]: now})])
        outbox.add(tx, mapping.table, [(local_id, {}) for local_id in unknown])
    ids = {d.sf_id for d in found.drift if d.sf_id}
    if ids:
        look_up(engine, {mapping.sobject: ids})
    return len(ids) + len(unknown)


def _records(engine: Engine, mapping: ObjectMapping) -> Iterator[Mapping[str, Any]]:
    soql = queries.changes(mapping, engine.org, None)
    first = engine.gateway.query(soql)
    if first.total_size <= _BULK_FROM:
        yield from first.records
        url = first.next_url
        while url:
            page = engine.gateway.query_more(url)
            yield from page.records
            url = page.next_url
        return
    bulk = engine.gateway.bulk
    job = backfill.finished(engine, bulk.query_create(soql))
    with tempfile.TemporaryDirectory(prefix="tandem-reconcile-") as directory:
        locator: str | None = None
        while True:
            page_file = Path(directory) / "page.csv"
            page_of = bulk.query_results(job, page_file, locator=locator)
            yield from read_rows(page_file)
            locator = page_of.next_locator
            if locator is None:
                return


def _hold_against(
    engine: Engine, tx: Tx, mapping: ObjectMapping, batch: Sequence[Mapping[str, Any]], found: Comparison
) -> None:
    linked = links.by_sf_ids(tx, [r["Id"] for r in batch])
    ids = [link.local_id for link in linked.values()]
    waiting = outbox.of(tx, ids)
    rows = rows_here(tx, engine.shape(tx, mapping), mapping, ids)
    parents = links.sf_ids(
        tx, (v for row in rows.values() for lk in mapping.lookups if (v := row.get(lk.local)))
    )
    for record in batch:
        link = linked.get(record["Id"])
        found.compared += 1
        if link is None or link.local_id not in rows:
            if mapping.create in ("both", "in"):
                found.drift.append(Drift("only_salesforce", mapping.sobject, record["Id"], None))
            continue
        if link.local_id in waiting or inbound.stamp(record["SystemModstamp"]) != link.base_stamp:
            found.pending += 1
            continue
        try:
            theirs = mapping.values(record)
            ours = mapping.write(rows[link.local_id])
        except BadValue:
            continue
        for name in (lookup.sf for lookup in mapping.lookups):
            part = mapping.by_sf[name]
            parent = rows[link.local_id].get(part.local)
            if parent is not None and parent in parents:
                ours[name] = parents[parent]
        found.drift += _fields(mapping, link.sf_id, link.local_id, ours, theirs)


def _fields(
    mapping: ObjectMapping, sf_id: str, local_id: UUID, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> list[Drift]:
    out = []
    for name, value in plan.differences(theirs, ours).items():
        part = mapping.by_sf[name]
        if (
            name not in theirs
            or (value is None and part.null == "ignore")
            or (theirs[name] is None and part.null == "ignore")
            or (value is None and not part.inbound)  # Tandem has nothing to say there
        ):
            continue
        if isinstance(part, FieldMapping) and part.transform.keeps == "one_way":
            continue
        out.append(Drift("differs", mapping.sobject, sf_id, local_id, name, value, theirs[name]))
    return out
