"""`/composite` as real clients see it."""

from __future__ import annotations

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest

ROLLED_BACK = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}


def test_a_later_step_uses_what_an_earlier_one_answered(org: OrgProcess, api: Rest) -> None:
    made, contact, found = api.composite(
        api.step("newAccount", "POST", "sobjects/Account", {"Name": "Acme"}),
        api.step(
            "newContact", "POST", "sobjects/Contact", {"LastName": "Doe", "AccountId": "@{newAccount.id}"}
        ),
        api.step("found", "GET", "query?q=SELECT Name FROM Account WHERE Id = '@{newAccount.id}'"),
    )
    assert (made["httpStatusCode"], made["referenceId"]) == (201, "newAccount")
    assert made["body"] == {"id": made["body"]["id"], "success": True, "errors": []}
    assert made["httpHeaders"]["Location"] == f"{api.base}/sobjects/Account/{made['body']['id']}"
    assert contact["httpStatusCode"] == 201
    assert found["body"]["records"][0]["Name"] == "Acme"
    assert org.get("Contact", contact["body"]["id"], "AccountId") == {"AccountId": made["body"]["id"]}


def test_the_whole_call_is_one_api_request(org: OrgProcess, api: Rest) -> None:
    org.reset_calls()
    api.composite(*[api.step(f"q{n}", "GET", "query?q=SELECT Id FROM Account") for n in range(5)])
    assert org.calls()["total"] == 1


def test_a_step_without_a_body_answers_null(org: OrgProcess, api: Rest) -> None:
    account = org.insert("Account", Name="Acme")
    (changed,) = api.composite(api.step("change", "PATCH", f"sobjects/Account/{account}", {"Name": "New"}))
    assert changed == {
        "body": None,
        "httpHeaders": changed["httpHeaders"],
        "httpStatusCode": 204,
        "referenceId": "change",
    }
    assert org.get("Account", account, "Name") == {"Name": "New"}


def test_without_all_or_none_only_the_dependents_of_a_failed_step_fail(org: OrgProcess, api: Rest) -> None:
    bad, dependent, other = api.composite(
        api.step("bad", "POST", "sobjects/Contact", {"FirstName": "No last name"}),
        api.step("dependent", "POST", "sobjects/Case", {"ContactId": "@{bad.id}"}),
        api.step("other", "POST", "sobjects/Account", {"Name": "Acme"}),
    )
    assert bad["httpStatusCode"] == 400
    assert bad["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert bad["body"][0]["fields"] == ["LastName"]
    assert dependent["httpStatusCode"] == 400
    assert dependent["body"] == [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "Invalid reference specified. No value for bad.id found in bad.",
        }
    ]
    assert other["httpStatusCode"] == 201
    assert len(org.query("SELECT Id FROM Account")) == 1


def test_all_or_none_leaves_nothing_behind_when_one_step_fails(org: OrgProcess, api: Rest) -> None:
    first, bad, last = api.composite(
        api.step("first", "POST", "sobjects/Account", {"Name": "Acme"}),
        api.step("bad", "POST", "sobjects/Contact", {"FirstName": "No last name"}),
        api.step("last", "POST", "sobjects/Account", {"Name": "Later"}),
        all_or_none=True,
    )
    assert bad["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert (first["httpStatusCode"], first["body"]) == (400, [ROLLED_BACK])
    assert (last["httpStatusCode"], last["body"]) == (400, [ROLLED_BACK])
    assert org.query("SELECT Id FROM Account") == []


def test_all_or_none_holds_for_the_collections_inside_too(org: OrgProcess, api: Rest) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "Good"},
        {"attributes": {"type": "Contact"}, "FirstName": "Bad"},
    ]
    collection, single = api.composite(
        api.step("many", "POST", "composite/sobjects", {"allOrNone": False, "records": records}),
        api.step("one", "POST", "sobjects/Account", {"Name": "Acme"}),
        all_or_none=True,
    )
    codes = [item["errors"][0]["statusCode"] for item in collection["body"]]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert single["body"] == [ROLLED_BACK]
    assert org.query("SELECT Id FROM Contact") == []
    assert org.query("SELECT Id FROM Account") == []


def test_five_collections_carry_a_thousand_changes(org: OrgProcess, api: Rest) -> None:
    ids = org.insert_many("Account", [{"Name": f"A{n}"} for n in range(1000)])
    steps = []
    for part in range(5):
        records = [
            {"attributes": {"type": "Account"}, "id": one, "Phone": "1"}
            for one in ids[part * 200 : part * 200 + 200]
        ]
        body = {"allOrNone": False, "records": records}
        steps.append(api.step(f"part{part}", "PATCH", "composite/sobjects", body))
    answers = api.composite(*steps)
    assert [answer["httpStatusCode"] for answer in answers] == [200] * 5
    assert all(item["success"] for answer in answers for item in answer["body"])
    assert len(org.query("SELECT Id FROM Account WHERE Phone = '1'")) == 1000


def test_locators_and_query_all_are_steps_too(org: OrgProcess, api: Rest) -> None:
    ids = org.insert_many("Account", [{"Name": f"A{n}"} for n in range(450)])
    org.delete("Account", ids[0])
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = api.get("query?q=SELECT Id FROM Account", headers=options)
    second, deleted = api.composite(
        {"referenceId": "next", "method": "GET", "url": first["nextRecordsUrl"]},
        api.step("all", "GET", "queryAll?q=SELECT Id FROM Account WHERE IsDeleted = TRUE"),
    )
    assert (len(first["records"]), len(second["body"]["records"])) == (200, 200)
    assert [record["Id"] for record in deleted["body"]["records"]] == [ids[0]]


def test_a_condition_holds_for_its_own_step_only(org: OrgProcess, api: Rest) -> None:
    first, second = org.insert("Account", Name="One"), org.insert("Account", Name="Two")
    long_ago = {"If-Unmodified-Since": "Tue, 10 Aug 2010 00:00:00 GMT"}
    refused, changed = api.composite(
        api.step("a", "PATCH", f"sobjects/Account/{first}", {"Phone": "1"}, httpHeaders=long_ago),
        api.step("b", "PATCH", f"sobjects/Account/{second}", {"Phone": "1"}),
    )
    assert (refused["httpStatusCode"], changed["httpStatusCode"]) == (412, 204)
    assert org.get("Account", first, "Phone") == {"Phone": None}


def refusal(api: Rest, body: object) -> tuple[int, str, str]:
    answer = api.call("POST", "composite", json=body)
    (error,) = answer.json()
    return answer.status_code, error["errorCode"], error["message"]


def test_what_is_malformed_fails_as_a_whole(org: OrgProcess, api: Rest) -> None:
    step = api.step("a", "GET", "query?q=SELECT Id FROM Account")
    too_many = [step | {"referenceId": f"r{n}"} for n in range(6)]
    assert refusal(api, {"compositeRequest": too_many})[:2] == (400, "LIMIT_EXCEEDED")
    lookups = [api.step(f"r{n}", "GET", "sobjects/Account/001000000000001AAA") for n in range(26)]
    assert refusal(api, {"compositeRequest": lookups})[:2] == (400, "LIMIT_EXCEEDED")
    assert refusal(api, {"compositeRequest": [step, step]})[0] == 400
    assert refusal(api, {"compositeRequest": [step | {"referenceId": "no-dash"}]}) == (
        400,
        "INVALID_REQUEST",
        "Provided referenceId ('no-dash') must start with a letter or a number, and it can contain only "
        "letters, numbers and underscores ('_').",
    )
    outer = step | {"httpHeaders": {"Authorization": "Bearer x"}}
    assert refusal(api, {"compositeRequest": [outer]})[0] == 400
    assert refusal(api, {})[0] == 400
    assert refusal(api, {"compositeRequest": [step], "allornone": True}) == (
        400,
        "JSON_PARSER_ERROR",
        'Unrecognized field "allornone", known properties: "allOrNone", "collateSubrequests", '
        '"compositeRequest"',
    )
    assert refusal(api, {"compositeRequest": [step], "allOrNone": 1})[1] == "JSON_PARSER_ERROR"


def test_an_expired_session_fails_the_whole_call(org: OrgProcess, api: Rest) -> None:
    org.expire_sessions()
    body = {"compositeRequest": [api.step("a", "GET", "query?q=SELECT Id FROM Account")]}
    answer = api.call("POST", "composite", json=body)
    assert answer.status_code == 401
    assert answer.json() == [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
