"""CSV as Bulk 2.0 wants it: header of API names, LF, `#N/A` for null; an empty cell leaves a field alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from app.salesforce.errors import classify
from app.salesforce.records import RowError
from app.salesforce.wire import stamp

NULL = "#N/A"
#: Salesforce's own bound for one record; Python's for one cell is smaller than its longest text field.
_LONGEST_CELL = 400_000
_ERROR = re.compile(r"^(?P<code>\w+):(?P<message>.*?)(?::(?P<fields>[\w, .]*))?\s*--\s*$", re.S)


def cell(value: Any) -> str:
    """One value as text. None clears the field, a missing value (see `write_csv`) leaves it alone."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value if value else NULL  # Salesforce stores no empty text: it is null
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in a bulk file")


def write_csv(target: IO[str], columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> int:
    """Write records to an open text file (newline="") and return how many.

    A column that a record lacks stays empty. A lookup by external id is a column `Account.Tandem_Id__c`,
    or the nested value {"Account": {"Tandem_Id__c": "x"}}.
    """
    writer = csv.writer(target, lineterminator="\n")
    # Python 3.11 leaves a lone carriage return unquoted, where Salesforce then sees the end of a row.
    careful = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    paths = [(column, column.split(".")) for column in columns]
    count = 0
    for record in records:
        row = [_pick(record, column, path) for column, path in paths]
        (careful if any("\r" in text for text in row) else writer).writerow(row)
        count += 1
    return count


def csv_bytes(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> bytes:
    """The file that `write_csv` writes, in memory."""
    buffer = io.StringIO(newline="")
    write_csv(buffer, columns, records)
    return buffer.getvalue().encode()


def _pick(record: Mapping[str, Any], column: str, path: Sequence[str]) -> str:
    if column in record:
        return cell(record[column])
    if len(path) == 2 and isinstance(record.get(path[0]), Mapping) and path[1] in record[path[0]]:
        return cell(record[path[0]][path[1]])
    return ""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a result file, each a dict by column; an empty cell is an empty text, which means null."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, rows = _rows(file)  # csv.DictReader takes three times as long
        for row in rows:
            if row:
                yield dict(zip(header, row, strict=False))


def read_cells(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The cells of those columns, row by row; empty texts for a column that the file does not have."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, rows = _rows(file)
        places = [header.index(name) if name in header else len(header) for name in columns]
        for row in rows:
            if row:
                row += [""] * (len(header) + 1 - len(row))
                yield tuple([row[place] for place in places])


def _rows(file: IO[str]) -> tuple[list[str], Iterator[list[str]]]:
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(file)
    return next(rows, []), rows


def parse_bulk_error(text: str) -> RowError:
    """The error in a failed row's `sf__Error`: `CODE:message:field, field --`."""
    match = _ERROR.match(text)
    if match is None:
        code, _, message = text.partition(":")
        return RowError(classify(code, 400, message), code, message or text)
    fields = tuple(name.strip() for name in (match["fields"] or "").split(",") if name.strip())
    message = match["message"]
    return RowError(classify(match["code"], 400, message), match["code"], message, fields)
