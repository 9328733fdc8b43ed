"""Large groups as Bulk 2.0 jobs. The job is a row before a single record of it is written.

After a crash the job is awaited, not repeated: what it wrote comes back with the next poll and is
recognised as our own, and what it did not write is still in the outbox.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import orjson

from app.salesforce import BulkJob, ErrorKind, RowResult, SalesforceError
from app.salesforce.bulk_csv import NULL, write_csv
from app.sync import outbox
from app.sync.engine import Engine
from app.sync.outward.outgoing import Outgoing
from app.sync.tx import Tx

Wait = Callable[[float], object]

_LONGEST_WAIT = 5.0
#: Rows settled in one transaction.
SLICE = 5_000
_OPERATIONS = {"create": "upsert", "update": "update", "delete": "delete"}


def fits(write: Outgoing) -> bool:
    """Whether a row can go by Bulk: no condition, and no text that Bulk would take for "empty"."""
    return write.unmodified_since is None and NULL not in write.values.values()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job that is open in Salesforce and written down in `row`; its rows wait in `file`, named by `key`."""

    writes: Sequence[Outgoing]
    job: BulkJob
    key: str
    file: Path
    row: int

    def only(self, writes: Sequence[Outgoing]) -> Prepared:
        """The same job for fewer of its writes."""
        if len(writes) == len(self.writes):
            return self
        _write(self.file, writes, self.key)
        return replace(self, writes=writes)


@dataclass(frozen=True, slots=True)
class Running:
    """A job that Salesforce works on. key: the column that names its rows. row: where it is written down."""

    writes: Sequence[Outgoing]
    job: BulkJob
    key: str
    row: int

    @property
    def keys(self) -> list[str]:
        """What the key holds for each write."""
        created = self.key != "Id"
        return [str(w.entry.local_id) if created else str(w.sf_id) for w in self.writes]


def send(engine: Engine, writes: Sequence[Outgoing]) -> Iterator[tuple[list[Outgoing], list[RowResult]]]:
    """Send writes of one object and kind; gives them back with their results, slice by slice."""
    running = start(engine, writes)
    yield from slices(running, results(engine, running))
    forget(engine, running.row)


def start(engine: Engine, writes: Sequence[Outgoing]) -> Running:
    """Give writes of one object and kind to Salesforce. They are marked as sending already."""
    with tempfile.TemporaryDirectory(prefix="tandem-push-") as name:
        return load(engine, prepare(engine, writes, Path(name)))


def prepare(engine: Engine, writes: Sequence[Outgoing], directory: Path, *, marked: bool = True) -> Prepared:
    """Open a job for writes of one object and kind, and put its rows in a file. Nothing is written by that;
    a job that is not loaded after all is aborted by `finish_open_jobs`.

    marked: the writes are marked as sending already; else they are when this ends.
    """
    mapping, kind = writes[0].mapping, writes[0].kind
    external_id = mapping.external_id if kind == "create" else None
    operation = _OPERATIONS[kind]
    with ThreadPoolExecutor(1, thread_name_prefix="push") as pool:
        opened = pool.submit(
            engine.gateway.bulk.ingest_open, mapping.sobject, operation, external_id=external_id  # type: ignore[arg-type]
        )  # fmt: skip
        key, file = external_id or "Id", directory / f"{mapping.sobject}-{kind}.csv"
        _write(file, writes, key)
        if not marked:
            engine.transact(partial(_mark, writes))
        job = opened.result()
    return Prepared(writes, job, key, file, engine.transact(partial(_remember, mapping.sobject, job)))


def load(engine: Engine, prepared: Prepared) -> Running:
    """Upload the rows of an open job and let Salesforce begin."""
    bulk = engine.gateway.bulk
    bulk.ingest_load(prepared.job, prepared.file)
    return Running(prepared.writes, bulk.ingest_close(prepared.job), prepared.key, prepared.row)


def results(engine: Engine, running: Running, wait: Wait = time.sleep) -> list[RowResult]:
    """The outcome of each write, once Salesforce is done."""
    job = await_job(engine, running.job, len(running.writes), wait)
    with tempfile.TemporaryDirectory(prefix="tandem-push-") as name:
        return engine.gateway.bulk.ingest_results_in_order(job, Path(name), running.keys, running.key)


def slices(
    running: Running, outcomes: Sequence[RowResult]
) -> Iterator[tuple[list[Outgoing], list[RowResult]]]:
    """Writes and their results, as many at a time as one transaction settles."""
    for at in range(0, len(running.writes), SLICE):
        yield list(running.writes[at : at + SLICE]), list(outcomes[at : at + SLICE])


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
            forget(engine, row)  # Salesforce keeps a job for seven days
            continue
        if job.phase == "open":
            engine.gateway.bulk.abort(job)
        else:
            await_job(engine, job)
        forget(engine, row)


def await_job(engine: Engine, job: BulkJob, rows: int = 0, wait: Wait = time.sleep) -> BulkJob:
    """The job once Salesforce is done with it. rows: how many it has, if known. wait: for that many seconds,
    or less; what it raises ends the waiting.

    A job that hangs is aborted, so that it does not hold up the sync: what it wrote stays, and what it did
    not write is still in the outbox.
    """
    began = time.monotonic()
    pause = min(1.0, 0.05 + rows / 36_000)  # each look costs the org a call
    while not job.finished:
        wait(pause)
        job = engine.gateway.bulk.ingest_poll(job)
        waited = time.monotonic() - began
        if waited > engine.bulk_patience:
            job = engine.gateway.bulk.abort(job)
        pause = _pause(pause, job.processed, rows, waited)
    return job


def _pause(last: float, done: int, rows: int, seconds: float) -> float:
    """How long to wait before the next look: for most of what the rest takes at the pace so far, if that is
    known; a job that had to wait for its turn goes on faster than it began."""
    if 0 < done < rows:
        return min(_LONGEST_WAIT, max(0.03, 0.7 * seconds * (rows - done) / done))
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


def _remember(sobject: str, job: BulkJob, tx: Tx) -> int:
    row = tx.row(
        "INSERT INTO sync_bulk_job (sobject, job) VALUES (%s, %s::jsonb) RETURNING id",
        sobject,
        orjson.dumps(asdict(job)).decode(),
    )
    assert row is not None
    return int(row[0])


def _mark(writes: Sequence[Outgoing], tx: Tx) -> None:
    outbox.mark_sending(tx, [(w.entry.local_id, w.agreed(), w.entry.version) for w in writes])


def forget(engine: Engine, row: int) -> None:
    """Nobody has to wait for that job any more."""
    with engine.transaction() as tx:
        tx.run("UPDATE sync_bulk_job SET finished_at = now() WHERE id = %s", row)
