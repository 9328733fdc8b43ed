"""`/composite/batch` as real clients see it."""

from __future__ import annotations

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import VERSION, Rest


def test_independent_requests_answer_side_by_side(org: OrgProcess, api: Rest) -> None:
    account = org.insert("Account", Name="Acme")
    org.reset_calls()
    answer = api.post(
        "composite/batch",
        {
            "batchRequests": [
                {
                    "method": "PATCH",
                    "url": f"{VERSION}/sobjects/Account/{account}",
                    "richInput": {"Name": "New"},
                },
                {"method": "GET", "url": f"{VERSION}/sobjects/Account/{account}?fields=Name"},
                {"method": "GET", "url": f"/services/data/{VERSION}/sobjects/Account/describe"},
            ]
        },
    )
    assert answer["hasErrors"] is False
    changed, read, described = answer["results"]
    assert changed == {"statusCode": 204, "result": None}
    assert (read["statusCode"], read["result"]["Name"]) == (200, "New")
    assert described["result"]["name"] == "Account"
    assert org.calls()["total"] == 1


def test_a_failure_leaves_the_rest_alone_unless_told_to_halt(org: OrgProcess, api: Rest) -> None:
    requests = [
        {"method": "GET", "url": f"{VERSION}/sobjects/Account/001000000000000AAA"},
        {"method": "POST", "url": f"{VERSION}/sobjects/Account", "richInput": {"Name": "Acme"}},
    ]
    kept = api.post("composite/batch", {"batchRequests": requests})
    assert kept["hasErrors"] is True
    assert [result["statusCode"] for result in kept["results"]] == [404, 201]
    halted = api.post("composite/batch", {"haltOnError": True, "batchRequests": requests})
    assert halted["results"][1] == {
        "statusCode": 412,
        "result": [
            {"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}
        ],
    }
    assert len(org.query("SELECT Id FROM Account")) == 1


def test_twenty_five_requests_are_the_limit(org: OrgProcess, api: Rest) -> None:
    request = {"method": "GET", "url": f"{VERSION}/query?q=SELECT Id FROM Account"}
    assert api.call("POST", "composite/batch", json={"batchRequests": [request] * 25}).status_code == 200
    refused = api.call("POST", "composite/batch", json={"batchRequests": [request] * 26})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


def test_a_batch_holds_no_composite_call(org: OrgProcess, api: Rest) -> None:
    inner = {"method": "POST", "url": f"{VERSION}/composite", "richInput": {"compositeRequest": []}}
    answer = api.post("composite/batch", {"batchRequests": [inner]})
    assert answer["results"][0]["statusCode"] == 400
