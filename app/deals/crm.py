"""What an approval puts into the CRM, and what comes back from it.

Rows written here reach Salesforce through the outbox, in the transaction that writes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.crm.editors import editor
from app.crm.models import Account, Lead, Opportunity
from app.deals import customers, records
from app.deals.lifecycle import WORDS, Action, State
from app.deals.models import DealRegistration
from app.deals.timeline import move, note
from app.kernel.actor import SYSTEM
from app.partners import assignments
from app.sync.engine import Applied
from app.words import say

#: Values of standard picklists in Salesforce.
PROSPECT = "Prospect"
LEAD_STATUS = "Open - Not Contacted"
LEAD_SOURCE = "Partner Referral"
FIRST_STAGE = "Prospecting"
LONGEST_OPPORTUNITY_NAME = 120


def bring(session: Session, registration: DealRegistration) -> None:
    """Make the end customer, the lead and the opportunity of an approved registration, all or none."""
    country = customers.country_name(registration.customer_country)
    if registration.customer_account_id is None:
        account = Account(
            name=registration.customer_name,
            type=PROSPECT,
            website=registration.customer_website or None,
            billing_city=registration.customer_city or None,
            billing_postal_code=registration.customer_postal_code or None,
            billing_country=country,
        )
        session.add(account)
        session.flush()
        registration.customer_account_id = account.id
        registration.customer_key = f"account:{account.id}"
    family = registration.product_family
    room = LONGEST_OPPORTUNITY_NAME - len(family) - 3
    lead = Lead(
        company=registration.customer_name,
        first_name=registration.contact_first_name or None,
        last_name=registration.contact_last_name,
        email=registration.contact_email or None,
        phone=registration.contact_phone or None,
        city=registration.customer_city or None,
        postal_code=registration.customer_postal_code or None,
        country=country,
        status=LEAD_STATUS,
        lead_source=LEAD_SOURCE,
        description=registration.description or None,
        partner_account_id=registration.partner_account_id,
        registration_number=registration.number,
        registration_status=WORDS[State.APPROVED],
        protected_until=registration.protected_until,
    )
    opportunity = Opportunity(
        name=f"{registration.customer_name[:room]} – {family}",
        account_id=registration.customer_account_id,
        stage_name=FIRST_STAGE,
        amount=registration.amount,
        currency_code=registration.currency,
        close_date=registration.close_date,
        lead_source=LEAD_SOURCE,
        description=registration.description or None,
        partner_account_id=registration.partner_account_id,
        registration_number=registration.number,
        registration_status=WORDS[State.APPROVED],
        protected_until=registration.protected_until,
    )
    session.add_all([lead, opportunity])
    session.flush()
    registration.lead_id, registration.opportunity_id = lead.id, opportunity.id
    registration.opportunity_stage = FIRST_STAGE
    session.flush()
    assignments.registered(session, SYSTEM, "lead", lead.id, registration.number)
    assignments.registered(session, SYSTEM, "opportunity", opportunity.id, registration.number)


def renew(session: Session, registration: DealRegistration) -> None:
    """Let the records of a deal that was approved anew say what it says now. A converted lead stays."""
    opportunity = session.get(Opportunity, registration.opportunity_id, populate_existing=True)
    if opportunity is not None and opportunity.deleted_at is None:
        opportunity.amount, opportunity.currency_code = registration.amount, registration.currency
        assert registration.close_date is not None
        opportunity.close_date = registration.close_date
        opportunity.protected_until = registration.protected_until
    lead = session.get(Lead, registration.lead_id, populate_existing=True) if registration.lead_id else None
    if lead is not None and lead.deleted_at is None and not lead.is_converted:
        lead.first_name = registration.contact_first_name or None
        lead.last_name = registration.contact_last_name
        lead.email = registration.contact_email or None
        lead.phone = registration.contact_phone or None
        lead.protected_until = registration.protected_until
    session.flush()
    # The sales team may have gone on meanwhile.
    if opportunity is not None and opportunity.deleted_at is None and opportunity.is_closed:
        outcome = Action.WIN if opportunity.is_won else Action.LOSE
        stage = opportunity.stage_name
        sentence = (
            say("The deal was won: the stage is {stage}.", stage=stage)
            if opportunity.is_won
            else say("The deal was lost: the stage is {stage}.", stage=stage)
        )
        move(session, registration, outcome, SYSTEM, sentence)
    show(session, registration)


def show(session: Session, registration: DealRegistration) -> None:
    """Let lead and opportunity say how the registration stands. A converted lead takes no changes."""
    session.execute(
        text(
            "UPDATE opportunity SET registration_status = :status WHERE id = :id AND deleted_at IS NULL "
            "AND registration_status IS DISTINCT FROM :status"
        ),
        {"id": registration.opportunity_id, "status": WORDS[State(registration.state)]},
    )
    session.execute(
        text(
            "UPDATE lead SET registration_status = :status WHERE id = :id AND deleted_at IS NULL "
            "AND NOT is_converted AND registration_status IS DISTINCT FROM :status"
        ),
        {"id": registration.lead_id, "status": WORDS[State(registration.state)]},
    )


def crm_changed(session: Session, applied: Sequence[Applied]) -> None:
    """Follow what happened in Salesforce; called in the transaction that applied it.

    A batch may hold thousands of records of which none belongs to a registration: one look tells.
    """
    changes: dict[str, dict[UUID, list[Applied]]] = defaultdict(lambda: defaultdict(list))
    for change in applied:
        changes[change.table][change.local_id].append(change)
    concerned = [
        (handler, registration, change)
        for table, column, handler in (
            ("opportunity", "opportunity_id", _opportunity),
            ("lead", "lead_id", _lead),
            ("account", "partner_account_id", _partner),
            ("account", "customer_account_id", _customer),
            ("crm_approval_request", "request_id", _request_record),
        )
        if table in changes
        for registration in _of(session, column, changes[table])
        for change in changes[table][getattr(registration, column)]
    ]
    if not concerned:
        return
    # What this room answers is our own change and must go out, although the sync is applying.
    session.execute(text("SELECT set_config('tandem.applying', 'off', true)"))
    for handler, registration, change in concerned:
        handler(session, registration, change)
    shown = {
        registration.id: registration
        for _, registration, change in concerned
        if change.table in ("lead", "opportunity") or change.kind in _MOVED
    }
    for registration in shown.values():
        records.show(session, registration)
    session.flush()
    session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))


#: What is there no more, is there again, or is another record now: references follow.
_MOVED = ("deleted", "undeleted", "merged")


def _of(session: Session, column: str, ids: Iterable[UUID]) -> Sequence[DealRegistration]:
    return session.scalars(
        select(DealRegistration)
        .where(getattr(DealRegistration, column) == func.any(list(ids)))
        .order_by(DealRegistration.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _opportunity(session: Session, registration: DealRegistration, change: Applied) -> None:
    who = editor(session, change.local_id)
    if change.kind in ("deleted", "undeleted"):
        word = "deleted" if change.kind == "deleted" else "restored"
        note(
            session,
            registration,
            who,
            f"opportunity_{word}",
            say("The opportunity was deleted in Salesforce.")
            if word == "deleted"
            else say("The opportunity was restored in Salesforce."),
        )
    if change.kind == "deleted":
        return
    row = session.execute(
        text("SELECT stage_name, is_closed, is_won FROM opportunity WHERE id = :id"), {"id": change.local_id}
    ).one()
    if row.stage_name != registration.opportunity_stage:
        before, registration.opportunity_stage = registration.opportunity_stage, row.stage_name
        sentence = say(
            "Stage changed from {before} to {stage} by {who}.",
            before=before,
            stage=row.stage_name,
            who=who.name,
        )
        note(session, registration, who, "stage", sentence)
    approved = registration.request_id is None or registration.authorization_number is not None
    if registration.state == State.EXPIRED and not approved:
        return  # nobody has approved what it says now
    action = Action.WIN if row.is_won else Action.LOSE if row.is_closed else Action.REOPEN
    stage = row.stage_name
    sentence = {
        Action.WIN: say("The deal was won: the stage is {stage}.", stage=stage),
        Action.LOSE: say("The deal was lost: the stage is {stage}.", stage=stage),
        Action.REOPEN: say("The deal was opened again: the stage is {stage}.", stage=stage),
    }[action]
    if move(session, registration, action, who, sentence):
        show(session, registration)


def _lead(session: Session, registration: DealRegistration, change: Applied) -> None:
    who = editor(session, change.local_id)
    if change.kind == "merged" and change.merged_into is not None:
        registration.lead_id = change.merged_into
        note(
            session,
            registration,
            who,
            "lead_merged",
            say("The lead was merged into another one in Salesforce."),
        )
    elif change.kind == "deleted":
        note(session, registration, who, "lead_deleted", say("The lead was deleted in Salesforce."))
    elif change.columns.get("is_converted"):
        note(
            session,
            registration,
            who,
            "lead_converted",
            say("The lead was converted by {who}.", who=who.name),
        )
        _follow_conversion(session, registration)
    elif "converted_opportunity_id" in change.columns:
        _follow_conversion(session, registration)


def _partner(session: Session, registration: DealRegistration, change: Applied) -> None:
    if change.kind == "merged" and change.merged_into is not None:
        registration.partner_account_id = change.merged_into


def _customer(session: Session, registration: DealRegistration, change: Applied) -> None:
    if change.kind == "merged" and change.merged_into is not None:
        registration.customer_account_id = change.merged_into
        registration.customer_key = f"account:{change.merged_into}"
        sentence = say("The end customer's account was merged into another one in Salesforce.")
        note(session, registration, editor(session, change.local_id), "customer_merged", sentence)


def _request_record(session: Session, registration: DealRegistration, change: Applied) -> None:
    """The record of its request: nothing but a reference."""


def _follow_conversion(session: Session, registration: DealRegistration) -> None:
    """The opportunity a lead became stands in for one that is gone."""
    became = session.execute(
        text(
            "SELECT o.id, o.stage_name FROM lead l JOIN opportunity o ON o.id = l.converted_opportunity_id "
            "WHERE l.id = :lead AND NOT EXISTS (SELECT FROM opportunity mine "
            "WHERE mine.id = :opportunity AND mine.deleted_at IS NULL)"
        ),
        {"lead": registration.lead_id, "opportunity": registration.opportunity_id},
    ).first()
    if became is not None:
        registration.opportunity_id, registration.opportunity_stage = became.id, became.stage_name
