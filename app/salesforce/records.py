"""What goes into the gateway and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.salesforce.errors import RETRYABLE, ErrorKind, SalesforceError, classify
from app.salesforce.explain import refusal

Record = dict[str, Any]
Operation = Literal["insert", "update", "upsert", "delete"]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one record was refused. `matches`: ids of records a duplicate rule found."""

    kind: ErrorKind
    code: str
    message: str
    fields: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()

    @property
    def retryable(self) -> bool:
        """Whether the same write may succeed later without anybody's doing."""
        return self.kind in RETRYABLE


@dataclass(frozen=True, slots=True)
class RowResult:
    """The outcome for one record. `created` is known for upserts and inserts, else None."""

    id: str | None
    success: bool
    created: bool | None = None
    errors: tuple[RowError, ...] = ()

    @property
    def error(self) -> RowError | None:
        """The first error, or None."""
        return self.errors[0] if self.errors else None


@dataclass(frozen=True, slots=True)
class QueryPage:
    """One page of rows, as dicts without Salesforce's `attributes`; decimals are Decimal.

    Nested parents are dicts or None, child rows are lists. next_url continues an unfinished query.
    """

    records: list[Record]
    total_size: int
    done: bool
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class SoqlQuery:
    """A query to run, or, with next_url, the next page of one. all_rows includes deleted records."""

    soql: str = ""
    all_rows: bool = False
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class CollectionBatch:
    """Up to 200 records of one SObject for one operation. Updates carry "Id"; deletes need only "Id".

    headers: what this batch asks for other than the gateway's own writes do; see `write_headers`.
    """

    operation: Operation
    sobject: str
    records: Sequence[Record]
    external_id: str | None = None
    all_or_none: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConditionalChange:
    """An update that must not happen if the record was modified after `unmodified_since` (UTC).

    headers: what this update asks for other than the gateway's own writes do; see `write_headers`.
    """

    sobject: str
    id: str
    fields: Mapping[str, Any]
    unmodified_since: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


def write_headers(*, auto_assign: bool, allow_duplicates: bool) -> dict[str, str]:
    """What a write asks of the org: to let its assignment rules choose owners, and to let records pass
    duplicate rules that only warn."""
    return {
        "Sforce-Auto-Assign": "TRUE" if auto_assign else "FALSE",
        "Sforce-Duplicate-Rule-Header": f"allowSave={str(allow_duplicates).lower()}",
    }


@dataclass(frozen=True, slots=True)
class Subrequest:
    """One part of a composite call. url is relative to the API version's root, such as `query?q=…`."""

    method: str
    url: str
    reference_id: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubResponse:
    """The answer to one part of a composite call."""

    status: int
    body: Any
    headers: Mapping[str, str]
    reference_id: str

    @property
    def ok(self) -> bool:
        """Whether this part succeeded."""
        return 200 <= self.status < 300

    def errors(self) -> tuple[RowError, ...]:
        """Why this part was refused; empty when it was not."""
        return () if self.ok else errors_of(self.body, self.status)

    def exception(self, where: str = "") -> SalesforceError | None:
        """The refusal as an exception to raise or keep, or None."""
        if self.ok:
            return None
        first = self.errors()[0]
        return refusal(first.code, first.message, self.status, fields=first.fields, where=where)


def errors_of(body: Any, status: int) -> tuple[RowError, ...]:
    """The errors in an answer's body; one made from the status when the body says nothing."""
    items = body if isinstance(body, list) else [body]
    found = tuple(row_error(item, status) for item in items if isinstance(item, dict) and _code(item))
    if found:
        return found
    code = {300: "MULTIPLE_CHOICES", 412: "PRECONDITION_FAILED"}.get(status, "")
    message = {
        300: "more than one record has this external id",
        412: "the record was modified since it was read",
    }.get(status, f"HTTP status {status} without an explanation")
    return (RowError(classify(code, status), code, message),)


def row_error(item: Mapping[str, Any], status: int = 400) -> RowError:
    """One error object, in any of the shapes that REST, collections and Bulk use."""
    code = _code(item)
    message = str(item.get("message") or item.get("exceptionMessage") or item.get("error_description") or "")
    # Observed payloads spell it `duplicateResut`; the documented spelling may come back one day.
    found = item.get("duplicateResult") or item.get("duplicateResut") or {}
    matches = tuple(
        str(match["record"]["Id"])
        for result in found.get("matchResults") or ()
        for match in result.get("matchRecords") or ()
        if (match.get("record") or {}).get("Id")
    )
    fields = tuple(str(name) for name in item.get("fields") or ())
    return RowError(classify(code, status, message), code, message, fields, matches)


def _code(item: Mapping[str, Any]) -> str:
    return str(
        item.get("errorCode")
        or item.get("statusCode")
        or item.get("exceptionCode")
        or item.get("error")
        or ""
    )


def row_result(item: Mapping[str, Any], operation: Operation) -> RowResult:
    """One element of a collection's answer."""
    success = item.get("success") is True
    created = item.get("created")
    if created is None and operation == "insert" and success:
        created = True
    errors = tuple(row_error(error) for error in item.get("errors") or ())
    if not success and not errors:
        errors = (RowError(ErrorKind.TRANSIENT, "", "Salesforce refused the record without a reason"),)
    return RowResult(item.get("id"), success, created, errors)


def plain(value: Any) -> Any:
    """A row without `attributes`; a child query's result becomes the list of its rows. Changes the row."""
    if "records" in value and "totalSize" in value:
        return [plain(row) for row in value["records"]]
    value.pop("attributes", None)
    for key, item in value.items():
        if type(item) is dict:
            value[key] = plain(item)
    return value


def query_page(body: Any) -> QueryPage:
    """The page in a query's answer."""
    return QueryPage(
        [plain(row) for row in body["records"]],
        int(body["totalSize"]),
        bool(body["done"]),
        body.get("nextRecordsUrl"),
    )
