"""Every refusal has a kind that says what to do, and a sentence that says it in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from app.salesforce import ErrorKind, RowError, SalesforceUnavailable, SchemaError, SubResponse, explain
from app.salesforce.bulk_csv import cell, csv_bytes, parse_bulk_error, read_rows
from app.salesforce.errors import classify
from app.salesforce.records import row_error, row_result
from app.salesforce.wire import dumps, loads


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("SERVER_UNAVAILABLE", 503, "transient"),
        ("UNKNOWN_EXCEPTION", 500, "transient"),
        ("PROCESSING_HALTED", 400, "transient"),
        ("INVALID_QUERY_LOCATOR", 400, "transient"),
        ("UNABLE_TO_LOCK_ROW", 400, "lock"),
        ("REQUEST_LIMIT_EXCEEDED", 403, "quota"),
        ("INVALID_SESSION_ID", 401, "auth"),
        ("InvalidSessionId", 400, "auth"),
        ("API_DISABLED_FOR_ORG", 403, "auth"),
        ("INVALID_FIELD", 400, "schema"),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", 400, "schema"),
        ("MALFORMED_QUERY", 400, "schema"),
        ("REQUIRED_FIELD_MISSING", 400, "user_fixable"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", 400, "user_fixable"),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", 400, "admin_fixable"),
        ("INACTIVE_OWNER_OR_USER", 400, "admin_fixable"),
        ("ENTITY_IS_DELETED", 404, "identity"),
        ("CANNOT_UPDATE_CONVERTED_LEAD", 400, "identity"),
        ("INVALID_CROSS_REFERENCE_KEY", 400, "identity"),
        ("DUPLICATE_VALUE", 400, "duplicate"),
        ("DUPLICATES_DETECTED", 400, "duplicate"),
        ("", 412, "modified"),
        ("", 300, "duplicate"),
        ("", 503, "transient"),
        ("", 429, "transient"),
        ("", 420, "transient"),
        ("", 401, "auth"),
        ("NEVER_HEARD_OF_IT", 500, "transient"),
        ("NEVER_HEARD_OF_IT", 400, "admin_fixable"),
    ],
)
def test_a_code_has_one_kind(code: str, status: int, kind: str) -> None:
    assert classify(code, status) == kind


def test_too_many_long_calls_are_gone_in_seconds_unlike_a_used_up_day() -> None:
    assert classify("REQUEST_LIMIT_EXCEEDED", 403, "ConcurrentPerOrgLongTxn Limit exceeded.") == "transient"
    assert classify("REQUEST_LIMIT_EXCEEDED", 403, "TotalRequests Limit exceeded.") == "quota"


def test_an_external_id_field_that_is_gone_is_not_a_record_that_is_gone() -> None:
    message = "Provided external ID field does not exist or is not accessible: Tandem_Id__c"
    assert classify("NOT_FOUND", 404, message) == "schema"
    assert classify("NOT_FOUND", 404, "The requested resource does not exist") == "identity"


@pytest.mark.parametrize("spelling", ["duplicateResut", "duplicateResult"])
def test_records_found_by_a_duplicate_rule_are_read_in_both_spellings(spelling: str) -> None:
    found = {"matchResults": [{"matchRecords": [{"record": {"Id": "001000000000001AAA"}}]}]}
    error = row_error({"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these", spelling: found})
    assert error.matches == ("001000000000001AAA",)
    assert error.kind is ErrorKind.DUPLICATE


def test_a_row_refused_without_a_reason_may_be_tried_again() -> None:
    result = row_result({"success": False, "errors": []}, "update")
    assert result.error is not None
    assert result.error.retryable


def test_a_part_refused_by_412_is_a_modified_record() -> None:
    part = SubResponse(412, None, {}, "change0")
    assert [error.kind for error in part.errors()] == [ErrorKind.MODIFIED]
    assert SubResponse(204, None, {}, "change0").errors() == ()


def test_a_refused_part_becomes_the_exception_of_its_kind() -> None:
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'X__c' on entity 'Account'."}]
    assert isinstance(SubResponse(400, body, {}, "query0").exception(), SchemaError)
    lock = [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access"}]
    error = SubResponse(400, lock, {}, "query0").exception()
    assert isinstance(error, SalesforceUnavailable)
    assert error.kind is ErrorKind.LOCK


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        (
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Stage: bad value for restricted picklist field: Foo",
            "Salesforce does not accept “Foo” as Stage: the picklist is restricted. Ask an admin to add the "
            "value (also to the record type), or map it in mappings/Opportunity.yaml.",
        ),
        (
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [CloseDate, StageName]",
            "Salesforce needs a value for CloseDate, StageName. Fill it in and save again, or give it a "
            "default in mappings/Opportunity.yaml.",
        ),
        (
            "STRING_TOO_LONG",
            "Opportunity Name: data value too large: Acme… (max length=120)",
            "the text in Opportunity Name is too long: Salesforce holds 120 characters. Shorten it, or let "
            "mappings/Opportunity.yaml cut it.",
        ),
        (
            "DUPLICATE_VALUE",
            "duplicate value found: Tandem_Id__c duplicates value on record with id: 006X",
            "record 006X already has this value in Tandem_Id__c, which is unique. Merge the two "
            "records or correct the one that is wrong.",
        ),
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Close date must be in the future",
            "a validation rule of the org refuses the record: “Close date must be in the future”. Correct "
            "the record, or ask a Salesforce admin about the rule.",
        ),
        (
            "SOMETHING_NEW",
            "never seen before.",
            "the org refuses the record: “never seen before” (SOMETHING_NEW). Ask a Salesforce admin to "
            "allow it for Tandem's user, or change mappings/Opportunity.yaml.",
        ),
    ],
)
def test_a_refusal_is_explained_with_its_remedy(code: str, message: str, sentence: str) -> None:
    assert explain(RowError(classify(code), code, message), "Opportunity") == sentence


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_no_kind_is_left_without_a_sentence(kind: ErrorKind) -> None:
    said = explain(RowError(kind, "ODD_CODE", "odd message"), "Account")
    assert said.endswith(".")
    assert len(said) > 40


def test_bulk_errors_are_read_into_code_message_and_fields() -> None:
    error = parse_bulk_error("REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --")
    assert (error.code, error.fields) == ("REQUIRED_FIELD_MISSING", ("LastName",))
    assert error.message == "Required fields are missing: [LastName]"
    text = (
        "DUPLICATE_VALUE:duplicate value found: X__c duplicates value on record with id: 001000000000001:--"
    )
    duplicate = parse_bulk_error(text)
    assert duplicate.kind is ErrorKind.DUPLICATE
    assert duplicate.message.endswith("on record with id: 001000000000001")
    assert duplicate.fields == ()


def test_a_bulk_file_clears_with_na_and_leaves_alone_with_nothing(tmp_path: Path) -> None:
    records = [
        {"Id": "1", "Name": None, "Amount": Decimal("0.10"), "Account": {"Tandem_Id__c": "x"}},
        {"Id": "2", "Name": 'He said "hi",\nthen left', "Flag": True},
    ]
    content = csv_bytes(["Id", "Name", "Amount", "Flag", "Account.Tandem_Id__c"], records)
    assert content == (
        b'Id,Name,Amount,Flag,Account.Tandem_Id__c\n1,#N/A,0.10,,x\n2,"He said ""hi"",\nthen left",,true,\n'
    )
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xef\xbb\xbf" + content)
    assert [row["Name"] for row in read_rows(path)] == ["#N/A", 'He said "hi",\nthen left']


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "a\nb", '"', ",", " padded ", "NA", "漢字 🎉", "x\ty"])
def test_any_text_survives_a_bulk_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(csv_bytes(["Name", "Phone"], [{"Name": text, "Phone": "1"}, {"Name": "next"}]))
    assert [row["Name"] for row in read_rows(path)] == [text, "next"]


def test_bulk_cells_hold_dates_and_times_in_utc_and_never_floats() -> None:
    assert cell(date(2026, 1, 2)) == "2026-01-02"
    assert cell(datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-02T01:04:00.000Z"
    assert cell(Decimal("1E+3")) == "1000"
    assert cell("") == "#N/A"
    with pytest.raises(TypeError):
        cell(0.1)


def test_a_text_of_131072_characters_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(csv_bytes(["Description"], [{"Description": "x" * 131_072 + "y"}]))
    assert len(next(read_rows(path))["Description"]) == 131_073


def test_json_keeps_the_digits_of_a_decimal() -> None:
    for digits in ("0.1", "12345678901234.5678", "0.30000000000000004", "-0.00"):
        value = loads(f"[{digits}]".encode())[0]
        assert isinstance(value, Decimal)
        assert dumps([value]) == f"[{digits}]".encode()
    assert dumps(datetime(2026, 1, 2, tzinfo=UTC)) == b'"2026-01-02T00:00:00.000Z"'
    with pytest.raises(ValueError, match="no number"):
        dumps(Decimal("NaN"))
