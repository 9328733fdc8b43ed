"""Describe: every object type and every attribute of its fields, as this user sees them."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from app.sandbox import ids
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.records import conditions_of, sobject_of
from app.sandbox.schema import COMPOUND, Field, SObject

_SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
    "time": "xsd:time", "address": "urn:address", "location": "urn:location", "base64": "xsd:base64Binary",
    "anyType": "xsd:anyType",
}  # fmt: skip
MASTER_TYPE = "012000000000000AAA"
_NOT_FILTERED = frozenset({"address", "location", "base64"})
_NOT_GROUPED = frozenset({"double", "currency", "percent", "datetime", "time", "multipicklist"})
_AUTOMATIC = frozenset(
    {"OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"}
)


def all_objects(ctx: Context, request: Request, version: str) -> Response:
    """GET /sobjects: every object type of the org."""
    fresh = _unchanged(ctx, request)
    if fresh is not None:
        return fresh
    listed = [
        summary(ctx, kind) for kind in sorted(ctx.org.schema, key=lambda k: k.name) if ctx.visible(kind)
    ]
    body = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}
    return Response.of(body, 200, _stamped(ctx))


def describe(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """GET /sobjects/X/describe."""
    kind = sobject_of(ctx, sobject)
    fresh = _unchanged(ctx, request)
    if fresh is not None:
        return fresh
    cache = ctx.org.describes
    key = (kind.name, ctx.user_id, version, ctx.org.schema.version, ctx.org.permissions.version)
    body = cache.get(key)
    if body is None:
        if len(cache) > 500:
            cache.clear()
        body = cache[key] = orjson.dumps(described(ctx, kind))
    return Response(200, body, _stamped(ctx))


def _stamped(ctx: Context) -> dict[str, str]:
    from email.utils import formatdate

    return {"Last-Modified": formatdate(ctx.org.described_at, usegmt=True)}


def _unchanged(ctx: Context, request: Request) -> Response | None:
    since = conditions_of(request).if_modified_since
    if since is not None and ctx.org.described_at <= since:
        return Response(304)
    return None


def _urls(ctx: Context, kind: SObject) -> dict[str, str]:
    base = f"/services/data/v{ctx.version}/sobjects/{kind.name}"
    return {"rowTemplate": f"{base}/{{ID}}", "describe": f"{base}/describe", "sobject": base}


def summary(ctx: Context, kind: SObject) -> dict[str, Any]:
    """The entry of an object type in the list of all."""
    allows = ctx.org.permissions.allows
    user = ctx.user_id
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": kind.createable and allows(user, kind.name, "create"),
        "custom": kind.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": kind.deletable and allows(user, kind.name, "delete"),
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": kind.key_prefix,
        "label": kind.label,
        "labelPlural": kind.label_plural,
        "layoutable": kind.createable,
        "mergeable": kind.mergeable,
        "mruEnabled": kind.createable,
        "name": kind.name,
        "queryable": kind.queryable,
        "replicateable": kind.replicateable,
        "retrieveable": True,
        "searchable": kind.createable,
        "triggerable": kind.createable,
        "undeletable": kind.undeletable,
        "updateable": kind.updateable and allows(user, kind.name, "edit"),
        "urls": _urls(ctx, kind),
    }


def described(ctx: Context, kind: SObject) -> dict[str, Any]:
    """The whole description of an object type."""
    fields = [f for f in kind.fields.values() if ctx.can_read(kind, f)]
    return summary(ctx, kind) | {
        "actionOverrides": [],
        "childRelationships": _children(ctx, kind),
        "compactLayoutable": kind.createable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field_attributes(ctx, kind, f) for f in fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(ctx, kind),
        "searchLayoutable": kind.createable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {kind.label_plural}", "name": "everything"}],
    }


def _children(ctx: Context, kind: SObject) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": field.on_parent_delete == "cascade",
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.child_relationship or None,
            "restrictedDelete": field.on_parent_delete == "restrict",
        }
        for child, field in ctx.org.schema.children(kind)
        if ctx.visible(child) and ctx.can_read(child, field)
    ]


def _record_types(ctx: Context, kind: SObject) -> list[dict[str, Any]]:
    base = f"/services/data/v{ctx.version}/sobjects/{kind.name}/describe/layouts"
    has_default = any(r.default for r in kind.record_types)
    infos = [
        {
            "active": r.active,
            "available": r.active,
            "defaultRecordTypeMapping": r.default,
            "developerName": r.developer_name,
            "master": False,
            "name": r.label,
            "recordTypeId": r.id,
            "urls": {"layout": f"{base}/{r.id}"},
        }
        for r in kind.record_types
    ]
    master = {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": not has_default,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_TYPE,
        "urls": {"layout": f"{base}/{MASTER_TYPE}"},
    }
    return [*infos, master]


def field_attributes(ctx: Context, kind: SObject, field: Field) -> dict[str, Any]:
    """Every attribute of one field."""
    numeric = field.type in ("double", "currency", "percent")
    calculated = (field.formula is not None and field.custom) or field.rollup is not None
    writable = field.stored and ctx.can_edit(kind, field)
    filterable = field.type not in _NOT_FILTERED and not (field.type == "textarea" and field.length > 255)
    default = _default(field)
    return {
        "aggregatable": filterable and field.type not in ("boolean", "multipicklist"),
        "aiPredictionField": False,
        "autoNumber": bool(field.auto_number),
        "byteLength": field.length * 3 if field.type not in ("id", "reference") else field.length,
        "calculated": calculated,
        "calculatedFormula": field.formula if field.custom else None,
        "cascadeDelete": field.on_parent_delete == "cascade" and field.custom,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound or None,
        "controllerName": field.controller or None,
        "createable": field.createable and writable,
        "custom": field.custom,
        "defaultValue": default,
        "defaultValueFormula": field.default if field.custom and field.type != "boolean" else None,
        "defaultedOnCreate": field.default is not None or bool(field.auto_number) or field.name in _AUTOMATIC,
        "dependentPicklist": bool(field.controller),
        "deprecatedAndHidden": False,
        "digits": field.precision if field.type == "int" else 0,
        "displayLocationInDecimal": field.type == "location",
        "encrypted": field.type == "encryptedstring",
        "externalId": field.external_id,
        "extraTypeInfo": None,
        "filterable": filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": filterable and field.type not in _NOT_GROUPED,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup,
        "inlineHelpText": field.help or None,
        "label": field.label,
        "length": field.length if not numeric and field.type not in ("int", "boolean") else 0,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": _picklist(ctx, kind, field),
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": field.precision if numeric else 0,
        "queryByDistance": field.type in COMPOUND,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship or None,
        "relationshipOrder": 0 if field.master_detail else None,
        "restrictedDelete": field.on_parent_delete == "restrict",
        "restrictedPicklist": field.restricted,
        "scale": field.scale if numeric else 0,
        "searchPrefilterable": bool(field.reference_to),
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": filterable and field.type != "multipicklist",
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and writable,
        "writeRequiresMasterRead": False,
    }  # fmt: skip


def _default(field: Field) -> Any:
    if field.type == "boolean":
        return (field.default or "").strip().lower() == "true"
    if field.default is None or field.default.startswith("$") or field.custom:
        return None
    return field.default if field.type not in ("picklist", "multipicklist") else None


def _picklist(ctx: Context, kind: SObject, field: Field) -> list[dict[str, Any]]:
    controller = kind.field_named(field.controller) if field.controller else None
    return [
        {
            "active": entry.active,
            "defaultValue": entry.default,
            "label": entry.label,
            "validFor": valid_for(controller, entry.valid_for) if controller else None,
            "value": entry.value,
        }
        for entry in field.picklist
        if entry.active
    ]


def valid_for(controller: Field, values: tuple[str, ...]) -> str | None:
    """The controlling values as the base64 bitmap of a describe: bit n stands for the nth value."""
    order = (
        ["false", "true"]
        if controller.type == "boolean"
        else [entry.value for entry in controller.picklist if entry.active]
    )
    bits = bytearray((len(order) + 7) // 8)
    for place, value in enumerate(order):
        if not values or value in values:
            bits[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bytes(bits)).decode()


def picklist_values(ctx: Context, request: Request, version: str, sobject: str, record_type: str) -> Response:
    """GET /ui-api/object-info/X/picklist-values/{record type}: what each picklist offers there."""
    kind = sobject_of(ctx, sobject)
    wanted = ids.to18(record_type)
    found = next((r for r in kind.record_types if r.id == wanted), None)
    if found is None and wanted != MASTER_TYPE:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    fields: dict[str, Any] = {}
    for field in kind.fields.values():
        if field.type not in ("picklist", "multipicklist") or not ctx.can_read(kind, field):
            continue
        allowed = found.picklists.get(field.name) if found else None
        base = f"/services/data/v{version}/ui-api/object-info/{kind.name}/picklist-values/{wanted}"
        controller = kind.field_named(field.controller) if field.controller else None
        order = [e.value for e in controller.picklist if e.active] if controller else []
        fields[field.name] = {
            "controllerValues": {value: place for place, value in enumerate(order)},
            "defaultValue": None,
            "url": f"{base}/{field.name}",
            "values": [
                {
                    "attributes": None,
                    "label": e.label,
                    "validFor": [order.index(v) for v in e.valid_for if v in order],
                    "value": e.value,
                }
                for e in field.picklist
                if e.active and (allowed is None or e.value in allowed)
            ],
        }
    return Response.of({"picklistFieldValues": fields})


_BASE = "/services/data/<version>"
ROUTES = [
    Route("GET", f"{_BASE}/sobjects", all_objects),
    Route("GET", f"{_BASE}/sobjects/<sobject>/describe", describe),
    Route("GET", f"{_BASE}/ui-api/object-info/<sobject>/picklist-values/<record_type>", picklist_values),
]
