"""A record that an approval in Salesforce locks: changes for it wait, and go when it is free."""

from __future__ import annotations

from tests.fixtures.sync import BothSides, assert_equal_sides


def test_a_change_for_a_locked_record_waits_for_the_end_of_the_approval(sides: BothSides) -> None:
    org = sides.org
    admin = org.query("SELECT Username FROM User WHERE Username LIKE 'admin@%'")[0]["Username"]
    org.admin("approval_process", object="Opportunity", name="Discount", approver=admin)
    deal = org.insert("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2027-01-31")
    sides.cycle()
    ours = sides.row("opportunity", deal)["id"]
    org.act("submit", id=deal)
    sides.change("opportunity", ours, registration_number="DR-1001")
    assert sides.cycle().pushed.held == 0
    [waiting] = sides.outbox()
    assert (waiting["state"], waiting["error_kind"], waiting["error_code"]) == (
        "pending", "waits", "ENTITY_IS_LOCKED",
    )  # fmt: skip
    assert waiting["error"] == (
        "The record is locked by an approval in Salesforce. "
        "Tandem tries again by itself once the approval is finished or recalled."
    )
    assert waiting["next_at"] > waiting["first_at"], "it is not asked for again at once"
    org.decide(deal, "approve", by=admin)
    sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp()")
    sides.settle(1)
    assert org.get("Opportunity", deal, "Registration_Number__c") == {"Registration_Number__c": "DR-1001"}
    assert_equal_sides(sides)
