"""Updates that are made only if nobody modified the record since."""

from __future__ import annotations

from app.salesforce.records import ConditionalChange, RowResult, Subrequest, SubResponse
from app.salesforce.wire import http_date


def subrequest(change: ConditionalChange, reference: str) -> Subrequest:
    """The change as a part of a composite call."""
    return Subrequest(
        "PATCH",
        f"sobjects/{change.sobject}/{change.id}",
        reference,
        dict(change.fields),
        {**change.headers, "If-Unmodified-Since": http_date(change.unmodified_since)},
    )


def result(change: ConditionalChange, answer: SubResponse) -> RowResult:
    """What became of it; the error of one that came too late is of the kind `modified`."""
    return RowResult(change.id, answer.ok, False if answer.ok else None, answer.errors())
