"""The CSV of bulk jobs: what a header may name, how a cell becomes a value, how results are written."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from app.sandbox.errors import ApiError
from app.sandbox.schema import NUMERIC, Field, Schema, SObject

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
NULL = "#N/A"

#: A long text may fill a whole cell; Python's own limit is smaller than Salesforce's.
csv.field_size_limit(32_000_000)


class BadFile(Exception):
    """The uploaded file cannot be processed; the job fails with this as its `errorMessage`."""


class Rows:
    """The rows of an uploaded file, read in bounded memory.

    raw: the file, positioned at its start; a byte order mark is skipped.
    line_ending: `LF` or `CRLF`, as the job says; a record that ends otherwise raises BadFile.
          None accepts both.
    """

    def __init__(self, raw: BinaryIO, delimiter: str, line_ending: str | None) -> None:
        self._ending = line_ending
        self._last = ""
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="\n")
        self._reader = csv.reader(self._lines(text), delimiter=delimiter, strict=True)
        self.header: list[str] = next(self._read(), [])

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for line in text:
            self._last = line
            yield line

    def _read(self) -> Iterator[list[str]]:
        ending = self._ending
        while True:
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as broken:
                raise BadFile(f"ClientInputError : Failed to parse CSV: {broken}") from broken
            last = self._last
            if ending and last.endswith("\n") and last.endswith("\r\n") != (ending == "CRLF"):
                raise BadFile(
                    "ClientInputError : LineEnding is invalid on user data. "
                    f"Current LineEnding setting is {ending}"
                )
            if row:
                yield row

    def __iter__(self) -> Iterator[list[str]]:
        width = len(self.header)
        for number, row in enumerate(self._read(), start=1):
            if len(row) != width:
                raise BadFile(
                    f"InvalidBatch : Line {number} has {len(row)} columns, but the header has {width}"
                )
            yield row


@dataclass(slots=True)
class Column:
    """One column of an upload: where its value goes in the record, and how the cell is read."""

    header: str
    target: str
    #: the field of the related record that the cell names; None for a plain field
    via: str | None = None
    #: the related object type, given for polymorphic relationships only
    via_type: str | None = None
    convert: Callable[[str], Any] = str
    #: the reference field behind a relationship
    lookup: str = ""


def columns_for(
    schema: Schema, sobject: SObject, header: Sequence[str], visible: Callable[[Field], bool]
) -> list[Column]:
    """What each column of an upload means. Raises BadFile for one that names nothing visible.

    `Name`, `Account.Tandem_Id__c`, `Parent__r.Code__c`, `User:Owner.Username` (type only where the
    relationship is polymorphic), in any letter case.
    """
    if not header or header == [""]:
        raise BadFile("InvalidBatch : Unable to find any headers in CSV file")
    seen: set[str] = set()
    columns = []
    for name in header:
        if name.strip().lower() in seen:
            raise BadFile(f"InvalidBatch : Duplicate field name found in CSV header : {name}")
        seen.add(name.strip().lower())
        columns.append(_column(schema, sobject, name.strip(), visible))
    return columns


def _column(schema: Schema, sobject: SObject, name: str, visible: Callable[[Field], bool]) -> Column:
    unknown = BadFile(f"InvalidBatch : Field name not found : {name}")
    relationship, dot, key_name = name.partition(".")
    if not dot:
        field = sobject.field_named(name)
        if field is None or not field.stored or not visible(field):
            raise unknown
        return Column(name, field.name, convert=converter(field))
    type_name, colon, bare = relationship.rpartition(":")
    field = sobject.by_relationship(bare if colon else relationship)
    if field is None or not visible(field):
        raise unknown
    polymorphic = len(field.reference_to) > 1
    if colon and not polymorphic:
        raise BadFile(
            "InvalidBatch : type is not needed for non polymorphic foreign key references: "
            f"{field.relationship}"
        )
    if polymorphic and not colon:
        raise BadFile(
            f"InvalidBatch : type is required for polymorphic foreign key references: {field.relationship}"
        )
    parent = schema.find(type_name or field.reference_to[0])
    if parent is None or parent.name not in field.reference_to:
        raise unknown
    key = parent.field_named(key_name)
    if key is None or not (key.external_id or key.id_lookup or key.name == "Id"):
        raise unknown
    return Column(
        name, field.relationship, key.name, parent.name if colon else None, converter(key), field.name
    )


def converter(field: Field) -> Callable[[str], Any]:
    """A function from a filled cell to the value that a JSON request would carry."""
    if field.type == "boolean":
        return _boolean
    if field.type in NUMERIC:
        return str.strip
    return str


def _boolean(cell: str) -> Any:
    text = cell.strip().lower()
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    return cell


def record_of(columns: Sequence[Column], row: Sequence[str]) -> dict[str, Any]:
    """The record that a row describes: an empty cell is left out, `#N/A` is null."""
    record: dict[str, Any] = {}
    for column, cell in zip(columns, row, strict=True):
        if cell == "":
            continue
        value = None if cell == NULL else column.convert(cell)
        if column.via is None:
            record[column.target] = value
        elif value is None:
            record[column.lookup] = None
        elif column.via_type is None:
            record[column.target] = {column.via: value}
        else:
            record[column.target] = {"attributes": {"type": column.via_type}, column.via: value}
    return record


def line(cells: Iterable[str], delimiter: str = ",", ending: str = "\n") -> str:
    """One line of a result, every cell in quotes, as a real org writes it."""
    return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells) + ending


def error_text(errors: Sequence[ApiError]) -> str:
    """The `sf__Error` cell: `CODE:message:fields --`."""
    return ";".join(f"{e.code}:{e.message}:{','.join(e.fields or [])} --" for e in errors)
