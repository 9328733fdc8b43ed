"""The jobs of the audit trail."""

from __future__ import annotations

from app.audit import anchors
from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.services import locate


def anchor(settings: Settings) -> None:
    """Keep the head of the chain outside the database."""
    database = Database(locate(settings).database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            head = anchors.head(session)
    finally:
        database.dispose()
    anchors.keep(anchors.path(settings.data_dir), head)
