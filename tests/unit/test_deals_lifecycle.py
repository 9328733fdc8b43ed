"""The states of a registration, and how long it is protected."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.deals import lifecycle
from app.deals.calculation import business_date, is_protected, protected_until
from app.deals.lifecycle import NEXT, OPEN, PARTNERS, Action, State, after, holder, possible


def test_what_was_rejected_or_withdrawn_can_only_be_handed_in_again() -> None:
    everything = frozenset(Action)
    assert possible(State.REJECTED, everything) == ["resubmit"]
    assert possible(State.WITHDRAWN, everything) == ["resubmit"]
    assert after(State.REJECTED, Action.RESUBMIT) is State.SUBMITTED


def test_only_what_was_submitted_can_be_approved() -> None:
    assert [state for state in State if after(state, Action.APPROVE)] == [State.SUBMITTED]


def test_no_partner_decides() -> None:
    assert not PARTNERS & {Action.APPROVE, Action.REJECT, Action.REQUEST_INFO, Action.REVOKE}
    assert possible(State.SUBMITTED, PARTNERS) == ["change", "withdraw"]


def test_a_change_after_the_approval_asks_the_company_again() -> None:
    assert after(State.APPROVED, Action.CHANGE) is State.SUBMITTED
    assert [state for state in State if after(state, Action.CHANGE)] == [
        State.SUBMITTED, State.INFO_NEEDED, State.APPROVED,
    ]  # fmt: skip


def test_an_unanswered_question_costs_the_place() -> None:
    assert after(State.INFO_NEEDED, Action.LAPSE) is State.EXPIRED
    assert State.EXPIRED not in OPEN


def test_a_question_keeps_the_place() -> None:
    assert after(State.SUBMITTED, Action.REQUEST_INFO) is State.INFO_NEEDED
    assert State.INFO_NEEDED in OPEN
    assert after(State.INFO_NEEDED, Action.ANSWER) is State.SUBMITTED


def test_every_state_is_reached_and_has_a_word() -> None:
    assert {*NEXT.values(), State.DRAFT} == set(State)
    assert set(lifecycle.WORDS) == set(State)


def test_whose_turn_it_is() -> None:
    assert [holder(s) for s in (State.DRAFT, State.SUBMITTED, State.INFO_NEEDED, State.APPROVED)] == [
        "partner",
        "company",
        "partner",
        "",
    ]


def test_ninety_days_are_counted_from_the_day_of_the_approval() -> None:
    until = protected_until(date(2026, 11, 22), 90)
    assert until == date(2027, 2, 20)
    assert is_protected(until, date(2027, 2, 20))
    assert not is_protected(until, date(2027, 2, 21))


def test_the_business_day_begins_where_the_business_is() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert business_date(late, ZoneInfo("Europe/Berlin")) == date(2026, 11, 23)
    assert business_date(late, ZoneInfo("America/New_York")) == date(2026, 11, 22)


def test_a_moment_without_a_zone_has_no_business_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime(2026, 1, 1), ZoneInfo("UTC"))  # noqa: DTZ001  # the point of the test
