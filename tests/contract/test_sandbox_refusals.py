"""Whatever is sent, the org answers as Salesforce does: no crash, and refusals in the usual shape."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.sandbox.http import dispatch
from tests.fixtures.engine import Engine

V = "/services/data/v67.0"
JSON = {"content-type": "application/json"}

names = st.sampled_from(
    [
        "Id",
        "Name",
        "id",
        "attributes",
        "type",
        "records",
        "allOrNone",
        "fields",
        "ids",
        "compositeRequest",
        "method",
        "url",
        "referenceId",
        "body",
        "httpHeaders",
        "graphs",
        "graphId",
        "batchRequests",
        "richInput",
        "haltOnError",
        "requests",
        "actionType",
        "contextId",
        "comments",
        "inputs",
        "objectId",
        "object",
        "operation",
        "externalIdFieldName",
        "contentType",
        "lineEnding",
        "columnDelimiter",
        "query",
        "state",
        "Account",
        "AccountId",
        "Tandem_Id__c",
        "Contacts",
        "Owner",
        "OwnerId",
        "Amount",
        "CloseDate",
        "IsDeleted",
        "BillingStreet",
        "q",
    ]
)
texts = st.one_of(
    st.sampled_from(
        [
            "",
            "Account",
            "Nope",
            "insert",
            "POST",
            "GET",
            f"{V}/sobjects/Account",
            f"{V}/composite",
            "@{a.id}",
            "@{a",
            "001",
            "001000000000001AAA",
            "0001-01-01T00:00:00+23:59",
            "\x00",
            "é😀",
            "A" * 300,
            "NaN",
        ]
    ),
    st.text(max_size=8),
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), texts
)
values = st.recursive(
    leaves, lambda v: st.lists(v, max_size=3) | st.dictionaries(names, v, max_size=4), max_leaves=12
)
places = st.sampled_from(
    [
        ("POST", "/sobjects/Account"),
        ("PATCH", "/sobjects/Account/001000000000001AAA"),
        ("PATCH", "/sobjects/Account/Tandem_Id__c/x"),
        ("POST", "/composite"),
        ("POST", "/composite/batch"),
        ("POST", "/composite/sobjects"),
        ("PATCH", "/composite/sobjects"),
        ("PATCH", "/composite/sobjects/Account/Tandem_Id__c"),
        ("POST", "/composite/sobjects/Account"),
        ("POST", "/composite/tree/Account"),
        ("POST", "/composite/graph"),
        ("POST", "/jobs/ingest"),
        ("POST", "/jobs/query"),
        ("POST", "/process/approvals"),
        ("POST", "/process/rules"),
        ("POST", "/actions/standard/submit"),
    ]
)
relaxed = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def answer(engine: Engine, method: str, target: str, body: bytes = b"") -> tuple[int, Any]:
    response = dispatch(engine.org, method, target, JSON, body, ctx=engine.ctx())
    content = response.content()
    return response.status, orjson.loads(content) if content else None


def assert_salesforce_shaped(status: int, body: Any) -> None:
    assert status < 500, body
    if status >= 400 and status != 412:
        assert isinstance(body, list), body
        for entry in body:
            assert {"errorCode", "message"} <= entry.keys() or "errors" in entry, body


@relaxed
@given(place=places, body=values)
def test_any_json_is_answered_in_salesforces_own_way(
    engine: Engine, place: tuple[str, str], body: Any
) -> None:
    method, path = place
    assert_salesforce_shaped(*answer(engine, method, V + path, orjson.dumps(body)))


@relaxed
@given(place=places, parts=st.dictionaries(names, values, max_size=5))
def test_any_object_is_answered_in_salesforces_own_way(
    engine: Engine, place: tuple[str, str], parts: dict[str, Any]
) -> None:
    method, path = place
    assert_salesforce_shaped(*answer(engine, method, V + path, orjson.dumps(parts)))


@relaxed
@given(
    start=st.one_of(texts, st.datetimes().map(lambda d: d.isoformat() + "+23:59")),
    end=st.one_of(texts, st.datetimes().map(lambda d: d.isoformat() + "Z")),
    resource=st.sampled_from(["updated", "deleted"]),
)
def test_any_window_of_changes_is_answered_in_salesforces_own_way(
    engine: Engine, start: str, end: str, resource: str
) -> None:
    window = urlencode({"start": start, "end": end})
    assert_salesforce_shaped(*answer(engine, "GET", f"{V}/sobjects/Account/{resource}?{window}"))


@pytest.mark.parametrize("inputs", [None, 5, ["x"], [[]]])
def test_a_submission_without_proper_inputs_is_refused(engine: Engine, inputs: Any) -> None:
    status, body = answer(engine, "POST", f"{V}/actions/standard/submit", orjson.dumps({"inputs": inputs}))
    assert (status, body) == (
        400,
        [{"message": "inputs must be a list of objects", "errorCode": "JSON_PARSER_ERROR"}],
    )
