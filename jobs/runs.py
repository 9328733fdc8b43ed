"""The rows behind the jobs. Every time is the database's own clock, so workers need not agree on theirs.

A run waits, is claimed under a lease, and ends as done, failed or skipped. A claim carries the attempt's
number: when the lease of a silent worker has passed and another one has claimed the run, whatever the
first one still says is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

#: How long to wait before hinting again at a run that nobody took.
HINT_AGAIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt at a run, until its lease ends."""

    run: UUID
    name: str
    arguments: Mapping[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class Due:
    """A run that should be worked on now."""

    run: UUID
    name: str


def request(session: Session, name: str, arguments: Mapping[str, Any] | None = None) -> UUID:
    """Make a run that must happen, unless one waits for the same already; its id, or that one's."""
    values = {"name": name, "arguments": json.dumps(dict(arguments or {}))}
    while True:
        made = session.execute(_REQUEST, values).scalar_one_or_none()
        if made is not None:
            return UUID(str(made))
        waiting = session.execute(_WAITING, values).scalar_one_or_none()
        if waiting is not None:
            return UUID(str(waiting))


_REQUEST = text("""
    INSERT INTO job_run (name, arguments) VALUES (:name, CAST(:arguments AS jsonb))
    ON CONFLICT DO NOTHING RETURNING id
""")
_WAITING = text("""
    UPDATE job_run SET due_at = least(due_at, clock_timestamp())
    WHERE name = :name AND arguments = CAST(:arguments AS jsonb)
      AND finished_at IS NULL AND started_at IS NULL
    RETURNING id
""")


def fill_slot(session: Session, name: str, every: timedelta, after: timedelta | None = None) -> UUID | None:
    """Make the run of the schedule's present slot. None when it exists, or an earlier one still waits.

    after: the run is due so long after the slot's beginning. A job with such a time catches up when it was
    missed, but does not start at once on the day it is new.
    """
    values = {"name": name, "every": every, "after": after or timedelta(0), "at_once": after is None}
    made = session.execute(_FILL_SLOT, values).scalar_one_or_none()
    return UUID(str(made)) if made is not None else None


_FILL_SLOT = text("""
    INSERT INTO job_run (name, slot, due_at)
    SELECT :name, present.slot, present.slot + CAST(:after AS interval)
    FROM date_bin(:every, clock_timestamp(), timestamptz '2000-01-01 00:00:00+00') AS present (slot)
    WHERE CAST(:at_once AS boolean)
       OR present.slot + CAST(:after AS interval) > clock_timestamp()
       OR EXISTS (SELECT FROM job_run WHERE name = :name AND slot < present.slot)
    ON CONFLICT DO NOTHING RETURNING id
""")


def name_of(session: Session, run: UUID) -> str | None:
    """The job that a run belongs to; None when there is no such run."""
    name: str | None = session.execute(_NAME, {"run": run}).scalar_one_or_none()
    return name


def claim(session: Session, run: UUID, lease: timedelta) -> Claim | None:
    """Begin an attempt at a run.

    None when there is nothing to do: it is finished, not due yet, under another worker's lease, or another
    run of the same name is under way (a job never runs beside itself).
    """
    name = name_of(session, run)
    if name is None:
        return None
    # Without this two workers could claim two runs of one job at the same moment.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7226002))"), {"name": name})
    row = session.execute(_CLAIM, {"run": run, "lease": lease}).one_or_none()
    return Claim(UUID(str(row.id)), row.name, row.arguments, row.attempts) if row else None


_NAME = text("SELECT name FROM job_run WHERE id = :run")
_CLAIM = text("""
    UPDATE job_run AS mine
    SET started_at = clock_timestamp(), lease_until = clock_timestamp() + :lease, attempts = attempts + 1
    WHERE id = :run AND finished_at IS NULL AND due_at <= clock_timestamp()
      AND (lease_until IS NULL OR lease_until <= clock_timestamp())
      AND NOT EXISTS (
          SELECT FROM job_run AS other
          WHERE other.name = mine.name AND other.id <> mine.id
            AND other.finished_at IS NULL AND other.lease_until > clock_timestamp())
    RETURNING id, name, arguments, attempts
""")


def renew(session: Session, claimed: Claim, lease: timedelta) -> bool:
    """Keep the lease. False when another worker has taken the run over."""
    return _changed(
        session,
        "UPDATE job_run SET lease_until = clock_timestamp() + :lease",
        claimed,
        {"lease": lease},
    )


def finish(
    session: Session, claimed: Claim, outcome: Literal["done", "failed", "skipped"], error: str | None = None
) -> bool:
    """End the run. False when another worker has taken it over; then nothing is changed."""
    return _changed(
        session,
        "UPDATE job_run SET finished_at = clock_timestamp(), lease_until = NULL, "
        "outcome = :outcome, error = :error",
        claimed,
        {"outcome": outcome, "error": error},
    )


def postpone(session: Session, claimed: Claim, pause: timedelta, error: str) -> bool:
    """Give the run back after an attempt that failed, to be tried again after the pause."""
    return _changed(
        session,
        "UPDATE job_run SET lease_until = NULL, hinted_at = NULL, error = :error, "
        "due_at = clock_timestamp() + :pause",
        claimed,
        {"pause": pause, "error": error},
    )


def _changed(session: Session, update: str, claimed: Claim, values: dict[str, Any]) -> bool:
    statement = text(f"{update} WHERE id = :run AND attempts = :attempt AND finished_at IS NULL RETURNING id")
    keys = {"run": claimed.run, "attempt": claimed.attempt}
    return session.execute(statement, keys | values).first() is not None


def wake_next(session: Session, name: str) -> None:
    """A run of the job has ended: the one that waited for it is hinted at without delay."""
    session.execute(_WAKE_NEXT, {"name": name})


_WAKE_NEXT = text("""
    UPDATE job_run SET hinted_at = NULL
    WHERE name = :name AND finished_at IS NULL AND started_at IS NULL AND hinted_at IS NOT NULL
""")


def due(session: Session, names: Sequence[str]) -> list[Due]:
    """Runs of these jobs to work on: due, under nobody's lease, and not hinted at just now.

    They count as hinted at from now on. A run whose worker died is among them as soon as its lease ends.
    """
    rows = session.execute(_DUE, {"again": HINT_AGAIN, "names": list(names)})
    return [Due(UUID(str(row.id)), row.name) for row in rows]


_DUE = text("""
    UPDATE job_run SET hinted_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM job_run
        WHERE finished_at IS NULL AND due_at <= clock_timestamp() AND name = ANY(:names)
          AND (lease_until IS NULL OR lease_until <= clock_timestamp())
          AND (hinted_at IS NULL OR hinted_at <= clock_timestamp() - :again OR hinted_at <= started_at)
        ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING id, name
""")


def give_up(session: Session, name: str, attempts: int) -> list[UUID]:
    """Fail the runs of a job whose worker died at each of so many attempts."""
    rows = session.execute(_GIVE_UP, {"name": name, "attempts": attempts})
    return [UUID(str(row.id)) for row in rows]


_GIVE_UP = text("""
    UPDATE job_run
    SET finished_at = clock_timestamp(), lease_until = NULL, outcome = 'failed',
        error = format('The worker ended in the middle of the job %s times; see its log.', attempts)
    WHERE name = :name AND finished_at IS NULL AND attempts >= :attempts AND lease_until <= clock_timestamp()
    RETURNING id
""")


def forget(session: Session, age: timedelta) -> int:
    """Remove the rows of runs that ended longer ago than `age`; how many there were."""
    removed = text("DELETE FROM job_run WHERE finished_at < clock_timestamp() - :age RETURNING id")
    return len(session.execute(removed, {"age": age}).all())
