"""The jobs of deal registration."""

from __future__ import annotations

import logging

from app.config import Settings
from app.db import Database
from app.deals import service
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
