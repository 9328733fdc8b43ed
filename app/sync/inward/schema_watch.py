"""Fields that come and go while the sync runs.

A field that is dropped, or hidden from Tandem's user, looks the same: it is no longer there. Its local
values stay as they are, an event says so, and when it is back everything since is read again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.sync.engine import Engine, note
from app.sync.inward import queries
from app.sync.inward.cursors import Cursor, save
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx


def compare(engine: Engine, tx: Tx, mapping: ObjectMapping, cursor: Cursor) -> None:
    """Bring the cursor's list of invisible fields up to date, and say what changed."""
    hidden = queries.hidden(mapping, engine.org)
    known = set(cursor.gaps)
    appeared = known - hidden
    for name in sorted(hidden - known):
        cursor.gaps[name] = "" if cursor.stamp is None else cursor.stamp.isoformat()
        note(
            tx,
            mapping.sobject,
            "field_hidden",
            f"{mapping.sobject}.{name} is not there, or Tandem's user may not see it. Values held here stay "
            "as they are. Grant the field in the permission set, deploy it, or take it out of "
            f"{mapping.file or 'the mapping'}.",
        )
    if appeared:
        since = [cursor.gaps.pop(name) for name in appeared]
        if not all(since):
            cursor.stamp = cursor.backfill = None  # one of them was never read: everything is read again
        elif cursor.stamp is not None:
            oldest = min(map(datetime.fromisoformat, since))
            cursor.stamp = min(cursor.stamp, oldest - timedelta(seconds=cursor.lag_seconds))
        for name in sorted(appeared):
            note(
                tx,
                mapping.sobject,
                "field_back",
                f"{mapping.sobject}.{name} is visible again; what changed meanwhile is being read.",
            )
    if appeared or hidden - known:
        save(tx, cursor)
