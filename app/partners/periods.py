"""Periods of a level or an activation: half-open days without overlap. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Period:
    """One period. end: the first day that does not belong to it; None while it lasts."""

    id: UUID
    key: str
    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        """Whether the day belongs to it."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change does: periods that end sooner, and periods that are replaced as a whole."""

    ends: dict[UUID, date]
    replaced: tuple[UUID, ...]


def begin(existing: Sequence[Period], start: date) -> Plan:
    """Make room for a period from `start` on without an end."""
    ends = {one.id: start for one in existing if one.start < start and (one.end is None or start < one.end)}
    return Plan(ends, tuple(one.id for one in existing if start <= one.start))


def at(existing: Sequence[Period], day: date) -> Period | None:
    """The period to which the day belongs."""
    return next((one for one in existing if one.holds(day)), None)


def takes_effect(today: date, *, falls: bool, grace_days: int) -> date:
    """When a new level holds: at once, or after the grace of the level that is left behind."""
    return today + timedelta(days=grace_days) if falls else today


def months_later(start: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
