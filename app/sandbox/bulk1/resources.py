"""`/services/async/NN.0/job…`: the jobs and batches of the older Bulk API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.sandbox.bulk1.batches import QUERIES, Batch, process, update
from app.sandbox.bulk1.forms import XML, answer, document, members_of, refusal, wants_json
from app.sandbox.bulk2.ingest import new_job_id
from app.sandbox.bulk2.jobs import Job, file_chunks, jobs_of, stamp
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import JSON, Request, Response, Route

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete", *QUERIES)
MAX_BATCH_BYTES = 10_000_000
#: simple-salesforce sends the position in this list instead of the name
_CONCURRENCY = {"0": "Parallel", "1": "Serial", "Parallel": "Parallel", "Serial": "Serial"}
_MEDIA = {"CSV": "text/csv", "JSON": JSON, "XML": XML}


def _job_shown(job: Job) -> dict[str, Any]:
    def count(state: str) -> int:
        return sum(batch["state"] == state for batch in job.batches)

    body: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user_id,
        "createdDate": stamp(job.created),
        "systemModstamp": stamp(job.modified),
        "state": job.state,
    }
    if job.external_id_field:
        body["externalIdFieldName"] = job.external_id_field
    return body | {
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "numberBatchesQueued": count("Queued"),
        "numberBatchesInProgress": count("InProgress"),
        "numberBatchesCompleted": count("Completed"),
        "numberBatchesFailed": count("Failed"),
        "numberBatchesTotal": len(job.batches),
        "numberRecordsProcessed": sum(batch["processed"] for batch in job.batches),
        "numberRetries": 0,
        "apiVersion": float(job.api_version),
        "numberRecordsFailed": sum(batch["failed"] for batch in job.batches),
        "totalProcessingTime": sum(batch["ms"] for batch in job.batches),
        "apiActiveProcessingTime": sum(batch["ms"] for batch in job.batches),
        "apexProcessingTime": 0,
    }


def _batch_shown(job: Job, batch: Batch) -> dict[str, Any]:
    body: dict[str, Any] = {"id": batch["id"], "jobId": job.id, "state": batch["state"]}
    if batch["message"]:
        body["stateMessage"] = batch["message"]
    return body | {
        "createdDate": stamp(batch["created"]),
        "systemModstamp": stamp(batch["modified"]),
        "numberRecordsProcessed": batch["processed"],
        "numberRecordsFailed": batch["failed"],
        "totalProcessingTime": batch["ms"],
        "apiActiveProcessingTime": batch["ms"],
        "apexProcessingTime": 0,
    }


def _job(ctx: Context, job_id: str) -> Job:
    job = jobs_of(ctx.org).find(job_id, "Classic")
    if job is None:
        raise ApiError("InvalidJob", f"Unable to find job for id: {job_id}")
    return job


def _batch(ctx: Context, job_id: str, batch_id: str) -> tuple[Job, Batch]:
    job = _job(ctx, job_id)
    for batch in job.batches:
        if batch["id"][:15] == batch_id[:15]:
            return job, batch
    raise ApiError("InvalidBatch", f"Unable to find batch for id: {batch_id}")


def create(ctx: Context, request: Request, api: str) -> Response:
    """POST: a new job in state Open."""
    if request.headers.get("sforce-enable-pkchunking", "false").strip().lower() != "false":
        raise ApiError("FeatureNotEnabled", "PK chunking is not enabled for this organization.")
    body = members_of(request)
    operation = str(body.get("operation") or "")
    if operation not in OPERATIONS:
        raise ApiError("InvalidJob", f"Invalid operation: {operation}")
    content_type = str(body.get("contentType") or "XML").upper()
    if content_type not in _MEDIA:
        raise ApiError("InvalidJob", f"Unsupported content type: {content_type}")
    sobject = ctx.org.schema.find(str(body.get("object") or ""))
    if sobject is None or not ctx.visible(sobject):
        raise ApiError("InvalidJob", f"InvalidEntity : Unable to find object: {body.get('object')}")
    external = str(body.get("externalIdFieldName") or "")
    field = sobject.field_named(external) if external else None
    if operation == "upsert" and field is None:
        raise ApiError(
            "InvalidJob",
            f"External ID was blank for {sobject.name}. An external ID must be specified for upsert.",
        )
    now = ctx.org.clock.now()
    job = jobs_of(ctx.org).add(
        Job(
            id=new_job_id(ctx),
            type="Classic",
            operation=operation,
            object=sobject.name,
            user_id=ctx.user_id,
            created=now,
            modified=now,
            state="Open",
            api_version=api,
            content_type=content_type,
            concurrency=_CONCURRENCY.get(str(body.get("concurrencyMode") or 0), "Parallel"),
            client=ctx.client,
            auto_assign=ctx.auto_assign,
            external_id_field=field.name if field and operation == "upsert" else None,
        )
    )
    return answer(request, "jobInfo", _job_shown(job), 201)


def change(ctx: Context, request: Request, api: str, job: str) -> Response:
    """POST {"state": "Closed" | "Aborted"}."""
    found = _job(ctx, job)
    state = str(members_of(request).get("state") or "")
    jobs = jobs_of(ctx.org)
    if state not in ("Closed", "Aborted"):
        raise ApiError("InvalidJobState", f"Invalid job state: {state}")
    if not jobs.change(
        found, only_from=("Open", state) if state == "Closed" else ("Open", "Closed"), state=state
    ):
        raise ApiError("InvalidJobState", f"Job {found.id} is {found.state} and cannot become {state}")
    if state == "Aborted":
        for batch in found.batches:
            if batch["state"] in ("Queued", "InProgress"):
                update(jobs, found, batch, state="NotProcessed")
    return answer(request, "jobInfo", _job_shown(found))


def show(ctx: Context, request: Request, api: str, job: str) -> Response:
    """GET: the job."""
    return answer(request, "jobInfo", _job_shown(_job(ctx, job)))


def add_batch(ctx: Context, request: Request, api: str, job: str) -> Response:
    """POST: records (or a query) as a new batch, processed at once."""
    found = _job(ctx, job)
    if found.state != "Open":
        raise ApiError("InvalidJobState", f"Job {found.id} is not open; it is {found.state}")
    data = request.body
    if len(data) > MAX_BATCH_BYTES:
        raise ApiError("InvalidBatch", "The batch is larger than the maximum of 10 MB")
    if not data.strip():
        raise ApiError("InvalidBatch", "The batch is empty")
    jobs = jobs_of(ctx.org)
    now = ctx.org.clock.now()
    batch: Batch = {
        "id": new_job_id(ctx, "751"),
        "state": "Queued",
        "message": "",
        "created": now,
        "modified": now,
        "processed": 0,
        "failed": 0,
        "ms": 0,
    }
    (jobs.folder(found) / f"{batch['id']}.request").write_bytes(data)
    found.batches.append(batch)
    jobs.change(found)
    body = _batch_shown(found, batch)
    lane = "query" if found.operation in QUERIES else "ingest"
    jobs.submit(lane, found, process(ctx.org, batch["id"]))
    return answer(request, "batchInfo", body, 201)


def list_batches(ctx: Context, request: Request, api: str, job: str) -> Response:
    """GET: every batch of the job."""
    found = _job(ctx, job)
    shown = [_batch_shown(found, batch) for batch in found.batches]
    return answer(request, "batchInfoList", {"batchInfo": shown})


def show_batch(ctx: Context, request: Request, api: str, job: str, batch: str) -> Response:
    """GET: one batch."""
    return answer(request, "batchInfo", _batch_shown(*_batch(ctx, job, batch)))


def batch_request(ctx: Context, request: Request, api: str, job: str, batch: str) -> Response:
    """GET: the batch as it was sent."""
    found, one = _batch(ctx, job, batch)
    file = jobs_of(ctx.org).folder(found) / f"{one['id']}.request"
    return Response(200, file_chunks(file), content_type=_MEDIA[found.content_type])


def batch_result(ctx: Context, request: Request, api: str, job: str, batch: str) -> Response:
    """GET: what became of each record, in order; of a query, the ids of its results."""
    found, one = _batch(ctx, job, batch)
    file = _result_file(ctx, found, one)
    if found.operation not in QUERIES:
        return Response(200, file_chunks(file), content_type=_MEDIA[found.content_type])
    result_id = "752" + one["id"][3:]
    if wants_json(request) or found.content_type == "JSON":
        return Response.of([result_id])
    return Response(200, document("result-list", {"result": [result_id]}), content_type=XML)


def query_result(ctx: Context, request: Request, api: str, job: str, batch: str, result: str) -> Response:
    """GET: the rows of a query."""
    found, one = _batch(ctx, job, batch)
    if result[3:15] != one["id"][3:15]:
        raise ApiError("InvalidBatch", f"Unable to find result for id: {result}")
    file = _result_file(ctx, found, one)
    return Response(200, file_chunks(file), content_type=_MEDIA[found.content_type])


def _result_file(ctx: Context, job: Job, batch: Batch) -> Any:
    if batch["state"] != "Completed":
        reason = batch["message"] or f"Batch not completed: it is {batch['state']}"
        raise ApiError("InvalidBatch", reason)
    return jobs_of(ctx.org).folder(job) / f"{batch['id']}.result"


def _route(method: str, pattern: str, handler: Callable[..., Response]) -> Route:
    base = "/services/async/<api>/job"
    return Route(method, base + pattern, handler, errors=refusal, kind="bulk1", media=())


ROUTES = [
    _route("POST", "", create),
    _route("GET", "/<job>", show),
    _route("POST", "/<job>", change),
    _route("POST", "/<job>/batch", add_batch),
    _route("GET", "/<job>/batch", list_batches),
    _route("GET", "/<job>/batch/<batch>", show_batch),
    _route("GET", "/<job>/batch/<batch>/request", batch_request),
    _route("GET", "/<job>/batch/<batch>/result", batch_result),
    _route("GET", "/<job>/batch/<batch>/result/<result>", query_result),
]
