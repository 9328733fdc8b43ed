"""What the org's own approval processes decide about requests."""

from __future__ import annotations

import logging

from app.approvals import crm
from app.approvals.process.outcome import Report
from app.approvals.process.rows import waiting
from app.approvals.process.run import run
from app.config import Settings
from app.db import Database
from app.listeners import APPROVALS
from app.queues import Queues
from app.salesforce import Gateway
from app.services import locate

log = logging.getLogger(__name__)


def decide_there(settings: Settings) -> None:
    """Submit steps that the org decides, take over what it decided, take back what is not needed any more.

    Before that, the CRM's view of requests is brought up to date where the sync was at work on it.
    """
    urls = locate(settings)
    database = Database(urls.database, pool_size=1)
    try:
        shown = crm.catch_up(database)
        done = Report()
        if waiting(database):  # no call for nothing
            with Gateway.open(settings) as gateway:
                done = run(database, gateway, APPROVALS.in_zone(settings.business_time_zone))
    finally:
        database.dispose()
    if done.changes:
        log.info(
            "the org's approval processes: %s steps submitted, %s decided, %s recalled, %s given back",
            done.submitted, done.decided, done.recalled, done.returned,
        )  # fmt: skip
    if shown or done.changes:
        queues = Queues(urls.redis)
        queues.enqueue_hint("sync.cycle")
        queues.close()
