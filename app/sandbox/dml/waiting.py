"""Waiting for rows that another transaction holds, as long as the org's settings say."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from app.sandbox import ids
from app.sandbox.context import Context

_PAUSE = 0.02


def wait_for_locks(ctx: Context, records: Sequence[Mapping[str, Any]]) -> None:
    """Come back when no row that these records name is held any longer, or when the patience is at its end.

    Then the write itself finds who is still locked out. Within an open transaction nobody waits: the
    transaction would keep from its end the very one that holds the rows.
    """
    patience = ctx.org.settings.lock_wait_seconds
    if not patience or ctx.system or ctx.org.store.writing or not _held(ctx):
        return
    named = {
        found
        for record in records
        for value in record.values()
        if isinstance(value, str) and len(value) in (15, 18) and (found := ids.normalize(value)) is not None
    }
    end = time.monotonic() + patience
    while named & _held(ctx) and time.monotonic() < end:
        time.sleep(_PAUSE)


def _held(ctx: Context) -> set[str]:
    rows = ctx.org.store.read().execute(
        "SELECT record_id FROM _lock WHERE kind = 'row' AND (until IS NULL OR until > ?)",
        (ctx.org.clock.now(),),
    )
    return {record_id for (record_id,) in rows}
