"""Rows on their way through a save, and the SQL that reads and writes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.sandbox import tables
from app.sandbox.dml.types import DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject
from app.sandbox.store import quoted


@dataclass(slots=True)
class Row:
    """One record during a save. `old` is None on insert; `new` holds every stored column once read."""

    index: int
    values: dict[str, Any]
    id: str = ""
    old: dict[str, Any] | None = None
    new: dict[str, Any] = field(default_factory=dict)
    #: columns that a hook or a derivation set beside those of the request
    extra: set[str] = field(default_factory=set)
    error: ApiError | None = None

    def fail(self, code: str, message: str, *fields: str) -> None:
        """Refuse this record, unless it is refused already."""
        if self.error is None:
            self.error = ApiError(code, message, fields=fields)

    def result(self) -> DmlResult:
        """What the caller is told."""
        if self.error is not None:
            return DmlResult(self.id or None, False, None, [self.error])
        return DmlResult(self.id, True)


def id_list(ids: Iterable[str]) -> str:
    """The ids as one SQL parameter, for `IN (SELECT value FROM json_each(?))`."""
    return orjson.dumps(list(ids)).decode()


IN_LIST = "IN (SELECT value FROM json_each(?))"


def fetch(connection: sqlite3.Connection, sobject: SObject, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The stored columns of rows, by id; ids that are not there are left out."""
    if not ids:
        return {}
    names = tables.columns(sobject)
    listed = ", ".join(quoted(name) for name in names)
    if len(ids) == 1:
        cursor = connection.execute(f"SELECT {listed} FROM {quoted(sobject.name)} WHERE Id = ?", (ids[0],))
    else:
        cursor = connection.execute(
            f"SELECT {listed} FROM {quoted(sobject.name)} WHERE Id {IN_LIST}", (id_list(ids),)
        )
    at = names.index("Id")
    return {values[at]: dict(zip(names, values, strict=True)) for values in cursor}


def insert_rows(connection: sqlite3.Connection, sobject: SObject, rows: Sequence[Row]) -> None:
    """Write new rows with all their columns."""
    names = tables.columns(sobject)
    listed = ", ".join(quoted(name) for name in names)
    marks = ", ".join("?" * len(names))
    connection.executemany(
        f"INSERT INTO {quoted(sobject.name)} ({listed}) VALUES ({marks})",
        [[row.new.get(name) for name in names] for row in rows],
    )


def update_rows(
    connection: sqlite3.Connection, sobject: SObject, rows: Sequence[Row], stamps: Sequence[str]
) -> None:
    """Write the changed columns of rows and those named in `stamps`; one statement a set of columns."""
    groups: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        groups.setdefault(frozenset(row.values) | row.extra, []).append(row)
    for changed, members in groups.items():
        names = [*sorted(changed - {"Id"}), *[s for s in stamps if s not in changed]]
        assignments = ", ".join(f"{quoted(name)} = ?" for name in names)
        connection.executemany(
            f"UPDATE {quoted(sobject.name)} SET {assignments} WHERE Id = ?",
            [[*[row.new.get(name) for name in names], row.id] for row in members],
        )


def restore_rows(connection: sqlite3.Connection, sobject: SObject, rows: Sequence[Row]) -> None:
    """Take back what `insert_rows` or `update_rows` wrote for these rows."""
    table = quoted(sobject.name)
    for row in rows:
        if row.old is None:
            connection.execute(f"DELETE FROM {table} WHERE Id = ?", (row.id,))
        else:
            names = [name for name in row.old if name != "Id"]
            assignments = ", ".join(f"{quoted(name)} = ?" for name in names)
            connection.execute(
                f"UPDATE {table} SET {assignments} WHERE Id = ?",
                [*[row.old[name] for name in names], row.id],
            )
