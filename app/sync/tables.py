"""What the synced tables look like, read from the database itself: any table may be mapped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.kernel.errors import Misconfigured
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's columns, and those an insert must fill."""

    name: str
    columns: frozenset[str]
    required: frozenset[str]

    @property
    def keeps_deleted(self) -> bool:
        """Whether a deletion can be marked instead of done."""
        return "deleted_at" in self.columns

    @property
    def keeps_merged(self) -> bool:
        """Whether a row can say into which other row it was merged."""
        return "merged_into_id" in self.columns


def shape(tx: Tx, name: str) -> TableShape:
    """The shape of one table. Raises Misconfigured when there is none."""
    rows = tx.rows(
        "SELECT column_name, is_nullable = 'NO' AND column_default IS NULL "
        "FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s",
        name,
    )
    if not rows:
        raise Misconfigured(
            f"The table {name} does not exist.",
            where="mappings",
            remedy="Run `tandem db upgrade`, or correct `table:` in the mapping.",
        )
    return TableShape(name, frozenset(r[0] for r in rows), frozenset(r[0] for r in rows if r[1]))


def columns_of(table: TableShape, mapping: ObjectMapping, fields: Iterable[str]) -> list[str]:
    """Our columns behind those Salesforce fields, and the mark of deletion, in order."""
    names = {mapping.by_sf[name].local.split(".")[0] for name in fields}
    return sorted(names | ({"deleted_at"} & table.columns))


def rows_here(
    tx: Tx, table: TableShape, mapping: ObjectMapping, ids: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Our rows with every mapped column, and whether they are deleted, by id."""
    if not ids:
        return {}
    ordered = sorted({*columns_of(table, mapping, mapping.by_sf), *({"extra"} & table.columns)})
    rows = tx.select(table.name, ["id", *ordered], ids)
    return {row[0]: dict(zip(ordered, row[1:], strict=True)) for row in rows}


def insert_rows(tx: Tx, table: str, rows: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
    """Insert rows, each with its id and whichever columns it has."""
    for names, group in _by_columns(rows):
        tx.insert(table, ["id", *names], [(i, *(c[n] for n in names)) for i, c in group])


def update_rows(tx: Tx, table: str, rows: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
    """Update rows by id, each in whichever columns it has; `extra` is merged into what is there."""
    for names, group in _by_columns(rows):
        tx.update(table, "id", names, [(i, *(c[n] for n in names)) for i, c in group])


def _by_columns(
    rows: Sequence[tuple[UUID, dict[str, Any]]],
) -> list[tuple[list[str], list[tuple[UUID, dict[str, Any]]]]]:
    """Rows grouped by the columns they set, so that each group is one statement."""
    groups: dict[tuple[str, ...], list[tuple[UUID, dict[str, Any]]]] = defaultdict(list)
    for row in rows:
        groups[tuple(sorted(row[1]))].append(row)
    return [(list(names), group) for names, group in groups.items()]
