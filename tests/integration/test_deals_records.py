"""Deal registrations as records in Salesforce, where reps list, filter and report on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.deals import records
from app.deals.service import expire
from app.deals.terms import Terms
from app.kernel.actor import SYSTEM, Actor
from app.partners import adoption, service
from app.sync.status import status
from app.sync.tx import Tx
from app.words import ENGLISH
from tests.fixtures.sync import assert_equal_sides
from tests.fixtures.web import Caller, Connected

RECORD = "Deal_Registration__c"
FIELDS = (
    "Name", "State__c", "Partner__c", "Registered_By__c", "Customer__c", "Customer_Name__c",
    "Customer_Country__c", "Product_Family__c", "Amount__c", "Amount_Currency__c", "Close_Date__c",
    "Holder__c", "Protected_Until__c", "Conflict_With__c", "Conflict_Reason__c", "Exception_Reason__c",
    "Decided_By__c", "Decision_Reason__c", "Authorization__c", "Lead__c", "Opportunity__c",
)  # fmt: skip


class Desk:
    """A partner that is an account of the org, its person, and somebody of the company who decides."""

    def __init__(self, connected: Connected) -> None:
        self.connected, self.org, self.sides = connected, connected.org, connected.sides
        self.partner, self.anna = self.seller("Rhein Automation GmbH", "Anna", "Weiss")
        self.robin = connected.rep()

    def seller(self, company: str, first: str, last: str) -> tuple[str, Caller]:
        """A partner's record, and its person, signed in."""
        account = self.org.insert("Account", Name=company, Type="Channel Partner / Reseller")
        self.sides.cycle()
        partner = self.sides.row("account", account)["id"]
        with self.connected.database.session(SYSTEM) as session:
            adoption.adopt(session, SYSTEM, today=service.today(session), only=[partner])
        self.sides.settle(1)
        return account, self.connected.partner_user(partner, first, last)

    def id_of(self, deal: dict[str, Any]) -> str:
        [found] = self.org.query(f"SELECT Id FROM {RECORD} WHERE Name = '{deal['number']}'")
        return str(found["Id"])

    def record(self, deal: dict[str, Any], *fields: str) -> dict[str, Any]:
        """The record as the org has it, once everything has gone out."""
        self.sides.settle(2)
        return self.org.get(RECORD, self.id_of(deal), *(fields or FIELDS))


@pytest.fixture
def desk(connected: Connected) -> Desk:
    return Desk(connected)


def test_a_registration_is_a_record_from_the_moment_it_is_handed_in(desk: Desk) -> None:
    deal = desk.anna.register(submit=False)
    desk.sides.settle(1)
    assert desk.org.query(f"SELECT Id FROM {RECORD}") == []

    deal = desk.anna.post(f"/api/deals/{deal['id']}/submit").get_json()
    assert desk.record(deal) == dict.fromkeys(FIELDS) | {
        "Name": deal["number"],
        "State__c": "Submitted",
        "Partner__c": desk.partner,
        "Registered_By__c": "Anna Weiss",
        "Customer_Name__c": "Bosch Rexroth AG",
        "Customer_Country__c": "Germany",
        "Product_Family__c": "Servo Drives",
        "Amount__c": 48600.0,
        "Amount_Currency__c": "EUR",
        "Close_Date__c": "2031-03-14",
        "Holder__c": "Robin Berg",
    }
    when = desk.record(deal, "Tandem_Id__c", "Held_Since__c", "Due__c", "Submitted__c", "Decided__c")
    assert (when["Tandem_Id__c"], when["Decided__c"]) == (deal["id"], None)
    assert [when[name][:19] for name in ("Held_Since__c", "Due__c", "Submitted__c")] == [
        deal[name][:19] for name in ("held_since", "due", "submitted_at")
    ]
    [request] = desk.org.query(f"SELECT Approval_Request__r.Number__c FROM {RECORD}")
    assert request["Approval_Request__r"]["Number__c"] == deal["request_number"]


def test_state_holder_and_protection_follow_the_deal_to_its_end(desk: Desk) -> None:
    deal = desk.anna.register()
    desk.robin.decide(deal, "request_info", "Which plant?")
    asked = desk.record(deal, "State__c", "Holder__c")
    assert asked == {"State__c": "Information needed", "Holder__c": "Anna Weiss"}

    desk.anna.on_request(deal, "answer", reason="Lohr")
    done = desk.robin.decide(deal, "approve")
    until = datetime.now(UTC).date() + timedelta(days=90)
    approved = desk.record(deal)
    assert {name: approved[name] for name in ("State__c", "Holder__c", "Protected_Until__c")} == {
        "State__c": "Approved", "Holder__c": None, "Protected_Until__c": until.isoformat(),
    }  # fmt: skip
    assert (approved["Decided_By__c"], approved["Authorization__c"]) == ("Robin Berg", "DEAL-A-1001")
    for field, column in (
        ("Lead__c", "lead_id"), ("Opportunity__c", "opportunity_id"), ("Customer__c", "customer_account_id"),
    ):  # fmt: skip
        assert approved[field] == desk.sides.sf_id(done[column])

    for stage, state in (("Closed Won", "Won"), ("Qualification", "Approved"), ("Closed Lost", "Lost")):
        desk.org.update("Opportunity", approved["Opportunity__c"], StageName=stage)
        desk.sides.cycle()
        assert desk.record(deal, "State__c") == {"State__c": state}
    for _ in range(2):
        assert desk.sides.cycle().writes == 0
    assert_equal_sides(desk.sides)


def test_a_rejection_says_why_and_a_protection_that_ends_says_so(desk: Desk) -> None:
    no, over = desk.anna.register(), desk.anna.register(product_family="Valves")
    desk.robin.decide(no, "reject", "Below the floor price")
    desk.robin.decide(over, "approve")
    rejected = desk.record(no, "State__c", "Decision_Reason__c", "Decided_By__c", "Authorization__c")
    assert rejected == {
        "State__c": "Rejected", "Decision_Reason__c": "Below the floor price", "Decided_By__c": "Robin Berg",
        "Authorization__c": None,
    }  # fmt: skip
    desk.sides.sql(
        "UPDATE deal_registration SET protected_until = current_date - 1 WHERE id = :id", id=over["id"]
    )
    with desk.connected.database.session(SYSTEM) as session:
        assert expire(session, Terms()) == 1
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert desk.record(over, "State__c", "Protected_Until__c") == {
        "State__c": "Expired", "Protected_Until__c": yesterday.isoformat(),
    }  # fmt: skip


def test_an_overlap_names_the_other_deal_to_the_company(desk: Desk) -> None:
    _, piet = desk.seller("Polderland BV", "Piet", "Visser")
    first = desk.anna.register()
    desk.robin.decide(first, "approve")
    second = piet.register()
    desk.robin.decide(second, "approve", override_reason="Piet has the maintenance contract")
    until = datetime.now(UTC).date() + timedelta(days=90)
    seen = desk.record(second, "Conflict_With__c", "Conflict_Reason__c", "Exception_Reason__c")
    assert seen == {
        "Conflict_With__c": first["number"],
        "Conflict_Reason__c": f"{first['number']} of Rhein Automation GmbH for Bosch Rexroth AG: same "
        f"customer account, same product family, approved until {ENGLISH.shows(until)}.",
        "Exception_Reason__c": "Piet has the maintenance contract",
    }
    assert desk.record(first, "Conflict_With__c") == {"Conflict_With__c": None}
    by_partner = desk.org.query(f"SELECT Name FROM {RECORD} WHERE Partner__r.Name = 'Polderland BV'")
    assert [one["Name"] for one in by_partner] == [second["number"]]


def test_what_was_changed_on_a_record_is_set_back_and_decides_nothing(desk: Desk) -> None:
    deal = desk.anna.register()
    desk.sides.settle(1)
    desk.org.update(RECORD, desk.id_of(deal), State__c="Approved", Amount__c=1)
    desk.org.insert(RECORD, Name="DR-9999", State__c="Approved")
    desk.sides.settle(2)
    assert desk.record(deal, "State__c", "Amount__c") == {"State__c": "Submitted", "Amount__c": 48600.0}
    assert desk.anna.deal(deal["id"])["state"] == "submitted"
    assert len(desk.sides.sql("SELECT id FROM deal_registration")) == 1


def test_a_deleted_record_stays_deleted_the_deal_stands_and_a_restored_one_catches_up(desk: Desk) -> None:
    deal = desk.anna.register()
    desk.sides.settle(1)
    record = desk.id_of(deal)
    desk.org.delete(RECORD, record)
    desk.sides.settle(1)
    desk.robin.decide(deal, "approve")
    desk.sides.settle(2)
    assert desk.org.query(f"SELECT Id FROM {RECORD}") == []
    assert desk.anna.deal(deal["id"])["state"] == "approved"
    desk.org.undelete(record)
    desk.sides.settle(2)
    assert desk.record(deal, "State__c", "Authorization__c") == {
        "State__c": "Approved", "Authorization__c": "DEAL-A-1001",
    }  # fmt: skip
    assert_equal_sides(desk.sides)


def test_what_a_record_points_to_follows_merges_deletions_and_conversions(desk: Desk) -> None:
    deal = desk.anna.register()
    done = desk.robin.decide(deal, "approve")
    before = desk.record(deal)
    survivor = desk.org.insert("Account", Name="Rhein Automation Europe")
    desk.sides.cycle()
    desk.org.merge("Account", survivor, desk.partner)
    desk.org.delete("Opportunity", before["Opportunity__c"])
    [request] = desk.org.query("SELECT Id FROM Approval_Request__c")
    desk.org.delete("Approval_Request__c", request["Id"])
    desk.sides.settle(2)
    seen = desk.record(deal, "Partner__c", "Opportunity__c", "Approval_Request__c", "Lead__c")
    assert seen == {
        "Partner__c": survivor, "Opportunity__c": None, "Approval_Request__c": None,
        "Lead__c": desk.sides.sf_id(done["lead_id"]),
    }  # fmt: skip
    desk.org.convert(before["Lead__c"], account_id=before["Customer__c"], create_opportunity=True)
    desk.sides.settle(2)
    [lead] = desk.org.query(f"SELECT ConvertedOpportunityId FROM Lead WHERE Id = '{before['Lead__c']}'")
    seen = desk.record(deal, "Lead__c", "Opportunity__c")
    assert seen == {"Lead__c": before["Lead__c"], "Opportunity__c": lead["ConvertedOpportunityId"]}
    desk.org.undelete(request["Id"])
    desk.sides.settle(2)
    assert desk.record(deal, "Approval_Request__c") == {"Approval_Request__c": request["Id"]}
    assert_equal_sides(desk.sides)


def test_a_record_that_the_org_refuses_says_why_and_follows_once_that_is_mended(desk: Desk) -> None:
    desk.org.admin(
        "validation_rule", object=RECORD, name="Small", formula="Amount__c < 50000",
        message="Deals below 50,000 are not kept here.",
    )  # fmt: skip
    deal = desk.anna.register()
    desk.sides.cycle()
    with desk.connected.database.session(SYSTEM) as session:
        found = status(Tx(session), desk.sides.engine.mappings)
    [stuck] = [one for one in found.stuck if one.sobject == RECORD]
    assert stuck.sentence == (
        "A validation rule of the org refuses the record: “Deals below 50,000 are not kept here.”. "
        "Correct the record, or ask a Salesforce admin about the rule."
    )
    assert desk.anna.deal(deal["id"])["state"] == "submitted"
    desk.anna.call("PATCH", f"/api/deals/{deal['id']}", json={"amount": "50000.00"})
    assert desk.record(deal, "Amount__c") == {"Amount__c": 50000.0}


def test_registrations_from_before_get_their_records_and_a_second_run_writes_nothing(desk: Desk) -> None:
    first, second = desk.anna.register(), desk.anna.register(product_family="Valves")
    desk.robin.decide(second, "approve")
    draft = desk.anna.register(submit=False)
    desk.sides.sql("DELETE FROM crm_deal_registration")
    desk.sides.sql("DELETE FROM sync_outbox WHERE table_name = 'crm_deal_registration'")

    def run() -> int:
        last, runs = None, 0
        while True:
            with desk.connected.database.session(SYSTEM) as session:
                last = records.bring_up_to_date(session, last, at_most=1)
            if last is None:
                return runs
            runs += 1

    assert run() == 2
    desk.sides.settle(2)
    made = desk.org.query(f"SELECT Name, State__c, Holder__c FROM {RECORD} ORDER BY Name")
    assert [(one["Name"], one["State__c"], one["Holder__c"]) for one in made] == [
        (first["number"], "Submitted", "Robin Berg"), (second["number"], "Approved", None),
    ]  # fmt: skip
    assert draft["number"] not in [one["Name"] for one in made]

    assert run() == 1  # what waits is looked at again
    assert desk.sides.outbox() == []
    desk.connected.sql("UPDATE crm_user SET last_name = 'Berg-Lang' WHERE first_name = 'Robin'")
    desk.sides.sql("DELETE FROM sync_outbox WHERE table_name = 'crm_user'")
    run()
    assert desk.record(first, "Holder__c") == {"Holder__c": "Robin Berg-Lang"}


def test_a_deal_that_goes_out_costs_no_poll_of_its_own(desk: Desk) -> None:
    desk.sides.settle(1)
    desk.anna.register()
    desk.org.reset_calls()
    desk.sides.cycle(due_only=True)
    assert desk.org.calls()["total"] == 2  # one poll of five objects, one write of the request and the deal


def test_partners_cannot_reach_the_records(desk: Desk) -> None:
    desk.anna.register()
    partner = desk.sides.row("account", desk.partner)["id"]
    for actor, seen in ((SYSTEM, 1), (Actor("partner", "Anna", partner_id=partner), 0)):
        with desk.connected.database.session(actor) as session:
            assert session.execute(text("SELECT count(*) FROM crm_deal_registration")).scalar_one() == seen
