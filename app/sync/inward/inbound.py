"""Records that came from Salesforce, applied to our tables: one page, one transaction, any number of times.

What was read is compared with the base of each link. Nothing new: nothing written. A row nobody touched
here takes the news; a row with changes of its own goes through the three-way merge (see `page`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import exc

from app.sync.engine import Engine
from app.sync.inward.arrivals import Record, Report, refuse, stamp
from app.sync.inward.page import Page
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx

#: What one row can cause; anything else concerns them all. Observers meet the ORM's own errors.
_BAD_ROW = (psycopg.DataError, psycopg.IntegrityError, exc.DataError, exc.IntegrityError)


def apply(
    engine: Engine,
    tx: Tx,
    mapping: ObjectMapping,
    records: Sequence[Record],
    *,
    read_at: datetime,
    clock_offset: timedelta = timedelta(0),
) -> Report:
    """Apply records of one SObject. read_at: the server's time when they were read (UTC).

    A record that our tables cannot hold is put aside with its reason; the others go on.
    """
    latest = list({r["Id"]: r for r in records}.values())
    report = Report(read=len(latest))
    _apply_or_split(engine, tx, mapping, latest, read_at, clock_offset, report)
    return report


def _apply_or_split(
    engine: Engine,
    tx: Tx,
    mapping: ObjectMapping,
    records: Sequence[Record],
    read_at: datetime,
    clock_offset: timedelta,
    report: Report,
) -> None:
    if not records:
        return
    part = Report()
    try:
        with tx.session.begin_nested():
            Page(engine, tx, mapping, read_at, clock_offset, part).apply(records)
    except _BAD_ROW as error:
        if len(records) == 1:
            refuse(tx, mapping, records[0], str(error).split("\n", maxsplit=1)[0])
            report.refused += 1
            return
        middle = len(records) // 2
        for half in (records[:middle], records[middle:]):
            _apply_or_split(engine, tx, mapping, half, read_at, clock_offset, report)
        return
    report.add(part)


def take_in(engine: Engine, mapping: ObjectMapping, records: Sequence[Record], read_at: datetime) -> None:
    """Apply records in a transaction of their own; what is news is remembered for their children's formulas.

    read_at: the server's time when they were read (UTC).
    """
    report = engine.transact(
        lambda tx: apply(engine, tx, mapping, records, read_at=read_at, clock_offset=engine.clock_offset)
    )
    engine.news[mapping.sobject] |= report.news


__all__ = ["Record", "Report", "apply", "stamp", "take_in"]
