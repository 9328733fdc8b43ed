"""Records over REST, as a client sees them: statuses, headers, bodies, and what stays unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fixtures.org import OrgProcess

VERSION = "/services/data/v67.0"


class Client:
    """Plain HTTP with the integration user's session."""

    def __init__(self, org: OrgProcess) -> None:
        self.org = org
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {org.access_token}"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.org.http + VERSION + path, timeout=30, **options)

    def create(self, sobject: str, **fields: Any) -> str:
        answer = self("POST", f"/sobjects/{sobject}", json=fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def refused(self, answer: requests.Response) -> tuple[int, str, str]:
        """Status, code and message of an answer that refuses."""
        body = answer.json()
        assert len(body) == 1
        return answer.status_code, body[0]["errorCode"], body[0]["message"]


@pytest.fixture
def client(org: OrgProcess) -> Iterator[Client]:
    made = Client(org)
    yield made
    made.session.close()


# --- create, read, change, delete ----------------------------------------------------------------


def test_a_record_is_created_read_changed_and_deleted(client: Client) -> None:
    answer = client("POST", "/sobjects/account/", json={"Name": "Acme", "AnnualRevenue": 5})
    assert answer.status_code == 201
    record_id = answer.json()["id"]
    assert answer.json() == {"id": record_id, "success": True, "errors": []}
    assert answer.headers["Location"] == f"{VERSION}/sobjects/Account/{record_id}"
    changed = client("PATCH", f"/sobjects/Account/{record_id[:15]}", json={"Phone": "1"})
    assert (changed.status_code, changed.content) == (204, b"")
    read = client("GET", f"/sobjects/Account/{record_id}?fields=Name,Phone,AnnualRevenue,IsDeleted")
    assert read.json() == {
        "attributes": {"type": "Account", "url": f"{VERSION}/sobjects/Account/{record_id}"},
        "Name": "Acme",
        "Phone": "1",
        "AnnualRevenue": 5.0,
        "IsDeleted": False,
    }
    gone = client("DELETE", f"/sobjects/Account/{record_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        again = client(method, f"/sobjects/Account/{record_id}", json={} if method == "PATCH" else None)
        assert client.refused(again) == (404, "ENTITY_IS_DELETED", "entity is deleted")


def test_reading_without_fields_gives_every_field_and_the_compound_address(client: Client) -> None:
    record_id = client.create("Account", Name="Acme", BillingCity="Berlin")
    body = client("GET", f"/sobjects/Account/{record_id}").json()
    described = client("GET", "/sobjects/Account/describe").json()
    assert list(body) == ["attributes", *[field["name"] for field in described["fields"]]]
    assert body["BillingAddress"] == {
        "city": "Berlin",
        "country": None,
        "geocodeAccuracy": None,
        "latitude": None,
        "longitude": None,
        "postalCode": None,
        "state": None,
        "street": None,
    }
    assert body["ShippingAddress"] is None


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "message"),
    [
        (
            "GET",
            "/sobjects/Nope/001000000000000AAA",
            404,
            "NOT_FOUND",
            "The requested resource does not exist",
        ),
        (
            "GET",
            "/sobjects/Account/001000000000000AAA",
            404,
            "NOT_FOUND",
            "The requested resource does not exist",
        ),
        (
            "GET",
            "/sobjects/Account/xyz",
            404,
            "NOT_FOUND",
            "Provided external ID field does not exist or is not accessible: xyz",
        ),
        (
            "GET",
            "/sobjects/Account/Name/xyz",
            404,
            "NOT_FOUND",
            "Provided external ID field does not exist or is not accessible: Name",
        ),
        ("GET", "/nothing", 404, "NOT_FOUND", "The requested resource does not exist"),
        (
            "PUT",
            "/sobjects/Account",
            405,
            "METHOD_NOT_ALLOWED",
            "HTTP Method 'PUT' not allowed. Allowed are GET,POST",
        ),
    ],
)
def test_what_is_not_there(
    client: Client, method: str, path: str, status: int, code: str, message: str
) -> None:
    assert client.refused(client(method, path)) == (status, code, message)


def test_a_body_in_xml_is_refused_and_so_is_the_wish_for_one(client: Client) -> None:
    sent = client("POST", "/sobjects/Account", data="<a/>", headers={"Content-Type": "application/xml"})
    assert sent.status_code == 415
    wished = client("GET", "/sobjects/Account", headers={"Accept": "application/xml"})
    assert wished.status_code == 406


def test_broken_json_is_refused_with_its_place(client: Client) -> None:
    answer = client(
        "POST", "/sobjects/Account", data='{"Name": ', headers={"Content-Type": "application/json"}
    )
    status, code, message = client.refused(answer)
    assert (status, code) == (400, "JSON_PARSER_ERROR")
    assert message.endswith("[line:1, column:10]")


def test_a_refusal_names_the_fields_at_fault(client: Client) -> None:
    answer = client("POST", "/sobjects/Contact", json={"FirstName": "A"})
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }
    ]


def test_the_id_belongs_into_the_address(client: Client) -> None:
    record_id = client.create("Account", Name="Acme")
    answer = client("PATCH", f"/sobjects/Account/{record_id}", json={"Id": record_id, "Name": "B"})
    assert client.refused(answer) == (
        400,
        "INVALID_FIELD",
        "The Id field should not be specified in the sobject data.",
    )


def test_a_client_that_cannot_patch_may_say_so(client: Client) -> None:
    record_id = client.create("Account", Name="Acme")
    answer = client("POST", f"/sobjects/Account/{record_id}?_HttpMethod=PATCH", json={"Name": "B"})
    assert answer.status_code == 204
    assert client("GET", f"/sobjects/Account/{record_id}").json()["Name"] == "B"


# --- external ids and relationships --------------------------------------------------------------


def test_an_upsert_by_external_id_creates_and_then_changes(client: Client) -> None:
    path = "/sobjects/Account/Tandem_Id__c/a%2Fb%20c"
    made = client("PATCH", path, json={"Name": "Acme"})
    again = client("PATCH", path, json={"Name": "Acme AG"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert made.json()["id"] == again.json()["id"]
    read = client("GET", path + "?fields=Name,Tandem_Id__c").json()
    assert (read["Name"], read["Tandem_Id__c"]) == ("Acme AG", "a/b c")
    assert client("DELETE", path).status_code == 204
    assert client("GET", path).status_code == 404


def test_an_upsert_that_may_only_update_creates_nothing(client: Client) -> None:
    answer = client("PATCH", "/sobjects/Account/Tandem_Id__c/none?updateOnly=true", json={"Name": "A"})
    assert client.refused(answer) == (404, "NOT_FOUND", "The requested resource does not exist")
    assert client.org.query("SELECT Id FROM Account") == []


def test_a_key_of_several_records_answers_with_all_their_addresses(client: Client) -> None:
    leads = [client.create("Lead", LastName=n, Company="C", Registration_Number__c="R 1") for n in "AB"]
    for method in ("GET", "PATCH", "DELETE"):
        answer = client(
            method, "/sobjects/Lead/Registration_Number__c/R%201", json={} if method == "PATCH" else None
        )
        assert answer.status_code == 300
        assert answer.json() == [f"{VERSION}/sobjects/Lead/{lead}" for lead in leads]
    assert len(client.org.query("SELECT Id FROM Lead")) == 2


def test_the_key_may_not_be_repeated_in_the_body(client: Client) -> None:
    answer = client("PATCH", "/sobjects/Account/Tandem_Id__c/k", json={"Name": "A", "tandem_id__c": "k"})
    assert client.refused(answer) == (
        400,
        "INVALID_FIELD",
        "The Tandem_Id__c field should not be specified in the sobject data.",
    )


def test_relationships_lead_to_the_parent_and_to_the_children(client: Client) -> None:
    account = client.create("Account", Name="Acme")
    contact = client.create("Contact", LastName="Lee", AccountId=account)
    parent = client("GET", f"/sobjects/Contact/{contact}/account?fields=Name").json()
    assert parent["Name"] == "Acme"
    children = client("GET", f"/sobjects/Account/{account}/Contacts?fields=LastName").json()
    assert (children["totalSize"], children["done"]) == (1, True)
    assert children["records"][0]["LastName"] == "Lee"
    assert client("PATCH", f"/sobjects/Contact/{contact}/Account", json={"Name": "B"}).status_code == 204
    assert client("GET", f"/sobjects/Account/{account}").json()["Name"] == "B"
    assert client("GET", f"/sobjects/Contact/{contact}/ReportsTo").status_code == 404


# --- conditional requests ------------------------------------------------------------------------


def test_an_account_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    path = f"/sobjects/Account/{client.create('Account', Name='Acme')}"
    tag = client("GET", path).headers["ETag"]
    same = client("GET", path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    client("PATCH", path, json={"Name": "B"})
    assert client("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_a_change_on_an_outdated_tag_is_refused_and_changes_nothing(client: Client) -> None:
    path = f"/sobjects/Account/{client.create('Account', Name='Acme')}"
    tag = client("GET", path).headers["ETag"]
    assert client("PATCH", path, json={"Name": "B"}, headers={"If-Match": tag}).status_code == 204
    late = client("PATCH", path, json={"Name": "C"}, headers={"If-Match": tag})
    assert (late.status_code, late.content) == (412, b"")
    assert client("GET", path).json()["Name"] == "B"


def test_a_change_after_the_date_a_client_knows_is_refused(client: Client) -> None:
    record_id = client.create("Lead", LastName="L", Company="C")
    path = f"/sobjects/Lead/{record_id}"
    known = client("GET", path).headers["Last-Modified"]
    client.org.advance(10)
    client.org.update("Lead", record_id, Title="T")
    late = client("PATCH", path, json={"Title": "X"}, headers={"If-Unmodified-Since": known})
    assert late.status_code == 412
    fresh = client("GET", path, headers={"If-Modified-Since": known})
    assert (fresh.status_code, fresh.json()["Title"]) == (200, "T")
    now = fresh.headers["Last-Modified"]
    assert client("GET", path, headers={"If-Modified-Since": now}).status_code == 304
    ok = client("PATCH", path, json={"Title": "X"}, headers={"If-Unmodified-Since": now})
    assert ok.status_code == 204


def test_a_conditional_header_that_is_no_date_is_refused(client: Client) -> None:
    path = f"/sobjects/Lead/{client.create('Lead', LastName='L', Company='C')}"
    answer = client("PATCH", path, json={"Title": "X"}, headers={"If-Unmodified-Since": "yesterday"})
    assert answer.status_code == 400
    assert client("GET", path).json()["Title"] is None


def test_an_upsert_honours_the_date_too(client: Client) -> None:
    path = "/sobjects/Account/Tandem_Id__c/k"
    client("PATCH", path, json={"Name": "A"})
    known = client("GET", path).headers["Last-Modified"]
    client.org.advance(10)
    client("PATCH", path, json={"Name": "B"})
    late = client("PATCH", path, json={"Name": "C"}, headers={"If-Unmodified-Since": known})
    assert late.status_code == 412
    assert client("GET", path).json()["Name"] == "B"


# --- what every answer carries -------------------------------------------------------------------


def test_every_answer_says_how_many_calls_are_used_and_what_time_it_is(client: Client) -> None:
    first = client("GET", "/limits")
    client.org.advance(3_600)
    second = client("GET", "/limits")
    used = [
        int(a.headers["Sforce-Limit-Info"].removeprefix("api-usage=").partition("/")[0])
        for a in (first, second)
    ]
    assert used[1] == used[0] + 1
    assert first.headers["Content-Type"] == "application/json;charset=UTF-8"
    from email.utils import parsedate_to_datetime

    days = [parsedate_to_datetime(a.headers["Date"]) for a in (first, second)]
    assert 3_599 <= (days[1] - days[0]).total_seconds() <= 3_660
    assert second.json()["DailyApiRequests"] == {"Max": 150_000, "Remaining": 150_000 - used[1]}


def test_without_a_session_nothing_is_answered_and_nothing_is_counted(client: Client) -> None:
    before = client.org.calls()["total"]
    answer = requests.get(
        client.org.http + VERSION + "/limits", headers={"Authorization": "Bearer x"}, timeout=30
    )
    assert client.refused(answer) == (401, "INVALID_SESSION_ID", "Session expired or invalid")
    assert client.org.calls()["total"] == before


def test_answers_are_compressed_for_who_can_read_it_and_pretty_for_who_asks(client: Client) -> None:
    answer = client("GET", "/sobjects/Account/describe", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["name"] == "Account"
    plain = client("GET", "/sobjects/Account/describe", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == answer.json()
    pretty = client("GET", "/limits", headers={"X-PrettyPrint": "1"})
    assert pretty.text.startswith('{\n  "ActiveScratchOrgs"')


def test_a_compressed_body_is_understood(client: Client) -> None:
    import gzip

    answer = client(
        "POST",
        "/sobjects/Account",
        data=gzip.compress(b'{"Name": "Acme"}'),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    assert answer.status_code == 201


def test_the_daily_limit_refuses_what_comes_after_it(client: Client) -> None:
    used = client("GET", "/limits").json()["DailyApiRequests"]
    spent = used["Max"] - used["Remaining"]
    client.org.admin("settings", daily_api_requests=spent + 1)
    assert client("GET", "/limits").status_code == 200
    assert client.refused(client("GET", "/limits")) == (
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded.",
    )


@pytest.mark.parametrize(("version", "status"), [("v68.0", 404), ("v30.0", 410), ("v31.0", 200)])
def test_versions_that_are_not_served(client: Client, version: str, status: int) -> None:
    answer = client.session.get(f"{client.org.http}/services/data/{version}/limits", timeout=30)
    assert answer.status_code == status


def test_the_list_of_versions_needs_no_session(client: Client) -> None:
    listed = requests.get(f"{client.org.http}/services/data/", timeout=30).json()
    assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert listed[0]["version"] == "31.0"


def test_the_address_of_a_domain_in_front_of_the_path_is_understood(client: Client) -> None:
    answer = client.session.get(
        f"{client.org.https}/my.salesforce.com/services/data", verify=client.org.ca, timeout=30
    )
    assert answer.status_code == 200


# --- updated and deleted -------------------------------------------------------------------------


def window(client: Client, sobject: str, kind: str, start: int, end: int) -> requests.Response:
    """`updated` or `deleted` between two moments, in seconds from the org's now."""
    from datetime import UTC, datetime

    now = int(client.org.control("GET", "clock")["now"])
    texts = [datetime.fromtimestamp(now + s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for s in (start, end)]
    return client("GET", f"/sobjects/{sobject}/{kind}", params={"start": texts[0], "end": texts[1]})


def test_updated_lists_what_changed_in_the_window(client: Client) -> None:
    early = client.create("Account", Name="Early")
    client.org.advance(600)
    late = client.create("Account", Name="Late")
    assert window(client, "Account", "updated", -120, 120).json()["ids"] == [late]
    assert window(client, "Account", "updated", -1200, 120).json()["ids"] == [early, late]


def test_deleted_lists_what_went_and_forgets_what_came_back(client: Client) -> None:
    first, second = client.create("Account", Name="1"), client.create("Account", Name="2")
    for record_id in (first, second):
        client("DELETE", f"/sobjects/Account/{record_id}")
    client.org.undelete(second)
    found = window(client, "Account", "deleted", -120, 120).json()
    assert [r["id"] for r in found["deletedRecords"]] == [first]
    assert set(found) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    assert window(client, "Contact", "deleted", -120, 120).json()["deletedRecords"] == []


def test_an_open_transaction_holds_the_covered_date_back(client: Client) -> None:
    client.org.fault(kind="long_txn", object="Account", seconds=900)
    client.create("Account", Name="Slow")
    client.org.advance(600)
    held = window(client, "Account", "updated", -1200, 0).json()
    assert held["ids"] == []
    client.org.advance(600)
    free = window(client, "Account", "updated", -3600, 0).json()
    assert len(free["ids"]) == 1
    assert free["latestDateCovered"] > held["latestDateCovered"]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (60, 30), (-31 * 86_400, 0), (3600, 7200)])
def test_windows_that_no_org_answers(client: Client, start: int, end: int) -> None:
    status, code, _ = client.refused(window(client, "Account", "updated", start, end))
    assert (status, code) == (400, "INVALID_REPLICATION_DATE")


# --- describe ------------------------------------------------------------------------------------


def test_a_describe_shows_every_attribute_of_a_field(client: Client) -> None:
    described = client("GET", "/sobjects/Account/describe").json()
    fields = {field["name"]: field for field in described["fields"]}
    key = fields["Tandem_Id__c"]
    assert (key["externalId"], key["unique"], key["idLookup"], key["caseSensitive"]) == (
        True,
        True,
        True,
        False,
    )
    assert (key["type"], key["length"], key["byteLength"], key["soapType"]) == (
        "string",
        36,
        108,
        "xsd:string",
    )
    revenue = fields["AnnualRevenue"]
    assert (revenue["type"], revenue["precision"], revenue["scale"]) == ("currency", 18, 0)
    assert fields["OwnerId"]["referenceTo"] == ["User"]
    assert fields["OwnerId"]["relationshipName"] == "Owner"
    assert fields["CreatedDate"]["createable"] is False
    assert fields["Name"]["nillable"] is False
    assert {"childSObject": "Contact", "field": "AccountId", "relationshipName": "Contacts"}.items() <= next(
        c for c in described["childRelationships"] if c["relationshipName"] == "Contacts"
    ).items()
    assert described["keyPrefix"] == "001"


def test_a_describe_changes_with_the_org_and_is_not_sent_twice_before(client: Client) -> None:
    path = "/sobjects/Account/describe"
    first = client("GET", path)
    known = first.headers["Last-Modified"]
    assert client("GET", path, headers={"If-Modified-Since": known}).status_code == 304
    client.org.advance(10)
    client.org.admin("add_field", object="Account", field={"name": "New__c", "type": "string", "length": 20})
    fresh = client("GET", path, headers={"If-Modified-Since": known})
    assert fresh.status_code == 200
    assert "New__c" in [f["name"] for f in fresh.json()["fields"]]
    record_id = client.create("Account", Name="A", New__c="x")
    client.org.admin("rename_field", object="Account", field="New__c", to="Newer__c")
    assert client("GET", f"/sobjects/Account/{record_id}").json()["Newer__c"] == "x"
    client.org.admin("drop_field", object="Account", field="Newer__c")
    assert "Newer__c" not in client("GET", f"/sobjects/Account/{record_id}").json()


def test_a_hidden_field_is_in_no_describe_and_in_no_record(client: Client) -> None:
    record_id = client.create("Account", Name="A", Phone="1")
    client.org.admin("revoke_field", object="Account", field="Phone", username=client.org.username)
    described = client("GET", "/sobjects/Account/describe").json()
    assert "Phone" not in [f["name"] for f in described["fields"]]
    assert "Phone" not in client("GET", f"/sobjects/Account/{record_id}").json()
    status, code, _ = client.refused(client("GET", f"/sobjects/Account/{record_id}?fields=Phone"))
    assert (status, code) == (400, "INVALID_FIELD")


def test_the_list_of_objects_names_the_stock_ones(client: Client) -> None:
    listed = {o["name"]: o for o in client("GET", "/sobjects").json()["sobjects"]}
    assert listed["Lead"]["keyPrefix"] == "00Q"
    assert listed["Lead"]["urls"]["describe"] == f"{VERSION}/sobjects/Lead/describe"
    assert listed["OpportunityStage"]["createable"] is False


def test_picklists_of_a_record_type(client: Client) -> None:
    made = client.org.admin(
        "record_type", object="Lead", developer_name="Partner", picklists={"Status": ["Open - Not Contacted"]}
    )
    path = f"/ui-api/object-info/Lead/picklist-values/{made['id']}"
    fields = client("GET", path).json()["picklistFieldValues"]
    assert [v["value"] for v in fields["Status"]["values"]] == ["Open - Not Contacted"]
    assert len(fields["LeadSource"]["values"]) > 1


def test_record_counts(client: Client) -> None:
    client.create("Account", Name="A")
    counted = client("GET", "/limits/recordCount?sObjects=Account,Contact,Nope").json()
    assert counted == {"sObjects": [{"count": 1, "name": "Account"}, {"count": 0, "name": "Contact"}]}


def test_an_address_that_is_too_long_is_refused(client: Client) -> None:
    assert client("GET", "/query?q=" + "x" * 17_000).status_code == 414
    assert client("GET", "/limits", headers={"X-Much": "x" * 17_000}).status_code == 431


def test_a_deletion_takes_no_conditions(client: Client) -> None:
    path = f"/sobjects/Account/{client.create('Account', Name='Acme')}"
    tag = client("GET", path).headers["ETag"]
    assert client("DELETE", path, headers={"If-Match": tag}).status_code == 400
    assert client("GET", path).status_code == 200


def test_a_purged_delete_log_is_said_and_not_passed_over(client: Client) -> None:
    record_id = client.create("Account", Name="Acme")
    client("DELETE", f"/sobjects/Account/{record_id}")
    client.org.advance(600)
    client.org.act("purge_delete_log")
    client.org.advance(600)
    status, code, message = client.refused(window(client, "Account", "deleted", -3600, 0))
    assert (status, code) == (400, "INVALID_REPLICATION_DATE")
    assert message.startswith("startDate before the earliest available date")
    fresh = window(client, "Account", "deleted", -300, 0).json()
    assert fresh["deletedRecords"] == []
