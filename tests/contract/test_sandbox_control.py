"""The control plane: clock, reset, other users, set-up, counters."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fixtures.org import OrgError, OrgProcess, start_org
from tests.fixtures.rest import Rest


def patch(api: Rest, record_id: str, **fields: Any) -> dict[str, Any]:
    record = {"attributes": {"type": "Account"}, "id": record_id, **fields}
    answer: dict[str, Any] = api.patch("composite/sobjects", {"allOrNone": False, "records": [record]})[0]
    return answer


def code(answer: dict[str, Any]) -> str:
    assert not answer["success"]
    found: str = answer["errors"][0]["statusCode"]
    return found


# --- clock and reset ----------------------------------------------------------------------------


def test_the_clock_moves_stands_still_and_comes_back(org: OrgProcess) -> None:
    assert abs(org.now() - time.time()) < 2
    assert abs(org.advance(3600) - time.time() - 3600) < 2
    assert org.freeze("2026-01-31T23:59:59+00:00") == 1769903999
    time.sleep(1.1)
    assert org.now() == 1769903999
    assert org.advance(1) == 1769904000
    org.control("POST", "clock", {"set": None})
    assert abs(org.now() - time.time()) < 2


def test_stamps_and_the_date_header_follow_the_clock(org: OrgProcess, api: Rest) -> None:
    org.freeze("2030-05-06T07:08:09+00:00")
    record_id = org.insert("Account", Name="Acme")
    assert org.get("Account", record_id, "CreatedDate") == {"CreatedDate": "2030-05-06T07:08:09.000+0000"}
    answer = api.call("GET", "query?q=SELECT+Id+FROM+Account")
    assert answer.headers["Date"] == "Mon, 06 May 2030 07:08:09 GMT"


def test_a_reset_org_is_as_new(org: OrgProcess) -> None:
    org.insert("Account", Name="Acme")
    org.admin("add_field", object="Account", field={"name": "Extra__c", "type": "string", "length": 9})
    org.admin("revoke_field", object="Account", field="Phone")
    org.admin("settings", multi_currency=True)
    org.admin("duplicate_rule", object="Account", fields=["Name"])
    org.admin("automation", object="Account", event="before insert", set={"Phone": "1"})
    org.admin("app", permitted=[])
    org.fault("latency", seconds=9)
    org.advance(99999)
    org.reset()
    assert abs(org.now() - time.time()) < 2
    assert org.faults() == []
    assert org.calls() == {"total": 0}
    assert org.query("SELECT Id FROM Account") == []
    with pytest.raises(OrgError, match="No such column 'Extra__c'"):
        org.query("SELECT Extra__c FROM Account")
    assert [org.insert("Account", Name="Acme") for _ in range(2)]
    assert org.query("SELECT Phone FROM Account")[0]["Phone"] is None
    api = Rest(org)
    assert api.get("query?q=SELECT+Phone+FROM+Account")["totalSize"] == 2


def test_a_reset_takes_less_than_a_third_of_a_second(org: OrgProcess) -> None:
    org.reset(seed=3)
    taken = []
    for _ in range(5):
        org.insert("Account", Name="Acme")
        began = time.monotonic()
        org.reset(seed=3)
        taken.append(time.monotonic() - began)
    assert min(taken) < 0.3


def test_the_same_seed_gives_the_same_world_and_none_gives_an_empty_one(org: OrgProcess) -> None:
    soql = "SELECT Id, Name, BillingCity FROM Account ORDER BY Id"
    org.reset(seed=3)
    first = org.query(soql)
    org.reset(seed=4)
    other = org.query(soql)
    org.reset(seed=3)
    assert len(first) > 200
    assert org.query(soql) == first
    assert [r["Name"] for r in other] != [r["Name"] for r in first]
    org.reset()
    assert org.query(soql) == []


def test_a_profile_decides_which_objects_there_are(org: OrgProcess) -> None:
    with pytest.raises(OrgError, match="INVALID_TYPE"):
        org.query("SELECT Id FROM ChannelProgram")
    org.reset(profile="prm")
    assert org.query("SELECT Id FROM ChannelProgram") == []
    with pytest.raises(OrgError, match="There is no profile 'galaxy'"):
        org.reset(profile="galaxy")
    with pytest.raises(OrgError, match="There is no org setting 'gravity'"):
        org.reset(gravity=True)


# --- other users --------------------------------------------------------------------------------


def test_another_user_stands_behind_what_the_control_plane_does(org: OrgProcess) -> None:
    record_id = org.insert("Account", Name="Acme")
    shown = org.query("SELECT CreatedBy.Username FROM Account")[0]["CreatedBy"]["Username"]
    assert shown != org.username
    org.act("update", **{"as": org.username}, object="Account", id=record_id, fields={"Name": "Bolt"})
    shown = org.query("SELECT LastModifiedBy.Username FROM Account")[0]["LastModifiedBy"]["Username"]
    assert shown == org.username


def test_another_user_deletes_restores_merges_and_converts(org: OrgProcess) -> None:
    first, second = org.insert_many("Account", [{"Name": "Acme"}, {"Name": "Acme Inc."}])
    org.delete("Account", second)
    assert [r["Id"] for r in org.query("SELECT Id FROM Account")] == [first]
    org.undelete(second)
    org.merge("Account", first, second, Phone="5")
    assert org.get("Account", second, "IsDeleted", "MasterRecordId") == {
        "IsDeleted": True,
        "MasterRecordId": first,
    }
    assert org.get("Account", first, "Phone") == {"Phone": "5"}
    lead = org.insert("Lead", LastName="Grace", Company="Hopper Ltd")
    made = org.convert(lead, account_id=first, opportunity_name="Big")
    assert made["account_id"] == first
    assert org.get("Lead", lead, "IsConverted", "ConvertedOpportunityId") == {
        "IsConverted": True,
        "ConvertedOpportunityId": made["opportunity_id"],
    }
    assert org.get("Opportunity", made["opportunity_id"], "Name") == {"Name": "Big"}


def test_a_refused_action_carries_the_orgs_own_error(org: OrgProcess) -> None:
    with pytest.raises(OrgError, match=r"Required fields are missing: \[LastName\]"):
        org.insert("Contact", FirstName="Ann")
    with pytest.raises(OrgError, match="there is no action 'explode'"):
        org.act("explode")
    with pytest.raises(OrgError, match="insert: missing a required argument: 'fields'"):
        org.act("insert", object="Account")


def test_a_touch_moves_stamps_and_nothing_else(org: OrgProcess) -> None:
    org.freeze("2026-01-01T00:00:00+00:00")
    record_id = org.insert("Account", Name="Acme")
    stamps = ("Name", "LastModifiedDate", "SystemModstamp")
    org.advance(60)
    org.act("touch", object="Account", ids=[record_id], system=True)
    assert org.get("Account", record_id, *stamps) == {
        "Name": "Acme",
        "LastModifiedDate": "2026-01-01T00:00:00.000+0000",
        "SystemModstamp": "2026-01-01T00:01:00.000+0000",
    }
    org.advance(60)
    org.act("touch", object="Account", ids=[record_id], times=5)
    assert org.get("Account", record_id, *stamps) == {
        "Name": "Acme",
        "LastModifiedDate": "2026-01-01T00:02:00.000+0000",
        "SystemModstamp": "2026-01-01T00:02:00.000+0000",
    }


@pytest.mark.parametrize("text", ["a\x00b", "NA", "None", "🦊 \U0001f9ff", "line\r\nline"])
def test_texts_that_no_user_could_type_can_lie_in_a_field(org: OrgProcess, api: Rest, text: str) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.act("poke", object="Account", id=record_id, field="Description", value=text)
    shown = api.get("query?q=SELECT+Description+FROM+Account")["records"][0]["Description"]
    assert shown == text


def test_a_purged_bin_leaves_no_trace_for_queries(org: OrgProcess) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.delete("Account", record_id)
    assert len(org.query("SELECT Id FROM Account", all_rows=True)) == 1
    assert org.act("purge", object="Account") == {"purged": 1}
    assert org.query("SELECT Id FROM Account", all_rows=True) == []
    with pytest.raises(OrgError):
        org.undelete(record_id)


def test_a_held_lock_refuses_the_row_and_its_children_until_it_is_released(
    org: OrgProcess, api: Rest
) -> None:
    account = org.insert("Account", Name="Acme")
    org.act("lock", ids=[account], seconds=30)
    assert code(patch(api, account, Name="Bolt")) == "UNABLE_TO_LOCK_ROW"
    contact = {"attributes": {"type": "Contact"}, "LastName": "Ann", "AccountId": account}
    answer = api.post("composite/sobjects", {"records": [contact]})[0]
    assert code(answer) == "UNABLE_TO_LOCK_ROW"
    org.advance(31)
    assert patch(api, account, Name="Bolt")["success"]
    org.act("lock", ids=[account])
    assert code(patch(api, account, Name="Coil")) == "UNABLE_TO_LOCK_ROW"
    org.act("unlock")
    assert patch(api, account, Name="Coil")["success"]


def test_actions_may_be_given_as_a_list(org: OrgProcess) -> None:
    done = org.control(
        "POST",
        "do",
        [
            {"action": "insert", "object": "Account", "fields": {"Name": "A"}},
            {"action": "query", "soql": "SELECT Name FROM Account"},
        ],
    )
    assert done[1]["records"][0]["Name"] == "A"


# --- set-up -------------------------------------------------------------------------------------


def test_an_admin_adds_renames_retypes_and_drops_a_field(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.admin("add_field", object="Account", field={"name": "Rank__c", "type": "string", "length": 10})
    assert patch(api, record_id, Rank__c="12")["success"]
    org.admin("rename_field", object="Account", field="Rank__c", to="Position__c")
    assert code(patch(api, record_id, Rank__c="13")) == "INVALID_FIELD"
    assert org.get("Account", record_id, "Position__c") == {"Position__c": "12"}
    attributes = {"type": "double", "precision": 18, "scale": 2, "length": 0}
    org.admin("retype_field", object="Account", field="Position__c", attributes=attributes)
    assert org.get("Account", record_id, "Position__c") == {"Position__c": 12.0}
    org.admin("drop_field", object="Account", field="Position__c")
    assert api.get("query?q=SELECT+Position__c+FROM+Account")[0]["errorCode"] == "INVALID_FIELD"


def test_a_revoked_field_looks_as_if_it_did_not_exist(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme", Phone="1")
    org.admin("revoke_field", object="Account", field="Phone", username=org.username)
    assert api.get("query?q=SELECT+Phone+FROM+Account")[0]["errorCode"] == "INVALID_FIELD"
    assert code(patch(api, record_id, Phone="2")) in ("INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert org.get("Account", record_id, "Phone") == {"Phone": "1"}
    org.admin("grant_field", object="Account", field="Phone", username=org.username)
    assert patch(api, record_id, Phone="2")["success"]
    org.admin("revoke_field", object="Account", field="Phone", read=False)
    assert api.get("query?q=SELECT+Phone+FROM+Account")["totalSize"] == 1
    assert code(patch(api, record_id, Phone="3")) == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_rules_picklists_and_duplicates_bite_from_the_moment_they_are_set(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.admin(
        "validation_rule",
        object="Account",
        name="No_shouting",
        formula='CONTAINS(Name, "!")',
        message="Do not shout.",
        error_field="Name",
    )
    refused = patch(api, record_id, Name="Acme!")
    assert refused["errors"] == [
        {
            "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": "Do not shout.",
            "fields": ["Name"],
        }
    ]
    org.admin("drop_validation_rule", object="Account", name="No_shouting")
    assert patch(api, record_id, Name="Acme!")["success"]
    colours = {"name": "Colour__c", "type": "picklist", "restricted": True, "picklist": ["Red", "Blue"]}
    org.admin("add_field", object="Account", field=colours)
    assert patch(api, record_id, Colour__c="Red")["success"]
    org.admin("picklist_value", object="Account", field="Colour__c", value="Red", active=False)
    assert code(patch(api, record_id, Colour__c="Red")) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    org.admin("duplicate_rule", object="Account", fields=["Name"], message="Twice?")
    body = {"records": [{"attributes": {"type": "Account"}, "Name": "Acme!"}]}
    assert code(api.post("composite/sobjects", body)[0]) == "DUPLICATES_DETECTED"
    allowed = api.post("composite/sobjects", body, headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"})
    assert code(allowed[0]) == "DUPLICATES_DETECTED"
    org.admin("drop_duplicate_rules")
    assert api.post("composite/sobjects", body)[0]["success"]


def test_a_record_type_narrows_a_picklist(org: OrgProcess, api: Rest) -> None:
    colours = {"name": "Colour__c", "type": "picklist", "restricted": True, "picklist": ["Red", "Blue"]}
    org.admin("add_field", object="Account", field=colours)
    made = org.admin(
        "record_type", object="Account", developer_name="Cool", picklists={"Colour__c": ["Blue"]}
    )
    record_id = org.insert("Account", Name="Acme", RecordTypeId=made["id"])
    assert code(patch(api, record_id, Colour__c="Red")) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert patch(api, record_id, Colour__c="Blue")["success"]


def test_an_automation_rewrites_what_a_client_saves(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme", Phone="1")
    org.admin("automation", object="Account", event="before update", set={"Name": {"upper": True}})
    assert patch(api, record_id, Name="Bolt")["success"]
    assert org.get("Account", record_id, "Name") == {"Name": "BOLT"}
    org.admin("drop_automations")
    org.admin("automation", object="Account", event="after update", set={"Phone": {"turns": ["7", "8"]}})
    for expected in ("7", "8", "7"):
        patch(api, record_id, Name="Coil")
        assert org.get("Account", record_id, "Phone") == {"Phone": expected}


def test_an_automation_may_act_on_one_client_only_or_undo_what_was_saved(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme", Phone="1")
    org.admin(
        "automation", object="Account", event="before update", set={"Phone": {"old": True}}, client="sync"
    )
    body = {"records": [{"attributes": {"type": "Account"}, "id": record_id, "Phone": "2"}]}
    api.patch("composite/sobjects", body, headers={"Sforce-Call-Options": "client=sync"})
    assert org.get("Account", record_id, "Phone") == {"Phone": "1"}
    api.patch("composite/sobjects", body)
    assert org.get("Account", record_id, "Phone") == {"Phone": "2"}


def test_a_system_touch_follows_each_save_when_an_automation_says_so(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.freeze("2026-01-01T00:00:00+00:00")
    org.admin("automation", object="Account", event="after update", touch=True, seconds=2)
    patch(api, record_id, Name="Bolt")
    assert org.get("Account", record_id, "LastModifiedDate", "SystemModstamp") == {
        "LastModifiedDate": "2026-01-01T00:00:00.000+0000",
        "SystemModstamp": "2026-01-01T00:00:02.000+0000",
    }


@pytest.mark.parametrize(
    ("action", "arguments", "sentence"),
    [
        ("paint", {}, "there is no action 'paint'"),
        ("settings", {"gravity": 1}, "There is no org setting 'gravity'"),
        ("drop_field", {"object": "Account", "field": "Nope__c"}, "No such column 'Nope__c'"),
        ("automation", {"object": "Account", "event": "on fire"}, "is no trigger event"),
        ("app", {"colour": "red"}, "an app has no policy 'colour'"),
        ("user", {"username": "nobody@example.com", "active": False}, "there is no user nobody@example.com"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(
    org: OrgProcess, action: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(OrgError) as refusal:
        org.admin(action, **arguments)
    assert sentence in str(refusal.value)


# --- counters and the door ----------------------------------------------------------------------


def test_calls_are_counted_by_kind_and_the_control_plane_is_not(org: OrgProcess, api: Rest) -> None:
    api.get("query?q=SELECT+Id+FROM+Account")
    step = api.step("a", "GET", "query?q=SELECT+Id+FROM+Account")
    api.composite(step, step | {"referenceId": "b"})
    org.query("SELECT Id FROM Account")
    assert org.calls() == {"total": 2, "query": 1, "composite": 1}
    org.reset_calls()
    assert org.calls() == {"total": 0}


def test_the_control_plane_answers_on_loopback_names_only(org: OrgProcess) -> None:
    answer = requests.get(
        f"{org.http}/__sandbox", headers={"Host": "evil.example"}, timeout=30, proxies={"http": ""}
    )
    assert answer.status_code == 403
    assert "access_token" not in answer.text


def test_a_killed_org_comes_back_with_its_records_and_its_clock_at_the_same_address(tmp_path: Path) -> None:
    with start_org(tmp_path / "data", "--empty", "--seed", "5") as org:
        address, record_id = org.http, org.insert("Account", Name="Acme")
        org.freeze("2031-01-01T00:00:00+00:00")
        org.kill()
        org.restart()
        assert org.http == address
        assert org.now() == 1924992000
        assert org.get("Account", record_id, "Name") == {"Name": "Acme"}


@pytest.mark.parametrize(
    ("resource", "body", "sentence"),
    [
        ("clock", {"advance": 1e308}, "an org's clock shows times between the years 1700 and 4000"),
        (
            "clock",
            {"set": "0001-01-01T00:00:00Z"},
            "an org's clock shows times between the years 1700 and 4000",
        ),
        ("do", [True], "an action is a JSON object"),
        ("do", {"action": "insert", "object": 5, "fields": {}}, "insert: object must be text"),
        (
            "do",
            {"action": "update_many", "object": "Account", "records": [1]},
            r"update_many: records must be a list \(each an object\)",
        ),
        ("do", {"action": "advance", "seconds": "soon"}, "advance: seconds must be a number"),
        ("admin", {"action": "settings", "daily_api_requests": []}, "daily_api_requests cannot be"),
        ("admin", {"action": "settings", "time_zone": "Mars/Base"}, "time_zone cannot be 'Mars/Base'"),
        ("admin", {"action": "settings", "lead_mapping": [{}]}, "lead_mapping cannot be"),
        (
            "admin",
            {"action": "add_field", "object": "Account", "field": {"name": "X__c", "length": "5"}},
            "field: length must be a whole number",
        ),
        (
            "admin",
            {"action": "add_field", "object": "Account", "field": {"name": "X__c", "type": "foo"}},
            "field: there is no type 'foo'",
        ),
        (
            "admin",
            {"action": "automation", "object": "Account", "set": {"Name": {"lower": True}}},
            "is no way to set Name",
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_leaves_the_org_at_work(
    org: OrgProcess, resource: str, body: Any, sentence: str
) -> None:
    with pytest.raises(OrgError, match=sentence):
        org.control("POST", resource, body)
    assert org.insert("Account", Name="Northwind").startswith("001")
