"""Every fault that a test may ask for, seen from the client's side of the wire."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.fixtures.org import OrgError, OrgProcess
from tests.fixtures.rest import Rest

ACCOUNTS = "query?q=SELECT+Id,Name+FROM+Account+ORDER+BY+Name"
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def names(org: OrgProcess) -> list[str]:
    return [r["Name"] for r in org.query("SELECT Name FROM Account ORDER BY Name")]


def create(api: Rest, *names_: str, **more: Any) -> requests.Response:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in names_]
    return api.call("POST", "composite/sobjects", json={"allOrNone": False, "records": records} | more)


def test_a_connection_dropped_before_the_commit_leaves_nothing_behind(org: OrgProcess, api: Rest) -> None:
    org.fault("drop_before_commit", method="POST")
    with pytest.raises(requests.ConnectionError):
        create(api, "Acme")
    assert names(org) == []
    assert create(api, "Acme").status_code == 200
    assert names(org) == ["Acme"]


@pytest.mark.parametrize("kind", ["drop_after_commit", "truncated"])
def test_an_answer_lost_after_the_commit_leaves_the_record(org: OrgProcess, api: Rest, kind: str) -> None:
    org.fault(kind, method="POST")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        create(api, "Acme")
    assert names(org) == ["Acme"]


def test_a_gateway_page_after_the_commit_hides_a_success(org: OrgProcess, api: Rest) -> None:
    org.fault("html_after_commit")
    answer = create(api, "Acme")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    assert names(org) == ["Acme"]


def test_a_timeout_holds_the_line_and_then_drops_it(org: OrgProcess, api: Rest) -> None:
    org.fault("timeout", seconds=0.4)
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        api.get(ACCOUNTS)
    assert 0.4 <= time.monotonic() - began < 3
    assert api.get(ACCOUNTS)["totalSize"] == 0


def test_latency_is_added_to_every_call_but_not_to_the_control_plane(org: OrgProcess, api: Rest) -> None:
    org.fault("latency", seconds=0.2)
    for _ in range(2):
        began = time.monotonic()
        api.get(ACCOUNTS)
        assert time.monotonic() - began >= 0.2
    began = time.monotonic()
    org.now()
    assert time.monotonic() - began < 0.2


@pytest.mark.parametrize(("kind", "status"), [("html", 503), ("empty", 406), ("empty", 420)])
def test_odd_answers_come_once(org: OrgProcess, api: Rest, kind: str, status: int) -> None:
    org.fault(kind, status=status)
    answer = api.call("GET", ACCOUNTS)
    assert answer.status_code == status
    assert answer.text.startswith("<!DOCTYPE html>") if kind == "html" else answer.content == b""
    assert api.call("GET", ACCOUNTS).status_code == 200


def test_an_error_of_choice_is_answered_without_doing_the_work(org: OrgProcess, api: Rest) -> None:
    org.fault("error", method="POST", status=503, code="SERVER_UNAVAILABLE", message="Too busy.")
    answer = create(api, "Acme")
    assert answer.status_code == 503
    assert answer.json() == [{"message": "Too busy.", "errorCode": "SERVER_UNAVAILABLE"}]
    assert names(org) == []


def test_a_session_expires_once_after_some_calls_or_for_ever(org: OrgProcess, api: Rest) -> None:
    org.fault("unauthorized", nth=3)
    assert [api.call("GET", ACCOUNTS).status_code for _ in range(5)] == [200, 200, 401, 200, 200]
    org.fault("unauthorized", times=None)
    answers = [api.call("GET", ACCOUNTS) for _ in range(3)]
    assert [a.status_code for a in answers] == [401, 401, 401]
    assert answers[0].json() == EXPIRED


def test_the_older_bulk_api_reports_an_expired_session_as_400(org: OrgProcess, api: Rest) -> None:
    org.fault("unauthorized")
    answer = api.call(
        "POST",
        "/services/async/67.0/job",
        json={"operation": "insert", "object": "Account", "contentType": "JSON"},
    )
    assert answer.status_code == 400
    assert answer.json() == {"exceptionCode": "InvalidSessionId", "exceptionMessage": "Invalid session id"}


def test_a_session_fault_spares_the_token_endpoint(org: OrgProcess, api: Rest) -> None:
    org.fault("unauthorized", times=None)
    answer = api.call("POST", "/services/oauth2/token", data={"grant_type": "magic"})
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_used_up_quota_refuses_until_it_is_lifted(org: OrgProcess, api: Rest) -> None:
    fault = org.fault("quota")
    answer = api.call("GET", ACCOUNTS)
    assert answer.status_code == 403
    assert answer.json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    org.control("DELETE", f"faults/{fault}")
    assert api.call("GET", ACCOUNTS).status_code == 200
    org.fault("quota", limit="ConcurrentPerOrgLongTxn", times=1)
    assert api.get(ACCOUNTS)[0]["message"] == "ConcurrentPerOrgLongTxn Limit exceeded."


def test_a_quota_closes_at_a_share_of_the_limit_that_another_integration_uses_up(
    org: OrgProcess, api: Rest
) -> None:
    org.admin("settings", daily_api_requests=1000)
    org.fault("quota_at", percent=50)
    org.fault("limit_info_jump", calls=200)
    seen = [api.call("GET", ACCOUNTS) for _ in range(4)]
    assert [a.status_code for a in seen] == [200, 200, 200, 403]
    used = [int(a.headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0]) for a in seen[:3]]
    assert used[1] - used[0] >= 200
    assert used[2] - used[1] >= 200


def test_an_address_that_is_not_allowed_neither_signs_in_nor_works(org: OrgProcess, api: Rest) -> None:
    org.fault("ip_restricted")
    token = api.call("POST", "/services/oauth2/token", data={"grant_type": "client_credentials"})
    assert token.json() == {"error": "invalid_grant", "error_description": "ip restricted"}
    assert api.call("GET", ACCOUNTS).json() == EXPIRED


def test_row_locks_hit_their_share_of_the_rows_the_same_way_each_time(org: OrgProcess, api: Rest) -> None:
    def outcome() -> list[bool]:
        org.clear_faults()
        org.fault("lock_row", object="Account", probability=0.3, seed=7)
        return [item["success"] for item in create(api, *(f"A{n}" for n in range(100))).json()]

    first = outcome()
    assert first == outcome()
    assert 15 <= first.count(False) <= 45
    assert len(names(org)) == 2 * first.count(True)


def test_a_locked_row_says_so_until_the_clock_has_passed(org: OrgProcess, api: Rest) -> None:
    org.fault("lock_row", object="Account", until=org.now() + 60)
    item = create(api, "Acme").json()[0]
    assert item["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert item["errors"][0]["message"].startswith("unable to obtain exclusive access to this record")
    org.advance(61)
    assert create(api, "Acme").json()[0]["success"]


def test_some_rows_of_a_collection_fail_and_the_others_do_not(org: OrgProcess, api: Rest) -> None:
    org.fault("row_error", object="Account", nth=2, times=1, code="CANNOT_EXECUTE_FLOW_TRIGGER", message="no")
    answer = create(api, "A", "B", "C").json()
    assert [item["success"] for item in answer] == [True, False, True]
    assert answer[1]["errors"][0]["statusCode"] == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert names(org) == ["A", "C"]


def test_a_fault_on_one_object_leaves_others_alone(org: OrgProcess, api: Rest) -> None:
    org.fault("lock_row", object="Contact")
    org.fault("error", object="Contact", times=None)
    assert create(api, "Acme").json()[0]["success"]
    assert api.call("GET", ACCOUNTS).status_code == 200
    assert api.call("GET", "query?q=SELECT+Id+FROM+Contact").status_code == 500


def test_a_wide_query_times_out_and_a_narrow_one_does_not(org: OrgProcess, api: Rest) -> None:
    org.freeze("2026-03-10T00:00:00+00:00")
    org.fault("query_timeout", days=2)
    window = "query?q=SELECT+Id+FROM+Account+WHERE+SystemModstamp>={}T00:00:00Z"
    assert api.get(window.format("2026-03-01"))[0]["errorCode"] == "QUERY_TIMEOUT"
    assert api.get(ACCOUNTS)[0]["errorCode"] == "QUERY_TIMEOUT"
    assert api.get(window.format("2026-03-09"))["totalSize"] == 0


def test_pages_may_be_shorter_than_asked_and_locators_may_expire(org: OrgProcess, api: Rest) -> None:
    org.insert_many("Account", [{"Name": f"A{n:03}"} for n in range(250)])
    org.fault("short_page", rows=100, object="Account")
    first = api.get(ACCOUNTS)
    assert (len(first["records"]), first["totalSize"], first["done"]) == (100, 250, False)
    org.fault("locator_expired")
    assert api.get(first["nextRecordsUrl"])[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    second = api.get(first["nextRecordsUrl"])
    third = api.get(second["nextRecordsUrl"])
    seen = [r["Name"] for page in (first, second, third) for r in page["records"]]
    assert seen == [f"A{n:03}" for n in range(250)]
    assert third["done"]


def test_a_long_transaction_is_stamped_now_and_seen_later(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.freeze("2026-03-10T12:00:00+00:00")
    org.act("update", object="Account", id=record_id, fields={"Name": "Acme Inc."}, commit_after=90)
    org.advance(60)
    org.insert("Account", Name="Bolt")
    assert names(org) == ["Acme", "Bolt"]
    org.advance(31)
    rows = {r["Name"]: r["SystemModstamp"] for r in org.query("SELECT Name, SystemModstamp FROM Account")}
    assert rows == {
        "Acme Inc.": "2026-03-10T12:00:00.000+0000",
        "Bolt": "2026-03-10T12:01:00.000+0000",
    }


def test_a_long_transaction_may_be_the_clients_own(org: OrgProcess, api: Rest) -> None:
    org.fault("long_txn", object="Account", seconds=30)
    assert create(api, "Acme").json()[0]["success"]
    assert names(org) == []
    org.advance(31)
    assert names(org) == ["Acme"]


def test_a_skewed_clock_moves_dates_and_stamps_and_comes_back(org: OrgProcess, api: Rest) -> None:
    fault = org.fault("clock_skew", seconds=-600)
    assert -602 <= org.now() - time.time() <= -598
    org.control("DELETE", f"faults/{fault}")
    assert abs(org.now() - time.time()) < 2


def test_somebody_edits_between_our_read_and_our_write(org: OrgProcess, api: Rest) -> None:
    record_id = org.insert("Account", Name="Acme", Phone="1")
    org.fault(
        "interleave",
        method="PATCH",
        do=[{"action": "update", "object": "Account", "id": record_id, "fields": {"Phone": "2"}}],
    )
    assert api.get(ACCOUNTS)["totalSize"] == 1
    body = {"records": [{"attributes": {"type": "Account"}, "id": record_id, "Name": "Acme Inc."}]}
    assert api.patch("composite/sobjects", body)[0]["success"]
    found = org.get("Account", record_id, "Name", "Phone", "LastModifiedById")
    assert (found["Name"], found["Phone"]) == ("Acme Inc.", "2")


def test_somebody_merges_away_the_record_that_we_are_about_to_write(org: OrgProcess, api: Rest) -> None:
    winner, loser = org.insert("Account", Name="Acme"), org.insert("Account", Name="Acme Inc.")
    org.fault(
        "interleave",
        method="PATCH",
        nth=2,
        do=[{"action": "merge", "object": "Account", "winner": winner, "losers": [loser]}],
    )
    body = {"records": [{"attributes": {"type": "Account"}, "id": loser, "Phone": "3"}]}
    assert api.patch("composite/sobjects", body)[0]["success"]
    assert api.patch("composite/sobjects", body)[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_a_field_is_hidden_between_two_reads(org: OrgProcess, api: Rest) -> None:
    org.fault(
        "interleave",
        method="GET",
        nth=2,
        do=[{"action": "revoke_field", "object": "Account", "field": "Name"}],
    )
    assert api.get(ACCOUNTS)["totalSize"] == 0
    assert api.get(ACCOUNTS)[0]["errorCode"] == "INVALID_FIELD"


def test_the_session_itself_may_end_after_some_calls(org: OrgProcess, api: Rest) -> None:
    org.fault("interleave", nth=3, do=[{"action": "expire_sessions"}])
    assert [api.call("GET", ACCOUNTS).status_code for _ in range(4)] == [200, 200, 401, 401]
    api.session.headers["Authorization"] = f"Bearer {org.token()}"
    assert api.call("GET", ACCOUNTS).status_code == 200


def test_time_may_pass_between_two_calls(org: OrgProcess, api: Rest) -> None:
    org.freeze("2026-03-10T12:00:00+00:00")
    org.fault("interleave", nth=2, do=[{"action": "advance", "seconds": 60}])
    api.session.headers["Authorization"] = f"Bearer {org.token()}"
    seen = [api.call("GET", ACCOUNTS).headers["Date"][-12:-4] for _ in range(2)]
    assert seen == ["12:00:00", "12:01:00"]


def test_an_interleaved_action_that_the_org_refuses_is_not_swallowed(org: OrgProcess, api: Rest) -> None:
    lost = {"action": "delete", "object": "Account", "id": "001000000000001AAA"}
    org.fault("interleave", do=[lost])
    answer = api.call("GET", ACCOUNTS)
    assert answer.status_code == 500
    assert "cannot do 'delete'" in answer.json()[0]["message"]


def test_bulk_jobs_fail_stick_and_leave_rows_unprocessed(org: OrgProcess, api: Rest) -> None:
    org.fault("bulk_failed", message="InternalServerError : boom")
    job = api.ingest("insert", "Account", b"Name\nA\nB\n")
    assert (job["state"], job["errorMessage"]) == ("Failed", "InternalServerError : boom")
    org.fault("bulk_unprocessed", rows=1)
    job = api.ingest("insert", "Account", b"Name\nA\nB\n")
    assert api.call("GET", f"jobs/ingest/{job['id']}/unprocessedrecords").text.splitlines() == [
        '"Name"',
        '"B"',
    ]
    assert names(org) == ["A"]
    org.fault("bulk_stuck", seconds=3600)
    job = api.start_ingest("insert", "Account", b"Name\nC\n")
    time.sleep(0.3)
    assert api.get(f"jobs/ingest/{job['id']}")["state"] == "InProgress"
    org.advance(3601)
    assert api.ended("ingest", job["id"])["state"] == "JobComplete"
    assert names(org) == ["A", "C"]


def test_a_purged_delete_log_no_longer_tells_what_went(org: OrgProcess, api: Rest) -> None:
    org.freeze("2026-03-10T12:00:30+00:00")
    record_id = org.insert("Account", Name="Acme")
    org.delete("Account", record_id)
    org.advance(120)
    window = "sobjects/Account/deleted?start=2026-03-10T12:00:00Z&end=2026-03-10T12:02:00Z"
    assert [r["id"] for r in api.get(window)["deletedRecords"]] == [record_id]
    org.advance(600)
    org.fault("delete_log_purge")
    refused = api.call("GET", window)
    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    later = api.get("sobjects/Account/deleted?start=2026-03-10T12:12:00Z&end=2026-03-10T12:13:00Z")
    assert later["deletedRecords"] == []
    assert later["earliestDateAvailable"] == "2026-03-10T12:12:00.000+0000"
    assert org.query("SELECT Id FROM Account", all_rows=True) == []


def test_the_control_plane_suffers_none_of_it(org: OrgProcess) -> None:
    for kind in ("drop_before_commit", "lock_row", "quota", "query_timeout"):
        org.fault(kind, times=None)
    record_id = org.insert("Account", Name="Acme")
    org.update("Account", record_id, Name="Bolt")
    assert names(org) == ["Bolt"]
    assert org.calls() == {"total": 0}


def test_a_fault_counts_its_matches_and_its_actions(org: OrgProcess, api: Rest) -> None:
    fault = org.fault("html", nth=2, times=2)
    for _ in range(5):
        api.call("GET", ACCOUNTS)
    shown = next(f for f in org.faults() if f["id"] == fault)
    assert (shown["matched"], shown["fired"]) == (3, 2)
    org.clear_faults()
    assert org.faults() == []


@pytest.mark.parametrize(
    ("specification", "sentence"),
    [
        ({"kind": "gremlin"}, "kind 'gremlin' is none of: latency"),
        ({"kind": "latency", "minutes": 3}, "latency has no 'minutes'; it takes:"),
        ({"kind": "latency", "path": "("}, "path is no regular expression"),
        ({"kind": "latency", "nth": "soon"}, "nth is no number"),
        ({"kind": "lock_row", "until": "later"}, "until is no moment"),
        ({"kind": "interleave", "do": ["edit"]}, "do is no list of actions"),
    ],
)
def test_a_wrong_fault_is_refused_with_a_sentence(
    org: OrgProcess, specification: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(OrgError) as refusal:
        org.fault(**specification)
    assert sentence in str(refusal.value)
    assert org.faults() == []
