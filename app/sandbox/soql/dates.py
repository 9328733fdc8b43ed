"""Date literals as ranges of days, and days as moments in the user's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = {
    "DAY": "day", "DAYS": "day", "WEEK": "week", "WEEKS": "week", "MONTH": "month", "MONTHS": "month",
    "QUARTER": "quarter", "QUARTERS": "quarter", "YEAR": "year", "YEARS": "year",
    "FISCAL_QUARTER": "fiscal quarter", "FISCAL_QUARTERS": "fiscal quarter",
    "FISCAL_YEAR": "fiscal year", "FISCAL_YEARS": "fiscal year",
}  # fmt: skip
_DAY = timedelta(days=1)


def span(literal: str, n: int | None, today: date, fiscal_start: int = 1) -> tuple[date, date]:
    """First day and the day after the last one that the literal means.

    literal: e.g. `THIS_QUARTER` or, with `n`, `LAST_N_DAYS`. today: in the user's time zone. Weeks begin on
    Sunday. Days that no calendar has are cut to the calendar's ends.
    """
    if literal in ("YESTERDAY", "TODAY", "TOMORROW"):
        first = today + _DAY * ("YESTERDAY", "TODAY", "TOMORROW").index(literal) - _DAY
        return first, first + _DAY
    if literal in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        literal, n = literal.replace("90", "N"), 90
    if literal.startswith(("THIS_", "LAST_N_", "NEXT_N_")):
        word = literal.split("_", 1 if literal.startswith("THIS_") else 2)[-1]
    elif literal.endswith("_AGO"):
        word = literal.removeprefix("N_").removesuffix("_AGO")
    else:
        word = literal.split("_", 1)[1]
    unit = _UNITS[word]
    begin = start(today, unit, fiscal_start)
    if literal.startswith("THIS_"):
        return begin, later(begin, 1, unit)
    if literal.endswith("_AGO"):
        return later(begin, -(n or 0), unit), later(begin, 1 - (n or 0), unit)
    count = 1 if n is None else n
    if literal.startswith("LAST_"):
        # Only days count the current one in.
        return later(begin, -count, unit), later(begin, 1, unit) if unit == "day" else begin
    return later(begin, 1, unit), later(begin, 1 + count, unit)


def start(day: date, unit: str, fiscal_start: int = 1) -> date:
    """First day of the unit that `day` lies in."""
    if unit == "day":
        return day
    if unit == "week":
        return day - _DAY * (day.isoweekday() % 7)
    if unit == "month":
        return day.replace(day=1)
    shift = fiscal_start - 1 if unit.startswith("fiscal") else 0
    length = 3 if unit.endswith("quarter") else 12
    into = (day.month - 1 - shift) % length
    return later(day.replace(day=1), -into, "month")


def later(day: date, count: int, unit: str) -> date:
    """The first day of a unit moved by `count` units."""
    if unit in ("day", "week"):
        days = count * (7 if unit == "week" else 1)
        ordinal = min(max(day.toordinal() + days, 1), date.max.toordinal())
        return date.fromordinal(ordinal)
    months = {"month": 1, "quarter": 3, "fiscal quarter": 3}.get(unit, 12)
    year, month = divmod(day.year * 12 + day.month - 1 + count * months, 12)
    if year < 1:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> int:
    """When the day begins in the zone, epoch seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def local_day(epoch: int, zone: ZoneInfo) -> date:
    """The calendar day that the zone shows at a moment."""
    return datetime.fromtimestamp(epoch, zone).date()
