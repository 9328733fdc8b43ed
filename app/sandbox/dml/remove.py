"""Deleting, the recycle bin, and coming back out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.sandbox import ids as identity
from app.sandbox.context import Context
from app.sandbox.dml import rollup
from app.sandbox.dml.checks import check_locks, live
from app.sandbox.dml.plan import plan_for
from app.sandbox.dml.rows import IN_LIST, Row, fetch, id_list
from app.sandbox.dml.save import check_object, fire, missing_record
from app.sandbox.dml.types import DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, SObject
from app.sandbox.store import Tx, quoted

#: how long a deleted record can come back, seconds
BIN_SECONDS = 15 * 86_400


def next_batch(tx: Tx) -> int:
    """A number for what is deleted together, and so restored together."""
    found = tx.execute("SELECT next FROM _sequence WHERE name = 'delete batch'").fetchone()
    number = int(found[0]) if found else 1
    tx.execute("INSERT OR REPLACE INTO _sequence (name, next) VALUES ('delete batch', ?)", (number + 1,))
    return number


def delete(ctx: Context, tx: Tx, sobject: SObject, given: Sequence[str], *, hard: bool) -> list[DmlResult]:
    """Delete records of one type, each with what hangs on it."""
    try:
        check_object(ctx, sobject, "delete")
    except ApiError as error:
        return [DmlResult(record_id, False, None, [error]) for record_id in given]
    plan = plan_for(ctx, sobject, "update")
    stored = fetch(tx.connection, sobject, given)
    rows: list[Row] = []
    for index, record_id in enumerate(given):
        row = Row(index, {}, id=record_id)
        old = stored.get(record_id)
        if old is None:
            row.error = missing_record(sobject, record_id)
        elif old["IsDeleted"] and not hard:
            row.fail("ENTITY_IS_DELETED", "entity is deleted")
        else:
            row.old = row.new = old
        rows.append(row)
    check_locks(ctx, tx, plan, live(rows), "delete")
    fire(ctx, sobject, "before delete", live(rows))
    for row in live(rows):
        try:
            with tx.savepoint():
                _delete_one(ctx, tx, sobject, row.id, next_batch(tx), hard=hard)
        except ApiError as error:
            row.error = error
    fire(ctx, sobject, "after delete", live(rows))
    rollup.recompute(ctx, tx, sobject, live(rows))
    return [row.result() for row in rows]


def _delete_one(ctx: Context, tx: Tx, sobject: SObject, record_id: str, batch: int, *, hard: bool) -> None:
    now = ctx.now()
    for child, field in ctx.org.schema.children(sobject):
        if not field.stored or field.name in ("CreatedById", "LastModifiedById", "OwnerId", "MasterRecordId"):
            continue
        # what a converted lead became, it stays, as a name of the past
        if child.name == "Lead" and field.name.startswith("Converted"):
            continue
        rows = [
            found
            for (found,) in tx.execute(
                f"SELECT Id FROM {quoted(child.name)} WHERE {quoted(field.name)} = ? AND IsDeleted = 0",
                (record_id,),
            )
        ]
        if not rows:
            continue
        if field.on_parent_delete == "restrict":
            raise ApiError(
                "DELETE_FAILED",
                f"Your attempt to delete {sobject.label} could not be completed because it is associated "
                f"with the following {child.label_plural}: {', '.join(rows[:5])}",
            )
        if field.on_parent_delete == "cascade":
            for child_id in rows:
                _delete_one(ctx, tx, child, child_id, batch, hard=hard)
        else:
            _unlink(tx, child, field, rows, record_id, batch, now)
    table = quoted(sobject.name)
    if hard or not sobject.soft_delete:
        tx.execute(f"DELETE FROM {table} WHERE Id = ?", (record_id,))
        purged = 1
    else:
        tx.execute(f"UPDATE {table} SET IsDeleted = 1, SystemModstamp = ? WHERE Id = ?", (now, record_id))
        purged = 0
    tx.execute(
        "INSERT OR REPLACE INTO _recycle (record_id, sobject, deleted_at, batch, purged) "
        "VALUES (?, ?, ?, ?, ?)",
        (record_id, sobject.name, now, batch, purged),
    )


def _unlink(
    tx: Tx, child: SObject, field: Field, rows: Sequence[str], parent_id: str, batch: int, now: int
) -> None:
    tx.executemany(
        "INSERT INTO _unlinked (batch, sobject, field, child_id, parent_id) VALUES (?, ?, ?, ?, ?)",
        [(batch, child.name, field.name, child_id, parent_id) for child_id in rows],
    )
    tx.execute(
        f"UPDATE {quoted(child.name)} SET {quoted(field.name)} = NULL, SystemModstamp = ? WHERE Id {IN_LIST}",
        (now, id_list(rows)),
    )


def undelete(ctx: Context, tx: Tx, given: str) -> DmlResult:
    """Restore one record, everything deleted with it, and the lookups that were emptied."""
    record_id = identity.normalize(given)
    if record_id is None:
        return _refused(given, ApiError("MALFORMED_ID", f"malformed id {given}", fields=["Id"]))
    sobject = ctx.org.schema.by_prefix(record_id)
    found = tx.execute(
        "SELECT batch FROM _recycle WHERE record_id = ? AND purged = 0 AND deleted_at > ?",
        (record_id, ctx.org.clock.now() - BIN_SECONDS),
    ).fetchone()
    if sobject is None or not sobject.undeletable or found is None:
        return _refused(
            record_id,
            ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", fields=[]),
        )
    now = ctx.now()
    restored: dict[str, list[str]] = {}
    for row_id, name in tx.execute(
        "SELECT record_id, sobject FROM _recycle WHERE batch = ? AND purged = 0", (found[0],)
    ).fetchall():
        restored.setdefault(name, []).append(row_id)
    for name, row_ids in restored.items():
        kind = ctx.org.schema.get(name)
        master = ", MasterRecordId = NULL" if "masterrecordid" in kind.fields else ""
        tx.execute(
            f"UPDATE {quoted(name)} SET IsDeleted = 0, SystemModstamp = ?{master} WHERE Id {IN_LIST}",
            (now, id_list(row_ids)),
        )
    tx.execute("DELETE FROM _recycle WHERE batch = ?", (found[0],))
    _relink(tx, found[0], now)
    for name, row_ids in restored.items():
        kind = ctx.org.schema.get(name)
        rows = [
            Row(n, {}, id=i, new=r) for n, (i, r) in enumerate(fetch(tx.connection, kind, row_ids).items())
        ]
        if name == sobject.name:
            fire(ctx, kind, "after undelete", rows)
        rollup.recompute(ctx, tx, kind, rows)
    return DmlResult(record_id, True)


def _relink(tx: Tx, batch: int, now: int) -> None:
    links: list[tuple[Any, ...]] = tx.execute(
        "SELECT sobject, field, child_id, parent_id FROM _unlinked WHERE batch = ?", (batch,)
    ).fetchall()
    for name, field, child_id, parent_id in links:
        tx.execute(
            f"UPDATE {quoted(name)} SET {quoted(field)} = ?, SystemModstamp = ? "
            f"WHERE Id = ? AND {quoted(field)} IS NULL",
            (parent_id, now, child_id),
        )
    tx.execute("DELETE FROM _unlinked WHERE batch = ?", (batch,))


def _refused(record_id: str, error: ApiError) -> DmlResult:
    return DmlResult(record_id, False, None, [error])


def empty_bin(ctx: Context, tx: Tx) -> int:
    """Purge what has been in the recycle bin for too long; returns how many records went."""
    limit = ctx.org.clock.now() - BIN_SECONDS
    due = tx.execute(
        "SELECT record_id, sobject FROM _recycle WHERE purged = 0 AND deleted_at <= ?", (limit,)
    ).fetchall()
    for record_id, name in due:
        tx.execute(f"DELETE FROM {quoted(name)} WHERE Id = ? AND IsDeleted = 1", (record_id,))
    tx.execute("UPDATE _recycle SET purged = 1 WHERE purged = 0 AND deleted_at <= ?", (limit,))
    return len(due)
