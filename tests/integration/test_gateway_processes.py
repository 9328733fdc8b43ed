"""The org's approval processes through the gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.salesforce import Budget, Connection, Gateway, Limits, ProcessRequest, SalesforceError, SchemaError
from tests.fixtures.org import OrgProcess


@pytest.fixture
def gateway(org: OrgProcess) -> Iterator[Gateway]:
    connection = Connection(org.https, org.client_id, org.username, str(org.key_file), org.ca)
    fast = Limits(pause=0.01, longest_pause=0.02)
    with Gateway(connection, limits=fast, budget=Budget(share=1.0, reserve=0.0)) as gateway:
        gateway.tokens.token()
        org.reset_calls()
        yield gateway


@pytest.fixture
def admin(org: OrgProcess) -> str:
    username: str = org.query("SELECT Username FROM User WHERE Username LIKE 'admin@%'")[0]["Username"]
    org.admin("approval_process", object="Opportunity", name="Discount", label="Discount", approver=username)
    return username


def deal(org: OrgProcess) -> str:
    return org.insert("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2027-01-31")


def test_the_processes_are_known_by_object(org: OrgProcess, gateway: Gateway, admin: str) -> None:
    assert [one["name"] for one in gateway.processes()["Opportunity"]] == ["Discount"]
    assert "Lead" not in gateway.processes()


def test_many_are_submitted_in_one_call_and_each_answers_for_itself(
    org: OrgProcess, gateway: Gateway, admin: str
) -> None:
    good, lead = deal(org), org.insert("Lead", LastName="Keller", Company="Bosch")
    sent, refused = gateway.process(
        [ProcessRequest("Submit", good, "DR-1001"), ProcessRequest("Submit", lead)]
    )
    assert org.calls()["total"] == 1
    assert (sent.success, sent.record_id, sent.status) == (True, good, "Pending")
    assert refused.error is not None
    assert (refused.success, refused.error.code) == (False, "NO_APPLICABLE_PROCESS")
    [step] = org.query("SELECT Comments FROM ProcessInstanceStep")
    assert step["Comments"] == "DR-1001"


def test_where_all_are_refused_each_still_says_why(org: OrgProcess, gateway: Gateway, admin: str) -> None:
    record = deal(org)
    gateway.process([ProcessRequest("Submit", record)])
    [again] = gateway.process([ProcessRequest("Submit", record)])
    assert again.error is not None
    assert again.error.code == "ALREADY_IN_PROCESS"


def test_a_submitted_record_is_recalled_by_its_work_item(
    org: OrgProcess, gateway: Gateway, admin: str
) -> None:
    record = deal(org)
    [sent] = gateway.process([ProcessRequest("Submit", record)])
    [recalled] = gateway.process([ProcessRequest("Removed", sent.workitems[0], "withdrawn")])
    assert (recalled.success, recalled.status) == (True, "Removed")
    assert [one["Status"] for one in org.query("SELECT Status FROM ProcessInstance")] == ["Removed"]


def test_a_call_whose_answer_is_lost_is_not_sent_again(org: OrgProcess, gateway: Gateway, admin: str) -> None:
    record = deal(org)
    org.fault("drop_after_commit", path="/process/approvals")
    with pytest.raises(SalesforceError) as caught:
        gateway.process([ProcessRequest("Submit", record)])
    assert not caught.value.refused
    assert len(org.query("SELECT Id FROM ProcessInstance")) == 1


def test_a_body_that_the_org_cannot_read_is_one_refusal(org: OrgProcess, gateway: Gateway) -> None:
    org.fault("error", status=400, code="JSON_PARSER_ERROR", path="/process/approvals")
    with pytest.raises(SchemaError):
        gateway.process([ProcessRequest("Submit", "006000000000001AAA")])
