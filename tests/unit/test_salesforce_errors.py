"""Every refusal has a kind that says what to do, and a sentence that says it in words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from app.salesforce import ErrorKind, RowError, SalesforceUnavailable, SchemaError, SubResponse, explain
from app.salesforce.bulk_csv import cell, csv_bytes, parse_bulk_error, read_cells, read_rows
from app.salesforce.errors import classify
from app.salesforce.records import row_error, row_result
from app.salesforce.wire import dumps, loads
from app.sync.mapping.values import BadValue, canonical
from app.words import from_facts, json_of, tongue_of


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
            "The text in Opportunity Name is too long: Salesforce holds 120 characters. Shorten it, or let "
            "mappings/Opportunity.yaml cut it.",
        ),
        (
            "DUPLICATE_VALUE",
            "duplicate value found: Tandem_Id__c duplicates value on record with id: 006X",
            "Record 006X already has this value in Tandem_Id__c, which is unique. Merge the two "
            "records or correct the one that is wrong.",
        ),
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Close date must be in the future",
            "A validation rule of the org refuses the record: “Close date must be in the future”. Correct "
            "the record, or ask a Salesforce admin about the rule.",
        ),
        (
            "SOMETHING_NEW",
            "never seen before.",
            "The org refuses the record: “never seen before” (SOMETHING_NEW). Ask a Salesforce admin to "
            "allow it for Tandem's user, or change mappings/Opportunity.yaml.",
        ),
    ],
)
def test_a_refusal_is_explained_with_its_remedy(code: str, message: str, sentence: str) -> None:
    assert explain(RowError(classify(code), code, message), "Opportunity") == sentence


@pytest.mark.parametrize(
    ("code", "message", "de", "es", "ja"),
    [
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Close date must be in the future",
            "Eine Validierungsregel der Organisation weist den Datensatz ab: „Close date must be in the "
            "future“. Berichtigen Sie den Datensatz, oder fragen Sie einen Salesforce-Administrator nach der "
            "Regel.",
            "Una regla de validación de la organización rechaza el registro: «Close date must be in the "
            "future». Corrija el registro, o consulte con un administrador de Salesforce sobre la regla.",
            "組織の入力規則がレコードを拒否しました:「Close date must be in the future」。"
            "レコードを修正するか、規則について Salesforce 管理者にお問い合わせください。",
        ),
        (
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [CloseDate, StageName]",
            "Salesforce braucht einen Wert für CloseDate, StageName. Tragen Sie ihn ein, und speichern Sie "
            "noch einmal, oder lassen Sie einen Standardwert festlegen (mappings/Opportunity.yaml).",
            "Salesforce necesita un valor para CloseDate, StageName. Complételo y guarde de nuevo, o dele un "
            "valor predeterminado en mappings/Opportunity.yaml.",
            "Salesforce では CloseDate, StageName の値が必要です。入力してもう一度保存するか、"
            "mappings/Opportunity.yaml で既定値を指定してください。",
        ),
        (
            "ENTITY_IS_LOCKED",
            "the entity is locked for editing",
            "Der Datensatz ist durch eine Genehmigung in Salesforce gesperrt. Tandem versucht es von selbst "
            "noch einmal, sobald die Genehmigung beendet oder zurückgerufen ist.",
            "El registro está bloqueado por una aprobación en Salesforce. Tandem lo intenta de nuevo por sí "
            "mismo cuando la aprobación termine o se retire.",
            "レコードは Salesforce の承認によりロックされています。承認が完了するか取り消されると、Tandem "
            "が自動的に再試行します。",
        ),
        (
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: NextStep. Please check the security settings of this field.",
            "Tandems Benutzer darf nicht schreiben: NextStep. Ein Administrator kann seinem "
            "Berechtigungssatz unter Setup → Berechtigungssätze das Bearbeiten des Felds erlauben oder es "
            "nur noch hereinkommen lassen (mappings/Opportunity.yaml).",
            "El usuario de Tandem no puede escribir NextStep. Un administrador puede dar a su conjunto de "
            "permisos acceso de modificación al campo en Configuración → Conjuntos de permisos, o hacer que "
            "el campo solo entre, en mappings/Opportunity.yaml.",
            "Tandem のユーザーには NextStep の編集権限がありません。[設定] → [権限セット] "
            "で項目の編集アクセス権を付与するか、mappings/Opportunity.yaml で項目を受信のみにしてください。",
        ),
    ],
)
def test_a_refusal_is_told_in_the_readers_language_and_quotes_salesforce_as_it_spoke(
    code: str, message: str, de: str, es: str, ja: str
) -> None:
    said = explain(RowError(classify(code), code, message), "Opportunity")
    stored = from_facts(json.loads(json_of(said) or ""), str(said))
    assert stored == said
    assert [tongue_of(language).says(stored) for language in ("de", "es", "ja")] == [de, es, ja]


def test_a_value_that_fits_no_field_is_told_in_the_readers_language() -> None:
    with pytest.raises(BadValue) as caught:
        canonical("tomorrow", "date")
    why = caught.value.of("Lead.Due__c").sentence
    assert why == str(caught.value.of("Lead.Due__c")) == "Lead.Due__c: 'tomorrow' is not a date (YYYY-MM-DD)."
    assert [tongue_of(language).says(why) for language in ("de", "es", "ja")] == [
        "Lead.Due__c: 'tomorrow' ist kein Datum (JJJJ-MM-TT).",
        "Lead.Due__c: 'tomorrow' no es una fecha (AAAA-MM-DD).",
        "Lead.Due__c: 'tomorrow' は日付 (YYYY-MM-DD) ではありません。",
    ]


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


def test_chosen_cells_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"sf__Id,Name\n1,x\n\n2\n")
    assert list(read_cells(path, ["Name", "Nothing", "sf__Id"])) == [("x", "", "1"), ("", "", "2")]


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
