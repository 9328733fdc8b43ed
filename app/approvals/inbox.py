"""The inbox: what somebody may decide, in their own place or in another's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.core import moment
from app.approvals.document import in_language
from app.approvals.people import Directory
from app.approvals.reading import ITEM, items
from app.approvals.shapes import InboxItem, InboxPage
from app.db import as_system
from app.kernel.actor import Actor
from app.web import paging

# One short walk along the index for each of the reader's assignees: what others have costs nothing.
_INBOX = text("""
    WITH mine AS (SELECT * FROM jsonb_to_recordset(CAST(:mine AS jsonb))
                  AS m (assignee text, person uuid, via uuid[], workflow text, nearness int) LIMIT :keys)
    SELECT t.*, mine.person, mine.nearness
    FROM mine CROSS JOIN LATERAL (
        SELECT t.id, t.request_id, t.round, t.step_key, t.assignee, t.since, t.due_at, t.rank_at, t.taken_by
        FROM approval_task t
        WHERE t.assignee = mine.assignee AND t.state = 'open'
          AND (mine.workflow IS NULL OR t.workflow_key = mine.workflow)
          AND NOT mine.via && ARRAY[t.requester_id, t.editor_id]
          AND (t.needed = 1 OR NOT EXISTS (SELECT FROM approval_decision d WHERE d.request_id = t.request_id
              AND d.round = t.round AND d.step_key = t.step_key AND d.actor_id = :me))
          AND (CAST(:at AS timestamptz) IS NULL OR (t.rank_at, t.id) > (:at, CAST(:after AS uuid)))
        ORDER BY t.rank_at, t.id LIMIT :limit
    ) t
    ORDER BY t.rank_at, t.id, mine.nearness
""")

#: More than so many are not counted: whoever has a thousand tasks needs no other number.
COUNTED = 1000

_INBOX_TOTAL = text("""
    WITH mine AS (SELECT * FROM jsonb_to_recordset(CAST(:mine AS jsonb))
                  AS m (assignee text, person uuid, via uuid[], workflow text, nearness int) LIMIT :keys)
    SELECT count(*) FROM (
        SELECT DISTINCT t.request_id, t.step_key
        FROM mine CROSS JOIN LATERAL (
            SELECT t.request_id, t.step_key FROM approval_task t
            WHERE t.assignee = mine.assignee AND t.state = 'open'
              AND (mine.workflow IS NULL OR t.workflow_key = mine.workflow)
              AND NOT mine.via && ARRAY[t.requester_id, t.editor_id]
              AND (t.needed = 1 OR NOT EXISTS (
                  SELECT FROM approval_decision d WHERE d.request_id = t.request_id
                  AND d.round = t.round AND d.step_key = t.step_key AND d.actor_id = :me))
            LIMIT :counted
        ) t
    ) steps
""")


#: For these two questions the planner is told what statistics do not tell it: few rows of many are wanted,
#: others each time, and compiling takes longer than answering.
_WALK = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)
_AS_BEFORE = text(
    "SELECT set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)"
)


def page(session: Session, actor: Actor, language: str, *, limit: int = 50, cursor: str = "") -> InboxPage:
    """What this person may decide, in their own place or in another's, the nearest deadline first."""
    assert actor.user_id is not None
    at, after = paging.decode(cursor) if cursor else (None, None)
    with as_system(session):
        now = moment(session)
        directory = Directory(session, now)
        mine = _mine(directory, actor.user_id)
        asked = {
            "mine": json.dumps(mine), "keys": len(mine), "me": actor.user_id, "at": at, "after": after,
            "limit": limit + 1, "counted": COUNTED + 1,
        }  # fmt: skip
        session.execute(_WALK)
        found: dict[UUID, Any] = {}
        for row in session.execute(_INBOX, asked):
            found.setdefault(row.id, row)
        total: int = session.execute(_INBOX_TOTAL, asked).scalar_one()
        session.execute(_AS_BEFORE)
        tasks = list(found.values())
        more = tasks[limit - 1] if len(tasks) > limit else None
        tasks = list({(one.request_id, one.step_key): one for one in reversed(tasks[:limit])}.values())[::-1]
        rows = session.execute(
            text(f"{ITEM} WHERE r.id = ANY(:ids)"), {"ids": [task.request_id for task in tasks]}
        ).all()
        titles = _steps(session, tasks)
    shown = {one.id: one for one in items(session, rows, language)}
    return InboxPage(
        items=[
            InboxItem(
                request=shown[task.request_id],
                step=task.step_key,
                step_title=in_language(titles[task.request_id, task.round, task.step_key], language),
                since=task.since,
                due=task.due_at,
                overdue=task.due_at is not None and task.due_at < now,
                on_behalf_of=directory.name(task.person) if task.person != actor.user_id else "",
                queue=task.assignee.partition(":")[2] if task.assignee.startswith("queue:") else "",
                taken_by=directory.name(task.taken_by) if task.taken_by else "",
            )
            for task in tasks
        ],
        next=paging.encode(more.rank_at, more.id) if more else None,
        total=min(total, COUNTED),
        total_is_least=total > COUNTED,
    )


def _mine(directory: Directory, me: UUID) -> list[dict[str, Any]]:
    found = []
    for nearness, way in enumerate(directory.ways(me)):
        if way.via and not directory.holders(f"user:{way.person}"):
            continue
        for key in directory.keys(way.person):
            found.append(
                {
                    "assignee": key,
                    "person": str(way.person),
                    "via": [str(me), *map(str, way.via)],
                    "workflow": way.workflow,
                    "nearness": nearness,
                }
            )
    return found


def _steps(session: Session, tasks: Sequence[Any]) -> dict[tuple[UUID, int, str], dict[str, str]]:
    rows = session.execute(
        text("SELECT request_id, round, key, title FROM approval_step WHERE request_id = ANY(:ids)"),
        {"ids": [task.request_id for task in tasks]},
    )
    return {(row.request_id, row.round, row.key): row.title for row in rows}
