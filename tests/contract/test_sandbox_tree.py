"""`/composite/tree` as real clients see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest


def node(kind: str, reference: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": reference}, **fields}


def test_parents_and_children_are_created_together(org: OrgProcess, api: Rest) -> None:
    body = {
        "records": [
            node(
                "Account",
                "a1",
                Name="One",
                Contacts={
                    "records": [node("Contact", "c1", LastName="X"), node("Contact", "c2", LastName="Y")]
                },
            ),
            node("Account", "a2", Name="Two"),
        ]
    }
    answer = api.call("POST", "composite/tree/Account", json=body)
    assert answer.status_code == 201
    results = {item["referenceId"]: item["id"] for item in answer.json()["results"]}
    assert answer.json()["hasErrors"] is False
    assert sorted(results) == ["a1", "a2", "c1", "c2"]
    children = org.query(f"SELECT Id FROM Contact WHERE AccountId = '{results['a1']}'")
    assert {child["Id"] for child in children} == {results["c1"], results["c2"]}


def test_one_bad_child_leaves_nothing_behind(org: OrgProcess, api: Rest) -> None:
    bad = {"records": [node("Contact", "c1", LastName="X"), node("Contact", "c2", FirstName="Y")]}
    body = {"records": [node("Account", "a1", Name="One", Contacts=bad)]}
    answer = api.call("POST", "composite/tree/Account", json=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "hasErrors": True,
        "results": [
            {
                "referenceId": "c2",
                "errors": [
                    {
                        "statusCode": "REQUIRED_FIELD_MISSING",
                        "message": "Required fields are missing: [LastName]",
                        "fields": ["LastName"],
                    }
                ],
            }
        ],
    }
    assert org.query("SELECT Id FROM Account") == []


def nested(levels: int) -> dict[str, Any]:
    made = node("Account", f"a{levels}", Name=f"Level {levels}")
    if levels > 1:
        made["ChildAccounts"] = {"records": [nested(levels - 1)]}
    return made


@pytest.mark.parametrize(("levels", "status"), [(5, 201), (6, 400)])
def test_a_tree_is_up_to_five_levels_deep(org: OrgProcess, api: Rest, levels: int, status: int) -> None:
    answer = api.call("POST", "composite/tree/Account", json={"records": [nested(levels)]})
    assert answer.status_code == status
    assert len(org.query("SELECT Id FROM Account")) == (5 if status == 201 else 0)


@pytest.mark.parametrize(("count", "status"), [(200, 201), (201, 400)])
def test_a_tree_has_up_to_two_hundred_records(org: OrgProcess, api: Rest, count: int, status: int) -> None:
    records = [node("Account", f"a{n}", Name=f"A{n}") for n in range(count)]
    assert api.call("POST", "composite/tree/Account", json={"records": records}).status_code == status


def test_a_reference_may_stand_once_only(org: OrgProcess, api: Rest) -> None:
    records = [node("Account", "a", Name="One"), node("Account", "a", Name="Two")]
    answer = api.call("POST", "composite/tree/Account", json={"records": records})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")


def test_an_unknown_child_relationship_is_refused(org: OrgProcess, api: Rest) -> None:
    records = [node("Account", "a", Name="One", Pets={"records": [node("Contact", "c", LastName="X")]})]
    answer = api.call("POST", "composite/tree/Account", json={"records": records})
    assert answer.json() == [
        {"errorCode": "INVALID_FIELD", "message": "No such column 'Pets' on sobject of type Account"}
    ]
