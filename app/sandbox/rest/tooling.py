"""`/tooling/query`: what the org knows of its own objects, fields and validation rules, as SOQL.

EntityDefinition, FieldDefinition and ValidationRule can be asked; every other object of the Tooling API is
refused as an object that the org does not have.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from app.sandbox import tables
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.ids import base62, checksum
from app.sandbox.org import Org
from app.sandbox.rest.query import run_query
from app.sandbox.schema import Field, SObject
from app.sandbox.soql.parser import parse
from app.sandbox.store import quoted

_DATA_TYPES = {
    "string": "Text({length})",
    "textarea": "Long Text Area({length})",
    "boolean": "Checkbox",
    "double": "Number({whole}, {scale})",
    "int": "Number({whole}, {scale})",
    "currency": "Currency({whole}, {scale})",
    "percent": "Percent({whole}, {scale})",
    "date": "Date",
    "datetime": "Date/Time",
    "time": "Time",
    "email": "Email",
    "phone": "Phone",
    "url": "URL({length})",
    "picklist": "Picklist",
    "multipicklist": "Picklist (Multi-Select)",
    "address": "Address",
    "location": "Geolocation",
    "id": "Lookup()",
}
#: fields are only listed object by object
_ONE_OBJECT = re.compile(r"\bWHERE\b.*\b(EntityDefinition|EntityDefinitionId|DurableId)\b", re.I | re.S)
_LOCK = threading.Lock()
#: org → (version of its schema, the org that holds the definitions as rows)
_KNOWN: WeakKeyDictionary[Org, tuple[int, Org]] = WeakKeyDictionary()


def query(ctx: Context, request: Request, version: str) -> Response:
    """GET /tooling/query?q=…"""
    text = request.parameter("q")
    if text is None:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    if parse(text).entity.lower() == "fielddefinition" and not _ONE_OBJECT.search(text):
        message = "A filter on a reified column is required [EntityDefinitionId,DurableId]"
        raise ApiError("EXTERNAL_OBJECT_EXCEPTION", message)
    return run_query(replace(ctx, org=_definitions(ctx.org), system=True), text)


def _definitions(org: Org) -> Org:
    with _LOCK:
        version, found = _KNOWN.get(org, (-1, None))
        if found is None:
            directory = org.directory / "tooling"
            directory.mkdir(exist_ok=True)
            found = Org(directory, profile=org.profile, seed=org.seed)
            found.faults = org.faults
            found.clock, found.settings = org.clock, org.settings
        if version != org.schema.version:
            _fill(found, list(org.schema))
            _KNOWN[org] = (org.schema.version, found)
        return found


def _fill(into: Org, sobjects: Sequence[SObject]) -> None:
    into.schema.clear()
    with into.store.write() as tx:
        for kind, rows in _content(sobjects):
            tx.execute(f"DROP TABLE IF EXISTS {quoted(kind.name)}")
            into.schema.add(kind)
            tables.create(tx.connection, kind)
            if not rows:
                continue
            names = [*rows[0], "IsDeleted", "SystemModstamp"]
            tx.executemany(
                f"INSERT INTO {quoted(kind.name)} ({', '.join(map(quoted, names))}) "
                f"VALUES ({', '.join('?' * len(names))})",
                [(*row.values(), 0, 0) for row in rows],
            )


def _content(sobjects: Sequence[SObject]) -> list[tuple[SObject, list[dict[str, Any]]]]:
    entities: list[dict[str, Any]] = []
    fields: list[dict[str, Any]] = []
    rules: list[dict[str, Any]] = []
    for sobject in sobjects:
        entities.append(_entity(sobject))
        fields += [_field(sobject, field) for field in sobject.fields.values()]
        for rule in sobject.validation_rules:
            id15 = "03d" + base62(len(rules) + 1, 12)
            rules.append(
                {
                    "Id": id15 + checksum(id15),
                    "ValidationName": rule.name,
                    "Active": int(rule.active),
                    "ErrorDisplayField": rule.error_field or None,
                    "ErrorMessage": rule.message,
                    "EntityDefinitionId": sobject.name,
                }
            )
    return [
        (_kind("EntityDefinition", "4ie", "DurableId", _entity(sobjects[0])), entities),
        (_kind("FieldDefinition", "4fe", "DurableId", fields[0]), fields),
        (_kind("ValidationRule", "03d", "", dict.fromkeys(_RULE, "") | {"Active": 0}), rules),
    ]


_RULE = ("Id", "ValidationName", "Active", "ErrorDisplayField", "ErrorMessage", "EntityDefinitionId")
_NUMBERS = frozenset({"Length", "Precision", "Scale"})


def _kind(name: str, prefix: str, key: str, example: dict[str, Any]) -> SObject:
    """The object type of such rows: whole numbers are checkboxes unless they count something."""
    made: dict[str, Field] = {}
    for column, value in example.items():
        if column == "Id" and key:
            continue  # definitions have a durable id instead
        kind = "id" if column == "Id" else "string"
        if isinstance(value, int):
            kind = "int" if column in _NUMBERS else "boolean"
        field = Field(column, column, kind, length=0 if kind != "string" else 255, permissionable=False)
        if column == "EntityDefinitionId":
            field.reference_to, field.relationship = ("EntityDefinition",), "EntityDefinition"
            field.case_sensitive = True
        made[column.lower()] = field
    return SObject(name, name, name, prefix, made, createable=False, updateable=False, deletable=False)


def _entity(sobject: SObject) -> dict[str, Any]:
    return {
        "Id": sobject.name,
        "DurableId": sobject.name,
        "QualifiedApiName": sobject.name,
        "DeveloperName": sobject.name.removesuffix("__c"),
        "Label": sobject.label,
        "PluralLabel": sobject.label_plural,
        "KeyPrefix": sobject.key_prefix,
        "NamespacePrefix": None,
        "IsQueryable": int(sobject.queryable),
        "IsCustomizable": int(sobject.createable and sobject.updateable),
    }


def _field(sobject: SObject, field: Field) -> dict[str, Any]:
    return {
        "Id": f"{sobject.name}.{field.name}",
        "DurableId": f"{sobject.name}.{field.name}",
        "QualifiedApiName": field.name,
        "DeveloperName": field.name.removesuffix("__c"),
        "Label": field.label,
        "DataType": _data_type(field),
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "NamespacePrefix": None,
        "IsNillable": int(field.nillable),
        "IsCalculated": int(field.formula is not None),
        "IsNameField": int(field.name_field),
        "IsIndexed": int(field.type == "id" or tables.indexed(field)),
        "EntityDefinitionId": sobject.name,
    }


def _data_type(field: Field) -> str:
    if field.reference_to:
        return f"{'Master-Detail' if field.master_detail else 'Lookup'}({','.join(field.reference_to)})"
    if field.auto_number:
        return "Auto Number"
    whole = max(field.precision - field.scale, 0)
    shown = _DATA_TYPES.get(field.type, "Text({length})").format(
        length=field.length, whole=whole, scale=field.scale
    )
    return f"Formula ({shown.partition('(')[0]})" if field.formula is not None else shown


ROUTES = [Route("GET", "/services/data/<version>/tooling/query", query)]
