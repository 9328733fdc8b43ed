"""What a record must satisfy: picklists, required fields, references, rules, uniqueness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.dml.plan import Plan
from app.sandbox.dml.rows import IN_LIST, Row, id_list
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, RecordType, SObject
from app.sandbox.store import Tx, quoted


def live(rows: Iterable[Row]) -> list[Row]:
    """The rows that nothing has refused yet."""
    return [row for row in rows if row.error is None]


def resolve_parents(
    ctx: Context,
    tx: Tx,
    sobject: SObject,
    nested: Sequence[tuple[Row, Sequence[tuple[Field, Mapping[str, Any]]]]],
) -> None:
    """Turn `{"Account": {"Tandem_Id__c": "x"}}` into AccountId, one query for each kind of lookup."""
    wanted: dict[tuple[str, str, str], list[tuple[Row, Any]]] = {}
    for row, parents in nested:
        for field, given in parents:
            try:
                key, value = _lookup(ctx, field, given)
            except ApiError as error:
                row.error = row.error or error
                continue
            wanted.setdefault((field.name, *key), []).append((row, value))
    for (field_name, parent_name, ext_name), uses in wanted.items():
        parent = ctx.org.schema.get(parent_name)
        ext = parent.fields[ext_name.lower()]
        found: dict[Any, list[str]] = {}
        cursor = tx.execute(
            f"SELECT {quoted(ext.name)}, Id FROM {quoted(parent.name)} "
            f"WHERE {quoted(ext.name)} {IN_LIST} AND IsDeleted = 0",
            (id_list({value for _, value in uses}),),
        )
        for value, record_id in cursor:
            found.setdefault(folded(ext, value), []).append(record_id)
        for row, value in uses:
            matches = found.get(folded(ext, value), [])
            if len(matches) == 1:
                row.values[field_name] = matches[0]
            elif matches:
                row.fail(
                    "INVALID_FIELD",
                    f"More than one record found for external id field: [{', '.join(matches)}]",
                )
            else:
                row.fail(
                    "INVALID_FIELD",
                    f"Foreign key external ID: {value} not found for field {ext.name} "
                    f"in entity {parent.name}",
                )


def _lookup(ctx: Context, field: Field, given: Mapping[str, Any]) -> tuple[tuple[str, str], Any]:
    names = [key for key in given if key != "attributes"]
    attributes = given.get("attributes")
    wanted = attributes.get("type") if isinstance(attributes, Mapping) else None
    if len(names) != 1:
        raise ApiError("INVALID_FIELD", f"{field.relationship}: name one external ID field of the parent.")
    targets = [wanted] if wanted in field.reference_to else field.reference_to
    for target in targets:
        parent = ctx.org.schema.find(target)
        ext = parent.field_named(names[0]) if parent else None
        if parent is None or ext is None:
            continue
        if not (ext.external_id or ext.id_lookup):
            break
        return (parent.name, ext.name), values.parse(ext, given[names[0]])
    raise ApiError(
        "INVALID_FIELD",
        f"Foreign key reference '{field.relationship}.{names[0]}' does not name an external ID field.",
    )


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


def check_references(ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row]) -> None:
    """Every id that is set must name a live record of a type the field may point at."""
    schema = ctx.org.schema
    uses: dict[str, list[tuple[Row, Field, str]]] = {}
    for field in plan.references:
        for row in rows:
            if row.error is not None or (field.name not in row.values and field.name not in row.extra):
                continue
            value = row.new.get(field.name)
            if value is None or (row.old is not None and row.old.get(field.name) == value):
                continue
            parent = schema.by_prefix(value)
            if parent is None or parent.name not in field.reference_to:
                if field.reference_to:
                    row.fail(
                        "FIELD_INTEGRITY_EXCEPTION",
                        f"{field.label}: id value of incorrect type: {value}",
                        field.name,
                    )
                continue
            if parent.name == "RecordType":
                continue
            uses.setdefault(parent.name, []).append((row, field, value))
    for parent_name, asked in uses.items():
        _check_parents(ctx, tx, plan, schema.get(parent_name), asked)


def _check_parents(
    ctx: Context, tx: Tx, plan: Plan, parent: SObject, asked: Sequence[tuple[Row, Field, str]]
) -> None:
    state = dict(
        tx.execute(
            f"SELECT Id, IsDeleted FROM {quoted(parent.name)} WHERE Id {IN_LIST}",
            (id_list({value for _, _, value in asked}),),
        ).fetchall()
    )
    inactive = _inactive_users(tx, parent, state)
    not_owning = _cannot_own(tx, plan.sobject, parent, state)
    for row, field, value in asked:
        if value not in state:
            if field.name == "OwnerId":
                row.fail("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.name)
            else:
                row.fail(
                    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                    f"insufficient access rights on cross-reference id: {value}",
                )
        elif state[value]:
            row.fail("ENTITY_IS_DELETED", "entity is deleted")
        elif field.name == "OwnerId" and value in inactive:
            row.fail(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{value}] as owner of {plan.sobject.label.lower()}",
                field.name,
            )
        elif field.name == "OwnerId" and value in not_owning:
            row.error = row.error or not_owning[value]


def _cannot_own(tx: Tx, sobject: SObject, parent: SObject, ids: Iterable[str]) -> dict[str, ApiError]:
    """Owners of the right type that cannot own this kind of record, and why."""
    if parent.name == "User" and "usertype" in parent.fields:
        found = tx.execute(
            "SELECT Id FROM User WHERE UserType IN ('CsnOnly', 'Guest', 'AutomatedProcess') "
            f"AND Id {IN_LIST}",
            (id_list(ids),),
        )
        error = ApiError(
            "OP_WITH_INVALID_USER_TYPE_EXCEPTION",
            "Operation not valid for this user type",
            fields=["OwnerId"],
        )
        return {record_id: error for (record_id,) in found}
    if parent.name == "Group" and "type" in parent.fields:
        found = tx.execute(
            f"SELECT g.Id FROM {quoted('Group')} g WHERE g.Id {IN_LIST} AND (g.Type <> 'Queue' OR NOT EXISTS "
            "(SELECT 1 FROM QueueSobject q WHERE q.QueueId = g.Id AND q.SobjectType = ? "
            "AND q.IsDeleted = 0))",
            (id_list(ids), sobject.name),
        )
        error = ApiError(
            "INVALID_OPERATION", "Queue not associated with this SObject type", fields=["OwnerId"]
        )
        return {record_id: error for (record_id,) in found}
    return {}


def _inactive_users(tx: Tx, parent: SObject, ids: Iterable[str]) -> set[str]:
    if parent.name != "User" or "isactive" not in parent.fields:
        return set()
    found = tx.execute(f"SELECT Id FROM User WHERE IsActive = 0 AND Id {IN_LIST}", (id_list(ids),))
    return {record_id for (record_id,) in found}


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
    for rule in rules:
        for record_id in compile_formula(ctx, sobject, rule.formula).true_for(by_id):
            row = by_id[record_id]
            row.error = row.error or ApiError(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                rule.message,
                fields=[rule.error_field] if rule.error_field else [],
            )


def check_duplicates(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Duplicate rules: `block` always refuses; `alert` refuses unless the caller's header allows saving."""
    for rule in ctx.org.settings.duplicate_rules:
        if str(rule["object"]).lower() != sobject.name.lower() or not rule.get("active", True):
            continue
        action = rule.get("action", "block")
        if action == "allow" or (action == "alert" and ctx.allow_duplicates) or ctx.system:
            continue
        fields = [f for name in rule["fields"] if (f := sobject.field_named(name)) is not None]
        for row in live(rows):
            _check_duplicate(tx, sobject, row, rule, fields, action)


def _check_duplicate(
    tx: Tx, sobject: SObject, row: Row, rule: Mapping[str, Any], fields: Sequence[Field], action: str
) -> None:
    values_ = [row.new.get(f.name) for f in fields]
    if not fields or any(v is None for v in values_):
        return
    if row.old is not None and all(row.old.get(f.name) == v for f, v in zip(fields, values_, strict=True)):
        return
    where = " AND ".join(f"{quoted(f.name)} = ?" for f in fields)
    matches = [
        found
        for (found,) in tx.execute(
            f"SELECT Id FROM {quoted(sobject.name)} WHERE {where} AND IsDeleted = 0 AND Id <> ? LIMIT 5",
            [*values_, row.id],
        )
    ]
    if matches:
        row.error = _duplicates_detected(sobject, rule, matches, action)


def _duplicates_detected(
    sobject: SObject, rule: Mapping[str, Any], matches: Sequence[str], action: str
) -> ApiError:
    name = str(rule.get("name", f"Standard_{sobject.name}_Duplicate_Rule"))
    message = str(rule.get("message", "Use one of these records?"))
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": sobject.name}, "Id": match},
        }
        for match in matches
    ]
    outcome = {
        "allowSave": action == "alert",
        "duplicateRule": name,
        "duplicateRuleEntityType": sobject.name,
        "errorMessage": message,
        "matchResults": [
            {
                "entityType": sobject.name,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": records,
                "rule": name,
                "size": len(records),
                "success": True,
            }
        ],
    }
    # real orgs misspell this member; clients read it as it is
    return ApiError("DUPLICATES_DETECTED", message, fields=[], extra={"duplicateResut": outcome})


def check_unique(tx: Tx, plan: Plan, rows: Sequence[Row]) -> None:
    """Unique fields, against live rows and the rows before this one in the same call."""
    for field in plan.unique:
        name = field.name
        mine: dict[Any, list[Row]] = {}
        for row in rows:
            if row.error is None and (row.old is None or name in row.values or name in row.extra):
                value = row.new.get(name)
                if value is not None and (row.old is None or row.old.get(name) != value):
                    mine.setdefault(folded(field, value), []).append(row)
        if not mine:
            continue
        index = quoted(name)
        cursor = tx.execute(
            f"SELECT {index}, Id FROM {quoted(plan.sobject.name)} WHERE {index} {IN_LIST} AND IsDeleted = 0",
            (id_list({r.new[name] for group in mine.values() for r in group}),),
        )
        taken: dict[Any, list[str]] = {}
        for value, record_id in cursor:
            taken.setdefault(folded(field, value), []).append(record_id)
        for value, group in mine.items():
            own = {row.id for row in group}
            holder = next((i for i in taken.get(value, ()) if i not in own), None)
            for row in group:
                if holder is not None:
                    row.fail(
                        "DUPLICATE_VALUE",
                        f"duplicate value found: {name} duplicates value on record with id: {holder}",
                        name,
                    )
                else:
                    holder = row.id
