"""RQ over Redis or Valkey: hints only, never the truth.

What must happen is a row in PostgreSQL. A hint makes it happen sooner; a lost hint costs seconds, because
the scheduler finds the row. So nothing here may fail its caller.

A job's name is `room.action`; the part before the dot is its queue.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any
from uuid import UUID

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

#: Functions of the worker, named so that no room imports the jobs.
HINTED = "jobs.work.hinted"
PERFORM = "jobs.work.perform"

#: A hint that nobody took for so long may be given again.
FORGET_SECONDS = 30
#: No job runs longer; its worker ends it.
LONGEST_SECONDS = 6 * 3600
#: Redis answers in well under a millisecond; a caller waits this long at most for one that is gone.
TIMEOUT_SECONDS = 2.0

log = logging.getLogger(__name__)


class Queues:
    """The queues behind one Redis address (`redis://…`). Connects when first used."""

    def __init__(self, url: str) -> None:
        self.connection: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # Once more for a connection that went stale in the pool; not the default's many seconds.
            retry=Retry(NoBackoff(), 1),
        )

    def enqueue_hint(self, name: str, **arguments: Any) -> bool:
        """Ask for a job soon, after the transaction that gave it work has been committed.

        name: a job of the schedule, `sync.cycle`; arguments: JSON values. Hints that say the same are one
        until a worker begins. False when Redis did not take it: that is logged, and the schedule makes up
        for it.
        """
        said = json.dumps([name, arguments], sort_keys=True)
        return self._hint(
            hashlib.sha256(said.encode()).hexdigest(),
            queue_of(name),
            HINTED,
            {"name": name, "arguments": arguments},
        )

    def hint_run(self, name: str, run: UUID) -> bool:
        """Point a worker to a row of `job_run`. False when Redis did not take it."""
        return self._hint(str(run), queue_of(name), PERFORM, {"run": str(run)})

    def taken(self, said: str) -> None:
        """A worker begins what this hint asked for: from now on the same may be asked for again."""
        try:
            self.connection.delete(_key(said))
        except RedisError as error:
            log.warning("a hint could not be taken back, its like wait %s s: %s", FORGET_SECONDS, error)

    def close(self) -> None:
        """Close every connection."""
        self.connection.close()

    def _hint(self, said: str, queue: str, function: str, arguments: dict[str, Any]) -> bool:
        try:
            if not self.connection.set(_key(said), "1", nx=True, ex=FORGET_SECONDS):
                return True
            Queue(queue, connection=self.connection, serializer=JSONSerializer).enqueue_call(
                function,
                kwargs={"said": said, **arguments},
                timeout=LONGEST_SECONDS,
                result_ttl=0,
                failure_ttl=24 * 3600,
            )
        except RedisError as error:
            log.warning("Redis did not take a hint for %s; the schedule makes up for it: %s", queue, error)
            return False
        return True


def queue_of(name: str) -> str:
    """The queue that a job waits in."""
    return name.partition(".")[0]


def _key(said: str) -> str:
    return f"tandem:hint:{said}"
