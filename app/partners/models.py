"""The tables of this room that have objects; the rest is plain SQL. Constraints and rights: 0008_partners."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, FetchedValue, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

Moment = DateTime(timezone=True)


class Partner(Base):
    """A company of the channel. Name, address and manager are those of the account."""

    __tablename__ = "partner"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    status: Mapped[str]
    status_since: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    status_reason: Mapped[str] = mapped_column(default="")
    before_suspension: Mapped[str | None]
    since: Mapped[date | None]
    ended_on: Mapped[date | None]
    region: Mapped[str | None]
    countries: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    weight: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    lead_capacity: Mapped[int | None]
    deal_capacity: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    row_version: Mapped[int] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())


class PartnerEvent(Base):
    """One line of a partner's timeline. visible: `both` or `company`."""

    __tablename__ = "partner_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_account_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    kind: Mapped[str]
    sentence: Mapped[str]
    words: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str] = mapped_column(default="")
    visible: Mapped[str] = mapped_column(default="both")


class PartnerPerson(Base):
    """A role of one of the partner's people: of a user, or of a contact who does not sign in."""

    __tablename__ = "partner_person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    partner_account_id: Mapped[UUID]
    person_id: Mapped[UUID]
    role: Mapped[str]
    granted_at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    granted_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[UUID | None]
