"""`limits`, `limits/recordCount`, and what versions and resources there are."""

from __future__ import annotations

from typing import Any

from app.sandbox.context import Context
from app.sandbox.http import Request, Response, Route
from app.sandbox.store import quoted

OLDEST = 31
NEWEST = 67
_SEASONS = ("Summer", "Winter", "Spring")


def limits(ctx: Context, request: Request, version: str) -> Response:
    """The org's limits and what is left of them."""
    total = ctx.org.settings.daily_api_requests
    used = ctx.org.counters.used
    fixed = {
        "ActiveScratchOrgs": 40,
        "ConcurrentAsyncGetReportInstances": 200,
        "DailyAsyncApexExecutions": 250_000,
        "DailyBulkApiBatches": 15_000,
        "DailyBulkV2QueryFileStorageMB": 976_562,
        "DailyBulkV2QueryJobs": 10_000,
        "DailyStreamingApiEvents": 200_000,
        "DataStorageMB": 10_240,
        "FileStorageMB": 10_240,
        "HourlySyncReportRuns": 500,
        "MassEmail": 5_000,
        "SingleEmail": 5_000,
    }
    body: dict[str, Any] = {name: {"Max": most, "Remaining": most} for name, most in fixed.items()}
    body["DailyApiRequests"] = {"Max": total, "Remaining": max(0, total - used)}
    return Response.of(dict(sorted(body.items())))


def record_count(ctx: Context, request: Request, version: str) -> Response:
    """How many records there are of each type asked for; unknown types are left out."""
    asked = request.parameter("sObjects")
    if asked:
        kinds = [k for name in asked.split(",") if (k := ctx.org.schema.find(name.strip())) is not None]
    else:
        kinds = list(ctx.org.schema)
    connection = ctx.org.store.read()
    counts = []
    for kind in sorted({k.name: k for k in kinds if ctx.visible(k)}.values(), key=lambda k: k.name):
        count = connection.execute(
            f"SELECT COUNT(*) FROM {quoted(kind.name)} WHERE IsDeleted = 0"
        ).fetchone()[0]
        if count or asked:
            counts.append({"count": count, "name": kind.name})
    return Response.of({"sObjects": counts})


def versions(ctx: Context, request: Request) -> Response:
    """GET /services/data: needs no session."""
    listed = []
    for number in range(OLDEST, NEWEST + 1):
        # version 31 was Summer '14; three releases a year
        season = _SEASONS[(number - OLDEST) % 3]
        year = 14 + (number - OLDEST + 2) // 3
        listed.append(
            {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        )
    return Response.of(listed)


def resources(ctx: Context, request: Request, version: str) -> Response:
    """GET /services/data/vNN.0: the resources of a version."""
    base = f"/services/data/v{version}"
    names = ("composite", "jobs", "limits", "process", "query", "queryAll", "search", "sobjects", "ui-api")
    return Response.of({name: f"{base}/{name}" for name in names} | {"identity": _identity(ctx)})


def _identity(ctx: Context) -> str:
    return f"{ctx.org.https_url}/id/{ctx.org.org_id}/{ctx.user_id}"


ROUTES = [
    Route("GET", "/services/data", versions, auth=False, counted=False),
    Route("GET", "/services/data/<version>", resources),
    Route("GET", "/services/data/<version>/limits", limits),
    Route("GET", "/services/data/<version>/limits/recordCount", record_count),
]
