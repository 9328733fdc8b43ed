"""Requests as records in the CRM: what they show there.

`show` is told of everything that happens to a request and keeps its row current; the sync carries the row.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals import holders
from app.approvals.authorizations import in_force
from app.approvals.lifecycle import WORDS, State
from app.approvals.models import Authorization, Request, RequestStep
from app.approvals.service import moment
from app.approvals.steps import step_title
from app.db import Database
from app.kernel.actor import SYSTEM, Actor

TABLE = "crm_approval_request"
LONGEST_NAME = 80

_SAID = {
    "approved": "Approved",
    "step_approved": "Approved",
    "rejected": "Rejected",
    "step_rejected": "Rejected",
    "info_needed": "Information requested",
}
_WHERE = {
    "api": "in Tandem",
    "crm": "in Salesforce",
    "process": "in Salesforce's approval process",
    "limits": "inside the limits",
}


def show(
    session: Session,
    request: Request,
    event: str = "",
    authorization: Authorization | None = None,
    actor: Actor | None = None,
    reason: str = "",
) -> None:
    """Let the CRM's record, opportunity and lead say how the request stands. In the system's name.

    A request that was never handed in is nobody else's business. A row that the sync is working on is passed
    over and noted for `catch_up`: whoever waited for it here would hold the request that the sync is about to
    ask for.
    """
    if request.round == 0:
        return
    session.flush()
    values = _record(session, request)
    made = session.execute(_INSERT, values).first()
    if made is None and session.execute(_UPDATE, values).first() is None:
        session.execute(_MISSED, {"id": request.id})
    for table, record_id in (("opportunity", request.opportunity_id), ("lead", request.lead_id)):
        if record_id is not None:
            _show_on(session, table, record_id)


def catch_up(database: Database) -> int:
    """Show the requests whose rows were passed over, as far as their rows are free now; how many."""
    with database.session(SYSTEM) as session:
        missed = list(session.execute(text("SELECT request_id FROM crm_approval_missed")).scalars())
    shown = 0
    for request_id in missed:
        with database.session(SYSTEM) as session:
            # The request first, so that no change of it falls between its row and this note.
            query = select(Request).where(Request.id == request_id).with_for_update(skip_locked=True)
            request = session.scalars(query).first()
            if request is not None:
                session.execute(
                    text("DELETE FROM crm_approval_missed WHERE request_id = :id"), {"id": request_id}
                )
                show(session, request)
                shown += 1
    return shown


def _show_on(session: Session, table: str, record_id: UUID) -> None:
    """Let an opportunity or a lead say what became of the requests about it."""
    standing = session.execute(_STANDING[table], {"id": record_id}).one()
    values = {
        "id": record_id,
        "state": WORDS[State(standing.state)] if standing.state else None,
        "authorization": standing.authorization,
    }
    session.execute(_ON_THE_DEAL[table], values)


_COLUMNS = (
    "name", "number", "workflow", "title", "state", "holder", "held_since", "due", "step", "amount",
    "currency_code", "partner_account_id", "account_id", "opportunity_id", "lead_id", "requester_id",
    "authorization_number", "last_decision",
)  # fmt: skip
_LISTED = ", ".join(_COLUMNS)
_GIVEN = ", ".join(f":{name}" for name in _COLUMNS)
_INSERT = text(
    f"INSERT INTO {TABLE} (id, {_LISTED}) VALUES (:id, {_GIVEN}) ON CONFLICT DO NOTHING RETURNING id"  # noqa: S608  # our own constants
)
_UPDATE = text(
    f"UPDATE {TABLE} SET ({_LISTED}) = ROW({_GIVEN}) "  # noqa: S608  # our own constants
    f"WHERE id = (SELECT id FROM {TABLE} WHERE id = :id FOR UPDATE SKIP LOCKED) RETURNING id"
)
_MISSED = text("INSERT INTO crm_approval_missed (request_id) VALUES (:id) ON CONFLICT DO NOTHING")
# How the last request stands that was handed in, and the last authorization that holds.
_STANDING = {
    table: text(f"""
        SELECT
            (SELECT r.state FROM approval_request r WHERE r.{table}_id = :id AND r.round > 0
             ORDER BY r.submitted_at DESC NULLS LAST, r.id LIMIT 1) AS state,
            (SELECT a.number FROM approval_authorization a JOIN approval_request r ON r.id = a.request_id
             WHERE r.{table}_id = :id
               AND NOT EXISTS (SELECT FROM approval_authorization_void v WHERE v.number = a.number)
             ORDER BY a.issued_at DESC, a.number DESC LIMIT 1) AS authorization
    """)  # noqa: S608  # our own names
    for table in ("opportunity", "lead")
}
# A converted lead takes no changes.
_ON_THE_DEAL = {
    table: text(f"""
        UPDATE {table} SET approval_status = :state, authorization_number = :authorization
        WHERE id = :id AND deleted_at IS NULL {further}
          AND (approval_status, authorization_number) IS DISTINCT FROM (:state, :authorization)
    """)  # noqa: S608  # our own names
    for table, further in (("opportunity", ""), ("lead", "AND NOT is_converted"))
}


def _record(session: Session, request: Request) -> dict[str, Any]:
    """The row for a request as it is now."""
    authorization = in_force(session, request)
    values = {
        "id": request.id,
        "name": f"{request.number} · {request.title}"[:LONGEST_NAME].rstrip(),
        "number": request.number,
        "workflow": request.workflow_key,
        "title": request.title[:255],
        "state": WORDS[State(request.state)],
        "amount": request.amount,
        "currency_code": request.currency or None,
        "authorization_number": authorization.number if authorization else None,
        "last_decision": _last_decision(session, request),
        **_holder(session, request),
    }
    references = {
        "partner": request.partner_account_id,
        "account": request.account_id,
        "opportunity": request.opportunity_id,
        "lead": request.lead_id,
        "requester": request.requester_id,
    }
    there = session.execute(_THERE, references).one()
    return values | {column: getattr(there, column) for column in there._fields}


# What was deleted in Salesforce, or never was there, is no reference: the record would be refused for it.
_THERE = text("""
    SELECT
        (SELECT id FROM account WHERE id = :partner AND deleted_at IS NULL) AS partner_account_id,
        (SELECT id FROM account WHERE id = :account AND deleted_at IS NULL) AS account_id,
        (SELECT id FROM opportunity WHERE id = :opportunity AND deleted_at IS NULL) AS opportunity_id,
        (SELECT id FROM lead WHERE id = :lead AND deleted_at IS NULL) AS lead_id,
        (SELECT u.id FROM crm_user u JOIN sync_link l ON l.local_id = u.id
            WHERE u.id = :requester AND l.state = 'linked') AS requester_id
""")


def _holder(session: Session, request: Request) -> dict[str, Any]:
    """Whom it waits for, since when, until when, in which step."""
    held = holders.held(session, [request], moment(session))[request.id]
    titles = {
        row.key: step_title(row)
        for row in session.scalars(
            select(RequestStep).where(
                RequestStep.request_id == request.id, RequestStep.round == request.round
            )
        )
    }
    return {
        "holder": held.who[:255] or None,
        "held_since": held.since.replace(microsecond=0) if held.since else None,
        "due": held.due.replace(microsecond=0) if held.due else None,
        "step": ", ".join(titles.get(key, key) for key in held.steps)[:255] or None,
    }


_LAST = text("""
    SELECT kind, actor_name, actor_id, door, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at
    FROM approval_event WHERE request_id = :id AND kind = ANY(:kinds) ORDER BY id DESC LIMIT 1
""")


def _last_decision(session: Session, request: Request) -> str | None:
    row = session.execute(_LAST, {"id": request.id, "kinds": list(_SAID)}).first()
    if row is None:
        return None
    by = f" by {row.actor_name}" if row.actor_id else ""
    where = f", {_WHERE[row.door]}" if row.door in _WHERE else ""
    return f"{_SAID[row.kind]}{by} on {row.at} UTC{where}"[:255]
