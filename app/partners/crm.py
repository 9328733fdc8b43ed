"""What the CRM is shown of a partner: on its account, and in its channel programs.

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
    session.execute(_MEMBERS, {"id": partner_id, "day": day})


_MEMBERS = text("""
    UPDATE channel_program_member m SET level_id = l.id
    FROM channel_program_level l, partner_period p, partner_level b
    WHERE m.partner_account_id = :id AND m.deleted_at IS NULL
      AND p.partner_account_id = :id AND p.about = 'level' AND p.superseded_at IS NULL
      AND p.during @> CAST(:day AS date) AND b.key = p.key
      AND l.program_id = m.program_id AND lower(l.name) = lower(b.name) AND l.deleted_at IS NULL
      AND m.level_id IS DISTINCT FROM l.id
      -- A level of the org that Tandem does not have is the org's own business.
      AND (m.level_id IS NULL OR EXISTS (SELECT FROM channel_program_level o
           JOIN partner_level t ON lower(t.name) = lower(o.name) WHERE o.id = m.level_id))
""")

_ALL = text("""
    SELECT p.account_id FROM partner p
    JOIN account a ON a.id = p.account_id AND a.deleted_at IS NULL
    LEFT JOIN partner_period lp ON lp.partner_account_id = p.account_id AND lp.about = 'level'
        AND lp.superseded_at IS NULL AND lp.during @> CAST(:day AS date)
    LEFT JOIN partner_level l ON l.key = lp.key
    LEFT JOIN partner_period vp ON vp.partner_account_id = p.account_id AND vp.about = 'activation'
        AND vp.superseded_at IS NULL AND vp.during @> CAST(:day AS date)
    LEFT JOIN partner_activation v ON v.key = vp.key
    WHERE (a.partner_level, a.partner_activation) IS DISTINCT FROM (l.name, v.name)
    ORDER BY p.account_id
""")


def show_all(session: Session, day: date) -> int:
    """Show what the calendar changed: periods that begin or end on that day, and new names; how many."""
    ids = list(session.scalars(_ALL, {"day": day}))
    for partner_id in ids:
        show(session, partner_id, day)
    return len(ids)
