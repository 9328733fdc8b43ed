"""Approval processes over REST: submission locks, the approver decides, the record changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest


@pytest.fixture
def approver(org: OrgProcess) -> Iterator[requests.Session]:
    """A client signed in as the administrator, who approves."""
    username = org.query("SELECT Username FROM User WHERE Username LIKE 'admin@%'")[0]["Username"]
    org.admin(
        "approval_process",
        object="Opportunity",
        name="Discount",
        label="Discount approval",
        approver=username,
        when={"StageName": "Negotiation/Review"},
        on_approve={"NextStep": "approved"},
        on_reject={"NextStep": "rejected"},
    )
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {org.token(username)}"
    yield session
    session.close()


@pytest.fixture
def deal(org: OrgProcess) -> str:
    return org.insert(
        "Opportunity", Name="Big", StageName="Negotiation/Review", CloseDate="2027-01-31", Amount=10
    )


def request(org: OrgProcess, session: requests.Session, action: str, context: str, **more: Any) -> Any:
    body = {"requests": [{"actionType": action, "contextId": context, **more}]}
    return session.post(f"{org.http}/services/data/v67.0/process/approvals", json=body, timeout=30).json()[0]


def edit(api: Rest, deal: str) -> Any:
    body = {"records": [{"attributes": {"type": "Opportunity"}, "id": deal, "Amount": 20}]}
    return api.patch("composite/sobjects", body)[0]


def test_a_submitted_record_is_locked_until_it_is_approved(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    sent = request(org, api.session, "Submit", deal, comments="please")
    assert (sent["success"], sent["instanceStatus"], sent["entityId"]) == (True, "Pending", deal)
    assert edit(api, deal)["errors"][0]["statusCode"] == "ENTITY_IS_LOCKED"
    done = request(org, approver, "Approve", sent["newWorkitemIds"][0])
    assert (done["success"], done["instanceStatus"], done["newWorkitemIds"]) == (True, "Approved", [])
    assert org.get("Opportunity", deal, "NextStep") == {"NextStep": "approved"}
    assert edit(api, deal)["success"]
    steps = org.query("SELECT StepStatus, Comments FROM ProcessInstanceStep ORDER BY Id")
    assert [(s["StepStatus"], s["Comments"]) for s in steps] == [("Started", "please"), ("Approved", None)]
    assert org.query("SELECT Status FROM ProcessInstance")[0]["Status"] == "Approved"
    assert org.query("SELECT Id FROM ProcessInstanceWorkitem") == []


def test_a_rejected_record_is_free_again_and_says_so(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    sent = request(org, api.session, "Submit", deal)
    assert request(org, approver, "Reject", sent["newWorkitemIds"][0])["instanceStatus"] == "Rejected"
    assert org.get("Opportunity", deal, "NextStep") == {"NextStep": "rejected"}
    assert edit(api, deal)["success"]
    assert request(org, api.session, "Submit", deal)["success"]


def test_nobody_but_the_approver_decides(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    sent = request(org, api.session, "Submit", deal)
    refused = request(org, api.session, "Approve", sent["newWorkitemIds"][0])
    assert refused["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert org.query("SELECT Status FROM ProcessInstance")[0]["Status"] == "Pending"


def test_what_cannot_be_submitted_says_why(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    request(org, api.session, "Submit", deal)
    assert request(org, api.session, "Submit", deal)["errors"][0]["statusCode"] == "ALREADY_IN_PROCESS"
    early = org.insert("Opportunity", Name="Early", StageName="Prospecting", CloseDate="2027-01-31")
    assert request(org, api.session, "Submit", early)["errors"][0]["statusCode"] == "NO_APPLICABLE_PROCESS"
    assert request(org, api.session, "Submit", early, skipEntryCriteria="true")["success"]
    assert request(org, api.session, "Dance", deal)["errors"][0]["statusCode"] == "INVALID_INPUT"


def test_the_processes_are_listed_and_there_are_no_workflow_rules(
    org: OrgProcess, api: Rest, approver: requests.Session
) -> None:
    listed = api.get("process/approvals")["approvals"]["Opportunity"]
    assert [(p["name"], p["object"], p["sortOrder"]) for p in listed] == [
        ("Discount approval", "Opportunity", 1)
    ]
    assert api.get("process/rules") == {"rules": {}}


def test_the_submit_action_sends_a_record_into_its_process(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    done = api.post("actions/standard/submit", {"inputs": [{"objectId": deal, "comment": "go"}]})[0]
    assert (done["actionName"], done["isSuccess"], done["outputValues"]["entityId"]) == ("submit", True, deal)
    again = api.call("POST", "actions/standard/submit", json={"inputs": [{"objectId": deal}]})
    assert again.status_code == 400
    assert again.json()[0]["errors"][0]["statusCode"] == "ALREADY_IN_PROCESS"


def test_whoever_submitted_a_record_recalls_it_and_nobody_else(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    sent = request(org, api.session, "Submit", deal)
    workitem = sent["newWorkitemIds"][0]
    refused = request(org, approver, "Removed", workitem)
    assert refused["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    recalled = request(org, api.session, "Removed", workitem, comments="not yet")
    assert (recalled["success"], recalled["instanceStatus"], recalled["entityId"]) == (True, "Removed", deal)
    assert edit(api, deal)["success"]
    steps = org.query("SELECT StepStatus, Comments FROM ProcessInstanceStep ORDER BY Id")
    assert [(s["StepStatus"], s["Comments"]) for s in steps] == [("Started", None), ("Removed", "not yet")]
    again = request(org, api.session, "Removed", workitem)
    assert again["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert request(org, api.session, "Submit", deal)["success"], "a recalled record may be submitted again"


def test_of_many_requests_those_that_can_be_done_are_done(
    org: OrgProcess, api: Rest, approver: requests.Session, deal: str
) -> None:
    early = org.insert("Opportunity", Name="Early", StageName="Prospecting", CloseDate="2027-01-31")
    asked = [{"actionType": "Submit", "contextId": one} for one in (early, deal)]
    answer = api.call("POST", "process/approvals", json={"requests": asked})
    assert answer.status_code == 200
    refused, sent = answer.json()
    assert (refused["success"], refused["entityId"], refused["instanceId"]) == (False, early, None)
    assert refused["errors"] == [
        {
            "statusCode": "NO_APPLICABLE_PROCESS",
            "message": "No applicable approval process was found.",
            "fields": [],
        }
    ]
    assert (sent["success"], sent["entityId"], sent["instanceStatus"]) == (True, deal, "Pending")


def test_a_record_of_a_custom_object_goes_through_a_process(org: OrgProcess, api: Rest) -> None:
    username = org.query("SELECT Username FROM User WHERE Username LIKE 'admin@%'")[0]["Username"]
    org.admin("approval_process", object="Approval_Request__c", name="Second_look", approver=username)
    record = org.insert("Approval_Request__c", Name="PA-1", Number__c="PA-1")
    assert request(org, api.session, "Submit", record)["success"]
    org.decide(record, "approve", "fine", by=username)
    [found] = org.query(
        "SELECT Status, TargetObject.Name, TargetObject.Type, LastActor.Username, "
        "(SELECT StepStatus, Comments, Actor.Name FROM Steps ORDER BY CreatedDate DESC, Id DESC) "
        f"FROM ProcessInstance WHERE TargetObjectId = '{record}'"
    )
    assert (found["Status"], found["TargetObject"]["Name"]) == ("Approved", "PA-1")
    assert found["TargetObject"]["Type"] == "Approval_Request__c"
    assert found["LastActor"]["Username"] == username
    last = found["Steps"]["records"][0]
    assert (last["StepStatus"], last["Comments"]) == ("Approved", "fine")
