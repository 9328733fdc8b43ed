"""What every answer keeps to: problems, headers, pages, repeated calls, the description of the API."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from click.testing import CliRunner
from flask import abort

from app.cli import tandem
from app.factory import configure_logging
from app.kernel.errors import Unavailable
from app.services import ServiceUrls
from app.web import shield
from app.web.operation import public
from tests.fixtures.web import DEAL, Caller, Company


@pytest.fixture
def anna(company: Company) -> Caller:
    return company.partner_user(company.partner("Rhein Automation"))


# -- problems ------------------------------------------------------------------------------------------


def test_a_problem_says_what_happened_and_what_to_do(anna: Caller) -> None:
    answer = anna.get(f"/api/deals/{uuid4()}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem.pop("request_id") == answer.headers["X-Request-Id"]
    assert problem == {
        "type": "urn:tandem:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such registration. Look for it in the list.",
        "code": "not_found",
    }


@pytest.mark.usefixtures("own_application")
def test_an_unexpected_error_has_a_number_and_no_internals(company: Company) -> None:
    @public
    def explode() -> str:
        raise RuntimeError("the password is hunter2")

    company.app.add_url_rule("/explode", "explode", explode)
    with structlog.testing.capture_logs() as lines:
        answer = company.nobody.get("/explode")
    assert answer.status_code == 500
    problem = answer.get_json()
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    [line] = [one for one in lines if one["event"] == "unexpected"]
    assert line["incident"] == problem["incident"]


@pytest.mark.usefixtures("own_application")
def test_what_is_away_may_be_asked_again(company: Company) -> None:
    @public
    def away() -> str:
        raise Unavailable("Salesforce does not answer.", remedy="Nothing was lost.")

    company.app.add_url_rule("/away", "away", away)
    answer = company.nobody.get("/away")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["detail"] == "Salesforce does not answer. Nothing was lost."


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/healthz", 405), ("GET", "/api/deals/not-an-id", 404)],
)
def test_flasks_own_errors_are_problems_too(company: Company, method: str, path: str, status: int) -> None:
    answer = company.nobody.call(method, path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status


@pytest.mark.usefixtures("own_application")
def test_a_teapot_is_a_problem(company: Company) -> None:
    company.app.add_url_rule("/tea", "tea", public(lambda: abort(418)))
    assert company.nobody.get("/tea").get_json()["status"] == 418


@pytest.mark.parametrize(
    ("body", "mimetype", "status"),
    [
        (b"{not json", "application/json", 400),
        (b"[1, 2]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"customer_name=x", "application/x-www-form-urlencoded", 415),
        (b"", "application/x-www-form-urlencoded", 415),
        (b"<deal/>", "text/xml", 415),
        (b'{"description": "' + b"x" * shield.LARGEST_BODY + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    anna: Caller, body: bytes, mimetype: str, status: int
) -> None:
    answer = anna.call("POST", "/api/deals", data=body, content_type=mimetype)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert anna.get("/api/deals").get_json()["total"] == 0


# -- headers and log -----------------------------------------------------------------------------------


def test_every_answer_has_the_headers_that_keep_a_browser_out(company: Company, anna: Caller) -> None:
    for caller, path in (
        (company.nobody, "/healthz"), (company.nobody, "/nowhere"), (anna, "/api/deals"), (anna, "/api/me"),
    ):  # fmt: skip
        headers = caller.get(path).headers
        assert {name: headers[name] for name in shield.HEADERS} == shield.HEADERS
        assert "Server" not in headers


def test_a_request_keeps_its_id_and_a_strange_id_is_replaced(company: Company) -> None:
    own = company.nobody.call("GET", "/healthz", headers={"X-Request-Id": "from-apex-0001"})
    assert own.headers["X-Request-Id"] == "from-apex-0001"
    strange = company.nobody.call("GET", "/healthz", headers={"X-Request-Id": "a b; rm"})
    assert strange.headers["X-Request-Id"] != "a b; rm"


@pytest.mark.usefixtures("own_application")
def test_a_line_break_forges_no_line_in_the_log_and_no_secret_is_in_it(
    company: Company, anna: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    before = structlog.get_config()
    configure_logging()
    try:

        @public
        def explode() -> str:
            secret = "canary-in-a-local-variable"
            raise RuntimeError(f"first\n{{}} forged {len(secret)}")

        company.app.add_url_rule("/explode", "explode", explode)
        company.nobody.get("/explode", q="x\r\n{}forged")
        anna.get("/api/me")
        anna.call("GET", "/api/deals", headers={"X-Request-Id": "evil\\n{}"})
        company.app.test_client().post(
            "/oauth/token",
            data={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a\r\nb.c.d"},
        )
    finally:
        structlog.configure(**before)
    lines = written.getvalue().splitlines()
    assert len(lines) >= 5
    assert all(json.loads(line)["level"] in ("info", "warning", "error") for line in lines)
    assert anna.token is not None
    assert anna.token not in written.getvalue()
    assert "canary-in-a-local-variable" not in written.getvalue()


# -- pages ---------------------------------------------------------------------------------------------


def test_pages_hold_every_row_once_although_rows_come_in_between(anna: Caller) -> None:
    numbers = [anna.register(submit=False)["number"] for _ in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = anna.get("/api/deals", limit=3, cursor=cursor).get_json()
        seen += [item["number"] for item in page["items"]]
        if not cursor:
            anna.register(submit=False)
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == numbers[::-1]
    assert page["total"] == 8


def test_a_page_says_how_many_there_are_in_each_state(anna: Caller) -> None:
    anna.register(submit=False)
    anna.register(product_family="Valves")
    page = anna.get("/api/deals", state="submitted").get_json()
    assert (page["total"], len(page["items"])) == (1, 1)
    assert {state: n for state, n in page["counts"].items() if n} == {"draft": 1, "submitted": 1}
    found = anna.get("/api/deals", q="valv").get_json()
    assert (found["total"], found["items"][0]["product_family"]) == (1, "Valves")
    assert anna.get("/api/deals", q="100%_").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "rubbish"}, "cursor"), ({"cursor": "WzEsMl0"}, "cursor"), ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"), ({"state": "open"}, "state"), ({"order": "amount"}, "order"),
    ],
)  # fmt: skip
def test_a_strange_query_is_refused_by_name(anna: Caller, query: dict[str, Any], field: str) -> None:
    answer = anna.get("/api/deals", **query)
    assert (answer.status_code, list(answer.get_json()["fields"])) == (400, [field])


# -- repeated calls ------------------------------------------------------------------------------------


def repeat(caller: Caller, key: str, **changes: Any) -> Any:
    return caller.call("POST", "/api/deals", json=DEAL | changes, headers={"Idempotency-Key": key})


def test_a_repeated_call_gets_the_first_answer_and_does_nothing(anna: Caller) -> None:
    first, second = repeat(anna, "k1"), repeat(anna, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert anna.get("/api/deals").get_json()["total"] == 1


def test_a_key_is_refused_with_another_body_and_free_for_another_person(
    company: Company, anna: Caller
) -> None:
    repeat(anna, "k1")
    other = repeat(anna, "k1", amount="1.00")
    assert (other.status_code, other.get_json()["code"]) == (409, "idempotency_key_reused")
    piet = company.partner_user(company.partner("Polderland"))
    assert repeat(piet, "k1").headers.get("Idempotency-Replayed") is None


def test_a_call_that_failed_may_be_tried_again_with_its_key(anna: Caller) -> None:
    bad = repeat(anna, "k1", submit=True, close_date="2020-01-01")
    assert bad.status_code == 400
    assert repeat(anna, "k1").status_code == 201


def test_ten_repeated_calls_at_once_do_one_thing(anna: Caller) -> None:
    callers = [Caller(anna.client.application.test_client(), anna.token) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda caller: repeat(caller, "k1"), callers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert anna.get("/api/deals").get_json()["total"] == 1


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_cannot_be_is_refused(anna: Caller, key: str) -> None:
    assert repeat(anna, key).get_json()["code"] == "bad_idempotency_key"


# -- what the API says of itself -----------------------------------------------------------------------


def test_the_description_names_every_route_with_its_security(company: Company) -> None:
    document = company.nobody.get("/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    routed = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in company.app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routed
    assert all(
        operation["security"] == [{"bearer": []}]
        for methods in document["paths"].values()
        for operation in methods.values()
    )
    fields = document["components"]["schemas"]["DealIn"]["properties"]
    assert {"customer_name", "amount", "close_date", "submit"} <= set(fields)


def test_it_is_alive_and_ready(company: Company) -> None:
    assert company.nobody.get("/healthz").get_json() == {"status": "alive"}
    assert company.nobody.get("/readyz").get_json() == {"status": "ready", "redis": "ready"}


def test_trust_and_rights_are_given_on_the_command_line(
    company: Company, database_urls: ServiceUrls, redis_url: str, tmp_path: Path
) -> None:
    environment = {"DATABASE_URL": database_urls.database, "REDIS_URL": redis_url}
    run = CliRunner(env=environment).invoke
    no_pem = tmp_path / "no.pem"
    no_pem.write_text("nothing")
    refused = run(tandem, ["trust", "--org", "00D000000000001EAA", "--certificate", str(no_pem)])
    assert refused.exit_code == 1
    assert "This is not a usable certificate" in str(refused.exception)
    assert company.sql("SELECT * FROM trusted_org") == []
    rep = company.rep(decides=False)
    [user] = company.sql("SELECT username FROM crm_user WHERE id = :id", id=rep.user_id)
    granted = run(tandem, ["rights", "grant", "requests.manage", user["username"]])
    assert (granted.exit_code, granted.output) == (0, f"{user['username']} has the right requests.manage.\n")
    assert rep.get("/api/me").get_json()["rights"] == ["requests.manage"]
    unknown = run(tandem, ["rights", "grant", "requests.manage", "nobody@company.example"])
    assert "there is no such user here" in str(unknown.exception)
