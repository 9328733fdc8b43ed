"""The pure rules of partnerships: what may follow, days of a level, what is missing, who gets a record."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import BadInput
from app.partners import calculation, lifecycle, periods, requirements
from app.partners.calculation import Candidate, Need
from app.partners.lifecycle import Move, Status
from app.partners.periods import Period, months_later
from app.partners.requirements import Metrics

# -- what may follow --------------------------------------------------------------------------------


def test_an_application_leads_to_an_active_partner_by_way_of_the_agreement() -> None:
    assert lifecycle.after(Status.APPLICANT, Move.APPROVE) is Status.APPROVED
    assert lifecycle.after(Status.APPROVED, Move.ACTIVATE) is Status.ACTIVE
    assert lifecycle.after(Status.APPLICANT, Move.ACTIVATE) is None


def test_who_never_accepted_an_agreement_is_reinstated_to_where_it_waits_for_that() -> None:
    assert lifecycle.after(Status.SUSPENDED, Move.REINSTATE, accepted=False) is Status.APPROVED
    assert lifecycle.after(Status.SUSPENDED, Move.REINSTATE, accepted=True) is Status.ACTIVE


def test_nobody_suspends_an_applicant_or_ends_what_has_ended() -> None:
    assert lifecycle.possible(Status.APPLICANT, lifecycle.BY_HAND) == []
    assert lifecycle.possible(Status.ENDED, lifecycle.BY_HAND) == ["reinstate"]
    assert lifecycle.possible(Status.ACTIVE, lifecycle.BY_HAND) == ["end", "suspend"]


def test_every_status_can_be_reached_from_an_application() -> None:
    reached, todo = {Status.APPLICANT}, [Status.APPLICANT]
    while todo:
        at = todo.pop()
        following = {after for (status, _), after in lifecycle.NEXT.items() if status is at} - reached
        reached |= following
        todo += following
    assert reached == set(Status)


# -- days of a level --------------------------------------------------------------------------------

A, B = UUID(int=1), UUID(int=2)


def test_a_new_period_ends_the_running_one_on_its_own_first_day() -> None:
    running = Period(A, "bronze", date(2027, 1, 1), None)
    assert periods.begin([running], date(2027, 3, 1)) == periods.Plan({A: date(2027, 3, 1)}, ())
    assert periods.at([running], date(2026, 12, 31)) is None


def test_a_period_that_begins_on_the_same_day_or_later_is_replaced_as_a_whole() -> None:
    running = Period(A, "bronze", date(2027, 1, 1), date(2027, 6, 1))
    planned = Period(B, "silver", date(2027, 6, 1), None)
    assert periods.begin([running, planned], date(2027, 6, 1)) == periods.Plan({}, (B,))
    assert periods.begin([running, planned], date(2027, 1, 1)) == periods.Plan({}, (A, B))


def test_the_day_on_which_a_period_ends_belongs_to_the_next_one() -> None:
    first = Period(A, "bronze", date(2027, 1, 1), date(2027, 6, 1))
    second = Period(B, "silver", date(2027, 6, 1), None)
    assert periods.at([first, second], date(2027, 5, 31)) == first
    assert periods.at([first, second], date(2027, 6, 1)) == second


def test_a_fall_waits_for_the_grace_of_the_level_left_behind_and_a_rise_does_not() -> None:
    today = date(2027, 1, 31)
    assert periods.takes_effect(today, falls=True, grace_days=90) == date(2027, 5, 1)
    assert periods.takes_effect(today, falls=False, grace_days=90) == today


days = st.dates(date(2027, 1, 1), date(2027, 12, 31))


@given(st.lists(days, min_size=1, max_size=12))
def test_whatever_days_are_set_the_periods_touch_and_never_overlap(starts: list[date]) -> None:
    kept: list[Period] = []
    for number, start in enumerate(starts):
        plan = periods.begin(kept, start)
        kept = [
            replace(one, end=plan.ends.get(one.id, one.end)) for one in kept if one.id not in plan.replaced
        ]
        kept.append(Period(UUID(int=number + 10), "x", start, None))
        ordered = sorted(kept, key=lambda one: one.start)
        for one, following in itertools.pairwise(ordered):
            assert one.end == following.start
        assert ordered[-1].end is None
        assert periods.at(kept, start) == kept[-1]


# -- what is missing --------------------------------------------------------------------------------

GOLD = [
    {"kind": "activation", "value": "operational"},
    {"kind": "certifications", "count": 2},
    {"kind": "won_deals", "count": 5},
    {"kind": "task", "key": "review", "title": "Business review held"},
]


def test_what_is_missing_is_said_with_how_far_it_is() -> None:
    known = Metrics(
        counts={"certifications": 1, "won_deals": 5}, stages=frozenset({"first_contact", "ramp_up"})
    )
    items = requirements.progress(GOLD, known, {"activation.operational": "Fully operational"})
    assert requirements.missing(items) == [
        "Onboarding: Fully operational",
        "1 of 2 valid certifications",
        "Business review held",
    ]
    assert [one.met for one in items] == [False, False, True, False]
    assert items[3].task == "review"


def test_a_level_without_requirements_misses_nothing() -> None:
    assert requirements.progress([], Metrics(), {}) == []


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"kind": "revenue"}, "Give `kind` as one of"),
        ({"kind": "people"}, "A requirement `people` has kind and count, and nothing else."),
        ({"kind": "people", "count": 0}, "Give `count` as a whole number above 0."),
        ({"kind": "people", "count": 1.5}, "Give `count` as a whole number above 0."),
        ({"kind": "people", "count": True}, "Give `count` as a whole number above 0."),
        ({"kind": "task", "key": "x", "title": ""}, "Fill in key and title."),
        ("people", "Give `kind` as one of"),
    ],
)
def test_a_requirement_that_cannot_be_is_refused_in_its_place(one: object, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        requirements.check([{"kind": "agreement"}, one])
    assert list(caught.value.fields) == ["requirements.1"]
    assert caught.value.fields["requirements.1"].startswith(said)


def test_a_certification_of_a_month_from_the_last_of_january_ends_with_february() -> None:
    assert months_later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_later(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert months_later(date(2027, 12, 15), 13) == date(2029, 1, 15)


# -- who gets a record ------------------------------------------------------------------------------

RECORD = UUID(int=7)


def partner(number: int, name: str, **changes: object) -> Candidate:
    usual = Candidate(
        UUID(int=number),
        name,
        Status.ACTIVE,
        frozenset({"DE"}),
        frozenset({"Servo Drives"}),
        0,
        None,
        Decimal(1),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_the_choice_says_why_and_why_not_the_others() -> None:
    found = calculation.choose(
        Need(RECORD, "DE", "Servo Drives", certified=True),
        [
            partner(1, "Kessler", capacity=10, open=3),
            partner(2, "Nordvik", countries=frozenset({"SE"})),
            partner(3, "Albion", families=frozenset()),
            partner(4, "Harbor", capacity=2, open=2),
            partner(5, "Prairie", status=Status.SUSPENDED),
            partner(6, "Zero", weight=Decimal(0)),
        ],
    )
    assert found.chosen is not None
    assert (found.chosen.name, found.chosen.why) == (
        "Kessler",
        "active, sells in DE, certified for Servo Drives, 3 of 10 taken; the only one that can have it",
    )
    assert {one.name: one.why for one in found.others} == {
        "Albion": "not certified for Servo Drives",
        "Harbor": "no capacity left: 2 of 2 taken",
        "Nordvik": "does not sell in DE",
        "Prairie": "not active: suspended",
        "Zero": "its weight is 0, so it gets nothing by itself",
    }


def test_where_nobody_can_have_it_nobody_gets_it() -> None:
    found = calculation.choose(Need(RECORD, "JP"), [partner(1, "Kessler")])
    assert found.chosen is None
    assert [one.why for one in found.others] == ["does not sell in JP"]


def test_without_a_country_or_a_certified_family_neither_is_asked_for() -> None:
    found = calculation.choose(
        Need(RECORD, "", "Valves"), [partner(1, "Kessler", countries=frozenset(), families=frozenset())]
    )
    assert found.chosen is not None
    assert found.chosen.why == "active; the only one that can have it"


def test_the_order_of_the_partners_makes_no_difference_and_a_second_look_gives_the_same() -> None:
    all_of_them = [partner(n, f"P{n}", weight=Decimal(n)) for n in range(1, 9)]
    first = calculation.choose(Need(RECORD, "DE"), all_of_them)
    assert calculation.choose(Need(RECORD, "DE"), all_of_them[::-1]) == first
    assert calculation.choose(Need(RECORD, "DE"), all_of_them) == first


def test_over_many_records_each_partner_gets_what_its_weight_says() -> None:
    three = [
        partner(1, "Bronze"),
        partner(2, "Silver", weight=Decimal(2)),
        partner(3, "Gold", weight=Decimal(4)),
    ]
    drawn = Counter(
        found.chosen.name
        for number in range(7000)
        if (found := calculation.choose(Need(UUID(int=number), "DE"), three)).chosen
    )
    assert {name: round(count / 1000) for name, count in drawn.items()} == {
        "Bronze": 1,
        "Silver": 2,
        "Gold": 4,
    }


def test_when_one_drops_out_only_what_it_would_have_had_goes_to_others() -> None:
    three = [partner(1, "A"), partner(2, "B"), partner(3, "C")]
    for number in range(200):
        need = Need(UUID(int=number), "DE")
        before, after = calculation.choose(need, three).chosen, calculation.choose(need, three[:2]).chosen
        assert before is not None
        assert after is not None
        assert after.name == before.name or before.name == "C"
