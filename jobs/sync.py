"""The sync's jobs."""

from __future__ import annotations

import logging

from app.config import Settings
from app.listeners import SYNC_OBSERVERS
from app.sync import reconcile as reconciliation
from app.sync import service

log = logging.getLogger(__name__)


def sync_cycle(settings: Settings) -> None:
    """One cycle: pull, merge, push."""
    service.run_cycle(settings, observers=SYNC_OBSERVERS)


def reconcile(settings: Settings) -> None:
    """Compare both sides record by record, and settle what differs by the mappings."""
    with service.opened(settings, observers=SYNC_OBSERVERS) as engine, engine.alone():
        for mapping in engine.mappings.objects:
            found = reconciliation.compare(engine, mapping)
            if found.drift:
                mended = reconciliation.mend(engine, mapping, found)
                log.warning("%s: %s of %s records differed", mapping.sobject, mended, found.compared)
