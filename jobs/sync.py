"""The sync's jobs."""

from __future__ import annotations

from app.config import Settings
from app.sync import service


def sync_cycle(settings: Settings) -> None:
    """One cycle: pull, merge, push."""
    service.run_cycle(settings)


def reconcile(settings: Settings) -> None:
    """Take up what an interrupted cycle left behind."""
    service.sweep(settings)
