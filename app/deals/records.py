"""Registrations as records in the CRM, where reps list, filter and report on them.

A draft is nobody else's business: a record begins when its registration is handed in. `show` keeps a record's
row current, and the sync carries the row; `bring_up_to_date` makes what is missing. Only the company reads
these records, so they name the other side of an overlap. Everything here runs in the system's name.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals import holders
from app.approvals.models import Request
from app.approvals.service import moment
from app.deals import lifecycle
from app.deals.customers import country_name
from app.deals.lifecycle import State
from app.deals.models import DealRegistration
from app.words import ENGLISH

TABLE = "crm_deal_registration"
#: What a text of the CRM holds, and a long one.
TEXT, LONG_TEXT = 255, 4000

_COLUMNS = (
    "number", "state", "partner_account_id", "registered_by", "customer_account_id", "customer_name",
    "customer_country", "product_family", "amount", "currency_code", "close_date", "holder", "held_since",
    "due", "protected_until", "conflict_with", "conflict_reason", "exception_reason", "submitted_at",
    "decided_at", "decided_by", "decision_reason", "authorization_number", "lead_id", "opportunity_id",
    "approval_request_id",
)  # fmt: skip
_LISTED = ", ".join(_COLUMNS)
_GIVEN = ", ".join(f":{name}" for name in _COLUMNS)
_NEW = ", ".join(f"EXCLUDED.{name}" for name in _COLUMNS)
_OLD = ", ".join(f"{TABLE}.{name}" for name in _COLUMNS)
_SHOW = text(
    f"INSERT INTO {TABLE} (id, {_LISTED}) VALUES (:id, {_GIVEN}) "  # noqa: S608  # our own constants
    f"ON CONFLICT (id) DO UPDATE SET ({_LISTED}) = ROW({_NEW}) "
    f"WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})"
)


def show(session: Session, registration: DealRegistration) -> None:
    """Let the CRM's record say how the registration stands. What is as before is not written again."""
    if registration.submission is None:
        return
    session.flush()
    session.execute(_SHOW, _record(session, registration))


def bring_up_to_date(session: Session, after: UUID | None, *, at_most: int = 200) -> UUID | None:
    """Show registrations without a record, and those that wait for somebody, whose name may have changed
    with the company's people: so many of them, in the order of their ids, beyond `after`.

    The id of the last one; None when there are no more. Safe to repeat.
    """
    ids = list(session.execute(_STALE, {"after": after, "limit": at_most}).scalars())
    query = select(DealRegistration).where(DealRegistration.id.in_(ids)).order_by(DealRegistration.id)
    # One that somebody is working on is shown by that.
    for registration in session.scalars(query.with_for_update(skip_locked=True)):
        show(session, registration)
    return ids[-1] if ids else None


_STALE = text(f"""
    SELECT r.id FROM deal_registration r
    WHERE r.submission IS NOT NULL AND (CAST(:after AS uuid) IS NULL OR r.id > :after)
      AND (r.state IN ('submitted', 'info_needed') OR NOT EXISTS (SELECT FROM {TABLE} c WHERE c.id = r.id))
    ORDER BY r.id LIMIT :limit
""")  # noqa: S608  # our own constant


def _record(session: Session, registration: DealRegistration) -> dict[str, Any]:
    """The row for a registration as it is now."""
    asked = {
        "partner": registration.partner_account_id,
        "customer": registration.customer_account_id,
        "lead": registration.lead_id,
        "opportunity": registration.opportunity_id,
        "request": registration.request_id,
        "submitted_by": registration.submitted_by,
        "decided_by": registration.decided_by,
    }
    there = session.execute(_THERE, asked).one()
    country = registration.customer_country
    return {
        "id": registration.id,
        "number": registration.number,
        "state": lifecycle.WORDS[State(registration.state)],
        "customer_name": registration.customer_name[:TEXT] or None,
        "customer_country": country_name(country)[:TEXT] if country else None,
        "product_family": registration.product_family or None,
        "amount": registration.amount,
        "currency_code": registration.currency or None,
        "close_date": registration.close_date,
        "protected_until": registration.protected_until,
        "exception_reason": registration.override_reason or None,
        "submitted_at": _second(registration.submitted_at),
        "decided_at": _second(registration.decided_at),
        "decision_reason": registration.decision_reason or None,
        "authorization_number": registration.authorization_number,
        **{column: getattr(there, column) for column in there._fields},
        **_holder(session, registration),
        **_conflicts(session, registration.id),
    }


# What was deleted in Salesforce, or never was there, is no reference: the record would be refused for it.
_THERE = text("""
    SELECT
        (SELECT id FROM account WHERE id = :partner AND deleted_at IS NULL) AS partner_account_id,
        (SELECT id FROM account WHERE id = :customer AND deleted_at IS NULL) AS customer_account_id,
        (SELECT id FROM lead WHERE id = :lead AND deleted_at IS NULL) AS lead_id,
        (SELECT id FROM opportunity WHERE id = :opportunity AND deleted_at IS NULL) AS opportunity_id,
        (SELECT id FROM crm_approval_request WHERE id = :request AND deleted_at IS NULL)
            AS approval_request_id,
        (SELECT coalesce(nullif(trim(concat_ws(' ', first_name, last_name)), ''), username)
            FROM crm_user WHERE id = :submitted_by) AS registered_by,
        (SELECT coalesce(nullif(trim(concat_ws(' ', first_name, last_name)), ''), username)
            FROM crm_user WHERE id = :decided_by) AS decided_by
""")


def _holder(session: Session, registration: DealRegistration) -> dict[str, Any]:
    """Whom it waits for, since when, until when."""
    waits = lifecycle.holder(State(registration.state)) and registration.request_id is not None
    request = session.get(Request, registration.request_id) if waits else None
    if request is None:
        return {"holder": None, "held_since": None, "due": None}
    held = holders.held(session, [request], moment(session))[request.id]
    return {
        "holder": held.who[:TEXT] or None,
        "held_since": _second(held.since),
        "due": _second(held.due),
    }


_CONFLICTS = text("""
    SELECT c.kind, c.other_number AS number, c.other_until AS until, e.why, e.evidence
    FROM deal_conflict c JOIN deal_conflict_evidence e ON e.conflict_id = c.id
    WHERE c.registration_id = :id ORDER BY c.id
""")
_WHY = {"account": "same customer account", "domain": "same web domain", "name": "similar customer name"}


def _conflicts(session: Session, registration_id: UUID) -> dict[str, str | None]:
    """What it overlaps with, and why: a line for each, in English as everything that the CRM is told."""
    names, lines = [], []
    for row in session.execute(_CONFLICTS, {"id": registration_id}):
        seen = row.evidence
        if row.kind == "registration":
            name = row.number
            state = f"approved until {ENGLISH.shows(row.until)}" if row.until else "waiting for a decision"
            lines.append(
                f"{name} of {seen['partner']} for {seen['customer']}: {_WHY[row.why]}, same product family, "
                f"{state}."
            )
        else:
            name = f"Opportunity “{seen['opportunity']}”"
            lines.append(f"{name} of {seen['account']}: {_WHY[row.why]}, open in the company's own sales.")
        names.append(name)
    return {
        "conflict_with": ", ".join(names)[:TEXT] or None,
        "conflict_reason": "\n".join(lines)[:LONG_TEXT] or None,
    }


def _second(at: Any) -> Any:
    """The CRM keeps whole seconds."""
    return at.replace(microsecond=0) if at is not None else None
