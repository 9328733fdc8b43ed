"""Makes due rows, finds lost ones, hints at them. One works at a time; others stand by.

RQ's own cron is not used: it keeps its times in memory, puts jobs straight into Redis and pickles them, so
what it fired is gone with Redis, and two of them fire twice. Here a slot is a row that exists once.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.db import Database
from app.kernel.actor import SYSTEM
from app.kernel.errors import TandemError
from app.queues import Queues
from jobs import runs, schedule

#: Two schedulers of one database never work at the same time under this number.
LOCK = 7_226_003
TICK_SECONDS = 1.0
#: How often rooms are asked for waiting work.
ASK_SECONDS = 10.0

log = logging.getLogger(__name__)


class Scheduler:
    """The loop behind `tandem scheduler`."""

    def __init__(self, database: Database, queues: Queues) -> None:
        self._database = database
        self._queues = queues
        self._ask_in = 0.0

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop` is set. Survives the loss of PostgreSQL and of Redis."""
        standing_by = False
        while not stop.is_set():
            try:
                with self._database.engine.connect() as connection:
                    if self._lead(connection):
                        log.info("this scheduler leads")
                        standing_by = False
                        self._tick_until(connection, stop)
                    elif not standing_by:
                        standing_by = True
                        log.info("another scheduler leads; standing by")
            except SQLAlchemyError as error:
                log.warning("PostgreSQL does not answer; trying again: %s", _short(error))
            stop.wait(2 * TICK_SECONDS)

    def tick(self) -> int:
        """Fill the present slots, ask the rooms, give up the hopeless, hint at what is due; how many."""
        with self._database.session(SYSTEM) as session:
            for job in schedule.SCHEDULE:
                if job.every is not None:
                    runs.fill_slot(session, job.name, job.every, job.after)
                for run in runs.give_up(session, job.name, job.attempts):
                    log.error(
                        "%s (run %s) ended its worker %s times and is given up", job.name, run, job.attempts
                    )
        self._ask_in -= TICK_SECONDS
        if self._ask_in <= 0:
            self._ask_in = ASK_SECONDS
            self._ask_rooms()
        with self._database.session(SYSTEM) as session:
            due = runs.due(session, [job.name for job in schedule.SCHEDULE])
        return sum(self._queues.hint_run(one.name, one.run) for one in due)

    def _ask_rooms(self) -> None:
        for path in schedule.PENDING:
            module, _, name = path.partition(":")
            pending: Callable[[Database], list[str]] = getattr(importlib.import_module(module), name)
            try:
                names = pending(self._database)
            except TandemError as error:
                log.warning("%s: %s", path, error.sentence())
                continue
            with self._database.session(SYSTEM) as session:
                for wanted in names:
                    runs.request(session, schedule.job(wanted).name)

    def _lead(self, connection: Connection) -> bool:
        leads: bool = connection.execute(
            text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}
        ).scalar_one()
        connection.commit()
        return leads

    def _tick_until(self, connection: Connection, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                # The lock lives as long as this connection: a scheduler that lost it must not go on.
                connection.execute(text("SELECT 1"))
                connection.commit()
                self.tick()
                stop.wait(TICK_SECONDS)
        finally:
            # Back in the pool, the connection would keep the lock.
            connection.invalidate()


def _short(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).strip().splitlines()[0]
