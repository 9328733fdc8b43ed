"""Timeline and notices: what happened, with time, person and reason, in sentences that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.lifecycle import State
from app.approvals.models import Request
from app.audit import record
from app.kernel.actor import Actor
from app.words import json_of

_EVENT = text("""
    INSERT INTO approval_event (request_id, round, at, actor_id, actor_name, kind, step_key, from_state,
        to_state, visible, door, reason, sentence, words)
    VALUES (:request_id, :round, coalesce(:at, clock_timestamp()), :actor_id, :actor_name, :kind, :step_key,
        :from_state, :to_state, :visible, :door, :reason, :sentence, CAST(:words AS jsonb))
""")

_NOTICE = text("""
    INSERT INTO approval_notice (user_id, request_id, kind, occasion, sentence, words, at)
    VALUES (:user_id, :request_id, :kind, :occasion, :sentence, CAST(:words AS jsonb),
        coalesce(:at, clock_timestamp()))
    ON CONFLICT DO NOTHING
""")


def note(
    session: Session,
    request: Request,
    actor: Actor,
    kind: str,
    sentence: str,
    *,
    step: str = "",
    reason: str = "",
    visible: str = "both",
    door: str = "",
    states: tuple[State, State] | None = None,
    at: datetime | None = None,
) -> None:
    """Add a line. kind: what happened, for a program; visible: `both`, or `company` alone."""
    session.flush()
    session.execute(
        _EVENT,
        {
            "request_id": request.id,
            "round": request.round,
            "at": at,
            "actor_id": actor.user_id,
            "actor_name": actor.name,
            "kind": kind,
            "step_key": step,
            "from_state": states[0].value if states else None,
            "to_state": states[1].value if states else None,
            "visible": visible,
            "door": door,
            "reason": reason,
            "sentence": sentence,
            "words": json_of(sentence, reason),
        },
    )


def audit(
    session: Session,
    request: Request,
    actor: Actor,
    action: str,
    *,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """One row of the audit trail about a request: what it was, and what it is now."""
    session.flush()
    record(
        session,
        actor,
        f"request.{action}",
        subject=("approval_request", request.id),
        reason=reason,
        before=before,
        after={"number": request.number, "round": request.round, **(after or {})},
        partner_account_id=request.partner_account_id,
    )


def tell(
    session: Session,
    request: Request,
    people: Iterable[UUID | None],
    kind: str,
    sentence: str,
    *,
    occasion: str,
    at: datetime | None = None,
) -> None:
    """Leave a notice with each of these people; the same occasion is told once."""
    session.flush()
    for person in dict.fromkeys(people):
        if person is not None:
            session.execute(
                _NOTICE,
                {
                    "user_id": person,
                    "request_id": request.id,
                    "kind": kind,
                    "occasion": f"{request.round}/{occasion}",
                    "sentence": sentence,
                    "words": json_of(sentence),
                    "at": at,
                },
            )
