"""`/jobs/ingest`: create, upload, close, watch, fetch the results of an ingest job."""

from __future__ import annotations

import orjson

from app.sandbox.bulk2.csvdata import DELIMITERS, LINE_ENDINGS
from app.sandbox.bulk2.jobs import ENDED, Job, file_chunks, jobs_of, stamp
from app.sandbox.bulk2.loading import load
from app.sandbox.bulk2.outcomes import results_header, unprocessed
from app.sandbox.bulk2.uploads import parts, spool
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.collections import sobject_named

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")


def shown(job: Job, *, brief: bool = False) -> dict[str, object]:
    """The job as its resource shows it; `brief` is what creating and changing it answer."""
    body: dict[str, object] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user_id,
        "createdDate": stamp(job.created),
        "systemModstamp": stamp(job.modified),
        "state": job.state,
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "apiVersion": float(job.api_version),
    }
    if job.external_id_field:
        body["externalIdFieldName"] = job.external_id_field
    if job.type == "V2Ingest":
        if job.state == "Open":
            body["contentUrl"] = f"services/data/v{job.api_version}/jobs/ingest/{job.id}/batches"
        body |= {"lineEnding": job.line_ending, "columnDelimiter": job.delimiter}
    if brief:
        return body
    body["jobType"] = job.type
    if job.type == "V2Ingest":
        body |= {
            "retries": job.retries,
            "totalProcessingTime": job.total_ms,
            "numberRecordsProcessed": job.processed,
            "numberRecordsFailed": job.failed,
            "apiActiveProcessingTime": job.active_ms,
            "apexProcessingTime": 0,
        }
        if job.error:
            body["errorMessage"] = job.error
    return body


def job_options(ctx: Context, body: dict[str, object]) -> tuple[str, str]:
    """The column delimiter and line ending that a request asks for. Raises ApiError for unknown ones."""
    delimiter = str(body.get("columnDelimiter") or "COMMA")
    ending = str(body.get("lineEnding") or "LF")
    if delimiter not in DELIMITERS:
        raise ApiError("INVALIDJOB", f"Invalid columnDelimiter: {delimiter}")
    if ending not in LINE_ENDINGS:
        raise ApiError("INVALIDJOB", f"Invalid lineEnding: {ending}")
    if str(body.get("contentType") or "CSV") != "CSV":
        raise ApiError("INVALIDJOB", f"Invalid contentType: {body['contentType']}")
    return delimiter, ending


def create(ctx: Context, request: Request, version: str) -> Response:
    """POST: a new job in state Open; sent as multipart with its data, it is UploadComplete at once."""
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return _create_with_data(ctx, request, version)
    job = _new_job(ctx, request.json_object(), version)
    return Response.of(shown(job, brief=True))


def _new_job(ctx: Context, body: dict[str, object], version: str) -> Job:
    unknown = set(body) - {
        "assignmentRuleId", "columnDelimiter", "contentType", "externalIdFieldName", "lineEnding", "object",
        "operation",
    }  # fmt: skip
    if unknown:
        raise ApiError("JSON_PARSER_ERROR", f'Unrecognized field "{sorted(unknown)[0]}" in the job.')
    operation = str(body.get("operation") or "")
    if operation not in OPERATIONS:
        raise ApiError("INVALIDJOB", f"Invalid operation: {operation}")
    if not body.get("object"):
        raise ApiError("INVALIDJOB", "The object of the job is required.")
    sobject = sobject_named(ctx, body["object"])
    external = str(body.get("externalIdFieldName") or "")
    if operation == "upsert":
        field = sobject.field_named(external) if external else None
        if field is None:
            shortage = (
                "InvalidJob : External ID was blank for" if not external else "InvalidJob : No such field on"
            )
            raise ApiError(
                "INVALIDJOB", f"{shortage} {sobject.name}. An external ID must be specified for upsert."
            )
        if not (field.external_id or field.id_lookup or field.name == "Id"):
            raise ApiError(
                "INVALIDJOB",
                f"InvalidJob : Field name provided, {external} is not an External ID or indexed field",
            )
        external = field.name
    if body.get("assignmentRuleId"):
        raise ApiError("INVALIDJOB", f"There is no assignment rule with the id {body['assignmentRuleId']}.")
    delimiter, ending = job_options(ctx, body)
    now = ctx.org.clock.now()
    return jobs_of(ctx.org).add(
        Job(
            id=new_job_id(ctx),
            type="V2Ingest",
            operation=operation,
            object=sobject.name,
            user_id=ctx.user_id,
            created=now,
            modified=now,
            state="Open",
            api_version=version,
            client=ctx.client,
            auto_assign=ctx.auto_assign,
            delimiter=delimiter,
            line_ending=ending,
            external_id_field=external or None,
        )
    )


def new_job_id(ctx: Context, prefix: str = "750") -> str:
    """The id of a new job (750) or batch (751)."""
    with ctx.org.store.write() as tx:
        return ctx.org.ids.take(tx.connection, prefix)[0]


def _create_with_data(ctx: Context, request: Request, version: str) -> Response:
    description, content = parts(request)
    try:
        body = orjson.loads(description)
    except orjson.JSONDecodeError as error:
        raise ApiError("JSON_PARSER_ERROR", error.msg) from None
    job = _new_job(ctx, body, version)
    jobs = jobs_of(ctx.org)
    (jobs.folder(job) / "data.csv").write_bytes(content)
    jobs.change(job, uploaded=True, state="UploadComplete")
    answer = Response.of(shown(job, brief=True))
    jobs.submit("ingest", job, load(ctx.org))
    return answer


def _job(ctx: Context, job_id: str) -> Job:
    job = jobs_of(ctx.org).find(job_id, "V2Ingest")
    if job is None:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    return job


def upload(ctx: Context, request: Request, version: str, job: str) -> Response:
    """PUT …/batches: the data of the job, once."""
    found = _job(ctx, job)
    jobs = jobs_of(ctx.org)
    if found.uploaded:
        raise ApiError(
            "CLIENTINPUTERROR",
            f"Found multiple contents for job: <{found.id}>, please 'Close' / 'Abort' / 'Delete' the current "
            "Job then create a new Job and make sure you only do 'PUT' once on a given Job.",
        )
    if found.state != "Open":
        raise ApiError(
            "INVALIDJOBSTATE", f"Job is {found.state}; data can be uploaded while it is Open only."
        )
    target = jobs.folder(found) / "data.csv"
    spool(request, target)
    jobs.change(found, uploaded=True)
    return Response(201)


def change(ctx: Context, request: Request, version: str, job: str) -> Response:
    """PATCH {"state"}: UploadComplete lets the org process it, Aborted stops it."""
    found = _job(ctx, job)
    state = request.json_object().get("state")
    jobs = jobs_of(ctx.org)
    if state == "UploadComplete":
        if not jobs.change(found, only_from=("Open",), state=state):
            raise _wrong_state(found, state)
        answer = Response.of(shown(found, brief=True))
        jobs.submit("ingest", found, load(ctx.org))
        return answer
    if state == "Aborted":
        if not jobs.change(found, only_from=("Open", "UploadComplete", "InProgress"), state=state):
            raise _wrong_state(found, state)
        return Response.of(shown(found, brief=True))
    raise ApiError("INVALIDJOBSTATE", f"Invalid job state: {state}")


def _wrong_state(job: Job, wanted: str) -> ApiError:
    return ApiError("INVALIDJOBSTATE", f"The job is {job.state} and cannot become {wanted}.")


def show(ctx: Context, request: Request, version: str, job: str) -> Response:
    """GET: how far the job is."""
    return Response.of(shown(_job(ctx, job)))


def remove(ctx: Context, request: Request, version: str, job: str) -> Response:
    """DELETE: 204; only a job that has ended, or never began, can be deleted."""
    found = _job(ctx, job)
    if found.state in ("UploadComplete", "InProgress"):
        raise ApiError("INVALIDJOBSTATE", f"A job that is {found.state} cannot be deleted; abort it first.")
    jobs_of(ctx.org).remove(found)
    return Response(204)


def listing(ctx: Context, request: Request, version: str, types: tuple[str, ...]) -> Response:
    """Jobs, 1,000 a page, as the collection resources list them."""
    wanted = request.parameter("jobType")
    start = int(request.parameter("queryLocator") or 0)
    found = [
        shown(job)
        for job in jobs_of(ctx.org).all()
        if job.type in types and (wanted is None or job.type.lower() == wanted.lower())
    ]
    page = found[start : start + 1000]
    done = start + 1000 >= len(found)
    path = request.path.rstrip("/")
    following = None if done else f"{path}?queryLocator={start + 1000}"
    return Response.of({"done": done, "records": page, "nextRecordsUrl": following})


def list_jobs(ctx: Context, request: Request, version: str) -> Response:
    """GET: the ingest jobs of the last seven days."""
    return listing(ctx, request, version, ("V2Ingest", "Classic"))


def results(ctx: Context, request: Request, version: str, job: str, kind: str) -> Response:
    """GET successfulResults, failedResults or unprocessedrecords, in any letter case: CSV, streamed."""
    found = _job(ctx, job)
    folder = jobs_of(ctx.org).folder(found)
    name = kind.lower()
    if name not in ("successfulresults", "failedresults", "unprocessedrecords"):
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    if found.state not in ENDED:
        raise ApiError("INVALIDJOBSTATE", f"Results exist once the job has ended; it is {found.state}.")
    if name == "unprocessedrecords":
        return Response(200, unprocessed(folder, found), content_type="text/csv")
    file = folder / ("success.csv" if name == "successfulresults" else "failed.csv")
    if not file.exists():
        return Response(200, results_header(folder, found, name), content_type="text/csv")
    return Response(200, file_chunks(file), content_type="text/csv")


_BASE = "/services/data/<version>/jobs/ingest"
ROUTES = [
    Route("POST", _BASE, create, media=("application/json", "multipart/form-data"), kind="bulk2"),
    Route("GET", _BASE, list_jobs, kind="bulk2"),
    Route("GET", _BASE + "/<job>", show, kind="bulk2"),
    Route("PATCH", _BASE + "/<job>", change, kind="bulk2"),
    Route("DELETE", _BASE + "/<job>", remove, kind="bulk2"),
    Route("PUT", _BASE + "/<job>/batches", upload, media=("text/csv",), kind="bulk2"),
    Route("GET", _BASE + "/<job>/<kind>", results, media=(), kind="bulk2"),
]
