"""The jobs of requests' files."""

from __future__ import annotations

import logging

from app.approvals.attachments import service
from app.approvals.attachments.scanning import scanner_at
from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.services import locate

log = logging.getLogger(__name__)


def scan(settings: Settings) -> None:
    """Scan files in quarantine, a few at a time, until none is left or the scanner is silent."""
    database = Database(locate(settings).database, pool_size=1)
    scanner = scanner_at(settings.clamd)
    judged = 0
    try:
        while True:
            with database.session(SYSTEM) as session:
                batch = service.scan_waiting(session, scanner)
            if not batch:
                break
            judged += batch
        with database.session(SYSTEM) as session:
            waiting = service.waiting(session)
    finally:
        database.dispose()
    if judged:
        log.info("%s files scanned", judged)
    if waiting:
        log.warning("%s files wait in quarantine: the virus scanner does not answer", waiting)
