"""The sync as the rest of Tandem calls it: a cycle, a sweep, the work that waits."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.salesforce import Gateway, SalesforceError
from app.services import locate
from app.sync import mapping_store
from app.sync.engine import Engine, Observer, Progress
from app.sync.inward import inbound, pull, reread
from app.sync.outward import push, settling
from app.sync.outward.early import Early
from app.sync.tx import Tx

#: A cycle looks again for rows that a lock, or somebody's change at the same moment, kept from going.
_PASSES = 3
_BREATH = 0.55


@dataclass
class Cycle:
    """What one cycle did. `refused`: objects that Salesforce would not let us read, and why."""

    pulled: dict[str, inbound.Report] = field(default_factory=dict)
    refused: dict[str, SalesforceError] = field(default_factory=dict)
    pushed: settling.Report = field(default_factory=settling.Report)
    calls: int = 0

    @property
    def writes(self) -> int:
        """Rows written on either side."""
        inward = sum(r.created + r.updated + r.deleted for r in self.pulled.values())
        return inward + self.pushed.sent

    def counts(self) -> dict[str, Any]:
        """The numbers for the run's row and for a person."""
        return {
            "in": {
                name: {"created": r.created, "updated": r.updated, "deleted": r.deleted, "refused": r.refused}
                for name, r in self.pulled.items()
                if r.created or r.updated or r.deleted or r.refused
            },
            "out": {
                "created": self.pushed.created,
                "updated": self.pushed.updated,
                "deleted": self.pushed.deleted,
                "held": self.pushed.held,
            },
        }


@contextmanager
def opened(
    settings: Settings, *, observers: Sequence[Observer] = (), progress: Progress | None = None
) -> Iterator[Engine]:
    """An engine for the settings' org and database. The first one ever applies the mapping files.

    Raises Misconfigured (not connected, faulty mappings), SalesforceError, Unavailable.
    """
    database = Database(locate(settings).database)
    try:
        with database.session(SYSTEM) as session:
            mappings = mapping_store.ensure(session, settings.mappings_dir).mappings()
        with Gateway.open(settings) as gateway:
            yield Engine(database, gateway, mappings, settings.data_dir, observers, progress)
    finally:
        database.dispose()


def run_cycle(
    settings: Settings,
    *,
    observers: Sequence[Observer] = (),
    progress: Progress | None = None,
    due_only: bool = True,
) -> Cycle:
    """Open an engine and run one cycle. due_only: poll objects with a slow beat only when it is time."""
    with opened(settings, observers=observers, progress=progress) as engine:
        return cycle(engine, due_only=due_only)


def cycle(
    engine: Engine,
    *,
    due_only: bool = False,
    only: Iterable[str] | None = None,
    inward: bool = True,
    outward: bool = True,
) -> Cycle:
    """Pull, merge, push; again at once where another try is likely to succeed. Large groups of rows that need
    no merge leave as soon as that is known (see `early`).

    Raises SalesforceError when Salesforce cannot be reached; what was applied by then stays applied.
    """
    done = Cycle()
    with (
        engine.alone(),
        _recorded(engine, done, "cycle" if outward else "pull"),
        _rare_collections(),
        _quick_turns(),
    ):
        with engine.database.session(SYSTEM) as session:
            newer = mapping_store.newer(session, engine.applied)
        if newer is not None:
            engine.apply(newer)
        if not outward:
            _pull(engine, done, only, due_only)
            return done
        with Early(engine) as early:
            _pull(engine, done, only, due_only, early)
            early.finish(done.pushed)
        for attempt in range(_PASSES):
            missing = {name: set(ids) for name, ids in done.pushed.missing.items()}
            done.pushed.missing.clear()
            if missing:
                reread.look_up(engine, missing)
            report = push.push(engine, done.pushed)
            if not report.soon or attempt == _PASSES - 1:
                break
            report.soon = False
            if not report.missing:
                time.sleep(_BREATH)
        reread.refresh_formulas(engine, wrote=True)
    return done


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for garbage cycles less often: ten thousand records are alive at once and hold none,
    and searching them over and over takes as long as the work itself."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let threads take turns more often than every five milliseconds: one that has bytes to take off a
    connection, or a statement to send, waits that long each time while another one merges records."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _pull(
    engine: Engine, done: Cycle, only: Iterable[str] | None, due_only: bool, sender: Early | None = None
) -> None:
    for name, outcome in pull.pull(engine, only=only, due_only=due_only, sender=sender).items():
        if isinstance(outcome, SalesforceError):
            done.refused[name] = outcome
        else:
            done.pulled[name] = outcome
    if done.refused and not done.pulled:
        raise next(iter(done.refused.values()))


@contextmanager
def _recorded(engine: Engine, done: Cycle, kind: str) -> Iterator[None]:
    """A row for the run: when, how much, how many calls, and the error if it ended in one."""
    before = engine.gateway.budget.usage().ours
    with engine.database.session(SYSTEM) as session:
        row = Tx(session).row("INSERT INTO sync_run (kind) VALUES (%s) RETURNING id", kind)
    assert row is not None
    error = None
    try:
        yield
        error = "; ".join(f"{name}: {e.sentence()}" for name, e in done.refused.items()) or None
    except Exception as caught:
        error = str(caught)
        raise
    finally:
        done.calls = engine.gateway.budget.usage().ours - before
        with engine.database.session(SYSTEM) as session:
            Tx(session).run(
                "UPDATE sync_run SET finished_at = clock_timestamp(), counts = %s::jsonb, api_calls = %s, "
                "error = %s WHERE id = %s",
                orjson.dumps(done.counts()).decode(),
                done.calls,
                error,
                row[0],
            )


def pending_work(database: Database) -> list[str]:
    """The names of jobs for which rows are waiting, for the sweeper that rebuilds lost jobs."""
    with database.session(SYSTEM) as session:
        tx = Tx(session)
        waiting = tx.row(
            "SELECT EXISTS (SELECT FROM sync_outbox WHERE state <> 'held' AND next_at <= clock_timestamp()) "
            "OR EXISTS (SELECT FROM sync_cursor WHERE backfill IS NOT NULL) "
            "OR EXISTS (SELECT FROM sync_bulk_job WHERE finished_at IS NULL)"
        )
    return ["sync.cycle"] if waiting and waiting[0] else []
