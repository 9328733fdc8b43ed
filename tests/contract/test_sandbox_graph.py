"""`/composite/graph` as real clients see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest


def graph(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": name, "compositeRequest": list(steps)}


def test_each_graph_succeeds_or_fails_on_its_own(org: OrgProcess, api: Rest) -> None:
    answer = api.post(
        "composite/graph",
        {
            "graphs": [
                graph(
                    "good",
                    api.step("a", "POST", "sobjects/Account", {"Name": "Good"}),
                    api.step("c", "POST", "sobjects/Contact", {"LastName": "X", "AccountId": "@{a.id}"}),
                ),
                graph(
                    "bad",
                    api.step("a", "POST", "sobjects/Account", {"Name": "Bad"}),
                    api.step("c", "POST", "sobjects/Contact", {"FirstName": "X", "AccountId": "@{a.id}"}),
                ),
            ]
        },
    )
    good, bad = answer["graphs"]
    assert (good["graphId"], good["isSuccessful"]) == ("good", True)
    statuses = [step["httpStatusCode"] for step in good["graphResponse"]["compositeResponse"]]
    assert statuses == [201, 201]
    assert (bad["graphId"], bad["isSuccessful"]) == ("bad", False)
    first, second = bad["graphResponse"]["compositeResponse"]
    assert first["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert second["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert [record["Name"] for record in org.query("SELECT Name FROM Account")] == ["Good"]


def test_after_fifteen_failed_graphs_the_rest_is_not_tried(org: OrgProcess, api: Rest) -> None:
    bad = [graph(f"b{n}", api.step("c", "POST", "sobjects/Contact", {"FirstName": "X"})) for n in range(15)]
    last = graph("last", api.step("a", "POST", "sobjects/Account", {"Name": "Never"}))
    answer = api.post("composite/graph", {"graphs": [*bad, last]})
    assert answer["graphs"][-1]["isSuccessful"] is False
    halted = answer["graphs"][-1]["graphResponse"]["compositeResponse"][0]["body"][0]
    assert halted["errorCode"] == "PROCESSING_HALTED"
    assert org.query("SELECT Id FROM Account") == []


def chain(api: Rest, length: int) -> dict[str, Any]:
    steps = [api.step("a0", "POST", "sobjects/Account", {"Name": "A0"})]
    for n in range(1, length):
        parent = {"Name": f"A{n}", "ParentId": f"@{{a{n - 1}.id}}"}
        steps.append(api.step(f"a{n}", "POST", "sobjects/Account", parent))
    return graph("chain", *steps)


@pytest.mark.parametrize(("length", "status"), [(15, 200), (16, 400)])
def test_a_graph_is_up_to_fifteen_deep(org: OrgProcess, api: Rest, length: int, status: int) -> None:
    answer = api.call("POST", "composite/graph", json={"graphs": [chain(api, length)]})
    assert answer.status_code == status
    assert len(org.query("SELECT Id FROM Account")) == (15 if status == 200 else 0)


@pytest.mark.parametrize(
    ("graphs", "nodes", "status"), [(75, 1, 200), (76, 1, 400), (2, 250, 200), (2, 251, 400)]
)
def test_graphs_and_nodes_have_limits(
    org: OrgProcess, api: Rest, graphs: int, nodes: int, status: int
) -> None:
    def one(number: int) -> dict[str, Any]:
        return graph(
            f"g{number}",
            *[api.step(f"a{n}", "POST", "sobjects/Account", {"Name": "A"}) for n in range(nodes)],
        )

    answer = api.call("POST", "composite/graph", json={"graphs": [one(n) for n in range(graphs)]})
    assert answer.status_code == status


def test_only_record_resources_are_taken(org: OrgProcess, api: Rest) -> None:
    query = graph("q", api.step("q", "GET", "query?q=SELECT Id FROM Account"))
    assert api.call("POST", "composite/graph", json={"graphs": [query]}).status_code == 400
