"""The first sync of a large object: one Bulk query, page by page, resumable after every page.

Where it stands is a row: job, locator, horizon. A page and its locator are committed together, so a process
that is killed repeats at most the page it was in, and repeating a page changes nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from app.salesforce import BulkJob, ErrorKind, SalesforceError
from app.salesforce.bulk_csv import read_rows
from app.sync.engine import Engine
from app.sync.inward import cursors, inbound, queries
from app.sync.inward.cursors import Cursor
from app.sync.inward.inbound import Report
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx

#: Rows a result page asks for, and rows applied at a time within it.
PAGE, SLICE = 50_000, 5_000
_LONGEST_WAIT = 10.0


def start(engine: Engine, mapping: ObjectMapping, cursor: Cursor, server_at: datetime) -> None:
    """Ask for everything that exists now. From `server_at` on, polling takes over."""
    job = engine.gateway.bulk.query_create(queries.changes(mapping, engine.org, None, order=False))
    horizon = server_at - timedelta(seconds=cursor.lag_seconds)
    cursor.backfill = {
        "job": asdict(job), "locator": None, "slice": 0, "rows": 0,
        "horizon": cursors.soql_time(horizon),
    }  # fmt: skip
    with engine.transaction() as tx:
        cursors.save(tx, cursor)


def resume(engine: Engine, mapping: ObjectMapping, cursor: Cursor, report: Report) -> bool:
    """Go on with a backfill until it is complete; False when none is under way.

    Raises SalesforceError when the job failed; the next call then starts a new one. Rows already here
    stay and are merged again.
    """
    if cursor.backfill is None:
        return False
    try:
        job = finished(engine, BulkJob(**cursor.backfill["job"]))
        if job.phase != "done":
            raise SalesforceError(
                f"Salesforce could not complete the query job for {mapping.sobject}: "
                f"{job.error or job.phase}.",
                kind=ErrorKind.IDENTITY,
                where=mapping.sobject,
                remedy="It is started again with the next sync.",
            )
        cursor.backfill["job"] = asdict(job)
        with tempfile.TemporaryDirectory(prefix="tandem-backfill-") as directory:
            while cursor.backfill is not None:
                _page(engine, mapping, cursor, job, Path(directory) / "page.csv", report)
    except SalesforceError as error:
        if error.kind is ErrorKind.IDENTITY:  # the job failed, or Salesforce has thrown it away
            cursor.backfill = None
            with engine.transaction() as tx:
                cursors.save(tx, cursor)
        raise
    return True


def _page(
    engine: Engine, mapping: ObjectMapping, cursor: Cursor, job: BulkJob, path: Path, report: Report
) -> None:
    state: dict[str, Any] = cursor.backfill or {}
    page = engine.gateway.bulk.query_results(job, path, locator=state["locator"], max_records=PAGE)
    horizon = datetime.fromisoformat(state["horizon"])
    rows = islice(read_rows(path), state["slice"], None)
    for records in _slices(rows, SLICE):
        state["slice"] += len(records)
        state["rows"] += len(records)
        part = engine.transact(partial(_slice, engine, mapping, cursor, records, horizon))
        part.news.clear()  # a million ids are of no use to anybody
        report.add(part)
        if engine.progress is not None:
            engine.progress(mapping.sobject, state["rows"], job.processed)
    if page.next_locator is None:
        cursor.backfill = None
        cursor.stamp = horizon
        cursor.polled_at = cursor.server_at = horizon
    else:
        state["locator"], state["slice"] = page.next_locator, 0
    with engine.transaction() as tx:
        cursors.save(tx, cursor)


def _slice(
    engine: Engine,
    mapping: ObjectMapping,
    cursor: Cursor,
    records: list[dict[str, str]],
    horizon: datetime,
    tx: Tx,
) -> Report:
    """Apply rows and, in the same transaction, how far that brings the backfill."""
    cursors.save(tx, cursor)
    return inbound.apply(engine, tx, mapping, records, read_at=horizon)


def finished(engine: Engine, job: BulkJob) -> BulkJob:
    """The query job once Salesforce is done with it."""
    pause = 0.05
    while not job.finished:
        time.sleep(pause)
        pause = min(_LONGEST_WAIT, pause * 1.5)
        job = engine.gateway.bulk.query_poll(job)
    return job


def _slices(rows: Iterator[dict[str, str]], size: int) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(rows, size)):
        yield batch
