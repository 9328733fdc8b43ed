"""The work of one batch of an older Bulk API job."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from app.sandbox.bulk1.forms import NAMESPACE, document, json_records, xml_records
from app.sandbox.bulk2.csvdata import BadFile, Rows, columns_for, error_text, line, record_of
from app.sandbox.bulk2.extract import Lines
from app.sandbox.bulk2.jobs import Job, Jobs, jobs_of
from app.sandbox.bulk2.loading import write_rows
from app.sandbox.context import Context
from app.sandbox.dml import DmlResult
from app.sandbox.errors import ApiError
from app.sandbox.org import Org
from app.sandbox.soql.bulk import stream
from app.sandbox.soql.run import records as query_records
from app.sandbox.values import parse_datetime

MAX_RECORDS = 10_000
QUERIES = ("query", "queryAll")
Batch = dict[str, Any]


def process(org: Org, batch_id: str) -> Callable[[Job], None]:
    """The function that carries out that batch of a job."""

    def work(job: Job) -> None:
        jobs = jobs_of(org)
        batch = next(b for b in job.batches if b["id"] == batch_id)
        if batch["state"] != "Queued":
            return
        update(jobs, job, batch, state="InProgress")
        lane = "query" if job.operation in QUERIES else "ingest"
        if not jobs.stuck(job, lane, lambda held: _run(org, jobs, held, batch)):
            _run(org, jobs, job, batch)

    return work


def _run(org: Org, jobs: Jobs, job: Job, batch: Batch) -> None:
    if batch["state"] != "InProgress":
        return
    fault = org.faults.match("bulk_failed", object=job.object)
    began = time.monotonic()
    try:
        if fault is not None:
            raise ApiError("InternalServerError", str(fault["message"]))
        ctx = Context(
            org,
            user_id=job.user_id,
            client=job.client,
            auto_assign=job.auto_assign,
            version=job.api_version,
        )
        folder = jobs.folder(job)
        run = _query if job.operation in QUERIES else _ingest
        processed, failed = run(ctx, job, folder / f"{batch['id']}.request", folder / f"{batch['id']}.result")
    except BadFile as bad:
        update(jobs, job, batch, state="Failed", message=str(bad))
    except ApiError as refused:
        update(jobs, job, batch, state="Failed", message=f"{refused.code} : {refused.message}")
    except BaseException:
        update(jobs, job, batch, state="Failed", message="InternalServerError : An internal error occurred.")
        raise
    else:
        spent = int((time.monotonic() - began) * 1000)
        update(jobs, job, batch, state="Completed", processed=processed, failed=failed, ms=spent)


def update(jobs: Jobs, job: Job, batch: Batch, **members: Any) -> None:
    """Set members of a batch and write its job down."""
    batch.update(members, modified=jobs.now())
    jobs.change(job)


def _ingest(ctx: Context, job: Job, request: Path, result: Path) -> tuple[int, int]:
    sobject = ctx.org.schema.get(job.object)
    if job.content_type == "JSON":
        records = json_records(request.read_bytes())
    elif job.content_type == "XML":
        records = xml_records(sobject, request.read_bytes())
    else:
        with request.open("rb") as raw:
            rows = Rows(raw, ",", None)
            columns = columns_for(
                ctx.org.schema, sobject, rows.header, lambda field: ctx.can_read(sobject, field)
            )
            records = [record_of(columns, row) for row in rows]
    if len(records) > MAX_RECORDS:
        raise ApiError("InvalidBatch", f"Number of records exceeded the maximum of {MAX_RECORDS}")
    results = write_rows(ctx, sobject, job.operation, job.external_id_field, records)
    result.write_bytes(_FORMS[job.content_type](job, results))
    return len(results), sum(not one.success for one in results)


def _created(job: Job, result: DmlResult) -> bool:
    return result.success and (job.operation == "insert" or bool(result.created))


def _csv(job: Job, results: Sequence[DmlResult]) -> bytes:
    out = Lines()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["Id", "Success", "Created", "Error"])
    for one in results:
        created = str(_created(job, one)).lower()
        identity = one.id if one.success and one.id else ""
        writer.writerow([identity, str(one.success).lower(), created, error_text(one.errors)])
    return "".join(out).encode()


def _item(job: Job, result: DmlResult) -> dict[str, Any]:
    errors = [error.item() | {"extendedErrorDetails": None} for error in result.errors]
    return {
        "success": result.success,
        "created": _created(job, result),
        "id": result.id if result.success else None,
        "errors": errors,
    }


def _json(job: Job, results: Sequence[DmlResult]) -> bytes:
    return orjson.dumps([_item(job, one) for one in results])


def _xml(job: Job, results: Sequence[DmlResult]) -> bytes:
    return document("results", {"result": [_item(job, one) for one in results]})


_FORMS = {"CSV": _csv, "JSON": _json, "XML": _xml}


def _query(ctx: Context, job: Job, request: Path, result: Path) -> tuple[int, int]:
    text = request.read_text("utf-8").strip()
    all_rows = job.operation == "queryAll"
    if job.content_type == "JSON":
        count = _query_json(ctx, text, all_rows, result)
    else:
        columns, rows = stream(ctx, text, all_rows)
        write = _write_csv if job.content_type == "CSV" else _write_xml
        count = write(result, job, columns, rows)
    return count, 0


def _write_csv(result: Path, job: Job, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> int:
    count = 0
    with result.open("w", encoding="utf-8", newline="") as out:
        out.write(line(columns))
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_xml(result: Path, job: Job, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> int:
    count = 0
    head = f'<?xml version="1.0" encoding="UTF-8"?><queryResult xmlns="{NAMESPACE}">'
    with result.open("wb") as out:
        out.write(head.encode())
        for row in rows:
            members = {"type": job.object} | dict(zip(columns, row, strict=True))
            out.write(document("records", members).partition(b"?>")[2])
            count += 1
        out.write(b"</queryResult>")
    return count


def _query_json(ctx: Context, text: str, all_rows: bool, result: Path) -> int:
    count = 0
    with result.open("wb") as out:
        out.write(b"[")
        for record in query_records(ctx, text, all_rows=all_rows):
            out.write((b", " if count else b"") + orjson.dumps(_with_epochs(ctx, record)))
            count += 1
        out.write(b"]")
    return count


def _with_epochs(ctx: Context, record: dict[str, Any]) -> dict[str, Any]:
    """Datetimes as milliseconds since the epoch, which is how this API writes them in JSON."""
    sobject = ctx.org.schema.find(record.get("attributes", {}).get("type", ""))
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict) and "attributes" in value:
            _with_epochs(ctx, value)
        elif isinstance(value, str) and sobject is not None:
            field = sobject.field_named(name)
            moment = parse_datetime(value) if field is not None and field.type == "datetime" else None
            if moment is not None:
                record[name] = moment * 1000
    return record
