"""How JSON values become stored values and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox import values
from app.sandbox.errors import ApiError
from app.sandbox.schema import Field, PicklistValue

NAME = Field("Name", "Account Name", "string", length=10)
AMOUNT = Field("Amount", "Amount", "currency", precision=18, scale=2)
COUNT = Field("NumberOfEmployees", "Employees", "int", precision=8)
STAGE = Field(
    "StageName",
    "Stage",
    "picklist",
    length=255,
    restricted=True,
    picklist=[PicklistValue("Open", "Open"), PicklistValue("Old", "Old", active=False)],
)
COLOURS = Field(
    "Colours__c", "Colours", "multipicklist", restricted=True, picklist=[PicklistValue(c, c) for c in "RGB"]
)


def refusal(field: Field, value: Any) -> ApiError:
    with pytest.raises(ApiError) as refused:
        values.parse(field, value)
    assert refused.value.fields == [field.name]
    return refused.value


def test_text_is_trimmed_and_nothing_is_null() -> None:
    assert values.parse(NAME, "  Acme \n") == "Acme"
    assert values.parse(NAME, "   ") is None
    assert values.parse(NAME, "NA") == "NA"
    assert values.parse(NAME, "null") == "null"


def test_text_as_long_as_the_field_fits_and_one_character_more_does_not() -> None:
    assert values.parse(NAME, "x" * 10) == "x" * 10
    error = refusal(NAME, "x" * 11)
    assert error.code == "STRING_TOO_LONG"
    assert error.message == "Account Name: data value too large: xxxxxxxxxxx (max length=10)"


def test_a_number_is_no_text() -> None:
    error = refusal(NAME, 5)
    assert error.code == "JSON_PARSER_ERROR"
    assert error.message.startswith("Cannot deserialize instance of string from VALUE_NUMBER_INT value 5")


@pytest.mark.parametrize(
    ("given_value", "units", "shown"),
    [
        (12.34, 1234, "12.34"),
        (12, 1200, "12.0"),
        ("12.345", 1235, "12.35"),
        (-0.005, -1, "-0.01"),
        (0.1 + 0.2, 30, "0.3"),
        (9999999999999999, 999999999999999900, "9999999999999999.00"),
        ("1234567890123456.78", 123456789012345678, "1234567890123456.78"),
    ],
)
def test_money_is_exact_in_units_of_its_scale(given_value: Any, units: int, shown: str) -> None:
    assert values.parse(AMOUNT, given_value) == units
    assert orjson.dumps(values.render(AMOUNT, units)).decode() == shown


@given(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
def test_every_amount_comes_back_as_it_is(units: int) -> None:
    text = orjson.dumps(values.render(AMOUNT, units)).decode()
    assert Decimal(text) == Decimal(units).scaleb(-2)
    assert values.parse(AMOUNT, text) == units


def test_a_number_beyond_the_precision_is_refused() -> None:
    error = refusal(AMOUNT, 10**17)
    assert error.code == "NUMBER_OUTSIDE_VALID_RANGE"
    assert refusal(COUNT, 100_000_000).code == "NUMBER_OUTSIDE_VALID_RANGE"


def test_a_count_takes_whole_numbers_only() -> None:
    assert values.parse(COUNT, 5) == 5
    assert values.parse(COUNT, 5.0) == 5
    assert values.parse(COUNT, "5") == 5
    assert refusal(COUNT, 5.5).code == "JSON_PARSER_ERROR"
    assert refusal(COUNT, True).code == "JSON_PARSER_ERROR"
    assert refusal(COUNT, "five").code == "JSON_PARSER_ERROR"
    assert values.render(COUNT, 5) == 5


def test_a_restricted_picklist_takes_active_values_only() -> None:
    assert values.parse(STAGE, "Open") == "Open"
    for bad in ("Old", "open", "Else"):
        error = refusal(STAGE, bad)
        assert error.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert error.message == f"Stage: bad value for restricted picklist field: {bad}"


def test_several_values_are_kept_in_the_order_of_the_list_and_once_each() -> None:
    assert values.parse(COLOURS, "B; R;B") == "R;B"
    assert refusal(COLOURS, "R;X").message == "Colours: bad value for restricted picklist field: X"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-21T23:04:07Z", "2026-11-21T23:04:07.000+0000"),
        ("2026-11-21T23:04:07.999+0100", "2026-11-21T22:04:07.000+0000"),
        ("2026-11-21T23:04:07-05:30", "2026-11-22T04:34:07.000+0000"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000+0000"),
    ],
)
def test_a_moment_is_kept_in_utc_to_the_second(text: str, shown: str) -> None:
    field = Field("At__c", "At", "datetime")
    assert values.render(field, values.parse(field, text)) == shown


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "tomorrow", "21.11.2026", "0026-01-01"])
def test_what_is_no_day_is_refused(text: str) -> None:
    assert refusal(Field("CloseDate", "Close Date", "date"), text).code == "JSON_PARSER_ERROR"


def test_a_day_does_not_shift_with_a_zone() -> None:
    field = Field("CloseDate", "Close Date", "date")
    assert values.parse(field, "2026-01-31") == "2026-01-31"
    assert values.parse(field, "2026-01-31T23:59:59-1200") == "2026-01-31"


def test_a_checkbox_is_never_null() -> None:
    field = Field("IsPrivate", "Private", "boolean")
    assert values.parse(field, True) == 1
    assert values.parse(field, "FALSE") == 0
    assert refusal(field, None).code == "INVALID_TYPE_ON_FIELD_IN_RECORD"
    assert refusal(field, 1).code == "JSON_PARSER_ERROR"


@pytest.mark.parametrize("address", ["a@b.example", "first.last+tag@sub.domain.example", "o'hara@x.ie"])
def test_an_address_is_taken(address: str) -> None:
    assert values.parse(Field("Email", "Email", "email", length=80), address) == address


@pytest.mark.parametrize("address", ["a", "a@b", "a b@c.d", "@b.c", "a@b..c", "a@b.c, d@e.f"])
def test_what_is_no_address_is_refused(address: str) -> None:
    error = refusal(Field("Email", "Email", "email", length=80), address)
    assert error.code == "INVALID_EMAIL_ADDRESS"
    assert error.message == f"Email: invalid email address: {address}"


@pytest.mark.parametrize("text", ["🏭 Werk", "a\u0000b", "li\r\nzwei", "NA", "𝒳" * 9])
def test_odd_text_stays_as_it_is(text: str) -> None:
    assert values.parse(NAME, text) == text


@pytest.mark.parametrize(
    ("field", "raw", "text"),
    [
        (AMOUNT, 1234, "12.34"),
        (AMOUNT, 1200, "12.0"),
        (AMOUNT, -5, "-0.05"),
        (COUNT, 5, "5"),
        (NAME, None, ""),
        (Field("B", "B", "boolean"), 1, "true"),
        (Field("D", "D", "datetime"), 0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_bulk_text(field: Field, raw: Any, text: str) -> None:
    assert values.csv_text(field, raw) == text
