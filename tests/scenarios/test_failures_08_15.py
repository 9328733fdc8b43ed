"""Failures that other integrations met, T8 to T15: picklists, locks, ids, dates, persons and merges."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from itertools import groupby

import pytest

import app.crm.models  # noqa: F401  # its tables are what the mappings name
from app.db import Base
from app.sync import mapping_store, outbox
from app.sync.admin.lint import check, local_tables
from app.sync.admin.lint_org import check_org
from app.sync.inward import pull
from tests.fixtures.sync import BothSides, assert_equal_sides


def held(sides: BothSides) -> list[str]:
    return [entry["error"] for entry in sides.outbox() if entry["state"] == "held"]


def try_again(sides: BothSides) -> None:
    """What `tandem sync retry` does."""
    with sides.engine.transaction() as tx:
        outbox.retry(tx)


# --- T8: picklists -------------------------------------------------------------------------------


@pytest.fixture
def restricted(sides: BothSides) -> BothSides:
    """An org whose industries are restricted, and fewer for accounts of the record type Reseller."""
    sides.org.admin("retype_field", object="Account", field="Industry", attributes={"restricted": True})
    sides.org.admin(
        "record_type", object="Account", developer_name="Reseller", picklists={"Industry": ["Energy"]}
    )
    return sides


def test_a_value_that_the_record_type_does_not_offer_waits_with_a_reason_and_holds_up_nobody(
    restricted: BothSides,
) -> None:
    """T8: valid for the field, not for the record."""
    sides = restricted
    [kind] = sides.org.query("SELECT Id FROM RecordType WHERE DeveloperName = 'Reseller'")
    reseller = sides.org.insert("Account", Name="Reseller", RecordTypeId=kind["Id"])
    customer = sides.org.insert("Account", Name="Customer")
    sides.cycle()
    for sf_id in (reseller, customer):
        sides.change("account", sides.row("account", sf_id)["id"], industry="Banking", phone="1")
    sides.settle()
    assert sides.org.get("Account", customer, "Industry", "Phone") == {"Industry": "Banking", "Phone": "1"}
    assert sides.org.get("Account", reseller, "Industry")["Industry"] is None
    assert held(sides) == [
        "Salesforce does not accept “Banking” as Industry: the picklist is restricted. Ask an admin to add "
        "the value (also to the record type), or map it in mappings/Account.yaml."
    ]
    assert_equal_sides(sides, waiting=1)

    sides.org.admin(
        "record_type", object="Account", developer_name="Reseller", picklists={"Industry": ["Banking"]}
    )
    try_again(sides)
    sides.settle()
    assert sides.org.get("Account", reseller, "Industry", "Phone") == {"Industry": "Banking", "Phone": "1"}
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_value_that_the_admin_adds_is_sent_at_the_next_try(restricted: BothSides) -> None:
    """T8: what the org offered an hour ago is not what it offers now."""
    sides = restricted
    sides.cycle()
    local_id = sides.insert("account", name="Miner", industry="Asteroids")
    sides.cycle()
    [sentence] = held(sides)
    assert "Industry does not offer 'Asteroids'" in sentence
    sides.org.admin("picklist_value", object="Account", field="Industry", value="Asteroids")
    sides.restart()
    try_again(sides)
    sides.settle()
    assert sides.org.get("Account", sides.sf_id(local_id), "Industry")["Industry"] == "Asteroids"
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_value_that_was_retired_stays_where_it_is_and_does_not_stop_other_changes(
    restricted: BothSides,
) -> None:
    """T8: only what changed is sent, so a value that no longer exists is never sent back."""
    sides = restricted
    sf_id = sides.org.insert("Account", Name="Old", Industry="Energy")
    sides.org.admin("picklist_value", object="Account", field="Industry", value="Energy", active=False)
    sides.cycle()
    sides.change("account", sides.row("account", sf_id)["id"], phone="1")
    sides.settle()
    assert sides.org.get("Account", sf_id, "Industry", "Phone") == {"Industry": "Energy", "Phone": "1"}
    assert sides.row("account", sf_id)["industry"] == "Energy"
    assert_equal_sides(sides)


# --- T9: states and countries --------------------------------------------------------------------


@pytest.fixture
def with_lists(sides: BothSides) -> BothSides:
    """An org with state and country picklists."""
    sides.org.admin("settings", state_country_picklists=True)
    return sides


PLACE = ("BillingCountry", "BillingCountryCode", "BillingState", "BillingStateCode")
CALIFORNIA = dict(zip(PLACE, ("United States", "US", "California", "CA"), strict=True))


def test_a_new_state_goes_out_together_with_its_country(with_lists: BothSides) -> None:
    """T9: a state alone is refused when Salesforce has lost the country meanwhile."""
    sides = with_lists
    texas = {"BillingCountry": "United States", "BillingState": "Texas"}
    # So many that they go without the condition that nobody changed them since they were read.
    ids = sides.org.insert_many("Account", [{"Name": f"Account {n}", **texas} for n in range(30)])
    sides.cycle()
    row = sides.row("account", ids[0])
    assert (row["billing_state"], row["extra"]["billing_state_code"]) == ("Texas", "TX")
    sides.sql("UPDATE account SET billing_state = 'California'")
    lost = [
        {"action": "poke", "object": "Account", "id": sf_id, "field": name, "value": None}
        for sf_id in ids[:3]
        for name in ("BillingCountry", "BillingCountryCode")
    ]
    sides.org.fault("interleave", path="/composite", nth=3, do=lost)  # between our read and our write
    sides.cycle()
    assert [sides.org.get("Account", sf_id, *PLACE) for sf_id in ids[:4]] == [CALIFORNIA] * 4
    sides.settle()
    row = sides.row("account", ids[0])
    assert (row["billing_country"], row["billing_state"]) == ("United States", "California")
    assert row["extra"]["billing_state_code"] == "CA"
    assert_equal_sides(sides)


def test_codes_become_names_on_both_sides(with_lists: BothSides) -> None:
    """T9: what we send as a code is a name when it comes back, and that is the end of it."""
    sides = with_lists
    sides.cycle()
    local_id = sides.insert("account", name="Bosch", billing_country="US", billing_state="CA")
    sides.settle()
    sf_id = sides.sf_id(local_id)
    assert sides.org.get("Account", sf_id, *PLACE) == CALIFORNIA
    row = sides.row("account", sf_id)
    assert (row["billing_country"], row["billing_state"]) == ("United States", "California")
    sides.org.update("Account", sf_id, BillingCountryCode="DE", BillingStateCode=None)
    sides.settle(1)
    row = sides.row("account", sf_id)
    assert (row["billing_country"], row["billing_state"]) == ("Germany", None)
    assert_equal_sides(sides)


def test_a_state_without_a_country_waits_until_somebody_names_the_country(with_lists: BothSides) -> None:
    """T9: FIELD_INTEGRITY_EXCEPTION is for a person to mend, and mending it sends it."""
    sides = with_lists
    sides.cycle()
    local_id = sides.insert("account", name="Bosch", billing_state="California")
    sides.settle(1)
    [sentence] = held(sides)
    assert "A country/territory must be specified before specifying a state value" in sentence
    sides.change("account", local_id, billing_country="United States")
    sides.settle()
    assert sides.org.get("Account", sides.sf_id(local_id), *PLACE) == CALIFORNIA
    assert sides.outbox() == []
    assert_equal_sides(sides)


# --- T10: locks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [False, True], ids=["REST", "Bulk"])
def test_rows_that_a_lock_refuses_go_again_until_all_have_arrived_once(sides: BothSides, bulk: bool) -> None:
    """T10: UNABLE_TO_LOCK_ROW is about the moment, not about the row."""
    if bulk:
        sides.edit_mapping("Contact", "order: 30\n", "order: 30\nbatch: {bulk_threshold: 100}\n")
    account = sides.org.insert("Account", Name="Bosch")
    sides.cycle()
    account_id = sides.row("account", account)["id"]
    sides.sql(
        "INSERT INTO contact (last_name, account_id) SELECT 'Person ' || n, :account "
        "FROM generate_series(1, 250) n",
        account=account_id,
    )
    sides.org.fault("lock_row", object="Contact", probability=0.5, times=100)
    sides.cycle()
    assert sum(f["fired"] for f in sides.org.faults()) == 100
    sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp()")
    sides.settle()
    names = [r["LastName"] for r in sides.org.query("SELECT LastName FROM Contact")]
    assert sorted(names) == sorted(f"Person {n}" for n in range(1, 251))
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_locked_parent_keeps_its_own_children_waiting_and_nobody_elses(sides: BothSides) -> None:
    """T10: the lock of one account is no reason to stop."""
    locked, free = sides.org.insert("Account", Name="Locked"), sides.org.insert("Account", Name="Free")
    sides.cycle()
    for name, sf_id in (("Waits", locked), ("Goes", free)):
        sides.insert("contact", last_name=name, account_id=sides.row("account", sf_id)["id"])
    sides.org.act("lock", ids=[locked], seconds=3600)
    sides.cycle()
    assert [r["LastName"] for r in sides.org.query("SELECT LastName FROM Contact")] == ["Goes"]
    [entry] = sides.outbox()
    assert (entry["state"], entry["error_kind"]) == ("pending", "lock")
    sides.org.act("unlock", ids=[locked])
    sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp()")
    sides.settle()
    assert len(sides.org.query("SELECT Id FROM Contact WHERE Account.Name = 'Locked'")) == 1
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_the_children_of_one_parent_travel_one_after_the_other(sides: BothSides) -> None:
    """T10: batches that share a parent fight over its lock, so siblings go in one batch."""
    parents = sides.org.insert_many("Account", [{"Name": f"Parent {n}"} for n in range(5)])
    sides.cycle()
    accounts = [sides.row("account", sf_id)["id"] for sf_id in parents]
    for number in range(60):
        sides.insert("contact", last_name=f"Person {number}", account_id=accounts[number % 5])
    sides.cycle()
    made = [r["AccountId"] for r in sides.org.query("SELECT AccountId FROM Contact ORDER BY Id")]
    assert [len(list(group)) for _, group in groupby(made)] == [12, 12, 12, 12, 12]
    sides.settle(1)
    assert_equal_sides(sides)


# --- T11: ids ------------------------------------------------------------------------------------


def pairs_that_differ_in_case(ids: list[str]) -> Iterator[tuple[str, str]]:
    by_lower: dict[str, str] = {}
    for sf_id in ids:
        other = by_lower.setdefault(sf_id[:15].lower(), sf_id)
        if other != sf_id:
            yield other, sf_id


def test_records_whose_ids_differ_only_in_case_stay_two_records(sides: BothSides) -> None:
    """T11: …GNy and …GNY are two companies."""
    ids = sides.org.insert_many("Account", [{"Name": f"Account {n}", "Phone": "0"} for n in range(124)])
    pairs = list(pairs_that_differ_in_case(ids))
    assert len(pairs) >= 26
    sides.cycle()
    assert sides.sql("SELECT count(*) AS n FROM account")[0]["n"] == 124
    for small, capital in pairs[:3]:
        sides.org.update("Account", small, Phone="small")
        sides.change("account", sides.row("account", capital)["id"], phone="capital")
    sides.org.delete("Account", pairs[3][0])
    sides.settle(1)
    for small, capital in pairs[:3]:
        assert sides.row("account", small)["phone"] == "small"
        assert sides.org.get("Account", small, "Phone")["Phone"] == "small"
        assert sides.row("account", capital)["phone"] == "capital"
        assert sides.org.get("Account", capital, "Phone")["Phone"] == "capital"
    assert sides.row("account", pairs[3][0])["deleted_at"] is not None
    assert sides.row("account", pairs[3][1])["deleted_at"] is None
    assert_equal_sides(sides)


def test_an_id_of_15_characters_is_the_same_as_its_18(sides: BothSides) -> None:
    """T11: people and formulas write the short form; here it is always the long one, and equal to it."""
    sides.org.admin("add_field", object="Account", field={"name": "Head__c", "type": "string", "length": 18})
    sides.org.admin("grant_field", object="Account", field="Head__c")
    sides.edit_mapping("Account", "fields:\n", "fields:\n  - {sf: Head__c, local: extra.head, type: id}\n")
    head = sides.org.insert("Account", Name="Head")
    sf_id = sides.org.insert("Account", Name="Branch", Head__c=head[:15])
    sides.cycle()
    assert sides.row("account", sf_id)["extra"]["head"] == head
    sides.org.update("Account", sf_id, Head__c=head)
    assert sides.cycle().writes == 0
    sides.settle(0)
    assert_equal_sides(sides)


# --- T12: dates ----------------------------------------------------------------------------------

ZONES = ["Etc/GMT+12", "America/Los_Angeles", "UTC", "Asia/Kolkata", "Pacific/Kiritimati"]


@pytest.mark.parametrize("zone", ZONES)
def test_no_day_shifts_whatever_the_time_zones(
    sides: BothSides, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T12: dates have no zone; twelve hours behind UTC to fourteen ahead, of user, client and database."""
    user = {"Etc/GMT+12": "Pacific/Honolulu", "UTC": "GMT"}.get(zone, zone)
    sides.org.admin("user", username=sides.org.username, TimeZoneSidKey=user)
    sides.org.admin("settings", time_zone=user)
    field = {"name": "Kickoff__c", "type": "datetime"}
    sides.org.admin("add_field", object="Opportunity", field=field)
    sides.org.admin("grant_field", object="Opportunity", field="Kickoff__c")
    kickoff = "fields:\n  - {sf: Kickoff__c, local: extra.kickoff, type: datetime}\n"
    sides.edit_mapping("Opportunity", "fields:\n", kickoff)
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("PGTZ", zone)
    time.tzset()
    sides.database.engine.dispose()
    try:
        days = ["2026-01-01", "2026-03-29", "2026-12-31", "2028-02-29"]
        theirs = {}
        for day in days:
            deal = {"Name": day, "StageName": "Prospecting", "CloseDate": day}
            moment = f"{day}T00:30:00.000+0000"
            theirs[day] = sides.org.insert("Opportunity", **deal, Kickoff__c=moment)
        sides.cycle()
        ours = {
            day: sides.insert(
                "opportunity",
                name=day,
                stage_name="Prospecting",
                close_date=date.fromisoformat(day),
                protected_until=date.fromisoformat(day),
                extra=f'{{"kickoff": "{day}T00:30:00Z"}}',
            )
            for day in days
        }
        sides.settle()
        for day in days:
            for sf_id in (theirs[day], sides.sf_id(ours[day])):
                there = sides.org.get("Opportunity", sf_id, "CloseDate", "Kickoff__c")
                assert there == {"CloseDate": day, "Kickoff__c": f"{day}T00:30:00.000+0000"}
                row = sides.row("opportunity", sf_id)
                assert row["close_date"].isoformat() == day
                assert row["extra"]["kickoff"] == f"{day}T00:30:00Z"
            protected = sides.org.get("Opportunity", sides.sf_id(ours[day]), "Protected_Until__c")
            assert protected == {"Protected_Until__c": day}
        row = sides.row("opportunity", theirs["2026-12-31"])
        sides.change("opportunity", row["id"], close_date=date(2027, 1, 1))
        sides.org.update("Opportunity", theirs["2026-01-01"], CloseDate="2025-12-31")
        sides.settle(1)
        assert sides.org.get("Opportunity", theirs["2026-12-31"], "CloseDate")["CloseDate"] == "2027-01-01"
        assert sides.row("opportunity", theirs["2026-01-01"])["close_date"] == date(2025, 12, 31)
        assert_equal_sides(sides)
    finally:
        monkeypatch.undo()
        time.tzset()


# --- T13: compound fields ------------------------------------------------------------------------


def test_the_first_sync_in_bulk_brings_addresses_by_their_parts(
    sides: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T13: Bulk refuses compound fields; the parts arrive all the same."""
    monkeypatch.setattr(pull, "BULK_FROM", 0)
    address = {
        "BillingStreet": "Robert-Bosch-Platz 1\n2nd floor", "BillingCity": "Gerlingen",
        "BillingPostalCode": "70839", "BillingCountry": "Germany",
    }  # fmt: skip
    sf_id = sides.org.insert("Account", Name="Bosch", **address)
    sides.org.reset_calls()
    sides.cycle()
    assert "bulk2" in sides.org.calls()
    row = sides.row("account", sf_id)
    assert row["billing_street"] == "Robert-Bosch-Platz 1\n2nd floor"
    assert (row["billing_city"], row["billing_postal_code"]) == ("Gerlingen", "70839")
    sides.change("account", row["id"], billing_city="Stuttgart")
    sides.settle()
    assert sides.org.get("Account", sf_id, *address) == {**address, "BillingCity": "Stuttgart"}
    assert_equal_sides(sides)


def test_a_mapping_of_a_compound_field_is_refused_with_its_place(sides: BothSides) -> None:
    """T13: an address has no type that a mapping could state."""
    sides.edit_mapping("Account", "fields:\n", "fields:\n  - {sf: BillingAddress, local: extra.address}\n")
    report = check(mapping_store.read_files(sides.settings.mappings_dir), local_tables(Base.metadata))
    assert report.faults == []
    sobjects = report.mappings.objects_named() if report.mappings else []
    [fault] = check_org(report, sides.gateway.probe(sobjects)).faults
    assert (fault.file, fault.what) == ("Account.yaml", "Account.BillingAddress is a compound field.")
    assert fault.remedy == "Map its parts, one field each."


# --- T15: merges ---------------------------------------------------------------------------------


def three_accounts(sides: BothSides) -> tuple[str, str, str]:
    ids = sides.org.insert_many("Account", [{"Name": name} for name in ("Winner", "Loser 1", "Loser 2")])
    sides.cycle()
    return ids[0], ids[1], ids[2]


def test_edits_of_records_that_were_merged_away_go_to_the_survivor(sides: BothSides) -> None:
    """T15: the losing ids answer ENTITY_IS_DELETED for ever."""
    winner, first, second = three_accounts(sides)
    contact = sides.org.insert("Contact", LastName="Weiss", AccountId=first)
    sides.cycle()
    rows = {sf_id: sides.row("account", sf_id)["id"] for sf_id in (winner, first, second)}
    sides.org.merge("Account", winner, [first, second])
    sides.change("account", rows[first], phone="1")
    sides.change("account", rows[second], website="two.example")
    sides.settle()
    assert sides.org.get("Account", winner, "Name", "Phone", "Website") == {
        "Name": "Winner", "Phone": "1", "Website": "two.example",
    }  # fmt: skip
    kept = sides.row("account", winner)
    assert (kept["phone"], kept["website"], kept["deleted_at"]) == ("1", "two.example", None)
    for sf_id in (first, second):
        assert sides.row("account", sf_id)["merged_into_id"] == rows[winner]
    assert sides.row("contact", contact)["account_id"] == rows[winner]
    assert sides.org.get("Contact", contact, "AccountId")["AccountId"] == winner
    assert len(sides.events("merged")) == 2
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_an_edit_long_after_the_merge_still_finds_the_survivor(sides: BothSides) -> None:
    """T15: the row of the losing record may be on somebody's screen; a chain of merges ends at its end."""
    winner, first, second = three_accounts(sides)
    rows = {sf_id: sides.row("account", sf_id)["id"] for sf_id in (winner, first, second)}
    sides.org.merge("Account", second, first)
    sides.cycle()
    sides.org.merge("Account", winner, second)
    sides.settle(1)
    sides.change("account", rows[first], phone="1")
    sides.settle()
    assert sides.org.get("Account", winner, "Phone")["Phone"] == "1"
    assert sides.row("account", winner)["phone"] == "1"
    assert sides.row("account", first)["merged_into_id"] == rows[winner]
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_merge_between_our_read_and_our_write_loses_no_edit(sides: BothSides) -> None:
    """T15: the write is refused, the record looked up, and the edit sent to the survivor at once."""
    winner, loser, _ = three_accounts(sides)
    local_id = sides.row("account", loser)["id"]
    sides.change("account", local_id, phone="1")
    merge = {"action": "merge", "object": "Account", "winner": winner, "losers": [loser]}
    sides.org.fault("interleave", path="/composite", nth=3, do=[merge])
    sides.settle()
    assert [f["fired"] for f in sides.org.faults()] == [1]
    assert sides.org.get("Account", winner, "Phone")["Phone"] == "1"
    assert sides.row("account", loser)["merged_into_id"] == sides.row("account", winner)["id"]
    assert sides.outbox() == []
    assert_equal_sides(sides)


# --- T14: person accounts ------------------------------------------------------------------------


@pytest.fixture
def people(sides: BothSides) -> BothSides:
    """An org with person accounts."""
    sides.org.admin("settings", person_accounts=True)
    sides.org.admin("grant_field", object="Account", field="PersonEmail")
    return sides


PERSON = ("Name", "FirstName", "LastName", "PersonEmail", "Phone")


def test_a_person_is_renamed_by_the_parts_of_the_name(people: BothSides) -> None:
    """T14: their Name cannot be written, and is new all the same."""
    sides = people
    sf_id = sides.org.insert("Account", FirstName="Ada", LastName="Byron", PersonEmail="Ada@byron.example")
    sides.cycle()
    row = sides.row("account", sf_id)
    assert (row["name"], row["extra"]["is_person"]) == ("Ada Byron", True)
    assert (row["extra"]["last_name"], row["extra"]["email"]) == ("Byron", "ada@byron.example")
    sides.sql("""UPDATE account SET phone = '1', extra = extra || '{"last_name": "King"}' """)
    sides.settle()
    assert sides.org.get("Account", sf_id, *PERSON) == dict(
        zip(PERSON, ("Ada King", "Ada", "King", "Ada@byron.example", "1"), strict=True)
    )
    assert sides.row("account", sf_id)["name"] == "Ada King"
    assert sides.events("taken_back") == []
    assert_equal_sides(sides)


def test_a_name_that_salesforce_makes_itself_is_taken_back_and_holds_up_nothing(people: BothSides) -> None:
    """T14: the other changes of the same save go out; an event says what to change instead."""
    sides = people
    sf_id = sides.org.insert("Account", FirstName="Ada", LastName="Byron")
    sides.cycle()
    sides.change("account", sides.row("account", sf_id)["id"], name="Ada King", phone="1")
    sides.settle()
    assert sides.org.get("Account", sf_id, "Name", "Phone") == {"Name": "Ada Byron", "Phone": "1"}
    assert sides.row("account", sf_id)["name"] == "Ada Byron"
    assert sides.events("taken_back") == [
        f"Account {sf_id}: Name of a person account is made of FirstName and LastName: change those."
    ]
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_business_never_gets_what_only_a_person_has(people: BothSides) -> None:
    """T14: one such field would have Salesforce refuse the whole record."""
    sides = people
    sf_id = sides.org.insert("Account", Name="Bosch")
    sides.cycle()
    local_id = sides.row("account", sf_id)["id"]
    sides.change("account", local_id, name="Bosch GmbH", extra='{"email": "a@bosch.example"}')
    sides.settle()
    assert sides.org.get("Account", sf_id, "Name")["Name"] == "Bosch GmbH"
    assert sides.row("account", sf_id)["extra"]["email"] is None
    assert sides.events("taken_back") == [
        f"Account {sf_id}: PersonEmail: only person accounts have it, and this is a business."
    ]
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_person_made_here_is_a_person_there(people: BothSides) -> None:
    """T14: a last name makes a new account a person."""
    sides = people
    sides.cycle()
    ada = '{"first_name": "Ada", "last_name": "Byron", "email": "ada@byron.example"}'
    person = sides.insert("account", name="whatever", phone="1", extra=ada)
    company = sides.insert("account", name="Bosch")
    sides.settle()
    there = sides.org.get("Account", sides.sf_id(person), *PERSON, "IsPersonAccount")
    assert there == {
        **dict(zip(PERSON, ("Ada Byron", "Ada", "Byron", "ada@byron.example", "1"), strict=True)),
        "IsPersonAccount": True,
    }
    assert sides.row("account", sides.sf_id(person))["name"] == "Ada Byron"
    assert sides.row("account", sides.sf_id(person))["extra"]["is_person"] is True
    assert sides.org.get("Account", sides.sf_id(company), "IsPersonAccount")["IsPersonAccount"] is False
    assert sides.outbox() == []
    assert_equal_sides(sides)
