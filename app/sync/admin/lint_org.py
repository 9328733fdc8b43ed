"""The mappings beside the org's own description: what it lacks, hides, or would refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.salesforce.capabilities import OrgCapabilities
from app.salesforce.describe import ObjectDescribe
from app.sync.admin.lint import Report
from app.sync.admin.lint_filter import filter_fields
from app.sync.mapping.fields import FieldMapping, LookupMapping
from app.sync.mapping.guards import Capabilities, Guard, own_field
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.reader import Document, Fault, Path
from app.sync.org_capabilities import capabilities, restricted_values

#: Type in a mapping → types in a description.
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset(
        {"string", "textarea", "email", "phone", "url", "encryptedstring", "combobox", "time", "anyType"}
    ),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime"}),
    "int": frozenset({"int", "long", "double"}),
    "decimal": frozenset({"double", "currency", "percent", "int", "long"}),
    "id": frozenset({"id", "reference"}),
    "picklist": frozenset({"picklist", "combobox"}),
    "multipicklist": frozenset({"multipicklist"}),
}
_SPELLINGS: Final = {
    "currency": "decimal({scale})",
    "percent": "decimal({scale})",
    "double": "decimal({scale})",
    "long": "int",
    "reference": "id",
}


def check_org(report: Report, org: OrgCapabilities) -> Report:
    """The report with what the org adds to it. Needs a report without faults; otherwise it stays as it is."""
    if report.mappings is None:
        return report
    report.org = able = capabilities(org)
    _, skipped = report.mappings.for_org(able)
    report.notes += [f"{s.part}: {s.because}" for s in skipped]
    for o in report.mappings.objects:
        if o.when is None or o.when.holds(able):
            report.faults += _object(report.documents[o.sobject], o, org.objects.get(o.sobject), able)
    report.faults = sorted(set(report.faults))
    return report


def _object(
    document: Document, o: ObjectMapping, described: ObjectDescribe | None, able: Capabilities
) -> Iterator[Fault]:
    if described is None:
        yield document.fault(
            ("object",),
            f"The org has no object {o.sobject}, or Tandem's user may not see it.",
            "Assign the permission set Tandem_Integration, or guard the mapping with "
            f"`when: {{object: {o.sobject}}}`.",
        )
        return
    yield from _policies(document, o, described)
    yield from _external_id(document, o, described)
    for index, f in enumerate(o.fields):
        if _applies(f.when, able):
            yield from _field(document, ("fields", index), o, f, described, able)
    for index, lookup in enumerate(o.lookups):
        if _applies(lookup.when, able):
            yield from _lookup(document, ("lookups", index), o, lookup, described)
    yield from _required(document, o, described, able)
    yield from _record_types(document, o, described)
    if o.filter:
        yield from filter_fields(document, o, o.filter, described)


def _applies(when: Guard | None, able: Capabilities) -> bool:
    return when is None or when.holds(able)


def _policies(document: Document, o: ObjectMapping, described: ObjectDescribe) -> Iterator[Fault]:
    for key, wanted, able, done in (
        ("create", o.create in {"both", "out"}, "createable", "created"),
        ("update", o.update in {"both", "out"} and bool(o.outbound), "updateable", "updated"),
        ("delete", o.delete_out == "delete", "deletable", "deleted"),
    ):
        if wanted and not described.raw.get(able, True):
            yield document.fault(
                (key,),
                f"Tandem's user may not have {o.sobject} records {done}.",
                "Assign the permission set Tandem_Integration, or let this go inwards only.",
            )


def _external_id(document: Document, o: ObjectMapping, described: ObjectDescribe) -> Iterator[Fault]:
    if not o.external_id:
        return
    found = described.field(o.external_id)
    if found is None:
        yield _missing(document, ("external_id",), o, o.external_id)
    elif o.create in {"both", "out"} and not (found.get("externalId") and found.get("unique")):
        yield document.fault(
            ("external_id",),
            f"{o.sobject}.{o.external_id} is not both External ID and Unique, so a repeated create could "
            "make a second record.",
            "Tick both at the field in Setup, or deploy sfdx/force-app.",
        )


def _missing(document: Document, path: Path, o: ObjectMapping, name: str) -> Fault:
    optional = " or write `optional: true` here" if path and path[0] in {"fields", "lookups"} else ""
    how = "Deploy sfdx/force-app and assign" if name.endswith("__c") else "Assign"
    return document.fault(
        path,
        f"The org has no field {o.sobject}.{name}, or Tandem's user may not see it.",
        f"{how} the permission set Tandem_Integration,{optional or ' or correct the name'}.",
    )


def _field(
    document: Document,
    path: Path,
    o: ObjectMapping,
    f: FieldMapping,
    described: ObjectDescribe,
    able: Capabilities,
) -> Iterator[Fault]:
    found = described.field(own_field(f.sf))
    if found is None:
        yield _missing(document, (*path, "sf"), o, f.sf)
        return
    if "." in f.sf:
        return
    yield from _spelling(document, path, o, f.sf, found)
    kind, scale = str(found["type"]), int(found.get("scale") or 0)
    if kind in {"address", "location"}:
        yield document.fault(
            (*path, "sf"), f"{o.sobject}.{f.sf} is a compound field.", "Map its parts, one field each."
        )
        return
    if kind not in _TYPES[f.sf_type] or (kind == "double" and f.sf_type == "int" and scale):
        right = _SPELLINGS.get(kind, kind if kind in _TYPES else "string").format(scale=scale)
        yield document.fault(
            (*path, "type"),
            f"{o.sobject}.{f.sf} is {kind} in the org and {f.sf_type} here.",
            f"Write `type: {right}`.",
        )
    elif f.sf_type == "decimal" and (f.scale < scale or (f.outbound and f.scale != scale)):
        yield document.fault(
            (*path, "type"),
            f"{o.sobject}.{f.sf} keeps {scale} decimals in the org and {f.scale} here, so figures would "
            "change on the way.",
            f"Write `type: decimal({scale})`.",
        )
    if f.outbound:
        yield from _writable(document, path, o, f.sf, found)
    yield from _picklist(document, path, o, f, found)
    if f.inbound and f.refresh and not found.get("calculated"):
        yield document.fault(
            (*path, "refresh"), f"{o.sobject}.{f.sf} is no formula.", "Take `refresh: true` out."
        )


def _spelling(
    document: Document, path: Path, o: ObjectMapping, name: str, found: Mapping[str, Any]
) -> Iterator[Fault]:
    if found["name"] != name:
        yield document.fault(
            (*path, "sf"), f"The org spells {o.sobject}.{name} as {found['name']}.", "Use its spelling."
        )


def _writable(
    document: Document, path: Path, o: ObjectMapping, name: str, found: Mapping[str, Any]
) -> Iterator[Fault]:
    if found.get("calculated") or found.get("autoNumber"):
        what = "a formula" if found.get("calculated") else "numbered by the org"
        yield document.fault(
            (*path, "sf"), f"{o.sobject}.{name} is {what} and cannot be written.", "Write `direction: in`."
        )
        return
    lacks = []
    if o.create in {"both", "out"} and not found.get("createable"):
        lacks.append("set when a record is created")
    if o.update in {"both", "out"} and not found.get("updateable"):
        lacks.append("changed afterwards")
    if lacks:
        yield document.fault(
            (*path, "sf"),
            f"{o.sobject}.{name} cannot be {' or '.join(lacks)} by Tandem's user.",
            "Give the user edit access (permission set Tandem_Integration), or write `direction: in`.",
        )


def _picklist(
    document: Document, path: Path, o: ObjectMapping, f: FieldMapping, found: Mapping[str, Any]
) -> Iterator[Fault]:
    offered = restricted_values(found)
    if offered is None:
        return
    index = path[1]
    assert isinstance(index, int)
    part = document.model.fields[index]
    named: list[tuple[str, str]] = [("values", value) for value in part.values or {}]
    named += [("on_picklist_miss", value) for value in f.picklist_map.values()]
    if f.picklist_default is not None:
        named.append(("picklist_default", f.picklist_default))
    for key, value in named:
        if value not in offered:
            yield document.fault(
                (*path, key),
                f"{o.sobject}.{f.sf} does not offer {value!r} in the org.",
                f"It offers {', '.join(sorted(offered)) or 'nothing'}.",
            )


def _lookup(
    document: Document, path: Path, o: ObjectMapping, lookup: LookupMapping, described: ObjectDescribe
) -> Iterator[Fault]:
    found = described.field(lookup.sf)
    if found is None:
        yield _missing(document, (*path, "sf"), o, lookup.sf)
        return
    yield from _spelling(document, path, o, lookup.sf, found)
    targets = found.get("referenceTo") or []
    wrong = [name for name in lookup.objects if name not in targets]
    if wrong:
        where = f"points to {' or '.join(targets)}" if targets else "is no reference"
        yield document.fault(
            (*path, "object"),
            f"{o.sobject}.{lookup.sf} {where}, not to {' or '.join(wrong)}.",
            "Correct the object." if targets else "Map it under `fields`.",
        )
        return
    relationship = found.get("relationshipName")
    if lookup.outbound and relationship and relationship != lookup.relationship:
        yield document.fault(
            (*path, "relationship"),
            f"The relationship of {o.sobject}.{lookup.sf} is {relationship} in the org.",
            f"Write `relationship: {relationship}`.",
        )
    if lookup.outbound:
        yield from _writable(document, path, o, lookup.sf, found)


def _required(
    document: Document, o: ObjectMapping, described: ObjectDescribe, able: Capabilities
) -> Iterator[Fault]:
    if o.create not in {"both", "out"}:
        return
    written = {part.sf for part in o.parts if part.outbound and _applies(part.when, able)}
    for name, found in described.fields.items():
        if (
            found.get("createable")
            and not found.get("nillable", True)
            and not found.get("defaultedOnCreate")
            and found.get("type") != "boolean"
            and name not in written
            and name not in {o.external_id, "OwnerId"}
        ):
            yield document.fault(
                ("fields",),
                f"New {o.sobject} records need {name}, and no field writes it.",
                f"Map {name}, or write `create: in`.",
            )


def _record_types(document: Document, o: ObjectMapping, described: ObjectDescribe) -> Iterator[Fault]:
    known = {info.get("developerName") for info in described.raw.get("recordTypeInfos") or ()}
    for index, name in enumerate(o.record_types):
        if name not in known:
            yield document.fault(
                ("record_types", index),
                f"{o.sobject} has no record type {name}, or Tandem's user may not use it.",
                "Use the developer name that Setup shows, and assign the record type to the user's profile.",
            )
