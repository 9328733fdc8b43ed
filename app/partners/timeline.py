"""The timeline of a partner, in sentences that both sides read; a few only the company does."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.partners.models import PartnerEvent


def note(
    session: Session,
    partner_id: UUID,
    actor: Actor,
    kind: str,
    sentence: str,
    *,
    reason: str = "",
    visible: Literal["both", "company"] = "both",
) -> None:
    """Add a line. kind: what happened, for a program; sentence: the same for a person."""
    session.add(
        PartnerEvent(
            partner_account_id=partner_id,
            actor_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            sentence=sentence,
            reason=reason,
            visible=visible,
        )
    )
    session.flush()
