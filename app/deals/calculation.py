"""How long a deal is protected. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo


def business_date(moment: datetime, zone: tzinfo) -> date:
    """The calendar day of a moment where the business is. moment: with its time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no business date")
    return moment.astimezone(zone).date()


def protected_until(approved_on: date, days: int) -> date:
    """The last protected day. The day of the approval counts as day nought."""
    if days < 1:
        raise ValueError("a deal is protected for at least one day")
    return approved_on + timedelta(days=days)


def is_protected(until: date, today: date) -> bool:
    """Whether the protection still holds: the last day belongs to it."""
    return today <= until
