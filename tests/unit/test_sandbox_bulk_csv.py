"""The CSV rules of bulk jobs."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.bulk2.csvdata import (
    DELIMITERS,
    LINE_ENDINGS,
    BadFile,
    Rows,
    columns_for,
    error_text,
    line,
    record_of,
)
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, Schema, SObject


@pytest.fixture
def schema() -> Schema:
    known = Schema()
    for name, prefix, fields in (
        ("User", "005", [Field("Id", "Id", "id"), Field("Username", "Username", "string", id_lookup=True)]),
        ("Group", "00G", [Field("Id", "Id", "id")]),
        (
            "Account",
            "001",
            [
                Field("Id", "Id", "id"),
                Field("Name", "Name", "string"),
                Field("AnnualRevenue", "Revenue", "currency", scale=2),
                Field("Active__c", "Active", "boolean"),
                Field("Key__c", "Key", "string", external_id=True),
                Field("Full__c", "Full", "string", formula="Name"),
                Field("ParentId", "Parent", "reference", reference_to=("Account",), relationship="Parent"),
                Field("OwnerId", "Owner", "reference", reference_to=("User", "Group"), relationship="Owner"),
            ],
        ),
    ):
        known.add(SObject(name, name, name + "s", prefix, {f.name.lower(): f for f in fields}))
    return known


def records(schema: Schema, data: bytes, ending: str | None = "LF", delimiter: str = ",") -> list[dict]:
    rows = Rows(io.BytesIO(data), delimiter, ending)
    columns = columns_for(schema, schema.get("Account"), rows.header, lambda field: field.name != "Secret__c")
    return [record_of(columns, row) for row in rows]


def test_an_empty_cell_is_left_out_and_na_is_null(schema: Schema) -> None:
    assert records(schema, b'Id,Name,AnnualRevenue\n001,,#N/A\n002,"",12.50\n') == [
        {"Id": "001", "AnnualRevenue": None},
        {"Id": "002", "AnnualRevenue": "12.50"},
    ]


def test_na_without_its_hash_is_a_text(schema: Schema) -> None:
    assert records(schema, b"Name\nNA\n") == [{"Name": "NA"}]


def test_headers_match_in_any_letter_case_and_a_byte_order_mark_is_skipped(schema: Schema) -> None:
    assert records(schema, b"\xef\xbb\xbfNAME,active__C\nA,TRUE\nB,0\n") == [
        {"Name": "A", "Active__c": True},
        {"Name": "B", "Active__c": False},
    ]


def test_a_related_record_is_named_by_its_external_id(schema: Schema) -> None:
    data = b"Name,Parent.Key__c,User:Owner.Username\nA,K1,ann@x.test\nB,,\nC,#N/A,\n"
    assert records(schema, data) == [
        {
            "Name": "A",
            "Parent": {"Key__c": "K1"},
            "Owner": {"attributes": {"type": "User"}, "Username": "ann@x.test"},
        },
        {"Name": "B"},
        {"Name": "C", "ParentId": None},
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Nmae", "InvalidBatch : Field name not found : Nmae"),
        ("Full__c", "InvalidBatch : Field name not found : Full__c"),
        ("Parent.Name", "InvalidBatch : Field name not found : Parent.Name"),
        ("Dad.Key__c", "InvalidBatch : Field name not found : Dad.Key__c"),
        (
            "Account:Parent.Key__c",
            "InvalidBatch : type is not needed for non polymorphic foreign key references: Parent",
        ),
        (
            "Owner.Username",
            "InvalidBatch : type is required for polymorphic foreign key references: Owner",
        ),
        ("Name,name", "InvalidBatch : Duplicate field name found in CSV header : name"),
    ],
)
def test_a_header_that_names_nothing_fails_the_job(schema: Schema, header: str, message: str) -> None:
    with pytest.raises(BadFile) as refused:
        records(schema, f"{header}\n".encode())
    assert str(refused.value) == message


def test_an_empty_file_has_no_headers(schema: Schema) -> None:
    with pytest.raises(BadFile, match="Unable to find any headers in CSV file"):
        records(schema, b"")


@pytest.mark.parametrize(("ending", "data"), [("LF", b"Name\r\nA\r\n"), ("CRLF", b"Name\nA\n")])
def test_line_endings_must_be_the_ones_the_job_names(schema: Schema, ending: str, data: bytes) -> None:
    with pytest.raises(BadFile) as refused:
        records(schema, data, ending)
    assert str(refused.value) == (
        f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}"
    )


def test_line_breaks_inside_quotes_are_data_and_the_last_line_needs_no_end(schema: Schema) -> None:
    assert records(schema, b'Name\n"one\r\ntwo\n"\n"say ""hi"""') == [
        {"Name": "one\r\ntwo\n"},
        {"Name": 'say "hi"'},
    ]


def test_other_delimiters_work(schema: Schema) -> None:
    assert records(schema, b"Id;Name\n1;a,b\n", delimiter=";") == [{"Id": "1", "Name": "a,b"}]


def test_a_row_of_another_width_stops_the_reading_there(schema: Schema) -> None:
    rows = Rows(io.BytesIO(b"Id,Name\n1,a\n2,b,c\n"), ",", "LF")
    taken = []
    with pytest.raises(BadFile, match="Line 2 has 3 columns, but the header has 2"):
        taken.extend(row for row in rows)
    assert taken == [["1", "a"]]


def test_results_quote_every_cell_and_errors_name_their_fields() -> None:
    assert line(["001", 'He said "no"', ""]) == '"001","He said ""no""",""\n'
    errors = [ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", fields=["Name"])]
    assert error_text(errors) == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3), max_size=20
    ),
    delimiter=st.sampled_from(sorted(DELIMITERS)),
    ending=st.sampled_from(sorted(LINE_ENDINGS)),
)
def test_whatever_is_written_as_a_result_is_read_back_unchanged(
    rows: list[list[str]], delimiter: str, ending: str
) -> None:
    lines = [line(row, DELIMITERS[delimiter], LINE_ENDINGS[ending]) for row in [["a", "b", "c"], *rows]]
    found = Rows(io.BytesIO("".join(lines).encode()), DELIMITERS[delimiter], ending)
    assert found.header == ["a", "b", "c"]
    assert list(found) == rows
