"""Records that change who they are: deleted, undeleted, merged into another, converted from a lead.

Ids are never forgotten: a merged record's id leads to the survivor. What was changed here on a record that
no longer takes changes moves to the record that stands in its place, or waits with a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.sync import links, outbox
from app.sync.engine import Applied, Engine, note
from app.sync.links import Link
from app.sync.mapping import ObjectMapping
from app.sync.outbox import Entry
from app.sync.tx import Tx

Record = Mapping[str, Any]


def gone(
    engine: Engine,
    tx: Tx,
    mapping: ObjectMapping,
    pairs: Sequence[tuple[Link, Record]],
    applied: list[Applied],
) -> int:
    """Apply deletions and merges; gives how many were new. `applied` receives what was written."""
    present = [(link, record) for link, record in pairs if link.state != "merged"]
    masters = links.local_ids(tx, (str(r["MasterRecordId"]) for _, r in present if r.get("MasterRecordId")))
    fresh = 0
    for link, record in present:
        winner = masters.get(str(record.get("MasterRecordId")))
        if winner is not None and winner != link.local_id:
            # Also one that counted as deleted, because its survivor came after it.
            _merged(engine, tx, mapping, link, winner)
            applied.append(Applied(mapping.table, link.local_id, "merged", {}, merged_into=winner))
        elif link.state != "deleted":
            deleted(engine, tx, mapping, link)
            applied.append(Applied(mapping.table, link.local_id, "deleted", {}))
        else:
            continue
        fresh += 1
    return fresh


def deleted(engine: Engine, tx: Tx, mapping: ObjectMapping, link: Link) -> None:
    """Follow a deletion, as the mapping says. A change made here and not yet sent is kept and explained."""
    if mapping.delete_in == "delete":
        tx.run("DELETE FROM {table} WHERE id = %s", link.local_id, table=mapping.table)
        tx.run("DELETE FROM sync_outbox WHERE local_id = %s", link.local_id)
    elif mapping.delete_in == "status" and engine.shape(tx, mapping).keeps_deleted:
        tx.run("UPDATE {table} SET deleted_at = now() WHERE id = %s", link.local_id, table=mapping.table)
    tx.run("UPDATE sync_link SET state = 'deleted' WHERE local_id = %s", link.local_id)
    _close_questions(tx, link.local_id)
    note(
        tx,
        mapping.sobject,
        "deleted",
        f"{mapping.sobject} {link.sf_id} was deleted in Salesforce.",
        link.local_id,
    )


def revived(tx: Tx, mapping: ObjectMapping, link: Link) -> None:
    """A deleted record is back: what waited for it may go."""
    outbox.release(tx, link.local_id)
    note(
        tx,
        mapping.sobject,
        "undeleted",
        f"{mapping.sobject} {link.sf_id} was restored in Salesforce.",
        link.local_id,
    )


def _merged(engine: Engine, tx: Tx, mapping: ObjectMapping, loser: Link, winner: UUID) -> None:
    tx.run(
        "INSERT INTO sync_alias (sf_id, sobject, local_id, reason) VALUES (%s, %s, %s, 'merge') "
        "ON CONFLICT (sf_id) DO UPDATE SET local_id = EXCLUDED.local_id",
        loser.sf_id,
        mapping.sobject,
        winner,
    )
    tx.run("UPDATE sync_alias SET local_id = %s WHERE local_id = %s", winner, loser.local_id)
    tx.run("UPDATE sync_link SET state = 'merged' WHERE local_id = %s", loser.local_id)
    shape = engine.shape(tx, mapping)
    if shape.keeps_deleted:
        tx.run("UPDATE {table} SET deleted_at = now() WHERE id = %s", loser.local_id, table=mapping.table)
    if shape.keeps_merged:
        tx.run(
            "UPDATE {table} SET merged_into_id = %s WHERE id = %s OR merged_into_id = %s",
            winner,
            loser.local_id,
            loser.local_id,
            table=mapping.table,
        )
    for child in engine.mappings.objects:
        for lookup in child.lookups:
            if mapping.sobject in lookup.objects:
                tx.run(
                    "UPDATE {table} SET {column} = %s WHERE {column} = %s",
                    winner,
                    loser.local_id,
                    table=child.table,
                    column=lookup.local,
                )
    _close_questions(tx, loser.local_id)
    outbox.release(tx, loser.local_id)
    note(
        tx,
        mapping.sobject,
        "merged",
        f"{mapping.sobject} {loser.sf_id} was merged into another record in Salesforce; its id still works.",
        loser.local_id,
    )


def converted(engine: Engine, tx: Tx, mapping: ObjectMapping, pairs: Sequence[tuple[Link, Record]]) -> None:
    """Notice leads that were converted: from now on their changes belong to what they became.

    What they leave to their opportunities is due at once, and goes there when those have arrived.
    """
    assert mapping.convert is not None
    legacy = dict.fromkeys(mapping.convert.carry, datetime.now(UTC).isoformat())
    for link, record in pairs:
        if link.state != "linked" or record.get(mapping.convert.flag) not in (True, "true"):
            continue
        tx.run("UPDATE sync_link SET state = 'converted' WHERE local_id = %s", link.local_id)
        if legacy:
            outbox.add(tx, mapping.table, [(link.local_id, legacy)])
        note(
            tx,
            mapping.sobject,
            "converted",
            f"{mapping.sobject} {link.sf_id} was converted in Salesforce.",
            link.local_id,
        )


def redirect(engine: Engine, tx: Tx, mapping: ObjectMapping, entry: Entry, link: Link) -> None:
    """Take care of an outbox entry whose record takes no more changes."""
    if link.state == "merged":
        target = tx.row("SELECT local_id FROM sync_alias WHERE sf_id = %s", link.sf_id)
        if target is not None:
            mapped = {local.split(".")[0] for local in mapping.by_local}
            columns = {c: c for c in entry.columns if c in mapped}
            _carry(tx, mapping, mapping, entry, target[0], columns, only_empty=False)
        outbox.forget(tx, entry)
    elif link.state == "converted":
        _redirect_lead(engine, tx, mapping, entry, link)
    else:
        outbox.hold(
            tx,
            entry.local_id,
            entry.version,
            kind="identity",
            code="ENTITY_IS_DELETED",
            sentence=f"{mapping.sobject} {link.sf_id} was deleted in Salesforce, so the change cannot go "
            "there. Restore the record in Salesforce, and the change follows.",
        )


def _redirect_lead(engine: Engine, tx: Tx, mapping: ObjectMapping, entry: Entry, link: Link) -> None:
    rule = mapping.convert
    assert rule is not None
    row = tx.row("SELECT base ->> %s FROM sync_link WHERE local_id = %s", rule.opportunity, link.local_id)
    sf_id = row[0] if row else None
    carried = {ours: theirs for ours, theirs in rule.carry.items() if ours in entry.columns}
    if carried and sf_id and "Opportunity" in engine.mappings:
        target = links.local_ids(tx, [sf_id]).get(sf_id)
        if target is None:
            outbox.later(
                tx, entry.local_id, entry.attempts, kind="transient", code="WAITS_FOR_OPPORTUNITY",
                sentence="The lead was converted; its opportunity has not arrived yet.",
            )  # fmt: skip
            return
        opportunity = engine.mappings.by_sobject("Opportunity")
        _carry(tx, mapping, opportunity, entry, target, carried, only_empty=True)
    writable = {part.local for part in mapping.by_local.values() if part.outbound}
    left = sorted((set(entry.columns) & writable) - set(carried))
    if not left:
        outbox.forget(tx, entry)
        return
    outbox.hold(
        tx,
        entry.local_id,
        entry.version,
        kind="identity",
        code="CANNOT_UPDATE_CONVERTED_LEAD",
        sentence=f"Lead {link.sf_id} was converted in Salesforce, so its {', '.join(left)} can no longer "
        "change there. Make the change on the account, contact or opportunity it became.",
    )


def _carry(
    tx: Tx,
    source: ObjectMapping,
    target: ObjectMapping,
    entry: Entry,
    target_id: UUID,
    columns: dict[str, str],
    *,
    only_empty: bool,
) -> None:
    """Copy changed columns to another row, as a change made here: the triggers put it into the outbox."""
    waiting = outbox.of(tx, [target_id]).get(target_id)
    untouched = {a: b for a, b in columns.items() if waiting is None or b not in waiting.columns}
    if not untouched:
        return
    tx.run("SELECT set_config('tandem.applying', 'off', true)")
    for ours, theirs in untouched.items():
        tx.run(
            "UPDATE {target} t SET {theirs} = s.{ours} FROM {source} s WHERE t.id = %s AND s.id = %s "
            "AND (t.{theirs} IS NULL OR NOT %s)",
            target_id,
            entry.local_id,
            only_empty,
            target=target.table,
            source=source.table,
            ours=ours,
            theirs=theirs,
        )
    tx.run("SELECT set_config('tandem.applying', 'on', true)")


def _close_questions(tx: Tx, local_id: UUID) -> None:
    tx.run(
        "UPDATE sync_conflict SET resolved_at = now(), resolution = 'gone' "
        "WHERE local_id = %s AND resolved_at IS NULL",
        local_id,
    )
