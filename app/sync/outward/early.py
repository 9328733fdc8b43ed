"""Large groups of plain updates, sent while what was read is still being applied.

A cycle reads, merges, and sends. A row whose record is not among those just read has nothing to be merged
with: as soon as everything that changed in the org is known by its id, the row may go. So the plan is made
while the org is asked, and the org works on a Bulk job while we apply what it told. All the rest goes
afterwards, as ever: new rows, deletions, lookups, rows that an earlier attempt left in doubt or that a
question keeps back, and everything that fits a few calls.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from app.salesforce import QueryPage, RowResult, SalesforceError
from app.sync import outbox
from app.sync.engine import Engine
from app.sync.mapping import ObjectMapping
from app.sync.outward import batches, outgoing, push_bulk, settling
from app.sync.outward.outgoing import Outgoing
from app.sync.outward.push_bulk import Prepared
from app.sync.tx import Tx

#: Rows planned for one job, and the seconds after which a plan is no longer trusted.
_LIMIT, _FRESH = 20_000, 10.0
#: SObject → the writes that may go early, and how many other rows of the object are due.
_Plan = dict[str, tuple[list[Outgoing], int]]


class _Abandoned(Exception):
    """Nobody waits for the job any more; the next cycle will."""


class Early:
    """What one cycle sends before it has applied what it read. Leaving it with an error leaves an open or
    running job to the next cycle, as a crash would."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="early")
        self._over = Event()
        self._directory = tempfile.TemporaryDirectory(prefix="tandem-early-")
        self._planned: Future[_Plan] | None = None
        self._planned_at = 0.0
        #: SObject → rows marked as sending, and the job that is being opened for them
        self._prepared: dict[str, tuple[list[Outgoing], Future[Prepared]]] = {}
        self._sent: list[Future[settling.Report]] = []

    def __enter__(self) -> Self:
        mappings = self._engine.transact(partial(_large, self._engine))
        if mappings:
            self._planned_at = time.monotonic()
            plan = partial(self._engine.transact, partial(_plan, self._engine, mappings))
            self._planned = self._pool.submit(plan)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pool.shutdown(cancel_futures=True)
        self._directory.cleanup()

    def expect(self, first: Mapping[str, QueryPage]) -> bool:
        """The first pages of these objects have come; whether a group waits for the rest of one of them.

        If the rest is like them, a job is opened meanwhile and its rows are marked as sending.
        """
        planned = self._planned.result() if self._planned is not None else {}
        wanted = planned.keys() & first.keys()
        for sobject in wanted:
            (writes, left), page = planned[sobject], first[sobject]
            changed = {record["Id"] for record in page.records}
            rest = [write for write in writes if write.sf_id not in changed]
            expected = (len(writes) - len(rest)) * page.total_size // max(1, len(changed))
            if _worthwhile(writes[0].mapping, len(writes) - expected, left + expected):
                self._prepared[sobject] = rest, self._pool.submit(self._prepare, rest)
        return bool(wanted)

    def _prepare(self, writes: list[Outgoing]) -> Prepared:
        return push_bulk.prepare(self._engine, writes, Path(self._directory.name), marked=False)

    def send(self, read: Mapping[str, Collection[str]]) -> None:
        """Send the groups of these objects, all of whose changes were read: SObject → ids of the records.

        Rows that do not go after all are as before when this returns; a job that was opened in vain is
        aborted by the push that follows.
        """
        planned = self._planned.result() if self._planned is not None else {}
        for sobject in planned:
            writes = self._sendable(*planned[sobject], read.get(sobject))
            rest, prepared = self._prepared.pop(sobject, (None, None))
            if rest is not None and prepared is not None and len(writes) < len(rest):
                going = {id(write) for write in writes}
                wait([prepared])
                left = [write.entry.local_id for write in rest if id(write) not in going]
                self._engine.transact(partial(outbox.unmark, local_ids=left))
            if writes:
                prepared = prepared or self._pool.submit(self._prepare, writes)
                self._sent.append(self._pool.submit(self._run, prepared, writes))

    def _sendable(
        self, planned: list[Outgoing], left: int, changed: Collection[str] | None
    ) -> list[Outgoing]:
        """What may go early of an object. changed: ids of the records that were read; None: not all were."""
        mapping = planned[0].mapping
        stale = time.monotonic() - self._planned_at > _FRESH
        if changed is None or stale or mapping not in self._engine.mappings.objects:
            return []
        writes = [write for write in planned if write.sf_id not in changed]
        behind = left + len(planned) - len(writes)
        return writes if _worthwhile(mapping, len(writes), behind) else []

    def _run(self, prepared: Future[Prepared], writes: list[Outgoing]) -> settling.Report:
        """Send, wait, and write down what became of the rows, while others of the object are applied."""
        report = settling.Report()
        try:
            running = push_bulk.load(self._engine, prepared.result().only(writes))
            results = push_bulk.results(self._engine, running, self._wait)
        except SalesforceError as error:
            settling.nothing_known(self._engine, writes, error)
            raise
        with ThreadPoolExecutor(2, thread_name_prefix="settle") as pool:
            for part in pool.map(self._settle, push_bulk.slices(running, results)):
                report.add(part)
        push_bulk.forget(self._engine, running.row)
        return report

    def _wait(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise _Abandoned

    def _settle(self, outcomes: tuple[list[Outgoing], list[RowResult]]) -> settling.Report:
        part = settling.Report()
        # What a warning of a duplicate rule stopped is still marked, and the push finds it.
        settling.settle_but_warned(self._engine, *outcomes, part)
        return part

    def finish(self, report: settling.Report) -> None:
        """Wait for the jobs and add up what became of the rows.

        Raises SalesforceError; rows whose outcome is unknown stay in the outbox.
        """
        wait([opened for _, opened in self._prepared.values()])
        for future in self._sent:
            report.add(future.result())


def _large(engine: Engine, tx: Tx) -> list[ObjectMapping]:
    """The mappings with more to send than a few calls carry; none while an earlier attempt is in doubt."""
    in_doubt = tx.row(
        "SELECT EXISTS (SELECT FROM sync_bulk_job WHERE finished_at IS NULL) "
        "OR EXISTS (SELECT FROM sync_outbox WHERE state = 'sending')"
    )
    if in_doubt and in_doubt[0]:
        return []
    waiting = dict(
        tx.rows("SELECT table_name, count(*) FROM sync_outbox WHERE state = 'pending' GROUP BY table_name")
    )
    return [m for m in engine.mappings.objects if _worthwhile(m, waiting.get(m.table, 0), 0)]


def _worthwhile(mapping: ObjectMapping, many: int, left: int) -> bool:
    """Whether so many rows are a job of their own, and those left behind are none.

    A second job would cost five calls more. So few that each can have a condition of its own do not go early.
    """
    least = max(mapping.bulk_threshold, batches.GUARDED_A_CALL)
    return many > least and left <= mapping.bulk_threshold


def _plan(engine: Engine, mappings: Iterable[ObjectMapping], tx: Tx) -> _Plan:
    planned = {}
    for mapping in mappings:
        writes, left = outgoing.plain_updates(engine, tx, mapping, _LIMIT)
        if _worthwhile(mapping, len(writes), left):
            planned[mapping.sobject] = writes, left
    return planned
