"""What becomes of a partner's requests when the partner is suspended or ends.

Requests about a record of another room are that room's business (deal registrations: `app/deals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals.lifecycle import OPEN, State
from app.approvals.models import Request
from app.approvals.service import Approvals
from app.kernel.actor import SYSTEM, Actor
from app.partners.standing import OpenWork, Step
from app.words import counted

#: Requests about nothing but themselves.
OWN = "none"

_COUNTS = text("""
    SELECT count(*) FILTER (WHERE state = 'draft') AS drafts,
        count(*) FILTER (WHERE state IN ('submitted', 'info_needed')) AS waiting,
        count(*) FILTER (WHERE state = 'approved') AS approved
    FROM approval_request WHERE partner_account_id = :partner AND subject_kind = 'none'
      AND workflow_key <> 'partner_application'
""")


class RequestsOfPartners:
    """An observer of partners. A suspended partner's requests wait on; an ended one's are cancelled."""

    def __init__(self, engine: Approvals) -> None:
        self._engine = engine

    def open_work(self, session: Session, partner_id: UUID, step: Step) -> Sequence[OpenWork]:
        """How many drafts, waiting and approved requests there are, and what the step would do to them."""
        counts: Any = session.execute(_COUNTS, {"partner": partner_id}).one()
        sentences: tuple[str, ...] = {
            "suspend": (
                counted(
                    "1 draft of a request: kept, and not handed in meanwhile.",
                    "{count} drafts of requests: kept, and not handed in meanwhile.",
                    count=counts.drafts,
                ),
                counted(
                    "1 request waiting for a decision: may be decided.",
                    "{count} requests waiting for a decision: may be decided.",
                    count=counts.waiting,
                ),
                counted(
                    "1 approved request: what was authorized stays so.",
                    "{count} approved requests: what was authorized stays so.",
                    count=counts.approved,
                ),
            ),
            "end": (
                counted(
                    "1 draft of a request: cancelled.",
                    "{count} drafts of requests: cancelled.",
                    count=counts.drafts,
                ),
                counted(
                    "1 request waiting for a decision: cancelled.",
                    "{count} requests waiting for a decision: cancelled.",
                    count=counts.waiting,
                ),
                counted(
                    "1 approved request: what was authorized stays so until somebody takes it back.",
                    "{count} approved requests: what was authorized stays so until somebody takes it back.",
                    count=counts.approved,
                ),
            ),
        }.get(step, ())
        kinds = ("request_drafts", "requests_waiting", "requests_approved")
        numbers = (counts.drafts, counts.waiting, counts.approved)
        return [
            OpenWork(kind, number, sentence)
            for kind, number, sentence in zip(kinds, numbers, sentences, strict=False)
            if number
        ]

    def moved(self, session: Session, partner_id: UUID, step: Step, actor: Actor, reason: str) -> None:
        """With the end of the partnership its open requests end, in the name of whoever ended it."""
        if step != "end":
            return
        requests = session.scalars(
            select(Request)
            .where(
                Request.partner_account_id == partner_id,
                Request.subject_kind == OWN,
                Request.state.in_([State.DRAFT.value, *(one.value for one in OPEN)]),
            )
            .order_by(Request.id)
        ).all()
        for request in requests:
            # Nobody of the company sees a draft; it ends all the same.
            draft = request.state == State.DRAFT
            self._engine.cancel(session, SYSTEM if draft else actor, request.id, reason, as_company=not draft)
