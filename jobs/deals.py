"""The jobs of deal registration."""

from __future__ import annotations

import logging
from uuid import UUID

from app.config import Settings
from app.db import Database
from app.deals import records, service
from app.kernel.actor import SYSTEM
from app.queues import Queues
from app.services import locate

log = logging.getLogger(__name__)


def expire(settings: Settings) -> None:
    """End protections whose last day is over, batch by batch."""
    urls = locate(settings)
    database = Database(urls.database, pool_size=1)
    ended = 0
    try:
        while True:
            with database.session(SYSTEM) as session:
                batch = service.expire(session, service.Terms.of(settings))
            if not batch:
                break
            ended += batch
    finally:
        database.dispose()
    if ended:
        log.info("the protection of %s deals ended", ended)
        queues = Queues(urls.redis)
        queues.enqueue_hint("sync.cycle")
        queues.close()


def bring_records(settings: Settings) -> None:
    """Make the CRM's records of deals that have none yet, and name who holds the others now."""
    database = Database(locate(settings).database, pool_size=1)
    last: UUID | None = None
    try:
        while True:
            with database.session(SYSTEM) as session:
                last = records.bring_up_to_date(session, last)
            if last is None:
                break
    finally:
        database.dispose()
