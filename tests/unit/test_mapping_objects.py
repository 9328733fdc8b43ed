"""Records become values, values become columns, rows become values again."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.mapping import BadValue, Capabilities, ObjectMapping, parse

DEAL = """\
object: Opportunity
table: opportunity
external_id: Tandem_Id__c
currency: CurrencyIsoCode
fields:
  - {sf: Name, local: name}
  - {sf: Amount, local: amount, type: decimal(2), together: money}
  - {sf: CurrencyIsoCode, local: currency_code, type: picklist, together: money}
  - {sf: CloseDate, local: close_date, type: date}
  - {sf: IsWon, local: is_won, type: boolean, direction: in}
  - {sf: Seen__c, local: seen_at, type: datetime}
  - {sf: Email__c, local: email, transform: lower}
  - {sf: Score__c, local: extra.score, type: decimal(1)}
  - {sf: Tags__c, local: extra.tags, type: multipicklist}
  - {sf: Day__c, local: extra.day, type: date, null: ignore}
  - {sf: Owner.Name, local: extra.owner, direction: in}
  - sf: StageName
    local: stage_name
    type: picklist
    on_picklist_miss: {map: {Waiting: Qualification}}
  - {sf: Type, local: type, type: picklist, on_picklist_miss: default, picklist_default: Other}
  - {sf: Number__c, local: number, direction: out}
  - {sf: Short__c, local: short, transform: left(3), direction: in}
lookups:
  - {sf: Parent__c, local: parent_id, object: Opportunity, after: true}
"""

PARSED = parse({"Opportunity.yaml": DEAL})

RECORD = {
    "attributes": {"type": "Opportunity"},
    "Id": "006000000000001AAA",
    "Name": " Pumps ",
    "Amount": Decimal("1200.5"),
    "CurrencyIsoCode": "EUR",
    "CloseDate": "2026-12-31",
    "IsWon": False,
    "Seen__c": "2026-03-31T23:04:07.000+0000",
    "Email__c": "Anna@Example.com",
    "Score__c": Decimal("7"),
    "Tags__c": "b;a",
    "Day__c": None,
    "Owner": {"Name": "Ada"},
    "StageName": "Closed Won",
    "Type": None,
    "Number__c": "DR-1",
    "Short__c": "abcdef",
    "Parent__c": "006000000000002",
}

VALUES = {
    "Name": "Pumps",
    "Amount": "1200.50",
    "CurrencyIsoCode": "EUR",
    "CloseDate": "2026-12-31",
    "IsWon": False,
    "Seen__c": "2026-03-31T23:04:07Z",
    "Email__c": "anna@example.com",
    "Score__c": "7.0",
    "Tags__c": "a;b",
    "Day__c": None,
    "Owner.Name": "Ada",
    "StageName": "Closed Won",
    "Type": None,
    "Number__c": "DR-1",
    "Short__c": "abcdef",
    "Parent__c": "006000000000002AAA",
}

ROW = {
    "name": "Pumps",
    "amount": Decimal("1200.50"),
    "currency_code": "EUR",
    "close_date": date(2026, 12, 31),
    "is_won": False,
    "seen_at": datetime(2026, 3, 31, 23, 4, 7, tzinfo=UTC),
    "email": "anna@example.com",
    "stage_name": "Closed Won",
    "type": None,
    "short": "abc",
    "extra": {"score": "7.0", "tags": ["a", "b"], "day": None, "owner": "Ada"},
}


@pytest.fixture
def deal() -> ObjectMapping:
    return PARSED.by_sobject("Opportunity")


def test_a_record_becomes_canonical_values_that_survive_json(deal):
    assert deal.values(RECORD) == VALUES
    assert json.loads(json.dumps(deal.values(RECORD))) == VALUES


def test_canonical_values_are_themselves_a_record(deal):
    assert deal.values(VALUES) == VALUES


def test_a_row_of_a_bulk_result_gives_the_same_values(deal):
    row = {
        **{name: "" if value is None else str(value) for name, value in RECORD.items() if name != "Owner"},
        "IsWon": "false",
        "Owner.Name": "Ada",
    }
    assert deal.values(row) == VALUES


def test_values_become_columns_without_those_that_only_go_out(deal):
    assert deal.read(VALUES) == ROW


def test_a_row_becomes_the_values_it_came_from(deal):
    written = deal.write(ROW | {"number": "DR-1"})
    one_way = {"Short__c", "Parent__c"}
    assert written == {name: value for name, value in VALUES.items() if name not in one_way}


def test_a_field_that_the_record_does_not_show_is_absent_and_not_empty(deal):
    assert deal.values({"Name": "Pumps"}) == {"Name": "Pumps"}
    assert deal.read({"Name": "Pumps"}) == {"name": "Pumps"}


def test_an_empty_relationship_is_an_empty_value(deal):
    assert deal.values({"Owner": None}) == {"Owner.Name": None}


def test_a_column_that_the_row_does_not_show_is_absent_and_not_empty(deal):
    assert deal.write({"name": "Pumps"}) == {"Name": "Pumps"}
    assert deal.write(ROW, {"Amount", "Score__c"}) == {"Amount": "1200.50", "Score__c": "7.0"}


def test_a_bad_value_is_named_with_its_field(deal):
    with pytest.raises(BadValue, match=r"^Opportunity\.Amount: 1\.5 is a float"):
        deal.values({"Name": "x", "Amount": 1.5})
    with pytest.raises(BadValue, match=r"^opportunity\.close_date: 'soon' is not a date"):
        deal.write({"close_date": "soon"})


def test_a_request_carries_numbers_and_nulls(deal):
    assert deal.payload({"Amount": "1200.50", "Name": None, "IsWon": True}) == {
        "Amount": Decimal("1200.50"),
        "Name": None,
        "IsWon": True,
    }


def test_an_amount_never_travels_without_its_currency(deal):
    assert deal.sf_names({"amount"}) == {"Amount", "CurrencyIsoCode"}
    assert deal.sf_names({"name", "is_won"}) == {"Name"}
    assert deal.sf_names({"extra"}) == {"Score__c", "Tags__c", "Day__c"}


def test_what_tandem_writes_is_what_goes_out(deal):
    assert {"IsWon", "Owner.Name", "Short__c"}.isdisjoint(deal.outbound)
    assert {"Number__c", "Parent__c"} <= deal.outbound


def test_all_mapped_fields_are_read_back_also_those_that_only_go_out(deal):
    assert deal.select == ("Tandem_Id__c", *VALUES)


def test_a_value_that_salesforce_lacks_goes_out_as_its_substitute(deal):
    assert deal.write({"stage_name": "Waiting"}) == {"StageName": "Qualification"}


def test_a_value_outside_the_picklist_becomes_the_default_only_when_the_org_is_known(deal):
    assert deal.write({"type": "Odd"}) == {"Type": "Odd"}
    fields = frozenset(name for name in RECORD)
    org = Capabilities(
        {"Opportunity": fields | {"OwnerId"}},
        picklists={
            ("Opportunity", "Type"): frozenset({"Other", "New"}),
            ("Opportunity", "StageName"): frozenset({"Qualification"}),
        },
        lengths={("Opportunity", "Name"): 5},
    )
    known = PARSED.for_org(org)[0].by_sobject("Opportunity")
    assert known.write({"type": "Odd"}) == {"Type": "Other"}
    assert known.write({"type": "New"}) == {"Type": "New"}
    assert known.write({"type": None}) == {"Type": None}
    assert known.problems({"StageName": "Lost", "Name": "Pumps", "Type": "New"}) == (
        "StageName does not offer 'Lost'; add the value in Salesforce, or name a substitute under "
        "on_picklist_miss in the mapping.",
    )
    assert known.problems({"Name": "Pumps!"}) == ("Name holds 5 characters and the value has 6; shorten it.",)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@given(
    name=st.none() | TEXT,
    amount=st.none() | st.decimals(-(10**9), 10**9, places=2),
    score=st.none() | st.decimals(-99, 99, places=3),
    tags=st.none() | st.lists(st.sampled_from("abc")).map(";".join),
    email=st.none() | TEXT,
    day=st.none() | st.dates().map(date.isoformat),
)
def test_reading_and_writing_again_changes_nothing(name, amount, score, tags, email, day):
    deal = PARSED.by_sobject("Opportunity")
    record = {
        "Name": name,
        "Amount": amount,
        "Score__c": score,
        "Tags__c": tags,
        "Email__c": email,
        "Day__c": day,
    }
    values = deal.values(record)
    assert deal.values(values) == values
    assert deal.news(record, values) == {}
    row = deal.read(values)
    stored = json.loads(json.dumps(row["extra"]))
    assert deal.write({**row, "extra": stored}, values) == values


def test_ten_thousand_records_pass_both_ways_in_about_a_second(deal):
    started = time.process_time()
    for _ in range(10_000):
        deal.write(deal.read(deal.values(RECORD)))
    assert time.process_time() - started < 4
