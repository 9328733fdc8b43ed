"""The tables of this room that change. Rules, order and row-level security are the database's: see 0009."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, FetchedValue, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.approvals.lifecycle import State
from app.db import Base

Moment = DateTime(timezone=True)


class Request(Base):
    """What somebody asks the company to decide. `values`: what the form says; `round`: 0 before the first."""

    __tablename__ = "approval_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str]
    workflow_key: Mapped[str]
    workflow_version: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    partner_account_id: Mapped[UUID | None]
    visible: Mapped[str] = mapped_column(default="both")
    requester_id: Mapped[UUID]
    requester_name: Mapped[str] = mapped_column(default="")
    last_editor_id: Mapped[UUID]
    last_editor_name: Mapped[str] = mapped_column(default="")
    subject_kind: Mapped[str] = mapped_column(default="none")
    subject_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    values: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    content_hash: Mapped[str] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=State.DRAFT.value)
    state_since: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    round: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    question: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_by: Mapped[UUID | None]
    answer_due_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
    updated_at: Mapped[datetime] = mapped_column(
        Moment, server_default=FetchedValue(), server_onupdate=FetchedValue()
    )
    row_version: Mapped[int] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())

    @property
    def excluded(self) -> frozenset[UUID]:
        """Who may not decide: the requester and the last editor."""
        return frozenset({self.requester_id, self.last_editor_id})


class RequestStep(Base):
    """One step of one round."""

    __tablename__ = "approval_step"

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    stage: Mapped[int]
    title: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    state: Mapped[str]
    needed: Mapped[str] = mapped_column(default="1")
    door: Mapped[str] = mapped_column(default="tandem")
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    remind_at: Mapped[datetime | None] = mapped_column(Moment)
    escalate_at: Mapped[datetime | None] = mapped_column(Moment)
    escalations: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class Task(Base):
    """A place in the inbox of whoever is, or stands in for, its assignee."""

    __tablename__ = "approval_task"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    request_id: Mapped[UUID]
    round: Mapped[int]
    step_key: Mapped[str]
    workflow_key: Mapped[str]
    assignee: Mapped[str]
    voice: Mapped[str] = mapped_column(default="own")
    requester_id: Mapped[UUID]
    editor_id: Mapped[UUID]
    needed: Mapped[int] = mapped_column(default=1)
    since: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    rank_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(default="open")
    taken_by: Mapped[UUID | None]
    taken_at: Mapped[datetime | None] = mapped_column(Moment)


class Decision(Base):
    """What one person, or the limits, said in a step. Rows are never changed or removed."""

    __tablename__ = "approval_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[UUID]
    round: Mapped[int]
    step_key: Mapped[str]
    task_id: Mapped[UUID | None]
    voice: Mapped[str] = mapped_column(default="own")
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    on_behalf_of: Mapped[UUID | None]
    on_behalf_of_name: Mapped[str] = mapped_column(default="")
    decision: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    door: Mapped[str]
    content_hash: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())


class Authorization(Base):
    """The approved right, with a snapshot of what was approved. Rows are never changed or removed."""

    __tablename__ = "approval_authorization"

    number: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[UUID]
    round: Mapped[int]
    partner_account_id: Mapped[UUID | None]
    workflow_key: Mapped[str]
    workflow_version: Mapped[int]
    content_hash: Mapped[str]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    snapshot_hash: Mapped[str] = mapped_column(server_default=FetchedValue())
    issued_at: Mapped[datetime] = mapped_column(Moment, server_default=FetchedValue())
