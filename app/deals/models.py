"""The tables of this room. Constraints, order and row-level security are the database's: 0005 and 0011."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, FetchedValue, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.deals.lifecycle import State

Moment = DateTime(timezone=True)


class DealRegistration(Base):
    """A partner's claim on a deal. `submission` orders complete submissions; `amount` is in `currency`.

    `request_id`: the request that carries it; what was decided before there were requests has none.
    """

    __tablename__ = "deal_registration"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(server_default=FetchedValue())
    request_id: Mapped[UUID | None]
    authorization_number: Mapped[str | None]
    partner_account_id: Mapped[UUID]
    submitted_by: Mapped[UUID]
    customer_name: Mapped[str] = mapped_column(default="")
    customer_country: Mapped[str] = mapped_column(default="")
    customer_postal_code: Mapped[str] = mapped_column(default="")
    customer_city: Mapped[str] = mapped_column(default="")
    customer_website: Mapped[str] = mapped_column(default="")
    contact_first_name: Mapped[str] = mapped_column(default="")
    contact_last_name: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    product_family: Mapped[str] = mapped_column(default="")
    products: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str] = mapped_column(default="")
    close_date: Mapped[date | None]
    description: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=State.DRAFT.value)
    state_since: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    submission: Mapped[int | None]
    protected_until: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision_reason: Mapped[str | None]
    override_reason: Mapped[str | None]
    customer_account_id: Mapped[UUID | None]
    customer_domain: Mapped[str] = mapped_column(default="")
    customer_name_key: Mapped[str] = mapped_column(default="")
    customer_key: Mapped[str] = mapped_column(default="")
    lead_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    opportunity_stage: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    updated_at: Mapped[datetime] = mapped_column(
        Moment, server_default=FetchedValue(), server_onupdate=FetchedValue()
    )
    row_version: Mapped[int] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())


class DealEvent(Base):
    """One line of a registration's timeline."""

    __tablename__ = "deal_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    kind: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    sentence: Mapped[str]
    words: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class DealConflict(Base):
    """What a registration overlaps with, as its partner may know it."""

    __tablename__ = "deal_conflict"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[UUID]
    kind: Mapped[str]
    other_number: Mapped[str] = mapped_column(default="")
    other_until: Mapped[date | None]
    sentence: Mapped[str]
    words: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    found_at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
