"""`updated` and `deleted`: which records of a type changed or went in a window of time."""

from __future__ import annotations

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.rest.records import sobject_of
from app.sandbox.schema import SObject
from app.sandbox.store import quoted
from app.sandbox.values import datetime_text, parse_datetime

DAY = 86_400
UPDATED_DAYS = 30
DELETED_DAYS = 15
MAX_IDS = 600_000


def updated(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """Ids of the records whose SystemModstamp lies in the window, its end excluded."""
    kind = _kind(ctx, sobject)
    start, end = _window(ctx, request, UPDATED_DAYS)
    rows = (
        ctx.org.store.read()
        .execute(
            f"SELECT Id FROM {quoted(kind.name)} WHERE SystemModstamp >= ? AND SystemModstamp < ? "
            "AND IsDeleted = 0 ORDER BY SystemModstamp, Id LIMIT ?",
            (start, end, MAX_IDS + 1),
        )
        .fetchall()
    )
    _check_count(len(rows))
    return Response.of(
        {"ids": [record_id for (record_id,) in rows], "latestDateCovered": datetime_text(_covered(ctx, end))}
    )


def deleted(ctx: Context, request: Request, version: str, sobject: str) -> Response:
    """The records of the type that were deleted in the window, even if they have left the recycle bin."""
    kind = _kind(ctx, sobject)
    earliest = _earliest(ctx)
    start, end = _window(ctx, request, DELETED_DAYS, earliest)
    rows = (
        ctx.org.store.read()
        .execute(
            "SELECT record_id, deleted_at FROM _recycle WHERE sobject = ? AND deleted_at >= ? "
            "AND deleted_at < ? ORDER BY deleted_at, record_id LIMIT ?",
            (kind.name, start, end, MAX_IDS + 1),
        )
        .fetchall()
    )
    _check_count(len(rows))
    return Response.of(
        {
            "deletedRecords": [{"deletedDate": datetime_text(at), "id": record_id} for record_id, at in rows],
            "earliestDateAvailable": datetime_text(earliest),
            "latestDateCovered": datetime_text(_covered(ctx, end)),
        }
    )


def _kind(ctx: Context, name: str) -> SObject:
    kind = sobject_of(ctx, name)
    if not kind.replicateable:
        raise ApiError("INVALID_TYPE_FOR_OPERATION", f"The entity {kind.name} is not replicateable")
    return kind


def _earliest(ctx: Context) -> int:
    """Since when the delete log is complete."""
    floor = ctx.org.clock.now() - DELETED_DAYS * DAY
    purged = ctx.org.store.get_meta("delete_log_from")
    earliest = max(floor, int(purged)) if purged else floor
    return earliest - earliest % 60


def _window(ctx: Context, request: Request, days: int, earliest: int | None = None) -> tuple[int, int]:
    """Start and end in whole minutes; seconds are ignored."""
    moments = []
    for name in ("start", "end"):
        text = request.parameter(name)
        # an unescaped `+` of a zone arrives as a blank
        moment = parse_datetime(text.replace(" ", "+")) if text else None
        if moment is None:
            raise ApiError("INVALID_REPLICATION_DATE", f"{name} must be a date and time in ISO 8601")
        moments.append(moment - moment % 60)
    start, end = moments
    now = ctx.org.clock.now()
    if end - start < 60:
        raise ApiError(
            "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate"
        )
    if start > now:
        raise ApiError("INVALID_REPLICATION_DATE", "startDate cannot be in the future")
    if start < now - days * DAY - 60:
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    if earliest is not None and start < earliest - 60:
        raise ApiError(
            "INVALID_REPLICATION_DATE",
            f"startDate before the earliest available date {datetime_text(earliest)}",
        )
    return start, end


def _covered(ctx: Context, end: int) -> int:
    """Up to when the answer is complete: not beyond now, nor beyond the start of an open transaction."""
    latest = min([end, ctx.org.clock.now(), *[waiting.stamp for waiting in ctx.org.pending]])
    return latest - latest % 60


def _check_count(count: int) -> None:
    if count > MAX_IDS:
        raise ApiError("EXCEEDED_ID_LIMIT", f"number of ids exceeds the limit of {MAX_IDS}")


_BASE = "/services/data/<version>/sobjects/<sobject>"
ROUTES = [Route("GET", f"{_BASE}/updated", updated), Route("GET", f"{_BASE}/deleted", deleted)]
