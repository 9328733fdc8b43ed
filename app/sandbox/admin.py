"""What an admin does in Setup while the org runs: fields, picklists, rules, record types.

Every function changes the schema, the tables and the stored description in one transaction, so that
a restart finds the org as it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from typing import Any, get_type_hints

import orjson

from app.sandbox import stock, tables, values
from app.sandbox.errors import ApiError
from app.sandbox.metadata import record_type_field
from app.sandbox.org import Org
from app.sandbox.schema import (
    COMPOUND,
    NUMERIC,
    TEXTUAL,
    Field,
    PicklistValue,
    RecordType,
    Schema,
    SObject,
    ValidationRule,
)
from app.sandbox.store import Tx, quoted
from app.sandbox.typed import check

_TYPES = NUMERIC | TEXTUAL | COMPOUND | {"id", "reference", "boolean", "date", "datetime", "time", "base64"}


def dump_schema(schema: Schema) -> bytes:
    """The schema as JSON."""
    return orjson.dumps(list(schema))


def load_schema(schema: Schema, data: bytes) -> None:
    """Replace the content of `schema` by what `dump_schema` wrote."""
    schema.clear()
    for item in orjson.loads(data):
        item["fields"] = {name: _field_of(value) for name, value in item["fields"].items()}
        item["record_types"] = [
            RecordType(**{**r, "picklists": {k: tuple(v) for k, v in r["picklists"].items()}})
            for r in item["record_types"]
        ]
        item["validation_rules"] = [ValidationRule(**rule) for rule in item["validation_rules"]]
        schema.add(SObject(**item))


def field_from(data: Mapping[str, Any]) -> Field:
    """A field from JSON members named as `Field`'s attributes. Raises ApiError for an unknown member."""
    known = {f.name for f in dataclass_fields(Field)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ApiError("INVALID_FIELD", f"A field has no attribute {unknown[0]!r}.")
    check("field", get_type_hints(Field) | {"picklist": list[str | dict[str, Any]]}, data)
    if "name" not in data:
        raise ApiError("INVALID_ACTION", "field: name is missing")
    if data.get("type", "string") not in _TYPES:
        raise ApiError("INVALID_ACTION", f"field: there is no type {data['type']!r}")
    if any(isinstance(entry, dict) and "value" not in entry for entry in data.get("picklist", ())):
        raise ApiError("INVALID_ACTION", "field: an entry of its picklist has no value")
    return _field_of(data)


def _field_of(data: Mapping[str, Any]) -> Field:
    made = dict(data)
    made.setdefault("label", str(made["name"]).removesuffix("__c").replace("_", " "))
    made.setdefault("type", "string")
    made["picklist"] = [
        PicklistValue(v, v)
        if isinstance(v, str)
        else PicklistValue(**{"label": v["value"], **v, "valid_for": tuple(v.get("valid_for", ()))})
        for v in made.get("picklist", ())
    ]
    made["reference_to"] = tuple(made.get("reference_to", ()))
    if made.get("rollup"):
        operation, child, child_field, relation = made["rollup"]
        made["rollup"] = (operation, child, child_field, relation)
    return Field(**made)


def save_schema(org: Org) -> None:
    """Keep the schema over a restart."""
    org.store.set_meta("schema", dump_schema(org.schema))


def _change(org: Org, work: Callable[[Tx], None]) -> None:
    with org.store.write() as tx:
        work(tx)
        org.schema.changed()
        org.described_at = org.clock.now()
        save_schema(org)


def _field(sobject: SObject, name: str) -> Field:
    field = sobject.field_named(name)
    if field is None:
        raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return field


def add_object(org: Org, sobject: SObject) -> None:
    """A new object type with its table."""

    def work(tx: Tx) -> None:
        org.schema.add(sobject)
        tables.create(tx.connection, sobject)

    _change(org, work)


def add_field(org: Org, sobject: SObject, field: Field) -> None:
    """A new field, null in every record. A custom name (`__c`) makes it a custom field."""
    if sobject.field_named(field.name) is not None:
        raise ApiError("DUPLICATE_DEVELOPER_NAME", f"{sobject.name} already has a field {field.name}.")

    def work(tx: Tx) -> None:
        field.custom = field.name.endswith("__c")
        if field.reference_to and not field.relationship:
            field.relationship = field.name[:-1] + "r" if field.custom else field.name.removesuffix("Id")
        tables.add_column(tx.connection, sobject, field)
        sobject.fields[field.name.lower()] = field

    _change(org, work)


def drop_field(org: Org, sobject: SObject, name: str) -> None:
    """Delete a field with its values."""
    field = _field(sobject, name)

    def work(tx: Tx) -> None:
        tables.drop_column(tx.connection, sobject, field)
        del sobject.fields[field.name.lower()]
        org.permissions.dropped(sobject.name, field.name)

    _change(org, work)


def rename_field(org: Org, sobject: SObject, name: str, new_name: str) -> None:
    """Give a field another API name; its values stay."""
    field = _field(sobject, name)
    if sobject.field_named(new_name) is not None:
        raise ApiError("DUPLICATE_DEVELOPER_NAME", f"{sobject.name} already has a field {new_name}.")

    def work(tx: Tx) -> None:
        if field.stored:
            tables.rename_column(tx.connection, sobject, field.name, new_name)
        kept = list(sobject.fields.values())
        field.name = new_name
        sobject.fields.clear()
        sobject.fields.update({f.name.lower(): f for f in kept})
        tables.create_indexes(tx.connection, sobject)
        org.permissions.renamed(sobject.name, name, new_name)

    _change(org, work)


def retype_field(org: Org, sobject: SObject, name: str, **attributes: Any) -> None:
    """Change a field's type, length, scale, nillability …; values that do not fit become null.

    attributes: attributes of `Field`. Raises ApiError for one that does not exist.
    """
    old = _field(sobject, name)
    members = {f.name: getattr(old, f.name) for f in dataclass_fields(Field)} | attributes
    members["picklist"] = attributes.get("picklist") or [
        {"value": v.value, "label": v.label, "active": v.active} for v in old.picklist
    ]
    new = field_from(members)

    def work(tx: Tx) -> None:
        rows = []
        if old.stored:
            table, column = quoted(sobject.name), quoted(old.name)
            rows = tx.execute(f"SELECT Id, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
            tables.drop_column(tx.connection, sobject, old)
        sobject.fields[new.name.lower()] = new
        tables.add_column(tx.connection, sobject, new)
        if new.stored and rows:
            tx.executemany(
                f"UPDATE {quoted(sobject.name)} SET {quoted(new.name)} = ? WHERE Id = ?",
                [(_converted(old, new, raw), record_id) for record_id, raw in rows],
            )

    _change(org, work)


def _converted(old: Field, new: Field, raw: Any) -> Any:
    plain = values.render(old, raw)
    if not isinstance(plain, str | bool) and new.type not in ("double", "currency", "percent", "int"):
        plain = values.csv_text(old, raw)
    if isinstance(plain, str) and new.length:
        plain = plain[: new.length]
    try:
        return values.parse(new, plain)
    except ApiError:
        return None


def set_picklist_value(
    org: Org, sobject: SObject, name: str, value: str, *, active: bool = True, label: str | None = None
) -> None:
    """Activate, add or deactivate one value; records that hold it keep it."""
    field = _field(sobject, name)

    def work(_: Tx) -> None:
        entry = next((v for v in field.picklist if v.value == value), None)
        if entry is None:
            field.picklist.append(PicklistValue(value, label or value, active))
        else:
            entry.active = active
            entry.label = label or entry.label

    _change(org, work)


def set_validation_rule(org: Org, sobject: SObject, rule: ValidationRule) -> None:
    """Add a rule, or replace the one with its name."""

    def work(_: Tx) -> None:
        others = [r for r in sobject.validation_rules if r.name != rule.name]
        sobject.validation_rules = [*others, rule]

    _change(org, work)


def drop_validation_rule(org: Org, sobject: SObject, name: str) -> None:
    """Delete a rule."""

    def work(_: Tx) -> None:
        sobject.validation_rules = [r for r in sobject.validation_rules if r.name != name]

    _change(org, work)


def set_record_type(
    org: Org,
    sobject: SObject,
    developer_name: str,
    *,
    label: str | None = None,
    active: bool = True,
    default: bool = False,
    picklists: Mapping[str, Sequence[str]] | None = None,
) -> RecordType:
    """Add or change a record type; returns it, with its id."""
    made: list[RecordType] = []

    def work(tx: Tx) -> None:
        if "recordtypeid" not in sobject.fields:
            sobject.fields["recordtypeid"] = record_type_field()
            tables.add_column(tx.connection, sobject, sobject.fields["recordtypeid"])
        found = next((r for r in sobject.record_types if r.developer_name == developer_name), None)
        if found is None:
            found = RecordType(org.ids.take(tx.connection, "012")[0], developer_name, label or developer_name)
            sobject.record_types.append(found)
        found.label = label or found.label
        found.active, found.default = active, default
        if picklists is not None:
            found.picklists = {name: tuple(allowed) for name, allowed in picklists.items()}
        if default:
            for other in sobject.record_types:
                other.default = other is found
        mirror_record_type(org, tx, sobject, found)
        made.append(found)

    _change(org, work)
    return made[0]


def mirror_record_type(org: Org, tx: Tx, sobject: SObject, record_type: RecordType) -> None:
    """The row that SOQL shows for a record type."""
    kind = org.schema.find("RecordType")
    if kind is None:
        return
    now = org.clock.now()
    row = {
        "Id": record_type.id,
        "Name": record_type.label,
        "DeveloperName": record_type.developer_name,
        "SobjectType": sobject.name,
        "IsActive": int(record_type.active),
        "IsPersonType": 0,
        "CreatedDate": now,
        "LastModifiedDate": now,
        "SystemModstamp": now,
    }
    known = set(tables.columns(kind))
    kept = {name: value for name, value in row.items() if name in known}
    names = ", ".join(quoted(name) for name in kept)
    marks = ", ".join("?" * len(kept))
    tx.execute(f"INSERT OR REPLACE INTO RecordType ({names}) VALUES ({marks})", list(kept.values()))


def add_features(org: Org) -> None:
    """Give every object the fields that the org's settings call for and it lacks."""
    features = tuple(getattr(org.settings, name) for name in stock.FEATURES)
    if features == org.features:
        return
    org.features = features
    wanted = stock.load(org.profile, org.settings)
    if not list(org.schema):
        return

    def work(tx: Tx) -> None:
        for fresh in wanted:
            present = org.schema.find(fresh.name)
            if present is None:
                org.schema.add(fresh)
                tables.create(tx.connection, fresh)
                continue
            for name, field in fresh.fields.items():
                if name not in present.fields:
                    present.fields[name] = field
                    tables.add_column(tx.connection, present, field)
                    _fill_new(org, tx, present, field)

    _change(org, work)


def _fill_new(org: Org, tx: Tx, sobject: SObject, field: Field) -> None:
    if not field.stored:
        return
    value = {"boolean": 0}.get(field.type, org.settings.currency if field.default == "$Currency" else None)
    if value is not None:
        tx.execute(f"UPDATE {quoted(sobject.name)} SET {quoted(field.name)} = ?", (value,))
