"""The older Bulk API as real clients see it."""

from __future__ import annotations

import csv
import io
import re
import time
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest

NS = "{http://www.force.com/2009/06/asyncapi/dataload}"
BASE = "/services/async/67.0/job"


def parsed(data: str | bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314 the org's own answers


class Bulk:
    """A client that speaks XML or JSON, as its `media` says."""

    def __init__(self, org: OrgProcess, media: str) -> None:
        self.org = org
        self.headers = {"X-SFDC-Session": org.access_token, "Content-Type": media}
        self.json = "json" in media

    def call(self, method: str, path: str, data: Any = None, media: str = "") -> requests.Response:
        headers = self.headers | ({"Content-Type": media} if media else {})
        return requests.request(
            method, f"{self.org.http}{BASE}{path}", data=data, headers=headers, timeout=30
        )

    def create(self, operation: str, sobject: str, content: str, external: str = "") -> str:
        members = {"operation": operation, "object": sobject}
        if external:
            members["externalIdFieldName"] = external
        members["contentType"] = content
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in members.items())
        body = f'<jobInfo xmlns="{NS[1:-1]}">{inner}</jobInfo>'
        answer = self.call("POST", "", body, "application/xml; charset=UTF-8")
        assert answer.status_code == 201, answer.text
        return str(parsed(answer.content).findtext(f"{NS}id"))

    def state(self, job: str, batch: str, *wanted: str) -> ElementTree.Element:
        """The batch once it is in one of the wanted states; Completed or Failed if none is named."""
        limit = time.monotonic() + 20
        while True:
            answer = self.call("GET", f"/{job}/batch/{batch}", media="application/xml")
            info = parsed(answer.content)
            if info.findtext(f"{NS}state") in (wanted or ("Completed", "Failed")):
                return info
            assert time.monotonic() < limit
            time.sleep(0.02)

    def run(self, job: str, data: bytes, media: str) -> tuple[str, ElementTree.Element]:
        answer = self.call("POST", f"/{job}/batch", data, media)
        assert answer.status_code == 201, answer.text
        if answer.headers["Content-Type"].startswith("application/json"):
            batch = str(answer.json()["id"])
        else:
            batch = str(parsed(answer.content).findtext(f"{NS}id"))
        return batch, self.state(job, batch)


@pytest.fixture
def bulk(org: OrgProcess) -> Bulk:
    return Bulk(org, "application/xml; charset=UTF-8")


def test_a_csv_batch_answers_row_by_row_in_order(org: OrgProcess, bulk: Bulk) -> None:
    job = bulk.create("insert", "Contact", "CSV")
    batch, info = bulk.run(job, b"LastName,FirstName\nGood,A\n,B\n", "text/csv")
    assert (info.findtext(f"{NS}state"), info.findtext(f"{NS}numberRecordsFailed")) == ("Completed", "1")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", str(info.findtext(f"{NS}createdDate")))
    answer = bulk.call("GET", f"/{job}/batch/{batch}/result")
    good, bad = csv.DictReader(io.StringIO(answer.text))
    assert (good["Success"], good["Created"], good["Error"]) == ("true", "true", "")
    assert org.get("Contact", good["Id"], "LastName") == {"LastName": "Good"}
    assert bad == {
        "Id": "",
        "Success": "false",
        "Created": "false",
        "Error": "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
    }


def test_a_job_counts_its_batches_and_closes(org: OrgProcess, bulk: Bulk) -> None:
    job = bulk.create("insert", "Account", "CSV")
    for name in (b"A", b"B"):
        bulk.run(job, b"Name\n" + name + b"\n", "text/csv")
    listed = parsed(bulk.call("GET", f"/{job}/batch").content)
    states = [found.findtext(f"{NS}state") for found in listed.findall(f"{NS}batchInfo")]
    assert states == ["Completed", "Completed"]
    closed = bulk.call("POST", f"/{job}", f'<jobInfo xmlns="{NS[1:-1]}"><state>Closed</state></jobInfo>')
    info = parsed(closed.content)
    assert info.findtext(f"{NS}state") == "Closed"
    assert info.findtext(f"{NS}numberBatchesCompleted") == "2"
    assert info.findtext(f"{NS}numberRecordsProcessed") == "2"
    late = bulk.call("POST", f"/{job}/batch", b"Name\nC\n", "text/csv")
    assert late.status_code == 400
    assert parsed(late.content).findtext(f"{NS}exceptionCode") == "InvalidJobState"


def test_a_json_batch_sets_null_and_resolves_parents(org: OrgProcess, bulk: Bulk) -> None:
    parent = org.insert("Account", Name="P", Tandem_Id__c="p-1")
    one = org.insert("Contact", LastName="A", Phone="1")
    job = bulk.create("update", "Contact", "JSON")
    body = f'[{{"Id": "{one}", "Phone": null, "Account": {{"Tandem_Id__c": "p-1"}}}}]'.encode()
    batch, _ = bulk.run(job, body, "application/json")
    answer = bulk.call("GET", f"/{job}/batch/{batch}/result")
    assert answer.json() == [{"success": True, "created": False, "id": one, "errors": []}]
    assert org.get("Contact", one, "Phone", "AccountId") == {"Phone": None, "AccountId": parent}
    echoed = bulk.call("GET", f"/{job}/batch/{batch}/request")
    assert echoed.content == body


def test_an_xml_batch_is_understood(org: OrgProcess, bulk: Bulk) -> None:
    job = bulk.create("upsert", "Account", "XML", external="Tandem_Id__c")
    body = (
        f'<sObjects xmlns="{NS[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<sObject><Tandem_Id__c>x-1</Tandem_Id__c><Name>A &amp; B</Name><Phone xsi:nil='true'/></sObject>"
        "</sObjects>"
    )
    batch, _ = bulk.run(job, body.encode(), "application/xml")
    result = parsed(bulk.call("GET", f"/{job}/batch/{batch}/result").content)
    (row,) = result.findall(f"{NS}result")
    assert (row.findtext(f"{NS}success"), row.findtext(f"{NS}created")) == ("true", "true")
    assert org.get("Account", str(row.findtext(f"{NS}id")), "Name") == {"Name": "A & B"}


def test_document_types_are_refused(org: OrgProcess, bulk: Bulk) -> None:
    answer = bulk.call("POST", "", '<!DOCTYPE x [<!ENTITY e "boom">]><jobInfo>&e;</jobInfo>')
    assert answer.status_code == 400
    assert parsed(answer.content).findtext(f"{NS}exceptionCode") == "InvalidXML"


def test_an_unknown_column_fails_the_batch(org: OrgProcess, bulk: Bulk) -> None:
    job = bulk.create("insert", "Account", "CSV")
    batch, info = bulk.run(job, b"Name,Nmae\nA,B\n", "text/csv")
    assert info.findtext(f"{NS}state") == "Failed"
    assert info.findtext(f"{NS}stateMessage") == "InvalidBatch : Field name not found : Nmae"
    assert bulk.call("GET", f"/{job}/batch/{batch}/result").status_code == 400
    assert org.query("SELECT Id FROM Account") == []


def test_a_query_lists_its_results_and_answers_csv(org: OrgProcess, bulk: Bulk) -> None:
    one = org.insert("Account", Name="A")
    job = bulk.create("query", "Account", "CSV")
    batch, info = bulk.run(job, b"SELECT Id, Name FROM Account", "text/csv")
    assert info.findtext(f"{NS}numberRecordsProcessed") == "1"
    listed = parsed(bulk.call("GET", f"/{job}/batch/{batch}/result").content)
    assert listed.tag == f"{NS}result-list"
    (result,) = [found.text for found in listed.findall(f"{NS}result")]
    rows = bulk.call("GET", f"/{job}/batch/{batch}/result/{result}")
    assert rows.text == f'"Id","Name"\n"{one}","A"\n'


def test_a_query_in_json_answers_typed_values_and_epochs(org: OrgProcess, bulk: Bulk, api: Rest) -> None:
    org.freeze("2026-05-01T10:00:00+00:00")
    api.session.headers["Authorization"] = f"Bearer {org.token()}"
    bulk.headers["X-SFDC-Session"] = org.token()
    one = org.insert("Account", Name="A", AnnualRevenue=5)
    job = bulk.create("query", "Account", "JSON")
    batch, _ = bulk.run(
        job, b"SELECT Id, Name, AnnualRevenue, CreatedDate, Phone FROM Account", "application/json"
    )
    (result,) = bulk.call("GET", f"/{job}/batch/{batch}/result", media="application/json").json()
    assert bulk.call("GET", f"/{job}/batch/{batch}/result/{result}").json() == [
        {
            "attributes": {"type": "Account", "url": f"/services/data/v67.0/sobjects/Account/{one}"},
            "Id": one,
            "Name": "A",
            "AnnualRevenue": 5.0,
            "CreatedDate": 1777629600000,
            "Phone": None,
        }
    ]


@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_a_wrong_session_is_refused_in_this_apis_own_words(org: OrgProcess, media: str) -> None:
    bulk = Bulk(org, media)
    bulk.headers["X-SFDC-Session"] = "00Dnothing!nothing"
    answer = bulk.call("GET", "/750000000000001AAA")
    assert answer.status_code == 400
    if media == "application/json":
        assert answer.json() == {
            "exceptionCode": "InvalidSessionId",
            "exceptionMessage": "Invalid session id",
        }
    else:
        error = parsed(answer.content)
        assert error.findtext(f"{NS}exceptionCode") == "InvalidSessionId"


def test_an_unknown_job_is_refused(org: OrgProcess, bulk: Bulk) -> None:
    answer = bulk.call("GET", "/750000000000001AAA", media="application/json")
    assert (answer.status_code, answer.json()["exceptionCode"]) == (400, "InvalidJob")


def test_a_batch_holds_up_to_ten_thousand_records(org: OrgProcess, bulk: Bulk) -> None:
    job = bulk.create("insert", "Account", "CSV")
    data = b"Name\n" + b"A\n" * 10_001
    _, info = bulk.run(job, data, "text/csv")
    assert info.findtext(f"{NS}state") == "Failed"
    assert info.findtext(f"{NS}stateMessage") == (
        "InvalidBatch : Number of records exceeded the maximum of 10000"
    )


def test_aborting_a_stuck_job_leaves_its_batch_not_processed(org: OrgProcess, bulk: Bulk) -> None:
    org.fault("bulk_stuck")
    job = bulk.create("insert", "Account", "CSV")
    sent = bulk.call("POST", f"/{job}/batch", b"Name\nA\n", "text/csv")
    bulk.state(job, str(parsed(sent.content).findtext(f"{NS}id")), "InProgress")
    bulk.call("POST", f"/{job}", '{"state": "Aborted"}', "application/json")
    listed = bulk.call("GET", f"/{job}/batch", media="application/json").json()
    assert [found["state"] for found in listed["batchInfo"]] == ["NotProcessed"]
    assert org.query("SELECT Id FROM Account") == []


def test_a_stuck_batch_goes_on_when_its_time_has_come(org: OrgProcess, bulk: Bulk) -> None:
    org.fault("bulk_stuck", seconds=600)
    job = bulk.create("insert", "Account", "CSV")
    sent = bulk.call("POST", f"/{job}/batch", b"Name\nA\n", "text/csv")
    batch = str(parsed(sent.content).findtext(f"{NS}id"))
    bulk.state(job, batch, "InProgress")
    org.advance(601)
    assert bulk.state(job, batch).findtext(f"{NS}state") == "Completed"
