"""The mappings beside the metadata: what they read and write is there, fits, and is granted to Tandem's user.

The org asked is the one that these sources make, seen with the permission set `Tandem_Integration`. The
questions are those of `tandem mappings lint`; what only the sources know comes on top: digits, lengths,
rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Numeric

import app.crm.models  # noqa: F401 the tables that mappings may name
from app.db import Base
from app.salesforce.capabilities import FUND_OBJECTS, PARTNER_OBJECTS, OrgCapabilities
from app.salesforce.describe import ObjectDescribe
from app.sandbox import metadata
from app.sandbox.schema import COMPOUND, Field, SObject
from app.sync.admin.lint import LocalColumn, Tables, local_tables
from app.sync.admin.lint import check as check_files
from app.sync.admin.lint_org import check_org
from app.sync.mapping.fields import FieldMapping
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.reader import Document, Fault
from app.sync.mapping.sets import MappingSet
from app.sync.mapping_store import read_files
from sfdx.checks.findings import Finding
from sfdx.checks.sources import Project

INTEGRATION = "Tandem_Integration"
#: A UUID as text: what an external id has to hold.
ID_LENGTH = 36
#: Fields that the org fills in when nobody does.
_AUTOMATIC = frozenset({"OwnerId", "CurrencyIsoCode"})

#: Many orgs lack these, and would refuse a permission set that names them.
_SOME_ORGS = frozenset({*PARTNER_OBJECTS, *FUND_OBJECTS})
#: Whoever sees a person sees the name.
_NAMES = frozenset({"FirstName", "MiddleName", "LastName", "Suffix", "Salutation"})

Granted = Mapping[tuple[str, str], tuple[bool, bool]]


def check(project: Path, mappings: Path | None = None) -> list[Finding]:
    """Every mapping that asks for more than the sources give. mappings: their folder, beside the project."""
    sources = Project(project)
    folder = mappings or project.parent / "mappings"
    tables = local_tables(Base.metadata)
    report = check_files(read_files(folder), tables)
    granted = metadata.field_permissions(sources.source).get(INTEGRATION, {})
    faults = list(check_org(report, org(sources, granted)).faults)
    if report.mappings is not None:
        faults += _fits(sources, report.mappings, report.documents, tables)
    found = [
        Finding(f"../{folder.name}/{fault.file}", fault.line, fault.what, fault.remedy)
        for fault in sorted(set(faults))
    ]
    mapped = report.mappings.objects if report.mappings else ()
    return [*found, *_rights(sources, mapped), *_required_and_granted(sources)]


def org(sources: Project, granted: Granted) -> OrgCapabilities:
    """An org with every feature, as the integration user sees it."""
    objects = {sobject.name: _described(sobject, granted) for sobject in sources.schema}
    return OrgCapabilities(
        org_id="",
        name="",
        edition="",
        is_sandbox=False,
        api_version="",
        names=frozenset(objects),
        objects=objects,
        multi_currency=True,
        person_accounts=True,
        state_country_picklists=True,
        approvals=True,
    )


def _described(sobject: SObject, granted: Granted) -> ObjectDescribe:
    fields = {}
    for field in sobject.fields.values():
        read, edit = _may(sobject, field, granted)
        if read:
            fields[field.name] = _shown(field, edit)
    raw = {"createable": sobject.createable, "updateable": sobject.updateable, "deletable": sobject.deletable}
    infos = [{"developerName": found.developer_name} for found in sobject.record_types]
    return ObjectDescribe(sobject.name, raw | {"recordTypeInfos": infos}, fields)


def _may(sobject: SObject, field: Field, granted: Granted) -> tuple[bool, bool]:
    """Whether the user reads and edits the field. A part of an address goes with the address."""
    if not field.permissionable or _beyond_sets(sobject, field):
        return True, True
    key = (sobject.name.lower(), (field.compound or field.name).lower())
    read, edit = granted.get(key, (False, False))
    alone_read, alone_edit = granted.get((key[0], field.name.lower()), (False, False))
    return read or alone_read, edit or alone_edit


def _beyond_sets(sobject: SObject, field: Field) -> bool:
    """A standard field that a permission set cannot name: of some orgs' objects, of users, part of a name."""
    if field.custom:
        return False
    return sobject.name in {*_SOME_ORGS, "User"} or field.name in _NAMES


def _shown(field: Field, edit: bool) -> dict[str, Any]:
    """A field as a description shows it."""
    stored = field.formula is None and field.rollup is None and field.type not in COMPOUND
    return {
        "name": field.name,
        "type": field.type,
        "length": field.length,
        "scale": field.scale,
        "createable": field.createable and stored and edit,
        "updateable": field.updateable and stored and edit,
        "nillable": field.nillable,
        "filterable": not (field.type == "textarea" and field.length > 255),
        "defaultedOnCreate": field.default is not None or bool(field.auto_number) or field.name in _AUTOMATIC,
        "calculated": (field.formula is not None and field.custom) or field.rollup is not None,
        "autoNumber": bool(field.auto_number),
        "externalId": field.external_id,
        "unique": field.unique,
        "restrictedPicklist": field.restricted,
        "picklistValues": [{"value": value.value, "active": value.active} for value in field.picklist],
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship or None,
    }


def _fits(
    sources: Project, mappings: MappingSet, documents: Mapping[str, Document], tables: Tables
) -> Iterator[Fault]:
    for o in mappings.objects:
        sobject, document = sources.schema.find(o.sobject), documents[o.sobject]
        if sobject is None:
            continue
        if o.external_id:
            field = sobject.field_named(o.external_id)
            if field is not None and field.length < ID_LENGTH:
                yield document.fault(
                    ("external_id",),
                    f"{o.sobject}.{field.name} holds {field.length} characters; "
                    f"Tandem's ids have {ID_LENGTH}.",
                    f"Give the field {ID_LENGTH} characters.",
                )
        for index, part in enumerate(o.fields):
            field = sobject.field_named(part.sf)
            column = tables.get(o.table, {}).get(part.local)
            if part.outbound and field is not None and field.custom and column is not None:
                what = _too_small(o, part, field, column)
                if what:
                    yield document.fault(("fields", index, "sf"), what, "Make the field larger.")


def _too_small(o: ObjectMapping, part: FieldMapping, field: Field, column: LocalColumn) -> str | None:
    there, here = field.length, column.length or 0
    unit = "characters"
    local = Base.metadata.tables[o.table].columns[part.local].type
    if field.precision and isinstance(local, Numeric) and local.precision:
        there, here = field.precision - field.scale, local.precision - (local.scale or 0)
        unit = "digits before the point"
    if not there or here <= there:
        return None
    return f"{o.sobject}.{part.sf} holds {there} {unit}, and the column {part.local} holds {here}."


def _rights(sources: Project, mapped: tuple[ObjectMapping, ...]) -> Iterator[Finding]:
    """The integration user has the rights to objects that the mappings need."""
    for path in sources.files(f"{INTEGRATION}.permissionset-meta.xml"):
        rights = {node.value("object"): node for node in sources.xml(path).all("objectPermissions")}
        for o in mapped:
            if o.sobject in _SOME_ORGS or o.sobject == "User":  # users are seen and kept by other rights
                continue
            node = rights.get(o.sobject)
            wanted = ["allowRead"]
            wanted += ["allowCreate"] if o.create in {"both", "out"} else []
            wanted += ["allowEdit"] if o.update in {"both", "out"} and o.outbound else []
            wanted += ["allowDelete"] if o.delete_out == "delete" else []
            lacks = [right for right in wanted if node is None or node.value(right) != "true"]
            if lacks:
                yield Finding(
                    sources.name(path),
                    node.line if node else 1,
                    f"{INTEGRATION} lacks {', '.join(lacks)} for {o.sobject}, which a mapping needs.",
                    "Grant it, or let the mapping do less.",
                )


def _required_and_granted(sources: Project) -> Iterator[Finding]:
    """Salesforce refuses a permission set that names a field that everybody has anyway."""
    for path in sources.files(".permissionset-meta.xml"):
        for node in sources.xml(path).all("fieldPermissions", "field"):
            owner, _, name = node.text.partition(".")
            sobject = sources.schema.find(owner)
            field = sobject.field_named(name) if sobject else None
            if field is not None and not field.permissionable:
                yield Finding(
                    sources.name(path),
                    node.line,
                    f"{node.text} is required or a system field, and Salesforce refuses to have it granted.",
                    "Take the entry out.",
                )
