"""Duplicate rules and unique fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml.checks import folded, live
from app.sandbox.dml.plan import Plan
from app.sandbox.dml.rows import IN_LIST, Row, id_list
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, SObject
from app.sandbox.store import Tx, quoted


def check_duplicates(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Duplicate rules: `block` always refuses; `alert` refuses unless the caller's header allows saving."""
    for rule in ctx.org.settings.duplicate_rules:
        if str(rule["object"]).lower() != sobject.name.lower() or not rule.get("active", True):
            continue
        action = rule.get("action", "block")
        if action == "allow" or (action == "alert" and ctx.allow_duplicates) or ctx.system:
            continue
        fields = [f for name in rule["fields"] if (f := sobject.field_named(name)) is not None]
        # records of one call are not compared with each other
        mine = {row.id for row in rows if row.old is None}
        for row in live(rows):
            _check_duplicate(tx, sobject, row, rule, fields, action, mine)


def _check_duplicate(
    tx: Tx,
    sobject: SObject,
    row: Row,
    rule: Mapping[str, Any],
    fields: Sequence[Field],
    action: str,
    mine: set[str],
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
            f"SELECT Id FROM {quoted(sobject.name)} WHERE {where} AND IsDeleted = 0 AND Id <> ?",
            [*values_, row.id],
        )
        if found not in mine
    ]
    if matches:
        row.error = _duplicates_detected(sobject, rule, matches[:5], action)


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
