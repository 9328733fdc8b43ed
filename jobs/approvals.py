"""The jobs of requests."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from app.approvals import deadlines as clock
from app.approvals import mail as post
from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.listeners import APPROVALS
from app.queues import Queues
from app.services import locate

log = logging.getLogger(__name__)


def deadlines(settings: Settings) -> None:
    """Remind, escalate and expire what is due, batch by batch; find somebody where nobody is left."""
    urls = locate(settings)
    database = Database(urls.database, pool_size=1)
    engine = APPROVALS.in_zone(settings.business_time_zone)
    now = datetime.now(UTC)
    done = 0
    try:
        with database.session(SYSTEM) as session:
            clock.find_somebody(engine, session, now)
        while True:
            with database.session(SYSTEM) as session:
                batch = clock.run(engine, session, now)
            if not batch:
                break
            done += batch
    finally:
        database.dispose()
    if done:
        log.info("deadlines of %s requests passed", done)
        queues = Queues(urls.redis)
        queues.enqueue_hint("sync.cycle")
        queues.close()


def mail(settings: Settings) -> None:
    """Send notices that wait to go out by mail; nothing without a mail server."""
    if settings.smtp_url is None:
        return
    database = Database(locate(settings).database, pool_size=1)
    try:
        sent = post.send(
            database,
            post.Post(settings.smtp_url, settings.mail_from, settings.pages_url or settings.public_url),
        )
    finally:
        database.dispose()
    if sent:
        log.info("%s notices went out by mail", sent)
