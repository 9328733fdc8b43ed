"""The outbox: which rows here have changes that Salesforce has not seen.

Triggers write it; this module reads it, remembers attempts and says why a row cannot go: in English in
`error`, and in `words` as what the sentence is made of, for readers of other languages.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.sync import links
from app.sync.mapping import BadValue, ObjectMapping, Values
from app.sync.plan import Ours
from app.sync.tx import Tx
from app.words import json_of, say

#: Seconds before the first retry, and the longest pause between two.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 900.0

#: Kinds of errors that may be gone when the org has something that it did not have.
MENDED_BY_AN_ADMIN = ("schema", "admin_fixable", "not_accepted", "no_mapping")

_UNMAPPED = say(
    "No mapping covers the table {table} in this org, so its changes stay here. Apply a mapping for it, and "
    "they go by themselves."
)


@dataclass(slots=True)
class Entry:
    """A changed row. `columns` says when each column changed; empty for a new row: all of them count."""

    local_id: UUID
    op: str
    columns: dict[str, str]
    version: int
    state: str
    sent: Values
    attempts: int


_COLUMNS = "local_id, op, columns::text, version, state, sent::text, attempts"


def _entry(row: tuple[Any, ...]) -> Entry:
    sent = orjson.loads(row[5]) if row[5] else {}
    return Entry(row[0], row[1], orjson.loads(row[2]), row[3], row[4], sent, row[6])


def of(tx: Tx, local_ids: Sequence[UUID]) -> dict[UUID, Entry]:
    """The entries of those rows, whatever their state."""
    if not local_ids:
        return {}
    rows = tx.rows(f"SELECT {_COLUMNS} FROM sync_outbox WHERE local_id = ANY(%s)", list(local_ids))  # noqa: S608  # our own constant
    return {row[0]: _entry(row) for row in rows}


def due(tx: Tx, table: str, limit: int) -> list[Entry]:
    """Entries of one table whose time has come, oldest change first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sync_outbox WHERE table_name = %s AND state = 'pending' "  # noqa: S608  # our own constant
        "AND next_at <= clock_timestamp() ORDER BY first_at, local_id LIMIT %s",
        table,
        limit,
    )
    return [_entry(row) for row in rows]


def hold_unmapped(tx: Tx, tables: Sequence[str], left_out: Sequence[str] = ()) -> int:
    """Put aside the entries of tables that no mapping covers (any more): nobody would ever take them.

    left_out: tables whose mapping says that it is not for this org: nobody has to do anything about those,
    and they go when the org has what the mapping asks for.
    """
    return tx.run(
        "UPDATE sync_outbox SET state = 'held', error_kind = 'no_mapping', error_code = 'NO_MAPPING', "
        "error = CASE WHEN table_name <> ALL(%s) THEN replace(%s, '{table}', table_name) END, "
        "words = jsonb_build_object('say', %s::text, 'with', jsonb_build_object('table', table_name)) "
        "WHERE state = 'pending' AND table_name <> ALL(%s)",
        list(left_out),
        _UNMAPPED.message,
        _UNMAPPED.message,
        list(tables),
    )


def recover(tx: Tx) -> int:
    """Entries left `sending` by a process that ended: pending again; `sent` tells the next merge."""
    return tx.run("UPDATE sync_outbox SET state = 'pending' WHERE state = 'sending'")


def mark_sending(tx: Tx, rows: Sequence[tuple[UUID, Values, int]]) -> None:
    """Write down what is about to be sent, before it is: (local_id, values, version) each."""
    tx.update(
        "sync_outbox",
        "local_id",
        ["sent", "sent_version", "state"],
        [(local_id, sent, version, "sending") for local_id, sent, version in rows],
    )


def unmark(tx: Tx, local_ids: Sequence[UUID]) -> None:
    """Entries that were marked as sending and certainly were not sent: pending, as before."""
    tx.run(
        "UPDATE sync_outbox SET state = 'pending', sent = NULL, sent_version = NULL "
        "WHERE local_id = ANY(%s) AND state = 'sending'",
        list(local_ids),
    )


def done(tx: Tx, sent: Sequence[tuple[UUID, int]]) -> None:
    """Forget entries whose change arrived; one that changed again meanwhile stays and is pending, and so does
    one with an open question: without it, our side of the question would count as unchanged."""
    if not sent:
        return
    ids, versions = [s[0] for s in sent], [s[1] for s in sent]
    gone = tx.run(
        "DELETE FROM sync_outbox o USING unnest(%s::uuid[], %s::bigint[]) AS s(id, version) "
        "WHERE o.local_id = s.id AND o.version = s.version AND NOT EXISTS ("
        "SELECT FROM sync_conflict c WHERE c.local_id = s.id AND c.resolved_at IS NULL)",
        ids,
        versions,
    )
    if gone < len(sent):
        tx.run(
            "UPDATE sync_outbox SET state = 'pending', sent = NULL, attempts = 0 "
            "WHERE local_id = ANY(%s) AND state = 'sending'",
            ids,
        )


def forget(tx: Tx, entry: Entry) -> None:
    """Drop an entry that leads to no write, unless the row changed again meanwhile."""
    tx.run("DELETE FROM sync_outbox WHERE local_id = %s AND version = %s", entry.local_id, entry.version)


def again(tx: Tx, entry_id: UUID) -> None:
    """Certainly not written, and to be decided anew at once."""
    tx.run(
        "UPDATE sync_outbox SET state = 'pending', sent = NULL, attempts = attempts + 1, "
        "next_at = clock_timestamp() "
        "WHERE local_id = %s",
        entry_id,
    )


def later(
    tx: Tx,
    entry_id: UUID,
    attempts: int,
    *,
    kind: str,
    code: str,
    sentence: str,
    not_before: datetime | None = None,
) -> None:
    """Try again after a pause that grows, with full jitter. Whatever was sent may have arrived."""
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 10))
    pause = random.uniform(ceiling / 2, ceiling)  # noqa: S311  # spreads retries; guards nothing
    tx.run(
        "UPDATE sync_outbox SET state = 'pending', attempts = %s, error_kind = %s, error_code = %s, "
        "error = %s, words = %s::jsonb, next_at = greatest(clock_timestamp() + %s, %s) WHERE local_id = %s",
        attempts + 1,
        kind,
        code,
        str(sentence),
        json_of(sentence),
        timedelta(seconds=pause),
        not_before,
        entry_id,
    )


def hold(tx: Tx, entry_id: UUID, version: int, *, kind: str, code: str, sentence: str) -> None:
    """Put an entry aside until somebody changes the row, mends the mapping or asks for a retry.

    An entry whose row changed meanwhile is not put aside: the change may be the remedy.
    """
    tx.run(
        "UPDATE sync_outbox SET sent = NULL, "
        "state = CASE WHEN version = %s THEN 'held' ELSE 'pending' END, "
        "error_kind = %s, error_code = %s, error = %s, words = %s::jsonb WHERE local_id = %s",
        version,
        kind,
        code,
        str(sentence),
        json_of(sentence),
        entry_id,
    )


def retry(tx: Tx, kinds: Sequence[str] | None = None) -> int:
    """Make held entries pending again: all, or those of some error kinds. Gives their number."""
    return tx.run(
        "UPDATE sync_outbox SET state = 'pending', attempts = 0, next_at = clock_timestamp() "
        "WHERE state = 'held' AND (%s::text[] IS NULL OR error_kind = ANY(%s))",
        list(kinds) if kinds is not None else None,
        list(kinds) if kinds is not None else None,
    )


def release(tx: Tx, local_id: UUID) -> None:
    """Make a held entry pending: what kept it back is over."""
    tx.run(
        "UPDATE sync_outbox SET state = 'pending', attempts = 0, next_at = clock_timestamp() "
        "WHERE local_id = %s AND state = 'held'",
        local_id,
    )


def try_now(tx: Tx, local_id: UUID) -> None:
    """Let an entry go with the next cycle, put aside or waiting out a pause."""
    tx.run(
        "UPDATE sync_outbox SET state = 'pending', attempts = 0, next_at = clock_timestamp() "
        "WHERE local_id = %s AND state <> 'sending'",
        local_id,
    )


def add(tx: Tx, table: str, rows: Sequence[tuple[UUID, Mapping[str, str]]]) -> None:
    """Entries that the engine itself finds due: (local_id, column → when it changed) each."""
    for local_id, columns in rows:
        tx.run(
            "INSERT INTO sync_outbox (local_id, table_name, op, columns) "
            "VALUES (%s, %s, 'upsert', %s::jsonb) "
            "ON CONFLICT (local_id) DO UPDATE SET columns = sync_outbox.columns || EXCLUDED.columns, "
            "version = sync_outbox.version + 1, attempts = 0, next_at = clock_timestamp(), "
            "state = CASE WHEN sync_outbox.state = 'held' THEN 'pending' ELSE sync_outbox.state END",
            local_id,
            table,
            orjson.dumps(dict(columns)).decode(),
        )


def ours(
    mapping: ObjectMapping,
    entry: Entry,
    row: Mapping[str, Any],
    known: Mapping[UUID, str],
    clock_offset: timedelta,
    *,
    without: frozenset[str] = frozenset(),
) -> Ours:
    """Our side of a changed row: canonical values of the fields that were touched here.

    clock_offset: Salesforce's clock minus ours. without: fields to leave out. Raises BadValue when a value
    fits no Salesforce field.
    """
    names = touched(mapping, entry) - without
    values: dict[str, Any] = mapping.write(row, names)
    lookups = links.lookup_values(mapping.lookups, row, known)
    values.update({name: value for name, value in lookups.items() if name in names})
    changed_at = {}
    for name in names:
        local = mapping.by_sf[name].local
        at = entry.columns.get("extra" if local.startswith("extra.") else local)
        if at:
            changed_at[name] = datetime.fromisoformat(at) + clock_offset
    return Ours(values, changed_at, entry.sent)


def touched(mapping: ObjectMapping, entry: Entry) -> frozenset[str]:
    """The Salesforce fields that a changed row concerns."""
    return mapping.sf_names(entry.columns) if entry.columns else mapping.outbound


def unfit(mapping: ObjectMapping, entry: Entry, row: Mapping[str, Any]) -> frozenset[str]:
    """The touched fields that cannot hold what the row has for them."""
    found = set()
    for name in touched(mapping, entry):
        try:
            mapping.write(row, {name})
        except BadValue:
            found.add(name)
    return frozenset(found)
