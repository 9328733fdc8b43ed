"""Reads a Salesforce project (`force-app/**`) into a schema, as a deployment puts it into an org.

Understood: custom objects and fields, record types, validation rules, lead conversion mappings, and what
permission sets grant on fields. Page layouts and code change nothing that an API client sees of a record,
and are passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from app.sandbox import ids
from app.sandbox.schema import (
    Field,
    PicklistValue,
    RecordType,
    Schema,
    SObject,
    ValidationRule,
)
from app.sandbox.stock import system_fields

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "EncryptedText": "encryptedstring",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Checkbox": "boolean",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Time": "time",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "AutoNumber": "string",
    "Summary": "double",
    "Location": "location",
}
_LENGTHS = {"Email": 80, "Phone": 40, "Url": 255, "TextArea": 255, "Picklist": 255, "AutoNumber": 30}
_DELETE = {"Cascade": "cascade", "Restrict": "restrict", "SetNull": "null"}


class _Element:
    """One XML element, read by the local names of its children."""

    def __init__(self, node: ElementTree.Element) -> None:
        self._node = node

    def text(self, name: str, default: str = "") -> str:
        found = self._node.findtext(_NAMESPACE + name)
        return default if found is None else found.strip()

    def flag(self, name: str) -> bool:
        return self.text(name).lower() == "true"

    def number(self, name: str, default: int = 0) -> int:
        return int(self.text(name) or default)

    def child(self, name: str) -> _Element | None:
        found = self._node.find(_NAMESPACE + name)
        return None if found is None else _Element(found)

    def children(self, name: str) -> Iterable[_Element]:
        return [_Element(node) for node in self._node.findall(_NAMESPACE + name)]


def _read(path: Path) -> _Element:
    try:
        return _Element(ElementTree.parse(path).getroot())  # noqa: S314 the project's own source
    except ElementTree.ParseError as error:
        raise ValueError(f"{path}: not well-formed XML: {error}") from error


def deploy(schema: Schema, project: Path, *, multi_currency: bool = False) -> list[dict[str, str]]:
    """Add everything under `project` to the schema; returns the lead conversion mappings.

    Each mapping is {"from": lead field, "object": target, "to": target field}. Raises ValueError with
    the file's name for metadata that does not fit the schema.
    """
    for path in sorted(project.rglob("*.object-meta.xml")):
        _object(schema, path, multi_currency)
    fields = sorted(project.rglob("*.field-meta.xml"))
    for path in fields:
        sobject = _owner(schema, path)
        field = _field(_read(path), path)
        if field.name.endswith("__c"):
            sobject.fields[field.name.lower()] = field
    for sobject in schema:
        for field in sobject.fields.values():
            if field.rollup is not None and field.custom:
                _settle_summary(schema, sobject, field)
    for path in sorted(project.rglob("*.recordType-meta.xml")):
        _record_type(_owner(schema, path), _read(path))
    for path in sorted(project.rglob("*.validationRule-meta.xml")):
        rule = _read(path)
        _owner(schema, path).validation_rules.append(
            ValidationRule(
                rule.text("fullName"),
                rule.text("errorConditionFormula"),
                rule.text("errorMessage"),
                rule.text("errorDisplayField"),
                rule.flag("active"),
            )
        )
    schema.changed()
    return [
        {
            "from": pair.text("inputField"),
            "object": mapping.text("outputObject"),
            "to": pair.text("outputField"),
        }
        for path in sorted(project.rglob("*.LeadConvertSetting-meta.xml"))
        for mapping in _read(path).children("objectMapping")
        for pair in mapping.children("mappingFields")
    ]


def field_permissions(project: Path) -> dict[str, dict[tuple[str, str], tuple[bool, bool]]]:
    """What each permission set under `project` grants: (object, field) in lower case → (read, edit)."""
    found: dict[str, dict[tuple[str, str], tuple[bool, bool]]] = {}
    for path in sorted(project.rglob("*.permissionset-meta.xml")):
        granted = found.setdefault(path.name.removesuffix(".permissionset-meta.xml"), {})
        for entry in _read(path).children("fieldPermissions"):
            sobject, _, field = entry.text("field").lower().partition(".")
            granted[sobject, field] = (entry.flag("readable"), entry.flag("editable"))
    return found


def deployed_fields(schema: Schema, project: Path) -> list[tuple[str, str]]:
    """(object, field) in lower case of every field under `project` that a permission set must grant."""
    return [
        (sobject.name.lower(), field.name.lower())
        for path in sorted(project.rglob("*.field-meta.xml"))
        for sobject in [_owner(schema, path)]
        for field in [sobject.field_named(path.name.removesuffix(".field-meta.xml"))]
        if field is not None and field.custom and field.permissionable
    ]


def _owner(schema: Schema, path: Path) -> SObject:
    name = path.parent.parent.name
    found = schema.find(name)
    if found is None:
        raise ValueError(f"{path}: there is no object {name} in this org.")
    return found


def _object(schema: Schema, path: Path, multi_currency: bool) -> None:
    name = path.name.removesuffix(".object-meta.xml")
    if not name.endswith("__c") or schema.find(name) is not None:
        return
    source = _read(path)
    customs = sum(1 for sobject in schema if sobject.custom)
    detail = any(_read(p).text("type") == "MasterDetail" for p in path.parent.glob("fields/*.xml"))
    fields = {f.name.lower(): f for f in system_fields(owner=not detail, multi_currency=multi_currency)}
    name_source = source.child("nameField")
    label = name_source.text("label", "Name") if name_source else "Name"
    named = Field("Name", label, "string", length=80, name_field=True, id_lookup=True, permissionable=False)
    if name_source and name_source.text("type") == "AutoNumber":
        named.auto_number = name_source.text("displayFormat", "{0}")
        named.createable = named.updateable = False
    fields = {"id": fields.pop("id"), "name": named, **fields}
    schema.add(
        SObject(
            name,
            source.text("label", name),
            source.text("pluralLabel", name),
            "a" + ids.base62(customs, 2),
            fields,
            custom=True,
        )
    )
    approvals = schema.find("ProcessInstance")
    if approvals is not None:  # a record of any object may go through an approval process
        target = approvals.fields["targetobjectid"]
        target.reference_to = (*target.reference_to, name)


def _field(source: _Element, path: Path) -> Field:
    kind = source.text("type")
    if kind not in _TYPES:
        raise ValueError(f"{path}: fields of type {kind!r} are not known.")
    name = source.text("fullName")
    field = Field(name, source.text("label", name), _TYPES[kind], custom=True)
    field.length = source.number("length", _LENGTHS.get(kind, 0))
    field.precision, field.scale = source.number("precision"), source.number("scale")
    field.nillable = not source.flag("required") and kind not in ("Checkbox", "MasterDetail")
    field.permissionable = field.nillable
    field.external_id = field.id_lookup = source.flag("externalId")
    field.unique = source.flag("unique")
    field.case_sensitive = source.flag("caseSensitive")
    field.history = source.flag("trackHistory")
    field.help = source.text("inlineHelpText")
    field.default = source.text("defaultValue") or ("false" if kind == "Checkbox" else None)
    if kind in ("Lookup", "MasterDetail"):
        _reference(field, source, kind)
    if kind in ("Picklist", "MultiselectPicklist"):
        _picklist(field, source)
    if kind == "AutoNumber":
        field.auto_number = source.text("displayFormat", "{0}")
        field.createable = field.updateable = False
    if kind == "Summary":
        operation = {"count": "COUNT", "sum": "SUM", "min": "MIN", "max": "MAX"}[
            source.text("summaryOperation")
        ]
        if source.child("summaryFilterItems") is not None:
            raise ValueError(f"{path}: summaries with a filter are not supported.")
        child, _, link = source.text("summaryForeignKey").partition(".")
        field.rollup = (operation, child, source.text("summarizedField").partition(".")[2], link)
        field.precision, field.scale = 18, field.scale
        field.createable = field.updateable = False
    if source.text("formula"):
        field.formula = source.text("formula")
        field.createable = field.updateable = False
        field.length = field.length or (1300 if kind == "Text" else 0)
    return field


def _settle_summary(schema: Schema, sobject: SObject, field: Field) -> None:
    """A summary has the type and the decimals of what it sums up."""
    assert field.rollup is not None
    operation, child_name, source_name, link = field.rollup
    child = schema.find(child_name)
    if child is None or child.field_named(link) is None:
        raise ValueError(f"{sobject.name}.{field.name}: {child_name}.{link} is not in this org.")
    source = child.field_named(source_name) if source_name else None
    if operation == "COUNT":
        return
    if source is None:
        raise ValueError(f"{sobject.name}.{field.name}: {child_name}.{source_name} is not in this org.")
    field.type, field.precision, field.scale = source.type, 18, source.scale


def _reference(field: Field, source: _Element, kind: str) -> None:
    field.length = 18
    field.reference_to = (source.text("referenceTo"),)
    field.relationship = field.name[:-1] + "r"
    children = source.text("relationshipName")
    field.child_relationship = f"{children}__r" if children else ""
    field.master_detail = kind == "MasterDetail"
    field.on_parent_delete = (
        "cascade" if field.master_detail else _DELETE.get(source.text("deleteConstraint"), "null")
    )
    if field.master_detail and not source.flag("reparentableMasterDetail"):
        field.updateable = False


def _picklist(field: Field, source: _Element) -> None:
    values = source.child("valueSet")
    if values is None:
        return
    field.restricted = values.flag("restricted")
    field.controller = values.text("controllingField")
    allowed: dict[str, list[str]] = {}
    for setting in values.children("valueSettings"):
        allowed.setdefault(setting.text("valueName"), []).append(setting.text("controllingFieldValue"))
    definition = values.child("valueSetDefinition")
    for value in definition.children("value") if definition else ():
        name = value.text("fullName")
        field.picklist.append(
            PicklistValue(
                name,
                value.text("label", name),
                value.text("isActive", "true").lower() != "false",
                value.flag("default"),
                tuple(allowed.get(name, ())),
            )
        )
        if value.flag("default"):
            field.default = name


def record_type_field() -> Field:
    """The field that an object with record types has."""
    return Field(
        "RecordTypeId",
        "Record Type ID",
        "reference",
        length=18,
        reference_to=("RecordType",),
        relationship="RecordType",
        permissionable=False,
    )


def _record_type(sobject: SObject, source: _Element) -> None:
    name = source.text("fullName")
    sobject.fields.setdefault("recordtypeid", record_type_field())
    number = int.from_bytes(hashlib.sha256(f"{sobject.name}.{name}".encode()).digest()[:5], "big")
    id15 = "012" + ids.base62(number, 12)
    sobject.record_types.append(
        RecordType(
            id15 + ids.checksum(id15),
            name,
            source.text("label", name),
            source.flag("active"),
            not sobject.record_types,
            {
                entry.text("picklist"): tuple(value.text("fullName") for value in entry.children("values"))
                for entry in source.children("picklistValues")
            },
        )
    )
