"""Accounts, contacts, users, products, leads, opportunities, orders, programs, requests and registrations,
as the CRM has them.

Ids are Tandem's own; the pair with Salesforce's id is a link of the sync. Fields an admin maps without a
migration lie in `extra`. A record deleted in Salesforce keeps its row, with `deleted_at` set.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, FetchedValue, Numeric, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

Money = Numeric(18, 2)


class Synced:
    """What every synced table has beside its own columns. `synced` offers the table to mappings."""

    __table_args__ = {"info": {"synced": True}}

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), server_onupdate=FetchedValue()
    )
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    row_version: Mapped[int] = mapped_column(BigInteger, server_default="1", server_onupdate=FetchedValue())


class Account(Synced, Base):
    """A company: an end customer, or a partner (`is_partner`; `partner_…` is what the CRM is shown of it)."""

    __tablename__ = "account"

    name: Mapped[str]
    account_number: Mapped[str | None]
    type: Mapped[str | None]
    industry: Mapped[str | None]
    phone: Mapped[str | None]
    website: Mapped[str | None]
    billing_street: Mapped[str | None]
    billing_city: Mapped[str | None]
    billing_state: Mapped[str | None]
    billing_postal_code: Mapped[str | None]
    billing_country: Mapped[str | None]
    annual_revenue: Mapped[Decimal | None] = mapped_column(Money)
    currency_code: Mapped[str | None]
    parent_id: Mapped[UUID | None]
    owner_id: Mapped[UUID | None]
    description: Mapped[str | None]
    is_partner: Mapped[bool] = mapped_column(default=False)
    partner_kind: Mapped[str | None]
    partner_status: Mapped[str | None]
    partner_level: Mapped[str | None]
    partner_activation: Mapped[str | None]
    partner_since: Mapped[date | None]
    merged_into_id: Mapped[UUID | None]


class Contact(Synced, Base):
    """A person at an account."""

    __tablename__ = "contact"

    account_id: Mapped[UUID | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    mobile_phone: Mapped[str | None]
    title: Mapped[str | None]
    mailing_street: Mapped[str | None]
    mailing_city: Mapped[str | None]
    mailing_state: Mapped[str | None]
    mailing_postal_code: Mapped[str | None]
    mailing_country: Mapped[str | None]
    owner_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None]


class CrmUser(Synced, Base):
    """A user of the org: the manufacturer's own, or a partner's (then `account_id` is the partner)."""

    __tablename__ = "crm_user"

    username: Mapped[str]
    email: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    user_type: Mapped[str | None]
    contact_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    manager_id: Mapped[UUID | None]
    time_zone: Mapped[str | None]
    locale: Mapped[str | None]
    language: Mapped[str | None]

    @property
    def name(self) -> str:
        """First and last name, or the user name where there is neither."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.username


class Product(Synced, Base):
    """An entry of the catalogue."""

    __tablename__ = "product"

    name: Mapped[str]
    product_code: Mapped[str | None]
    family: Mapped[str | None]
    description: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Lead(Synced, Base):
    """A possible customer. `partner_account_id` is the partner it is assigned to."""

    __tablename__ = "lead"

    company: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    title: Mapped[str | None]
    street: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    status: Mapped[str | None]
    lead_source: Mapped[str | None]
    rating: Mapped[str | None]
    annual_revenue: Mapped[Decimal | None] = mapped_column(Money)
    owner_id: Mapped[UUID | None]
    is_converted: Mapped[bool] = mapped_column(default=False)
    converted_account_id: Mapped[UUID | None]
    converted_contact_id: Mapped[UUID | None]
    converted_opportunity_id: Mapped[UUID | None]
    partner_account_id: Mapped[UUID | None]
    registration_number: Mapped[str | None]
    registration_status: Mapped[str | None]
    protected_until: Mapped[date | None]
    approval_status: Mapped[str | None]
    authorization_number: Mapped[str | None]
    description: Mapped[str | None]
    merged_into_id: Mapped[UUID | None]


class Opportunity(Synced, Base):
    """A deal in the pipeline. `amount` is in `currency_code`; without one, in the org's currency."""

    __tablename__ = "opportunity"

    name: Mapped[str]
    account_id: Mapped[UUID | None]
    stage_name: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency_code: Mapped[str | None]
    close_date: Mapped[date]
    probability: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    type: Mapped[str | None]
    lead_source: Mapped[str | None]
    next_step: Mapped[str | None]
    description: Mapped[str | None]
    is_closed: Mapped[bool] = mapped_column(default=False)
    is_won: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[UUID | None]
    partner_account_id: Mapped[UUID | None]
    registration_number: Mapped[str | None]
    registration_status: Mapped[str | None]
    protected_until: Mapped[date | None]
    approval_status: Mapped[str | None]
    authorization_number: Mapped[str | None]


class ApprovalRecord(Synced, Base):
    """What the CRM shows of a request for approval; its `id` is the request's.

    `decision` and `decision_reason` come from there and are emptied once they are taken up; everything else
    goes there. `amount` is in `currency_code`.
    """

    __tablename__ = "crm_approval_request"

    name: Mapped[str]
    number: Mapped[str]
    workflow: Mapped[str]
    title: Mapped[str]
    state: Mapped[str]
    holder: Mapped[str | None]
    held_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    step: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency_code: Mapped[str | None]
    partner_account_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    requester_id: Mapped[UUID | None]
    authorization_number: Mapped[str | None]
    decision: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decision_note: Mapped[str | None]
    last_decision: Mapped[str | None]


class DealRecord(Synced, Base):
    """What the CRM shows the company of a deal registration; its `id` is the registration's. All of it goes
    there. `amount` is in `currency_code`.
    """

    __tablename__ = "crm_deal_registration"

    number: Mapped[str]
    state: Mapped[str]
    partner_account_id: Mapped[UUID | None]
    registered_by: Mapped[str | None]
    customer_account_id: Mapped[UUID | None]
    customer_name: Mapped[str | None]
    customer_country: Mapped[str | None]
    product_family: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency_code: Mapped[str | None]
    close_date: Mapped[date | None]
    holder: Mapped[str | None]
    held_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    protected_until: Mapped[date | None]
    conflict_with: Mapped[str | None]
    conflict_reason: Mapped[str | None]
    exception_reason: Mapped[str | None]
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[str | None]
    decision_reason: Mapped[str | None]
    authorization_number: Mapped[str | None]
    lead_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    approval_request_id: Mapped[UUID | None]


class SalesOrder(Synced, Base):
    """An order of a customer. `total_amount` is in `currency_code`; without one, in the org's currency."""

    __tablename__ = "sales_order"

    number: Mapped[str | None]
    account_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    status: Mapped[str | None]
    effective_date: Mapped[date | None]
    total_amount: Mapped[Decimal | None] = mapped_column(Money)
    currency_code: Mapped[str | None]
    owner_id: Mapped[UUID | None]
    partner_account_id: Mapped[UUID | None]


class ChannelProgram(Synced, Base):
    """A program in which an org with partner management enrols partners."""

    __tablename__ = "channel_program"

    name: Mapped[str]
    category: Mapped[str | None]
    description: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class ChannelProgramLevel(Synced, Base):
    """A level of such a program; `name` is what Tandem's levels are called as well."""

    __tablename__ = "channel_program_level"

    name: Mapped[str]
    program_id: Mapped[UUID | None]
    rank: Mapped[int | None]
    description: Mapped[str | None]


class ChannelProgramMember(Synced, Base):
    """A partner's place in a program."""

    __tablename__ = "channel_program_member"

    program_id: Mapped[UUID | None]
    partner_account_id: Mapped[UUID | None]
    level_id: Mapped[UUID | None]
