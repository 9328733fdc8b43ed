"""The audit trail for those who may read it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Blueprint
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.audit import trail
from app.web import paging
from app.web.operation import operation, session
from app.words import say

audit = Blueprint("audit", __name__)
#: The right to read who did what, of everybody.
READ = "audit.read"


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError(say("Write one line without control characters."))
    return text


Word = Annotated[str, StringConstraints(max_length=255), AfterValidator(_one_line)]


class AuditQuery(BaseModel):
    """Which rows. since is part of the period, until is not; both with a time zone."""

    model_config = ConfigDict(extra="forbid")

    subject_kind: Word = ""
    subject_id: Word = ""
    actor_id: UUID | None = None
    action: Word = ""
    partner_account_id: UUID | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=paging.LARGEST_PAGE)] = 50
    cursor: Word = ""


class AuditRow(BaseModel):
    """Who did what to what, when and why. number and hash: its place in the chain."""

    number: int
    at: datetime
    actor_id: UUID | None
    actor_scope: str
    actor_name: str
    action: str
    subject_kind: str
    subject_id: str
    partner_account_id: UUID | None
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


class AuditPage(BaseModel):
    """A page, newest first. `next` is the cursor of the following one, or null."""

    items: list[AuditRow]
    next: str | None


@audit.get("/api/audit")
@operation("staff", answer=AuditPage, right=READ, tags=("Audit trail",))
def read(query: AuditQuery) -> AuditPage:
    """Rows of the audit trail, newest first."""
    wanted = trail.Wanted(
        subject_kind=query.subject_kind or None,
        subject_id=query.subject_id or None,
        actor_id=query.actor_id,
        action=query.action or None,
        partner_account_id=query.partner_account_id,
        since=query.since,
        until=query.until,
    )
    after = paging.decode(query.cursor) if query.cursor else None
    rows = trail.read(session(), wanted, limit=query.limit + 1, after=after)
    more = rows[query.limit - 1] if len(rows) > query.limit else None
    return AuditPage(
        items=[AuditRow(**row) for row in rows[: query.limit]],
        next=paging.encode(more["at"], more["id"]) if more else None,
    )
