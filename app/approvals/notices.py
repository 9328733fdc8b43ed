"""What people were told, and whether they have read it. Each person sees their own only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.admin_shapes import NoticeOut, NoticePage
from app.kernel.actor import Actor
from app.web import paging
from app.words import from_facts

_PAGE = text("""
    SELECT n.id, n.kind, n.sentence, n.words, n.request_id, coalesce(r.number, '') AS request_number, n.at,
        n.read_at
    FROM approval_notice n LEFT JOIN approval_request r ON r.id = n.request_id
    WHERE n.user_id = :me AND (NOT :unread OR n.read_at IS NULL)
      AND (CAST(:at AS timestamptz) IS NULL OR (n.at, n.id) < (:at, CAST(:after AS uuid)))
    ORDER BY n.at DESC, n.id DESC LIMIT :limit
""")

_READ = text("""
    UPDATE approval_notice SET read_at = clock_timestamp()
    WHERE user_id = :me AND read_at IS NULL AND (:all OR id = ANY(:ids))
""")


def page(session: Session, actor: Actor, *, unread: bool, limit: int, cursor: str) -> NoticePage:
    """Newest first. Raises BadInput for a strange cursor."""
    at, after = paging.decode(cursor) if cursor else (None, None)
    rows = (
        session.execute(
            _PAGE, {"me": actor.user_id, "unread": unread, "at": at, "after": after, "limit": limit + 1}
        )
        .mappings()
        .all()
    )
    waiting: int = session.execute(
        text("SELECT count(*) FROM approval_notice WHERE user_id = :me AND read_at IS NULL"),
        {"me": actor.user_id},
    ).scalar_one()
    more = rows[limit - 1] if len(rows) > limit else None
    return NoticePage(
        items=[
            NoticeOut(**{**row, "sentence": from_facts(row["words"], row["sentence"])})
            for row in rows[:limit]
        ],
        next=paging.encode(more["at"], more["id"]) if more else None,
        unread=waiting,
    )


def mark(session: Session, actor: Actor, ids: Sequence[UUID], *, all_of_them: bool) -> None:
    """Mark as read; what is read already, or another's, stays as it is."""
    session.execute(_READ, {"me": actor.user_id, "all": all_of_them, "ids": list(ids)})
