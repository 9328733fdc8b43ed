"""Bulk API 2.0 as real clients see it."""

from __future__ import annotations

import csv
import gzip
import io
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.org import OrgProcess, start_org
from tests.fixtures.rest import Rest


def rows_of(api: Rest, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
    answer = api.call("GET", f"jobs/ingest/{job['id']}/{kind}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_a_job_goes_from_open_to_complete(org: OrgProcess, api: Rest) -> None:
    job = api.post("jobs/ingest", {"operation": "insert", "object": "account", "contentType": "CSV"})
    assert job["id"].startswith("750")
    assert len(job["id"]) == 18
    assert job == {
        "id": job["id"],
        "operation": "insert",
        "object": "Account",
        "createdById": job["createdById"],
        "createdDate": job["createdDate"],
        "systemModstamp": job["systemModstamp"],
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 67.0,
        "contentUrl": f"services/data/v67.0/jobs/ingest/{job['id']}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    put = api.call("PUT", f"/{job['contentUrl']}", data=b"Name\nAcme\n", headers={"Content-Type": "text/csv"})
    assert (put.status_code, put.content) == (201, b"")
    assert api.get(f"jobs/ingest/{job['id']}")["state"] == "Open"
    api.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})
    ended = api.ended("ingest", job["id"])
    assert (ended["state"], ended["jobType"]) == ("JobComplete", "V2Ingest")
    assert (ended["numberRecordsProcessed"], ended["numberRecordsFailed"]) == (1, 0)
    assert [record["Name"] for record in org.query("SELECT Name FROM Account")] == ["Acme"]


def test_each_row_ends_in_one_of_the_two_results(org: OrgProcess, api: Rest) -> None:
    job = api.ingest("insert", "Contact", b"LastName,FirstName\nGood,A\n,B\n")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    (good,) = rows_of(api, job, "successfulResults")
    assert good == {"sf__Id": good["sf__Id"], "sf__Created": "true", "LastName": "Good", "FirstName": "A"}
    (bad,) = rows_of(api, job, "FAILEDresults")
    assert bad == {
        "sf__Id": "",
        "sf__Error": "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
        "LastName": "",
        "FirstName": "B",
    }
    assert rows_of(api, job, "unprocessedRecords") == []


def test_an_empty_cell_keeps_the_value_and_na_clears_it(org: OrgProcess, api: Rest) -> None:
    one = org.insert("Account", Name="A", Phone="1", Website="w.test", AnnualRevenue=5)
    job = api.ingest("update", "Account", f"Id,Phone,Website,AnnualRevenue\n{one},,#N/A,1250000\n".encode())
    assert rows_of(api, job, "successfulResults")[0]["sf__Created"] == "false"
    assert org.get("Account", one, "Phone", "Website", "AnnualRevenue") == {
        "Phone": "1",
        "Website": None,
        "AnnualRevenue": 1250000.0,
    }


def test_upsert_matches_by_external_id_and_resolves_parents(org: OrgProcess, api: Rest) -> None:
    parent = org.insert("Account", Name="P", Tandem_Id__c="p-1")
    known = org.insert("Contact", LastName="Old", Tandem_Id__c="c-1")
    data = b"Tandem_Id__c,LastName,Account.Tandem_Id__c\nc-1,New,p-1\nc-2,Fresh,p-1\nc-3,Lost,nobody\n"
    job = api.ingest("upsert", "Contact", data, externalIdFieldName="Tandem_Id__c")
    done = {row["Tandem_Id__c"]: row for row in rows_of(api, job, "successfulResults")}
    assert (done["c-1"]["sf__Id"], done["c-1"]["sf__Created"]) == (known, "false")
    assert done["c-2"]["sf__Created"] == "true"
    assert org.get("Contact", known, "LastName", "AccountId") == {"LastName": "New", "AccountId": parent}
    (lost,) = rows_of(api, job, "failedResults")
    assert lost["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID: nobody not found for field")


def test_every_kind_of_bad_row_says_what_is_wrong_with_it(org: OrgProcess, api: Rest) -> None:
    one, two = org.insert("Account", Name="A"), org.insert("Account", Name="B")
    rows = [f"{one},abc", f"{two},1", f"{two},2", "junk,1", ",1", "001000000000000AAA,1"]
    job = api.ingest("update", "Account", "\n".join(["Id,AnnualRevenue", *rows]).encode())
    assert job["numberRecordsFailed"] == 5
    errors = [row["sf__Error"] for row in rows_of(api, job, "failedResults")]
    assert errors == [
        "INVALID_TYPE_ON_FIELD_IN_RECORD:Annual Revenue: value not of required type: abc:AnnualRevenue --",
        f"DUPLICATE_VALUE:Duplicate id specified: {two}:Id --",
        "MALFORMED_ID:malformed id junk:Id --",
        "MISSING_ARGUMENT:Id not specified in an update call:Id --",
        "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id: --",
    ]
    assert org.get("Account", two, "AnnualRevenue") == {"AnnualRevenue": 1.0}


def test_a_row_that_names_an_external_id_twice_fails_the_second_time(org: OrgProcess, api: Rest) -> None:
    job = api.ingest(
        "upsert", "Account", b"Tandem_Id__c,Name\nz,1\nZ,2\n,3\n", externalIdFieldName="Tandem_Id__c"
    )
    assert [row["sf__Error"] for row in rows_of(api, job, "failedResults")] == [
        "DUPLICATE_VALUE:Duplicate external id specified: Z:Tandem_Id__c --",
        "MISSING_ARGUMENT:Tandem_Id__c not specified: --",
    ]
    assert [record["Name"] for record in org.query("SELECT Name FROM Account")] == ["1"]


def test_locked_rows_fail_alone(org: OrgProcess, api: Rest) -> None:
    ids = org.insert_many("Account", [{"Name": f"A{n}"} for n in range(3)])
    org.fault("lock_row", object="Account", nth=2, times=1)
    job = api.ingest("update", "Account", "\n".join(["Id,Phone", *(f"{one},1" for one in ids)]).encode())
    (locked,) = rows_of(api, job, "failedResults")
    assert locked["sf__Id"] == ids[1]
    assert locked["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")


def test_delete_takes_ids_only(org: OrgProcess, api: Rest) -> None:
    one, two = org.insert("Account", Name="A"), org.insert("Account", Name="B")
    job = api.ingest("delete", "Account", f"Id\n{one}\n001000000000000AAA\n".encode())
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    assert org.get("Account", one, "IsDeleted") == {"IsDeleted": True}
    refused = api.ingest("delete", "Account", f"Id,Name\n{two},B\n".encode())
    assert (refused["state"], refused["errorMessage"]) == (
        "Failed",
        "InvalidBatch : The 'delete' batch must contain only ids",
    )
    assert org.get("Account", two, "IsDeleted") == {"IsDeleted": False}


def test_hard_delete_leaves_nothing_in_the_recycle_bin(org: OrgProcess, api: Rest) -> None:
    one = org.insert("Account", Name="A")
    assert api.ingest("hardDelete", "Account", f"Id\n{one}\n".encode())["numberRecordsFailed"] == 0
    assert org.query(f"SELECT Id FROM Account WHERE Id = '{one}'", all_rows=True) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Name,Nmae\nA,B\n", "InvalidBatch : Field name not found : Nmae"),
        (
            b"Name\r\nA\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_job_and_writes_nothing(
    org: OrgProcess, api: Rest, data: bytes, message: str
) -> None:
    job = api.ingest("insert", "Account", data)
    assert (job["state"], job["errorMessage"]) == ("Failed", message)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (0, 0)
    assert org.query("SELECT Id FROM Account") == []
    assert len(rows_of(api, job, "unprocessedrecords")) == 1


def test_a_field_that_the_user_may_not_see_is_no_field(org: OrgProcess, api: Rest) -> None:
    org.admin("revoke_field", object="Account", field="Phone")
    job = api.ingest("insert", "Account", b"Name,Phone\nA,1\n")
    assert job["errorMessage"] == "InvalidBatch : Field name not found : Phone"


def test_line_breaks_emoji_and_the_text_na_arrive_unchanged(org: OrgProcess, api: Rest) -> None:
    text = "first\nsecond \U0001f600 ü"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["Name", "Description"], ["NA", text]])
    job = api.ingest("insert", "Account", out.getvalue().encode())
    assert job["numberRecordsFailed"] == 0
    (record,) = org.query("SELECT Name, Description FROM Account")
    assert (record["Name"], record["Description"]) == ("NA", text)
    assert rows_of(api, job, "successfulResults")[0]["Description"] == text


def test_other_delimiters_line_ends_and_gzip_are_understood(org: OrgProcess, api: Rest) -> None:
    job = api.post(
        "jobs/ingest",
        {"operation": "insert", "object": "Account", "columnDelimiter": "PIPE", "lineEnding": "CRLF"},
    )
    api.call(
        "PUT",
        f"jobs/ingest/{job['id']}/batches",
        data=gzip.compress(b"\xef\xbb\xbfName|Phone\r\nA,B|1\r\n"),
        headers={"Content-Type": "text/csv", "Content-Encoding": "gzip"},
    )
    api.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})
    ended = api.ended("ingest", job["id"])
    assert ended["numberRecordsFailed"] == 0
    results = api.call("GET", f"jobs/ingest/{job['id']}/successfulResults").content.decode()
    (made,) = org.query("SELECT Id, Name FROM Account")
    assert made["Name"] == "A,B"
    assert results == f'"sf__Id"|"sf__Created"|"Name"|"Phone"\r\n"{made["Id"]}"|"true"|"A,B"|"1"\r\n'


def test_job_and_data_can_come_in_one_multipart_call(org: OrgProcess, api: Rest) -> None:
    parts = {
        "job": (
            None,
            b'{"operation": "insert", "object": "Account", "contentType": "CSV"}',
            "application/json",
        ),
        "content": ("content", b"Name\nAcme\n", "text/csv"),
    }
    answer = api.call("POST", "jobs/ingest", files=parts)
    assert answer.json()["state"] == "UploadComplete"
    assert api.ended("ingest", answer.json()["id"])["numberRecordsProcessed"] == 1


def test_data_is_taken_once_and_only_while_open(org: OrgProcess, api: Rest) -> None:
    job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"})
    path = f"jobs/ingest/{job['id']}/batches"
    headers = {"Content-Type": "text/csv"}
    assert api.call("PUT", path, data=b"Name\nA\n", headers=headers).status_code == 201
    again = api.call("PUT", path, data=b"Name\nB\n", headers=headers)
    assert (again.status_code, again.json()[0]["errorCode"]) == (400, "CLIENTINPUTERROR")
    assert again.json()[0]["message"].startswith(f"Found multiple contents for job: <{job['id']}>")
    api.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})
    api.ended("ingest", job["id"])
    reopened = api.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    assert (reopened.status_code, reopened.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    assert [record["Name"] for record in org.query("SELECT Name FROM Account")] == ["A"]


def test_data_beyond_a_hundred_and_fifty_megabytes_is_refused(org: OrgProcess, api: Rest) -> None:
    job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"})
    path = f"jobs/ingest/{job['id']}/batches"
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    row = b"x" * 1023 + b"\n"
    too_much = gzip.compress(b"Name\n" + row * (150 * 1024 + 1), 1)
    answer = api.call("PUT", path, data=too_much, headers=headers)
    assert answer.status_code == 413
    assert api.get(f"jobs/ingest/{job['id']}")["state"] == "Open"
    assert api.call("PUT", path, data=b"nonsense", headers=headers).status_code == 400
    assert api.call("PUT", path, data=gzip.compress(b"Name\nA\n"), headers=headers).status_code == 201


def test_an_aborted_job_writes_nothing_and_hands_its_rows_back(org: OrgProcess, api: Rest) -> None:
    job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"})
    api.call(
        "PUT", f"jobs/ingest/{job['id']}/batches", data=b"Name\nA\nB\n", headers={"Content-Type": "text/csv"}
    )
    assert api.patch(f"jobs/ingest/{job['id']}", {"state": "Aborted"})["state"] == "Aborted"
    assert rows_of(api, job, "unprocessedrecords") == [{"Name": "A"}, {"Name": "B"}]
    assert org.query("SELECT Id FROM Account") == []
    assert api.call("DELETE", f"jobs/ingest/{job['id']}").status_code == 204
    assert api.call("GET", f"jobs/ingest/{job['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "replace", "object": "Account"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Nothing__c"}, "INVALID_TYPE"),
        ({"operation": "upsert", "object": "Account"}, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Account", "externalIdFieldName": "Phone"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Account", "columnDelimiter": "SPACE"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Account", "surprise": 1}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_job_that_cannot_be_is_refused(org: OrgProcess, api: Rest, body: dict[str, Any], code: str) -> None:
    answer = api.call("POST", "jobs/ingest", json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_jobs_are_listed_and_forgotten_after_seven_days(org: OrgProcess, api: Rest) -> None:
    job = api.ingest("insert", "Account", b"Name\nA\n")
    listed = api.get("jobs/ingest")
    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)
    assert [found["id"] for found in listed["records"]] == [job["id"]]
    org.advance(7 * 86_400 + 1)
    api.session.headers["Authorization"] = f"Bearer {org.token()}"
    assert api.get("jobs/ingest")["records"] == []
    assert api.call("GET", f"jobs/ingest/{job['id']}").status_code == 404


def test_a_failed_job_says_why(org: OrgProcess, api: Rest) -> None:
    org.fault("bulk_failed", object="Account", message="InternalServerError : broken")
    job = api.ingest("insert", "Account", b"Name\nA\n")
    assert (job["state"], job["errorMessage"]) == ("Failed", "InternalServerError : broken")
    assert rows_of(api, job, "unprocessedrecords") == [{"Name": "A"}]


def begun(api: Rest, job: dict[str, Any]) -> None:
    """Wait until the org has taken the job up."""
    limit = time.monotonic() + 20
    while api.get(f"jobs/ingest/{job['id']}")["state"] != "InProgress":
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_stuck_job_goes_on_when_its_time_has_come(org: OrgProcess, api: Rest) -> None:
    org.fault("bulk_stuck", seconds=600)
    job = api.start_ingest("insert", "Account", b"Name\nA\n")
    begun(api, job)
    assert org.query("SELECT Id FROM Account") == []
    org.advance(601)
    assert api.ended("ingest", job["id"])["state"] == "JobComplete"
    assert len(org.query("SELECT Id FROM Account")) == 1


def test_a_job_that_is_stuck_for_ever_can_be_aborted(org: OrgProcess, api: Rest) -> None:
    org.fault("bulk_stuck")
    job = api.start_ingest("insert", "Account", b"Name\nA\n")
    begun(api, job)
    assert api.patch(f"jobs/ingest/{job['id']}", {"state": "Aborted"})["state"] == "Aborted"
    assert rows_of(api, job, "unprocessedrecords") == [{"Name": "A"}]
    after = api.ingest("insert", "Account", b"Name\nB\n")
    assert after["state"] == "JobComplete"


def test_rows_that_were_not_reached_are_unprocessed(org: OrgProcess, api: Rest) -> None:
    org.fault("bulk_unprocessed", rows=2)
    job = api.ingest("insert", "Account", b"Name\nA\nB\nC\n")
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 1)
    assert rows_of(api, job, "unprocessedrecords") == [{"Name": "B"}, {"Name": "C"}]
    assert [row["Name"] for row in rows_of(api, job, "successfulResults")] == ["A"]


def test_a_job_retried_ten_times_is_given_up(org: OrgProcess, api: Rest) -> None:
    org.fault("bulk_retried", retries=10)
    job = api.ingest("insert", "Account", b"Name\nA\n")
    assert (job["state"], job["retries"]) == ("Failed", 10)
    assert job["errorMessage"] == "TooManyLockFailure : Too many lock failure 10. Trying again later."
    org.fault("bulk_retried", retries=3)
    job = api.ingest("insert", "Account", b"Name\nA\n")
    assert (job["state"], job["retries"], job["numberRecordsFailed"]) == ("JobComplete", 3, 0)


def query_job(api: Rest, soql: str, operation: str = "query", **options: Any) -> dict[str, Any]:
    job: dict[str, Any] = api.post("jobs/query", {"operation": operation, "query": soql, **options})
    assert job["state"] == "UploadComplete", job
    return api.ended("query", job["id"])


def test_a_query_is_read_page_by_page_to_the_locator_null(org: OrgProcess, api: Rest) -> None:
    org.insert_many("Account", [{"Name": f"A{n:03}"} for n in range(250)])
    job = query_job(api, "SELECT Id, Name FROM Account ORDER BY Name")
    assert (job["object"], job["jobType"], job["numberRecordsProcessed"]) == ("Account", "V2Query", 250)
    names: list[str] = []
    locator, pages = "", 0
    while locator != "null":
        path = f"jobs/query/{job['id']}/results?maxRecords=100" + (f"&locator={locator}" if locator else "")
        answer = api.call("GET", path)
        page = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(page) == int(answer.headers["Sforce-NumberOfRecords"])
        names += [row["Name"] for row in page]
        locator = answer.headers["Sforce-Locator"]
        pages += 1
    assert pages == 3
    assert names == [f"A{n:03}" for n in range(250)]


def test_the_page_of_a_query_is_the_same_when_asked_again(org: OrgProcess, api: Rest) -> None:
    org.insert_many("Account", [{"Name": f"A{n}"} for n in range(30)])
    job = query_job(api, "SELECT Name FROM Account")
    path = f"jobs/query/{job['id']}/results?maxRecords=10"
    locator = api.call("GET", path).headers["Sforce-Locator"]
    org.insert("Account", Name="Later")
    first, again = (api.call("GET", f"{path}&locator={locator}").content for _ in range(2))
    assert first == again
    assert api.call("GET", f"{path}&locator=nonsense").status_code == 400


def test_query_results_are_quoted_and_typed_as_text(org: OrgProcess, api: Rest) -> None:
    parent = org.insert("Account", Name='P "1"')
    org.insert("Account", Name="A\nB", ParentId=parent, AnnualRevenue=12)
    job = query_job(
        api, "SELECT Name, Parent.Name, AnnualRevenue, IsDeleted, Phone FROM Account WHERE ParentId != NULL"
    )
    answer = api.call("GET", f"jobs/query/{job['id']}/results")
    assert answer.content.decode() == (
        '"Name","Parent.Name","AnnualRevenue","IsDeleted","Phone"\n"A\nB","P ""1""","12.0","false",""\n'
    )
    assert answer.headers["Sforce-Locator"] == "null"


def test_query_all_includes_the_recycle_bin(org: OrgProcess, api: Rest) -> None:
    org.delete("Account", org.insert("Account", Name="Gone"))
    assert query_job(api, "SELECT Id FROM Account")["numberRecordsProcessed"] == 0
    assert query_job(api, "SELECT Id FROM Account", "queryAll")["numberRecordsProcessed"] == 1


def test_an_empty_result_has_its_header(org: OrgProcess, api: Rest) -> None:
    job = query_job(api, "SELECT Id, Name FROM Account", columnDelimiter="TAB", lineEnding="CRLF")
    answer = api.call("GET", f"jobs/query/{job['id']}/results")
    assert answer.content == b'"Id"\t"Name"\r\n'
    assert answer.headers["Sforce-NumberOfRecords"] == "0"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT BillingAddress FROM Account",
        "SELECT COUNT(Id) FROM Account",
        "SELECT Id FROM Account OFFSET 5",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT Nothing FROM Account",
        "SELECT FROM",
    ],
)
def test_queries_that_bulk_does_not_support_are_refused(org: OrgProcess, api: Rest, soql: str) -> None:
    answer = api.call("POST", "jobs/query", json={"operation": "query", "query": soql})
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] in {
        "FUNCTIONALITY_NOT_ENABLED", "MALFORMED_QUERY", "INVALID_FIELD", "API_ERROR",
    }  # fmt: skip


def test_ten_thousand_updates_take_seconds_not_minutes(org: OrgProcess, api: Rest) -> None:
    ids = org.insert_many("Account", [{"Name": f"A{n}"} for n in range(10_000)])
    fields = ["Phone", "Website", "BillingCity", "BillingStreet", "AnnualRevenue", "Site", "Sic"]
    lines = [",".join(["Id", *fields])]
    lines += [f"{one},+1 {n},w{n}.test,City {n},Street {n},{n},S{n},{n}" for n, one in enumerate(ids)]
    began = time.monotonic()
    job = api.ingest("update", "Account", "\n".join(lines).encode())
    spent = time.monotonic() - began
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (10_000, 0)
    assert org.get("Account", ids[9_999], "Site", "AnnualRevenue") == {
        "Site": "S9999",
        "AnnualRevenue": 9999.0,
    }
    assert spent < 15, f"10,000 updates took {spent:.1f} s"


def test_jobs_survive_the_death_of_the_org_and_write_no_row_twice(tmp_path: Path) -> None:
    with start_org(tmp_path / "org", "--empty") as org:
        api = Rest(org)
        done = api.ingest("insert", "Account", b"Name\nBefore\n")
        data = b"Name,Phone\n" + b"".join(b"R%d,1\n" % n for n in range(35_000))
        job = api.start_ingest("insert", "Account", data)
        limit = time.monotonic() + 30
        while not (processed := api.get(f"jobs/ingest/{job['id']}")["numberRecordsProcessed"]):
            assert time.monotonic() < limit
            time.sleep(0.01)
        org.kill()
        assert processed < 35_000
        org.restart()
        api = Rest(org)
        ended = api.ended("ingest", job["id"])
        assert (ended["state"], ended["numberRecordsProcessed"]) == ("JobComplete", 35_000)
        kept = rows_of(api, job, "successfulResults")
        assert len({row["sf__Id"] for row in kept}) == len(kept) == 35_000
        assert {row["Name"] for row in kept} == {f"R{n}" for n in range(35_000)}
        stored = api.get("query?q=SELECT COUNT(Id) found FROM Account WHERE Phone = '1'")
        assert stored["records"][0]["found"] == 35_000
        assert [row["Name"] for row in rows_of(api, done, "successfulResults")] == ["Before"]
