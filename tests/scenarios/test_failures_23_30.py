"""Lost answers, slow queries, currencies, loops, races and a schema that moves under a running sync."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.kernel.actor import SYSTEM
from app.kernel.errors import TandemError
from app.sync import conflicts, mapping_store
from tests.fixtures.sync import BothSides, assert_equal_sides

DAY = 86_400


def count(sides: BothSides, sobject: str) -> int:
    [row] = sides.org.query(f"SELECT COUNT(Id) n FROM {sobject}")
    return int(row["n"])


def go_again(sides: BothSides) -> None:
    """The pause before the next try is over."""
    sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp() WHERE state = 'pending'")


def account_here_and_there(sides: BothSides, **fields: str) -> tuple[str, uuid.UUID]:
    sf_id = sides.org.insert("Account", **{"Name": "Acme", **fields})
    sides.cycle()
    return sf_id, sides.row("account", sf_id)["id"]


# -- T23: creates whose answer is lost -----------------------------------------------------------------------


def test_a_create_whose_answer_was_lost_makes_no_second_record(sides: BothSides) -> None:
    """T23"""
    sides.cycle()
    local_id = sides.insert("account", name="Acme")
    sides.org.fault("drop_after_commit", path="/composite$", nth=3, times=9)
    with suppress(TandemError):
        sides.cycle()
    assert count(sides, "Account") == 1
    sides.org.clear_faults()
    sides.restart()
    sides.change("account", local_id, phone="1")
    go_again(sides)
    sides.settle()
    [there] = sides.org.query("SELECT Name, Phone, Tandem_Id__c FROM Account")
    assert (there["Name"], there["Phone"], there["Tandem_Id__c"]) == ("Acme", "1", str(local_id))
    assert_equal_sides(sides)


def test_our_id_is_known_again_in_other_letters(sides: BothSides) -> None:
    """T23"""
    sides.cycle()
    local_id = sides.insert("account", name="Acme")
    sides.org.fault("drop_after_commit", path="/composite$", nth=3, times=9)
    with suppress(TandemError):
        sides.cycle()
    sides.org.clear_faults()
    [there] = sides.org.query("SELECT Id FROM Account")
    sides.org.update("Account", there["Id"], Tandem_Id__c=str(local_id).upper(), Phone="2")
    go_again(sides)
    sides.settle()
    assert count(sides, "Account") == 1
    assert sides.row("account", there["Id"])["id"] == local_id
    assert_equal_sides(sides)


@pytest.mark.parametrize("step", ["POST .*/jobs/ingest$", "PUT .*/batches$", "PATCH .*/jobs/ingest/"])
def test_a_bulk_job_whose_answers_are_lost_makes_no_second_record(sides: BothSides, step: str) -> None:
    """T23"""
    method, path = step.split(" ")
    sides.edit_mapping("Account", "order: 20", "order: 20\nbatch: {bulk_threshold: 3}")
    sides.cycle()
    for number in range(5):
        sides.insert("account", name=f"Acme {number}")
    sides.org.fault("drop_after_commit", method=method, path=path, times=9)
    with suppress(TandemError):
        sides.cycle()
    assert sum(fault["fired"] for fault in sides.org.faults()) > 0
    sides.org.clear_faults()
    sides.restart()
    go_again(sides)
    sides.settle()
    names = sides.org.query("SELECT Name FROM Account ORDER BY Name")
    assert [row["Name"] for row in names] == [f"Acme {n}" for n in range(5)]
    assert_equal_sides(sides)


def test_a_clone_that_carries_our_id_becomes_a_record_of_its_own(sides: BothSides) -> None:
    """T23"""
    sides.org.admin("retype_field", object="Account", field="Tandem_Id__c", attributes={"unique": False})
    sides.cycle()
    local_id = sides.insert("account", name="Acme")
    sides.cycle()
    sides.org.insert("Account", Name="Acme (clone)", Tandem_Id__c=str(local_id))
    sides.settle()
    sides.change("account", local_id, phone="1")
    sides.settle()
    there = sides.org.query("SELECT Name, Phone FROM Account ORDER BY Name")
    assert [(row["Name"], row["Phone"]) for row in there] == [("Acme", "1"), ("Acme (clone)", None)]
    assert len(sides.sql("SELECT id FROM account")) == 2
    assert_equal_sides(sides)


# -- T24: queries that run too long --------------------------------------------------------------------------


def test_a_poll_that_runs_too_long_is_asked_in_smaller_windows(sides: BothSides) -> None:
    """T24"""
    sides.cycle()
    for day in range(8):
        sides.org.insert("Account", Name=f"Acme {day}")
        sides.org.advance(DAY)
    sides.org.fault("query_timeout", days=3, object="Account")
    sides.cycle()
    assert sum(fault["fired"] for fault in sides.org.faults()) > 1, "8 days, then 4 days"
    here = sides.sql("SELECT name FROM account ORDER BY name")
    assert [row["name"] for row in here] == [f"Acme {day}" for day in range(8)]
    sides.org.clear_faults()
    sides.settle(1)
    assert_equal_sides(sides)


def test_a_first_sync_that_runs_too_long_goes_on_in_bulk(sides: BothSides) -> None:
    """T24"""
    sides.org.insert_many("Account", [{"Name": f"Acme {n}"} for n in range(10)])
    sides.org.fault("query_timeout", days=1, object="Account")
    sides.cycle()
    assert len(sides.sql("SELECT id FROM account")) == 10
    sides.org.clear_faults()
    sides.settle(1)
    assert_equal_sides(sides)


# -- T25: amounts and currencies -----------------------------------------------------------------------------


@pytest.fixture
def world_trade(sides: BothSides) -> BothSides:
    """Both sides, with an org that has several currencies."""
    sides.org.reset(multi_currency=True)
    sides.restart()
    sides.cycle()
    return sides


def deal(sides: BothSides) -> tuple[str, uuid.UUID]:
    sf_id = sides.org.insert(
        "Opportunity", Name="Pumps", StageName="Prospecting", CloseDate="2027-01-31", Amount=30,
        CurrencyIsoCode="USD",
    )  # fmt: skip
    sides.cycle()
    return sf_id, sides.row("opportunity", sf_id)["id"]


def money_here(sides: BothSides, sf_id: str) -> tuple[Decimal, str]:
    row = sides.row("opportunity", sf_id)
    return row["amount"], row["currency_code"]


def money_there(sides: BothSides, sf_id: str) -> tuple[float, str]:
    there = sides.org.get("Opportunity", sf_id, "Amount", "CurrencyIsoCode")
    return there["Amount"], there["CurrencyIsoCode"]


def test_an_amount_travels_with_its_currency_both_ways(world_trade: BothSides) -> None:
    """T25"""
    sides = world_trade
    sf_id, local_id = deal(sides)
    assert money_here(sides, sf_id) == (Decimal("30.00"), "USD")
    sides.change("opportunity", local_id, amount=Decimal("40.50"), currency_code="GBP")
    sides.settle()
    assert money_there(sides, sf_id) == (40.5, "GBP")
    sides.org.update("Opportunity", sf_id, Amount=55, CurrencyIsoCode="EUR")
    sides.settle()
    assert money_here(sides, sf_id) == (Decimal("55.00"), "EUR")
    assert_equal_sides(sides)


def test_forty_dollars_do_not_become_forty_pounds_when_a_rep_changes_the_currency(
    world_trade: BothSides,
) -> None:
    """T25"""
    sides = world_trade
    sf_id, local_id = deal(sides)
    sides.change("opportunity", local_id, amount=40)
    sides.org.update("Opportunity", sf_id, CurrencyIsoCode="GBP")
    sides.settle()
    assert money_there(sides, sf_id) == (30, "GBP")
    assert money_here(sides, sf_id) == (Decimal("40.00"), "USD")
    with sides.engine.transaction() as tx:
        asked = conflicts.listing(tx)
        assert [(q["field"], q["ours"], q["theirs"]) for q in asked] == [
            ("Amount", "40.00", "30.00"),
            ("CurrencyIsoCode", "USD", "GBP"),
        ]
        conflicts.resolve(sides.engine, tx, asked[0]["id"], "tandem", by="a rep")
        assert conflicts.listing(tx) == [], "one answer for the amount and its currency"
    sides.settle()
    assert money_there(sides, sf_id) == (40, "USD")
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_where_salesforce_owns_the_money_both_halves_come_from_there(world_trade: BothSides) -> None:
    """T25"""
    sides = world_trade
    account = sides.org.insert("Account", Name="Acme", AnnualRevenue=30, CurrencyIsoCode="USD")
    sides.cycle()
    sides.change("account", sides.row("account", account)["id"], annual_revenue=40)
    sides.org.update("Account", account, CurrencyIsoCode="GBP")
    sides.settle()
    row = sides.row("account", account)
    assert (row["annual_revenue"], row["currency_code"]) == (Decimal("30.00"), "GBP")
    assert sides.org.get("Account", account, "AnnualRevenue")["AnnualRevenue"] == 30
    assert_equal_sides(sides)


def test_a_question_answered_for_salesforce_leaves_nothing_waiting(sides: BothSides) -> None:
    """T25"""
    sf_id = sides.org.insert(
        "Opportunity", Name="Pumps", StageName="Prospecting", CloseDate="2027-01-31", Amount=30
    )
    sides.cycle()
    sides.change("opportunity", sides.row("opportunity", sf_id)["id"], amount=40)
    sides.org.update("Opportunity", sf_id, Amount=50)
    sides.settle()
    assert sides.row("opportunity", sf_id)["amount"] == Decimal("40.00")
    with sides.engine.transaction() as tx:
        [question] = conflicts.listing(tx)
        conflicts.resolve(sides.engine, tx, question["id"], "salesforce", by="a rep")
    sides.settle()
    assert sides.row("opportunity", sf_id)["amount"] == Decimal("50.00")
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_question_that_answers_itself_leaves_nothing_waiting(sides: BothSides) -> None:
    """T25"""
    sf_id = sides.org.insert(
        "Opportunity", Name="Pumps", StageName="Prospecting", CloseDate="2027-01-31", Amount=30
    )
    sides.cycle()
    sides.change("opportunity", sides.row("opportunity", sf_id)["id"], amount=40)
    sides.org.update("Opportunity", sf_id, Amount=50)
    sides.settle()
    sides.org.update("Opportunity", sf_id, Amount=40)
    sides.settle()
    with sides.engine.transaction() as tx:
        assert conflicts.listing(tx) == []
    assert sides.outbox() == []
    assert_equal_sides(sides)


# -- T26: loops ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        ("before update", {"append": "!"}),
        ("after update", {"append": "!"}),
        ("after insert", {"append": "!"}),
        ("before update", {"turns": ["left", "right"]}),
        ("after update", {"turns": ["left", "right"]}),
    ],
)
def test_automations_that_answer_each_of_our_writes_make_no_loop(
    sides: BothSides, event: str, rule: dict[str, object]
) -> None:
    """T26"""
    sides.org.admin("automation", object="Account", event=event, set={"Description": rule})
    sides.cycle()
    local_id = sides.insert("account", name="Acme", description="Pumps")
    sides.settle()
    sides.change("account", local_id, description="Valves", phone="1")
    sides.settle()
    there = sides.org.get("Account", sides.sf_id(local_id), "Description", "Phone")
    assert there["Phone"] == "1"
    assert there["Description"] in {"Valves", "Valves!", "left", "right"}
    assert_equal_sides(sides)


def test_an_automation_that_rewrites_what_only_we_write_makes_no_loop(sides: BothSides) -> None:
    """T26"""
    upper = {"Registration_Number__c": {"upper": True}}
    sides.org.admin("automation", object="Lead", event="before update", set=upper)
    lead = sides.org.insert("Lead", Company="Acme", LastName="Weiss")
    sides.cycle()
    sides.change("lead", sides.row("lead", lead)["id"], registration_number="reg-7")
    sides.settle()
    there = sides.org.get("Lead", lead, "Registration_Number__c")
    assert there == {"Registration_Number__c": "REG-7"}


def test_a_reps_edit_in_the_very_second_of_our_write_is_no_echo(sides: BothSides) -> None:
    """T26"""
    sf_id, local_id = account_here_and_there(sides)
    sides.org.freeze()
    sides.change("account", local_id, website="https://acme.example")
    sides.cycle()
    sides.org.update("Account", sf_id, Phone="2", Website="https://rep.example")
    sides.settle()
    row = sides.row("account", sf_id)
    assert (row["phone"], row["website"]) == ("2", "https://rep.example")
    assert_equal_sides(sides)


def test_our_own_edit_during_our_write_goes_with_the_next(sides: BothSides) -> None:
    """T26"""
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, website="https://first.example")
    sides.cycle()
    sides.change("account", local_id, website="https://second.example")
    sides.change("account", local_id, website="https://first.example")
    sides.change("account", local_id, website="https://third.example")
    sides.settle()
    assert sides.org.get("Account", sf_id, "Website") == {"Website": "https://third.example"}
    assert_equal_sides(sides)


# -- T27: rapid edits and deletions --------------------------------------------------------------------------


def test_of_three_edits_in_one_second_on_either_side_the_last_one_stays(sides: BothSides) -> None:
    """T27"""
    sf_id, local_id = account_here_and_there(sides)
    other, _ = account_here_and_there(sides, Name="Bosch GmbH")
    sides.org.freeze()
    for n in range(3):
        sides.change("account", local_id, description=f"ours {n}")
        sides.org.update("Account", other, Description=f"theirs {n}")
        if n == 1:
            sides.cycle()
    sides.settle()
    assert sides.org.get("Account", sf_id, "Description") == {"Description": "ours 2"}
    assert sides.row("account", other)["description"] == "theirs 2"
    assert_equal_sides(sides)


def test_an_edit_of_ours_does_not_raise_what_a_rep_deleted(sides: BothSides) -> None:
    """T27"""
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, phone="1")
    sides.org.delete("Account", sf_id)
    sides.settle()
    assert count(sides, "Account") == 0
    assert sides.row("account", sf_id)["deleted_at"] is not None
    sides.org.undelete(sf_id)
    sides.change("account", local_id, website="https://acme.example")
    sides.settle()
    assert sides.org.get("Account", sf_id, "Phone", "Website") == {
        "Phone": "1",
        "Website": "https://acme.example",
    }
    assert_equal_sides(sides)


def test_a_record_deleted_between_our_read_and_our_write_stays_deleted(sides: BothSides) -> None:
    """T27"""
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, phone="1")
    remove = {"action": "delete", "object": "Account", "id": sf_id}
    sides.org.fault("interleave", path="/composite$", nth=3, do=[remove])
    sides.cycle()
    go_again(sides)
    sides.settle()
    assert count(sides, "Account") == 0
    assert sides.row("account", sf_id)["deleted_at"] is not None


def test_what_is_made_and_removed_here_between_two_cycles_never_appears_there(sides: BothSides) -> None:
    """T27"""
    sides.cycle()
    local_id = sides.insert("account", name="Acme")
    sides.change("account", local_id, name="Acme 2")
    sides.sql("DELETE FROM account WHERE id = :id", id=local_id)
    sides.settle()
    assert count(sides, "Account") == 0
    assert sides.outbox() == []


def test_a_deletion_of_ours_after_an_edit_goes_where_the_mapping_allows_it(sides: BothSides) -> None:
    """T27"""
    sides.edit_mapping("Account", "out: ignore", "out: delete")
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, phone="1")
    sides.sql("DELETE FROM account WHERE id = :id", id=local_id)
    sides.settle()
    assert sides.org.get("Account", sf_id, "IsDeleted") == {"IsDeleted": True}
    assert sides.sql("SELECT id FROM account") == []
    assert_equal_sides(sides)


# -- T28: a schema that moves --------------------------------------------------------------------------------


def apply_with(sides: BothSides, line: str) -> None:
    """An admin applies an account mapping with one field more, while the service runs."""
    documents = mapping_store.read_files(sides.settings.mappings_dir)
    documents["Account.yaml"] = documents["Account.yaml"].replace("fields:\n", f"fields:\n  - {line}\n")
    with sides.database.session(SYSTEM) as session:
        mapping_store.apply(session, documents, by="admin")


def an_hour_passes(sides: BothSides) -> None:
    """So long that a new process asks the org again what it has."""
    file = sides.settings.data_dir / "salesforce-org.json"
    stored = json.loads(file.read_text())
    stored["at"] -= 3_601
    file.write_text(json.dumps(stored))
    sides.restart()


def test_a_new_field_is_synced_without_a_restart_old_values_included(sides: BothSides) -> None:
    """T28"""
    sf_id, local_id = account_here_and_there(sides)
    sides.org.admin("add_field", object="Account", field={"name": "Tier__c", "type": "string", "length": 20})
    sides.org.update("Account", sf_id, Tier__c="Gold")
    sides.cycle()
    apply_with(sides, "{sf: Tier__c, local: extra.tier, owner: newest}")
    sides.settle()
    assert sides.row("account", sf_id)["extra"]["tier"] == "Gold"
    sides.change("account", local_id, extra=json.dumps({"tier": "Silver"}))
    sides.settle()
    assert sides.org.get("Account", sf_id, "Tier__c") == {"Tier__c": "Silver"}
    assert_equal_sides(sides)


def test_a_field_that_grew_takes_what_was_too_long_for_it(sides: BothSides) -> None:
    """T28"""
    sides.org.admin("add_field", object="Account", field={"name": "Tier__c", "type": "string", "length": 5})
    apply_with(sides, "{sf: Tier__c, local: extra.tier}")
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, extra=json.dumps({"tier": "Platinum"}))
    sides.settle()
    [entry] = sides.outbox()
    assert entry["state"] == "held"
    assert "Tier__c" in entry["error"]
    sides.org.admin("retype_field", object="Account", field="Tier__c", attributes={"length": 20})
    an_hour_passes(sides)
    sides.settle()
    assert sides.org.get("Account", sf_id, "Tier__c") == {"Tier__c": "Platinum"}
    assert_equal_sides(sides)


def test_a_picklist_value_that_was_added_later_lets_the_record_go(sides: BothSides) -> None:
    """T28"""
    field = {"name": "Tier__c", "type": "picklist", "picklist": ["Gold"], "restricted": True}
    sides.org.admin("add_field", object="Account", field=field)
    apply_with(sides, "{sf: Tier__c, local: extra.tier, type: picklist}")
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, extra=json.dumps({"tier": "Platinum"}))
    sides.settle()
    [entry] = sides.outbox()
    assert entry["state"] == "held"
    sides.org.admin("picklist_value", object="Account", field="Tier__c", value="Platinum")
    an_hour_passes(sides)
    sides.settle()
    assert sides.org.get("Account", sf_id, "Tier__c") == {"Tier__c": "Platinum"}
    assert_equal_sides(sides)


def test_a_field_dropped_while_we_read_stops_no_other_and_empties_nothing(sides: BothSides) -> None:
    """T28"""
    sides.org.admin("add_field", object="Account", field={"name": "Tier__c", "type": "string", "length": 20})
    apply_with(sides, "{sf: Tier__c, local: extra.tier}")
    sf_id, _ = account_here_and_there(sides, Tier__c="Gold")
    sides.org.update("Account", sf_id, Phone="2")
    drop = {"action": "drop_field", "object": "Account", "field": "Tier__c"}
    sides.org.fault("interleave", path="/composite$", do=[drop])
    sides.settle()
    row = sides.row("account", sf_id)
    assert (row["phone"], row["extra"]["tier"]) == ("2", "Gold")
    [event] = sides.events("field_hidden")
    assert event.startswith("Account.Tier__c is not there")


# -- T29: the first sync -------------------------------------------------------------------------------------


def test_the_first_sync_reads_records_however_old(sides: BothSides) -> None:
    """T29"""
    now = sides.org.now()
    sides.org.freeze("2009-05-01T08:00:00Z")
    old = sides.org.insert("Account", Name="Acme")
    sides.org.freeze(datetime.fromtimestamp(now, UTC).isoformat())
    young = sides.org.insert("Account", Name="Bosch GmbH")
    sides.cycle()
    assert sides.row("account", old)["name"] == "Acme"
    assert sides.row("account", young)["name"] == "Bosch GmbH"
    sides.settle(1)
    assert_equal_sides(sides)


# -- T30: errors that are not "not found" --------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "path": "/composite$", "nth": 3, "times": 9},
        {"kind": "html", "path": "/composite$", "nth": 3, "times": 9},
        {"kind": "empty", "path": "/composite$", "nth": 3, "times": 9},
        {"kind": "html_after_commit", "path": "/composite$", "nth": 3, "times": 9},
        {"kind": "row_error", "object": "Account", "times": 9},
        {"kind": "row_error", "object": "Account", "times": 9, "code": "NOT_FOUND", "message": "no"},
    ],
    ids=["500", "503 page", "406 empty", "502 page after the work", "row error", "row not found"],
)
def test_an_error_is_never_taken_for_a_missing_record(sides: BothSides, fault: dict[str, object]) -> None:
    """T30"""
    sf_id, local_id = account_here_and_there(sides)
    sides.change("account", local_id, phone="1")
    sides.insert("account", name="Bosch GmbH")
    sides.org.fault(**fault)
    with suppress(TandemError):
        sides.cycle()
    assert count(sides, "Account") <= 2
    sides.org.clear_faults()
    sides.sql("UPDATE sync_outbox SET state = 'pending', next_at = clock_timestamp()")
    sides.settle()
    assert count(sides, "Account") == 2
    assert sides.org.get("Account", sf_id, "Phone") == {"Phone": "1"}
    assert sides.row("account", sf_id)["deleted_at"] is None
    assert sides.events("deleted") == []
    assert_equal_sides(sides)


def test_an_update_of_a_record_that_is_gone_for_good_creates_nothing(sides: BothSides) -> None:
    """T30"""
    sf_id, local_id = account_here_and_there(sides)
    sides.org.delete("Account", sf_id, hard=True)
    sides.org.act("purge_delete_log")
    sides.change("account", local_id, phone="1")
    sides.settle()
    assert count(sides, "Account") == 0
    [entry] = sides.outbox()
    assert entry["state"] == "held"
    assert "was deleted in Salesforce" in entry["error"]
