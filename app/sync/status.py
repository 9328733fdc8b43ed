"""How the sync is doing, object by object, in words a person can act on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.sync import conflicts
from app.sync.mapping import MappingSet
from app.sync.tx import Tx


@dataclass(frozen=True, slots=True)
class Stuck:
    """A record that cannot sync, and why, in one sentence."""

    sobject: str
    direction: str
    local_id: str | None
    sf_id: str | None
    sentence: str


@dataclass(slots=True)
class ObjectStatus:
    """One object. lag_seconds: age of the last complete poll; None before the first. Times are UTC."""

    sobject: str
    table: str
    linked: int = 0
    lag_seconds: int | None = None
    cursor: datetime | None = None
    backfill_rows: int | None = None
    outbox: int = 0
    oldest_waiting: datetime | None = None
    conflicts: int = 0
    stuck: int = 0
    hidden_fields: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Status:
    """Everything at one moment (UTC)."""

    at: datetime
    objects: list[ObjectStatus]
    stuck: list[Stuck]
    open_conflicts: list[dict[str, Any]]
    last_run: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def status(tx: Tx, mappings: MappingSet, *, examples: int = 50) -> Status:
    """The present state; at most `examples` stuck records are named."""
    now = datetime.now(UTC)
    objects = {o.sobject: ObjectStatus(o.sobject, o.table) for o in mappings.objects}
    by_table = {o.table: objects[o.sobject] for o in mappings.objects}
    for sobject, count in tx.rows(
        "SELECT sobject, count(*) FROM sync_link WHERE state = 'linked' GROUP BY 1"
    ):
        if sobject in objects:
            objects[sobject].linked = count
    for sobject, stamp, rows, gaps, polled_at in tx.rows(
        "SELECT sobject, stamp, (backfill ->> 'rows')::bigint, gaps, polled_at FROM sync_cursor"
    ):
        if sobject in objects:
            one = objects[sobject]
            one.cursor, one.backfill_rows, one.hidden_fields = stamp, rows, sorted(gaps)
            one.lag_seconds = None if polled_at is None else max(0, int((now - polled_at).total_seconds()))
    for table, waiting, held, oldest in tx.rows(
        "SELECT table_name, count(*) FILTER (WHERE state <> 'held'), count(*) FILTER (WHERE state = 'held'), "
        "min(first_at) FILTER (WHERE state <> 'held') FROM sync_outbox GROUP BY 1"
    ):
        if table in by_table:
            one = by_table[table]
            one.outbox, one.stuck, one.oldest_waiting = waiting, held, oldest
    for sobject, count in tx.rows("SELECT sobject, count(*) FROM sync_refusal GROUP BY 1"):
        if sobject in objects:
            objects[sobject].stuck += count
    questions = conflicts.listing(tx)
    for question in questions:
        if question["sobject"] in objects:
            objects[question["sobject"]].conflicts += 1
    return Status(now, list(objects.values()), _stuck(tx, mappings, examples), questions, _last_run(tx))


def _stuck(tx: Tx, mappings: MappingSet, examples: int) -> list[Stuck]:
    names = {o.table: o.sobject for o in mappings.objects}
    out = [
        Stuck(names.get(table, table), "out", str(local_id), sf_id, sentence)
        for table, local_id, sf_id, sentence in tx.rows(
            "SELECT o.table_name, o.local_id, l.sf_id, o.error FROM sync_outbox o "
            "LEFT JOIN sync_link l USING (local_id) WHERE o.error IS NOT NULL "
            "ORDER BY o.state = 'held' DESC, o.first_at LIMIT %s",
            examples,
        )
    ]
    out += [
        Stuck(sobject, "in", None, sf_id, sentence)
        for sobject, sf_id, sentence in tx.rows(
            "SELECT sobject, sf_id, error FROM sync_refusal ORDER BY found_at LIMIT %s", examples
        )
    ]
    return out[:examples]


def _last_run(tx: Tx) -> dict[str, Any] | None:
    row = tx.row(
        "SELECT kind, started_at, finished_at, counts, api_calls, error "
        "FROM sync_run ORDER BY id DESC LIMIT 1"
    )
    if row is None:
        return None
    return dict(zip(("kind", "started_at", "finished_at", "counts", "api_calls", "error"), row, strict=True))
