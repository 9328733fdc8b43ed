"""What `columns=true` adds to an answer: the columns of the result, described."""

from __future__ import annotations

from typing import Any

from app.sandbox.schema import COMPOUND, NUMERIC, Field
from app.sandbox.soql.plan import Output, Plan

_APEX = {
    "id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "double": "Double",
    "currency": "Double", "percent": "Double", "date": "Date", "datetime": "Datetime", "time": "Time",
    "address": "Address", "location": "Location",
}  # fmt: skip


def column_metadata(plan: Plan) -> dict[str, Any]:
    """The members that stand beside `records`."""
    top: list[dict[str, Any]] = []
    for output in plan.outputs:
        level = top
        for name in output.path[:-1]:
            found = next((entry for entry in level if entry["columnName"] == name), None)
            if found is None:
                found = _entry(name, Field(name, name, "reference")) | {"apexType": None, "textType": False}
                level.append(found)
            level = found["joinColumns"]
        level.append(_entry(output.path[-1], output.field, output))
    for child in plan.children:
        inner = column_metadata(child)
        name = child.query.entity.rpartition(".")[2]
        entry = _entry(name, Field(name, name, "reference")) | {"apexType": None, "textType": False}
        top.append(entry | {"aggregate": True, "joinColumns": inner["columnMetadata"]})
    return {
        "columnMetadata": top,
        "entityName": plan.sobject.name,
        "groupBy": bool(plan.query.group_by),
        "idSelected": any(output.path == ("Id",) for output in plan.outputs),
        "keyPrefix": plan.sobject.key_prefix,
    }


def _entry(name: str, field: Field, output: Output | None = None) -> dict[str, Any]:
    numeric, boolean = field.type in NUMERIC, field.type == "boolean"
    return {
        "aggregate": bool(output and output.aggregate),
        "apexType": _APEX.get(field.type, "String"),
        "booleanType": boolean,
        "columnName": name,
        "custom": field.custom,
        "displayName": name,
        "foreignKeyName": field.name if field.type == "reference" and output else None,
        "insertable": bool(output and field.createable and not output.aggregate),
        "joinColumns": [],
        "numberType": numeric,
        "textType": not numeric and not boolean and field.type not in COMPOUND | {"date", "datetime", "time"},
        "updatable": bool(output and field.updateable and not output.aggregate),
    }
