"""What a mapping's policies promise, also in the corners where two of them meet."""

from __future__ import annotations

import json

from app.kernel.actor import SYSTEM
from app.sync import mapping_store, reconcile, service
from tests.fixtures.sync import BothSides, assert_equal_sides


def test_a_record_that_was_removed_here_with_its_deletion_there_comes_back_with_it(sides: BothSides) -> None:
    sides.edit_mapping("Account", "{in: status, out: ignore}", "{in: delete, out: ignore}")
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1", BillingCity="Stuttgart")
    sides.cycle()
    local_id = sides.row("account", sf_id)["id"]
    sides.org.delete("Account", sf_id)
    sides.cycle()
    assert sides.sql("SELECT id FROM account") == []
    sides.org.undelete(sf_id)
    sides.settle()
    row = sides.row("account", sf_id)
    assert (row["id"], row["name"], row["phone"], row["billing_city"]) == (
        local_id, "Bosch GmbH", "1", "Stuttgart",
    )  # fmt: skip
    assert_equal_sides(sides)


def test_a_row_removed_here_comes_back_with_the_next_change_where_deletions_stay_here(
    sides: BothSides,
) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1")
    sides.cycle()
    sides.sql("DELETE FROM account")
    sides.cycle()
    sides.org.update("Account", sf_id, Phone="2")
    sides.settle()
    row = sides.row("account", sf_id)
    assert (row["name"], row["phone"]) == ("Bosch GmbH", "2")
    assert_equal_sides(sides)


def test_emptied_here_means_nothing_where_emptiness_is_ignored_and_their_next_value_comes_in(
    sides: BothSides,
) -> None:
    sides.edit_mapping("Account", "{sf: Phone, local: phone}", "{sf: Phone, local: phone, null: ignore}")
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1")
    sides.cycle()
    sides.change("account", sides.row("account", sf_id)["id"], phone=None, industry="Energy")
    sides.org.update("Account", sf_id, Phone="2")
    sides.settle()
    assert sides.row("account", sf_id)["phone"] == "2"
    assert sides.org.get("Account", sf_id, "Phone", "Industry") == {"Phone": "2", "Industry": "Energy"}


def test_one_value_that_fits_no_field_costs_no_other_value_of_its_row(sides: BothSides) -> None:
    sides.edit_mapping("Account", "{sf: Phone, local: phone}", "{sf: Phone, local: phone, owner: tandem}")
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1", NumberOfEmployees=5)
    sides.cycle()
    local_id = sides.row("account", sf_id)["id"]
    sides.change("account", local_id, phone="ours", extra=json.dumps({"employees": "many"}))
    sides.org.update("Account", sf_id, Phone="theirs", Industry="Energy")
    sides.cycle()
    assert sides.row("account", sf_id)["phone"] == "ours"
    [entry] = sides.outbox()
    assert (entry["state"], entry["error_code"]) == ("held", "BAD_VALUE")
    sides.change("account", local_id, extra=json.dumps({"employees": 7}))
    sides.settle()
    found = sides.org.get("Account", sf_id, "Phone", "NumberOfEmployees", "Industry")
    assert found == {"Phone": "ours", "NumberOfEmployees": 7, "Industry": "Energy"}
    assert_equal_sides(sides)


def test_what_was_put_aside_is_settled_when_salesforce_wins_the_field(sides: BothSides) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1")
    sides.cycle()
    sides.change("account", sides.row("account", sf_id)["id"], phone="9" * 60)
    sides.cycle()
    assert sides.outbox()[0]["state"] == "held"
    sides.org.update("Account", sf_id, Phone="2")
    sides.settle()
    assert sides.row("account", sf_id)["phone"] == "2"
    assert sides.outbox() == []


def test_changes_of_a_table_that_no_mapping_covers_wait_with_a_reason_and_start_no_cycles(
    sides: BothSides,
) -> None:
    sides.cycle()
    documents = mapping_store.read_files(sides.settings.mappings_dir)
    without = {name: text for name, text in documents.items() if name != "Product2.yaml"}
    with sides.database.session(SYSTEM) as session:
        mapping_store.apply(session, without, by="admin")
    sides.insert("product", name="Rotary hammer")
    assert service.pending_work(sides.database) == ["sync.cycle"]
    sides.cycle()
    assert service.pending_work(sides.database) == []
    [entry] = sides.outbox()
    assert entry["state"] == "held"
    assert "product" in entry["error"]
    with sides.database.session(SYSTEM) as session:
        mapping_store.apply(session, documents, by="admin")
    sides.settle()
    assert sides.outbox() == []
    assert [r["Name"] for r in sides.org.query("SELECT Name FROM Product2")] == ["Rotary hammer"]


def test_a_field_that_was_hidden_from_the_beginning_brings_its_old_values_when_granted(
    sides: BothSides,
) -> None:
    sides.org.advance(-3600)
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1")
    sides.org.advance(3600)
    sides.org.admin("revoke_field", object="Account", field="Phone")
    sides.cycle()
    assert sides.row("account", sf_id)["phone"] is None
    sides.org.admin("grant_field", object="Account", field="Phone")
    sides.engine.probe()
    sides.settle()
    assert sides.row("account", sf_id)["phone"] == "1"


def test_a_question_about_a_field_that_is_no_longer_mapped_is_closed_and_holds_up_nothing(
    sides: BothSides,
) -> None:
    deal = sides.org.insert(
        "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2027-01-31", Amount=10
    )
    sides.cycle()
    local_id = sides.row("opportunity", deal)["id"]
    sides.change("opportunity", local_id, amount=20)
    sides.org.update("Opportunity", deal, Amount=30)
    sides.cycle()
    assert len(sides.sql("SELECT id FROM sync_conflict WHERE resolved_at IS NULL")) == 1
    documents = mapping_store.read_files(sides.settings.mappings_dir)
    lines = documents["Opportunity.yaml"].splitlines(keepends=True)
    documents["Opportunity.yaml"] = "".join(line for line in lines if "sf: Amount" not in line)
    with sides.database.session(SYSTEM) as session:
        mapping_store.apply(session, documents, by="admin")
    sides.change("opportunity", local_id, next_step="Call")
    sides.settle()
    assert sides.sql("SELECT id FROM sync_conflict WHERE resolved_at IS NULL") == []
    assert sides.outbox() == []
    assert sides.org.get("Opportunity", deal, "NextStep", "Amount") == {"NextStep": "Call", "Amount": 30}


def test_rows_of_our_own_are_no_drift_where_the_mapping_sends_none(sides: BothSides) -> None:
    sides.edit_mapping("Product2", "\nfields:", "\ncreate: in\nfields:")
    sides.insert("product", name="Ours alone")
    sides.settle()
    mapping = sides.engine.mappings.by_sobject("Product2")
    assert reconcile.compare(sides.engine, mapping).drift == []


def test_another_field_that_goes_out_does_not_answer_an_open_question(sides: BothSides) -> None:
    sides.edit_mapping("Account", "{sf: Phone, local: phone}", "{sf: Phone, local: phone, owner: ask}")
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1")
    sides.cycle()
    local_id = sides.row("account", sf_id)["id"]
    sides.change("account", local_id, phone="ours", account_number="7")
    sides.org.update("Account", sf_id, Phone="theirs")
    sides.settle()
    sides.org.update("Account", sf_id, Industry="Energy")
    sides.settle()
    assert sides.row("account", sf_id)["phone"] == "ours"
    found = sides.org.get("Account", sf_id, "Phone", "AccountNumber")
    assert found == {"Phone": "theirs", "AccountNumber": "7"}
    assert len(sides.sql("SELECT id FROM sync_conflict WHERE resolved_at IS NULL")) == 1
