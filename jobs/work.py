"""What a worker does with a hint. Runs in a process of its own for each job (RQ's work horse)."""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import BadInput, Misconfigured, TandemError
from app.queues import Queues
from app.services import locate
from jobs import runs
from jobs.schedule import Job, job

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)

log = logging.getLogger(__name__)


def hinted(said: str, name: str, arguments: dict[str, Any]) -> str:
    """A room asked for a job: make its row, unless one waits already, and work on it. What became of it."""
    return _in_this_process(said, lambda database: _request(database, name, arguments))


def perform(said: str, run: str) -> str:
    """The scheduler pointed to a row: work on it. What became of it."""
    return _in_this_process(said, lambda database: UUID(run))


def work_on(
    database: Database, settings: Settings, run: UUID, on_lost: Callable[[], None] = lambda: None
) -> str:
    """Claim a run, call its job, and write down what became of it: `done`, `failed`, `again` or `nothing`.

    on_lost: called from another thread when a second worker has taken the run over.
    """
    with database.session(SYSTEM) as session:
        name = runs.name_of(session, run)
        claimed = runs.claim(session, run, job(name).lease) if name else None
    if claimed is None:
        return "nothing"
    described = job(claimed.name)
    with _Lease(database, claimed, described.lease, on_lost):
        try:
            _load(described.function)(settings, **claimed.arguments)
        except Exception as error:  # a job may fail in any way; the row says how, and when it is tried again
            return _failed(database, described, claimed, error)
    with database.session(SYSTEM) as session:
        kept = runs.finish(session, claimed, "done")
        runs.wake_next(session, claimed.name)
    return "done" if kept else "nothing"


def _failed(database: Database, described: Job, claimed: runs.Claim, error: Exception) -> str:
    if isinstance(error, TandemError):
        reason = error.sentence()
        log.warning("%s: %s", claimed.name, reason)
    else:
        reason = f"{type(error).__name__}: {error}"
        log.error("%s failed", claimed.name, exc_info=error)
    with database.session(SYSTEM) as session:
        runs.wake_next(session, claimed.name)
        # What only a person can mend is not tried again before the next time it is due or asked for.
        hopeless = isinstance(error, Misconfigured | BadInput)
        if hopeless or claimed.attempt >= described.attempts:
            return "failed" if runs.finish(session, claimed, "failed", reason) else "nothing"
        pause = min(FIRST_PAUSE * 2 ** (claimed.attempt - 1), LONGEST_PAUSE)
        return "again" if runs.postpone(session, claimed, pause, reason) else "nothing"


class _Lease:
    """Renews a claim's lease from a thread of its own for as long as the job runs."""

    def __init__(
        self, database: Database, claimed: runs.Claim, lease: timedelta, on_lost: Callable[[], None]
    ) -> None:
        self._database = database
        self._claimed = claimed
        self._lease = lease
        self._on_lost = on_lost
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(self._lease.total_seconds() / 3):
            try:
                with self._database.session(SYSTEM) as session:
                    kept = runs.renew(session, self._claimed, self._lease)
            except SQLAlchemyError as error:
                # The next try may succeed; if none does, the lease ends and the run is somebody else's.
                log.warning("the lease of %s could not be renewed: %s", self._claimed.name, error)
                continue
            if not kept:
                self._on_lost()
                return


def _in_this_process(said: str, find: Callable[[Database], UUID]) -> str:
    settings = Settings.from_env()
    urls = locate(settings)
    queues = Queues(urls.redis)
    queues.taken(said)
    queues.close()
    database = Database(urls.database, pool_size=2)
    try:
        return work_on(database, settings, find(database), on_lost=_abandon)
    finally:
        database.dispose()


def _abandon() -> None:
    log.error("this worker was silent for too long and another one has its job; ending")
    os._exit(1)


def _request(database: Database, name: str, arguments: dict[str, Any]) -> UUID:
    job(name)
    with database.session(SYSTEM) as session:
        return runs.request(session, name, arguments)


def _load(function: str) -> Callable[..., None]:
    module, _, name = function.partition(":")
    loaded: Callable[..., None] = getattr(importlib.import_module(module), name)
    return loaded
