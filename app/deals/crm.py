"""What an approval puts into the CRM, beside the registration's own record.

Rows written here reach Salesforce through the outbox, in the transaction that writes them.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.models import Account, Lead, Opportunity
from app.deals import customers
from app.deals.lifecycle import WORDS, Action, State
from app.deals.models import DealRegistration
from app.deals.timeline import move
from app.kernel.actor import SYSTEM
from app.partners.assignments import giving
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
    giving.registered(session, SYSTEM, "lead", lead.id, registration.number)
    giving.registered(session, SYSTEM, "opportunity", opportunity.id, registration.number)


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
