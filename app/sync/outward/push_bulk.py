"""Large groups as Bulk 2.0 jobs. The job is a row before a single record of it is written.

After a crash the job is awaited, not repeated: what it wrote comes back with the next poll and is
recognised as our own, and what it did not write is still in the outbox.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import orjson

from app.salesforce import BulkJob, ErrorKind, RowResult, SalesforceError
from app.salesforce.bulk_csv import NULL, write_csv
from app.sync.engine import Engine
from app.sync.outward.outgoing import Outgoing

_LONGEST_WAIT = 5.0
#: Rows settled in one transaction.
SLICE = 10_000
_OPERATIONS = {"create": "upsert", "update": "update", "delete": "delete"}


def fits(write: Outgoing) -> bool:
    """Whether a row can go by Bulk: no condition, and no text that Bulk would take for "empty"."""
    return write.unmodified_since is None and NULL not in write.values.values()


def send(engine: Engine, writes: Sequence[Outgoing]) -> Iterator[tuple[list[Outgoing], list[RowResult]]]:
    """Send writes of one object and kind; gives them back with their results, slice by slice."""
    mapping, kind = writes[0].mapping, writes[0].kind
    key = mapping.external_id if kind == "create" else "Id"
    with tempfile.TemporaryDirectory(prefix="tandem-push-") as name:
        directory = Path(name)
        bulk = engine.gateway.bulk
        with ThreadPoolExecutor(1, thread_name_prefix="push") as pool:
            opened = pool.submit(
                bulk.ingest_open,
                mapping.sobject,
                _OPERATIONS[kind],  # type: ignore[arg-type]
                external_id=mapping.external_id if kind == "create" else None,
            )
            _write(directory / "rows.csv", writes, key)
            job = opened.result()
        row = _remember(engine, mapping.sobject, job)
        job = await_job(engine, bulk.ingest_upload(job, directory / "rows.csv"), len(writes))
        keys = [str(w.entry.local_id) if kind == "create" else str(w.sf_id) for w in writes]
        results = bulk.ingest_results_in_order(job, directory, keys, key)
    for start in range(0, len(writes), SLICE):
        yield list(writes[start : start + SLICE]), results[start : start + SLICE]
    _forget(engine, row)


def finish_open_jobs(engine: Engine) -> None:
    """Wait for jobs that a process left behind; one that never got its data is aborted."""
    with engine.transaction() as tx:
        left = tx.rows("SELECT id, job::text FROM sync_bulk_job WHERE finished_at IS NULL")
    for row, text in left:
        try:
            job = engine.gateway.bulk.ingest_poll(BulkJob(**orjson.loads(text)))
        except SalesforceError as error:
            if error.kind is not ErrorKind.IDENTITY:
                raise
            _forget(engine, row)  # Salesforce keeps a job for seven days
            continue
        if job.phase == "open":
            engine.gateway.bulk.abort(job)
        else:
            await_job(engine, job)
        _forget(engine, row)


def await_job(engine: Engine, job: BulkJob, rows: int = 0) -> BulkJob:
    """The job once Salesforce is done with it. rows: how many it has, if known.

    A job that hangs is aborted, so that it does not hold up the sync: what it wrote stays, and what it did
    not write is still in the outbox.
    """
    began = time.monotonic()
    pause = min(1.0, 0.05 + rows / 22_000)  # each look costs the org a call
    while not job.finished:
        time.sleep(pause)
        job = engine.gateway.bulk.ingest_poll(job)
        waited = time.monotonic() - began
        if waited > engine.bulk_patience:
            job = engine.gateway.bulk.abort(job)
        pause = _pause(pause, job.processed, rows, waited)
    return job


def _pause(last: float, done: int, rows: int, seconds: float) -> float:
    """How long to wait before the next look: until the rest is done at the pace so far, if that is known."""
    if 0 < done < rows:
        return min(_LONGEST_WAIT, max(0.1, 1.1 * seconds * (rows - done) / done))
    return min(_LONGEST_WAIT, last * 1.6)


def _write(path: Path, writes: Sequence[Outgoing], key: str) -> None:
    columns = {key: None}
    records = []
    for write in writes:
        identity = str(write.entry.local_id) if write.kind == "create" else write.sf_id
        record = {key: identity, **({} if write.kind == "delete" else write.payload())}
        for name, value in record.items():
            columns[f"{name}.{next(iter(value))}" if isinstance(value, dict) else name] = None
        records.append(record)
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, list(columns), records)


def _remember(engine: Engine, sobject: str, job: BulkJob) -> int:
    with engine.transaction() as tx:
        row = tx.row(
            "INSERT INTO sync_bulk_job (sobject, job) VALUES (%s, %s::jsonb) RETURNING id",
            sobject,
            orjson.dumps(asdict(job)).decode(),
        )
    assert row is not None
    return int(row[0])


def _forget(engine: Engine, row: int) -> None:
    with engine.transaction() as tx:
        tx.run("UPDATE sync_bulk_job SET finished_at = now() WHERE id = %s", row)
