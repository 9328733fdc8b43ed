"""Field-level security: a field that was deployed is seen through an assigned permission set only."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.fixtures.org import OrgProcess

V = "/services/data/v67.0"


class Client:
    """REST calls of one user."""

    def __init__(self, org: OrgProcess, username: str) -> None:
        self.org = org
        self.headers = {"Authorization": f"Bearer {org.token(username)}"}

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, self.org.http + V + path, headers=self.headers, timeout=30, **options)

    def fields(self, sobject: str) -> dict[str, dict[str, Any]]:
        """What describe shows, by name."""
        return {f["name"]: f for f in self.call("GET", f"/sobjects/{sobject}/describe").json()["fields"]}


@pytest.fixture
def rep(org: OrgProcess) -> Client:
    """The account executive that every org has."""
    found = org.query("SELECT Username FROM User WHERE Username LIKE 'rep@%'")
    return Client(org, found[0]["Username"])


@pytest.fixture
def manager(org: OrgProcess) -> Client:
    """The channel manager, who decides requests and to whom no other permission set is assigned."""
    found = org.query("SELECT Username FROM User WHERE Username LIKE 'channel.manager@%'")
    return Client(org, found[0]["Username"])


def assignment(org: OrgProcess, permission_set: str, local: str) -> str:
    found = org.query(
        "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = "
        f"'{permission_set}' AND Assignee.Username LIKE '{local}@%'"
    )
    assert len(found) == 1
    return str(found[0]["Id"])


def test_the_integration_user_writes_every_deployed_field(org: OrgProcess) -> None:
    fields = Client(org, org.username).fields("Lead")
    assert {name: f["updateable"] for name, f in fields.items() if f["custom"]} == {
        "Tandem_Id__c": True,
        "Registration_Number__c": True,
        "Registration_Status__c": True,
        "Partner__c": True,
        "Protected_Until__c": True,
        "Approval_Status__c": True,
        "Authorization_Number__c": True,
    }


def test_a_rep_reads_deployed_fields_and_cannot_write_them(org: OrgProcess, rep: Client) -> None:
    field = rep.fields("Account")["Tandem_Id__c"]
    assert (field["createable"], field["updateable"]) == (False, False)
    account = org.insert("Account", Name="Northwind", Tandem_Id__c="T-1")
    shown = rep.call("GET", "/query", params={"q": "SELECT Tandem_Id__c FROM Account"}).json()
    assert [r["Tandem_Id__c"] for r in shown["records"]] == ["T-1"]
    refused = rep.call("PATCH", f"/sobjects/Account/{account}", json={"Tandem_Id__c": "T-2"})
    assert (refused.status_code, refused.json()) == (
        400,
        [
            {
                "message": "Unable to create/update fields: Tandem_Id__c. Please check the security settings "
                "of this field and verify that it is read/write for your profile or permission set.",
                "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
                "fields": ["Tandem_Id__c"],
            }
        ],
    )
    assert org.get("Account", account, "Tandem_Id__c") == {"Tandem_Id__c": "T-1"}


def test_a_user_without_a_permission_set_does_not_know_deployed_fields(
    org: OrgProcess, manager: Client
) -> None:
    account = org.insert("Account", Name="Northwind", Tandem_Id__c="T-1")
    assert "Tandem_Id__c" not in manager.fields("Account")
    assert "Industry" in manager.fields("Account")
    asked = manager.call("GET", "/query", params={"q": "SELECT Tandem_Id__c FROM Account"})
    assert (asked.status_code, asked.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    filtered = manager.call(
        "GET", "/query", params={"q": "SELECT Id FROM Account WHERE Tandem_Id__c = 'T-1'"}
    )
    assert (filtered.status_code, filtered.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    written = manager.call("PATCH", f"/sobjects/Account/{account}", json={"Tandem_Id__c": "T-2"})
    assert written.json() == [
        {
            "message": "No such column 'Tandem_Id__c' on sobject of type Account",
            "errorCode": "INVALID_FIELD",
        }
    ]
    upserted = manager.call("PATCH", "/sobjects/Account/Tandem_Id__c/T-1", json={"Name": "Southwind"})
    assert (upserted.status_code, upserted.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    whole = manager.call("GET", f"/sobjects/Account/{account}").json()
    assert "Tandem_Id__c" not in whole
    assert org.get("Account", account, "Name", "Tandem_Id__c") == {
        "Name": "Northwind",
        "Tandem_Id__c": "T-1",
    }


def test_an_approver_edits_the_decision_of_a_request_and_nothing_else(
    org: OrgProcess, manager: Client
) -> None:
    record = org.insert("Approval_Request__c", Name="PA-1001", Number__c="PA-1001", Title__c="New partner")
    path = f"/sobjects/Approval_Request__c/{record}"
    decided = manager.call("PATCH", path, json={"Decision__c": "Reject", "Decision_Reason__c": "No stock"})
    assert decided.status_code == 204
    assert manager.call("GET", path).json()["Title__c"] == "New partner"
    refused = manager.call("PATCH", path, json={"State__c": "Approved"})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert org.get("Approval_Request__c", record, "State__c", "Decision__c") == {
        "State__c": None,
        "Decision__c": "Reject",
    }


def test_an_assignment_gives_fields_and_its_end_takes_them(org: OrgProcess, manager: Client) -> None:
    user = org.query("SELECT Id FROM User WHERE Username LIKE 'channel.manager@%'")[0]["Id"]
    rights = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Tandem_Rep'")[0]["Id"]
    given = org.insert("PermissionSetAssignment", PermissionSetId=rights, AssigneeId=user)
    assert "Tandem_Id__c" in manager.fields("Account")
    org.delete("PermissionSetAssignment", given)
    assert "Tandem_Id__c" not in manager.fields("Account")


def test_an_assignment_that_expires_takes_its_fields_along(org: OrgProcess, manager: Client) -> None:
    org.freeze("2026-03-02T12:00:00Z")
    user = org.query("SELECT Id FROM User WHERE Username LIKE 'channel.manager@%'")[0]["Id"]
    rights = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Tandem_Rep'")[0]["Id"]
    org.insert(
        "PermissionSetAssignment",
        PermissionSetId=rights,
        AssigneeId=user,
        ExpirationDate="2026-03-02T13:00:00Z",
    )
    query = {"q": "SELECT Tandem_Id__c FROM Account"}
    assert manager.call("GET", "/query", params=query).status_code == 200
    org.advance(3601)
    assert manager.call("GET", "/query", params=query).json()[0]["errorCode"] == "INVALID_FIELD"


def test_an_integration_user_without_its_permission_set_sees_stock_fields_only(org: OrgProcess) -> None:
    client = Client(org, org.username)
    org.delete("PermissionSetAssignment", assignment(org, "Tandem_Integration", "integration"))
    answer = client.call("GET", "/sobjects/Account/describe")
    assert answer.status_code == 200
    assert not [f["name"] for f in answer.json()["fields"] if f["custom"]]


def test_the_highest_of_several_permission_sets_counts(org: OrgProcess, rep: Client) -> None:
    user = org.query("SELECT Id FROM User WHERE Username LIKE 'rep@%'")[0]["Id"]
    rights = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Tandem_Integration'")[0]["Id"]
    org.insert("PermissionSetAssignment", PermissionSetId=rights, AssigneeId=user)
    assert rep.fields("Account")["Tandem_Id__c"]["updateable"] is True


def test_an_admin_gives_and_takes_a_field_over_the_permission_sets(org: OrgProcess, manager: Client) -> None:
    name = org.query("SELECT Username FROM User WHERE Username LIKE 'channel.manager@%'")[0]["Username"]
    org.admin("grant_field", object="Account", field="Tandem_Id__c", username=name)
    assert manager.fields("Account")["Tandem_Id__c"]["updateable"] is True
    org.admin("revoke_field", object="Account", field="Tandem_Id__c", username=name, read=False)
    assert manager.fields("Account")["Tandem_Id__c"]["updateable"] is False
    org.admin("revoke_field", object="Account", field="Tandem_Id__c")
    assert "Tandem_Id__c" not in manager.fields("Account")
    assert "Tandem_Id__c" not in Client(org, org.username).fields("Account")
    org.admin("grant_field", object="Account", field="Tandem_Id__c")
    assert Client(org, org.username).fields("Account")["Tandem_Id__c"]["updateable"] is True


def test_a_field_added_in_setup_is_everybodys(org: OrgProcess, manager: Client) -> None:
    org.admin("add_field", object="Account", field={"name": "Region__c", "type": "string", "length": 20})
    assert manager.fields("Account")["Region__c"]["updateable"] is True


def test_permissions_follow_a_renamed_field_and_end_with_a_dropped_one(
    org: OrgProcess, manager: Client
) -> None:
    org.admin("rename_field", object="Account", field="Tandem_Id__c", to="Old_Id__c")
    assert "Old_Id__c" not in manager.fields("Account")
    assert "Old_Id__c" in Client(org, org.username).fields("Account")
    org.admin("drop_field", object="Account", field="Old_Id__c")
    org.admin("add_field", object="Account", field={"name": "Old_Id__c", "type": "string", "length": 9})
    assert "Old_Id__c" in manager.fields("Account")


def test_permission_sets_hold_over_a_restart(org: OrgProcess, manager: Client) -> None:
    org.restart()
    assert "Tandem_Id__c" not in manager.fields("Account")
    assert "Tandem_Id__c" in Client(org, org.username).fields("Account")


def test_a_partner_user_sees_registrations_and_not_the_sync_key(org: OrgProcess) -> None:
    org.reset(seed=7)
    found = org.query(
        "SELECT Assignee.Username FROM PermissionSetAssignment "
        "WHERE PermissionSet.Name = 'Tandem_Partner' ORDER BY Assignee.Username LIMIT 1"
    )
    partner = Client(org, found[0]["Assignee"]["Username"])
    refused = partner.call("GET", "/sobjects/Lead/describe")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "API_DISABLED_FOR_ORG")
    rights = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Tandem_Partner'")[0]["Id"]
    org.update("PermissionSet", rights, PermissionsApiEnabled=True)
    fields = partner.fields("Lead")
    assert fields["Registration_Status__c"]["updateable"] is False
    assert "Tandem_Id__c" not in fields
