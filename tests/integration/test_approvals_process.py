"""Steps that the org's own approval process decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.approvals import deadlines
from app.approvals.process.outcome import Report
from app.approvals.process.run import run
from app.kernel.actor import SYSTEM
from app.queues import Queues
from app.salesforce import SalesforceError
from jobs.approvals_crm import decide_there
from tests.fixtures.approvals_org import RECORD, OrgDesk
from tests.fixtures.sync import assert_equal_sides

WORKFLOW = """
key: price_exception
title: {en: Price exception}
number: PX
initiators: [reseller, distributor, rep]
route:
  - key: org
    title: {en: Sales operations}
    approvers: [{role: channel_manager}]
    in: salesforce
    deadline: {hours: 48}
  - key: finance
    title: {en: Finance}
    when: {field: amount, op: above, value: {EUR: "100000.00"}}
    approvers: [{role: finance}]
"""


class Process:
    """A company whose first step is decided by the org's process, by its administrator."""

    def __init__(self, desk: OrgDesk, sobject: str = RECORD) -> None:
        self.desk, self.org = desk, desk.org
        desk.publish(WORKFLOW)
        desk.staff("channel.manager", "channel_manager")
        self.admin = desk.username("admin")
        desk.staff("admin")
        self.org.admin(
            "approval_process", object=sobject, name="Sales_operations", label="Sales operations",
            approver=self.admin,
        )  # fmt: skip

    def run(self) -> Report:
        """One run of the job."""
        sides = self.desk.sides
        return run(sides.database, sides.gateway, self.desk.engine)

    def submitted(self, **values: Any) -> dict[str, Any]:
        """A request whose record is in the org's process."""
        request = self.desk.synced(**values)
        assert self.run().submitted == 1
        return request

    def state(self, request: dict[str, Any]) -> tuple[str, str]:
        """How our row stands, and what it says."""
        [row] = self.desk.rows(
            "SELECT state, note FROM crm_approval_process WHERE request_id = :id", id=request["id"]
        )
        return row["state"], row["note"]

    def instances(self) -> list[str]:
        """The status of every run of a process in the org."""
        return [one["Status"] for one in self.org.query("SELECT Status FROM ProcessInstance ORDER BY Id")]


@pytest.fixture
def there(org_desk: OrgDesk) -> Process:
    return Process(org_desk)


def test_the_org_decides_a_step_and_the_route_goes_on(there: Process) -> None:
    fay = there.desk.staff("rep", "finance")
    request = there.submitted(amount="125000.00", currency="EUR")
    assert there.instances() == ["Pending"]
    seen = there.desk.now(request)
    assert seen["holder"]["who"] == "an approval process in Salesforce"
    mason = there.desk.staff("channel.manager")
    refused = there.desk.do(mason, request, "decide", status=403, decision="approve")
    assert refused["detail"].startswith("You are not asked in “Sales operations”.")
    assert there.run().changes == 0, "nothing to do while they think"
    there.org.decide(there.desk.record_id(request), "approve", "Margin is fine", by=there.admin)
    assert there.run().decided == 1
    seen = there.desk.now(request)
    [decision] = seen["decisions"]
    assert (decision["by"], decision["reason"], decision["door"]) == (
        "Robin Ellery", "Margin is fine", "process",
    )  # fmt: skip
    assert (seen["state"], seen["holder"]["who"]) == ("submitted", "Amelia Brennan")
    seen = there.desk.decide(fay, request, "approve")
    assert (seen["state"], seen["authorization"]) == ("approved", "PX-A-1001")
    there.desk.sides.settle(2)
    assert there.desk.record(request)["State__c"] == "Approved"
    assert_equal_sides(there.desk.sides)


def test_three_doors_have_one_effect(there: Process) -> None:
    there.org.admin("approval_process", object=RECORD, name="Sales_operations", approver=there.admin)
    seen = []
    for door in ("process", "api", "crm"):
        if door == "api":
            there.desk.publish(
                WORKFLOW.replace("    in: salesforce\n", "").replace("channel_manager", "boss")
            )
            there.desk.staff("admin", "boss")
        request = there.desk.synced()
        if door == "process":
            there.run()
            there.org.decide(there.desk.record_id(request), "approve", "Fine", by=there.admin)
            there.run()
        elif door == "api":
            there.desk.decide(there.desk.staff("admin"), request, "approve", "Fine")
        else:
            there.desk.decide_there(request, "admin", "Approve", "Fine")
        made = there.desk.now(request)
        [decision] = made["decisions"]
        assert decision["door"] == door
        seen.append(
            (
                made["state"], made["authorization"][:5], decision["by"], decision["reason"],
                decision["decision"], [event["kind"] for event in made["timeline"]],
                [step["state"] for step in made["steps"]],
            )
        )  # fmt: skip
    assert seen[0] == seen[1] == seen[2]


def test_a_rejection_there_rejects_with_the_comment_as_its_reason(there: Process) -> None:
    request = there.submitted()
    there.org.decide(there.desk.record_id(request), "reject", "Below the floor price", by=there.admin)
    there.run()
    seen = there.desk.now(request)
    assert (seen["state"], seen["authorization"]) == ("rejected", None)
    assert "Below the floor price" in [event["reason"] for event in seen["timeline"]]
    silent = there.submitted()
    there.org.decide(there.desk.record_id(silent), "reject", by=there.admin)
    there.run()
    reasons = [event["reason"] for event in there.desk.now(silent)["timeline"]]
    assert "Rejected in Salesforce, where no comment was left." in reasons


def test_what_was_decided_there_is_taken_over_once(there: Process) -> None:
    request = there.submitted()
    there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    assert there.run().decided == 1
    assert there.run().changes == 0
    assert len(there.desk.now(request)["decisions"]) == 1


def test_a_lost_answer_of_a_submission_is_found_again(there: Process) -> None:
    request = there.desk.synced()
    there.org.fault("drop_after_commit", path="/process/approvals", method="POST")
    with pytest.raises(SalesforceError):
        there.run()
    assert there.instances() == ["Pending"]
    assert there.state(request)[0] == "waiting"
    there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    assert there.run().decided == 1
    assert there.instances() == ["Approved"], "it was submitted once"
    assert there.desk.now(request)["state"] == "approved"


def test_a_request_that_is_taken_back_is_recalled_there_and_its_record_is_free(there: Process) -> None:
    request = there.submitted()
    there.desk.do(there.desk.anna, request, "recall", reason="Not needed")
    there.desk.sides.cycle()
    assert there.desk.record(request)["State__c"] == "Waiting for a decision", "the record is locked"
    assert there.desk.sides.outbox()[0]["error_kind"] == "waits"
    assert there.run().recalled == 1
    assert there.instances() == ["Removed"]
    there.desk.sides.settle(2)
    assert there.desk.record(request)["State__c"] == "Recalled"
    assert there.state(request) == ("recalled", "")
    assert_equal_sides(there.desk.sides)


def test_what_the_next_level_decides_here_is_recalled_there(there: Process) -> None:
    there.desk.publish(
        WORKFLOW.replace(
            "    deadline: {hours: 48}\n",
            "    deadline: {hours: 48}\n    escalate: {to: {role: channel_director}}\n",
        )
    )
    director = there.desk.staff("rep", "channel_director")
    request = there.submitted()
    assert there.desk.inbox(director) == []
    with there.desk.connected.database.session(SYSTEM) as session:
        deadlines.run(there.desk.engine, session, datetime.now(UTC) + timedelta(hours=49))
    assert there.desk.now(request)["holder"]["who"] == (
        "Amelia Brennan and an approval process in Salesforce"
    )
    seen = there.desk.decide(director, request, "approve")
    assert (seen["state"], seen["decisions"][0]["door"]) == ("approved", "api")
    assert there.run().recalled == 1
    assert there.instances() == ["Removed"]


def test_while_a_question_is_open_the_outcome_there_waits(there: Process) -> None:
    request = there.submitted()
    there.desk.company.sql("UPDATE approval_step SET state = 'paused' WHERE key = 'org'")
    there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    assert there.run().changes == 0
    there.desk.company.sql("UPDATE approval_step SET state = 'open' WHERE key = 'org'")
    assert there.run().decided == 1


def test_what_was_never_submitted_need_not_be_recalled(there: Process) -> None:
    request = there.desk.synced()
    there.desk.do(there.desk.anna, request, "recall")
    assert there.run().changes == 0
    assert there.instances() == []


def test_a_request_that_is_changed_goes_there_again_in_a_new_round(there: Process) -> None:
    request = there.submitted(amount="10.00", currency="EUR")
    there.desk.do(there.desk.anna, request, "edit", values={"amount": "20.00"})
    report = there.run()
    assert report.recalled == 1
    there.desk.sides.cycle()
    assert there.run().submitted == 1
    assert there.instances() == ["Removed", "Pending"]
    there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    there.run()
    seen = there.desk.now(request)
    assert (seen["state"], seen["round"]) == ("approved", 2)


def test_a_record_that_has_not_reached_the_org_waits(there: Process) -> None:
    request = there.desk.ask(there.desk.anna)
    assert there.run().changes == 0
    assert there.state(request) == (
        "waiting", "The record has not reached Salesforce yet; it is submitted when it has.",
    )  # fmt: skip
    there.desk.sides.cycle()
    assert there.run().submitted == 1


# -- where the org cannot, Tandem asks its own ---------------------------------------------------------------


def test_an_org_without_a_process_gives_the_step_back(org_desk: OrgDesk) -> None:
    org_desk.publish(WORKFLOW)
    mason = org_desk.staff("channel.manager", "channel_manager")
    request = org_desk.synced()
    assert org_desk.inbox(mason) == []
    report = run(org_desk.sides.database, org_desk.sides.gateway, org_desk.engine)
    assert report.returned == 1
    assert org_desk.inbox(mason) == ["PX-1001"]
    seen = org_desk.shown(mason, request)
    assert seen["holder"]["who"] == "Mason Okafor"
    assert "Salesforce has no approval process for it." in " ".join(e["sentence"] for e in seen["timeline"])
    notices = org_desk.rows("SELECT user_id FROM approval_notice WHERE kind = 'task'")
    assert [one["user_id"] for one in notices] == [mason.user_id]
    seen = org_desk.decide(mason, request, "approve")
    assert (seen["state"], seen["decisions"][0]["door"]) == ("approved", "api")


def test_a_record_that_no_process_takes_gives_the_step_back(there: Process) -> None:
    there.org.admin(
        "approval_process", object=RECORD, name="Sales_operations", approver=there.admin,
        when={"Workflow__c": "something_else"},
    )  # fmt: skip
    request = there.desk.synced()
    assert there.run().returned == 1
    assert there.state(request) == ("returned", "No approval process in Salesforce takes this record.")


def test_a_record_that_was_deleted_there_gives_the_step_back(there: Process) -> None:
    waiting, submitted = there.desk.synced(), there.desk.synced()
    there.org.delete(RECORD, there.desk.record_id(waiting))
    there.desk.sides.cycle()
    report = there.run()
    assert (report.submitted, report.returned) == (1, 1)
    assert there.state(waiting) == (
        "returned", "Its record is not in Salesforce and cannot go there now.",
    )  # fmt: skip
    there.org.delete(RECORD, there.desk.record_id(submitted))
    assert there.run().returned == 1
    assert there.state(submitted) == (
        "returned", "The record or its approval was deleted in Salesforce.",
    )  # fmt: skip
    mason = there.desk.staff("channel.manager")
    assert sorted(there.desk.inbox(mason)) == ["PX-1001", "PX-1002"]


def test_a_record_that_cannot_reach_the_org_gives_the_step_back(there: Process) -> None:
    there.org.admin(
        "validation_rule", object=RECORD, name="Closed", formula="TRUE", message="Nothing comes in."
    )
    request = there.desk.synced()
    assert there.run().returned == 1
    assert there.state(request) == (
        "returned", "Its record is not in Salesforce and cannot go there now.",
    )  # fmt: skip


def test_an_approval_that_is_recalled_there_comes_back_to_tandem(there: Process) -> None:
    request = there.submitted()
    there.org.decide(there.desk.record_id(request), "recall", by=there.admin)
    assert there.run().returned == 1
    assert there.state(request) == ("returned", "Robin Ellery recalled the approval in Salesforce.")
    mason = there.desk.staff("channel.manager")
    assert there.desk.decide(mason, request, "approve")["state"] == "approved"


def test_whoever_asked_does_not_decide_in_the_process_either(there: Process) -> None:
    robin = there.desk.staff("admin", "rep")
    request = there.desk.ask(robin)
    there.desk.sides.cycle()
    there.run()
    there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    assert there.run().returned == 1
    state, note = there.state(request)
    assert state == "returned"
    assert note == (
        "The decision made in Salesforce does not count: "
        "You cannot decide your own request. Somebody else must decide."
    )
    seen = there.desk.shown(robin, request)
    assert (seen["state"], seen["decisions"]) == ("submitted", [])


def test_a_record_that_somebody_else_submitted_waits_for_that_to_end(there: Process) -> None:
    request = there.desk.synced()
    there.org.act("submit", id=there.desk.record_id(request), comments="by hand")
    assert there.run().changes == 0
    assert there.state(request)[1] == (
        "The record is in another approval in Salesforce, which has to end first."
    )
    there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    assert there.run().submitted == 1
    assert there.desk.now(request)["state"] == "submitted"


# -- the opportunity ----------------------------------------------------------------------------------------


def about(desk: OrgDesk, opportunity: str) -> dict[str, Any]:
    answer = desk.staff("rep", "rep").post(
        "/api/requests", workflow="price_exception", submit=True, partner_account_id=str(desk.partner),
        refs={"opportunity_id": str(desk.sides.row("opportunity", opportunity)["id"])},
    )  # fmt: skip
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def test_the_opportunity_goes_into_the_process_where_the_org_has_one_for_it(org_desk: OrgDesk) -> None:
    there = Process(org_desk, "Opportunity")
    opportunity = there.org.insert("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2031-01-31")
    org_desk.sides.cycle()
    first, second = about(org_desk, opportunity), about(org_desk, opportunity)
    org_desk.sides.cycle()
    assert there.run().submitted == 1
    [found] = there.org.query("SELECT TargetObjectId FROM ProcessInstance")
    assert found["TargetObjectId"] == opportunity
    assert there.state(second)[0] == "waiting"
    there.org.decide(opportunity, "approve", by=there.admin)
    report = there.run()
    assert (report.decided, report.submitted) == (1, 1)
    assert there.desk.now(first)["state"] == "approved"
    assert there.desk.now(second)["state"] == "submitted"
    org_desk.sides.cycle()
    held = [row["error_code"] for row in org_desk.sides.outbox()]
    assert held == ["ENTITY_IS_LOCKED"], "what concerns the locked opportunity waits"
    fields = ("Approval_Status__c", "Authorization_Number__c")
    assert there.org.get("Opportunity", opportunity, *fields) == {
        "Approval_Status__c": "Waiting for a decision", "Authorization_Number__c": None,
    }  # fmt: skip
    there.org.decide(opportunity, "approve", by=there.admin)
    there.run()
    org_desk.sides.settle(2)
    assert there.org.get("Opportunity", opportunity, *fields) == {
        "Approval_Status__c": "Approved", "Authorization_Number__c": "PX-A-1002",
    }  # fmt: skip
    assert_equal_sides(org_desk.sides)


def test_many_steps_are_asked_about_in_one_call(there: Process) -> None:
    requests = [there.desk.ask(there.desk.anna) for _ in range(12)]
    there.desk.sides.cycle()
    there.org.reset_calls()
    assert there.run().submitted == 12
    assert there.org.calls()["total"] == 3, "how they stand, which processes there are, all submissions"
    there.org.reset_calls()
    assert there.run().changes == 0
    assert there.org.calls()["total"] == 1
    for request in requests:
        there.org.decide(there.desk.record_id(request), "approve", by=there.admin)
    there.org.reset_calls()
    assert there.run().decided == 12
    assert there.org.calls()["total"] == 1


def test_the_job_calls_the_org_only_when_there_is_something_to_do(there: Process) -> None:
    request = there.desk.ask(there.desk.anna)
    there.desk.do(there.desk.anna, request, "recall")
    there.desk.sides.cycle()
    there.org.reset_calls()
    decide_there(there.desk.sides.settings)
    assert there.org.calls()["total"] == 0
    waiting = there.desk.synced()
    decide_there(there.desk.sides.settings)
    there.org.decide(there.desk.record_id(waiting), "approve", by=there.admin)
    decide_there(there.desk.sides.settings)
    assert there.desk.now(waiting)["state"] == "approved"
    queues = Queues(there.desk.sides.settings.redis_url)
    try:
        assert queues.connection.llen("rq:queue:sync") > 0, "the sync is asked to carry it back"
    finally:
        queues.close()
