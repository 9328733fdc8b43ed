"""Who changed a record in Salesforce."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import SYSTEM, Actor

_EDITOR = text("""
    SELECT u.id, trim(concat_ws(' ', u.first_name, u.last_name)) AS name, u.username
    FROM sync_link l
    JOIN sync_link w ON w.sf_id = l.sf_modified_by
    JOIN crm_user u ON u.id = w.local_id
    WHERE l.local_id = :id
""")


def editor(session: Session, local_id: UUID) -> Actor:
    """Who last changed a record in Salesforce, as far as it is known."""
    row = session.execute(_EDITOR, {"id": local_id}).first()
    if row is None:
        return Actor(SYSTEM.scope, "Salesforce")
    return Actor("staff", row.name or row.username, user_id=row.id)
