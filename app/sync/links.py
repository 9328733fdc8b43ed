"""Links: which row here is which record there, and the values both sides last agreed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from app.sync.mapping import LookupMapping, ObjectMapping, Values
from app.sync.mapping.values import Json
from app.sync.tx import Tx

#: How a parent that Salesforce does not know yet is written among canonical values.
PENDING = "pending:"


@dataclass(slots=True)
class Link:
    """One link. Stamps are texts as Salesforce writes them, cut to the second (UTC)."""

    local_id: UUID
    sf_id: str
    state: str
    base: Values
    base_stamp: str
    new: bool = False
    #: local column → record id of a parent that has not arrived
    unresolved: Mapping[str, str] = field(default_factory=dict)


_COLUMNS = """local_id, sf_id, state, base::text,
    to_char(base_stamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), unresolved::text"""


def _link(row: tuple[Any, ...]) -> Link:
    unresolved = orjson.loads(row[5]) if row[5] else {}
    return Link(row[0], row[1], row[2], orjson.loads(row[3]), row[4] or "", unresolved=unresolved)


def by_sf_ids(tx: Tx, sf_ids: Sequence[str]) -> dict[str, Link]:
    """The links of those records, by Salesforce id."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM sync_link WHERE sf_id = ANY(%s)", list(sf_ids))  # noqa: S608  # our own constant
    return {row[1]: _link(row) for row in rows}


def by_local_ids(tx: Tx, local_ids: Sequence[UUID]) -> dict[UUID, Link]:
    """The links of those rows, by local id."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM sync_link WHERE local_id = ANY(%s)", list(local_ids))  # noqa: S608  # our own constant
    return {row[0]: _link(row) for row in rows}


def local_ids(tx: Tx, sf_ids: Iterable[str]) -> dict[str, UUID]:
    """The rows behind those record ids; the id of a merged record leads to the survivor's row."""
    wanted = list(set(sf_ids))
    if not wanted:
        return {}
    rows = tx.rows(
        "SELECT sf_id, local_id FROM sync_link WHERE sf_id = ANY(%s) AND state <> 'merged' "
        "UNION ALL SELECT sf_id, local_id FROM sync_alias WHERE sf_id = ANY(%s)",
        wanted,
        wanted,
    )
    return dict(rows)


def sf_ids(tx: Tx, local: Iterable[UUID]) -> dict[UUID, str]:
    """The records behind those rows, as far as they are known to Salesforce; for the row of a record that
    was merged away, the survivor."""
    wanted = list(set(local))
    if not wanted:
        return {}
    return dict(
        tx.rows(
            "SELECT local_id, sf_id FROM sync_link WHERE local_id = ANY(%s) AND sf_id IS NOT NULL "
            "AND state <> 'merged' "
            "UNION ALL SELECT merged.local_id, survivor.sf_id FROM sync_link merged "
            "JOIN sync_alias a USING (sf_id) JOIN sync_link survivor ON survivor.local_id = a.local_id "
            "WHERE merged.local_id = ANY(%s) AND merged.state = 'merged' AND survivor.sf_id IS NOT NULL",
            wanted,
            wanted,
        )
    )


def insert(tx: Tx, mapping: ObjectMapping, rows: Sequence[tuple[Any, ...]]) -> None:
    """New links: (local_id, sf_id, state, base, unresolved, base_stamp, sf_modified, by, read_at) each."""
    tx.insert(
        "sync_link",
        [
            "local_id", "table_name", "sobject", "sf_id", "state", "base", "unresolved",
            "base_stamp", "sf_modified", "sf_modified_by", "read_at",
        ],
        [(r[0], mapping.table, mapping.sobject, *r[1:]) for r in rows],
    )  # fmt: skip


def refresh(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    """Renewed links: (local_id, state, base, unresolved, base_stamp, sf_modified, by, read_at) each.

    base: what is new in it; the rest stays.
    """
    tx.update(
        "sync_link",
        "local_id",
        [
            "state", "base", "unresolved", "base_stamp", "sf_modified", "sf_modified_by", "read_at",
        ],
        rows,
        merge="base",
    )  # fmt: skip


def restamp(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    """Touched records whose values are as before: (local_id, base_stamp, sf_modified, by, read_at) each."""
    tx.update("sync_link", "local_id", ["base_stamp", "sf_modified", "sf_modified_by", "read_at"], rows)


def agree(tx: Tx, rows: Sequence[tuple[UUID, Values]]) -> None:
    """Add values that a write brought to both sides to the base of their links.

    They were written down before they were sent; where somebody has put that away since, they count still.
    """
    if not rows:
        return
    told = tx.run(
        "UPDATE sync_link l SET base = l.base || o.sent FROM sync_outbox o "
        "WHERE o.local_id = l.local_id AND o.local_id = ANY(%s) AND o.sent IS NOT NULL",
        [local_id for local_id, _ in rows],
    )
    if told != len(rows):
        tx.update("sync_link", "local_id", ["base"], rows, merge="base")


def lookup_values(
    lookups: Iterable[LookupMapping], row: Mapping[str, Any], known: Mapping[UUID, str]
) -> dict[str, Json]:
    """Canonical values of a row's lookups: the parent's record id, or PENDING + its local id."""
    out: dict[str, Json] = {}
    for lookup in lookups:
        if lookup.outbound and lookup.local in row:
            parent = row[lookup.local]
            out[lookup.sf] = None if parent is None else known.get(parent, f"{PENDING}{parent}")
    return out


def resolve_waiting(tx: Tx, mapping: ObjectMapping) -> dict[UUID, dict[str, UUID]]:
    """Fill in parents that have arrived since their children did. Gives the columns filled, by row.

    A lookup that was changed since, on either side, is left as it is.
    """
    waiting = tx.rows(
        "SELECT local_id, unresolved::text, base::text FROM sync_link "
        "WHERE sobject = %s AND unresolved IS NOT NULL",
        mapping.sobject,
    )
    if not waiting:
        return {}
    parsed = [(local_id, orjson.loads(text), orjson.loads(base)) for local_id, text, base in waiting]
    known = local_ids(tx, (sf_id for _, columns, _ in parsed for sf_id in columns.values()))
    by_column: dict[str, list[tuple[UUID, UUID]]] = {}
    left: list[tuple[UUID, dict[str, str] | None]] = []
    for local_id, columns, base in parsed:
        agreed = {lookup.local: base.get(lookup.sf) for lookup in mapping.lookups}
        open_ = {c: s for c, s in columns.items() if agreed.get(c) == s}
        for column, sf_id in open_.items():
            if sf_id in known:
                by_column.setdefault(column, []).append((local_id, known[sf_id]))
        still = {c: s for c, s in open_.items() if s not in known}
        if still != columns:
            left.append((local_id, still or None))
    filled: dict[UUID, dict[str, UUID]] = {}
    for column, pairs in by_column.items():
        for local_id, parent in _fill(tx, mapping.table, column, pairs):
            filled.setdefault(local_id, {})[column] = parent
    tx.update("sync_link", "local_id", ["unresolved"], left)
    return filled


def _fill(tx: Tx, table: str, column: str, pairs: Sequence[tuple[UUID, UUID]]) -> Sequence[tuple[UUID, UUID]]:
    """Set an empty lookup of rows whose own change of it does not wait to go out; gives which."""
    # A change made here meanwhile holds the row's lock: once we have it, the outbox tells of the change.
    ids = [local_id for local_id, _ in pairs]
    tx.rows("SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", ids, table=table)
    rows = tx.rows(
        "UPDATE {table} t SET {column} = s.parent FROM unnest(%s::uuid[], %s::uuid[]) AS s(id, parent) "
        "WHERE t.id = s.id AND t.{column} IS NULL AND NOT EXISTS ("
        "SELECT FROM sync_outbox o WHERE o.local_id = s.id AND o.columns ? %s) RETURNING t.id, s.parent",
        ids,
        [parent for _, parent in pairs],
        column,
        table=table,
        column=column,
    )
    return [(row[0], row[1]) for row in rows]
