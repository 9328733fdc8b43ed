"""The timeline of a partner, in sentences that both sides read; a few only the company does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import record
from app.kernel.actor import Actor
from app.partners.models import PartnerEvent
from app.words import to_facts


def note(
    session: Session,
    partner_id: UUID,
    actor: Actor,
    kind: str,
    sentence: str,
    *,
    reason: str = "",
    visible: Literal["both", "company"] = "both",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    audited: bool = True,
) -> None:
    """Add a line, and write the audit trail. kind: what happened, for a program; sentence: for a person.

    before, after: the values that changed. audited: False for what the calendar says, which nobody decided.
    """
    session.add(
        PartnerEvent(
            partner_account_id=partner_id,
            actor_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            sentence=sentence,
            words=to_facts(sentence, reason),
            reason=reason,
            visible=visible,
        )
    )
    session.flush()
    if audited:
        record(
            session,
            actor,
            f"partner.{kind}",
            subject=("partner", partner_id),
            reason=reason,
            before=before,
            after=after,
            partner_account_id=partner_id,
        )
