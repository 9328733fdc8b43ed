"""Dates as a sentence has them."""

from __future__ import annotations

from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def day(when: date | None) -> str:
    """14 March 2027; `an open date` where there is none."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}" if when else "an open date"
