"""One call to an org over a bad network: what is repeated, what never is, and what it costs."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.kernel.errors import Misconfigured
from app.salesforce import (
    AuthError,
    Budget,
    BulkJob,
    CollectionBatch,
    ConditionalChange,
    Connection,
    ErrorKind,
    Gateway,
    Limits,
    QueryTimeout,
    QuotaExceeded,
    SalesforceUnavailable,
)
from tests.fixtures.scripted_org import Call, Reply, ScriptedOrg, rsa_key

FAST = Limits(connect=2, read=2, total=10, attempts=4, pause=0.01, longest_pause=0.02)


def _refused(code: str, message: str) -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


EXPIRED = Reply(401, _refused("INVALID_SESSION_ID", "Session expired or invalid"))
HTML = Reply(503, b"<html>We are down for maintenance</html>", {"Content-Type": "text/html"})
NO_ROWS = Reply(200, {"totalSize": 0, "done": True, "records": []})
WRITTEN = Reply(200, [{"id": "001000000000001AAA", "success": True, "errors": []}])


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    rsa_key(path)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedOrg]:
    org = ScriptedOrg(tmp_path)
    yield org
    org.close()


Open = Callable[..., Gateway]


@pytest.fixture
def connect(server: ScriptedOrg, key_file: Path) -> Iterator[Open]:
    opened: list[Gateway] = []

    def start(**options: object) -> Gateway:
        connection = Connection(server.url, "app", "sync@example.com", str(key_file), str(server.ca))
        gateway = Gateway(connection, **({"limits": FAST} | options))  # type: ignore[arg-type]
        opened.append(gateway)
        return gateway

    yield start
    for gateway in opened:
        gateway.close()


def test_an_expired_session_is_renewed_once_and_no_header_is_lost(server: ScriptedOrg, connect: Open) -> None:
    server.then(EXPIRED, WRITTEN)
    connect(allow_duplicates=True).collections("insert", "Account", [{"Name": "Acme"}])
    assert [call.headers["Authorization"] for call in server.calls] == ["Bearer token-1", "Bearer token-2"]
    for call in server.calls:
        assert call.headers["Sforce-Call-Options"] == "client=tandem-sync"
        assert call.headers["Sforce-Auto-Assign"] == "FALSE"
        assert call.headers["Sforce-Duplicate-Rule-Header"] == "allowSave=true"
    assert server.calls[0].body == server.calls[1].body


def test_a_session_refused_for_ever_ends_after_two_calls(server: ScriptedOrg, connect: Open) -> None:
    server.default = EXPIRED
    with pytest.raises(AuthError):
        connect().query("SELECT Id FROM Account")
    assert len(server.calls) == 2
    assert len(server.logins) == 2


def test_an_error_page_is_asked_again_four_times_and_no_more(server: ScriptedOrg, connect: Open) -> None:
    server.default = HTML
    with pytest.raises(SalesforceUnavailable) as caught:
        connect().query("SELECT Id FROM Account")
    assert len(server.calls) == 4
    assert caught.value.kind is ErrorKind.TRANSIENT
    assert caught.value.http_status == 503


@pytest.mark.parametrize(
    "fault",
    [
        HTML,
        Reply(406),
        Reply(420),
        Reply(200, b'{"totalSize": 0, "done": true, "rec'),
        Reply(200, b"<html>proxy</html>"),
        Reply(200, {"totalSize": 0, "done": True, "records": []}, cut=20),
        Reply(drop=True),
        Reply(500, _refused("UNKNOWN_EXCEPTION", "An unexpected error occurred")),
        Reply(
            403,
            [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn Limit exceeded."}],
        ),
        Reply(400, _refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")),
    ],
    ids=["html", "406", "420", "half-json", "page", "cut", "drop", "500", "concurrency", "lock"],
)
def test_a_read_survives_one_fault(server: ScriptedOrg, connect: Open, fault: Reply) -> None:
    server.then(fault, NO_ROWS)
    page = connect().query("SELECT Id FROM Account")
    assert page.records == []
    assert len(server.calls) == 2


@pytest.mark.parametrize("fault", [Reply(drop=True), HTML, Reply(200, b"[{")], ids=["drop", "html", "half"])
def test_an_insert_whose_answer_was_lost_is_never_sent_again(
    server: ScriptedOrg, connect: Open, fault: Reply
) -> None:
    server.then(fault)
    with pytest.raises(SalesforceUnavailable) as caught:
        connect().collections("insert", "Account", [{"Name": "Acme"}])
    assert len(server.calls) == 1
    assert caught.value.refused is False


def test_an_upsert_whose_answer_was_lost_is_sent_again_as_the_same_upsert(
    server: ScriptedOrg, connect: Open
) -> None:
    server.then(Reply(500, _refused("UNKNOWN_EXCEPTION", "oops")), Reply(drop=True), WRITTEN)
    row = {"Tandem_Id__c": "a", "Name": "Acme"}
    results = connect().collections("upsert", "Account", [row], external_id="Tandem_Id__c")
    assert [result.success for result in results] == [True]
    assert [call.method for call in server.calls] == ["PATCH"] * 3
    assert {call.path for call in server.calls} == {
        "/services/data/v67.0/composite/sobjects/Account/Tandem_Id__c"
    }


def test_a_composite_with_an_insert_in_it_is_not_repeated(server: ScriptedOrg, connect: Open) -> None:
    server.default = Reply(drop=True)
    batches = [
        CollectionBatch("update", "Account", [{"Id": "001000000000001AAA", "Name": "A"}]),
        CollectionBatch("insert", "Contact", [{"LastName": "B"}]),
    ]
    with pytest.raises(SalesforceUnavailable):
        connect().collections_composite(batches)
    assert len(server.calls) == 1


def test_a_conditional_update_is_not_repeated_for_it_would_meet_its_own_change(
    server: ScriptedOrg, connect: Open
) -> None:
    server.default = Reply(drop=True)
    change = ConditionalChange(
        "Account", "001000000000001AAA", {"Name": "A"}, datetime(2026, 11, 21, tzinfo=UTC)
    )
    with pytest.raises(SalesforceUnavailable):
        connect().update_if_unmodified([change])
    (call,) = server.calls
    (part,) = call.json["compositeRequest"]
    assert part["httpHeaders"]["If-Unmodified-Since"] == "Sat, 21 Nov 2026 00:00:00 GMT"
    assert part["httpHeaders"]["Sforce-Auto-Assign"] == "FALSE"


def test_a_write_that_never_left_is_sent_when_the_org_is_back(key_file: Path, tmp_path: Path) -> None:
    org = ScriptedOrg(tmp_path)
    org.default = WRITTEN
    connection = Connection(org.url, "app", "sync@example.com", str(key_file), str(org.ca))
    pauses: list[float] = []
    gateway = Gateway(connection, limits=FAST)
    gateway.tokens.token()
    org.close()
    gateway._transport._sleep = pauses.append
    with gateway, pytest.raises(SalesforceUnavailable) as caught:
        gateway.collections("insert", "Account", [{"Name": "Acme"}])
    assert caught.value.refused is True
    assert len(pauses) == 3
    assert all(0 <= pause <= FAST.longest_pause for pause in pauses)


def test_used_up_calls_are_not_asked_for_again(server: ScriptedOrg, connect: Open) -> None:
    server.default = Reply(
        403,
        [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
        {"Sforce-Limit-Info": "api-usage=15000/15000"},
    )
    gateway = connect()
    for _ in range(3):
        with pytest.raises(QuotaExceeded) as caught:
            gateway.query("SELECT Id FROM Account")
        assert caught.value.retry_at is not None
    assert len(server.calls) == 1


def test_a_used_up_bulk_limit_leaves_the_other_calls_alone(server: ScriptedOrg, connect: Open) -> None:
    gateway = connect()
    server.then(Reply(400, _refused("EXCEEDEDQUOTA", "ApiBatchItems Limit exceeded.")), NO_ROWS)
    with pytest.raises(QuotaExceeded):
        gateway.bulk.query_create("SELECT Id FROM Account")
    assert gateway.query("SELECT Id FROM Account").done is True


def test_a_sign_in_that_gets_no_answer_is_tried_again(server: ScriptedOrg, connect: Open) -> None:
    answers = [Reply(503, b"<html>down</html>"), Reply(drop=True)]
    server.login = lambda form: answers.pop() if answers else server.issue(form)
    server.then(NO_ROWS)
    assert connect().query("SELECT Id FROM Account").done is True
    assert (len(server.logins), len(server.calls)) == (3, 1)


def test_each_thread_sees_the_clock_of_its_own_last_answer(server: ScriptedOrg, connect: Open) -> None:
    gateway = connect()
    server.then(Reply(200, NO_ROWS.body, {"Date": "Tue, 05 Jan 2027 10:00:00 GMT"}))
    gateway.query("SELECT Id FROM Account")
    server.then(Reply(200, NO_ROWS.body, {"Date": "Tue, 05 Jan 2027 11:00:00 GMT"}))
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: gateway.server_time).result() == datetime(2027, 1, 5, 10, tzinfo=UTC)
        pool.submit(gateway.query, "SELECT Id FROM Contact").result()
        assert pool.submit(lambda: gateway.server_time).result() == datetime(2027, 1, 5, 11, tzinfo=UTC)
    assert gateway.server_time == datetime(2027, 1, 5, 10, tzinfo=UTC)


def test_threads_share_the_gateway_without_mixing_answers(server: ScriptedOrg, connect: Open) -> None:
    gateway = connect()

    def echo(call: Call) -> Reply:
        wanted = call.path.rpartition("%27")[0].rpartition("%27")[2]
        return Reply(200, {"totalSize": 1, "done": True, "records": [{"Name": wanted}]})

    server.answer = echo

    def ask(number: int) -> bool:
        page = gateway.query(f"SELECT Name FROM Account WHERE Name = '{number}'")
        return page.records == [{"Name": str(number)}]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(80)))
    assert len(server.logins) == 1


def test_a_query_that_ran_out_of_time_is_left_to_the_caller_to_split(
    server: ScriptedOrg, connect: Open
) -> None:
    server.default = Reply(400, _refused("QUERY_TIMEOUT", "Your query request was running for too long."))
    with pytest.raises(QueryTimeout):
        connect().query("SELECT Id FROM Account")
    assert len(server.calls) == 1


def test_a_silent_org_is_given_up_after_the_read_timeout(server: ScriptedOrg, connect: Open) -> None:
    server.default = Reply(delay=5)
    gateway = connect(limits=Limits(connect=1, read=0.2, total=5, attempts=2, pause=0.01, longest_pause=0.01))
    started = time.monotonic()
    with pytest.raises(SalesforceUnavailable, match="did not answer in time"):
        gateway.query("SELECT Id FROM Account")
    assert time.monotonic() - started < 2
    assert len(server.calls) == 2


def test_an_answer_that_trickles_in_ends_at_the_total_limit(server: ScriptedOrg, connect: Open) -> None:
    server.default = Reply(200, b" " * 2_000_000 + b"{}", trickle=0.05)
    gateway = connect(limits=Limits(connect=1, read=1, total=0.5, attempts=4, pause=0.01, longest_pause=0.01))
    started = time.monotonic()
    with pytest.raises(SalesforceUnavailable):
        gateway.query("SELECT Id FROM Account")
    assert time.monotonic() - started < 3


def test_amounts_keep_every_digit_both_ways(server: ScriptedOrg, connect: Open) -> None:
    amount = Decimal("12345678901234.5678")
    body = b'{"totalSize":1,"done":true,"records":[{"Amount":12345678901234.5678,"Rate":0.10}]}'
    server.then(Reply(200, body), WRITTEN)
    gateway = connect()
    row = gateway.query("SELECT Amount, Rate FROM Opportunity").records[0]
    assert row["Amount"] == amount
    assert str(row["Rate"]) == "0.10"
    gateway.collections("update", "Opportunity", [{"Id": "006000000000001AAA", "Amount": amount}])
    assert b'"Amount":12345678901234.5678' in server.calls[1].body


def test_the_orgs_clock_comes_from_its_answers(server: ScriptedOrg, connect: Open) -> None:
    gateway = connect()
    assert gateway.server_time is None
    server.then(Reply(200, NO_ROWS.body, {"Date": "Tue, 05 Jan 2027 10:00:00 GMT"}))
    gateway.query("SELECT Id FROM Account")
    assert gateway.server_time == datetime(2027, 1, 5, 10, tzinfo=UTC)


def test_compressed_answers_are_asked_for_and_read_and_a_cut_one_is_asked_for_again(
    server: ScriptedOrg, connect: Open
) -> None:
    rows = [{"Name": f"Account {n}"} for n in range(5000)]
    body = gzip.compress(json.dumps({"totalSize": 5000, "done": True, "records": rows}).encode())
    packed = {"Content-Encoding": "gzip"}
    server.then(Reply(200, body[: len(body) // 2], packed), Reply(200, body, packed))
    assert connect().query("SELECT Name FROM Account").records == rows
    assert len(server.calls) == 2
    assert "gzip" in server.calls[0].headers["Accept-Encoding"]


def test_a_compressed_file_that_was_cut_is_never_taken_for_the_whole(
    server: ScriptedOrg, connect: Open, tmp_path: Path
) -> None:
    lines = "Name\n" + "".join(f"Account {n}\n" for n in range(5000))
    body = gzip.compress(lines.encode())
    packed = {"Content-Encoding": "gzip", "Sforce-NumberOfRecords": "5000", "Sforce-Locator": "null"}
    server.then(Reply(200, body[: len(body) // 2], packed), Reply(200, body, packed))
    job = BulkJob("750000000000001AAA", "done", "query", "Account")
    page = connect().bulk.query_results(job, tmp_path / "part.csv")
    assert page.path.read_text() == lines
    assert (page.records, page.next_locator) == (5000, None)


def test_the_token_never_goes_to_another_host(server: ScriptedOrg, connect: Open) -> None:
    gateway = connect()
    for url in ("https://evil.example/services/data", "//evil.example/x", "/elsewhere"):
        with pytest.raises(ValueError, match="not an address inside the org"):
            gateway.query_more(url)
    server.then(Reply(302, b"", {"Location": "https://evil.example/"}))
    with pytest.raises(AuthError, match="another address"):
        gateway.query("SELECT Id FROM Account")
    assert len(server.calls) == 1


def test_proxies_and_authorities_of_the_environment_change_nothing(
    server: ScriptedOrg, connect: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    server.then(NO_ROWS)
    assert connect().query("SELECT Id FROM Account").done is True


def test_an_address_without_encryption_is_refused() -> None:
    with pytest.raises(Misconfigured, match="not an https:// address"):
        Connection("http://acme.my.salesforce.com", "app")


def test_every_attempt_counts_against_the_budget(server: ScriptedOrg, connect: Open) -> None:
    budget = Budget()
    server.then(HTML, EXPIRED, NO_ROWS)
    connect(budget=budget).query("SELECT Id FROM Account")
    assert budget.usage().by_kind == {"query": 3}


def test_long_queries_travel_in_the_body(server: ScriptedOrg, connect: Open) -> None:
    reply = {"body": NO_ROWS.body, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "query0"}
    server.then(Reply(200, {"compositeResponse": [reply]}))
    ids = ",".join(f"'{n:018}'" for n in range(600))
    assert connect().query(f"SELECT Id FROM Account WHERE Id IN ({ids})").done is True
    (call,) = server.calls
    assert call.path == "/services/data/v67.0/composite"
