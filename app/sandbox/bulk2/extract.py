"""`/jobs/query`: create, watch and read the results of a query job."""

from __future__ import annotations

import csv
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from app.sandbox.bulk2.csvdata import DELIMITERS, LINE_ENDINGS, line
from app.sandbox.bulk2.ingest import job_options, listing, new_job_id, shown
from app.sandbox.bulk2.jobs import Job, file_chunks, jobs_of
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.org import Org
from app.sandbox.soql.bulk import stream
from app.sandbox.soql.parser import parse

PAGE = 50_000
_PIECE = 2_000
_OFFSET_BYTES = 8


def create(ctx: Context, request: Request, version: str) -> Response:
    """POST {"operation", "query"}: a job that is UploadComplete at once."""
    body = request.json_object()
    operation = str(body.get("operation") or "")
    if operation not in ("query", "queryAll"):
        raise ApiError("INVALIDJOB", f"Invalid operation: {operation}")
    text = body.get("query")
    if not isinstance(text, str) or not text.strip():
        raise ApiError("INVALIDJOB", "The query of the job is required.")
    delimiter, ending = job_options(ctx, body)
    stream(ctx, text, operation == "queryAll")  # not read here: it refuses what the job could not do
    name = parse(text).entity
    now = ctx.org.clock.now()
    jobs = jobs_of(ctx.org)
    job = jobs.add(
        Job(
            id=new_job_id(ctx),
            type="V2Query",
            operation=operation,
            object=name,
            user_id=ctx.user_id,
            created=now,
            modified=now,
            state="UploadComplete",
            api_version=version,
            client=ctx.client,
            delimiter=delimiter,
            line_ending=ending,
            query=text,
        )
    )
    answer = Response.of(_shown(job, brief=True))
    jobs.submit("query", job, extract(ctx.org))
    return answer


def extract(org: Org) -> Callable[[Job], None]:
    """The function that carries out a query job of that org."""

    def work(job: Job) -> None:
        jobs = jobs_of(org)
        if not jobs.change(job, only_from=("UploadComplete",), state="InProgress"):
            return
        fault = org.faults.match("bulk_failed", object=job.object)
        if fault is not None:
            jobs.change(job, state="Failed", error=str(fault["message"]))
            return
        if jobs.stuck(job, "query", lambda held: _extract(org, held)):
            return
        _extract(org, job)

    return work


def _extract(org: Org, job: Job) -> None:
    jobs = jobs_of(org)
    began = time.monotonic()
    ctx = Context(org, user_id=job.user_id, client=job.client, version=job.api_version)
    columns, rows = stream(ctx, job.query or "", job.operation == "queryAll")
    count = write_results(jobs.folder(job), job, columns, rows, alive=lambda: job.state == "InProgress")
    jobs.change(
        job,
        only_from=("InProgress",),
        state="JobComplete",
        processed=count,
        total_ms=int((time.monotonic() - began) * 1000),
    )


class Lines(list[str]):
    """Collects what a csv.writer writes, one string a row."""

    write = list.append


def write_results(
    folder: Path,
    job: Job,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    alive: Callable[[], bool] = lambda: True,
) -> int:
    """Write results.csv, and where each of its rows begins to results.idx; how many rows there are."""
    delimiter, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    head = line(columns, delimiter, ending).encode()
    source = iter(rows)
    count, at = 0, len(head)
    with (folder / "results.csv").open("wb") as out, (folder / "results.idx").open("wb") as index:
        out.write(head)
        array("Q", [at]).tofile(index)
        while alive():
            lines = Lines()
            csv.writer(lines, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(
                islice(source, _PIECE)
            )
            if not lines:
                break
            encoded = [text.encode() for text in lines]
            offsets = array("Q")
            for row in encoded:
                at += len(row)
                offsets.append(at)
            out.write(b"".join(encoded))
            offsets.tofile(index)
            count += len(encoded)
    return count


def read_page(folder: Path, start: int, limit: int) -> tuple[int, Iterator[bytes]]:
    """Rows `start` to `start + limit` with the header line: how many there are, and their bytes."""
    index, data = folder / "results.idx", folder / "results.csv"
    total = index.stat().st_size // _OFFSET_BYTES - 1
    end = min(start + limit, total)
    offsets = []
    with index.open("rb") as entries:
        for row in (0, start, end):
            entries.seek(row * _OFFSET_BYTES)
            one = array("Q")
            one.fromfile(entries, 1)
            offsets.append(one[0])

    def pieces() -> Iterator[bytes]:
        yield from file_chunks(data, 0, offsets[0])
        yield from file_chunks(data, offsets[1], offsets[2])

    return end - start, pieces()


def _job(ctx: Context, job_id: str) -> Job:
    job = jobs_of(ctx.org).find(job_id, "V2Query")
    if job is None:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    return job


def _shown(job: Job, *, brief: bool = False) -> dict[str, object]:
    body = shown(job, brief=brief)
    body |= {"lineEnding": job.line_ending, "columnDelimiter": job.delimiter}
    if not brief:
        body |= {
            "numberRecordsProcessed": job.processed,
            "retries": job.retries,
            "totalProcessingTime": job.total_ms,
            "isPkChunkingSupported": True,
        }
        if job.error:
            body["errorMessage"] = job.error
    return body


def show(ctx: Context, request: Request, version: str, job: str) -> Response:
    """GET: how far the job is."""
    return Response.of(_shown(_job(ctx, job)))


def change(ctx: Context, request: Request, version: str, job: str) -> Response:
    """PATCH {"state": "Aborted"}: stop the job."""
    found = _job(ctx, job)
    state = request.json_object().get("state")
    if state != "Aborted":
        raise ApiError("INVALIDJOBSTATE", f"Invalid job state: {state}")
    if not jobs_of(ctx.org).change(found, only_from=("UploadComplete", "InProgress"), state="Aborted"):
        raise ApiError("INVALIDJOBSTATE", f"The job is {found.state} and cannot become Aborted.")
    return Response.of(_shown(found, brief=True))


def remove(ctx: Context, request: Request, version: str, job: str) -> Response:
    """DELETE: 204; a job at work must be aborted first."""
    found = _job(ctx, job)
    if found.state in ("UploadComplete", "InProgress"):
        raise ApiError("INVALIDJOBSTATE", f"A job that is {found.state} cannot be deleted; abort it first.")
    jobs_of(ctx.org).remove(found)
    return Response(204)


def list_jobs(ctx: Context, request: Request, version: str) -> Response:
    """GET: the query jobs of the last seven days."""
    return listing(ctx, request, version, ("V2Query", "Classic"))


def results(ctx: Context, request: Request, version: str, job: str) -> Response:
    """GET …/results?maxRecords=&locator=: one page as CSV; `Sforce-Locator: null` on the last."""
    found = _job(ctx, job)
    if found.state != "JobComplete":
        raise ApiError("INVALIDJOBSTATE", f"Results exist once the job is complete; it is {found.state}.")
    limit = _positive(request.parameter("maxRecords"), PAGE)
    start = _start(request.parameter("locator"), found)
    rows, body = read_page(jobs_of(ctx.org).folder(found), start, limit)
    following = start + rows
    headers = {
        "Sforce-Locator": _locator(following) if following < found.processed else "null",
        "Sforce-NumberOfRecords": str(rows),
    }
    return Response(200, body, headers, content_type="text/csv")


def _positive(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdigit() or int(text) < 1:
        raise ApiError("INVALIDJOB", f"maxRecords must be a positive number, not {text}.")
    return int(text)


def _locator(row: int) -> str:
    return f"MTAw{row:x}"


def _start(locator: str | None, job: Job) -> int:
    if locator is None:
        return 0
    try:
        row = int(locator.removeprefix("MTAw"), 16) if locator.startswith("MTAw") else -1
    except ValueError:
        row = -1
    if not 0 < row < job.processed:
        raise ApiError("INVALIDLOCATOR", f"Invalid locator: {locator}")
    return row


_BASE = "/services/data/<version>/jobs/query"
ROUTES = [
    Route("POST", _BASE, create, kind="bulk2"),
    Route("GET", _BASE, list_jobs, kind="bulk2"),
    Route("GET", _BASE + "/<job>", show, kind="bulk2"),
    Route("PATCH", _BASE + "/<job>", change, kind="bulk2"),
    Route("DELETE", _BASE + "/<job>", remove, kind="bulk2"),
    Route("GET", _BASE + "/<job>/results", results, media=(), kind="bulk2"),
]
