"""Merging duplicates: losers go to the bin and point at the winner, their children move over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.sandbox import ids as identity
from app.sandbox.context import Context
from app.sandbox.dml import rollup
from app.sandbox.dml.remove import next_batch
from app.sandbox.dml.rows import IN_LIST, Row, fetch, id_list
from app.sandbox.dml.save import check_object, save
from app.sandbox.dml.types import DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject
from app.sandbox.store import Tx, quoted


def merge(
    ctx: Context, tx: Tx, winner: str, losers: Sequence[str], fields: Mapping[str, Any] | None
) -> DmlResult:
    """Merge one or two losers into the winner. Raises ApiError when the merge is refused as a whole."""
    winner_id = identity.to18(winner)
    loser_ids = [identity.to18(loser) for loser in losers]
    sobject = ctx.org.schema.by_prefix(winner_id)
    if sobject is None or not sobject.mergeable:
        raise ApiError("INVALID_TYPE", "This type of record cannot be merged.")
    if not 1 <= len(loser_ids) <= 2 or winner_id in loser_ids or len(set(loser_ids)) != len(loser_ids):
        raise ApiError("INVALID_ID_FIELD", "A merge takes one winner and one or two other records.")
    if any(loser[:3] != sobject.key_prefix for loser in loser_ids):
        raise ApiError("INVALID_ID_FIELD", "All merged records must be of the same type.")
    check_object(ctx, sobject, "delete")
    stored = fetch(tx.connection, sobject, [winner_id, *loser_ids])
    for record_id in (winner_id, *loser_ids):
        if record_id not in stored or stored[record_id]["IsDeleted"]:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", fields=[])
        if sobject.name == "Lead" and stored[record_id].get("IsConverted"):
            raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[])
    row_fault = ctx.org.faults.row_check("merge", sobject.name)
    refused = row_fault({"Id": winner_id}) if row_fault else None
    if refused is not None:
        raise refused
    for loser_id in loser_ids:
        _absorb(ctx, tx, sobject, winner_id, loser_id)
    result = save(ctx, tx, sobject, "update", [{**(fields or {}), "Id": winner_id}])[0]
    if not result.success:
        raise result.errors[0]
    return result


def _absorb(ctx: Context, tx: Tx, sobject: SObject, winner: str, loser: str) -> None:
    now = ctx.now()
    for child, field in list(ctx.org.schema.children(sobject)):
        if not field.stored or field.name == "MasterRecordId":
            continue
        moved = [
            found
            for (found,) in tx.execute(
                f"SELECT Id FROM {quoted(child.name)} WHERE {quoted(field.name)} = ? AND IsDeleted = 0",
                (loser,),
            )
        ]
        if not moved:
            continue
        before = fetch(tx.connection, child, moved)
        tx.execute(
            f"UPDATE {quoted(child.name)} SET {quoted(field.name)} = ?, SystemModstamp = ? "
            f"WHERE Id {IN_LIST}",
            (winner, now, id_list(moved)),
        )
        rows = [
            Row(n, {}, id=i, old=old, new=old | {field.name: winner})
            for n, (i, old) in enumerate(before.items())
        ]
        rollup.recompute(ctx, tx, child, rows)
    master = ", MasterRecordId = ?" if "masterrecordid" in sobject.fields else ""
    values: list[Any] = [now, *([winner] if master else []), loser]
    tx.execute(
        f"UPDATE {quoted(sobject.name)} SET IsDeleted = 1, SystemModstamp = ?{master} WHERE Id = ?", values
    )
    tx.execute(
        "INSERT OR REPLACE INTO _recycle (record_id, sobject, deleted_at, batch, purged) "
        "VALUES (?, ?, ?, ?, 0)",
        (loser, sobject.name, now, next_batch(tx)),
    )
