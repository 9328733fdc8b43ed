"""The requests about a record, with the registrations that they carry."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.reading.item import ITEM, items
from app.records import activity, finding
from app.records.shapes import RecordRequest, RecordRequests

#: Who has more than so many about one record finds the others in the list of requests.
MOST = 50
_WAITING = "r.state IN ('submitted', 'info_needed')"
_ABOUT = """
    r.round > 0 AND (r.opportunity_id = ANY(:opportunities) OR r.lead_id = ANY(:leads)
        OR r.account_id = ANY(:accounts) OR r.id = ANY(ARRAY(
            SELECT d.request_id FROM deal_registration d
            WHERE d.opportunity_id = ANY(:opportunities) OR d.lead_id = ANY(:leads)
                OR d.customer_account_id = ANY(:accounts))))
"""
_OWN = "r.id = :id"


def about(session: Session, sobject: str, sf_id: str, language: str) -> RecordRequests:
    """Those that wait first, each the newest first. Of an approval request: the request itself.

    Raises NotFound.
    """
    record, local_id = finding.get(session, sobject, sf_id)
    own = sobject == "Approval_Request__c"
    asked = {"id": local_id} if own else activity.records_around(session, sobject, record.sf_id)
    which = _OWN if own else _ABOUT
    rows = session.execute(
        text(f"{ITEM} WHERE {which} ORDER BY {_WAITING} DESC, r.created_at DESC, r.id DESC LIMIT {MOST}"),
        asked,
    ).all()
    total: int = session.execute(
        text(f"SELECT count(*) FROM approval_request r WHERE {which}"),  # noqa: S608  # our own constants
        asked,
    ).scalar_one()
    deals = _deals(session, [row.id for row in rows])
    return RecordRequests(
        items=[
            RecordRequest(request=one, deal_id=deals.get(one.id)) for one in items(session, rows, language)
        ],
        total=total,
    )


def _deals(session: Session, request_ids: list[UUID]) -> dict[UUID, UUID]:
    """The registrations that requests carry, by request."""
    if not request_ids:
        return {}  # PostgreSQL would look at every registration for none
    found = session.execute(
        text("SELECT id, request_id FROM deal_registration WHERE request_id = ANY(:ids)"),
        {"ids": request_ids},
    )
    return {row.request_id: row.id for row in found}
