"""What happens to the deals of a partner that is suspended, reinstated or ended."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals.lifecycle import State as RequestState
from app.approvals.models import Request
from app.approvals.service import Approvals
from app.db import as_system
from app.deals import crm, records
from app.deals.effect import SUBJECT
from app.deals.lifecycle import Action, State
from app.deals.models import DealRegistration
from app.deals.timeline import move
from app.kernel.actor import SYSTEM, Actor
from app.partners.standing import OpenWork, Step
from app.words import counted, say

_COUNTS = text("""
    SELECT count(*) FILTER (WHERE state = 'draft') AS drafts,
        count(*) FILTER (WHERE state IN ('submitted', 'info_needed')) AS waiting,
        count(*) FILTER (WHERE state = 'approved') AS approved
    FROM deal_registration WHERE partner_account_id = :partner
""")


class DealsOfPartners:
    """An observer of partners. A suspended partner's deals keep their places; an ended one's are over."""

    def __init__(self, engine: Approvals) -> None:
        self._engine = engine

    def open_work(self, session: Session, partner_id: UUID, step: Step) -> Sequence[OpenWork]:
        """How many drafts, waiting and protected deals there are, and what the step would do to them."""
        if step == "reinstate":
            return []
        with as_system(session):
            counts = session.execute(_COUNTS, {"partner": partner_id}).one()
        if step == "suspend":
            sentences = (
                counted(
                    "1 draft of a deal cannot be handed in.",
                    "{count} drafts of deals cannot be handed in.",
                    count=counts.drafts,
                ),
                counted(
                    "1 registration that waits for a decision: questions can be answered, and nothing is "
                    "approved meanwhile.",
                    "{count} registrations that wait for a decision: questions can be answered, and nothing "
                    "is approved meanwhile.",
                    count=counts.waiting,
                ),
                counted(
                    "1 approved deal: the protection goes on.",
                    "{count} approved deals: the protection goes on.",
                    count=counts.approved,
                ),
            )
        else:
            sentences = (
                counted("1 draft of a deal ends.", "{count} drafts of deals end.", count=counts.drafts),
                counted(
                    "1 registration that waits for a decision: the request is cancelled.",
                    "{count} registrations that wait for a decision: the requests are cancelled.",
                    count=counts.waiting,
                ),
                counted(
                    "1 approved deal: authorization and protection end; lead and opportunity stay with the "
                    "company.",
                    "{count} approved deals: authorization and protection end; lead and opportunity stay "
                    "with the company.",
                    count=counts.approved,
                ),
            )
        kinds = ("deal_drafts", "deals_waiting", "deals_approved")
        return [
            OpenWork(kind, count, sentence)
            for kind, count, sentence in zip(kinds, counts, sentences, strict=True)
            if count
        ]

    def moved(self, session: Session, partner_id: UUID, step: Step, actor: Actor, reason: str) -> None:
        """With the end of the partnership everything open ends, in the name of whoever ended it."""
        if step != "end":
            return
        with as_system(session):
            requests = session.scalars(
                select(Request)
                .where(
                    Request.partner_account_id == partner_id,
                    Request.subject_kind == SUBJECT,
                    Request.state.in_(("draft", "submitted", "info_needed", "approved")),
                )
                .order_by(Request.id)
            ).all()
            for request in requests:
                self._end(session, request, actor, reason)
            for registration in _alone(session, partner_id):
                sentence = say("The partnership ended, and with it the registration.")
                if move(session, registration, Action.WITHDRAW, actor, sentence, reason):
                    crm.show(session, registration)
                    records.show(session, registration)

    def _end(self, session: Session, request: Request, actor: Actor, reason: str) -> None:
        if request.state == RequestState.DRAFT:
            # Nobody of the company sees a draft; it ends all the same.
            self._engine.cancel(session, SYSTEM, request.id, reason)
            return
        if request.state != RequestState.APPROVED:
            self._engine.cancel(session, actor, request.id, reason, as_company=True)
            return
        state = session.scalar(
            select(DealRegistration.state).where(DealRegistration.id == request.subject_id)
        )
        # What was won, lost or expired is history.
        if state == State.APPROVED:
            self._engine.void(session, actor, request.id, reason)


def _alone(session: Session, partner_id: UUID) -> Sequence[DealRegistration]:
    """Open registrations from before there were requests."""
    return session.scalars(
        select(DealRegistration)
        .where(
            DealRegistration.partner_account_id == partner_id,
            DealRegistration.request_id.is_(None),
            DealRegistration.state.in_(("draft", "approved")),
        )
        .order_by(DealRegistration.id)
        .with_for_update()
    ).all()
