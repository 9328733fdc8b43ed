"""Record ids of the sandbox org."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.errors import ApiError
from app.sandbox.ids import DIGITS, IdSource, base62, checksum, normalize, to18

ID15 = st.text(DIGITS, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("id15", "id18"),
    [
        ("001D000000IqhSL", "001D000000IqhSLIAZ"),
        ("003D000000QOMqP", "003D000000QOMqPIAX"),
        ("000000000000000", "000000000000000AAA"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
    ],
)
def test_the_checksum_is_salesforces(id15: str, id18: str) -> None:
    assert id15 + checksum(id15) == id18


@given(ID15)
def test_a_15_character_id_becomes_the_18_character_one(id15: str) -> None:
    assert normalize(id15) == id15 + checksum(id15)
    assert normalize(id15 + checksum(id15)) == id15 + checksum(id15)


def test_two_ids_that_differ_in_case_only_are_two_ids() -> None:
    assert normalize("001D000000IqGNy") != normalize("001D000000IqGNY")


@given(ID15, ID15)
def test_a_checksum_of_another_id_is_refused(id15: str, other: str) -> None:
    mixed = id15 + checksum(other)
    assert normalize(mixed) == (mixed if checksum(id15) == checksum(other) else None)


def test_an_id_that_lost_its_letter_case_is_refused() -> None:
    assert normalize("001D000000IqhSLIAZ".lower()) is None


@pytest.mark.parametrize(
    "text", ["", "001", "001D000000IqhS", "001D000000IqhSLI", "001D000000Iqh-L", None, 5]
)
def test_what_is_no_id_is_refused_by_name(text: object) -> None:
    with pytest.raises(ApiError) as refused:
        to18(text, label="Account ID", field="AccountId")
    assert refused.value.code == "MALFORMED_ID"
    assert refused.value.message == f"Account ID: id value of incorrect type: {text}"
    assert refused.value.fields == ["AccountId"]


def _connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE _sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL)")
    return connection


def test_the_same_seed_hands_out_the_same_ids_in_rising_order() -> None:
    first = IdSource(7).take(_connection(), "001", 200)
    again = IdSource(7).take(_connection(), "001", 200)
    assert first == again
    assert first == sorted(first)
    assert len(set(first)) == 200
    assert all(one.startswith("001") and len(one) == 18 for one in first)


def test_another_seed_and_another_prefix_hand_out_other_ids() -> None:
    assert IdSource(7).take(_connection(), "001") != IdSource(8).take(_connection(), "001")
    assert IdSource(7).take(_connection(), "003")[0][3:] != IdSource(7).take(_connection(), "001")[0][3:]


def test_a_rollback_gives_ids_back() -> None:
    connection = _connection()
    source = IdSource(1)
    connection.execute("BEGIN")
    first = source.take(connection, "001")
    connection.execute("ROLLBACK")
    assert source.take(connection, "001") == first


@given(st.integers(min_value=0, max_value=62**5 - 1), st.integers(min_value=0, max_value=62**5 - 1))
def test_base_62_keeps_the_order_of_numbers(a: int, b: int) -> None:
    assert (a < b) == (base62(a, 5) < base62(b, 5))
