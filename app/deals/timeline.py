"""The timeline: what happened to a deal beside its request, in sentences that both sides read."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import record
from app.deals import lifecycle
from app.deals.lifecycle import Action, State
from app.deals.models import DealEvent, DealRegistration
from app.kernel.actor import Actor
from app.words import to_facts


def note(
    session: Session,
    registration: DealRegistration,
    actor: Actor,
    kind: str,
    sentence: str,
    *,
    reason: str = "",
    states: tuple[State, State] | None = None,
) -> None:
    """Add a line. kind: what happened, for a program; sentence: the same for a person."""
    session.add(
        DealEvent(
            registration_id=registration.id,
            actor_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            from_state=states[0].value if states else None,
            to_state=states[1].value if states else None,
            reason=reason,
            sentence=sentence,
            words=to_facts(sentence, reason),
        )
    )
    session.flush()


def move(
    session: Session,
    registration: DealRegistration,
    action: Action,
    actor: Actor,
    sentence: str = "",
    reason: str = "",
) -> bool:
    """Take the action and add its line. False, and nothing done, where the state does not allow it.

    sentence: empty where the request's own line says it.
    """
    before = State(registration.state)
    after = lifecycle.after(before, action)
    if after is None:
        return False
    registration.state = after.value
    registration.state_since = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    session.flush()
    if sentence:
        note(session, registration, actor, action.value, sentence, reason=reason, states=(before, after))
    record(
        session,
        actor,
        f"deal.{action.value}",
        subject=("deal_registration", registration.id),
        reason=reason,
        before={"state": before.value},
        after={
            "state": after.value,
            "number": registration.number,
            "amount": registration.amount,
            "currency": registration.currency,
            "protected_until": registration.protected_until,
            "authorization": registration.authorization_number,
            "override_reason": registration.override_reason,
        },
        partner_account_id=registration.partner_account_id,
    )
    return True
