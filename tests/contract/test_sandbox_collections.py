"""`/composite/sobjects` as real clients see it."""

from __future__ import annotations

import pytest

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest

INNOCENT = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
    "fields": [],
}


def account(**fields: object) -> dict[str, object]:
    return {"attributes": {"type": "Account"}, **fields}


def contact(**fields: object) -> dict[str, object]:
    return {"attributes": {"type": "Contact"}, **fields}


def test_records_of_several_types_are_created_in_one_call_and_answered_in_order(
    org: OrgProcess, api: Rest
) -> None:
    answer = api.post(
        "composite/sobjects",
        {"records": [account(Name="A"), contact(LastName="B"), account(Name="C")]},
    )
    assert [item["id"][:3] for item in answer] == ["001", "003", "001"]
    assert answer[0] == {"id": answer[0]["id"], "success": True, "errors": []}
    assert org.get("Account", answer[2]["id"], "Name") == {"Name": "C"}


def test_one_bad_record_does_not_harm_the_others(org: OrgProcess, api: Rest) -> None:
    good, bad = api.post("composite/sobjects", {"records": [contact(LastName="A"), contact(FirstName="B")]})
    assert good["success"] is True
    assert bad == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }


def test_with_all_or_none_one_bad_record_undoes_the_others(org: OrgProcess, api: Rest) -> None:
    good, bad = api.post(
        "composite/sobjects", {"allOrNone": True, "records": [account(Name="A"), contact(FirstName="B")]}
    )
    assert good == {"success": False, "errors": [INNOCENT]}
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.query("SELECT Id FROM Account") == []


def test_records_are_updated_by_id_in_either_spelling(org: OrgProcess, api: Rest) -> None:
    first, second = org.insert("Account", Name="A"), org.insert("Account", Name="B")
    answer = api.patch(
        "composite/sobjects", {"records": [account(id=first, Phone="1"), account(Id=second[:15], Phone="2")]}
    )
    assert answer == [
        {"id": first, "success": True, "errors": []},
        {"id": second, "success": True, "errors": []},
    ]
    assert org.get("Account", second, "Phone", "Name") == {"Phone": "2", "Name": "B"}


def test_an_update_of_what_is_gone_fails_alone(org: OrgProcess, api: Rest) -> None:
    gone, there = org.insert("Account", Name="A"), org.insert("Account", Name="B")
    org.delete("Account", gone)
    lost, kept = api.patch(
        "composite/sobjects", {"records": [account(id=gone, Phone="1"), account(id=there, Phone="2")]}
    )
    assert (lost["success"], lost["errors"][0]["statusCode"]) == (False, "ENTITY_IS_DELETED")
    assert kept["success"] is True


def test_upsert_creates_then_updates_and_says_which(org: OrgProcess, api: Rest) -> None:
    path = "composite/sobjects/Account/Tandem_Id__c"
    (made,) = api.patch(path, {"records": [account(Tandem_Id__c="t-1", Name="A")]})
    assert made == {"id": made["id"], "success": True, "errors": [], "created": True}
    again, new = api.patch(
        path, {"records": [account(Tandem_Id__c="T-1", Name="B"), account(Tandem_Id__c="t-2", Name="C")]}
    )
    assert again == {"id": made["id"], "success": True, "errors": [], "created": False}
    assert new["created"] is True
    assert org.get("Account", made["id"], "Name") == {"Name": "B"}


def test_upsert_refuses_a_field_that_is_no_external_id(org: OrgProcess, api: Rest) -> None:
    answer = api.call("PATCH", "composite/sobjects/Account/Phone", json={"records": [account(Phone="1")]})
    assert answer.status_code == 404
    assert answer.json() == [
        {
            "errorCode": "NOT_FOUND",
            "message": "Provided external ID field does not exist or is not accessible: Phone",
        }
    ]


def test_a_lookup_is_resolved_by_the_parents_external_id(org: OrgProcess, api: Rest) -> None:
    parent = org.insert("Account", Name="P", Tandem_Id__c="p-1")
    made, lost = api.post(
        "composite/sobjects",
        {
            "records": [
                contact(LastName="A", Account={"Tandem_Id__c": "p-1"}),
                contact(LastName="B", Account={"Tandem_Id__c": "nobody"}),
            ]
        },
    )
    assert org.get("Contact", made["id"], "AccountId") == {"AccountId": parent}
    assert lost["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_records_of_several_types_are_deleted_in_one_call(org: OrgProcess, api: Rest) -> None:
    one, two = org.insert("Account", Name="A"), org.insert("Contact", LastName="B")
    nobody = "001000000000000AAA"
    first, second, third = api.delete(f"composite/sobjects?ids={one},{two},{nobody}&allOrNone=false")
    assert first == {"id": one, "success": True, "errors": []}
    assert second == {"id": two, "success": True, "errors": []}
    assert third["success"] is False
    assert org.get("Account", one, "IsDeleted") == {"IsDeleted": True}


def test_delete_with_all_or_none_keeps_everything_when_one_is_unknown(org: OrgProcess, api: Rest) -> None:
    one = org.insert("Account", Name="A")
    first, second = api.delete(f"composite/sobjects?ids={one},001000000000000AAA&allOrNone=true")
    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["success"] is False
    assert org.get("Account", one, "IsDeleted") == {"IsDeleted": False}


def test_records_are_read_in_the_order_asked_and_null_where_there_is_none(org: OrgProcess, api: Rest) -> None:
    one, two = org.insert("Account", Name="A", AnnualRevenue=5), org.insert("Account", Name="B")
    body = {"ids": [two, "001000000000000AAA", one], "fields": ["Name", "AnnualRevenue"]}
    first, missing, last = api.post("composite/sobjects/Account", body)
    assert first == {
        "attributes": {"type": "Account", "url": f"{api.base}/sobjects/Account/{two}"},
        "Name": "B",
        "AnnualRevenue": None,
    }
    assert missing is None
    assert (last["Name"], last["AnnualRevenue"]) == ("A", 5.0)
    assert api.get(f"composite/sobjects/Account?ids={one}&fields=Id,Name")[0]["Id"] == one


@pytest.mark.parametrize("count", [200, 201])
def test_two_hundred_records_are_the_limit(org: OrgProcess, api: Rest, count: int) -> None:
    answer = api.call(
        "POST", "composite/sobjects", json={"records": [account(Name=f"A{n}") for n in range(count)]}
    )
    if count == 200:
        assert all(item["success"] for item in answer.json())
    else:
        assert answer.status_code == 400
        assert answer.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
        assert org.query("SELECT Id FROM Account") == []


def test_types_may_alternate_ten_times_only(org: OrgProcess, api: Rest) -> None:
    records = [account(Name="A") if n % 2 else contact(LastName="B") for n in range(11)]
    answer = api.call("POST", "composite/sobjects", json={"records": records})
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "errorCode": "LIMIT_EXCEEDED",
            "message": "Cannot have more than 10 chunks in a single operation. Please rearrange the data to "
            "reduce chunking.",
        }
    ]


def test_an_unknown_type_fails_the_call(org: OrgProcess, api: Rest) -> None:
    answer = api.call(
        "POST", "composite/sobjects", json={"records": [{"attributes": {"type": "Nothing__c"}}]}
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


def test_a_locked_row_fails_alone(org: OrgProcess, api: Rest) -> None:
    one, two = org.insert("Account", Name="A"), org.insert("Account", Name="B")
    org.fault("lock_row", object="Account", nth=2, times=1)
    first, second = api.patch(
        "composite/sobjects", {"records": [account(id=one, Phone="1"), account(id=two, Phone="2")]}
    )
    assert first["success"] is True
    assert second["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
