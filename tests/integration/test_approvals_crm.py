"""Requests as records in Salesforce, and decisions that are made there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.approvals import crm
from app.kernel.actor import SYSTEM
from app.sync.status import status
from app.sync.tx import Tx
from jobs.approvals_crm import decide_there
from tests.fixtures.approvals import chain
from tests.fixtures.approvals_org import RECORD, OrgDesk
from tests.fixtures.sync import assert_equal_sides


@pytest.fixture
def desk(org_desk: OrgDesk) -> OrgDesk:
    """One step, decided by the channel manager or the administrator."""
    org_desk.publish(chain("channel_manager"))
    org_desk.staff("channel.manager", "channel_manager")
    org_desk.staff("admin", "channel_manager")
    return org_desk


# -- the record -------------------------------------------------------------------------------------------


def test_a_request_is_a_record_that_says_who_holds_it_and_what_became_of_it(desk: OrgDesk) -> None:
    request = desk.synced(amount="125000.50", currency="EUR")
    record = desk.record(request)
    assert record == {
        "Name": "PX-1001 · Price exception",
        "Number__c": "PX-1001",
        "Workflow__c": "price_exception",
        "Title__c": "Price exception",
        "State__c": "Waiting for a decision",
        "Holder__c": "Mason Okafor or Robin Ellery",
        "Step__c": "Channel manager",
        "Amount__c": 125000.5,
        "Partner__c": desk.partner_sf_id,
        "Opportunity__c": None,
        "Requester__c": None,
        "Authorization__c": None,
        "Decision__c": None,
        "Decision_Reason__c": None,
        "Decision_Note__c": None,
        "Last_Decision__c": None,
    }
    held = desk.org.get(RECORD, desk.record_id(request), "Held_Since__c", "Due__c")
    shown = desk.now(request)["holder"]
    assert held["Held_Since__c"][:19] == shown["since"][:19]
    assert held["Due__c"][:19] == shown["due"][:19]
    desk.decide(desk.staff("channel.manager"), request, "approve")
    desk.sides.settle(1)
    record = desk.record(request)
    assert (record["State__c"], record["Holder__c"], record["Step__c"]) == ("Approved", None, None)
    assert record["Authorization__c"] == "PX-A-1001"
    assert record["Last_Decision__c"].startswith("Approved by Mason Okafor on 20")
    assert record["Last_Decision__c"].endswith(" UTC, in Tandem")
    assert_equal_sides(desk.sides)


def test_a_draft_is_nobody_elses_business(desk: OrgDesk) -> None:
    desk.synced(submit=False)
    assert desk.org.query(f"SELECT Id FROM {RECORD}") == []


def test_the_opportunity_and_the_lead_show_state_and_authorization(desk: OrgDesk) -> None:
    opportunity = desk.org.insert("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2031-01-31")
    lead = desk.org.insert("Lead", LastName="Keller", Company="Bosch")
    desk.sides.cycle()
    rep = desk.staff("rep", "rep")
    answer = rep.post(
        "/api/requests",
        workflow="price_exception", submit=True, partner_account_id=str(desk.partner),
        refs={
            "opportunity_id": str(desk.sides.row("opportunity", opportunity)["id"]),
            "lead_id": str(desk.sides.row("lead", lead)["id"]),
        },
    )  # fmt: skip
    request = answer.get_json()
    desk.sides.settle(1)
    record = desk.record(request)
    assert record["Opportunity__c"] == opportunity
    [user] = desk.org.query("SELECT Id FROM User WHERE Username LIKE 'rep@%'")
    assert record["Requester__c"] == user["Id"]
    fields = ("Approval_Status__c", "Authorization_Number__c")
    for sobject, record_id in (("Opportunity", opportunity), ("Lead", lead)):
        assert desk.org.get(sobject, record_id, *fields) == {
            "Approval_Status__c": "Waiting for a decision",
            "Authorization_Number__c": None,
        }
    desk.decide_there(request, "channel.manager", "Approve")
    for sobject, record_id in (("Opportunity", opportunity), ("Lead", lead)):
        assert desk.org.get(sobject, record_id, *fields) == {
            "Approval_Status__c": "Approved",
            "Authorization_Number__c": "PX-A-1001",
        }
    desk.do(rep, request, "recall")
    desk.sides.settle(1)
    assert desk.org.get("Opportunity", opportunity, *fields) == {
        "Approval_Status__c": "Recalled",
        "Authorization_Number__c": None,
    }
    desk.org.delete("Opportunity", opportunity)
    desk.sides.settle(2)
    assert desk.record(request)["Opportunity__c"] is None
    desk.org.undelete(opportunity)
    desk.sides.settle(2)
    assert desk.record(request)["Opportunity__c"] == opportunity
    assert_equal_sides(desk.sides)


def test_a_merged_partner_keeps_its_requests(desk: OrgDesk) -> None:
    request = desk.synced()
    survivor = desk.org.insert("Account", Name="Rhein Automation Europe")
    desk.sides.cycle()
    desk.org.merge("Account", survivor, desk.partner_sf_id)
    desk.sides.settle(2)
    assert desk.record(request)["Partner__c"] == survivor
    bea = desk.connected.partner_user(desk.sides.row("account", survivor)["id"], "Bea", "Lang")
    assert desk.shown(bea, request)["number"] == "PX-1001"


# -- a decision there ---------------------------------------------------------------------------------------


def test_a_decision_on_the_record_counts_as_one_made_in_tandem(desk: OrgDesk) -> None:
    here, there = desk.synced(), desk.synced()
    desk.decide(desk.staff("channel.manager"), here, "approve", "Fine")
    desk.decide_there(there, "channel.manager", "Approve", "Fine")
    one, other = desk.now(here), desk.now(there)
    assert (one["state"], one["authorization"]) == ("approved", "PX-A-1001")
    assert (other["state"], other["authorization"]) == ("approved", "PX-A-1002")
    for made, door in ((one, "api"), (other, "crm")):
        [decision] = made["decisions"]
        assert (decision["by"], decision["reason"], decision["door"]) == ("Mason Okafor", "Fine", door)
    kinds = [[event["kind"] for event in made["timeline"]] for made in (one, other)]
    assert kinds[0] == kinds[1] == ["opened", "submitted", "approved", "authorized"]


def test_a_decision_is_taken_up_and_answered_in_one_cycle_and_the_next_is_quiet(desk: OrgDesk) -> None:
    request = desk.synced()
    desk.decide_there(request, "channel.manager", "Approve", "Fine")
    record = desk.record(request)
    assert (record["Decision__c"], record["Decision_Reason__c"]) == (None, None)
    assert record["Decision_Note__c"] == "The decision of Mason Okafor counts."
    assert record["Last_Decision__c"].startswith("Approved by Mason Okafor on ")
    assert record["Last_Decision__c"].endswith(", in Salesforce")
    assert (record["State__c"], record["Authorization__c"]) == ("Approved", "PX-A-1001")
    for _ in range(2):
        assert desk.sides.cycle().writes == 0
    assert_equal_sides(desk.sides)


def test_a_page_that_is_read_twice_decides_once(desk: OrgDesk) -> None:
    desk.publish(chain("channel_manager", "finance"))
    desk.staff("rep", "finance")
    request = desk.synced()
    desk.decide_there(request, "channel.manager", "Approve")
    desk.sides.sql("UPDATE sync_cursor SET stamp = stamp - interval '1 hour'")
    desk.sides.cycle()
    seen = desk.now(request)
    assert [one["step"] for one in seen["decisions"]] == ["channel_manager"]
    assert seen["state"] == "submitted"


def test_a_rejection_carries_its_reason_to_the_requester(desk: OrgDesk) -> None:
    request = desk.synced()
    desk.decide_there(request, "channel.manager", "Reject", "Below the floor price")
    seen = desk.now(request)
    assert (seen["state"], seen["authorization"]) == ("rejected", None)
    assert "Below the floor price" in [event["reason"] for event in seen["timeline"]]
    assert desk.record(request)["State__c"] == "Rejected"


def test_a_question_asked_there_waits_for_the_requester_and_then_for_the_company(desk: OrgDesk) -> None:
    request = desk.synced()
    desk.decide_there(request, "channel.manager", "Request information", "Which plant?")
    record = desk.record(request)
    assert (record["State__c"], record["Holder__c"]) == ("Information needed", "Anna Weiss")
    assert record["Last_Decision__c"].startswith("Information requested by Mason Okafor on ")
    desk.do(desk.anna, request, "answer", reason="Lohr")
    desk.sides.settle(1)
    record = desk.record(request)
    assert (record["State__c"], record["Holder__c"]) == (
        "Waiting for a decision", "Mason Okafor or Robin Ellery",
    )  # fmt: skip


# -- what does not count ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "decision", "reason", "note"),
    [
        ("rep", "Approve", "", "You are not asked in “Channel manager”. Whoever holds the request is named "
         "on it."),
        ("channel.manager", "Reject", "", "A rejection needs a reason. Say why; the requester reads it."),
        ("channel.manager", "Request information", "", "A question is needed. Say what you need to know."),
        ("integration", "Approve", "", "Tandem cannot tell who decided. Please set the decision again."),
    ],
)  # fmt: skip
def test_what_does_not_count_is_taken_back_and_says_why(
    desk: OrgDesk, local: str, decision: str, reason: str, note: str
) -> None:
    request = desk.synced()
    desk.decide_there(request, local, decision, reason)
    record = desk.record(request)
    assert (record["Decision__c"], record["Decision_Note__c"]) == (None, note)
    assert (record["State__c"], record["Last_Decision__c"]) == ("Waiting for a decision", None)
    seen = desk.now(request)
    assert (seen["state"], seen["decisions"]) == ("submitted", [])
    assert desk.sides.cycle().writes == 0
    desk.decide_there(request, "channel.manager", "Approve")
    assert desk.now(request)["state"] == "approved"


def test_whoever_asked_does_not_decide_there_either(desk: OrgDesk) -> None:
    mason = desk.staff("channel.manager", "rep")
    request = desk.ask(mason)
    desk.sides.cycle()
    assert desk.record(request)["Holder__c"] == "Robin Ellery"
    desk.decide_there(request, "channel.manager", "Approve")
    assert desk.record(request)["Decision_Note__c"] == (
        "You cannot decide your own request. Somebody else must decide."
    )
    assert desk.shown(mason, request)["state"] == "submitted"


def test_a_decision_that_comes_too_late_changes_nothing(desk: OrgDesk) -> None:
    request = desk.synced()
    desk.set_there(request, "admin", Decision__c="Reject", Decision_Reason__c="No")
    desk.decide(desk.staff("channel.manager"), request, "approve")
    desk.sides.settle(2)
    seen = desk.now(request)
    assert (seen["state"], len(seen["decisions"])) == ("approved", 1)
    record = desk.record(request)
    assert record["Decision__c"] is None
    assert record["Decision_Note__c"] == (
        "Mason Okafor approved PX-1001 in the step “Channel manager” before. "
        "What was decided stays; the requester can change the request or hand it in again."
    )
    assert record["State__c"] == "Approved"
    assert_equal_sides(desk.sides)


def test_the_reason_of_what_did_not_count_need_not_be_typed_again(desk: OrgDesk) -> None:
    request = desk.synced()
    desk.decide_there(request, "rep", "Reject", "Below the floor price")
    assert desk.record(request)["Decision_Reason__c"] == "Below the floor price"
    desk.set_there(request, "channel.manager", Decision__c="Reject")
    desk.sides.cycle()
    seen = desk.now(request)
    assert (seen["state"], seen["decisions"][0]["reason"]) == ("rejected", "Below the floor price")


def test_what_belongs_to_tandem_is_set_back(desk: OrgDesk) -> None:
    request = desk.synced()
    desk.set_there(request, "channel.manager", State__c="Approved", Holder__c="Me")
    desk.sides.settle(2)
    record = desk.record(request)
    assert (record["State__c"], record["Holder__c"]) == (
        "Waiting for a decision", "Mason Okafor or Robin Ellery",
    )  # fmt: skip
    assert desk.now(request)["state"] == "submitted"


def test_a_decision_at_the_moment_of_our_own_write_is_not_hidden_by_it(desk: OrgDesk) -> None:
    request = desk.synced()
    record = desk.record_id(request)
    desk.company.sql(
        "UPDATE crm_approval_request SET title = 'Price exception for Lohr' WHERE number = 'PX-1001'"
    )
    desk.org.fault(
        "interleave",
        path="/composite",
        nth=3,  # two polls, then the write
        do=[
            {
                "action": "update", "object": RECORD, "id": record, "fields": {"Decision__c": "Approve"},
                "as": desk.username("channel.manager"),
            }
        ],
    )  # fmt: skip
    desk.sides.cycle()
    [fault] = desk.org.faults()
    assert fault["fired"] == 1
    desk.org.clear_faults()
    desk.sides.settle(2)
    seen = desk.now(request)
    assert (seen["state"], seen["decisions"][0]["by"]) == ("approved", "Mason Okafor")


# -- two doors at once --------------------------------------------------------------------------------------


def test_two_doors_at_the_same_moment_have_one_effect(desk: OrgDesk) -> None:
    requests = [desk.synced() for _ in range(4)]
    mason = desk.staff("channel.manager")
    for request in requests:
        desk.set_there(request, "channel.manager", Decision__c="Approve")
    with ThreadPoolExecutor(5) as pool:
        cycle = pool.submit(desk.sides.cycle)
        answers = [
            pool.submit(mason.call, "POST", f"/api/requests/{one['id']}/decide", json={"decision": "approve"})
            for one in requests
        ]
        assert [one.result().status_code for one in answers] == [200] * 4
        cycle.result()
    desk.sides.settle(2)
    for request in requests:
        seen = desk.now(request)
        assert (seen["state"], len(seen["decisions"])) == ("approved", 1)
        assert desk.record(request)["State__c"] == "Approved"
        assert desk.record(request)["Decision__c"] is None
    assert len(desk.rows("SELECT * FROM approval_authorization")) == 4
    assert_equal_sides(desk.sides)


def test_a_decision_does_not_wait_for_the_sync_and_is_shown_afterwards(desk: OrgDesk) -> None:
    request = desk.synced()
    database = desk.connected.database
    with database.session(SYSTEM) as the_sync:
        the_sync.execute(text("SELECT FROM crm_approval_request FOR UPDATE"))
        desk.decide(desk.staff("channel.manager"), request, "approve")
    desk.sides.cycle()
    assert desk.record(request)["State__c"] == "Waiting for a decision"
    decide_there(desk.sides.settings)
    desk.sides.settle(1)
    assert desk.record(request)["State__c"] == "Approved"
    assert crm.catch_up(database) == 0
    assert_equal_sides(desk.sides)


# -- an org without the object ------------------------------------------------------------------------------


def test_without_the_object_the_sync_works_and_this_door_is_closed(desk: OrgDesk) -> None:
    desk.org.admin("revoke_object", object=RECORD)
    desk.sides.engine.probe()
    request = desk.ask(desk.anna)
    account = desk.org.insert("Account", Name="Northwind")
    desk.sides.settle(2)
    assert desk.sides.row("account", account)["name"] == "Northwind"
    desk.decide(desk.staff("channel.manager"), request, "approve")
    assert desk.now(request)["authorization"] == "PX-A-1001"
    desk.sides.settle(1)
    with desk.connected.database.session(SYSTEM) as session:
        assert status(Tx(session), desk.sides.engine.mappings).stuck == [], "nobody has to do anything"
    desk.org.admin("grant_object", object=RECORD)
    desk.sides.engine.probe()
    desk.sides.settle(2)
    assert desk.record(request)["State__c"] == "Approved"
