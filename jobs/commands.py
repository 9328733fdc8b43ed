"""`tandem worker` and `tandem scheduler`."""

from __future__ import annotations

import importlib
import logging
import signal
import sys
import threading
from typing import Any

import click
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from app.config import Settings
from app.db import Database
from app.queues import Queues
from app.services import locate
from jobs import schedule
from jobs.scheduler import Scheduler


class PatientWorker(Worker):
    """A worker that outlives a restart of Redis and asks for it again soon."""

    max_connection_wait_time = 5.0


@click.command()
@click.option("--queue", "names", multiple=True, help="Only this queue; may be given again. All by default.")
@click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
def worker(names: tuple[str, ...], burst: bool) -> None:
    """Work through queued jobs, one at a time, until Ctrl-C.

    A first Ctrl-C lets the present job end; a second one breaks it off, and another worker takes it over.
    """
    _log_to_stderr()
    queues = Queues(locate(Settings.from_env()).redis)
    known = schedule.queues()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise click.BadParameter(f"no such queue: {', '.join(unknown)}. Queues: {', '.join(known)}.")
    for job in schedule.SCHEDULE:
        # Once here, not once a job: the process of each job is a fork of this one.
        importlib.import_module(job.function.partition(":")[0])
    rq_worker = PatientWorker(
        [
            Queue(name, connection=queues.connection, serializer=JSONSerializer)
            for name in known
            if not names or name in names
        ],
        connection=queues.connection,
        serializer=JSONSerializer,
        log_job_description=False,
    )
    rq_worker.work(burst=burst, logging_level="WARNING")


@click.command()
@click.option("--list", "list_only", is_flag=True, help="Show the schedule and stop.")
def scheduler(list_only: bool) -> None:
    """Put due jobs into the queue, and rebuild lost ones, until Ctrl-C.

    Start as many as you like: one works, the others stand by.
    """
    if list_only:
        for job in schedule.SCHEDULE:
            every = f"every {job.every}" if job.every else "when asked for"
            click.echo(f"{job.name:<18} {every:<24} queue {job.queue:<8} {job.description}")
        return
    _log_to_stderr()
    urls = locate(Settings.from_env())
    stop = threading.Event()

    def ask_to_stop(number: int, frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    database, queues = Database(urls.database, pool_size=2), Queues(urls.redis)
    try:
        Scheduler(database, queues).run(stop)
    finally:
        queues.close()
        database.dispose()


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
