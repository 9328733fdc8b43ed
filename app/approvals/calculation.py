"""Deadlines on a calendar, and who stands in for whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from uuid import UUID

_SATURDAY = 5
#: A chain of people standing in for each other that is longer is a mistake.
LONGEST_CHAIN = 8


class Length(Protocol):
    """A length of time: one of the three."""

    @property
    def hours(self) -> int | None: ...
    @property
    def days(self) -> int | None: ...
    @property
    def business_days(self) -> int | None: ...


def later(moment: datetime, length: Length, zone: tzinfo) -> datetime:
    """The moment that is so much later. Days keep the time of day of that zone; weekends do not count.

    moment: with its time zone. What begins on a weekend begins, for business days, at the same time of day
    on the Friday before: one business day later is Monday.
    """
    if length.hours is not None:
        # In the zone itself an hour in which the clocks change would count twice, or not at all.
        return (moment.astimezone(UTC) + timedelta(hours=length.hours)).astimezone(moment.tzinfo)
    local = moment.astimezone(zone)
    if length.days is not None:
        return _at(local, local.date() + timedelta(days=length.days), zone).astimezone(moment.tzinfo)
    day, left = local.date(), length.business_days or 0
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return _at(local, day, zone).astimezone(moment.tzinfo)


def _at(local: datetime, day: object, zone: tzinfo) -> datetime:
    return datetime.fromisoformat(f"{day}T{local.time().isoformat()}").replace(tzinfo=zone)


@dataclass(frozen=True, slots=True)
class Standing:
    """`delegate` stands in for `person`. away: and is asked instead. workflow: in that one only."""

    person: UUID
    delegate: UUID | None
    workflow: str | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """In whose place somebody may decide. via: everybody between, the person included; empty for oneself."""

    person: UUID
    via: tuple[UUID, ...] = ()
    workflow: str | None = None


def ways(me: UUID, standings: Iterable[Standing], *, without: Collection[UUID] = ()) -> list[Way]:
    """Everybody in whose place I may decide, myself first, the nearest next.

    without: people who may not decide; nothing is passed on by them or through them. Circles end.
    """
    if me in without:
        return []
    by_delegate: dict[UUID, list[Standing]] = {}
    for one in standings:
        if one.delegate is not None and one.person not in without:
            by_delegate.setdefault(one.delegate, []).append(one)
    found = [Way(me)]
    seen: set[tuple[UUID, str | None]] = {(me, None)}
    for way in found:  # grows while it is walked
        if len(way.via) >= LONGEST_CHAIN:
            continue
        for one in by_delegate.get(way.person, []):
            if way.workflow is not None and one.workflow not in (None, way.workflow):
                continue
            workflow = one.workflow or way.workflow
            if one.person != me and not {(one.person, None), (one.person, workflow)} & seen:
                seen.add((one.person, workflow))
                found.append(Way(one.person, (*way.via, one.person), workflow))
    return found


def asked(
    person: UUID, standings: Iterable[Standing], workflow: str, *, without: Collection[UUID] = ()
) -> list[UUID]:
    """Who is asked when this person should be: themselves, or whoever stands in while they are away.

    Empty where they are away and nobody stands in.
    """
    away: dict[UUID, list[Standing]] = {}
    for one in standings:
        if one.away and one.workflow in (None, workflow):
            away.setdefault(one.person, []).append(one)
    found: list[UUID] = []
    waiting, seen = [person], {person}
    while waiting:
        current = waiting.pop(0)
        if current in without:
            continue
        if current not in away:
            found.append(current)
            continue
        for one in away[current]:
            if one.delegate is not None and one.delegate not in seen:
                seen.add(one.delegate)
                waiting.append(one.delegate)
    return found
