"""The jobs of partners."""

from __future__ import annotations

import logging

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.partners import agreements, certificates, crm, service
from app.queues import Queues
from app.services import locate

log = logging.getLogger(__name__)


def turn_of_the_day(settings: Settings) -> None:
    """Show levels that begin or end today to the CRM; remind of and end certifications and deadlines."""
    urls = locate(settings)
    database = Database(urls.database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            day = service.today(session, settings.business_time_zone)
            shown = crm.show_all(session, day)
            reminded, ended = certificates.remind(session, day), certificates.expire(session, day)
            overdue = agreements.overdue(session, day)
    finally:
        database.dispose()
    if shown or reminded or ended or overdue:
        log.info(
            "partners: %s shown anew, %s certifications to renew, %s ended, %s agreements overdue",
            shown, reminded, ended, overdue,
        )  # fmt: skip
    if shown:
        queues = Queues(urls.redis)
        queues.enqueue_hint("sync.cycle")
        queues.close()
