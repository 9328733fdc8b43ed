"""What a changed mapping would do, before it does it."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.sync.admin.change import ObjectChange, Subject, compare, estimate, plan_change
from app.sync.admin.preview import _POLICIES, ObjectPreview
from app.sync.mapping import parse
from app.sync.mapping.objects import ObjectMapping

OLD = """\
object: Account
table: account
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name}
  - {sf: Site, local: site}
"""
ONE = UUID(int=1)


def change(before: str | None, after: str | None) -> ObjectChange:
    old = parse({"a": before}) if before else None
    other = OLD.replace("Account", "Product2").replace("table: account", "table: product")
    new = parse({"a": after} if after else {"b": other})
    return next(c for c in compare(old, new) if c.sobject == "Account")


def subject(base: dict, row: dict, theirs: dict | None = None) -> Subject:
    return Subject(ONE, "001000000000001AAA", "Siemens", base, {"extra": {}, **row}, theirs)


def add(line: str) -> str:
    return f"{OLD}  - {line}\n"


def test_the_same_mapping_changes_nothing():
    assert compare(parse({"a": OLD}), parse({"other": OLD})) == []


def test_a_new_field_brings_salesforces_values_here():
    found = change(OLD, add("{sf: Rating, local: extra.rating, type: picklist}"))
    assert [p.sentence() for p in found.parts] == ["Rating is new and goes both ways with extra.rating."]
    assert (found.reads_all, found.reread, found.pushed_columns) == (True, {"Rating"}, frozenset())
    (record,) = plan_change(
        found, [subject({"Name": "Siemens"}, {"name": "Siemens"}, {"Name": "Siemens", "Rating": "Hot"})]
    )
    assert record.local == {"extra.rating": (None, "Hot")}
    assert record.salesforce == {}


def test_a_record_that_already_agrees_is_left_alone():
    found = change(OLD, add("{sf: Rating, local: extra.rating}"))
    same = subject({}, {"extra": {"rating": "Hot"}}, {"Rating": "Hot"})
    assert list(plan_change(found, [same])) == []


@pytest.mark.parametrize(
    ("owner", "here", "there", "asked"),
    [
        ("salesforce", {"extra.rating": ("Cold", "Hot")}, {}, ()),
        ("newest", {"extra.rating": ("Cold", "Hot")}, {}, ()),
        ("tandem", {}, {"Rating": ("Hot", "Cold")}, ()),
        ("ask", {}, {}, ("Rating",)),
    ],
)
def test_the_owner_decides_where_both_sides_have_a_value(owner, here, there, asked):
    found = change(OLD, add(f"{{sf: Rating, local: extra.rating, owner: {owner}}}"))
    (record,) = plan_change(found, [subject({}, {"extra": {"rating": "Cold"}}, {"Rating": "Hot"})])
    assert (record.local, record.salesforce, record.asked) == (here, there, asked)


def test_a_field_that_only_goes_out_is_offered_where_it_has_a_value():
    found = change(OLD, add("{sf: Number__c, local: number, direction: out}"))
    assert (found.reads_all, found.pushed_columns) == (False, {"number"})
    records = list(plan_change(found, [subject({}, {"number": "DR-1"}), subject({}, {"number": None})]))
    assert [r.salesforce for r in records] == [{"Number__c": (None, "DR-1")}]


def test_another_transform_gives_the_agreed_values_another_form():
    found = change(OLD, OLD.replace("local: site}", "local: site, transform: upper}"))
    assert [p.sentence() for p in found.parts] == ["Site changes its transform."]
    (record,) = plan_change(found, [subject({"Site": "Munich"}, {"site": "Munich"})])
    assert record.local == {"site": ("Munich", "MUNICH")}


def test_another_column_is_filled_and_the_old_one_stays():
    found = change(OLD, OLD.replace("local: site", "local: extra.place"))
    (record,) = plan_change(found, [subject({"Site": "Munich"}, {"site": "Munich"})])
    assert record.local == {"extra.place": (None, "Munich")}


def test_another_owner_touches_no_record():
    found = change(OLD, OLD.replace("local: site}", "local: site, owner: tandem}"))
    assert [p.sentence() for p in found.parts] == ["Site changes its owner."]
    assert (found.reread, found.reads_all) == (frozenset(), False)
    assert list(plan_change(found, [subject({"Site": "a"}, {"site": "b"})])) == []


def test_a_field_taken_out_touches_no_record():
    found = change(add("{sf: Rating, local: extra.rating}"), OLD)
    assert [p.sentence() for p in found.parts] == [
        "Rating is no longer synced; extra.rating keeps its values."
    ]
    assert (found.reread, found.reads_all) == (frozenset(), False)


def test_another_table_of_values_is_a_change():
    before, after = "{sf: R, local: extra.r, values: {A: x}}", "{sf: R, local: extra.r, values: {A: y}}"
    found = change(add(before), add(after))
    (record,) = plan_change(found, [subject({"R": "A"}, {"extra": {"r": "x"}})])
    assert record.local == {"extra.r": ("x", "y")}


def test_a_new_lookup_leads_to_the_row_of_its_parent():
    lookup = "lookups:\n  - {{sf: ParentId, local: parent_id, object: Account, after: true{}}}\n"
    parent, other = UUID(int=7), UUID(int=8)
    parents = {"001000000000007AAA": parent, "001000000000008AAA": other}
    theirs = {"ParentId": "001000000000007AAA"}
    child = Subject(ONE, "001000000000001AAA", "Siemens", {}, {"parent_id": None}, theirs, parents)
    (record,) = plan_change(change(OLD, OLD + lookup.format("")), [child])
    assert record.local == {"parent_id": (None, parent)}
    child = Subject(ONE, "001000000000001AAA", "Siemens", {}, {"parent_id": other}, theirs, parents)
    (record,) = plan_change(change(OLD, OLD + lookup.format(", owner: tandem")), [child])
    assert record.salesforce == {"ParentId": ("001000000000007AAA", "001000000000008AAA")}
    assert record.local == {}
    agreed = Subject(ONE, "001000000000001AAA", "Siemens", {}, {"parent_id": parent}, theirs, parents)
    assert list(plan_change(change(OLD, OLD + lookup.format("")), [agreed])) == []


def test_a_value_that_no_longer_fits_is_told_with_its_record():
    found = change(OLD, OLD.replace("local: site}", "local: site, type: date}"))
    (record,) = plan_change(found, [subject({"Site": "Munich"}, {"site": None})])
    assert record.problem == "Account.Site: 'Munich' is not a date (YYYY-MM-DD)."
    assert record.sf_id == "001000000000001AAA"


def test_a_wider_filter_reads_the_object_again():
    found = change(OLD, OLD + "filter: Name != null\n")
    assert (found.policies, found.reads_all) == (("filter",), True)
    assert not change(OLD, OLD + "auto_assign: true\n").reads_all


def test_an_object_may_come_and_go():
    assert change(None, OLD).kind == "added"
    assert change(None, OLD).reads_all
    gone = change(OLD, None)
    assert (gone.kind, gone.reads_all, estimate(gone, 500, 0).calls) == ("removed", False, 0)


@pytest.mark.parametrize(
    ("linked", "writes", "reads_cost", "writes_cost"),
    [(400, 0, 1, 0), (10_000, 1, 1, 1), (10_001, 1_500, 2, 2), (1_000_000, 50_000, 22, 6)],
)
def test_the_calls_are_those_of_the_cheapest_way(linked, writes, reads_cost, writes_cost):
    cost = estimate(change(OLD, add("{sf: R, local: extra.r}")), linked, writes)
    assert (cost.reads, cost.writes, cost.calls) == (reads_cost, writes_cost, reads_cost + writes_cost)


def test_every_setting_of_an_object_has_words_for_the_preview():
    settings = set(ObjectMapping.__dataclass_fields__) - {
        "sobject",
        "fields",
        "lookups",
        "file",
        "external_local",
    }
    assert settings == set(_POLICIES)
    found = ObjectPreview(change(OLD, OLD + "every: 120\n"), linked=400)
    assert found.lines(20) == [
        "Account  changed",
        "  The object changes the seconds between two polls.",
        "  No record changes.",
    ]
