"""Housekeeping."""

from __future__ import annotations

from datetime import timedelta

from app.config import Settings
from app.db import Database
from app.kernel.actor import SYSTEM
from app.services import locate
from app.web import answers
from jobs import runs

KEEP = timedelta(days=30)


def forget_old_answers(settings: Settings) -> None:
    """Remove answers that were kept for callers who repeat a call."""
    database = Database(locate(settings).database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            answers.forget(session)
    finally:
        database.dispose()


def forget_old_runs(settings: Settings) -> None:
    """Remove the rows of runs that ended long ago."""
    database = Database(locate(settings).database, pool_size=1)
    try:
        with database.session(SYSTEM) as session:
            runs.forget(session, KEEP)
    finally:
        database.dispose()
