"""What a record must satisfy: picklists, required fields, locks, validation rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.dml.plan import Plan
from app.sandbox.dml.rows import Row
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, RecordType, SObject
from app.sandbox.store import Tx


def live(rows: Iterable[Row]) -> list[Row]:
    """The rows that nothing has refused yet."""
    return [row for row in rows if row.error is None]


def folded(field: Field, value: Any) -> Any:
    """The value as uniqueness compares it: without case unless the field minds it."""
    return value.lower() if isinstance(value, str) and not field.case_sensitive else value


def check_picklists(ctx: Context, plan: Plan, rows: Sequence[Row]) -> None:
    """Record type, and the values it allows."""
    sobject = plan.sobject
    if "recordtypeid" not in sobject.fields or not sobject.record_types:
        for row in rows:
            if row.values.get("RecordTypeId"):
                _bad_record_type(ctx, row)
        return
    by_id = {r.id: r for r in sobject.record_types if r.active}
    for row in live(rows):
        chosen = row.values.get("RecordTypeId")
        if chosen is not None and chosen not in by_id:
            _bad_record_type(ctx, row)
            continue
        record_type = by_id.get(row.new.get("RecordTypeId") or "")
        if record_type is not None and record_type.picklists:
            _check_narrowed(sobject, row, record_type)


def _bad_record_type(ctx: Context, row: Row) -> None:
    row.fail(
        "INVALID_CROSS_REFERENCE_KEY",
        f"Record Type ID: this ID value isn't valid for the user: {row.values['RecordTypeId']}",
        "RecordTypeId",
    )


def _check_narrowed(sobject: SObject, row: Row, record_type: RecordType) -> None:
    changed = set(row.values) | row.extra
    for name, allowed in record_type.picklists.items():
        field = sobject.field_named(name)
        if field is None or not field.restricted or field.name not in changed:
            continue
        value = row.new.get(field.name)
        if value is None:
            continue
        parts = value.split(";") if field.type == "multipicklist" else [value]
        for part in parts:
            if part not in allowed:
                row.error = row.error or values.bad_picklist_value(field, part)


def check_required(plan: Plan, rows: Sequence[Row]) -> None:
    """REQUIRED_FIELD_MISSING names every missing field at once."""
    for row in rows:
        if row.error is not None:
            continue
        if row.old is None:
            missing = [f.name for f in plan.required if row.new.get(f.name) is None]
        else:
            touched = plan.required_names.intersection(row.values) | (plan.required_names & row.extra)
            missing = [f.name for f in plan.required if f.name in touched and row.new.get(f.name) is None]
        if missing:
            row.fail(
                "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", *missing
            )


def check_locks(ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row], operation: str) -> None:
    """Rows held by another transaction, records locked by an approval, and faults set for this object."""
    row_fault = ctx.org.faults.row_check(operation, plan.sobject.name)
    if row_fault is not None:
        for row in live(rows):
            row.error = row_fault({"Id": row.id} | row.values) or row.error
    now = ctx.org.clock.now()
    held = dict(
        tx.execute(
            "SELECT record_id, kind FROM _lock WHERE until IS NULL OR until > ? ORDER BY kind DESC", (now,)
        ).fetchall()
    )
    if not held:
        return
    for row in live(rows):
        if held.get(row.id) == "approval" and not ctx.system:
            row.fail(
                "ENTITY_IS_LOCKED",
                "the entity is locked for editing; it is in an approval process",
            )
            continue
        touched = [row.id] if row.id else []
        touched += [v for f in plan.references if (v := row.new.get(f.name)) and f.name in row.values]
        if row.old is None:
            touched += [v for f in plan.references if (v := row.values.get(f.name))]
        blocked = next((record_id for record_id in touched if held.get(record_id) == "row"), None)
        if blocked:
            row.fail(
                "UNABLE_TO_LOCK_ROW",
                f"unable to obtain exclusive access to this record or 1 records: {blocked}",
            )


def check_rules(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Validation rules, evaluated by SQLite on the rows as they are saved."""
    rules = [rule for rule in sobject.validation_rules if rule.active]
    if not rules or not rows:
        return
    from app.sandbox.formula import compile_formula

    by_id = {row.id: row for row in rows}
    before = {row.id: row.old for row in rows}
    for rule in rules:
        for record_id in compile_formula(ctx, sobject, rule.formula).true_for(by_id, before):
            row = by_id[record_id]
            row.error = row.error or ApiError(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                rule.message,
                fields=[rule.error_field] if rule.error_field else [],
            )
