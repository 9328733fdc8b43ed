"""Faults that only show beside the tables and the org: every one at once, with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, MetaData, Numeric, Table
from sqlalchemy import Column as SqlColumn

from app.sync.mapping import read_documents
from app.sync.mapping.checks import OWN_COLUMNS
from app.sync.mapping.fields import FieldMapping
from app.sync.mapping.guards import Capabilities
from app.sync.mapping.objects import ObjectMapping
from app.sync.mapping.reader import Document, Fault
from app.sync.mapping.sets import MappingSet


@dataclass(frozen=True, slots=True)
class LocalColumn:
    """A column of a local table. required: an insert must bring a value."""

    kind: str
    required: bool = False
    length: int | None = None
    scale: int | None = None


Tables = Mapping[str, Mapping[str, LocalColumn]]

_KINDS: dict[type, str] = {
    str: "text",
    bool: "boolean",
    int: "int",
    Decimal: "decimal",
    datetime: "datetime",
    date: "date",
    UUID: "uuid",
    list: "json",
}
#: What each kind of local value may be stored in.
_FITS = {
    "text": {"text"},
    "boolean": {"boolean"},
    "int": {"int", "decimal"},
    "decimal": {"decimal"},
    "date": {"date"},
    "datetime": {"datetime"},
    "list": {"json"},
}


@dataclass(slots=True)
class Report:
    """What a check found. notes: guarded parts that this org leaves out."""

    mappings: MappingSet | None
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    #: what the org has, once it was asked
    org: Capabilities | None = None


def local_tables(metadata: MetaData) -> Tables:
    """The tables whose changes are watched (marked `synced`), in the form the checks use."""
    return {name: {c.name: _column(c) for c in table.columns} for name, table in _plain(metadata)}


def _plain(metadata: MetaData) -> Iterator[tuple[str, Table]]:
    return ((name, table) for name, table in metadata.tables.items() if table.info.get("synced"))


def _column(column: SqlColumn[Any]) -> LocalColumn:
    try:
        kind = "json" if isinstance(column.type, JSON) else _KINDS.get(column.type.python_type, "other")
    except NotImplementedError:
        kind = "other"
    has_default = column.default is not None or column.server_default is not None
    return LocalColumn(
        kind,
        required=not column.nullable and not has_default,
        length=getattr(column.type, "length", None),
        scale=column.type.scale if isinstance(column.type, Numeric) else None,
    )


def check(documents: Mapping[str, str], tables: Tables) -> Report:
    """Everything that can be checked without an org: the files by themselves and beside the tables."""
    mappings, faults, read = read_documents(documents)
    report = Report(mappings, faults, documents=read)
    for document in read.values():
        report.faults += _beside_table(document, tables, read)
    if mappings is not None:
        for o in mappings.objects:
            document = read[o.sobject]
            if o.table in tables:
                report.faults += _kinds(document, o, tables[o.table])
    if report.faults:
        report.mappings = None
    report.faults = sorted(set(report.faults))
    return report


def _beside_table(document: Document, tables: Tables, read: Mapping[str, Document]) -> Iterator[Fault]:
    m = document.model
    columns = tables.get(m.table)
    if columns is None:
        yield document.fault(
            ("table",), f"There is no table {m.table}.", f"Possible: {', '.join(sorted(tables)) or 'none'}."
        )
        return
    locals_ = [(("fields", i, "local"), part.local) for i, part in enumerate(m.fields)]
    locals_ += [(("lookups", i, "local"), part.local) for i, part in enumerate(m.lookups)]
    for path, local in locals_:
        if local.startswith("extra."):
            if "extra" not in columns:
                yield document.fault(
                    path, f"The table {m.table} has no column extra.", "Map to a column of its own."
                )
        elif local not in columns:
            yield document.fault(
                path,
                f"The table {m.table} has no column {local}.",
                f"Write extra.{local}, which needs no migration, or an existing column.",
            )
    if m.convert:
        target = read.get("Opportunity")
        other = tables.get(target.model.table, {}) if target else {}
        for column, onto in m.convert.carry.items():
            if column not in columns or onto not in other:
                where = f"{m.table}.{column}" if column not in columns else f"the opportunity's {onto}"
                yield document.fault(
                    ("convert", "carry", column), f"There is no column {where}.", "Correct the name."
                )


def _kinds(document: Document, o: ObjectMapping, columns: Mapping[str, LocalColumn]) -> Iterator[Fault]:
    filled = {part.local for part in o.parts if part.inbound}
    for index, f in enumerate(o.fields):
        column = columns.get(f.local)
        if column is not None:
            yield from _field_kind(document, index, f, column)
    for index, lookup in enumerate(o.lookups):
        column = columns.get(lookup.local)
        if column is not None and column.kind != "uuid":
            yield document.fault(
                ("lookups", index, "local"),
                f"The column {lookup.local} holds {column.kind}, and a lookup needs the id of a row.",
                "Choose a uuid column, or map the field under `fields` with type: id.",
            )
    if o.create in {"both", "in"}:
        for name, column in columns.items():
            if column.required and name not in filled and name not in OWN_COLUMNS:
                yield document.fault(
                    ("fields",),
                    f"No field fills the column {o.table}.{name}, which must not be empty.",
                    "Map a field to it, or write `create: out`.",
                )


def _field_kind(document: Document, index: int, f: FieldMapping, column: LocalColumn) -> Iterator[Fault]:
    if column.kind not in _FITS[f.transform.local]:
        yield document.fault(
            ("fields", index, "type" if "type" in document.content["fields"][index] else "local"),
            f"{f.sf} gives {f.transform.local} and the column {f.local} holds {column.kind}.",
            "Correct the type, choose a transform, or another column.",
        )
    elif column.scale is not None and f.transform.name == "same" and column.scale < f.scale:
        yield document.fault(
            ("fields", index, "type"),
            f"{f.sf} has {f.scale} decimals and the column {f.local} keeps {column.scale}.",
            f"Write decimal({column.scale}), or use extra.{f.local}.",
        )
