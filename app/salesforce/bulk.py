"""Bulk 2.0 in steps. Between two steps the caller stores a small state; after a crash it goes on from there.

A job that was opened and never closed has written nothing: `ingest_resume` drops it and opens another. A
closed job is only polled. Results can be fetched as often as needed, for seven days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from app.salesforce.bulk_csv import parse_bulk_error, read_cells, read_rows
from app.salesforce.call import Body, Bytes, File
from app.salesforce.errors import ErrorKind, SalesforceError
from app.salesforce.records import Record, RowError, RowResult
from app.salesforce.transport import Transport
from app.salesforce.wire import dumps

BulkOperation = Literal["insert", "update", "upsert", "delete", "hardDelete"]
#: open: nothing uploaded for sure. running: Salesforce works on it. The other three are final.
Phase = Literal["open", "running", "done", "failed", "aborted"]
_PHASES: dict[str, Phase] = {
    "Open": "open",
    "UploadComplete": "running",
    "InProgress": "running",
    "JobComplete": "done",
    "Failed": "failed",
    "Aborted": "aborted",
}
#: Salesforce takes job and data in one request up to this many characters.
_ONE_REQUEST = 100_000
_OUTCOMES = ("successfulResults", "failedResults", "unprocessedrecords")


@dataclass(frozen=True, slots=True)
class BulkJob:
    """The state of a job: plain values, so that `asdict` and `BulkJob(**stored)` store and restore it."""

    id: str
    phase: Phase
    operation: str
    sobject: str
    external_id: str | None = None
    processed: int = 0
    failed: int = 0
    error: str = ""

    @property
    def finished(self) -> bool:
        """Whether Salesforce is done with it, one way or another."""
        return self.phase in {"done", "failed", "aborted"}

    def state(self) -> dict[str, Any]:
        """The job as JSON-able values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BulkRow:
    """The outcome of one uploaded row, with the row's own columns as text."""

    result: RowResult
    row: dict[str, str]


@dataclass(frozen=True, slots=True)
class BulkPage:
    """A part of a query's result: a CSV file, the rows in it, and where the next part starts."""

    path: Path
    records: int
    next_locator: str | None


class Bulk:
    """Ingest and query jobs of one org. Each method says how many API calls it makes."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    # Ingest

    def ingest_create(
        self, sobject: str, operation: BulkOperation, data: bytes | Path, *, external_id: str | None = None
    ) -> BulkJob:
        """Open a job, upload the CSV (see `bulk_csv`) and close it: one call up to 100,000 bytes, else three.

        Not sent twice when an answer was lost, for the job may run: the caller opens another only if the
        rows bear it (an update, an upsert).
        """
        if isinstance(data, bytes) and len(data) <= _ONE_REQUEST:
            return self._create_with_data(sobject, operation, data, external_id)
        return self.ingest_upload(self.ingest_open(sobject, operation, external_id=external_id), data)

    def ingest_open(
        self, sobject: str, operation: BulkOperation, *, external_id: str | None = None
    ) -> BulkJob:
        """Open a job without data. One call; an open job that nobody closes does nothing."""
        answer = self._transport.call(
            "POST",
            "jobs/ingest",
            kind="bulk",
            body=Bytes(dumps(_spec(sobject, operation, external_id))),
            safe_to_repeat=True,
        )
        return _job(answer.body)

    def ingest_upload(self, job: BulkJob, data: bytes | Path) -> BulkJob:
        """Upload the CSV into an open job and close it. Two calls. Bytes on disk are streamed."""
        self.ingest_load(job, data)
        return self.ingest_close(job)

    def ingest_load(self, job: BulkJob, data: bytes | Path) -> None:
        """Upload the CSV into an open job, which writes nothing before it is closed. One call."""
        body: Body = Bytes(data) if isinstance(data, bytes) else File(data)
        self._transport.call(
            "PUT", f"jobs/ingest/{job.id}/batches", kind="bulk", body=body, content_type="text/csv"
        )

    def ingest_close(self, job: BulkJob) -> BulkJob:
        """Let Salesforce begin with a job that has its data. One call."""
        return self._set_state(job, "UploadComplete")

    def ingest_resume(self, job: BulkJob, data: bytes | Path) -> BulkJob:
        """Go on after a crash, whichever step it hit. One call when the job runs or is finished.

        A job that is still open may or may not have its data, and has written nothing: it is dropped for a
        new one. So is nothing else.
        """
        current = self.ingest_poll(job)
        if current.phase != "open":
            return current
        self.abort(current)
        return self.ingest_create(
            job.sobject,
            job.operation,  # type: ignore[arg-type]
            data,
            external_id=job.external_id,
        )

    def ingest_poll(self, job: BulkJob) -> BulkJob:
        """The job as it is now. One call."""
        return _job(self._transport.call("GET", f"jobs/ingest/{job.id}", kind="bulk").body)

    def abort(self, job: BulkJob) -> BulkJob:
        """Stop a job; rows already written stay written. One call. A finished job is left as it is."""
        return job if job.finished else self._set_state(job, "Aborted")

    def ingest_results(self, job: BulkJob, directory: Path) -> Iterator[BulkRow]:
        """The outcome of every row of a finished job, in Salesforce's order: successful, failed, then those
        never tried (kind `transient`). Up to three calls; streamed through files in `directory`.
        """
        for outcome, path in self._result_files(job, directory):
            for row in read_rows(path):
                yield _bulk_row(row, outcome, job.operation)

    def _result_files(self, job: BulkJob, directory: Path) -> Iterator[tuple[str, Path]]:
        """The result files of a finished job that may have rows, each until the next is asked for."""
        for outcome in _OUTCOMES:
            if outcome == "failedResults" and job.phase == "done" and job.failed == 0:
                continue
            if outcome == "unprocessedrecords" and job.phase == "done":
                continue  # a completed job has tried every row
            path = directory / f"{job.id}-{outcome}.csv"
            try:
                self._transport.call(
                    "GET",
                    f"jobs/ingest/{job.id}/{outcome}/",
                    kind="bulk",
                    headers={"Accept": "text/csv"},
                    expect="file",
                    target=path,
                )
                yield outcome, path
            finally:
                path.unlink(missing_ok=True)

    def ingest_results_in_order(
        self, job: BulkJob, directory: Path, keys: Sequence[str], column: str
    ) -> list[RowResult]:
        """One result for each of `keys`, the values that `column` had in the uploaded rows, in their order.

        A key that no result names was not tried. Ids match by their first 15 characters.
        """
        by_key: dict[str, RowResult] = {}
        for outcome, path in self._result_files(job, directory):
            if outcome == "successfulResults":
                for key, record_id, created in read_cells(path, (column, "sf__Id", "sf__Created")):
                    result = RowResult(record_id or None, True, created == "true" if created else None)
                    by_key[_key(key or (record_id if column == "Id" else ""), column)] = result
                continue
            for row in read_rows(path):
                told = _bulk_row(row, outcome, job.operation)
                key = told.row.get(column) or (told.result.id or "" if column == "Id" else "")
                by_key[_key(key, column)] = told.result
        untried = RowError(
            ErrorKind.TRANSIENT, "UNPROCESSED", job.error or "the job did not come to this row"
        )
        return [by_key.get(_key(key, column)) or RowResult(None, False, None, (untried,)) for key in keys]

    def _create_with_data(
        self, sobject: str, operation: BulkOperation, data: bytes, external_id: str | None
    ) -> BulkJob:
        boundary = uuid4().hex
        parts = (
            b"--" + boundary.encode(),
            b'Content-Disposition: form-data; name="job"\r\nContent-Type: application/json\r\n',
            dumps(_spec(sobject, operation, external_id)),
            b"--" + boundary.encode(),
            b'Content-Disposition: form-data; name="content"; filename="rows"\r\nContent-Type: text/csv\r\n',
            data,
            b"--" + boundary.encode() + b"--\r\n",
        )
        answer = self._transport.call(
            "POST",
            "jobs/ingest",
            kind="bulk",
            body=Bytes(b"\r\n".join(parts)),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        job = _job(answer.body)
        return replace(job, phase="running") if job.phase == "open" else job

    def _set_state(self, job: BulkJob, state: str) -> BulkJob:
        """Set a state that may already be set: a lost answer is told apart by looking."""
        family = "query" if job.operation in {"query", "queryAll"} else "ingest"
        try:
            answer = self._transport.call(
                "PATCH",
                f"jobs/{family}/{job.id}",
                kind="bulk",
                body=Bytes(dumps({"state": state})),
                safe_to_repeat=True,
            )
        except SalesforceError as error:
            if not error.refused:
                raise
            now = _job(self._transport.call("GET", f"jobs/{family}/{job.id}", kind="bulk").body)
            if now.phase in {"open", job.phase} and now.phase != _PHASES[state]:
                raise
            return now
        return _job(answer.body)

    # Query

    def query_create(self, soql: str, *, all_rows: bool = False) -> BulkJob:
        """Start a query job. One call; a job whose answer was lost only costs its own run."""
        operation = "queryAll" if all_rows else "query"
        answer = self._transport.call(
            "POST",
            "jobs/query",
            kind="bulk",
            body=Bytes(dumps({"operation": operation, "query": soql})),
            safe_to_repeat=True,
        )
        return _job(answer.body)

    def query_poll(self, job: BulkJob) -> BulkJob:
        """The job as it is now. One call."""
        return _job(self._transport.call("GET", f"jobs/query/{job.id}", kind="bulk").body)

    def query_results(
        self, job: BulkJob, target: Path, *, locator: str | None = None, max_records: int = 50_000
    ) -> BulkPage:
        """Write up to max_records rows, from `locator` on, to `target` as CSV. One call, streamed to disk.

        The same locator gives the same rows again, so a step that was killed is simply done again.
        """
        place = f"&locator={locator}" if locator else ""
        answer = self._transport.call(
            "GET",
            f"jobs/query/{job.id}/results?maxRecords={max_records}{place}",
            kind="bulk",
            headers={"Accept": "text/csv"},
            expect="file",
            target=target,
        )
        following = answer.headers.get("Sforce-Locator") or "null"
        count = int(answer.headers.get("Sforce-NumberOfRecords") or 0)
        return BulkPage(target, count, None if following == "null" else following)


def _spec(sobject: str, operation: str, external_id: str | None) -> Record:
    spec = {
        "object": sobject,
        "operation": operation,
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    if external_id:
        spec["externalIdFieldName"] = external_id
    return spec


def _job(body: Record) -> BulkJob:
    return BulkJob(
        id=body["id"],
        phase=_PHASES[body["state"]],
        operation=body["operation"],
        sobject=body.get("object") or "",
        external_id=body.get("externalIdFieldName"),
        processed=int(body.get("numberRecordsProcessed") or 0),
        failed=int(body.get("numberRecordsFailed") or 0),
        error=body.get("errorMessage") or "",
    )


def _bulk_row(row: dict[str, str], outcome: str, operation: str) -> BulkRow:
    record_id = row.pop("sf__Id", "") or None
    created = row.pop("sf__Created", "")
    error = row.pop("sf__Error", "")
    if outcome == "successfulResults":
        return BulkRow(RowResult(record_id, True, created == "true" if created else None), row)
    if outcome == "failedResults":
        return BulkRow(RowResult(record_id, False, None, (parse_bulk_error(error),)), row)
    untried = RowError(ErrorKind.TRANSIENT, "UNPROCESSED", "the job stopped before this row")
    return BulkRow(RowResult(None, False, None, (untried,)), row)


def _key(value: str, column: str) -> str:
    return value[:15] if column == "Id" else value.lower()
