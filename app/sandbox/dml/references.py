"""References: lookups by external id, parents that must be there, owners that must be able to own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.dml.checks import folded
from app.sandbox.dml.plan import Plan
from app.sandbox.dml.rows import IN_LIST, Row, id_list
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, SObject
from app.sandbox.store import Tx, quoted


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
    not_owning = _cannot_own(ctx, tx, plan.sobject, parent, state)
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


def _cannot_own(
    ctx: Context, tx: Tx, sobject: SObject, parent: SObject, ids: Iterable[str]
) -> dict[str, ApiError]:
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
        refused = {record_id: error for (record_id,) in found}
        unread = ApiError(
            "TRANSFER_REQUIRES_READ", "The new owner must have read permission", fields=["OwnerId"]
        )
        allows = ctx.org.permissions.allows
        return refused | {user: unread for user in ids if not allows(user, sobject.name, "read")}
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
