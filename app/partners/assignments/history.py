"""Who had a record, since when and why: the rows of `partner_assignment`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.partners.assignments.candidates import Subject
from app.words import json_of, say

Manner = Literal["hand", "automatic", "crm", "registration"]
#: How the time of a partner ends whose record another one gets.
ANEW = say("Assigned anew.")

_HISTORY = text(
    "SELECT s.partner_account_id, a.name AS partner, s.manner, s.because, s.words, s.considered, "
    "s.assigned_by_name, s.assigned_at, s.ended_at, s.ended_by_name, s.end_reason FROM partner_assignment s "
    "LEFT JOIN account a ON a.id = s.partner_account_id "
    "WHERE s.subject = :subject AND s.subject_id = :id ORDER BY s.assigned_at DESC, s.id"
)


def rows(session: Session, subject: Subject, record_id: UUID) -> list[Any]:
    """Who had the record, the latest first."""
    return list(session.execute(_HISTORY, {"subject": subject, "id": record_id}))


def open_row(session: Session, record_id: UUID) -> Any:
    """The row of whoever has the record now; None where nobody has."""
    return session.execute(
        text(
            "SELECT id, partner_account_id FROM partner_assignment "
            "WHERE subject_id = :id AND ended_at IS NULL"
        ),
        {"id": record_id},
    ).first()


def begin(
    session: Session,
    actor: Actor,
    subject: Subject,
    record_id: UUID,
    partner_id: UUID,
    manner: Manner,
    because: str,
    considered: Sequence[dict[str, Any]],
) -> None:
    """Write down that a partner has the record now; because: why; considered: whom else, and why not."""
    session.execute(
        text(
            "INSERT INTO partner_assignment (subject, subject_id, partner_account_id, manner, because, "
            "words, considered, assigned_by, assigned_by_name) VALUES (:subject, :record, :partner, :manner, "
            ":because, CAST(:words AS jsonb), CAST(:considered AS jsonb), :by, :by_name)"
        ),
        {
            "subject": subject, "record": record_id, "partner": partner_id, "manner": manner,
            "because": because, "words": json_of(because), "considered": json.dumps(list(considered)),
            "by": actor.user_id, "by_name": actor.name,
        },
    )  # fmt: skip


def end(session: Session, actor: Actor, record_id: UUID, reason: str) -> None:
    """Write down that nobody has the record any more. Does nothing where nobody had it."""
    session.execute(
        text(
            "UPDATE partner_assignment SET ended_at = clock_timestamp(), ended_by_name = :by, "
            "end_reason = :reason WHERE subject_id = :id AND ended_at IS NULL"
        ),
        {"id": record_id, "by": actor.name, "reason": reason},
    )
