"""Date literals mean the days that the user's calendar shows."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.sandbox.soql.dates import local_day, midnight, span

#: a Wednesday
TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("literal", "n", "first", "last"),
    [
        ("TODAY", None, "2026-11-18", "2026-11-18"),
        ("YESTERDAY", None, "2026-11-17", "2026-11-17"),
        ("TOMORROW", None, "2026-11-19", "2026-11-19"),
        ("THIS_WEEK", None, "2026-11-15", "2026-11-21"),
        ("LAST_WEEK", None, "2026-11-08", "2026-11-14"),
        ("NEXT_WEEK", None, "2026-11-22", "2026-11-28"),
        ("THIS_MONTH", None, "2026-11-01", "2026-11-30"),
        ("LAST_MONTH", None, "2026-10-01", "2026-10-31"),
        ("NEXT_MONTH", None, "2026-12-01", "2026-12-31"),
        ("THIS_QUARTER", None, "2026-10-01", "2026-12-31"),
        ("LAST_QUARTER", None, "2026-07-01", "2026-09-30"),
        ("NEXT_QUARTER", None, "2027-01-01", "2027-03-31"),
        ("THIS_YEAR", None, "2026-01-01", "2026-12-31"),
        ("LAST_YEAR", None, "2025-01-01", "2025-12-31"),
        ("NEXT_YEAR", None, "2027-01-01", "2027-12-31"),
        ("LAST_90_DAYS", None, "2026-08-20", "2026-11-18"),
        ("NEXT_90_DAYS", None, "2026-11-19", "2027-02-16"),
        ("LAST_N_DAYS", 1, "2026-11-17", "2026-11-18"),
        ("NEXT_N_DAYS", 2, "2026-11-19", "2026-11-20"),
        ("N_DAYS_AGO", 3, "2026-11-15", "2026-11-15"),
        ("LAST_N_WEEKS", 2, "2026-11-01", "2026-11-14"),
        ("N_WEEKS_AGO", 1, "2026-11-08", "2026-11-14"),
        ("LAST_N_MONTHS", 2, "2026-09-01", "2026-10-31"),
        ("NEXT_N_MONTHS", 2, "2026-12-01", "2027-01-31"),
        ("N_MONTHS_AGO", 11, "2025-12-01", "2025-12-31"),
        ("LAST_N_QUARTERS", 3, "2026-01-01", "2026-09-30"),
        ("N_QUARTERS_AGO", 1, "2026-07-01", "2026-09-30"),
        ("LAST_N_YEARS", 2, "2024-01-01", "2025-12-31"),
        ("NEXT_N_YEARS", 1, "2027-01-01", "2027-12-31"),
        ("N_YEARS_AGO", 6, "2020-01-01", "2020-12-31"),
    ],
)
def test_a_literal_spans_whole_days(literal: str, n: int | None, first: str, last: str) -> None:
    start, end = span(literal, n, TODAY)
    assert (start.isoformat(), date.fromordinal(end.toordinal() - 1).isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("literal", "n", "first", "last"),
    [
        ("THIS_FISCAL_YEAR", None, "2026-04-01", "2027-03-31"),
        ("LAST_FISCAL_YEAR", None, "2025-04-01", "2026-03-31"),
        ("THIS_FISCAL_QUARTER", None, "2026-10-01", "2026-12-31"),
        ("NEXT_FISCAL_QUARTER", None, "2027-01-01", "2027-03-31"),
        ("LAST_N_FISCAL_YEARS", 2, "2024-04-01", "2026-03-31"),
        ("N_FISCAL_QUARTERS_AGO", 4, "2025-10-01", "2025-12-31"),
    ],
)
def test_a_fiscal_year_that_begins_in_april(literal: str, n: int | None, first: str, last: str) -> None:
    start, end = span(literal, n, TODAY, fiscal_start=4)
    assert (start.isoformat(), date.fromordinal(end.toordinal() - 1).isoformat()) == (first, last)


def test_a_fiscal_quarter_that_begins_in_february() -> None:
    start, end = span("THIS_FISCAL_QUARTER", None, TODAY, fiscal_start=2)
    assert (start.isoformat(), end.isoformat()) == ("2026-11-01", "2027-02-01")


def test_a_sunday_begins_its_own_week() -> None:
    assert span("THIS_WEEK", None, date(2026, 11, 22))[0] == date(2026, 11, 22)


def test_numbers_beyond_the_calendar_are_cut_to_its_ends() -> None:
    assert span("N_YEARS_AGO", 999_999, TODAY) == (date.min, date.min)
    assert span("NEXT_N_DAYS", 999_999_9, TODAY)[1] == date.max


def test_midnight_follows_the_zone_through_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert midnight(date(2026, 1, 15), berlin) == 1_768_431_600  # 23:00 UTC the day before
    assert midnight(date(2026, 7, 15), berlin) == 1_784_066_400  # 22:00 UTC the day before


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = 1_772_452_800  # 2026-03-02T12:00:00Z
    assert local_day(moment, ZoneInfo("Pacific/Kiritimati")) == date(2026, 3, 3)
    assert local_day(moment, ZoneInfo("Pacific/Honolulu")) == date(2026, 3, 2)
