"""Authorizations: issued with an approval, immutable, void by a row of their own."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals.models import Authorization, Decision, Request
from app.approvals.timeline import audit
from app.kernel.actor import SYSTEM, Actor


def issue(session: Session, request: Request, number: str) -> Authorization:
    """Issue the authorization of the present round, with a snapshot of what was approved and by whom."""
    decisions = session.scalars(
        select(Decision)
        .where(Decision.request_id == request.id, Decision.round == request.round)
        .order_by(Decision.id)
    )
    made = Authorization(
        number=number,
        request_id=request.id,
        round=request.round,
        partner_account_id=request.partner_account_id,
        workflow_key=request.workflow_key,
        workflow_version=request.workflow_version,
        content_hash=request.content_hash,
        snapshot={
            "request": request.number,
            "title": request.title,
            "round": request.round,
            "workflow": {"key": request.workflow_key, "version": request.workflow_version},
            "requester": request.requester_name,
            "values": request.values,
            "refs": {
                name: str(getattr(request, name))
                for name in ("subject_id", "lead_id", "opportunity_id", "account_id")
                if getattr(request, name) is not None
            },
            "decisions": [
                {
                    "step": one.step_key,
                    "decision": one.decision,
                    "by": one.actor_name,
                    "on_behalf_of": one.on_behalf_of_name,
                    "at": one.at.isoformat(),
                    "reason": one.reason,
                    "door": one.door,
                }
                for one in decisions
            ],
            "content_hash": request.content_hash,
        },
    )
    session.add(made)
    session.flush()
    session.refresh(made)
    audit(
        session, request, SYSTEM, "authorize",
        after={"authorization": number, "content_hash": request.content_hash, "values": request.values},
    )  # fmt: skip
    return made


def in_force(session: Session, request: Request) -> Authorization | None:
    """The authorization that holds now, if there is one."""
    return session.scalars(
        select(Authorization)
        .where(
            Authorization.request_id == request.id,
            text(
                "NOT EXISTS (SELECT FROM approval_authorization_void v "
                "WHERE v.number = approval_authorization.number)"
            ),
        )
        .order_by(Authorization.round.desc())
    ).first()


def void(session: Session, request: Request, actor: Actor, reason: str) -> Authorization | None:
    """Void the authorization that holds now; which one it was, or None."""
    found = in_force(session, request)
    if found is None:
        return None
    session.execute(
        text(
            "INSERT INTO approval_authorization_void (number, actor_id, actor_name, reason) "
            "VALUES (:number, :actor_id, :actor_name, :reason)"
        ),
        {"number": found.number, "actor_id": actor.user_id, "actor_name": actor.name, "reason": reason},
    )
    audit(session, request, actor, "void", reason=reason, before={"authorization": found.number})
    return found
