"""Large groups of plain updates, sent while what was read is still being applied.

A cycle reads, merges, and sends. A row whose record is not among those just read has nothing to be merged
with: as soon as everything that changed in the org is known by its id, the row may go. So the plan is made
while the org is asked, and the org works on a Bulk job while we apply what it told. All the rest goes
afterwards, as ever: new rows, deletions, lookups, rows that an earlier attempt left in doubt or that a
question keeps back, and everything that fits a few calls.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event
from types import TracebackType
from typing import Self

from app.salesforce import RowResult, SalesforceError
from app.sync.engine import Engine
from app.sync.mapping import ObjectMapping
from app.sync.outward import batches, outgoing, push_bulk, settling
from app.sync.outward.outgoing import Outgoing
from app.sync.tx import Tx

#: Rows planned for one job, and the seconds after which a plan is no longer trusted.
_LIMIT, _FRESH = 20_000, 10.0
_Sent = tuple[push_bulk.Running, list[RowResult]]
#: SObject → the writes that may go early, and how many other rows of the object are due.
_Plan = dict[str, tuple[list[Outgoing], int]]


class _Abandoned(Exception):
    """Nobody waits for the job any more; the next cycle will."""


class _Patience:
    """How the jobs are waited for: at ease while there is other work, at once when there is none left."""

    def __init__(self) -> None:
        self._nudged = Event()
        self._stopped = False

    def wait(self, seconds: float) -> None:
        """Wait so long, or until there comes to be nothing else to do. Raises _Abandoned after `stop`."""
        self._nudged.clear()
        if not self._stopped:
            self._nudged.wait(seconds)
        if self._stopped:
            raise _Abandoned

    def hurry(self) -> None:
        """There is nothing else to do: whoever waits looks now."""
        self._nudged.set()

    def stop(self) -> None:
        """Wait no longer."""
        self._stopped = True
        self._nudged.set()


class Early:
    """What one cycle sends before it has applied what it read. Leaving it with an error leaves a running job
    to the next cycle, as a crash would."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="early")
        self._patience = _Patience()
        self._planned: Future[_Plan] | None = None
        self._planned_at = 0.0
        self._sent: list[tuple[list[Outgoing], Future[_Sent]]] = []

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
        self._patience.stop()
        self._pool.shutdown(cancel_futures=True)

    def wants(self, sobjects: Iterable[str]) -> bool:
        """Whether there is a group to send of one of these objects."""
        return self._planned is not None and not self._planned.result().keys().isdisjoint(sobjects)

    def send(self, read: Mapping[str, Collection[str]]) -> None:
        """Send the groups of these objects, all of whose changes were read: SObject → ids of the records."""
        if self._planned is None or time.monotonic() - self._planned_at > _FRESH:
            return
        for sobject, (planned, left) in self._planned.result().items():
            mapping = planned[0].mapping
            if sobject not in read or mapping not in self._engine.mappings.objects:
                continue
            writes = [w for w in planned if w.sf_id not in read[sobject]]
            if _worthwhile(mapping, len(writes), left + len(planned) - len(writes)):
                self._sent.append((writes, self._pool.submit(self._run, writes)))

    def _run(self, writes: list[Outgoing]) -> _Sent:
        running = push_bulk.start(self._engine, writes, mark=True)
        return running, push_bulk.results(self._engine, running, self._patience.wait)

    def finish(self, report: settling.Report) -> None:
        """Wait for the jobs and write down what became of the rows.

        Raises SalesforceError; rows whose outcome is unknown stay in the outbox.
        """
        for writes, future in self._sent:
            self._patience.hurry()
            try:
                running, results = future.result()
            except SalesforceError as error:
                settling.nothing_known(self._engine, writes, error)
                raise
            for part, outcomes in push_bulk.slices(running, results):
                # What a warning of a duplicate rule stopped is still marked, and the push finds it.
                settling.settle_but_warned(self._engine, part, outcomes, report)
            push_bulk.forget(self._engine, running.row)


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
