"""The records that partners are given: leads, opportunities, orders; and what each asks of its partner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.countries import country_code
from app.kernel.errors import Conflict, NotFound
from app.partners.assignments import candidates
from app.partners.assignments.candidates import Subject
from app.partners.calculation import Need
from app.words import say

SUBJECTS: tuple[Subject, ...] = ("lead", "opportunity", "sales_order")
WORDS: dict[Subject, str] = {
    "lead": say("lead"),
    "opportunity": say("opportunity"),
    "sales_order": say("order"),
}
#: What an order is called, and where the customer is, differs from table to table.
_READ: dict[Subject, str] = {
    "lead": (
        "SELECT company AS called, partner_account_id, owner_id, country, NULL AS registration, "
        "is_converted AS closed, '' AS family FROM lead WHERE id = :id AND deleted_at IS NULL"
    ),
    "opportunity": (
        "SELECT o.name AS called, o.partner_account_id, o.owner_id, a.billing_country AS country, "
        "o.registration_number AS registration, o.is_closed AS closed, '' AS family "
        "FROM opportunity o LEFT JOIN account a ON a.id = o.account_id "
        "WHERE o.id = :id AND o.deleted_at IS NULL"
    ),
    "sales_order": (
        "SELECT coalesce(s.number, '') AS called, s.partner_account_id, s.owner_id, "
        "a.billing_country AS country, "
        "NULL AS registration, false AS closed, '' AS family "
        "FROM sales_order s LEFT JOIN account a ON a.id = s.account_id "
        "WHERE s.id = :id AND s.deleted_at IS NULL"
    ),
}
_LOCK: dict[Subject, str] = {"lead": "", "opportunity": " OF o", "sales_order": " OF s"}
_RECORD = {
    (subject, locked): text(query + (f" FOR UPDATE{_LOCK[subject]}" if locked else ""))
    for subject, query in _READ.items()
    for locked in (False, True)
}


def record_of(
    session: Session, subject: Subject, record_id: UUID, *, missing_ok: bool = False, lock: bool = True
) -> Any:
    """The record: called, partner, owner, country, registration, closed. Raises NotFound."""
    row = session.execute(_RECORD[subject, lock], {"id": record_id}).first()
    if row is None and not missing_ok:
        raise NotFound(say("There is no such {what}.", what=WORDS[subject]))
    return row


def assignable(record: Any, subject: Subject) -> None:
    """Raises Conflict where a record's partner cannot change: it is closed, or its deal is registered."""
    if record.closed:
        raise Conflict(
            say("This {what} is closed.", what=WORDS[subject]),
            remedy=say("Nothing changes its partner now."),
            facts={"allowed": []},
        )
    if record.registration:
        raise Conflict(
            say("The deal is registered: {registration}.", registration=record.registration),
            remedy=say("Its partner follows the registration; decide that first."),
            facts={"allowed": []},
        )


def need_of(session: Session, subject: Subject, record_id: UUID, family: str = "") -> Need:
    """What a record asks of its partner. Raises NotFound."""
    record = record_of(session, subject, record_id, lock=False)
    family = family or record.family
    return Need(
        record=record_id,
        country=country_code(record.country or ""),
        family=family,
        certified=bool(family) and candidates.asks_for_certificate(session, family),
    )
