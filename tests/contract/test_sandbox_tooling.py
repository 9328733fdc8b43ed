"""`/tooling/query`: objects, fields and validation rules asked for as records."""

from __future__ import annotations

import requests

from tests.fixtures.org import OrgProcess


def ask(org: OrgProcess, soql: str) -> requests.Response:
    return requests.get(
        f"{org.http}/services/data/v67.0/tooling/query",
        params={"q": soql},
        headers={"Authorization": f"Bearer {org.access_token}"},
        timeout=30,
    )


def rows(org: OrgProcess, soql: str) -> list[dict[str, object]]:
    answer = ask(org, soql)
    assert answer.status_code == 200, answer.text
    return [{k: v for k, v in r.items() if k != "attributes"} for r in answer.json()["records"]]


def test_an_object_is_described_by_its_definition(org: OrgProcess) -> None:
    assert rows(
        org,
        "SELECT DurableId, QualifiedApiName, Label, KeyPrefix, IsQueryable FROM EntityDefinition "
        "WHERE QualifiedApiName = 'Account'",
    ) == [
        {
            "DurableId": "Account",
            "QualifiedApiName": "Account",
            "Label": "Account",
            "KeyPrefix": "001",
            "IsQueryable": True,
        }
    ]


def test_fields_are_found_by_their_object(org: OrgProcess) -> None:
    for condition in ("EntityDefinition.QualifiedApiName = 'Lead'", "EntityDefinitionId = 'Lead'"):
        assert rows(
            org,
            "SELECT QualifiedApiName, DataType, Length, IsNillable FROM FieldDefinition "
            f"WHERE {condition} AND QualifiedApiName IN ('Company', 'Partner__c') ORDER BY DurableId",
        ) == [
            {"QualifiedApiName": "Company", "DataType": "Text(255)", "Length": 255, "IsNillable": False},
            {
                "QualifiedApiName": "Partner__c",
                "DataType": "Lookup(Account)",
                "Length": 18,
                "IsNillable": True,
            },
        ]


def test_a_validation_rule_is_listed_from_the_moment_an_admin_makes_it(org: OrgProcess) -> None:
    soql = "SELECT ValidationName, Active, ErrorMessage FROM ValidationRule"
    assert rows(org, soql) == []
    org.admin(
        "validation_rule",
        object="Account",
        name="Needs_Phone",
        formula="ISBLANK(Phone)",
        message="Give a phone number.",
    )
    found = rows(org, soql)
    assert [(r["ValidationName"], r["Active"], r["ErrorMessage"]) for r in found] == [
        ("Needs_Phone", True, "Give a phone number.")
    ]


def test_what_the_tooling_resource_does_not_hold_is_refused(org: OrgProcess) -> None:
    for soql in ("SELECT Id FROM ApexClass", "SELECT Id FROM Account"):
        answer = ask(org, soql)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
    everything = ask(org, "SELECT QualifiedApiName FROM FieldDefinition")
    assert (everything.status_code, everything.json()[0]["message"]) == (
        400,
        "A filter on a reified column is required [EntityDefinitionId,DurableId]",
    )
    column = ask(org, "SELECT Nothing FROM EntityDefinition")
    assert (column.status_code, column.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_the_sf_command_line_learns_what_org_it_talks_to(org: OrgProcess) -> None:
    columns = "Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix"
    answer = requests.get(
        f"{org.http}/services/data/v67.0/query",
        params={"q": f"SELECT {columns} FROM Organization"},
        headers={"Authorization": f"Bearer {org.access_token}"},
        timeout=30,
    )
    assert {k: v for k, v in answer.json()["records"][0].items() if k not in ("attributes", "Name")} == {
        "InstanceName": "LOC1",
        "IsSandbox": True,
        "TrialExpirationDate": None,
        "NamespacePrefix": None,
    }
