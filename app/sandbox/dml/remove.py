"""Deleting, the recycle bin, and coming back out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
    return _batches(tx, 1)[0]


def _batches(tx: Tx, count: int) -> range:
    found = tx.execute("SELECT next FROM _sequence WHERE name = 'delete batch'").fetchone()
    first = int(found[0]) if found else 1
    tx.execute("INSERT OR REPLACE INTO _sequence (name, next) VALUES ('delete batch', ?)", (first + count,))
    return range(first, first + count)


def delete(ctx: Context, tx: Tx, sobject: SObject, given: Sequence[str], *, hard: bool) -> list[DmlResult]:
    """Delete records of one type, each with what hangs on it."""
    try:
        check_object(ctx, sobject, "delete")
    except ApiError as error:
        return [DmlResult(record_id, False, None, [error]) for record_id in given]
    plan = plan_for(ctx, sobject, "update")
    stored = fetch(tx.connection, sobject, given)
    rows: list[Row] = []
    seen: set[str] = set()
    for index, record_id in enumerate(given):
        row = Row(index, {}, id=record_id)
        old = stored.get(record_id)
        if old is None:
            row.error = missing_record(sobject, record_id)
        elif (old["IsDeleted"] and not hard) or record_id in seen:
            row.fail("ENTITY_IS_DELETED", "entity is deleted")
        else:
            seen.add(record_id)
            row.old = row.new = old
        rows.append(row)
    check_locks(ctx, tx, plan, live(rows), "delete")
    fire(ctx, sobject, "before delete", live(rows))
    fallout = _fallout(ctx, tx, sobject, [row.id for row in live(rows)])
    for row in live(rows):
        row.error = fallout.blocked.get(row.id)
    _carry_out(ctx, tx, fallout, {row.id for row in live(rows)}, hard=hard)
    fire(ctx, sobject, "after delete", live(rows))
    rollup.recompute(ctx, tx, sobject, live(rows))
    return [row.result() for row in rows]


@dataclass(slots=True)
class _Fallout:
    """What a deletion brings about. Every row and link knows the root: the record that was asked for."""

    #: object name → record id → root
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    #: (child object, reference field, child id, parent id, root) of lookups to be emptied
    links: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    #: root → why it cannot go
    blocked: dict[str, ApiError] = field(default_factory=dict)


def _fallout(ctx: Context, tx: Tx, sobject: SObject, given: Sequence[str]) -> _Fallout:
    """Follow every reference to the records, level by level; changes nothing."""
    found = _Fallout({sobject.name: {record_id: record_id for record_id in given}})
    waiting = [(sobject, dict(found.rows[sobject.name]))]
    while waiting:
        parent, roots = waiting.pop(0)
        for child, reference in ctx.org.schema.children(parent):
            if not _matters(child, reference):
                continue
            cursor = tx.execute(
                f"SELECT Id, {quoted(reference.name)} FROM {quoted(child.name)} "
                f"WHERE {quoted(reference.name)} {IN_LIST} AND IsDeleted = 0 ORDER BY Id",
                (id_list(roots),),
            )
            taken = found.rows.setdefault(child.name, {})
            further: dict[str, str] = {}
            for child_id, parent_id in cursor.fetchall():
                root = roots[parent_id]
                if reference.on_parent_delete == "restrict":
                    found.blocked.setdefault(root, _blocked(parent, child, child_id))
                elif reference.on_parent_delete == "cascade":
                    if child_id not in taken:
                        taken[child_id] = further[child_id] = root
                else:
                    found.links.append((child.name, reference.name, child_id, parent_id, root))
            if further:
                waiting.append((child, further))
    return found


def _matters(child: SObject, reference: Field) -> bool:
    """Whether a reference is followed. What a converted lead became stays, as a name of the past."""
    if not reference.stored or reference.name in (
        "CreatedById",
        "LastModifiedById",
        "OwnerId",
        "MasterRecordId",
    ):
        return False
    return not (child.name == "Lead" and reference.name.startswith("Converted"))


def _blocked(parent: SObject, child: SObject, child_id: str) -> ApiError:
    return ApiError(
        "DELETE_FAILED",
        f"Your attempt to delete {parent.label} could not be completed because it is associated "
        f"with the following {child.label_plural}: {child_id}",
    )


def _carry_out(ctx: Context, tx: Tx, fallout: _Fallout, roots: set[str], *, hard: bool) -> None:
    """Delete what hangs on these roots and empty the lookups at them."""
    now = ctx.now()
    batches = dict(zip(sorted(roots), _batches(tx, len(roots)), strict=True))
    for name, found in fallout.rows.items():
        kind = ctx.org.schema.get(name)
        going = {record_id: root for record_id, root in found.items() if root in roots}
        if not going:
            continue
        if name == "PermissionSetAssignment":
            tx.after_commit(ctx.org.permissions.reassigned)
        purge = hard or not kind.soft_delete
        before = fetch(tx.connection, kind, list(going)) if rollup.summaries(ctx.org.schema, kind) else {}
        if purge:
            tx.execute(f"DELETE FROM {quoted(name)} WHERE Id {IN_LIST}", (id_list(going),))
        else:
            tx.execute(
                f"UPDATE {quoted(name)} SET IsDeleted = 1, SystemModstamp = ? WHERE Id {IN_LIST}",
                (now, id_list(going)),
            )
        tx.executemany(
            "INSERT OR REPLACE INTO _recycle (record_id, sobject, deleted_at, batch, purged) "
            "VALUES (?, ?, ?, ?, ?)",
            [(record_id, name, now, batches[root], int(purge)) for record_id, root in going.items()],
        )
        rollup.recompute(ctx, tx, kind, [Row(0, {}, id=i, old=row, new=row) for i, row in before.items()])
    for name, column, child_id, parent_id, root in fallout.links:
        if root not in roots or child_id in fallout.rows.get(name, {}):
            continue
        tx.execute(
            "INSERT INTO _unlinked (batch, sobject, field, child_id, parent_id) VALUES (?, ?, ?, ?, ?)",
            (batches[root], name, column, child_id, parent_id),
        )
        tx.execute(
            f"UPDATE {quoted(name)} SET {quoted(column)} = NULL, SystemModstamp = ? WHERE Id = ?",
            (now, child_id),
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
    row_fault = ctx.org.faults.row_check("undelete", sobject.name)
    refused = row_fault({"Id": record_id}) if row_fault else None
    if refused is not None:
        return _refused(record_id, refused)
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
        _drop_dead_links(ctx, tx, ctx.org.schema.get(name), row_ids)
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
    for name, column, child_id, parent_id in links:
        tx.execute(
            f"UPDATE {quoted(name)} SET {quoted(column)} = ?, SystemModstamp = ? "
            f"WHERE Id = ? AND {quoted(column)} IS NULL",
            (parent_id, now, child_id),
        )
    tx.execute("DELETE FROM _unlinked WHERE batch = ?", (batch,))


def _drop_dead_links(ctx: Context, tx: Tx, kind: SObject, row_ids: Sequence[str]) -> None:
    """Empty lookups of restored records at parents that are gone; they come back with the parent."""
    restored = id_list(row_ids)
    for reference in kind.fields.values():
        if not reference.reference_to or not _matters(kind, reference):
            continue
        column = quoted(reference.name)
        for parent_name in reference.reference_to:
            parent = ctx.org.schema.find(parent_name)
            if parent is None:
                continue
            dead = tx.execute(
                f"SELECT c.Id, c.{column}, r.batch FROM {quoted(kind.name)} c "
                f"LEFT JOIN {quoted(parent.name)} p ON p.Id = c.{column} "
                f"LEFT JOIN _recycle r ON r.record_id = c.{column} AND r.purged = 0 "
                f"WHERE c.Id {IN_LIST} AND substr(c.{column}, 1, 3) = ? AND COALESCE(p.IsDeleted, 1) = 1",
                (restored, parent.key_prefix),
            ).fetchall()
            tx.executemany(
                f"UPDATE {quoted(kind.name)} SET {column} = NULL WHERE Id = ?",
                [(child_id,) for child_id, _, _ in dead],
            )
            tx.executemany(
                "INSERT INTO _unlinked (batch, sobject, field, child_id, parent_id) VALUES (?, ?, ?, ?, ?)",
                [
                    (batch, kind.name, reference.name, child_id, parent_id)
                    for child_id, parent_id, batch in dead
                    if batch is not None
                ],
            )


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
