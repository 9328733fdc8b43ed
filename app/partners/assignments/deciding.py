"""Who may give a record to a partner, what can be done about it now, and the way back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed
from app.partners.assignments import giving, history
from app.partners.assignments.candidates import Subject
from app.partners.assignments.subjects import WORDS, assignable, record_of
from app.words import say

Action = Literal["assign", "change", "take_off", "undo"]
#: Who has it may assign anything; everybody else what is their own in the CRM.
MANAGE = "partners.manage"


def authorize(
    session: Session, actor: Actor, rights: Collection[str], subject: Subject, record_id: UUID
) -> None:
    """Raises NotFound, and NotAllowed for whoever neither owns the record nor has the right."""
    record = record_of(session, subject, record_id)
    if not _may(record, actor, rights):
        raise NotAllowed(
            say("Only the owner of this {what} chooses its partner.", what=WORDS[subject]),
            remedy=say('Ask its owner, or an administrator for the right "{right}".', right=MANAGE),
        )


def actions(
    session: Session, actor: Actor, rights: Collection[str], subject: Subject, record_id: UUID
) -> tuple[list[Action], Conflict | None]:
    """What this person can do about the record's partner; and, where nobody can, why. Raises NotFound."""
    record = record_of(session, subject, record_id, lock=False)
    try:
        assignable(record, subject)
    except Conflict as locked:
        return [], locked
    if not _may(record, actor, rights):
        return [], None
    found: list[Action] = ["assign"] if record.partner_account_id is None else ["change", "take_off"]
    if _before(history.rows(session, subject, record_id)) is not None:
        found.append("undo")
    return found, None


def undo(session: Session, actor: Actor, subject: Subject, record_id: UUID, reason: str) -> None:
    """Give the record back to whom it had before the last change; the history keeps both.

    Raises NotFound, BadInput without a reason, Conflict where there is nothing to take back, or where the
    partner from before cannot have it any more.
    """
    record_of(session, subject, record_id)
    if not reason.strip():
        raise BadInput(say("A reason is needed."), fields={"reason": say("Say why; both partners read it.")})
    before = _before(history.rows(session, subject, record_id))
    if before is None:
        raise Conflict(
            say("There is no change of this {what}'s partner to take back.", what=WORDS[subject]),
            facts={"allowed": ["assign"]},
        )
    (partner_id,) = before
    if partner_id is None:
        giving.take_off(session, actor, subject, record_id, reason)
    else:
        giving.assign(session, actor, subject, record_id, partner_id, reason=reason, over_capacity=True)


def _before(rows: list[Any]) -> tuple[UUID | None] | None:
    """Whose it was before the last change, where that change was made here by a person or by the rules."""
    if not rows:
        return None
    last = rows[0]
    if last.ended_at is not None:
        return (last.partner_account_id,)
    if last.manner not in ("hand", "automatic"):
        return None
    replaced = len(rows) > 1 and rows[1].end_reason == history.ANEW
    return (rows[1].partner_account_id,) if replaced else (None,)


def _may(record: Any, actor: Actor, rights: Collection[str]) -> bool:
    return MANAGE in rights or (record.owner_id is not None and record.owner_id == actor.user_id)
