"""Deadlines on a calendar, and who stands in for whom."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.approvals.calculation import Standing, Way, asked, later, ways
from app.approvals.document.shape import Duration

BERLIN = ZoneInfo("Europe/Berlin")
ANN, BOB, CYD, DAN = (UUID(int=n) for n in range(1, 5))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("begins", "length", "ends"),
    [
        ("2026-03-02T10:00", Duration(hours=48), "2026-03-04T10:00"),
        ("2026-03-06T16:30", Duration(business_days=1), "2026-03-09T16:30"),  # Friday to Monday
        ("2026-03-07T09:00", Duration(business_days=1), "2026-03-09T09:00"),  # Saturday to Monday
        ("2026-03-02T10:00", Duration(business_days=5), "2026-03-09T10:00"),
        ("2026-03-27T10:00", Duration(days=3), "2026-03-30T10:00"),  # the clocks go forward in between
        ("2026-03-28T10:00", Duration(hours=24), "2026-03-29T11:00"),
        ("2026-12-31T23:00", Duration(days=30), "2027-01-30T23:00"),
    ],
)
def test_a_deadline_keeps_the_time_of_day_of_the_company(begins: str, length: Duration, ends: str) -> None:
    assert later(at(begins), length, BERLIN) == at(ends)


def test_a_business_day_is_the_companys_and_not_greenwichs() -> None:
    # Friday 23:30 in Berlin is Friday 22:30 in Greenwich, and Saturday 07:30 in Tokyo.
    moment = at("2026-03-06T23:30").astimezone(UTC)
    assert later(moment, Duration(business_days=1), BERLIN) == at("2026-03-09T23:30")
    tokyo = later(moment, Duration(business_days=1), ZoneInfo("Asia/Tokyo"))
    assert tokyo.astimezone(ZoneInfo("Asia/Tokyo")).isoformat() == "2026-03-09T07:30:00+09:00"
    assert tokyo.tzinfo is UTC


def test_one_may_decide_for_oneself_and_for_whoever_one_stands_in_for() -> None:
    standings = [Standing(ANN, BOB), Standing(BOB, CYD)]
    assert ways(CYD, standings) == [Way(CYD), Way(BOB, (BOB,)), Way(ANN, (BOB, ANN))]
    assert ways(ANN, standings) == [Way(ANN)]


def test_a_circle_of_people_ends() -> None:
    standings = [Standing(ANN, BOB), Standing(BOB, CYD), Standing(CYD, ANN)]
    assert {way.person for way in ways(ANN, standings)} == {ANN, BOB, CYD}


def test_nothing_is_passed_on_by_or_through_somebody_who_may_not_decide() -> None:
    standings = [Standing(ANN, BOB), Standing(BOB, CYD)]
    assert ways(CYD, standings, without=[BOB]) == [Way(CYD)]
    assert ways(CYD, standings, without=[ANN]) == [Way(CYD), Way(BOB, (BOB,))]
    assert ways(CYD, standings, without=[CYD]) == []


def test_a_delegation_for_one_workflow_stays_with_it_along_a_chain() -> None:
    standings = [Standing(ANN, BOB, "rebate"), Standing(BOB, CYD), Standing(DAN, BOB, "deal")]
    assert ways(CYD, standings) == [
        Way(CYD), Way(BOB, (BOB,)), Way(ANN, (BOB, ANN), "rebate"), Way(DAN, (BOB, DAN), "deal"),
    ]  # fmt: skip
    narrowed = [Standing(ANN, BOB, "rebate"), Standing(BOB, CYD, "deal")]
    assert ways(CYD, narrowed) == [Way(CYD), Way(BOB, (BOB,), "deal")]


def test_whoever_is_away_is_not_asked_and_who_stands_in_is() -> None:
    away = [Standing(ANN, BOB, away=True)]
    assert asked(ANN, away, "deal") == [BOB]
    assert asked(ANN, [Standing(ANN, BOB)], "deal") == [ANN]
    assert asked(ANN, [Standing(ANN, BOB, "rebate", away=True)], "deal") == [ANN]
    assert asked(ANN, [*away, Standing(BOB, CYD, away=True)], "deal") == [CYD]


def test_nobody_is_left_where_all_are_away_in_a_circle_or_nobody_stands_in() -> None:
    assert asked(ANN, [Standing(ANN, BOB, away=True), Standing(BOB, ANN, away=True)], "deal") == []
    assert asked(ANN, [Standing(ANN, None, away=True)], "deal") == []
    assert asked(ANN, [Standing(ANN, BOB, away=True)], "deal", without=[BOB]) == []
