"""Bulk jobs in steps: whatever step a crash hits, the rest goes on and no row is written twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.salesforce import Budget, BulkJob, Connection, ErrorKind, Gateway, Limits, SalesforceError
from app.salesforce.bulk_csv import csv_bytes, read_rows
from tests.fixtures.org import OrgProcess

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["Tandem_Id__c", "Name", "Industry"]


@pytest.fixture
def gateway(org: OrgProcess) -> Iterator[Gateway]:
    connection = Connection(org.https, org.client_id, org.username, str(org.key_file), org.ca)
    limits = Limits(pause=0.01, longest_pause=0.02)
    with Gateway(connection, limits=limits, budget=Budget(share=1.0, reserve=0.0)) as gateway:
        gateway.tokens.token()
        org.reset_calls()
        yield gateway


def wait(gateway: Gateway, job: BulkJob) -> BulkJob:
    deadline = time.monotonic() + 30
    poll = gateway.bulk.query_poll if job.operation in {"query", "queryAll"} else gateway.bulk.ingest_poll
    while not job.finished:
        assert time.monotonic() < deadline, f"the job is still {job.phase}"
        time.sleep(0.02)
        job = poll(job)
    return job


def accounts(count: int, start: int = 0) -> list[dict[str, str]]:
    return [
        {"Tandem_Id__c": str(UUID(int=n)), "Name": f"Account {n}", "Industry": "Energy"}
        for n in range(start, start + count)
    ]


def test_every_row_of_a_job_gets_its_own_outcome_in_the_order_of_the_file(
    org: OrgProcess, gateway: Gateway, tmp_path: Path
) -> None:
    rows = accounts(5)
    rows[2]["Name"] = "x" * 300
    data = csv_bytes(COLUMNS, rows)
    job = wait(gateway, gateway.bulk.ingest_create("Account", "upsert", data, external_id="Tandem_Id__c"))
    assert (job.phase, job.processed, job.failed) == ("done", 5, 1)
    keys = [row["Tandem_Id__c"] for row in rows]
    results = gateway.bulk.ingest_results_in_order(job, tmp_path, keys, "Tandem_Id__c")
    assert [result.success for result in results] == [True, True, False, True, True]
    assert [result.created for result in results] == [True, True, None, True, True]
    assert results[2].error is not None
    assert (results[2].error.code, results[2].error.kind) == ("STRING_TOO_LONG", ErrorKind.USER_FIXABLE)
    names = {row["Tandem_Id__c"]: row["Id"] for row in org.query("SELECT Id, Tandem_Id__c FROM Account")}
    assert [names.get(key) for key in keys] == [result.id for result in results]
    assert list(tmp_path.iterdir()) == []


def test_a_small_job_is_opened_filled_and_closed_in_one_call(org: OrgProcess, gateway: Gateway) -> None:
    gateway.bulk.ingest_create("Account", "insert", csv_bytes(["Name"], [{"Name": "Acme"}]))
    assert org.calls()["total"] == 1


def test_a_large_file_is_streamed_and_costs_three_calls(
    org: OrgProcess, gateway: Gateway, tmp_path: Path
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(csv_bytes(COLUMNS, accounts(3000)))
    assert path.stat().st_size > 100_000
    job = gateway.bulk.ingest_create("Account", "upsert", path, external_id="Tandem_Id__c")
    assert org.calls()["total"] == 3
    job = wait(gateway, job)
    assert (job.phase, job.processed, job.failed) == ("done", 3000, 0)
    assert len(org.query("SELECT Id FROM Account")) == 3000


def test_null_clears_a_field_and_a_missing_value_leaves_it_alone(org: OrgProcess, gateway: Gateway) -> None:
    first = org.insert("Account", Name="One", Industry="Energy", Phone="1")
    second = org.insert("Account", Name="Two", Industry="Energy", Phone="2")
    rows = [{"Id": first, "Industry": None}, {"Id": second, "Phone": None}]
    job = gateway.bulk.ingest_create("Account", "update", csv_bytes(["Id", "Industry", "Phone"], rows))
    assert wait(gateway, job).failed == 0
    assert org.get("Account", first, "Industry", "Phone") == {"Industry": None, "Phone": "1"}
    assert org.get("Account", second, "Industry", "Phone") == {"Industry": "Energy", "Phone": None}


def test_line_breaks_of_every_kind_and_texts_that_look_like_null_arrive(
    org: OrgProcess, gateway: Gateway
) -> None:
    texts = ["one\rtwo", "one\r\ntwo", "one\ntwo", "NA", "null", 'say "hi", please', "漢字 🎉"]
    data = csv_bytes(["Name", "Description"], [{"Name": "Acme", "Description": text} for text in texts])
    job = wait(gateway, gateway.bulk.ingest_create("Account", "insert", data))
    assert (job.processed, job.failed) == (len(texts), 0)
    assert {row["Description"] for row in org.query("SELECT Description FROM Account")} == set(texts)


def test_an_unknown_column_fails_the_job_and_says_so(org: OrgProcess, gateway: Gateway) -> None:
    job = gateway.bulk.ingest_create("Account", "insert", csv_bytes(["Nonsense__c"], [{"Nonsense__c": "x"}]))
    job = wait(gateway, job)
    assert job.phase == "failed"
    assert "Nonsense__c" in job.error


def test_rows_that_were_never_tried_may_be_tried_again(
    org: OrgProcess, gateway: Gateway, tmp_path: Path
) -> None:
    org.fault("bulk_unprocessed", rows=2)
    rows = accounts(6)
    data = csv_bytes(COLUMNS, rows)
    job = wait(gateway, gateway.bulk.ingest_create("Account", "upsert", data, external_id="Tandem_Id__c"))
    keys = [row["Tandem_Id__c"] for row in rows]
    results = gateway.bulk.ingest_results_in_order(job, tmp_path, keys, "Tandem_Id__c")
    untried = [result for result in results if not result.success]
    assert len(untried) == 2
    assert all(result.error is not None and result.error.retryable for result in untried)


@pytest.mark.parametrize("step", ["opened", "uploaded", "closed"])
def test_a_job_goes_on_from_the_step_that_was_stored(
    org: OrgProcess, gateway: Gateway, tmp_path: Path, step: str
) -> None:
    """The process dies by SIGKILL right after a step; another takes over with the stored state only."""
    data = tmp_path / "accounts.csv"
    data.write_bytes(csv_bytes(COLUMNS, accounts(20)))
    state = tmp_path / "state.json"
    program = textwrap.dedent(
        """
        import json, os, signal, sys
        from pathlib import Path
        from app.salesforce import Connection, Gateway
        from app.salesforce.call import File
        step, state, data, *rest = sys.argv[1:]
        gateway = Gateway(Connection(*rest))
        job = gateway.bulk.ingest_open("Account", "insert")
        Path(state).write_text(json.dumps(job.state()))
        if step == "uploaded":
            url = f"jobs/ingest/{job.id}/batches"
            gateway._transport.call("PUT", url, kind="bulk", body=File(Path(data)), content_type="text/csv")
        if step == "closed":
            gateway.bulk.ingest_upload(job, Path(data))
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    connection = [org.https, org.client_id, org.username, str(org.key_file), org.ca]
    ended = subprocess.run(
        [sys.executable, "-c", program, step, str(state), str(data), *connection], cwd=ROOT, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    stored = BulkJob(**json.loads(state.read_text()))
    job = wait(gateway, gateway.bulk.ingest_resume(stored, data))
    assert (job.phase, job.processed, job.failed) == ("done", 20, 0)
    assert (job.id == stored.id) is (step == "closed")
    assert len(org.query("SELECT Id FROM Account")) == 20


def test_aborting_twice_is_aborting_once(org: OrgProcess, gateway: Gateway) -> None:
    job = gateway.bulk.ingest_open("Account", "insert")
    assert gateway.bulk.abort(job).phase == "aborted"
    assert gateway.bulk.abort(job).phase == "aborted"
    with pytest.raises(SalesforceError):
        gateway.bulk.ingest_upload(job, b"Name\nAcme\n")


def test_a_query_is_read_in_parts_that_can_be_read_again(
    org: OrgProcess, gateway: Gateway, tmp_path: Path
) -> None:
    org.insert_many("Account", [{"Name": f"Account {n:04}", "Phone": "NA"} for n in range(250)])
    job = wait(gateway, gateway.bulk.query_create("SELECT Id, Name, Phone, Fax FROM Account ORDER BY Name"))
    assert job.phase == "done"
    names: list[str] = []
    locator: str | None = None
    parts = 0
    while True:
        page = gateway.bulk.query_results(job, tmp_path / "part.csv", locator=locator, max_records=100)
        again = gateway.bulk.query_results(job, tmp_path / "again.csv", locator=locator, max_records=100)
        assert again.path.read_bytes() == page.path.read_bytes()
        rows = list(read_rows(page.path))
        assert len(rows) == page.records
        assert all(row["Phone"] == "NA" and row["Fax"] == "" for row in rows)
        names += [row["Name"] for row in rows]
        parts += 1
        locator = page.next_locator
        if locator is None:
            break
    assert parts == 3
    assert names == [f"Account {n:04}" for n in range(250)]


def test_results_that_were_cut_short_are_fetched_again_and_never_half(
    org: OrgProcess, gateway: Gateway, tmp_path: Path
) -> None:
    org.insert_many("Account", [{"Name": f"Account {n:04}"} for n in range(3000)])
    job = wait(gateway, gateway.bulk.query_create("SELECT Id, Name FROM Account"))
    fault = org.fault("truncated", path="/results", times=2)
    page = gateway.bulk.query_results(job, tmp_path / "part.csv")
    assert page.records == len(list(read_rows(page.path))) == 3000
    assert [seen["fired"] for seen in org.faults() if seen["id"] == fault] == [2]


def test_a_job_that_failed_or_hangs_says_so(org: OrgProcess, gateway: Gateway) -> None:
    org.fault("bulk_failed", message="InternalServerError : An internal error occurred.")
    data = csv_bytes(["Name"], [{"Name": "Acme"}])
    failed = wait(gateway, gateway.bulk.ingest_create("Account", "insert", data))
    assert (failed.phase, failed.error) == ("failed", "InternalServerError : An internal error occurred.")
    org.fault("bulk_stuck")
    stuck = gateway.bulk.ingest_create("Account", "insert", data)
    time.sleep(0.2)
    assert gateway.bulk.ingest_poll(stuck).phase == "running"
    assert gateway.bulk.abort(stuck).phase == "aborted"


def test_a_session_that_ends_in_the_middle_of_a_job_is_renewed(
    org: OrgProcess, gateway: Gateway, tmp_path: Path
) -> None:
    job = gateway.bulk.ingest_open("Account", "insert")
    org.expire_sessions()
    job = gateway.bulk.ingest_upload(job, csv_bytes(["Name"], [{"Name": str(uuid4())}]))
    org.expire_sessions()
    job = wait(gateway, job)
    org.expire_sessions()
    assert [row.result.success for row in gateway.bulk.ingest_results(job, tmp_path)] == [True]
