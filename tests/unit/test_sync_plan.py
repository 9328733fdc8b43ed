"""Who wins, field by field, when both sides may have changed a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync import plan
from app.sync.mapping import parse
from app.sync.plan import Ours

MAPPING = parse(
    {
        "Account.yaml": """
object: Account
table: account
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name, owner: salesforce}
  - {sf: Phone, local: phone, owner: tandem}
  - {sf: Website, local: website, owner: newest}
  - {sf: Industry, local: industry, owner: ask}
  - {sf: Type, local: type, direction: out, owner: tandem}
  - {sf: AccountNumber, local: account_number, direction: in}
  - {sf: Description, local: description, owner: tandem, "null": ignore}
"""
    }
).by_sobject("Account")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def merged(base: Any, ours: Any, theirs: Any, field: str, **more: Any) -> plan.Merge:
    changed_at = more.pop("ours_at", None)
    return plan.merge(
        MAPPING,
        {field: base},
        {field: theirs},
        Ours({field: ours}, {field: changed_at} if changed_at else {}, more.pop("sent", {})),
        modified=more.pop("modified", NOON),
        **more,
    )


def test_a_change_made_only_in_salesforce_comes_in() -> None:
    result = merged("a", "a", "b", "Name")
    assert (result.inbound, result.outbound, result.base) == ({"Name": "b"}, {}, {"Name": "b"})


def test_a_change_made_only_here_goes_out_and_the_base_waits_for_the_answer() -> None:
    result = merged("a", "b", "a", "Name")
    assert (result.inbound, result.outbound, result.base) == ({}, {"Name": "b"}, {"Name": "a"})


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    result = merged("a", "b", "b", "Industry")
    assert (result.inbound, result.outbound, result.clashes) == ({}, {}, [])
    assert result.base == {"Industry": "b"}
    assert result.settled == {"Industry"}


@pytest.mark.parametrize(("field", "wins"), [("Name", "theirs"), ("Phone", "ours")])
def test_the_owner_decides_where_both_sides_changed_a_field(field: str, wins: str) -> None:
    result = merged("a", "ours", "theirs", field)
    if wins == "theirs":
        assert (result.inbound, result.outbound) == ({field: "theirs"}, {})
    else:
        assert (result.inbound, result.outbound) == ({}, {field: "ours"})
    assert result.base == {field: "theirs"}


@pytest.mark.parametrize(("seconds", "wins"), [(1, "ours"), (-1, "theirs"), (0, "theirs")])
def test_the_newer_change_wins_where_the_owner_is_newest(seconds: int, wins: str) -> None:
    result = merged("a", "ours", "theirs", "Website", ours_at=NOON + timedelta(seconds=seconds))
    assert (result.outbound if wins == "ours" else result.inbound) == {"Website": wins}
    assert not (result.inbound if wins == "ours" else result.outbound)


def test_where_somebody_must_be_asked_both_sides_keep_their_value_and_the_base_stays() -> None:
    result = merged("a", "ours", "theirs", "Industry")
    assert (result.inbound, result.outbound, result.base) == ({}, {}, {"Industry": "a"})
    assert [(c.base, c.ours, c.theirs) for c in result.clashes] == [("a", "ours", "theirs")]


def test_our_own_write_coming_back_is_recognised_though_its_answer_was_lost() -> None:
    result = merged("a", "newer", "sent", "Name", sent={"Name": "sent"})
    assert (result.inbound, result.outbound, result.base) == ({}, {"Name": "newer"}, {"Name": "sent"})


def test_a_field_that_salesforce_does_not_show_is_left_alone() -> None:
    result = plan.merge(MAPPING, {"Name": "a", "Phone": "1"}, {"Name": "a"}, Ours({}), modified=NOON)
    assert (result.inbound, result.base) == ({}, {"Name": "a", "Phone": "1"})


def test_a_rep_who_changes_a_field_that_only_tandem_writes_is_overruled() -> None:
    result = plan.take(MAPPING, {"Type": "Partner"}, {"Type": "Customer"}, by_us=False)
    assert (result.inbound, result.reassert) == ({}, {"Type"})


def test_automation_that_rewrites_our_field_in_our_own_write_is_not_fought() -> None:
    result = plan.take(MAPPING, {"Type": "Partner"}, {"Type": "PARTNER"}, by_us=True)
    assert (result.inbound, result.reassert, result.base) == ({}, set(), {"Type": "PARTNER"})


def test_emptying_a_field_here_is_ignored_where_the_mapping_says_so() -> None:
    assert merged("a", None, "a", "Description").outbound == {}


def test_only_what_differs_from_the_base_goes_out() -> None:
    base = {"Name": "a", "Phone": "1", "AccountNumber": "9"}
    values = {"Name": "a", "Phone": "2", "AccountNumber": "10"}
    assert plan.outgoing(MAPPING, base, values) == {"Phone": "2"}
    assert plan.outgoing(MAPPING, base, values, asked=frozenset({"Phone"})) == {}
    assert plan.outgoing(MAPPING, base, values, unknown={"Name": "b"}) == {"Name": "a", "Phone": "2"}


@pytest.mark.parametrize(("field", "expected"), [("Name", True), ("Phone", False), ("Type", False)])
def test_a_write_is_guarded_only_where_salesforce_may_win(field: str, expected: bool) -> None:
    assert plan.guarded(MAPPING, {field: "x"}) is expected


def test_a_mapping_may_have_every_write_guarded() -> None:
    assert plan.guarded(replace(MAPPING, guarded=True), {"Phone": "x"})


_value = st.sampled_from([None, "a", "b", "c"])
_side = st.fixed_dictionaries(dict.fromkeys(("Name", "Phone", "Website", "Industry"), _value))


def _local(base: dict[str, Any], result: plan.Merge, ours: dict[str, Any]) -> dict[str, Any]:
    return {**ours, **result.inbound}


@given(base=_side, ours=_side, theirs=_side, newer=st.booleans())
def test_after_the_merge_and_the_push_both_sides_agree_or_somebody_is_asked(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], newer: bool
) -> None:
    at = dict.fromkeys(ours, NOON + timedelta(hours=1 if newer else -1))
    result = plan.merge(MAPPING, base, theirs, Ours(ours, at), modified=NOON)
    here = _local(base, result, ours)
    there = {**theirs, **result.outbound}
    asked = {c.field for c in result.clashes}
    assert {n for n in here if here[n] != there[n]} == asked
    for name in asked:
        assert base[name] not in (ours[name], theirs[name])
    for name in set(base) - asked:
        changed = {v for v in (ours[name], theirs[name]) if v != base[name]}
        assert here[name] in (changed or {base[name]})


@given(base=_side, ours=_side, theirs=_side)
def test_merging_what_was_merged_changes_nothing(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    first = plan.merge(MAPPING, base, theirs, Ours(ours), modified=NOON)
    here, there = _local(base, first, ours), {**theirs, **first.outbound}
    settled = {**first.base, **first.outbound}
    again = plan.merge(MAPPING, settled, there, Ours(here), modified=NOON)
    assert (again.inbound, again.outbound) == ({}, {})
    assert {c.field for c in again.clashes} == {c.field for c in first.clashes}


@given(base=_side, ours=_side, theirs=_side, sent=_side)
def test_the_news_of_a_merge_are_all_that_its_base_has_and_the_old_one_has_not(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], sent: dict[str, Any]
) -> None:
    result = plan.merge(MAPPING, base, theirs, Ours(ours, {}, sent), modified=NOON)
    assert {**base, **result.news} == result.base
    assert all(base[name] != value for name, value in result.news.items())
