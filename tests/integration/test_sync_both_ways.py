"""The main job: what changes on one side appears on the other, and nothing else happens."""

from __future__ import annotations

from decimal import Decimal

from tests.fixtures.sync import BothSides


def test_an_account_made_in_salesforce_appears_here_with_its_values(sides: BothSides) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", AnnualRevenue=1234, BillingCity="Stuttgart")
    cycle = sides.cycle()
    row = sides.row("account", sf_id)
    assert row["name"] == "Bosch GmbH"
    assert row["annual_revenue"] == Decimal("1234.00")
    assert row["billing_city"] == "Stuttgart"
    assert cycle.pulled["Account"].created == 1
    assert sides.outbox() == []
    assert sides.cycle().writes == 0


def test_an_account_made_here_appears_in_salesforce_under_our_id(sides: BothSides) -> None:
    sides.cycle()
    local_id = sides.insert("account", name="Siemens AG", phone="+49 89 1234")
    assert sides.cycle().pushed.created == 1
    [record] = sides.org.query("SELECT Id, Name, Phone, Tandem_Id__c FROM Account")
    assert record["Name"] == "Siemens AG"
    assert record["Tandem_Id__c"] == str(local_id)
    assert sides.sf_id(local_id) == record["Id"]
    assert sides.outbox() == []
    assert sides.cycle().writes == 0


def test_changes_to_different_fields_on_both_sides_are_both_kept(sides: BothSides) -> None:
    sf_id = sides.org.insert("Account", Name="Bosch GmbH", Phone="1")
    sides.cycle()
    local_id = sides.row("account", sf_id)["id"]
    sides.change("account", local_id, website="https://bosch.example")
    sides.org.update("Account", sf_id, Phone="2")
    sides.settle(1)
    assert sides.row("account", sf_id)["phone"] == "2"
    assert sides.org.get("Account", sf_id, "Website", "Phone") == {
        "Website": "https://bosch.example",
        "Phone": "2",
    }


def test_a_user_is_of_the_org_that_it_came_from(sides: BothSides) -> None:
    sides.cycle()
    users = len(sides.org.query("SELECT Id FROM User"))
    ours = [(sides.org.org_id, users)]

    def by_org() -> list[tuple[str, int]]:
        found = sides.sql("SELECT org_id, count(*) AS users FROM user_org GROUP BY org_id ORDER BY org_id")
        return [(row["org_id"], row["users"]) for row in found]

    assert by_org() == ours
    # As after an upgrade: nobody wrote down who they were.
    sides.sql("DELETE FROM user_org")
    sides.sql("UPDATE sync_cursor SET org_id = NULL")
    assert sides.cycle(due_only=True).writes == 0
    assert by_org() == ours
    # As after a move to another org, such as a refreshed sandbox, which lacks one of the users.
    other = "00D000000000009EAA"
    sides.sql("UPDATE user_org SET org_id = :other", other=other)
    sides.sql("UPDATE sync_cursor SET org_id = :other", other=other)
    gone = sides.insert("crm_user", username="gone@company.example", last_name="Gone", user_type="Standard")
    sides.sql("INSERT INTO user_org VALUES (:gone, :other)", gone=gone, other=other)
    sides.cycle()
    assert by_org() == sorted([*ours, (other, 1)])
    [cursor] = sides.sql("SELECT org_id FROM sync_cursor WHERE sobject = 'User'")
    assert cursor["org_id"] == sides.org.org_id


def test_a_contact_travels_with_its_new_account_in_one_call(sides: BothSides) -> None:
    sides.cycle()
    account = sides.insert("account", name="Siemens AG")
    contact = sides.insert("contact", last_name="Weiss", account_id=account)
    sides.org.reset_calls()
    assert sides.cycle().pushed.created == 2
    [record] = sides.org.query("SELECT AccountId, LastName FROM Contact")
    assert record["AccountId"] == sides.sf_id(account)
    assert sides.sf_id(contact).startswith("003")
    assert sides.cycle().writes == 0


def test_only_records_of_the_mapped_record_types_are_synced_and_ours_get_the_first(sides: BothSides) -> None:
    made = sides.org.admin("record_type", object="Account", developer_name="Partner", label="Partner")
    partner = made["id"]
    sides.org.admin("record_type", object="Account", developer_name="Other", label="Other")
    sides.edit_mapping("Account", "\nfields:", "\nrecord_types: [Partner]\nfields:")
    sides.org.insert("Account", Name="Not ours")
    theirs = sides.org.insert("Account", Name="Theirs", RecordTypeId=partner)
    sides.insert("account", name="Ours")
    sides.settle()
    assert [r["name"] for r in sides.sql("SELECT name FROM account ORDER BY name")] == ["Ours", "Theirs"]
    [ours] = sides.org.query("SELECT RecordTypeId FROM Account WHERE Name = 'Ours'")
    assert ours["RecordTypeId"] == partner
    assert sides.row("account", theirs)["name"] == "Theirs"
