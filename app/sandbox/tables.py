"""Tables for object types: one table an SObject, one column a stored field, and indexes."""

from __future__ import annotations

import sqlite3

from app.sandbox.schema import NUMERIC, Field, Schema, SObject
from app.sandbox.store import quoted

_ALWAYS = ("Id", "IsDeleted", "SystemModstamp")


def column_type(field: Field) -> str:
    """The SQLite type of a field's column."""
    if field.type in NUMERIC or field.type in ("boolean", "datetime"):
        return "INTEGER"
    if field.type in ("id", "reference", "date", "time") or field.case_sensitive:
        return "TEXT"
    return "TEXT COLLATE NOCASE"


def columns(sobject: SObject) -> list[str]:
    """Every column of the object's table: those of its stored fields, and what every table has."""
    names = [f.name for f in sobject.fields.values() if f.stored]
    return names + [name for name in _ALWAYS if name.lower() not in sobject.fields]


def indexes(sobject: SObject) -> dict[str, str]:
    """Statement by index name."""
    table = sobject.name
    found = {
        f"{table}.modstamp": f"CREATE INDEX IF NOT EXISTS {quoted(table + '.modstamp')} "
        f"ON {quoted(table)} (SystemModstamp, Id)"
    }
    for field in sobject.fields.values():
        if field.stored and field.type != "id" and indexed(field):
            name = f"{table}.{field.name}"
            found[name] = (
                f"CREATE INDEX IF NOT EXISTS {quoted(name)} ON {quoted(table)} ({quoted(field.name)})"
            )
    return found


def indexed(field: Field) -> bool:
    """Whether rows are looked for by this field often enough for an index.

    Audit references are left out: nobody deletes users, and each index makes every write slower.
    """
    if field.name in ("CreatedById", "LastModifiedById", "OwnerId", "RecordTypeId"):
        return False
    return bool(field.external_id or field.unique or field.id_lookup or field.reference_to)


def create(connection: sqlite3.Connection, sobject: SObject, *, index: bool = True) -> None:
    """Create the object's table unless it is there."""
    parts = []
    for name in columns(sobject):
        if name == "Id":
            parts.append("Id TEXT PRIMARY KEY NOT NULL")
        elif name == "IsDeleted":
            parts.append("IsDeleted INTEGER NOT NULL DEFAULT 0")
        elif name == "SystemModstamp":
            parts.append("SystemModstamp INTEGER NOT NULL DEFAULT 0")
        else:
            field = sobject.fields[name.lower()]
            parts.append(f"{quoted(name)} {column_type(field)}")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(sobject.name)} ({', '.join(parts)})")
    if index:
        create_indexes(connection, sobject)


def create_indexes(connection: sqlite3.Connection, sobject: SObject) -> None:
    """Create whatever index is missing; after a large load, once for all rows."""
    for statement in indexes(sobject).values():
        connection.execute(statement)


def drop_indexes(connection: sqlite3.Connection, sobject: SObject) -> None:
    """Drop the object's indexes, before a large load."""
    for name in indexes(sobject):
        connection.execute(f"DROP INDEX IF EXISTS {quoted(name)}")


def create_all(connection: sqlite3.Connection, schema: Schema) -> None:
    """Create every table that is missing."""
    for sobject in schema:
        create(connection, sobject)


def add_column(connection: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    """A column for a new field; nothing for a field that is computed."""
    if not field.stored:
        return
    connection.execute(
        f"ALTER TABLE {quoted(sobject.name)} ADD COLUMN {quoted(field.name)} {column_type(field)}"
    )
    create_indexes(connection, sobject)


def drop_column(connection: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    """Forget a field's column and values."""
    if not field.stored:
        return
    connection.execute(f"DROP INDEX IF EXISTS {quoted(sobject.name + '.' + field.name)}")
    connection.execute(f"ALTER TABLE {quoted(sobject.name)} DROP COLUMN {quoted(field.name)}")


def rename_column(connection: sqlite3.Connection, sobject: SObject, old: str, new: str) -> None:
    """Give a column another name; its values stay."""
    connection.execute(f"DROP INDEX IF EXISTS {quoted(sobject.name + '.' + old)}")
    connection.execute(f"ALTER TABLE {quoted(sobject.name)} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
