"""A CSV file that a spreadsheet opens without computing anything."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import BadInput
from app.web import export
from app.web.export import Table, cell, write


def written(rows: list[list[Any]], columns: list[str], separator: str = ",") -> str:
    into = io.StringIO(newline="")
    assert write(Table("list", columns, rows), into, separator) == len(rows)
    return into.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"), ("+49 9352 18", "'+49 9352 18"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1+1", "'  =1+1"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("|calc", "'|calc"), ("＝1", "'＝1"),
        ("−", "−"), ("a=b", "a=b"), ("", ""), ("Bosch", "Bosch"), ("-", "'-"),
    ],
)  # fmt: skip
def test_text_never_becomes_a_formula(value: str, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("-1250.00"), "-1250.00"), (Decimal("1E+3"), "1000"), (-7, "-7"), (0, "0"),
        ("-12.5", "-12.5"), ("+3", "+3"), (True, "true"), (None, ""), (date(2027, 3, 14), "2027-03-14"),
        (datetime(2027, 3, 14, 9, 0, tzinfo=timezone(timedelta(hours=2))), "2027-03-14T07:00:00Z"),
        (datetime(2027, 3, 14, 9, 0, 0, 5, tzinfo=UTC), "2027-03-14T09:00:00Z"),
        (["Servo", "Valve"], "Servo; Valve"), (["=1", "x"], "'=1; x"),
    ],
)  # fmt: skip
def test_a_number_stays_a_number_and_a_time_is_utc(value: Any, text: str) -> None:
    assert cell(value) == text


@given(st.text(), st.sampled_from([",", ";"]))
def test_any_text_comes_back_from_the_file_and_no_cell_is_a_formula(value: str, separator: str) -> None:
    lines = written([[value, Decimal("-1.50")]], ["what", "amount"], separator)
    heading, row = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
    assert heading == ["what", "amount"]
    assert row[0].removeprefix("'") == value.removeprefix("'")
    assert row[1] == "-1.50"
    first = row[0].lstrip()[:1]
    assert first not in tuple("=@|%＝＋－＠")
    assert first not in ("+", "-") or row[0].lstrip("+-").replace(".", "").replace(",", "").isdigit()


def test_a_reader_with_another_separator_finds_none_inside_a_value() -> None:
    assert written([["a;=cmd()", "b\n=cmd()"]], ["x", "y"]) == '"x","y"\r\n"a;=cmd()","b\n=cmd()"\r\n'


def test_a_list_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 2)
    assert written([["1"], ["2"]], ["n"]) == '"n"\r\n"1"\r\n"2"\r\n'
    with pytest.raises(BadInput, match=r"more than 2 rows\. Narrow the list"):
        written([["1"], ["2"], ["3"]], ["n"])
