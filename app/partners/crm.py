"""What the CRM is shown of a partner, and what comes back from it.

Rows written here reach Salesforce through the outbox, in the transaction that writes them.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.partners.lifecycle import CRM_KIND, CRM_STATUS, Status

_STANDING = text("""
    SELECT p.kind, p.status, p.since, l.name AS level, v.name AS activation
    FROM partner p
    LEFT JOIN partner_period lp ON lp.partner_account_id = p.account_id AND lp.about = 'level'
        AND lp.superseded_at IS NULL AND lp.during @> CAST(:day AS date)
    LEFT JOIN partner_level l ON l.key = lp.key
    LEFT JOIN partner_period vp ON vp.partner_account_id = p.account_id AND vp.about = 'activation'
        AND vp.superseded_at IS NULL AND vp.during @> CAST(:day AS date)
    LEFT JOIN partner_activation v ON v.key = vp.key
    WHERE p.account_id = :id
""")

_SHOW = text("""
    UPDATE account SET partner_kind = :kind, partner_status = :status, partner_level = :level,
        partner_activation = :activation, partner_since = :since
    WHERE id = :id AND deleted_at IS NULL
      AND (partner_kind, partner_status, partner_level, partner_activation, partner_since)
          IS DISTINCT FROM (:kind, :status, :level, :activation, CAST(:since AS date))
""")


def show(session: Session, partner_id: UUID, day: date) -> None:
    """Let the account say how the partnership stands on that day. Writes only what differs."""
    session.flush()
    row = session.execute(_STANDING, {"id": partner_id, "day": day}).first()
    if row is None:
        return
    session.execute(
        _SHOW,
        {
            "id": partner_id,
            "kind": CRM_KIND[row.kind],
            "status": CRM_STATUS[Status(row.status)],
            "level": row.level,
            "activation": row.activation,
            "since": row.since,
        },
    )
