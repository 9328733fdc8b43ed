"""The work of an ingest job: CSV rows into records, a block at a time, and their outcomes onto disk."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

from app.sandbox.bulk2.csvdata import (
    DELIMITERS,
    LINE_ENDINGS,
    BadFile,
    Column,
    Rows,
    columns_for,
    error_text,
    line,
    record_of,
)
from app.sandbox.bulk2.jobs import Job, Jobs, jobs_of
from app.sandbox.context import Context
from app.sandbox.dml import Dml, DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.org import Org
from app.sandbox.schema import SObject
from app.sandbox.store import Tx

#: rows in one transaction: large enough to be fast, small enough that other writers get their turn
BATCH = 2_000
#: a batch that meets the same lock so often is given up
MAX_RETRIES = 10


def load(org: Org) -> Callable[[Job], None]:
    """The function that carries out an ingest job of that org."""

    def work(job: Job) -> None:
        jobs = jobs_of(org)
        if not jobs.change(job, only_from=("UploadComplete",), state="InProgress"):
            return
        fault = org.faults.match("bulk_failed", object=job.object)
        if fault is not None:
            jobs.change(job, state="Failed", error=str(fault["message"]))
            return
        if jobs.stuck(job, "ingest", lambda held: _Load(org, jobs, held).run()):
            return
        _Load(org, jobs, job).run()

    return work


def write_rows(
    ctx: Context, sobject: SObject, operation: str, external: str | None, records: Sequence[dict[str, Any]]
) -> list[DmlResult]:
    """Carry out a bulk operation on records; one result each, in order."""
    try:
        results = _write(Dml(ctx), sobject, operation, external, records)
    except ApiError as refused:
        # what forbids the statement as a whole (no right to the object) is said of each record
        return [DmlResult(errors=[refused]) for _ in records]
    for record, result in zip(records, results, strict=True):
        if result.errors:
            result.errors = [_in_bulk_words(sobject, record, error) for error in result.errors]
    return results


def _in_bulk_words(sobject: SObject, record: dict[str, Any], error: ApiError) -> ApiError:
    """A value of the wrong type is a row's own fault here, where REST refuses the document."""
    if error.code != "JSON_PARSER_ERROR" or not error.fields:
        return error
    field = sobject.field_named(error.fields[0])
    label = field.label if field else error.fields[0]
    value = record.get(error.fields[0])
    return ApiError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        f"{label}: value not of required type: {value}",
        fields=error.fields,
    )


def _write(
    dml: Dml, sobject: SObject, operation: str, external: str | None, records: Sequence[dict[str, Any]]
) -> list[DmlResult]:
    if operation == "insert":
        return dml.insert(sobject, records)
    if operation == "update":
        return dml.update(sobject, records)
    if operation == "upsert":
        return dml.upsert(sobject, external or "Id", records)
    return _remove(dml, sobject, [record.get("Id") for record in records], hard=operation == "hardDelete")


def _remove(dml: Dml, sobject: SObject, ids: Sequence[Any], *, hard: bool) -> list[DmlResult]:
    results = [DmlResult(errors=[_foreign(sobject, found)]) for found in ids]
    ours = [n for n, found in enumerate(ids) if isinstance(found, str) and found[:3] == sobject.key_prefix]
    for n, result in zip(ours, dml.delete([ids[n] for n in ours], hard=hard), strict=True):
        results[n] = result
    return results


def _foreign(sobject: SObject, found: Any) -> ApiError:
    if not found:
        return ApiError("MISSING_ARGUMENT", "Id not specified", fields=["Id"])
    return ApiError("MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {found}", fields=["Id"])


class _Load:
    """One ingest job in progress."""

    def __init__(self, org: Org, jobs: Jobs, job: Job) -> None:
        self.org = org
        self.jobs = jobs
        self.job = job
        self.folder = jobs.folder(job)
        self.delimiter = DELIMITERS[job.delimiter]
        self.ending = LINE_ENDINGS[job.line_ending]
        self.ctx = Context(
            org,
            user_id=job.user_id,
            client=job.client,
            auto_assign=job.auto_assign,
            version=job.api_version,
        )

    def run(self) -> None:
        """Process the whole file. Ends the job as JobComplete or Failed, unless it is aborted meanwhile."""
        began = time.monotonic()
        error = self._process()
        self.jobs.change(
            self.job,
            only_from=("InProgress",),
            state="Failed" if error else "JobComplete",
            error=error,
            total_ms=int((time.monotonic() - began) * 1000),
        )
        with self.org.store.write() as tx:
            tx.execute("DELETE FROM _meta WHERE key = ?", (_key(self.job),))

    def _process(self) -> str | None:
        data = self.folder / "data.csv"
        if not data.exists():
            return None
        limit = self._limit(data)
        error: str | None = None
        with data.open("rb") as raw:
            try:
                rows = Rows(raw, self.delimiter, self.job.line_ending)
                sobject = self.org.schema.get(self.job.object)
                columns = columns_for(
                    self.org.schema, sobject, rows.header, lambda field: self.ctx.can_read(sobject, field)
                )
                self._check_operation(columns)
            except BadFile as bad:
                return str(bad)
            retried = self._retry()
            if retried:
                return retried
            mode = "a" if self.job.settled else "w"
            with (
                (self.folder / "success.csv").open(mode, encoding="utf-8", newline="") as good,
                (self.folder / "failed.csv").open(mode, encoding="utf-8", newline="") as poor,
            ):
                if not self.job.settled:
                    good.write(line(["sf__Id", "sf__Created", *rows.header], self.delimiter, self.ending))
                    poor.write(line(["sf__Id", "sf__Error", *rows.header], self.delimiter, self.ending))
                source = islice(rows, self.job.settled, limit)
                while self.job.state == "InProgress":
                    batch, error = _take(source)
                    if batch:
                        with self.org.store.write() as tx:
                            outcome = self._write(sobject, columns, batch)
                            counts = self._settle(batch, columns, outcome, good, poor)
                            _note(tx, self.job, counts, good, poor)
                        self.jobs.change(self.job, **counts)
                    if error or len(batch) < BATCH:
                        break
        if limit is not None and error is None:
            error = "TooManyLockFailure : The job was stopped; some records were not processed."
        return error

    def _limit(self, data: Path) -> int | None:
        fault = self.org.faults.match("bulk_unprocessed", object=self.job.object)
        if fault is None:
            return None
        with data.open("rb") as raw:
            count = sum(1 for _ in Rows(raw, self.delimiter, None))
        return max(0, count - int(fault["rows"]))

    def _retry(self) -> str | None:
        fault = self.org.faults.match("bulk_retried", object=self.job.object)
        if fault is None:
            return None
        retries = int(fault["retries"])
        self.jobs.change(self.job, retries=retries)
        if retries < MAX_RETRIES:
            return None
        return f"TooManyLockFailure : Too many lock failure {retries}. Trying again later."

    def _check_operation(self, columns: Sequence[Column]) -> None:
        names = [column.target for column in columns]
        operation = self.job.operation
        if operation in ("delete", "hardDelete") and names != ["Id"]:
            raise BadFile(f"InvalidBatch : The '{operation}' batch must contain only ids")
        if operation == "update" and "Id" not in names:
            raise BadFile("InvalidBatch : Field name not found : Id")
        if operation == "upsert" and self.job.external_id_field not in names:
            raise BadFile(f"InvalidBatch : Field name not found : {self.job.external_id_field}")

    def _write(self, sobject: SObject, columns: Sequence[Column], batch: list[list[str]]) -> list[DmlResult]:
        began = time.monotonic()
        records = [record_of(columns, row) for row in batch]
        results = write_rows(self.ctx, sobject, self.job.operation, self.job.external_id_field, records)
        self.job.active_ms += int((time.monotonic() - began) * 1000)
        return results

    def _settle(
        self,
        batch: list[list[str]],
        columns: Sequence[Column],
        results: list[DmlResult],
        good: Any,
        poor: Any,
    ) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "delimiter": self.delimiter, "lineterminator": self.ending, "quoting": csv.QUOTE_ALL,
        }  # fmt: skip
        keep, refuse = csv.writer(good, **settings), csv.writer(poor, **settings)
        at = next((n for n, column in enumerate(columns) if column.target == "Id"), None)
        inserting = self.job.operation == "insert"
        failed = 0
        for row, result in zip(batch, results, strict=True):
            if result.success:
                created = "true" if inserting or result.created else "false"
                keep.writerow([result.id or "", created, *row])
            else:
                failed += 1
                named = row[at] if at is not None else ""
                refuse.writerow([named, error_text(result.errors), *row])
        good.flush()
        poor.flush()
        return {
            "processed": self.job.processed + len(batch),
            "failed": self.job.failed + failed,
            "settled": self.job.settled + len(batch),
        }


def _key(job: Job) -> str:
    return f"bulk {job.id}"


def _note(tx: Tx, job: Job, counts: dict[str, Any], good: IO[str], poor: IO[str]) -> None:
    """Keep, in the transaction that writes the batch, how far the job and its result files are with it."""
    sizes = {"good": os.fstat(good.fileno()).st_size, "poor": os.fstat(poor.fileno()).st_size}
    tx.execute(
        "INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)",
        (_key(job), orjson.dumps(counts | sizes)),
    )


def recall(org: Org, jobs: Jobs, job: Job) -> None:
    """Bring an interrupted job and its result files to what was committed last."""
    kept = org.store.get_meta(_key(job))
    counts = orjson.loads(kept) if kept else {"processed": 0, "failed": 0, "settled": 0}
    for name, member in (("success.csv", "good"), ("failed.csv", "poor")):
        if member in counts:
            os.truncate(jobs.folder(job) / name, counts.pop(member))
    jobs.change(job, **counts)


def _take(rows: Iterator[list[str]]) -> tuple[list[list[str]], str | None]:
    """The next batch, and what is wrong with the file right after it, if anything is."""
    batch: list[list[str]] = []
    try:
        for row in islice(rows, BATCH):
            batch.append(row)
    except BadFile as bad:
        return batch, str(bad)
    return batch, None
