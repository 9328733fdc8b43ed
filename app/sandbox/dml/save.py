"""Insert and update: the pipeline every saved record goes through, in the order a real org has.

permissions and types → picklists of the record type → required → locks → before-triggers → references
→ written → validation rules → duplicate rules → unique → after-triggers → roll-ups
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.sandbox import ids
from app.sandbox.context import Context
from app.sandbox.dml import checks, derived, duplicates, references, rollup
from app.sandbox.dml.conditions import check_condition
from app.sandbox.dml.plan import Plan, plan_for
from app.sandbox.dml.rows import Row, fetch, insert_rows, restore_rows, update_rows
from app.sandbox.dml.types import Conditions, DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.hooks import MAX_DEPTH, HookRecord, Trigger
from app.sandbox.schema import Field, SObject
from app.sandbox.store import Tx

#: triggers see this many records at a time, as in a real org
TRIGGER_CHUNK = 200
#: without triggers, so many rows go through in one pass
PLAIN_CHUNK = 10_000

_STAMPS = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")
Record = Mapping[str, Any]


class HookFailed(Exception):
    """A trigger raised while it worked on several records: they are tried again one by one."""

    def __init__(self, error: ApiError) -> None:
        self.error = error
        super().__init__(str(error))


def check_object(ctx: Context, sobject: SObject, right: str) -> None:
    """Whether this user may create, edit or delete records of the type at all. Raises ApiError."""
    allowed, verb = {
        "create": (sobject.createable, "inserted"),
        "edit": (sobject.updateable, "updated"),
        "delete": (sobject.deletable, "deleted"),
    }[right]
    if ctx.system:
        return
    if not allowed:
        raise ApiError(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            f"entity type cannot be {verb}: {sobject.label}",
        )
    if not ctx.org.permissions.allows(ctx.user_id, sobject.name, right):
        raise ApiError(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
            status=403,
        )


def save(
    ctx: Context,
    tx: Tx,
    sobject: SObject,
    operation: str,
    records: Sequence[Record],
    *,
    conditions: Conditions | None = None,
) -> list[DmlResult]:
    """Save records (`insert` or `update`) chunk by chunk; each fails or succeeds on its own."""
    try:
        check_object(ctx, sobject, "create" if operation == "insert" else "edit")
    except ApiError as error:
        return [DmlResult(ids.normalize(r.get("Id")), False, None, [error]) for r in records]
    plan = plan_for(ctx, sobject, operation)
    chunk = TRIGGER_CHUNK if ctx.org.hooks.any(sobject.name, operation) else PLAIN_CHUNK
    results: list[DmlResult] = []
    for start in range(0, len(records), chunk):
        results += _save_chunk(ctx, tx, plan, records[start : start + chunk], conditions)
    return results


def _save_chunk(
    ctx: Context, tx: Tx, plan: Plan, records: Sequence[Record], conditions: Conditions | None
) -> list[DmlResult]:
    try:
        with tx.savepoint():
            return _pipeline(ctx, tx, plan, records, conditions)
    except HookFailed as failure:
        if len(records) > 1:
            found: list[DmlResult] = []
            for record in records:
                found += _save_chunk(ctx, tx, plan, [record], conditions)
            return found
        return [DmlResult(ids.normalize(records[0].get("Id")), False, None, [failure.error])]


def _pipeline(
    ctx: Context, tx: Tx, plan: Plan, records: Sequence[Record], conditions: Conditions | None
) -> list[DmlResult]:
    sobject = plan.sobject
    rows = _parse(ctx, tx, plan, records)
    if plan.operation == "insert":
        _prepare_insert(ctx, tx, plan, rows)
    else:
        _prepare_update(ctx, tx, plan, rows, conditions)
    rows_live = checks.live(rows)
    derived.before(ctx, tx, plan, rows_live)
    checks.check_picklists(ctx, plan, rows_live)
    checks.check_required(plan, rows_live)
    checks.check_locks(ctx, tx, plan, rows_live, plan.operation)
    rows_live = checks.live(rows_live)
    if ctx.org.hooks.any(sobject.name, plan.operation):
        fire(ctx, sobject, f"before {plan.operation}", rows_live)
        checks.check_required(plan, rows_live)
    references.check_references(ctx, tx, plan, rows_live)
    rows_live = checks.live(rows_live)
    _stamp(ctx, sobject, rows_live, plan.operation)
    if plan.operation == "insert":
        _number(ctx, tx, plan, rows_live)
        insert_rows(tx.connection, sobject, rows_live)
    else:
        update_rows(tx.connection, sobject, rows_live, _stamps_of(sobject))
    rows_live = _check_saved(ctx, tx, plan, rows_live)
    if plan.operation == "insert":
        for row in rows:
            if row.error is not None:
                row.id = ""
    if rows_live:
        derived.after(ctx, tx, plan, rows_live)
        if ctx.org.hooks.any(sobject.name, plan.operation):
            fire(ctx, sobject, f"after {plan.operation}", rows_live)
        rollup.recompute(ctx, tx, sobject, rows_live)
        rollup.reconvert(ctx, tx, sobject, rows_live)
    return [row.result() for row in rows]


def _check_saved(ctx: Context, tx: Tx, plan: Plan, rows: list[Row]) -> list[Row]:
    """Check rows as they lie in the table, take back those that are refused, and return the others."""

    def without_refused(rows: list[Row]) -> list[Row]:
        refused = [row for row in rows if row.error is not None]
        restore_rows(tx.connection, plan.sobject, refused)
        return checks.live(rows) if refused else rows

    checks.check_rules(ctx, tx, plan.sobject, rows)
    rows = without_refused(rows)
    duplicates.check_duplicates(ctx, tx, plan.sobject, rows)
    rows = without_refused(rows)
    while True:
        # a row that is taken back may take its old value back from one that was good before
        duplicates.check_unique(tx, plan, rows)
        left = without_refused(rows)
        if len(left) == len(rows):
            return rows
        rows = left


def _parse(ctx: Context, tx: Tx, plan: Plan, records: Sequence[Record]) -> list[Row]:
    rows: list[Row] = []
    nested: list[tuple[Row, Sequence[tuple[Field, Record]]]] = []
    for index, record in enumerate(records):
        try:
            found, parents = plan.read(record)
        except ApiError as error:
            rows.append(Row(index, {}, error=error))
            continue
        row = Row(index, found)
        if plan.operation == "update":
            _identify(row, record)
        if parents:
            nested.append((row, parents))
        rows.append(row)
    if nested:
        references.resolve_parents(ctx, tx, plan.sobject, nested)
    return rows


def _identify(row: Row, record: Record) -> None:
    given = next((value for key, value in record.items() if key.lower() == "id"), None)
    found = ids.normalize(given)
    if found is not None:
        row.id = found
    elif given in (None, ""):
        row.fail("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
    else:
        row.fail("MALFORMED_ID", f"malformed id {given}", "Id")


def _prepare_insert(ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row]) -> None:
    alive = checks.live(rows)
    made = _new_ids(ctx, tx, plan.sobject, len(alive))
    default_type = next((r.id for r in plan.sobject.record_types if r.default and r.active), None)
    has_types = "recordtypeid" in plan.sobject.fields
    defaults = [
        (name, _special(ctx, tx, value) if value in ("$User", "$Currency") else value)
        for name, value in plan.defaults
    ]
    for row, record_id in zip(alive, made, strict=True):
        row.id = record_id
        new = dict(defaults)
        new.update(row.values)
        for name, value in defaults:
            if new[name] is None and name == "OwnerId":
                new[name] = value
        new["Id"], new["IsDeleted"] = record_id, 0
        if has_types and new.get("RecordTypeId") is None:
            new["RecordTypeId"] = default_type
        row.new = new


def _new_ids(ctx: Context, tx: Tx, sobject: SObject, count: int) -> list[str]:
    if ctx.reserved_ids:
        return [ctx.reserved_ids.pop(0) for _ in range(count)]
    made = ctx.org.ids.take(tx.connection, sobject.key_prefix, count)
    if ctx.issued_ids is not None:
        ctx.issued_ids += made
    return made


def _special(ctx: Context, tx: Tx, name: str) -> str | None:
    if name == "$User":
        return ctx.user_id or None
    user = ctx.org.schema.find("User")
    if user is not None and "defaultcurrencyisocode" in user.fields:
        found = tx.execute("SELECT DefaultCurrencyIsoCode FROM User WHERE Id = ?", (ctx.user_id,)).fetchone()
        if found and found[0]:
            return str(found[0])
    return ctx.org.settings.currency


def _number(ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row]) -> None:
    for field in plan.auto_numbers:
        name = f"{plan.sobject.name}.{field.name}"
        found = tx.execute("SELECT next FROM _sequence WHERE name = ?", (name,)).fetchone()
        number = found[0] if found else 1
        for row in rows:
            if row.new.get(field.name) is None:
                row.new[field.name] = numbered(field.auto_number, number)
                number += 1
        tx.execute("INSERT OR REPLACE INTO _sequence (name, next) VALUES (?, ?)", (name, number))


def numbered(pattern: str, number: int) -> str:
    """An auto-number: `DR-{0000}` and 7 give `DR-0007`."""
    start, brace, rest = pattern.partition("{")
    digits, _, end = rest.partition("}")
    return f"{start}{number:0{len(digits)}d}{end}" if brace else f"{pattern}{number}"


def _prepare_update(
    ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row], conditions: Conditions | None
) -> None:
    sobject = plan.sobject
    stored = fetch(tx.connection, sobject, [row.id for row in rows if row.error is None])
    seen: set[str] = set()
    for row in rows:
        if row.error is not None:
            continue
        old = stored.get(row.id)
        if old is None:
            row.error = missing_record(sobject, row.id)
        elif old["IsDeleted"]:
            row.fail("ENTITY_IS_DELETED", "entity is deleted")
        elif row.id in seen:
            row.fail("DUPLICATE_VALUE", f"Duplicate id specified: {row.id}", "Id")
        else:
            if conditions:
                check_condition(conditions, sobject, old)
            seen.add(row.id)
            row.old = old
            row.new = {**old, **row.values}


def missing_record(sobject: SObject, record_id: str) -> ApiError:
    """The refusal of an id that names no record of this type."""
    if record_id[:3] != sobject.key_prefix:
        message = f"{sobject.label} ID: id value of incorrect type: {record_id}"
        return ApiError("MALFORMED_ID", message, fields=["Id"])
    return unknown_record()


def unknown_record() -> ApiError:
    """The refusal of an id that names nothing."""
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404, fields=[])


def _stamps_of(sobject: SObject) -> list[str]:
    return [name for name in _STAMPS if name == "SystemModstamp" or name.lower() in sobject.fields]


def _stamp(ctx: Context, sobject: SObject, rows: Sequence[Row], operation: str) -> None:
    now, user_id = ctx.now(), ctx.user_id or None
    fields = sobject.fields
    stamps: dict[str, Any] = {"SystemModstamp": now}
    if "lastmodifieddate" in fields:
        stamps["LastModifiedDate"] = now
    if "lastmodifiedbyid" in fields:
        stamps["LastModifiedById"] = user_id
    if operation == "insert":
        if "createddate" in fields:
            stamps["CreatedDate"] = now
        if "createdbyid" in fields:
            stamps["CreatedById"] = user_id
    for row in rows:
        row.new.update(stamps)
        if ctx.system and not row.values.keys().isdisjoint(stamps):
            row.new.update({k: v for k, v in row.values.items() if k in stamps and v is not None})


def fire(ctx: Context, sobject: SObject, event: str, rows: Sequence[Row]) -> None:
    """Run the triggers of an event. Raises HookFailed when one of them raised or refused a saved record."""
    hooks = ctx.org.hooks.of(sobject.name, event)
    if not hooks or not rows:
        return
    if ctx.depth >= MAX_DEPTH:
        message = f"{sobject.name}: execution of {event} caused by: maximum trigger depth exceeded"
        raise HookFailed(ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=[]))
    frozen = event.startswith("after") or event.endswith("delete")
    new = [HookRecord(sobject, row.new, frozen=frozen) for row in rows]
    old = [HookRecord(sobject, row.old, frozen=True) if row.old is not None else None for row in rows]
    trigger = Trigger(ctx.nested(), sobject, new, old)
    for hook in hooks:
        try:
            hook(trigger)
        except ApiError as error:
            raise HookFailed(error) from error
        except Exception as error:
            message = f"{hook.__name__}: execution of {event} caused by: {type(error).__name__}: {error}"
            refusal = ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=[])
            raise HookFailed(refusal) from error
    for row, record in zip(rows, new, strict=True):
        row.extra |= record.changed
        row.error = row.error or record.error
        if record.error is not None and event.startswith("after"):
            raise HookFailed(record.error)
