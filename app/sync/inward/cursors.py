"""How far each object has been read, on Salesforce's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.sync.tx import Tx

SHORTEST_LAG, LONGEST_LAG = 120, 900


@dataclass(slots=True)
class Cursor:
    """stamp: everything that was modified before it has been read; None before the first sync.

    A record becomes visible when its transaction commits, with the stamp of its change. So the cursor stays
    `lag_seconds` behind the server's clock, and what is newer is read now and read again.
    """

    sobject: str
    stamp: datetime | None = None
    backfill: dict[str, Any] | None = None
    gaps: dict[str, str] = field(default_factory=dict)
    polled_at: datetime | None = None
    server_at: datetime | None = None
    lag_seconds: int = SHORTEST_LAG
    #: the org of the last complete poll; empty where it is not known
    org_id: str = ""

    def since(self) -> str | None:
        """The lower bound of the next poll, as SOQL writes it."""
        return None if self.stamp is None else soql_time(self.stamp)

    def advance(self, last_stamp: str, server_at: datetime) -> None:
        """A page in cursor order is committed with this one: move on, never past the horizon."""
        horizon = server_at - timedelta(seconds=self.lag_seconds)
        reached = min(datetime.fromisoformat(last_stamp), horizon)
        if self.stamp is None or reached > self.stamp:
            self.stamp = reached

    def begin_anew(self) -> None:
        """Nothing counts as read."""
        self.stamp = self.polled_at = self.server_at = None

    def finish(self, server_at: datetime, now: datetime, org_id: str) -> None:
        """The poll of that org is complete: everything before the horizon has been read."""
        horizon = server_at - timedelta(seconds=self.lag_seconds)
        if self.stamp is None or horizon > self.stamp:
            self.stamp = horizon
        self.server_at, self.polled_at, self.org_id = server_at, now, org_id

    def learn(self, oldest_new: str) -> None:
        """Widen the lag when a record turned up with a stamp from well before the last poll."""
        if not oldest_new or self.server_at is None:
            return
        late = (self.server_at - datetime.fromisoformat(oldest_new)).total_seconds()
        if late > SHORTEST_LAG / 2:
            self.lag_seconds = max(self.lag_seconds, min(LONGEST_LAG, int(late * 2)))


def soql_time(moment: datetime) -> str:
    """A moment as SOQL writes it, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def load(tx: Tx, sobject: str) -> Cursor:
    """The cursor of one object; a fresh one before the first sync."""
    row = tx.row(
        "SELECT stamp, backfill::text, gaps::text, polled_at, server_at, lag_seconds, org_id "
        "FROM sync_cursor WHERE sobject = %s",
        sobject,
    )
    if row is None:
        return Cursor(sobject)
    backfill = orjson.loads(row[1]) if row[1] else None
    return Cursor(sobject, row[0], backfill, orjson.loads(row[2]), row[3], row[4], row[5], row[6] or "")


def save(tx: Tx, cursor: Cursor) -> None:
    """Keep the cursor; call it in the transaction that applied what it has passed."""
    tx.run(
        "INSERT INTO sync_cursor (sobject, stamp, backfill, gaps, polled_at, server_at, lag_seconds, "
        "org_id) VALUES (%s, %s, %s::jsonb, %s::jsonb, %s, %s, %s, %s) ON CONFLICT (sobject) DO UPDATE SET "
        "stamp = EXCLUDED.stamp, backfill = EXCLUDED.backfill, gaps = EXCLUDED.gaps, "
        "polled_at = EXCLUDED.polled_at, server_at = EXCLUDED.server_at, lag_seconds = EXCLUDED.lag_seconds, "
        "org_id = EXCLUDED.org_id",
        cursor.sobject,
        cursor.stamp,
        orjson.dumps(cursor.backfill).decode() if cursor.backfill is not None else None,
        orjson.dumps(cursor.gaps).decode(),
        cursor.polled_at,
        cursor.server_at,
        cursor.lag_seconds,
        cursor.org_id or None,
    )
